-- What the reference says, as one JSON object: schemas, relations, types, functions and error codes. Read with
-- search_path = '', so every name is whole. %(schemas)s: the schemas that the API serves, in the order of the pages.
with
roles (role) as (values ('anon'), ('authenticated'), ('service_role')),

verbs (verb) as (values ('select'), ('insert'), ('update'), ('delete')),

labels as (
  select e.enumtypid, jsonb_agg(e.enumlabel order by e.enumsortorder) as labels
  from pg_catalog.pg_enum as e
  group by e.enumtypid
),

schemas as (
  select n.oid, n.nspname::text as schema, s.position
  from unnest(%(schemas)s::text[]) with ordinality as s (name, position)
  inner join pg_catalog.pg_namespace as n on n.nspname = s.name
),

-- A partition says what its parent says.
relations as (
  select c.*, s.schema, s.position
  from pg_catalog.pg_class as c
  inner join schemas as s on c.relnamespace = s.oid
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
),

functions as (
  select p.*, s.schema, s.position
  from pg_catalog.pg_proc as p
  inner join schemas as s on p.pronamespace = s.oid
  where p.prokind = 'f' and p.prorettype <> 'pg_catalog.trigger'::pg_catalog.regtype
),

columns as (
  select
    a.attrelid,
    jsonb_agg(
      jsonb_build_object(
        'name', a.attname,
        'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
        'category', t.typcategory,
        'labels', l.labels,
        'not_null', a.attnotnull,
        'default', pg_catalog.pg_get_expr(d.adbin, d.adrelid),
        'generated', a.attgenerated <> '' or a.attidentity = 'a',
        'comment', pg_catalog.col_description(a.attrelid, a.attnum)
      ) order by a.attnum
    ) as columns
  from pg_catalog.pg_attribute as a
  inner join pg_catalog.pg_type as t on a.atttypid = t.oid
  left join labels as l on a.atttypid = l.enumtypid
  left join pg_catalog.pg_attrdef as d on a.attrelid = d.adrelid and a.attnum = d.adnum
  where a.attnum > 0 and not a.attisdropped
  group by a.attrelid
),

constraints as (
  select
    k.*,
    (
      select jsonb_agg(a.attname order by u.position)
      from unnest(k.conkey) with ordinality as u (attnum, position)
      inner join pg_catalog.pg_attribute as a on a.attrelid = k.conrelid and a.attnum = u.attnum
    ) as columns,
    (
      select jsonb_agg(a.attname order by u.position)
      from unnest(k.confkey) with ordinality as u (attnum, position)
      inner join pg_catalog.pg_attribute as a on a.attrelid = k.confrelid and a.attnum = u.attnum
    ) as foreign_columns
  from pg_catalog.pg_constraint as k
  where k.conparentid = 0 and k.conrelid <> 0
),

-- Privileges as they come out, those by way of PUBLIC included: true for the whole row, or a list of columns.
access as (
  select
    r.oid,
    jsonb_object_agg(r.role, r.verbs) as access
  from (
    select
      c.oid,
      o.role,
      jsonb_object_agg(v.verb, case
        when not pg_catalog.has_schema_privilege(o.role, c.relnamespace, 'usage') then '[]'
        when pg_catalog.has_table_privilege(o.role, c.oid, v.verb) then 'true'::jsonb
        when v.verb = 'delete' then '[]'
        else coalesce(
          (
            select jsonb_agg(a.attname order by a.attnum)
            from pg_catalog.pg_attribute as a
            where
              a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
              and pg_catalog.has_column_privilege(o.role, c.oid, a.attnum, v.verb)
          ), '[]'
        )
      end) as verbs
    from relations as c
    cross join roles as o
    cross join verbs as v
    group by c.oid, o.role
  ) as r
  group by r.oid
),

policies as (
  select
    p.polrelid,
    jsonb_agg(
      jsonb_build_object(
        'name', p.polname,
        'verb', case p.polcmd
          when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all'
        end,
        'permissive', p.polpermissive,
        'roles', (
          select jsonb_agg(r.name order by r.name)
          from unnest(p.polroles) as u
          cross join lateral (select case u when 0 then 'public' else u::pg_catalog.regrole::text end) as r (name)
        ),
        'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid),
        'check', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
      ) order by position(p.polcmd::text in 'rawd*'), p.polname
    ) as policies
  from pg_catalog.pg_policy as p
  group by p.polrelid
),

triggers as (
  select
    t.tgrelid,
    jsonb_agg(
      jsonb_build_object(
        'name', t.tgname,
        'definition', pg_catalog.pg_get_triggerdef(t.oid),
        'comment', pg_catalog.obj_description(t.tgfoid, 'pg_proc')
      ) order by t.tgname
    ) as triggers
  from pg_catalog.pg_trigger as t
  -- Bits 3 to 5: insert, delete, update. The API does not truncate.
  where not t.tgisinternal and t.tgparentid = 0 and t.tgtype & 28 <> 0
  group by t.tgrelid
),

-- A function of a row: PostgREST serves it as a column of the row's table, or embeds the rows that it returns.
row_functions as (
  select f.oid, t.typrelid
  from functions as f
  inner join pg_catalog.pg_type as t on f.proargtypes[0] = t.oid
  where f.pronargs = 1 and t.typrelid in (select c.oid from relations as c)
),

arguments as (
  select
    f.oid,
    jsonb_agg(
      jsonb_build_object(
        'name', a.name,
        'type', pg_catalog.format_type(a.type, null),
        'category', t.typcategory,
        'labels', l.labels,
        'default', pg_catalog.pg_get_function_arg_default(f.oid, a.input),
        'optional', a.input > f.pronargs - f.pronargdefaults
      ) order by a.position
    ) filter (where a.mode in ('i', 'b', 'v')) as arguments,
    jsonb_agg(
      jsonb_build_object('name', a.name, 'type', pg_catalog.format_type(a.type, null)) order by a.position
    ) filter (where a.mode in ('o', 'b', 't')) as columns
  from functions as f
  cross join lateral (
    select
      u.*,
      (count(*) filter (where u.mode in ('i', 'b', 'v')) over (order by u.position))::integer as input
    from (
      select
        t.position,
        t.type,
        coalesce(f.proargmodes[t.position], 'i') as mode,
        coalesce(f.proargnames[t.position], '') as name
      from unnest(coalesce(f.proallargtypes, f.proargtypes::oid[])) with ordinality as t (type, position)
    ) as u
  ) as a
  inner join pg_catalog.pg_type as t on a.type = t.oid
  left join labels as l on a.type = l.enumtypid
  group by f.oid
)

select jsonb_build_object(
  'schemas', (
    select jsonb_agg(
      jsonb_build_object('name', s.schema, 'comment', pg_catalog.obj_description(s.oid, 'pg_namespace'))
      order by s.position
    )
    from schemas as s
  ),
  'relations', (
    select jsonb_agg(
      jsonb_build_object(
        'schema', c.schema,
        'name', c.relname,
        'kind', case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end,
        'partitioned_by', pg_catalog.pg_get_partkeydef(c.oid),
        'comment', pg_catalog.obj_description(c.oid, 'pg_class'),
        'columns', k.columns,
        'row_security', c.relrowsecurity,
        'invoker', coalesce('security_invoker=true' = any(c.reloptions), false),
        -- Bits 2, 3 and 4: update, insert, delete, by itself or by INSTEAD OF triggers.
        'writable', pg_catalog.pg_relation_is_updatable(c.oid, true),
        -- Besides tables, a view may read a fence: ratebook.all_<table>, all rows for admins and none for others.
        'fenced', exists (
          select
          from pg_catalog.pg_rewrite as w
          inner join pg_catalog.pg_depend as d on d.objid = w.oid
          inner join pg_catalog.pg_class as r on r.oid = d.refobjid
          where
            w.ev_class = c.oid
            and d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
            and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and r.oid::pg_catalog.regclass::text like 'ratebook.all\_%%'
        ),
        'reads', coalesce((
          select jsonb_agg(distinct d.refobjid::pg_catalog.regclass::text)
          from pg_catalog.pg_rewrite as w
          inner join pg_catalog.pg_depend as d on d.objid = w.oid
          inner join pg_catalog.pg_class as r on r.oid = d.refobjid and r.relkind <> 'c'
          where
            w.ev_class = c.oid
            and d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
            and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and d.refobjid <> c.oid
            and r.oid::pg_catalog.regclass::text not like 'ratebook.%%'
        ), '[]'),
        'constraints', coalesce((
          select jsonb_agg(
            jsonb_build_object(
              'name', n.conname,
              'type', n.contype,
              'columns', n.columns,
              'foreign_columns', n.foreign_columns,
              'definition', pg_catalog.pg_get_constraintdef(n.oid),
              'foreign_table', nullif(n.confrelid, 0)::pg_catalog.regclass::text
            ) order by position(n.contype::text in 'puxfc'), case when n.contype <> 'c' then n.conkey end, n.conname
          )
          from constraints as n
          where n.conrelid = c.oid and n.contype in ('p', 'u', 'x', 'f', 'c')
        ), '[]'),
        'indexes', coalesce((
          select jsonb_agg(
            jsonb_build_object('name', i.relname, 'definition', pg_catalog.pg_get_indexdef(i.oid)) order by i.relname
          )
          from pg_catalog.pg_index as x
          inner join pg_catalog.pg_class as i on x.indexrelid = i.oid
          where x.indrelid = c.oid and not exists (
            select from pg_catalog.pg_constraint as n
            where n.conindid = i.oid and n.conrelid = c.oid
          )
        ), '[]'),
        'policies', coalesce(p.policies, '[]'),
        'triggers', coalesce(t.triggers, '[]'),
        'access', a.access
      ) order by c.position, c.relname
    )
    from relations as c
    inner join columns as k on k.attrelid = c.oid
    inner join access as a on a.oid = c.oid
    left join policies as p on p.polrelid = c.oid
    left join triggers as t on t.tgrelid = c.oid
  ),
  'types', (
    select coalesce(jsonb_agg(
      jsonb_build_object(
        'schema', s.schema,
        'name', t.typname,
        'comment', pg_catalog.obj_description(t.oid, 'pg_type'),
        'labels', l.labels,
        'base', case t.typtype when 'd' then pg_catalog.format_type(t.typbasetype, t.typtypmod) end,
        'checks', (
          select jsonb_agg(pg_catalog.pg_get_constraintdef(n.oid) order by n.conname)
          from pg_catalog.pg_constraint as n
          where n.contypid = t.oid and n.contype = 'c'
        ),
        'columns', k.columns
      ) order by s.position, t.typname
    ), '[]')
    from pg_catalog.pg_type as t
    inner join schemas as s on t.typnamespace = s.oid
    left join pg_catalog.pg_class as c on t.typrelid = c.oid
    left join columns as k on k.attrelid = c.oid
    left join labels as l on t.oid = l.enumtypid
    where t.typtype in ('e', 'd') or c.relkind = 'c'
  ),
  'functions', (
    select coalesce(jsonb_agg(
      jsonb_build_object(
        'schema', f.schema,
        'name', f.proname,
        'signature', f.oid::pg_catalog.regprocedure::text,
        'comment', pg_catalog.obj_description(f.oid, 'pg_proc'),
        'writes', f.provolatile = 'v',
        'result', pg_catalog.pg_get_function_result(f.oid),
        'arguments', coalesce(a.arguments, '[]'),
        'columns', a.columns,
        'of_row', (select r.typrelid::pg_catalog.regclass::text from row_functions as r where r.oid = f.oid),
        'roles', (
          select coalesce(jsonb_agg(o.role order by o.role), '[]')
          from roles as o
          where
            pg_catalog.has_function_privilege(o.role, f.oid, 'execute')
            and pg_catalog.has_schema_privilege(o.role, f.pronamespace, 'usage')
        )
      ) order by f.position, f.proname, f.oid::pg_catalog.regprocedure::text
    ), '[]')
    from functions as f
    left join arguments as a on a.oid = f.oid
  ),
  -- Comments on triggers and functions refer to the errors of these.
  'inside', (
    select jsonb_object_agg(p.proname, pg_catalog.obj_description(p.oid, 'pg_proc'))
    from pg_catalog.pg_proc as p
    where p.pronamespace = 'ratebook'::pg_catalog.regnamespace
  ),
  -- Where an error is raised, its sentence and its hint stand beside its token.
  'sources', (
    select jsonb_agg(p.prosrc order by p.oid::pg_catalog.regprocedure::text)
    from pg_catalog.pg_proc as p
    where
      p.pronamespace = 'ratebook'::pg_catalog.regnamespace
      and p.proname <> 'fail' and p.prosrc like '%%ratebook.fail(%%'
  ),
  'fail', (
    select p.prosrc from pg_catalog.pg_proc as p
    where p.pronamespace = 'ratebook'::pg_catalog.regnamespace and p.proname = 'fail'
  )
)
