-- The front of a sharded Ratebook, on PostgreSQL 15 with PL/Proxy (Debian: postgresql-15-plproxy): which owner is on which
-- shard, and how a call gets there. `ratebook shards front` prints it, with the functions of the API behind it.
-- A superuser runs it, in an empty database that has the roles of supabase/platform.sql.
begin;

create extension plproxy;

create schema plproxy;
create schema shards;
create schema ratebook;
grant usage on schema plproxy, shards, ratebook to service_role;

comment on schema plproxy is 'What PL/Proxy asks for the connections of a cluster.';
comment on schema shards is 'Which owner is on which shard, and the calls that go there. Not exposed.';
comment on schema ratebook is 'What defaults of the API''s arguments refer to.';

create function ratebook.clock() returns timestamptz
language sql volatile
set search_path = pg_catalog, pg_temp
return clock_timestamp();

grant execute on function ratebook.clock() to service_role;

comment on function ratebook.clock() is 'Now, by the clock of the front.';

create table shards.shards (
  number smallint generated always as identity (minvalue 0 start 0 maxvalue 255) primary key,
  name text not null unique,
  connection text not null,
  is_home boolean not null default false,
  added_at timestamptz not null default now(),
  constraint connection_has_no_password check (connection !~* '\ypassword\s*='),
  constraint connection_names_its_user check (connection ~* '\y(user|service)\s*=')
);

create unique index shards_one_home_idx on shards.shards (is_home) where is_home;

comment on table shards.shards is 'The databases behind the front, each a whole Ratebook.';
comment on column shards.shards.number is 'In order of arrival.';
comment on column shards.shards.name is 'What a person calls it.';
comment on column shards.shards.connection is
'For libpq, with user= or service=, and without a password: that is the business of pg_service.conf, ~/.pgpass or peer authentication of the front''s server.';
comment on column shards.shards.is_home is 'Where the catalogue is written; the others have it by logical replication.';
comment on column shards.shards.added_at is 'Since when.';

create table shards.partitions (
  partition smallint primary key,
  shard text not null references shards.shards (name),
  state text not null default 'serving',
  other text references shards.shards (name),
  since timestamptz not null default now(),
  constraint partition_is_one_of_256 check (partition between 0 and 255),
  constraint state_is_known check (state in ('serving', 'moving', 'leaving')),
  constraint other_shard_is_known_while_it_moves check ((state = 'serving') = (other is null)),
  constraint other_shard_is_another check (other <> shard)
);

comment on table shards.partitions is
'The 256 logical partitions: shards.partition_of() says which one an owner is in, and the row where that is.';
comment on column shards.partitions.partition is '0 to 255.';
comment on column shards.partitions.shard is 'Where its owners'' rows are.';
comment on column shards.partitions.state is
'serving; moving: being copied, what writes is refused; leaving: it serves on its new shard, and the rows on the old one have to go.';
comment on column shards.partitions.other is 'moving: where to; leaving: where it came from.';
comment on column shards.partitions.since is 'Since when it is in this state.';

-- What PL/Proxy has read holds for as long as this number stays.
create table shards.version (
  is_only boolean primary key default true check (is_only),
  number integer not null default 1
);

comment on table shards.version is 'How often the two tables have changed.';
comment on column shards.version.is_only is 'There is one row.';
comment on column shards.version.number is 'The number that PL/Proxy compares with each call.';

insert into shards.version default values;

create function shards.count_version() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update shards.version set number = number + 1;
  return null;
end;
$$;

revoke all on function shards.count_version() from public;

comment on function shards.count_version() is 'Statement trigger: what PL/Proxy knows of the shards is out of date.';

create trigger shards_count_version after insert or update or delete on shards.shards
for each statement execute function shards.count_version();
create trigger partitions_count_version after insert or update of shard or delete on shards.partitions
for each statement execute function shards.count_version();

create function plproxy.get_cluster_version(cluster_name text) returns integer
language sql volatile security definer
set search_path = pg_catalog, pg_temp
-- Definer: callers of the API read none of the tables.
begin atomic
  select v.number from shards.version as v;
end;

-- 512 connections, of which equal ones are one: the 256 partitions, and from 256 on the shards by their numbers.
create function plproxy.get_cluster_partitions(cluster_name text) returns setof text
language sql volatile security definer
set search_path = pg_catalog, pg_temp
-- Definer: callers of the API read none of the tables.
begin atomic
  select coalesce(p.connection, s.connection, f.connection)
  from generate_series(0, 511) as n
  left join (
    select
      q.partition,
      t.connection
    from shards.partitions as q
    inner join shards.shards as t on t.name = q.shard
  ) as p on p.partition = n
  left join shards.shards as s on s.number = n - 256
  cross join (
    select t.connection
    from shards.shards as t
    order by t.number
    limit 1
  ) as f
  order by n;
end;

create function plproxy.get_cluster_config(cluster_name text, out key text, out val text) returns setof record
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    'connection_lifetime',
    '1800';
end;

revoke all on all functions in schema plproxy from public;
grant execute on all functions in schema plproxy to service_role;

comment on function plproxy.get_cluster_version(text) is 'Asked with each call; a new number lets PL/Proxy read the others again.';
comment on function plproxy.get_cluster_partitions(text) is 'The connection of each partition, then of each shard.';
comment on function plproxy.get_cluster_config(text) is 'A connection is made anew after half an hour.';

-- The one place that says where an owner belongs. It never changes.
create function shards.partition_of(owner uuid) returns integer
language sql immutable strict parallel safe
return get_byte(sha256(uuid_send(owner)), 0);

comment on function shards.partition_of(uuid) is
'The logical partition of an owner: the first byte of the SHA-256 of the 16 bytes of the id. In a shell: xxd -r -p <<< ID | sha256sum | cut -c1-2.';

create function shards.where_is(owner uuid)
returns table (partition integer, shard text, state text, other text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    p.partition::integer,
    p.shard,
    p.state,
    p.other
  from shards.partitions as p
  where p.partition = shards.partition_of(owner);
end;

revoke all on function shards.where_is(uuid) from public;

comment on function shards.where_is(uuid) is 'For a DBA: the partition of an owner, its shard, and whether it moves.';

create function shards.deal() returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  insert into shards.partitions (partition, shard)
  select
    n,
    s.names[1 + n * cardinality(s.names) / 256]
  from generate_series(0, 255) as n
  cross join (
    select array_agg(t.name order by t.number) as names from shards.shards as t
  ) as s
  on conflict do nothing
  returning 1;
  select count(*)::integer from shards.partitions;
end;

revoke all on function shards.deal() from public;

comment on function shards.deal() is
'Deals the partitions to the shards there are, in equal shares; once: later ones are moved there by `ratebook shards move`.';

create function shards.fail(
  p_state text, p_message text, p_detail text default null, p_hint text default null
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- An option that is NULL is an error of its own.
  if p_detail is null and p_hint is null then
    raise exception using errcode = p_state, message = p_message;
  elsif p_hint is null then
    raise exception using errcode = p_state, message = p_message, detail = p_detail;
  elsif p_detail is null then
    raise exception using errcode = p_state, message = p_message, hint = p_hint;
  end if;
  raise exception using errcode = p_state, message = p_message, detail = p_detail, hint = p_hint;
end;
$$;

comment on function shards.fail(text, text, text, text) is 'Raises an error with the parts that it has.';

create function shards.is_away(p_state text, p_message text) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
-- PL/Proxy's own words about a connection; or the last ones of a server that shuts down.
return p_message ~ '^PL/Proxy function \S+: \[[^]]*\]'
or (p_message ~ ': \[[^]]*\] REMOTE ' and p_state in ('57P01', '57P02', '57P03', '08006', '08003', '08001'));

comment on function shards.is_away(text, text) is 'Whether an error says that a shard does not answer.';

create function shards.raise_again(p_state text, p_message text, p_detail text, p_hint text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_message text := regexp_replace(p_message, '^\S+\(\d+\): \[[^]]*\] REMOTE \w+: ', '');
begin
  if shards.is_away(p_state, p_message) then
    raise log 'A shard does not answer: %', p_message;
    perform shards.fail(
      'PT503', 'A part of the accounts cannot be reached.', jsonb_build_object('error', 'shard_unavailable')::text,
      'Send the request again, with the same idempotency_key: it counts once, whether it was carried out or not.'
    );
  end if;
  -- What the shard said, word by word: as one machine says it.
  if v_message <> p_message then
    p_detail := case when p_detail like 'Remote detail: %' then substr(p_detail, 16) end;
    p_hint := case when p_hint like 'Remote hint: %' then substr(p_hint, 14) end;
  end if;
  perform shards.fail(
    p_state, v_message, case when v_message <> p_message then p_detail else nullif(p_detail, '') end,
    case when v_message <> p_message then p_hint else nullif(p_hint, '') end
  );
end;
$$;

comment on function shards.raise_again(text, text, text, text) is
'Raises what a call to a shard failed with, without what PL/Proxy wrote before it. Error: shard_unavailable (PT503).';

-- What waits for the lock waits for calls that were under way when a move began: what comes later finds the new state.
create function shards.enter(p_owner uuid, p_writes boolean) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: callers of the API read none of the tables.
declare
  v_partition integer := shards.partition_of(p_owner);
  v_state text;
begin
  if v_partition is null then
    perform shards.fail(
      'PT422', 'The call does not name the owner.', jsonb_build_object('error', 'owner_required')::text,
      'Pass owner: the lenser of the account, or of the generation.'
    );
  end if;
  if p_writes then
    perform shards.may_write();
  end if;
  -- One that sees the tables of the front as they were would go where the owner was.
  if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    raise exception using
      errcode = '0A000', message = 'The front serves read committed transactions only.',
      hint = 'Leave the isolation level as it is: what happens on a shard is no part of this transaction.';
  end if;
  perform pg_advisory_xact_lock_shared(1918985579, v_partition);
  if p_writes then
    select p.state into v_state from shards.partitions as p where p.partition = v_partition;
    if v_state = 'moving' then
      perform shards.fail(
        'PT503', 'The accounts of this owner are moving to another machine.',
        jsonb_build_object('error', 'partition_is_moving', 'partition', v_partition)::text,
        'Send the request again in some seconds. Reading goes on meanwhile.'
      );
    end if;
  end if;
  return v_partition;
end;
$$;

comment on function shards.enter(uuid, boolean) is
'The partition that a call for an owner goes to. It stays where it is until the transaction ends. Errors: owner_required (PT422), partition_is_moving (PT503), 25006 where what writes is called in a read-only transaction, 0A000 in a transaction that sees the past.';

-- PL/Proxy would write all the same: what happens on a shard is no part of this transaction.
create function shards.may_write() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if current_setting('transaction_read_only')::boolean then
    raise exception using errcode = '25006', message = 'cannot execute INSERT in a read-only transaction';
  end if;
end;
$$;

comment on function shards.may_write() is 'Refuses what writes in a read-only transaction (25006), as one machine does.';

create function shards.enter_all(p_owners uuid[], p_writes boolean) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: callers of the API read none of the tables.
declare
  v_partition integer;
  v_shards bigint;
begin
  -- The first says where to go; others that are not named are not asked.
  v_partition := shards.enter(p_owners[1], p_writes);
  perform shards.enter(o.owner, p_writes) from unnest(p_owners[2:]) as o (owner)
  where o.owner is not null;
  select count(distinct p.shard) into v_shards
  from shards.partitions as p
  where p.partition = any(array(select shards.partition_of(o.owner) from unnest(p_owners) as o (owner)));
  if v_shards > 1 then
    perform shards.fail(
      'PT422', 'The two accounts are on different machines.', jsonb_build_object('error', 'other_shard')::text,
      'Grant on the one and revoke on the other, each with a key of its own.'
    );
  end if;
  return v_partition;
end;
$$;

comment on function shards.enter_all(uuid[], boolean) is
'shards.enter() for a call that touches two owners, who have to be on one shard. Errors: those of shards.enter(), other_shard (PT422).';

create function shards.enter_everywhere(p_owner uuid) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: callers of the API read none of the tables.
declare
  v_partition integer;
begin
  v_partition := shards.enter(p_owner, true);
  -- Others' rows that name this lenser may be under way, whatever partition they are in.
  perform pg_advisory_xact_lock_shared(1918985579, 256);
  select p.partition into v_partition from shards.partitions as p where p.state <> 'serving' order by p.partition limit 1;
  if found then
    perform shards.fail(
      'PT503', 'Accounts are moving to another machine.',
      jsonb_build_object('error', 'partition_is_moving', 'partition', v_partition)::text,
      'Send the request again in some seconds.'
    );
  end if;
  return shards.place_of(p_owner);
end;
$$;

comment on function shards.enter_everywhere(uuid) is
'shards.enter() for a call that goes to a lenser''s own shard and to all others, while none of their rows moves. Returns the place of the own. Errors: those of shards.enter().';

create function shards.enter_subject(p_subject text) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: callers of the API read none of the tables.
begin
  if p_subject ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    return shards.enter(p_subject::uuid, false);
  end if;
  return (select t.place from shards.in_turn() as t limit 1);
end;
$$;

comment on function shards.enter_subject(text) is
'Where to ask on behalf of a subject: on its own shard, which knows what it is entitled to; anywhere for one that is no lenser.';

create function shards.in_turn() returns table (place integer, name text)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
-- Definer: callers of the API read none of the tables.
begin atomic
  select
    256 + s.number,
    s.name
  from shards.shards as s
  order by random();
end;

comment on function shards.in_turn() is 'All shards in a random order, each as the place that PL/Proxy runs on.';

create function shards.home() returns integer
language sql stable security definer
set search_path = pg_catalog, pg_temp
-- Definer: callers of the API read none of the tables.
begin atomic
  select 256 + s.number
  from shards.shards as s
  where s.is_home;
end;

comment on function shards.home() is 'Where the catalogue is written, as the place that PL/Proxy runs on.';

create function shards.place_of(p_owner uuid) returns integer
language sql stable security definer
set search_path = pg_catalog, pg_temp
-- Definer: callers of the API read none of the tables.
begin atomic
  select 256 + s.number
  from shards.partitions as p
  inner join shards.shards as s on s.name = p.shard
  where p.partition = shards.partition_of(p_owner);
end;

comment on function shards.place_of(uuid) is 'The shard of an owner, as the place that PL/Proxy runs on.';

create function shards.sum_objects(p_objects jsonb[]) returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return (
  select
    jsonb_object_agg(
      s.key, case when s.is_text then to_jsonb(trim_scale(s.total)::text) else to_jsonb(trim_scale(s.total)) end
    )
  from (
    select
      e.key,
      sum((e.value #>> '{}')::numeric) as total,
      bool_or(jsonb_typeof(e.value) = 'string') as is_text
    from unnest(p_objects) as o
    cross join lateral jsonb_each(o) as e
    group by e.key
  ) as s
);

comment on function shards.sum_objects(jsonb[]) is 'Adds objects of numbers up by their keys; numbers in text stay text.';

revoke all on all functions in schema shards from public;
grant execute on function shards.partition_of(uuid), shards.fail(text, text, text, text), shards.is_away(text, text),
shards.raise_again(text, text, text, text), shards.enter(uuid, boolean), shards.may_write(),
shards.enter_all(uuid[], boolean), shards.enter_everywhere(uuid), shards.enter_subject(text), shards.in_turn(), shards.home(), shards.place_of(uuid),
shards.sum_objects(jsonb[]) to service_role;
