-- A row that is not the one in the table is what a statement under way returns: whoever asks is writing it.

create function ai.created_by(ai.models) returns uuid
language sql stable
set search_path = pg_catalog, pg_temp
return case
  when
    exists (
      select from ai.models as m
      where m.id = ($1).id
    )
    then ratebook.author('ai.models', jsonb_build_object('id', ($1).id), true)
  when ratebook.is_privileged() then ratebook.uid()
end;

create function ai.updated_by(ai.models) returns uuid
language sql stable
set search_path = pg_catalog, pg_temp
return case
  when
    exists (
      select from ai.models as m
      where (m.id, m.updated_at) = (($1).id, ($1).updated_at)
    )
    then ratebook.author('ai.models', jsonb_build_object('id', ($1).id), false)
  when ratebook.is_privileged() then ratebook.uid()
end;

revoke all on function ai.created_by(ai.models) from public;
revoke all on function ai.updated_by(ai.models) from public;
grant execute on function ai.created_by(ai.models) to anon, authenticated, service_role;
grant execute on function ai.updated_by(ai.models) to anon, authenticated, service_role;

comment on function ai.created_by(ai.models) is
'Computed field: the JWT subject who made the row, for admins and the service role, else NULL; NULL too where the service role or direct SQL did. No column, so that nobody writes it: ai.models?select=*,created_by. In what a write returns, PostgREST takes it beside other names, not beside *.';
comment on function ai.updated_by(ai.models) is
'Computed field: the JWT subject who changed the row last, under the same conditions: ai.models?select=*,updated_by.';
