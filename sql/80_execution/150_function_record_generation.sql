-- A submission or a judgement is a generation like any other: charged by the one rule of the wallet, or there already.
create function ratebook.record_generation(
  p_evaluation execution.evaluations, p_model_id uuid, p_work jsonb
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account constant uuid := (p_work ->> 'account')::uuid;
  v_generation constant uuid := (p_work ->> 'generation')::uuid;
  v_model_id uuid;
begin
  if v_generation is not null then
    select g.model_id into v_model_id
    from ai.generations as g
    where g.id = v_generation and g.lenser_id is not distinct from p_evaluation.lenser_id;
    if not found then
      perform ratebook.fail('unknown_generation', format('The evaluation''s owner has no generation %s.', v_generation), null,
        jsonb_build_object('generation', v_generation));
    elsif not ratebook.is_same_model(v_model_id, p_model_id) then
      perform ratebook.fail('invalid_argument', 'The generation is of another model.', null,
        jsonb_build_object('generation', v_generation));
    end if;
  end if;
  if v_account is null then
    -- What only a charge takes would be lost without a word.
    if v_generation is null
      or jsonb_strip_nulls(p_work - '{generation,estimated}'::text[]) <> jsonb '{}' then
      perform ratebook.fail('invalid_argument', 'It is neither charged nor there already.',
        'Pass account with usage (or reported_cost), or the generation alone.');
    end if;
    return jsonb_build_object('generation_id', v_generation, 'charge_id', null, 'credits', null);
  end if;
  return ratebook.charge(ratebook.report(
    ratebook.make_charge_request(
      v_account, p_model_id::text, nullif(p_work -> 'usage', jsonb 'null'), p_work ->> 'format', p_evaluation.feature_key,
      p_work ->> 'service_tier', p_work ->> 'variant', p_work ->> 'region', p_evaluation.lenser_id, v_generation,
      p_work ->> 'prompt', p_work ->> 'output', (p_work ->> 'latency_ms')::integer, null,
      coalesce(
        (p_work ->> 'account_owner')::uuid, case when v_account = p_evaluation.lenser_id then p_evaluation.lenser_id end
      )
    ),
    (p_work ->> 'estimated')::boolean, (p_work ->> 'reported_cost')::numeric, p_work ->> 'reported_currency'
  ));
end;
$$;

-- What is compared when the same is sent again; of the texts a mark is enough.
create function ratebook.marked(p_request jsonb) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select
      jsonb_object_agg(
        r.key,
        case
          when r.key in ('prompt', 'output', 'rationale')
            then to_jsonb(encode(sha256(convert_to(r.value #>> '{}', 'UTF8')), 'hex'))
          else r.value
        end
      )
    from jsonb_each(jsonb_strip_nulls(p_request - 'usage') || jsonb_build_object('usage', p_request -> 'usage')) as r
  );
end;
$$;

revoke all on function ratebook.record_generation(execution.evaluations, uuid, jsonb) from public;
revoke all on function ratebook.marked(jsonb) from public;

comment on function ratebook.record_generation(execution.evaluations, uuid, jsonb) is
'The generation of a submission or judgement of a model, of the evaluation''s owner: charged to an account as billing.charge_generation() does, with the evaluation''s feature, and its answer; or named by its id, and then with charge_id and credits NULL. p_work: arguments of billing.charge_generation(). Errors: those of billing.charge_generation(), invalid_argument (PT422).';
comment on function ratebook.marked(jsonb) is
'A request without its NULLs, with SHA-256 in place of prompt, output and rationale.';
