-- They write through the view: its triggers ask who it is, and stamp and lock as for any other write.

create function ratebook.switch_configs(p_names text[], p_is_active boolean) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_unknown text[];
begin
  update compat.ai_model_config as c set is_active = p_is_active where c.model_name = any(p_names);
  if coalesce(p_names, '{}') = '{}' then
    perform ratebook.fail('invalid_argument', 'No model is named.', 'Name at least one.');
  end if;
  v_unknown := array(
    select distinct coalesce(n.name, '')
    from unnest(p_names) as n (name)
    where not exists (select from compat.ai_model_config as c where c.model_name = n.name)
  );
  if v_unknown <> '{}' then
    perform ratebook.fail('unknown_model', format('Nothing was changed: there is no "%s".', array_to_string(v_unknown, '", "')),
      'Ask compat.ai_model_config for the names.', jsonb_build_object('models', v_unknown));
  end if;
  return (select count(distinct n.name) from unnest(p_names) as n (name));
end;
$$;

create function ratebook.set_default_config(p_name text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  update compat.ai_model_config as c set is_default = true where c.model_name = p_name;
  if not found then
    perform ratebook.config_model(p_name); -- It fails, and names the valid ones.
  end if;
end;
$$;

create function ratebook.upsert_config(p_model jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.upsert_row('compat.ai_model_config', '{model_name}', p_model);
end;
$$;

create function compat.activate_models(model_names text[]) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
return ratebook.switch_configs(model_names, true);

create function compat.deactivate_models(model_names text[]) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
return ratebook.switch_configs(model_names, false);

create function compat.set_default(model_name text) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
return ratebook.set_default_config(model_name);

create function compat.upsert_ai_model_config(model jsonb) returns setof compat.ai_model_config
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.upsert_config(model);
  select c.* from compat.ai_model_config as c
  where c.model_name = model ->> 'model_name';
end;

revoke all on function ratebook.switch_configs(text[], boolean) from public;
revoke all on function ratebook.set_default_config(text) from public;
revoke all on function ratebook.upsert_config(jsonb) from public;
revoke all on function compat.activate_models(text[]) from public;
revoke all on function compat.deactivate_models(text[]) from public;
revoke all on function compat.set_default(text) from public;
revoke all on function compat.upsert_ai_model_config(jsonb) from public;
grant execute on function ratebook.switch_configs(text[], boolean) to authenticated, service_role;
grant execute on function ratebook.set_default_config(text) to authenticated, service_role;
grant execute on function ratebook.upsert_config(jsonb) to authenticated, service_role;
grant execute on function compat.activate_models(text[]) to authenticated, service_role;
grant execute on function compat.deactivate_models(text[]) to authenticated, service_role;
grant execute on function compat.set_default(text) to authenticated, service_role;
grant execute on function compat.upsert_ai_model_config(jsonb) to authenticated, service_role;

comment on function ratebook.switch_configs(text[], boolean) is
'The rule behind compat.activate_models() and compat.deactivate_models().';
comment on function ratebook.set_default_config(text) is 'The rule behind compat.set_default().';
comment on function ratebook.upsert_config(jsonb) is 'The rule behind compat.upsert_ai_model_config().';
comment on function compat.activate_models(text[]) is
'Admins and the service role. Switches models of compat.ai_model_config on, all of them or none; returns how many. Errors: not_allowed (42501), unknown_model (PT404, names them), invalid_argument (PT422) for an empty list.';
comment on function compat.deactivate_models(text[]) is
'Switches models off, all or none, with the argument and errors of compat.activate_models(). A default stays active, so set another first. Error: default_model (PT409).';
comment on function compat.set_default(text) is
'Admins and the service role. Makes a model the default of its type and clears the former one. Errors: not_allowed (42501), unknown_model (PT404, names the valid ones), inactive_model (PT409).';
comment on function compat.upsert_ai_model_config(jsonb) is
'Admins and the service role. What on_conflict=model_name would do: updates the model of that name, else inserts one, and returns it. Columns that the object does not name stay as they are or get their defaults. Errors: those of writing compat.ai_model_config.';
