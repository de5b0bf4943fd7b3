create type ratebook.new_lot as (
  grant_id uuid,
  account billing.accounts
);

create function ratebook.add_lot(
  p_account billing.accounts,
  p_amount numeric,
  p_source text,
  p_priority integer,
  p_expires_at timestamptz,
  p_external_ref text,
  p_recurring_grant_id uuid,
  p_effective_at timestamptz
) returns ratebook.new_lot
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Lots burn by age: of the time that it was due, whenever it is written down.
  v_grant_id uuid := ratebook.uuid_v7(coalesce(p_effective_at, p_account.updated_at));
  v_repaid numeric := least(p_amount, p_account.debt);
begin
  insert into billing.grants (
    id, lenser_id, account_id, amount, priority, expires_at, source, external_ref, recurring_grant_id, created_at
  ) values (
    v_grant_id, p_account.lenser_id, p_account.id, p_amount, p_priority, p_expires_at, p_source, p_external_ref,
    p_recurring_grant_id, p_account.updated_at
  )
  -- grant_credits() has looked; only a snapshot that is older than another's event comes here, and 40001 is its error.
  on conflict do nothing;
  return (v_grant_id, ratebook.move(
    p_account,
    array[
      (p_account.id, v_grant_id, p_amount, 0, 'grant', null, p_effective_at, null),
      (p_account.id, v_grant_id, -v_repaid, 0, 'repayment', null, p_effective_at, null),
      (p_account.id, null, v_repaid, 0, 'repayment', null, p_effective_at, null)
    ]::ratebook.movement[],
    coalesce(p_expires_at, 'infinity')
  ))::ratebook.new_lot;
end;
$$;

revoke all on function ratebook.add_lot(
  billing.accounts, numeric, text, integer, timestamptz, text, uuid, timestamptz
) from public;

comment on type ratebook.new_lot is 'A lot that was added, and its account after it.';
comment on column ratebook.new_lot.grant_id is 'The lot.';
comment on column ratebook.new_lot.account is 'The account after it.';
comment on function ratebook.add_lot(
  billing.accounts, numeric, text, integer, timestamptz, text, uuid, timestamptz
) is 'Adds a lot to a locked account, as it is now, and repays its debt from it first. Returns the lot, and the account after it, whose row is not written.';
