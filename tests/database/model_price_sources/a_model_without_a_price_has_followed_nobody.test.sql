begin;
set local search_path = tap, pg_catalog;
select plan(6);

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
select is(
  (select m.price_source_since from ai.models as m where m.key = 'nimbus/fresh'), null, 'it is no switch'
);

select * from finish();
rollback;
