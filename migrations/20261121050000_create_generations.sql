-- Ratebook's generations (module core). Made from sql/ and policies/: edit those.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

-- from sql/50_generations/010_table_generations.sql

-- Domains, and not CHECKs of the table, which every statement that writes parses anew.
create domain ai.token_count as integer
constraint token_count_is_not_negative check (value >= 0);
create domain ai.latency as integer
constraint latency_ms_is_not_negative check (value >= 0);
create domain ai.quality_rating as smallint
constraint quality_rating_is_one_to_five check (value between 1 and 5);

comment on domain ai.token_count is 'A number of tokens: not negative.';
comment on domain ai.latency is 'Milliseconds: not negative.';
comment on domain ai.quality_rating is 'How good it was, from 1 to 5.';

create table ai.generations (
  id uuid not null default ratebook.uuid_v7(),
  lenser_id uuid not null default ratebook.uid(),
  model_id uuid not null,
  media_id uuid,
  feature_key text,
  prompt text,
  output text,
  token_count ai.token_count,
  usage jsonb,
  status ai.generation_status_enum not null default 'pending',
  latency_ms ai.latency,
  quality_rating ai.quality_rating,
  created_at timestamptz not null default '-infinity',
  constraint generations_pkey primary key (id, lenser_id),
  constraint generations_lenser_id_fkey foreign key (lenser_id) references lensers.profiles (id),
  constraint generations_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  -- With the owner in the key, not even a change of owner at the same moment leaves another's media here.
  constraint generations_media_id_fkey foreign key (media_id, lenser_id)
  references content.media_library (id, lenser_id) on delete set null (media_id)
) partition by range (id);

-- An owner's newest, by either order.
create index generations_lenser_id_id_idx on ai.generations (lenser_id, id);
create index generations_lenser_id_created_at_id_idx on ai.generations (lenser_id, created_at, id);
create index generations_model_id_idx on ai.generations (model_id);
-- Most make no media.
create index generations_media_id_idx on ai.generations (media_id, lenser_id) where media_id is not null;

create function ratebook.refuse_columns_of_others() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_column text := case
    when new.usage is not null then 'usage'
    when new.status <> 'pending' then 'status'
    when new.latency_ms is not null then 'latency_ms'
    when new.quality_rating is not null then 'quality_rating'
    when new.created_at <> '-infinity' then 'created_at'
  end;
begin
  if new.lenser_id is not null and new.lenser_id is distinct from ratebook.uid() then
    perform ratebook.fail('not_allowed', '"lenser_id" names another lenser.', 'Leave it out, or name yourself.',
      '{"column": "lenser_id"}');
  elsif v_column is not null then
    perform ratebook.fail('not_allowed', format('"%s" is not yours to set.', v_column),
      'Leave it out: a backend sets it, with the service role.', jsonb_build_object('column', v_column));
  end if;
  return new;
end;
$$;

create function ratebook.enforce_media_owner() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the answer is the same for another's media as for media that is not there, whoever asks.
begin
  if not exists (
    select from content.media_library as l where l.id = new.media_id and l.lenser_id = new.lenser_id
  ) then
    perform ratebook.fail(
      'media_not_owned', format('Media %s does not belong to lenser %s.', new.media_id, new.lenser_id),
      'Use media of the lenser who owns the generation.', jsonb_build_object('media_id', new.media_id)
    );
  end if;
  return new;
end;
$$;

create function ratebook.complete_log_entry() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.ensure_profile_of(new.lenser_id);
  if new.usage is not null then
    perform ratebook.assert_usage(new.usage);
  end if;
  new.created_at := ratebook.uuid_v7_time(new.id);
  return new;
end;
$$;

create function ratebook.check_usage_changed() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.assert_usage(new.usage);
  return new;
end;
$$;

create function ratebook.drop_content_of_erased() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reads the profile whoever writes.
begin
  if exists (select from lensers.profiles as p where p.id = new.lenser_id and p.erased_at is not null for key share) then
    new.prompt := null;
    new.output := null;
    new.media_id := null;
  end if;
  return new;
end;
$$;

revoke all on function ratebook.refuse_columns_of_others() from public;
revoke all on function ratebook.drop_content_of_erased() from public;
revoke all on function ratebook.enforce_media_owner() from public;
revoke all on function ratebook.complete_log_entry() from public;
revoke all on function ratebook.check_usage_changed() from public;
comment on function ratebook.refuse_columns_of_others() is
'Row trigger before an insert by an owner: refuses another''s lenser_id, and what backends set. Error: not_allowed (42501), which names the column.';
comment on function ratebook.enforce_media_owner() is
'Row trigger: the media of a generation belongs to its lenser. Error: media_not_owned (42501).';
comment on function ratebook.drop_content_of_erased() is
'Row trigger before update: a call that ends after its lenser was erased leaves figures, no content.';
comment on function ratebook.complete_log_entry() is
'Row trigger on what is logged without a time, which no API role can give: the time is that of the id, its lenser gets a profile, and what is logged as usage can be priced later. Errors: not_allowed, erased_lenser (42501), unknown_lenser (PT404), invalid_usage, unknown_meter and others of usages (PT422).';
comment on function ratebook.check_usage_changed() is
'Row trigger: a usage that is set later can be priced, too. Errors: those of usages (PT422).';

-- By its name the first: what the others say of another lenser is nobody's to know. Backends pass it by.
create trigger ai_generations_columns_enforce before insert on ai.generations
for each row when (row_security_active('ai.generations'::regclass)) execute function ratebook.refuse_columns_of_others();
create trigger ai_generations_media_owner_enforce before insert or update of media_id, lenser_id on ai.generations
for each row when (new.media_id is not null) execute function ratebook.enforce_media_owner();
-- A charge brings its time, and has seen to the rest.
create trigger generations_complete before insert on ai.generations
for each row when (new.created_at = '-infinity') execute function ratebook.complete_log_entry();
create trigger generations_check_usage before update of usage on ai.generations
for each row when (new.usage is not null) execute function ratebook.check_usage_changed();
create trigger generations_drop_content_of_erased before update of prompt, output, media_id on ai.generations
for each row when (num_nonnulls(new.prompt, new.output, new.media_id) > 0)
execute function ratebook.drop_content_of_erased();
create trigger generations_refuse_truncate before truncate on ai.generations
for each statement execute function ratebook.refuse_change(
  'Detach old months with `ratebook months detach` instead.'
);

alter table ai.generations enable always trigger generations_refuse_truncate;

select ratebook.make_partitions('ai.generations', ratebook.clock(), ratebook.clock() + interval '24 months');

comment on table ai.generations is
'The generation log, in monthly partitions. The database makes id and created_at. Owners create and delete their rows, with lenser_id (their own), model_id, media_id, prompt, output, token_count and feature_key; usage, status, latency_ms and quality_rating are a backend''s to set, and refused by name.';
comment on column ai.generations.id is 'UUIDv7: its time is created_at, and it decides the partition.';
comment on column ai.generations.lenser_id is 'The owner: the signed-in user, who may also say so; the service role names another.';
comment on column ai.generations.model_id is 'The model that was asked.';
comment on column ai.generations.media_id is 'What it made or used; of the same owner.';
comment on column ai.generations.feature_key is 'The feature it was for, by the key of its time; not a foreign key, so that the log outlives renames.';
comment on column ai.generations.prompt is 'What was asked; NULL after erasure.';
comment on column ai.generations.output is 'What was answered; NULL after erasure.';
comment on column ai.generations.token_count is 'Tokens as the owner counted them, or the backend. Money never comes from here.';
comment on column ai.generations.usage is 'Meters and quantities as the backend counted them.';
comment on column ai.generations.status is 'How far it got.';
comment on column ai.generations.latency_ms is 'How long the model took, in milliseconds.';
comment on column ai.generations.quality_rating is '1 (poor) to 5 (excellent).';
comment on column ai.generations.created_at is 'When it was made: the time inside id, to the microsecond.';

select ratebook.show_all_to_admins('ai.generations');

-- from sql/50_generations/020_function_finish_generation.sql

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

-- from sql/50_generations/030_function_backfill_generations.sql

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

-- from sql/50_generations/040_function_extend_partitions.sql

create function ai.extend_partitions(months integer default 24) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.extend_partitions(months);
end;

revoke all on function ai.extend_partitions(integer) from public;
grant execute on function ai.extend_partitions(integer) to service_role;

comment on function ai.extend_partitions(integer) is
'Service role only. Makes the next partition that is missing of those that keep the given number of months (1 to 120) ahead, and returns how many are missing still: call it again until it says 0. One partition a call, because a call is a transaction, and while one is made nobody should wait for the next. billing.sweep_accounts() calls it too; a schedule does where only owners write. Errors: invalid_argument (PT422), month_not_made (PT503) where an open transaction kept it from being made.';

-- from sql/50_generations/060_function_cost_generations.sql

create function ratebook.cost(
  p_sheet_id bigint, p_usage jsonb, p_what_if ratebook.what_if default null
) returns numeric
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sheet ratebook.price_sheets;
  v_cost numeric;
begin
  if p_sheet_id < 0 then
    v_sheet := (p_what_if).sheets[-p_sheet_id];
  else
    select s.* into v_sheet from ratebook.price_sheets as s where s.id = p_sheet_id;
  end if;
  select case when bool_and(l.unit_price is not null or l.quantity = 0) then coalesce(sum(l.cost), 0) end
  into v_cost
  from ratebook.price_usage(
    v_sheet, ratebook.whole_usage((v_sheet).prices, (v_sheet).minimums, p_usage), p_what_if
  ) as l;
  return v_cost;
end;
$$;

create function ratebook.cost_generations(
  p_since timestamptz,
  p_until timestamptz,
  p_model_id uuid,
  p_source text,
  p_at timestamptz,
  p_of_model_id uuid default null,
  p_what_if ratebook.what_if default null
) returns table (
  generation_id uuid,
  lenser_id uuid,
  model_id uuid,
  feature_key text,
  priced_at timestamptz,
  currency text,
  cost numeric
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
-- Room for the hash table of all sheets; a plan for the period asked for, not for any; compiling takes longer than running.
set work_mem = '128MB'
set plan_cache_mode = force_custom_plan
set jit = off
as $$
declare
  -- A plan for the schedules as they are has no part in which something might be different.
  v_is_what_if constant boolean := p_what_if is not null;
  v_what_if constant ratebook.price_schedules := (p_what_if).schedule;
  -- Worked out once: in the statement they would be for each row, for an interval's sum is not the planner's to know.
  v_first_id constant uuid := ratebook.uuid_v7_floor(greatest(p_since, '1970-01-01Z'));
  v_end_id constant uuid := ratebook.uuid_v7_floor(least(p_until, '10000-01-01Z') + interval '1 millisecond');
begin
  return query
  select
    g.id,
    g.lenser_id,
    m.id,
    g.feature_key,
    coalesce(p_at, g.created_at),
    d.currency,
    case
      when i.is_what_if
        then ratebook.cost(
          (
            select w.id from unnest((p_what_if).sheets) as w
            where
              w.period = k.period and w.band = k.band and w.open_windows = k.open_windows
              and w.service_tier = 'standard' and w.variant = '' and w.region = ''
          ),
          g.usage, p_what_if
        )
      -- Most usages are plain, and most sheets not marginal: the same products as in ratebook.price_usage(), in line.
      when g.usage - '{input,output,cache_read,cache_write}'::text[] = '{}'
        and cardinality(p.marginal) = 0 and p.minimums = '{}'
        then coalesce(
          coalesce((g.usage -> 'input')::numeric, 0) * p.input
          + coalesce((g.usage -> 'output')::numeric, 0) * p.output
          + coalesce((g.usage -> 'cache_read')::numeric, 0) * p.cache_read
          + coalesce((g.usage -> 'cache_write')::numeric, 0) * p.cache_write
          + coalesce(p.request, 0),
          ratebook.cost(p.id, g.usage)
        )
      else ratebook.cost(p.id, g.usage)
    end
  from ai.generations as g
  inner join ai.models as m on m.id = coalesce(p_model_id, g.model_id)
  -- What a model has followed in turn, one row for each that ever switched: the planner can count on that.
  left join (
    select
      o.model_id,
      array_agg(o.starts order by o.starts) as starts,
      array_agg(o.price_source order by o.starts) as sources,
      array_agg(o.price_currency order by o.starts) as currencies
    from ratebook.price_source_periods as o
    group by o.model_id
    having count(*) > 1
  ) as f on f.model_id = m.id
  -- A source that was asked for stands for all; else the one that the model followed then.
  cross join lateral (
    select
      case
        when p_source is not null then p_source
        when f.starts is null then m.price_source
        else f.sources[width_bucket(coalesce(p_at, g.created_at), f.starts)]
      end as source,
      case
        when f.starts is null then m.price_currency
        else f.currencies[width_bucket(coalesce(p_at, g.created_at), f.starts)]
      end as currency
  ) as d
  -- Outer joins: a request without a price is a row with a NULL cost, and not one that a sum leaves out in silence.
  left join ratebook.price_schedules as s
    on s.model_id = m.id and s.source = d.source and s.currency = d.currency
  cross join lateral (
    select
      v_is_what_if
      and (m.id, d.source, d.currency) = (v_what_if.model_id, v_what_if.source, v_what_if.currency) as is_what_if
  ) as i
  cross join lateral (
    select
      case when i.is_what_if then v_what_if.starts else s.starts end as starts,
      case when i.is_what_if then v_what_if.bounds else s.bounds end as bounds
  ) as t
  -- Which of the schedule's sheets. More rows have no windows: which are open is said by those that are written.
  cross join lateral (
    select
      width_bucket(coalesce(p_at, g.created_at), t.starts) as period,
      case when cardinality(t.bounds) = 0 then 0 else width_bucket(ratebook.context_tokens(g.usage), t.bounds) end as band,
      case
        when s.has_windows then ratebook.open_windows(
          s.id, width_bucket(coalesce(p_at, g.created_at), s.starts), coalesce(p_at, g.created_at)
        ) else 0
      end as open_windows
  ) as k
  left join ratebook.price_sheets as p
    on not i.is_what_if
    and p.schedule_id = s.id and p.period = k.period and p.band = k.band and p.open_windows = k.open_windows
    and p.service_tier = 'standard' and p.variant = '' and p.region = ''
  -- By id too, which names the months and has an index.
  where
    g.id >= v_first_id
    and g.id < v_end_id
    and g.created_at >= p_since
    and g.created_at < p_until
    and (p_of_model_id is null or g.model_id = p_of_model_id)
    -- Not token_count: money never comes from what owners write.
    and g.usage is not null;
end;
$$;

revoke all on function ratebook.cost(bigint, jsonb, ratebook.what_if) from public;
revoke all on function ratebook.cost_generations(
  timestamptz, timestamptz, uuid, text, timestamptz, uuid, ratebook.what_if
) from public;

comment on function ratebook.cost(bigint, jsonb, ratebook.what_if) is
'What a usage costs by a sheet, or by one of a what-if, in the sheet''s currency; NULL where a meter in use has no price.';
comment on function ratebook.cost_generations(
  timestamptz, timestamptz, uuid, text, timestamptz, uuid, ratebook.what_if
) is
'Prices all generations of a period, or of a model in it, in one statement: as of their own time, by their own model, the source and currency that it followed then and the prices that are written, unless told otherwise. cost is NULL where a price is missing.';

-- from sql/50_generations/065_function_check_copies.sql

create function ratebook.check_copies() returns table (check_name text, severity text, message text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    'history_guarded' as check_name,
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      'Does not refuse changes from every role and session: '
      || string_agg(format('%s on %s', t.tgname, t.tgrelid::regclass), ', ' order by t.tgrelid::regclass::text, t.tgname)
      || '. Say alter table … enable always trigger …',
      'What refuses changes to history does so from every role and session.'
    )
  from pg_catalog.pg_trigger as t
  inner join pg_catalog.pg_class as c on c.oid = t.tgrelid
  where t.tgfoid = 'ratebook.refuse_change'::regproc and t.tgenabled <> 'A' and c.relkind in ('r', 'p')
  union all
  -- A subscriber receives rows and not the state of sequences: theirs is set when it takes over.
  select
    'sequences_ahead' as check_name,
    case when bool_or(r.srrelid is null) then 'error' when count(*) > 0 then 'warning' else 'ok' end,
    coalesce(
      'The next numbers are taken already: ' || string_agg(b.table_name, ', ' order by b.table_name)
      || '. Say select ratebook.advance_sequences() before this database takes over.',
      'Every sequence is ahead of its table.'
    )
  from ratebook.sequences_behind() as b
  left join (select distinct s.srrelid from pg_catalog.pg_subscription_rel as s) as r
    on r.srrelid = b.table_name::regclass
  union all
  -- Sheets and list prices are copied as they are; a copy that lacks some would price by what is gone.
  select
    'price_sheets' as check_name,
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      'Price sheets and prices differ for model '
      || string_agg(d.model_id::text, ', ' order by d.model_id) filter (where d.place <= 3)
      || case when count(*) > 3 then format(' and %s more', count(*) - 3) else '' end
      || '. Work them out with ratebook.rebuild_prices().',
      'Every price has its sheets.'
    )
  from (
    select
      coalesce(s.model_id, p.model_id) as model_id,
      row_number() over (order by coalesce(s.model_id, p.model_id)) as place
    from (
      select
        r.model_id,
        r.source,
        r.currency,
        array_agg(distinct r.effective_from order by r.effective_from) as starts
      from ai.model_pricing as r
      group by r.model_id, r.source, r.currency
    ) as p
    -- Either side may lack the other: prices without a schedule, or one of prices that did not come along.
    full join ratebook.price_schedules as s
      on s.model_id = p.model_id and s.source = p.source and s.currency = p.currency
    where s.starts is distinct from p.starts
  ) as d
  union all
  -- What the catalogue sorts by, against what it is worked out from.
  select
    'list_prices' as check_name,
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      'The list prices of the catalogue and the price sheets differ for model '
      || string_agg(d.model_id::text, ', ' order by d.model_id) filter (where d.place <= 3)
      || case when count(*) > 3 then format(' and %s more', count(*) - 3) else '' end
      || '. Work them out with ratebook.write_list_prices().',
      'The catalogue lists what the price sheets say.'
    )
  from (
    -- One row a model, however many of its periods differ.
    select
      r.model_id,
      row_number() over (order by r.model_id) as place
    from (
      select coalesce(l.model_id, c.model_id) as model_id
      from ratebook.list_prices as l
      full join ratebook.computed_list_prices as c on c.model_id = l.model_id and c.starts = l.starts
      where
        c.ends is distinct from l.ends
        or c.source is distinct from l.source
        or c.currency is distinct from l.currency
        or c.prices is distinct from l.prices
        or c.hidden is distinct from l.hidden
      group by coalesce(l.model_id, c.model_id)
    ) as r
  ) as d;
end;

revoke all on function ratebook.check_copies() from public;

comment on function ratebook.check_copies() is
'The checks of ai.self_check() of what a restore or a subscriber can leave behind.';

-- from sql/50_generations/070_function_self_check.sql

create function ratebook.self_check() returns table (check_name text, severity text, message text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
-- Definer: reads the partitions of schema ratebook.
begin atomic
  select ratebook.assert_privileged();
  -- Requests fail where no month is left; two ahead leave time to make more.
  select
    'partitions_ahead' as check_name,
    case when min(e.until) < ratebook.clock() + interval '2 months' then 'warning' else 'ok' end,
    'Partitions reach to '
    || string_agg(format('%s (%s)', to_char(e.until at time zone 'UTC', 'YYYY-MM-DD'), e.name), ', ') || '.'
  from (
    select
      t.name,
      ratebook.partitions_end(t.name)
    from ratebook.partitioned_tables() as t (name)
  ) as e (name, until)
  union all
  -- A month that is open to a role bypasses the policies of its table.
  select
    'partitions_locked' as check_name,
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      'Open to API roles, without row security or without a guard against TRUNCATE: '
      || string_agg(m.month::text, ', ' order by m.month::text) || '.',
      'Every month is closed to API roles.'
    )
  from ratebook.months() as m
  where not ratebook.is_closed(m.month)
  union all
  -- Erasures do not reach a month that has left its table.
  select
    'months_detached' as check_name,
    case when count(*) = 0 then 'ok' else 'warning' end,
    coalesce(
      string_agg(
        case
          when m.state = 'detached' then format('%s is out of its log, and of erasures: archive and drop it.', m.month)
          else format('Detaching %s was cut: run `ratebook months detach` again.', m.month)
        end,
        ' ' order by m.month::text
      ),
      'No month is detached.'
    )
  from ratebook.months() as m
  where m.state <> 'attached'
  union all
  -- Without row security the grants alone decide, and they are made for tables that have it.
  select
    'row_security' as check_name,
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      'Tables without row security: ' || string_agg(m.name, ', ' order by m.name) || '.',
      'Row security is on for every table.'
    )
  from ratebook.manifest as m
  inner join pg_catalog.pg_class as c on c.oid = to_regclass(m.name)
  where m.kind = 'table' and not c.relrowsecurity
  union all
  -- A changed function or policy may open or break what the checks above take for granted.
  select
    'as_migrated' as check_name,
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      'Not what the migrations made: '
      || string_agg(format('%s %s %s', d.kind, d.name, d.difference), ', ' order by d.kind, d.name) || '.',
      'The database is what its migrations made.'
    )
  from ratebook.differences() as d
  union all
  select
    k.check_name,
    k.severity,
    k.message
  from ratebook.check_copies() as k;
end;

create function ai.self_check() returns table (check_name text, severity text, message text)
language sql stable
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select
    c.check_name,
    c.severity,
    c.message
  from ratebook.self_check() as c;
end;

revoke all on function ratebook.self_check() from public;
revoke all on function ai.self_check() from public;
grant execute on function ratebook.self_check() to authenticated, service_role;
grant execute on function ai.self_check() to authenticated, service_role;

comment on function ratebook.self_check() is 'The checks behind ai.self_check().';
comment on function ai.self_check() is
'Admins and the service role. Looks whether the installation is sound: one row per check with severity ok, warning or error and a sentence. Error: not_allowed (42501).';

-- from sql/50_generations/080_function_detach_statements.sql

create function ratebook.detach_statements(p_table regclass, p_before timestamptz)
returns table (month text, statement text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_table <> 'ai.generations'::regclass then
    perform ratebook.fail('invalid_argument', format('%s is history and stays.', p_table),
      'Only ai.generations has months to detach.');
  end if;
  return query
  select
    m.month::text,
    case m.state
      -- It was cut before; there can be one, and before the next.
      when 'detaching' then format('alter table %s detach partition %s finalize', m.parent, m.month)
      when 'attached' then format('alter table %s detach partition %s concurrently', m.parent, m.month)
      else format('select ratebook.close_month(%L)', m.month)
    end
  from ratebook.months() as m
  where
    m.parent = p_table
    and case m.state
      when 'detaching' then true
      when 'attached' then m.until <= p_before
      else not ratebook.is_closed(m.month)
    end
  order by m.state <> 'detaching', m.until;
end;
$$;

revoke all on function ratebook.detach_statements(regclass, timestamptz) from public;

comment on function ratebook.detach_statements(regclass, timestamptz) is
'Retention, for the owner of the schema: the statements, each a transaction of its own, that detach the months that end at or before a time without keeping anybody waiting; `ratebook months detach` sends them until none is left. A lock_timeout makes such a statement let go; what was cut by it comes first the next time. The tables stay in schema ratebook, closed, until the owner archives or drops them; ai.erase_lenser() does not reach them. Error: invalid_argument (PT422) for any table but ai.generations: charges, holds and ledger stay.';

-- from policies/ai.generations.sql

alter table ai.generations enable row level security;

-- No API role chooses id, or created_at, which is its time. The columns that an owner may not set are in their grant all the
-- same: PostgreSQL's own refusal names the table only, ai_generations_columns_enforce names the column.
revoke all on ai.generations from public, anon, authenticated, service_role;
grant select, delete on ai.generations to authenticated;
grant insert (
  lenser_id, model_id, media_id, feature_key, prompt, output, token_count, usage, status, latency_ms, quality_rating,
  created_at
) on ai.generations to authenticated;
grant select, delete on ai.generations to service_role;
grant insert (
  lenser_id, model_id, media_id, feature_key, prompt, output, token_count, usage, status, latency_ms, quality_rating
) on ai.generations to service_role;
grant update (
  media_id, output, token_count, usage, status, latency_ms, quality_rating
) on ai.generations to service_role;

create policy generations_select_own on ai.generations for select to authenticated
using (lenser_id = (select ratebook.uid()));
-- The subquery runs under the caller's own policies: a hidden model is refused like an unknown one.
create policy generations_insert_own on ai.generations for insert to authenticated
with check (
  lenser_id = (select ratebook.uid())
  and exists (
    select from ai.models as m
    where m.id = model_id
  )
);
create policy generations_delete_own on ai.generations for delete to authenticated
using (lenser_id = (select ratebook.uid()));

insert into ratebook.manifest (module, domain, kind, name, state)
select 'core', '50_generations', o.kind, o.name, o.state
from (values
  ('constraint', 'generations_lenser_id_fkey on ai.generations', '1bcaaeed0e244d6b31be5ab61ab3c281'),
  ('constraint', 'generations_media_id_fkey on ai.generations', '7b0bc0f5e9c1f228f0a1ecd049700d92'),
  ('constraint', 'generations_model_id_fkey on ai.generations', '56211b69a9b087adf52b714bda8904e2'),
  ('constraint', 'generations_pkey on ai.generations', 'c3974e991976e5421da0bded97759b77'),
  ('function', 'ai.backfill_generations(generations jsonb)', '395883222e122ff7c09fc2b5a01a04ad'),
  ('function', 'ai.extend_partitions(months integer)', '4a5e18608ac352ec623a4240e6153e05'),
  ('function', 'ai.finish_generation(generation uuid, status ai.generation_status_enum, usage jsonb, output text, token_count integer, latency_ms integer, quality_rating smallint, owner uuid)', '909cac00a29e5f188e762a10f1c9b920'),
  ('function', 'ai.self_check()', 'dc280087759f52a09891ec992e6a9125'),
  ('function', 'ratebook.backfill_generations(p_generations jsonb)', '887f3a49128ed957d86ebbdb4147d907'),
  ('function', 'ratebook.check_copies()', '25c4bb085dd042c130d9d33020fd0348'),
  ('function', 'ratebook.check_usage_changed()', 'ef7c748cf8542d515cff0b06a0ff10bf'),
  ('function', 'ratebook.complete_log_entry()', '1c7a58a72812d47c85038346029854ba'),
  ('function', 'ratebook.cost(p_sheet_id bigint, p_usage jsonb, p_what_if ratebook.what_if)', 'e4d39ac0d4ffde9a1e1492257c08340f'),
  ('function', 'ratebook.cost_generations(p_since timestamp with time zone, p_until timestamp with time zone, p_model_id uuid, p_source text, p_at timestamp with time zone, p_of_model_id uuid, p_what_if ratebook.what_if)', '51548b9c92a4a1c56229b77643f625f9'),
  ('function', 'ratebook.detach_statements(p_table regclass, p_before timestamp with time zone)', '071abb3f7205ab6542c3a82b6155ee92'),
  ('function', 'ratebook.drop_content_of_erased()', '956406a1a6b6eb72ec87a39cd53aa05a'),
  ('function', 'ratebook.enforce_media_owner()', '7154080f6704fb2fb6a5087ae855936c'),
  ('function', 'ratebook.finish_generation(p_generation uuid, p_status ai.generation_status_enum, p_usage jsonb, p_output text, p_token_count integer, p_latency_ms integer, p_quality_rating smallint, p_owner uuid)', '31e79a6beff56cec017e086857f48c5e'),
  ('function', 'ratebook.refuse_columns_of_others()', 'd6bae2c38605c642940173d61d4faf13'),
  ('function', 'ratebook.self_check()', '6c1ff815fa5ddddb12841dffd6ea3aa3'),
  ('index', 'ai.generations_lenser_id_created_at_id_idx', '4f938d19dcd0b5f636b1f4cfaff88982'),
  ('index', 'ai.generations_lenser_id_id_idx', 'e40debb4061dc1b70b13643364c025bb'),
  ('index', 'ai.generations_media_id_idx', '69ae3eba11028a4be58aad735d96f981'),
  ('index', 'ai.generations_model_id_idx', '91e60467f915707ad0658a922d3d2a21'),
  ('index', 'ai.generations_pkey', '45377c2006947687e0d591091079b20c'),
  ('policy', 'generations_delete_own on ai.generations', '85d2c5b8a2782525cb0daf89ec94508e'),
  ('policy', 'generations_insert_own on ai.generations', '16145648d474d7a1942438fe2b68d081'),
  ('policy', 'generations_select_own on ai.generations', '6f349a601dc024702262f39ff7c114e7'),
  ('privileges', 'ai.all_generations', 'authenticated select, service_role select'),
  ('privileges', 'ai.backfill_generations(generations jsonb)', 'service_role execute'),
  ('privileges', 'ai.extend_partitions(months integer)', 'service_role execute'),
  ('privileges', 'ai.finish_generation(generation uuid, status ai.generation_status_enum, usage jsonb, output text, token_count integer, latency_ms integer, quality_rating smallint, owner uuid)', 'service_role execute'),
  ('privileges', 'ai.generations', 'authenticated delete+select+insert created_at+insert feature_key+insert latency_ms+insert lenser_id+insert media_id+insert model_id+insert output+insert prompt+insert quality_rating+insert status+insert token_count+insert usage, service_role delete+select+insert feature_key+insert latency_ms+update latency_ms+insert lenser_id+insert media_id+update media_id+insert model_id+insert output+update output+insert prompt+insert quality_rating+update quality_rating+insert status+update status+insert token_count+update token_count+insert usage+update usage'),
  ('privileges', 'ai.self_check()', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.all_generations', 'authenticated select, service_role select'),
  ('privileges', 'ratebook.backfill_generations(p_generations jsonb)', 'service_role execute'),
  ('privileges', 'ratebook.check_copies()', ''),
  ('privileges', 'ratebook.check_usage_changed()', ''),
  ('privileges', 'ratebook.complete_log_entry()', ''),
  ('privileges', 'ratebook.cost(p_sheet_id bigint, p_usage jsonb, p_what_if ratebook.what_if)', ''),
  ('privileges', 'ratebook.cost_generations(p_since timestamp with time zone, p_until timestamp with time zone, p_model_id uuid, p_source text, p_at timestamp with time zone, p_of_model_id uuid, p_what_if ratebook.what_if)', ''),
  ('privileges', 'ratebook.detach_statements(p_table regclass, p_before timestamp with time zone)', ''),
  ('privileges', 'ratebook.drop_content_of_erased()', ''),
  ('privileges', 'ratebook.enforce_media_owner()', ''),
  ('privileges', 'ratebook.finish_generation(p_generation uuid, p_status ai.generation_status_enum, p_usage jsonb, p_output text, p_token_count integer, p_latency_ms integer, p_quality_rating smallint, p_owner uuid)', 'service_role execute'),
  ('privileges', 'ratebook.refuse_columns_of_others()', ''),
  ('privileges', 'ratebook.self_check()', 'authenticated execute, service_role execute'),
  ('table', 'ai.generations', 'de08c50ecc79c6e7a386982166d0aa3a'),
  ('trigger', 'ai_generations_columns_enforce on ai.generations', '6c5d608521af5fb6db49c128979c25bc'),
  ('trigger', 'ai_generations_media_owner_enforce on ai.generations', '7b7a6beae3a5228d5b41b7236b70a3af'),
  ('trigger', 'generations_check_usage on ai.generations', '2f714047d2a05dcb55c4c5c31f61ea1e'),
  ('trigger', 'generations_complete on ai.generations', '44bee6d4f45c676ccc048cbd60090f23'),
  ('trigger', 'generations_drop_content_of_erased on ai.generations', '46c0f1f69fac41b037d19df445d0bddc'),
  ('trigger', 'generations_refuse_truncate on ai.generations', '492f5a1a1a5a9f108b72541b0caabb81'),
  ('type', 'ai.latency', '9dff6a6161e550d0d3ea4bec2770ed59'),
  ('type', 'ai.quality_rating', '7ebe6be6c71c47e1f8e6e2cbf5b7d1cb'),
  ('type', 'ai.token_count', '9dff6a6161e550d0d3ea4bec2770ed59'),
  ('view', 'ai.all_generations', '223da6bb74387711bba0af5e8bae2d16'),
  ('view', 'ratebook.all_generations', 'cce446c071ef0bd795f293213d30a4ff')
) as o (kind, name, state);

select ratebook.close_privileges('50_generations');
