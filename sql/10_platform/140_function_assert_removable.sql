create function ratebook.relation_name(p_relation oid) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format('%I.%I', n.nspname, c.relname)
  from pg_class as c
  inner join pg_namespace as n on n.oid = c.relnamespace
  where c.oid = p_relation;
$$;

create function ratebook.detached_months() returns setof text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select ratebook.relation_name(c.oid)
  from pg_class as c
  where
    c.relnamespace = to_regnamespace('ratebook') and c.relkind in ('r', 'p') and not c.relispartition
    and not exists (
      select from ratebook.manifest as m
      where m.kind = 'table' and m.name = ratebook.relation_name(c.oid)
    );
$$;

create function ratebook.dependents(p_domain text) returns setof text
language sql stable
set search_path = pg_catalog, pg_temp
-- Not in SQL-standard form: it must not depend on what it looks at.
as $$
  with
  own (classid, objid, domain) as (
    select 'pg_class'::regclass, to_regclass(m.name)::oid, m.domain
    from ratebook.manifest as m
    where m.kind in ('table', 'view')
    union all
    -- A column or an argument may be of the type, or of its array.
    select 'pg_type'::regclass, y.oid, m.domain
    from ratebook.manifest as m
    inner join pg_type as t on t.oid = to_regtype(m.name)
    cross join lateral (values (t.oid), (t.typarray)) as y (oid)
    where
      m.kind in ('table', 'view', 'type')
      and not exists (select from ratebook.found as f where f.kind = m.kind and f.name = m.name)
    union all
    select 'pg_proc'::regclass, p.oid, m.domain
    from pg_proc as p
    inner join pg_namespace as n on n.oid = p.pronamespace
    inner join ratebook.manifest as m
      on m.kind = 'function'
      and m.name = format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
    union all
    -- A schema that the project has stays, and what it holds with it.
    select 'pg_namespace'::regclass, to_regnamespace(m.name)::oid, m.domain
    from ratebook.manifest as m
    where m.kind = 'schema' and not exists (select from ratebook.found as f where f.kind = 'schema' and f.name = m.name)
  ),
  referring as (
    select d.classid, d.objid
    from pg_depend as d
    inner join own as o on o.classid = d.refclassid and o.objid = d.refobjid
    where
      o.domain = p_domain
      and d.deptype in ('n', 'a')
      -- Having statistics is no reason to stay.
      and d.classid <> 'pg_statistic_ext'::regclass
  ),
  -- Whatever belongs to a relation is told by the relation, and by its own name where Ratebook knows that.
  placed as (
    select
      r.classid, r.objid,
      case
        when k.contypid <> 0 then 'pg_type'::regclass
        when coalesce(w.ev_class, t.tgrelid, p.polrelid, k.conrelid, b.prrelid, a.adrelid, i.indrelid, s.refobjid) is not null
          then 'pg_class'::regclass
        else r.classid
      end as root_class,
      coalesce(
        w.ev_class, t.tgrelid, p.polrelid, nullif(k.conrelid, 0), b.prrelid, a.adrelid, i.indrelid, s.refobjid,
        nullif(k.contypid, 0), r.objid
      ) as root,
      -- What a project may put on a table of Ratebook, as the manifest names kinds; the rest is told by its root.
      case
        when t.oid is not null and not t.tgisinternal and t.tgparentid = 0 then 'trigger'
        when p.oid is not null then 'policy'
        when w.rulename <> '_RETURN' then 'rule'
        when b.oid is not null then 'publication'
        when k.conrelid <> 0 and k.contype <> 'n' and k.conparentid = 0 then 'constraint'
        when i.indexrelid is not null then 'index'
      end as kind,
      coalesce(t.tgname, p.polname, w.rulename, k.conname) as name
    -- A row of pg_depend says only a catalog and a number: each catalog that may hold a part of a relation is asked.
    from referring as r
    left join pg_rewrite as w on r.classid = 'pg_rewrite'::regclass and w.oid = r.objid
    left join pg_trigger as t on r.classid = 'pg_trigger'::regclass and t.oid = r.objid
    left join pg_policy as p on r.classid = 'pg_policy'::regclass and p.oid = r.objid
    left join pg_constraint as k on r.classid = 'pg_constraint'::regclass and k.oid = r.objid
    left join pg_publication_rel as b on r.classid = 'pg_publication_rel'::regclass and b.oid = r.objid
    left join pg_attrdef as a on r.classid = 'pg_attrdef'::regclass and a.oid = r.objid
    left join pg_index as i on r.classid = 'pg_class'::regclass and i.indexrelid = r.objid
    left join pg_depend as s
      on r.classid = 'pg_class'::regclass and s.classid = r.classid and s.objid = r.objid and s.objsubid = 0
      and s.deptype = 'i' and s.refclassid = 'pg_class'::regclass and i.indexrelid is null
  )
  select distinct
    case when o.objid is null then pg_describe_object(l.root_class, l.root, 0) else pg_describe_object(l.classid, l.objid, 0) end
  from placed as l
  left join own as o on o.classid = l.root_class and o.objid = l.root
  where
    -- What is not Ratebook's; and what the project put on one of Ratebook's tables.
    case
      when o.objid is null
        -- A month is its table's, and so is one that was detached.
        then not exists (
          select from pg_class as c
          where
            l.root_class = 'pg_class'::regclass and c.oid = l.root
            and (c.relispartition or c.relnamespace = to_regnamespace('ratebook'))
        )
      when l.kind is null then false
      else not exists (
        select from ratebook.manifest as m
        where
          m.kind = l.kind
          and m.name = coalesce(quote_ident(l.name) || ' on ' || ratebook.relation_name(l.root), ratebook.relation_name(l.objid))
      )
    end;
$$;

create function ratebook.assert_removable(p_domain text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_names text[];
begin
  select array_agg(d.name order by d.name) into v_names from ratebook.detached_months() as d (name);
  if v_names is not null then
    perform ratebook.fail('in_use', format('Months of the past stand detached: %s.', array_to_string(v_names, ', ')),
      'Archive and drop them, or move them to a schema of your own, then take Ratebook back.',
      jsonb_build_object('detached', v_names));
  end if;
  select array_agg(d.name order by d.name) into v_names from ratebook.dependents(p_domain) as d (name);
  if v_names is not null then
    perform ratebook.fail('in_use', format('What is not Ratebook''s stands on %s: %s.', p_domain, array_to_string(v_names, ', ')),
      'Drop or change these first: Ratebook takes back nothing but its own. Nothing was changed.',
      jsonb_build_object('domain', p_domain, 'dependents', v_names));
  end if;
end;
$$;

revoke all on function ratebook.relation_name(oid) from public;
revoke all on function ratebook.detached_months() from public;
revoke all on function ratebook.dependents(text) from public;
revoke all on function ratebook.assert_removable(text) from public;

comment on function ratebook.relation_name(oid) is 'schema.name of a relation, whatever the search_path.';
comment on function ratebook.detached_months() is
'Tables of schema ratebook that are none of its own any more: months that were detached.';
comment on function ratebook.dependents(text) is
'What the project has standing on the objects of a domain, as far as pg_depend knows: views, functions, columns, foreign keys, and triggers, policies, rules, constraints and indexes that it put on Ratebook''s tables, and publications that list them.';
comment on function ratebook.assert_removable(text) is
'For the way back: refuses while something of the project stands on a domain, or months stand detached, and names them. Error: in_use (2BP01).';
