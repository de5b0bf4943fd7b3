create function ratebook.upsert_llm_model(p_model jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.upsert_row('compat.llm_models', '{provider_id,model_key}', p_model);
end;
$$;

create function compat.upsert_llm_model(model jsonb) returns setof compat.llm_models
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.upsert_llm_model(model);
  select v.* from compat.llm_models as v
  where v.provider_id = (model ->> 'provider_id')::uuid and v.model_key = model ->> 'model_key';
end;

revoke all on function ratebook.upsert_llm_model(jsonb) from public;
revoke all on function compat.upsert_llm_model(jsonb) from public;
grant execute on function ratebook.upsert_llm_model(jsonb) to service_role;
grant execute on function compat.upsert_llm_model(jsonb) to service_role;

comment on function ratebook.upsert_llm_model(jsonb) is 'The rule behind compat.upsert_llm_model().';
comment on function compat.upsert_llm_model(jsonb) is
'Service role only. What on_conflict=provider_id,model_key did: updates the model of that provider and key, else inserts one, and returns it. Columns that the object does not name stay as they are or get their defaults. Errors: those of writing compat.llm_models.';
