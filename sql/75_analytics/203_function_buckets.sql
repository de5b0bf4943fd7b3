create function ratebook.buckets(
  p_since timestamptz, p_until timestamptz, p_bucket text, p_time_zone text, p_at_most integer default 1000
) returns table (starts_at timestamptz, ends_at timestamptz)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_length interval;
  v_local timestamp;
begin
  if (isfinite(p_since) and isfinite(p_until) and p_since <= p_until) is not true then
    perform ratebook.fail('invalid_time', 'A period has a beginning and an end after it.');
  end if;
  perform ratebook.assert_time_zone(p_time_zone);
  v_length := case p_bucket when 'hour' then '1 hour' when 'day' then '1 day' when 'week' then '7 days' when 'month' then '1 month' end;
  if v_length is null then
    perform ratebook.fail('invalid_argument', 'A bucket is an hour, a day, a week or a month.', null,
      jsonb_build_object('bucket', left(p_bucket, 100)));
  end if;
  -- A month has at most 31 days, so that this many buckets begin, or more.
  if extract(epoch from p_until - p_since) / extract(epoch from v_length + interval '1 hour') > p_at_most then
    perform ratebook.fail('invalid_argument', format('A period has at most %s buckets.', p_at_most),
      'Ask for a shorter one, or for larger buckets.', jsonb_build_object('at_most', p_at_most));
  end if;

  -- Hours of a clock are hours; what is longer goes by its calendar.
  if p_bucket = 'hour' then
    starts_at := date_trunc('hour', p_since, p_time_zone);
    while starts_at < p_until loop
      ends_at := starts_at + interval '1 hour';
      return next;
      starts_at := ends_at;
    end loop;
    return;
  end if;
  v_local := date_trunc(p_bucket, p_since at time zone p_time_zone);
  starts_at := ratebook.day_starts_at(v_local::date, p_time_zone);
  while starts_at < p_until loop
    v_local := v_local + v_length;
    ends_at := ratebook.day_starts_at(v_local::date, p_time_zone);
    return next;
    starts_at := ends_at;
  end loop;
end;
$$;

create function ratebook.assert_time_zone(p_time_zone text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if ratebook.is_time_zone(p_time_zone) is not true then
    perform ratebook.fail('invalid_argument', format('There is no time zone called "%s".', left(p_time_zone, 100)),
      'Use a name such as Europe/Berlin, spelt as pg_timezone_names does.',
      jsonb_build_object('time_zone', left(p_time_zone, 100)));
  end if;
end;
$$;

revoke all on function ratebook.buckets(timestamptz, timestamptz, text, text, integer) from public;
revoke all on function ratebook.assert_time_zone(text) from public;

comment on function ratebook.buckets(timestamptz, timestamptz, text, text, integer) is
'The whole hours, days, weeks (from Monday on) or months of a time zone that a period touches, in their order. Errors: invalid_time, invalid_argument (PT422).';
comment on function ratebook.assert_time_zone(text) is
'Refuses what is no name of pg_timezone_names. Error: invalid_argument (PT422).';
