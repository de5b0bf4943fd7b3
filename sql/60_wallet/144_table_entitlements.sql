create table lensers.entitlements (
  id uuid not null default gen_random_uuid(),
  lenser_id uuid not null,
  tier ai.model_tier_enum not null,
  starts_at timestamptz not null,
  ends_at timestamptz,
  external_ref text not null,
  created_at timestamptz not null default ratebook.clock(),
  updated_at timestamptz not null default ratebook.clock(),
  constraint entitlements_pkey primary key (id, lenser_id),
  -- What a payment is for is one lenser's.
  constraint entitlements_external_ref_key unique (external_ref),
  constraint entitlements_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint external_ref_is_a_name check (ratebook.is_name(external_ref)),
  constraint starts_at_is_in_range check (ratebook.is_time(starts_at)),
  constraint ends_at_is_in_range check (ratebook.is_time(ends_at)),
  constraint an_entitlement_does_not_end_before_it_starts check (ends_at >= starts_at)
);

create index entitlements_lenser_id_id_idx on lensers.entitlements (lenser_id, id);

create trigger entitlements_ensure_profile before insert or update of lenser_id on lensers.entitlements
for each row execute function ratebook.ensure_profile();
create trigger entitlements_stamp before update on lensers.entitlements
for each row execute function ratebook.stamp();

comment on table lensers.entitlements is
'Which plans a lenser has, and for how long: written by lensers.set_entitlement() for a payment''s webhook. Of several at once the highest tier counts; nobody needs one for free. It decides nothing until billing.settings.enforce_entitlements is on.';
comment on column lensers.entitlements.id is 'The entitlement.';
comment on column lensers.entitlements.lenser_id is 'Whose it is.';
comment on column lensers.entitlements.tier is 'The plan: paid covers free and paid models, enterprise all.';
comment on column lensers.entitlements.starts_at is 'From when on it counts.';
comment on column lensers.entitlements.ends_at is 'From when on it no longer does; NULL: it goes on.';
comment on column lensers.entitlements.external_ref is 'What the payment provider calls it, such as a subscription''s id.';
comment on column lensers.entitlements.created_at is 'When the row was made.';
comment on column lensers.entitlements.updated_at is 'When the row last changed.';

select ratebook.show_all_to_admins('lensers.entitlements');

create function ratebook.entitled_tier(p_lenser_id uuid, p_at timestamptz) returns ai.model_tier_enum
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    (
      select max(e.tier)
      from lensers.entitlements as e
      where e.lenser_id = p_lenser_id and e.starts_at <= p_at and (e.ends_at is null or p_at < e.ends_at)
    ), 'free'
  );
end;
$$;

create function ratebook.assert_entitled(p_model_id uuid, p_lenser_id uuid, p_at timestamptz) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_model record;
  v_tier ai.model_tier_enum;
begin
  if p_model_id is null or not ratebook.enforces_entitlements() then
    return;
  end if;
  select m.key, m.pricing_tier into v_model from ai.models as m where m.id = p_model_id;
  if v_model.pricing_tier is null or v_model.pricing_tier = 'free' then
    return;
  end if;
  v_tier := ratebook.entitled_tier(p_lenser_id, p_at);
  if v_model.pricing_tier > v_tier then
    perform ratebook.fail(
      'not_entitled', format('Model "%s" is for plan %s, and the spender has %s.', v_model.key, v_model.pricing_tier, v_tier),
      'Choose another model (ai.route_feature() knows which), or call lensers.set_entitlement() once the plan is paid.',
      jsonb_build_object('model', v_model.key, 'tier', v_model.pricing_tier, 'entitled', v_tier)
    );
  end if;
end;
$$;

revoke all on function ratebook.entitled_tier(uuid, timestamptz) from public;
revoke all on function ratebook.assert_entitled(uuid, uuid, timestamptz) from public;

comment on function ratebook.entitled_tier(uuid, timestamptz) is
'The highest plan that a lenser has at a time; free for one without any, and for nobody (NULL).';
comment on function ratebook.assert_entitled(uuid, uuid, timestamptz) is
'Where the project enforces entitlements, refuses a model of a plan that the spender has not. Error: not_entitled (42501).';
