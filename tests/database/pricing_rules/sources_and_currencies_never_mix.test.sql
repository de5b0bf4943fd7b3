begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.freeze_clock('2025-02-01Z');
select tests.make_model('m');
select tests.make_rate();
select tests.make_rate(1000, p_currency => 'EUR');
select tests.make_policy();
select tests.make_price('m', 'input', 1);
select tests.make_price('m', 'input', 2, p_source => 'litellm');
select tests.make_price('m', 'cache_read', 3, p_source => 'litellm');
select tests.make_price('m', 'input', 4, p_currency => 'EUR');
select tests.make_price('m', 'cache_read', 5, p_currency => 'EUR');
select tests.make_price('m', 'input', null, '2025-06-01Z', p_source => 'litellm');
insert into ai.model_pricing (model_id, meter, price_per_unit, context_threshold, source, effective_from)
values (tests.model_id('m'), 'input', 9, 1, 'litellm', '2025-01-01Z');
create function tests.price_at(p_meter text, p_at timestamptz) returns text
language sql
return billing.quote('m', jsonb_build_object(p_meter, 1), at => p_at) #>> '{lines,0,unit_price}';

select is(tests.price_at('input', '2025-02-01Z'), '1', 'manual');
select is(tests.price_at('cache_read', '2025-02-01Z'), '1', 'manual falls back to manual');
select is(billing.quote('m', '{"input": 2}', at => '2025-02-01Z') ->> 'cost', '2', 'no threshold of another source');
update ai.models set price_source = 'litellm' where key = 'm';
select is(tests.price_at('cache_read', '2025-02-01Z'), '3', 'the other source');
select tests.refused(
  $$select tests.price_at('input', '2025-06-01Z')$$, 'no_price', 'PT422', 'withdrawn there, and manual does not step in'
);
select tests.freeze_clock('2025-07-01Z');
update ai.models set price_source = 'manual', price_currency = 'EUR' where key = 'm';
select is(tests.price_at('cache_read', '2025-07-01Z'), '5', 'the other currency');
select is(billing.quote('m', '{"input": 1}') ->> 'currency', 'EUR', 'which the quote names');
update ai.models set price_source = 'openrouter' where key = 'm';
select tests.refused(
  $$select tests.price_at('input', '2025-07-01Z')$$, 'no_price', 'PT422', 'a source without rows has no prices'
);

select * from finish();
rollback;
