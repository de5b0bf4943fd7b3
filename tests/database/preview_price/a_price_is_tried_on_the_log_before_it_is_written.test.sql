begin;
set local search_path = tap, pg_catalog;
select plan(17);

-- An input token of cheap costs 1, and 2 from April on. Rate 100 credits, margin 0.5, increment 1.
select tests.make_user('ada');
select tests.make_admin('root');
select tests.make_model('cheap');
select tests.make_model('other');
select tests.make_price('cheap', 'input', 1, '2026-01-01Z');
select tests.make_price('cheap', 'input', 2, '2026-04-01Z');
select tests.make_price('other', 'input', 9, '2026-01-01Z');
select tests.make_rate(100);
select tests.make_policy(0.5, p_increment => 1);
select count(*) from ai.backfill_generations(jsonb_build_array(
  jsonb_build_object('lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('cheap'),
    'usage', '{"input": 3}'::jsonb, 'created_at', '2026-03-10T00:00:00Z'),
  jsonb_build_object('lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('cheap'),
    'usage', '{"input": 1, "cache_read": 2}'::jsonb, 'created_at', '2026-04-10T00:00:00Z'),
  jsonb_build_object('lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('cheap'),
    'usage', '{"image": 1}'::jsonb, 'created_at', '2026-04-11T00:00:00Z'),
  jsonb_build_object('lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('other'),
    'usage', '{"input": 1}'::jsonb, 'created_at', '2026-04-12T00:00:00Z')
));

create function tests.previewed(
  p_meter text, p_price numeric, p_from timestamptz default null, p_source text default null, p_tier text default 'standard'
) returns text
language sql stable
return (
  select string_agg(
    format(
      '%s %s/%s: %s>%s, %s>%s, %s>%s', p.currency, p.changed, p.generations, p.cost_before, p.cost_after, p.credits_before,
      p.credits_after, p.without_cost_before, p.without_cost_after
    ), '; '
  )
  from ai.preview_price(
    'cheap', p_meter, p_price, p_from, service_tier => p_tier, source => p_source, since => '2026-02-01Z',
    until => '2026-06-01Z'
  ) as p
);

-- Before: 3 × 1, 3 × 2, and an image without a price. Credits: 3 × 100 × 1.5, and 6 × 100 × 1.5.
select tests.as_service();
select is(tests.previewed('input', 5), 'USD 2/3: 9>30, 1350>4500, 1>1', 'all the while: 3 × 5 and 3 × 5');
select is(
  tests.previewed('input', 5, '2026-03-01Z'), 'USD 1/3: 9>21, 1350>3150, 1>1', 'from March on, until the price of April takes over'
);
select is(tests.previewed('input', 5, '2026-04-05Z'), 'USD 1/3: 9>18, 1350>2700, 1>1', 'from a day in April on');
select is(tests.previewed('input', 5, '2027-01-01Z'), 'USD 2/3: 9>30, 1350>4500, 1>1', 'ahead: as if it had been all the while');
select is(tests.previewed('cache_read', 0), 'USD 1/3: 9>5, 1350>750, 1>1', 'a meter of its own, which fell back before');
select is(tests.previewed('image', 4), 'USD 1/3: 9>13, 1350>1950, 1>0', 'what had no price has one');
select is(tests.previewed('input', null), 'USD 2/3: 9>0, 1350>0, 1>3', 'withdrawn: no price is no zero');
select is(tests.previewed('input', 2, '2026-04-05Z'), 'USD 0/3: 9>9, 1350>1350, 1>1', 'what is in force already');
select is(tests.previewed('input', 5, p_source => 'elsewhere'), 'USD 0/3: 9>9, 1350>1350, 1>1', 'a source that it does not follow');
select is(tests.previewed('input', 5, p_tier => 'batch'), 'USD 0/3: 9>9, 1350>1350, 1>1', 'the log knows no service tier');
select is((select count(*) from ai.model_pricing), 3::bigint, 'and nothing is written');

-- Written, it is what the log says.
select ai.schedule_price('cheap', 'input', 5, d.at) from (values ('2026-02-01Z'::timestamptz), ('2026-04-01Z')) as d (at);
select results_eq(
  $$
  select trim_scale(sum(r.cost)), trim_scale(sum(r.credits))
  from billing.reprice_generations('2026-02-01Z', '2026-06-01Z') as r
  where r.model_id = tests.model_id('cheap')
  $$,
  'values (30::numeric, 4500::numeric)', 'as previewed'
);

select tests.refused($$select * from ai.preview_price('cheap', 'thought', 1)$$, 'unknown_meter', 'PT422', 'no meter');
select tests.refused($$select * from ai.preview_price('none', 'input', 1)$$, 'unknown_model', 'PT404', 'no model');
select tests.refused(
  $$select * from ai.preview_price('cheap', 'input', 1, since => '2026-02-02Z', until => '2026-02-01Z')$$, 'invalid_time', 'PT422',
  'backwards'
);
select tests.authenticate_as('root');
select is(tests.previewed('input', 5), 'USD 0/3: 30>30, 4500>4500, 1>1', 'an admin may');
select tests.authenticate_as('ada');
select tests.refused($$select * from ai.preview_price('cheap', 'input', 1)$$, 'not_allowed', '42501', 'nobody else asks');

select * from finish();
rollback;
