create function ratebook.keep_overdraft_in_use() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  -- What is owed, and what holds keep that no lot covers.
  v_in_use numeric := new.debt + new.reserved - (
    select coalesce(sum(g.reserved), 0)
    from billing.grants as g
    where g.account_id = new.id and g.lenser_id is not distinct from new.lenser_id and g.closed_at is null
  );
begin
  if v_in_use > new.overdraft_limit then
    perform ratebook.fail(
      'invalid_argument', format('The account uses %s of its overdraft.', trim_scale(v_in_use)),
      'The limit may be lowered to that, and further when it is repaid.',
      jsonb_build_object('account', new.id, 'in_use', trim_scale(v_in_use)::text)
    );
  end if;
  return new;
end;
$$;

revoke all on function ratebook.keep_overdraft_in_use() from public;

comment on function ratebook.keep_overdraft_in_use() is
'Row trigger: an overdraft limit is not lowered below what is in use. Lots that are free may hide that; when they expire, the account would be below its limit, and every change of it refused. Error: invalid_argument (PT422).';

create trigger accounts_keep_overdraft_in_use before update of overdraft_limit on billing.accounts
for each row when (new.overdraft_limit between 0 and old.overdraft_limit)
execute function ratebook.keep_overdraft_in_use();
