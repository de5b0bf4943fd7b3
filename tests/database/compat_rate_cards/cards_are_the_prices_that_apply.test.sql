begin;
set local search_path = tap, pg_catalog;
select plan(14);

select tests.freeze_clock('2026-03-01Z');
select tests.make_user('ada');
select tests.make_admin('root');
select tests.make_model('m');
create function pg_temp.cards() returns table (at text, input text, output text, cache_read text) language sql as $$
  select
    to_char(c.effective_from at time zone 'UTC', 'YYYY-MM-DD'), c.input_cost_per_1m::text, c.output_cost_per_1m::text,
    c.cache_read_cost_per_1m::text
  from compat.rate_cards as c
  where c.model = 'm'
  order by c.effective_from
$$;

select tests.make_price('m', 'input', 0.000001);
select is_empty('select * from pg_temp.cards()', 'a card has an input and an output price');
select tests.make_price('m', 'output', 0.000002);
select results_eq(
  'select * from pg_temp.cards()', $$values ('2025-01-01', '1', '2', null)$$, 'prices that were set otherwise are cards as well'
);
select tests.make_price('m', 'output', 0.000003, '2025-06-01Z');
select results_eq(
  'select * from pg_temp.cards()',
  $$values ('2025-01-01', '1', '2', null), ('2025-06-01', '1', '3', null)$$, 'one price changes: a new card with all four'
);
select tests.make_price('m', 'output', 0.000004, '2025-06-01Z', p_revision => 1);
select tests.make_price('m', 'output', 9, '2025-07-01Z', p_source => 'litellm');
select tests.make_price('m', 'output', 9, '2025-07-01Z', p_currency => 'EUR');
select tests.make_price('m', 'output', 9, '2025-07-01Z', p_service_tier => 'batch');
select tests.make_price('m', 'output', 9, '2025-07-01Z', p_variant => 'hd');
select tests.make_price('m', 'output', 9, '2025-07-01Z', p_region => 'eu');
select tests.make_price('m', 'image', 9, '2025-07-01Z');
select results_eq(
  'select * from pg_temp.cards()',
  $$values ('2025-01-01', '1', '2', null), ('2025-06-01', '1', '4', null)$$,
  'corrections count; other sources, currencies, tiers, variants, regions and meters do not'
);
select tests.make_price('m', 'output', null, '2025-08-01Z');
select tests.make_price('m', 'output', 0.000005, '2025-09-01Z');
select results_eq(
  'select * from pg_temp.cards() offset 2', $$values ('2025-09-01', '1', '5', null)$$, 'a withdrawn price is no card'
);

select tests.make_price('m', 'input', 0.000006, '2026-01-01Z', p_is_public => false);
select tests.make_price('m', 'cache_read', 0.0000001, '2026-02-01Z', p_is_public => false);
select tests.make_price('m', 'output', 0.000007, '2027-01-01Z');
select tests.authenticate_as('root');
select results_eq(
  'select * from pg_temp.cards() offset 3',
  $$values ('2026-01-01', '6', '5', null), ('2026-02-01', '6', '5', '0.1'), ('2027-01-01', '6', '7', '0.1')$$,
  'an admin sees hidden and future prices'
);
select tests.authenticate_as('ada');
select is_empty('select * from pg_temp.cards() offset 3', 'a user does not, nor that there are any');
select tests.as_anon();
select is((select count(*) from compat.rate_cards), 3::bigint, 'nor does anon');
select tests.reset_role();
update ai.models set is_public = false;
select tests.as_anon();
select is_empty('select from compat.rate_cards', 'a hidden model has no cards');

select tests.authenticate_as('root');
select tests.refused(
  $$insert into compat.rate_cards (provider, model, input_cost_per_1m, output_cost_per_1m, effective_from) values ('acme', 'm', 1, 1, '2027-01-01Z')$$,
  'duplicate_rate_card', '23505', 'a date has one card, whoever set the price'
);
select tests.reset_role();
select tests.make_model('n');
select tests.authenticate_as('root');
select lives_ok(
  $$
  insert into compat.rate_cards (provider, model, input_cost_per_1m, output_cost_per_1m, currency)
  values ('acme', 'n', 1, 2, 'EUR')
  $$,
  'the first card of a model may be in any currency'
);
select results_eq(
  $$select currency, input_cost_per_1m::text from compat.rate_cards where model = 'n'$$, $$values ('EUR', '1')$$,
  'the model is priced in it from then on'
);
select tests.refused(
  $$insert into compat.rate_cards (provider, model, input_cost_per_1m, output_cost_per_1m, effective_from) values ('acme', 'n', 1, 2, '2027-01-01Z')$$,
  'invalid_argument', 'PT422', 'and in no other'
);
select results_eq(
  $$select c.currency from compat.rate_cards as c where c.model = 'n'$$, $$values ('EUR')$$, 'nothing was written'
);

select * from finish();
rollback;
