begin;
set local search_path = tap, pg_catalog;
select plan(45);

select tests.make_model('m');
select tests.make_model('plain');
select tests.make_price(m.key, p.meter, p.price)
from (values ('m'), ('plain')) as m (key)
cross join (values ('input', 2), ('output', 8), ('cache_read', 0.5)) as p (meter, price);
select tests.make_price('m', 'input', 1, p_service_tier => 'flex');
select tests.make_price('m', 'output', 4, p_service_tier => 'flex');
select tests.make_price('m', 'input', 3, p_service_tier => 'priority');
select tests.make_price('m', 'input', 1.5, p_service_tier => 'batch');
select tests.make_price('m', 'input', 2.2, p_region => 'us');
select tests.make_price('m', 'input', 12, p_variant => 'fast');
select tests.make_rate(1000);
select tests.make_policy(0);
select tests.freeze_clock('2026-03-15T12:00:00Z');

create function tests.answer(p_more text default '{}') returns jsonb
language sql
return '{
  "id": "chatcmpl-1", "object": "chat.completion", "created": 1773576000, "model": "m",
  "usage": {
    "prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110, "prompt_tokens_details": {"cached_tokens": 40}
  }
}'::jsonb || p_more::jsonb;
create function tests.message(p_more text default '{}') returns jsonb
language sql
return jsonb_build_object('usage', '{"input_tokens": 60, "cache_read_input_tokens": 40, "output_tokens": 10}'::jsonb || p_more::jsonb);

create temporary table asked as
select
  a.*,
  row_number() over () as number
from (
  values
  -- 60 × 2 + 40 × 0.5 + 10 × 8 = 220
  ('openai_chat', tests.answer(), null, null, null, '220', 'standard', null, null),
  ('openai_chat', tests.answer('{"service_tier": "default"}'), null, null, null, '220', 'standard', null, null),
  -- 60 × 1 + 40 × 0.5 + 10 × 4 = 120: what is cached has no price of its own in flex
  ('openai_chat', tests.answer('{"service_tier": "flex"}'), null, null, null, '120', 'flex', null, null),
  ('openai_chat', tests.answer('{"service_tier": "flex"}'), 'flex', null, null, '120', 'flex', null, null),
  ('openai_chat', tests.answer(), 'flex', null, null, '120', 'flex', null, null),
  -- 60 × 3 + 20 + 80 = 280
  ('openai_chat', tests.answer('{"service_tier": "priority"}'), null, null, null, '280', 'priority', null, null),
  -- 60 × 1.5 + 40 × 1.5 + 80 = 230: a batch tries its chain first
  ('openai_chat', tests.answer('{"service_tier": "default"}'), 'batch', null, null, '230', 'batch', null, null),
  ('anthropic', tests.message('{"service_tier": "batch"}'), null, null, null, '230', 'batch', null, null),
  ('anthropic', tests.message('{"service_tier": "standard"}'), null, null, null, '220', 'standard', null, null),
  -- 60 × 2.2 + 20 + 80 = 232
  ('anthropic', tests.message('{"inference_geo": "us"}'), null, null, null, '232', 'standard', null, 'us'),
  -- 60 × 12 + 20 + 80 = 820
  ('anthropic', tests.message('{"speed": "fast"}'), null, null, null, '820', 'standard', 'fast', null),
  ('anthropic', tests.message('{"speed": "fast"}'), null, 'fast', null, '820', 'standard', 'fast', null)
) as a (format, answer, service_tier, variant, region, cost, their_tier, their_variant, their_region);

select
  is(
    billing.quote(
      'm', a.answer, service_tier => a.service_tier, variant => a.variant, region => a.region, format => a.format
    ) - '{model,model_id,feature,at,lines,currency,credits,credit_rate_id,margin_policy_id}'::text[],
    jsonb_build_object(
      'cost', a.cost, 'service_tier', a.their_tier, 'variant', a.their_variant, 'region', a.their_region
    ),
    a.format || ' ' || a.number
  )
from asked as a
order by a.number;
select is(
  billing.calculate_credit_cost(
    'm', a.answer, service_tier => a.service_tier, variant => a.variant, region => a.region, format => a.format
  ),
  a.cost::numeric * 1000, 'its credits, ' || a.number
)
from asked as a
order by a.number;
-- Many at once are what they are one by one.
select results_eq(
  $$
  select q.cost
  from billing.quote_many((
    select
      jsonb_agg(
        jsonb_build_object(
          'model', 'm', 'usage', a.answer, 'service_tier', a.service_tier, 'variant', a.variant, 'region', a.region,
          'format', a.format
        )
        order by a.number
      )
    from asked as a
  )) as q
  order by q.index
  $$,
  'select a.cost::numeric from asked as a order by a.number', 'many at once'
);
select is(
  billing.quote('m', to_jsonb(tests.answer('{"service_tier": "flex"}')::text), format => 'openai_chat') ->> 'cost', '120',
  'as text, as a GET request has it'
);
select is(
  billing.quote('m', '{"input": 60}', service_tier => null, format => null) ->> 'service_tier', 'standard',
  'meters are standard unless told'
);
select is(
  (select q.cost from billing.quote_many('[{"model": "m", "usage": {"input": 1}, "service_tier": null, "format": null}]') as q),
  2::numeric, 'in a list too'
);

-- What the answer states and nothing prices is refused by name: the plain price would be another service's.
create temporary view attempt as
select
  a.*,
  format('select billing.quote(%L, %L, format => %L)', a.model, a.answer, a.format) as statement,
  format(
    'select billing.quote_many(%L)', jsonb_build_array(
      '{"model": "m", "usage": {"input": 1}}'::jsonb,
      jsonb_build_object('model', a.model, 'usage', a.answer, 'format', a.format)
    )
  ) as many
from (
  values
  ('plain', 'openai_chat', tests.answer('{"service_tier": "flex"}'), '{"service_tier": "flex"}'),
  ('plain', 'anthropic', tests.message('{"service_tier": "batch"}'), '{"service_tier": "batch"}'),
  ('m', 'openai_chat', tests.answer('{"service_tier": "ultrafast"}'), '{"service_tier": "ultrafast"}'),
  ('plain', 'anthropic', tests.message('{"speed": "fast"}'), '{"variant": "fast"}'),
  ('m', 'anthropic', tests.message('{"speed": "faster"}'), '{"variant": "faster"}'),
  ('m', 'anthropic', tests.message('{"inference_geo": "eu"}'), '{"region": "eu"}'),
  -- No row has both.
  ('m', 'anthropic', tests.message('{"speed": "fast", "inference_geo": "us"}'), '{"variant": "fast", "region": "us"}')
) as a (model, format, answer, stated);
select
  is(
    tests.error_of(a.statement) -> 'detail',
    a.stated::jsonb || jsonb_build_object('error', 'no_price', 'model', a.model, 'at', '2026-03-15T12:00:00+00:00'),
    'not the plain price: ' || a.stated
  )
from attempt as a;
select is(
  tests.error_of(a.many) -> 'detail',
  a.stated::jsonb
  || jsonb_build_object('error', 'no_price', 'model', a.model, 'at', '2026-03-15T12:00:00+00:00', 'index', 1),
  'nor in a list: ' || a.stated
)
from attempt as a
where a.model = 'plain';
select is(
  billing.quote('plain', tests.answer(), service_tier => 'flex', format => 'openai_chat') ->> 'cost', '220',
  'what a caller asks for has the standard price where it has no other'
);

select is(
  tests.error_of(format(
    'select billing.quote(%L, %L, service_tier => %L, format => %L)', 'm', tests.answer('{"service_tier": "flex"}'),
    'standard', 'openai_chat'
  )) -> 'detail',
  '{
    "error": "contradiction", "format": "openai_chat", "argument": "service_tier", "given": "standard", "stated": "flex"
  }',
  'a contradiction is refused'
);
select is(
  tests.error_of(format(
    'select billing.quote_many(%L)', jsonb_build_array(
      '{"model": "m", "usage": {"input": 1}}'::jsonb,
      jsonb_build_object(
        'model', 'm', 'usage', tests.answer('{"service_tier": "flex"}'), 'service_tier', 'standard', 'format', 'openai_chat'
      )
    )
  )) -> 'detail',
  '{
    "error": "contradiction", "format": "openai_chat", "argument": "service_tier", "given": "standard", "stated": "flex",
    "index": 1
  }',
  'in a list by its index'
);
select tests.refused(
  $$select billing.quote('m', '{"prompt_tokens": 1}', format => 'none')$$, 'unknown_format', 'PT422', 'another format'
);
select tests.refused(
  $$select billing.quote_many('[{"model": "m", "usage": {"prompt_tokens": 1}, "format": "none"}]')$$, 'unknown_format',
  'PT422', 'in a list too'
);
select tests.refused(
  $$select billing.quote_many('[{"model": "m", "usage": {"input": 1}, "stated": []}]')$$, 'invalid_argument', 'PT422',
  'what was read is not the caller''s to say'
);
-- The standard tier is no statement: whatever the prices.
select is(
  billing.quote('plain', tests.answer('{"service_tier": "default"}'), format => 'openai_chat') ->> 'cost', '220',
  'the default is standard'
);

select * from finish();
rollback;
