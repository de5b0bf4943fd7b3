begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.freeze_clock('2026-03-01Z');
select tests.make_model('here');
update ai.models set is_default = true where key = 'here';
select tests.as_service();
create function pg_temp.refusals(p_system text, p_tables jsonb) returns table (key text, error text, message text) language sql as $$
  select r ->> 'key', r ->> 'error', r ->> 'message'
  from jsonb_array_elements(compat.adopt(p_system, p_tables) -> 'refused') as r
$$;

select results_eq(
  $$
  select * from pg_temp.refusals(
    'ai_model_config',
    '{"ai_model_config": [
      {"id": 1, "model_name": "a", "display_name": "A", "model_type": "text", "provider": "new", "is_default": true, "created_at": "2020-05-01T00:00:00Z"},
      {"id": 2, "model_name": "b", "display_name": "B", "model_type": "text", "provider": "new", "is_default": true},
      {"id": 3, "model_name": "c", "display_name": "C", "model_type": "image", "provider": "new", "is_default": true}
    ]}'
  )
  $$,
  $$values ('new b', 'invalid_argument', 'It is not the only default of text generation.')$$,
  'the second default of a type in the old table'
);
select results_eq(
  $$
  select c.model_name, c.is_default, c.created_at
  from compat.ai_model_config as c where c.provider in ('new', 'acme') order by c.model_name
  $$,
  $$
  values
  ('a', true, '2020-05-01Z'::timestamptz), ('c', true, '2026-03-01Z'), ('here', false, '2026-03-01Z')
  $$,
  'the first is the default, instead of the one that was here, and as old as it was'
);

insert into compat.rate_cards (provider, model, input_cost_per_1m, output_cost_per_1m, effective_from)
values ('acme', 'here', 1, 2, '2026-01-01Z');
select results_eq(
  $$
  select * from pg_temp.refusals(
    'rate_cards',
    '{"rate_cards": [
      {"provider": "acme", "model": "here", "input_cost_per_1m": 1.00, "output_cost_per_1m": "2", "effective_from": "2026-01-01"}
    ]}'
  )
  $$,
  $$select null::text, null::text, null::text where false$$,
  'a card that says the same is no conflict'
);
select results_eq(
  $$
  select * from pg_temp.refusals(
    'rate_cards',
    '{"rate_cards": [
      {"provider": "acme", "model": "here", "input_cost_per_1m": 1, "output_cost_per_1m": 3, "effective_from": "2026-01-01T00:00:00Z"}
    ]}'
  )
  $$,
  $$
  values (
    'acme here 2026-01-01T00:00:00Z', 'duplicate_rate_card',
    'There is a card of that date already, with another output_cost_per_1m.'
  )
  $$,
  'one with another value is, and changes nothing'
);

select * from finish();
rollback;
