-- Where buckets begin, by the clocks of a time zone. Quarters of an hour are the finest: every offset since 2000 and every
-- change of one is a multiple of them.
create function ratebook.usage_edges(p_since timestamptz, p_until timestamptz, p_bucket text, p_time_zone text)
returns timestamptz[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_edges timestamptz[];
begin
  -- What each bucket lasts at least, so that nobody asks for the hours of a century.
  if (
    p_until - p_since <= 10000 * case p_bucket
      when 'hour' then interval '1 hour'
      when 'day' then interval '24 hours'
      when 'week' then interval '168 hours'
      when 'month' then interval '672 hours'
    end
  ) is not true then
    perform ratebook.fail('invalid_argument', 'That are more than 10,000 buckets.', 'Ask for a shorter time, or for larger buckets.');
  end if;
  if p_bucket = 'hour' then
    -- Where the clock shows a full hour, also one for the second time; where it jumps in between, that hour lasts longer.
    v_edges := array(
      select q.at
      from generate_series(
        date_bin('15 minutes', p_since, '2000-01-01T00:00:00Z') - interval '2 hours', p_until + interval '2 hours',
        interval '15 minutes'
      ) as q (at)
      where extract(minute from q.at at time zone p_time_zone) = 0
      order by q.at
    );
  else
    v_edges := array(
      select distinct ratebook.day_starts_at(d.day::date, p_time_zone) as at
      from generate_series(
        date_trunc(p_bucket, p_since at time zone p_time_zone),
        date_trunc(p_bucket, (p_until - interval '1 microsecond') at time zone p_time_zone) + ('1 ' || p_bucket)::interval,
        ('1 ' || p_bucket)::interval
      ) as d (day)
      order by at
    );
  end if;
  -- Whole buckets: from the one that it begins in to the one that it ends in.
  return array(
    select e.at
    from unnest(v_edges) as e (at)
    where
      e.at >= (select max(b.at) from unnest(v_edges) as b (at) where b.at <= p_since)
      and e.at <= (select min(b.at) from unnest(v_edges) as b (at) where b.at >= p_until)
    order by e.at
  );
end;
$$;

-- Buckets by sums and differences of UTC's days, six hours, hours and quarters: an edge is as far from the nearest midnight
-- as a few of the shorter say. What lies between the two is read once: it is put to the bucket on the one
-- side and taken from the one on the other.
create function ratebook.usage_pieces(p_edges timestamptz[], p_bucket text)
returns table (adds_to integer, takes_from integer, minutes smallint, since timestamptz, until timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  with
  steps as (
    select
      n.place,
      l.minutes,
      -- The nearest that begins one of that length.
      date_bin(
        make_interval(mins => l.minutes), p_edges[n.place] + make_interval(mins => l.minutes / 2), '2000-01-01T00:00:00Z'
      ) as at
    from generate_series(1, cardinality(p_edges)) as n (place)
    -- Hours are made of hours alone, since days would be many more.
    cross join unnest(case when p_bucket = 'hour' then '{60,15}' else '{1440,360,60,15}' end::integer[]) as l (minutes)
  )

  select
    -- The bucket that ends there, and the one that begins there; there is none before the first, and none after the last.
    case when s.adds_to between 1 and cardinality(p_edges) - 1 then s.adds_to end,
    case when s.takes_from between 1 and cardinality(p_edges) - 1 then s.takes_from end,
    s.minutes::smallint,
    s.since,
    s.until
  from (
    select
      c.place as adds_to,
      null::integer as takes_from,
      c.minutes,
      c.at as since,
      lead(c.at) over (order by c.place) as until
    from steps as c
    -- From bucket to bucket, and from there to the edge itself by ever shorter ones.
    where c.minutes = case when p_bucket = 'hour' then 60 else 1440 end
    union all
    select
      case when d.since < d.until then d.place - 1 else d.place end,
      case when d.since < d.until then d.place else d.place - 1 end,
      d.minutes,
      least(d.since, d.until),
      greatest(d.since, d.until)
    from (
      select
        f.place,
        f.minutes,
        lag(f.at) over (partition by f.place order by f.minutes desc) as since,
        f.at as until
      from steps as f
    ) as d
  ) as s
  where s.since < s.until;
end;

revoke all on function ratebook.usage_edges(timestamptz, timestamptz, text, text) from public;
revoke all on function ratebook.usage_pieces(timestamptz[], text) from public;

comment on function ratebook.usage_edges(timestamptz, timestamptz, text, text) is
'Where the buckets of a span of time begin in a time zone, and where the last one ends: a day begins where ratebook.day_starts_at() says. Error: invalid_argument (PT422) for more than 10,000.';
comment on function ratebook.usage_pieces(timestamptz[], text) is
'What buckets are made of: days, six hours, hours and quarters of UTC, each piece with the place of the bucket that it is added to, and of the one that it is taken from.';
