create function ratebook.lock_registry() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Before any row, and in the order of those who write defaults and prices: so nobody deadlocks.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.defaults', 0));
  perform pg_advisory_xact_lock_shared(hashtextextended('ratebook.price_registry', 0));
end;
$$;

create function ratebook.save_api_model(p_id uuid, p_changes jsonb) returns compat.api_models
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_model compat.api_models;
  v_missing text;
  v_provider text;
  v_key text;
  v_creator uuid;
begin
  perform ratebook.lock_registry();
  -- Changes are laid over the row as it is behind the lock, so that nobody else's change is undone.
  if p_id is not null then
    perform from ai.models as m where m.id = p_id and m.deleted_at is null for no key update;
    if not found then
      perform ratebook.fail('not_allowed', 'The model is gone: nothing was written.', null, jsonb_build_object('id', p_id));
    end if;
    select a.* into v_model from compat.api_models as a where a.id = p_id;
  end if;
  -- Who made it is the database's to say. A row may be sent back as it was read, or with oneself in it.
  v_creator := case when p_id is null then ratebook.uid() else v_model.created_by end;
  v_model := jsonb_populate_record(v_model, p_changes);
  if v_model.created_by is distinct from v_creator and not (p_id is null and v_model.created_by is null) then
    perform ratebook.fail('not_allowed', '"created_by" is the database''s to set.', 'Leave it out.', '{"column": "created_by"}');
  end if;

  -- Columns of the view are nullable whatever their tables say: what has to be there is asked for by its old name.
  select r.key into v_missing
  from jsonb_each_text(to_jsonb(v_model)) as r
  where
    r.value is null
    and r.key not in ('created_by', 'version', 'model_family', 'endpoint_path', 'output_format')
  limit 1;
  if v_missing = 'provider_id' then
    perform ratebook.fail('unknown_provider', 'A model needs a provider.', 'Set provider_id.');
  elsif v_missing is not null then
    perform ratebook.fail('invalid_argument', format('%s is missing.', v_missing), null,
      jsonb_build_object('column', v_missing));
  end if;
  select p.key into v_provider from ai.providers as p where p.id = v_model.provider_id;
  if not found then
    perform ratebook.fail('unknown_provider', format('There is no provider %s.', v_model.provider_id),
      'Ask compat.api_providers for the ids.', jsonb_build_object('provider_id', v_model.provider_id));
  end if;

  if p_id is null then
    -- The key that an import would give it: a name that means another model goes on meaning that one.
    v_key := v_provider || '/' || v_model.model_key;
    if
      exists (select from ai.models as m where m.key = v_key)
      or exists (select from ai.model_aliases as a where a.alias = v_key)
    then
      v_key := v_key || '@manual';
    end if;
    insert into ai.models (
      id, created_at, updated_at, provider_id, key, provider_model_key, version, name, modality, task,
      capabilities, model_family, endpoint_path, input_defaults, capabilities_detail, output_format, is_active,
      is_default, priority
    )
    -- The capability follows from modality and task, where it is one that Ratebook knows.
    values (
      v_model.id, v_model.created_at, v_model.updated_at, v_model.provider_id,
      v_key, v_model.model_key, v_model.version, v_model.display_name,
      v_model.modality, v_model.task,
      array(
        select c.capability
        from unnest(enum_range(null::ai.ai_capability_enum)) as c (capability)
        where c.capability::text = v_model.modality || '_' || v_model.task
      ),
      v_model.model_family, v_model.endpoint_path, v_model.input_defaults, v_model.capabilities,
      v_model.output_format, v_model.is_active, v_model.is_default, v_model.priority
    );
  -- The key stays, whatever the name becomes: others may have written it down.
  else
    update ai.models as m
    set
      id = v_model.id,
      created_at = v_model.created_at,
      provider_id = v_model.provider_id,
      provider_model_key = coalesce(p_changes ->> 'model_key', m.provider_model_key),
      version = v_model.version,
      name = v_model.display_name,
      modality = v_model.modality,
      task = v_model.task,
      model_family = v_model.model_family,
      endpoint_path = v_model.endpoint_path,
      input_defaults = v_model.input_defaults,
      capabilities_detail = v_model.capabilities,
      output_format = v_model.output_format,
      is_active = v_model.is_active,
      is_default = v_model.is_default,
      priority = v_model.priority
    where m.id = p_id;
  end if;
  -- Only a write that names prices makes price rows.
  if p_changes ? 'pricing' then
    perform ratebook.set_api_pricing(v_model.id, v_model.pricing);
  end if;
  select a.* into v_model from compat.api_models as a where a.id = v_model.id;
  return v_model;
end;
$$;

create function ratebook.write_api_model() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. api_models_require_privileged has let the caller write.
begin
  if tg_op = 'INSERT' then
    return ratebook.save_api_model(null, to_jsonb(new));
  elsif tg_op = 'UPDATE' then
    -- Only what the statement changes: the rest of the row may have become newer than its snapshot.
    return ratebook.save_api_model(
      old.id,
      (
        select coalesce(jsonb_object_agg(n.key, n.value), '{}')
        from jsonb_each(to_jsonb(new)) as n
        where n.value is distinct from to_jsonb(old) -> n.key
      )
    );
  end if;
  perform ratebook.lock_registry();
  perform from ai.models as m where m.id = old.id and m.deleted_at is null for no key update;
  if not found then
    perform ratebook.fail('not_allowed', 'The model is gone: nothing was deleted.', null, jsonb_build_object('id', old.id));
  end if;
  delete from ai.models as m where m.id = old.id;
  return old;
end;
$$;

create function ratebook.upsert_api_model(p_model jsonb) returns compat.api_models
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: locks before it looks, and asks for the caller's rights itself.
declare
  v_key text;
  v_id uuid;
  v_columns text;
  v_model compat.api_models;
begin
  if not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', 'Only admins write models.');
  end if;
  if jsonb_typeof(p_model) is distinct from 'object' or p_model = '{}' then
    perform ratebook.fail('invalid_argument', 'A model is a JSON object of the columns of compat.api_models.');
  end if;
  select o.key into v_key
  from jsonb_object_keys(p_model) as o (key)
  where not to_jsonb(jsonb_populate_record(null::compat.api_models, '{}')) ? o.key
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('compat.api_models has no column "%s".', left(v_key, 100)), null,
      jsonb_build_object('column', left(v_key, 100)));
  end if;

  perform ratebook.lock_registry();
  select a.id into v_id
  from compat.api_models as a
  where
    a.id = (p_model ->> 'id')::uuid
    or (
      not p_model ? 'id' and a.provider_id = (p_model ->> 'provider_id')::uuid and a.model_key = p_model ->> 'model_key'
    );
  if v_id is not null then
    return ratebook.save_api_model(v_id, p_model);
  end if;
  -- Dynamic, so that what is left out gets the defaults of the view.
  select string_agg(format('%I', o.key), ', ') into v_columns from jsonb_object_keys(p_model) as o (key);
  execute format(
    'insert into compat.api_models (%1$s) select %1$s from jsonb_populate_record(null::compat.api_models, $1) returning id',
    v_columns
  ) into v_id using p_model;
  select a.* into v_model from compat.api_models as a where a.id = v_id;
  return v_model;
end;
$$;

create function compat.upsert_api_model(model jsonb) returns compat.api_models
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.upsert_api_model(model);
end;

revoke all on function ratebook.lock_registry() from public;
revoke all on function ratebook.save_api_model(uuid, jsonb) from public;
revoke all on function ratebook.write_api_model() from public;
revoke all on function ratebook.upsert_api_model(jsonb) from public;
revoke all on function compat.upsert_api_model(jsonb) from public;
grant execute on function ratebook.upsert_api_model(jsonb) to authenticated, service_role;
grant execute on function compat.upsert_api_model(jsonb) to authenticated, service_role;

comment on function ratebook.lock_registry() is
'One writer of models at a time, where one statement writes models, defaults and prices.';
comment on function ratebook.save_api_model(uuid, jsonb) is
'Makes a model (p_id NULL), or changes some columns of one, in the terms of compat.api_models. Its callers decide who may. Errors: unknown_provider, invalid_argument (PT422), those of ratebook.set_api_pricing().';
comment on function ratebook.write_api_model() is
'Row trigger instead of insert, update and delete on compat.api_models. Errors: not_allowed (42501) where nothing changed, those of ratebook.save_api_model().';
comment on function ratebook.upsert_api_model(jsonb) is 'The rule behind compat.upsert_api_model().';
comment on function compat.upsert_api_model(jsonb) is
'For admins and the service role. Adds a model, or changes the given columns of the one with this id, or with this provider_id and model_key. model: an object of columns of compat.api_models. Returns the row. Errors: not_allowed (42501), unknown_provider, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, invalid_argument (PT422).';

create trigger api_models_require_privileged before insert or update or delete on compat.api_models
for each statement execute function ratebook.require_privileged();
create trigger api_models_write instead of insert or update or delete on compat.api_models
for each row execute function ratebook.write_api_model();
