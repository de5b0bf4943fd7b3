create schema billing;
grant usage on schema billing to anon, authenticated, service_role;
comment on schema billing is 'From money to credits: rates, margins, and the price of a usage in credits.';
