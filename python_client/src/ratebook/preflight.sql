-- What stands in the way of Ratebook in a database that does not have it yet: (module, problem, schema, what).
-- `wanted` is what each module makes: its schemas, with the names of their relations, types and functions.
with
wanted (module, schema_name, relations, functions) as (
  values
  %(wanted)s
),

-- A relation is a type as well, so each is in the way of the other. Functions are told apart by name alone: overloads
-- leave PostgREST without a choice.
clashes (module, schema_name, what) as (
  select
    w.module,
    w.schema_name,
    pg_describe_object('pg_class'::regclass, c.oid, 0)
  from wanted as w
  inner join pg_namespace as n on n.nspname = w.schema_name
  inner join pg_class as c on c.relnamespace = n.oid and c.relname = any(w.relations)
  union all
  select
    w.module,
    w.schema_name,
    pg_describe_object('pg_type'::regclass, t.oid, 0)
  from wanted as w
  inner join pg_namespace as n on n.nspname = w.schema_name
  inner join pg_type as t on t.typnamespace = n.oid and t.typname = any(w.relations) and t.typrelid = 0
  union all
  select
    w.module,
    w.schema_name,
    pg_describe_object('pg_proc'::regclass, p.oid, 0)
  from wanted as w
  inner join pg_namespace as n on n.nspname = w.schema_name
  inner join pg_proc as p on p.pronamespace = n.oid and p.proname = any(w.functions)
  union all
  -- The inside is Ratebook's alone.
  select distinct
    w.module,
    'ratebook',
    'schema ratebook'
  from wanted as w
  where w.module = 'core' and to_regnamespace('ratebook') is not null
  union all
  select distinct
    w.module,
    'public',
    'type public.pricing_tier_enum with other labels'
  from wanted as w
  where
    w.module = 'core' and to_regtype('public.pricing_tier_enum') is not null
    and (
      select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum as e
      where e.enumtypid = to_regtype('public.pricing_tier_enum')
    ) is distinct from array['free', 'paid', 'enterprise']
),

-- The project's schemas that Ratebook would share.
shared as (
  select distinct
    w.module,
    n.oid,
    n.nspname::text as schema_name,
    n.nspowner
  from wanted as w
  inner join pg_namespace as n on n.nspname = w.schema_name
),

-- The one privilege that Ratebook adds: USAGE for roles that have none.
admitted as (
  select
    s.*,
    r.oid as role_oid,
    r.rolname
  from shared as s
  inner join pg_roles as r on r.rolname in ('anon', 'authenticated', 'service_role')
  where
    not has_schema_privilege(r.oid, s.oid, 'usage')
    and s.schema_name <> all(
      regexp_split_to_array(coalesce(current_setting('ratebook.accept_reachable', true), ''), '[\s,]+')
    )
),

reachable (module, schema_name, what, role) as (
  select
    a.module,
    a.schema_name,
    pg_describe_object('pg_class'::regclass, c.oid, 0),
    a.rolname
  from admitted as a
  inner join pg_class as c on c.relnamespace = a.oid
  where
    case c.relkind
      when 'S' then has_sequence_privilege(a.role_oid, c.oid, 'usage, select, update')
      when 'i' then false
      when 'I' then false
      when 't' then false
      when 'c' then false
      else
        has_table_privilege(a.role_oid, c.oid, 'select, insert, update, delete, truncate')
        or has_any_column_privilege(a.role_oid, c.oid, 'select, insert, update')
    end
  union all
  select
    a.module,
    a.schema_name,
    pg_describe_object('pg_proc'::regclass, p.oid, 0),
    a.rolname
  from admitted as a
  inner join pg_proc as p on p.pronamespace = a.oid
  where has_function_privilege(a.role_oid, p.oid, 'execute') and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
)

select
  c.module,
  'clash' as problem,
  c.schema_name,
  c.what
from clashes as c
union
select
  s.module,
  'not_allowed',
  s.schema_name,
  'schema ' || s.schema_name
from shared as s
where
  not (
    has_schema_privilege(s.oid, 'create')
    and (pg_has_role(s.nspowner, 'usage') or has_schema_privilege(s.oid, 'usage with grant option'))
  )
union
select
  r.module,
  'reachable',
  r.schema_name,
  r.what || ' (' || string_agg(r.role, ', ' order by r.role) || ')'
from reachable as r
group by r.module, r.schema_name, r.what
