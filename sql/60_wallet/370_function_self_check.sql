create function ratebook.check_wallets(p_since timestamptz, p_from uuid, p_to uuid)
returns table (check_name text, severity text, message text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
-- Once it is left.
set enable_seqscan = on
as $$
-- Definer: reads every account.
declare
  v_asked ratebook.asked;
begin
  perform ratebook.assert_privileged();
  -- A part is read by its index, whatever the planner thinks of the tables.
  if num_nonnulls(p_since, p_from, p_to) > 0 then
    perform set_config('enable_seqscan', 'off', true);
  end if;
  v_asked := ratebook.asked(p_since, p_from, p_to);
  return query
  -- One row a check, broken or not, with the first few places where it is.
  select
    n.name,
    case when count(b.subject) = 0 then 'ok' else 'error' end,
    case
      when count(b.subject) > 0 then format(
        'Broken %s times: %s.', count(b.subject),
        string_agg(b.subject || ' (' || b.fact || ')', ', ' order by b.subject) filter (where b.place <= 5)
      )
      when num_nonnulls(p_since, p_from, p_to) > 0 then 'Holds for what was asked.'
      else 'Holds everywhere.'
    end
  from
    unnest(array[
      -- Of accounts,
      'posted_is_the_sum_of_the_ledger',
      'posted_is_what_lots_hold_less_debt',
      'debt_is_the_sum_of_its_entries',
      'reserved_is_the_sum_of_open_holds',
      'available_is_within_the_overdraft',
      'a_plain_account_has_no_budget',
      'a_head_burns_first',
      'revoked_debt_is_of_revocations',
      'upcoming_is_what_has_not_started',
      'no_event_is_missed',
      'spent_is_what_members_were_charged',
      -- of lots,
      'a_lot_holds_what_its_entries_say',
      'a_lot_reserves_what_open_holds_keep',
      'a_hold_keeps_no_more_than_its_amount',
      'a_hold_is_of_an_account',
      'a_lot_is_closed_when_it_is_empty',
      'a_lot_stays_within_its_amount',
      'a_lot_knows_what_expired_of_it',
      'what_was_taken_back_is_in_the_ledger',
      'a_lot_taken_back_is_gone',
      -- of the ledger,
      'entries_are_numbered_without_a_gap',
      'entries_are_all_there',
      'an_entry_is_of_an_account',
      'balances_after_add_up',
      'times_of_an_account_never_go_back',
      'an_entry_belongs_to_the_account_of_its_lot',
      'an_entry_belongs_to_the_account_of_its_charge',
      'an_entry_is_not_effective_later_than_written',
      'a_move_is_two_entries',
      -- and of charges.
      'a_charge_is_paid_by_its_entries',
      'a_charge_is_of_an_account',
      'a_refund_is_not_more_than_the_charge',
      'a_refund_goes_back_to_the_lots_that_paid',
      -- What gave way, and what it cost,
      'a_settled_charge_gave_way',
      'a_priced_charge_keeps_its_cost',
      'a_cost_belongs_to_a_charge',
      'a_captured_hold_is_one_charge',
      'a_key_has_its_effect',
      'a_charge_has_one_key',
      'a_budget_counts_what_was_charged'
    ]) with ordinality as n (name, place)
  left join (
    select
      f.*,
      row_number() over (partition by f.check_name order by f.subject) as place
    -- Each of them plans for what is asked.
    from (
      select * from ratebook.broken_accounts(v_asked)
      union all
      select * from ratebook.broken_lots(v_asked)
      union all
      select * from ratebook.broken_entries(v_asked)
      union all
      select * from ratebook.broken_charges(v_asked)
    ) as f
  ) as b on b.check_name = n.name
  where
    -- What a part cannot answer is left out.
    not (
      p_since is not null and n.name in (
        'debt_is_the_sum_of_its_entries', 'revoked_debt_is_of_revocations', 'spent_is_what_members_were_charged',
        'what_was_taken_back_is_in_the_ledger'
      )
    )
    and not (
      v_asked.is_range
      and n.name in (
        'a_hold_is_of_an_account', 'an_entry_is_of_an_account', 'a_charge_is_of_an_account', 'a_cost_belongs_to_a_charge'
      )
    )
  group by n.name, n.place
  order by n.place;
end;
$$;

create function billing.self_check(
  since timestamptz default null, from_account uuid default null, to_account uuid default null
) returns table (check_name text, severity text, message text)
language sql stable
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select
    c.check_name,
    c.severity,
    c.message
  from ratebook.check_wallets(since, from_account, to_account) as c;
end;

revoke all on function ratebook.check_wallets(timestamptz, uuid, uuid) from public;
revoke all on function billing.self_check(timestamptz, uuid, uuid) from public;
grant execute on function ratebook.check_wallets(timestamptz, uuid, uuid) to authenticated, service_role;
grant execute on function billing.self_check(timestamptz, uuid, uuid) to authenticated, service_role;

comment on function ratebook.check_wallets(timestamptz, uuid, uuid) is
'The checks behind billing.self_check(). Errors: not_allowed (42501), those of ratebook.asked().';
comment on function billing.self_check(timestamptz, uuid, uuid) is
'Admins and the service role. Checks every invariant of the wallet: one row per check with severity ok or error, and what is broken. since: what was written from this time on, and the accounts that it changed; what it refers to from before is taken at its word, and the checks that need all that ever was are left out. from_account, to_account: accounts by their ids, both ends included, with the budgets of their owners; the one check that names no account is left out. Costs by what is asked: over everything it reads everything, minutes on a large ledger. Errors: invalid_time, invalid_argument (PT422), not_allowed (42501).';
