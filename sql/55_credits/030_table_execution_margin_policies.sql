create function ratebook.margin_scope(
  p_model_id uuid, p_feature_id uuid, p_provider_id uuid, p_tier ai.model_tier_enum
) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return concat_ws('+', 'model ' || p_model_id, 'feature ' || p_feature_id, 'provider ' || p_provider_id, 'tier ' || p_tier);
end;
$$;

revoke all on function ratebook.margin_scope(uuid, uuid, uuid, ai.model_tier_enum) from public;
grant execute on function ratebook.margin_scope(uuid, uuid, uuid, ai.model_tier_enum) to authenticated, service_role;

comment on function ratebook.margin_scope(uuid, uuid, uuid, ai.model_tier_enum) is
'What a margin policy is for, as one text to look it up by; empty for the default.';

create table billing.execution_margin_policies (
  id uuid not null default gen_random_uuid(),
  model_id uuid,
  feature_id uuid,
  provider_id uuid,
  tier ai.model_tier_enum,
  margin numeric not null default 0,
  fixed_credits numeric not null default 0,
  min_credits numeric not null default 0,
  minimum_applies_to_free boolean not null default false,
  increment numeric not null default 0.001,
  enabled boolean not null default true,
  effective_from timestamptz not null default ratebook.clock(),
  revision integer not null default 0,
  created_at timestamptz not null default ratebook.clock(),
  created_by uuid default ratebook.uid(),
  scope text not null generated always as (
    ratebook.margin_scope(model_id, feature_id, provider_id, tier)
  ) stored,
  constraint execution_margin_policies_pkey primary key (id),
  constraint execution_margin_policies_key unique (scope, effective_from, revision),
  constraint execution_margin_policies_model_id_fkey foreign key (model_id)
  references ai.models (id) on delete restrict,
  constraint execution_margin_policies_feature_id_fkey foreign key (feature_id)
  references ai.features (id) on delete restrict,
  constraint execution_margin_policies_provider_id_fkey foreign key (provider_id)
  references ai.providers (id) on delete restrict,
  constraint scope_is_one_of_model_and_feature_model_feature_provider_tier check (
    num_nonnulls(model_id, feature_id, provider_id, tier) <= 1
    or (num_nonnulls(model_id, feature_id) = 2 and num_nonnulls(provider_id, tier) = 0)
  ),
  constraint margin_is_at_least_minus_one_and_finite check (margin >= -1 and ratebook.is_amount(margin)),
  constraint fixed_credits_is_not_negative_and_finite check (fixed_credits >= 0 and ratebook.is_amount(fixed_credits)),
  constraint min_credits_is_not_negative_and_finite check (min_credits >= 0 and ratebook.is_amount(min_credits)),
  constraint increment_is_positive_and_finite check (increment > 0 and ratebook.is_amount(increment)),
  constraint effective_from_is_finite check (ratebook.is_time(effective_from)),
  constraint revision_is_not_negative check (revision >= 0)
);

create index execution_margin_policies_model_id_idx on billing.execution_margin_policies (model_id);
create index execution_margin_policies_feature_id_idx on billing.execution_margin_policies (feature_id);
create index execution_margin_policies_provider_id_idx on billing.execution_margin_policies (provider_id);

create trigger execution_margin_policies_require_privileged before insert on billing.execution_margin_policies
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();
create trigger execution_margin_policies_refuse_change
before update or delete or truncate on billing.execution_margin_policies
for each statement execute function ratebook.refuse_change(
  'Insert a row with a later effective_from, or a higher revision to correct one; enabled = false ends a policy.'
);

alter table billing.execution_margin_policies enable always trigger execution_margin_policies_refuse_change;

select ratebook.keep_history('billing.execution_margin_policies');

comment on table billing.execution_margin_policies is
'What is added to the cost: credits = round_up(max(min_credits, cost × rate × (1 + margin) + fixed_credits), increment). A row is for a model and feature, a model, a feature, a provider, a tier, or (all NULL) the default, tried in that order. Insert-only; in force is the latest effective_from, then the highest revision. For admins and the service role.';
comment on column billing.execution_margin_policies.id is 'The policy; charges refer to it.';
comment on column billing.execution_margin_policies.model_id is 'The model it is for.';
comment on column billing.execution_margin_policies.feature_id is 'The feature it is for (ai.features.id, which outlives renames).';
comment on column billing.execution_margin_policies.provider_id is 'The provider it is for.';
comment on column billing.execution_margin_policies.tier is 'The models'' pricing_tier it is for.';
comment on column billing.execution_margin_policies.scope is 'The four columns before as one text; computed.';
comment on column billing.execution_margin_policies.margin is 'Share of the cost that is added: 0.30 adds 30 %. At least -1.';
comment on column billing.execution_margin_policies.fixed_credits is 'Credits added to each request.';
comment on column billing.execution_margin_policies.min_credits is 'Least credits of a request.';
comment on column billing.execution_margin_policies.minimum_applies_to_free is 'Whether fixed and least credits are asked for a request that costs nothing.';
comment on column billing.execution_margin_policies.increment is 'Credits are rounded up to a multiple of it, once, at the end.';
comment on column billing.execution_margin_policies.enabled is 'False: the next policy in order applies instead.';
comment on column billing.execution_margin_policies.effective_from is 'From when on it applies.';
comment on column billing.execution_margin_policies.revision is 'Corrections of the same date count up from 0; the highest stands.';
comment on column billing.execution_margin_policies.created_at is 'When the row was made.';
comment on column billing.execution_margin_policies.created_by is 'JWT subject who made it; NULL for the service role and direct SQL.';
