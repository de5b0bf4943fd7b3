-- RFC 9562 version 7: 48 bits of milliseconds, then (its method 3) 12 bits of the fraction of the millisecond, then
-- random bits. 12 bits hold every microsecond, so the time can be read back exactly: created_at is computed from id.

create function ratebook.uuid_v7(p_at timestamptz default ratebook.clock()) returns uuid
language plpgsql volatile parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_us bigint := extract(epoch from p_at) * 1000000;
begin
  -- Milliseconds, the version (7), 4096ths of a millisecond; then the variant and the random bits of a version 4.
  return encode(
    int8send(v_us / 1000 * 65536 + 7 * 4096 + v_us % 1000 * 4096 / 1000) || substring(uuid_send(gen_random_uuid()) from 9),
    'hex'
  )::uuid;
end;
$$;

create function ratebook.uuid_v7_floor(p_at timestamptz) returns uuid
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
return rpad(
  encode(substring(int8send(floor(extract(epoch from p_at) * 1000)::bigint) from 3), 'hex'), 32, '0'
)::uuid;

create function ratebook.uuid_v7_time(p_id uuid) returns timestamptz
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bits bit(64) := ('x' || encode(substring(uuid_send(p_id) for 8), 'hex'))::bit(64);
  v_ms bigint := substring(v_bits for 48)::bigint;
  v_fraction integer := substring(v_bits from 53)::integer;
begin
  return to_timestamp(v_ms / 1000) + (v_ms % 1000 * 1000 + (v_fraction * 1000 + 4095) / 4096) * interval '1 microsecond';
end;
$$;

revoke all on function ratebook.uuid_v7(timestamptz) from public;
revoke all on function ratebook.uuid_v7_floor(timestamptz) from public;
revoke all on function ratebook.uuid_v7_time(uuid) from public;
-- Column defaults and generated columns run in the name of the writer.
grant execute on function ratebook.uuid_v7(timestamptz) to authenticated, service_role;
grant execute on function ratebook.uuid_v7_time(uuid) to authenticated, service_role;

comment on function ratebook.uuid_v7(timestamptz) is
'A new UUIDv7 for the given time, in order to the microsecond.';
comment on function ratebook.uuid_v7_floor(timestamptz) is
'The lowest UUID of the millisecond of a time: no ratebook.uuid_v7() of that time or later is below it.';
comment on function ratebook.uuid_v7_time(uuid) is
'The time inside a UUIDv7, exact to the microsecond for ids made by ratebook.uuid_v7().';
