-- Charges and generations name each other without a foreign key; PostgREST embeds them by these functions. It looks for
-- one in the schema of the table that is asked. The arguments have no name, so neither is a function to call over HTTP.

create function billing.generation(billing.charges) returns setof ai.generations
language sql stable parallel safe rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select g.*
  from ai.generations as g
  where g.id = ($1).generation_id and g.lenser_id = ($1).spender_id;
end;

create function ai.charges(ai.generations) returns setof billing.charges
language sql stable parallel safe rows 10
set search_path = pg_catalog, pg_temp
begin atomic
  select c.*
  from billing.charges as c
  where c.generation_id = ($1).id and c.spender_id = ($1).lenser_id;
end;

revoke all on function billing.generation(billing.charges) from public;
revoke all on function ai.charges(ai.generations) from public;
grant execute on function billing.generation(billing.charges) to authenticated, service_role;
grant execute on function ai.charges(ai.generations) to authenticated, service_role;

comment on function billing.generation(billing.charges) is
'Computed relationship: the generation that a charge is for, as far as the caller may read it: billing.charges?select=*,generation(*).';
comment on function ai.charges(ai.generations) is
'Computed relationship: the charges of a generation, as far as the caller may read them: ai.generations?select=*,charges(*).';
