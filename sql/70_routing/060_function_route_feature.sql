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
