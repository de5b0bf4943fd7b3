-- What a copy of a database (a restored dump, a subscriber) can lack, since neither asks foreign keys nor, on a
-- subscriber, moves sequences.

create function ratebook.own_relations() returns table (id oid, name text, kind text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    c.oid,
    c.oid::regclass::text,
    c.relkind::text
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  inner join pg_catalog.pg_namespace as inside on inside.nspname = 'ratebook' and inside.nspowner = c.relowner
  where
    n.nspname in ('ai', 'billing', 'lensers', 'content', 'media', 'execution', 'ratebook')
    and c.relkind in ('r', 'p', 'S')
    and not c.relispartition
    -- What a database says of itself is no copy's.
    and not (n.nspname = 'ratebook' and c.relname in ('manifest', 'found'));
end;

create function ratebook.unmatched_references() returns table (table_name text, constraint_name text, unmatched bigint)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key record;
begin
  for v_key in
    select
      r.name,
      c.conname,
      c.confrelid::regclass as target,
      string_agg(format('t.%I is not null', a.attname), ' and ') as given,
      string_agg(format('f.%I = t.%I', f.attname, a.attname), ' and ') as matches
    from pg_catalog.pg_constraint as c
    inner join ratebook.own_relations() as r on r.id = c.conrelid
    cross join lateral unnest(c.conkey, c.confkey) as k (own, other)
    inner join pg_catalog.pg_attribute as a on a.attrelid = c.conrelid and a.attnum = k.own
    inner join pg_catalog.pg_attribute as f on f.attrelid = c.confrelid and f.attnum = k.other
    where c.contype = 'f' and c.conparentid = 0
    group by r.name, c.conname, c.confrelid
    order by r.name, c.conname
  loop
    table_name := v_key.name;
    constraint_name := v_key.conname;
    execute format(
      'select count(*) from %s as t where %s and not exists (select from %s as f where %s)',
      v_key.name, v_key.given, v_key.target, v_key.matches
    ) into unmatched;
    if unmatched > 0 then
      return next;
    end if;
  end loop;
end;
$$;

create function ratebook.sequences_behind() returns table (sequence_id oid, table_name text, highest bigint)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column text;
begin
  for sequence_id, table_name, v_column in
    select s.id, r.name, a.attname
    from ratebook.own_relations() as r
    inner join pg_catalog.pg_depend as d on d.refobjid = r.id and d.refclassid = 'pg_class'::regclass and d.deptype = 'i'
    inner join ratebook.own_relations() as s on s.id = d.objid and s.kind = 'S'
    inner join pg_catalog.pg_attribute as a on a.attrelid = r.id and a.attnum = d.refobjsubid
    order by r.name
  loop
    execute format('select max(%I) from %s', v_column, table_name) into highest;
    if highest > coalesce(pg_sequence_last_value(sequence_id), 0) then
      return next;
    end if;
  end loop;
end;
$$;

create function ratebook.advance_sequences() returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select count(setval(b.sequence_id::regclass, b.highest))::integer
  from ratebook.sequences_behind() as b;
end;

revoke all on function ratebook.own_relations() from public;
revoke all on function ratebook.unmatched_references() from public;
revoke all on function ratebook.sequences_behind() from public;
revoke all on function ratebook.advance_sequences() from public;

comment on function ratebook.own_relations() is
'Tables and sequences of the owner of schema ratebook in the schemas that Ratebook uses: what a copy brings along. Partitions are left out, and what a database says of itself. A project''s own tables in those schemas may be among them.';
comment on function ratebook.unmatched_references() is
'Foreign keys that do not hold, and the number of their rows: where data was loaded with session_replication_role = replica, nothing asked them. Reads every table that has one.';
comment on function ratebook.sequences_behind() is
'Identity columns whose next number is taken already: a subscriber receives rows, not the state of sequences.';
comment on function ratebook.advance_sequences() is
'Sets the sequences of ratebook.sequences_behind() to the highest number in their table; before a subscriber takes over. Returns how many.';
