create schema ai;
grant usage on schema ai to anon, authenticated, service_role;
comment on schema ai is
'The registry and the rate book: providers, models, prices, features, routes, and the generation log.';
