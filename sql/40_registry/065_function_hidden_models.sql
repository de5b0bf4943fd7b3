create function ratebook.hidden_models() returns setof uuid
language plpgsql stable security definer rows 10
set search_path = pg_catalog, pg_temp
as $$
-- Definer: policies ask it for callers who may not see these models.
begin
  return query select m.id from ai.models as m where not (m.is_public and m.deleted_at is null);
end;
$$;

revoke all on function ratebook.hidden_models() from public;
grant execute on function ratebook.hidden_models() to anon, authenticated, service_role;

comment on function ratebook.hidden_models() is
'The models that ai_models_read_all hides from all but admins and the service role. For policies of what names a model: as a set that is read once it costs a page of prices next to nothing, where a look at each row''s model doubled it.';
