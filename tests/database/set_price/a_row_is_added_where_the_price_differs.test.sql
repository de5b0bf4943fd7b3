begin;
set local search_path = tap, pg_catalog;
select plan(18);

select tests.make_model('m');
create function pg_temp.set_price(
  p_price numeric, p_from timestamptz, p_meter text default 'input', p_restate boolean default false
) returns text language sql as $$
  select case when r.id is null then 'nothing' else 'row' end
  from ratebook.set_price(tests.model_id('m'), p_meter, p_price, 'USD', p_from, p_restate => p_restate) as r (id)
$$;
create function pg_temp.book(p_meter text default 'input') returns table (
  price text, at text, revision integer, withdrawn boolean
) language sql as $$
  select p.price_per_unit::text, to_char(p.effective_from at time zone 'UTC', 'YYYY-MM-DD'), p.revision, p.withdrawn
  from ai.model_pricing as p
  where p.model_id = tests.model_id('m') and p.meter = p_meter
  order by p.effective_from, p.revision
$$;

select is(pg_temp.set_price(null, '2025-01-01Z'), 'nothing', 'there is nothing to withdraw yet');
select is(pg_temp.set_price(0.000003, '2025-01-01Z'), 'row', 'a first price');
select is(pg_temp.set_price(0.00000300, '2025-01-01Z'), 'nothing', 'the same in value');
select is(pg_temp.set_price(0.000003, '2025-06-01Z'), 'nothing', 'the same later, where it is in force already');
select is(pg_temp.set_price(0.000002, '2025-06-01Z'), 'row', 'another price later');
select is(pg_temp.set_price(0.000003, '2025-06-01Z'), 'row', 'a correction of that date');
select is(pg_temp.set_price(0.000003, '2025-06-01Z'), 'nothing', 'the correction counts, not what it corrected');
select is(pg_temp.set_price(0.000002, '2025-06-01Z'), 'row', 'and back');
select is(pg_temp.set_price(0.000003, '2025-03-01Z'), 'nothing', 'what comes later does not count before');
select is(pg_temp.set_price(0, '2025-07-01Z'), 'row', 'free is a price');
select is(pg_temp.set_price(null, '2025-07-01Z'), 'row', 'and may be withdrawn');
select is(pg_temp.set_price(null, '2025-08-01Z'), 'nothing', 'once');
select results_eq(
  'select * from pg_temp.book()',
  $$
  values
  ('0.000003', '2025-01-01', 0, false),
  ('0.000002', '2025-06-01', 0, false),
  ('0.000003', '2025-06-01', 1, false),
  ('0.000002', '2025-06-01', 2, false),
  ('0', '2025-07-01', 0, false),
  (null, '2025-07-01', 1, true)
  $$,
  'each is one more row; none has changed'
);

select is(pg_temp.set_price(0.00001, '2025-01-01Z', 'output'), 'row', 'another meter has a series of its own');
select is(pg_temp.set_price(0.00001, '2025-02-01Z', 'output', true), 'row', 'restated: the date gets its row');
select is(pg_temp.set_price(null, '2025-02-01Z', 'cache_read', true), 'row', 'also to say that there is no price');
select results_eq(
  $$select * from pg_temp.book('output')$$,
  $$values ('0.00001', '2025-01-01', 0, false), ('0.00001', '2025-02-01', 0, false)$$,
  'the same price on two dates'
);
select results_eq(
  $$select * from pg_temp.book('cache_read')$$, $$values (null::text, '2025-02-01', 0, true)$$, 'no price from that date on'
);

select * from finish();
rollback;
