-- What a Ratebook behind a front has beside itself: the front's role, and lensers by their ids.
-- `ratebook shards join` runs it, as a superuser; again, it changes nothing.
do $role$
begin
  if to_regrole('ratebook_front') is null then
    create role ratebook_front login noinherit;
    grant service_role to ratebook_front;
  end if;
  -- It is the service role as soon as it connects: no more, no less.
  alter role ratebook_front set role = 'service_role';
  alter role ratebook_front set jit = off;
  -- An id leads to one lenser here and to nobody on the shard where it is not.
  execute format('alter database %I set ratebook.owner_required = on', current_database());
end
$role$;

create schema if not exists shards;
grant usage on schema shards to service_role;

create or replace function shards.add_lenser(p_lenser uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: profiles are made by those who sign in, and nobody signs in here.
begin
  insert into lensers.profiles (id) values (p_lenser) on conflict do nothing;
  return found;
end;
$$;

revoke all on function shards.add_lenser(uuid) from public;
grant execute on function shards.add_lenser(uuid) to service_role;

comment on schema shards is 'What the front of a sharded Ratebook needs on a shard.';
comment on function shards.add_lenser(uuid) is
'Makes the profile of a lenser who may own, or spend, on this shard. Returns false for one who is there.';
