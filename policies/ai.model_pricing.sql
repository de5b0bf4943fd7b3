alter table ai.model_pricing enable row level security;

-- id and created_at are the database's to say.
revoke all on ai.model_pricing from public, anon, authenticated, service_role;
grant select on ai.model_pricing to anon;
grant select on ai.model_pricing to authenticated;
grant insert (
  model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region,
  context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone,
  source, reference, revision, withdrawn, is_public, is_pinned
) on ai.model_pricing to authenticated;
grant select on ai.model_pricing to service_role;
grant insert (
  model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region,
  context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone,
  source, reference, revision, withdrawn, is_public, is_pinned
) on ai.model_pricing to service_role;

-- In force or past, of models that are not hidden: these are looked up once for a page, not each price's model.
create policy model_pricing_select_public on ai.model_pricing for select to anon, authenticated
using (
  (
    is_public
    and effective_from <= (select ratebook.clock())
    and model_id not in (select h.id from ratebook.hidden_models() as h (id))
  )
  or (select ratebook.is_admin())
);
create policy model_pricing_insert_admin on ai.model_pricing for insert to authenticated
with check ((select ratebook.is_admin()));
