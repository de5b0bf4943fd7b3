create function ratebook.make_charge_request(
  p_account_id uuid,
  p_model text,
  p_usage jsonb,
  p_format text,
  p_feature text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_lenser uuid,
  p_generation uuid,
  p_prompt text,
  p_output text,
  p_latency_ms integer,
  p_key text,
  p_owner uuid
) returns ratebook.charge_request
language plpgsql immutable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. It reads no table.
declare
  v_read ratebook.stated_usage;
  v_request jsonb;
begin
  -- What decides the charge, as it was given: the content of the generation does not, and the owner says only where the
  -- account is. Most say no more than model and usage.
  if p_key is not null then
    v_request := jsonb_build_object('model', p_model, 'usage', p_usage);
    if num_nonnulls(p_format, p_feature, p_service_tier, p_variant, p_region, p_lenser, p_generation) > 0 then
      v_request := v_request || jsonb_build_object(
        'format', p_format, 'feature', p_feature, 'service_tier', p_service_tier, 'variant', p_variant, 'region', p_region,
        'lenser', p_lenser, 'generation', p_generation
      );
    end if;
  end if;
  -- Meters and quantities as they are; a provider's own answer is read.
  if p_format is null and jsonb_typeof(p_usage) = 'object' then
    return (
      p_account_id, p_owner, false, null, null, p_lenser, p_key, v_request, p_model, p_usage, p_feature,
      coalesce(p_service_tier, 'standard'), p_variant, p_region, p_generation, p_prompt, p_output, p_latency_ms,
      '{}'::text[]
    )::ratebook.charge_request;
  end if;
  v_read := ratebook.read_usage(p_format, p_usage, p_service_tier, p_variant, p_region);
  return (
    p_account_id, p_owner, false, null, null, p_lenser, p_key, v_request, p_model, v_read.usage, p_feature,
    coalesce(v_read.service_tier, 'standard'), v_read.variant, v_read.region, p_generation, p_prompt, p_output, p_latency_ms,
    v_read.stated
  )::ratebook.charge_request;
end;
$$;

-- What was expected, and then the provider's answer: what that states counts before it.
create function ratebook.answered(p_expected ratebook.charge_request, p_format text, p_usage jsonb) returns ratebook.charge_request
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_read constant ratebook.stated_usage := ratebook.read_usage(p_format, p_usage);
begin
  p_expected.usage := v_read.usage;
  p_expected.service_tier := coalesce(v_read.service_tier, p_expected.service_tier);
  p_expected.variant := coalesce(v_read.variant, p_expected.variant);
  p_expected.region := coalesce(v_read.region, p_expected.region);
  p_expected.stated := v_read.stated;
  return p_expected;
end;
$$;

create function ratebook.charge_requests(p_requests jsonb) returns ratebook.charge_request[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select
      case
        when r.estimated or num_nonnulls(r.reported_cost, r.reported_currency) > 0
          then ratebook.report(q.request, r.estimated, r.reported_cost, r.reported_currency)
        else q.request
      end
    from jsonb_array_elements(p_requests) with ordinality as e (value, position)
    cross join lateral jsonb_to_record(e.value) as r (
      account uuid, model text, usage jsonb, format text, feature text, service_tier text, variant text, region text,
      lenser uuid, generation uuid, prompt text, output text, latency_ms integer, idempotency_key text,
      owner uuid, estimated boolean, reported_cost numeric, reported_currency text
    )
    cross join lateral (
      select
        ratebook.make_charge_request(
          r.account, r.model, r.usage, r.format, r.feature, r.service_tier, r.variant, r.region, r.lenser, r.generation,
          r.prompt, r.output, r.latency_ms, r.idempotency_key, r.owner
        ) as request
      offset 0
    ) as q
    order by e.position
  );
end;
$$;

create function ratebook.charge_generations(p_requests jsonb) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_index bigint;
  v_requests ratebook.charge_request[];
begin
  if (jsonb_typeof(p_requests) = 'array' and jsonb_array_length(p_requests) between 1 and 1000) is not true then
    perform ratebook.fail('invalid_argument', 'Charges come as a JSON array of 1 to 1,000 requests.',
      'Each is an object with the arguments of billing.charge_generation().');
  end if;
  -- A misspelt idempotency_key that is passed over would charge twice.
  select e.ordinality - 1 into v_index
  from jsonb_array_elements(p_requests) with ordinality as e
  where
    case
      when jsonb_typeof(e.value) = 'object'
        then
          e.value - '{account,model,usage,format,feature,service_tier,variant,region,lenser,generation,prompt,output,latency_ms,estimated,reported_cost,reported_currency,idempotency_key,owner}'::text[]
          <> '{}'
      else true
    end
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', 'A request is no object of known arguments.',
      'They are those of billing.charge_generation().', jsonb_build_object('index', v_index));
  end if;
  begin
    v_requests := ratebook.charge_requests(p_requests);
  exception
    when invalid_text_representation or numeric_value_out_of_range or sqlstate 'PT422' then
      perform ratebook.refuse_charge_requests(p_requests);
  end;
  return to_jsonb(ratebook.charge_many(v_requests));
end;
$$;

create function ratebook.refuse_charge_requests(p_requests jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- One by one, to find the first that cannot be read and to say why.
declare
  v_message text;
  v_hint text;
  v_detail jsonb;
begin
  for i in 0..jsonb_array_length(p_requests) - 1 loop
    begin
      perform ratebook.charge_requests(jsonb_build_array(p_requests -> i));
    exception
      when invalid_text_representation or numeric_value_out_of_range then
        perform ratebook.fail('invalid_argument', format('A request has a value of another type: %s.', left(sqlerrm, 200)),
          'Types are those of billing.charge_generation().', jsonb_build_object('index', i));
      when sqlstate 'PT422' then
        get stacked diagnostics v_message = message_text, v_hint = pg_exception_hint, v_detail = pg_exception_detail;
        perform ratebook.fail(v_detail ->> 'error', v_message, v_hint, v_detail || jsonb_build_object('index', i));
    end;
  end loop;
end;
$$;

create function billing.charge_generation(
  account uuid,
  model text,
  usage jsonb default null,
  format text default null,
  feature text default null,
  service_tier text default null,
  variant text default null,
  region text default null,
  lenser uuid default null,
  generation uuid default null,
  prompt text default null,
  output text default null,
  latency_ms integer default null,
  estimated boolean default false,
  reported_cost numeric default null,
  reported_currency text default null,
  idempotency_key text default null,
  owner uuid default null
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables, and only the service role may execute this one. Its plans are made
-- once, and never scan a table: one that was small then would be scanned whole when it is large.
declare
  v_request ratebook.charge_request := ratebook.make_charge_request(
    account, model, usage, format, feature, service_tier, variant, region, lenser, generation, prompt, output, latency_ms,
    idempotency_key, owner
  );
begin
  if estimated or num_nonnulls(reported_cost, reported_currency) > 0 then
    v_request := ratebook.report(v_request, estimated, reported_cost, reported_currency);
  end if;
  return ratebook.charge(v_request);
end;
$$;

create function billing.charge_generations(requests jsonb) returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.charge_generations(requests);
end;

revoke all on function ratebook.make_charge_request(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, text, uuid
) from public;
revoke all on function ratebook.answered(ratebook.charge_request, text, jsonb) from public;
revoke all on function ratebook.charge_requests(jsonb) from public;
revoke all on function ratebook.charge_generations(jsonb) from public;
revoke all on function ratebook.refuse_charge_requests(jsonb) from public;
revoke all on function billing.charge_generation(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, boolean, numeric, text, text, uuid
) from public;
revoke all on function billing.charge_generations(jsonb) from public;
grant execute on function ratebook.make_charge_request(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, text, uuid
) to service_role;
grant execute on function ratebook.charge_generations(jsonb) to service_role;
grant execute on function billing.charge_generation(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, boolean, numeric, text, text, uuid
) to service_role;
grant execute on function billing.charge_generations(jsonb) to service_role;

comment on function ratebook.make_charge_request(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, text, uuid
) is 'The request behind the arguments of billing.charge_generation().';
comment on function ratebook.answered(ratebook.charge_request, text, jsonb) is
'A request for what a hold or an estimate expected, with the usage of the provider''s answer and what that states of service tier, variant and region. Errors: those of ratebook.read_usage().';
comment on function ratebook.charge_requests(jsonb) is
'ratebook.make_charge_request() for each of a JSON array of objects with the arguments of billing.charge_generation().';
comment on function ratebook.charge_generations(jsonb) is 'The rule behind billing.charge_generations().';
comment on function ratebook.refuse_charge_requests(jsonb) is
'Raises the error of the first request that ratebook.charge_requests() could not read, with its index: invalid_argument (PT422) for a value of another type, and those of ai.normalize_usage().';
comment on function billing.charge_generation(
  uuid, text, jsonb, text, text, text, text, text, uuid, uuid, text, text, integer, boolean, numeric, text, text, uuid
) is
'Service role only. Prices a usage, debits the lots in burn order, and writes generation, charge and ledger, in one transaction. account: a lenser or billing.accounts.id. usage: meters and quantities; or, with format (as in ai.normalize_usage()), the provider''s own usage object or the answer that holds it, whose service tier, variant and region are used. service_tier: NULL: as the answer states, else standard. variant: NULL: as the answer states. region: NULL: as the answer states. estimated: true for a charge that billing.settle_charge() may settle by the provider''s figure later. reported_cost: what the provider says that it cost, in reported_currency or the model''s: that is the cost then, whatever the prices; rate and margin apply, and usage may be missing. lenser: who spends, the owner unless told. generation: an earlier generation of that lenser, which is completed, and charged once; without one it is made, with prompt, output and latency_ms. owner: the account''s lenser; no part of the request that a key stands for. Returns charge_id, generation_id, account_id, model_id, credits, cost, currency, balance and warnings; amounts are strings. Errors: those of billing.quote() and ai.normalize_usage(), unknown_account, unknown_generation (PT404), owner_required, invalid_amount, invalid_argument (PT422), insufficient_credits, budget_exceeded, member_limit_exceeded (PT402), inactive_model, already_charged, idempotency_conflict (PT409), not_allowed, erased_lenser (42501).';
comment on function billing.charge_generations(jsonb) is
'Service role only. billing.charge_generation() for up to 1,000 requests in one call, all or nothing. requests: a JSON array of objects with its arguments, each with its own idempotency_key. Returns a JSON array of its answers, in their order; balances are those after the call. Errors: insufficient_credits (PT402), invalid_argument (PT422) and the others of billing.charge_generation(), with the index (from 0) of the request in DETAIL where one cannot be read or priced.';
