-- Every error code of Ratebook, in one place. PostgREST turns PTxyz into HTTP status xyz and 42501 into 403.
create function ratebook.fail(
  p_error text,
  p_message text,
  p_hint text default null,
  p_detail jsonb default '{}'
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_code text := case p_error
    -- 400: what PostgREST could answer, and must not
    when 'estimated_count' then 'PT400'
    when 'query_plan' then 'PT400'
    -- 402: not enough to pay it
    when 'insufficient_credits' then 'PT402'
    when 'budget_exceeded' then 'PT402'
    when 'member_limit_exceeded' then 'PT402'
    -- 404: the name means nothing, or nothing that the caller may know of
    when 'unknown_model' then 'PT404'
    when 'unknown_feature' then 'PT404'
    when 'unknown_lenser' then 'PT404'
    when 'unknown_generation' then 'PT404'
    when 'unknown_account' then 'PT404'
    when 'unknown_hold' then 'PT404'
    when 'unknown_charge' then 'PT404'
    when 'unknown_lot' then 'PT404'
    when 'unknown_evaluation' then 'PT404'
    when 'unknown_run' then 'PT404'
    when 'unknown_contender' then 'PT404'
    when 'unknown_judge' then 'PT404'
    when 'unknown_submission' then 'PT404'
    -- 409: more than one meaning, or the wrong state
    when 'ambiguous_model' then 'PT409'
    when 'append_only' then 'PT409'
    when 'idempotency_conflict' then 'PT409'
    when 'hold_not_open' then 'PT409'
    when 'already_charged' then 'PT409'
    when 'not_empty' then 'PT409'
    when 'inactive_model' then 'PT409'
    when 'deleted_model' then 'PT409'
    when 'default_model' then 'PT409'
    when 'pins_undecided' then 'PT409'
    when 'refund_exceeds_charge' then 'PT409'
    when 'revocation_exceeds_grant' then 'PT409'
    when 'lot_is_held' then 'PT409'
    when 'not_estimated' then 'PT409'
    when 'already_settled' then 'PT409'
    when 'already_refunded' then 'PT409'
    when 'wrong_state' then 'PT409'
    when 'self_judging' then 'PT409'
    when 'in_use' then '2BP01'
    when 'locked' then '55P03'
    when 'duplicate_rate_card' then '23505'
    -- 422: what was sent cannot be used
    when 'invalid_amount' then 'PT422'
    when 'invalid_usage' then 'PT422'
    when 'unknown_meter' then 'PT422'
    when 'unknown_format' then 'PT422'
    when 'stated_price' then 'PT422'
    when 'contradiction' then 'PT422'
    when 'unknown_service_tier' then 'PT422'
    when 'invalid_size' then 'PT422'
    when 'not_a_number' then 'PT422'
    when 'negative_quantity' then 'PT422'
    when 'quantity_out_of_range' then 'PT422'
    when 'no_price' then 'PT422'
    when 'no_credit_rate' then 'PT422'
    when 'no_margin_policy' then 'PT422'
    when 'invalid_time' then 'PT422'
    when 'invalid_argument' then 'PT422'
    when 'unknown_provider' then 'PT422'
    when 'cyclic_fallback' then 'PT422'
    when 'invalid_feed' then 'PT422'
    when 'too_many_windows' then 'PT422'
    when 'owner_required' then 'PT422'
    -- 503: later
    when 'month_not_made' then 'PT503'
    -- 403: not yours
    when 'not_allowed' then '42501'
    when 'media_not_owned' then '42501'
    when 'not_entitled' then '42501'
    when 'erased_lenser' then '42501'
  end;
begin
  if v_code is null then
    raise exception 'Ratebook has no error called %.', p_error using errcode = 'XX000';
  end if;
  raise exception using
    errcode = v_code,
    message = p_message,
    hint = coalesce(p_hint, ''),
    detail = (jsonb_build_object('error', p_error) || p_detail)::text;
end;
$$;

revoke all on function ratebook.fail(text, text, text, jsonb) from public;

comment on function ratebook.fail(text, text, text, jsonb) is
'Raises one of Ratebook''s errors and is the one table of their codes. MESSAGE: a sentence for a person. HINT: what to do. DETAIL: JSON with the stable token "error" and the facts.';
