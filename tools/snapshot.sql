-- What pg_dump blurs, one line per fact: (place, fact). Read with search_path = '', so every name is whole.
-- %(excluded)s: schemas to leave out.
with
schemas as (
  select oid, nspname, nspowner, nspacl
  from pg_catalog.pg_namespace
  where nspname !~ '^pg_' and nspname <> 'information_schema' and nspname <> all(%(excluded)s::text[])
),

functions as (
  select p.*, p.oid::pg_catalog.regprocedure::text as signature
  from pg_catalog.pg_proc as p
  inner join schemas as s on p.pronamespace = s.oid
),

relations as (
  select c.*, c.oid::pg_catalog.regclass::text as name
  from pg_catalog.pg_class as c
  inner join schemas as s on c.relnamespace = s.oid
),

-- An access list that was never touched is null: acldefault() says what that means.
access_lists (place, owner, acl) as (
  select 'schema ' || nspname, nspowner, coalesce(nspacl, pg_catalog.acldefault('n', nspowner))
  from schemas
  union all
  select
    'relation ' || name, relowner,
    coalesce(relacl, pg_catalog.acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner))
  from relations where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  union all
  select 'column ' || r.name || '.' || pg_catalog.quote_ident(a.attname), r.relowner, a.attacl
  from pg_catalog.pg_attribute as a
  inner join relations as r on a.attrelid = r.oid
  where a.attnum > 0 and not a.attisdropped and a.attacl is not null
  union all
  select
    case prokind when 'p' then 'procedure ' else 'function ' end || signature, proowner,
    coalesce(proacl, pg_catalog.acldefault('f', proowner))
  from functions
  union all
  select
    'type ' || pg_catalog.format_type(t.oid, null), t.typowner,
    coalesce(t.typacl, pg_catalog.acldefault('T', t.typowner))
  from pg_catalog.pg_type as t
  inner join schemas as s on t.typnamespace = s.oid
  left join pg_catalog.pg_class as c on t.typrelid = c.oid
  where t.typelem = 0 and (c.oid is null or c.relkind = 'c')
  union all
  select
    'new ' || d.defaclobjtype::text || coalesce(' in ' || s.nspname, ' anywhere')
    || case when d.defaclrole = o.oid then '' else ' of ' || d.defaclrole::pg_catalog.regrole::text end,
    d.defaclrole, d.defaclacl
  from pg_catalog.pg_default_acl as d
  cross join (select oid from pg_catalog.pg_roles where rolname = %(owner)s) as o
  left join schemas as s on d.defaclnamespace = s.oid
  where d.defaclnamespace = 0 or s.oid is not null
)

select
  place,
  'grant ' || lower(a.privilege_type)
  || ' to ' || case
    when a.grantee = 0 then 'public'
    when a.grantee = l.owner then 'its owner'
    else a.grantee::pg_catalog.regrole::text
  end
  || case when a.is_grantable then ' with grant option' else '' end
  || case when a.grantor = l.owner then '' else ' by ' || a.grantor::pg_catalog.regrole::text end as fact
from access_lists as l
cross join lateral pg_catalog.aclexplode(l.acl) as a

union all
-- An access list that somebody emptied leaves no grant to show.
select place, 'grant nothing' from access_lists where acl = '{}'

union all
select
  'policy ' || r.name || ' ' || pg_catalog.quote_ident(p.polname),
  case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end
  || case when p.polpermissive then '' else ' restrictive' end
  || ' to ' || (
    select string_agg(case u when 0 then 'public' else u::pg_catalog.regrole::text end, ', ' order by u::pg_catalog.regrole::text)
    from unnest(p.polroles) as u
  )
  || coalesce(' using ' || pg_catalog.pg_get_expr(p.polqual, p.polrelid), '')
  || coalesce(' with check ' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), '')
from pg_catalog.pg_policy as p
inner join relations as r on p.polrelid = r.oid

union all
select
  case f.prokind when 'p' then 'procedure ' else 'function ' end || f.signature,
  concat_ws(
    ', ',
    l.lanname,
    case f.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
    'parallel ' || case f.proparallel when 's' then 'safe' when 'r' then 'restricted' else 'unsafe' end,
    case when f.prosecdef then 'security definer' else 'security invoker' end,
    case when f.proleakproof then 'leakproof' end,
    case when f.proisstrict then 'strict' end,
    'cost ' || f.procost,
    case when f.proretset then 'rows ' || f.prorows end,
    'set ' || array_to_string(f.proconfig, ' set '),
    'returns ' || pg_catalog.pg_get_function_result(f.oid),
    'arguments ' || pg_catalog.pg_get_function_arguments(f.oid),
    'body ' || pg_catalog.md5(coalesce(pg_catalog.pg_get_function_sqlbody(f.oid), f.prosrc))
  )
from functions as f
inner join pg_catalog.pg_language as l on f.prolang = l.oid
where f.prokind <> 'a'

union all
select
  'relation ' || r.name,
  concat_ws(
    ', ',
    'kind ' || r.relkind::text,
    case when r.relpersistence <> 'p' then 'persistence ' || r.relpersistence::text end,
    case when r.relrowsecurity then 'row level security' end,
    case when r.relforcerowsecurity then 'forced row level security' end,
    'replica identity ' || r.relreplident::text,
    'with ' || (select string_agg(o, ' ' order by o) from unnest(r.reloptions) as o),
    'bound ' || pg_catalog.pg_get_expr(r.relpartbound, r.oid)
  )
from relations as r

union all
select
  'trigger ' || r.name || ' ' || coalesce(pg_catalog.quote_ident(c.conname), pg_catalog.quote_ident(t.tgname)),
  case t.tgenabled when 'O' then 'enabled' when 'D' then 'disabled' when 'R' then 'replica' else 'always' end
  || case when t.tgisinternal then ' (of the constraint)' else ': ' || pg_catalog.pg_get_triggerdef(t.oid) end
from pg_catalog.pg_trigger as t
inner join relations as r on t.tgrelid = r.oid
left join pg_catalog.pg_constraint as c on t.tgconstraint = c.oid and t.tgisinternal
where not t.tgisinternal or t.tgenabled <> 'O'

union all
select
  'constraint ' || r.name || ' ' || pg_catalog.quote_ident(c.conname),
  concat_ws(
    ', ',
    pg_catalog.pg_get_constraintdef(c.oid),
    case when not c.convalidated then 'not validated' end,
    case when not c.conislocal then 'inherited' end
  )
from pg_catalog.pg_constraint as c
inner join relations as r on c.conrelid = r.oid

union all
select
  'database' || coalesce(' for ' || nullif(s.setrole, 0)::pg_catalog.regrole::text, ''),
  'set ' || c
from pg_catalog.pg_db_role_setting as s
cross join lateral unnest(s.setconfig) as c
where s.setdatabase = (select oid from pg_catalog.pg_database where datname = current_database())

order by 1, 2
