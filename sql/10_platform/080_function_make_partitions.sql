create function ratebook.make_partitions(
  p_table regclass,
  p_from timestamptz,
  p_until timestamptz
) returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_month timestamp := date_trunc('month', p_from at time zone 'UTC');
  v_name text;
  v_made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('ratebook.partitions', 0));
  while v_month < p_until at time zone 'UTC' loop
    v_name := replace(p_table::text, '.', '_') || to_char(v_month, '_YYYY_MM');
    if to_regclass(format('ratebook.%I', v_name)) is null then
      execute format(
        'create table ratebook.%I partition of %s for values from (%L) to (%L)',
        v_name,
        p_table,
        ratebook.uuid_v7_floor(v_month at time zone 'UTC'),
        ratebook.uuid_v7_floor((v_month + interval '1 month') at time zone 'UTC')
      );
      execute format('alter table ratebook.%I enable row level security', v_name);
      execute format('revoke all on ratebook.%I from public, anon, authenticated, service_role', v_name);
      execute format(
        'create trigger refuse_truncate before truncate on ratebook.%I '
        'for each statement execute function ratebook.refuse_change(%L)',
        v_name, 'Detach old partitions with ratebook.detach_partitions() instead.'
      );
      execute format('alter table ratebook.%I enable always trigger refuse_truncate', v_name);
      v_made := v_made + 1;
    elsif not exists (
      select from pg_catalog.pg_inherits as i
      where i.inhrelid = to_regclass(format('ratebook.%I', v_name)) and i.inhparent = p_table
    ) then
      perform ratebook.fail(
        'invalid_argument', format('The partition of %s was detached.', to_char(v_month, 'YYYY-MM')),
        format('Attach, rename or drop ratebook.%I first.', v_name)
      );
    end if;
    v_month := v_month + interval '1 month';
  end loop;
  return v_made;
end;
$$;

revoke all on function ratebook.make_partitions(regclass, timestamptz, timestamptz) from public;

comment on function ratebook.make_partitions(regclass, timestamptz, timestamptz) is
'Makes the monthly (UTC) partitions of a table keyed by UUIDv7 that cover a span of time, in schema ratebook, with RLS on, no grants and a guard against TRUNCATE. Returns how many were missing.';
