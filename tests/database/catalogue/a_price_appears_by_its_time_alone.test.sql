begin;
set local search_path = tap, pg_catalog;
select plan(30);

select tests.make_admin('root');
select tests.make_model('m'), tests.make_model('bare'), tests.make_model('hidden', p_is_public => false);
select tests.freeze_clock('2026-03-01T00:00:00Z');
-- In 2026: input 2 per million from January, 3 from June; output 8 until it is withdrawn in June; a batch price that is no
-- list price.
select tests.make_price('m', 'input', 0.000002, '2026-01-01Z'), tests.make_price('m', 'input', 0.000003, '2026-06-01Z');
select tests.make_price('m', 'output', 0.000008, '2026-01-01Z'), tests.make_price('m', 'output', null, '2026-06-01Z');
select tests.make_price('m', 'input', 0.000001, '2026-02-01Z', p_service_tier => 'batch');
select tests.make_price('hidden', 'input', 0.000002, '2026-01-01Z');

create function tests.listed(p_model text) returns text
language sql
return (
  select concat_ws(
    ' ', trim_scale(c.input_per_million), coalesce(trim_scale(c.output_per_million)::text, '-'), c.currency, c.prices::text, c.prices_end_at at time zone 'UTC'
  )
  from ai.catalogue as c where c.key = p_model
);

select tests.as_anon();
select is(tests.listed('m'), '2 8 USD {"input": "0.000002", "output": "0.000008"}', 'what is in force now');
select is(tests.listed('bare'), '- {}', 'a model without a price has a row');
select results_eq(
  $$select input_price, output_price, currency, price_source from ai.catalogue where key = 'bare'$$,
  $$values (null::numeric, null::numeric, null::text, null::text)$$, 'and no price in it'
);
select is(tests.listed('hidden'), null, 'a hidden model has none');
select is((select string_agg(key, ' ' order by input_per_million desc nulls last, key asc) from ai.catalogue), 'm bare', 'one row a model, which sorts by price');
select tests.reset_role();
select tests.authenticate_as('root');
select is(tests.listed('m'), '2 8 USD {"input": "0.000002", "output": "0.000008"} 2026-06-01 00:00:00', 'an admin sees when that ends');
select is(tests.listed('hidden'), '2 - USD {"input": "0.000002"}', 'and hidden models');
select tests.reset_role();

-- Nobody writes anything from here to the next comment.
select tests.freeze_clock('2026-05-31T23:59:59.999999Z');
select tests.as_anon();
select is(tests.listed('m'), '2 8 USD {"input": "0.000002", "output": "0.000008"}', 'an instant before the change');
select tests.reset_role();
select tests.freeze_clock('2026-06-01T00:00:00Z');
select tests.as_anon();
select is(tests.listed('m'), '3 - USD {"input": "0.000003"}', 'at the change, by its time alone; what is withdrawn is gone');
select tests.reset_role();
select tests.freeze_clock('2025-12-31T23:59:59Z');
select tests.as_anon();
select is(tests.listed('m'), '- {}', 'before the first');
select tests.reset_role();

-- Another currency and source, from now on.
select tests.freeze_clock('2026-07-01T00:00:00Z');
select tests.make_price('m', 'input', 0.0000025, '2026-01-01Z', p_source => 'feed', p_currency => 'EUR');
update ai.models as m set price_source = 'feed', price_currency = 'EUR' where m.key = 'm';
select is(tests.listed('m'), '2.5 - EUR {"input": "0.0000025"}', 'another source and currency at once');
select is((select price_source from ai.catalogue where key = 'm'), 'feed', 'which it names');
select tests.freeze_clock('2026-06-30T00:00:00Z');
select is(tests.listed('m'), '3 - USD {"input": "0.000003"} 2026-07-01 00:00:00', 'and not before that');
select tests.freeze_clock('2026-07-02T00:00:00Z');

-- A correction: a higher revision of a date that is past, and of one ahead.
select tests.make_price('m', 'input', 0.0000026, '2026-01-01Z', p_source => 'feed', p_currency => 'EUR', p_revision => 1);
select is(tests.listed('m'), '2.6 - EUR {"input": "0.0000026"}', 'a correction of the past');
select tests.make_price('m', 'input', 9, '2026-08-01Z', p_source => 'feed', p_currency => 'EUR');
select tests.make_price('m', 'input', 0.0000027, '2026-08-01Z', p_source => 'feed', p_currency => 'EUR', p_revision => 1);
select is(tests.listed('m'), '2.6 - EUR {"input": "0.0000026"} 2026-08-01 00:00:00', 'a later price is not there yet');
select tests.freeze_clock('2026-08-02T00:00:00Z');
select is(tests.listed('m'), '2.7 - EUR {"input": "0.0000027"}', 'and its correction is, in time');

-- A price that is not public.
select tests.make_price('m', 'input', 0.000004, '2026-08-03Z', p_source => 'feed', p_currency => 'EUR', p_is_public => false);
select tests.make_price('m', 'cache_read', 0.0000001, '2026-08-03Z', p_source => 'feed', p_currency => 'EUR');
select tests.freeze_clock('2026-08-03T00:00:00Z');
select is(tests.listed('m'), '4 - EUR {"input": "0.000004", "cache_read": "0.0000001"}', 'the service role and admins see it');
select tests.as_anon();
select is(tests.listed('m'), '- EUR {"cache_read": "0.0000001"}', 'the public does not, nor the public price that it replaced');
select is((select cache_read_per_million from ai.catalogue where key = 'm'), 0.1, 'what is public beside it stays');
select is((select count(*) from ai.catalogue where input_price > 0), 0::bigint, 'no filter finds it');
select is((select count(*) from ai.catalogue where prices ? 'input'), 0::bigint, 'in the object neither');
select tests.reset_role();

-- The list is what the sheets say, and another price's row is the same as all at once.
create function tests.difference() returns bigint
language sql
return (
  select count(*)
  from ratebook.list_prices as l
  full join ratebook.computed_list_prices as c on c.model_id = l.model_id and c.starts = l.starts
  where
    (l.model_id, l.ends, l.source, l.currency, l.prices, l.hidden)
    is distinct from (c.model_id, c.ends, c.source, c.currency, c.prices, c.hidden)
);
select is(tests.difference(), 0::bigint, 'the list is what the sheets say');
update ai.models as m set price_source = 'manual', price_currency = 'USD' where m.key = 'm';
select is(tests.difference(), 0::bigint, 'after a switch back');
select tests.make_price('m', 'input', 0.000007, '2025-06-01Z');
select is(tests.difference(), 0::bigint, 'after a price of a date before all');
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)
select tests.model_id('m'), 'image', i, timestamptz '2026-09-01Z' + i * interval '1 day' from generate_series(1, 20) as i;
select is(tests.difference(), 0::bigint, 'after twenty dates at once');
select is((select image_price from ai.catalogue where key = 'm'), null, 'none of which is there yet');
select tests.freeze_clock('2026-09-11T00:00:00Z');
select is((select image_price from ai.catalogue where key = 'm'), 10::numeric, 'the tenth is, on its day');

-- Read only, and deleted models are gone.
select tests.refused($$delete from ai.catalogue where key = 'm'$$, 'not_allowed', '42501', 'the catalogue is read only');
delete from ai.models as m where m.key = 'bare';
select is(tests.listed('bare'), null, 'a deleted model is gone');
select is((select count(*) from ratebook.list_prices where starts >= ends), 0::bigint, 'no period is empty');

select * from finish();
rollback;
