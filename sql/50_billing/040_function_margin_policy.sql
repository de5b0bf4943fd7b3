create function private.margin_policy(
  p_model_id uuid,
  p_feature_id uuid,
  p_at timestamptz
) returns billing.execution_margin_policies
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_policy billing.execution_margin_policies;
begin
  select p.* into v_policy
  from ai.models as m
  -- Spelled as private.margin_scope() spells them. A request without a feature, or a model without a tier, has no policy
  -- of that rank: its scope is NULL.
  cross join unnest(array[
    'model ' || m.id || '+feature ' || p_feature_id,
    'model ' || m.id,
    'feature ' || p_feature_id,
    'provider ' || m.provider_id,
    'tier ' || m.pricing_tier,
    ''
  ]) with ordinality as s (scope, rank)
  cross join lateral (
    select q.*
    from billing.execution_margin_policies as q
    where q.scope = s.scope and q.effective_from <= p_at
    order by q.effective_from desc, q.revision desc
    limit 1
  ) as p
  where m.id = p_model_id and p.enabled
  order by s.rank
  limit 1;
  return v_policy;
end;
$$;

revoke all on function private.margin_policy(uuid, uuid, timestamptz) from public;

comment on function private.margin_policy(uuid, uuid, timestamptz) is
'The enabled margin policy in force for a model and feature: of model and feature, model, feature, provider, tier, default the first that there is; NULL if none.';
