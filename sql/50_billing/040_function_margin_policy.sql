create function private.margin_policy(
  p_model_id uuid,
  p_feature_id uuid,
  p_at timestamptz
) returns billing.execution_margin_policies
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_provider_id uuid;
  v_tier ai.model_tier_enum;
  v_scopes text[];
  v_policy billing.execution_margin_policies;
begin
  select m.provider_id, m.pricing_tier into v_provider_id, v_tier from ai.models as m where m.id = p_model_id;
  -- A request without a feature, or a model without a tier, has no policy of that rank.
  v_scopes := array[
    case when p_feature_id is not null then private.margin_scope(p_model_id, p_feature_id, null, null) end,
    private.margin_scope(p_model_id, null, null, null),
    case when p_feature_id is not null then private.margin_scope(null, p_feature_id, null, null) end,
    private.margin_scope(null, null, v_provider_id, null),
    case when v_tier is not null then private.margin_scope(null, null, null, v_tier) end,
    private.margin_scope(null, null, null, null)
  ];

  select p.* into v_policy
  from unnest(v_scopes) with ordinality as s (scope, rank)
  cross join lateral (
    select q.*
    from billing.execution_margin_policies as q
    where q.scope = s.scope and q.effective_from <= p_at
    order by q.effective_from desc, q.revision desc
    limit 1
  ) as p
  where p.enabled
  order by s.rank
  limit 1;
  return v_policy;
end;
$$;

revoke all on function private.margin_policy(uuid, uuid, timestamptz) from public;

comment on function private.margin_policy(uuid, uuid, timestamptz) is
'The enabled margin policy in force for a model and feature: of model and feature, model, feature, provider, tier, default the first that there is; NULL if none.';
