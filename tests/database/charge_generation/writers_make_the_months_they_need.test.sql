begin;
set local search_path = tap, pg_catalog;
select plan(7);

select tests.make_unit_price();
select is(
  (select array_agg(t.name::text) from ratebook.partitioned_tables() as t (name)),
  '{ai.generations,billing.charges,billing.ledger_entries}', 'what a charge writes has months'
);

-- Whoever writes first after a long pause makes what it writes, and leaves nothing half done for the next.
select tests.freeze_clock('2030-01-15T12:00:00Z');
select lives_ok($$select tests.make_wallet('ada', 100, 100)$$, 'a grant, years after the last writer');
select lives_ok($$select tests.charge('ada', 1)$$, 'then a charge, which writes a generation too');
select lives_ok($$select tests.hold('ada', 1)$$, 'a hold');
select tests.freeze_clock('2035-01-15T12:00:00Z');
select lives_ok(
  $$select billing.create_recurring_grant(tests.user_id('ada'), 1)$$, 'a recurring grant that writes its first lot'
);
select tests.freeze_clock('2040-01-15T12:00:00Z');
select lives_ok($$select tests.hold('ada', 1)$$, 'a hold that writes down the allowances of years');
select tests.freeze_clock('2045-01-15T12:00:00Z');
select lives_ok('select billing.sweep_accounts()', 'a sweep');

select * from finish();
rollback;
