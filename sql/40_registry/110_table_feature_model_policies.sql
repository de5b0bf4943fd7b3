create table ai.feature_model_policies (
  id uuid not null default gen_random_uuid(),
  feature_key text not null,
  model_id uuid not null,
  priority integer not null default 0,
  weight numeric not null default 1,
  is_active boolean not null default true,
  created_at timestamptz not null default ratebook.clock(),
  constraint feature_model_policies_pkey primary key (id),
  constraint feature_model_policies_feature_key_model_id_key unique (feature_key, model_id),
  constraint feature_model_policies_feature_key_fkey foreign key (feature_key)
  references ai.features (key) on update cascade on delete restrict,
  constraint feature_model_policies_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  constraint weight_is_finite_and_not_negative check (weight >= 0 and ratebook.is_amount(weight))
);

create index feature_model_policies_model_id_idx on ai.feature_model_policies (model_id);

create trigger feature_model_policies_require_privileged before insert or update or delete on ai.feature_model_policies
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();

select ratebook.keep_history('ai.feature_model_policies');

comment on table ai.feature_model_policies is 'Routes: which models serve a feature, in which order. ai.route_feature() reads them.';
comment on column ai.feature_model_policies.id is 'The route.';
comment on column ai.feature_model_policies.feature_key is 'The feature.';
comment on column ai.feature_model_policies.model_id is 'The model.';
comment on column ai.feature_model_policies.priority is 'Order of choice, lower first.';
comment on column ai.feature_model_policies.weight is 'Share of the subjects among routes of equal priority, relative to the others'' weights; 0 receives nothing. See ai.route_feature().';
comment on column ai.feature_model_policies.is_active is 'Whether the route is open.';
comment on column ai.feature_model_policies.created_at is 'When the row was made.';
