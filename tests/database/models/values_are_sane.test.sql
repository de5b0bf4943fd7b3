begin;
set local search_path = tap, pg_catalog;
select plan(27);

select tests.make_model('m');
select tests.violates('update ai.models set ' || v.change, v.rule, v.change)
from (
  values
  ($$temperature = 'NaN'$$, 'temperature_is_finite'),
  ($$temperature = 'Infinity'$$, 'temperature_is_finite'),
  ($$temperature = '-Infinity'$$, 'temperature_is_finite'),
  ('temperature = -0.1', 'temperature_is_finite'),
  ('max_tokens = 0', 'max_tokens_is_positive'),
  ('context_window = 0', 'context_window_is_positive'),
  ('typical_latency_ms = -1', 'typical_latency_ms_is_not_negative'),
  ($$price_currency = 'usd'$$, 'price_currency_is_an_iso_code'),
  ($$name = ' '$$, 'name_is_not_blank'),
  ($$modality = ''$$, 'modality_is_not_blank'),
  ($$task = ''$$, 'task_is_not_blank'),
  ($$key = ''$$, 'key_is_a_name'),
  ($$key = ' m'$$, 'key_is_a_name'),
  ($$key = 'm '$$, 'key_is_a_name'),
  ($$key = repeat('m', 256)$$, 'key_is_a_name'),
  ($$key = 'c56a4180-65aa-42ec-a945-5fd21dec0538'$$, 'key_is_a_name')
) as v (change, rule);
select lives_ok('update ai.models set ' || v.change, v.change)
from (
  values
  ('temperature = 0'), ('temperature = 0.7'), ('temperature = null'), ('max_tokens = 1'), ('context_window = 1'),
  ('typical_latency_ms = 0'), ($$price_currency = 'EUR'$$), ($$key = repeat('m', 255)$$),
  ($$key = 'stability-ai/sdxl:39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b'$$)
) as v (change);
select tests.make_model('other');
select tests.violates(
  $$update ai.models set provider_model_key = 'same'$$, 'models_provider_id_provider_model_key_key',
  'a provider''s identifier is one model''s'
);
select tests.violates($$update ai.models set key = 'same'$$, 'models_key_key', 'and so is a key');

select * from finish();
rollback;
