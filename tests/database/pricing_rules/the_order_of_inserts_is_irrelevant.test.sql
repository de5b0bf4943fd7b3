begin;
set local search_path = tap, pg_catalog;
select plan(4);

-- The same nine rows: in one statement, one by one, and one by one from the last to the first.
select tests.make_rate();
select tests.make_policy();
select tests.make_model(m.key) from (values ('at_once'), ('forward'), ('backward')) as m (key);
create temporary table rows (
  n integer, meter text, price numeric, at timestamptz, revision integer, threshold bigint, mode ai.tier_mode_enum
) on commit drop;
insert into rows values
(1, 'input', 1, '2025-01-01Z', 0, null, 'whole_request'), (2, 'input', 2, '2025-01-01Z', 1, null, 'whole_request'),
(3, 'input', 6, '2025-01-01Z', 0, 100, 'marginal'), (4, 'input', 3, '2025-02-01Z', 0, null, 'whole_request'),
(5, 'output', 10, '2025-01-01Z', 0, null, 'whole_request'), (6, 'output', null, '2025-02-01Z', 0, null, 'whole_request'),
(7, 'output', 20, '2025-03-01Z', 0, null, 'whole_request'), (8, 'tokens', 7, '2025-01-01Z', 0, null, 'whole_request'),
(9, 'output', 30, '2025-01-01Z', 0, 100, 'whole_request');
create procedure tests.put(p_model text, p_from integer, p_to integer)
language sql
as $$
  insert into ai.model_pricing (
    model_id, meter, price_per_unit, withdrawn, effective_from, revision, context_threshold, tier_mode
  )
  select tests.model_id(p_model), r.meter, r.price, r.price is null, r.at, r.revision, r.threshold, r.mode
  from pg_temp.rows as r where r.n between p_from and p_to
$$;
do $$
begin
  call tests.put('at_once', 1, 9);
  for n in 1..9 loop call tests.put('forward', n, n); end loop;
  for n in reverse 9..1 loop call tests.put('backward', n, n); end loop;
end;
$$;
create function tests.costs(p_model text) returns text[]
language sql
return (
  select array_agg(billing.quote(p_model, u.usage, at => t.at) ->> 'cost' order by t.at, u.usage)
  from unnest('{2025-01-15Z,2025-02-15Z,2025-03-15Z}'::timestamptz[]) as t (at)
  cross join (values ('{"input": 10, "output": 1}'::jsonb), ('{"input": 200, "output": 1}')) as u (usage)
);

-- January: 10 × 2 + 10; 100 × 2 + 100 × 6 + 30. February: 10 × 3 + 7 (tokens); 100 × 3 + 100 × 6 + 30.
-- March: 10 × 3 + 20; 100 × 3 + 100 × 6 + 30.
select is(tests.costs('at_once'), '{30,830,37,930,50,930}', 'in one statement');
select is(tests.costs('forward'), '{30,830,37,930,50,930}', 'one by one');
select is(tests.costs('backward'), '{30,830,37,930,50,930}', 'from the last to the first');
select is(
  (select count(distinct row(s.starts, s.bounds, s.service_tiers)) from ratebook.price_schedules as s), 1::bigint,
  'they have the same schedule'
);

select * from finish();
rollback;
