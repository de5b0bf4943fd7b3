create function private.model_id(p_model text, p_all boolean) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids uuid [];
begin
  select array_agg(m.id) into v_ids
  from ai.models as m
  where
    (m.key = p_model or m.id = case when p_model ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then p_model::uuid end)
    and (p_all or (m.is_public and m.deleted_at is null));
  if v_ids is null then
    select array_agg(m.id order by m.key) into v_ids
    from ai.model_aliases as a
    inner join ai.models as m on m.id = a.model_id
    where a.alias = p_model and (p_all or (m.is_public and m.deleted_at is null));
  end if;
  if v_ids is null then
    perform private.fail(
      'unknown_model', format('There is no model called "%s".', left(coalesce(p_model, ''), 100)),
      'Ask ai.models for the keys, or ai.model_aliases for other names.',
      jsonb_build_object('model', left(p_model, 100))
    );
  elsif cardinality(v_ids) > 1 then
    perform private.fail(
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

create function private.visible_model_id(p_model text) returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: answers the same for a hidden model as for one that is not there, without a policy's help.
begin
  return private.model_id(p_model, private.is_privileged());
end;
$$;

create function ai.find_model(model text) returns setof ai.models
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ai.models as m
  where m.id = private.visible_model_id(model);
end;

revoke all on function private.model_id(text, boolean) from public;
revoke all on function private.visible_model_id(text) from public;
revoke all on function ai.find_model(text) from public;
grant execute on function private.visible_model_id(text) to anon, authenticated, service_role;
grant execute on function ai.find_model(text) to anon, authenticated, service_role;

comment on function private.model_id(text, boolean) is
'The model that a name means, to those who see all or to the public: by id or key, else by alias. Errors: unknown_model (PT404), ambiguous_model (PT409, DETAIL lists the candidates).';
comment on function private.visible_model_id(text) is 'The model that a name means to the caller. Errors: those of private.model_id().';
comment on function ai.find_model(text) is
'The model with an id, key or alias. model: any of these. A hidden model answers like an unknown one. Errors: unknown_model (PT404), ambiguous_model (PT409, DETAIL lists the candidates).';
