begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.freeze_clock('2026-03-01Z');
select tests.make_model('m');
create function pg_temp.pricing(p_key text default 'm') returns jsonb language sql as $$
  select a.pricing from compat.api_models as a where a.model_key = p_key
$$;

select is(pg_temp.pricing(), '{}', 'nothing without a price');
select tests.make_price('m', 'input', 0.00000015);
select tests.make_price('m', 'output', 0.0000006);
select tests.make_price('m', 'cache_write_1h', 0.000000000001);
select is(
  pg_temp.pricing(),
  '{
    "per_1m_input_tokens": 0.15, "per_1m_output_tokens": 0.6, "per_1m_cache_write_1h_tokens": 0.000001,
    "currency": "USD", "billing_unit": "per_1m_tokens"
  }',
  'tokens are priced per million, exactly; what only falls back has no price of its own'
);
select tests.make_price('m', 'tokens', 0.000002);
select tests.make_price('m', 'request', 0);
select tests.make_price('m', 'web_search', 0.01);
select is(
  pg_temp.pricing() - 'per_1m_input_tokens' - 'per_1m_output_tokens' - 'per_1m_cache_write_1h_tokens',
  '{
    "per_1m_tokens": 2, "per_request": 0, "per_web_search": 0.01, "currency": "USD", "billing_unit": "per_1m_tokens"
  }',
  'any meter has its key, and free is a price'
);
select tests.make_price('m', 'input', 9, p_service_tier => 'batch');
select tests.make_price('m', 'input', 9, p_variant => 'hd');
select tests.make_price('m', 'input', 9, p_region => 'eu');
select tests.make_price('m', 'input', 9, p_currency => 'EUR');
select tests.make_price('m', 'input', 9, p_source => 'litellm');
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, context_threshold) values
(tests.model_id('m'), 'input', 9, '2025-01-01Z', 1);
insert into ai.model_pricing (
  model_id, meter, price_per_unit, effective_from, window_start, window_end, window_days, window_time_zone
) values (tests.model_id('m'), 'input', 9, '2025-01-01Z', '00:00', '23:59', 127, 'UTC');
select is(pg_temp.pricing() -> 'per_1m_input_tokens', '0.15', 'tiers, variants, regions, windows and other sources are not in it');

select tests.make_price('m', 'input', 0.000009, '2026-03-01T00:00:01Z');
select is(pg_temp.pricing() -> 'per_1m_input_tokens', '0.15', 'a price of the future waits');
select tests.freeze_clock('2026-03-01T00:00:01Z');
select is(pg_temp.pricing() -> 'per_1m_input_tokens', '9', 'until its time has come');
select tests.make_price('m', 'output', null, '2026-03-01Z');
select ok(not pg_temp.pricing() ? 'per_1m_output_tokens', 'a withdrawn price is gone');

select tests.make_model('v');
select tests.make_price('v', 'video_second', 0.5);
select tests.make_price('v', 'image', 0.04);
select is(
  pg_temp.pricing('v'),
  '{"per_image": 0.04, "per_video_second": 0.5, "currency": "USD", "billing_unit": "per_image"}',
  'of several units the first is the billing unit'
);
update ai.models set price_currency = 'EUR' where key = 'm';
select is(
  pg_temp.pricing(), '{"per_1m_input_tokens": 9000000, "currency": "EUR", "billing_unit": "per_1m_tokens"}',
  'the currency is the model''s'
);

select * from finish();
rollback;
