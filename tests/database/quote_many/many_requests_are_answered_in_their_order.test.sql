begin;
set local search_path = tap, pg_catalog;
select plan(5);

select tests.make_model('gpt-4o-mini', 'openai');
select tests.make_price('gpt-4o-mini', 'input', 0.00000015);
select tests.make_price('gpt-4o-mini', 'output', 0.0000006);
select tests.make_price('gpt-4o-mini', 'input', 0.0000001, '2026-03-10T00:00:00Z');
select tests.make_price('gpt-4o-mini', 'input', 0.00000005, '2026-03-10T00:00:00Z', p_service_tier => 'batch');
select tests.make_model('dall-e-3', 'openai', p_valid_sizes => '{1024x1024}');
insert into ai.model_aliases (alias, model_id) values ('openai/dall-e-3', tests.model_id('dall-e-3'));
select tests.make_price('dall-e-3', 'image', 0.040);
select tests.make_price('dall-e-3', 'image', 0.080, p_variant => 'poster', p_region => 'eu');
insert into ai.features (key) values ('draw');
select tests.make_rate(1000);
select tests.make_policy(0.30);
select tests.make_policy(1, p_feature => 'draw');
select tests.freeze_clock('2026-03-15T12:00:00Z');

select tests.as_anon();
-- 1000 × 0.15/M + 500 × 0.60/M = 0.00045; × 1300 = 0.585
-- 1000 × 0.10/M + 500 × 0.60/M = 0.0004; × 1300 = 0.52
-- 1000 × 0.05/M + 500 × 0.60/M = 0.00035; × 1300 = 0.455
-- 2 × 0.04 = 0.08; × 1300 = 104; for a drawing × 2000 = 160
-- 1 × 0.08; × 2000 = 160
select results_eq(
  format(
    $$select * from billing.quote_many(%L)$$,
    jsonb_build_array(
      '{"model": "gpt-4o-mini", "usage": {"input": 1000, "output": 500}, "at": "2026-03-09T23:59:59Z"}'::jsonb,
      '{"model": "gpt-4o-mini", "usage": {"input": 1000, "output": 500}, "region": "eu", "variant": null}'::jsonb,
      '{"model": "gpt-4o-mini", "usage": {"input": 1000, "output": 500}, "service_tier": "batch"}'::jsonb,
      '{"model": "openai/dall-e-3", "usage": {"image": 2}, "feature": null}'::jsonb,
      '{"model": "dall-e-3", "usage": {"image": 2}, "feature": "draw", "variant": "1024x1024"}'::jsonb,
      jsonb_build_object('model', tests.model_id('dall-e-3'))
      || '{"usage": {"image": 1, "input": 0}, "feature": "draw", "variant": "poster", "region": "eu"}',
      '{"model": "gpt-4o-mini", "usage": {"image": 0}}'::jsonb
    )
  ),
  $$
  values
  (0, 'gpt-4o-mini', 'USD', 0.00045, 0.585),
  (1, 'gpt-4o-mini', 'USD', 0.0004, 0.52),
  (2, 'gpt-4o-mini', 'USD', 0.00035, 0.455),
  (3, 'dall-e-3', 'USD', 0.08, 104),
  (4, 'dall-e-3', 'USD', 0.08, 160),
  (5, 'dall-e-3', 'USD', 0.08, 160),
  (6, 'gpt-4o-mini', 'USD', 0, 0)
  $$,
  'each by its own model, usage, feature, tier, variant, region and time'
);
select is_empty($$select * from billing.quote_many('[]')$$, 'none of none');
select is(
  (select q.credits from billing.quote_many(to_jsonb('[{"model": "dall-e-3", "usage": {"image": 1}}]'::text)) as q),
  52::numeric, 'the array as a string, as a GET request has it'
);
select is(
  (
    select sum(q.credits)
    from billing.quote_many(
      (
        select jsonb_agg('{"model": "dall-e-3", "usage": {"image": 1}}'::jsonb) from generate_series(1, 1000)
      )
    ) as q
  ),
  52000::numeric, 'a thousand at once'
);
select is(
  tests.error_of(
    format(
      $$select billing.quote_many(%L)$$,
      (select jsonb_agg('{"model": "dall-e-3", "usage": {"image": 1}}'::jsonb) from generate_series(1, 1001))
    )
  ),
  '{
    "code": "PT422", "message": "A call prices at most 1,000 requests.", "hint": "Ask in parts.", "constraint": "",
    "column": "", "detail": {"error": "invalid_argument", "requests": 1001, "at_most": 1000}
  }'::jsonb,
  'and no more'
);

select * from finish();
rollback;
