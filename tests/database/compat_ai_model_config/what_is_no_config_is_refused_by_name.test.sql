begin;
set local search_path = tap, pg_catalog;
select plan(29);

select tests.make_model('a'), tests.make_model('franc');
update ai.models set price_currency = 'CHF' where key = 'franc';
select tests.as_service();
create function pg_temp.refusal(p_set text) returns text
language sql
begin atomic
  select concat_ws(' ', e.error ->> 'code', e.error #>> '{detail,error}', e.error #>> '{detail,column}', e.error #>> '{detail,key}')
  from tests.error_of(format('update compat.ai_model_config set %s where model_name = ''a''', p_set)) as e (error);
end;

select is(pg_temp.refusal(c.name || ' = null'), 'PT422 invalid_argument ' || c.name, c.name || ' keeps a value')
from (
  values
  ('model_name'), ('display_name'), ('model_type'), ('provider'), ('valid_sizes'), ('supports_json_mode'),
  ('supports_vision'), ('supports_function_calling'), ('is_active'), ('is_default'), ('sort_order')
) as c (name);
select is(pg_temp.refusal(r.change), 'PT422 ' || r.refusal, r.change)
from (
  values
  ('created_at = ''2020-01-01''', 'invalid_argument created_at'),
  ('updated_at = ''2020-01-01''', 'invalid_argument updated_at'),
  ('updated_by = gen_random_uuid()', 'invalid_argument updated_by'),
  ('pricing_display = ''free''', 'invalid_argument pricing_display'),
  ('model_type = ''video''', 'invalid_argument'),
  ('provider = ''nobody''', 'unknown_provider'),
  ('input_cost_per_1m = ''cheap''', 'not_a_number input_per_1m'),
  ('output_cost_per_1m = ''NaN''', 'not_a_number output_per_1m'),
  ('cost_per_image = ''''', 'not_a_number per_image'),
  ('cost_per_image = ''-1''', 'negative_quantity'),
  ('cost_per_image = ''1000000''', 'quantity_out_of_range')
) as r (change, refusal);
select is(
  tests.error_of($$update compat.ai_model_config set provider = 'nobody'$$) #>> '{detail,provider}', 'nobody',
  'the provider is named'
);
select is(
  tests.error_of($$update compat.ai_model_config set model_type = 'video'$$) ->> 'hint', 'Valid types: text, image.',
  'so are the types'
);
select tests.refused(
  $$update compat.ai_model_config set input_cost_per_1m = '1' where model_name = 'franc'$$, 'invalid_argument', 'PT422',
  'no dollars for a model that is priced in francs'
);
select lives_ok(
  $$update compat.ai_model_config set description = 'd' where model_name = 'franc'$$, 'all else of it may be written'
);
select is(
  tests.error_of($$insert into compat.ai_model_config (model_name, display_name, model_type) values ('b', 'B', 'text')$$)
  #>> '{detail,column}',
  'provider', 'a new one needs a provider'
);
select lives_ok(
  $$
  update compat.ai_model_config
  set context_window = null, max_output_tokens = null, description = null, input_cost_per_1m = null,
    output_cost_per_1m = null, cost_per_image = null, updated_at = updated_at, pricing_display = pricing_display
  where model_name = 'a'
  $$,
  'all else may be unknown, and a row may be sent back whole'
);
select is_empty('select from ai.model_pricing', 'none of it was written');

select * from finish();
rollback;
