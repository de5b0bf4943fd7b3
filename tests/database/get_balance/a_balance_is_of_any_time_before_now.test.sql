begin;
set local search_path = tap, pg_catalog;
select plan(15);

select tests.make_unit_price();
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_wallet('ada', 100);
select billing.grant_credits(tests.user_id('ada'), 10, 'promo', 0, '2030-01-15T13:00:00Z');
select tests.freeze_clock('2030-01-15T12:30:00.000600Z');
select tests.charge('ada', 4);
select tests.charge('ada', 2);
-- The promotion's last 4 expire at 13:00, and nobody writes that down before 13:30.
select tests.freeze_clock('2030-01-15T13:30:00Z');
create temporary table charged as select tests.charge('ada', 20) as id;
select tests.freeze_clock('2030-02-20T08:00:00Z');
select billing.refund_charge(id, 5) from charged;

select is(
  tests.entries('ada', 2), 'charge promo -4, charge promo -2, expiry promo -4 01-15T13:00:00, charge manual -20, refund manual 5',
  'what was written, the expiry later than it happened'
);
select is(tests.balance('ada', t.at::timestamptz), t.balance, t.at)
from (
  values
  ('2030-01-15T11:59:59.999999Z', '0 0 0'),
  ('2030-01-15T12:00:00Z', '110 0 110'),
  ('2030-01-15T12:30:00.000599Z', '110 0 110'),
  ('2030-01-15T12:30:00.0006Z', '104 0 104'),
  ('2030-01-15T12:59:59.999999Z', '104 0 104'),
  ('2030-01-15T13:00:00Z', '100 0 100'),
  ('2030-01-15T13:29:59Z', '100 0 100'),
  ('2030-01-15T13:30:00Z', '80 0 80'),
  ('2030-02-20T07:59:59Z', '80 0 80'),
  ('2030-02-20T08:00:00Z', '85 0 85'),
  ('1970-01-01T00:00:00Z', '0 0 0')
) as t (at, balance);
select tests.refused(
  format($$select billing.get_balance(tests.user_id('ada'), %L)$$, t.at), 'invalid_time', 'PT422', 'not ' || t.at
)
from (values ('2030-02-20T08:00:00.000001Z'), ('infinity'), ('-infinity')) as t (at);

select * from finish();
rollback;
