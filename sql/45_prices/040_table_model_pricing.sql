create table ai.model_pricing (
  id uuid not null default gen_random_uuid(),
  model_id uuid not null,
  meter text not null,
  unit_type ai.unit_type_enum not null default 'tokens',
  price_per_unit numeric,
  currency text not null default 'USD',
  effective_from timestamptz not null default ratebook.clock(),
  service_tier text not null default 'standard',
  variant text,
  region text,
  context_threshold bigint,
  threshold_inclusive boolean not null default false,
  tier_mode ai.tier_mode_enum not null default 'whole_request',
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  source text not null default 'manual',
  reference text,
  revision integer not null default 0,
  withdrawn boolean not null default false,
  is_public boolean not null default true,
  is_pinned boolean not null default true,
  created_at timestamptz not null default ratebook.clock(),
  constraint model_pricing_pkey primary key (id),
  constraint model_pricing_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  constraint model_pricing_meter_fkey foreign key (meter, unit_type) references ai.meters (key, unit_type),
  constraint model_pricing_service_tier_fkey foreign key (service_tier) references ai.service_tiers (key),
  -- One row says one thing. A correction is the same key with a higher revision.
  constraint model_pricing_key unique nulls not distinct (
    model_id, source, currency, meter, service_tier, variant, region, context_threshold,
    window_start, window_end, window_days, window_time_zone, effective_from, revision
  ),
  constraint price_per_unit_is_finite check (ratebook.is_price(price_per_unit)),
  constraint a_withdrawn_price_has_no_amount check (withdrawn = (price_per_unit is null)),
  constraint currency_is_an_iso_code check (currency ~ '^[A-Z]{3}$'),
  constraint effective_from_is_finite check (ratebook.is_time(effective_from)),
  constraint revision_is_not_negative check (revision >= 0),
  constraint variant_is_not_blank check (ratebook.is_name(variant)),
  constraint region_is_not_blank check (ratebook.is_name(region)),
  constraint source_is_a_name check (ratebook.is_name(source)),
  constraint reference_is_not_endless check (ratebook.is_text(reference)),
  constraint context_threshold_is_positive check (context_threshold > 0),
  constraint a_window_is_whole check (num_nulls(window_start, window_end, window_days, window_time_zone) in (0, 4)),
  constraint window_days_is_a_weekday_mask check (window_days between 1 and 127),
  constraint window_is_not_empty check (window_start <> window_end),
  -- Raises for a zone that PostgreSQL does not know.
  constraint window_time_zone_is_known check (isfinite(effective_from at time zone window_time_zone))
);

create index model_pricing_effective_from_idx on ai.model_pricing (effective_from);
create index model_pricing_meter_idx on ai.model_pricing (meter, unit_type);
create index model_pricing_service_tier_idx on ai.model_pricing (service_tier);

create function ratebook.complete_price() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reads the meters whatever the caller may read.
begin
  if new.meter is null then
    -- The first schema knew units only; each of its units has a meter of the same name.
    new.meter := new.unit_type::text;
  elsif new.unit_type = 'tokens' then
    -- The default of unit_type; a unit that was given and is wrong is refused by the foreign key.
    new.unit_type := coalesce((select m.unit_type from ai.meters as m where m.key = new.meter), new.unit_type);
  end if;
  return new;
end;
$$;

revoke all on function ratebook.complete_price() from public;
comment on function ratebook.complete_price() is
'Row trigger before insert: meter and unit_type complete each other.';

create trigger model_pricing_require_privileged before insert on ai.model_pricing
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();
create trigger model_pricing_complete before insert on ai.model_pricing
for each row execute function ratebook.complete_price();
create trigger model_pricing_refuse_change before update or delete or truncate on ai.model_pricing
for each statement execute function ratebook.refuse_change(
  'Insert a row: a higher revision corrects a price, a later effective_from replaces it, withdrawn ends it.'
);

alter table ai.model_pricing enable always trigger model_pricing_refuse_change;

select ratebook.keep_history('ai.model_pricing');

comment on table ai.model_pricing is
'The rate book. Rows are only ever inserted. In force at a time is, for each key, the row with the latest effective_from not after it, then the highest revision; a withdrawn row ends the price. Select price_per_unit::text: JSON numbers lose digits. Admins see who made a row with select=*,created_by.';
comment on column ai.model_pricing.id is 'The price row; charges refer to it.';
comment on column ai.model_pricing.model_id is 'The model.';
comment on column ai.model_pricing.meter is 'What is counted; from unit_type where it is left out.';
comment on column ai.model_pricing.unit_type is 'The unit of the meter.';
comment on column ai.model_pricing.price_per_unit is 'Exact price of ONE unit (one token, not a million), in currency. 0 is free. NULL only in a withdrawn row.';
comment on column ai.model_pricing.currency is 'ISO 4217 code.';
comment on column ai.model_pricing.effective_from is 'From when on it applies.';
comment on column ai.model_pricing.service_tier is 'The service tier it is for.';
comment on column ai.model_pricing.variant is 'The variant it is for, such as an image size or quality; NULL: all.';
comment on column ai.model_pricing.region is 'The region it is for; NULL: all.';
comment on column ai.model_pricing.context_threshold is 'Input tokens beyond which it applies; NULL: the base price.';
comment on column ai.model_pricing.threshold_inclusive is 'Whether it applies at the threshold already.';
comment on column ai.model_pricing.tier_mode is 'Whether crossing the threshold reprices the whole request or only the part beyond.';
comment on column ai.model_pricing.window_start is 'Start of the daily window, inclusive; NULL: all day.';
comment on column ai.model_pricing.window_end is 'End of the daily window, exclusive; before the start where it wraps midnight.';
comment on column ai.model_pricing.window_days is 'Weekdays on which the window starts: 1 Monday, 2 Tuesday, 4 Wednesday, … 64 Sunday, added up.';
comment on column ai.model_pricing.window_time_zone is 'Time zone of the window.';
comment on column ai.model_pricing.source is 'Who says so: manual, or a catalogue. A model''s price_source decides which applies.';
comment on column ai.model_pricing.reference is 'Where the price was read, for people: a page, a document. No part of what identifies the row.';
comment on column ai.model_pricing.revision is 'Corrections of the same key count up from 0; the highest stands.';
comment on column ai.model_pricing.withdrawn is 'Whether the row ends the price instead of setting one.';
comment on column ai.model_pricing.is_public is 'False hides the price, and the cost behind a quote, from all but admins and the service role.';
comment on column ai.model_pricing.is_pinned is
'Whether imports of its source leave it in force: true for whatever people write, by a function, a view of compat or an INSERT, unless they say false as imports and seeds do. Such a price keeps its model, meter, conditions and currency from its date on until ai.unpin_price().';
comment on column ai.model_pricing.created_at is 'When the row was made.';
