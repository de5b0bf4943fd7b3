create function ai.created_by(ai.model_pricing) returns uuid
language sql stable
set search_path = pg_catalog, pg_temp
return case
  when
    exists (
      select from ai.model_pricing as p
      where p.id = ($1).id
    )
    then ratebook.author('ai.model_pricing', jsonb_build_object('id', ($1).id), true)
  -- What an insert under way returns is not in the table yet.
  when ratebook.is_privileged() then ratebook.uid()
end;

revoke all on function ai.created_by(ai.model_pricing) from public;
grant execute on function ai.created_by(ai.model_pricing) to anon, authenticated, service_role;

comment on function ai.created_by(ai.model_pricing) is
'Computed field: the JWT subject who made the price, for admins and the service role, else NULL; NULL too where the service role or direct SQL did: ai.model_pricing?select=*,created_by.';
