-- Generations, charges, entries and accounts name each other without a foreign key; PostgREST embeds them by these functions.
-- It looks for one in the schema of the table that is asked. The arguments have no name, so none is one to call over HTTP.

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

create function billing.accounts(billing.charges) returns setof billing.accounts
language sql stable parallel safe rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select a.*
  from billing.accounts as a
  where a.id = ($1).account_id and a.lenser_id = ($1).lenser_id;
end;

create function billing.accounts(billing.ledger_entries) returns setof billing.accounts
language sql stable parallel safe rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select a.*
  from billing.accounts as a
  where a.id = ($1).account_id and a.lenser_id = ($1).lenser_id;
end;

create function billing.accounts(billing.holds) returns setof billing.accounts
language sql stable parallel safe rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select a.*
  from billing.accounts as a
  where a.id = ($1).account_id and a.lenser_id = ($1).lenser_id;
end;

create function billing.charges(billing.accounts) returns setof billing.charges
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select c.*
  from billing.charges as c
  where c.account_id = ($1).id and c.lenser_id = ($1).lenser_id;
end;

create function billing.ledger_entries(billing.accounts) returns setof billing.ledger_entries
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select l.*
  from billing.ledger_entries as l
  where l.account_id = ($1).id and l.lenser_id = ($1).lenser_id;
end;

create function billing.holds(billing.accounts) returns setof billing.holds
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select h.*
  from billing.holds as h
  where h.account_id = ($1).id and h.lenser_id = ($1).lenser_id;
end;

-- The same of everybody's rows, for admins.

create function billing.generation(billing.all_charges) returns setof ai.all_generations
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select g.*
  from ai.all_generations as g
  where g.id = ($1).generation_id and g.lenser_id = ($1).spender_id;
end;

create function ai.charges(ai.all_generations) returns setof billing.all_charges
language sql stable rows 10
set search_path = pg_catalog, pg_temp
begin atomic
  select c.*
  from billing.all_charges as c
  where c.generation_id = ($1).id and c.spender_id = ($1).lenser_id;
end;

create function ai.models(ai.all_generations) returns setof ai.models
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.*
  from ai.models as m
  where m.id = ($1).model_id;
end;

create function billing.accounts(billing.all_charges) returns setof billing.all_accounts
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select a.*
  from billing.all_accounts as a
  where a.id = ($1).account_id and a.lenser_id = ($1).lenser_id;
end;

create function billing.accounts(billing.all_ledger_entries) returns setof billing.all_accounts
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select a.*
  from billing.all_accounts as a
  where a.id = ($1).account_id and a.lenser_id = ($1).lenser_id;
end;

create function billing.accounts(billing.all_holds) returns setof billing.all_accounts
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select a.*
  from billing.all_accounts as a
  where a.id = ($1).account_id and a.lenser_id = ($1).lenser_id;
end;

revoke all on function billing.generation(billing.all_charges) from public;
revoke all on function ai.charges(ai.all_generations) from public;
revoke all on function ai.models(ai.all_generations) from public;
revoke all on function billing.accounts(billing.all_charges) from public;
revoke all on function billing.accounts(billing.all_ledger_entries) from public;
revoke all on function billing.accounts(billing.all_holds) from public;
grant execute on function billing.generation(billing.all_charges) to authenticated, service_role;
grant execute on function ai.charges(ai.all_generations) to authenticated, service_role;
grant execute on function ai.models(ai.all_generations) to authenticated, service_role;
grant execute on function billing.accounts(billing.all_charges) to authenticated, service_role;
grant execute on function billing.accounts(billing.all_ledger_entries) to authenticated, service_role;
grant execute on function billing.accounts(billing.all_holds) to authenticated, service_role;
revoke all on function billing.generation(billing.charges) from public;
revoke all on function ai.charges(ai.generations) from public;
grant execute on function billing.generation(billing.charges) to authenticated, service_role;
grant execute on function ai.charges(ai.generations) to authenticated, service_role;

revoke all on function billing.accounts(billing.charges) from public;
revoke all on function billing.accounts(billing.ledger_entries) from public;
revoke all on function billing.accounts(billing.holds) from public;
revoke all on function billing.charges(billing.accounts) from public;
revoke all on function billing.ledger_entries(billing.accounts) from public;
revoke all on function billing.holds(billing.accounts) from public;
grant execute on function billing.accounts(billing.charges) to authenticated, service_role;
grant execute on function billing.accounts(billing.ledger_entries) to authenticated, service_role;
grant execute on function billing.accounts(billing.holds) to authenticated, service_role;
grant execute on function billing.charges(billing.accounts) to authenticated, service_role;
grant execute on function billing.ledger_entries(billing.accounts) to authenticated, service_role;
grant execute on function billing.holds(billing.accounts) to authenticated, service_role;

comment on function billing.accounts(billing.charges) is
'Computed relationship: the account that pays: billing.charges?select=*,accounts(name).';
comment on function billing.accounts(billing.ledger_entries) is
'Computed relationship: the account: billing.ledger_entries?select=*,accounts(name).';
comment on function billing.accounts(billing.holds) is
'Computed relationship: the account: billing.holds?select=*,accounts(name).';
comment on function billing.charges(billing.accounts) is
'Computed relationship: what an account was charged: billing.accounts?select=*,charges(credits)&charges.limit=10.';
comment on function billing.ledger_entries(billing.accounts) is
'Computed relationship: the entries of an account: billing.accounts?select=*,ledger_entries(amount)&ledger_entries.limit=10.';
comment on function billing.holds(billing.accounts) is
'Computed relationship: the holds of an account: billing.accounts?select=*,holds(amount)&holds.status=eq.open.';
comment on function billing.generation(billing.charges) is
'Computed relationship: the generation that a charge is for, as far as the caller may read it: billing.charges?select=*,generation(*).';
comment on function ai.charges(ai.generations) is
'Computed relationship: the charges of a generation, as far as the caller may read them: ai.generations?select=*,charges(*).';
comment on function billing.generation(billing.all_charges) is
'Computed relationship: the generation that a charge is for: billing.all_charges?select=*,generation(*).';
comment on function ai.charges(ai.all_generations) is
'Computed relationship: the charges of a generation: ai.all_generations?select=*,charges(*).';
comment on function ai.models(ai.all_generations) is
'Computed relationship, as the foreign key is for ai.generations: the model: ai.all_generations?select=*,models(key).';
comment on function billing.accounts(billing.all_charges) is
'Computed relationship: the account: billing.all_charges?select=*,accounts(name).';
comment on function billing.accounts(billing.all_ledger_entries) is
'Computed relationship: the account: billing.all_ledger_entries?select=*,accounts(name).';
comment on function billing.accounts(billing.all_holds) is
'Computed relationship: the account: billing.all_holds?select=*,accounts(name).';
