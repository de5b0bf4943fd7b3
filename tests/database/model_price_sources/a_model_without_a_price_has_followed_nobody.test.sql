begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.freeze_clock('2026-03-01Z');
select tests.make_rate();
select tests.make_rate(1000, p_currency => 'EUR');
select tests.make_policy(0);
select tests.make_model('m');
create function tests.asked(p_model text, p_at timestamptz) returns text
language sql
return billing.quote(p_model, '{"input": 1000000}', at => p_at) ->> 'cost'
  || ' ' || (billing.quote(p_model, '{"input": 1000000}', at => p_at) ->> 'currency');

update ai.models set price_source = 'litellm' where key = 'm';
select tests.make_price('m', 'input', 0.000002, p_source => 'litellm');
select is(tests.asked('m', '2025-06-01Z'), '2 USD', 'a source before the first price counts from ever');
update ai.models set price_source = 'manual' where key = 'm';
select is(tests.asked('m', '2025-06-01Z'), '2 USD', 'one after it does not');
select tests.refused(
  $$select tests.asked('m', '2026-03-01Z')$$, 'no_price', 'PT422', 'even where that leaves the model without a price'
);

-- The first prices bring their currency, dated before they were written.
select tests.make_model('card');
insert into compat.rate_cards (provider, model, input_cost_per_1m, output_cost_per_1m, currency, effective_from)
values ('acme', 'card', 3, 15, 'EUR', '2025-01-01Z');
select is(tests.asked('card', '2025-06-01Z'), '3 EUR', 'a rate card');
select results_eq(
  $$select c.input_cost_per_1m, c.currency, c.effective_from from compat.rate_cards as c where c.model = 'card'$$,
  $$values (3::numeric, 'EUR', '2025-01-01Z'::timestamptz)$$, 'which is read back'
);
select ai.import_catalogue('nimbus', '[{"provider": "nimbus", "provider_model_key": "fresh", "name": "Fresh"}]');
select tests.freeze_clock('2026-03-02Z');
select ai.import_catalogue('nimbus', '[{
  "provider": "nimbus", "provider_model_key": "fresh", "name": "Fresh",
  "prices": [{"meter": "input", "price": "0.000004", "currency": "EUR"}]
}]');
select is(tests.asked('nimbus/fresh', '2025-06-01Z'), '4 EUR', 'a catalogue');
select results_eq(
  $$
  select s.price_currency, s.effective_from, s.revision
  from ai.model_price_sources as s inner join ai.models as m on m.id = s.model_id
  where m.key = 'nimbus/fresh' order by s.revision
  $$,
  $$values ('USD', null::timestamptz, 0), ('EUR', null, 1)$$, 'both are kept, and the later stands'
);
insert into compat.api_models (provider_id, model_key, display_name, modality, task, pricing)
values (tests.make_provider(), 'job', 'Job', 'text', 'generation', '{"per_1m_input_tokens": 6, "currency": "EUR"}');
select is(tests.asked('acme/job', '2026-03-02Z'), '6 EUR', 'a model of the job table');
select is(
  (select m.price_source_since from ai.models as m where m.name = 'Job'), null, 'none of them is a switch'
);

select * from finish();
rollback;
