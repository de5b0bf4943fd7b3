begin;
set local search_path = tap, pg_catalog;
select plan(19);

select tests.make_model('m');
create temporary view attempt as
select
  a.rule,
  a.columns || ' = ' || a.amounts as what,
  format(
    'insert into ai.model_pricing (model_id, meter, price_per_unit, %s) values (%L, ''input'', 1, %s)',
    a.columns, tests.model_id('m'), a.amounts
  ) as statement
from (
  values
  ('currency_is_an_iso_code', 'currency', $$'usd'$$),
  ('currency_is_an_iso_code', 'currency', $$'EURO'$$),
  ('effective_from_is_finite', 'effective_from', $$'infinity'$$),
  ('effective_from_is_finite', 'effective_from', $$'-infinity'$$),
  ('revision_is_not_negative', 'revision', '-1'),
  ('context_threshold_is_positive', 'context_threshold', '0'),
  ('model_pricing_service_tier_fkey', 'service_tier', $$'express'$$),
  ('a_window_is_whole', 'window_start', $$'16:30'$$),
  ('a_window_is_whole', 'window_start, window_end', $$'16:30', '00:30'$$),
  ('a_window_is_whole', 'window_start, window_end, window_days', $$'16:30', '00:30', 127$$),
  ('a_window_is_whole', 'window_days, window_time_zone', $$127, 'UTC'$$),
  ('window_days_is_a_weekday_mask', 'window_start, window_end, window_days, window_time_zone', $$'16:30', '00:30', 0, 'UTC'$$),
  ('window_days_is_a_weekday_mask', 'window_start, window_end, window_days, window_time_zone', $$'16:30', '00:30', 128, 'UTC'$$),
  ('window_is_not_empty', 'window_start, window_end, window_days, window_time_zone', $$'16:30', '16:30', 127, 'UTC'$$),
  ('time zone "Mars/Olympus" not recognized', 'window_start, window_end, window_days, window_time_zone', $$'16:30', '00:30', 127, 'Mars/Olympus'$$),
  (null, 'window_start, window_end, window_days, window_time_zone', $$'16:30', '00:30', 127, 'UTC'$$),
  (null, 'window_start, window_end, window_days, window_time_zone', $$'00:00', '24:00', 31, 'Asia/Shanghai'$$),
  (null, 'context_threshold, threshold_inclusive, tier_mode', $$200000, true, 'marginal'$$),
  (null, 'currency', $$'EUR'$$)
) as a (rule, columns, amounts);
select tests.violates(statement, rule, 'refused: ' || what) from attempt where rule is not null order by what;
select lives_ok(statement, 'accepted: ' || what) from attempt where rule is null order by what;

select * from finish();
rollback;
