create function ratebook.llm_model_values(p_row compat.llm_models) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'provider_id', p_row.provider_id,
    'provider_model_key', p_row.model_key,
    'name', p_row.model_name,
    'model_family', p_row.model_family,
    'version', p_row.model_version,
    'model_tier', p_row.model_tier,
    'context_window', p_row.context_window,
    'max_tokens', p_row.max_output_tokens,
    'rate_limits', p_row.rate_limits,
    'capabilities_detail', p_row.capabilities,
    'metadata', p_row.metadata,
    'release_date', p_row.release_date,
    'deprecation_date', p_row.deprecation_date,
    'typical_latency_ms', p_row.typical_latency_ms,
    'created_at', p_row.created_at,
    'deleted_at', p_row.deleted_at
  ) || case
    -- Switching off is no stage in the life of a model at its provider.
    when p_row.status = 'inactive' then '{}' else jsonb_build_object('status', p_row.status)
  end;
end;
$$;

create function ratebook.llm_model_flags(p_row compat.llm_models) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'function_calling', p_row.supports_function_calling,
    'vision', p_row.supports_vision,
    'streaming', p_row.supports_streaming,
    'audio', p_row.supports_audio,
    'system_prompt', p_row.supports_system_prompt
  );
end;
$$;

create function ratebook.write_llm_model() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. The statement trigger has let the caller write.
declare
  v_values jsonb := ratebook.llm_model_values(new);
  v_is_active boolean := new.status not in ('inactive', 'retired') and new.deleted_at is null;
begin
  perform ratebook.lock_registry();
  perform ratebook.refuse_nulls(
    -- A key that was too long to show is none of this write's.
    to_jsonb(new) - case when tg_op = 'UPDATE' and old.model_key is null then '{model_key}' else '{}' end::text[],
    '{id,provider_id,model_key,model_name,supports_function_calling,supports_vision,supports_streaming,supports_audio,supports_system_prompt,pricing,rate_limits,capabilities,metadata,status}'
  );
  if tg_op = 'INSERT' then
    insert into ai.models (
      id, key, provider_id, provider_model_key, name, model_family, version, model_tier, context_window, max_tokens,
      supports, rate_limits, capabilities_detail, metadata, status, is_active, release_date, deprecation_date,
      typical_latency_ms, created_at, updated_at, deleted_at, capabilities
    )
    select
      new.id,
      -- A name that means another provider's model goes on meaning that one; this gets the key of an import.
      case
        when
          exists (select from ai.models as m where m.key = new.model_key)
          or exists (select from ai.model_aliases as a where a.alias = new.model_key)
          then (select p.key || '/' || new.model_key from ai.providers as p where p.id = new.provider_id)
        else new.model_key
      end,
      r.provider_id, r.provider_model_key, r.name, r.model_family, r.version, r.model_tier, r.context_window,
      r.max_tokens, ratebook.merge_supports('{}', ratebook.llm_model_flags(new)), r.rate_limits, r.capabilities_detail,
      r.metadata, coalesce(r.status, 'active'), v_is_active, r.release_date, r.deprecation_date, r.typical_latency_ms,
      r.created_at, new.updated_at, r.deleted_at, '{text_generation}'
    from jsonb_populate_record(null::ai.models, v_values) as r;
    perform ratebook.write_pricing(new.id, '{}', new.pricing);
  else
    -- The id is what other tables of the project refer to.
    perform ratebook.refuse_changes(to_jsonb(old), to_jsonb(new), '{id}');
    v_values := ratebook.changed_values(ratebook.llm_model_values(old), v_values);
    -- Whether a model is active follows from the two columns that say it here, and only when one of them changes.
    if old.status <> new.status or (old.deleted_at is null) <> (new.deleted_at is null) then
      v_values := v_values || jsonb_build_object('is_active', v_is_active);
    end if;
    -- Only what this write changes, on the row as it is by now: nobody else's change is undone.
    update ai.models as m
    set
      (
        provider_id, provider_model_key, name, model_family, version, model_tier, context_window, max_tokens,
        rate_limits, capabilities_detail, metadata, status, is_active, is_default, release_date, deprecation_date,
        typical_latency_ms, created_at, deleted_at
      ) = (
        select
          r.provider_id, r.provider_model_key, r.name, r.model_family, r.version, r.model_tier, r.context_window,
          r.max_tokens, r.rate_limits, r.capabilities_detail, r.metadata, r.status, r.is_active,
          r.is_default and r.deleted_at is null, r.release_date, r.deprecation_date, r.typical_latency_ms,
          r.created_at, r.deleted_at
        from jsonb_populate_record(m, v_values) as r
      ),
      -- A feature that the old table has no column for stays.
      supports = ratebook.merge_supports(
        m.supports, ratebook.changed_values(ratebook.llm_model_flags(old), ratebook.llm_model_flags(new))
      )
    where m.id = old.id;
    if not found then
      perform ratebook.fail('not_allowed', format('Model %s is gone: nothing was written.', old.id), null,
        jsonb_build_object('model', old.id));
    end if;
    if new.pricing <> old.pricing then
      perform ratebook.write_pricing(old.id, old.pricing, new.pricing);
    end if;
  end if;
  select v.* into new from compat.llm_models as v where v.id = new.id;
  return new;
end;
$$;

create function ratebook.delete_llm_model() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.write_llm_model().
begin
  perform ratebook.delete_live_model(old.id);
  return old;
end;
$$;

revoke all on function ratebook.llm_model_values(compat.llm_models) from public;
revoke all on function ratebook.llm_model_flags(compat.llm_models) from public;
revoke all on function ratebook.write_llm_model() from public;
revoke all on function ratebook.delete_llm_model() from public;

comment on function ratebook.llm_model_values(compat.llm_models) is 'What a row says, as columns of ai.models.';
comment on function ratebook.llm_model_flags(compat.llm_models) is 'What a row says of ai.models.supports: feature → boolean.';
comment on function ratebook.write_llm_model() is
'Row trigger instead of insert or update: the model, and dated price rows where pricing differs. Errors: invalid_argument, unknown_provider, those of ratebook.write_pricing() (PT422).';
comment on function ratebook.delete_llm_model() is
'Row trigger instead of delete: marks the model as deleted. Error: not_allowed (42501) where it is already.';

create trigger llm_models_require_privileged before insert or update or delete on compat.llm_models
for each statement execute function ratebook.require_privileged();
create trigger llm_models_write instead of insert or update on compat.llm_models
for each row execute function ratebook.write_llm_model();
create trigger llm_models_delete instead of delete on compat.llm_models
for each row execute function ratebook.delete_llm_model();
