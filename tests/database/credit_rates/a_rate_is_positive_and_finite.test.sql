begin;
set local search_path = tap, pg_catalog;
select plan(10);

select tests.make_rate();
select tests.violates(
  format('select tests.make_rate(%L, p_revision => 1)', v.rate), 'credits_per_currency_unit_is_positive_and_finite',
  'refused: ' || v.rate
)
from (values ('0'), ('-1'), ('NaN'), ('Infinity'), ('-Infinity')) as v (rate);
select tests.violates('select tests.make_rate()', 'credit_rates_key', 'the same currency, date and revision');
select tests.violates($$select tests.make_rate(p_currency => 'usd')$$, 'currency_is_an_iso_code', 'usd');
select tests.violates($$select tests.make_rate(p_from => 'infinity')$$, 'effective_from_is_finite', 'at no time');
select lives_ok('select tests.make_rate(0.00000001, p_revision => 1)', 'a small one');
select lives_ok($$select tests.make_rate(p_currency => 'EUR')$$, 'another currency');

select * from finish();
rollback;
