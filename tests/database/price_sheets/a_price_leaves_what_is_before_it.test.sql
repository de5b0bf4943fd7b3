begin;
set local search_path = tap, pg_catalog;
select plan(6);

-- 50 dates of two meters; sheets are numbered as they are written.
select tests.make_model('m');
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)
select tests.model_id('m'), x.meter, d, '2025-01-01Z'::timestamptz + d * interval '1 day'
from generate_series(1, 50) as d cross join (values ('input'), ('output')) as x (meter);
create function tests.sheets() returns table (id bigint, start timestamptz, band integer, input numeric, output numeric)
language sql
begin atomic
  select p.id, s.starts[p.period], p.band, p.input, p.output
  from ratebook.price_sheets as p inner join ratebook.price_schedules as s on s.id = p.schedule_id
  where p.variant = '';
end;
create temporary table former as select s.* from tests.sheets() as s;
create function tests.rewritten(p_date timestamptz, p_price numeric, p_variant text default null) returns bigint
language plpgsql
as $$
declare
  v_count bigint;
begin
  perform tests.make_price('m', 'input', p_price, p_date, p_variant => p_variant);
  select count(*) into v_count from tests.sheets() as s where s.id not in (select f.id from former as f);
  delete from former;
  insert into former select s.* from tests.sheets() as s;
  return v_count;
end;
$$;

select is(tests.rewritten('2026-01-01Z', 7), 1::bigint, 'a last price: one sheet of 51');
select is(tests.rewritten('2025-02-15T12:00:00Z', 8), 7::bigint, 'one before the last five days: theirs, and the last price''s');
select results_eq(
  $$select s.input, s.output from tests.sheets() as s where s.start >= '2025-02-15Z' order by s.start limit 4$$,
  $$values (45::numeric, 45::numeric), (8, 45), (46, 46), (47, 47)$$, 'which are what the rows say'
);
select is(tests.rewritten('2024-01-01Z', 9), 53::bigint, 'a first price: all');
select is(tests.rewritten('2026-02-01Z', 9, 'hd'), 54::bigint, 'another kind of variant cuts all sheets anew');
select is(
  (select count(*) from ratebook.price_sheets), 54 * 2::bigint, 'and doubles them: with the variant, and without'
);

select * from finish();
rollback;
