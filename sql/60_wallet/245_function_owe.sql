-- What a payment was spent on stays spent: where it is taken back, its credits are owed.
create function ratebook.owe(
  p_account billing.accounts, p_grant_id uuid, p_amount numeric, p_reason text
) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_amount <= 0 then
    return p_account;
  end if;
  update billing.grants as g
  set revoked = g.revoked + p_amount
  where g.id = p_grant_id and g.lenser_id is not distinct from p_account.lenser_id;
  return ratebook.repay(ratebook.post(
    p_account,
    array[(p_account.id, null, -p_amount, 0, 'revocation', null, null, p_reason)]::ratebook.movement[]
  ));
end;
$$;

create function ratebook.repay(p_account billing.accounts) returns billing.accounts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_movements ratebook.movement[];
begin
  if p_account.revoked_debt = 0 then
    return p_account;
  end if;
  -- In burn order, as if it were spent only now: nothing else is, before it is repaid.
  v_movements := array(
    select (m.account_id, m.grant_id, -m.reserved, 0, 'repayment', null, null, null)::ratebook.movement
    from unnest(ratebook.allocate(p_account, p_account.revoked_debt)) as m
    where m.grant_id is not null
  );
  if v_movements = '{}'::ratebook.movement[] then
    return p_account;
  end if;
  return ratebook.post(p_account, v_movements || (
    p_account.id, null, (select -sum(m.amount) from unnest(v_movements) as m), 0, 'repayment', null, null, null
  )::ratebook.movement);
end;
$$;

revoke all on function ratebook.owe(billing.accounts, uuid, numeric, text) from public;
revoke all on function ratebook.repay(billing.accounts) from public;

comment on function ratebook.owe(billing.accounts, uuid, numeric, text) is
'Makes what was spent of a lot that was taken back a debt of its locked account, whatever the overdraft limit. Returns the account as it is then.';
comment on function ratebook.repay(billing.accounts) is
'Repays what a locked account owes of payments that were taken back from what its lots have free. Returns the account as it is then.';
