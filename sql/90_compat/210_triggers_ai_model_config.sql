create function ratebook.assert_config_currency(p_model text, p_currency text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_currency <> 'USD' then
    perform ratebook.fail('invalid_argument', format('Model "%s" is priced in %s, and these costs are in USD.', p_model, p_currency),
      'Use billing.quote() and ai.model_pricing.', jsonb_build_object('model', p_model, 'currency', p_currency));
  end if;
end;
$$;

revoke all on function ratebook.assert_config_currency(text, text) from public;

comment on function ratebook.assert_config_currency(text, text) is
'Refuses a model that is not priced in US dollars. Error: invalid_argument (PT422).';

create function ratebook.config_values(p_row compat.ai_model_config) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'key', p_row.model_name,
    'name', p_row.display_name,
    'modality', p_row.model_type,
    'capabilities', jsonb_build_array(p_row.model_type || '_generation'),
    'provider_id', (select p.id from ai.providers as p where p.key = p_row.provider),
    'context_window', p_row.context_window,
    'max_tokens', p_row.max_output_tokens,
    'valid_sizes', p_row.valid_sizes,
    'is_active', p_row.is_active,
    'is_default', p_row.is_default,
    'priority', p_row.sort_order,
    'description', p_row.description
  );
end;
$$;

create function ratebook.config_flags(p_row compat.ai_model_config) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'json_mode', p_row.supports_json_mode,
    'vision', p_row.supports_vision,
    'function_calling', p_row.supports_function_calling
  );
end;
$$;

create function ratebook.config_pricing(p_row compat.ai_model_config) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'input_per_1m', p_row.input_cost_per_1m,
    'output_per_1m', p_row.output_cost_per_1m,
    'per_image', p_row.cost_per_image
  );
end;
$$;

create function ratebook.write_config() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. The statement trigger has let the caller write.
declare
  v_values jsonb := ratebook.config_values(new);
  v_id uuid;
  v_currency text;
begin
  perform ratebook.lock_registry();
  -- What the old table refused is refused here, before anything is written.
  perform ratebook.refuse_nulls(
    to_jsonb(new),
    '{model_name,display_name,model_type,provider,valid_sizes,supports_json_mode,supports_vision,supports_function_calling,is_active,is_default,sort_order}'
  );
  perform ratebook.refuse_changes(to_jsonb(old), to_jsonb(new), '{created_at,updated_at,updated_by,pricing_display}');
  perform ratebook.assert_config_type(new.model_type);
  if v_values ->> 'provider_id' is null then
    perform ratebook.fail('unknown_provider', format('There is no provider called "%s".', left(new.provider, 100)),
      'Ask ai.providers for the keys.', jsonb_build_object('provider', left(new.provider, 100)));
  end if;
  -- A new model is known to its provider by the name that it has here.
  if tg_op = 'INSERT' then
    insert into ai.models (
      key, name, modality, capabilities, provider_id, provider_model_key, context_window, max_tokens, valid_sizes,
      is_active, is_default, priority, description, supports
    )
    select
      r.key, r.name, r.modality, r.capabilities, r.provider_id, r.key, r.context_window, r.max_tokens, r.valid_sizes,
      r.is_active, r.is_default, r.priority, r.description, ratebook.merge_supports('{}', ratebook.config_flags(new))
    from jsonb_populate_record(null::ai.models, v_values) as r
    returning id, price_currency into v_id, v_currency;
  else
    v_values := ratebook.changed_values(ratebook.config_values(old), v_values);
    -- Only what this write changes, on the row as it is by now: nobody else's change is undone.
    update ai.models as m
    set
      (
        key, name, modality, capabilities, provider_id, provider_model_key, context_window, max_tokens, valid_sizes,
        is_active, is_default, priority, description
      ) = (
        select
          r.key, r.name, r.modality, r.capabilities, r.provider_id,
          case when m.provider_model_key = m.key then r.key else m.provider_model_key end, r.context_window,
          r.max_tokens, r.valid_sizes, r.is_active, r.is_default, r.priority, r.description
        from jsonb_populate_record(m, v_values) as r
      ),
      supports = ratebook.merge_supports(
        m.supports, ratebook.changed_values(ratebook.config_flags(old), ratebook.config_flags(new))
      )
    -- A row is its name here: one that was renamed or deleted meanwhile is gone.
    where m.key = old.model_name and m.deleted_at is null
    returning m.id, m.price_currency into v_id, v_currency;
    if not found then
      perform ratebook.fail('not_allowed', format('Model "%s" is gone: nothing was written.', old.model_name), null,
        jsonb_build_object('model', old.model_name));
    end if;
  end if;
  -- Prices are dated rows: only what differs becomes one, and in dollars, which is all that these columns can say.
  if ratebook.config_pricing(new) is distinct from ratebook.config_pricing(old) then
    perform ratebook.assert_config_currency(new.model_name, v_currency);
    perform ratebook.write_pricing(
      v_id, case tg_op when 'UPDATE' then ratebook.config_pricing(old) else '{}' end, ratebook.config_pricing(new)
    );
  end if;
  select c.* into new from compat.ai_model_config as c where c.model_name = new.model_name;
  return new;
end;
$$;

create function ratebook.delete_config() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.write_config().
begin
  perform ratebook.delete_live_model((select m.id from ai.models as m where m.key = old.model_name));
  return old;
end;
$$;

create function ratebook.assert_config_type(p_type text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if (p_type in ('text', 'image')) is not true then
    perform ratebook.fail('invalid_argument', format('There is no model type "%s".', left(p_type, 100)),
      'Valid types: text, image.', '{"valid_types": ["text", "image"]}');
  end if;
end;
$$;

revoke all on function ratebook.config_values(compat.ai_model_config) from public;
revoke all on function ratebook.config_flags(compat.ai_model_config) from public;
revoke all on function ratebook.config_pricing(compat.ai_model_config) from public;
revoke all on function ratebook.write_config() from public;
revoke all on function ratebook.delete_config() from public;
revoke all on function ratebook.assert_config_type(text) from public;

comment on function ratebook.config_values(compat.ai_model_config) is 'What a row says, as columns of ai.models.';
comment on function ratebook.config_flags(compat.ai_model_config) is 'What a row says of ai.models.supports: feature → boolean.';
comment on function ratebook.config_pricing(compat.ai_model_config) is 'What a row says of prices, as a pricing object.';
comment on function ratebook.write_config() is
'Row trigger instead of insert or update: the model, and dated price rows where a cost differs. Errors: invalid_argument, unknown_provider, those of ratebook.write_pricing() (PT422), not_allowed (42501) where the model is gone.';
comment on function ratebook.delete_config() is
'Row trigger instead of delete: marks the model as deleted. Error: not_allowed (42501) where it is already.';
comment on function ratebook.assert_config_type(text) is
'Refuses a model type that is not text or image. Error: invalid_argument (PT422); HINT and DETAIL list the valid ones.';

create trigger ai_model_config_require_privileged before insert or update or delete on compat.ai_model_config
for each statement execute function ratebook.require_privileged();
create trigger ai_model_config_write instead of insert or update on compat.ai_model_config
for each row execute function ratebook.write_config();
create trigger ai_model_config_delete instead of delete on compat.ai_model_config
for each row execute function ratebook.delete_config();
