-- What one judge said of one case compares each two of the contenders that were scored for it.
create function ratebook.compared_contenders(p_evaluation uuid, p_owner uuid, p_run uuid) returns table (
  first integer, second integer, wins double precision, games double precision
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
-- Groups of up to a hundred, paired: a nested loop would compare everything with everything.
set enable_nestloop = off
as $$
begin
  return query
  -- In small numbers, which are compared in half the time: which judge said it of which case, and the value's rank.
  with scored as materialized (
    select
      dense_rank() over (order by x.run_id, x.judge_id, s.case_key) as said,
      dense_rank() over (order by x.value) as value,
      c.number
    from execution.scores as x
    inner join execution.submissions as s on s.id = x.submission_id and s.lenser_id = x.lenser_id
    inner join execution.contenders as c on c.id = s.contender_id and c.lenser_id = x.lenser_id
    inner join execution.runs as r on r.id = x.run_id and r.lenser_id = x.lenser_id and r.state <> 'cancelled'
    where
      x.evaluation_id = p_evaluation
      and s.evaluation_id = p_evaluation
      and c.evaluation_id = p_evaluation
      and r.evaluation_id = p_evaluation
      and x.lenser_id is not distinct from p_owner
      and (p_run is null or x.run_id = p_run)
  )

  select
    a.number::integer,
    b.number::integer,
    sum(case when a.value > b.value then 2 when a.value = b.value then 1 else 0 end)::double precision / 2,
    count(*)::double precision
  from scored as a
  inner join scored as b on b.said = a.said and b.number > a.number
  group by a.number, b.number
  -- The same scores give the same ratings, to the last digit.
  order by a.number, b.number;
end;
$$;

create function ratebook.contender_label(p_contender execution.contenders) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    p_contender.name,
    (
      select m.key from ai.models as m
      where m.id = p_contender.model_id and ((m.is_public and m.deleted_at is null) or ratebook.is_privileged())
    ) || case
      -- Whose name is not everybody's to read.
      when p_contender.profile_id is not null then format(' (profile %s)', p_contender.number)
      else ''
    end,
    format('Contender %s', p_contender.number)
  );
end;
$$;

create function ratebook.leaderboard(p_evaluation uuid, p_run uuid, p_owner uuid) returns table (
  place integer,
  contender_id uuid,
  contender text,
  model_id uuid,
  profile_id uuid,
  submissions bigint,
  scores bigint,
  mean numeric,
  comparisons bigint,
  wins numeric,
  rating double precision,
  rating_low double precision,
  rating_high double precision,
  part integer,
  is_connected boolean
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
-- The rows of one evaluation, joined with each other: a plan made while they came in would look up each.
set enable_nestloop = off
as $$
-- Definer: everybody who may read the evaluation gets the whole of its scores, in sums.
declare
  v_owner constant uuid := ratebook.evaluation_owner('evaluation', p_evaluation, p_owner);
  v_evaluation constant execution.evaluations := ratebook.find_evaluation(p_evaluation, v_owner, 'evaluation', p_evaluation);
  v_first integer[];
  v_second integer[];
  v_wins double precision[];
  v_games double precision[];
  v_n integer;
begin
  if p_run is not null and not exists (
    select from execution.runs as r
    where r.id = p_run and r.evaluation_id = v_evaluation.id and r.lenser_id is not distinct from v_owner
  ) then
    perform ratebook.unknown_part('run', p_run::text);
  end if;
  select
    coalesce(array_agg(p.first), '{}'), coalesce(array_agg(p.second), '{}'),
    coalesce(array_agg(p.wins), '{}'), coalesce(array_agg(p.games), '{}')
  into v_first, v_second, v_wins, v_games
  from ratebook.compared_contenders(p_evaluation, v_owner, p_run) as p;
  -- Contenders are numbered without a gap: nobody leaves.
  select coalesce(max(c.number), 0) into v_n
  from execution.contenders as c
  where c.evaluation_id = p_evaluation and c.lenser_id is not distinct from v_owner;
  if v_n = 0 then
    return;
  end if;

  return query
  with submitted as (
    select s.contender_id as id, count(*) as number
    from execution.submissions as s
    inner join execution.runs as r on r.id = s.run_id and r.lenser_id = s.lenser_id and r.state <> 'cancelled'
    where
      s.evaluation_id = p_evaluation
      and r.evaluation_id = p_evaluation
      and s.lenser_id is not distinct from v_owner
      and (p_run is null or s.run_id = p_run)
    group by s.contender_id
  ),

  -- What all judges said of it.
  scored as (
    select s.contender_id as id, count(*) as number, avg(x.value) as mean
    from execution.scores as x
    inner join execution.submissions as s on s.id = x.submission_id and s.lenser_id = x.lenser_id
    inner join execution.runs as r on r.id = x.run_id and r.lenser_id = x.lenser_id and r.state <> 'cancelled'
    where
      x.evaluation_id = p_evaluation
      and s.evaluation_id = p_evaluation
      and r.evaluation_id = p_evaluation
      and x.lenser_id is not distinct from v_owner
      and (p_run is null or x.run_id = p_run)
    group by s.contender_id
  ),

  -- Of each pair both see the games, from their own side.
  compared as (
    select o.number, sum(o.games)::bigint as games, sum(o.wins)::numeric as wins
    from (
      select f.number, f.games, f.wins from unnest(v_first, v_games, v_wins) as f (number, games, wins)
      union all
      select s.number, s.games, s.games - s.wins from unnest(v_second, v_games, v_wins) as s (number, games, wins)
    ) as o
    group by o.number
  ),

  -- Everybody is rated, also who was never scored.
  rated as (
    select
      c.*,
      coalesce(u.number, 0) as submissions,
      coalesce(s.number, 0) as scores,
      trim_scale(round(s.mean, 12)) as mean,
      coalesce(p.games, 0) as games,
      trim_scale(coalesce(p.wins, 0)) as wins,
      b.rating,
      -- Of what was compared with nothing, nothing is known.
      case when p.games > 0 then 1.959963984540054::double precision * b.deviation end as half,
      b.part,
      bool_and(b.part = 1) over () as is_connected
    from ratebook.bradley_terry(v_n, v_first, v_second, v_wins, v_games) as b
    inner join execution.contenders as c
      on c.evaluation_id = p_evaluation and c.number = b.item and c.lenser_id is not distinct from v_owner
    left join submitted as u on u.id = c.id
    left join scored as s on s.id = c.id
    left join compared as p on p.number = b.item
  )

  select
    case when q.scores > 0 then (row_number() over best)::integer end,
    q.id,
    ratebook.contender_label(
      (q.id, q.lenser_id, q.evaluation_id, q.visibility, q.number, q.name, q.model_id, q.profile_id)::execution.contenders
    ),
    q.model_id, q.profile_id, q.submissions, q.scores, q.mean, q.games, q.wins, q.rating, q.rating - q.half,
    q.rating + q.half, q.part, q.is_connected
  from rated as q
  window best as (order by q.scores = 0, q.rating desc, q.mean desc, q.number)
  order by row_number() over best;
end;
$$;

create function execution.leaderboard(
  evaluation uuid, run uuid default null, owner uuid default null
) returns table (
  place integer,
  contender_id uuid,
  contender text,
  model_id uuid,
  profile_id uuid,
  submissions bigint,
  scores bigint,
  mean numeric,
  comparisons bigint,
  wins numeric,
  rating double precision,
  rating_low double precision,
  rating_high double precision,
  part integer,
  is_connected boolean
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select l.* from ratebook.leaderboard(evaluation, run, owner) as l;
end;

revoke all on function ratebook.compared_contenders(uuid, uuid, uuid) from public;
revoke all on function ratebook.contender_label(execution.contenders) from public;
revoke all on function ratebook.leaderboard(uuid, uuid, uuid) from public;
revoke all on function execution.leaderboard(uuid, uuid, uuid) from public;
grant execute on function ratebook.leaderboard(uuid, uuid, uuid) to anon, authenticated, service_role;
grant execute on function execution.leaderboard(uuid, uuid, uuid) to anon, authenticated, service_role;

comment on function ratebook.compared_contenders(uuid, uuid, uuid) is
'How often two contenders, by their numbers, were scored by the same judge on the same case of a run that was not cancelled, and how often the first had the higher score; a tie is half of one.';
comment on function ratebook.contender_label(execution.contenders) is
'What the caller may call a contender: its name, else the key of a model that the caller may know, else its number.';
comment on function ratebook.leaderboard(uuid, uuid, uuid) is 'The rule behind execution.leaderboard().';
comment on function execution.leaderboard(uuid, uuid, uuid) is
'For everybody who may read the evaluation. Its contenders, the best first; of runs that were cancelled nothing counts. evaluation: its id. run: one run; NULL for all. owner: the evaluation''s lenser. Returns place (NULL without a score), contender_id, contender (its name, or model key), model_id, profile_id, submissions, scores, mean (of all scores of all judges, to 12 decimals), comparisons (pairs of scores of one judge on one case of one run), wins (of them; a tie is half a win each), and rating: the Bradley-Terry strength by maximum likelihood over all comparisons, with half a win and half a loss more for everybody against a fixed opponent of rating 0, so that one who never lost stays finite. One beats another with probability 1 / (1 + exp(other - one)); 0.69 ahead is 2 to 1. rating_low, rating_high: 95 of 100 such intervals hold what it is ahead of the mean of all contenders (rating ± 1.96 standard deviations, by the inverse of the Fisher information); NULL without comparisons. part: contenders with the same are connected by comparisons; is_connected: whether all are. Where they are not, ratings of different parts compare through the fixed opponent only, which says little. Errors: unknown_evaluation, unknown_run (PT404), owner_required (PT422).';
