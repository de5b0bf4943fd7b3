-- What was sent and answered. Here and not beside submissions and scores, because public evaluations show those.
create table ratebook.evaluation_requests (
  lenser_id uuid not null,
  evaluation_id uuid not null,
  subject_id uuid not null,
  slot text not null,
  request jsonb not null,
  response jsonb,
  constraint evaluation_requests_pkey primary key (subject_id, slot, lenser_id),
  constraint evaluation_requests_evaluation_id_fkey foreign key (evaluation_id, lenser_id)
  references execution.evaluations (id, lenser_id) on delete cascade
);

create index evaluation_requests_evaluation_id_idx on ratebook.evaluation_requests (evaluation_id, lenser_id);

create function ratebook.recall_evaluation(p_subject_id uuid, p_owner uuid, p_slot text, p_request jsonb) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_known record;
begin
  select r.request, r.response into v_known
  from ratebook.evaluation_requests as r
  where r.subject_id = p_subject_id and r.slot = p_slot and r.lenser_id is not distinct from p_owner;
  if v_known.request <> p_request then
    perform ratebook.fail('idempotency_conflict', 'There is one already, with other content.',
      'Repeat the first request, or read what stands.', jsonb_build_object('differs', array(
        select k.key from jsonb_each(p_request) as k where v_known.request -> k.key is distinct from k.value order by k.key
      )));
  end if;
  return v_known.response;
end;
$$;

create function ratebook.claim_evaluation(
  p_evaluation execution.evaluations, p_subject_id uuid, p_slot text, p_request jsonb
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Of two at once the second waits here for the first, and finds its answer.
  insert into ratebook.evaluation_requests (lenser_id, evaluation_id, subject_id, slot, request)
  values (p_evaluation.lenser_id, p_evaluation.id, p_subject_id, p_slot, p_request)
  on conflict do nothing;
  if found then
    return null;
  end if;
  return ratebook.recall_evaluation(p_subject_id, p_evaluation.lenser_id, p_slot, p_request);
end;
$$;

create function ratebook.answer_evaluation(p_subject_id uuid, p_owner uuid, p_slot text, p_response jsonb) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update ratebook.evaluation_requests as r
  set response = p_response
  where r.subject_id = p_subject_id and r.slot = p_slot and r.lenser_id is not distinct from p_owner;
  return p_response;
end;
$$;

revoke all on function ratebook.recall_evaluation(uuid, uuid, text, jsonb) from public;
revoke all on function ratebook.claim_evaluation(execution.evaluations, uuid, text, jsonb) from public;
revoke all on function ratebook.answer_evaluation(uuid, uuid, text, jsonb) from public;

comment on table ratebook.evaluation_requests is
'What evaluations were asked to record, and the first answer: the same again gets it, another is refused.';
comment on column ratebook.evaluation_requests.lenser_id is 'The owner of the evaluation.';
comment on column ratebook.evaluation_requests.evaluation_id is 'The evaluation.';
comment on column ratebook.evaluation_requests.subject_id is 'The evaluation that was made, the run of a submission, or the submission of a score.';
comment on column ratebook.evaluation_requests.slot is 'The place in it: a contender and case, or a judge.';
comment on column ratebook.evaluation_requests.request is 'What was sent; of long texts the SHA-256.';
comment on column ratebook.evaluation_requests.response is 'The answer; NULL only inside the transaction that makes it.';
comment on function ratebook.recall_evaluation(uuid, uuid, text, jsonb) is
'The first answer to a request; NULL for a new one. Error: idempotency_conflict (PT409), DETAIL names what differs.';
comment on function ratebook.claim_evaluation(execution.evaluations, uuid, text, jsonb) is
'Takes the place of a request, NULL then; or the first answer, of one that took it. Error: idempotency_conflict (PT409).';
comment on function ratebook.answer_evaluation(uuid, uuid, text, jsonb) is
'Keeps the answer to a request, in the transaction of its effect; returns it.';
