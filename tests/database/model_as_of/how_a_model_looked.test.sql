begin;
set local search_path = tap, pg_catalog;
select plan(16);
select tests.make_admin('ada');
select tests.freeze_clock('2026-01-01T00:00:00Z');
select tests.make_model('m');
insert into ai.model_aliases (alias, model_id) values ('em', tests.model_id('m'));
select tests.make_price('m', 'input', 0.10, '2026-01-01Z');
select tests.make_price('m', 'input', 0.20, '2026-04-15Z');
select tests.make_price('m', 'input', 0.30, '2026-01-01Z', p_source => 'litellm');
select tests.freeze_clock('2026-04-01T00:00:00Z');
update ai.models set name = 'April', description = 'Fast.', metadata = '{"a": null}' where key = 'm';
select tests.freeze_clock('2026-06-01T00:00:00Z');
update ai.models set name = 'June', description = null where key = 'm';
update ai.models set price_source = 'litellm' where key = 'm';
select tests.freeze_clock('2026-08-01T00:00:00Z');
delete from ai.models where key = 'm';

select tests.authenticate_as('ada');
select is(
  ai.model_as_of('em', '2026-05-01Z') - 'prices' - 'id' - 'provider_id',
  '{
    "key": "m", "name": "April", "description": "Fast.", "metadata": {"a": null}, "price_source": "manual",
    "is_active": true, "deleted_at": null, "created_at": "2026-01-01T00:00:00+00:00",
    "updated_at": "2026-04-01T00:00:00+00:00", "provider": "other",
    "provider_model_key": null, "version": null, "provider_url": null, "capabilities": [], "supports": [],
    "modality": "text", "task": "generation", "model_family": null, "model_tier": null, "pricing_tier": null,
    "temperature": null, "max_tokens": null, "context_window": null, "valid_sizes": [], "endpoint_path": null,
    "input_defaults": {}, "output_format": null, "rate_limits": {}, "capabilities_detail": {},
    "typical_latency_ms": null, "price_currency": "USD", "price_source_since": null,
    "is_public": true, "is_default": false, "priority": 0,
    "status": "active", "release_date": null, "deprecation_date": null, "successor_id": null, "succeeded_at": null
  }'::jsonb,
  'on 1 May: the whole row'
);
select is(ai.model_as_of('m', at::timestamptz) ->> 'name', name, at || ': ' || name)
from (values
  ('2026-01-01T00:00:00Z', 'M'), ('2026-03-31T23:59:59.999999Z', 'M'), ('2026-04-01T00:00:00Z', 'April'),
  ('2026-05-31Z', 'April'), ('2026-06-01T00:00:00Z', 'June'), ('2026-08-01Z', 'June')
) as t (at, name);
select is(ai.model_as_of('m', '2026-07-31Z') ->> 'deleted_at', null, 'before it was deleted');
select is(ai.model_as_of('m', '2026-08-01Z') ->> 'deleted_at', '2026-08-01T00:00:00+00:00', 'and after');
select results_eq(
  $$
  select t.at, p ->> 'price_per_unit', p ->> 'source'
  from (values ('2026-04-01Z'), ('2026-05-01Z'), ('2026-07-01Z')) as t (at)
  cross join jsonb_array_elements(ai.model_as_of('m', t.at::timestamptz) -> 'prices') as p
  order by 1
  $$,
  $$values ('2026-04-01Z', '0.1', 'manual'), ('2026-05-01Z', '0.2', 'manual'), ('2026-07-01Z', '0.3', 'litellm')$$,
  'the prices that were in force then, of the source that counted then'
);
select is(
  ai.model_as_of('m', '2026-06-01Z') ->> 'price_source_since', '2026-06-01T00:00:00+00:00', 'and since when'
);
select tests.refused(
  $$select ai.model_as_of('m', '2025-12-31T23:59:59Z')$$, 'unknown_model', 'PT404', 'before it was there'
);
select tests.refused($$select ai.model_as_of('nope', '2026-05-01Z')$$, 'unknown_model', 'PT404', 'an unknown one');
select tests.refused($$select ai.model_as_of('m', null)$$, 'invalid_time', 'PT422', 'no time');
select is(
  tests.error_of($$select ai.model_as_of('m', '2025-12-31Z')$$) ->> 'message',
  'There was no model called "m" at that time.', 'and says so'
);

-- A model that is older than its history.
select tests.reset_role();
alter table ai.models disable trigger models_audit_insert;
insert into ai.models (key, name, provider_id, created_at)
values ('before', 'B', tests.make_provider(), '2025-06-01Z');
select is(ai.model_as_of('before', '2025-07-01Z') ->> 'name', 'B', 'without an entry of its making: since created_at');

select * from finish();
rollback;
