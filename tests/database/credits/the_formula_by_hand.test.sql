begin;
set local search_path = tap, pg_catalog;
select plan(19);

select is(
  private.credits(
    c.cost,
    jsonb_populate_record(null::billing.credit_rates, jsonb_build_object('credits_per_currency_unit', c.rate)),
    jsonb_populate_record(null::billing.execution_margin_policies, jsonb_build_object(
      'margin', c.margin, 'fixed_credits', c.fixed, 'min_credits', c.minimum, 'minimum_applies_to_free', c.free_too,
      'increment', c.increment
    ))
  ),
  c.credits,
  c.what
)
from (
  values
  (0.00045, 1000, 0.30, 0, 0, false, 0.001, 0.585, 'the worked example'),
  (0.08, 1000, 0.30, 0, 0, false, 0.001, 104, 'the other one'),
  (0.00045, 1000, 0.30, 0, 0, false, 0.01, 0.59, '0.585 up to a hundredth'),
  (0.00045, 1000, 0.30, 0, 0, false, 1, 1, '0.585 up to one'),
  (0.01, 1000, 0, 0, 0, false, 5, 10, 'an exact multiple stays'),
  (0.010000000000000000000001, 1000, 0, 0, 0, false, 5, 15, 'a tiny excess does not'),
  (0.00045, 1000, 0.30, 0, 2, false, 0.001, 2, 'the least credits'),
  (0.00045, 1000, 0.30, 0, 2, false, 3, 3, 'the least credits, rounded up too'),
  (0.08, 1000, 0.30, 0, 2, false, 0.001, 104, 'more than the least'),
  (0.00045, 1000, 0.30, 0.5, 0, false, 0.001, 1.085, 'fixed credits on top'),
  (0.00045, 1000, 0.30, 0.5, 1, false, 0.001, 1.085, 'which count towards the least'),
  (0, 1000, 0.30, 0.5, 2, false, 0.001, 0, 'free is free'),
  (0, 1000, 0.30, 0.5, 2, true, 0.001, 2, 'unless the least applies to it'),
  (0, 1000, 0.30, 5, 2, true, 0.001, 5, 'or the fixed credits, when they are more'),
  (0.08, 1000, -1, 0, 0, false, 0.001, 0, 'a margin of -1 gives it away'),
  (0.08, 1000, -1, 0.5, 0, false, 0.001, 0.5, 'but for the fixed credits'),
  (0.08, 1000, -1, 0, 2, false, 0.001, 2, 'and the least'),
  (0.08, 1000, -0.5, 0, 0, false, 0.001, 40, 'a discount'),
  (0.00000000000000000001, 1, 0, 0, 0, false, 0.001, 0.001, 'almost nothing is not nothing')
) as c (cost, rate, margin, fixed, minimum, free_too, increment, credits, what);

select * from finish();
rollback;
