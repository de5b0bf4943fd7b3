begin;
set local search_path = tap, pg_catalog;
select plan(12);

select tests.make_admin('root');
select tests.make_model('m'), tests.make_model('hidden', p_is_public => false);
select tests.freeze_clock('2026-07-15T00:00:00Z');
select
  tests.make_price('m', 'input', 5, '2026-01-01Z'), tests.make_price('m', 'input', 4, '2026-03-01Z'),
  tests.make_price('m', 'input', 3, '2026-03-01Z', p_revision => 1), tests.make_price('m', 'input', 3, '2026-04-01Z'),
  tests.make_price('m', 'input', null, '2026-05-01Z'), tests.make_price('m', 'input', 2, '2026-06-01Z'),
  tests.make_price('m', 'input', 1, '2026-08-01Z'),
  tests.make_price('m', 'image', 0.04, '2026-01-01Z', p_variant => 'hd'), tests.make_price('m', 'image', 0.02, '2026-01-01Z'),
  tests.make_price('m', 'output', 9, '2026-02-01Z'),
  tests.make_price('m', 'output', 8, '2026-04-01Z', p_is_public => false), tests.make_price('m', 'output', 7, '2026-07-01Z');

create function tests.history(p_model text) returns text
language sql
return (
  select string_agg(concat_ws(
    ' ', h.meter, h.variant, h.price, to_char(h.starts_at at time zone 'UTC', 'YY-MM'), to_char(h.ends_at at time zone 'UTC', 'YY-MM'), h.source
  ), ', ' order by h.ordinality)
  from ai.price_history(p_model) with ordinality as h
);

select tests.as_anon();
select is(
  tests.history('m'),
  'image 0.02 26-01 manual, image hd 0.04 26-01 manual, '
  || 'input 5 26-01 26-03 manual, input 3 26-03 26-05 manual, input 2 26-06 manual, '
  || 'output 9 26-02 26-04 manual, output 7 26-07 manual',
  'a correction counts, equal prices are one step, a withdrawn price is a gap, and what is hidden or ahead is not there'
);
select results_eq(
  $$select distinct price_per_million from ai.price_history('m') where meter in ('input', 'image') order by 1$$,
  $$values (2000000::numeric), (3000000), (5000000), (null)$$, 'a million of tokens, of nothing else'
);
select tests.refused($$select ai.price_history('hidden')$$, 'unknown_model', 'PT404', 'a hidden model is unknown');
select tests.refused($$select ai.price_history('nope')$$, 'unknown_model', 'PT404', 'as an unknown one is');
select tests.reset_role();
select tests.authenticate_as('root');
select is(
  tests.history('m'),
  'image 0.02 26-01 manual, image hd 0.04 26-01 manual, '
  || 'input 5 26-01 26-03 manual, input 3 26-03 26-05 manual, input 2 26-06 26-08 manual, input 1 26-08 manual, '
  || 'output 9 26-02 26-04 manual, output 8 26-04 26-07 manual, output 7 26-07 manual',
  'an admin sees all, what is ahead too'
);
select is_empty($$select * from ai.price_history('hidden')$$, 'and hidden models');
select tests.reset_role();

-- Another source applies from the switch on, and only then.
select tests.make_price('m', 'input', 6, '2026-01-01Z', p_source => 'feed'), tests.make_price('m', 'input', 6.5, '2026-07-18Z', p_source => 'feed');
update ai.models as m set price_source = 'feed' where m.key = 'm';
select tests.freeze_clock('2026-07-20T00:00:00Z');
select tests.as_anon();
select is(
  (select string_agg(concat_ws(' ', price, starts_at at time zone 'UTC', ends_at at time zone 'UTC', source), ', ' order by starts_at) from ai.price_history('m') where meter = 'input' and starts_at >= '2026-06-01Z'),
  '2 2026-06-01 00:00:00 2026-07-15 00:00:00 manual, 6 2026-07-15 00:00:00 2026-07-18 00:00:00 feed, 6.5 2026-07-18 00:00:00 feed',
  'a switch ends what applied and begins what applies'
);
select tests.reset_role();
update ai.models as m set price_source = 'manual' where m.key = 'm';
select is(
  (select string_agg(concat_ws(' ', price, starts_at at time zone 'UTC', source), ', ' order by starts_at) from ai.price_history('m') where meter = 'input' and starts_at between '2026-07-15Z' and '2026-07-31Z'),
  '6 2026-07-15 00:00:00 feed, 6.5 2026-07-18 00:00:00 feed, 2 2026-07-20 00:00:00 manual', 'and back'
);

-- What applies now is what ai.prices_in_force() says.
select results_eq(
  $$select meter, coalesce(variant, ''), price from ai.price_history('m') where starts_at <= ratebook.clock() and (ends_at is null or ends_at > ratebook.clock()) order by 1, 2$$,
  $$select meter, coalesce(variant, ''), price_per_unit from ai.prices_in_force('m') order by 1, 2$$, 'the steps of now are the prices in force'
);
-- The names of a retired model lead to its successor.
select tests.make_model('heir');
select tests.make_price('heir', 'input', 11, '2026-01-01Z');
update ai.models as m set successor_id = tests.model_id('heir'), succeeded_at = ratebook.clock(), is_active = false, status = 'retired' where m.key = 'm';
select is(tests.history('m'), 'input 11 26-01 manual', 'a name leads to the successor');
select is(left(tests.history(tests.model_id('m')::text), 10), 'image 0.02', 'an id means itself');
select is((select count(*) from ai.price_history('heir')), 1::bigint, 'one step');

select * from finish();
rollback;
