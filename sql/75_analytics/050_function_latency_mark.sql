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
  v_sent bytea := numeric_send(p_latencies);
  v_after integer := 256 * get_byte(v_sent, 2) + get_byte(v_sent, 3);
  v_highest constant integer := v_after / 3;
  v_lowest constant integer := (v_after + 1 - 256 * get_byte(v_sent, 0) - get_byte(v_sent, 1)) / 3;
  v_number bigint;
  v_bound bigint;
  v_bound_sent bytea;
  v_least integer := v_lowest;
  v_most integer;
  v_middle integer;
  v_part numeric;
  v_quantiles numeric[] := '{}'::numeric[];
begin
  if p_latencies <= 0 then
    return null;
  end if;
  if v_lowest < v_highest then
    v_sent := numeric_send(div(p_latencies, ('999999999999e' || 12 * (v_lowest - 1))::numeric));
    v_sent := substr('\x00000000'::bytea, 1, 4 - 2 * ((get_byte(v_sent, 2) + get_byte(v_sent, 3)) % 3)) || substr(v_sent, 9) || '\x00000000'::bytea;
    v_after := 6 * (v_highest - v_lowest);
    v_number := 100000000::bigint * (256 * get_byte(v_sent, v_after) + get_byte(v_sent, v_after + 1))
      + 10000 * (256 * get_byte(v_sent, v_after + 2) + get_byte(v_sent, v_after + 3))
      + 256 * get_byte(v_sent, v_after + 4) + get_byte(v_sent, v_after + 5);
  end if;
  foreach v_part in array p_parts loop
    v_most := v_highest;
    if v_least < v_most then
      v_bound := v_number - ceil(v_part * v_number);
      v_bound_sent := int2send((v_bound / 100000000)::smallint) || int2send((v_bound / 10000 % 10000)::smallint)
        || int2send((v_bound % 10000)::smallint);
      loop
        v_middle := (v_least + v_most) / 2;
        if substr(v_sent, 6 * (v_highest - v_middle) - 5, 6) <= v_bound_sent then
          v_most := v_middle;
        else
          v_least := v_middle + 1;
        end if;
        exit when v_least >= v_most;
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

revoke all on function ratebook.latency_bucket(integer, boolean) from public;
revoke all on function ratebook.latency_mark(integer, boolean) from public;
revoke all on function ratebook.latency_quantiles(numeric, boolean, numeric[]) from public;

comment on function ratebook.latency_bucket(integer, boolean) is
'The bucket of a latency in milliseconds: 0 for 0, 1 for 1, and so on by a factor of 1.04 (fine) or 1.08.';
comment on function ratebook.latency_mark(integer, boolean) is
'The histogram of one latency: histograms are added and subtracted as the numbers that they are.';
comment on function ratebook.latency_quantiles(numeric, boolean, numeric[]) is
'The latencies below which the parts (ascending, such as 0.5 and 0.95) of a histogram lie, in milliseconds, within 2 % (fine) or 5 %; NULL where it is empty.';
