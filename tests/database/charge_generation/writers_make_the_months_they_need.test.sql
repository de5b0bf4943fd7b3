begin;
set local search_path = tap, pg_catalog;
select plan(13);

select tests.make_unit_price();
create function tests.months_of(p_year integer) returns text
language sql
return (
  select string_agg(m.month::text, ' ' order by m.month::text)
  from ratebook.months() as m where m.month::text like 'ratebook.%\_' || p_year || '\_%'
);

-- Whoever writes first after a long pause makes the month of what it writes, and leaves nothing half done for the next.
select tests.freeze_clock('2030-01-15T12:00:00Z');
select lives_ok($$select tests.make_wallet('ada', 100, 100)$$, 'a grant, years after the last writer');
select is(
  tests.months_of(2030),
  'ratebook.ai_generations_2030_01 ratebook.billing_charge_costs_2030_01 ratebook.billing_charges_2030_01 '
  'ratebook.billing_holds_2030_01 ratebook.billing_ledger_entries_2030_01',
  'makes that month of every table, and no other'
);
select lives_ok($$select tests.charge('ada', 1)$$, 'then a charge, which writes a generation too');
select lives_ok($$select tests.hold('ada', 1)$$, 'a hold');
select tests.freeze_clock('2030-02-01T00:00:00Z');
select lives_ok($$select tests.charge('ada', 1)$$, 'the first of the next month is a charge');
select tests.freeze_clock('2030-03-01T00:00:00Z');
select lives_ok(
  $$select billing.charge_generations(jsonb_build_array(jsonb_build_object(
    'account', tests.user_id('ada'), 'model', 'm', 'usage', '{"input": 1}'::jsonb
  )))$$,
  'a batch'
);
select is(tests.balance('ada'), '97 0 97 0', 'three charges, and a hold that timed out');
select tests.freeze_clock('2035-01-15T12:00:00Z');
select lives_ok(
  $$select billing.create_recurring_grant(tests.user_id('ada'), 1)$$, 'a recurring grant that writes its first lot'
);
select tests.freeze_clock('2040-01-15T12:00:00Z');
select lives_ok($$select tests.hold('ada', 1)$$, 'a hold that writes down the allowances of years');
select tests.freeze_clock('2045-01-15T12:00:00Z');
select lives_ok('select billing.sweep_accounts()', 'a sweep');
select is(
  tests.months_of(2045),
  'ratebook.ai_generations_2045_01 ratebook.ai_generations_2045_02 ratebook.billing_charge_costs_2045_01 '
  'ratebook.billing_charges_2045_01 ratebook.billing_holds_2045_01 ratebook.billing_ledger_entries_2045_01',
  'makes the month, and the next partition of those ahead'
);
select lives_ok('select billing.sweep_accounts()', 'another sweep');
select matches(tests.months_of(2045), 'billing_charge_costs_2045_02', 'makes another');

select * from finish();
rollback;
