create function ratebook.grant_credits(
  p_account_id uuid,
  p_amount numeric,
  p_source text,
  p_priority integer,
  p_expires_at timestamptz,
  p_external_ref text,
  p_key text,
  p_owner uuid,
  p_starts_at timestamptz
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
-- What is kept with a key is the same whatever zone and style the caller writes times in.
set timezone = 'UTC' set intervalstyle = 'postgres'
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_request jsonb := jsonb_build_object(
    'amount', trim_scale(p_amount), 'source', p_source, 'priority', p_priority,
    'starts_at', p_starts_at, 'expires_at', p_expires_at, 'external_ref', p_external_ref
  );
  v_account billing.accounts;
  v_known billing.grants;
  v_response jsonb;
  v_grant_id uuid;
  v_lot ratebook.new_lot;
begin
  perform ratebook.assert_privileged();
  perform ratebook.assert_credits('amount', p_amount, 1e-12);
  perform ratebook.assert_priority(p_priority);
  p_expires_at := nullif(p_expires_at, 'infinity');
  v_account := ratebook.lock_account(p_account_id, p_owner);
  v_response := ratebook.recall(v_account.id, v_account.lenser_id, 'grant_credits', p_key, v_request);
  if v_response is not null then
    return v_response;
  end if;

  -- The same event again tops up no second time, with a key or without, and no other account: so none is named.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.external_ref ' || p_source || ' ' || p_external_ref, 0));
  select g.* into v_known
  from billing.grants as g
  where g.source = p_source and g.external_ref = p_external_ref;
  if v_known.id is null then
    perform ratebook.assert_not_erased(array[v_account.lenser_id]);
    if (coalesce(p_expires_at, 'infinity') > greatest(v_account.updated_at, p_starts_at)) is not true then
      perform ratebook.fail('invalid_time', 'Credits expire after they are granted and start.', 'Leave out expires_at for never.');
    end if;
    if not isfinite(p_starts_at) or p_starts_at > v_account.updated_at + interval '100 years' then
      perform ratebook.fail('invalid_time', 'Credits start within 100 years.', 'Leave out starts_at for now.');
    end if;
    v_lot := ratebook.add_lot(
      v_account, p_amount, p_source, p_priority, p_expires_at, p_external_ref, null, null, p_starts_at
    );
    v_grant_id := v_lot.grant_id;
    v_account := ratebook.write_account(v_lot.account);
  elsif (v_known.account_id, v_known.lenser_id, v_known.amount) = (v_account.id, v_account.lenser_id, p_amount) then
    v_grant_id := v_known.id;
  else
    perform ratebook.fail(
      'idempotency_conflict', format('The event "%s" has granted other credits already.', left(p_external_ref, 100)),
      'An event counts once.', jsonb_build_object('external_ref', left(p_external_ref, 100), 'grant_id', v_known.id)
    );
  end if;
  -- What an admin granted is named in the history, once.
  v_response := jsonb_build_object(
    'grant_id', v_grant_id,
    'account_id', p_account_id,
    'amount', trim_scale(p_amount)::text,
    'balance', ratebook.balance_object(v_account)
  );
  if v_known.id is null then
    perform ratebook.record_call(
      'billing.grant_credits', 'billing.grants', jsonb_build_object('id', v_grant_id),
      v_request || jsonb_build_object('account', p_account_id), v_response
    );
  end if;
  return ratebook.remember(v_account, 'grant_credits', p_key, v_request, v_response);
end;
$$;

create function billing.grant_credits(
  account uuid,
  amount numeric,
  source text default 'manual',
  priority integer default 0,
  expires_at timestamptz default null,
  external_ref text default null,
  idempotency_key text default null,
  starts_at timestamptz default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.grant_credits(
    account, amount, source, priority, expires_at, external_ref, idempotency_key, owner, starts_at
  );
end;

revoke all on function ratebook.grant_credits(
  uuid, numeric, text, integer, timestamptz, text, text, uuid, timestamptz
) from public;
revoke all on function billing.grant_credits(
  uuid, numeric, text, integer, timestamptz, text, text, timestamptz, uuid
) from public;
grant execute on function ratebook.grant_credits(
  uuid, numeric, text, integer, timestamptz, text, text, uuid, timestamptz
) to authenticated, service_role;
grant execute on function billing.grant_credits(
  uuid, numeric, text, integer, timestamptz, text, text, timestamptz, uuid
) to authenticated, service_role;

comment on function ratebook.grant_credits(
  uuid, numeric, text, integer, timestamptz, text, text, uuid, timestamptz
) is
'The rule behind billing.grant_credits().';
comment on function billing.grant_credits(
  uuid, numeric, text, integer, timestamptz, text, text, timestamptz, uuid
) is
'Admins and the service role. Puts credits into an account as a lot; debt is repaid from it first. account: a lenser, whose own account is made when it is missing, or billing.accounts.id. priority: lower burns first. starts_at: before, nothing can be spent of it, and it repays debt then; now unless told. external_ref: id of the event behind it, such as a payment''s; with source it counts once. owner: the account''s lenser. Returns grant_id, account_id, amount, balance. Errors: unknown_account (PT404), invalid_amount, invalid_time, owner_required (PT422), idempotency_conflict (PT409), erased_lenser, not_allowed (42501).';
