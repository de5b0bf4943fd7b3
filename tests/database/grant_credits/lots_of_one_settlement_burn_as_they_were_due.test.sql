begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_unit_price();
select tests.freeze_clock('2030-01-01T00:00:00Z');
select tests.make_wallet('ada');
select billing.create_recurring_grant(tests.user_id('ada'), 1, '1 day', '2030-01-02T00:00:00Z', expires => false);
select tests.freeze_clock('2030-01-13T12:00:00Z');
-- Twelve are written down at once, and a purchase after them.
select billing.grant_credits(tests.user_id('ada'), 5, 'purchase');
select is((select count(*) from billing.grants), 13::bigint, 'thirteen lots');
select is(
  (select array_agg(e.effective_at order by g.id) from billing.grants as g inner join billing.ledger_entries as e on e.grant_id = g.id),
  array(select generate_series('2030-01-02T00:00:00Z'::timestamptz, '2030-01-13T00:00:00Z', '24 hours')) || '2030-01-13T12:00:00Z'::timestamptz,
  'they sort by when they were due'
);
select tests.charge('ada', 6);
select is(
  (
    select array_agg(distinct ratebook.uuid_v7_time(g.id) at time zone 'UTC' order by ratebook.uuid_v7_time(g.id) at time zone 'UTC')
    from billing.grants as g where g.remaining > 0
  ),
  array(select generate_series('2030-01-08'::timestamp, '2030-01-13', '1 day')) || '2030-01-13T12:00:00'::timestamp,
  'the first six are gone'
);
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
