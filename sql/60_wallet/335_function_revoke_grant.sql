create function ratebook.revoke_grant(
  p_lot_id uuid,
  p_amount numeric,
  p_reason text,
  p_external_ref text,
  p_payment_source text,
  p_payment_ref text,
  p_key text,
  p_owner uuid
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_owner uuid;
  v_request jsonb;
  v_lot billing.grants;
  v_account billing.accounts;
  v_response jsonb;
  v_made billing.revocations;
  v_left numeric;
  v_is_new boolean;
begin
  perform ratebook.assert_privileged();
  if p_amount is not null then
    perform ratebook.assert_credits('amount', p_amount, 1e-12);
  end if;
  if (p_lot_id is null) <> (num_nonnulls(p_payment_source, p_payment_ref) = 2)
    or num_nonnulls(p_payment_source, p_payment_ref) = 1 then
    perform ratebook.fail('invalid_argument', 'It is not clear which lot is taken back.',
      'Pass lot, or payment_source and payment_ref, which are source and external_ref of its grant.');
  end if;
  -- An event of the payment provider made one lot, whoever it was for.
  if p_lot_id is not null then
    v_owner := ratebook.owner_of('lot', p_lot_id, p_owner);
  else
    if p_owner is null then
      perform ratebook.require_owner();
    end if;
    select g.id, g.lenser_id into p_lot_id, v_owner
    from billing.grants as g
    where
      g.source = p_payment_source and g.external_ref = p_payment_ref and (p_owner is null or g.lenser_id = p_owner);
  end if;
  v_request := jsonb_build_object(
    'lot', p_lot_id, 'amount', trim_scale(p_amount), 'reason', p_reason, 'external_ref', p_external_ref
  );
  select g.* into v_lot
  from billing.grants as g
  where g.id = p_lot_id and g.lenser_id is not distinct from v_owner;
  if v_lot.id is null then
    perform ratebook.fail('unknown_lot', 'There is no such lot.', 'Lots are rows of billing.grants.',
      jsonb_strip_nulls(jsonb_build_object(
        'lot', p_lot_id, 'payment_source', left(p_payment_source, 100), 'payment_ref', left(p_payment_ref, 100)
      )));
  end if;
  -- What changes a lot has locked its account.
  v_account := ratebook.lock_account(v_lot.account_id, v_owner);
  v_response := ratebook.recall(v_account.id, v_owner, 'revoke_grant', p_key, v_request);
  if v_response is not null then
    return v_response;
  end if;

  -- The same event again takes back no second time, with a key or without, and nothing else.
  perform pg_advisory_xact_lock(
    hashtextextended('ratebook.revocation ' || v_lot.source || ' ' || p_external_ref, 0)
  );
  select r.* into v_made
  from billing.revocations as r
  where r.source = v_lot.source and r.external_ref = p_external_ref;
  v_is_new := v_made.id is null;
  if not v_is_new and (v_made.grant_id, v_made.asked) is distinct from (p_lot_id, p_amount) then
    perform ratebook.fail(
      'idempotency_conflict', format('The event "%s" has taken back other credits already.', left(p_external_ref, 100)),
      'An event counts once.', jsonb_build_object('external_ref', left(p_external_ref, 100))
    );
  elsif v_is_new then
    -- As it is behind the lock, and settled.
    select g.* into v_lot
    from billing.grants as g
    where g.id = p_lot_id and g.lenser_id is not distinct from v_owner;
    v_left := case when v_lot.revoked_at is null then v_lot.amount - v_lot.revoked else 0 end;
    if v_left = 0 or p_amount > v_left then
      perform ratebook.fail(
        'revocation_exceeds_grant',
        format('Of %s credits %s can be taken back.', trim_scale(v_lot.amount), trim_scale(v_left)),
        'A payment is taken back once, in whole or in parts.',
        jsonb_build_object(
          'lot', p_lot_id, 'granted', trim_scale(v_lot.amount)::text, 'left', trim_scale(v_left)::text,
          'asked', trim_scale(p_amount)::text
        )
      );
    end if;
    v_made.id := ratebook.uuid_v7(v_account.updated_at);
    v_made.lenser_id := v_owner;
    v_made.account_id := v_account.id;
    v_made.grant_id := p_lot_id;
    v_made.source := v_lot.source;
    v_made.external_ref := p_external_ref;
    v_made.asked := p_amount;
    v_made.reason := p_reason;
    v_made.created_at := v_account.updated_at;
    -- What is left goes first, then what was spent is owed; what has expired is gone anyway.
    v_made.from_lot := least(v_lot.remaining - v_lot.reserved, coalesce(p_amount, v_left));
    v_made.owed := least(
      v_lot.amount - v_lot.remaining - v_lot.expired - v_lot.revoked, coalesce(p_amount, v_left) - v_made.from_lot
    );
    v_made.held := least(v_lot.reserved, coalesce(p_amount, v_left) - v_made.from_lot - v_made.owed);
    if coalesce(p_amount, v_left) = v_left then
      -- The lot ends now, so that what holds keep of it goes as that of an expired lot does; what they capture is owed.
      update billing.grants as g
      set revoked_at = v_account.updated_at, expires_at = least(g.expires_at, v_account.updated_at)
      where g.id = p_lot_id and g.lenser_id is not distinct from v_owner;
    elsif v_made.held > 0 then
      -- A part of what a hold keeps is nobody's yet: only its end says whether it was spent.
      perform ratebook.fail('lot_is_held', format('Open holds keep %s of these credits.', trim_scale(v_made.held)),
        'Take all of the lot back, or a part again when the holds have ended.',
        jsonb_build_object('lot', p_lot_id, 'held', trim_scale(v_made.held)::text));
    end if;
    -- From the lot what it has free, then as debt what was spent of it.
    v_account := ratebook.post(
      v_account,
      array[
        (v_account.id, p_lot_id, -v_made.from_lot, 0, 'revocation', null, null, p_reason)
      ]::ratebook.movement[],
      p_upcoming => case when v_lot.starts_at > v_account.updated_at then -v_made.from_lot else 0 end
    );
    v_account := ratebook.owe(v_account, p_lot_id, v_made.owed, p_reason);
    insert into billing.revocations values (v_made.*);
  end if;
  v_response := jsonb_build_object(
    'revocation_id', v_made.id,
    'grant_id', p_lot_id,
    'account_id', v_account.id,
    'amount', trim_scale(v_made.from_lot + v_made.held + v_made.owed)::text,
    'from_lot', trim_scale(v_made.from_lot)::text,
    'held', trim_scale(v_made.held)::text,
    'owed', trim_scale(v_made.owed)::text,
    'balance', ratebook.balance_object(v_account)
  );
  -- An event that is known had its effect before, and its entry.
  if v_is_new then
    perform ratebook.record_call(
      'billing.revoke_grant', 'billing.grants', jsonb_build_object('id', p_lot_id), v_request, v_response
    );
  end if;
  return ratebook.remember(v_account, 'revoke_grant', p_key, v_request, v_response);
end;
$$;

create function billing.revoke_grant(
  lot uuid default null,
  amount numeric default null,
  reason text default null,
  external_ref text default null,
  payment_source text default null,
  payment_ref text default null,
  idempotency_key text default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.revoke_grant(
    lot, amount, reason, external_ref, payment_source, payment_ref, idempotency_key, owner
  );
end;

revoke all on function ratebook.revoke_grant(uuid, numeric, text, text, text, text, text, uuid) from public;
revoke all on function billing.revoke_grant(uuid, numeric, text, text, text, text, text, uuid) from public;
grant execute on function ratebook.revoke_grant(uuid, numeric, text, text, text, text, text, uuid) to authenticated, service_role;
grant execute on function billing.revoke_grant(uuid, numeric, text, text, text, text, text, uuid) to authenticated, service_role;

comment on function ratebook.revoke_grant(uuid, numeric, text, text, text, text, text, uuid) is
'The rule behind billing.revoke_grant().';
comment on function billing.revoke_grant(uuid, numeric, text, text, text, text, text, uuid) is
'Admins and the service role. Takes back what a payment granted: a refund or dispute of the payment provider. What is left of the lot goes; what a hold keeps of it goes when the hold lets it go; what was spent becomes debt, beyond the overdraft limit if need be, which what other lots have free and the next grants repay before anything is spent. What has expired is gone anyway. lot: billing.grants.id; or payment_source and payment_ref: source and external_ref of the grant. amount: a part of it, such as a partial refund''s; all that was not taken back yet unless told. external_ref: id of the event that takes it back; with the source of the lot it counts once. owner: the account''s lenser. Returns revocation_id, grant_id, account_id, amount (in all), from_lot, held, owed and balance. Errors: unknown_lot (PT404), revocation_exceeds_grant, lot_is_held (of a part), idempotency_conflict (PT409), invalid_amount, invalid_argument, owner_required (PT422), not_allowed (42501).';
