begin;
set local search_path = tap, pg_catalog;
select plan(14);

select tests.make_admin('root');
select tests.make_model('a'), tests.make_model('b'), tests.make_model('hidden', p_is_public => false), tests.make_model('gone');
select tests.freeze_clock('2026-07-15T00:00:00Z');
select
  tests.make_price('a', 'input', 5, '2026-01-01Z'), tests.make_price('a', 'input', 4, '2026-03-01Z'),
  tests.make_price('a', 'input', 4, '2026-04-01Z'), tests.make_price('a', 'input', null, '2026-05-01Z'),
  tests.make_price('a', 'input', 2, '2026-06-01Z'), tests.make_price('a', 'input', 1, '2026-08-01Z'),
  tests.make_price('a', 'input', 0.5, '2026-05-10Z', p_service_tier => 'batch'),
  tests.make_price('b', 'image', 0.02, '2026-05-01Z', p_variant => 'hd'), tests.make_price('b', 'image', 0.03, '2026-06-01Z', p_variant => 'hd'),
  tests.make_price('b', 'output', 9, '2026-02-01Z'), tests.make_price('b', 'output', 8, '2026-06-15Z', p_is_public => false),
  tests.make_price('hidden', 'input', 1, '2026-06-01Z'), tests.make_price('gone', 'input', 1, '2026-06-01Z');
delete from ai.models as m where m.key = 'gone';

create function tests.changed(p_since timestamptz) returns text
language sql
return (
  select string_agg(concat_ws(
    ' ', to_char(c.changed_at at time zone 'UTC', 'MM-DD'), c.model, c.meter, nullif(c.service_tier, 'standard'), c.variant, c.change,
    coalesce(c.price_before::text, '-'), coalesce(c.price_after::text, '-')
  ), ', ' order by c.ordinality)
  from ai.price_changes(p_since) with ordinality as c
);

select tests.as_anon();
select is(
  tests.changed('2026-02-28Z'),
  '06-15 b output ended 9 -, 06-01 a input added - 2, 06-01 b image hd changed 0.02 0.03, 05-10 a input batch added - 0.5, '
  || '05-01 a input ended 4 -, 05-01 b image hd added - 0.02, 03-01 a input changed 5 4',
  'the newest first; what says the same again is no change, what is hidden, deleted or ahead is not there'
);
select is(tests.changed('2026-06-01Z'), '06-15 b output ended 9 -', 'after the time, not at it');
select is(tests.changed('2026-05-31T23:59:59Z'), '06-15 b output ended 9 -, 06-01 a input added - 2, 06-01 b image hd changed 0.02 0.03', 'an instant before it');
select is(tests.changed('2026-07-15Z'), null, 'nothing since now');
select is(tests.changed('2027-01-01Z'), null, 'nothing since a time ahead');
select results_eq(
  $$select model, provider, unit_type, currency_before, currency_after from ai.price_changes('2026-06-10Z')$$,
  $$values ('b', 'acme', 'tokens'::ai.unit_type_enum, 'USD', null::text)$$, 'of which model, provider, unit and currency'
);
select tests.refused($$select ai.price_changes(null)$$, 'invalid_time', 'PT422', 'since when');
select tests.refused($$select ai.price_changes('-infinity')$$, 'invalid_time', 'PT422', 'since for ever');
select tests.reset_role();

select tests.authenticate_as('root');
select is(
  tests.changed('2026-05-31Z'),
  '08-01 a input changed 2 1, 06-15 b output changed 9 8, 06-01 a input added - 2, 06-01 b image hd changed 0.02 0.03, '
  || '06-01 hidden input added - 1', 'an admin sees all, what is ahead too'
);
select tests.reset_role();

-- A model that comes to follow another source changes then, in what is another price.
select tests.make_price('a', 'input', 2, '2026-01-01Z', p_source => 'feed'), tests.make_price('a', 'output', 3, '2026-01-01Z', p_source => 'feed');
update ai.models as m set price_source = 'feed' where m.key = 'a';
select tests.freeze_clock('2026-07-16T00:00:00Z');
select tests.as_anon();
select is(tests.changed('2026-07-14Z'), '07-15 a input batch ended 0.5 -, 07-15 a output added - 3', 'a switch of the source');
select tests.reset_role();
select tests.make_price('b', 'image', 0.05, '2026-06-01Z', p_variant => 'hd', p_currency => 'EUR');
update ai.models as m set price_currency = 'EUR' where m.key = 'b';
select results_eq(
  $$select change, price_before, price_after, currency_before, currency_after from ai.price_changes('2026-07-15T12:00:00Z') where model = 'b' and meter = 'image'$$,
  $$values ('changed', 0.03, 0.05, 'USD', 'EUR')$$, 'a switch of the currency'
);
-- A correction of the past is a change of then.
select tests.make_price('b', 'image', 0.01, '2026-05-01Z', p_variant => 'hd', p_revision => 1);
select is((select count(*) from ai.price_changes('2026-07-16T00:00:00Z')), 0::bigint, 'a correction is no change of now');
select is(
  (select price_after from ai.price_changes('2026-04-30Z') where model = 'b' and meter = 'image' and change = 'added'), 0.01, 'but of its date'
);
select is((select count(*) from ai.price_changes('2026-04-30Z') where model = 'b'), 5::bigint, 'each is there once');

select * from finish();
rollback;
