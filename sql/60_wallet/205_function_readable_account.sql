-- The account that somebody asks about, where they may.
create function ratebook.readable_account(
  p_account_id uuid, p_owner uuid, p_what text
) returns billing.accounts
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner uuid := ratebook.owner_of('account', p_account_id, p_owner);
  v_account billing.accounts;
begin
  -- The same answer for an account of somebody else and for none.
  if (v_owner = ratebook.uid()) is not true and not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', format('You may ask for the %s of your own accounts only.', p_what),
      'Admins and the service role may ask for anybody''s.', jsonb_build_object('account', p_account_id));
  end if;
  select a.* into v_account
  from billing.accounts as a
  where a.id = p_account_id and a.lenser_id is not distinct from v_owner;
  if not found then
    if v_owner is distinct from p_account_id or not (
      exists (select from lensers.profiles as p where p.id = p_account_id)
      or exists (select from auth.users as u where u.id = p_account_id)
    ) then
      perform ratebook.unknown_account(p_account_id);
    end if;
    -- A lenser's own account that nothing has happened to yet.
    v_account.id := p_account_id;
    v_account.lenser_id := p_account_id;
    v_account.posted := 0;
    v_account.reserved := 0;
    v_account.debt := 0;
    v_account.upcoming := 0;
    v_account.overdraft_limit := 0;
    v_account.next_event_at := 'infinity';
    v_account.created_at := ratebook.clock();
    v_account.updated_at := v_account.created_at;
  end if;
  return v_account;
end;
$$;

revoke all on function ratebook.readable_account(uuid, uuid, text) from public;

comment on function ratebook.readable_account(uuid, uuid, text) is
'The account of this id, if it is the caller''s own or the caller an admin or the service role; a lenser''s own account that nothing has happened to yet as it would be. p_what is asked for it, in a word for the refusal. Errors: unknown_account (PT404), owner_required (PT422), not_allowed (42501).';
