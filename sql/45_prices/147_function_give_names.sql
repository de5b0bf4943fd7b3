create function ratebook.give_names(
  p_source text, p_models jsonb, p_at timestamptz, p_unread text[]
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp set enable_nestloop = off
as $$
declare
  v_report jsonb;
begin
  -- What the feed calls its models, keys among it. One that was merged into another speaks for that one, a deleted one
  -- for nobody.
  with claims as materialized (
    select distinct n.name, m.id as model_id, m.key, f.ref
    from ratebook.feed_models(p_source, p_models) as f
    inner join ai.models as d on d.id = f.model_id
    inner join ai.models as m
      on m.id = case when d.deleted_at is null then d.id else ratebook.heir(d.id, 'infinity') end and m.deleted_at is null
    cross join lateral unnest(f.aliases || d.key) as n (name)
  ),

  -- What this source has dropped gives its names up, unless an admin has said who succeeds it.
  gone as materialized (
    select m.id, m.key, m.successor_id
    from ai.models as m
    where
      m.metadata ->> 'catalogue' = p_source
      and m.metadata ? 'removed_from_catalogue'
      -- Or has taken it back.
      and m.status = 'retired'
      and m.deleted_at is null
      and (m.successor_id is null or m.successor_id::text = m.metadata ->> 'moved_to')
      and m.id not in (select c.model_id from claims as c)
  ),

  -- Who has a name for good: by its key, or by the word of a person or another catalogue.
  holders as materialized (
    select m.key as name, m.id as model_id
    from ai.models as m
    where m.id not in (select g.id from gone as g)
    union
    select a.alias, a.model_id from ai.model_aliases as a where a.source <> p_source
  ),

  -- Those of whom only names that somebody claims are looked at, each with whom it leads to.
  held as materialized (
    select
      h.name,
      case when m.successor_id is null then m.id else ratebook.heir(m.id, 'infinity') end as model_id
    from holders as h
    inner join ai.models as m on m.id = h.model_id
    where h.name in (select c.name from claims as c)
  ),

  -- A name that one model claims and nobody else has is given to it.
  given as materialized (
    select s.name, s.model_id
    from (
      select c.name, (array_agg(c.model_id))[1] as model_id
      from (select distinct c.name, c.model_id from claims as c) as c
      group by c.name
      having count(*) = 1
    ) as s
    where not exists (
      select from held as h where h.name = s.name and h.model_id <> s.model_id
    )
  ),

  -- The newest feed decides: names that it gives to others, or to nobody, leave. Those of what is gone are history, and
  -- stay where they are until somebody else is called so; so do those of what could not be read.
  freed as (
    delete from ai.model_aliases as a
    where
      a.source = p_source
      and (
        a.alias in (select c.name from claims as c)
        or a.model_id in (
          select k.id
          from ratebook.feed_keys() as k
          inner join ai.models as m on m.id = k.id
          where
            m.deleted_at is null
            and not (m.metadata ->> 'catalogue' = p_source and m.metadata ? 'removed_from_catalogue')
            and k.ref <> all(p_unread)
            -- What came by a merge is a person's word.
            and not exists (
              select from ai.models as d where d.successor_id = m.id and d.deleted_at is not null
            )
        )
      )
      and (a.alias, a.model_id) not in (select g.name, g.model_id from given as g)
    returning a.alias, a.model_id
  ),

  -- With its source, so that names which a catalogue gave can be told from others.
  made as (
    insert into ai.model_aliases (alias, model_id, source)
    select g.name, g.model_id, p_source
    from given as g
    inner join ai.models as m on m.id = g.model_id
    where
      g.name <> m.key
      and not exists (
        select from ai.model_aliases as a where a.alias = g.name and a.model_id = g.model_id
      )
      -- Nor where it leads there by way of another, whose successor the model is.
      and not exists (
        select from holders as h where h.name = g.name and h.model_id <> g.model_id
      )
    returning alias, model_id
  ),

  -- An entry that has moved to another provider takes its old key along: where that key is a name of the other now, or
  -- where all names with a slash are, which are no short ones.
  moves as (
    select g.id, coalesce(k.model_id, s.model_id) as model_id
    from gone as g
    left join given as k on k.name = g.key
    left join (
      select a.model_id as id, (array_agg(n.model_id))[1] as model_id
      from ai.model_aliases as a
      left join given as n on n.name = a.alias
      where a.source = p_source and a.alias like '%/%' and a.model_id in (select o.id from gone as o)
      group by a.model_id
      having count(*) = count(n.model_id) and count(distinct n.model_id) = 1
    ) as s on s.id = g.id
    where coalesce(k.model_id, s.model_id) <> coalesce(g.successor_id, g.id)
  ),

  moved as (
    update ai.models as m
    set
      successor_id = v.model_id,
      succeeded_at = p_at,
      metadata = m.metadata || jsonb_build_object('moved_to', v.model_id)
    from moves as v
    inner join ai.models as t on t.id = v.model_id
    -- The id of a hidden model is not shown by one that is not.
    where m.id = v.id and (t.is_public or not m.is_public)
  ),

  -- What somebody else has, so that an admin sees who was left without.
  taken as (
    select distinct c.name, c.ref, c.model_id
    from claims as c
    where
      c.name <> c.key
      and not exists (
        select from given as g where (g.name, g.model_id) = (c.name, c.model_id)
      )
      and not exists (
        select from ai.model_aliases as a where (a.alias, a.model_id) = (c.name, c.model_id) and a.source <> p_source
      )
  )

  -- A name that moves is added, and not removed.
  select
    jsonb_build_object(
      'added', (select count(*) from made),
      'removed', (select count(*) from freed as f where f.alias not in (select m.alias from made as m)),
      'taken', (select count(*) from taken),
      -- Each with who has it, or claims it too.
      'names', (
        select coalesce(
          jsonb_agg(jsonb_build_object('name', t.name, 'model', t.ref, 'held_by', h.keys) order by t.name, t.ref), '[]'
        )
        from taken as t
        cross join lateral (
          select coalesce(jsonb_agg(distinct m.key), '[]') as keys
          from (
            select o.model_id from held as o where o.name = t.name
            union
            select o.model_id from claims as o where o.name = t.name
          ) as o
          inner join ai.models as m on m.id = o.model_id
          where o.model_id <> t.model_id
        ) as h
      ),
      -- Models that have gained or lost a name.
      'changed', (
        select coalesce(jsonb_agg(distinct c.ref), '[]')
        from claims as c
        where
          c.model_id in (
            select m.model_id from made as m
            union
            select f.model_id from freed as f
          )
      )
    )
  into v_report;
  return v_report;
end;
$$;

revoke all on function ratebook.give_names(text, jsonb, timestamptz, text[]) from public;

comment on function ratebook.give_names(text, jsonb, timestamptz, text[]) is
'Makes names lead where a feed says, once its models are there and what it has dropped is marked: adds, moves and takes away aliases of its source, and lets the key of a model that it has dropped lead to the one that has its names now. A name that two claim goes to neither, and one that is another model''s key, or an alias of another source, stays there. Returns {added, removed, taken, names: [{name, model, held_by}], changed: [provider/provider_model_key]}.';
