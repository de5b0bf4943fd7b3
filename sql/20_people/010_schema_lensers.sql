create schema lensers;
grant usage on schema lensers to anon, authenticated, service_role;
comment on schema lensers is
'People: who owns generations, media and wallets, which roles they have, and who changed what.';
