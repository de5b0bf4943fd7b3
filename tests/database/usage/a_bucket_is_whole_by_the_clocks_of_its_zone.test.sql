begin;
set local search_path = tap, pg_catalog;
select plan(19);

select tests.make_unit_price();
select tests.make_wallet('ada');
-- Each quarter of an hour of two weeks around each change of clocks in Berlin and New York, and of Chatham in April.
select ai.backfill_generations(jsonb_agg(jsonb_build_object(
  'lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('m'), 'created_at', q, 'usage', '{"input": 0.5}'::jsonb,
  'latency_ms', 100
)))
from (values ('2026-03-27'::timestamptz, '2026-04-07'::timestamptz), ('2026-10-23', '2026-11-03')) as w (since, until)
cross join generate_series(w.since, w.until, interval '15 minutes') as q;

create function tests.lengths(p_since timestamptz, p_until timestamptz, p_bucket text, p_time_zone text) returns text
language sql
return (
  select string_agg(format(
    '%s %s %s', to_char(u.starts_at at time zone p_time_zone, 'MM-DD"T"HH24:MI'), u.requests,
    (extract(epoch from u.ends_at - u.starts_at) / 900)::integer
  ), ', ' order by u.starts_at)
  from billing.usage(p_since, p_until, p_bucket, p_time_zone) as u
);

-- Quarters of an hour, counted and lasted: undrained first, then from the roll-ups.
create function tests.told() returns setof text
language plpgsql
as $$
begin
  return next is(
    tests.lengths('2026-03-28T12:00Z', '2026-03-30T12:00Z', 'day', 'Europe/Berlin'),
    '03-28T00:00 96 96, 03-29T00:00 92 92, 03-30T00:00 96 96', 'a day of 23 hours in Berlin'
  );
  return next is(
    tests.lengths('2026-10-25T12:00Z', '2026-10-25T12:01Z', 'day', 'Europe/Berlin'), '10-25T00:00 100 100', 'and one of 25'
  );
  return next is(
    tests.lengths('2026-11-01T12:00Z', '2026-11-01T12:01Z', 'day', 'America/New_York'), '11-01T00:00 100 100', 'in New York'
  );
  return next is(
    tests.lengths('2026-10-25T00:00Z', '2026-10-25T02:00Z', 'hour', 'Europe/Berlin'),
    '10-25T02:00 4 4, 10-25T02:00 4 4', 'the hour from two to three comes twice'
  );
  return next is(
    tests.lengths('2026-03-29T00:00Z', '2026-03-29T02:00Z', 'hour', 'Europe/Berlin'),
    '03-29T01:00 4 4, 03-29T03:00 4 4', 'or not at all'
  );
  return next is(
    tests.lengths('2026-04-01T00:15Z', '2026-04-01T02:15Z', 'hour', 'Asia/Kathmandu'),
    '04-01T06:00 4 4, 04-01T07:00 4 4', 'hours of Kathmandu begin at a quarter past'
  );
  return next is(
    tests.lengths('2026-04-04T12:00Z', '2026-04-04T12:01Z', 'day', 'Pacific/Chatham'), '04-05T00:00 100 100', 'days of Chatham too'
  );
  return next is(
    tests.lengths('2026-04-01T12:00Z', '2026-04-01T12:01Z', 'week', 'Europe/Berlin'), '03-30T00:00 672 672', 'a week begins on Monday'
  );
end;
$$;
select tests.told();
select is(billing.drain_usage(100000), 2114, 'all is drained');
select tests.told();
select tests.refused(
  $$select billing.usage('2026-01-01', '2026-01-02', time_zone => 'XYZ+0:07')$$, 'invalid_argument', 'PT422', 'what is no name of a zone is none'
);
select tests.refused(
  $$select billing.usage('2026-01-01', '2028-01-01', 'hour')$$, 'invalid_argument', 'PT422', 'nobody asks for more than 10,000 hours'
);

select * from finish();
rollback;
