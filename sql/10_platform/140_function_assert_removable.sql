create function ratebook.relation_name(p_relation oid) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format('%I.%I', n.nspname, c.relname)
  from pg_class as c
  inner join pg_namespace as n on n.oid = c.relnamespace
  where c.oid = p_relation;
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
    select 'pg_type'::regclass, to_regtype(m.name)::oid, m.domain
    from ratebook.manifest as m
    where m.kind in ('table', 'view', 'type')
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
  -- What refers to an object of the domain, and the relation, function or type that it belongs to.
  referring as (
    select
      d.classid, d.objid,
      case d.classid
        when 'pg_rewrite'::regclass then (select r.ev_class from pg_rewrite as r where r.oid = d.objid)
        when 'pg_attrdef'::regclass then (select a.adrelid from pg_attrdef as a where a.oid = d.objid)
        when 'pg_trigger'::regclass then (select t.tgrelid from pg_trigger as t where t.oid = d.objid)
        when 'pg_policy'::regclass then (select p.polrelid from pg_policy as p where p.oid = d.objid)
        when 'pg_constraint'::regclass
          then (select coalesce(nullif(k.conrelid, 0), k.contypid) from pg_constraint as k where k.oid = d.objid)
        when 'pg_class'::regclass then coalesce(
          (select i.indrelid from pg_index as i where i.indexrelid = d.objid),
          (select s.refobjid from pg_depend as s where s.classid = d.classid and s.objid = d.objid and s.deptype = 'i' limit 1),
          d.objid
        )
        else d.objid
      end as root
    from pg_depend as d
    inner join own as o on o.classid = d.refclassid and o.objid = d.refobjid
    where
      o.domain = p_domain
      and d.deptype in ('n', 'a')
      -- Being published or having statistics is no reason to stay.
      and d.classid not in ('pg_publication_rel'::regclass, 'pg_publication_namespace'::regclass, 'pg_statistic_ext'::regclass)
  )
  select distinct pg_describe_object(r.classid, r.objid, 0)
  from referring as r
  where
    -- A month is its table's, and so is what it has.
    not exists (select from pg_class as c where c.oid = r.root and c.relispartition)
    and (
      not exists (select from own as o where o.objid = r.root)
      -- On one of Ratebook's tables, but not Ratebook's: a trigger, policy, constraint or index of the project.
      or case r.classid
        when 'pg_trigger'::regclass then not exists (
          select from pg_trigger as t
          inner join ratebook.manifest as m
            on m.kind = 'trigger' and m.name = format('%I on %s', t.tgname, ratebook.relation_name(t.tgrelid))
          where t.oid = r.objid
        ) and not (select t.tgisinternal from pg_trigger as t where t.oid = r.objid)
        when 'pg_policy'::regclass then not exists (
          select from pg_policy as p
          inner join ratebook.manifest as m
            on m.kind = 'policy' and m.name = format('%I on %s', p.polname, ratebook.relation_name(p.polrelid))
          where p.oid = r.objid
        )
        when 'pg_constraint'::regclass then not exists (
          select from pg_constraint as k
          inner join ratebook.manifest as m
            on m.kind = 'constraint' and m.name = format('%I on %s', k.conname, ratebook.relation_name(k.conrelid))
          where k.oid = r.objid
        ) and (select k.contype <> 'n' and k.conrelid <> 0 from pg_constraint as k where k.oid = r.objid)
        when 'pg_class'::regclass then exists (select from pg_index as i where i.indexrelid = r.objid) and not exists (
          select from ratebook.manifest as m where m.kind = 'index' and m.name = ratebook.relation_name(r.objid)
        )
        else false
      end
    );
$$;

create function ratebook.assert_removable(p_domain text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_names text[];
begin
  select array_agg(ratebook.relation_name(c.oid) order by c.relname) into v_names
  from pg_class as c
  where
    c.relnamespace = 'ratebook'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and not exists (select from ratebook.manifest as m where m.kind = 'table' and m.name = ratebook.relation_name(c.oid));
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
revoke all on function ratebook.dependents(text) from public;
revoke all on function ratebook.assert_removable(text) from public;

comment on function ratebook.relation_name(oid) is 'schema.name of a relation, whatever the search_path.';
comment on function ratebook.dependents(text) is
'What the project has standing on the objects of a domain, as far as pg_depend knows: views, functions, columns, foreign keys, and triggers, policies, constraints and indexes that it put on Ratebook''s tables.';
comment on function ratebook.assert_removable(text) is
'For the way back: refuses while something of the project stands on a domain, or months stand detached, and names them. Error: in_use (2BP01).';
