begin;
set local search_path = tap, pg_catalog;
select plan(24);

-- 1,000 input and 500 output at a credit rate of 1,000 and a margin of 0.30.
select tests.make_model('cheap'), tests.make_model('dear'), tests.make_model('unpriced'), tests.make_model('half'), tests.make_model('euro');
select tests.make_model('secret'), tests.make_model('hidden', p_is_public => false), tests.make_model('pictures', p_valid_sizes => '{512x512}');
select tests.make_price('cheap', 'input', 0.00000015), tests.make_price('cheap', 'output', 0.0000006);
select tests.make_price('dear', 'input', 0.0000025), tests.make_price('dear', 'output', 0.00001);
select tests.make_price('half', 'input', 0.000001), tests.make_price('hidden', 'input', 0.000001), tests.make_price('hidden', 'output', 0.000001);
select tests.make_price('euro', 'input', 0.000001, p_currency => 'EUR'), tests.make_price('euro', 'output', 0.000001, p_currency => 'EUR');
update ai.models as m set price_currency = 'EUR' where m.key = 'euro';
select tests.make_price('secret', 'input', 0.000001, p_is_public => false), tests.make_price('secret', 'output', 0.000001);
select tests.make_price('pictures', 'image', 0.02);
select tests.make_rate(), tests.make_policy();
insert into ai.model_aliases (alias, model_id) values ('small', tests.model_id('cheap')), ('both', tests.model_id('cheap')), ('both', tests.model_id('dear'));
insert into ai.features (key) values ('chat');
select tests.make_policy(0, p_feature => 'chat');
update ai.models as m set is_active = false where m.key = 'dear';

create function tests.compared(p_models text[], p_usage jsonb default '{"input": 1000, "output": 500}', p_feature text default null) returns text
language sql
return (
  select string_agg(concat_ws(' ', c.index, c.asked || '=' || coalesce(c.model, ''), c.cost, c.credits, c.error), ', ' order by c.ordinality)
  from billing.compare(p_usage, p_models, p_feature) with ordinality as c
);

select tests.as_anon();
select is(
  tests.compared('{dear,cheap,unpriced,half,nope,both,hidden,euro,small,secret,dear}'),
  '1 cheap=cheap 0.00045 0.585, 8 small=cheap 0.00045 0.585, 9 secret=secret 1.95, 0 dear=dear 0.0075 9.75, 10 dear=dear 0.0075 9.75, '
  || '2 unpriced=unpriced no_price, 3 half=half no_price, 4 nope= unknown_model, 5 both= ambiguous_model, '
  || '6 hidden= unknown_model, 7 euro=euro no_credit_rate',
  'the cheapest first, then those without a price, each with its reason and in the order asked'
);
select results_eq(
  $$select reason from billing.compare('{"input": 1, "output": 1}', '{half,nope}') order by index$$,
  $$values ('Model "half" has no price for "output" at that time.'), ('There is no model called "nope".')$$, 'the reason as a sentence'
);
select results_eq(
  $$select asked, model_id = tests.model_id('cheap'), name, provider, is_active, currency from billing.compare('{"input": 1}', '{small}')$$,
  $$values ('small', true, 'Cheap', 'acme', true, 'USD')$$, 'which model it is'
);
select is((select is_active from billing.compare('{"input": 1}', '{dear}')), false, 'an inactive model is compared, and says so');
select is(tests.compared('{cheap,dear}', p_feature => 'chat'), '0 cheap=cheap 0.00045 0.45, 1 dear=dear 0.0075 7.5', 'with the margin of a feature');
select is(tests.compared('{half}', '{"input": 1000}'), '0 half=half 0.001 1.3', 'what has a price for this usage');
select is(tests.compared('{cheap,pictures}', '{"image": 2}'), '1 pictures=pictures 0.04 52, 0 cheap=cheap no_price', 'another usage');
select is(
  (select string_agg(c.asked || coalesce(' ' || c.error, ''), ', ' order by c.index) from billing.compare('{"image": 1}', '{pictures,cheap}', variant => '2x2') as c),
  'pictures invalid_size, cheap no_price', 'a size that one does not draw'
);
select is((select string_agg(distinct jsonb_typeof(to_jsonb(c.cost)), '') from billing.compare('{"input": 1}', '{cheap}') as c), 'number', 'numbers that sort');
select is(tests.compared('{null}'), '0 unknown_model', 'no name');
select is(tests.compared(array[tests.model_id('cheap')::text]), format('0 %s=cheap 0.00045 0.585', tests.model_id('cheap')), 'by id');
select is((select c.credits from billing.compare(to_jsonb('{"input": 1000}'::text), '{half}') as c), 1.3, 'JSON in a string, as a GET request sends it');

-- What is wrong with the question is an error.
select tests.refused($$select billing.compare('{"input": 1}', '{}')$$, 'invalid_argument', 'PT422', 'no models');
select tests.refused($$select billing.compare('{"input": 1}', null)$$, 'invalid_argument', 'PT422', 'nothing');
select tests.refused($$select billing.compare('{"input": 1}', array_fill('cheap'::text, '{1001}'))$$, 'invalid_argument', 'PT422', 'more than 1,000');
select is((select count(*) from billing.compare('{"input": 1}', array_fill('cheap'::text, '{1000}'))), 1000::bigint, '1,000');
select tests.refused($$select billing.compare('{}', '{cheap}')$$, 'invalid_usage', 'PT422', 'an empty usage');
select tests.refused($$select billing.compare('{"inputs": 1}', '{cheap}')$$, 'unknown_meter', 'PT422', 'an unknown meter');
select tests.refused($$select billing.compare('{"input": -1}', '{cheap}')$$, 'negative_quantity', 'PT422', 'a negative quantity');
select tests.refused($$select billing.compare('{"input": 1}', '{cheap}', feature => 'nope')$$, 'unknown_feature', 'PT404', 'an unknown feature');
select tests.refused($$select billing.compare('{"input": 1}', '{cheap}', service_tier => 'nope')$$, 'unknown_service_tier', 'PT422', 'an unknown tier');
select tests.refused($$select billing.compare('{"input": 1}', '{cheap}', at => now() + interval '1 day')$$, 'not_allowed', '42501', 'a time ahead');
select tests.refused($$select billing.compare('{"input": 1}', '{cheap}', at => 'infinity')$$, 'invalid_time', 'PT422', 'no time');
select tests.reset_role();

select tests.as_service();
select is(tests.compared('{secret,hidden}'), '0 secret=secret 0.0015 1.95, 1 hidden=hidden 0.0015 1.95', 'the service role sees costs and models that are hidden');

select * from finish();
rollback;
