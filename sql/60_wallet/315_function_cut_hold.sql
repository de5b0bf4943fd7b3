-- A stream that was cut has no usage. What it is charged is decided here and not by a client: an estimate by one rule,
-- never above what was held, which billing.settle_charge() replaces when the provider's figure arrives.
create function ratebook.input_of(p_usage jsonb) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select jsonb_object_agg(u.key, u.value)
    from jsonb_each(p_usage) as u
    where
      u.value::numeric > 0
      and (u.key like 'input%' or exists (select from ai.meters as m where m.key = u.key and m.counts_as_input))
  );
end;
$$;

create function ratebook.cut_usage(p_known jsonb, p_expected jsonb, p_streamed numeric) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_input jsonb := coalesce(ratebook.input_of(p_known), ratebook.input_of(p_expected));
  v_output numeric := greatest((p_known ->> 'output')::numeric, p_streamed);
begin
  -- Where nobody has counted what was read, nothing can be worked out from what was written.
  if v_input is null then
    return null;
  end if;
  return coalesce(p_known, jsonb '{}')
    || v_input
    -- A model that writes no tokens has no price for them.
    || case when v_output > 0 then jsonb_build_object('output', trim_scale(v_output)) else jsonb '{}' end;
end;
$$;

create function ratebook.cut_hold(
  p_hold_id uuid,
  p_usage jsonb,
  p_format text,
  p_bytes bigint,
  p_tokens bigint,
  p_generation uuid,
  p_prompt text,
  p_output text,
  p_latency_ms integer,
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
  -- A hold ends once: without a key it is its own.
  v_key text := coalesce(p_key, 'hold ' || p_hold_id);
  v_request jsonb := jsonb_strip_nulls(jsonb_build_object(
    'hold', p_hold_id, 'usage', p_usage, 'format', p_format, 'streamed_bytes', p_bytes, 'streamed_tokens', p_tokens,
    'generation', p_generation
  ));
  v_locked ratebook.locked_hold;
  v_hold billing.holds;
  v_account billing.accounts;
  v_response jsonb;
  v_known jsonb;
  v_usage jsonb;
  v_asked ratebook.charge_request;
  v_priced ratebook.priced_charge;
begin
  if num_nonnulls(p_bytes, p_tokens) = 2 or least(p_bytes, p_tokens) < 0 then
    perform ratebook.fail('invalid_argument', 'What was streamed is a number of bytes or of tokens, from 0 on.',
      'Pass streamed_bytes or streamed_tokens, or none of them.');
  end if;
  -- The lock is the account's: nobody captures or releases meanwhile.
  v_locked := ratebook.lock_hold(p_hold_id, p_owner);
  v_hold := v_locked.hold;
  v_account := v_locked.account;
  v_response := ratebook.recall_own(v_account.id, v_account.lenser_id, 'cut_hold', v_key, p_key is null, v_request);
  if v_response is not null then
    return v_response;
  end if;
  -- As a capture says it, before a price is asked for.
  perform ratebook.assert_capturable(v_hold);

  -- Tier, variant and region are the hold's, as its prices are: half an answer states nothing.
  if p_usage is not null then
    v_known := nullif((ratebook.read_usage(p_format, p_usage)).usage, jsonb '{}');
    if v_known is not null then
      perform ratebook.assert_usage(v_known);
    end if;
  end if;
  if v_hold.model_id is not null then
    v_usage := ratebook.cut_usage(v_known, v_hold.usage, coalesce(p_tokens::numeric, ceil(p_bytes / 4.0)));
  end if;
  -- What it comes to is asked first: dearer than held, it is all that was held.
  if v_usage is not null then
    v_asked := ratebook.make_charge_request(
      v_account.id, v_hold.model_id::text, v_usage, null, (select f.key from ai.features as f where f.id = v_hold.feature_id),
      v_hold.service_tier, v_hold.variant, v_hold.region, v_hold.spender_id, p_generation, null, null, null, null,
      v_account.lenser_id
    );
    v_priced := ratebook.price_charge(v_asked, v_account, v_hold.created_at, v_hold.price_source, v_hold.price_currency);
    if (v_priced.charge).credits > v_hold.amount then
      v_usage := null;
    end if;
  end if;
  v_response := ratebook.capture_hold(
    p_hold_id, case when v_usage is null then v_hold.amount end, v_usage, null, p_generation, p_prompt, p_output,
    p_latency_ms, true, null, null, null, p_owner
  );
  return ratebook.remember(v_account, 'cut_hold', v_key, v_request, v_response);
end;
$$;

create function billing.cut_hold(
  hold uuid,
  usage jsonb default null,
  format text default null,
  streamed_bytes bigint default null,
  streamed_tokens bigint default null,
  generation uuid default null,
  prompt text default null,
  output text default null,
  latency_ms integer default null,
  idempotency_key text default null,
  owner uuid default null
) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.cut_hold(
    hold, usage, format, streamed_bytes, streamed_tokens, generation, prompt, output, latency_ms, idempotency_key, owner
  );
end;

revoke all on function ratebook.input_of(jsonb) from public;
revoke all on function ratebook.cut_usage(jsonb, jsonb, numeric) from public;
revoke all on function ratebook.cut_hold(
  uuid, jsonb, text, bigint, bigint, uuid, text, text, integer, text, uuid
) from public;
revoke all on function billing.cut_hold(
  uuid, jsonb, text, bigint, bigint, uuid, text, text, integer, text, uuid
) from public;
grant execute on function ratebook.cut_hold(
  uuid, jsonb, text, bigint, bigint, uuid, text, text, integer, text, uuid
) to service_role;
grant execute on function billing.cut_hold(
  uuid, jsonb, text, bigint, bigint, uuid, text, text, integer, text, uuid
) to service_role;

comment on function ratebook.input_of(jsonb) is
'What of a usage is read and not made, where there is any; else NULL.';
comment on function ratebook.cut_usage(jsonb, jsonb, numeric) is
'The usage of a stream that was cut: input as known, else as expected; output the more of what is known and what was streamed, in tokens; all else as known. NULL where no input is known.';
comment on function ratebook.cut_hold(
  uuid, jsonb, text, bigint, bigint, uuid, text, text, integer, text, uuid
) is
'The rule behind billing.cut_hold().';
comment on function billing.cut_hold(
  uuid, jsonb, text, bigint, bigint, uuid, text, text, integer, text, uuid
) is
'Service role only. Turns the hold of a stream that was cut, or that ended without a usage, into an estimated charge, at the prices of the hold and never above what was held; the rest is given back. Input: the input meters of usage, else those of the usage that the hold was made with; where neither has any, or the hold names no model, all that was held is charged. Output: the more of what usage says and of what was streamed. Other meters of usage count as they are. usage: what is known, meters and quantities; or, with format, what the provider had reported before the cut. streamed_bytes: bytes of UTF-8 that were streamed; 4 are a token. streamed_tokens: instead of bytes, the caller''s own count. generation, prompt, output, latency_ms: as in billing.capture_hold(). When the provider''s figure arrives, billing.settle_charge() puts it in the place of the estimate. Without an idempotency_key the hold itself is the key: the same cut again gets the same answer. owner: the account''s lenser. Returns what billing.charge_generation() does. Errors: unknown_hold, unknown_generation (PT404), hold_not_open, already_charged, idempotency_conflict (PT409), invalid_argument, owner_required and those of usages (PT422); for a hold that timed out also insufficient_credits, budget_exceeded, member_limit_exceeded (PT402).';
