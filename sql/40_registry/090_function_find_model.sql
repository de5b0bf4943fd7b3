create function ratebook.successors(p_model_id uuid) returns table (model_id uuid, since timestamptz)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_line uuid[] := array[p_model_id];
  v_next ai.models;
begin
  model_id := p_model_id;
  since := '-infinity';
  loop
    return next;
    select m.* into v_next from ai.models as m where m.id = model_id;
    -- Who is in the line already closes a circle, which only a direct UPDATE can make.
    exit when v_next.successor_id is null or v_next.successor_id = any(v_line);
    model_id := v_next.successor_id;
    since := greatest(since, v_next.succeeded_at);
    v_line := v_line || model_id;
  end loop;
end;
$$;

create function ratebook.heir(p_model_id uuid, p_at timestamptz) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select s.model_id
    from ratebook.successors(p_model_id) with ordinality as s
    where s.since <= p_at
    order by s.ordinality desc
    limit 1
  );
end;
$$;

create function ratebook.model_ids(
  p_model text, p_all boolean, p_at timestamptz default null
) returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_at timestamptz := coalesce(p_at, ratebook.clock());
  v_ids uuid [];
  v_lead_on boolean;
begin
  -- An id means its own row. A name leads on to the successor, from the time of the succession.
  select array_agg(m.id), bool_or(m.key = p_model and m.succeeded_at <= v_at) into v_ids, v_lead_on
  from ai.models as m
  where
    (m.key = p_model or m.id = case when p_model ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then p_model::uuid end)
    and (
      p_all
      or (m.is_public and (m.deleted_at is null or (m.key = p_model and m.succeeded_at <= v_at)))
    );
  if v_ids is null then
    select array_agg(m.id), bool_or(m.succeeded_at <= v_at) into v_ids, v_lead_on
    from ai.model_aliases as a
    inner join ai.models as m on m.id = a.model_id
    where
      a.alias = p_model
      and (p_all or (m.is_public and (m.deleted_at is null or m.succeeded_at <= v_at)));
  end if;
  if v_lead_on then
    select array_agg(m.id) into v_ids
    from ai.models as m
    where
      m.id in (select ratebook.heir(named.id, v_at) from unnest(v_ids) as named (id))
      and (p_all or (m.is_public and m.deleted_at is null));
  end if;
  return v_ids;
end;
$$;

create function ratebook.model_id(
  p_model text, p_all boolean, p_at timestamptz default null
) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids uuid [] := ratebook.model_ids(p_model, p_all, p_at);
begin
  if v_ids is null then
    perform ratebook.fail(
      'unknown_model', format('There is no model called "%s".', left(coalesce(p_model, ''), 100)),
      'Ask ai.models for the keys, or ai.model_aliases for other names.',
      jsonb_build_object('model', left(p_model, 100))
    );
  elsif cardinality(v_ids) > 1 then
    perform ratebook.fail(
      'ambiguous_model', format('"%s" may mean any of %s models.', p_model, cardinality(v_ids)),
      'Use one of the candidates'' keys.',
      jsonb_build_object(
        'model', p_model,
        'candidates', (select jsonb_agg(m.key order by m.key) from ai.models as m where m.id = any(v_ids))
      )
    );
  end if;
  return v_ids[1];
end;
$$;

create function ratebook.visible_model_id(p_model text, p_at timestamptz default null) returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: answers the same for a hidden model as for one that is not there, without a policy's help.
begin
  return ratebook.model_id(p_model, ratebook.is_privileged(), p_at);
end;
$$;

create function ai.find_model(model text) returns setof ai.models
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ai.models as m
  where m.id = ratebook.visible_model_id(model);
end;

revoke all on function ratebook.successors(uuid) from public;
revoke all on function ratebook.heir(uuid, timestamptz) from public;
revoke all on function ratebook.model_ids(text, boolean, timestamptz) from public;
revoke all on function ratebook.model_id(text, boolean, timestamptz) from public;
revoke all on function ratebook.visible_model_id(text, timestamptz) from public;
revoke all on function ai.find_model(text) from public;
grant execute on function ratebook.visible_model_id(text, timestamptz) to anon, authenticated, service_role;
grant execute on function ai.find_model(text) to anon, authenticated, service_role;

comment on function ratebook.successors(uuid) is
'A model and those that stand in for it, one after the other, each with the time since when it does.';
comment on function ratebook.heir(uuid, timestamptz) is
'Who stands in for a model at a time: its successor, or that one''s, and so on; the model itself where it has none.';
comment on function ratebook.model_ids(text, boolean, timestamptz) is
'The models that a name may mean at a time (NULL: now), to those who see all or to the public: by id or key, else by alias; a name of a model that has been succeeded by then means its heir. As of -infinity a name means its own row. NULL if none.';
comment on function ratebook.model_id(text, boolean, timestamptz) is
'The one of ratebook.model_ids(). Errors: unknown_model (PT404), ambiguous_model (PT409, DETAIL lists the candidates).';
comment on function ratebook.visible_model_id(text, timestamptz) is
'The model that a name means to the caller. Errors: those of ratebook.model_id().';
comment on function ai.find_model(text) is
'The model with an id, key or alias. model: any of these. The names of a retired model lead to its successor, its id to itself. A hidden model answers like an unknown one. Errors: unknown_model (PT404), ambiguous_model (PT409, DETAIL lists the candidates).';
