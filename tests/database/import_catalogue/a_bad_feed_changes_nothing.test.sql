begin;
set local search_path = tap, pg_catalog;
select plan(28);

create function pg_temp.model(p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_array('{"provider": "nimbus", "provider_model_key": "a", "name": "A"}'::jsonb || p_more)
$$;
create function pg_temp.price(p_more jsonb) returns jsonb language sql as $$
  select pg_temp.model(jsonb_build_object('prices', jsonb_build_array('{"meter": "input", "price": "1"}'::jsonb || p_more)))
$$;
create temporary table bad (what text, feed jsonb);
insert into bad values
('no array', '{}'), ('nothing', '[]'), ('null', 'null'), ('a number for a model', '[1]'),
('no provider', '[{"provider_model_key": "a", "name": "A"}]'),
('a provider that is no key', pg_temp.model('{"provider": "No Key"}')),
('a name of 10 MB', pg_temp.model(jsonb_build_object('provider_model_key', repeat('a', 10000000)))),
('a display name of 256', pg_temp.model(jsonb_build_object('name', repeat('a', 256)))),
('a model twice', pg_temp.model() || pg_temp.model()),
('prices that are no array', pg_temp.model('{"prices": {}}')),
('aliases that are no names', pg_temp.model('{"aliases": [""]}')),
('a context window of zero', pg_temp.model('{"attributes": {"context_window": 0}}')),
('a date that is none', pg_temp.model('{"attributes": {"release_date": "2026-02-31"}}')),
('a negative price', pg_temp.price('{"price": "-1"}')),
('a price of NaN', pg_temp.price('{"price": "NaN"}')),
('an infinite price', pg_temp.price('{"price": "Infinity"}')),
('an absurd price', pg_temp.price('{"price": "1000000"}')),
('a huge exponent', pg_temp.price('{"price": "1e-999999"}')),
('a word for a price', pg_temp.price('{"price": "free"}')),
('no price', pg_temp.price('{"price": null}')),
('an unknown meter', pg_temp.price('{"meter": "smiles"}')),
('an unknown service tier', pg_temp.price('{"service_tier": "royal"}')),
('an unknown currency', pg_temp.price('{"currency": "euro"}')),
('half a window', pg_temp.price('{"window_start": "00:00"}')),
('an unknown time zone', pg_temp.price('{"window_start": "00:00", "window_end": "01:00", "window_days": 1, "window_time_zone": "Moon/Crater"}')),
('a price twice', pg_temp.model('{"prices": [{"meter": "input", "price": "1"}, {"meter": "input", "price": "2", "service_tier": "standard"}]}'));
create temporary table was as
select (select count(*) from ai.models) as models, (select count(*) from ai.providers) as providers, (select count(*) from ai.model_pricing) as prices;

select tests.refused(
  format('select ai.import_catalogue(%L, %L::jsonb || %L, strict => true)', 'litellm', case when jsonb_typeof(feed) = 'array' then '[{"provider": "nimbus", "provider_model_key": "good", "name": "Good"}]' else 'null' end, feed),
  'invalid_feed', 'PT422', what
) from bad where what <> 'nothing'
union all
select tests.refused('select ai.import_catalogue(''litellm'', ''[]'')', 'invalid_feed', 'PT422', 'nothing');
select results_eq(
  'select (select count(*) from ai.models), (select count(*) from ai.providers), (select count(*) from ai.model_pricing)',
  'select * from was', 'nothing is changed'
);
select is(
  tests.error_of($$ select ai.import_catalogue('litellm', '[{"provider": "nimbus", "provider_model_key": "a", "name": "A", "prices": [{"meter": "input", "price": "-1"}, {"meter": "smiles", "price": "1"}]}]') $$) #> '{detail,problems}',
  '["nimbus/a: price of input: \"-1\" is not a number from 0 to below 1000000. price of smiles: there is no such meter."]'::jsonb,
  'what is left out is named, where nothing is left'
);

select * from finish();
rollback;
