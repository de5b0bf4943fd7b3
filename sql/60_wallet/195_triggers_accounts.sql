create function ratebook.keep_overdraft_in_use() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: the caller has no usage on schema ratebook, and only the wallet's functions write its tables.
declare
  v_at timestamptz := greatest(new.updated_at, ratebook.clock());
  v_in_use numeric;
begin
  -- A hold that timed out and a lot that ended count no more, swept or not. The row is locked, and the update writes it.
  if new.next_event_at <= v_at then
    perform ratebook.ensure_month(v_at);
    new.updated_at := v_at;
    new := ratebook.let_time_pass(new);
    new.head_id := null;
  end if;
  -- What is owed, but for payments that were taken back, and what holds keep that no lot covers.
  v_in_use := new.debt - new.revoked_debt + new.reserved - (
    select coalesce(sum(g.reserved), 0)
    from billing.grants as g
    where g.account_id = new.id and g.lenser_id is not distinct from new.lenser_id and g.closed_at is null
  );
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

create function ratebook.keep_within_overdraft() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. It reads no table.
begin
  if new.posted - new.reserved - new.upcoming < -new.overdraft_limit - new.revoked_debt then
    raise check_violation using
      message = format('account %s would be below its overdraft limit', new.id),
      schema = 'billing', table = 'accounts', constraint = 'available_is_not_below_the_overdraft_limit';
  end if;
  return new;
end;
$$;

revoke all on function ratebook.keep_overdraft_in_use() from public;
revoke all on function ratebook.keep_within_overdraft() from public;

comment on function ratebook.keep_overdraft_in_use() is
'Row trigger: an overdraft limit is not lowered below what is in use. Lots that are free may hide that; when they expire, the account would be below its limit, and every change of it refused. What time did to the account is settled first. Error: invalid_argument (PT422).';

create trigger accounts_keep_overdraft_in_use before update of overdraft_limit on billing.accounts
for each row when (new.overdraft_limit between 0 and old.overdraft_limit)
execute function ratebook.keep_overdraft_in_use();

comment on function ratebook.keep_within_overdraft() is
'Row trigger: no change leaves less available than the overdraft limit allows, whatever the functions of the wallet asked before. Error: 23514.';

-- A plain charge changes none of these columns; its update asks the same of itself.
create trigger accounts_keep_within_overdraft before insert or update of reserved, debt, overdraft_limit on billing.accounts
for each row execute function ratebook.keep_within_overdraft();
