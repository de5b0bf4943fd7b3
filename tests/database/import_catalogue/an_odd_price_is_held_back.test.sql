begin;
set local search_path = tap, pg_catalog;
select plan(29);

-- "model meter price …" → a feed of provider lab.
create function pg_temp.feed(variadic p_prices text[]) returns jsonb language sql as $$
  select jsonb_agg(jsonb_build_object(
    'provider', 'lab', 'provider_model_key', m.model, 'name', m.model, 'aliases', array['called-' || m.model],
    'prices', m.prices
  ))
  from (
    select split_part(p, ' ', 1) as model,
      jsonb_agg(jsonb_build_object('meter', split_part(p, ' ', 2), 'price', split_part(p, ' ', 3))) as prices
    from unnest(p_prices) as p
    group by 1
  ) as m
$$;
create function pg_temp.held(p_report jsonb) returns text language sql as $$
  select coalesce(string_agg(concat_ws(
    ' ', h.p ->> 'model', h.p ->> 'meter', h.p ->> 'price', h.p ->> 'in_force', h.p ->> 'reason', h.p ->> 'beside'
  ), ', ' order by h.p ->> 'model', h.p ->> 'meter'), '-')
  from jsonb_array_elements(p_report -> 'held') as h (p)
$$;
create function pg_temp.price(p_model text, p_meter text default 'input') returns text language sql as $$
  select trim_scale(p.price_per_unit)::text from ai.prices_in_force('lab/' || p_model) as p where p.meter = p_meter
$$;
create function pg_temp.day(p_day integer) returns void language sql as $$
  select tests.freeze_clock('2026-03-01T00:00:00Z'::timestamptz + make_interval(days => p_day))
$$;

-- A jump, up or down; ten times is none.
select pg_temp.day(1);
select is(
  pg_temp.held(ai.import_catalogue('litellm', pg_temp.feed('a input 0.000001', 'b input 0.000001', 'c input 0.000001', 'd input 0.000001'))),
  '-', 'first'
);
select pg_temp.day(2);
select is(
  pg_temp.held(ai.import_catalogue('litellm', pg_temp.feed('a input 0.00001', 'b input 0.0000101', 'c input 0.0000001', 'd input 0.00000009'))),
  'lab/b input 0.0000101 0.000001 jump 0.000001, lab/d input 0.00000009 0.000001 jump 0.000001',
  'more than ten times is held back, either way'
);
select is(pg_temp.price(m), p, 'price of ' || m)
from (values ('a', '0.00001'), ('b', '0.000001'), ('c', '0.0000001'), ('d', '0.000001')) as v (m, p);
select is(
  ai.import_catalogue('litellm', pg_temp.feed('a input 0.00001', 'b input 0.0000101', 'c input 0.0000001', 'd input 0')) -> 'held' -> 1,
  '{
    "model": "lab/d", "meter": "input", "service_tier": "standard", "currency": "USD", "price": "0", "in_force": "0.000001",
    "reason": "jump", "beside": "0.000001", "effective_from": "2026-03-03T00:00:00+00:00"
  }', 'so is what becomes free of a sudden'
);
-- By name: key, name of the feed, or alias.
select is(
  pg_temp.held(ai.import_catalogue('litellm', pg_temp.feed('a input 0.00001', 'b input 0.0000101', 'c input 0.0000001', 'd input 0'), accept => '{nobody}')),
  'lab/b input 0.0000101 0.000001 jump 0.000001, lab/d input 0 0.000001 jump 0.000001', 'another name accepts nothing'
);
select is(
  pg_temp.held(ai.import_catalogue('litellm', pg_temp.feed('a input 0.00001', 'b input 0.0000101', 'c input 0.0000001', 'd input 0'), accept => '{called-b}')),
  'lab/d input 0 0.000001 jump 0.000001', 'its own name accepts it'
);
select is(pg_temp.price('b'), '0.0000101', 'now it is the price');
select is(
  ai.import_catalogue('litellm', pg_temp.feed('a input 0.00001', 'b input 0.0000101', 'c input 0.0000001', 'd input 0'), accept => '{lab/d}') -> 'held',
  '[]', 'by its key'
);
select is(pg_temp.price('d'), '0', 'free');
select is(
  pg_temp.held(ai.import_catalogue('litellm', pg_temp.feed('a input 0.00001', 'b input 0.0000101', 'c input 0.0000001', 'd input 0'))),
  '-', 'what was accepted is not asked again'
);
-- From free no number is a jump: the other models of the provider say what is usual.
select pg_temp.day(3);
select is(
  pg_temp.held(ai.import_catalogue('litellm', pg_temp.feed('a input 0.00001', 'b input 0.0000101', 'c input 0.0000001', 'd input 0.000001'))),
  '-', 'no longer free'
);

-- At first sight: 0.135 USD a token beside models a hundred thousand times cheaper.
select is(
  pg_temp.held(ai.import_catalogue('litellm', pg_temp.feed(
    'a input 0.00001', 'b input 0.0000101', 'c input 0.0000001', 'd input 0.000001',
    'r1 input 0.135', 'r1 output 0.54', 'r2 input 0.27', 'e input 0.001', 'e output 0.000001'
  ))),
  -- Beside r1, least first: c 1e-7, d 1e-6, a 1e-5, b 1.01e-5, e 1e-3, r2 0.27; of six the third.
  'lab/r1 input 0.135 first_sight 0.00001, lab/r1 output 0.54 first_sight 0.000001, lab/r2 input 0.27 first_sight 0.00001',
  'more than a thousand times the median of its provider''s other models'
);
select is(pg_temp.price('r1'), null, 'it is no price');
select tests.make_rate();
select tests.refused($$select billing.quote('lab/r1', '{"input": 1}')$$, 'no_price', 'PT422', 'but an error');
select is(pg_temp.price('e'), '0.001', 'a thousand times is none');
select is(
  (select string_agg(key, ' ' order by key) from ai.models where key like 'lab/r_'), 'lab/r1 lab/r2', 'the models are there'
);
select is(
  pg_temp.held(ai.import_catalogue('litellm', pg_temp.feed(
    'a input 0.00001', 'b input 0.0000101', 'c input 0.0000001', 'd input 0.000001',
    'r1 input 0.135', 'r1 output 0.54', 'r2 input 0.27', 'e input 0.001', 'e output 0.000001'
  ), accept => '{r1,lab/r1}')),
  'lab/r2 input 0.27 first_sight 0.00001', 'one is accepted'
);
select is(pg_temp.price('r1') || ' ' || pg_temp.price('r1', 'output'), '0.135 0.54', 'with all its prices');
select pg_temp.day(4);
select is(
  pg_temp.held(ai.import_catalogue('litellm', pg_temp.feed(
    'a input 0.00001', 'b input 0.0000101', 'c input 0.0000001', 'd input 0.000001', 'r1 input 0.136', 'r1 output 0.54',
    'r2 input 0.27', 'e input 0.001', 'e output 0.000001'
  ))),
  'lab/r2 input 0.27 first_sight 0.00001', 'who is known is not looked at as a stranger'
);
-- Free models and other currencies say nothing of what is usual; alone, nothing is odd.
select is(
  pg_temp.held(ai.import_catalogue('openrouter', '[
    {"provider": "solo", "provider_model_key": "a", "name": "a", "prices": [{"meter": "input", "price": "0.135"}]},
    {"provider": "solo", "provider_model_key": "b", "name": "b", "prices": [{"meter": "input", "price": "0"}]},
    {"provider": "solo", "provider_model_key": "c", "name": "c", "prices": [{"meter": "input", "price": "0.000001", "currency": "EUR"}]},
    {"provider": "solo", "provider_model_key": "d", "name": "d", "prices": [{"meter": "output", "price": "0.000001"}]}
  ]')), '-', 'nothing to compare with'
);

-- What other sources say of the same model and meter.
select is(
  pg_temp.held(ai.import_catalogue('models.dev', pg_temp.feed('a input 0.0001', 'b input 0.000102', 'c input 0.00000001', 'z input 5'))),
  'lab/b input 0.000102 other_sources 0.0000101, lab/z input 5 first_sight 0.00001',
  'more than ten times beyond another source; less is no matter'
);
select is(
  (select count(*) from ai.model_pricing where source = 'models.dev' and model_id = tests.model_id('lab/b')), 0::bigint,
  'it is not written for that source'
);
select pg_temp.day(5);
select is(
  pg_temp.held(ai.import_catalogue('models.dev', pg_temp.feed('a input 0.00011', 'b input 0.0001', 'c input 0.00000001'))),
  'lab/a input 0.00011 0.0001 other_sources 0.00001', 'a small step beyond it, too'
);
select is(
  pg_temp.held(ai.import_catalogue('models.dev', pg_temp.feed('a input 0.00011', 'b input 0.0001', 'c input 0.00000001'), dry_run => true, accept => '{a,lab/a}')),
  '-', 'a dry run accepts as well'
);
select is(
  (select trim_scale(max(price_per_unit))::text from ai.model_pricing where source = 'models.dev' and model_id = tests.model_id('lab/a')),
  '0.0001', 'and writes nothing'
);

-- A price that ends is never odd, and one that comes back is a stranger.
select is(
  ai.import_catalogue('models.dev', pg_temp.feed('a output 1')) #> '{prices,withdrawn}', '3', 'ends are written'
);

select * from finish();
rollback;
