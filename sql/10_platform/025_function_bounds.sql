-- How large what people enter may be, in one place for all tables and functions. NULL is not theirs to judge.

create function ratebook.is_amount(p_value numeric, p_decimals integer default 30) returns boolean
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- NaN sorts above every number.
  return p_value between -1e12 and 1e12 and scale(trim_scale(p_value)) <= p_decimals;
end;
$$;

create function ratebook.is_price(p_value numeric) returns boolean
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Catalogues divide by 3,600 seconds, to 40 digits.
  return p_value >= 0 and p_value < 1000000 and scale(trim_scale(p_value)) <= 60;
end;
$$;

create function ratebook.is_time(p_value timestamptz) returns boolean
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_value >= '0001-01-01 00:00:00+00' and p_value < '10000-01-01 00:00:00+00';
end;
$$;

create function ratebook.is_date(p_value date) returns boolean
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_value >= '0001-01-01' and p_value <= '9999-12-31';
end;
$$;

create function ratebook.is_name(p_value text) returns boolean
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_value ~ '\S' and char_length(p_value) <= 255;
end;
$$;

create function ratebook.is_text(p_value text) returns boolean
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return char_length(p_value) <= 10000;
end;
$$;

-- Checks of tables run in the name of whoever writes.
revoke all on function ratebook.is_amount(numeric, integer) from public;
revoke all on function ratebook.is_price(numeric) from public;
revoke all on function ratebook.is_time(timestamptz) from public;
revoke all on function ratebook.is_date(date) from public;
revoke all on function ratebook.is_name(text) from public;
revoke all on function ratebook.is_text(text) from public;
grant execute on function ratebook.is_amount(numeric, integer) to authenticated, service_role;
grant execute on function ratebook.is_price(numeric) to authenticated, service_role;
grant execute on function ratebook.is_time(timestamptz) to authenticated, service_role;
grant execute on function ratebook.is_date(date) to authenticated, service_role;
grant execute on function ratebook.is_name(text) to authenticated, service_role;
grant execute on function ratebook.is_text(text) to authenticated, service_role;

comment on function ratebook.is_amount(numeric, integer) is
'Whether a number is one that people may enter: from -1e12 to 1e12, with at most 30 decimals unless told; no NaN, no infinity.';
comment on function ratebook.is_price(numeric) is
'Whether a number is a price of one unit: from 0 to below 1000000, with at most 60 decimals.';
comment on function ratebook.is_time(timestamptz) is 'Whether a time is in the years 1 to 9999, which every client can read.';
comment on function ratebook.is_date(date) is 'Whether a date is in the years 1 to 9999.';
comment on function ratebook.is_name(text) is 'Whether a text is a name: not blank, and at most 255 characters.';
comment on function ratebook.is_text(text) is 'Whether a text is no longer than a description: 10,000 characters.';
