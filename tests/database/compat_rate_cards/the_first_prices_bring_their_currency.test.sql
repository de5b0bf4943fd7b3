begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.freeze_clock('2026-03-01Z');
select tests.make_rate();
select tests.make_rate(1000, p_currency => 'EUR');
select tests.make_policy(0);
create function tests.asked(p_model text, p_at timestamptz) returns text
language sql
return billing.quote(p_model, '{"input": 1000000}', at => p_at) ->> 'cost'
  || ' ' || (billing.quote(p_model, '{"input": 1000000}', at => p_at) ->> 'currency');

-- The first prices bring their currency, dated before they were written.
select tests.make_model('card');
insert into compat.rate_cards (provider, model, input_cost_per_1m, output_cost_per_1m, currency, effective_from)
values ('acme', 'card', 3, 15, 'EUR', '2025-01-01Z');
select is(tests.asked('card', '2025-06-01Z'), '3 EUR', 'a rate card');
select results_eq(
  $$select c.input_cost_per_1m, c.currency, c.effective_from from compat.rate_cards as c where c.model = 'card'$$,
  $$values (3::numeric, 'EUR', '2025-01-01Z'::timestamptz)$$, 'which is read back'
);
insert into compat.api_models (provider_id, model_key, display_name, modality, task, pricing)
values (tests.make_provider(), 'job', 'Job', 'text', 'generation', '{"per_1m_input_tokens": 6, "currency": "EUR"}');
select is(tests.asked('acme/job', '2026-03-01Z'), '6 EUR', 'a model of the job table');
select is_empty(
  'select m.key from ai.models as m where m.price_source_since is not null', 'neither is a switch'
);

select * from finish();
rollback;
