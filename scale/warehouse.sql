-- A feed for a warehouse: what was generated, charged and entered, without prompts, outputs and keys, as logical replication
-- of PostgreSQL 15 or newer sends it (Debezium, Fivetran, ClickHouse and another PostgreSQL read it).
--     psql "$DATABASE_URL" -f scale/warehouse.sql
-- The server needs wal_level = logical. Rows come by their table, not by the month, and a month that is detached or dropped
-- takes none away there. A reader that is gone keeps WAL: set max_slot_wal_keep_size, and watch pg_replication_slots.
create publication ratebook_warehouse
for table
ai.generations (id, lenser_id, model_id, feature_key, usage, status, latency_ms, quality_rating, created_at),
billing.charges,
billing.charge_costs,
billing.ledger_entries,
billing.grants,
billing.accounts (id, lenser_id, name, posted, reserved, updated_at),
ai.providers (id, key, name),
ai.models (id, key, name, provider_id),
ai.model_pricing
with (publish = 'insert, update, delete', publish_via_partition_root = true);

-- The tables that another PostgreSQL needs to read it: run what this prints there. Types of Ratebook's own become theirs.
select
  format(
    'create schema if not exists %I; create table %I.%I (%s, primary key (%s));',
    t.schemaname, t.schemaname, t.tablename,
    (
      select
        string_agg(
          format(
            '%I %s', a.attname,
            case
              when y.typtype = 'e' then 'text'
              when y.typtype = 'd' then format_type(y.typbasetype, y.typtypmod)
              else format_type(a.atttypid, a.atttypmod)
            end
          ), ', ' order by a.attnum
        )
      from pg_attribute as a
      inner join pg_type as y on y.oid = a.atttypid
      where a.attrelid = format('%I.%I', t.schemaname, t.tablename)::regclass and a.attname = any(t.attnames)
    ),
    (
      select string_agg(quote_ident(a.attname), ', ' order by array_position(i.indkey::smallint[], a.attnum))
      from pg_index as i
      inner join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
      where i.indrelid = format('%I.%I', t.schemaname, t.tablename)::regclass and i.indisprimary
    )
  ) as tables
from pg_publication_tables as t
where t.pubname = 'ratebook_warehouse';
