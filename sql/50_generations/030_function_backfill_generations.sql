create function ratebook.backfill_generations(p_generations jsonb) returns setof uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: makes partitions and ids, which API roles cannot.
declare
  v_from timestamptz;
begin
  if jsonb_typeof(p_generations) is distinct from 'array'
    or exists (select from jsonb_array_elements(p_generations) as g where jsonb_typeof(g.value) <> 'object') then
    perform ratebook.fail('invalid_argument', 'Generations are a JSON array of objects.');
  end if;
  select min(g.created_at) into v_from from jsonb_to_recordset(p_generations) as g (created_at timestamptz);
  if exists (
    select from jsonb_to_recordset(p_generations) as g (created_at timestamptz)
    where g.created_at is null or g.created_at > ratebook.clock() or g.created_at < '2000-01-01T00:00:00Z'
  ) then
    perform ratebook.fail('invalid_time', 'Every generation needs a created_at between the year 2000 and now.');
  end if;
  perform ratebook.make_partitions('ai.generations', v_from, ratebook.clock());
  return query
  insert into ai.generations (
    id, lenser_id, model_id, media_id, feature_key, prompt, output, token_count, usage, status, latency_ms,
    quality_rating
  )
  select
    ratebook.uuid_v7(g.created_at), g.lenser_id, g.model_id, g.media_id, g.feature_key, g.prompt, g.output,
    g.token_count,
    -- A bare count is a usage too.
    coalesce(g.usage, case when g.token_count is not null then jsonb_build_object('tokens', g.token_count) end),
    coalesce(g.status, 'completed'), g.latency_ms, g.quality_rating
  from jsonb_to_recordset(p_generations) as g (
    lenser_id uuid, model_id uuid, media_id uuid, feature_key text, prompt text, output text, token_count integer,
    usage jsonb, status ai.generation_status_enum, latency_ms integer, quality_rating smallint,
    created_at timestamptz
  )
  returning generations.id;
end;
$$;

create function ai.backfill_generations(generations jsonb) returns setof uuid
language sql volatile
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select b.id from ratebook.backfill_generations(generations) as b (id);
end;

revoke all on function ratebook.backfill_generations(jsonb) from public;
revoke all on function ai.backfill_generations(jsonb) from public;
grant execute on function ratebook.backfill_generations(jsonb) to service_role;
grant execute on function ai.backfill_generations(jsonb) to service_role;

comment on function ratebook.backfill_generations(jsonb) is 'The rule behind ai.backfill_generations().';
comment on function ai.backfill_generations(jsonb) is
'Service role only. Inserts generations of the past and makes the partitions of their months. Each object has lenser_id, model_id, created_at and any other column but id; token_count without usage is the usage {"tokens": n}. Returns the ids, made from created_at. Errors: invalid_argument, invalid_time (PT422).';
