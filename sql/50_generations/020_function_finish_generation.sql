create function ratebook.finish_generation(
  p_generation uuid,
  p_status ai.generation_status_enum,
  p_usage jsonb,
  p_output text,
  p_token_count integer,
  p_latency_ms integer,
  p_quality_rating smallint,
  p_owner uuid
) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if p_owner is null then
    perform ratebook.require_owner();
    select g.lenser_id into p_owner from ai.generations as g where g.id = p_generation;
  end if;
  update ai.generations as g
  set
    status = coalesce(p_status, g.status),
    -- A bare count is a usage too, unless the backend has said more.
    usage = coalesce(
      p_usage,
      case
        when p_token_count is not null and (g.usage is null or g.usage = jsonb_build_object('tokens', g.token_count))
          then jsonb_build_object('tokens', p_token_count)
      end,
      g.usage
    ),
    output = coalesce(p_output, g.output),
    token_count = coalesce(p_token_count, g.token_count),
    latency_ms = coalesce(p_latency_ms, g.latency_ms),
    quality_rating = coalesce(p_quality_rating, g.quality_rating)
  where g.id = p_generation and g.lenser_id is not distinct from p_owner;
  if not found then
    perform ratebook.fail('unknown_generation', format('There is no generation %s.', p_generation), null,
      jsonb_build_object('generation', p_generation));
  end if;
end;
$$;

create function ai.finish_generation(
  generation uuid,
  status ai.generation_status_enum default 'completed',
  usage jsonb default null,
  output text default null,
  token_count integer default null,
  latency_ms integer default null,
  quality_rating smallint default null,
  owner uuid default null
) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.finish_generation(
    generation, status, usage, output, token_count, latency_ms, quality_rating, owner
  );
end;

revoke all on function ratebook.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint, uuid
) from public;
revoke all on function ai.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint, uuid
) from public;
grant execute on function ratebook.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint, uuid
) to service_role;
grant execute on function ai.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint, uuid
) to service_role;

comment on function ratebook.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint, uuid
) is 'The rule behind ai.finish_generation().';
comment on function ai.finish_generation(
  uuid, ai.generation_status_enum, jsonb, text, integer, integer, smallint, uuid
) is
'Service role only. Records how a generation ended. NULL leaves a value as it is. generation: its id. usage: meters and quantities, as the provider counted them. token_count: all tokens in one; where there is no usage, it is one: {"tokens": n}. latency_ms: milliseconds. quality_rating: 1 (poor) to 5 (excellent). owner: the generation''s lenser. Errors: unknown_generation (PT404), invalid_usage, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, owner_required (PT422).';
