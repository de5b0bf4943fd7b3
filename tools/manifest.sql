-- What each object of Ratebook refers to: (kind, name, needs_kind, needs_name), as ratebook.describe() names them.
-- %(schemas)s: Ratebook's schemas.
with
addresses (classid, objid, kind, name) as (
  select 'pg_namespace'::regclass, n.oid, 'schema', n.nspname::text
  from pg_namespace as n where n.nspname = any(%(schemas)s)
  union all
  select 'pg_class'::regclass, c.oid, case c.relkind when 'v' then 'view' else 'table' end, ratebook.relation_name(c.oid)
  from pg_class as c
  where c.relkind in ('r', 'p', 'v') and not c.relispartition and c.relnamespace::regnamespace::text = any(%(schemas)s)
  union all
  -- What the columns of a composite type depend on hangs on its row there.
  select 'pg_class'::regclass, c.oid, 'type', format('%%I.%%I', n.nspname, c.relname)
  from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
  where c.relkind = 'c' and n.nspname = any(%(schemas)s)
  union all
  select 'pg_type'::regclass, t.oid,
    case c.relkind when 'v' then 'view' when 'r' then 'table' when 'p' then 'table' else 'type' end,
    format('%%I.%%I', n.nspname, coalesce(c.relname, t.typname))
  from pg_type as t
  inner join pg_namespace as n on n.oid = t.typnamespace
  left join pg_class as c on c.oid = t.typrelid
  where
    t.typelem = 0 and not coalesce(c.relispartition, false)
    and (n.nspname = any(%(schemas)s) or (n.nspname, t.typname) = ('public', 'pricing_tier_enum'))
  union all
  select 'pg_type'::regclass, t.typarray,
    case c.relkind when 'v' then 'view' when 'r' then 'table' when 'p' then 'table' else 'type' end,
    format('%%I.%%I', n.nspname, coalesce(c.relname, t.typname))
  from pg_type as t
  inner join pg_namespace as n on n.oid = t.typnamespace
  left join pg_class as c on c.oid = t.typrelid
  where t.typarray <> 0 and not coalesce(c.relispartition, false) and n.nspname = any(%(schemas)s)
  union all
  select 'pg_proc'::regclass, p.oid, 'function',
    format('%%I.%%I(%%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
  from pg_proc as p inner join pg_namespace as n on n.oid = p.pronamespace
  where n.nspname = any(%(schemas)s)
  union all
  select 'pg_rewrite'::regclass, r.oid, 'view', ratebook.relation_name(r.ev_class)
  from pg_rewrite as r
  union all
  select 'pg_attrdef'::regclass, a.oid, 'table', ratebook.relation_name(a.adrelid)
  from pg_attrdef as a
  union all
  select 'pg_constraint'::regclass, k.oid, 'constraint', format('%%I on %%s', k.conname, ratebook.relation_name(k.conrelid))
  from pg_constraint as k where k.conrelid <> 0 and k.conparentid = 0 and k.contype <> 'n'
  union all
  select 'pg_constraint'::regclass, k.oid, 'type', format('%%I.%%I', n.nspname, t.typname)
  from pg_constraint as k
  inner join pg_type as t on t.oid = k.contypid
  inner join pg_namespace as n on n.oid = t.typnamespace
  union all
  select 'pg_trigger'::regclass, t.oid, 'trigger', format('%%I on %%s', t.tgname, ratebook.relation_name(t.tgrelid))
  from pg_trigger as t where not t.tgisinternal
  union all
  select 'pg_policy'::regclass, p.oid, 'policy', format('%%I on %%s', p.polname, ratebook.relation_name(p.polrelid))
  from pg_policy as p
  union all
  select 'pg_class'::regclass, i.indexrelid, 'index', ratebook.relation_name(i.indexrelid)
  from pg_index as i
)

select distinct a.kind, a.name, b.kind as needs_kind, b.name as needs_name
from pg_depend as d
inner join addresses as a on a.classid = d.classid and a.objid = d.objid
inner join addresses as b on b.classid = d.refclassid and b.objid = d.refobjid
where (a.kind, a.name) <> (b.kind, b.name)
order by 1, 2, 3, 4
