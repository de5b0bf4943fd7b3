create function ratebook.import_catalogue(
  p_source text, p_models jsonb, p_starts_at timestamptz, p_dry_run boolean, p_accept text[], p_strict boolean
) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set enable_nestloop = off
set timezone = 'UTC'
as $$
-- Definer: resolves names in schema ratebook and reads what is hidden; admins and the service role only.
declare
  v_at timestamptz;
  v_models jsonb;
  v_skipped jsonb;
  v_unread text[];
  v_names jsonb;
  v_report jsonb := jsonb_build_object('source', p_source, 'dry_run', p_dry_run is not false);
  v_count integer;
  v_added text[];
  v_edited text[];
  v_repriced text[];
begin
  perform ratebook.assert_privileged();
  if ratebook.is_time(p_starts_at) is not true then
    perform ratebook.fail(
      'invalid_feed', 'The time from which prices without a date apply is missing, or not in the years 1 to 9999.',
      'Nothing was imported. Mend the call.'
    );
  end if;

  -- One bad entry never holds up the rest: what cannot be read is left out, and what is here of it stays as it is.
  select f.models, f.skipped, f.unread into v_models, v_skipped, v_unread
  from ratebook.readable_feed(p_source, p_models, p_strict) as f;

  -- One import at a time, and the registry before the models, in the order of all who write prices.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.import_catalogue', 0));
  perform pg_advisory_xact_lock_shared(hashtextextended('ratebook.price_registry', 0));
  -- Whoever sets a price of these waits, or has been waited for: no pin is passed over. Time is read after the wait.
  perform
  from ai.models as m
  where
    m.id in (
      select f.model_id from ratebook.feed_models(p_source, v_models) as f
      union
      select p.model_id from ai.model_pricing as p where p.source = p_source
    )
  order by m.id
  for no key update;
  v_at := ratebook.clock();

  -- Providers that nobody has named yet.
  with missing as (
    select distinct on (f.provider) f.provider, f.provider_name
    from ratebook.feed_models(p_source, v_models) as f
    where not exists (select from ai.providers as p where p.key = f.provider)
    order by f.provider
  ),

  made as (
    insert into ai.providers (key, name, is_canonical)
    select m.provider, m.provider_name, true from missing as m
  )

  select count(*) into v_count from missing;
  v_report := v_report || jsonb_build_object('providers', jsonb_build_object('added', v_count));

  -- New models, with what the catalogue says of them. They follow its prices.
  with fresh as materialized (
    select f.* from ratebook.feed_models(p_source, v_models) as f where f.model_id is null
  ),

  made as (
    insert into ai.models (
      key, name, provider_id, provider_model_key, price_source, price_currency, metadata, modality, task,
      capabilities, supports, context_window, max_tokens, provider_url, description, model_family, release_date,
      deprecation_date, status, priority
    )
    select
      f.key, f.name, p.id, f.provider_model_key, p_source, f.currency, jsonb_build_object('catalogue', p_source),
      coalesce(a.modality, 'text'), coalesce(a.task, 'generation'), coalesce(a.capabilities, '{}'),
      coalesce(a.supports, '{}'), a.context_window, a.max_tokens, a.provider_url, a.description, a.model_family,
      a.release_date, a.deprecation_date, coalesce(a.status, 'active'),
      -- Behind what people have put in order.
      1000
    from fresh as f
    inner join ai.providers as p on p.key = f.provider
    cross join lateral jsonb_to_record(f.attributes) as a (
      modality text, task text, capabilities ai.ai_capability_enum[], supports text[], context_window integer,
      max_tokens integer, provider_url text, description text, model_family text, release_date date,
      deprecation_date date, status ai.model_status_enum
    )
  )

  select coalesce(array_agg(f.ref), '{}') into v_added from fresh as f;

  -- A model that another source prices is not this catalogue's to describe.
  with stale as materialized (
    select m.id, f.ref, n.*
    from ratebook.feed_models(p_source, v_models) as f
    inner join ai.models as m on m.id = f.model_id
    cross join lateral jsonb_to_record(f.attributes) as a (
      supports text[], context_window integer, max_tokens integer, release_date date, deprecation_date date,
      status ai.model_status_enum
    )
    -- What the feed leaves out stays as it is.
    cross join lateral (
      select
        coalesce(a.supports, m.supports) as supports,
        coalesce(a.context_window, m.context_window) as context_window,
        coalesce(a.max_tokens, m.max_tokens) as max_tokens,
        coalesce(a.release_date, m.release_date) as release_date,
        coalesce(a.deprecation_date, m.deprecation_date) as deprecation_date,
        case
          -- An admin's word: a catalogue that drops a model leaves it active.
          when m.status = 'retired' and not m.is_active then m.status
          -- Of a model that it brought it says all: one that is not said to be anything else is active.
          when m.metadata ->> 'catalogue' = p_source then coalesce(a.status, 'active')
          else coalesce(a.status, m.status)
        end as status,
        m.metadata - '{removed_from_catalogue,moved_to}'::text[] as metadata,
        -- Who had taken its place gives it back.
        nullif(m.successor_id::text, m.metadata ->> 'moved_to')::uuid as successor_id
    ) as n
    where
      m.price_source = p_source
      and m.deleted_at is null
      and (
        m.supports, m.context_window, m.max_tokens, m.release_date, m.deprecation_date, m.status, m.metadata,
        m.successor_id
      ) is distinct from (
        n.supports, n.context_window, n.max_tokens, n.release_date, n.deprecation_date, n.status, n.metadata,
        n.successor_id
      )
  ),

  -- Only models of which something differs are written, so that the same feed again leaves no trace in the history.
  changed as (
    update ai.models as m
    set
      supports = s.supports,
      context_window = s.context_window,
      max_tokens = s.max_tokens,
      release_date = s.release_date,
      deprecation_date = s.deprecation_date,
      status = s.status,
      metadata = s.metadata,
      successor_id = s.successor_id,
      succeeded_at = case when s.successor_id is not null then m.succeeded_at end
    from stale as s
    where m.id = s.id
  )

  select coalesce(array_agg(s.ref), '{}') into v_edited from stale as s;

  -- Models that the catalogue brought and has dropped are marked, and stay.
  with gone as materialized (
    select m.id
    from ai.models as m
    inner join ai.providers as p on p.id = m.provider_id
    where
      m.price_source = p_source
      and m.metadata ->> 'catalogue' = p_source
      and p.key || '/' || m.provider_model_key <> all(v_unread)
      and not m.metadata ? 'removed_from_catalogue'
      and m.deleted_at is null
      and m.id not in (
        select f.model_id from ratebook.feed_models(p_source, v_models) as f where f.model_id is not null
      )
  ),

  marked as (
    update ai.models as m
    set status = 'retired', metadata = m.metadata || '{"removed_from_catalogue": true}'
    from gone as g
    where m.id = g.id
  )

  select count(*) into v_count from gone;

  -- Names, last of what is not prices: by now every model has its id, and its key is known.
  v_names := ratebook.give_names(p_source, v_models, v_at, v_unread);
  v_report := v_report || jsonb_build_object('aliases', v_names - '{names,changed}'::text[]);

  -- Prices: a row for each date on which the rate book says something else, all in one statement, so that the sheets
  -- are worked out once.
  with plan as materialized (
    select c.* from ratebook.feed_plan(p_source, v_models, p_starts_at, v_at, v_unread, coalesce(p_accept, '{}')) as c
  ),

  written as (
    insert into ai.model_pricing (
      model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region,
      context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone,
      source, revision, withdrawn, is_pinned, is_public
    )
    select
      m.id, c.meter, t.unit_type, split_part(c.says, ' ', 1)::numeric, c.currency, c.effective_from,
      c.service_tier, c.variant, c.region, c.context_threshold,
      coalesce(split_part(c.says, ' ', 2)::boolean, false),
      coalesce(split_part(c.says, ' ', 3)::ai.tier_mode_enum, 'whole_request'),
      c.window_start, c.window_end, c.window_days, c.window_time_zone, p_source, c.revision, c.says is null, false,
      -- A price that was hidden stays hidden.
      coalesce(
        (
          select q.is_public
          from ai.model_pricing as q
          where
            (q.model_id, q.source, q.currency, q.meter, q.service_tier)
            = (m.id, p_source, c.currency, c.meter, c.service_tier)
            and (
              q.variant, q.region, q.context_threshold, q.window_start, q.window_end, q.window_days, q.window_time_zone
            ) is not distinct from (
              c.variant, c.region, c.context_threshold, c.window_start, c.window_end, c.window_days, c.window_time_zone
            )
            and q.effective_from <= c.effective_from
          order by q.effective_from desc, q.revision desc
          limit 1
        ),
        true
      )
    -- By provider and the provider's name, as the plan knows models: a new one has its id only since this import.
    from plan as c
    inner join ai.meters as t on t.key = c.meter
    inner join ratebook.feed_keys() as m on m.ref = c.ref
    where c.change in ('added', 'changed', 'withdrawn')
  ),

  -- What was not written is told price by price: held until a person accepts it, or kept by a person's pin.
  told as (
    select
      c.change,
      ratebook.told_price(
        m.key, c.meter, c.service_tier, c.currency, c.variant, c.region, c.context_threshold, c.window_start,
        c.window_end, c.window_days, c.window_time_zone, c.effective_from
      ) || jsonb_build_object('price', split_part(c.says, ' ', 1), 'in_force', split_part(c.says_now, ' ', 1)) || case
        when c.change = 'held' then jsonb_build_object('reason', c.reason, 'beside', trim_scale(c.beside)::text)
        else '{}'
      end as price
    from plan as c
    inner join ratebook.feed_keys() as m on m.ref = c.ref
    where c.change in ('held', 'pinned')
  )

  -- A model is repriced by any change of a price, withdrawn ones included.
  select
    coalesce(array_agg(distinct c.ref) filter (where c.change in ('added', 'changed', 'withdrawn')), '{}'),
    v_report || jsonb_build_object(
      'prices', jsonb_build_object(
        'added', count(*) filter (where c.change = 'added'),
        'changed', count(*) filter (where c.change = 'changed'),
        'unchanged', count(*) filter (where c.change = 'unchanged'),
        'withdrawn', count(*) filter (where c.change = 'withdrawn')
      ),
      'held', (select coalesce(jsonb_agg(t.price order by t.price), '[]') from told as t where t.change = 'held'),
      'pinned', (select coalesce(jsonb_agg(t.price order by t.price), '[]') from told as t where t.change = 'pinned')
    )
  into v_repriced, v_report
  from plan as c;

  -- A model takes on the currency of its first prices, and that of its catalogue where no price in its own is left.
  update ai.models as m
  set price_currency = f.currency
  from ratebook.feed_models(p_source, v_models) as f
  where
    m.id = f.model_id
    and m.price_source = p_source
    and m.price_currency <> f.currency
    and exists (
      select from ai.model_pricing as p where (p.model_id, p.source, p.currency) = (m.id, p_source, f.currency)
    )
    and not exists (select from ratebook.prices_in_force(m.id, v_at));

  -- The report counts models once, whatever has changed about them.
  v_report := v_report || (
    select jsonb_build_object(
      'models', jsonb_build_object(
        'added', cardinality(v_added),
        'changed', count(*) filter (where f.is_known and f.is_changed),
        'repriced', count(*) filter (where f.is_known and f.is_repriced),
        'unchanged', count(*) filter (where f.is_known and not f.is_changed),
        'removed', v_count
      ),
      -- Keys that the parser had no place for: what may be missing from the prices.
      'unmapped', (
        select coalesce(jsonb_object_agg(u.key, u.found), '{}')
        from (
          select k.key, count(*) as found
          from jsonb_array_elements(v_models) as m (model)
          cross join lateral jsonb_array_elements_text(coalesce(m.model -> 'unmapped', '[]')) as k (key)
          group by k.key
        ) as u
      ),
      'skipped', v_skipped,
      'taken', v_names -> 'names',
      'own_prices', ratebook.own_prices(p_source, v_models, v_at)
    )
    from (
      select
        not f.ref = any(v_added) as is_known,
        f.ref = any(v_repriced) as is_repriced,
        f.ref = any(v_repriced) or f.ref = any(v_edited) or v_names -> 'changed' ? f.ref as is_changed
      from (
        select m.provider || '/' || m.provider_model_key as ref
        from jsonb_to_recordset(v_models) as m (provider text, provider_model_key text)
      ) as f
    ) as f
  );
  -- A dry run has done all of it, so that it reports what would be; the block below undoes it.
  if p_dry_run is not false then
    raise exception 'Undo what was tried.' using errcode = 'RB000';
  end if;
  return v_report;
exception
  -- Variables outlive what is undone.
  when sqlstate 'RB000' then
    return v_report;
  when data_exception or check_violation then
    perform ratebook.fail(
      'invalid_feed', format('The feed cannot be read: %s.', left(sqlerrm, 300)), 'Nothing was imported. Mend the feed.'
    );
    return null;
end;
$$;

create function ai.import_catalogue(
  source text,
  models jsonb,
  starts_at timestamptz default '2020-01-01T00:00:00Z',
  dry_run boolean default false,
  accept text[] default '{}',
  strict boolean default false
) returns jsonb
language sql volatile
-- PostgREST takes it over for the whole request, before it calls: a large catalogue needs longer than a listing may.
set search_path = pg_catalog, pg_temp set statement_timeout = '120s'
begin atomic
  select ratebook.import_catalogue(source, models, starts_at, dry_run, accept, strict);
end;

revoke all on function ratebook.import_catalogue(text, jsonb, timestamptz, boolean, text[], boolean) from public;
revoke all on function ai.import_catalogue(text, jsonb, timestamptz, boolean, text[], boolean) from public;
grant execute on function ratebook.import_catalogue(text, jsonb, timestamptz, boolean, text[], boolean)
to authenticated, service_role;
grant execute on function ai.import_catalogue(text, jsonb, timestamptz, boolean, text[], boolean)
to authenticated, service_role;

comment on function ratebook.import_catalogue(text, jsonb, timestamptz, boolean, text[], boolean) is
'The rule behind ai.import_catalogue().';
comment on function ai.import_catalogue(text, jsonb, timestamptz, boolean, text[], boolean) is
'For admins and the service role. Brings the registry and one source''s prices to what a catalogue says, in one transaction: adds providers, models, aliases and price rows, withdraws prices that are gone, marks models that are gone as retired, and lets names lead to the models that the catalogue gives them to now. models: [{provider, provider_name, provider_model_key, name, aliases, attributes, prices: [{meter, price, service_tier, variant, region, context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone, currency, effective_from}], unmapped, problem}]; a price is a decimal string per ONE unit, and a problem says that its reader could not read the model. Prices without a date start at starts_at for models new to the source, else now. dry_run does all that, reports and undoes it. A price that jumps by more than ten times, lies more than ten times beyond what other sources say of it, or at first sight more than a thousand times beyond the median of its provider''s other models, is held back: accept names the models (by key, name or alias) whose prices are let through. Pinned prices stay; see ai.unpin_price(). A model that cannot be read or contradicts itself is left out, and stays as it is; strict refuses the feed instead. Returns counts {source, dry_run, providers, models, aliases, prices, unmapped}, and by name {held: [{model, meter, …, price, in_force, reason, beside}], pinned: [{model, meter, …, price, in_force}], skipped: [{model, problem}], taken: [{name, model, held_by}], own_prices: [{model, price_source, missing}]}: models that people made, follow another source, and miss prices for meters that the catalogue has. Takes up to 120 s over PostgREST. Errors: not_allowed (42501), invalid_feed (PT422, DETAIL lists the first problems), too_many_windows (PT422), and then nothing is changed.';
