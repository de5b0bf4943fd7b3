create function ratebook.set_default_model(p_model text) returns setof ai.models
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_id uuid;
begin
  perform ratebook.assert_privileged();
  v_id := ratebook.model_to_change(p_model);
  return query
  update ai.models as m set is_default = true where m.id = v_id and m.is_active returning m.*;
  if not found then
    perform ratebook.refuse_inactive_model(v_id, 'a default');
  end if;
end;
$$;

create function ratebook.refuse_inactive_model(p_model_id uuid, p_purpose text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key text := (select m.key from ai.models as m where m.id = p_model_id);
begin
  perform ratebook.fail(
    'inactive_model', format('Model "%s" is inactive and cannot be %s.', v_key, p_purpose),
    'Activate it first: ai.activate_models().', jsonb_build_object('model', v_key)
  );
end;
$$;

create function ai.set_default_model(model text) returns setof ai.models
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ratebook.set_default_model(model) as m;
end;

revoke all on function ratebook.set_default_model(text) from public;
revoke all on function ratebook.refuse_inactive_model(uuid, text) from public;
revoke all on function ai.set_default_model(text) from public;
grant execute on function ratebook.set_default_model(text) to authenticated, service_role;
grant execute on function ai.set_default_model(text) to authenticated, service_role;

comment on function ratebook.set_default_model(text) is 'The rule behind ai.set_default_model().';
comment on function ratebook.refuse_inactive_model(uuid, text) is
'Says that a model is inactive and what it cannot be. Error: inactive_model (PT409).';
comment on function ai.set_default_model(text) is
'For admins and the service role. Makes a model (id, key or alias) the default of its modality and task, in the place of the former one; of two admins at once the later stands. Returns the model. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model, inactive_model (PT409).';
