-- Word for word, less the lines that Supabase's dump leaves out, and the ends that a checkout on Windows gives to lines.
create function ratebook.source_hash(p_definition text) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return md5(regexp_replace(p_definition, '\r(?=\n)|^--.*\n', '', 'gn'));

-- PostgreSQL 15 names the columns of the one table that a view reads with its alias, 16 and later without.
create function ratebook.view_source(p_view oid) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(regexp_replace(v.source, '\m' || v.alias || '\.', '', 'g'), v.source)
  from (
    select
      d.source,
      substring(d.source from '\n   FROM (?:[^\n]|\n {8,})*[ .](\w+)(?:;|\n  [A-Z])') as alias
    from (select pg_get_viewdef(p_view)) as d (source)
  ) as v;
$$;

create function ratebook.describe(
  p_schemas text[], p_privileges_only boolean default false
) returns table (kind text, name text, state text, owner text)
language sql stable
set search_path = pg_catalog, pg_temp
-- What constants and names are written like must not hang on the session that asks.
set intervalstyle = postgres set datestyle = iso set timezone = utc set extra_float_digits = 1
set quote_all_identifiers = off
-- Not in SQL-standard form, which would write down the columns of this version's catalogs.
as $$
  with
  schemas as (
    select
      n.*,
      exists (select from ratebook.found as f where f.kind = 'schema' and f.name = n.nspname) as is_found
    from pg_namespace as n
    where n.nspname = any(p_schemas)
  ),
  -- Months are data, and what an extension brought is the extension's.
  relations as (
    select c.*, format('%I.%I', s.nspname, c.relname) as name
    from pg_class as c
    inner join schemas as s on s.oid = c.relnamespace
    where
      c.relkind in ('r', 'p', 'v') and not c.relispartition
      and not exists (
        select from pg_depend as e
        where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e'
      )
  ),
  functions as (
    select
      p.*,
      format('%I.%I(%s)', s.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as name
    from pg_proc as p
    inner join schemas as s on s.oid = p.pronamespace
    where not exists (
      select from pg_depend as e
      where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e'
    )
  )
  -- Schemas stand for themselves: whether they are there is all there is to tell. One that was found is the project's.
  select 'schema', s.nspname::text, '', case when not s.is_found then pg_get_userbyid(s.nspowner)::text end
  from schemas as s
  where not p_privileges_only
  union all
  -- Columns by name: one that was dropped and added again stands last, and is the same.
  select
    case r.relkind when 'v' then 'view' else 'table' end,
    r.name,
    ratebook.source_hash(concat_ws(
      ' ',
      case r.relkind when 'v' then ratebook.view_source(r.oid) end,
      pg_get_partkeydef(r.oid),
      r.relrowsecurity::text, r.relforcerowsecurity::text, r.relreplident::text,
      (select string_agg(o, ' ' order by o) from unnest(r.reloptions) as o),
      -- A column's collation where it is not that of its type; the default, or how it is worked out.
      (
        select string_agg(
          concat_ws(
            ' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text, a.attgenerated::text,
            a.attidentity::text, 'collate ' || nullif(a.attcollation, y.typcollation)::regcollation::text,
            pg_get_expr(d.adbin, d.adrelid)
          ), ', ' order by a.attname
        )
        from pg_attribute as a
        inner join pg_type as y on y.oid = a.atttypid
        left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
      )
    )),
    pg_get_userbyid(r.relowner)::text
  from relations as r
  where not p_privileges_only
  union all
  -- A body, and what decides whose rights it runs with, where it looks names up and how often it may be run.
  select
    'function', f.name,
    ratebook.source_hash(concat_ws(
      ' ',
      (select l.lanname from pg_language as l where l.oid = f.prolang), f.provolatile::text, f.proparallel::text, f.prosecdef::text, f.proleakproof::text,
      f.proisstrict::text, pg_get_function_result(f.oid), pg_get_function_arguments(f.oid),
      array_to_string(f.proconfig, ' '), coalesce(pg_get_function_sqlbody(f.oid), f.prosrc)
    )),
    pg_get_userbyid(f.proowner)::text
  from functions as f
  where not p_privileges_only
  union all
  -- Enumerations, domains and composite types; a table's own row type is told by the table.
  select
    'type', format('%I.%I', n.nspname, t.typname),
    ratebook.source_hash(concat_ws(
      ' ',
      (select string_agg(e.enumlabel, ' ' order by e.enumsortorder) from pg_enum as e where e.enumtypid = t.oid),
      case t.typtype when 'd' then format_type(t.typbasetype, t.typtypmod) || t.typnotnull::text || t.typdefault end,
      (
        select string_agg(pg_get_constraintdef(k.oid), ' ' order by k.conname)
        from pg_constraint as k where k.contypid = t.oid and k.contype = 'c'
      ),
      (
        select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
        from pg_attribute as a where a.attrelid = c.oid and not a.attisdropped
      )
    )),
    -- The one in public may be the project's.
    case n.nspname when 'public' then null else pg_get_userbyid(t.typowner)::text end
  -- One type of schema public is Ratebook's: callers find it there.
  from pg_type as t
  inner join pg_namespace as n on n.oid = t.typnamespace
  left join pg_class as c on c.oid = t.typrelid
  where
    not p_privileges_only
    and (t.typtype in ('d', 'e') or c.relkind = 'c')
    and (n.nspname = any(p_schemas) or (n.nspname, t.typname) = ('public', 'pricing_tier_enum'))
  union all
  select
    'constraint', format('%I on %s', k.conname, r.name),
    ratebook.source_hash(concat_ws(' ', pg_get_constraintdef(k.oid), k.convalidated::text)),
    null
  from pg_constraint as k
  inner join relations as r on r.oid = k.conrelid
  -- From 18 on, NOT NULL is a constraint too; the table tells it on all versions.
  where not p_privileges_only and k.contype <> 'n' and k.conparentid = 0
  union all
  -- Indexes of constraints too: a constraint's definition leaves out how its index is stored.
  select 'index', format('%I.%I', s.nspname, c.relname), ratebook.source_hash(pg_get_indexdef(c.oid)), null
  from pg_index as i
  inner join pg_class as c on c.oid = i.indexrelid
  inner join relations as r on r.oid = i.indrelid
  inner join schemas as s on s.oid = c.relnamespace
  where not p_privileges_only
  union all
  select
    'trigger', format('%I on %s', t.tgname, r.name),
    ratebook.source_hash(concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled::text)),
    null
  from pg_trigger as t
  inner join relations as r on r.oid = t.tgrelid
  where not p_privileges_only and not t.tgisinternal
  union all
  -- What a view is made of is a rule, too.
  select
    'rule', format('%I on %s', u.rulename, r.name), ratebook.source_hash(concat_ws(' ', pg_get_ruledef(u.oid), u.ev_enabled::text)),
    null
  from pg_rewrite as u
  inner join relations as r on r.oid = u.ev_class
  where not p_privileges_only and u.rulename <> '_RETURN'
  union all
  -- A policy's roles by name: their numbers differ from database to database.
  select
    'policy', format('%I on %s', p.polname, r.name),
    ratebook.source_hash(concat_ws(
      ' ', p.polcmd::text, p.polpermissive::text,
      (
        select string_agg(case u.oid when 0 then 'public' else u.oid::regrole::text end, ' ' order by u.oid::regrole::text)
        from unnest(p.polroles) as u (oid)
      ),
      'using', pg_get_expr(p.polqual, p.polrelid), 'with check', pg_get_expr(p.polwithcheck, p.polrelid)
    )),
    null
  from pg_policy as p
  inner join relations as r on r.oid = p.polrelid
  where not p_privileges_only
  union all
  -- Told without the owner, who differs from project to project, and with the defaults written out: nothing granted yet
  -- and revoked again are the same. A star is the right to grant it on, as PostgreSQL writes it.
  select 'privileges', a.name, coalesce(string_agg(a.grantee || ' ' || a.privileges, ', ' order by a.grantee), ''), null
  from (
    select
      o.name,
      case g.grantee when 0 then 'public' else g.grantee::regrole::text end as grantee,
      string_agg(
        lower(g.privilege_type) || case when g.is_grantable then '*' else '' end || coalesce(' ' || o.part, ''),
        '+' order by o.part nulls first, g.privilege_type
      ) as privileges
    from (
      select r.name, null as part, r.relowner as owner, coalesce(r.relacl, acldefault('r', r.relowner)) as acl
      from relations as r
      union all
      select r.name, quote_ident(a.attname), r.relowner, a.attacl
      from relations as r
      inner join pg_attribute as a on a.attrelid = r.oid and a.attacl is not null and not a.attisdropped
      union all
      -- Behind identity columns.
      select format('%I.%I', s.nspname, c.relname), null, c.relowner, coalesce(c.relacl, acldefault('s', c.relowner))
      from pg_class as c
      inner join schemas as s on s.oid = c.relnamespace
      inner join pg_depend as d
        on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i' and d.refclassid = d.classid
      inner join relations as r on r.oid = d.refobjid
      where c.relkind = 'S'
      union all
      select f.name, null, f.proowner, coalesce(f.proacl, acldefault('f', f.proowner))
      from functions as f
      union all
      select format('schema %I', s.nspname), null, s.nspowner, coalesce(s.nspacl, acldefault('n', s.nspowner))
      from schemas as s
      where not s.is_found
      union all
      -- Of a schema that was found only what API roles may do there, however they came by it: the rest is the project's,
      -- and so is CREATE where they had it.
      select
        format('schema %I', s.nspname), null, s.nspowner,
        array(
          select makeaclitem(r.oid, s.nspowner, p.privilege, false)
          from pg_roles as r
          cross join unnest('{usage,create}'::text[]) as p (privilege)
          where
            r.rolname in ('anon', 'authenticated', 'service_role') and has_schema_privilege(r.oid, s.oid, p.privilege)
            and not exists (
              select from ratebook.found as f
              where f.kind = p.privilege and f.kind = 'create' and f.name = s.nspname || ' ' || r.rolname
            )
        )
      from schemas as s
      where s.is_found
    ) as o
    -- One row for what nobody but the owner has.
    left join lateral aclexplode(o.acl) as g on g.grantee <> o.owner
    group by o.name, g.grantee
  ) as a
  group by a.name;
$$;

revoke all on function ratebook.source_hash(text) from public;
revoke all on function ratebook.view_source(oid) from public;
revoke all on function ratebook.describe(text[], boolean) from public;

comment on function ratebook.source_hash(text) is
'md5 of a definition, lines that are comments from their first character left out.';
comment on function ratebook.view_source(oid) is
'The query of a view as all versions of PostgreSQL write it.';
comment on function ratebook.describe(text[], boolean) is
'Every object of some schemas as it stands, one row each, the same on all versions of PostgreSQL: kind, name, md5 of its definition; for privileges what roles other than the owner have, and who owns it. Months and objects of extensions are left out. p_privileges_only: just the privileges.';
