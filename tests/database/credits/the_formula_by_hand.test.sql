begin;
set local search_path = tap, pg_catalog;
select plan(19);

select is(
  ratebook.credits(c.cost, c.rate, c.margin, c.fixed, c.minimum, c.free_too, c.increment),
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
