-- Rows: the policies of ai.models, and public prices only. Insert-only; created_at and id are the database's to say.
revoke all on compat.rate_cards from public, anon, authenticated, service_role;
grant select on compat.rate_cards to anon;
grant select on compat.rate_cards to authenticated;
grant insert (
  provider_id, provider, model, input_cost_per_1m, output_cost_per_1m, cache_write_cost_per_1m, cache_read_cost_per_1m,
  currency, effective_from, source
) on compat.rate_cards to authenticated;
grant select on compat.rate_cards to service_role;
grant insert (
  provider_id, provider, model, input_cost_per_1m, output_cost_per_1m, cache_write_cost_per_1m, cache_read_cost_per_1m,
  currency, effective_from, source
) on compat.rate_cards to service_role;
