-- Ratebook's routing (module core). Made from sql/ and policies/: edit those.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

-- from sql/70_routing/010_types_routing.sql

create type ai.health_enum as enum ('healthy', 'degraded', 'rate_limited');

comment on type ai.health_enum is 'How a model or provider answers at the moment.';

-- from sql/70_routing/020_table_health_reports.sql

create table ai.health_reports (
  id uuid not null default gen_random_uuid(),
  model_id uuid,
  provider_id uuid,
  state ai.health_enum not null,
  until timestamptz not null,
  reason text,
  reported_at timestamptz not null default ratebook.clock(),
  reported_by uuid default ratebook.uid(),
  constraint health_reports_pkey primary key (id),
  -- The last word stands, and the table stays as small as the registry.
  constraint health_reports_key unique nulls not distinct (model_id, provider_id),
  constraint health_reports_model_id_fkey foreign key (model_id) references ai.models (id) on delete cascade,
  constraint health_reports_provider_id_fkey foreign key (provider_id) references ai.providers (id) on delete cascade,
  constraint a_report_is_of_a_model_or_a_provider check (num_nonnulls(model_id, provider_id) = 1),
  constraint what_is_healthy_has_no_report check (state <> 'healthy'),
  constraint until_is_in_range check (ratebook.is_time(until)),
  constraint reason_is_not_endless check (ratebook.is_text(reason))
)
with (fillfactor = 70);

create index health_reports_provider_id_idx on ai.health_reports (provider_id);

-- In the audit history where people report: what backends say comes and goes with every limit that they run into.
create trigger health_reports_audit_insert after insert on ai.health_reports
referencing new table as changed
for each statement when (ratebook.caller() <> 'service_role')
execute function ratebook.record_rows('{id}', '{}');
create trigger health_reports_audit_delete after delete on ai.health_reports
referencing old table as changed
for each statement when (ratebook.caller() <> 'service_role')
execute function ratebook.record_rows('{id}', '{}');
create trigger health_reports_audit_update after update on ai.health_reports
for each row when (ratebook.caller() <> 'service_role')
execute function ratebook.record_update('{id}', '{}');
create trigger health_reports_refuse_truncate before truncate on ai.health_reports
for each statement execute function ratebook.refuse_change('Delete the rows: a deletion by people goes into the audit history.');

alter table ai.health_reports enable always trigger health_reports_refuse_truncate;

comment on table ai.health_reports is
'Models and providers that answer badly at the moment, as ai.report_health() was told: a route to one goes behind the healthy ones until the report is over. In the audit history where an admin reports.';
comment on column ai.health_reports.id is 'The report.';
comment on column ai.health_reports.model_id is 'The model, or';
comment on column ai.health_reports.provider_id is 'the provider, with all its models.';
comment on column ai.health_reports.state is 'What is wrong.';
comment on column ai.health_reports.until is 'Until when; it is healthy again from then on, by itself.';
comment on column ai.health_reports.reason is 'For people.';
comment on column ai.health_reports.reported_at is 'When it was last reported.';
comment on column ai.health_reports.reported_by is 'JWT subject who did; NULL for the service role and direct SQL.';

-- from sql/70_routing/030_function_report_health.sql

create function ratebook.report_health(
  p_model text, p_provider text, p_state ai.health_enum, p_until timestamptz, p_reason text
) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook, and nobody else writes the table; admins and the service role only.
declare
  v_model_id uuid;
  v_provider_id uuid;
begin
  perform ratebook.assert_privileged();
  if num_nonnulls(p_model, p_provider) <> 1 or p_state is null then
    perform ratebook.fail('invalid_argument', 'A report names a model or a provider, and its state.',
      'The state is degraded, rate_limited or healthy.');
  end if;
  if p_model is not null then
    v_model_id := ratebook.model_id(p_model, true);
  else
    select p.id into v_provider_id from ai.providers as p where p_provider in (p.key, p.id::text);
    if not found then
      perform ratebook.fail('unknown_provider', format('There is no provider called "%s".', left(p_provider, 100)),
        'Ask ai.providers for the keys.', jsonb_build_object('provider', left(p_provider, 100)));
    end if;
  end if;
  if p_state = 'healthy' then
    delete from ai.health_reports as h where h.model_id = v_model_id or h.provider_id = v_provider_id;
    return;
  end if;
  if ratebook.is_time(p_until) is not true then
    perform ratebook.fail('invalid_time', 'A report lasts until a time, in the years 1 to 9999.',
      'It is healthy again from then on, by itself.');
  end if;
  if ratebook.is_text(p_reason) is false then
    perform ratebook.fail('invalid_argument', 'The reason is longer than 10,000 characters.');
  end if;
  insert into ai.health_reports as h (model_id, provider_id, state, until, reason)
  values (v_model_id, v_provider_id, p_state, p_until, p_reason)
  on conflict (model_id, provider_id) do update
  set
    state = excluded.state,
    until = excluded.until,
    reason = excluded.reason,
    reported_at = excluded.reported_at,
    reported_by = excluded.reported_by
  -- A hundred requests that run into one limit are one write.
  where (h.state, h.until, h.reason) is distinct from (excluded.state, excluded.until, excluded.reason);
end;
$$;

create function ai.report_health(
  model text default null,
  provider text default null,
  state ai.health_enum default 'degraded',
  until timestamptz default null,
  reason text default null
) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.report_health(model, provider, state, until, reason);
end;

revoke all on function ratebook.report_health(text, text, ai.health_enum, timestamptz, text) from public;
revoke all on function ai.report_health(text, text, ai.health_enum, timestamptz, text) from public;
grant execute on function ratebook.report_health(text, text, ai.health_enum, timestamptz, text)
to authenticated, service_role;
grant execute on function ai.report_health(text, text, ai.health_enum, timestamptz, text)
to authenticated, service_role;

comment on function ratebook.report_health(text, text, ai.health_enum, timestamptz, text) is
'The rule behind ai.report_health().';
comment on function ai.report_health(text, text, ai.health_enum, timestamptz, text) is
'For admins and the service role. Says that a model, or a provider with all its models, is degraded or rate_limited until a time: ai.route_feature() puts it behind the healthy ones until then, and it comes back by itself. model: id, key or alias; provider: id or key; one of them. until: such as the time that Retry-After gives. state healthy takes a report back. reason: for people. The last report stands. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model (PT409), unknown_provider, invalid_argument, invalid_time (PT422).';

-- from sql/70_routing/040_function_split_score.sql

-- Weighted rendezvous hashing. Each candidate draws a number of its own for a subject, so that a weight that changes
-- moves only the subjects that this candidate wins or loses.
create function ratebook.split_score(
  p_subject text, p_feature_id uuid, p_model_id uuid, p_weight numeric
) returns double precision
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- 52 bits and a half: exact in double precision, between 0 and 1 and never either, on every platform.
  return ln(
    (
      ('x' || left(encode(sha256(convert_to(p_subject || ' ' || p_feature_id || ' ' || p_model_id, 'UTF8')), 'hex'), 13))::bit(52)::bigint
      + 0.5::double precision
    ) / 4503599627370496::double precision
  ) / p_weight::double precision;
end;
$$;

revoke all on function ratebook.split_score(text, uuid, uuid, numeric) from public;

comment on function ratebook.split_score(text, uuid, uuid, numeric) is
'The score of a model for a subject and feature: ln(u)/weight, the largest wins. u = (n + 0.5) / 2^52, where n is the first 13 hexadecimal digits of SHA-256 over the UTF-8 text "subject feature_id model_id" (ids in lower case, one blank between). Weight is positive.';

-- from sql/70_routing/050_function_requirements.sql

-- What a caller may ask of a model, each with the kind of value that it takes.
create function ratebook.assert_requirements(p_requirements jsonb) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kinds constant jsonb := '{
    "capabilities": "names", "supports": "names", "exclude_providers": "names", "context_window": "tokens",
    "max_tokens": "tokens", "modality": "name", "task": "name", "size": "name", "region": "name", "service_tier": "name",
    "usage": "usage", "max_cost": "amount", "currency": "name", "max_credits": "amount"
  }'::jsonb;
  v_name text;
  v_value jsonb;
  v_is_well boolean;
begin
  if jsonb_typeof(p_requirements) is distinct from 'object' then
    perform ratebook.fail('invalid_argument', 'Requirements are a JSON object.',
      'For example {"supports": ["vision"], "context_window": 100000}.');
  end if;
  for v_name, v_value in select r.key, r.value from jsonb_each(p_requirements) as r order by r.key loop
    -- Each branch reads the value only where it is of its type.
    v_is_well := case v_kinds ->> v_name
      when 'names' then jsonb_typeof(v_value) = 'array' and not v_value @? '$[*] ? (@.type() <> "string")'
      when 'name' then jsonb_typeof(v_value) = 'string'
      when 'tokens' then case when jsonb_typeof(v_value) = 'number' then v_value::numeric between 0 and 1e12 end
      when 'amount' then case
        -- As text too: every client writes it with all its digits.
        when jsonb_typeof(v_value) in ('number', 'string') and v_value #>> '{}' ~ '^\d{1,12}(\.\d{1,30})?$' then true
      end
      when 'usage' then true
    end;
    if v_is_well is not true then
      perform ratebook.fail(
        'invalid_argument',
        case
          when v_kinds ? v_name then format('The requirement "%s" does not take that value.', v_name)
          else format('There is no requirement called "%s".', left(v_name, 100))
        end,
        'capabilities, supports and exclude_providers are arrays of names; modality, task, size, region, service_tier and '
        || 'currency names; context_window and max_tokens numbers of tokens; usage as in billing.quote(), max_cost and '
        || 'max_credits what it may cost.',
        jsonb_build_object('requirement', left(v_name, 100))
      );
    end if;
  end loop;
  -- A capability that nothing can have is a slip, not a wish.
  select c.name into v_name
  from jsonb_array_elements_text(coalesce(p_requirements -> 'capabilities', '[]')) as c (name)
  where c.name <> all(enum_range(null::ai.ai_capability_enum)::text[])
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('There is no capability called "%s".', left(v_name, 100)),
      format('They are %s.', array_to_string(enum_range(null::ai.ai_capability_enum), ', ')),
      jsonb_build_object('requirement', 'capabilities'));
  end if;
  if p_requirements ? 'usage' then
    perform ratebook.assert_usage(p_requirements -> 'usage');
  elsif p_requirements ?| '{max_cost,max_credits}' then
    perform ratebook.fail('invalid_argument', 'A ceiling is for a usage.', 'Add the usage that you expect.',
      '{"requirement": "usage"}');
  end if;
  if p_requirements ? 'service_tier' then
    perform ratebook.assert_service_tier(p_requirements ->> 'service_tier');
  end if;
end;
$$;

-- Models whose every price is for other regions. One that has no price at all may be used anywhere.
create function ratebook.serves_region(p_model_id uuid, p_region text, p_at timestamptz) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(bool_or(o.region in ('', p_region)), true)
    from ratebook.price_source_at(p_model_id, p_at) as f
    inner join ratebook.price_schedules as s
      on s.model_id = p_model_id and s.source = f.price_source and s.currency = f.price_currency
    inner join ratebook.price_sheets as o
      on o.schedule_id = s.id and o.period = width_bucket(p_at, s.starts)
  );
end;
$$;

revoke all on function ratebook.assert_requirements(jsonb) from public;
revoke all on function ratebook.serves_region(uuid, text, timestamptz) from public;

comment on function ratebook.assert_requirements(jsonb) is
'Refuses what are no requirements of ai.route_feature(). Errors, all PT422: invalid_argument, unknown_service_tier, and those of a usage.';
comment on function ratebook.serves_region(uuid, text, timestamptz) is
'Whether a model has a price for a region or for all at a time, or none at all.';

-- from sql/70_routing/060_function_route_feature.sql

-- A candidate, or a route that is none and why: what ai.explain_route() shows, and ai.route_feature() without the rejected.
create type ratebook.routed as (
  place integer,
  route_id uuid,
  model_id uuid,
  model text,
  provider text,
  provider_model_key text,
  priority integer,
  weight numeric,
  share numeric,
  health ai.health_enum,
  health_until timestamptz,
  currency text,
  cost numeric,
  credits numeric,
  reasons text [],
  why text
);

create function ratebook.route(p_feature text, p_requirements jsonb, p_subject text) returns setof ratebook.routed
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
set enable_seqscan = off
as $$
-- Definer: entitlements, health and costs are not the caller's to read; only what may be shown leaves.
declare
  v_now constant timestamptz := ratebook.clock();
  v_all constant boolean := ratebook.is_privileged();
  v_uid constant uuid := ratebook.uid();
  v_asks jsonb := p_requirements;
  v_subject text := nullif(p_subject, '');
  v_feature record;
  v_enforces constant boolean := ratebook.enforces_entitlements();
  v_tier ai.model_tier_enum := 'free'::ai.model_tier_enum;
  v_capabilities ai.ai_capability_enum[];
  v_supports text[];
  v_excluded text[];
  v_request jsonb;
begin
  select f.key, f.id, f.is_active into v_feature from ai.features as f where f.key = p_feature;
  if not found then
    perform ratebook.fail('unknown_feature', format('There is no feature called "%s".', left(coalesce(p_feature, ''), 100)),
      'Ask ai.features for the keys.', jsonb_build_object('feature', left(p_feature, 100)));
  end if;

  -- Who it is for. A signed-in user is the subject; only who may know of others names another. An anonymous caller's own
  -- word decides the split and nothing else.
  if v_uid is not null and not v_all then
    if lower(v_subject) <> v_uid::text then
      perform ratebook.fail('not_allowed', 'You may ask for yourself only.', 'Leave subject out.');
    end if;
    v_subject := v_uid::text;
  elsif v_subject is null then
    v_subject := v_uid::text;
  elsif char_length(v_subject) > 255 then
    perform ratebook.fail('invalid_argument', 'A subject has at most 255 characters.');
  end if;
  if (v_all or v_uid is not null) and v_subject ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then
    -- A lenser, however the id is written.
    v_subject := v_subject::uuid::text;
    if v_enforces then
      v_tier := ratebook.entitled_tier(v_subject::uuid, v_now);
    end if;
  end if;

  -- What is asked of the models.
  if jsonb_typeof(v_asks) = 'string' then
    v_asks := ratebook.json_in_text(v_asks);
  end if;
  v_asks := coalesce(v_asks, '{}');
  if v_asks <> '{}' then
    perform ratebook.assert_requirements(v_asks);
    v_capabilities := array(select c.name::ai.ai_capability_enum from jsonb_array_elements_text(v_asks -> 'capabilities') as c (name));
    v_supports := array(select s.name from jsonb_array_elements_text(v_asks -> 'supports') as s (name));
    v_excluded := array(select x.name from jsonb_array_elements_text(v_asks -> 'exclude_providers') as x (name));
    if v_asks ? 'usage' then
      v_request := jsonb_strip_nulls(jsonb_build_object(
        'usage', v_asks -> 'usage', 'feature', v_feature.key, 'service_tier', v_asks -> 'service_tier',
        'variant', v_asks -> 'size', 'region', v_asks -> 'region'
      ));
    end if;
  end if;

  return query
  -- Every route with what speaks against it. Lateral with an offset is one lookup each, whatever the planner thinks of
  -- the tables.
  with routes as materialized (
    select
      r.id as route_id, r.model_id, m.key as model, v.key as provider, m.provider_model_key, r.priority, r.weight,
      coalesce(h.state, 'healthy') as health, h.until as health_until,
      array_remove(array[
        case when not v_feature.is_active then 'inactive_feature' end,
        case when not r.is_active then 'inactive_route' end,
        case
          when m.deleted_at is not null then 'deleted_model'
          when m.status = 'retired' then 'retired_model'
          when not m.is_active then 'inactive_model'
        end,
        case when not v.is_active then 'inactive_provider' end,
        case when r.weight = 0 then 'no_weight' end,
        case when v_enforces and m.pricing_tier > v_tier then format('tier: %s, entitled to %s', m.pricing_tier, v_tier) end,
        case when v.key = any(v_excluded) then 'excluded_provider' end,
        case when m.modality <> v_asks ->> 'modality' then format('modality: %s', m.modality) end,
        case when m.task <> v_asks ->> 'task' then format('task: %s', m.task) end,
        case when not m.capabilities @> v_capabilities then 'capabilities' end,
        case when not m.supports @> v_supports then 'supports' end,
        -- Who does not say how much it takes may take less.
        case
          when (v_asks ->> 'context_window')::numeric > coalesce(m.context_window, 0)
            then format('context_window: %s', coalesce(m.context_window::text, 'unknown'))
        end,
        case
          when (v_asks ->> 'max_tokens')::numeric > coalesce(m.max_tokens, 0)
            then format('max_tokens: %s', coalesce(m.max_tokens::text, 'unknown'))
        end,
        case when v_asks ? 'size' and not ratebook.draws_size(m.id, m.valid_sizes, v_asks ->> 'size', v_now) then 'size' end,
        case when v_asks ? 'region' and not ratebook.serves_region(m.id, v_asks ->> 'region', v_now) then 'region' end
      ], null) as reasons
    from ai.feature_model_policies as r
    cross join lateral (
      select
        o.id, o.key, o.provider_id, o.provider_model_key, o.is_active, o.is_public, o.deleted_at, o.status, o.pricing_tier,
        o.modality, o.task, o.capabilities, o.supports, o.context_window, o.max_tokens, o.valid_sizes
      from ai.models as o
      where o.id = r.model_id
      offset 0
    ) as m
    cross join lateral (select o.key, o.is_active from ai.providers as o where o.id = m.provider_id offset 0) as v
    -- Of the model's and its provider's the worse, and how long it lasts.
    left join lateral (
      select max(o.state) as state, max(o.until) as until
      from (
        select q.state, q.until from ai.health_reports as q where q.model_id = m.id and q.until > v_now
        union all
        select q.state, q.until from ai.health_reports as q where q.provider_id = m.provider_id and q.until > v_now
      ) as o
      offset 0
    ) as h on true
    where r.feature_key = v_feature.key and (v_all or (m.is_public and m.deleted_at is null))
  ),

  -- What the usage costs with each that is left, where one was named.
  priced as (
    select
      q.model_id,
      (p.priced).currency,
      case when v_all or (p.priced).is_public then (p.priced).cost end as cost,
      (p.priced).credits,
      array_remove(array[
        -- What speaks against it, for whoever asked for a ceiling.
        case when p.error is not null then 'no_price' end,
        case
          when v_asks ? 'max_cost' and (p.priced).currency <> coalesce(v_asks ->> 'currency', 'USD')
            then format('currency: %s', (p.priced).currency)
          -- A cost that the caller may not see is not told by what it is not either.
          when v_asks ? 'max_cost' and p.error is null and not (v_all or (p.priced).is_public) then 'no_public_price'
          when (p.priced).cost > (v_asks ->> 'max_cost')::numeric
            then format('max_cost: %s', trim_scale((p.priced).cost))
        end,
        case
          when (p.priced).credits > (v_asks ->> 'max_credits')::numeric
            then format('max_credits: %s', trim_scale((p.priced).credits))
        end
      ], null) as reasons
    from routes as q
    -- One that cannot be priced is no candidate, and no error for the others.
    cross join lateral (
      select a.*
      from ratebook.price_or_reason(
        q.model_id::text, v_request -> 'usage', v_request ->> 'feature', coalesce(v_request ->> 'service_tier', 'standard'),
        v_request ->> 'variant', v_request ->> 'region', v_now, v_all, '{}'
      ) as a
      offset 0
    ) as p
    where v_request is not null and q.reasons = '{}'
  ),

  judged as (
    select
      q.route_id, q.model_id, q.model, q.provider, q.provider_model_key, q.priority, q.weight, q.health, q.health_until,
      c.currency, c.cost, c.credits, q.reasons || coalesce(c.reasons, '{}') as reasons,
      q.reasons || coalesce(c.reasons, '{}') = '{}' as is_candidate
    from routes as q
    left join priced as c on c.model_id = q.model_id
  ),

  -- Healthy before the others, then by priority; equals are split by weight, the whole of which is of those that are left.
  shared as (
    select
      j.*,
      sum(j.weight) over equals as weights,
      count(*) over equals as number
    from judged as j
    window equals as (partition by j.is_candidate, j.health = 'healthy', j.priority)
  )

  select
    case when s.is_candidate then (row_number() over chosen)::integer end,
    s.route_id, s.model_id, s.model, s.provider, s.provider_model_key, s.priority, s.weight,
    case when s.is_candidate then round(s.weight / s.weights, 6) end,
    s.health, s.health_until, s.currency, trim_scale(s.cost), trim_scale(s.credits),
    array(select split_part(x.reason, ':', 1) from unnest(s.reasons) as x (reason)),
    -- For people: the facts of the order, or what speaks against it.
    case
      when not s.is_candidate then array_to_string(s.reasons, '; ')
      else concat_ws(
        ', ', format('priority %s', s.priority),
        case when s.number > 1 then format('weight %s of %s', trim_scale(s.weight), trim_scale(s.weights)) end,
        case when s.health <> 'healthy' then format('%s until %s', s.health, to_char(s.health_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) end,
        case when v_enforces and s.is_candidate then format('plan %s', v_tier) end
      )
    end
  from shared as s
  window chosen as (
    partition by s.is_candidate
    order by
      s.health <> 'healthy',
      s.priority,
      -- Without a subject there is nothing to split by: the heaviest first.
      case
        when not s.is_candidate or s.number = 1 then 0
        when v_subject is null then s.weight::double precision
        else ratebook.split_score(v_subject, v_feature.id, s.model_id, s.weight)
      end desc,
      s.model_id
  )
  order by s.is_candidate desc, row_number() over chosen;
end;
$$;

create function ai.route_feature(
  feature text, requirements jsonb default '{}', subject text default null
) returns table (
  place integer,
  model_id uuid,
  model text,
  provider text,
  provider_model_key text,
  priority integer,
  weight numeric,
  share numeric,
  health ai.health_enum,
  health_until timestamptz,
  currency text,
  cost numeric,
  credits numeric,
  why text
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    r.place,
    r.model_id,
    r.model,
    r.provider,
    r.provider_model_key,
    r.priority,
    r.weight,
    r.share,
    r.health,
    r.health_until,
    r.currency,
    r.cost,
    r.credits,
    r.why
  from ratebook.route(feature, requirements, subject) as r
  where r.place is not null;
end;

create function ai.explain_route(
  feature text, requirements jsonb default '{}', subject text default null
) returns table (
  place integer,
  route_id uuid,
  model_id uuid,
  model text,
  provider text,
  provider_model_key text,
  priority integer,
  weight numeric,
  share numeric,
  health ai.health_enum,
  health_until timestamptz,
  currency text,
  cost numeric,
  credits numeric,
  reasons text[],
  why text
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select r.* from ratebook.route(feature, requirements, subject) as r;
end;

revoke all on function ratebook.route(text, jsonb, text) from public;
revoke all on function ai.route_feature(text, jsonb, text) from public;
revoke all on function ai.explain_route(text, jsonb, text) from public;
grant execute on function ratebook.route(text, jsonb, text) to anon, authenticated, service_role;
grant execute on function ai.route_feature(text, jsonb, text) to anon, authenticated, service_role;
grant execute on function ai.explain_route(text, jsonb, text) to anon, authenticated, service_role;

comment on type ratebook.routed is 'A route of a feature as one subject finds it.';
comment on column ratebook.routed.place is 'The order in which to try it, from 1; NULL where it is no candidate.';
comment on column ratebook.routed.route_id is 'The row of ai.feature_model_policies.';
comment on column ratebook.routed.model_id is 'The model.';
comment on column ratebook.routed.model is 'Its key.';
comment on column ratebook.routed.provider is 'The key of its provider.';
comment on column ratebook.routed.provider_model_key is 'What the provider calls it.';
comment on column ratebook.routed.priority is 'Of the route, lower first.';
comment on column ratebook.routed.weight is 'Of the route.';
comment on column ratebook.routed.share is 'The part of the subjects that it gets of those that reach its priority, 0 to 1, to 6 decimals.';
comment on column ratebook.routed.health is 'The worse of what was reported of the model and of its provider.';
comment on column ratebook.routed.health_until is 'Until when; NULL where it is healthy.';
comment on column ratebook.routed.currency is 'The currency of the cost.';
comment on column ratebook.routed.cost is 'What the usage asked about costs, exactly; NULL without one, and where a price is not public.';
comment on column ratebook.routed.credits is 'The credits of the usage asked about; NULL without one.';
comment on column ratebook.routed.reasons is 'What speaks against it, as tokens; {} where nothing does.';
comment on column ratebook.routed.why is 'Why it stands where it stands, or why it is no candidate, for people.';
comment on function ratebook.route(text, jsonb, text) is
'The rule behind ai.route_feature() and ai.explain_route().';
comment on function ai.route_feature(text, jsonb, text) is
'Which models to try for a feature, in order: those with an open route, active, not retired, of an active provider, and fit for what is asked; none is an empty list. Lower priority first; what was reported as unhealthy (ai.report_health()) goes behind all that is healthy; equals are split by weight, the same way for one subject and feature each time: the largest ln(u)/weight, u from a hash of subject, feature and model, ties by model id. A weight of 0 receives nothing. feature: its key. requirements: a JSON object of any of capabilities, supports, exclude_providers (arrays), modality, task, context_window and max_tokens (at least, in tokens; a model that does not say is left out), size (of an image: one of valid_sizes or with a price, any where the model names none), region (a price for it, or for all), usage (as in billing.quote(); with service_tier) and then max_cost (in currency, USD unless told) or max_credits. subject: whom it is for. A signed-in user is it; admins and the service role name another; an anonymous caller may send any text, which decides the split and nothing else; without one the heaviest comes first. Where billing.settings.enforce_entitlements is on, a model''s pricing_tier is for subjects entitled to it (lensers.entitlements). share: the part of subjects, 0 to 1. cost, credits: of the usage, where one is given; cost is NULL where a price is not public. Select cost::text: JSON numbers lose digits. Errors: unknown_feature (PT404), invalid_argument, unknown_service_tier, invalid_usage, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range (PT422), not_allowed (42501) for another''s subject.';
comment on function ai.explain_route(text, jsonb, text) is
'Every route of a feature with its place, or with each reason why it has none; routes to hidden models only for admins and the service role. Arguments and errors are those of ai.route_feature(). reasons: inactive_feature, inactive_route, deleted_model, retired_model, inactive_model, inactive_provider, no_weight, tier, excluded_provider, modality, task, capabilities, supports, context_window, max_tokens, size, region, no_price, no_public_price, currency, max_cost, max_credits. why: the same for people.';

-- from policies/ai.health_reports.sql

alter table ai.health_reports enable row level security;

-- ai.report_health() writes it.
revoke all on ai.health_reports from public, anon, authenticated, service_role;
grant select on ai.health_reports to authenticated, service_role;

create policy health_reports_select_admin on ai.health_reports for select to authenticated
using ((select ratebook.is_admin()));

insert into ratebook.manifest (module, domain, kind, name, state)
select 'core', '70_routing', o.kind, o.name, o.state
from (values
  ('constraint', 'a_report_is_of_a_model_or_a_provider on ai.health_reports', '32b97c448e4addd59eda39313c1b8001'),
  ('constraint', 'health_reports_key on ai.health_reports', 'd03da9bdfe44057db526d8363c9f60dd'),
  ('constraint', 'health_reports_model_id_fkey on ai.health_reports', 'dd0d79d9d734134b27fc5be5bdefab11'),
  ('constraint', 'health_reports_pkey on ai.health_reports', '8597a3756628236efc25d2b87124f4a3'),
  ('constraint', 'health_reports_provider_id_fkey on ai.health_reports', '351381d6596dfa3e01e8c31295dc5359'),
  ('constraint', 'reason_is_not_endless on ai.health_reports', '4a976a7704aec28ccfffe7c8b4d15bb0'),
  ('constraint', 'until_is_in_range on ai.health_reports', 'd411f93fc21a32e1c8a9d3108b050a04'),
  ('constraint', 'what_is_healthy_has_no_report on ai.health_reports', 'c587821bd41817da6a06809264af9028'),
  ('function', 'ai.explain_route(feature text, requirements jsonb, subject text)', '7a8516f3e386256b99c98e771f3e785b'),
  ('function', 'ai.report_health(model text, provider text, state ai.health_enum, until timestamp with time zone, reason text)', 'c4d9e962e76995da10ac7e721fe27c85'),
  ('function', 'ai.route_feature(feature text, requirements jsonb, subject text)', '6adc5b882dedd9f1f79e462b11faf4ea'),
  ('function', 'ratebook.assert_requirements(p_requirements jsonb)', 'ac202293383c6bf17942bb75e1e088c1'),
  ('function', 'ratebook.report_health(p_model text, p_provider text, p_state ai.health_enum, p_until timestamp with time zone, p_reason text)', 'a6a0234f8012d39624b2d1619b3020be'),
  ('function', 'ratebook.route(p_feature text, p_requirements jsonb, p_subject text)', '1ef55b4f60f45732ac431ee6a1956cfd'),
  ('function', 'ratebook.serves_region(p_model_id uuid, p_region text, p_at timestamp with time zone)', '2838bf3bfa785b0f73c7f66bb0daf281'),
  ('function', 'ratebook.split_score(p_subject text, p_feature_id uuid, p_model_id uuid, p_weight numeric)', '402c7ca86eae01db946ba72c77b120b2'),
  ('index', 'ai.health_reports_key', '382fc1a4298e5157d0d58d568c5deff5'),
  ('index', 'ai.health_reports_pkey', 'e5923cb46220dc3fc1e2576448c0e19b'),
  ('index', 'ai.health_reports_provider_id_idx', '3b44487b9c5f00db04ee18a775782595'),
  ('policy', 'health_reports_select_admin on ai.health_reports', 'd36bf2a7d29ea5dd6cd959923a241058'),
  ('privileges', 'ai.explain_route(feature text, requirements jsonb, subject text)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ai.health_reports', 'authenticated select, service_role select'),
  ('privileges', 'ai.report_health(model text, provider text, state ai.health_enum, until timestamp with time zone, reason text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ai.route_feature(feature text, requirements jsonb, subject text)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.assert_requirements(p_requirements jsonb)', ''),
  ('privileges', 'ratebook.report_health(p_model text, p_provider text, p_state ai.health_enum, p_until timestamp with time zone, p_reason text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.route(p_feature text, p_requirements jsonb, p_subject text)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.serves_region(p_model_id uuid, p_region text, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.split_score(p_subject text, p_feature_id uuid, p_model_id uuid, p_weight numeric)', ''),
  ('table', 'ai.health_reports', '5d2536456b47d0fa36afe2777701fc98'),
  ('trigger', 'health_reports_audit_delete on ai.health_reports', 'a1e2096491e98fc48e15502583fecf97'),
  ('trigger', 'health_reports_audit_insert on ai.health_reports', '12b2478bc9f4e2e93f630c72bf143e45'),
  ('trigger', 'health_reports_audit_update on ai.health_reports', 'f953e3179bdc63520de9b5acdf9475f5'),
  ('trigger', 'health_reports_refuse_truncate on ai.health_reports', 'bcbf582e5d8e7f94aa8352208713c853'),
  ('type', 'ai.health_enum', '9837d5d5e22b577822df2fd9a437a81e'),
  ('type', 'ratebook.routed', '45508733c0d8f01059877f2676379b99')
) as o (kind, name, state);

select ratebook.close_privileges('70_routing');
