begin;
set local search_path = tap, pg_catalog;
select plan(35);

select tests.make_unit_price();
select tests.make_wallet('ada');
select tests.make_user('bob');
select tests.violates(format(v.statement, v.wrong), v.name, format(v.statement, left(v.wrong, 20)))
from (
  values
  ('select tests.make_price(''m'', ''output'', %s)', '1e131000', 'price_per_unit_is_finite'),
  ('select tests.make_price(''m'', ''output'', %s)', '1000000', 'price_per_unit_is_finite'),
  ('select tests.make_price(''m'', ''output'', %s)', '1e-61', 'price_per_unit_is_finite'),
  ('select tests.make_price(''m'', ''output'', 1, %L)', '200000-01-01Z', 'effective_from_is_finite'),
  ('select tests.make_price(''m'', ''output'', 1, %L)', '0001-01-01 BC', 'effective_from_is_finite'),
  ('select tests.make_price(''m'', ''output'', 1, p_variant => %L)', repeat('x', 256), 'variant_is_not_blank'),
  ('select tests.make_price(''m'', ''output'', 1, p_region => %L)', repeat('x', 256), 'region_is_not_blank'),
  ('select tests.make_price(''m'', ''output'', 1, p_source => %L)', repeat('x', 256), 'source_is_a_name'),
  ('select tests.make_price(''m'', ''output'', 1, p_source => %L)', ' ', 'source_is_a_name'),
  ('select tests.make_rate(%s)', '1e13', 'credits_per_currency_unit_is_positive_and_finite'),
  ('select tests.make_rate(p_from => %L)', '10000-01-01Z', 'effective_from_is_finite'),
  ('select tests.make_policy(%s)', '1e131000', 'margin_is_at_least_minus_one_and_finite'),
  ('select tests.make_policy(p_fixed_credits => %s)', '1e13', 'fixed_credits_is_not_negative_and_finite'),
  ('select tests.make_policy(p_min_credits => %s)', '1e13', 'min_credits_is_not_negative_and_finite'),
  ('select tests.make_policy(p_increment => %s)', '1e-31', 'increment_is_positive_and_finite'),
  ('select tests.make_policy(p_from => %L)', '10000-01-01Z', 'effective_from_is_finite'),
  ('update billing.accounts set overdraft_limit = %s', '1e13', 'limit_is_within_bounds'),
  ('update billing.accounts set low_balance_mark = %s', '-1e13', 'limit_is_within_bounds'),
  ('insert into billing.budgets (lenser_id, period, hard_limit) select lenser_id, ''day'', %s from billing.accounts', '1e13',
    'limit_is_within_bounds'),
  ('update ai.models set name = %L', repeat('x', 256), 'name_is_not_blank'),
  ('update ai.models set version = %L', repeat('x', 256), 'other_names_are_not_endless'),
  ('update ai.models set description = %L', repeat('x', 10001), 'texts_are_not_endless'),
  ('update ai.models set release_date = %L', 'infinity', 'dates_are_in_range'),
  ('update ai.models set deprecation_date = %L', '10000-01-01', 'dates_are_in_range'),
  ('update ai.models set temperature = %s', '1e13', 'temperature_is_finite'),
  ('update ai.models set price_source = %L', repeat('x', 256), 'price_source_is_a_name')
) as v (statement, wrong, name);
select tests.refused(v.statement, v.error, 'PT422', v.statement)
from (
  values
  ('select ai.schedule_price(''m'', ''output'', 1e131000)', 'quantity_out_of_range'),
  ('select ai.schedule_price(''m'', ''output'', 1e-61)', 'quantity_out_of_range'),
  ('select ai.schedule_price(''m'', ''output'', 1, ''200000-01-01Z'')', 'invalid_time'),
  ('select billing.reprice_generations(''2026-01-01Z'', ''2026-01-02Z'', margin => 1e131000)', 'invalid_argument')
) as v (statement, error);

select lives_ok(v.statement, v.statement)
from (
  values
  ('select tests.make_price(''m'', ''output'', 999999.999999)'),
  ('select tests.make_price(''m'', ''output'', 0.0008333333333333333333333333333333333333333, ''9999-12-31Z'', p_variant => repeat(''x'', 255))'),
  ('select tests.make_rate(1e12, ''2025-02-01Z'')'),
  ('select tests.make_policy(1e12, p_from => ''2025-02-01Z'', p_increment => 1e-30)'),
  ('update billing.accounts set overdraft_limit = 1e12, low_balance_mark = -1e12')
) as v (statement);

select * from finish();
rollback;
