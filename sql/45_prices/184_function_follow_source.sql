create function ratebook.follow_source(
  p_source text, p_models text[], p_move_pins boolean
) returns setof ai.models
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_at timestamptz;
  v_ids uuid[];
  v_model record;
  v_currencies jsonb := jsonb_build_object();
  v_pins text[];
begin
  perform ratebook.assert_privileged();
  if ratebook.is_name(p_source) is not true then
    perform ratebook.fail('invalid_argument', 'A source is a name of at most 255 characters.', 'Such as litellm.');
  end if;
  -- Those that are named; else those that people made and the source prices, whoever prices them now.
  if p_models is not null then
    v_ids := array(select distinct ratebook.model_to_change(n.model) from unnest(p_models) as n (model));
  else
    v_ids := array(
      select m.id
      from ai.models as m
      where
        not m.metadata ? 'catalogue'
        and m.deleted_at is null
        and m.price_source <> p_source
        and exists (select from ai.model_pricing as p where (p.model_id, p.source) = (m.id, p_source))
    );
  end if;

  -- The registry before the models, as in ratebook.set_price(). What is asked below stays true until the end.
  perform pg_advisory_xact_lock_shared(hashtextextended('ratebook.price_registry', 0));
  perform from ai.models as m where m.id = any(v_ids) order by m.id for no key update;
  v_at := ratebook.clock();
  v_ids := array(select m.id from ai.models as m where m.id = any(v_ids) and m.price_source <> p_source);

  -- Whoever follows a source that has nothing to say has no price at all.
  for v_model in
    select m.id, m.key, s.currency
    from ai.models as m
    -- What the source prices in the model's own currency comes first, so that it keeps that where it can.
    cross join lateral (
      select (array_agg(d.currency order by d.currency <> m.price_currency, d.currency))[1] as currency
      -- Only what applies now counts: a source whose prices have all ended has nothing to say either.
      from (
        select distinct on (
          p.currency, p.meter, p.service_tier, p.variant, p.region, p.context_threshold, p.window_start, p.window_end,
          p.window_days, p.window_time_zone
        ) p.currency, p.withdrawn
        from ai.model_pricing as p
        where (p.model_id, p.source) = (m.id, p_source) and p.effective_from <= v_at
        order by
          p.currency, p.meter, p.service_tier, p.variant, p.region, p.context_threshold, p.window_start, p.window_end,
          p.window_days, p.window_time_zone, p.effective_from desc, p.revision desc
      ) as d
      where not d.withdrawn
    ) as s
    where m.id = any(v_ids)
    order by m.key
  -- Of those that nobody named it is left alone.
  loop
    v_currencies := v_currencies || jsonb_build_object(v_model.id, v_model.currency);
    if v_model.currency is null then
      if p_models is null then
        v_ids := array_remove(v_ids, v_model.id);
        continue;
      end if;
      perform ratebook.fail(
        'no_price', format('"%s" has no price of "%s" now.', v_model.key, left(p_source, 100)),
        'Import that catalogue first; if it does not have the model, keep the source.',
        jsonb_build_object('model', v_model.key, 'source', left(p_source, 100))
      );
    end if;
  end loop;

  -- Prices that people set are theirs to take along or to leave.
  if p_move_pins is null then
    v_pins := array(
      select distinct m.key
      from ai.models as m
      cross join lateral ratebook.pinned_prices(m.id, m.price_source, v_at) as p
      where m.id = any(v_ids)
      order by m.key
    );
    if v_pins <> '{}' then
      perform ratebook.refuse_unsaid_pins(v_pins);
    end if;
  elsif p_move_pins then
    -- From now on in the new source, as far as they are not to come.
    insert into ai.model_pricing (
      model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region,
      context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone, source,
      reference, revision, withdrawn, is_public
    )
    select
      p.model_id, p.meter, p.unit_type, p.price_per_unit, p.currency, d.effective_from, p.service_tier, p.variant,
      p.region, p.context_threshold, p.threshold_inclusive, p.tier_mode, p.window_start, p.window_end, p.window_days,
      p.window_time_zone, p_source, p.reference, d.revision, p.withdrawn, p.is_public
    from ai.models as m
    cross join lateral ratebook.pinned_prices(m.id, m.price_source, v_at) as p
    -- A date that the new source has already, such as one to come, is corrected by the next revision.
    cross join lateral (
      select t.effective_from, coalesce(max(q.revision) + 1, 0) as revision
      from (select greatest(p.effective_from, v_at) as effective_from) as t
      left join ai.model_pricing as q
        on
          (q.model_id, q.source, q.currency, q.meter, q.service_tier, q.effective_from)
          = (p.model_id, p_source, p.currency, p.meter, p.service_tier, t.effective_from)
          and (
            q.variant, q.region, q.context_threshold, q.window_start, q.window_end, q.window_days, q.window_time_zone
          ) is not distinct from (
            p.variant, p.region, p.context_threshold, p.window_start, p.window_end, p.window_days, p.window_time_zone
          )
      group by t.effective_from
    ) as d
    where m.id = any(v_ids);
    perform ratebook.unpin_price(m.id::text, null, null, null, null, null) from ai.models as m where m.id = any(v_ids);
  end if;

  -- A quote uses one currency: the model's where the source prices it in that, else the source's.
  return query
  update ai.models as m
  set
    price_source = p_source,
    price_currency = v_currencies ->> m.id::text
  where m.id = any(v_ids)
  returning m.*;
end;
$$;

create function ratebook.refuse_unsaid_pins(p_models text[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail(
    'pins_undecided',
    format(
      'Prices that people set are pinned: of %s%s.', array_to_string(p_models[1:3], ', '),
      case when cardinality(p_models) > 3 then format(' and %s more models', cardinality(p_models) - 3) else '' end
    ),
    'Call ai.follow_source() with move_pins true (they go along) or false (they stay with the source that is left).',
    jsonb_build_object('models', p_models[1:20], 'count', cardinality(p_models))
  );
end;
$$;

-- A PATCH cannot ask; whoever writes SQL as a role of the database decides as he goes.
create function ratebook.refuse_to_leave_pins() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if exists (select from ratebook.pinned_prices(old.id, old.price_source, ratebook.clock())) then
    perform ratebook.refuse_unsaid_pins(array[old.key]);
  end if;
  return new;
end;
$$;

create function ai.follow_source(
  source text,
  models text[] default null,
  move_pins boolean default null
) returns setof ai.models
language sql volatile rows 10
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ratebook.follow_source(source, models, move_pins) as m;
end;

revoke all on function ratebook.follow_source(text, text[], boolean) from public;
revoke all on function ratebook.refuse_unsaid_pins(text[]) from public;
revoke all on function ratebook.refuse_to_leave_pins() from public;
revoke all on function ai.follow_source(text, text[], boolean) from public;
grant execute on function ratebook.follow_source(text, text[], boolean) to authenticated, service_role;
grant execute on function ai.follow_source(text, text[], boolean) to authenticated, service_role;

comment on function ratebook.follow_source(text, text[], boolean) is 'The rule behind ai.follow_source().';
comment on function ratebook.refuse_unsaid_pins(text[]) is
'Refuses to leave pinned prices behind unasked. Error: pins_undecided (PT409).';
comment on function ratebook.refuse_to_leave_pins() is
'Row trigger before an API role gives a model another price_source: not while prices of the old one are pinned. Error: pins_undecided (PT409).';
comment on function ai.follow_source(text, text[], boolean) is
'For admins and the service role. Lets models follow the prices of a source from now on: a catalogue that was imported, or manual. The past stays priced as it was. models: ids, keys or aliases; all that people made and the source prices, unless given. move_pins: whether prices that people set go along (true), pinned in the new source, or stay with the old one (false), which the models then no longer follow; it must be said where there are any. Returns the models that follow another source than before. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model, pins_undecided (PT409), no_price, invalid_argument (PT422).';

create trigger models_leave_no_pins before update on ai.models
for each row when (old.price_source <> new.price_source and current_user in ('authenticated', 'service_role'))
execute function ratebook.refuse_to_leave_pins();
