create function ratebook.is_time_zone(p_name text) returns boolean
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- "at time zone" takes more: XYZ+0:07, whose sign means the reverse, and abbreviations that know no daylight time.
  return exists (select from pg_timezone_names as z where z.name = p_name);
end;
$$;

create function ratebook.check_time_zone() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if not ratebook.is_time_zone(new.time_zone) then
    perform ratebook.fail(
      'invalid_argument', format('There is no time zone called "%s".', left(new.time_zone, 100)),
      'Use a name such as Europe/Berlin, spelt as pg_timezone_names does.',
      jsonb_build_object('time_zone', left(new.time_zone, 100))
    );
  end if;
  return new;
end;
$$;

create function ratebook.day_starts_at(p_day date, p_time_zone text) returns timestamptz
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_midnight timestamp := p_day;
  v_at timestamptz := v_midnight at time zone p_time_zone;
begin
  -- Where clocks go back to midnight it comes twice, and the day has begun with the first. Where they skip it, v_at is the
  -- moment that they do.
  return v_at - greatest(
    (v_at - interval '1 microsecond') at time zone p_time_zone + interval '1 microsecond' - v_midnight, interval '0'
  );
end;
$$;

revoke all on function ratebook.is_time_zone(text) from public;
revoke all on function ratebook.check_time_zone() from public;
revoke all on function ratebook.day_starts_at(date, text) from public;

comment on function ratebook.is_time_zone(text) is 'Whether a time zone has this name in pg_timezone_names.';
comment on function ratebook.check_time_zone() is
'Row trigger: time_zone is a name of pg_timezone_names. Error: invalid_argument (PT422).';
comment on function ratebook.day_starts_at(date, text) is
'When a day begins in a time zone, which is not always at midnight, and where midnight comes twice at the first.';
