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

-- Each bucket, made of the largest of UTC's days, hours and quarters that fit.
create function ratebook.usage_pieces(p_edges timestamptz[])
returns table (place integer, minutes smallint, since timestamptz, until timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    b.place,
    s.minutes::smallint,
    s.since,
    s.until
  from (
    select
      n.place,
      p_edges[n.place] as since,
      p_edges[n.place + 1] as until,
      date_bin('24 hours', p_edges[n.place] - interval '1 microsecond', '2000-01-01T00:00:00Z') + interval '24 hours' as first_day,
      date_bin('24 hours', p_edges[n.place + 1], '2000-01-01T00:00:00Z') as last_day
    from generate_series(1, cardinality(p_edges) - 1) as n (place)
  ) as b
  -- The days, and what is before and behind them; all of it where no day fits.
  cross join
    lateral (
      values
      (true, b.first_day, b.last_day),
      (false, b.since, case when b.first_day < b.last_day then b.first_day else b.until end),
      (false, case when b.first_day < b.last_day then b.last_day else b.until end, b.until)
    ) as d (is_days, since, until)
  cross join
    lateral (
      select
        date_bin('1 hour', d.since - interval '1 microsecond', '2000-01-01T00:00:00Z') + interval '1 hour' as first_hour,
        date_bin('1 hour', d.until, '2000-01-01T00:00:00Z') as last_hour
    ) as h
  cross join
    lateral (
      values
      (1440, d.since, case when d.is_days then d.until else d.since end),
      (60, h.first_hour, case when d.is_days then h.first_hour else h.last_hour end),
      (15, d.since, case when d.is_days then d.since when h.first_hour <= h.last_hour then h.first_hour else d.until end),
      (15, h.last_hour, case when d.is_days or h.first_hour > h.last_hour then h.last_hour else d.until end)
    ) as s (minutes, since, until)
  where s.since < s.until;
end;

revoke all on function ratebook.usage_edges(timestamptz, timestamptz, text, text) from public;
revoke all on function ratebook.usage_pieces(timestamptz[]) from public;

comment on function ratebook.usage_edges(timestamptz, timestamptz, text, text) is
'Where the buckets of a span of time begin in a time zone, and where the last one ends: a day begins where ratebook.day_starts_at() says. Error: invalid_argument (PT422) for more than 10,000.';
comment on function ratebook.usage_pieces(timestamptz[]) is
'What buckets are made of: days, hours and quarters of UTC, each piece with the place of its bucket.';
