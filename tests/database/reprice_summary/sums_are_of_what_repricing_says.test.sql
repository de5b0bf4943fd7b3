begin;
set local search_path = tap, pg_catalog;
select plan(12);

-- An input token of cheap costs 1, of dear 10. Rate 100 credits, margin 0.5, increment 1.
select tests.make_user('ada');
select tests.make_user('bob');
select tests.make_admin('root');
select tests.make_model('cheap');
select tests.make_model('dear', 'beta');
select tests.make_model('abroad');
select tests.make_price('cheap', 'input', 1, '2026-01-01Z');
select tests.make_price('dear', 'input', 10, '2026-01-01Z');
update ai.models set price_currency = 'EUR' where key = 'abroad';
select tests.make_price('abroad', 'input', 2, '2026-01-01Z', p_currency => 'EUR');
select tests.make_rate(100);
select tests.make_policy(0.5, p_increment => 1);
insert into ai.features (key) values ('chat');
select count(*) from ai.backfill_generations(jsonb_build_array(
  jsonb_build_object('lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('cheap'), 'feature_key', 'chat',
    'usage', '{"input": 3}'::jsonb, 'created_at', '2026-03-10T22:59:59.999999Z'),
  jsonb_build_object('lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('dear'), 'feature_key', 'chat',
    'usage', '{"input": 2}'::jsonb, 'created_at', '2026-03-10T23:00:00Z'),
  jsonb_build_object('lenser_id', tests.user_id('bob'), 'model_id', tests.model_id('cheap'),
    'usage', '{"input": 4}'::jsonb, 'created_at', '2026-04-11T00:00:00Z'),
  jsonb_build_object('lenser_id', tests.user_id('bob'), 'model_id', tests.model_id('cheap'),
    'usage', '{"image": 4}'::jsonb, 'created_at', '2026-04-11T00:00:00Z'),
  jsonb_build_object('lenser_id', tests.user_id('bob'), 'model_id', tests.model_id('abroad'),
    'usage', '{"input": 1}'::jsonb, 'created_at', '2026-04-12T00:00:00Z')
));

create function tests.summed(
  p_by text, p_zone text default 'UTC', p_model text default null, p_margin numeric default null
) returns text
language sql stable
return (
  select string_agg(
    format(
      '%s%s %s: %s %s -%s -%s', r.key || ' ', r.currency, r.generations, r.cost, r.credits, r.without_cost, r.without_credits
    ),
    '; ' order by r.key, r.currency
  )
  from billing.reprice_summary('2026-01-01Z', '2026-06-01Z', p_by, p_zone, p_model, margin => p_margin) as r
);

select tests.as_service();
select is(
  tests.summed(null), 'EUR 1: 2 0 -0 -1; USD 4: 27 4050 -1 -1', 'in all: 3 + 20 + 4 at 150, currencies apart, and what has no rate'
);
select is(
  tests.summed('model'), 'abroad EUR 1: 2 0 -0 -1; cheap USD 3: 7 1050 -1 -1; dear USD 1: 20 3000 -0 -0', 'by model'
);
select is(tests.summed('provider'), 'acme EUR 1: 2 0 -0 -1; acme USD 3: 7 1050 -1 -1; beta USD 1: 20 3000 -0 -0', 'by provider');
select is(tests.summed('feature'), 'chat USD 2: 23 3450 -0 -0; EUR 1: 2 0 -0 -1; USD 2: 4 600 -1 -1', 'by feature, and what has none');
select is(
  tests.summed('lenser'),
  (
    select string_agg(
      tests.user_id(w.name) || case w.name when 'ada' then ' USD 2: 23 3450 -0 -0' else ' EUR 1: 2 0 -0 -1; ' || tests.user_id(w.name) || ' USD 2: 4 600 -1 -1' end,
      '; ' order by tests.user_id(w.name)::text
    )
    from (values ('ada'), ('bob')) as w (name)
  ),
  'by lenser'
);
select is(
  tests.summed('day'),
  '2026-03-10 USD 2: 23 3450 -0 -0; 2026-04-11 USD 2: 4 600 -1 -1; 2026-04-12 EUR 1: 2 0 -0 -1', 'by day of UTC'
);
select is(
  tests.summed('day', 'Europe/Berlin'),
  '2026-03-10 USD 1: 3 450 -0 -0; 2026-03-11 USD 1: 20 3000 -0 -0; 2026-04-11 USD 2: 4 600 -1 -1; 2026-04-12 EUR 1: 2 0 -0 -1',
  'or of a zone'
);
select is(tests.summed('month', p_model => 'dear', p_margin => 0), '2026-03 USD 2: 50 5000 -0 -0; 2026-04 USD 3: 50 5000 -1 -1', 'another model, another margin');
select tests.refused($$select * from billing.reprice_summary('2026-01-01Z', '2026-02-01Z', 'colour')$$, 'invalid_argument', 'PT422', 'by colour');
select tests.refused(
  $$select * from billing.reprice_summary('2026-01-01Z', '2026-02-01Z', 'day', 'XYZ+0:07')$$, 'invalid_argument', 'PT422', 'no zone'
);
select tests.authenticate_as('root');
select is(tests.summed(null), 'EUR 1: 2 0 -0 -1; USD 4: 27 4050 -1 -1', 'an admin may');
select tests.authenticate_as('ada');
select tests.refused($$select * from billing.reprice_summary('2026-01-01Z', '2026-02-01Z')$$, 'not_allowed', '42501', 'nobody else asks');

select * from finish();
rollback;
