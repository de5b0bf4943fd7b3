begin;
set local search_path = tap, pg_catalog;
select plan(15);

select is(
  ratebook.credits(c.value, 1, 0, 0, 0, true, c.increment), c.result, format('%s up to %s', c.value, c.increment)
)
from (
  values
  (0, 0.001, 0),
  (0.585, 0.001, 0.585),
  (0.585000000000000000000000000001, 0.001, 0.586),
  (0.5849999999999999999999999999999, 0.001, 0.585),
  (0.0000000000000000000000000001, 0.001, 0.001),
  (104, 1, 104),
  (104.0000001, 1, 105),
  (103, 5, 105),
  (105, 5, 105),
  (1, 0.3, 1.2),
  (0.9, 0.3, 0.9),
  (7, 0.7, 7.0),
  (2, 10, 10),
  (123456789012345678901234567890.000000001, 0.00000001, 123456789012345678901234567890.00000001),
  -- A quotient of 16 decimals would lose the last digit.
  (1000000000000000000000.0000000000000000000001, 1, 1000000000000000000001)
) as c (value, increment, result);

select * from finish();
rollback;
