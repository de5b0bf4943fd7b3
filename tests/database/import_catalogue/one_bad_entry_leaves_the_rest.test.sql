begin;
set local search_path = tap, pg_catalog;
select plan(27);

create function pg_temp.model(p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_array('{"provider": "nimbus", "provider_model_key": "a", "name": "A"}'::jsonb || p_more)
$$;
create function pg_temp.price(p_more jsonb) returns jsonb language sql as $$
  select pg_temp.model(jsonb_build_object('prices', jsonb_build_array('{"meter": "input", "price": "1"}'::jsonb || p_more)))
$$;
create function pg_temp.import(p_models jsonb, p_strict boolean default false) returns jsonb language sql as $$
  select ai.import_catalogue(
    'litellm',
    p_models || '[{"provider": "nimbus", "provider_model_key": "good", "name": "Good", "prices": [{"meter": "input", "price": "1"}]}]',
    strict => p_strict
  )
$$;
select tests.freeze_clock('2026-03-01T00:00:00Z');
select pg_temp.import(pg_temp.price('{}'));

-- Each flaw is told, and the model that has it stays as it was: it is not gone.
select is(
  to_jsonb(array[r.report -> 'skipped', r.report -> 'models']),
  jsonb_build_array(
    jsonb_build_array(jsonb_build_object('model', b.model, 'problem', b.problem)),
    '{"added": 0, "changed": 0, "repriced": 0, "unchanged": 1, "removed": 0}'::jsonb
  ),
  b.problem
)
from (values
  (pg_temp.model('{"name": "A "}'), 'nimbus/a', 'its name is not one of at most 255 characters.'),
  (pg_temp.model('{"prices": {}}'), 'nimbus/a', 'its prices are not a JSON array.'),
  (pg_temp.model('{"aliases": [""]}'), 'nimbus/a', 'its aliases are not a JSON array of names of at most 255 characters.'),
  (pg_temp.model('{"attributes": {"context_window": 0}}'), 'nimbus/a', 'context_window and max_tokens are not whole numbers, or modality and task are not names.'),
  (pg_temp.model('{"attributes": {"release_date": "2026-02-31"}}'), 'nimbus/a', 'its release_date or deprecation_date is not a date.'),
  (pg_temp.model('{"attributes": {"status": "odd"}}'), 'nimbus/a', 'its status is not one of ai.model_status_enum.'),
  (pg_temp.model('{"attributes": {"capabilities": ["smiling"]}}'), 'nimbus/a', 'supports and capabilities are not JSON arrays of names, or of known capabilities.'),
  (pg_temp.model(jsonb_build_object('attributes', jsonb_build_object('description', repeat('a', 10001)))), 'nimbus/a', 'its description, provider_url or model_family is too long.'),
  (pg_temp.price('{"price": "-1"}'), 'nimbus/a', 'price of input: "-1" is not a number from 0 to below 1000000.'),
  (pg_temp.price('{"meter": "smiles"}'), 'nimbus/a', 'price of smiles: there is no such meter.'),
  (pg_temp.price('{"service_tier": "royal"}'), 'nimbus/a', 'price of input: there is no service tier "royal".'),
  (pg_temp.price('{"effective_from": "2026-02-31"}'), 'nimbus/a', 'price of input: its effective_from is not a time.'),
  (pg_temp.price('{"window_start": "00:00", "window_end": "01:00", "window_days": 1, "window_time_zone": "Moon/Crater"}'), 'nimbus/a', 'price of input: its window is not a start, another end, weekdays from 1 to 127 and a time zone.'),
  (pg_temp.model('{"prices": [{"meter": "input", "price": "1"}, {"meter": "input", "price": "2", "service_tier": "standard"}]}'), 'nimbus/a', 'it has two prices of input for the same thing.'),
  (pg_temp.model('{"problem": "its file says NaN."}'), 'nimbus/a', 'its file says NaN.')
) as b (models, model, problem)
cross join lateral pg_temp.import(b.models) as r (report);
select is(
  pg_temp.import(jsonb_build_array(pg_temp.model(jsonb_build_object('prices', (
    select jsonb_agg(jsonb_build_object('meter', 'input', 'price', '1', 'window_start', format('0%s:00', h),
      'window_end', format('0%s:30', h), 'window_days', 127, 'window_time_zone', 'UTC'))
    from generate_series(0, 6) as h
  ))) -> 0)) -> 'skipped',
  '[{"model": "nimbus/a", "problem": "it has prices for more than six daily windows."}]', 'seven windows'
);
select is((select status::text from ai.models where key = 'nimbus/a'), 'active', 'it is still there');
select is((select price_per_unit from ai.prices_in_force('nimbus/a')), 1::numeric, 'at its price');

-- Twice the same is one; twice otherwise is nothing that anybody could believe.
select is(
  pg_temp.import(pg_temp.price('{}') || pg_temp.price('{}')) -> 'skipped',
  '[{"model": "nimbus/a", "problem": "it is in the feed twice and says the same; read once."}]', 'the same twice'
);
select is(
  pg_temp.import(pg_temp.price('{}') || pg_temp.price('{"price": "2"}')) -> 'skipped',
  '[
    {"model": "nimbus/a", "problem": "it is in the feed twice, and the two do not say the same."},
    {"model": "nimbus/a", "problem": "it is in the feed twice, and the two do not say the same."}
  ]', 'two prices of one model'
);
select is((select price_per_unit from ai.prices_in_force('nimbus/a')), 1::numeric, 'move nothing');
select is(
  pg_temp.import('[7, {"name": "nobody"}]') -> 'skipped',
  '[
    {"model": "number 1", "problem": "it is not a JSON object."},
    {"model": "number 2", "problem": "its provider is not a lower-case key of at most 100 characters. its provider_model_key is not a name, or longer than 255 characters with provider and source."}
  ]', 'what has no name is told by its place'
);
select is((select status::text from ai.models where key = 'nimbus/a'), 'retired', 'what the feed does not have is gone');
select is((select count(*) from ai.prices_in_force('nimbus/good')), 1::bigint, 'all the while the other has its price');

-- The old way.
select tests.refused(
  format('select pg_temp.import(%L, true)', b.models), 'invalid_feed', 'PT422', 'strict: ' || b.what
)
from (values
  ('a flaw', pg_temp.price('{"price": "-1"}')), ('the same twice', pg_temp.price('{}') || pg_temp.price('{}'))
) as b (what, models);
select is(pg_temp.import('[]', true) -> 'skipped', '[]', 'strict: nothing to say');

select * from finish();
rollback;
