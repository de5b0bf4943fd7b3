-- A histogram is one number: twelve digits a bucket, the lowest first. So the sum of histograms is their sum as numbers,
-- which PostgreSQL adds at one go, and what is taken back is subtracted. Buckets grow by a factor: whatever lies in one is
-- within a part of its middle. Two of the finer kind make one of the coarser.
--   finer: factor 1.0195 / 0.9805, error 1.95 %; coarser: its square, error 3.9 %. What is rounded comes on top.
create function ratebook.latency_bucket(p_latency_ms integer, p_is_fine boolean) returns integer
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bucket integer;
begin
  if p_latency_ms <= 0 then
    return 0;
  end if;
  v_bucket := ceil(ln(p_latency_ms::double precision) / ln(1.0195::double precision / 0.9805));
  return 1 + case when p_is_fine then v_bucket else (v_bucket + 1) / 2 end;
end;
$$;

create function ratebook.latency_mark(p_latency_ms integer, p_is_fine boolean) returns numeric
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return ('1e' || 12 * ratebook.latency_bucket(p_latency_ms, p_is_fine))::numeric;
end;
$$;

create function ratebook.latency_quantiles(p_latencies numeric, p_is_fine boolean, p_parts numeric[]) returns numeric[]
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_factor constant double precision := (1.0195::double precision / 0.9805) ^ case when p_is_fine then 1 else 2 end;
  -- Casting out nines: what is left is the sum of the buckets, and of the upper ones where the lower are cut off.
  v_nines constant numeric := 999999999999;
  v_digits constant text := p_latencies::text;
  -- The lowest bucket that holds any, and the number from there on, which is much shorter.
  v_lowest constant integer := (length(v_digits) - length(rtrim(v_digits, '0'))) / 12;
  v_latencies constant numeric := trim_scale(p_latencies * ('1e-' || 12 * v_lowest)::numeric);
  v_number constant numeric := mod(v_latencies, v_nines);
  v_part numeric;
  v_least integer := 0;
  v_most integer;
  v_middle integer;
  v_bucket integer;
  v_quantiles numeric[] := '{}'::numeric[];
begin
  if p_latencies <= 0 then
    return null;
  end if;
  foreach v_part in array p_parts loop
    -- The lowest bucket that has, with those below it, as many as the part asks for.
    v_most := (length(v_digits) - 12 * v_lowest - 1) / 12;
    while v_least < v_most loop
      v_middle := (v_least + v_most) / 2;
      if v_number - mod(trunc(v_latencies, -12 * (v_middle + 1)), v_nines) >= v_part * v_number then
        v_most := v_middle;
      else
        v_least := v_middle + 1;
      end if;
    end loop;
    v_bucket := v_lowest + v_least;
    v_quantiles := v_quantiles || case v_bucket
      when 0 then 0
      when 1 then 1
      else round((2 * v_factor ^ (v_bucket - 1) / (v_factor + 1))::numeric, 3)
    end;
  end loop;
  return v_quantiles;
end;
$$;

revoke all on function ratebook.latency_bucket(integer, boolean) from public;
revoke all on function ratebook.latency_mark(integer, boolean) from public;
revoke all on function ratebook.latency_quantiles(numeric, boolean, numeric[]) from public;

comment on function ratebook.latency_bucket(integer, boolean) is
'The bucket of a latency in milliseconds: 0 for 0, 1 for 1, and so on by a factor of 1.04 (fine) or 1.08.';
comment on function ratebook.latency_mark(integer, boolean) is
'The histogram of one latency: histograms are added and subtracted as the numbers that they are.';
comment on function ratebook.latency_quantiles(numeric, boolean, numeric[]) is
'The latencies below which the parts (ascending, such as 0.5 and 0.95) of a histogram lie, in milliseconds, within 2 % (fine) or 5 %; NULL where it is empty.';
