-- A histogram is one number: some digits a bucket, the lowest first. So the sum of histograms is their sum as numbers,
-- which PostgreSQL adds at one go, and what is taken back is subtracted. Buckets grow by a factor: whatever lies in one is
-- within a part of its middle.
--   finer: 12 digits, factor 1.0195 / 0.9805, error 1.95 %; coarser: 8 digits, factor 1.049 / 0.951, error 4.9 %. What is
--   rounded comes on top.
create function ratebook.latency_factor(p_is_fine boolean) returns double precision
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return case when p_is_fine then 1.0195::double precision / 0.9805 else 1.049::double precision / 0.951 end;
end;
$$;

create function ratebook.latency_bucket(p_latency_ms integer, p_is_fine boolean) returns integer
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_latency_ms <= 0 then
    return 0;
  end if;
  return 1 + ceil(ln(p_latency_ms::double precision) / ln(ratebook.latency_factor(p_is_fine)));
end;
$$;

create function ratebook.latency_mark(p_latency_ms integer, p_is_fine boolean) returns numeric
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return ('1e' || case when p_is_fine then 12 else 8 end * ratebook.latency_bucket(p_latency_ms, p_is_fine))::numeric;
end;
$$;

-- A histogram divided by a bucket of nines (such as 10^12 - 1) is the histogram of what lies in each bucket and above: as
-- many as there are in the lowest. Those sums are in order, so the bucket of a quantile is looked up by halves, in the bytes
-- that numeric_send() tells: how many digits of four decimals from the first to the last that is not 0, how many come behind
-- the first, two more numbers, and the digits. Three digits are a bucket (two of the coarser kind, as long as all requests
-- fit into them); two bytes are a digit, and compare as it does.
create function ratebook.latency_quantiles(p_latencies numeric, p_requests bigint, p_is_fine boolean, p_parts numeric[])
returns numeric[]
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_factor constant double precision := ratebook.latency_factor(p_is_fine);
  v_is_widened constant boolean := not p_is_fine and p_requests >= 100000000;
  v_digits constant integer := case when p_is_fine or v_is_widened then 3 else 2 end;
  -- So many requests need the room that the finer kind has.
  v_latencies constant numeric := case
    when not v_is_widened then p_latencies
    else reverse(regexp_replace(reverse(greatest(p_latencies, 0)::text), '.{8}', '\&0000', 'g'))::numeric
  end;
  v_sums bytea := numeric_send(v_latencies);
  v_behind integer := 256 * get_byte(v_sums, 2) + get_byte(v_sums, 3);
  v_highest constant integer := v_behind / v_digits;
  v_lowest constant integer := (v_behind + 1 - 256 * get_byte(v_sums, 0) - get_byte(v_sums, 1)) / v_digits;
  v_last constant integer := 2 * v_digits * (v_highest - v_lowest);
  v_number bigint := 0;
  v_above bigint;
  v_most_above bytea;
  v_least integer := v_lowest;
  v_most integer;
  v_middle integer;
  v_part numeric;
  v_quantiles numeric[] := '{}'::numeric[];
begin
  if p_latencies <= 0 then
    return null;
  end if;
  if v_lowest < v_highest or v_is_widened then
    -- From the lowest bucket on that holds any, which is much shorter; with the zeros that are not sent.
    v_sums := numeric_send(div(
      v_latencies, (repeat('9', 4 * v_digits) || 'e' || 4 * v_digits * (v_lowest - 1))::numeric
    ));
    v_behind := 256 * get_byte(v_sums, 2) + get_byte(v_sums, 3);
    v_sums := substr('\x00000000'::bytea, 1, 2 * (v_digits - 1 - v_behind % v_digits)) || substr(v_sums, 9)
      || '\x00000000'::bytea;
    -- What is no histogram (of rows that were loaded, never counted, and taken back) has no quantiles.
    if length(v_sums) < v_last + 2 * v_digits then
      return null;
    end if;
    for v_digit in 0..v_digits - 1 loop
      v_number := 10000 * v_number
        + 256 * get_byte(v_sums, v_last + 2 * v_digit) + get_byte(v_sums, v_last + 2 * v_digit + 1);
    end loop;
  end if;
  -- What overflows into the next bucket is missing.
  if v_is_widened and p_requests - v_number >= 99999999 then
    return null;
  end if;
  -- Each from where the one before was found.
  foreach v_part in array p_parts loop
    v_most := v_highest;
    if v_least < v_most then
      -- The lowest bucket that has, with those below it, as many as the part asks for: no more than the rest are above it.
      v_above := v_number - ceil(v_part * v_number);
      v_most_above := case when v_digits = 3 then int2send((v_above / 100000000)::smallint) else '' end
        || int2send((v_above / 10000 % 10000)::smallint) || int2send((v_above % 10000)::smallint);
      while v_least < v_most loop
        v_middle := (v_least + v_most) / 2;
        if substr(v_sums, 2 * v_digits * (v_highest - v_middle - 1) + 1, 2 * v_digits) <= v_most_above then
          v_most := v_middle;
        else
          v_least := v_middle + 1;
        end if;
      end loop;
    end if;
    v_quantiles := v_quantiles || case v_least
      when 0 then 0
      when 1 then 1
      else round((2 * v_factor ^ (v_least - 1) / (v_factor + 1))::numeric, 3)
    end;
  end loop;
  return v_quantiles;
end;
$$;

revoke all on function ratebook.latency_factor(boolean) from public;
revoke all on function ratebook.latency_bucket(integer, boolean) from public;
revoke all on function ratebook.latency_mark(integer, boolean) from public;
revoke all on function ratebook.latency_quantiles(numeric, bigint, boolean, numeric[]) from public;

comment on function ratebook.latency_factor(boolean) is
'By what each bucket of latencies is wider than the one before: 1.04 (fine) or 1.1.';
comment on function ratebook.latency_bucket(integer, boolean) is
'The bucket of a latency in milliseconds: 0 for 0, 1 for 1, and so on by ratebook.latency_factor().';
comment on function ratebook.latency_mark(integer, boolean) is
'The histogram of one latency: histograms are added and subtracted as the numbers that they are.';
comment on function ratebook.latency_quantiles(numeric, bigint, boolean, numeric[]) is
'The latencies below which the parts (ascending, such as 0.5 and 0.95) of a histogram of so many requests at most lie, in milliseconds, within 2 % (fine) or 5 %; NULL where it is empty, and where 100 million or more are in one bucket of the coarser.';
