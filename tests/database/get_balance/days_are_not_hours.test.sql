begin;
set local search_path = tap, pg_catalog;
select plan(9);

-- A week of 168 hours over the change of daylight time in New York, on 2030-03-10 at 07:00 UTC, and back on 2030-11-03.
select tests.make_unit_price();
select tests.freeze_clock('2030-03-06T12:00:00Z');
select tests.make_wallet('ada', 100);
select tests.hold('ada', 20, '168 hours');
select tests.freeze_clock('2030-03-13T11:30:00Z');
create function tests.in_zone(p_zone text, p_at timestamptz) returns text
language plpgsql
as $$
begin
  perform set_config('timezone', p_zone, true);
  return tests.balance('ada', p_at);
end;
$$;
select is(tests.in_zone(z, '2030-03-13T11:30:00Z'), '100 20 80', z || ': it counts until its last moment')
from unnest(array['UTC', 'America/New_York', 'Pacific/Auckland']) as t (z);
select tests.freeze_clock('2030-03-13T12:00:00Z');
select is(tests.in_zone(z, null), '100 0 100 0', z || ': and no longer')
from unnest(array['UTC', 'America/New_York', 'Pacific/Auckland']) as t (z);
select is(tests.in_zone('America/New_York', '2030-03-13T12:00:00Z'), '100 0 100', 'nor looked back at');
-- Nowhere else either: a day or more is added to a time only where the zone is set or the time has none.
select is_empty(
  $$
  select f.signature, found.part[1]
  from tests.functions as f
  cross join regexp_matches(
    f.prosrc, '(\S+\s+[-+] interval ''[^'']*(?:day|week|month|year)[^'']*'')', 'g'
  ) as found (part)
  where
    f.schema_name in ('billing', 'ratebook')
    and f.prokind = 'f'
    and not coalesce(f.proconfig, '{}') @> array['TimeZone=UTC']
    and found.part[1] !~ '^(''UTC''|''YYYY_MM''\)|\(v_month )'
    and f.signature !~ 'extend_partitions|make_months|check_partitions'
  $$,
  'no function adds days to a time in the caller''s zone'
);
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
