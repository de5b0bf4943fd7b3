begin;
set local search_path = tap, pg_catalog;
select plan(27);

select tests.make_admin('root');
create function pg_temp.import(p_prices jsonb) returns jsonb language sql as $$
  select ai.import_catalogue('litellm', jsonb_build_array(jsonb_build_object(
    'provider', 'lab', 'provider_model_key', 'r1', 'name', 'r1', 'prices', p_prices
  )))
$$;
create function pg_temp.price(p_meter text, p_at timestamptz default null) returns text language sql security definer as $$
  select trim_scale(p.price_per_unit)::text
  from ai.prices_in_force('lab/r1', coalesce(p_at, ratebook.clock())) as p
  where p.meter = p_meter and p.service_tier = 'standard'
$$;

-- A feed says 0.135 USD a token, an admin 0.00000135.
select tests.freeze_clock('2026-03-01T00:00:00Z');
select pg_temp.import('[{"meter": "input", "price": "0.135"}, {"meter": "output", "price": "0.54"}]');
select tests.freeze_clock('2026-03-02T00:00:00Z');
select tests.authenticate_as('root');
select results_eq(
  $$select source, is_pinned from ai.schedule_price('lab/r1', 'input', 0.00000135)$$, $$values ('litellm', true)$$,
  'what an admin sets is pinned'
);
select tests.as_service();
select tests.reset_role();
select tests.freeze_clock('2026-03-03T00:00:00Z');
create temporary table report as
select pg_temp.import('[{"meter": "input", "price": "0.135"}, {"meter": "output", "price": "0.54"}]') as said;
select is(pg_temp.price('input'), '0.00000135', 'the next import leaves it in force');
select is(
  said -> 'pinned',
  '[{
    "model": "lab/r1", "meter": "input", "service_tier": "standard", "currency": "USD", "price": "0.135",
    "in_force": "0.00000135", "effective_from": "2026-03-03T00:00:00+00:00"
  }]', 'and says what it would have set'
) from report;
select is(
  said -> 'prices', '{"added": 0, "changed": 0, "unchanged": 1, "withdrawn": 0}', 'it wrote none'
) from report;
select is(
  pg_temp.import('[{"meter": "input", "price": "0.00000135"}, {"meter": "output", "price": "0.54"}]') -> 'pinned', '[]',
  'nothing to say where both agree'
);

-- For its conditions alone.
select pg_temp.import('[
  {"meter": "input", "price": "0.135"}, {"meter": "input", "price": "0.06", "service_tier": "batch"}, {"meter": "output", "price": "0.5"}
]');
select is(pg_temp.price('output'), '0.5', 'another meter follows the feed');
select is(
  (select trim_scale(price_per_unit)::text from ai.prices_in_force('lab/r1') where service_tier = 'batch'), '0.06',
  'another service tier too'
);

-- A pin outlives the feed's key, and the model's absence.
select is(
  pg_temp.import('[{"meter": "output", "price": "0.5"}]') #> '{pinned,0,price}', 'null', 'a key that is gone would have ended it'
);
select is(pg_temp.price('input'), '0.00000135', 'it stays');

-- Given back.
select tests.make_user('ada');
select tests.authenticate_as('ada');
select tests.refused($$select ai.unpin_price('lab/r1')$$, 'not_allowed', '42501', 'not by anybody');
select tests.authenticate_as('root');
select is_empty($$select ai.unpin_price('lab/r1', 'output')$$, 'the feed''s own price is not pinned');
select is_empty($$select ai.unpin_price('lab/r1', service_tier => 'batch')$$, 'nor is another tier''s');
select tests.refused($$select ai.unpin_price('lab/r1', 'inptu')$$, 'unknown_meter', 'PT422', 'an unknown meter');
select tests.refused($$select ai.unpin_price('lab/r2')$$, 'unknown_model', 'PT404', 'an unknown model');
select results_eq(
  $$
  select meter, price_per_unit, effective_from, revision, is_pinned, ai.created_by(p)
  from ai.unpin_price('lab/r1', 'input') as p
  $$,
  format($$values ('input', 0.00000135, '2026-03-02T00:00:00Z'::timestamptz, 1, false, %L::uuid)$$, tests.user_id('root')),
  'an admin takes the pin away: the same price, a revision later'
);
select is(pg_temp.price('input'), '0.00000135', 'which changes no price');
select tests.reset_role();
select tests.freeze_clock('2026-03-04T00:00:00Z');
select pg_temp.import('[{"meter": "input", "price": "0.000002"}, {"meter": "output", "price": "0.5"}]');
select is(pg_temp.price('input'), '0.000002', 'until the next import');
select is(pg_temp.price('input', '2026-03-03T12:00:00Z'), '0.00000135', 'the past stays');

-- The amount that is there already: who sets it wants it to stay.
select is((select count(*) from ai.schedule_price('lab/r1', 'input', 0.000002)), 1::bigint, 'the same amount is pinned');
select is((select count(*) from ai.schedule_price('lab/r1', 'input', 0.000002)), 0::bigint, 'once');
select pg_temp.import('[{"meter": "input", "price": "0.000003"}, {"meter": "output", "price": "0.5"}]');
select is(pg_temp.price('input'), '0.000002', 'and stays');
-- An end is a price too, and one to come waits its turn.
select ai.schedule_price('lab/r1', 'output', null, '2026-03-06T00:00:00Z');
select tests.freeze_clock('2026-03-05T00:00:00Z');
select pg_temp.import('[{"meter": "input", "price": "0.000003"}, {"meter": "output", "price": "0.4"}]');
select is(pg_temp.price('output'), '0.4', 'until its day the feed has its say');
select is(pg_temp.price('output', '2026-03-07T00:00:00Z'), null, 'from then on the admin');

-- Direct SQL is a person's word as well, unless it says that it is not.
insert into ai.model_pricing (model_id, meter, price_per_unit, source, is_pinned)
values (tests.model_id('lab/r1'), 'image', 7, 'litellm', true), (tests.model_id('lab/r1'), 'request', 7, 'litellm', false);
select tests.freeze_clock('2026-03-08T00:00:00Z');
select pg_temp.import('[{"meter": "image", "price": "2"}, {"meter": "request", "price": "2"}]');
select is(pg_temp.price('image'), '7', 'pinned');
select is(pg_temp.price('request'), '2', 'not pinned');
select is(
  (select string_agg(r.pin ->> 'meter', ' ' order by r.pin ->> 'meter') from jsonb_array_elements(
    pg_temp.import('[{"meter": "image", "price": "2"}, {"meter": "request", "price": "2"}]') -> 'pinned'
  ) as r (pin)),
  'image input', 'each import tells both'
);
-- Other sources have no business with it.
select is(
  ai.import_catalogue('genai-prices', '[{"provider": "lab", "provider_model_key": "r1", "name": "r1",
    "prices": [{"meter": "image", "price": "3"}]}]') -> 'pinned', '[]', 'a pin is for its source'
);

select * from finish();
rollback;
