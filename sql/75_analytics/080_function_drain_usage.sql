-- Delivered and forgotten in one transaction: a reader, who reads everything as of one moment, finds a delta in its table
-- or in the roll-ups, never in both and never in neither.
create function ratebook.drain_usage(p_at_most integer) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: nobody writes usage.
declare
  v_deltas ratebook.usage_deltas[];
begin
  if (p_at_most between 1 and 100000) is not true then
    perform ratebook.fail('invalid_argument', 'A drain takes 1 to 100,000 changes.', 'Call it again for the others.');
  end if;
  -- One at a time: who comes second has nothing to do, and does not wait for it.
  if not pg_try_advisory_xact_lock(hashtextextended('ratebook.usage_rollups', 0)) then
    return 0;
  end if;
  with
  taken as (
    delete from ratebook.usage_deltas as d
    where d.ctid = any(array(select o.ctid from ratebook.usage_deltas as o limit p_at_most))
    returning d as delta
  )
  select array_agg(t.delta) into v_deltas from taken as t;
  if v_deltas is null then
    return 0;
  end if;
  perform ratebook.add_usage(v_deltas, null, null);
  return cardinality(v_deltas);
end;
$$;

create function billing.drain_usage(at_most integer default 10000) returns integer
language sql volatile
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select ratebook.drain_usage(at_most);
end;

revoke all on function ratebook.drain_usage(integer) from public;
revoke all on function billing.drain_usage(integer) from public;
grant execute on function ratebook.drain_usage(integer) to service_role;
grant execute on function billing.drain_usage(integer) to service_role;

comment on function ratebook.drain_usage(integer) is 'The rule behind billing.drain_usage().';
comment on function billing.drain_usage(integer) is
'Service role only, on a schedule (each minute). Adds what generations, charges and refunds have left to count to the roll-ups behind billing.usage(). Nothing depends on it: billing.usage() counts what is not drained too, and takes longer for it. at_most: changes in one call, up to 100,000; 10,000 unless told. Returns how many it took: call it again while that is at_most. One runs at a time; another returns 0. Error: invalid_argument (PT422).';
