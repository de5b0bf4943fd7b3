create function ratebook.insert_rate_card() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. rate_cards_require_privileged has let the caller write.
declare
  v_missing text;
  v_provider text;
  v_model record;
  v_next record;
  v_price record;
begin
  -- A provider is named by its id, by its name, or by both.
  if new.provider_id is not null then
    select p.key into v_provider from ai.providers as p where p.id = new.provider_id;
    if not found or new.provider <> v_provider then
      perform ratebook.fail(
        'unknown_provider',
        format('There is no provider %s%s.', new.provider_id, ' called "' || left(new.provider, 100) || '"'),
        'Ask compat.providers for ids and names; one of them is enough.',
        jsonb_build_object('provider_id', new.provider_id, 'provider', left(new.provider, 100))
      );
    end if;
    new.provider := v_provider;
  end if;
  -- Columns of a view are nullable: an incomplete card is refused before it is half written.
  select c.name into v_missing
  from (
    values
    ('provider', new.provider), ('model', new.model), ('input_cost_per_1m', new.input_cost_per_1m::text),
    ('output_cost_per_1m', new.output_cost_per_1m::text), ('currency', new.currency),
    ('effective_from', new.effective_from::text)
  ) as c (name, value)
  where c.value is null
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('%s is missing.', v_missing), null,
      jsonb_build_object('column', v_missing));
  end if;

  select p.id into new.provider_id from ai.providers as p where p.key = new.provider;
  if not found then
    perform ratebook.fail('unknown_provider', format('There is no provider called "%s".', left(new.provider, 100)),
      'Ask compat.providers for the names.', jsonb_build_object('provider', left(new.provider, 100)));
  end if;
  -- The registry before the model, as in ratebook.set_price(); who waits here then sees the other's card.
  perform pg_advisory_xact_lock_shared(hashtextextended('ratebook.price_registry', 0));
  select m.id, m.price_source, coalesce(m.provider_model_key, m.key) as model into v_model
  from ai.models as m
  where
    m.provider_id = new.provider_id and new.model in (m.provider_model_key, m.key) and m.deleted_at is null
  order by m.provider_model_key = new.model desc nulls last
  limit 1
  for no key update;
  if not found then
    perform ratebook.fail(
      'unknown_model', format('%s has no model called "%s".', new.provider, left(new.model, 100)),
      'Add it to ai.models first; a card names its provider_model_key or its key.',
      jsonb_build_object('provider', new.provider, 'model', left(new.model, 100))
    );
  end if;
  -- Cards never change; behind the model's lock two of one date cannot both be first.
  if exists (select from ratebook.rate_cards(v_model.id) as c where c.effective_from = new.effective_from) then
    perform ratebook.fail(
      'duplicate_rate_card',
      format('%s %s has a rate card from %s on already.', new.provider, left(new.model, 100), new.effective_from),
      'Cards do not change: insert one with another effective_from. Corrections of a date are rows of ai.model_pricing.',
      jsonb_build_object('provider', new.provider, 'model', left(new.model, 100), 'effective_from', new.effective_from)
    );
  end if;

  -- The card joins the source that prices the model on its date.
  perform ratebook.use_currency(v_model.id, new.currency, new.effective_from);
  v_model.price_source := (ratebook.price_source_at(v_model.id, new.effective_from)).price_source;
  select c.* into v_next
  from ratebook.rate_cards(v_model.id) as c
  where c.effective_from > new.effective_from
  order by c.effective_from
  limit 1;
  -- A card says all four prices: it keeps none from the card before it, and leaves none to the card after it.
  for v_price in
    select *
    from (
      values
      ('input', new.input_cost_per_1m, v_next.input_cost_per_1m),
      ('output', new.output_cost_per_1m, v_next.output_cost_per_1m),
      ('cache_write', new.cache_write_cost_per_1m, v_next.cache_write_cost_per_1m),
      ('cache_read', new.cache_read_cost_per_1m, v_next.cache_read_cost_per_1m)
    ) as v (meter, cost, next_cost)
  loop
    perform ratebook.set_price(
      v_model.id, v_price.meter, v_price.cost * 0.000001, new.currency, new.effective_from,
      p_restate => v_price.cost is not null, p_reference => nullif(new.source, v_model.price_source)
    );
    -- Where the next card repeated a price it had no row of its own, and would follow this one now.
    if v_next.id is not null then
      perform ratebook.set_price(
        v_model.id, v_price.meter, v_price.next_cost * 0.000001, v_next.currency, v_next.effective_from,
        p_reference => nullif(v_next.source, v_model.price_source)
      );
    end if;
  end loop;

  select c.* into new
  from compat.rate_cards as c
  where c.provider = new.provider and c.model = v_model.model and c.effective_from = new.effective_from;
  return new;
end;
$$;

revoke all on function ratebook.insert_rate_card() from public;

comment on function ratebook.insert_rate_card() is
'Row trigger instead of insert on compat.rate_cards: sets the four base prices from its date on. Errors: unknown_provider, invalid_argument (PT422), unknown_model (PT404), duplicate_rate_card (23505), those of ratebook.set_price().';

create trigger rate_cards_require_privileged before insert on compat.rate_cards
for each statement execute function ratebook.require_privileged();
create trigger rate_cards_insert instead of insert on compat.rate_cards
for each row execute function ratebook.insert_rate_card();
create trigger rate_cards_refuse_change instead of update or delete on compat.rate_cards
for each row execute function ratebook.refuse_change(
  'Insert a card with a later effective_from; corrections of a date are rows of ai.model_pricing.'
);
