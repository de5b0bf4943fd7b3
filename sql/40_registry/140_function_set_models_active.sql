-- Admins change the row that a name names, not the one that it leads to.
create function ratebook.model_to_change(p_model text) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid := ratebook.model_id(p_model, true, '-infinity');
begin
  if exists (select from ai.models as m where m.id = v_id and m.deleted_at is not null) then
    perform ratebook.fail(
      'deleted_model', format('Model "%s" was deleted.', left(p_model, 100)), 'Set deleted_at to NULL to bring it back.',
      jsonb_build_object('model', left(p_model, 100))
    );
  end if;
  return v_id;
end;
$$;

create function ratebook.set_models_active(p_models text[], p_active boolean) returns setof ai.models
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_ids uuid[];
begin
  perform ratebook.assert_privileged();
  if p_models is null then
    perform ratebook.fail('invalid_argument', 'No models are named.', 'Give an array of keys, ids or aliases.');
  end if;
  v_ids := array(select ratebook.model_to_change(named.model) from unnest(p_models) as named (model));
  update ai.models as m
  set
    is_active = p_active,
    status = case when p_active and m.status = 'retired' then 'active' else m.status end,
    successor_id = case when not p_active then m.successor_id end,
    succeeded_at = case when not p_active then m.succeeded_at end
  where m.id = any(v_ids) and (m.is_active <> p_active or (p_active and m.status = 'retired'));
  return query select m.* from ai.models as m where m.id = any(v_ids) order by m.key;
end;
$$;

create function ai.activate_models(models text[]) returns setof ai.models
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ratebook.set_models_active(models, true) as m;
end;

create function ai.deactivate_models(models text[]) returns setof ai.models
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ratebook.set_models_active(models, false) as m;
end;

revoke all on function ratebook.model_to_change(text) from public;
revoke all on function ratebook.set_models_active(text[], boolean) from public;
revoke all on function ai.activate_models(text[]) from public;
revoke all on function ai.deactivate_models(text[]) from public;
grant execute on function ratebook.set_models_active(text[], boolean) to authenticated, service_role;
grant execute on function ai.activate_models(text[]) to authenticated, service_role;
grant execute on function ai.deactivate_models(text[]) to authenticated, service_role;

comment on function ratebook.model_to_change(text) is
'The row that an admin names by id, key or alias, a retired one too. Errors: those of ratebook.model_id(), deleted_model (PT409).';
comment on function ratebook.set_models_active(text[], boolean) is
'The rule behind ai.activate_models() and ai.deactivate_models().';
comment on function ai.activate_models(text[]) is
'For admins and the service role. Opens models (ids, keys or aliases) for new work, all or none; a retired one is active again and its names are its own. Returns the models. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model (PT409), invalid_argument (PT422).';
comment on function ai.deactivate_models(text[]) is
'For admins and the service role. Closes models (ids, keys or aliases) to new work, all or none; a default stays active, so set another first. Returns the models. Errors: those of ai.activate_models(), default_model (PT409).';
