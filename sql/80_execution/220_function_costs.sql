create function ratebook.evaluation_costs(p_evaluation uuid, p_run uuid, p_owner uuid) returns table (
  contender_id uuid,
  contender text,
  submissions bigint,
  judgements bigint,
  submission_credits numeric,
  judgement_credits numeric,
  refunded numeric,
  credits numeric
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: the owner's sums are of charges to whichever account paid.
declare
  v_owner constant uuid := ratebook.evaluation_owner('evaluation', p_evaluation, p_owner);
  v_evaluation constant execution.evaluations := ratebook.find_evaluation(p_evaluation, v_owner, 'evaluation', p_evaluation);
begin
  perform ratebook.assert_may_manage(v_evaluation);
  return query
  -- The generations: of submissions, and of what models judged of them.
  with made as materialized (
    select s.contender_id as id, s.generation_id, true as is_submission
    from execution.submissions as s
    where
      s.evaluation_id = p_evaluation
      and s.lenser_id is not distinct from v_owner
      and (p_run is null or s.run_id = p_run)
    union all
    select s.contender_id, x.generation_id, false
    from execution.scores as x
    inner join execution.submissions as s on s.id = x.submission_id and s.lenser_id = x.lenser_id
    where
      x.evaluation_id = p_evaluation
      and x.lenser_id is not distinct from v_owner
      and x.generation_id is not null
      and (p_run is null or x.run_id = p_run)
  ),

  -- By contender: who answered, and whose answers were judged.
  charged as (
    select
      m.id,
      count(*) filter (where m.is_submission) as submissions,
      count(*) filter (where not m.is_submission) as judgements,
      sum(c.credits) filter (where m.is_submission) as submission_credits,
      sum(c.credits) filter (where not m.is_submission) as judgement_credits,
      sum(c.refunded) as refunded
    from made as m
    -- Each with all its charges: an estimate, and what it gave way to. None is older than the generation, but for a clock.
    left join lateral (
      select sum(o.credits) as credits, sum(f.amount) as refunded
      from billing.charges as o
      left join lateral (
        select r.amount from ratebook.refunds as r where r.charge_id = o.id and r.lenser_id = o.lenser_id offset 0
      ) as f on true
      where
        o.generation_id = m.generation_id
        and o.spender_id is not distinct from v_owner
        and o.id >= ratebook.uuid_v7_floor(ratebook.uuid_v7_time(m.generation_id) - interval '24 hours')
        and o.id < ratebook.uuid_v7_floor(ratebook.clock() + interval '24 hours')
      offset 0
    ) as c on true
    group by m.id
  )

  -- Every contender has a row, also one that cost nothing.
  select
    c.id, ratebook.contender_label(c), coalesce(g.submissions, 0), coalesce(g.judgements, 0),
    trim_scale(coalesce(g.submission_credits, 0)), trim_scale(coalesce(g.judgement_credits, 0)),
    trim_scale(coalesce(g.refunded, 0)),
    trim_scale(coalesce(g.submission_credits, 0) + coalesce(g.judgement_credits, 0) - coalesce(g.refunded, 0))
  from execution.contenders as c
  left join charged as g on g.id = c.id
  where c.evaluation_id = p_evaluation and c.lenser_id is not distinct from v_owner
  order by c.number;
end;
$$;

create function execution.costs(
  evaluation uuid, run uuid default null, owner uuid default null
) returns table (
  contender_id uuid,
  contender text,
  submissions bigint,
  judgements bigint,
  submission_credits numeric,
  judgement_credits numeric,
  refunded numeric,
  credits numeric
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select c.* from ratebook.evaluation_costs(evaluation, run, owner) as c;
end;

revoke all on function ratebook.evaluation_costs(uuid, uuid, uuid) from public;
revoke all on function execution.costs(uuid, uuid, uuid) from public;
grant execute on function ratebook.evaluation_costs(uuid, uuid, uuid) to authenticated, service_role;
grant execute on function execution.costs(uuid, uuid, uuid) to authenticated, service_role;

comment on function ratebook.evaluation_costs(uuid, uuid, uuid) is 'The rule behind execution.costs().';
comment on function execution.costs(uuid, uuid, uuid) is
'For the evaluation''s owner, admins and the service role. What an evaluation cost, one row a contender: from the charges of the generations of its submissions and judgements, cancelled runs too, whichever account paid. The sum of credits is the sum of their ledger entries. evaluation: its id. run: one run; NULL for all. owner: the evaluation''s lenser. Returns contender_id, contender, submissions, judgements (of the contender''s submissions, by models), submission_credits, judgement_credits, refunded (estimates that were settled too), and credits: those two less what was refunded. Select credits::text: JSON numbers lose digits. Errors: unknown_evaluation (PT404), owner_required (PT422), not_allowed (42501).';
