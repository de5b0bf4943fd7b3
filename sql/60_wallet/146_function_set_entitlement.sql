create function ratebook.set_entitlement(
  p_lenser uuid, p_tier ai.model_tier_enum, p_external_ref text, p_starts_at timestamptz, p_ends_at timestamptz
) returns setof lensers.entitlements
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: nobody else writes the table.
declare
  v_entitlement lensers.entitlements;
begin
  if p_tier is null or ratebook.is_name(p_external_ref) is not true then
    perform ratebook.fail('invalid_argument', 'An entitlement needs a tier and an external_ref.',
      'Such as the subscription''s id at the payment provider.');
  end if;
  if ratebook.is_time(p_starts_at) is false or ratebook.is_time(p_ends_at) is false then
    perform ratebook.fail('invalid_time', 'Start and end are in the years 1 to 9999.',
      'Leave ends_at out for a plan that goes on.');
  end if;
  -- One statement, so that of two calls at once the second finds the row of the first.
  insert into lensers.entitlements as e (lenser_id, tier, external_ref, starts_at, ends_at)
  values (
    p_lenser, p_tier, p_external_ref,
    -- What ends before now, and says nothing of its start, was over when it began.
    coalesce(p_starts_at, least(ratebook.clock(), p_ends_at)), p_ends_at
  )
  on conflict (external_ref) do update
  set
    tier = excluded.tier,
    starts_at = case
      when p_starts_at is not null then p_starts_at else least(e.starts_at, p_ends_at)
    end,
    ends_at = excluded.ends_at
  where e.lenser_id = excluded.lenser_id
  returning e.* into v_entitlement;
  if not found then
    perform ratebook.fail(
      'idempotency_conflict', format('The reference "%s" is another lenser''s.', left(p_external_ref, 100)),
      'A payment entitles one lenser.', jsonb_build_object('external_ref', left(p_external_ref, 100))
    );
  end if;
  return next v_entitlement;
exception
  when check_violation then
    perform ratebook.fail('invalid_time', 'An entitlement does not end before it starts.');
end;
$$;

create function lensers.set_entitlement(
  lenser uuid,
  tier ai.model_tier_enum,
  external_ref text,
  starts_at timestamptz default null,
  ends_at timestamptz default null
) returns setof lensers.entitlements
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select e.* from ratebook.set_entitlement(lenser, tier, external_ref, starts_at, ends_at) as e;
end;

revoke all on function ratebook.set_entitlement(
  uuid, ai.model_tier_enum, text, timestamptz, timestamptz
) from public;
revoke all on function lensers.set_entitlement(
  uuid, ai.model_tier_enum, text, timestamptz, timestamptz
) from public;
grant execute on function ratebook.set_entitlement(uuid, ai.model_tier_enum, text, timestamptz, timestamptz)
to service_role;
grant execute on function lensers.set_entitlement(uuid, ai.model_tier_enum, text, timestamptz, timestamptz)
to service_role;

comment on function ratebook.set_entitlement(uuid, ai.model_tier_enum, text, timestamptz, timestamptz) is
'The rule behind lensers.set_entitlement().';
comment on function lensers.set_entitlement(uuid, ai.model_tier_enum, text, timestamptz, timestamptz) is
'Service role only, for a payment''s webhook. Says which plan an external_ref (a subscription, a payment) gives a lenser: the same call again changes nothing, another one of the same reference (a renewal, an upgrade, the end) replaces what it said. lenser: the auth user''s id. tier: paid or enterprise; free takes the plan away. starts_at: now unless told, and then as it was. ends_at: NULL where it goes on; to cancel, a time. Returns the row of lensers.entitlements. Errors: invalid_argument, invalid_time (PT422), unknown_lenser (PT404), erased_lenser (42501), idempotency_conflict (PT409) for a reference of another lenser.';
