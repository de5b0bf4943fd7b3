create function ratebook.privileges(p_state text) returns table (role text, privileges text)
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  -- A role's name may have blanks, and is in quotes then.
  select
    s.parts[1],
    s.parts[2]
  from unnest(string_to_array(p_state, ', ')) as e (entry)
  cross join lateral (select regexp_match(e.entry, '^("[^"]*"|[^ ]+) (.*)$') as parts) as s;
end;

create function ratebook.differences() returns table (kind text, name text, difference text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
-- Definer: reads the manifest, whoever asks for the version.
begin atomic
  with
  standing as (
    select
      d.kind,
      d.name,
      d.state,
      d.owner
    from ratebook.describe(array(
      select m.name from ratebook.manifest as m
      where m.kind = 'schema'
    )) as d
  ),

  -- Privileges role by role: "select+update" of anon on ai.models, and what the migrations gave.
  privileges as (
    select
      m.name,
      p.role,
      p.given,
      p.standing
    from ratebook.manifest as m
    inner join standing as d on d.kind = m.kind and d.name = m.name and d.state <> m.state
    cross join
      lateral (
        select
          coalesce(g.role, s.role) as role,
          g.privileges as given,
          s.privileges as standing
        from ratebook.privileges(m.state) as g
        full join ratebook.privileges(d.state) as s on s.role = g.role
      ) as p
    where m.kind = 'privileges' and p.given is distinct from p.standing
  ),

  -- How widely a role differs decides below whether its objects are told one by one.
  by_role as (
    select
      p.role,
      count(*) as objects,
      min(p.name) as example
    from privileges as p
    group by p.role
  ),

  -- Whose it all is: a function runs, and a view reads, with the rights of its owner.
  owned as (
    select
      d.kind,
      d.name,
      d.owner
    from standing as d
    inner join ratebook.manifest as m on m.kind = d.kind and m.name = d.name
    where d.owner is not null
  ),

  usual as (select mode() within group (order by o.owner) as owner from owned as o)

  -- What the migrations made and is not as they made it. Privileges are compared role by role instead.
  select
    m.kind,
    m.name,
    case when d.name is null then 'is missing' else 'was changed' end as difference
  from ratebook.manifest as m
  left join standing as d on d.kind = m.kind and d.name = m.name
  where m.kind <> 'privileges' and d.state is distinct from m.state
  union all
  -- Policies only add: one that is not Ratebook's opens rows that Ratebook closes. A rule does something else than what
  -- was said, and a function of a name twice is one that PostgREST cannot call. Triggers of a project are its own affair.
  select
    d.kind,
    d.name,
    'is not Ratebook''s' as difference
  from standing as d
  where
    case
      when d.kind in ('policy', 'rule')
        then exists (
          select from ratebook.manifest as t
          -- The last "on": a policy may be called "open on Sundays".
          where t.kind in ('table', 'view') and t.name = regexp_replace(d.name, '^.* on ', '')
        )
      -- Whatever its arguments.
      when d.kind = 'function'
        then split_part(d.name, '(', 1) = any(array(
          select split_part(t.name, '(', 1) from ratebook.manifest as t
          where t.kind = 'function'
        ))
    end
    and not exists (
      select from ratebook.manifest as m
      where m.kind = d.kind and m.name = d.name
    )
  union all
  -- Said of the few: the role that most belong to is the one that migrated.
  select
    o.kind,
    o.name,
    format('belongs to %s, the rest to %s', o.owner, u.owner) as difference
  from owned as o
  inner join usual as u on u.owner <> o.owner
  union all
  -- A grant on all tables would fill hundreds of rows and hide the rest: one row for a role that differs everywhere.
  select
    'privileges' as kind,
    p.name,
    format('%s has %s, the migrations gave %s', p.role, coalesce(p.standing, 'nothing'), coalesce(p.given, 'nothing')) as difference
  from privileges as p
  inner join by_role as b on b.role = p.role
  where b.objects <= 10
  union all
  select
    'privileges' as kind,
    b.role,
    format('has other privileges than the migrations gave on %s objects, %s among them: a grant on all of them?', b.objects, b.example) as difference
  from by_role as b
  where b.objects > 10;
end;

revoke all on function ratebook.privileges(text) from public;
revoke all on function ratebook.differences() from public;

comment on function ratebook.privileges(text) is
'The state of kind privileges, as ratebook.describe() writes it, role by role.';
comment on function ratebook.differences() is
'Where the database is not what its migrations made: objects that are missing, changed or somebody else''s, policies and rules on Ratebook''s tables and functions by its names that are not Ratebook''s, privileges given or taken (one row for a role that differs on more than ten objects). No row: nothing differs.';
