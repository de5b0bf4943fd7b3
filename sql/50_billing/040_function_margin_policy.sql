create function private.margin_policy(
  p_model_id uuid,
  p_feature_id uuid,
  p_at timestamptz
) returns setof billing.execution_margin_policies
language sql stable rows 1
set search_path = ''
begin atomic
  select p.*
  from ai.models as m
  cross join
    lateral (
      values
      (1, 2, m.id, p_feature_id, null::uuid, null::ai.model_tier_enum),
      (2, 1, m.id, null, null, null),
      (3, 1, null, p_feature_id, null, null),
      (4, 1, null, null, m.provider_id, null),
      (5, 1, null, null, null, m.pricing_tier),
      (6, 0, null, null, null, null)
    ) as s (rank, parts, model_id, feature_id, provider_id, tier)
  cross join
    lateral (
      select q.*
      from billing.execution_margin_policies as q
      where
        (q.model_id, q.feature_id, q.provider_id, q.tier)
        is not distinct from (s.model_id, s.feature_id, s.provider_id, s.tier)
        and q.effective_from <= p_at
      order by q.effective_from desc, q.revision desc
      limit 1
    ) as p
  where
    m.id = p_model_id
    -- A request without a feature, or a model without a tier, has no policy of that rank.
    and num_nonnulls(s.model_id, s.feature_id, s.provider_id, s.tier) = s.parts
    and p.enabled
  order by s.rank
  limit 1;
end;

revoke all on function private.margin_policy(uuid, uuid, timestamptz) from public;

comment on function private.margin_policy(uuid, uuid, timestamptz) is
'The enabled margin policy in force for a model and feature: of model and feature, model, feature, provider, tier, default the first that there is.';
