create type ratebook.new_lot as (
  grant_id uuid,
  account billing.accounts
);

-- Of credits that came from another account: the entry that brings them here, and the one that took them there.
create type ratebook.moved_entry as (
  id uuid,
  counterpart_id uuid
);

create function ratebook.add_lot(
  p_account billing.accounts,
  p_amount numeric,
  p_source text,
  p_priority integer,
  p_expires_at timestamptz,
  p_external_ref text,
  p_recurring_grant_id uuid,
  p_effective_at timestamptz,
  p_starts_at timestamptz default null,
  p_moved ratebook.moved_entry default null,
  p_reason text default null
) returns ratebook.new_lot
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- Lots burn by age: of the time that it was due, whenever it is written down.
  v_grant_id uuid := ratebook.uuid_v7(coalesce(p_effective_at, p_account.updated_at));
  v_is_upcoming boolean := coalesce(p_starts_at > p_account.updated_at, false);
  -- A lot that starts later repays debt when it starts.
  v_repaid numeric := case when v_is_upcoming then 0 else least(p_amount, p_account.debt) end;
begin
  insert into billing.grants (
    id, lenser_id, account_id, amount, priority, starts_at, expires_at, source, external_ref, recurring_grant_id, created_at
  ) values (
    v_grant_id, p_account.lenser_id, p_account.id, p_amount, p_priority, p_starts_at, p_expires_at, p_source,
    p_external_ref, p_recurring_grant_id, p_account.updated_at
  )
  -- grant_credits() has looked; only a snapshot that is older than another's event comes here, and 40001 is its error.
  on conflict do nothing;
  return (v_grant_id, ratebook.move(
    p_account,
    array[
      (
        p_account.id, v_grant_id, p_amount, 0,
        case when p_moved is null then 'grant'::billing.entry_kind_enum else 'move' end, null, p_effective_at, p_reason
      ),
      (p_account.id, v_grant_id, -v_repaid, 0, 'repayment', null, p_effective_at, null),
      (p_account.id, null, v_repaid, 0, 'repayment', null, p_effective_at, null)
    ]::ratebook.movement[],
    least(p_expires_at, case when v_is_upcoming then p_starts_at end, 'infinity'),
    case when v_is_upcoming then p_amount else 0 end,
    array[p_moved.id],
    array[p_moved.counterpart_id]
  ))::ratebook.new_lot;
end;
$$;

revoke all on function ratebook.add_lot(
  billing.accounts, numeric, text, integer, timestamptz, text, uuid, timestamptz, timestamptz, ratebook.moved_entry, text
) from public;

comment on type ratebook.moved_entry is 'The entry of credits that came from another account.';
comment on column ratebook.moved_entry.id is 'The entry.';
comment on column ratebook.moved_entry.counterpart_id is 'The entry on the other account.';
comment on type ratebook.new_lot is 'A lot that was added, and its account after it.';
comment on column ratebook.new_lot.grant_id is 'The lot.';
comment on column ratebook.new_lot.account is 'The account after it.';
comment on function ratebook.add_lot(
  billing.accounts, numeric, text, integer, timestamptz, text, uuid, timestamptz, timestamptz, ratebook.moved_entry, text
) is 'Adds a lot to a locked account, as it is now: one that came in, or that another account moved to it. Repays its debt from it first, once it starts. Returns the lot, and the account after it, whose row is not written.';
