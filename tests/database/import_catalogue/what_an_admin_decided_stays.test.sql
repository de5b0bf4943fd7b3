begin;
set local search_path = tap, pg_catalog;
select plan(7);

create function pg_temp.import(p_prices jsonb, p_attributes jsonb default '{}', p_dry_run boolean default false) returns jsonb
language sql as $$
  select ai.import_catalogue('litellm', jsonb_build_array(jsonb_build_object(
    'provider', 'nimbus', 'provider_model_key', 'm', 'name', 'M', 'prices', p_prices, 'attributes', p_attributes
  )), dry_run => p_dry_run)
$$;

select tests.freeze_clock('2026-03-01T00:00:00Z');
select pg_temp.import('[]');
select pg_temp.import('[{"meter": "input", "price": "1", "currency": "EUR"}]');
select is((select price_currency from ai.models where key = 'nimbus/m'), 'EUR', 'a model without prices takes on the currency of its first');
insert into ai.model_pricing (model_id, meter, price_per_unit, currency, effective_from, source, revision, is_public, is_pinned)
select p.model_id, p.meter, p.price_per_unit, p.currency, p.effective_from, p.source, p.revision + 1, false, false
from ai.model_pricing as p where p.model_id = tests.model_id('nimbus/m');
select tests.freeze_clock('2026-04-01T00:00:00Z');
select pg_temp.import('[{"meter": "input", "price": "2", "currency": "EUR"}, {"meter": "output", "price": "3", "currency": "EUR"}]');
select results_eq(
  $$select meter, price_per_unit, is_public from ai.prices_in_force('nimbus/m') order by meter$$,
  $$values ('input', 2::numeric, false), ('output', 3::numeric, true)$$, 'a price that was hidden stays hidden'
);

select ai.retire_model('nimbus/m');
select pg_temp.import('[{"meter": "input", "price": "2", "currency": "EUR"}]', '{"status": "deprecated"}');
select is((select status from ai.models where key = 'nimbus/m'), 'retired', 'a model that an admin retired stays retired');

-- A dry run refuses what a run refuses.
select tests.refused(
  format('select pg_temp.import(%L, %L, true)', t.prices, t.attributes), 'invalid_feed', 'PT422', t.prices || ' ' || t.attributes
)
from (values
  ('[{"meter": "input", "price": "2", "window_start": "08:00", "window_end": "09:00", "window_time_zone": "Mars/Olympus"}]', '{}'),
  ('[]', '{"status": "odd"}'),
  ('[]', '{"release_date": "2026-02-31"}')
) as t (prices, attributes);
set local time zone 'America/New_York';
select ai.import_catalogue('litellm', '[{"provider": "nimbus", "provider_model_key": "d", "name": "D",
  "prices": [{"meter": "input", "price": "1", "effective_from": "2026-01-01"}]}]');
select is(
  (select p.effective_from from ai.model_pricing as p where p.model_id = tests.model_id('nimbus/d')),
  '2026-01-01T00:00:00Z', 'a day begins in UTC, whoever asks'
);

select * from finish();
rollback;
