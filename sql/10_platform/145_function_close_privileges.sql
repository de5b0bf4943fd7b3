create function ratebook.close_privileges(p_domain text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_extra record;
begin
  for v_extra in
    select
      d.name,
      p.role,
      case
        when d.name like 'schema %' then ''
        when d.name like '%(%' then 'function'
        when exists (select from pg_class as c where c.oid = to_regclass(d.name) and c.relkind = 'S') then 'sequence'
        else 'table'
      end as kind
    from ratebook.describe(array(select m.name from ratebook.manifest as m where m.kind = 'schema'), true) as d
    inner join ratebook.manifest as m on m.kind = d.kind and m.name = d.name and m.domain = p_domain
    cross join lateral ratebook.privileges(d.state) as p
    where
      d.state <> m.state
      and not exists (select from ratebook.privileges(m.state) as g where g.role = p.role)
  loop
    execute format(
      'revoke all on %s %s from %s', v_extra.kind, v_extra.name,
      case v_extra.role when 'public' then 'public' else v_extra.role::regrole::text end
    );
  end loop;
end;
$$;

revoke all on function ratebook.close_privileges(text) from public;

comment on function ratebook.close_privileges(text) is
'For migrations, at their end: takes from what a domain made the privileges that the project''s default privileges gave on it. What a schema''s owner hands out to whatever comes is not meant for Ratebook''s inside.';
