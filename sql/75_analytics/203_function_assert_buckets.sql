create function ratebook.assert_buckets(
  p_since timestamptz, p_until timestamptz, p_bucket text, p_time_zone text
) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if (p_bucket in ('hour', 'day', 'week', 'month')) is not true then
    perform ratebook.fail('invalid_argument', 'There is no such bucket.', 'It is hour, day, week or month.',
      jsonb '{"argument": "bucket"}');
  end if;
  perform ratebook.assert_time_zone(p_time_zone);
  if (p_since < p_until and ratebook.is_time(p_since) and ratebook.is_time(p_until)) is not true then
    perform ratebook.fail('invalid_time', 'A report is of a time, from since to until.', 'until comes after since.');
  end if;
end;
$$;

create function ratebook.assert_time_zone(p_time_zone text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- "at time zone" takes more than names. The list of them is read from files.
  if (p_time_zone = 'UTC' or ratebook.is_time_zone(p_time_zone)) is not true then
    perform ratebook.fail('invalid_argument', format('There is no time zone called "%s".', left(p_time_zone, 100)),
      'Use a name such as Europe/Berlin, spelt as pg_timezone_names does.',
      jsonb_build_object('time_zone', left(p_time_zone, 100)));
  end if;
end;
$$;

revoke all on function ratebook.assert_buckets(timestamptz, timestamptz, text, text) from public;
revoke all on function ratebook.assert_time_zone(text) from public;

comment on function ratebook.assert_buckets(timestamptz, timestamptz, text, text) is
'Refuses what is no time to report on by hour, day, week or month. Errors: invalid_time, invalid_argument (PT422).';
comment on function ratebook.assert_time_zone(text) is
'Refuses what is no name of pg_timezone_names. Error: invalid_argument (PT422).';
