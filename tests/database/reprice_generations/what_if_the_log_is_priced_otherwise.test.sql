begin;
set local search_path = tap, pg_catalog;
select plan(14);

-- cheap: 1 then 2 from April on; dear: 10. Rate 100 credits, margin 0.5, increment 1.
select tests.make_user('ada');
select tests.make_model('cheap');
select tests.make_model('dear');
select tests.make_model('unpriced');
insert into ai.model_aliases (alias, model_id) values ('costly', tests.model_id('dear'));
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from) values
(tests.model_id('cheap'), 'input', 1, '2026-01-01Z'),
(tests.model_id('cheap'), 'input', 2, '2026-04-01Z'),
(tests.model_id('dear'), 'input', 10, '2026-01-01Z');
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, source) values
(tests.model_id('cheap'), 'input', 7, '2026-01-01Z', 'elsewhere');
insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from) values
('USD', 100, '2026-01-01Z'), ('USD', 200, '2026-05-01Z');
insert into billing.execution_margin_policies (margin, increment, effective_from) values (0.5, 1, '2026-01-01Z');

select count(*) from ai.backfill_generations(jsonb_build_array(
  jsonb_build_object('lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('cheap'),
    'usage', '{"input": 3}'::jsonb, 'created_at', '2026-03-10T00:00:00Z'),
  jsonb_build_object('lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('cheap'),
    'usage', '{"cache_read": 3}'::jsonb, 'created_at', '2026-04-10T00:00:00Z'),
  jsonb_build_object('lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('cheap'),
    'usage', '{"input_audio": 1}'::jsonb, 'created_at', '2026-05-10T00:00:00Z'),
  jsonb_build_object('lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('cheap'),
    'usage', '{"image": 1}'::jsonb, 'created_at', '2026-05-11T00:00:00Z')
));

create function tests.repriced(
  p_model text default null, p_source text default null, p_at timestamptz default null, p_margin numeric default null
) returns text
language sql
begin atomic
  select string_agg(
    coalesce(trim_scale(r.cost)::text, '-') || '/' || coalesce(trim_scale(r.credits)::text, '-'), ' '
    order by r.generation_id
  )
  from billing.reprice_generations('2026-01-01Z', '2026-06-01Z', p_model, p_source, p_at, p_margin) as r;
end;

select is(tests.repriced(), '3/450 6/900 2/600 -/-', 'as it was: 3×1, 3×2, 1×2 at the later rate, and no price is no zero');
select is(tests.repriced('costly'), '30/4500 30/4500 10/3000 -/-', 'another model, by its alias');
select is(tests.repriced(p_source => 'elsewhere'), '21/3150 21/3150 7/2100 -/-', 'another source');
select is(
  tests.repriced(p_at => '2026-02-01Z'), '3/450 3/450 1/150 -/-', 'another time: its prices, its rate'
);
select is(tests.repriced(p_margin => 0), '3/300 6/600 2/400 -/-', 'another margin');
select is(
  (select count(*) from billing.reprice_generations('2026-03-10Z', '2026-04-10Z')), 1::bigint,
  'since is inclusive, until is not'
);
select is(
  (select count(*) from billing.reprice_generations('0001-01-01Z', '9999-12-31Z')), 4::bigint, 'all there ever was'
);
select ai.backfill_generations(jsonb_build_array(jsonb_build_object(
  'lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('unpriced'), 'usage', '{"input": 0}'::jsonb,
  'created_at', '2026-02-01T00:00:00.000001Z'
)));
select is(
  (select count(*) from billing.reprice_generations('2026-02-01T00:00:00.000001Z', '2026-02-01T00:00:00.000002Z')), 1::bigint,
  'to the microsecond'
);
select is(
  (select count(*) from billing.reprice_generations('2026-02-01Z', '2026-02-01T00:00:00.000001Z')), 0::bigint,
  'at both ends'
);
select results_eq(
  $$select currency, cost, credits from billing.reprice_generations('2026-02-01Z', '2026-02-02Z')$$,
  $$values ('USD', 0::numeric, 0::numeric)$$, 'nothing used costs nothing, as a quote says'
);
select tests.refused(
  $$select * from billing.reprice_generations('2026-01-01Z', '2026-01-02Z', at => 'infinity')$$, 'invalid_time', 'PT422', 'never'
);
select tests.refused(
  $$select * from billing.reprice_generations('2026-01-02Z', '2026-01-01Z')$$, 'invalid_time', 'PT422', 'backwards'
);
select tests.refused(
  $$select * from billing.reprice_generations('2026-01-01Z', '2026-01-02Z', margin => 'NaN')$$, 'invalid_argument',
  'PT422', 'no number'
);
select tests.authenticate_as('ada');
select tests.refused(
  $$select * from billing.reprice_generations('2026-01-01Z', '2026-06-01Z')$$, 'not_allowed', '42501',
  'nobody else asks'
);

select * from finish();
rollback;
