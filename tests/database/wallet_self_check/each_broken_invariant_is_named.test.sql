begin;
set local search_path = tap, pg_catalog;
select plan(91);

-- A busy month: lots open, empty and expired, holds of every status, a member, refunds, debt, budgets, keys, an allowance.
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 1000);
select tests.make_wallet('bob', 10, p_overdraft_limit => 5);
select billing.grant_credits(tests.user_id('ada'), 20, 'empty', 0, '2031-01-01T00:00:00Z');
select billing.grant_credits(tests.user_id('ada'), 20, 'promo', 1, '2030-01-15T13:00:00Z');
select billing.create_recurring_grant(tests.user_id('ada'), 7, '1 day', '2030-01-16T00:00:00Z');
select billing.set_member(tests.user_id('ada'), tests.user_id('bob'), 500);
insert into billing.budgets (lenser_id, period, hard_limit) values (tests.user_id('bob'), 'month', 500);
select tests.charge('ada', 20, p_key => 'first');
select tests.charge('ada', 1);
select tests.charge('ada', 30, 'bob');
select tests.charge('bob', 15);
select tests.hold('ada', 11, '7 days');
select billing.release_hold(tests.hold('ada', 12));
select billing.capture_hold(tests.hold('ada', 13), usage => '{"input": 9}');
select tests.hold('ada', 14);
select billing.refund_charge(id, 4) from billing.charges where credits = 30;
select billing.refund_charge(id, 5) from billing.charges where credits = 9;
select tests.freeze_clock('2030-01-17T12:00:00Z');
select billing.sweep_accounts();
select tests.charge('ada', 2);
select billing.grant_credits(tests.user_id('ada'), 33, 'later', starts_at => '2030-02-01Z');
select billing.grant_credits(tests.user_id('bob'), 12, 'disputed');
select billing.revoke_grant(id) from billing.grants where source = 'disputed';
select billing.settle_charge((billing.charge_generation(
  tests.user_id('ada'), 'm', '{"input": 4}', estimated => true
) ->> 'charge_id')::uuid, amount => 8);
select tests.make_wallet('dan');
select billing.move_credits(tests.user_id('ada'), tests.user_id('dan'), 17);

create temporary table breaks (place integer generated always as identity, check_name text, broken text, statement text);
insert into breaks (check_name, broken, statement) values
('posted_is_the_sum_of_the_ledger', 'posted_is_the_sum_of_the_ledger posted_is_what_lots_hold_less_debt',
  $$update billing.accounts set posted = posted + 1 where id = tests.user_id('ada')$$),
('posted_is_what_lots_hold_less_debt', 'posted_is_what_lots_hold_less_debt a_lot_holds_what_its_entries_say',
  $$update billing.grants set remaining = remaining - 1 where source = 'manual' and account_id = tests.user_id('ada')$$),
('debt_is_the_sum_of_its_entries', 'posted_is_what_lots_hold_less_debt debt_is_the_sum_of_its_entries',
  $$update billing.accounts set debt = debt + 1 where id = tests.user_id('bob')$$),
('reserved_is_the_sum_of_open_holds', 'reserved_is_the_sum_of_open_holds',
  $$update billing.accounts set reserved = reserved + 1 where id = tests.user_id('ada')$$),
('available_is_within_the_overdraft', 'available_is_within_the_overdraft',
  $$alter table billing.accounts disable trigger user;
  update billing.accounts set overdraft_limit = 4, revoked_debt = 0 where id = tests.user_id('bob')$$),
('a_plain_account_has_no_budget', 'a_plain_account_has_no_budget',
  $$insert into billing.budgets (lenser_id, period, hard_limit) values (tests.user_id('ada'), 'day', 1);
  update billing.accounts set is_plain = true where id = tests.user_id('ada')$$),
('a_head_burns_first', 'a_head_burns_first',
  $$update billing.accounts set head_id = gen_random_uuid() where id = tests.user_id('ada')$$),
('revoked_debt_is_of_revocations', 'revoked_debt_is_of_revocations',
  $$update billing.accounts set revoked_debt = revoked_debt + 20 where id = tests.user_id('bob')$$),
('upcoming_is_what_has_not_started', 'upcoming_is_what_has_not_started',
  $$update billing.accounts set upcoming = upcoming - 1 where id = tests.user_id('ada')$$),
('no_event_is_missed', 'no_event_is_missed',
  $$update billing.accounts set next_event_at = 'infinity' where id = tests.user_id('ada')$$),
('spent_is_what_members_were_charged', 'spent_is_what_members_were_charged',
  $$update billing.account_members set spent = spent + 1$$),
('a_lot_holds_what_its_entries_say', 'posted_is_the_sum_of_the_ledger a_lot_holds_what_its_entries_say',
  $$update billing.grants set remaining = remaining - 1 where source = 'manual' and account_id = tests.user_id('ada');
  update billing.accounts set posted = posted - 1 where id = tests.user_id('ada')$$),
('a_lot_reserves_what_open_holds_keep', 'a_lot_reserves_what_open_holds_keep',
  $$update billing.grants set reserved = reserved + 1 where source = 'manual' and account_id = tests.user_id('ada')$$),
('a_hold_keeps_no_more_than_its_amount', 'a_hold_keeps_no_more_than_its_amount',
  $$update billing.grants as g set reserved = g.reserved + (h.lots ->> g.id::text)::numeric
  from billing.holds as h where h.amount = 11 and h.lots ? g.id::text;
  update billing.holds set lots = (select jsonb_object_agg(k.key, 2 * k.value::numeric) from jsonb_each(lots) as k) where amount = 11$$),
('a_hold_is_of_an_account', 'a_hold_is_of_an_account',
  $$insert into billing.holds (id, lenser_id, account_id, spender_id, amount, lots, status, expires_at, ended_at, created_at)
  select ratebook.uuid_v7(), lenser_id, gen_random_uuid(), spender_id, 1, '{}', 'released', expires_at, ended_at, created_at
  from billing.holds where amount = 12$$),
('a_lot_is_closed_when_it_is_empty', 'a_lot_is_closed_when_it_is_empty',
  $$update billing.grants set closed_at = null where source = 'empty'$$),
('a_lot_stays_within_its_amount', 'a_lot_stays_within_its_amount',
  $$update billing.grants set amount = remaining - 1 where source = 'manual' and account_id = tests.user_id('ada')$$),
('a_lot_knows_what_expired_of_it', 'a_lot_knows_what_expired_of_it',
  $$update billing.grants set expired = expired - 1 where source = 'promo'$$),
('what_was_taken_back_is_in_the_ledger', 'what_was_taken_back_is_in_the_ledger a_lot_taken_back_is_gone',
  $$update billing.grants set revoked = revoked - 1 where source = 'disputed'$$),
('a_lot_taken_back_is_gone', 'a_lot_taken_back_is_gone',
  $$update billing.grants set revoked_at = created_at where source = 'manual' and account_id = tests.user_id('ada')$$),
('entries_are_numbered_without_a_gap', 'entries_are_numbered_without_a_gap',
  $$update billing.ledger_entries set number = 1000 where (account_id, number) = (select id, entries from billing.accounts where id = tests.user_id('ada'))$$),
('entries_are_all_there', 'entries_are_all_there',
  $$update billing.accounts set entries = entries + 1 where id = tests.user_id('ada')$$),
('an_entry_is_of_an_account', 'an_entry_is_of_an_account',
  $$insert into billing.ledger_entries (id, lenser_id, account_id, number, kind, amount, balance_after, effective_at, created_at)
  select ratebook.uuid_v7(), lenser_id, gen_random_uuid(), 1, 'grant', 1, 1, created_at, created_at
  from billing.ledger_entries where account_id = tests.user_id('ada') and number = 3$$),
('balances_after_add_up', 'balances_after_add_up',
  $$update billing.ledger_entries set balance_after = balance_after + 1 where account_id = tests.user_id('ada') and number = 3$$),
('times_of_an_account_never_go_back', 'times_of_an_account_never_go_back',
  $$update billing.ledger_entries set effective_at = effective_at - interval '1 day', created_at = created_at - interval '1 day'
  where account_id = tests.user_id('ada') and number = 3$$),
('an_entry_belongs_to_the_account_of_its_lot', 'an_entry_belongs_to_the_account_of_its_lot',
  $$delete from billing.grants where source = 'promo' and remaining = 0$$),
('an_entry_belongs_to_the_account_of_its_charge', 'an_entry_belongs_to_the_account_of_its_charge',
  $$update billing.ledger_entries set charge_id = gen_random_uuid() where account_id = tests.user_id('ada') and number = 1$$),
('an_entry_is_not_effective_later_than_written', 'an_entry_is_not_effective_later_than_written',
  $$alter table billing.ledger_entries disable trigger user;
  update billing.ledger_entries set effective_at = created_at + interval '1 hour'
  where account_id = tests.user_id('ada') and number = 2$$),
('a_move_is_two_entries', 'a_move_is_two_entries',
  $$update billing.ledger_entries set counterpart_id = id where kind = 'move' and account_id = tests.user_id('ada')$$),
('a_charge_is_paid_by_its_entries', 'a_charge_is_paid_by_its_entries',
  $$update billing.charges set credits = 21 where credits = 20$$),
('a_charge_is_of_an_account', 'a_charge_is_of_an_account',
  $$insert into billing.charges (id, lenser_id, account_id, spender_id, priced_at, credits, created_at)
  select ratebook.uuid_v7(), lenser_id, gen_random_uuid(), spender_id, priced_at, 0, created_at
  from billing.charges where credits = 20$$),
('a_refund_is_not_more_than_the_charge', 'a_refund_is_not_more_than_the_charge a_refund_goes_back_to_the_lots_that_paid',
  $$update billing.ledger_entries set charge_id = (select id from billing.charges where credits = 1) where kind = 'refund' and amount = 5$$),
('a_refund_goes_back_to_the_lots_that_paid', 'a_lot_holds_what_its_entries_say a_refund_goes_back_to_the_lots_that_paid',
  $$update billing.ledger_entries as e set grant_id = (
    select g.id from billing.grants as g
    where g.account_id = e.account_id and g.id not in (select o.grant_id from billing.ledger_entries as o where o.charge_id = e.charge_id)
    order by g.id limit 1
  )
  where e.kind = 'refund' and e.grant_id is not null$$),
('a_settled_charge_gave_way', 'a_settled_charge_gave_way',
  $$update billing.charges set is_estimated = false where is_estimated$$),
('a_priced_charge_keeps_its_cost', 'a_priced_charge_keeps_its_cost',
  $$delete from billing.charge_costs where cost = 20$$),
('a_cost_belongs_to_a_charge', 'a_cost_belongs_to_a_charge',
  $$insert into billing.charge_costs
  select ratebook.uuid_v7(), lenser_id, currency, cost, credit_rate_id, margin_policy_id, price_ids from billing.charge_costs where cost = 20$$),
('a_captured_hold_is_one_charge', 'a_captured_hold_is_one_charge',
  $$update billing.holds set charge_id = (select id from billing.charges where credits = 1) where status = 'captured'$$),
('a_key_has_its_effect', 'a_key_has_its_effect',
  $$update billing.idempotency_keys set response = jsonb_set(response, '{charge_id}', to_jsonb(gen_random_uuid())) where key = 'first'$$),
('a_charge_has_one_key', 'a_charge_has_one_key',
  $$insert into billing.idempotency_keys
  select account_id, lenser_id, operation, 'second', request, response, created_at from billing.idempotency_keys where key = 'first'$$),
('a_budget_counts_what_was_charged', 'a_budget_counts_what_was_charged',
  $$update billing.budget_periods set spent = spent + 1$$);

-- What a break breaks, by the check of all, of the parts that hold it and of one beside it.
create function tests.broken_by(p_statement text) returns text[]
language plpgsql
as $$
declare
  v_low uuid := least(tests.user_id('ada'), tests.user_id('bob'));
  v_high uuid := greatest(tests.user_id('ada'), tests.user_id('bob'));
  v_broken text[];
begin
  begin
    alter table billing.charges disable trigger user;
    alter table billing.charge_costs disable trigger user;
    alter table billing.ledger_entries disable trigger user;
    execute p_statement;
    v_broken := array[
      tests.broken(),
      tests.broken(p_from => v_low, p_to => v_high),
      tests.broken('2030-01-01Z'),
      tests.broken('2030-01-01Z', p_from => 'b0000000-0000-0000-0000-000000000000')
    ];
    raise exception sqlstate 'ZZ000';
  exception when sqlstate 'ZZ000' then
    return v_broken;
  end;
end;
$$;
-- What a part that holds the break says of it: the same, but for what a part cannot tell.
create function tests.told(p_broken text, p_left_out text[]) returns text
language sql
return (
  select string_agg(b.name, ' ' order by b.place)
  from unnest(string_to_array(p_broken, ' ')) with ordinality as b (name, place)
  where b.name <> all(p_left_out)
);

select is((select status::text from billing.holds where amount = h.amount), h.status, 'a hold ' || h.status)
from (values (11, 'open'), (12, 'released'), (13, 'captured'), (14, 'expired')) as h (amount, status);
select results_eq(
  'select check_name from billing.self_check()', 'select check_name from breaks order by place', 'the checks are these, and no other'
);
select is_empty(
  $$select check_name from breaks where check_name <> all(string_to_array(broken, ' '))$$, 'each is proven by a break of its own'
);
select is(tests.broken(), null, 'of a busy wallet every one holds');
select is(c.severity || ' ' || c.message, 'ok Holds everywhere.', c.check_name) from billing.self_check() as c;
select is(
  tests.broken_by(statement),
  array[
    broken,
    tests.told(broken, '{a_hold_is_of_an_account,an_entry_is_of_an_account,a_charge_is_of_an_account,a_cost_belongs_to_a_charge}'),
    tests.told(broken, '{debt_is_the_sum_of_its_entries,revoked_debt_is_of_revocations,spent_is_what_members_were_charged,what_was_taken_back_is_in_the_ledger}'),
    null
  ],
  check_name || ', broken'
)
from breaks order by place;

-- The message says where, and how far off.
create temporary table told as
select tests.user_id('ada') || ' (posted ' || posted + 1 || ', entries ' || posted || ')' as fact from billing.accounts where id = tests.user_id('ada');
update billing.accounts set posted = posted + 1 where id = tests.user_id('ada');
select is(
  (select c.message from billing.self_check() as c where c.check_name = 'posted_is_the_sum_of_the_ledger'),
  (select 'Broken 1 times: ' || fact || '.' from told), 'and where'
);
select tests.as_service();
select is((select count(*) from billing.self_check()), 40::bigint, 'the service role may ask');
select tests.reset_role();
select tests.authenticate_as(tests.make_admin('root'));
select is((select count(*) from billing.self_check()), 40::bigint, 'an admin may');
select tests.authenticate_as('ada');
select tests.refused('select billing.self_check()', 'not_allowed', '42501', 'nobody else may');

select * from finish();
rollback;
