-- What is refused by a CHECK alone comes back with its whole row, in the answer and in the server's log: so a trigger looks
-- first, and repeats nothing. The CHECK stays behind it.

create function ratebook.is_address(p_address text) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return coalesce(
  -- A name and password before the host; a key among the parameters; a key pasted in its place.
  p_address !~ '^([A-Za-z][A-Za-z0-9+.-]*:)?[/\\]*[^/\\?#]*@'
  and p_address !~* '[?&#;]([a-z0-9_.-]*[_.-])?(key|apikey|token|secret|password|passwd|pwd|auth|authorization|sig|signature)='
  and p_address !~* '^\s*(bearer\s|((sk|pk|rk|gsk|xai|aiza|akia|hf|r8|ghp|glpat|eyj)[-_]|aiza|akia|eyj)[^\s.:/]*$)',
  true
);

create function ratebook.refuse_secret_address() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if not ratebook.is_address(to_jsonb(new) ->> tg_argv[0]) then
    perform ratebook.fail(
      'invalid_argument', format('"%s" is an address that holds what looks like a secret.', tg_argv[0]),
      'Leave name, password and keys out of it: ai.provider_connections names the secret.',
      jsonb_build_object('column', tg_argv[0])
    );
  end if;
  return new;
end;
$$;

revoke all on function ratebook.is_address(text) from public;
revoke all on function ratebook.refuse_secret_address() from public;
grant execute on function ratebook.is_address(text) to authenticated, service_role;

comment on function ratebook.is_address(text) is
'Whether a text, as the address of a service, holds nothing that looks like a secret.';
comment on function ratebook.refuse_secret_address() is
'Row trigger: refuses an address that holds a secret, without repeating it. Argument: the column. Error: invalid_argument (PT422).';
