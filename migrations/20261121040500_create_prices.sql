-- Ratebook's prices (module core). Made from sql/ and policies/: edit those.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

-- from sql/45_prices/010_table_meters.sql

create table ai.meters (
  key text not null,
  name text not null,
  description text not null,
  unit_type ai.unit_type_enum not null,
  counts_as_input boolean not null default false,
  falls_back_to text,
  constraint meters_pkey primary key (key),
  -- The target of (meter, unit_type) in ai.model_pricing: a price is in its meter's unit.
  constraint meters_key_unit_type_key unique (key, unit_type),
  constraint meters_falls_back_to_fkey foreign key (falls_back_to, unit_type) references ai.meters (key, unit_type),
  constraint key_is_a_machine_key check (key ~ '^[a-z][a-z0-9_]{0,62}$')
);

create index meters_falls_back_to_idx on ai.meters (falls_back_to, unit_type);

create function ratebook.refuse_meter_cycle() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if exists (
    with recursive chain (key, falls_back_to) as (
      select m.key, m.falls_back_to from ai.meters as m where m.key = new.falls_back_to
      union
      select m.key, m.falls_back_to from chain as c inner join ai.meters as m on m.key = c.falls_back_to
    )
    select from chain where chain.key = new.key
  ) then
    perform ratebook.fail('cyclic_fallback', format('Meter "%s" would fall back to itself.', new.key));
  end if;
  return null;
end;
$$;

revoke all on function ratebook.refuse_meter_cycle() from public;
comment on function ratebook.refuse_meter_cycle() is 'Row trigger: a fallback chain has an end. Error: cyclic_fallback (PT422).';

create trigger meters_require_privileged before insert or update or delete on ai.meters
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();
create trigger meters_refuse_cycle after insert or update of falls_back_to on ai.meters
for each row execute function ratebook.refuse_meter_cycle();

select ratebook.keep_history('ai.meters');

comment on table ai.meters is
'What is counted. A usage is a JSON object of these keys and their quantities; each unit of work is counted in one meter only.';
comment on column ai.meters.key is 'The meter, as usages name it.';
comment on column ai.meters.name is 'Name to show.';
comment on column ai.meters.description is 'What one unit is and what is left out.';
comment on column ai.meters.unit_type is 'The unit it counts in.';
comment on column ai.meters.counts_as_input is 'Whether it counts toward the thresholds of context tiers.';
comment on column ai.meters.falls_back_to is 'The meter whose price applies where this one has none; NULL: the end of the chain.';

-- from sql/45_prices/020_table_service_tiers.sql

create table ai.service_tiers (
  key text not null,
  description text not null,
  tries_chain_first boolean not null default false,
  constraint service_tiers_pkey primary key (key),
  constraint key_is_a_machine_key check (key ~ '^[a-z][a-z0-9_]{0,62}$')
);

create trigger service_tiers_require_privileged before insert or update or delete on ai.service_tiers
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();

select ratebook.keep_history('ai.service_tiers');

comment on table ai.service_tiers is 'How urgently the provider works: each may have prices of its own.';
comment on column ai.service_tiers.key is 'The tier, as callers name it.';
comment on column ai.service_tiers.description is 'What it is.';
comment on column ai.service_tiers.tries_chain_first is
'For a meter without a price in this tier: true tries the meter''s fallbacks inside the tier before the standard tier; false tries the same meter in the standard tier first.';

-- from sql/45_prices/030_data_meters_and_tiers.sql

-- Reference data that the logic needs. Its audit entries say whose it is: a copy of another database may replace it.
select set_config('request.headers', '{"x-request-id": "ratebook migration"}', true);

insert into ai.meters (key, name, description, unit_type, counts_as_input, falls_back_to) values
('tokens', 'Tokens', 'A token of any kind. Prices a bare token count and ends every token chain.', 'tokens', true, null),
('input', 'Input tokens', 'A token read at the plain price: no other meter''s token.', 'tokens', true, 'tokens'),
('output', 'Output tokens', 'A token written: no other meter''s token.', 'tokens', false, 'tokens'),
('cache_read', 'Cached input tokens', 'An input token read from a cache.', 'tokens', true, 'input'),
('cache_write', 'Cache write tokens', 'An input token written to a cache.', 'tokens', true, 'input'),
('cache_write_1h', 'Cache write tokens, one hour', 'An input token kept for an hour.', 'tokens', true, 'cache_write'),
('cache_write_12h', 'Cache write tokens, twelve hours', 'An input token kept for twelve hours.', 'tokens', true, 'cache_write'),
('reasoning', 'Reasoning tokens', 'A token of thought that is written but not part of the answer.', 'tokens', false, 'output'),
('input_audio', 'Audio input tokens', 'A token of sound read.', 'tokens', true, 'input'),
('input_image', 'Image input tokens', 'A token of a picture read.', 'tokens', true, 'input'),
('input_video', 'Video input tokens', 'A token of a video read.', 'tokens', true, 'input'),
('output_audio', 'Audio output tokens', 'A token of sound made.', 'tokens', false, 'output'),
('output_image', 'Image output tokens', 'A token of a picture made.', 'tokens', false, 'output'),
('output_video', 'Video output tokens', 'A token of a video made.', 'tokens', false, 'output'),
('cache_read_audio', 'Cached audio input tokens', 'A token of sound read from a cache.', 'tokens', true, 'cache_read'),
('cache_read_image', 'Cached image input tokens', 'A token of a picture read from a cache.', 'tokens', true, 'cache_read'),
('cache_write_audio', 'Audio cache write tokens', 'A token of sound written to a cache.', 'tokens', true, 'cache_write'),
('citation', 'Citation tokens', 'A token of a source that the answer cites.', 'tokens', false, 'input'),
('image', 'Images', 'One picture made.', 'image', false, null),
('input_image_count', 'Images read', 'One picture read, where pictures are counted and not their tokens.', 'image', false, null),
('pixel', 'Pixels', 'One pixel made.', 'pixel', false, null),
('input_pixel', 'Pixels read', 'One pixel read.', 'pixel', false, null),
('video_second', 'Video seconds', 'One second of video made.', 'video_second', false, null),
('input_video_second', 'Video seconds read', 'One second of video read.', 'video_second', false, null),
('audio_second', 'Audio seconds', 'One second of audio, made or read.', 'audio_second', false, null),
('input_audio_second', 'Audio seconds read', 'One second of audio read.', 'audio_second', false, 'audio_second'),
('output_audio_second', 'Audio seconds made', 'One second of audio made.', 'audio_second', false, 'audio_second'),
('compute_second', 'Compute seconds', 'One second of the machine.', 'second', false, null),
('input_character', 'Characters read', 'One character read.', 'character', false, null),
('output_character', 'Characters written', 'One character written.', 'character', false, null),
('page', 'Pages', 'One page of a document read.', 'page', false, null),
('annotated_page', 'Annotated pages', 'One page read with annotations.', 'page', false, 'page'),
('request', 'Requests', 'One request, whatever it holds.', 'request', false, null),
('query', 'Queries', 'One search query or message sent to the model.', 'request', false, null),
('web_search', 'Web searches', 'One search of the web by a tool; variant: the size of its context.', 'request', false, null),
('x_search', 'Searches of X', 'One search of X by a tool.', 'request', false, null),
('search_source', 'Sources', 'One source that a search used, where sources are billed.', 'request', false, 'web_search'),
('map_query', 'Map queries', 'One grounding query to a map.', 'request', false, null),
('file_search', 'File searches', 'One search in stored files.', 'request', false, null),
('attachment_search', 'Attachment searches', 'One search in what came with the request.', 'request', false, 'file_search'),
('code_execution', 'Code executions', 'One run of code by a tool.', 'request', false, null),
('session', 'Sessions', 'One session of a tool, such as a code interpreter.', 'request', false, null),
('storage_gigabyte_day', 'Storage', 'One gigabyte kept for a day.', 'gigabyte_day', false, null);

insert into ai.service_tiers (key, description, tries_chain_first) values
('standard', 'The plain service; its prices apply where another tier has none.', false),
('batch', 'Answered within a day, usually cheaper.', true),
('flex', 'Answered when there is room, usually cheaper.', false),
('balanced', 'Between flex and standard.', false),
('priority', 'Answered first, usually dearer.', false),
('ultrafast', 'Answered fastest, dearest.', false),
('decisions', 'Short answers that choose among options.', false);

select set_config('request.headers', '', true);

-- from sql/45_prices/040_table_model_pricing.sql

create table ai.model_pricing (
  id uuid not null default gen_random_uuid(),
  model_id uuid not null,
  meter text not null,
  unit_type ai.unit_type_enum not null default 'tokens',
  price_per_unit numeric,
  minimum_quantity numeric,
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
  constraint minimum_quantity_is_a_quantity check (minimum_quantity > 0 and minimum_quantity <= 1e12 and scale(minimum_quantity) <= 12),
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
comment on column ai.model_pricing.minimum_quantity is
'The least that is billed where any is used, in units: of 3 seconds 10, where it is 10. NULL: what was used.';
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

-- from sql/45_prices/042_function_created_by.sql

create function ai.created_by(ai.model_pricing) returns uuid
language sql stable
set search_path = pg_catalog, pg_temp
return case
  when
    exists (
      select from ai.model_pricing as p
      where p.id = ($1).id
    )
    then ratebook.author('ai.model_pricing', jsonb_build_object('id', ($1).id), true)
  -- What an insert under way returns is not in the table yet.
  when ratebook.is_privileged() then ratebook.uid()
end;

revoke all on function ai.created_by(ai.model_pricing) from public;
grant execute on function ai.created_by(ai.model_pricing) to anon, authenticated, service_role;

comment on function ai.created_by(ai.model_pricing) is
'Computed field: the JWT subject who made the price, for admins and the service role, else NULL; NULL too where the service role or direct SQL did: ai.model_pricing?select=*,created_by.';

-- from sql/45_prices/045_table_model_price_sources.sql

create table ai.model_price_sources (
  id uuid not null default gen_random_uuid(),
  model_id uuid not null,
  price_source text not null,
  price_currency text not null,
  effective_from timestamptz,
  revision integer not null default 0,
  constraint model_price_sources_pkey primary key (id),
  constraint model_price_sources_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  constraint model_price_sources_key unique nulls not distinct (model_id, effective_from, revision),
  constraint price_currency_is_an_iso_code check (price_currency ~ '^[A-Z]{3}$'),
  constraint effective_from_is_finite check (isfinite(effective_from)),
  constraint revision_is_not_negative check (revision >= 0)
);

-- One row per model and period, without gaps: what a model followed at a time, in the one form that every look-up asks.
create view ratebook.price_source_periods with (security_invoker = true) as
select
  s.model_id,
  s.price_source,
  s.price_currency,
  coalesce(s.effective_from, '-infinity') as starts,
  coalesce(
    lead(s.effective_from) over (partition by s.model_id order by s.effective_from asc nulls first), 'infinity'
  ) as ends
from (
  select distinct on (o.model_id, o.effective_from) o.*
  from ai.model_price_sources as o
  order by o.model_id asc, o.effective_from asc, o.revision desc
) as s;

create function ratebook.price_source_at(
  p_model_id uuid, p_at timestamptz, out price_source text, out price_currency text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_since timestamptz;
begin
  select m.price_source, m.price_currency, m.price_source_since into price_source, price_currency, v_since
  from ai.models as m
  where m.id = p_model_id;
  -- Nearly every question is about the period that goes on, which the model itself tells.
  if p_at < v_since then
    select f.price_source, f.price_currency into price_source, price_currency
    from ratebook.price_source_periods as f
    where f.model_id = p_model_id and f.starts <= p_at and p_at < f.ends;
  end if;
end;
$$;

create function ratebook.date_price_source() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if tg_op = 'INSERT' then
    new.price_source_since := null;
    return new;
  end if;
  new.price_source_since := old.price_source_since;
  if
    (new.price_source, new.price_currency) <> (old.price_source, old.price_currency)
    -- Until a model has had a price it has followed nobody: its first prices may bring their currency.
    and (
      old.price_source_since is not null
      or exists (
        select from ai.model_pricing as p
        where (p.model_id, p.source, p.currency) = (old.id, old.price_source, old.price_currency)
      )
    )
  then
    -- The row is locked by now. A clock that was put back does not change the order.
    new.price_source_since := greatest(ratebook.clock(), old.price_source_since);
  end if;
  return new;
end;
$$;

create function ratebook.keep_price_source() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: this history is nobody's to write.
begin
  insert into ai.model_price_sources (model_id, price_source, price_currency, effective_from, revision)
  select new.id, new.price_source, new.price_currency, new.price_source_since, coalesce(max(s.revision) + 1, 0)
  from ai.model_price_sources as s
  where s.model_id = new.id and s.effective_from is not distinct from new.price_source_since;
  return null;
end;
$$;

revoke all on ratebook.price_source_periods from public;
revoke all on function ratebook.price_source_at(uuid, timestamptz) from public;
revoke all on function ratebook.date_price_source() from public;
revoke all on function ratebook.keep_price_source() from public;

comment on function ratebook.price_source_at(uuid, timestamptz) is
'Which source and currency priced a model at a time.';
comment on function ratebook.date_price_source() is
'Row trigger before a model is written: price_source_since is the database''s to say. A switch counts from the moment of its write, after any wait for the row; that of a model without a price so far, from the beginning.';
comment on function ratebook.keep_price_source() is
'Row trigger after a model was made or follows another source or currency: writes ai.model_price_sources.';

create trigger models_date_price_source_insert before insert on ai.models
for each row when (new.price_source_since is not null) execute function ratebook.date_price_source();
create trigger models_date_price_source_update before update on ai.models
for each row when (
  old.price_source is distinct from new.price_source
  or old.price_currency is distinct from new.price_currency
  or old.price_source_since is distinct from new.price_source_since
) execute function ratebook.date_price_source();
create trigger models_keep_price_source_insert after insert on ai.models
for each row execute function ratebook.keep_price_source();
create trigger models_keep_price_source_update after update on ai.models
for each row when (
  (old.price_source, old.price_currency) is distinct from (new.price_source, new.price_currency)
) execute function ratebook.keep_price_source();
create trigger model_price_sources_refuse_change before update or delete or truncate on ai.model_price_sources
for each statement execute function ratebook.refuse_change('Change price_source or price_currency of ai.models.');

alter table ai.model_price_sources enable always trigger model_price_sources_refuse_change;

comment on table ai.model_price_sources is
'Which source and currency price a model, since when. Written by the database with each change of ai.models.price_source or price_currency, never by hand, and never changed. What is asked as of a time is priced by the row with the latest effective_from not after it, then the highest revision.';
comment on column ai.model_price_sources.id is 'The row.';
comment on column ai.model_price_sources.model_id is 'The model.';
comment on column ai.model_price_sources.price_source is 'Whose rows of ai.model_pricing apply.';
comment on column ai.model_price_sources.price_currency is 'In which currency, as an ISO 4217 code.';
comment on column ai.model_price_sources.effective_from is
'From when on; NULL: always, until the first switch.';
comment on column ai.model_price_sources.revision is
'Counts up from 0 among rows of one effective_from; the highest stands. What a model without any price so far comes to follow is a revision of its first row.';
comment on view ratebook.price_source_periods is 'ai.model_price_sources as periods that meet: one row for each that is not empty.';
comment on column ratebook.price_source_periods.model_id is 'The model.';
comment on column ratebook.price_source_periods.price_source is 'Whose prices applied.';
comment on column ratebook.price_source_periods.price_currency is 'In which currency.';
comment on column ratebook.price_source_periods.starts is 'From when on; -infinity for the first.';
comment on column ratebook.price_source_periods.ends is 'Until when, exclusive; infinity for the last.';

-- from sql/45_prices/050_function_assert_usage.sql

-- What so few bytes hold is not worth counting, and a usage is asked about with every request. The rest is counted
-- before it is read: by its keys, and not by what they say.
create function ratebook.has_more_keys(p_usage jsonb, p_number integer) returns boolean
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return pg_column_size(p_usage) > 8 * p_number and (select count(*) from jsonb_object_keys(p_usage)) > p_number;
end;
$$;

create function ratebook.is_usage(p_usage jsonb, p_meters text[]) returns boolean
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_typeof(p_usage) = 'object'
    and p_usage <> '{}'
    and not ratebook.has_more_keys(p_usage, cardinality(p_meters))
    and not p_usage @? 'strict $.* ? (!(@.type() == "number" && @ >= 0 && @ <= 1e12 && @ * 1e12 == (@ * 1e12).floor()))'
    and p_usage - p_meters = '{}';
end;
$$;

create function ratebook.assert_usage(p_usage jsonb) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_meter text;
  v_value jsonb;
  v_is_known boolean;
  v_quantity numeric;
  v_meters integer;
begin
  if jsonb_typeof(p_usage) is distinct from 'object' or p_usage = '{}' then
    perform ratebook.fail('invalid_usage', 'A usage is a JSON object of meters and quantities, with at least one.',
      'For example {"input": 1000, "output": 500}.');
  end if;
  -- Nearly every usage is well; the loop says what is wrong with the others.
  if ratebook.is_usage(p_usage, array(select m.key from ai.meters as m)) then
    return;
  end if;
  v_meters := (select count(*) from ai.meters as m);
  if ratebook.has_more_keys(p_usage, v_meters) then
    perform ratebook.fail('invalid_usage', 'A usage has no more keys than there are meters.',
      'Ask ai.meters for the keys.', jsonb_build_object('at_most', v_meters));
  end if;
  for v_meter, v_value, v_is_known in
    select u.key, u.value, m.key is not null
    from jsonb_each(p_usage) as u
    left join ai.meters as m on m.key = u.key
    order by u.key
  loop
    if not v_is_known then
      perform ratebook.fail('unknown_meter', format('There is no meter called "%s".', left(v_meter, 100)),
        'Ask ai.meters for the keys.', jsonb_build_object('meter', left(v_meter, 100)));
    end if;
    if jsonb_typeof(v_value) <> 'number' then
      perform ratebook.fail('not_a_number', format('The quantity of "%s" is not a number.', v_meter),
        'Quantities are JSON numbers.', jsonb_build_object('meter', v_meter));
    end if;
    v_quantity := v_value::numeric;
    if v_quantity < 0 then
      perform ratebook.fail('negative_quantity', format('The quantity of "%s" is negative.', v_meter), null,
        jsonb_build_object('meter', v_meter));
    end if;
    if v_quantity > 1e12 or scale(trim_scale(v_quantity)) > 12 then
      perform ratebook.fail('quantity_out_of_range', format('The quantity of "%s" is out of range.', v_meter),
        'Quantities are at most 1e12, with at most 12 decimals.', jsonb_build_object('meter', v_meter));
    end if;
  end loop;
end;
$$;

revoke all on function ratebook.has_more_keys(jsonb, integer) from public;
revoke all on function ratebook.is_usage(jsonb, text[]) from public;
revoke all on function ratebook.assert_usage(jsonb) from public;

comment on function ratebook.has_more_keys(jsonb, integer) is 'Whether a JSON object has more than a number of keys.';
comment on function ratebook.is_usage(jsonb, text[]) is 'Whether it is a usage: meters that are known (p_meters), and quantities within bounds.';
comment on function ratebook.assert_usage(jsonb) is
'Refuses what is not a usage. Errors, all PT422: invalid_usage, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range.';

-- from sql/45_prices/060_function_prices_in_force.sql

create function ratebook.prices_in_force(
  p_model_id uuid, p_at timestamptz
) returns setof ai.model_pricing
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select p.*
  from (
    select distinct on (
      q.meter, q.service_tier, q.variant, q.region, q.context_threshold,
      q.window_start, q.window_end, q.window_days, q.window_time_zone
    ) q.*
    from ratebook.price_source_at(p_model_id, p_at) as f
    inner join ai.model_pricing as q
      on (q.model_id, q.source, q.currency) = (p_model_id, f.price_source, f.price_currency)
    where q.effective_from <= p_at
    order by
      q.meter asc, q.service_tier asc, q.variant asc, q.region asc, q.context_threshold asc,
      q.window_start asc, q.window_end asc, q.window_days asc, q.window_time_zone asc,
      q.effective_from desc, q.revision desc
  ) as p
  where not p.withdrawn;
end;

create function ratebook.assert_time(p_at timestamptz) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_at is null or not isfinite(p_at) then
    perform ratebook.fail('invalid_time', 'The time asked for is missing or infinite.',
      'Leave "at" out to ask as of now.');
  end if;
  if p_at > ratebook.clock() and not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', 'Prices ahead of now are for admins only.',
      'Leave "at" out to ask as of now.');
  end if;
end;
$$;

create function ratebook.visible_prices_in_force(p_model text, p_at timestamptz) returns setof ai.model_pricing
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what is in force is decided over all rows, then only public ones are shown. Under the caller's own
-- policies an outdated public price would stand in for the hidden one that replaced it.
begin
  perform ratebook.assert_time(p_at);
  return query
  select p.*
  from ratebook.prices_in_force(ratebook.visible_model_id(p_model, p_at), p_at) as p
  where p.is_public or ratebook.is_privileged()
  order by p.meter, p.service_tier, p.variant nulls first, p.region nulls first, p.context_threshold nulls first;
end;
$$;

create function ai.prices_in_force(
  model text, at timestamptz default ratebook.clock()
) returns setof ai.model_pricing
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select p.* from ratebook.visible_prices_in_force(model, at) as p;
end;

revoke all on function ratebook.prices_in_force(uuid, timestamptz) from public;
revoke all on function ratebook.assert_time(timestamptz) from public;
revoke all on function ratebook.visible_prices_in_force(text, timestamptz) from public;
revoke all on function ai.prices_in_force(text, timestamptz) from public;
grant execute on function ratebook.visible_prices_in_force(text, timestamptz) to anon, authenticated, service_role;
grant execute on function ai.prices_in_force(text, timestamptz) to anon, authenticated, service_role;

comment on function ratebook.prices_in_force(uuid, timestamptz) is
'The price rows of a model that apply at a time, of the source and currency that it followed then: per key the latest effective_from, then the highest revision, without the withdrawn.';
comment on function ratebook.assert_time(timestamptz) is
'Refuses a time that no price can be asked for. Errors: invalid_time (PT422), not_allowed (42501) for the future.';
comment on function ratebook.visible_prices_in_force(text, timestamptz) is 'The rule behind ai.prices_in_force().';
comment on function ai.prices_in_force(text, timestamptz) is
'The public price rows of a model that apply at a time, now unless told, of the source and currency that priced it then. model: id, key or alias. at: as of when. Admins and the service role also see prices that are not public, and may ask about the future. Errors: unknown_model (PT404), ambiguous_model (PT409), invalid_time (PT422), not_allowed (42501).';

-- from sql/45_prices/070_function_use_currency.sql

create function ratebook.assert_currency(p_currency text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if (p_currency ~ '^[A-Z]{3}$') is not true then
    perform ratebook.fail('invalid_argument', format('"%s" is not a currency.', left(p_currency, 20)),
      'Use an ISO 4217 code, such as USD.', jsonb_build_object('currency', left(p_currency, 20)));
  end if;
end;
$$;

create function ratebook.use_currency(
  p_model_id uuid, p_currency text, p_at timestamptz default null
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_since timestamptz;
  v_currency text;
begin
  perform ratebook.assert_currency(p_currency);
  select m.price_source_since into v_since from ai.models as m where m.id = p_model_id for no key update;
  v_currency := (ratebook.price_source_at(p_model_id, p_at)).price_currency;
  if p_currency = v_currency then
    return;
  end if;
  if p_at < v_since or exists (
    select from ai.model_pricing as p where p.model_id = p_model_id and p.currency = v_currency
  ) then
    perform ratebook.fail(
      'invalid_argument', format('The prices of the model are in %s, not in %s.', v_currency, p_currency),
      'A quote uses one currency: ai.models.price_currency says which.',
      jsonb_build_object('currency', p_currency, 'price_currency', v_currency)
    );
  end if;
  update ai.models as m set price_currency = p_currency where m.id = p_model_id;
end;
$$;

revoke all on function ratebook.assert_currency(text) from public;
revoke all on function ratebook.use_currency(uuid, text, timestamptz) from public;

comment on function ratebook.assert_currency(text) is 'Refuses what is not an ISO 4217 code. Error: invalid_argument (PT422).';
comment on function ratebook.use_currency(uuid, text, timestamptz) is
'Makes sure that a price in this currency applies, at a time or (NULL) now: a model without prices takes the currency on, one with prices in another refuses it. Error: invalid_argument (PT422).';

-- from sql/45_prices/080_function_set_price.sql

create function ratebook.price_to_set(
  p_model_id uuid,
  p_meter text,
  p_price numeric,
  p_currency text,
  p_effective_from timestamptz,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_source text,
  p_restate boolean,
  p_reference text,
  p_pin boolean
) returns ai.model_pricing
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_in_force ai.model_pricing;
  v_price ai.model_pricing;
begin
  v_price.source := coalesce(p_source, (ratebook.price_source_at(p_model_id, p_effective_from)).price_source);
  select p.* into v_in_force
  from ai.model_pricing as p
  where
    (p.model_id, p.source, p.currency, p.meter, p.service_tier)
    = (p_model_id, v_price.source, p_currency, p_meter, p_service_tier)
    and p.variant is not distinct from p_variant
    and p.region is not distinct from p_region
    and p.context_threshold is null
    and p.window_start is null
    and p.effective_from <= p_effective_from
  order by p.effective_from desc, p.revision desc
  limit 1;
  if
    v_in_force.price_per_unit is not distinct from p_price
    and not p_restate
    -- A catalogue's price may change tomorrow: who sets the same amount wants it to stay.
    and (v_in_force.is_pinned or not p_pin or v_in_force.id is null)
  then
    return null;
  end if;
  v_price.model_id := p_model_id;
  v_price.meter := p_meter;
  v_price.unit_type := (select m.unit_type from ai.meters as m where m.key = p_meter);
  v_price.price_per_unit := p_price;
  v_price.currency := p_currency;
  v_price.effective_from := p_effective_from;
  v_price.service_tier := p_service_tier;
  v_price.variant := p_variant;
  v_price.region := p_region;
  v_price.threshold_inclusive := false;
  v_price.tier_mode := 'whole_request';
  v_price.reference := p_reference;
  v_price.revision := case when v_in_force.effective_from = p_effective_from then v_in_force.revision + 1 else 0 end;
  v_price.withdrawn := p_price is null;
  -- A price that was hidden stays hidden.
  v_price.is_public := coalesce(v_in_force.is_public, true);
  v_price.is_pinned := true;
  return v_price;
end;
$$;

create function ratebook.set_price(
  p_model_id uuid,
  p_meter text,
  p_price numeric,
  p_currency text,
  p_effective_from timestamptz,
  p_service_tier text default 'standard',
  p_variant text default null,
  p_region text default null,
  p_source text default null,
  p_restate boolean default false,
  p_reference text default null,
  p_pin boolean default false
) returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_price ai.model_pricing;
  v_id uuid;
begin
  perform ratebook.assert_price(p_meter, p_price, p_currency, p_effective_from, p_service_tier);

  -- The registry before the model, in the order of all who write prices; who waits here then sees the other's rows.
  perform pg_advisory_xact_lock_shared(hashtextextended('ratebook.price_registry', 0));
  perform from ai.models as m where m.id = p_model_id for no key update;
  if not found then
    perform ratebook.fail('unknown_model', format('There is no model %s.', p_model_id),
      'Ask ai.models for the ids.', jsonb_build_object('model', p_model_id));
  end if;
  v_price := ratebook.price_to_set(
    p_model_id, p_meter, p_price, p_currency, p_effective_from, p_service_tier, p_variant, p_region, p_source, p_restate,
    p_reference, p_pin
  );
  if v_price.model_id is null then
    return null;
  end if;
  insert into ai.model_pricing (
    model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region, source,
    reference, revision, withdrawn, is_public
  ) values (
    v_price.model_id, v_price.meter, v_price.unit_type, v_price.price_per_unit, v_price.currency, v_price.effective_from,
    v_price.service_tier, v_price.variant, v_price.region, v_price.source, v_price.reference, v_price.revision,
    v_price.withdrawn, v_price.is_public
  )
  returning id into v_id;
  return v_id;
end;
$$;

create function ratebook.assert_price(
  p_meter text, p_price numeric, p_currency text, p_effective_from timestamptz, p_service_tier text
) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from ai.meters as m where m.key = p_meter) then
    perform ratebook.fail('unknown_meter', format('There is no meter called "%s".', left(p_meter, 100)),
      'Ask ai.meters for the keys.', jsonb_build_object('meter', left(p_meter, 100)));
  end if;
  if p_price in ('NaN', 'Infinity', '-Infinity') then
    perform ratebook.fail('not_a_number', format('The price of "%s" is not a number.', p_meter), null,
      jsonb_build_object('meter', p_meter));
  end if;
  if p_price < 0 then
    perform ratebook.fail('negative_quantity', format('The price of "%s" is negative.', p_meter), null,
      jsonb_build_object('meter', p_meter));
  end if;
  if not ratebook.is_price(p_price) then
    perform ratebook.fail('quantity_out_of_range', format('The price of "%s" is out of range.', p_meter),
      'It is the price of one unit, below 1000000, with at most 60 decimals.', jsonb_build_object('meter', p_meter));
  end if;
  perform ratebook.assert_currency(p_currency);
  if ratebook.is_time(p_effective_from) is not true then
    perform ratebook.fail('invalid_time', 'The time from which on a price applies is missing, or not in the years 1 to 9999.');
  end if;
  if not exists (select from ai.service_tiers as t where t.key = p_service_tier) then
    perform ratebook.fail(
      'unknown_service_tier', format('There is no service tier called "%s".', left(p_service_tier, 100)),
      'Ask ai.service_tiers for the keys.', jsonb_build_object('service_tier', left(p_service_tier, 100))
    );
  end if;
end;
$$;

revoke all on function ratebook.price_to_set(
  uuid, text, numeric, text, timestamptz, text, text, text, text, boolean, text, boolean
) from public;
revoke all on function ratebook.set_price(
  uuid, text, numeric, text, timestamptz, text, text, text, text, boolean, text, boolean
) from public;
revoke all on function ratebook.assert_price(text, numeric, text, timestamptz, text) from public;

comment on function ratebook.price_to_set(
  uuid, text, numeric, text, timestamptz, text, text, text, text, boolean, text, boolean
) is
'The row that ratebook.set_price() writes, or NULL where it writes none.';
comment on function ratebook.set_price(
  uuid, text, numeric, text, timestamptz, text, text, text, text, boolean, text, boolean
) is
'Sets the base price of one unit of a meter from a time on, by one more row of ai.model_pricing; NULL withdraws it. The source is the one that prices the model on that date unless named; the reference is for people. Returns the id of the row, or NULL where that price is in force already and p_restate does not ask for a row of this date all the same, nor p_pin for one that is pinned. Its callers decide who may. Errors: unknown_model (PT404), unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, invalid_argument, invalid_time, unknown_service_tier (PT422).';
comment on function ratebook.assert_price(text, numeric, text, timestamptz, text) is
'Refuses what is not a price. Errors: those of ratebook.set_price().';

-- from sql/45_prices/090_table_price_schedules.sql

-- The rate book, worked out. Everything here is computed from ai.model_pricing by ratebook.rebuild_prices() and can be
-- thrown away: it makes a price one lookup, however long the history is.

create table ratebook.price_schedules (
  id bigint generated always as identity,
  model_id uuid not null,
  source text not null,
  currency text not null,
  starts timestamptz[] not null,
  bounds numeric[] not null,
  service_tiers text[] not null,
  variants text[] not null,
  regions text[] not null,
  has_windows boolean not null,
  rebuilt_at timestamptz not null default ratebook.clock(),
  constraint price_schedules_pkey primary key (id),
  constraint price_schedules_model_id_source_currency_key unique (model_id, source, currency),
  constraint price_schedules_model_id_fkey foreign key (model_id) references ai.models (id) on delete cascade
);

create table ratebook.price_windows (
  schedule_id bigint not null,
  period integer not null,
  number integer not null,
  window_start time not null,
  window_end time not null,
  window_days integer not null,
  window_time_zone text not null,
  constraint price_windows_pkey primary key (schedule_id, period, number),
  constraint price_windows_schedule_id_fkey foreign key (schedule_id)
  references ratebook.price_schedules (id) on delete cascade
);

create table ratebook.price_sheets (
  id bigint generated always as identity,
  schedule_id bigint not null,
  period integer not null,
  service_tier text not null,
  variant text not null,
  region text not null,
  open_windows integer not null,
  band integer not null,
  prices jsonb not null,
  -- The prices that nearly every request asks for, out of the JSON.
  input numeric generated always as ((prices -> 'input')::numeric) stored,
  output numeric generated always as ((prices -> 'output')::numeric) stored,
  cache_read numeric generated always as ((prices -> 'cache_read')::numeric) stored,
  cache_write numeric generated always as ((prices -> 'cache_write')::numeric) stored,
  request numeric generated always as ((prices -> 'request')::numeric) stored,
  price_rows jsonb not null,
  minimums jsonb not null,
  marginal text[] not null,
  hidden text[] not null,
  constraint price_sheets_pkey primary key (id),
  constraint price_sheets_key unique (
    schedule_id, period, service_tier, variant, region, open_windows, band
  ),
  constraint price_sheets_schedule_id_fkey foreign key (schedule_id)
  references ratebook.price_schedules (id) on delete cascade
);

comment on table ratebook.price_schedules is
'For each model, source and currency: when its prices change and what they depend on.';
comment on column ratebook.price_schedules.id is 'The schedule.';
comment on column ratebook.price_schedules.model_id is 'The model.';
comment on column ratebook.price_schedules.source is 'The source of its price rows.';
comment on column ratebook.price_schedules.currency is 'Their currency.';
comment on column ratebook.price_schedules.starts is 'When anything changes, ascending. A time is in period width_bucket(time, starts); 0 is before the first price.';
comment on column ratebook.price_schedules.bounds is 'From how many input tokens on each context tier applies, ascending. A request is in band width_bucket(tokens, bounds); an exclusive threshold is a bound just above it.';
comment on column ratebook.price_schedules.service_tiers is 'Service tiers that have rows of their own.';
comment on column ratebook.price_schedules.variants is 'Variants that have rows of their own.';
comment on column ratebook.price_schedules.regions is 'Regions that have rows of their own.';
comment on column ratebook.price_schedules.has_windows is 'Whether any of its prices ever had a daily window.';
comment on column ratebook.price_schedules.rebuilt_at is 'When its sheets were worked out last, which tells what is worked out from them.';
comment on table ratebook.price_windows is 'The daily windows of a schedule''s prices, in each period. Where several are open, the lowest number with a price for the meter counts.';
comment on column ratebook.price_windows.schedule_id is 'The schedule.';
comment on column ratebook.price_windows.period is 'As in ratebook.price_sheets.';
comment on column ratebook.price_windows.number is 'The window, from 1 to 6, by start, end, weekdays and zone.';
comment on column ratebook.price_windows.window_start is 'As in ai.model_pricing.';
comment on column ratebook.price_windows.window_end is 'As in ai.model_pricing.';
comment on column ratebook.price_windows.window_days is 'As in ai.model_pricing.';
comment on column ratebook.price_windows.window_time_zone is 'As in ai.model_pricing.';
comment on table ratebook.price_sheets is
'What every meter costs in one situation, fallbacks included: one row per period, service tier, variant, region, set of open windows and context band of a schedule.';
comment on column ratebook.price_sheets.id is 'The sheet.';
comment on column ratebook.price_sheets.schedule_id is 'The schedule.';
comment on column ratebook.price_sheets.period is 'Which of its starts, from 1.';
comment on column ratebook.price_sheets.service_tier is 'The service tier; standard for tiers without rows.';
comment on column ratebook.price_sheets.variant is 'The variant; empty for all without rows of their own.';
comment on column ratebook.price_sheets.region is 'The region; empty for all without rows of their own.';
comment on column ratebook.price_sheets.open_windows is 'Which windows are open: 1 the first, 2 the second, 4 the third, … added up.';
comment on column ratebook.price_sheets.band is 'How many context tiers are reached.';
comment on column ratebook.price_sheets.prices is 'meter → price of one unit. A meter that is not here has no price.';
comment on column ratebook.price_sheets.input is 'The price of input, from prices.';
comment on column ratebook.price_sheets.output is 'The price of output, from prices.';
comment on column ratebook.price_sheets.cache_read is 'The price of cache_read, from prices.';
comment on column ratebook.price_sheets.cache_write is 'The price of cache_write, from prices.';
comment on column ratebook.price_sheets.request is 'The price of request, from prices.';
comment on column ratebook.price_sheets.price_rows is 'meter → [id of the price row, its meter, whether it is public].';
comment on column ratebook.price_sheets.minimums is 'meter → the least that is billed where any is used.';
comment on column ratebook.price_sheets.marginal is 'Meters whose price applies beyond the threshold only.';
comment on column ratebook.price_sheets.hidden is 'Meters whose price is not public.';

-- from sql/45_prices/095_function_work_out_sheets.sql

-- What sheets are made of and what they say, worked out and not written: ratebook.write_sheets() writes it, and a what-if
-- asks what more rows would make of it.

-- A row of ai.model_pricing in a period of its schedule in which it is in force.
create type ratebook.price_in_period as (
  schedule_id bigint,
  period integer,
  id uuid,
  meter text,
  service_tier text,
  variant text,
  region text,
  context_threshold bigint,
  tier_mode ai.tier_mode_enum,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  price_per_unit numeric,
  minimum_quantity numeric,
  is_public boolean,
  bound numeric,
  window_number integer
);

-- A schedule and sheets that are nowhere written. The schedule has the id 0, the sheets count down from -1.
create type ratebook.what_if as (
  schedule ratebook.price_schedules,
  sheets ratebook.price_sheets []
);

create function ratebook.context_bound(p_threshold bigint, p_inclusive boolean) returns numeric
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
-- Quantities have at most 12 decimals: the least one above an exclusive threshold.
return p_threshold + case when p_inclusive then 0 else 0.000000000001 end;

create function ratebook.work_out_schedule(
  p_model_id uuid, p_source text, p_currency text, p_rows ai.model_pricing[] default '{}'
) returns ratebook.price_schedules
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schedule ratebook.price_schedules;
begin
  select
    array_agg(distinct p.effective_from order by p.effective_from),
    coalesce(
      array_agg(distinct ratebook.context_bound(p.context_threshold, p.threshold_inclusive))
      filter (where p.context_threshold is not null),
      '{}'
    ),
    array_agg(distinct p.service_tier),
    coalesce(array_agg(distinct p.variant) filter (where p.variant is not null), '{}'),
    coalesce(array_agg(distinct p.region) filter (where p.region is not null), '{}'),
    bool_or(p.window_start is not null)
  into
    v_schedule.starts, v_schedule.bounds, v_schedule.service_tiers, v_schedule.variants, v_schedule.regions,
    v_schedule.has_windows
  from (
    select q.* from ai.model_pricing as q where (q.model_id, q.source, q.currency) = (p_model_id, p_source, p_currency)
    union all
    select r.* from unnest(p_rows) as r
  ) as p;
  v_schedule.model_id := p_model_id;
  v_schedule.source := p_source;
  v_schedule.currency := p_currency;
  return v_schedule;
end;
$$;

create function ratebook.prices_by_period(
  p_schedules ratebook.price_schedules[], p_periods integer[], p_rows ai.model_pricing[] default '{}'
) returns setof ratebook.price_in_period
language plpgsql stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  return query
  with schedules as materialized (
    select s.*, p_periods[s.place] as first_period
    from unnest(p_schedules) with ordinality as s (
      id, model_id, source, currency, starts, bounds, service_tiers, variants, regions, has_windows, rebuilt_at, place
    )
  ),

  -- One row per key and date (the highest revision), with the date on which the next one takes over.
  dated as materialized (
    select
      d.*,
      lead(d.effective_from) over (
        partition by
          d.schedule_id, d.meter, d.service_tier, d.variant, d.region, d.context_threshold, d.window_start,
          d.window_end, d.window_days, d.window_time_zone
        order by d.effective_from
      ) as effective_until
    from (
      select distinct on (
        p.schedule_id, p.meter, p.service_tier, p.variant, p.region, p.context_threshold, p.window_start, p.window_end,
        p.window_days, p.window_time_zone, p.effective_from
      ) p.*
      from (
        select s.id as schedule_id, s.starts, s.first_period, q.*
        from schedules as s
        inner join ai.model_pricing as q
          on q.model_id = s.model_id and q.source = s.source and q.currency = s.currency
        union all
        select s.id, s.starts, s.first_period, r.*
        from schedules as s
        inner join unnest(p_rows) as r on r.model_id = s.model_id and r.source = s.source and r.currency = s.currency
      ) as p
      -- DISTINCT ON takes nulls for equal: rows that name no variant have one key.
      order by
        p.schedule_id asc, p.meter asc, p.service_tier asc, p.variant asc, p.region asc, p.context_threshold asc,
        p.window_start asc, p.window_end asc, p.window_days asc, p.window_time_zone asc, p.effective_from asc,
        p.revision desc
    ) as d
  )

  -- A row is in force in the periods from its date on, up to that on which the next one takes over: its cost grows with
  -- them, and not with all pairs of rows and dates.
  select
    d.schedule_id, t.period, d.id, d.meter, d.service_tier, d.variant, d.region, d.context_threshold, d.tier_mode,
    d.window_start, d.window_end, d.window_days, d.window_time_zone, d.price_per_unit, d.minimum_quantity, d.is_public,
    ratebook.context_bound(d.context_threshold, d.threshold_inclusive),
    case
      when d.window_start is null then 0
      else dense_rank() over (
        partition by d.schedule_id, t.period
        order by d.window_start, d.window_end, d.window_days, d.window_time_zone
      )
    end::integer
  from dated as d
  cross join lateral generate_series(
    greatest(width_bucket(d.effective_from, d.starts), d.first_period),
    coalesce(width_bucket(d.effective_until, d.starts) - 1, cardinality(d.starts))
  ) as t (period)
  where not d.withdrawn;
end;
$$;

create function ratebook.work_out_sheets(
  p_schedules ratebook.price_schedules[], p_periods integer[], p_rows ai.model_pricing[] default '{}'
) returns setof ratebook.price_sheets
language plpgsql stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- The one order of specificity. For a meter, then each of its fallbacks in turn, the row that applies is
--   1. of an open daily window (of several the first: by start, end, weekdays, zone), else of no window,
--   2. of the highest context tier reached, else of none,
--   3. of the service tier asked for, else of standard,
--   4. of the variant asked for, else of none,
--   5. of the region asked for, else of none.
-- A service tier with tries_chain_first goes through all of that, fallbacks included, before it looks at standard.
begin
  return query
  with recursive
  -- Each meter with every meter whose price may stand in for its own.
  chain (meter, price_meter, depth) as (
    select m.key, m.key, 0 from ai.meters as m
    union all
    select c.meter, m.falls_back_to, c.depth + 1
    from chain as c
    inner join ai.meters as m on m.key = c.price_meter
    where m.falls_back_to is not null
  ),

  schedules as materialized (
    select s.* from unnest(p_schedules) as s
  ),

  in_force as materialized (
    select
      f.schedule_id, f.period, f.id, f.meter, f.service_tier, f.variant, f.region, f.context_threshold, f.tier_mode,
      f.price_per_unit, f.minimum_quantity, f.is_public, f.bound, f.window_number
    from ratebook.prices_by_period(p_schedules, p_periods, p_rows) as f
  ),

  -- Only periods in which something has a price get sheets.
  masks as (
    select f.schedule_id, f.period, m.mask
    from (
      select f.schedule_id, f.period, max(f.window_number) as windows from in_force as f group by f.schedule_id, f.period
    ) as f
    -- Every set of windows that may be open at once, as a bit mask of their numbers; six make 64, more are refused below.
    cross join lateral generate_series(0, (1 << least(f.windows, 6)::integer) - 1) as m (mask)
  )

  select
    null::bigint, r.schedule_id, r.period, r.service_tier, r.variant, r.region, r.open_windows, r.band,
    jsonb_object_agg(r.meter, r.price_per_unit),
    min(r.price_per_unit) filter (where r.meter = 'input'),
    min(r.price_per_unit) filter (where r.meter = 'output'),
    min(r.price_per_unit) filter (where r.meter = 'cache_read'),
    min(r.price_per_unit) filter (where r.meter = 'cache_write'),
    min(r.price_per_unit) filter (where r.meter = 'request'),
    jsonb_object_agg(r.meter, jsonb_build_array(r.id, r.price_meter, r.is_public)),
    coalesce(jsonb_object_agg(r.meter, r.minimum_quantity) filter (where r.minimum_quantity is not null), '{}'),
    coalesce(array_agg(r.meter) filter (where r.tier_mode = 'marginal' and r.context_threshold is not null), '{}'),
    coalesce(array_agg(r.meter) filter (where not r.is_public), '{}')
  from (
    select distinct on (
      s.id, f.period, tier.key, variant.name, region.name, masks.mask, band.n, c.meter
    )
      s.id as schedule_id, f.period, tier.key as service_tier, variant.name as variant, region.name as region,
      masks.mask as open_windows, band.n as band, c.meter, f.price_per_unit, f.id, c.price_meter, f.is_public,
      f.tier_mode, f.context_threshold, f.minimum_quantity
    -- Every situation that the prices of a schedule tell apart, with the rows that apply in it.
    from schedules as s
    inner join in_force as f on f.schedule_id = s.id
    inner join chain as c on c.price_meter = f.meter
    inner join ai.service_tiers as tier
      on tier.key = any(s.service_tiers || 'standard'::text) and f.service_tier in (tier.key, 'standard')
    cross join lateral unnest(s.variants || ''::text) as variant (name)
    cross join lateral unnest(s.regions || ''::text) as region (name)
    inner join masks on masks.schedule_id = s.id and masks.period = f.period
    cross join lateral generate_series(0, cardinality(s.bounds)) as band (n)
    where
      (f.variant is null or f.variant = variant.name)
      and (f.region is null or f.region = region.name)
      and (f.window_number = 0 or masks.mask >> (f.window_number - 1)::integer & 1 = 1)
      and (f.bound is null or f.bound <= s.bounds[band.n])
    -- The one order of specificity: meters on the way down, windows, thresholds, tier, variant, region. A tier that tries
    -- its whole chain first puts its own rows before all of that.
    order by
      s.id, f.period, tier.key, variant.name, region.name, masks.mask, band.n, c.meter,
      tier.tries_chain_first and f.service_tier <> tier.key,
      c.depth,
      f.window_number = 0,
      f.window_number,
      f.context_threshold desc nulls last,
      f.service_tier <> tier.key,
      f.variant is null,
      f.region is null
  ) as r
  group by r.schedule_id, r.period, r.service_tier, r.variant, r.region, r.open_windows, r.band;
end;
$$;

create function ratebook.what_if(p_rows ai.model_pricing[], p_since timestamptz) returns ratebook.what_if
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_what_if ratebook.what_if;
  v_schedule ratebook.price_schedules := ratebook.work_out_schedule(
    p_rows[1].model_id, p_rows[1].source, p_rows[1].currency, p_rows
  );
begin
  v_schedule.id := 0;
  v_what_if.schedule := v_schedule;
  v_what_if.sheets := array(
    select (
      -w.place, w.schedule_id, w.period, w.service_tier, w.variant, w.region, w.open_windows, w.band, w.prices, w.input,
      w.output, w.cache_read, w.cache_write, w.request, w.price_rows, w.minimums, w.marginal, w.hidden
    )::ratebook.price_sheets
    from ratebook.work_out_sheets(
      array[v_schedule], array[greatest(width_bucket(p_since, v_schedule.starts), 1)], p_rows
    ) with ordinality as w (
      id, schedule_id, period, service_tier, variant, region, open_windows, band, prices, input, output, cache_read,
      cache_write, request, price_rows, minimums, marginal, hidden, place
    )
    order by w.place
  );
  return v_what_if;
end;
$$;

revoke all on function ratebook.context_bound(bigint, boolean) from public;
revoke all on function ratebook.what_if(ai.model_pricing[], timestamptz) from public;
revoke all on function ratebook.work_out_schedule(uuid, text, text, ai.model_pricing[]) from public;
revoke all on function ratebook.prices_by_period(ratebook.price_schedules[], integer[], ai.model_pricing[]) from public;
revoke all on function ratebook.work_out_sheets(ratebook.price_schedules[], integer[], ai.model_pricing[]) from public;

comment on type ratebook.price_in_period is 'A row of ai.model_pricing in a period of its schedule in which it is in force.';
comment on column ratebook.price_in_period.schedule_id is 'The schedule.';
comment on column ratebook.price_in_period.period is 'As in ratebook.price_sheets.';
comment on column ratebook.price_in_period.id is 'The price row.';
comment on column ratebook.price_in_period.meter is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.service_tier is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.variant is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.region is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.context_threshold is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.tier_mode is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.window_start is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.window_end is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.window_days is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.window_time_zone is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.price_per_unit is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.minimum_quantity is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.is_public is 'As in ai.model_pricing.';
comment on column ratebook.price_in_period.bound is 'The least number of input tokens with which its threshold is reached; NULL for a base price.';
comment on column ratebook.price_in_period.window_number is 'Its daily window, as in ratebook.price_windows; 0 for none.';
comment on type ratebook.what_if is 'What a model''s prices in one source and currency would be with more rows, nowhere written.';
comment on column ratebook.what_if.schedule is 'The schedule, with the id 0.';
comment on column ratebook.what_if.sheets is 'Its sheets; the place of one is its id, negated.';
comment on function ratebook.context_bound(bigint, boolean) is
'The least number of input tokens with which a context threshold is reached.';
comment on function ratebook.work_out_schedule(uuid, text, text, ai.model_pricing[]) is
'When the prices of a model, source and currency change and what they depend on, from ai.model_pricing and more rows of theirs.';
comment on function ratebook.prices_by_period(ratebook.price_schedules[], integer[], ai.model_pricing[]) is
'The price rows in force in each period of schedules, each from a period on, from ai.model_pricing and more rows.';
comment on function ratebook.work_out_sheets(ratebook.price_schedules[], integer[], ai.model_pricing[]) is
'The sheets of schedules, each from a period on, without ids. Holds the one order of specificity.';
comment on function ratebook.what_if(ai.model_pricing[], timestamptz) is
'What prices would be from a time on with more rows, of one model, source and currency, that have no window.';

-- from sql/45_prices/100_function_rebuild_prices.sql

-- What has changed: the prices of a model, source and currency, from a date on.
create type ratebook.changed_prices as (
  model_id uuid,
  source text,
  currency text,
  since timestamptz
);

create function ratebook.rebuild_prices(p_changes ratebook.changed_prices[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_schedules bigint[];
  v_periods integer[];
  v_model text;
  v_source text;
  v_from timestamptz;
begin
  -- Two writers of one model's prices: the second waits here, and its next statement sees the first one's rows.
  perform
  from ai.models as m
  where m.id = any(array(select c.model_id from unnest(p_changes) as c))
  order by m.id
  for no key update;

  -- The schedules, from all price rows. What is before the change keeps its sheets, unless the sheets are cut otherwise
  -- than they were: by another threshold, service tier, variant or region.
  with fresh as materialized (
    select c.since, r.*
    from unnest(p_changes) as c
    cross join lateral ratebook.work_out_schedule(c.model_id, c.source, c.currency) as r
  ),

  -- As they were, before the statement.
  former as materialized (
    select f.since, s.*
    from fresh as f
    inner join ratebook.price_schedules as s on (s.model_id, s.source, s.currency) = (f.model_id, f.source, f.currency)
  ),

  written as (
    insert into ratebook.price_schedules as s (
      model_id, source, currency, starts, bounds, service_tiers, variants, regions, has_windows
    )
    select
      f.model_id, f.source, f.currency, f.starts, f.bounds, f.service_tiers, f.variants, f.regions, f.has_windows
    from fresh as f
    on conflict (model_id, source, currency) do update
    set
      starts = excluded.starts,
      bounds = excluded.bounds,
      service_tiers = excluded.service_tiers,
      variants = excluded.variants,
      regions = excluded.regions,
      has_windows = excluded.has_windows
    returning s.*
  )

  select
    array_agg(w.id),
    -- The date of a change is one of the starts; all that are before it keep their numbers.
    array_agg(
      case
        when (w.bounds, w.service_tiers, w.variants, w.regions) = (f.bounds, f.service_tiers, f.variants, f.regions)
          then greatest(width_bucket(f.since, w.starts), 1)
        else 1
      end
    )
  into v_schedules, v_periods
  from written as w
  left join former as f on f.id = w.id;

  delete from ratebook.price_windows as w
  using unnest(v_schedules, v_periods) as t (schedule_id, period)
  where w.schedule_id = t.schedule_id and w.period >= t.period;
  delete from ratebook.price_sheets as p
  using unnest(v_schedules, v_periods) as t (schedule_id, period)
  where p.schedule_id = t.schedule_id and p.period >= t.period;
  perform ratebook.write_sheets(v_schedules, v_periods);

  -- Every set of windows that may be open at once has sheets of its own: that is bearable up to six.
  select m.key, s.source, s.starts[w.period] into v_model, v_source, v_from
  from ratebook.price_windows as w
  inner join ratebook.price_schedules as s on s.id = w.schedule_id
  inner join ai.models as m on m.id = s.model_id
  where s.id = any(v_schedules) and w.number > 6
  order by m.key, s.source, w.period
  limit 1;
  if found then
    perform ratebook.fail(
      'too_many_windows', format('Model "%s" has prices for more than six daily windows at once.', v_model),
      'Withdraw those that are over before others begin, or merge some.',
      jsonb_build_object('model', v_model, 'source', v_source, 'from', v_from)
    );
  end if;
  -- Last, for what is worked out from all of it.
  update ratebook.price_schedules as s set rebuilt_at = clock_timestamp() where s.id = any(v_schedules);
end;
$$;

create function ratebook.write_sheets(p_schedule_ids bigint[], p_periods integer[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_schedules constant ratebook.price_schedules[] := array(
    select s
    from unnest(p_schedule_ids) with ordinality as t (id, place)
    inner join ratebook.price_schedules as s on s.id = t.id
    order by t.place
  );
begin
  -- Few models have windows.
  if exists (select from unnest(v_schedules) as s where s.has_windows) then
    insert into ratebook.price_windows (
      schedule_id, period, number, window_start, window_end, window_days, window_time_zone
    )
    select distinct
      f.schedule_id, f.period, f.window_number, f.window_start, f.window_end, f.window_days, f.window_time_zone
    from ratebook.prices_by_period(v_schedules, p_periods) as f
    where f.window_number > 0;
  end if;
  insert into ratebook.price_sheets (
    schedule_id, period, service_tier, variant, region, open_windows, band, prices, price_rows, minimums, marginal, hidden
  )
  select
    w.schedule_id, w.period, w.service_tier, w.variant, w.region, w.open_windows, w.band, w.prices, w.price_rows,
    w.minimums, w.marginal, w.hidden
  from ratebook.work_out_sheets(v_schedules, p_periods) as w;
end;
$$;

create function ratebook.rebuild_prices_of_inserted() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the sheets are nobody's to write.
begin
  -- A change of the registry waits for the prices under way, and new prices for it.
  perform pg_advisory_xact_lock_shared(hashtextextended('ratebook.price_registry', 0));
  perform ratebook.rebuild_prices(array(
    select (i.model_id, i.source, i.currency, min(i.effective_from))::ratebook.changed_prices
    from inserted as i
    group by i.model_id, i.source, i.currency
  ));
  return null;
end;
$$;

create function ratebook.rebuild_prices_of_meters() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the sheets are nobody's to write.
declare
  v_fallbacks text[];
begin
  -- A sheet knows of meters only what falls back to what; thresholds count input when a request is priced.
  if tg_op = 'UPDATE' then
    v_fallbacks := array(
      select d.falls_back_to
      from (
        (select f.key, f.falls_back_to from former as f except select c.key, c.falls_back_to from changed as c)
        union all
        (select c.key, c.falls_back_to from changed as c except select f.key, f.falls_back_to from former as f)
      ) as d
      where d.falls_back_to is not null
    );
  else
    v_fallbacks := array(select c.falls_back_to from changed as c where c.falls_back_to is not null);
  end if;
  if v_fallbacks = '{}' then
    return null;
  end if;

  perform pg_advisory_xact_lock(hashtextextended('ratebook.price_registry', 0));
  -- Where a meter on the way down, old or new, has a price.
  perform ratebook.rebuild_prices(array(
    with recursive chain (meter) as (
      select f.meter from unnest(v_fallbacks) as f (meter)
      union
      select m.falls_back_to
      from chain as c
      inner join ai.meters as m on m.key = c.meter
      where m.falls_back_to is not null
    )

    select (p.model_id, p.source, p.currency, '-infinity')::ratebook.changed_prices
    from ai.model_pricing as p
    where p.meter in (select c.meter from chain as c)
    group by p.model_id, p.source, p.currency
  ));
  return null;
end;
$$;

create function ratebook.rebuild_prices_of_service_tiers() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the sheets are nobody's to write.
declare
  -- A tier that comes, goes or is renamed has no prices: the foreign key sees to that.
  v_tiers constant text[] := array(
    select c.key
    from changed as c
    inner join former as f on f.key = c.key
    where f.tries_chain_first <> c.tries_chain_first
  );
begin
  if v_tiers = '{}' then
    return null;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('ratebook.price_registry', 0));
  perform ratebook.rebuild_prices(array(
    select (p.model_id, p.source, p.currency, '-infinity')::ratebook.changed_prices
    from ai.model_pricing as p
    where p.service_tier = any(v_tiers)
    group by p.model_id, p.source, p.currency
  ));
  return null;
end;
$$;

revoke all on function ratebook.rebuild_prices(ratebook.changed_prices[]) from public;
revoke all on function ratebook.write_sheets(bigint[], integer[]) from public;
revoke all on function ratebook.rebuild_prices_of_inserted() from public;
revoke all on function ratebook.rebuild_prices_of_meters() from public;
revoke all on function ratebook.rebuild_prices_of_service_tiers() from public;

comment on type ratebook.changed_prices is 'Prices that have changed: of a model, source and currency, from a date on.';
comment on column ratebook.changed_prices.model_id is 'The model.';
comment on column ratebook.changed_prices.source is 'The source of the price rows.';
comment on column ratebook.changed_prices.currency is 'Their currency.';
comment on column ratebook.changed_prices.since is 'The earliest effective_from of what is new; -infinity: all.';
comment on function ratebook.rebuild_prices(ratebook.changed_prices[]) is
'Brings schedules and price sheets to what ai.model_pricing says. Sheets of periods before a change stay, so a new last date costs one period. Error: too_many_windows (PT422).';
comment on function ratebook.write_sheets(bigint[], integer[]) is
'Writes the windows and sheets of schedules, each from a period on, where there are none.';
comment on function ratebook.rebuild_prices_of_inserted() is
'Statement trigger after insert on ai.model_pricing: keeps the sheets of the models in step, from the first new date on.';
comment on function ratebook.rebuild_prices_of_meters() is
'Statement trigger on meters: where what falls back to what has changed, works out the sheets that it is part of.';
comment on function ratebook.rebuild_prices_of_service_tiers() is
'Statement trigger on service tiers: where tries_chain_first has changed, works out the sheets of prices in the tier.';

create trigger model_pricing_rebuild after insert on ai.model_pricing
referencing new table as inserted
for each statement execute function ratebook.rebuild_prices_of_inserted();
create trigger meters_rebuild_prices_insert after insert on ai.meters
referencing new table as changed
for each statement execute function ratebook.rebuild_prices_of_meters();
create trigger meters_rebuild_prices_update after update on ai.meters
referencing old table as former new table as changed
for each statement execute function ratebook.rebuild_prices_of_meters();
create trigger meters_rebuild_prices_delete after delete on ai.meters
referencing old table as changed
for each statement execute function ratebook.rebuild_prices_of_meters();
create trigger service_tiers_rebuild_prices after update on ai.service_tiers
referencing old table as former new table as changed
for each statement execute function ratebook.rebuild_prices_of_service_tiers();

-- from sql/45_prices/110_function_price_usage.sql

create function ratebook.context_tokens(p_usage jsonb) returns numeric
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    -- What is no number, or beyond what a usage may hold, is refused by ratebook.assert_usage().
    select
      coalesce(
        sum(case when jsonb_typeof(u.value) = 'number' then least(greatest(u.value::numeric, 0), 1e13) end), 0
      )
    from jsonb_each(p_usage) as u
    inner join ai.meters as m on m.key = u.key
    where m.counts_as_input
  );
end;
$$;

create function ratebook.open_windows(p_schedule_id bigint, p_period integer, p_at timestamptz) returns integer
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    (
      select sum(1 << (w.number - 1))
      from ratebook.price_windows as w
      cross join lateral (select p_at at time zone w.window_time_zone) as here (moment)
      cross join
        lateral (
          select
            here.moment::time as clock,
            extract(isodow from here.moment)::integer - 1 as today,
            (extract(isodow from here.moment)::integer + 5) % 7 as yesterday
        ) as t
      where
        w.schedule_id = p_schedule_id
        and w.period = p_period
        and case
          when w.window_start < w.window_end
            then t.clock >= w.window_start and t.clock < w.window_end and w.window_days >> t.today & 1 = 1
          -- Wraps midnight: the part after it belongs to the day on which the window started.
          else
            (t.clock >= w.window_start and w.window_days >> t.today & 1 = 1)
            or (t.clock < w.window_end and w.window_days >> t.yesterday & 1 = 1)
        end
    ),
    0
  );
end;
$$;

create function ratebook.find_sheet(
  p_model_id uuid,
  p_source text,
  p_currency text,
  p_usage jsonb,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_at timestamptz
) returns ratebook.price_sheets
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sheet ratebook.price_sheets;
begin
  select p.* into v_sheet
  from ratebook.price_schedules as s
  -- With the offset it is one lookup, whatever the planner thinks of the table.
  cross join lateral (
    select o.*
    from ratebook.price_sheets as o
    where
      o.schedule_id = s.id
      and o.period = width_bucket(p_at, s.starts)
      and o.service_tier = case when p_service_tier = any(s.service_tiers) then p_service_tier else 'standard' end
      and o.variant = case when p_variant = any(s.variants) then p_variant else '' end
      and o.region = case when p_region = any(s.regions) then p_region else '' end
      and o.open_windows = case when s.has_windows then ratebook.open_windows(s.id, width_bucket(p_at, s.starts), p_at) else 0 end
      and o.band = case
        when s.bounds = '{}' then 0
        else width_bucket(ratebook.context_tokens(p_usage), s.bounds)
      end
    offset 0
  ) as p
  where s.model_id = p_model_id and s.source = p_source and s.currency = p_currency;
  return v_sheet;
end;
$$;

create function ratebook.price_usage(
  p_sheet ratebook.price_sheets,
  p_usage jsonb,
  p_what_if ratebook.what_if default null
) returns table (
  meter text,
  quantity numeric,
  price_id uuid,
  price_meter text,
  unit_price numeric,
  cost numeric,
  is_public boolean
)
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tokens numeric;
begin
  -- Nearly every sheet: each meter is one line, at the one price of the whole request.
  if coalesce(cardinality((p_sheet).marginal), 0) = 0 then
    return query
    select
      u.key,
      u.value::numeric,
      ((p_sheet).price_rows -> u.key ->> 0)::uuid,
      (p_sheet).price_rows -> u.key ->> 1,
      ((p_sheet).prices -> u.key)::numeric,
      -- Nothing used costs nothing, priced or not.
      case when u.value::numeric = 0 then 0 else u.value::numeric * ((p_sheet).prices -> u.key)::numeric end,
      ((p_sheet).price_rows -> u.key -> 2)::boolean
    from jsonb_each(p_usage) as u
    order by u.key;
    return;
  end if;

  -- A marginal threshold cuts the request: what is below it keeps the price that it would have had alone. Each meter is
  -- cut in proportion to the request's input tokens.
  v_tokens := ratebook.context_tokens(p_usage);
  return query
  -- Each meter in the band of the request and, where its price there is marginal, in those below it.
  with bands as (
    select
      u.key,
      u.value::numeric as quantity,
      n.band,
      coalesce(floor(t.bounds[n.band]), 0) as lower,
      (s.prices -> u.key)::numeric as price,
      s.price_rows -> u.key as price_row,
      coalesce(u.key = any(s.marginal), false) as is_marginal
    from jsonb_each(p_usage) as u
    cross join generate_series(
      case when u.key = any((p_sheet).marginal) then 0 else (p_sheet).band end, (p_sheet).band
    ) as n (band)
    inner join (
      select d.id, d.bounds from ratebook.price_schedules as d
      union all
      select 0, ((p_what_if).schedule).bounds
    ) as t on t.id = (p_sheet).schedule_id
    -- Left: a band without any price is a part without one.
    left join (
      select d.* from ratebook.price_sheets as d
      union all
      select w.* from unnest((p_what_if).sheets) as w
    ) as s
      on
        (s.schedule_id, s.period, s.service_tier, s.variant, s.region, s.open_windows, s.band)
        = (
          (p_sheet).schedule_id, (p_sheet).period, (p_sheet).service_tier, (p_sheet).variant, (p_sheet).region,
          (p_sheet).open_windows, n.band
        )
  ),

  -- Below the first cut: the last band that is not marginal, whose price was the whole request's.
  tops as (
    select
      b.*,
      max(b.band) filter (where not b.is_marginal) over (partition by b.key) as whole_band,
      b.price_row is distinct from lag(b.price_row) over (partition by b.key order by b.band) as is_another_row
    from bands as b
  ),

  -- Bands of one price row are one part: a cut where nothing changes would only cost digits.
  parts as (
    select
      t.*,
      count(*) filter (where t.band > t.whole_band and t.is_another_row) over (partition by t.key order by t.band) as part
    from tops as t
    where t.band >= t.whole_band
  ),

  -- A part begins at the cut of its lowest band; its price is that of its highest.
  priced as (
    select distinct on (p.key, p.part)
      p.*,
      min(p.lower) over (partition by p.key, p.part) as part_lower
    from parts as p
    order by p.key asc, p.part asc, p.band desc
  ),

  -- How many of the request's input tokens lie between two cuts; what is not marginal is not cut.
  shares as (
    select
      q.*,
      coalesce(lead(q.part_lower) over (partition by q.key order by q.part), v_tokens)
      - case when q.part = 0 or q.key <> all((p_sheet).marginal) then 0 else q.part_lower end as tokens
    from priced as q
  ),

  -- The same share of the quantity and of its cost, each divided once.
  lines as (
    select
      h.*,
      ratebook.share(h.quantity, h.tokens, v_tokens) as part_quantity,
      ratebook.share(h.quantity * h.price, h.tokens, v_tokens) as part_cost,
      lead(h.part) over (partition by h.key order by h.part) is null as is_last
    from shares as h
  )

  -- The last part is the rest, so that the parts of a meter add up to it, to the last digit.
  select
    h.key,
    case
      when h.is_last then h.quantity - (sum(h.part_quantity) over of_meter - h.part_quantity) else h.part_quantity
    end,
    (h.price_row ->> 0)::uuid,
    h.price_row ->> 1,
    h.price,
    case
      when h.quantity = 0 then 0
      when h.is_last
        then ratebook.share(sum(h.quantity * h.price * h.tokens) over of_meter, 1, v_tokens)
          - (sum(h.part_cost) over of_meter - h.part_cost)
      else h.part_cost
    end,
    (h.price_row -> 2)::boolean
  from lines as h
  window of_meter as (partition by h.key)
  order by h.key, h.part;
end;
$$;

-- One request is one request, unless the usage says how many: where a sheet has a price for it, it is used. And what is
-- used is at least what its price bills.
create function ratebook.whole_usage(p_prices jsonb, p_minimums jsonb, p_usage jsonb) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_usage jsonb := case
    when p_prices ? 'request' and not p_usage ? 'request' then p_usage || '{"request": 1}' else p_usage
  end;
begin
  if p_minimums is null or p_minimums = '{}' then
    return v_usage;
  end if;
  return v_usage || coalesce((
    select jsonb_object_agg(u.key, m.value)
    from jsonb_each(v_usage) as u
    inner join jsonb_each(p_minimums) as m on m.key = u.key
    -- What is no quantity is refused by those who price it.
    where case jsonb_typeof(u.value) when 'number' then u.value::numeric > 0 and u.value::numeric < m.value::numeric end
  ), '{}');
end;
$$;

create function ratebook.share(p_value numeric, p_part numeric, p_whole numeric) returns numeric
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
-- The whole is the whole, exactly; a true share is a quotient, to 30 decimals.
return case
  when p_part = p_whole then p_value
  else (p_value * p_part + 0.000000000000000000000000000000) / p_whole
end;

revoke all on function ratebook.context_tokens(jsonb) from public;
revoke all on function ratebook.open_windows(bigint, integer, timestamptz) from public;
revoke all on function ratebook.find_sheet(uuid, text, text, jsonb, text, text, text, timestamptz) from public;
revoke all on function ratebook.price_usage(ratebook.price_sheets, jsonb, ratebook.what_if) from public;
revoke all on function ratebook.whole_usage(jsonb, jsonb, jsonb) from public;
revoke all on function ratebook.share(numeric, numeric, numeric) from public;

comment on function ratebook.context_tokens(jsonb) is
'The input of a usage that counts toward context thresholds, in tokens.';
comment on function ratebook.open_windows(bigint, integer, timestamptz) is
'Which daily windows of a schedule''s period are open at a time in it, as a bit mask of their numbers.';
comment on function ratebook.find_sheet(uuid, text, text, jsonb, text, text, text, timestamptz) is
'The price sheet for a request: two lookups, whatever the length of the history. NULL where no price is in force.';
comment on function ratebook.price_usage(ratebook.price_sheets, jsonb, ratebook.what_if) is
'What each meter of a valid usage costs by a sheet, which may be one of a what-if; unit_price is NULL where it has no price. One row per meter, or per meter and band where a marginal context tier splits it.';
comment on function ratebook.whole_usage(jsonb, jsonb, jsonb) is
'A usage, an object, with one request where the prices of its sheet have one for that and it does not say how many, and at least the minimum of each meter that it uses. Every form asks this before ratebook.price_usage().';
comment on function ratebook.share(numeric, numeric, numeric) is 'value × part / whole.';

-- from sql/45_prices/120_function_base_prices.sql

create function ratebook.base_prices(p_model_id uuid, p_at timestamptz) returns table (
  meter text,
  unit_type ai.unit_type_enum,
  price numeric,
  currency text,
  is_public boolean
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select k.key, k.unit_type, e.value::numeric, s.currency, (p.price_rows -> e.key -> 2)::boolean
  from ratebook.price_source_at(p_model_id, p_at) as f
  inner join ratebook.price_schedules as s
    on (s.model_id, s.source, s.currency) = (p_model_id, f.price_source, f.price_currency)
  inner join ratebook.price_sheets as p
    on
      p.schedule_id = s.id
      and p.period = width_bucket(p_at, s.starts)
      and (p.service_tier, p.variant, p.region, p.open_windows, p.band) = ('standard', '', '', 0, 0)
  cross join lateral jsonb_each(p.prices) as e
  inner join ai.meters as k on k.key = e.key
  -- The sheet also holds what meters cost by their fallbacks.
  where p.price_rows -> e.key ->> 1 = e.key;
end;
$$;

revoke all on function ratebook.base_prices(uuid, timestamptz) from public;

comment on function ratebook.base_prices(uuid, timestamptz) is
'What each meter of a model that has a price of its own costs at a time, per ONE unit: in the standard tier, without threshold, window, variant and region. Hidden prices too, marked.';

-- from sql/45_prices/130_function_feed_problems.sql

create function ratebook.is_a_feed_name(p_name jsonb) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return coalesce(jsonb_typeof(p_name) = 'string' and p_name #>> '{}' ~ '^\S(.{0,253}\S)?$', false);

create function ratebook.are_feed_names(p_names jsonb) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select case jsonb_typeof(p_names)
    when 'array'
      then
        not exists (
          select from jsonb_array_elements(p_names) as n (name)
          where not ratebook.is_a_feed_name(n.name)
        )
    else p_names is null
  end;
end;

create function ratebook.reads_as(p_text text, p_type text) returns boolean
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
as $$
begin
  return case p_type
    when 'date' then ratebook.is_date(p_text::date)
    when 'time' then ratebook.is_time(p_text::timestamptz)
    when 'zone' then isfinite(timestamptz 'epoch' at time zone p_text)
  end;
exception
  when data_exception then
    return false;
end;
$$;

create function ratebook.feed_problems(p_source text, p_models jsonb) returns table (number bigint, problem text)
language sql stable
set search_path = pg_catalog, pg_temp
-- What is no feed at all is told first: the checks below it could not read it.
begin atomic
  -- Anything may come in: each step takes apart only what has the type that it reads.
  with models as materialized (
    select
      e.number,
      e.model,
      jsonb_typeof(e.model) = 'object' as is_object
    from
      jsonb_array_elements(case when jsonb_typeof(p_models) = 'array' then p_models end)
      with ordinality as e (model, number)
  ),

  -- Prices keep their model's number, by which a sentence tells where to look.
  prices as materialized (
    select
      m.number,
      p.price,
      left(p.price ->> 'meter', 60) as meter,
      jsonb_typeof(p.price) = 'object' as is_object
    from models as m
    cross join
      lateral jsonb_array_elements(
        case when jsonb_typeof(m.model -> 'prices') = 'array' then m.model -> 'prices' end
      ) as p (price)
    where m.is_object
  ),

  -- Few distinct ones, however many prices: each is tried once.
  zones as materialized (
    select
      z.name,
      ratebook.reads_as(z.name, 'zone') as is_known
    from (
      select distinct p.price ->> 'window_time_zone' as name from prices as p
      where p.is_object
    ) as z
    where z.name is not null
  )

  -- The feed as a whole: these have no number.
  select
    null::bigint as number,
    'The source is not a lower-case name of at most 100 characters.' as problem
  where p_source is null or p_source !~ '^[a-z0-9][a-z0-9_.-]{0,99}$'
  union all
  select
    null as number,
    'The models are not a JSON array.' as problem
  where jsonb_typeof(p_models) is distinct from 'array'
  union all
  select
    null as number,
    'The feed has no models.' as problem
  where p_models = '[]'
  union all
  select
    m.number,
    'it is not a JSON object.' as problem
  from models as m
  where not m.is_object
  union all
  -- What its reader has given up on.
  select
    m.number,
    left(m.model ->> 'problem', 300)
  from models as m
  where m.is_object and m.model ->> 'problem' is not null
  union all
  -- Each model: what becomes its key, names and columns fits them.
  select
    m.number,
    c.problem
  from models as m
  cross join
    lateral (
      values
      (
        jsonb_typeof(m.model -> 'provider') is distinct from 'string'
        or m.model ->> 'provider' !~ '^[a-z0-9][a-z0-9_.-]{0,99}$'
        or m.model ->> 'provider' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-',
        'its provider is not a lower-case key of at most 100 characters.'
      ),
      (
        not ratebook.is_a_feed_name(m.model -> 'provider_model_key')
        or length(concat_ws('/', m.model ->> 'provider', m.model ->> 'provider_model_key', p_source)) > 255,
        'its provider_model_key is not a name, or longer than 255 characters with provider and source.'
      ),
      (not ratebook.is_a_feed_name(m.model -> 'name'), 'its name is not one of at most 255 characters.'),
      (
        m.model ? 'provider_name' and not ratebook.is_a_feed_name(m.model -> 'provider_name'),
        'its provider_name is not one of at most 255 characters.'
      ),
      -- Prices of another type are skipped by the step above, and would be lost without a word.
      (jsonb_typeof(m.model -> 'prices') <> 'array', 'its prices are not a JSON array.'),
      (
        jsonb_typeof(m.model -> 'attributes') <> 'object',
        'its attributes are not a JSON object.'
      ),
      (
        not ratebook.are_feed_names(m.model -> 'aliases'),
        'its aliases are not a JSON array of names of at most 255 characters.'
      ),
      (
        not ratebook.are_feed_names(m.model -> 'unmapped'),
        'its unmapped keys are not a JSON array of names of at most 255 characters.'
      ),
      -- Attributes become typed columns: a value that does not fit would end the whole import with a worse sentence.
      (
        exists (
          select from
            jsonb_each_text(
              case when jsonb_typeof(m.model -> 'attributes') = 'object' then m.model -> 'attributes' else '{}' end
            ) as a
          where
            (a.key in ('context_window', 'max_tokens') and (a.value !~ '^[1-9]\d{0,9}$' or a.value::bigint > 2147483647))
            or (a.key in ('modality', 'task') and a.value !~ '^\S.{0,100}$')
        ),
        'context_window and max_tokens are not whole numbers, or modality and task are not names.'
      ),
      -- Names of features are free, those of capabilities are not.
      (
        not ratebook.are_feed_names(m.model #> '{attributes,supports}')
        or not ratebook.are_feed_names(m.model #> '{attributes,capabilities}')
        or exists (
          select from
            jsonb_array_elements_text(
              case
                when jsonb_typeof(m.model #> '{attributes,capabilities}') = 'array'
                  then m.model #> '{attributes,capabilities}'
              end
            ) as c (name)
          where c.name <> all(enum_range(null::ai.ai_capability_enum)::text[])
        ),
        'supports and capabilities are not JSON arrays of names, or of known capabilities.'
      ),
      -- As do these: what PostgreSQL would refuse in the middle of the import is found here, with the model's name.
      (
        m.model #>> '{attributes,status}' <> all(enum_range(null::ai.model_status_enum)::text[]),
        'its status is not one of ai.model_status_enum.'
      ),
      (
        not ratebook.reads_as(m.model #>> '{attributes,release_date}', 'date')
        or not ratebook.reads_as(m.model #>> '{attributes,deprecation_date}', 'date'),
        'its release_date or deprecation_date is not a date.'
      ),
      (
        length(m.model #>> '{attributes,model_family}') > 255
        or not ratebook.is_text(m.model #>> '{attributes,description}')
        or not ratebook.is_text(m.model #>> '{attributes,provider_url}'),
        'its description, provider_url or model_family is too long.'
      )
    ) as c (is_wrong, problem)
  where m.is_object and c.is_wrong
  union all
  -- One model says one thing. Word for word the same is no contradiction: the first of them is read.
  select
    m.number,
    'it is in the feed twice, and the two do not say the same.' as problem
  from (
    select
      o.number,
      min(o.model::text) over w <> max(o.model::text) over w as contradicts
    from models as o
    where o.is_object
    window w as (partition by o.model ->> 'provider', o.model ->> 'provider_model_key')
  ) as m
  where m.contradicts
  union all
  -- Every set of windows that may be open at once has sheets of its own, and six make 64.
  select
    m.number,
    'it has prices for more than six daily windows.' as problem
  from prices as m
  where m.is_object and m.price ->> 'window_start' is not null
  group by m.number
  having
    count(
      distinct row(
        m.price ->> 'window_start', m.price ->> 'window_end', m.price ->> 'window_days', m.price ->> 'window_time_zone'
      )
    ) > 6
  union all
  select
    p.number,
    'a price is not a JSON object.' as problem
  from prices as p
  where not p.is_object
  union all
  -- Each price: a meter, a number and conditions that a row of ai.model_pricing can hold.
  select
    p.number,
    format('price of %s: %s', coalesce(p.meter, 'no meter'), c.problem)
  from prices as p
  cross join
    lateral (
      values
      (
        not exists (
          select from ai.meters as t
          where t.key = p.price ->> 'meter'
        ),
        'there is no such meter.'
      ),
      (
      -- Any JSON number, or one as a string, and not absurdly long. Null ends the price before, on a date.
        case
          when jsonb_typeof(p.price -> 'price') = 'null' then not p.price ? 'effective_from'
          when coalesce(p.price ->> 'price', '') !~ '^\d{1,40}(\.\d{1,60})?([eE][+-]?\d{1,2})?$' then true
          else not ratebook.is_price((p.price ->> 'price')::numeric)
        end,
        format('%s is not a number from 0 to below 1000000.', coalesce(to_json(left(p.price ->> 'price', 60))::text, 'none'))
      ),
      -- Conditions decide to whom a price applies: one that is misspelt would price nobody, or everybody.
      (
        p.price ? 'service_tier'
        and not exists (
          select from ai.service_tiers as t
          where t.key = p.price ->> 'service_tier'
        ),
        format('there is no service tier "%s".', left(p.price ->> 'service_tier', 60))
      ),
      (p.price ? 'currency' and p.price ->> 'currency' !~ '^[A-Z]{3}$', 'its currency is not an ISO 4217 code.'),
      (
        (p.price ? 'variant' and not ratebook.is_a_feed_name(p.price -> 'variant'))
        or (p.price ? 'region' and not ratebook.is_a_feed_name(p.price -> 'region')),
        'its variant or region is not a name of at most 255 characters.'
      ),
      -- Missing has a meaning, a value of another type has none.
      (
        p.price ? 'context_threshold' and p.price ->> 'context_threshold' !~ '^[1-9]\d{0,17}$',
        'its context_threshold is not a whole number of tokens.'
      ),
      (
        p.price ? 'threshold_inclusive' and jsonb_typeof(p.price -> 'threshold_inclusive') <> 'boolean',
        'its threshold_inclusive is not true or false.'
      ),
      (
        p.price ? 'tier_mode' and p.price ->> 'tier_mode' not in ('whole_request', 'marginal'),
        'its tier_mode is not whole_request or marginal.'
      ),
      -- A window is told whole or not at all.
      (
        num_nulls(
          p.price ->> 'window_start', p.price ->> 'window_end', p.price ->> 'window_days',
          p.price ->> 'window_time_zone'
        ) not in (0, 4)
        or p.price ->> 'window_start' !~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$'
        or p.price ->> 'window_end' !~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$'
        or p.price ->> 'window_start' = p.price ->> 'window_end'
        or p.price ->> 'window_days' !~ '^([1-9]|[1-9]\d|1[01]\d|12[0-7])$'
        or exists (
          select from zones as z
          where z.name = p.price ->> 'window_time_zone' and not z.is_known
        ),
        'its window is not a start, another end, weekdays from 1 to 127 and a time zone.'
      ),
      (
        p.price ? 'effective_from'
        and (
          coalesce(p.price ->> 'effective_from', '') !~ '^\d{4}-\d\d-\d\d'
          or not ratebook.reads_as(p.price ->> 'effective_from', 'time')
        ),
        'its effective_from is not a time.'
      )
    ) as c (is_wrong, problem)
  where p.is_object and c.is_wrong;
end;

revoke all on function ratebook.is_a_feed_name(jsonb) from public;
revoke all on function ratebook.are_feed_names(jsonb) from public;
revoke all on function ratebook.reads_as(text, text) from public;
revoke all on function ratebook.feed_problems(text, jsonb) from public;

comment on function ratebook.is_a_feed_name(jsonb) is
'Whether a value is a JSON string of 1 to 255 characters without blanks around it.';
comment on function ratebook.are_feed_names(jsonb) is
'Whether a value is a JSON array of such strings, or missing.';
comment on function ratebook.reads_as(text, text) is
'Whether a text can be read as a date, a time or the name of a time zone, and in bounds; NULL for NULL.';
comment on function ratebook.feed_problems(text, jsonb) is
'What is wrong with a feed, none for a sound one. number: which model, from 1, and what it says is then left out; NULL: there is no feed in it at all.';

-- from sql/45_prices/140_function_feed_changes.sql

-- The difference between a catalogue and the rate book, all of it set-based: what a feed says is compared with what its
-- source says here, and only what differs is written.

create function ratebook.feed_models(p_source text, p_models jsonb) returns table (
  model_id uuid,
  provider text,
  provider_model_key text,
  name text,
  currency text,
  ref text,
  key text,
  provider_name text,
  aliases text[],
  attributes jsonb
)
language sql stable
set search_path = pg_catalog, pg_temp
-- The models of a valid feed with what is here of them. model_id is NULL for a new one, whose key is provider/model;
-- where that name means another model already, the source is added to it.
begin atomic
  select
    m.id,
    f.provider,
    f.provider_model_key,
    f.name,
    c.currency,
    f.provider || '/' || f.provider_model_key,
    coalesce(
      m.key,
      f.provider || '/' || f.provider_model_key || case
        when
          exists (
            select from ai.models as o
            where o.key = f.provider || '/' || f.provider_model_key
          )
          or exists (
            select from ai.model_aliases as o
            -- Names that this source has given are given anew.
            where o.alias = f.provider || '/' || f.provider_model_key and o.source <> p_source
          )
          then '@' || p_source
        else ''
      end
    ),
    coalesce(f.provider_name, f.provider),
    array(select jsonb_array_elements_text(coalesce(f.aliases, '[]'))),
    coalesce(f.attributes, '{}')
  from
    jsonb_to_recordset(p_models)
      as f (
        provider text, provider_name text, provider_model_key text, name text, aliases jsonb, attributes jsonb,
        prices jsonb
      )
  left join ai.providers as p on p.key = f.provider
  left join ai.models as m on m.provider_id = p.id and m.provider_model_key = f.provider_model_key
  cross join lateral (
    select coalesce(min(e.price ->> 'currency'), 'USD') as currency
    from jsonb_array_elements(coalesce(f.prices, '[]')) as e (price)
  ) as c;
end;

create function ratebook.feed_keys() returns table (id uuid, key text, ref text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    m.id,
    m.key,
    p.key || '/' || m.provider_model_key
  from ai.models as m
  inner join ai.providers as p on p.id = m.provider_id
  where m.provider_model_key is not null;
end;

create function ratebook.price_says(
  p_price numeric, p_threshold bigint, p_inclusive boolean, p_mode ai.tier_mode_enum
) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return trim_scale(p_price)::text || case
  when p_threshold is null then ' false whole_request'
  else format(' %s %s', p_inclusive::text, p_mode)
end;

create function ratebook.feed_prices(p_models jsonb) returns table (
  ref text,
  meter text,
  service_tier text,
  currency text,
  variant text,
  region text,
  context_threshold bigint,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  effective_from timestamptz,
  price_key text,
  says text
)
language sql stable
set search_path = pg_catalog, pg_temp
-- price_key names what is priced, says what it costs: equal texts are equal prices.
begin atomic
  select distinct
    r.ref,
    p.meter,
    r.service_tier,
    r.currency,
    p.variant,
    p.region,
    p.context_threshold,
    p.window_start,
    p.window_end,
    p.window_days,
    p.window_time_zone,
    p.effective_from,
    row(
      r.ref, p.meter, r.service_tier, r.currency, p.variant, p.region, p.context_threshold, p.window_start,
      p.window_end, p.window_days, p.window_time_zone
    )::text,
    ratebook.price_says(
      p.price, p.context_threshold, coalesce(p.threshold_inclusive, false), coalesce(p.tier_mode, 'whole_request')
    )
  from jsonb_to_recordset(p_models) as f (provider text, provider_model_key text, prices jsonb)
  cross join
    lateral jsonb_to_recordset(f.prices)
      as p (
        meter text, price numeric, service_tier text, currency text, variant text, region text,
        context_threshold bigint, threshold_inclusive boolean, tier_mode ai.tier_mode_enum, window_start time,
        window_end time, window_days integer, window_time_zone text, effective_from timestamptz
      )
  cross join
    lateral (
      select
        f.provider || '/' || f.provider_model_key as ref,
        coalesce(p.service_tier, 'standard') as service_tier,
        coalesce(p.currency, 'USD') as currency
    ) as r
  where f.prices is not null;
end;

create function ratebook.feed_changes(
  p_source text, p_models jsonb, p_starts_at timestamptz, p_at timestamptz, p_unread text[]
) returns table (
  ref text,
  meter text,
  service_tier text,
  currency text,
  variant text,
  region text,
  context_threshold bigint,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  effective_from timestamptz,
  price_key text,
  says text,
  says_now text,
  revision integer,
  change text
)
language sql stable
-- The sizes of a feed are unknown to the planner, which then takes them for tiny.
set search_path = pg_catalog, pg_temp set enable_nestloop = off
-- Both sides are series in time, per key. A price without a date says what applies from p_at on, or from p_starts_at
-- for a model that this source has not priced before; prices with dates say it for all time. Wherever the rate book
-- says something else on a date, that date needs a row.
begin atomic
  -- What the feed says, row by row.
  with feed as materialized (
    select f.* from ratebook.feed_prices(p_models) as f
  ),

  -- What the source says here, of each key and date the highest revision. Other sources are none of its business.
  book as materialized (
    select distinct on (q.price_key, q.effective_from) q.*
    from (
      select
        b.meter,
        b.service_tier,
        b.currency,
        b.variant,
        b.region,
        b.context_threshold,
        b.window_start,
        b.window_end,
        b.window_days,
        b.window_time_zone,
        b.effective_from,
        b.revision,
        b.is_pinned,
        p.key || '/' || m.provider_model_key as ref,
        row(
          p.key || '/' || m.provider_model_key, b.meter, b.service_tier, b.currency, b.variant, b.region,
          b.context_threshold, b.window_start, b.window_end, b.window_days, b.window_time_zone
        )::text as price_key,
        -- Written by the same function as the feed's, so that equal prices are equal texts.
        ratebook.price_says(b.price_per_unit, b.context_threshold, b.threshold_inclusive, b.tier_mode) as says
      from ai.model_pricing as b
      inner join ai.models as m on m.id = b.model_id
      inner join ai.providers as p on p.id = m.provider_id
      where
        b.source = p_source
        and m.provider_model_key is not null
        and p.key || '/' || m.provider_model_key <> all(p_unread)
    ) as q
    order by q.price_key asc, q.effective_from asc, q.revision desc
  ),

  -- Models, and keys, that this source has priced before.
  priced as (select distinct b.ref from book as b),

  booked as (select distinct b.price_key from book as b),

  -- From when on a person has had the last word about a key: the first pinned row that is in force, or is to come.
  pins as (
    select
      b.price_key,
      min(b.effective_from) as pinned_from
    from (
      select
        o.*,
        lead(o.effective_from) over (partition by o.price_key order by o.effective_from) as ends
      from book as o
    ) as b
    where b.is_pinned and (b.ends is null or b.ends > p_at)
    group by b.price_key
  ),

  -- What the feed has of a key: prices with dates, or one without.
  spoken as (
    select
      f.price_key,
      bool_or(f.effective_from is not null) as is_dated,
      bool_or(f.effective_from is null) as is_undated,
      max(f.says) filter (where f.effective_from is null) as says_undated,
      min(f.effective_from) as first_date,
      bool_or(b.price_key is not null) as is_booked,
      bool_or(p.ref is not null) as is_priced
    from feed as f
    left join priced as p on p.ref = f.ref
    left join booked as b on b.price_key = f.price_key
    group by f.price_key
  ),

  -- From when on it has its say. Dates speak of the past, up to the first; what it says without a date, of the time
  -- before that. Where the book agrees with that already, how it came to do so is history and stays.
  keys as materialized (
    select
      s.price_key,
      s.is_dated,
      s.is_undated,
      s.first_date,
      s.is_booked,
      case
        when s.is_dated and not s.is_booked then '-infinity'
        -- What is announced has no say before its day.
        when s.is_dated and s.first_date <= greatest(p_at, p_starts_at)
          then case
            when
              not s.is_undated
              or s.says_undated = (
                select b.says from book as b
                where b.price_key = s.price_key and b.effective_from < s.first_date
                order by b.effective_from desc
                limit 1
              )
              then s.first_date
            else '-infinity'
          end
        when s.is_priced then greatest(p_at, p_starts_at)
        else p_starts_at
      end as says_from
    from spoken as s
  ),

  -- Every date on which either side speaks of a key.
  moments as (
    select
      f.price_key,
      f.ref,
      f.meter,
      f.service_tier,
      f.currency,
      f.variant,
      f.region,
      f.context_threshold,
      f.window_start,
      f.window_end,
      f.window_days,
      f.window_time_zone,
      -- Without a date it was there before the first.
      coalesce(
        f.effective_from, case when k.says_from = k.first_date then '-infinity' else k.says_from end
      ) as effective_from,
      f.says as feed_says,
      true as in_feed,
      null::text as book_says,
      false as in_book,
      null::integer as revision
    from feed as f
    inner join keys as k on k.price_key = f.price_key
    union all
    -- What the book says stands beside it, with the revision that a correction of the date has to exceed.
    select
      b.price_key,
      b.ref,
      b.meter,
      b.service_tier,
      b.currency,
      b.variant,
      b.region,
      b.context_threshold,
      b.window_start,
      b.window_end,
      b.window_days,
      b.window_time_zone,
      b.effective_from,
      null as feed_says,
      false,
      b.says,
      true,
      b.revision
    from book as b
    union all
    -- Moments that neither side names: the end of a key that is gone, the start of one whose first price has no date.
    select distinct
      b.price_key,
      b.ref,
      b.meter,
      b.service_tier,
      b.currency,
      b.variant,
      b.region,
      b.context_threshold,
      b.window_start,
      b.window_end,
      b.window_days,
      b.window_time_zone,
      -- Not before now: what was charged was charged by that price.
      greatest(p_at, p_starts_at),
      null as feed_says,
      false as in_feed,
      null as book_says,
      false as in_book,
      null::integer as revision
    from book as b
    where
      not exists (
        select from keys as k
        where k.price_key = b.price_key and (k.says_from = '-infinity' or k.is_undated)
      )
    union all
    -- A dated key whose feed also has a price without a date: that one is what applies from the start.
    select
      f.price_key,
      f.ref,
      f.meter,
      f.service_tier,
      f.currency,
      f.variant,
      f.region,
      f.context_threshold,
      f.window_start,
      f.window_end,
      f.window_days,
      f.window_time_zone,
      -- Neither side speaks here, so that what applies is carried over from before.
      p_starts_at,
      null as feed_says,
      false as in_feed,
      null as book_says,
      false as in_book,
      null as revision
    from feed as f
    inner join keys as k on k.price_key = f.price_key
    where
      f.effective_from is null
      and k.is_dated
      and k.says_from = '-infinity'
      and p_starts_at < k.first_date
      and not exists (
        select from book as b
        where b.price_key = f.price_key and b.effective_from <= p_starts_at
      )
  ),

  -- One row per key and date, both sides beside each other.
  merged as (
    select
      m.price_key,
      m.effective_from,
      max(m.ref) as ref,
      max(m.meter) as meter,
      max(m.service_tier) as service_tier,
      max(m.currency) as currency,
      max(m.variant) as variant,
      max(m.region) as region,
      max(m.context_threshold) as context_threshold,
      max(m.window_start) as window_start,
      max(m.window_end) as window_end,
      max(m.window_days) as window_days,
      max(m.window_time_zone) as window_time_zone,
      -- Of the rows of a date at most one speaks for each side.
      max(m.feed_says) as feed_says,
      bool_or(m.in_feed) as in_feed,
      max(m.book_says) as book_says,
      bool_or(m.in_book) as in_book,
      max(m.revision) as revision
    from moments as m
    group by m.price_key, m.effective_from
  ),

  -- What a side has said goes on until it speaks again: the runs between.
  counted as (
    select
      m.*,
      count(*) filter (where m.in_feed) over w as feed_run,
      count(*) filter (where m.in_book) over w as book_run,
      coalesce(k.says_from, greatest(p_at, p_starts_at)) as says_from,
      coalesce(k.is_booked, true) as is_booked
    from merged as m
    left join keys as k on k.price_key = m.price_key
    window w as (partition by m.price_key order by m.effective_from)
  ),

  -- What each side says on every date: the first word of its run.
  stated as (
    select
      c.*,
      first_value(c.feed_says) over (
        partition by c.price_key, c.feed_run order by c.in_feed desc, c.effective_from asc
      ) as wanted,
      first_value(c.book_says) over (
        partition by c.price_key, c.book_run order by c.in_book desc, c.effective_from asc
      ) as found
    from counted as c
  ),

  -- Where the feed has its say. Before that the past stays as it is.
  due as (
    select
      s.*,
      row_number() over w = 1 as is_first,
      lag(s.wanted) over w as wanted_before,
      coalesce(s.effective_from >= p.pinned_from, false) as is_pinned
    from stated as s
    left join pins as p on p.price_key = s.price_key
    where s.effective_from >= s.says_from and isfinite(s.effective_from)
    window w as (partition by s.price_key order by s.effective_from)
  )

  -- A date needs a row where the book, with the rows written so far, would say something else.
  select
    d.ref,
    d.meter,
    d.service_tier,
    d.currency,
    d.variant,
    d.region,
    d.context_threshold,
    d.window_start,
    d.window_end,
    d.window_days,
    d.window_time_zone,
    -- A date that the book has already is corrected by the next revision; a price row is never changed.
    d.effective_from,
    d.price_key,
    d.wanted,
    c.says_now,
    coalesce(d.revision + 1, 0),
    case
      when not c.differs then 'unchanged'
      when d.is_pinned then 'pinned'
      when d.wanted is null then 'withdrawn'
      when not d.is_booked or c.says_now is null then 'added'
      else 'changed'
    end
  from due as d
  cross join
    lateral (
      select
        b.says_now,
        coalesce(d.wanted, '') <> coalesce(b.says_now, '') as differs
      -- Nothing is written where a pin stands, so there it goes on saying what it says.
      from (
        select case when d.in_book or d.is_first or d.is_pinned then d.found else d.wanted_before end
      ) as b (says_now)
    ) as c
  where d.in_feed or c.differs;
end;

revoke all on function ratebook.feed_models(text, jsonb) from public;
revoke all on function ratebook.feed_keys() from public;
revoke all on function ratebook.price_says(numeric, bigint, boolean, ai.tier_mode_enum) from public;
revoke all on function ratebook.feed_prices(jsonb) from public;
revoke all on function ratebook.feed_changes(text, jsonb, timestamptz, timestamptz, text[]) from public;

comment on function ratebook.feed_models(text, jsonb) is
'The models of a valid feed, each with the model here that it is, by provider and provider_model_key. ref: provider/provider_model_key.';
comment on function ratebook.feed_keys() is
'All models by the name that feeds have for them. ref: provider/provider_model_key.';
comment on function ratebook.price_says(numeric, bigint, boolean, ai.tier_mode_enum) is
'What a price row says, as a text that is the same for equal prices; NULL for a withdrawn row.';
comment on function ratebook.feed_prices(jsonb) is
'The prices of a valid feed, typed. price_key names what is priced, says what it costs: equal texts are equal prices.';
comment on function ratebook.feed_changes(text, jsonb, timestamptz, timestamptz, text[]) is
'The price rows with which the rate book comes to say what a feed says, and the prices that stay. says_now: what it would say without the row. p_unread: models, as provider/provider_model_key, that the feed has and that could not be read; they stay as they are. change: added, changed, withdrawn, unchanged, or pinned: a person''s price stays instead.';

-- from sql/45_prices/142_function_readable_feed.sql

create function ratebook.readable_feed(
  p_source text, p_models jsonb, p_strict boolean, out models jsonb, out skipped jsonb, out unread text[]
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_problems text[];
begin
  -- What has a flaw is left out by its number; a feed with nothing left in it is none.
  with problems as materialized (
    select f.number, string_agg(f.problem, ' ' order by f.problem) as problem
    from ratebook.feed_problems(p_source, p_models) as f
    group by f.number
  ),

  -- Of several that say the same, the first is the one that is read.
  entries as materialized (
    select
      e.number,
      e.model,
      p.problem,
      left(concat_ws('/', e.model ->> 'provider', e.model ->> 'provider_model_key'), 355) as ref,
      row_number() over (
        partition by e.model ->> 'provider', e.model ->> 'provider_model_key' order by p.number is null desc, e.number
      ) as copy
    from
      jsonb_array_elements(case when jsonb_typeof(p_models) = 'array' then p_models end)
      with ordinality as e (model, number)
    left join problems as p on p.number = e.number
  )

  -- Told apart: what is no feed at all, what is read, and what is left out and why.
  select
    (select array_agg(p.problem) from problems as p where p.number is null),
    (select jsonb_agg(e.model order by e.number) from entries as e where e.problem is null and e.copy = 1),
    (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'model', coalesce(nullif(e.ref, ''), format('number %s', e.number)),
            'problem', coalesce(e.problem, 'it is in the feed twice and says the same; read once.')
          )
          order by e.number
        ), '[]'
      )
      from entries as e
      where e.problem is not null or e.copy > 1
    )
  into v_problems, models, skipped;

  -- Two prices of one thing: which of them is meant, nobody knows.
  if v_problems is null and models is not null then
    with contradictions as materialized (
      select d.ref, format('it has two prices of %s for the same thing.', min(d.meter)) as problem
      from (
        select f.ref, f.meter from ratebook.feed_prices(models) as f
        group by f.ref, f.meter, f.price_key, f.effective_from
        having count(*) > 1
      ) as d
      group by d.ref
    )

    -- Their models join what is left out.
    select
      jsonb_agg(e.model) filter (where c.ref is null),
      skipped || coalesce(
        jsonb_agg(jsonb_build_object('model', c.ref, 'problem', c.problem)) filter (where c.ref is not null), '[]'
      )
    into models, skipped
    from jsonb_array_elements(models) as e (model)
    left join contradictions as c on c.ref = concat_ws('/', e.model ->> 'provider', e.model ->> 'provider_model_key');
  end if;

  -- The old way, where anything that is left out refuses the feed; one that has nothing else is refused anyway.
  if v_problems is null and (p_strict and skipped <> '[]' or models is null) then
    select array_agg(format('%s: %s', s.entry ->> 'model', s.entry ->> 'problem'))
    into v_problems
    from jsonb_array_elements(skipped) as s (entry);
  end if;
  if v_problems is not null then
    perform ratebook.fail(
      'invalid_feed',
      v_problems[1] || case
        when cardinality(v_problems) > 1 then format(' (and %s more)', cardinality(v_problems) - 1) else ''
      end,
      'Nothing was imported. Mend the feed.',
      jsonb_build_object('problems', to_jsonb(v_problems[1:20]), 'count', cardinality(v_problems))
    );
  end if;

  -- Left out is not gone: what is here of these stays as it is.
  unread := array(
    select s.entry ->> 'model' from jsonb_array_elements(skipped) as s (entry)
    except
    select concat_ws('/', m.model ->> 'provider', m.model ->> 'provider_model_key')
    from jsonb_array_elements(models) as m (model)
  );
end;
$$;

revoke all on function ratebook.readable_feed(text, jsonb, boolean) from public;

comment on function ratebook.readable_feed(text, jsonb, boolean) is
'A feed without what cannot be read or contradicts itself. skipped: [{model, problem}]; unread: those of them that the feed has nowhere else, as provider/provider_model_key. Errors: invalid_feed (PT422) where nothing is left, or p_strict and anything is left out.';

-- from sql/45_prices/145_function_feed_plan.sql

-- Prices that are odd enough for a person to look at before anybody pays them. Only what would be written is looked at.

create function ratebook.feed_plan(
  p_source text, p_models jsonb, p_starts_at timestamptz, p_at timestamptz, p_unread text[], p_accept text[]
) returns table (
  ref text,
  meter text,
  service_tier text,
  currency text,
  variant text,
  region text,
  context_threshold bigint,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  effective_from timestamptz,
  says text,
  says_now text,
  revision integer,
  change text,
  reason text,
  beside numeric
)
language sql stable
-- As in ratebook.feed_changes().
set search_path = pg_catalog, pg_temp set enable_nestloop = off
begin atomic
  with changes as materialized (
    select
      c.*,
      split_part(c.ref, '/', 1) as provider,
      split_part(c.says, ' ', 1)::numeric as price,
      split_part(c.says_now, ' ', 1)::numeric as price_now
    from ratebook.feed_changes(p_source, p_models, p_starts_at, p_at, p_unread) as c
  ),

  -- A name on the list lets all prices of its model through.
  accepted as (
    select f.ref
    from ratebook.feed_models(p_source, p_models) as f
    where f.ref = any(p_accept) or f.key = any(p_accept) or f.aliases && p_accept
  ),

  written as materialized (
    select c.*
    from changes as c
    where c.change in ('added', 'changed') and c.ref not in (select a.ref from accepted as a)
  ),

  -- What other sources say of the same today, in one currency: 0 says nothing of how much a thing may cost.
  elsewhere as materialized (
    select
      q.ref,
      q.provider,
      q.meter,
      q.currency,
      q.price_key,
      q.price
    from (
      select distinct on (b.source, k.price_key)
        k.ref,
        k.provider,
        b.meter,
        b.currency,
        k.price_key,
        b.price_per_unit as price
      from ai.model_pricing as b
      inner join ai.models as m on m.id = b.model_id
      inner join ai.providers as p on p.id = m.provider_id
      -- The key of ratebook.feed_prices(), by which the same thing is found.
      cross join
        lateral (
          select
            p.key as provider,
            p.key || '/' || m.provider_model_key as ref,
            row(
              p.key || '/' || m.provider_model_key, b.meter, b.service_tier, b.currency, b.variant, b.region,
              b.context_threshold, b.window_start, b.window_end, b.window_days, b.window_time_zone
            )::text as price_key
        ) as k
      where
        b.source <> p_source
        and b.effective_from <= p_at
        and m.provider_model_key is not null
        and p.key in (select w.provider from written as w)
      order by b.source asc, k.price_key asc, b.effective_from desc, b.revision desc
    ) as q
    where q.price > 0
  ),

  -- The dearest of them is what a price is held against.
  others as (
    select
      e.price_key,
      max(e.price) as most
    from elsewhere as e
    group by e.price_key
  ),

  -- Of each model of a provider the least that a meter costs, whoever says so.
  least as materialized (
    select
      q.provider,
      q.ref,
      q.meter,
      q.currency,
      min(q.price) as price
    from (
      select
        split_part(f.ref, '/', 1) as provider,
        f.ref,
        f.meter,
        f.currency,
        split_part(f.says, ' ', 1)::numeric as price
      from ratebook.feed_prices(p_models) as f
      where f.says is not null
      -- Models that only others know belong to the picture too.
      union all
      select
        e.provider,
        e.ref,
        e.meter,
        e.currency,
        e.price
      from elsewhere as e
    ) as q
    where q.price > 0
    group by q.provider, q.ref, q.meter, q.currency
  ),

  -- The cheapest of a provider's models, free ones aside.
  floors as (
    select
      l.provider,
      l.meter,
      l.currency,
      min(l.price) as price
    from least as l
    group by l.provider, l.meter, l.currency
  ),

  -- First sight: nothing here says what it costs, or that it is free. Most are cleared by the cheapest of their provider's
  -- models; only for the others it is worth looking for the one in the middle.
  strangers as materialized (
    select distinct
      w.provider,
      w.ref,
      w.meter,
      w.currency
    from written as w
    inner join floors as f on (f.provider, f.meter, f.currency) = (w.provider, w.meter, w.currency)
    where coalesce(w.price_now, 0) = 0 and w.price > 1000 * f.price
  ),

  -- Without the model itself: of two, the other is what is usual.
  medians as materialized (
    select
      s.ref,
      s.meter,
      s.currency,
      percentile_disc(0.5) within group (order by l.price) as price
    from strangers as s
    inner join least as l on l.provider = s.provider and l.meter = s.meter and l.currency = s.currency and l.ref <> s.ref
    group by s.ref, s.meter, s.currency
  ),

  -- The first of three reasons to ask a person, and the amount that a price is beside.
  odd as (
    select
      w.price_key,
      w.effective_from,
      o.reason,
      o.beside
    from written as w
    left join others as e on e.price_key = w.price_key
    left join medians as n on (n.ref, n.meter, n.currency) = (w.ref, w.meter, w.currency)
    cross join
      lateral (
        select
          case
            when w.price_now > 0 and (w.price > 10 * w.price_now or w.price * 10 < w.price_now) then 'jump'
            when w.price > 10 * e.most then 'other_sources'
            when coalesce(w.price_now, 0) = 0 and w.price > 1000 * n.price then 'first_sight'
          end as reason,
          e.most,
          n.price as median
      ) as v
    -- What it was held against, for the report.
    cross join
      lateral (
        select
          v.reason,
          case v.reason when 'jump' then w.price_now when 'other_sources' then v.most else v.median end as beside
      ) as o
    where o.reason is not null
  )

  -- All changes again, and what is odd among them is not to be written.
  select
    c.ref,
    c.meter,
    c.service_tier,
    c.currency,
    c.variant,
    c.region,
    c.context_threshold,
    c.window_start,
    c.window_end,
    c.window_days,
    c.window_time_zone,
    c.effective_from,
    c.says,
    c.says_now,
    c.revision,
    case when o.reason is null then c.change else 'held' end,
    o.reason,
    o.beside
  from changes as c
  left join odd as o on (o.price_key, o.effective_from) = (c.price_key, c.effective_from);
end;

create function ratebook.told_price(
  p_model text, p_meter text, p_service_tier text, p_currency text, p_variant text, p_region text, p_threshold bigint,
  p_window_start time, p_window_end time, p_window_days integer, p_window_time_zone text, p_effective_from timestamptz
) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
return jsonb_strip_nulls(
  jsonb_build_object(
    'model', p_model,
    'meter', p_meter,
    'service_tier', p_service_tier,
    'currency', p_currency,
    'variant', p_variant,
    'region', p_region,
    'context_threshold', p_threshold,
    'window_start', p_window_start,
    'window_end', p_window_end,
    'window_days', p_window_days,
    'window_time_zone', p_window_time_zone,
    'effective_from', p_effective_from
  )
);

create function ratebook.own_prices(p_source text, p_models jsonb, p_at timestamptz) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  with own as materialized (
    select
      m.id,
      m.key,
      m.price_source,
      n.ref
    from ratebook.feed_models(p_source, p_models) as n
    inner join ai.models as m on m.id = n.model_id
    where m.price_source <> p_source and not m.metadata ? 'catalogue' and m.deleted_at is null
  ),

  priced as materialized (
    select distinct
      f.ref,
      f.meter
    from ratebook.feed_prices(p_models) as f
    where f.says is not null and f.ref in (select o.ref from own as o)
  )

  select
    coalesce(
      jsonb_agg(
        jsonb_build_object('model', o.key, 'price_source', o.price_source, 'missing', l.meters) order by o.key
      ), '[]'
    )
  from own as o
  cross join lateral (
    select
      array(
        select f.meter from priced as f
        where f.ref = o.ref
        except
        select p.meter from ratebook.prices_in_force(o.id, p_at) as p
        order by meter
      ) as meters
  ) as l;
end;

revoke all on function ratebook.feed_plan(text, jsonb, timestamptz, timestamptz, text[], text[]) from public;
revoke all on function ratebook.own_prices(text, jsonb, timestamptz) from public;
revoke all on function ratebook.told_price(
  text, text, text, text, text, text, bigint, time, time, integer, text, timestamptz
) from public;

comment on function ratebook.feed_plan(text, jsonb, timestamptz, timestamptz, text[], text[]) is
'The answer of ratebook.feed_changes(), where change is held for a price that no person has accepted and that is odd. reason: jump (more than ten times what it was, or less than a tenth), other_sources (more than ten times the most that another source says of it), first_sight (new, and more than a thousand times the median of the least prices of its provider''s other models for the meter); beside: that other amount. p_accept: names of models whose prices are let through.';
comment on function ratebook.own_prices(text, jsonb, timestamptz) is
'The models of a feed that people made and that follow another source: [{model, price_source, missing}], with the meters that the feed prices and their own source does not.';
comment on function ratebook.told_price(
  text, text, text, text, text, text, bigint, time, time, integer, text, timestamptz
) is 'What a price is for, as the report of an import tells it: conditions that it has, no others.';

-- from sql/45_prices/147_function_give_names.sql

create function ratebook.give_names(
  p_source text, p_models jsonb, p_at timestamptz, p_unread text[]
) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp set enable_nestloop = off
as $$
declare
  v_report jsonb;
begin
  -- What the feed calls its models, keys among it. One that was merged into another speaks for that one, a deleted one
  -- for nobody.
  with claims as materialized (
    select distinct n.name, m.id as model_id, m.key, f.ref
    from ratebook.feed_models(p_source, p_models) as f
    inner join ai.models as d on d.id = f.model_id
    inner join ai.models as m
      on m.id = case when d.deleted_at is null then d.id else ratebook.heir(d.id, 'infinity') end and m.deleted_at is null
    cross join lateral unnest(f.aliases || d.key) as n (name)
  ),

  -- What this source has dropped gives its names up, unless an admin has said who succeeds it.
  gone as materialized (
    select m.id, m.key, m.successor_id
    from ai.models as m
    where
      m.metadata ->> 'catalogue' = p_source
      and m.metadata ? 'removed_from_catalogue'
      -- Or has taken it back.
      and m.status = 'retired'
      and m.deleted_at is null
      and (m.successor_id is null or m.successor_id::text = m.metadata ->> 'moved_to')
      and m.id not in (select c.model_id from claims as c)
  ),

  -- Who has a name for good: by its key, or by the word of a person or another catalogue.
  holders as materialized (
    select m.key as name, m.id as model_id
    from ai.models as m
    where m.id not in (select g.id from gone as g)
    union
    select a.alias, a.model_id from ai.model_aliases as a where a.source <> p_source
  ),

  -- Those of whom only names that somebody claims are looked at, each with whom it leads to.
  held as materialized (
    select
      h.name,
      case when m.successor_id is null then m.id else ratebook.heir(m.id, 'infinity') end as model_id
    from holders as h
    inner join ai.models as m on m.id = h.model_id
    where h.name in (select c.name from claims as c)
  ),

  -- A name that one model claims and nobody else has is given to it.
  given as materialized (
    select s.name, s.model_id
    from (
      select c.name, (array_agg(c.model_id))[1] as model_id
      from (select distinct c.name, c.model_id from claims as c) as c
      group by c.name
      having count(*) = 1
    ) as s
    where not exists (
      select from held as h where h.name = s.name and h.model_id <> s.model_id
    )
  ),

  -- The newest feed decides: names that it gives to others, or to nobody, leave. Those of what is gone are history, and
  -- stay where they are until somebody else is called so; so do those of what could not be read.
  freed as (
    delete from ai.model_aliases as a
    where
      a.source = p_source
      and (
        a.alias in (select c.name from claims as c)
        or a.model_id in (
          select k.id
          from ratebook.feed_keys() as k
          inner join ai.models as m on m.id = k.id
          where
            m.deleted_at is null
            and not (m.metadata ->> 'catalogue' = p_source and m.metadata ? 'removed_from_catalogue')
            and k.ref <> all(p_unread)
            -- What came by a merge is a person's word.
            and not exists (
              select from ai.models as d where d.successor_id = m.id and d.deleted_at is not null
            )
        )
      )
      and (a.alias, a.model_id) not in (select g.name, g.model_id from given as g)
    returning a.alias, a.model_id
  ),

  -- With its source, so that names which a catalogue gave can be told from others.
  made as (
    insert into ai.model_aliases (alias, model_id, source)
    select g.name, g.model_id, p_source
    from given as g
    inner join ai.models as m on m.id = g.model_id
    where
      g.name <> m.key
      and not exists (
        select from ai.model_aliases as a where a.alias = g.name and a.model_id = g.model_id
      )
      -- Nor where it leads there by way of another, whose successor the model is.
      and not exists (
        select from holders as h where h.name = g.name and h.model_id <> g.model_id
      )
    returning alias, model_id
  ),

  -- An entry that has moved to another provider takes its old key along: where that key is a name of the other now, or
  -- where all names with a slash are, which are no short ones.
  moves as (
    select g.id, coalesce(k.model_id, s.model_id) as model_id
    from gone as g
    left join given as k on k.name = g.key
    left join (
      select a.model_id as id, (array_agg(n.model_id))[1] as model_id
      from ai.model_aliases as a
      left join given as n on n.name = a.alias
      where a.source = p_source and a.alias like '%/%' and a.model_id in (select o.id from gone as o)
      group by a.model_id
      having count(*) = count(n.model_id) and count(distinct n.model_id) = 1
    ) as s on s.id = g.id
    where coalesce(k.model_id, s.model_id) <> coalesce(g.successor_id, g.id)
  ),

  moved as (
    update ai.models as m
    set
      successor_id = v.model_id,
      succeeded_at = p_at,
      metadata = m.metadata || jsonb_build_object('moved_to', v.model_id)
    from moves as v
    inner join ai.models as t on t.id = v.model_id
    -- The id of a hidden model is not shown by one that is not.
    where m.id = v.id and (t.is_public or not m.is_public)
  ),

  -- What somebody else has, so that an admin sees who was left without.
  taken as (
    select distinct c.name, c.ref, c.model_id
    from claims as c
    where
      c.name <> c.key
      and not exists (
        select from given as g where (g.name, g.model_id) = (c.name, c.model_id)
      )
      and not exists (
        select from ai.model_aliases as a where (a.alias, a.model_id) = (c.name, c.model_id) and a.source <> p_source
      )
  )

  -- A name that moves is added, and not removed.
  select
    jsonb_build_object(
      'added', (select count(*) from made),
      'removed', (select count(*) from freed as f where f.alias not in (select m.alias from made as m)),
      'taken', (select count(*) from taken),
      -- Each with who has it, or claims it too.
      'names', (
        select coalesce(
          jsonb_agg(jsonb_build_object('name', t.name, 'model', t.ref, 'held_by', h.keys) order by t.name, t.ref), '[]'
        )
        from taken as t
        cross join lateral (
          select coalesce(jsonb_agg(distinct m.key), '[]') as keys
          from (
            select o.model_id from held as o where o.name = t.name
            union
            select o.model_id from claims as o where o.name = t.name
          ) as o
          inner join ai.models as m on m.id = o.model_id
          where o.model_id <> t.model_id
        ) as h
      ),
      -- Models that have gained or lost a name.
      'changed', (
        select coalesce(jsonb_agg(distinct c.ref), '[]')
        from claims as c
        where
          c.model_id in (
            select m.model_id from made as m
            union
            select f.model_id from freed as f
          )
      )
    )
  into v_report;
  return v_report;
end;
$$;

revoke all on function ratebook.give_names(text, jsonb, timestamptz, text[]) from public;

comment on function ratebook.give_names(text, jsonb, timestamptz, text[]) is
'Makes names lead where a feed says, once its models are there and what it has dropped is marked: adds, moves and takes away aliases of its source, and lets the key of a model that it has dropped lead to the one that has its names now. A name that two claim goes to neither, and one that is another model''s key, or an alias of another source, stays there. Returns {added, removed, taken, names: [{name, model, held_by}], changed: [provider/provider_model_key]}.';

-- from sql/45_prices/150_function_import_catalogue.sql

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

-- from sql/45_prices/155_function_json_in_text.sql

-- A GET request carries JSON as text.
create function ratebook.json_in_text(p_json jsonb) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case jsonb_typeof(p_json) when 'string' then (p_json #>> '{}')::jsonb else p_json end;
exception
  when invalid_text_representation or untranslatable_character or numeric_value_out_of_range or statement_too_complex then
    return p_json; -- What is asked next says what is wrong.
end;
$$;

revoke all on function ratebook.json_in_text(jsonb) from public;
comment on function ratebook.json_in_text(jsonb) is 'The JSON that a JSON string holds; anything else as it is.';

-- from sql/45_prices/160_function_usage_formats.sql

-- What the usage objects of providers hold: each counts the same token in several fields, and each in its own way.
--
-- A format is drawn as its own object is: where a count stands, here stands what it counts. A new one is a row below.
--   input, cached, written, output, thoughts (each alone, and input_, cached_, output_ with image, audio or video)
--     and total are taken apart by ratebook.usage_meters(); written_short, written_1h, written_12h are parts of written.
--   X_again  what X counts once more, under another name. written_else: written, where it is not zero.
--   a key of ai.meters  a count of its own, beside all of these.
--   tier:KEY  counted elsewhere; that it is there states the service tier.
--   none  counted elsewhere, or free: neither the field nor what is under it.
-- Names may be in camelCase or in snake_case: SDKs differ. Entries of a list go by their modality, ttl, type or name;
-- "" is for a field that is a count in some versions and an object in others.
--
-- caches_are_inside: the input holds the cached and the written tokens. thoughts_are_inside: the output holds the
-- thoughts, where no total says so. marks: what only this format has, a jsonpath on the usage; is_plain: others have it
-- too, and mean the same. states: what else the answer says of the price, in the usage or beside it, and what that means:
-- an argument of billing.quote(), and for each word its value there. null says nothing; of several the first is meant,
-- and an argument may be any; what stands nowhere and has no * is a word that nobody prices. variant? is for a price
-- that may be there, refused for what changes the bill in a way that no price row can say.
create type ratebook.usage_format as (
  format text,
  names text [],
  caches_are_inside boolean,
  thoughts_are_inside boolean,
  is_plain boolean,
  marks text,
  fields jsonb,
  states jsonb
);

create function ratebook.usage_formats_of_providers(p_name text) returns setof ratebook.usage_format
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  -- OpenAI, and those who speak its language. A text count is what the others leave; predictions, accepted and
  -- rejected, are billed inside the completion.
  v_input constant jsonb := jsonb '{
    "text_tokens": "none", "image_tokens": "input_image", "audio_tokens": "input_audio", "video_tokens": "input_video",
    "cached_tokens": "cached",
    "cached_tokens_details": {
      "text_tokens": "none", "image_tokens": "cached_image", "audio_tokens": "cached_audio",
      "video_tokens": "cached_video"
    },
    "cache_write_tokens": "written",
    "cache_write_tokens_details": {"ttl_30m_tokens": "written_short", "ttl_12h_tokens": "written_12h"}
  }';
  v_output constant jsonb := jsonb '{
    "text_tokens": "none", "image_tokens": "output_image", "audio_tokens": "output_audio",
    "video_tokens": "output_video", "reasoning_tokens": "thoughts",
    "accepted_prediction_tokens": "none", "rejected_prediction_tokens": "none"
  }';
  v_chat constant jsonb := jsonb '{"prompt_tokens": "input", "completion_tokens": "output", "total_tokens": "total"}'
    || jsonb_build_object('prompt_tokens_details', v_input, 'completion_tokens_details', v_output);
  -- Realtime and transcriptions say token_details.
  v_responses constant jsonb := jsonb '{"input_tokens": "input", "output_tokens": "output", "total_tokens": "total"}'
    || jsonb_build_object(
      'input_tokens_details', v_input, 'output_tokens_details', v_output, 'input_token_details', v_input,
      'output_token_details', v_output
    );
  -- A batch says default too.
  v_tiers constant jsonb := jsonb '{"service_tier": {"service_tier": {
    "auto": null, "default": ["standard", "batch"], "standard": ["standard", "batch"], "on_demand": ["standard", "batch"],
    "flex": "flex", "priority": "priority", "fast": "priority", "ultrafast": "ultrafast"
  }}}';
  -- A page of a document is read as a picture. A medium that is not named is text.
  v_medium constant jsonb := jsonb '{
    "TEXT": {"tokenCount": "none"}, "MODALITY_UNSPECIFIED": {"tokenCount": "none"}, "?": {"tokenCount": "none"},
    "IMAGE": {"tokenCount": "input_image"}, "DOCUMENT": {"tokenCount": "input_image"},
    "AUDIO": {"tokenCount": "input_audio"}, "VIDEO": {"tokenCount": "input_video"}
  }';
  v_media constant jsonb := replace(v_medium::text, 'tokenCount', 'tokens')::jsonb;
  v_claude constant jsonb := jsonb '{
    "input_tokens": "input", "cache_read_input_tokens": "cached", "cache_creation_input_tokens": "written",
    "cache_creation": {
      "ephemeral_5m_input_tokens": "written_short", "ephemeral_1h_input_tokens": "written_1h"
    },
    "output_tokens": "output", "output_tokens_details": {"thinking_tokens": "thoughts"}
  }';
begin
  return query
  -- format, names, caches and thoughts inside, plain, marks, fields, states. Only what is asked for is made.
  select
    -- Moonshot, like DeepSeek below, names the cached tokens outside the details too.
    'openai_chat', '{openai_chat}'::text[], true, true, true, '$.prompt_tokens',
    v_chat || '{
      "prompt_cache_hit_tokens": "cached_again", "prompt_cache_miss_tokens": "none", "cached_tokens": "cached_again",
      "cost": "none", "cost_details": "none"
    }',
    v_tiers
  where coalesce(p_name = any('{openai_chat}'), true)
  union all
  select
    -- What makes an SVG of a picture is another model.
    'openai_responses', '{openai_responses}'::text[], true, true, true,
    '$ ? (exists(@.input_tokens_details) || exists(@.output_tokens_details) || exists(@.input_token_details)
      || @.type == "duration")',
    v_responses || '{"seconds": "input_audio_second"}',
    v_tiers || '{"svg_usage.model": {"refused": {}}}'
  where coalesce(p_name = any('{openai_responses}'), true)
  union all
  select
    -- A compaction reads and writes beside the message, at the same prices; the iterations of the message itself are in
    -- its counts already. Any other iteration is another model's. Fetching costs nothing but its tokens.
    'anthropic', '{anthropic,anthropic_messages}'::text[], false, true, false,
    '$ ? (exists(@.input_tokens) && (exists(@.cache_read_input_tokens) || exists(@.cache_creation_input_tokens)
      || exists(@.cache_creation) || exists(@.output_tokens_details.thinking_tokens)))',
    v_claude || jsonb_build_object(
      'iterations', jsonb_build_object('compaction', v_claude, 'message', 'none'),
      'server_tool_use', '{"web_search_requests": "web_search", "web_fetch_requests": "none"}'::jsonb
    ),
    -- A credit that was redeemed moves the bill.
    '{
      "service_tier": {"service_tier": {"standard": "standard", "priority": "priority", "batch": "batch"}},
      "speed": {"variant": {"standard": null, "*": "*"}},
      "inference_geo": {"region": {"global": null, "not_available": null, "*": "*"}},
      "fallback_credit.status.type": {"refused": {"not_applied": null}}
    }'
  where coalesce(p_name = any('{anthropic,anthropic_messages}'), true)
  union all
  select
    -- The results of tools are read beside the prompt. The Live API says response for candidates; below are the names of
    -- Interactions, which count the first turn and the raw prompt once more.
    'gemini', '{gemini,gemini_generate}'::text[], true, false, false,
    '$ ? (exists(@.promptTokenCount) || exists(@.candidatesTokenCount) || exists(@.responseTokenCount)
      || exists(@.candidates_token_count) || exists(@.response_token_count) || exists(@.total_input_tokens))',
    '{
      "promptTokenCount": "input", "toolUsePromptTokenCount": "input", "cachedContentTokenCount": "cached",
      "candidatesTokenCount": "output", "responseTokenCount": "output", "thoughtsTokenCount": "thoughts",
      "totalTokenCount": "total",
      "total_input_tokens": "input", "total_tool_use_tokens": "input", "total_cached_tokens": "cached",
      "total_output_tokens": "output", "total_thought_tokens": "thoughts", "total_tokens": "total",
      "initial_input_tokens": "none", "raw_prompt_token": "none", "model_invocation_token_counts": "none",
      "grounding_tool_count": {
        "google_search": {"count": "web_search"}, "google_maps": {"count": "map_query"},
        "retrieval": {"count": "file_search"}
      }
    }'::jsonb || jsonb_build_object(
      'promptTokensDetails', v_medium, 'toolUsePromptTokensDetails', v_medium,
      'cacheTokensDetails', replace(v_medium::text, 'input_', 'cached_')::jsonb,
      'candidatesTokensDetails', replace(v_medium::text, 'input_', 'output_')::jsonb,
      'responseTokensDetails', replace(v_medium::text, 'input_', 'output_')::jsonb,
      'input_tokens_by_modality', v_media, 'tool_use_tokens_by_modality', v_media,
      'cached_tokens_by_modality', replace(v_media::text, 'input_', 'cached_')::jsonb,
      'output_tokens_by_modality', replace(v_media::text, 'input_', 'output_')::jsonb
    ),
    -- Vertex AI says trafficType, the Gemini API serviceTier.
    '{
      "trafficType": {"service_tier": {
        "TRAFFIC_TYPE_UNSPECIFIED": null, "ON_DEMAND": ["standard", "batch"], "ON_DEMAND_PRIORITY": "priority",
        "ON_DEMAND_FLEX": "flex"
      }},
      "serviceTier": {"service_tier": {
        "unspecified": null, "standard": ["standard", "batch"], "flex": "flex", "priority": "priority"
      }}
    }'
  where coalesce(p_name = any('{gemini,gemini_generate}'), true)
  union all
  select
    -- The names that end with Count say the same once more; InvokeModel has these only.
    'bedrock', '{bedrock,bedrock_converse}'::text[], false, true, false,
    '$ ? (exists(@.cacheReadInputTokens) || exists(@.cacheWriteInputTokens) || exists(@.cacheDetails)
      || exists(@.inputTokenCount) || exists(@.cacheReadInputTokenCount))',
    '{
      "inputTokens": "input", "outputTokens": "output", "totalTokens": "total", "inputTokenCount": "input_again",
      "outputTokenCount": "output_again", "cacheReadInputTokens": "cached", "cacheWriteInputTokens": "written",
      "cacheReadInputTokenCount": "cached_again", "cacheWriteInputTokenCount": "written_again",
      "cacheDetails": {"5m": {"inputTokens": "written_short"}, "1h": {"inputTokens": "written_1h"}}
    }',
    '{
      "serviceTier.type": {"service_tier": {
        "default": ["standard", "batch"], "flex": "flex", "priority": "priority"
      }},
      "performanceConfig.latency": {"variant": {"standard": null, "*": "*"}}
    }'
  where coalesce(p_name = any('{bedrock,bedrock_converse}'), true)
  union all
  select
    'deepseek', '{deepseek}'::text[], true, true, false, '$.prompt_cache_hit_tokens', v_chat || '{
    "prompt_cache_hit_tokens": "cached_again", "prompt_cache_miss_tokens": "none"
  }', v_tiers
  where coalesce(p_name = any('{deepseek}'), true)
  union all
  select
    -- Flex costs what on demand costs. A compound model lists what it asked, each at its own prices.
    'groq', '{groq}'::text[], true, true, false, '$.queue_time', v_chat,
    '{
      "service_tier": {"service_tier": {
        "auto": null, "on_demand": ["standard", "batch"], "flex": ["standard", "flex"]
      }},
      "usage_breakdown.models": {"refused": {}}
    }'
  where coalesce(p_name = any('{groq}'), true)
  union all
  select
    -- Sound is billed by the second, and its tokens are in the total only. What connectors bring is input beside the
    -- prompt. OCR counts pages.
    'mistral', '{mistral}'::text[], true, true, false,
    '$ ? (exists(@.prompt_audio_seconds) || exists(@.num_cached_tokens) || exists(@.connector_tokens)
      || exists(@.pages_processed))',
    v_chat || '{
      "total_tokens": "none", "prompt_audio_seconds": "input_audio_second", "num_cached_tokens": "cached_again",
      "prompt_tokens_details": {"cached_tokens": "cached", "audio_tokens": "none", "text_tokens": "none"},
      "request_count": "none", "connector_tokens": "input",
      "connectors": {
        "web_search": "web_search", "code_interpreter": "code_execution", "document_library": "file_search"
      },
      "pages_processed": "page", "doc_size_bytes": "none"
    }',
    v_tiers
  where coalesce(p_name = any('{mistral}'), true)
  union all
  select
    -- Thoughts may be beside the completion, which the total tells. Sources are those of the old live search; what MCP
    -- and looking at pictures cost is their tokens. The SDK lists the tools by name.
    'xai', '{xai}'::text[], true, false, false,
    '$ ? (exists(@.cost_in_usd_ticks) || exists(@.num_sources_used) || exists(@.server_side_tool_usage_details)
      || exists(@.prompt_text_tokens))',
    v_chat || v_responses || '{
      "cost_in_usd_ticks": "none", "num_sources_used": "search_source", "num_server_side_tools_used": "none",
      "context_details": "none", "reasoning_tokens": "thoughts_again", "prompt_text_tokens": "none",
      "cached_prompt_text_tokens": "cached_again", "prompt_image_tokens": "input_image_again",
      "server_side_tool_usage_details": {
        "web_search_calls": "web_search", "x_search_calls": "x_search", "code_interpreter_calls": "code_execution",
        "file_search_calls": "file_search", "document_search_calls": "file_search",
        "attachment_search_calls": "attachment_search", "mcp_calls": "none", "view_image_calls": "none",
        "view_x_video_calls": "none"
      },
      "server_side_tools_used": {
        "SERVER_SIDE_TOOL_WEB_SEARCH": "web_search", "SERVER_SIDE_TOOL_X_SEARCH": "x_search",
        "SERVER_SIDE_TOOL_CODE_EXECUTION": "code_execution", "SERVER_SIDE_TOOL_COLLECTIONS_SEARCH": "file_search",
        "SERVER_SIDE_TOOL_ATTACHMENT_SEARCH": "attachment_search", "SERVER_SIDE_TOOL_MCP": "none",
        "SERVER_SIDE_TOOL_VIEW_IMAGE": "none", "SERVER_SIDE_TOOL_VIEW_X_VIDEO": "none",
        "SERVER_SIDE_TOOL_IMAGE_GENERATION": "?", "SERVER_SIDE_TOOL_IMAGE_SEARCH": "?"
      }
    }',
    -- In the words of REST and of the SDK.
    v_tiers || '{"service_tier": {"service_tier": {
      "SERVICE_TIER_UNSPECIFIED": null, "default": ["standard", "batch"], "SERVICE_TIER_DEFAULT": ["standard", "batch"],
      "priority": "priority", "SERVICE_TIER_PRIORITY": "priority"
    }}}'
  where coalesce(p_name = any('{xai}'), true)
  union all
  select
    -- The thoughts of deep research are beside the completion, and in no total. Agents name their tools.
    'perplexity', '{perplexity}'::text[], true, false, false,
    '$ ? (exists(@.citation_tokens) || exists(@.num_search_queries) || exists(@.search_context_size)
      || exists(@.cost.total_cost) || exists(@.tool_calls_details))',
    v_chat || '{
      "reasoning_tokens": "reasoning", "citation_tokens": "citation", "num_search_queries": "web_search", "cost": "none",
      "input_tokens": "input", "output_tokens": "output",
      "input_tokens_details": {"cache_read_input_tokens": "cached", "cache_creation_input_tokens": "written"},
      "tool_calls_details": {"web_search": {"invocation": "web_search"}, "search_web": {"invocation": "web_search"}}
    }',
    '{"search_context_size": {"variant?": {"*": "*"}}}'
  where coalesce(p_name = any('{perplexity}'), true)
  union all
  select
    -- Billed units are what is billed, whatever the model read; reading a cache costs the same.
    'cohere', '{cohere}'::text[], true, true, false, '$.billed_units',
    '{
      "billed_units": {
        "input_tokens": "input", "text_tokens": "none", "image_tokens": "input_image", "output_tokens": "output",
        "search_units": "query", "images": "input_image_count", "pages": "page"
      },
      "tokens": "none", "cached_tokens": "none", "api_version": "none"
    }',
    '{}'
  where coalesce(p_name = any('{cohere}'), true)
  union all
  select
    -- The usage lies beside the answer itself; durations are times.
    'ollama', '{ollama}'::text[], true, true, false, '$ ? (exists(@.prompt_eval_count) || exists(@.eval_count))',
    '{
      "prompt_eval_count": "input", "eval_count": "output", "total_duration": "none", "load_duration": "none",
      "prompt_eval_duration": "none", "eval_duration": "none", "message": "none", "response": "none", "context": "none",
      "embeddings": "none", "embedding": "none", "logprobs": "none"
    }',
    '{}'
  where coalesce(p_name = any('{ollama}'), true)
  union all
  select
    -- Pictures and sound are in the input, whether they stand in the details or above them. Qwen also speaks OpenAI's
    -- language, with details for each kind of bill once more.
    'dashscope', '{dashscope}'::text[], true, true, false,
    '$ ? (exists(@.characters) || exists(@.image_count) || exists(@.video_count) || exists(@.plugins)
      || exists(@.x_details) || exists(@.image_tokens) || exists(@.audio_tokens) || exists(@.video_tokens)
      || exists(@.prompt_tokens_details.cache_type))',
    v_chat || v_responses || '{
      "image_tokens": "input_image_again", "audio_tokens": "input_audio_again", "video_tokens": "input_video_again",
      "cached_tokens": "cached_again", "characters": "input_character", "image_count": "image", "video_count": "none",
      "video_duration": "video_second", "duration": "input_audio_second", "x_details": "none",
      "plugins": {"search": {"count": "web_search"}}
    }' || jsonb_build_object('prompt_tokens_details', v_input || '{
      "cache_creation_input_tokens": "written",
      "cache_creation": {"ephemeral_5m_input_tokens": "written_short"}
    }'),
    '{}'
  where coalesce(p_name = any('{dashscope}'), true)
  ;
end;
$$;

revoke all on function ratebook.usage_formats_of_providers(text) from public;

comment on function ratebook.usage_formats_of_providers(text) is
'The formats of providers own usage objects.';

comment on type ratebook.usage_format is 'How a provider''s usage object is read.';
comment on column ratebook.usage_format.format is 'Its name.';
comment on column ratebook.usage_format.names is 'This and other names that a caller may give.';
comment on column ratebook.usage_format.caches_are_inside is 'Whether its input holds the cached and the written tokens.';
comment on column ratebook.usage_format.thoughts_are_inside is 'Whether its output holds the thoughts, where no total says so.';
comment on column ratebook.usage_format.is_plain is 'Whether other formats have its fields too, and mean the same.';
comment on column ratebook.usage_format.marks is 'A jsonpath for what only this format has.';
comment on column ratebook.usage_format.fields is 'What each field counts.';
comment on column ratebook.usage_format.states is 'What it states about the price.';

-- from sql/45_prices/161_function_usage_formats_of_sdks.sql

-- More formats, drawn as in ratebook.usage_formats_of_providers().
create function ratebook.usage_formats_of_sdks(p_name text) returns setof ratebook.usage_format
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tiers constant jsonb := jsonb '{
    "auto": null, "default": ["standard", "batch"], "standard": ["standard", "batch"],
    "on_demand": ["standard", "batch"], "flex": "flex", "priority": "priority", "fast": "priority",
    "ultrafast": "ultrafast", "batch": "batch"
  }';
  v_speed constant jsonb := jsonb '{"variant": {"standard": null, "*": "*"}}';
  v_chat constant jsonb := (select f.fields from ratebook.usage_formats_of_providers('openai_chat') as f);
  v_input constant jsonb := v_chat -> 'prompt_tokens_details';
  v_output constant jsonb := v_chat -> 'completion_tokens_details';
begin
  return query
  -- format, names, caches and thoughts inside, plain, marks, fields, states. Only what is asked for is made.
  select
    -- Its own cost is of its own account. A tool of a server is a search, or free; files are read as text.
    'openrouter', '{openrouter}'::text[], true, true, false,
    '$ ? (exists(@.is_byok) || exists(@.cost_details) || exists(@.server_tool_use_details)
      || exists(@.search_units))',
    v_chat || jsonb_build_object(
      'input_tokens', 'input', 'output_tokens', 'output', 'input_tokens_details', v_input,
      'output_tokens_details', v_output, 'prompt_tokens_details', v_input || '{"file_tokens": "none"}',
      'seconds', 'input_audio_second', 'search_units', 'query',
      'server_tool_use', '{
        "tool_calls_executed": "none", "tool_calls_requested": "none", "web_search_requests": "web_search"
      }'::jsonb,
      'server_tool_use_details', '{
        "tool_calls_executed": "none", "tool_calls_requested": "none", "web_search_requests": "web_search_again"
      }'::jsonb
    ),
    jsonb_build_object('service_tier', jsonb_build_object('service_tier', v_tiers), 'speed', v_speed)
  where coalesce(p_name = any('{openrouter}'), true)
  union all
  select
    -- One form for all providers: OpenAI's, with what others count beside it, often twice.
    'litellm', '{litellm}'::text[], true, true, false,
    '$ ? (exists(@.prompt_tokens) && (exists(@.cache_read_input_tokens) || exists(@.cache_creation_input_tokens)
      || exists(@.prompt_tokens_details.cache_creation_tokens) || exists(@.prompt_tokens_details.web_search_requests)
      || exists(@.prompt_tokens_details.character_count) || exists(@.prompt_tokens_details.image_count)))',
    v_chat || '{
      "cache_read_input_tokens": "cached_again", "cache_creation_input_tokens": "written_again",
      "reasoning_tokens": "thoughts_again", "num_sources_used": "web_search_again",
      "num_search_queries": "web_search_again", "citation_tokens": "citation",
      "server_tool_use": {"web_search_requests": "web_search_again", "tool_search_requests": "none"}
    }' || jsonb_build_object('prompt_tokens_details', v_input || '{
      "cache_creation_tokens": "written_again",
      "cache_creation_token_details": {
        "ephemeral_5m_input_tokens": "written_short", "ephemeral_1h_input_tokens": "written_1h"
      },
      "web_search_requests": "web_search", "google_maps_grounding_requests": "map_query", "tool_use_tokens": "none",
      "character_count": "input_character", "image_count": "input_image_count", "query_count": "query",
      "video_length_seconds": "input_video_second", "audio_length_seconds": "input_audio_second"
    }'),
    -- In the usage or beside it, as the provider said it.
    jsonb_build_object(
      'service_tier', jsonb_build_object('service_tier', v_tiers), 'speed', v_speed,
      'inference_geo', '{"region": {"global": null, "not_available": null, "*": "*"}}'::jsonb
    )
  where coalesce(p_name = any('{litellm}'), true)
  union all
  select
    -- Where a service tier has prices of its own its name leads the names of the parts, and what is left stands under it
    -- alone. From Anthropic, what is written stands by its time to live, and then not under cache_creation.
    'langchain', '{langchain}'::text[], true, true, false,
    '$ ? (exists(@.input_token_details.cache_read) || exists(@.input_token_details.cache_creation)
      || exists(@.output_token_details.reasoning) || exists(@.input_token_details.flex)
      || exists(@.input_token_details.priority))',
    '{
      "input_tokens": "input", "output_tokens": "output", "total_tokens": "total",
      "input_token_details": {
        "audio": "input_audio", "image": "input_image", "video": "input_video", "text": "none",
        "cache_read": "cached", "cache_creation": "written_else", "ephemeral_5m_input_tokens": "written_short",
        "ephemeral_1h_input_tokens": "written_1h",
        "flex": "tier:flex", "flex_cache_read": "cached", "flex_cache_creation": "written_else",
        "priority": "tier:priority", "priority_cache_read": "cached", "priority_cache_creation": "written_else"
      },
      "output_token_details": {
        "audio": "output_audio", "image": "output_image", "video": "output_video", "text": "none",
        "reasoning": "thoughts", "flex": "tier:flex", "flex_reasoning": "thoughts", "priority": "tier:priority",
        "priority_reasoning": "thoughts"
      }
    }',
    jsonb_build_object('response_metadata.service_tier', jsonb_build_object('service_tier', v_tiers))
  where coalesce(p_name = any('{langchain}'), true)
  union all
  select
    -- Version 5 says cachedInputTokens and no details: inside the input, but for Anthropic and Bedrock, whose own usage is
    -- in providerMetadata. A provider of version 3 has the counts in objects.
    'vercel_ai', '{vercel_ai}'::text[], true, true, false,
    '$ ? (exists(@.inputTokenDetails) || exists(@.outputTokenDetails) || exists(@.cachedInputTokens)
      || exists(@.inputTokens.noCache) || exists(@.outputTokens.text) || exists(@.promptTokens))',
    '{
      "inputTokens": {"": "input", "total": "input", "noCache": "none", "cacheRead": "cached", "cacheWrite": "written"},
      "inputTokenDetails": {"noCacheTokens": "none", "cacheReadTokens": "cached", "cacheWriteTokens": "written"},
      "outputTokens": {"": "output", "total": "output", "text": "none", "reasoning": "thoughts"},
      "outputTokenDetails": {"textTokens": "none", "reasoningTokens": "thoughts"},
      "totalTokens": "total", "cachedInputTokens": "cached_again", "reasoningTokens": "thoughts_again", "raw": "none",
      "promptTokens": "input", "completionTokens": "output"
    }',
    -- The word of the provider is in its metadata.
    jsonb_build_object(
      'providerMetadata.openai.serviceTier', jsonb_build_object('service_tier', v_tiers),
      'providerMetadata.anthropic.usage.service_tier', jsonb_build_object('service_tier', v_tiers),
      'providerMetadata.anthropic.usage.speed', v_speed,
      'providerMetadata.anthropic.usage.inference_geo',
      '{"region": {"global": null, "not_available": null, "*": "*"}}'::jsonb
    )
  where coalesce(p_name = any('{vercel_ai}'), true)
  union all
  select
    -- The sum of a run. Its requests are no fee of the provider's; each is priced apart by its own entry, where that matters.
    'openai_agents', '{openai_agents}'::text[], true, true, false, '$ ? (exists(@.requests) && exists(@.input_tokens))',
    jsonb_build_object(
      'input_tokens', 'input', 'output_tokens', 'output', 'total_tokens', 'total',
      'input_tokens_details', v_input || jsonb_build_object('?', v_input),
      'output_tokens_details', v_output || jsonb_build_object('?', v_output),
      'requests', 'none', 'request_usage_entries', 'none'
    ),
    '{}'
  where coalesce(p_name = any('{openai_agents}'), true)
  union all
  select
    -- Attributes of a span, by their full names; the older names say the same. What is not usage is left out before.
    'opentelemetry', '{opentelemetry,otel}'::text[], true, true, false,
    '$ ? (exists(@."gen_ai.usage.input_tokens") || exists(@."gen_ai.usage.output_tokens")
      || exists(@."gen_ai.usage.prompt_tokens"))',
    '{
      "gen_ai.usage.input_tokens": "input", "gen_ai.usage.output_tokens": "output",
      "gen_ai.usage.prompt_tokens": "input_again", "gen_ai.usage.completion_tokens": "output_again",
      "gen_ai.usage.total_tokens": "total",
      "gen_ai.usage.cache_read.input_tokens": "cached", "gen_ai.usage.cache_creation.input_tokens": "written",
      "gen_ai.usage.reasoning.output_tokens": "thoughts"
    }',
    jsonb_build_object(
      'openai.response.service_tier', jsonb_build_object('service_tier', v_tiers),
      'gen_ai.openai.response.service_tier', jsonb_build_object('service_tier', v_tiers)
    )
  where coalesce(p_name = any('{opentelemetry,otel}'), true)
  ;
end;
$$;

revoke all on function ratebook.usage_formats_of_sdks(text) from public;

comment on function ratebook.usage_formats_of_sdks(text) is
'The formats of those who ask many providers, gateways, SDKs and telemetry: the one of that name, or all for NULL.';

-- from sql/45_prices/162_function_usage_values.sql

-- No field has so long a name, and a path repeats the names above it: unbounded, it would grow with the square of the
-- input. What is cut is marked.
create function ratebook.field_name(p_key text) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return case when length(p_key) > 100 then left(p_key, 100) || '…' else p_key end;

-- Most SDKs keep a provider's names; some write them in the way of their own language.
create function ratebook.field_of(p_fields jsonb, p_key text) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when jsonb_typeof(p_fields) is distinct from 'object' then null
    when p_fields ? p_key or length(p_key) > 100 then p_fields -> p_key
    when p_key ~ '[A-Z]' then p_fields -> lower(regexp_replace(p_key, '([A-Z])', '_\1', 'g'))
    when p_key ~ '_' then p_fields -> (left(p_key, 1) || substr(replace(initcap(replace(p_key, '_', ' ')), ' ', ''), 2))
  end;
end;
$$;

create type ratebook.usage_value as (
  path text,
  value jsonb,
  part text,
  depth integer
);

-- Below `none` nothing is looked at. What lies deeper than eight levels is not taken apart: a usage has three.
create function ratebook.usage_values(p_usage jsonb, p_fields jsonb) returns setof ratebook.usage_value
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  with recursive found (path, value, field, depth) as (
    select
      ratebook.field_name(e.key),
      e.value,
      ratebook.field_of(p_fields, e.key),
      1
    from jsonb_each(p_usage) as e
    union all
    select
      f.path || '.' || ratebook.field_name(e.key),
      e.value,
      ratebook.field_of(f.field, e.key),
      f.depth + 1
    from found as f
    cross join
      lateral (
        select
          o.key,
          o.value
        from jsonb_each(case jsonb_typeof(f.value) when 'object' then f.value end) as o
        union all
        select
          coalesce(upper(a.value ->> 'modality'), a.value ->> 'ttl', a.value ->> 'type', n.name, '?'),
          case when f.field ? n.name then '1' else a.value end
        from jsonb_array_elements(case jsonb_typeof(f.value) when 'array' then f.value end) as a
        -- A list of names counts each of those that its field knows as one.
        cross join lateral (select case jsonb_typeof(a.value) when 'string' then a.value #>> '{}' end as name) as n
      ) as e
    where f.depth < 8 and f.field is distinct from '"none"'
  )

  select
    f.path,
    f.value,
    case
      when jsonb_typeof(f.field) = 'string' then nullif(f.field #>> '{}', '?')
      -- A count in some versions, an object in others.
      when jsonb_typeof(f.value) not in ('object', 'array') then f.field ->> ''
    end,
    f.depth
  from found as f;
end;

revoke all on function ratebook.field_name(text) from public;
revoke all on function ratebook.field_of(jsonb, text) from public;
revoke all on function ratebook.usage_values(jsonb, jsonb) from public;

comment on function ratebook.field_name(text) is 'The name of a field as a path holds it: the first 100 characters, and … where there are more.';
comment on function ratebook.field_of(jsonb, text) is
'What stands in an object under a name, in camelCase or snake_case; NULL where it is none.';
comment on type ratebook.usage_value is 'Something in a usage object.';
comment on column ratebook.usage_value.path is 'Where it is, such as cacheDetails.1h.inputTokens.';
comment on column ratebook.usage_value.value is 'What is there.';
comment on column ratebook.usage_value.part is 'What it counts; NULL where nothing says so.';
comment on column ratebook.usage_value.depth is 'How many names its path has.';
comment on function ratebook.usage_values(jsonb, jsonb) is
'Everything in a usage object by its path, such as cacheDetails.1h.inputTokens, with what it counts by the fields of a format: the entries of a list go by their modality, ttl, type or name. Names longer than 100 characters are cut.';

-- from sql/45_prices/165_function_usage_meters.sql

-- One more number that the fields do not explain may be money. Beside the counts it is one unless its name says that it
-- is a time, a cost or a rate, which many providers add; among details it always is.
create function ratebook.is_count(p_path text) returns boolean
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return
p_path like '%…%' -- A name that was cut may say anything.
or p_path !~* '(cost|price|latency|throughput|speed|ticks|per_?second|time_?to_)|(^|_)(time|rate|ratio|created)(_|$)|[a-z](time|rate|ratio)$';

create function ratebook.refuse_field(
  p_error text, p_format text, p_field text, p_why text, p_hint text default null
) returns void
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail(p_error, format('"%s" of this %s usage %s.', left(p_field, 200), p_format, p_why), p_hint,
    jsonb_build_object('format', p_format, 'field', left(p_field, 200)));
end;
$$;


-- What the fields hold: for each part what its fields add up to, and one that says so.
create function ratebook.usage_counts(
  p_format text, p_fields jsonb, p_usage jsonb, out counts jsonb, out names jsonb
) returns record
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_found ratebook.usage_value[];
  v_path text;
  v_value jsonb;
  v_part text;
begin
  v_found := array(select v from ratebook.usage_values(p_usage, p_fields) as v);
  -- A field that is not known, or not well. One refuses the whole usage: what is left would be a smaller bill.
  select v.path, v.value, v.part into v_path, v_value, v_part
  from unnest(v_found) as v
  where case
    when v.part = 'none' or v.value = 'null' then false
    when v.part is null and jsonb_typeof(v.value) = 'number'
      then v.value <> '0' and (v.depth > 1 or p_fields ? v.path or ratebook.is_count(v.path))
    when v.part is null and jsonb_typeof(v.value) = 'string'
      then v.depth > 1 and v.value #>> '{}' ~ '^[0-9.]*[1-9][0-9.]*$' -- A number in quotes.
    when v.part is null
      then v.depth = 8 and jsonb_typeof(v.value) in ('object', 'array') and v.value not in ('{}', '[]')
    when jsonb_typeof(v.value) = 'number'
      then
        v.value::numeric not between 0 and 1e12
        or (v.part not like '%second' and v.value::numeric <> trunc(v.value::numeric))
    else true
  end
  order by v.part is null, v.path
  limit 1;
  -- By its name, and by what is wrong with it.
  if v_path is not null and v_part is null then
    perform ratebook.refuse_field('invalid_usage', p_format, v_path, 'counts something that has no meter here',
      'It may cost something, so it is not passed over. Look whether the usage is of another format; else count it yourself, by the meters of ai.meters.');
  elsif jsonb_typeof(v_value) <> 'number' then
    perform ratebook.refuse_field('not_a_number', p_format, v_path, 'is not a number');
  elsif v_value::numeric < 0 then
    perform ratebook.refuse_field('negative_quantity', p_format, v_path, 'is negative');
  elsif v_value::numeric > 1e12 then
    perform ratebook.refuse_field('quantity_out_of_range', p_format, v_path, 'is out of range');
  elsif v_path is not null then
    perform ratebook.refuse_field('invalid_usage', p_format, v_path, 'is not whole');
  end if;

  -- Fields of one part add up; those that repeat it under another name must not count twice.
  select jsonb_object_agg(p.part, p.quantity), jsonb_object_agg(p.part, p.path) into counts, names
  from (
    select
      c.part,
      greatest(sum(c.value) filter (where not c.is_again), max(c.value) filter (where c.is_again)) as quantity,
      coalesce(min(c.path) filter (where not c.is_again), min(c.path)) as path
    from (
      select
        regexp_replace(v.part, '_again$', '') as part,
        v.part like '%\_again' as is_again,
        v.value::numeric as value,
        v.path
      from unnest(v_found) as v
      where v.part <> 'none' and jsonb_typeof(v.value) = 'number'
    ) as c
    group by c.part
  ) as p;
  if counts - 'total' = '{}' or counts is null then
    perform ratebook.fail('invalid_usage', format('This usage has no counts of format %s.', p_format),
      'Look whether it is another format.', jsonb_build_object('format', p_format));
  end if;
end;
$$;

-- Takes the counts apart: makes the input whole, splits it by cache and by medium, then the output.
create function ratebook.usage_meters(
  p_format text,
  p_caches_are_inside boolean,
  p_thoughts_are_inside boolean,
  p_usage jsonb,
  p_counts jsonb,
  p_names jsonb
) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_meter text;
  v_thoughts_are_inside boolean := p_thoughts_are_inside;
  v_read numeric;  -- all input tokens
  v_text numeric;  -- those of no other meter
  v_cached numeric;
  v_written numeric;
  v_written_1h numeric := coalesce((p_counts ->> 'written_1h')::numeric, 0);
  v_written_12h numeric := coalesce((p_counts ->> 'written_12h')::numeric, 0);
  v_output numeric;
  v_thoughts numeric;
  v_total numeric;
  v_rest numeric;
  v_taken numeric;
  -- One place for each medium, in this order, in all of the arrays below.
  v_media constant text[] := array['image', 'audio', 'video'];
  v_input_of numeric[];
  v_cached_of numeric[];
  v_written_of numeric[] := array[0, 0, 0];
  v_output_of numeric[];
  v_result jsonb;
begin
  -- The input. A cache's tokens are a part of it or beside it; written ones may be told apart by how long they stay.
  v_cached := coalesce((p_counts ->> 'cached')::numeric, 0);
  v_rest := coalesce((p_counts ->> 'written_short')::numeric, 0) + v_written_1h + v_written_12h;
  v_written := coalesce(
    (p_counts ->> 'written')::numeric,
    nullif((p_counts ->> 'written_else')::numeric, 0),
    v_rest
  );
  if v_rest not in (0, v_written) then
    perform ratebook.refuse_field('invalid_usage', p_format,
      coalesce(p_names ->> 'written', p_names ->> 'written_else'),
      format('is %s, and its parts add up to %s', v_written, v_rest));
  end if;
  v_read := coalesce((p_counts ->> 'input')::numeric, 0);
  -- Mistral counts what it has cached of the sound, which is not in its input; version 5 of Vercel's SDK has one name for
  -- what is inside and, of Anthropic, beside.
  if p_format = 'mistral' and p_counts ? 'input_audio_second' then
    v_cached := least(v_cached, v_read);
  elsif p_format = 'vercel_ai' and v_cached > v_read and not p_usage ?| '{inputTokenDetails,input_token_details}' then
    v_read := v_read + v_cached;
  end if;
  if not p_caches_are_inside then
    v_read := v_read + v_cached + v_written;
  elsif v_cached + v_written > v_read then
    perform ratebook.refuse_field('invalid_usage', p_format,
      coalesce(
        case when v_cached > v_read then p_names ->> 'cached' end,
        p_names ->> 'written', p_names ->> 'written_else', p_names ->> 'written_short', p_names ->> 'written_1h',
        p_names ->> 'written_12h'
      ),
      format('is more than the input of %s that it is a part of', v_read));
  end if;

  -- Its media, and how much of each is cached.
  select
    array_agg(coalesce((p_counts ->> ('input_' || m.name))::numeric, 0) order by m.number),
    array_agg(coalesce((p_counts ->> ('cached_' || m.name))::numeric, 0) order by m.number),
    array_agg(coalesce((p_counts ->> ('output_' || m.name))::numeric, 0) order by m.number)
  into v_input_of, v_cached_of, v_output_of
  from unnest(v_media) with ordinality as m (name, number);
  v_text := v_read;
  v_rest := v_cached;
  for i in 1..3 loop
    v_text := v_text - v_input_of[i];
    v_rest := v_rest - v_cached_of[i];
    if v_text < 0 then
      perform ratebook.refuse_field('invalid_usage', p_format, p_names ->> ('input_' || v_media[i]),
        format('is more than the input of %s leaves', v_read));
    elsif v_rest < 0 or v_cached_of[i] > v_input_of[i] then
      perform ratebook.refuse_field('invalid_usage', p_format, p_names ->> ('cached_' || v_media[i]),
        'is more than was cached or more than was read');
    end if;
  end loop;

  -- The cached tokens whose medium is not told are text, as far as there is text, then image, audio, video. The same
  -- for those written to the cache. Input is what is left.
  v_taken := least(v_rest, v_text);
  v_text := v_text - v_taken;
  v_rest := v_rest - v_taken;
  for i in 1..3 loop
    v_taken := least(v_rest, v_input_of[i] - v_cached_of[i]);
    v_cached_of[i] := v_cached_of[i] + v_taken;
    v_rest := v_rest - v_taken;
  end loop;
  v_taken := least(v_written, v_text);
  v_text := v_text - v_taken;
  v_rest := v_written - v_taken;
  for i in 1..3 loop
    v_written_of[i] := least(v_rest, v_input_of[i] - v_cached_of[i]);
    v_rest := v_rest - v_written_of[i];
  end loop;

  -- The output. The total, where there is one, says whether thoughts are a part of it; else the format does.
  v_output := coalesce((p_counts ->> 'output')::numeric, 0);
  v_thoughts := coalesce((p_counts ->> 'thoughts')::numeric, 0);
  v_total := (p_counts ->> 'total')::numeric;
  if v_total = v_read + v_output then
    v_thoughts_are_inside := true;
  elsif v_total = v_read + v_output + v_thoughts then
    v_thoughts_are_inside := false;
  elsif p_format in ('bedrock', 'vercel_ai') and v_total = v_read + v_output - v_cached - v_written then
    null; -- As documented; in practice the total holds the caches too.
  -- What is billed by the query has a total of its own.
  elsif v_total is not null and not (p_counts ? 'query' and v_read + v_output = 0) then
    perform ratebook.refuse_field('invalid_usage', p_format, p_names ->> 'total',
      format('is %s, and the counts add up to %s', v_total,
        v_read + v_output + case when v_thoughts_are_inside then 0 else v_thoughts end),
      'A count is missing or wrong.');
  end if;
  if v_thoughts_are_inside then
    v_output := v_output - v_thoughts;
  end if;
  if v_output < 0 then
    perform ratebook.refuse_field('invalid_usage', p_format, p_names ->> 'thoughts',
      'is more than the output that it is a part of');
  end if;
  -- The usage of OpenAI's images: without details, the output is the picture.
  if p_format = 'openai_responses'
    and (p_usage -> 'input_tokens_details') ? 'image_tokens'
    and not (p_usage -> 'input_tokens_details') ? 'cached_tokens'
    and jsonb_typeof(p_usage -> 'output_tokens_details') is distinct from 'object'
  then
    v_output_of[1] := v_output;
  end if;
  for i in 1..3 loop
    v_output := v_output - v_output_of[i];
    if v_output < 0 then
      perform ratebook.refuse_field('invalid_usage', p_format, p_names ->> ('output_' || v_media[i]),
        'is more than the output leaves');
    end if;
  end loop;

  -- Every token is counted under one meter. Meters of nothing are left out: they need no price then.
  select jsonb_object_agg(m.meter, trim_scale(m.quantity)) into v_result
  from (
    values
    ('input', v_text),
    ('input_image', v_input_of[1] - v_cached_of[1] - v_written_of[1]),
    ('input_audio', v_input_of[2] - v_cached_of[2] - v_written_of[2]),
    ('input_video', v_input_of[3] - v_cached_of[3] - v_written_of[3]),
    ('cache_read', v_cached - v_cached_of[1] - v_cached_of[2]),
    ('cache_read_image', v_cached_of[1]),
    ('cache_read_audio', v_cached_of[2]),
    ('cache_write', v_written - v_written_1h - v_written_12h - v_written_of[2]),
    ('cache_write_1h', v_written_1h),
    ('cache_write_12h', v_written_12h),
    ('cache_write_audio', v_written_of[2]),
    ('output', v_output),
    ('output_image', v_output_of[1]),
    ('output_audio', v_output_of[2]),
    ('output_video', v_output_of[3]),
    ('reasoning', v_thoughts)
  ) as m (meter, quantity)
  where m.quantity <> 0;
  -- What is counted beside the tokens, each in a meter of its own.
  select coalesce(v_result, '{}') || coalesce(jsonb_object_agg(c.key, trim_scale(c.value::numeric)), '{}')
  into v_result
  from jsonb_each(p_counts) as c
  where c.value::numeric <> 0 and c.key !~ '^((input|cached|output)(_(image|audio|video))?|written.*|thoughts|total|tier:.*)$';
  -- Sums may exceed what each of their fields may be.
  select m.key into v_meter
  from jsonb_each(v_result) as m
  where m.value::numeric > 1e12 or scale(m.value::numeric) > 12
  limit 1;
  if found then
    perform ratebook.fail('quantity_out_of_range', format('The quantity of "%s" is out of range.', v_meter),
      'Quantities are at most 1e12, with at most 12 decimals.',
      jsonb_build_object('format', p_format, 'meter', v_meter));
  end if;
  return coalesce(nullif(v_result, '{}'), '{"input": 0, "output": 0}');
end;
$$;

revoke all on function ratebook.is_count(text) from public;
revoke all on function ratebook.refuse_field(text, text, text, text, text) from public;
revoke all on function ratebook.usage_counts(text, jsonb, jsonb) from public;
revoke all on function ratebook.usage_meters(text, boolean, boolean, jsonb, jsonb, jsonb) from public;

comment on function ratebook.is_count(text) is
'Whether a field that is not known counts something, going by its name: all but costs, times and rates.';
comment on function ratebook.refuse_field(text, text, text, text, text) is
'Raises an error of ratebook.fail() about a field of a usage; DETAIL has the format and the field.';
comment on function ratebook.usage_counts(text, jsonb, jsonb) is
'What the fields of a usage object count: part → sum, and part → the path of a field that says so. Errors: invalid_usage, not_a_number, negative_quantity, quantity_out_of_range (PT422).';
comment on function ratebook.usage_meters(text, boolean, boolean, jsonb, jsonb, jsonb) is
'The meters of what ratebook.usage_counts() found, each token in one. Errors: invalid_usage, quantity_out_of_range (PT422).';

-- from sql/45_prices/168_function_read_usage.sql

-- Every format, by each of its names.
create function ratebook.usage_formats() returns setof ratebook.usage_format
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select p.* from ratebook.usage_formats_of_providers(null) as p
  union all
  select s.* from ratebook.usage_formats_of_sdks(null) as s;
end;
$$;

-- The one of a name; without a name the one that nothing else could be. Of those that mean the same the plain one steps
-- back for what marks another.
create function ratebook.usage_format(p_name text, p_usage jsonb) returns ratebook.usage_format
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_format ratebook.usage_format;
  v_found text[];
begin
  if p_name is not null then
    select p.* into v_format from ratebook.usage_formats_of_providers(p_name) as p;
    if not found then
      select s.* into v_format from ratebook.usage_formats_of_sdks(p_name) as s;
    end if;
    if not found then
      perform ratebook.fail(
        'unknown_format', format('There is no usage format called "%s".', left(p_name, 100)),
        format(
          'Formats: %s.',
          (select string_agg(n.name, ', ' order by n.name) from ratebook.usage_formats() as f cross join unnest(f.names) as n (name))
        ),
        jsonb_build_object('format', left(p_name, 100))
      );
    end if;
    return v_format;
  end if;
  v_found := array(
    select f.format
    from ratebook.usage_formats() as f
    where p_usage @? f.marks::jsonpath
    order by f.is_plain, f.format
  );
  select f.* into v_format from ratebook.usage_formats() as f where f.format = v_found[1];
  if cardinality(v_found) = 0 or exists (
    select from ratebook.usage_formats() as f where f.format = v_found[2] and f.is_plain = v_format.is_plain
  ) then
    perform ratebook.fail(
      'unknown_format', 'This usage may be of several formats, or of none.',
      format(
        'Name the format: %s.',
        coalesce(
          nullif(array_to_string(v_found, ', '), ''),
          (select string_agg(f.format, ', ' order by f.format) from ratebook.usage_formats() as f)
        )
      ),
      jsonb_build_object('format', null)
    );
  end if;
  return v_format;
end;
$$;

-- A whole response carries the usage inside, under one of these names, and that may be inside an event or a batch's line.
create function ratebook.find_usage(p_answer jsonb, out answer jsonb, out usage jsonb) returns record
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_names constant text[] := array[
    'totalUsage', 'usage', 'usageMetadata', 'usage_metadata', 'usage_info', 'amazon-bedrock-invocationMetrics'
  ];
  v_around constant text[] := array['response', 'body', 'interaction', 'message', 'meta'];
  v_name text;
begin
  answer := p_answer;
  usage := p_answer;
  for i in 1..4 loop
    if jsonb_typeof(usage) = 'object' then
      select n.name into v_name
      from unnest(v_names || v_around) with ordinality as n (name, place)
      where
        usage -> n.name <> 'null'
        and (
          n.place <= cardinality(v_names)
          or (jsonb_typeof(usage -> n.name) = 'object' and usage -> n.name ?| (v_names || v_around || 'billed_units'::text))
        )
      order by n.place
      limit 1;
      exit when not found;
      answer := usage;
      usage := usage -> v_name;
    end if;
  end loop;
  -- The attributes of a span hold more than its usage.
  if jsonb_typeof(usage) = 'object' and usage @? '$.keyvalue() ? (@.key starts with "gen_ai.usage.")' then
    usage := (select jsonb_object_agg(u.key, u.value) from jsonb_each(usage) as u where starts_with(u.key, 'gen_ai.usage.'));
  end if;
  if jsonb_typeof(usage) is distinct from 'object' then
    perform ratebook.fail('invalid_usage', 'A provider''s usage is a JSON object.',
      'Pass the usage of the response, or the response that holds it.');
  end if;
end;
$$;

-- What an answer states about its price: argument → the words for it that a caller may use, the first of them meant.
create function ratebook.usage_states(
  p_format text, p_states jsonb, p_answer jsonb, p_usage jsonb, p_counts jsonb
) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_path text;
  v_argument text;
  v_words jsonb;
  v_place jsonb;
  v_said text;
  v_means jsonb;
  v_result jsonb := jsonb '{}';
begin
  for v_path, v_argument, v_words, v_place in
    select s.key, a.key, a.value, p.place
    from jsonb_each(p_states) as s
    cross join jsonb_each(s.value) as a
    cross join (values (1, p_usage), (2, p_answer)) as p (number, place)
    union all
    select c.key, 'service_tier', null, null
    from jsonb_object_keys(p_counts) as c (key)
    where c.key like 'tier:%'
  loop
    -- The parts of a form that names a tier say it by their names.
    if v_place is null then
      v_said := substr(v_path, 6);
      v_means := jsonb_build_array(v_said);
    else
      -- Some names have dots themselves.
      foreach v_said in array case when v_place ? v_path then array[v_path] else string_to_array(v_path, '.') end loop
        v_place := ratebook.field_of(v_place, v_said);
      end loop;
      continue when v_place is null or v_place in ('null', '{}', '[]');
      -- As the provider writes it, or in the other case.
      v_said := v_place #>> '{}';
      v_means := coalesce(v_words -> v_said, v_words -> lower(v_said), v_words -> upper(v_said));
      continue when v_means = 'null';
      if v_argument = 'refused' then
        perform ratebook.refuse_field('invalid_usage', p_format, v_path, 'changes the bill in a way that no price says',
          'Price each part of it apart, or charge what the provider bills.');
      end if;
      if v_means is null and v_words ->> '*' is null then
        perform ratebook.fail(
          'unknown_service_tier',
          format('"%s" of this %s answer is "%s", which no service tier stands for.', v_path, p_format, left(v_said, 100)),
          'Nothing here can price it: ask ai.service_tiers for the tiers, and price it by one as meters.',
          jsonb_build_object('format', p_format, 'field', v_path, 'service_tier', left(v_said, 100))
        );
      end if;
      v_means := coalesce(v_means, to_jsonb(v_said));
      if jsonb_typeof(v_means) = 'string' then
        v_means := jsonb_build_array(v_means);
      end if;
    end if;
    if v_result -> v_argument <> v_means then
      perform ratebook.refuse_contradiction(p_format, v_argument, v_result -> v_argument ->> 0, v_means ->> 0,
        'The answer states both', 'Pass the usage alone, with the one that it was.');
    end if;
    -- What may have a price of its own and need not is noted apart.
    if v_argument like '%?' then
      v_argument := rtrim(v_argument, '?');
      v_result := v_result || jsonb_build_object('plain', v_argument);
    end if;
    v_result := v_result || jsonb_build_object(v_argument, v_means);
  end loop;
  return v_result;
end;
$$;

create function ratebook.refuse_contradiction(
  p_format text, p_argument text, p_one text, p_other text, p_why text, p_hint text
) returns void
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.fail(
    'contradiction', format('%s: %s "%s" and "%s".', p_why, p_argument, left(p_one, 100), left(p_other, 100)),
    p_hint,
    jsonb_build_object(
      'format', p_format, 'argument', p_argument, 'given', left(p_one, 100), 'stated', left(p_other, 100)
    )
  );
end;
$$;

-- A usage with what its price depends on. Where the answer says nothing the caller's word counts; NULL is no word.
create type ratebook.stated_usage as (
  usage jsonb,
  service_tier text,
  variant text,
  region text,
  stated text []
);

create function ratebook.read_usage(
  p_format text,
  p_usage jsonb,
  p_service_tier text default null,
  p_variant text default null,
  p_region text default null
) returns ratebook.stated_usage
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_answer jsonb := p_usage;
  v_format ratebook.usage_format;
  v_place record;
  v_found record;
  v_states jsonb;
  v_why constant text := 'Argument and answer differ';
  v_hint constant text := 'Leave the argument out: what the answer states is used.';
  v_read ratebook.stated_usage := (p_usage, p_service_tier, p_variant, p_region, '{}')::ratebook.stated_usage;
begin
  -- A GET request carries the object as text.
  if jsonb_typeof(v_answer) = 'string' and v_answer #>> '{}' ~ '^\s*\{' then
    v_answer := ratebook.json_in_text(v_answer); -- What comes next says what is wrong with other text.
  end if;
  if p_format is null then
    v_read.usage := v_answer;
    return v_read;
  end if;
  v_place := ratebook.find_usage(v_answer);
  v_format := ratebook.usage_format(nullif(p_format, 'auto'), v_place.usage);
  -- Version 5 of Vercel's SDK leaves out what Anthropic wrote to its cache.
  if v_format.format = 'vercel_ai'
    and v_place.answer -> 'providerMetadata' ?| '{anthropic,bedrock}'
    and jsonb_typeof(v_place.usage -> 'inputTokens') = 'number'
    and not v_place.usage ? 'inputTokenDetails'
  then
    perform ratebook.refuse_field('invalid_usage', v_format.format, 'providerMetadata', 'counts more than the usage does',
      'Pass its usage with the format of the provider.');
  end if;
  v_found := ratebook.usage_counts(v_format.format, v_format.fields, v_place.usage);
  v_read.usage := ratebook.usage_meters(
    v_format.format, v_format.caches_are_inside, v_format.thoughts_are_inside, v_place.usage, v_found.counts,
    v_found.names
  );

  v_states := ratebook.usage_states(v_format.format, v_format.states, v_place.answer, v_place.usage, v_found.counts);
  if v_states = '{}' then
    return v_read;
  end if;
  -- What the caller says and the answer leaves open counts; what both say must be the same.
  if not v_states -> 'service_tier' ? p_service_tier then
    perform ratebook.refuse_contradiction(v_format.format, 'service_tier', p_service_tier,
      v_states -> 'service_tier' ->> 0, v_why, v_hint);
  elsif not v_states -> 'variant' ? p_variant then
    perform ratebook.refuse_contradiction(v_format.format, 'variant', p_variant, v_states -> 'variant' ->> 0,
      v_why, v_hint);
  elsif not v_states -> 'region' ? p_region then
    perform ratebook.refuse_contradiction(v_format.format, 'region', p_region, v_states -> 'region' ->> 0,
      v_why, v_hint);
  end if;
  v_read.service_tier := coalesce(p_service_tier, v_states -> 'service_tier' ->> 0);
  v_read.variant := coalesce(p_variant, v_states -> 'variant' ->> 0);
  v_read.region := coalesce(p_region, v_states -> 'region' ->> 0);
  -- The standard tier needs no price of its own.
  v_read.stated := array(
    select s.key
    from jsonb_each(v_states - 'plain') as s
    where
      s.key is distinct from v_states ->> 'plain'
      and (s.key <> 'service_tier' or v_read.service_tier <> 'standard')
  );
  return v_read;
end;
$$;

revoke all on function ratebook.usage_formats() from public;
revoke all on function ratebook.usage_format(text, jsonb) from public;
revoke all on function ratebook.find_usage(jsonb) from public;
revoke all on function ratebook.usage_states(text, jsonb, jsonb, jsonb, jsonb) from public;
revoke all on function ratebook.refuse_contradiction(text, text, text, text, text, text) from public;
revoke all on function ratebook.read_usage(text, jsonb, text, text, text) from public;

comment on function ratebook.usage_formats() is 'The formats of ai.normalize_usage().';
comment on function ratebook.usage_format(text, jsonb) is
'The format of that name, or, for NULL, the one that a usage object is of. Error: unknown_format (PT422); HINT lists the formats that it could be.';
comment on function ratebook.find_usage(jsonb) is
'The usage object of an answer, or the answer where it is one itself, and what the usage lies in. Error: invalid_usage (PT422).';
comment on function ratebook.usage_states(text, jsonb, jsonb, jsonb, jsonb) is
'What an answer states about its price: the argument of billing.quote() → an array of the words that mean it. Errors: unknown_service_tier, contradiction (PT422).';
comment on function ratebook.refuse_contradiction(text, text, text, text, text, text) is
'Raises the error contradiction (PT422); DETAIL has the argument, what was given and what the answer states.';
comment on type ratebook.stated_usage is 'A usage in meters, with what its price depends on.';
comment on column ratebook.stated_usage.usage is 'Meters and quantities.';
comment on column ratebook.stated_usage.service_tier is 'The service tier; NULL where neither caller nor answer says one.';
comment on column ratebook.stated_usage.variant is 'The variant; NULL for none.';
comment on column ratebook.stated_usage.region is 'The region; NULL for none.';
comment on column ratebook.stated_usage.stated is
'Which of these the answer states, other than the standard tier: they need a price of their own.';
comment on function ratebook.read_usage(text, jsonb, text, text, text) is
'The one reading of a usage for quotes, charges and captures: without a format as it is; with one (auto: that which it is seen to be) the provider''s own object, or the answer that holds it, with the tier, variant and region that the answer states or the caller gives. Errors: those of ai.normalize_usage() but stated_price, and contradiction, unknown_service_tier (PT422).';

-- from sql/45_prices/170_function_normalize_usage.sql

-- A usage alone cannot carry what the answer states about the price.
create function ratebook.normalize_usage(p_format text, p_raw jsonb) returns jsonb
language plpgsql immutable parallel safe security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what it is made of is in a schema that callers may not look into. It reads no table.
declare
  v_read ratebook.stated_usage;
begin
  -- For quotes no format says that the usage is in meters; here it is to be recognized.
  v_read := ratebook.read_usage(coalesce(p_format, 'auto'), p_raw);
  if v_read.stated <> '{}' then
    perform ratebook.fail(
      'stated_price',
      format('The answer states the %s, on which its price depends.', array_to_string(v_read.stated, ' and the ')),
      'Pass the answer and its format to billing.quote(), a charge or a capture, which use what it states.',
      jsonb_strip_nulls(jsonb_build_object(
        'format', p_format, 'service_tier', v_read.service_tier, 'variant', v_read.variant, 'region', v_read.region
      ))
    );
  end if;
  return v_read.usage;
end;
$$;

create function ai.normalize_usage(format text default null, raw jsonb default null) returns jsonb
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return ratebook.normalize_usage(format, raw);

revoke all on function ratebook.normalize_usage(text, jsonb) from public;
revoke all on function ai.normalize_usage(text, jsonb) from public;
grant execute on function ratebook.normalize_usage(text, jsonb) to anon, authenticated, service_role;
grant execute on function ai.normalize_usage(text, jsonb) to anon, authenticated, service_role;

comment on function ratebook.normalize_usage(text, jsonb) is 'The rule behind ai.normalize_usage().';
comment on function ai.normalize_usage(text, jsonb) is
'A provider''s own usage object as Ratebook''s usage, each token in one meter: for ai.finish_generation() and to look at; billing.quote(), charges and captures take the object itself, with its format. format: openai_chat (also of those who speak it), openai_responses (also images, realtime, transcriptions), anthropic, gemini, bedrock, deepseek, groq, mistral, xai, perplexity, cohere, ollama, dashscope, openrouter, litellm, langchain, vercel_ai, openai_agents, opentelemetry, and other names for some; NULL or auto: the one that it is seen to be. raw: the object, or the response that holds it; what a response bills beside it, such as searches that it lists, is yours to add. '
'Cached and written tokens leave the input, thoughts (reasoning) the output, sound and pictures both. A total says whether thoughts are part of the output; counts that do not add up to it are refused. Cached tokens of no known medium are text first, then image, audio, video. Missing counts and null are zero; meters of zero are left out, unless all are: {"input": 0, "output": 0}. '
'A number that is not known is refused by name, since it may cost: each among details, and beside the counts all but times, costs and rates. A service tier, region or speed that the answer states, other than the standard, is refused too, since meters cannot carry it. Errors, all PT422, DETAIL names the field: unknown_format, invalid_usage (counts that contradict each other, broken ones, unknown ones, none), not_a_number, negative_quantity, quantity_out_of_range, stated_price, contradiction, unknown_service_tier.';

-- from sql/45_prices/180_function_schedule_price.sql

create function ratebook.schedule_price(
  p_model text,
  p_meter text,
  p_price numeric,
  p_effective_from timestamptz,
  p_currency text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_source text
) returns setof ai.model_pricing
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_model_id uuid;
  v_price_id uuid;
begin
  perform ratebook.assert_privileged();
  v_model_id := ratebook.model_to_change(p_model);
  v_price_id := ratebook.set_price(
    v_model_id, p_meter, p_price,
    coalesce(p_currency, (ratebook.price_source_at(v_model_id, p_effective_from)).price_currency),
    p_effective_from, p_service_tier, p_variant, p_region, p_source, p_pin => true
  );
  return query select p.* from ai.model_pricing as p where p.id = v_price_id;
end;
$$;

create function ai.schedule_price(
  model text,
  meter text,
  price numeric,
  effective_from timestamptz default ratebook.clock(),
  currency text default null,
  service_tier text default 'standard',
  variant text default null,
  region text default null,
  source text default null
) returns setof ai.model_pricing
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select p.*
  from ratebook.schedule_price(model, meter, price, effective_from, currency, service_tier, variant, region, source) as p;
end;

revoke all on function ratebook.schedule_price(
  text, text, numeric, timestamptz, text, text, text, text, text
) from public;
revoke all on function ai.schedule_price(
  text, text, numeric, timestamptz, text, text, text, text, text
) from public;
grant execute on function ratebook.schedule_price(
  text, text, numeric, timestamptz, text, text, text, text, text
) to authenticated, service_role;
grant execute on function ai.schedule_price(
  text, text, numeric, timestamptz, text, text, text, text, text
) to authenticated, service_role;

comment on function ratebook.schedule_price(text, text, numeric, timestamptz, text, text, text, text, text) is
'The rule behind ai.schedule_price().';
comment on function ai.schedule_price(text, text, numeric, timestamptz, text, text, text, text, text) is
'For admins and the service role. Sets the price of ONE unit of a meter from a time on, now unless told; price NULL ends it. Currency and source are those that price the model at that time unless given: a price of another source or currency waits until the model says so. The price is pinned: imports of its source leave it in force, and report what they would have set, until ai.unpin_price(). Returns the new row of ai.model_pricing, or none where that price is in force at that time already, and pinned. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model (PT409), unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, invalid_argument, invalid_time, unknown_service_tier (PT422).';

-- from sql/45_prices/182_function_unpin_price.sql

create function ratebook.pinned_prices(p_model_id uuid, p_source text, p_at timestamptz) returns setof ai.model_pricing
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select p.*
  from ai.model_pricing as p
  inner join (
    select
      q.id,
      lead(q.effective_from) over (
        partition by
          q.currency, q.meter, q.service_tier, q.variant, q.region, q.context_threshold, q.window_start, q.window_end,
          q.window_days, q.window_time_zone
        order by q.effective_from
      ) as ends
    from (
      select distinct on (
        o.currency, o.meter, o.service_tier, o.variant, o.region, o.context_threshold, o.window_start, o.window_end,
        o.window_days, o.window_time_zone, o.effective_from
      ) o.*
      from ai.model_pricing as o
      where (o.model_id, o.source) = (p_model_id, p_source)
      order by
        o.currency asc, o.meter asc, o.service_tier asc, o.variant asc, o.region asc, o.context_threshold asc,
        o.window_start asc, o.window_end asc, o.window_days asc, o.window_time_zone asc, o.effective_from asc,
        o.revision desc
    ) as q
  ) as s on s.id = p.id
  where p.is_pinned and (s.ends is null or s.ends > p_at);
end;

create function ratebook.unpin_price(
  p_model text,
  p_meter text,
  p_service_tier text,
  p_variant text,
  p_region text,
  p_source text
) returns setof ai.model_pricing
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_model_id uuid;
  v_source text;
begin
  perform ratebook.assert_privileged();
  v_model_id := ratebook.model_to_change(p_model);
  if p_meter is not null and not exists (select from ai.meters as m where m.key = p_meter) then
    perform ratebook.fail('unknown_meter', format('There is no meter called "%s".', left(p_meter, 100)),
      'Ask ai.meters for the keys.', jsonb_build_object('meter', left(p_meter, 100)));
  end if;
  -- The registry before the model, as in ratebook.set_price(); who waits here then sees the other's rows.
  perform pg_advisory_xact_lock_shared(hashtextextended('ratebook.price_registry', 0));
  select coalesce(p_source, m.price_source) into v_source
  from ai.models as m
  where m.id = v_model_id
  for no key update;

  -- A price row is never changed: the same again, of the same date, says that it is not pinned.
  return query
  insert into ai.model_pricing (
    model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region,
    context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone, source,
    reference, revision, withdrawn, is_public, is_pinned, minimum_quantity
  )
  select
    p.model_id, p.meter, p.unit_type, p.price_per_unit, p.currency, p.effective_from, p.service_tier, p.variant,
    p.region, p.context_threshold, p.threshold_inclusive, p.tier_mode, p.window_start, p.window_end, p.window_days,
    p.window_time_zone, p.source, p.reference, p.revision + 1, p.withdrawn, p.is_public, false,
    p.minimum_quantity
  from ratebook.pinned_prices(v_model_id, v_source, ratebook.clock()) as p
  where
    (p_meter is null or p.meter = p_meter)
    and (p_service_tier is null or p.service_tier = p_service_tier)
    and (p_variant is null or p.variant = p_variant)
    and (p_region is null or p.region = p_region)
  returning *;
end;
$$;

create function ai.unpin_price(
  model text,
  meter text default null,
  service_tier text default null,
  variant text default null,
  region text default null,
  source text default null
) returns setof ai.model_pricing
language sql volatile rows 10
set search_path = pg_catalog, pg_temp
begin atomic
  select p.* from ratebook.unpin_price(model, meter, service_tier, variant, region, source) as p;
end;

revoke all on function ratebook.pinned_prices(uuid, text, timestamptz) from public;
revoke all on function ratebook.unpin_price(text, text, text, text, text, text) from public;
revoke all on function ai.unpin_price(text, text, text, text, text, text) from public;
grant execute on function ratebook.unpin_price(text, text, text, text, text, text) to authenticated, service_role;
grant execute on function ai.unpin_price(text, text, text, text, text, text) to authenticated, service_role;

comment on function ratebook.pinned_prices(uuid, text, timestamptz) is
'The price rows of a model and source that people pinned and that are in force at a time, or are to come; also those that end a price.';
comment on function ratebook.unpin_price(text, text, text, text, text, text) is 'The rule behind ai.unpin_price().';
comment on function ai.unpin_price(text, text, text, text, text, text) is
'For admins and the service role. Gives prices that people set back to the catalogue: each stays in force until the next import of its source says something else. model: id, key or alias. meter, service_tier, variant and region: only prices for these; all unless given. source: whose prices, the one that prices the model now unless given. Returns the rows as they are now, none where nothing was pinned. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model (PT409), unknown_meter (PT422).';

-- from sql/45_prices/184_function_follow_source.sql

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
      reference, revision, withdrawn, is_public, minimum_quantity
    )
    select
      p.model_id, p.meter, p.unit_type, p.price_per_unit, p.currency, d.effective_from, p.service_tier, p.variant,
      p.region, p.context_threshold, p.threshold_inclusive, p.tier_mode, p.window_start, p.window_end, p.window_days,
      p.window_time_zone, p_source, p.reference, d.revision, p.withdrawn, p.is_public,
      p.minimum_quantity
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

-- from sql/45_prices/190_function_export_prices.sql

create function ratebook.export_prices(p_at timestamptz) returns table (
  model text,
  name text,
  provider text,
  is_active boolean,
  meter text,
  unit_type ai.unit_type_enum,
  price_per_unit text,
  currency text,
  service_tier text,
  variant text,
  region text,
  context_threshold bigint,
  threshold_inclusive boolean,
  tier_mode ai.tier_mode_enum,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  effective_from timestamptz,
  source text,
  is_public boolean
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reads the rate book in schema ratebook; admins and the service role only.
begin
  perform ratebook.assert_privileged();
  perform ratebook.assert_time(p_at);
  return query
  select
    m.key, m.name, v.key, m.is_active, p.meter, p.unit_type, trim_scale(p.price_per_unit)::text, p.currency,
    p.service_tier, p.variant, p.region, p.context_threshold, p.threshold_inclusive, p.tier_mode, p.window_start,
    p.window_end, p.window_days, p.window_time_zone, p.effective_from, p.source, p.is_public
  from ai.models as m
  inner join ai.providers as v on v.id = m.provider_id
  cross join lateral ratebook.prices_in_force(m.id, p_at) as p
  where m.deleted_at is null
  order by
    m.key, p.meter, p.service_tier, p.variant nulls first, p.region nulls first, p.context_threshold nulls first,
    p.window_start nulls first, p.window_end, p.window_days, p.window_time_zone;
end;
$$;

create function ai.export_prices(at timestamptz default ratebook.clock()) returns table (
  model text,
  name text,
  provider text,
  is_active boolean,
  meter text,
  unit_type ai.unit_type_enum,
  price_per_unit text,
  currency text,
  service_tier text,
  variant text,
  region text,
  context_threshold bigint,
  threshold_inclusive boolean,
  tier_mode ai.tier_mode_enum,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  effective_from timestamptz,
  source text,
  is_public boolean
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select p.* from ratebook.export_prices(at) as p;
end;

revoke all on function ratebook.export_prices(timestamptz) from public;
revoke all on function ai.export_prices(timestamptz) from public;
grant execute on function ratebook.export_prices(timestamptz) to authenticated, service_role;
grant execute on function ai.export_prices(timestamptz) to authenticated, service_role;

comment on function ratebook.export_prices(timestamptz) is 'The rule behind ai.export_prices().';
comment on function ai.export_prices(timestamptz) is
'For admins and the service role. The price table in force, now or at a time: each price of each model that is not deleted, hidden and inactive ones too, ordered by model. price_per_unit is the exact price of ONE unit, as text. With Accept: text/csv it comes as CSV (without select=: PostgREST''s header does not follow it, its issue 3627); the server''s row limit applies. Errors: not_allowed (42501), invalid_time (PT422).';

-- from sql/45_prices/200_function_model_as_of.sql

create function ratebook.model_as_of(p_model text, p_at timestamptz) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reads the history and the rate book for admins and the service role.
declare
  v_id uuid;
  v_row jsonb;
begin
  perform ratebook.assert_privileged();
  perform ratebook.assert_time(p_at);
  v_id := ratebook.model_id(p_model, true, '-infinity');
  -- From the row of today back: each later change gives its old values.
  select
    to_jsonb(m) - 'search' || coalesce(
      (
        select jsonb_object_agg(old.column_name, old.value)
        from (
          select distinct on (b.key) b.key, b.value
          from lensers.audit_history as h
          cross join jsonb_each(h.before) as b
          where
            h.table_name = 'ai.models' and h.row_key = jsonb_build_object('id', v_id) and h.operation = 'UPDATE'
            and h.changed_at > p_at
          order by b.key, h.id
        ) as old (column_name, value)
      ), '{}'
    )
  into v_row
  from ai.models as m
  where m.id = v_id;
  -- A row that is older than the history has no entry of its making.
  if p_at < coalesce(
    (
      select min(h.changed_at)
      from lensers.audit_history as h
      where
        h.table_name = 'ai.models' and h.row_key = jsonb_build_object('id', v_id) and h.operation = 'INSERT'
    ),
    (v_row ->> 'created_at')::timestamptz
  ) then
    perform ratebook.fail(
      'unknown_model', format('There was no model called "%s" at that time.', left(p_model, 100)),
      'Ask for a later time.', jsonb_build_object('model', left(p_model, 100), 'at', p_at)
    );
  end if;
  return v_row || to_jsonb(ratebook.price_source_at(v_id, p_at)) || jsonb_build_object(
    'prices', (
      select coalesce(
        jsonb_agg(
          to_jsonb(p) || jsonb_build_object('price_per_unit', trim_scale(p.price_per_unit)::text)
          order by p.meter, p.service_tier, p.variant nulls first, p.region nulls first, p.context_threshold nulls first
        ), '[]'
      )
      from ratebook.prices_in_force(v_id, p_at) as p
    )
  );
end;
$$;

create function ai.model_as_of(model text, at timestamptz) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.model_as_of(model, at);

revoke all on function ratebook.model_as_of(text, timestamptz) from public;
revoke all on function ai.model_as_of(text, timestamptz) from public;
grant execute on function ratebook.model_as_of(text, timestamptz) to authenticated, service_role;
grant execute on function ai.model_as_of(text, timestamptz) to authenticated, service_role;

comment on function ratebook.model_as_of(text, timestamptz) is 'The rule behind ai.model_as_of().';
comment on function ai.model_as_of(text, timestamptz) is
'For admins and the service role. How a model (id, key or alias of today; a retired or deleted one too) looked at a time: its row as JSON, and in prices the rows of ai.model_pricing in force then, amounts as strings. Later corrections of a price count, as they do in a quote as of that time. Errors: not_allowed (42501), unknown_model (PT404) where there was no such model yet, ambiguous_model (PT409), invalid_time (PT422).';

-- from sql/45_prices/205_function_draws_size.sql

create function ratebook.draws_size(p_model_id uuid, p_valid_sizes text[], p_size text, p_at timestamptz) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_valid_sizes = '{}' or p_size = any(p_valid_sizes) or exists (
    select from ratebook.prices_in_force(p_model_id, p_at) as p
    where p.variant = p_size and p.meter = 'image' and p.is_public
  );
end;
$$;

revoke all on function ratebook.draws_size(uuid, text[], text, timestamptz) from public;

comment on function ratebook.draws_size(uuid, text[], text, timestamptz) is
'Whether a model makes images of a size: one of its valid sizes, all where it names none, or one with a public price of a picture, in force, of the source and currency that it followed then.';

-- from sql/45_prices/210_table_list_prices.sql

-- The base prices of every model, worked out: what its own meters cost in the standard tier, without threshold, window,
-- variant and region. Computed from the price sheets and can be thrown away: it makes the catalogue one look-up a model.
create table ratebook.list_prices (
  model_id uuid not null,
  starts timestamptz not null,
  ends timestamptz not null,
  source text not null,
  currency text not null,
  prices jsonb not null,
  hidden text[] not null,
  has_hidden boolean not null generated always as (hidden <> '{}') stored,
  -- What lists are sorted by, out of the JSON: what is public of it.
  input numeric generated always as (case when 'input' <> all(hidden) then (prices -> 'input')::numeric end) stored,
  output numeric generated always as (case when 'output' <> all(hidden) then (prices -> 'output')::numeric end) stored,
  cache_read numeric generated always as (case when 'cache_read' <> all(hidden) then (prices -> 'cache_read')::numeric end) stored,
  cache_write numeric generated always as (case when 'cache_write' <> all(hidden) then (prices -> 'cache_write')::numeric end) stored,
  image numeric generated always as (case when 'image' <> all(hidden) then (prices -> 'image')::numeric end) stored,
  video_second numeric generated always as (case when 'video_second' <> all(hidden) then (prices -> 'video_second')::numeric end) stored,
  audio_second numeric generated always as (case when 'audio_second' <> all(hidden) then (prices -> 'audio_second')::numeric end) stored,
  request numeric generated always as (case when 'request' <> all(hidden) then (prices -> 'request')::numeric end) stored,
  input_per_million numeric generated always as (
    case when 'input' <> all(hidden) then trim_scale((prices -> 'input')::numeric * 1000000) end
  ) stored,
  output_per_million numeric generated always as (
    case when 'output' <> all(hidden) then trim_scale((prices -> 'output')::numeric * 1000000) end
  ) stored,
  cache_read_per_million numeric generated always as (
    case when 'cache_read' <> all(hidden) then trim_scale((prices -> 'cache_read')::numeric * 1000000) end
  ) stored,
  cache_write_per_million numeric generated always as (
    case when 'cache_write' <> all(hidden) then trim_scale((prices -> 'cache_write')::numeric * 1000000) end
  ) stored,
  constraint list_prices_pkey primary key (model_id, starts),
  constraint list_prices_model_id_fkey foreign key (model_id) references ai.models (id) on delete cascade,
  constraint a_period_is_not_empty check (starts < ends)
);

-- Few periods end after now, however many there were.
create index list_prices_ends_idx on ratebook.list_prices (ends);

comment on table ratebook.list_prices is
'What ai.catalogue shows: one row per model and period in which its base prices stay the same, of the source and currency that the model follows then. Written ahead, so that a price of a later date is there by its time alone.';
comment on column ratebook.list_prices.model_id is 'The model.';
comment on column ratebook.list_prices.starts is 'From when on; -infinity never, a price has a date.';
comment on column ratebook.list_prices.ends is 'Until when, exclusive; infinity where nothing ends it yet.';
comment on column ratebook.list_prices.source is 'Whose prices.';
comment on column ratebook.list_prices.currency is 'In which currency.';
comment on column ratebook.list_prices.prices is 'meter → price of one unit, of the meters that have a price of their own.';
comment on column ratebook.list_prices.hidden is 'Meters whose price is not public.';
comment on column ratebook.list_prices.has_hidden is 'Whether there is any of those.';
comment on column ratebook.list_prices.input is 'The price of input, if it is public.';
comment on column ratebook.list_prices.output is 'The price of output, if it is public.';
comment on column ratebook.list_prices.cache_read is 'The price of cache_read, if it is public.';
comment on column ratebook.list_prices.cache_write is 'The price of cache_write, if it is public.';
comment on column ratebook.list_prices.image is 'The price of image, if it is public.';
comment on column ratebook.list_prices.video_second is 'The price of video_second, if it is public.';
comment on column ratebook.list_prices.audio_second is 'The price of audio_second, if it is public.';
comment on column ratebook.list_prices.request is 'The price of request, if it is public.';
comment on column ratebook.list_prices.input_per_million is 'The price of a million of input, if it is public.';
comment on column ratebook.list_prices.output_per_million is 'The price of a million of output, if it is public.';
comment on column ratebook.list_prices.cache_read_per_million is 'The price of a million of cache_read, if it is public.';
comment on column ratebook.list_prices.cache_write_per_million is 'The price of a million of cache_write, if it is public.';

-- What the table holds, said once: what writes it and what checks it both ask here.
create view ratebook.computed_list_prices with (security_invoker = true) as
select
  f.model_id,
  greatest(f.starts, t.starts) as starts,
  least(f.ends, coalesce(s.starts[t.period + 1], 'infinity')) as ends,
  s.source,
  s.currency,
  r.prices,
  r.hidden
-- Each is looked up by its key, whatever the planner thinks of tables that grow in the same transaction.
from ratebook.price_source_periods as f
cross join
  lateral (
    select o.*
    from ratebook.price_schedules as o
    where o.model_id = f.model_id and o.source = f.price_source and o.currency = f.price_currency
    offset 0 -- noqa: AM09
  ) as s
cross join unnest(s.starts) with ordinality as t (starts, period)
cross join
  lateral (
    select o.*
    from ratebook.price_sheets as o
    where
      o.schedule_id = s.id and o.period = t.period and o.service_tier = 'standard' and o.variant = '' and o.region = ''
      and o.open_windows = 0 and o.band = 0
    offset 0 -- noqa: AM09
  ) as p
cross join
  lateral (
    -- The sheet also holds what meters cost by their fallbacks.
    select
      coalesce(jsonb_object_agg(e.key, e.value), '{}') as prices,
      coalesce(array_agg(e.key order by e.key) filter (where e.key = any(p.hidden)), '{}') as hidden
    from jsonb_each(p.prices) as e
    where p.price_rows -> e.key ->> 1 = e.key
  ) as r
where f.starts < coalesce(s.starts[t.period + 1], 'infinity') and t.starts < f.ends;

comment on view ratebook.computed_list_prices is 'What ratebook.list_prices holds, from the price sheets.';
comment on column ratebook.computed_list_prices.model_id is 'The model.';
comment on column ratebook.computed_list_prices.starts is 'From when on.';
comment on column ratebook.computed_list_prices.ends is 'Until when, exclusive.';
comment on column ratebook.computed_list_prices.source is 'Whose prices.';
comment on column ratebook.computed_list_prices.currency is 'In which currency.';
comment on column ratebook.computed_list_prices.prices is 'meter → price of one unit.';
comment on column ratebook.computed_list_prices.hidden is 'Meters whose price is not public.';

create function ratebook.write_list_prices(p_model_ids uuid[], p_since timestamptz) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set jit = off
set enable_seqscan = off
as $$
begin
  -- What was over before then stays: a new last price costs two periods of the model, however many there were. One that
  -- the change has cut ends just then.
  delete from ratebook.list_prices as l
  using unnest(p_model_ids) as m (id)
  cross join lateral (
    select o.ctid
    from ratebook.list_prices as o
    where o.model_id = m.id and o.ends >= p_since
    offset 0
  ) as f
  where l.ctid = f.ctid;
  insert into ratebook.list_prices (model_id, starts, ends, source, currency, prices, hidden)
  select c.model_id, c.starts, c.ends, c.source, c.currency, c.prices, c.hidden
  from ratebook.computed_list_prices as c
  where c.model_id = any(p_model_ids) and c.ends >= p_since;
end;
$$;

create function ratebook.list_inserted_prices() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the list is nobody's to write.
declare
  v_change record;
begin
  -- Models whose prices begin to differ at one time go together: an import is one or few.
  for v_change in
    select c.since, array_agg(c.model_id) as model_ids
    from (select i.model_id, min(i.effective_from) as since from inserted as i group by i.model_id) as c
    group by c.since
  loop
    perform ratebook.write_list_prices(v_change.model_ids, v_change.since);
  end loop;
  return null;
end;
$$;

create function ratebook.list_switched_prices() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the list is nobody's to write.
begin
  perform ratebook.write_list_prices(array[new.model_id], coalesce(new.effective_from, '-infinity'));
  return null;
end;
$$;

revoke all on ratebook.computed_list_prices from public;
revoke all on function ratebook.write_list_prices(uuid[], timestamptz) from public;
revoke all on function ratebook.list_inserted_prices() from public;
revoke all on function ratebook.list_switched_prices() from public;

comment on function ratebook.write_list_prices(uuid[], timestamptz) is
'Brings ratebook.list_prices of models to what the price sheets say, from a time on.';
comment on function ratebook.list_inserted_prices() is
'Statement trigger after insert on ai.model_pricing, after the sheets were written: keeps the list prices in step.';
comment on function ratebook.list_switched_prices() is
'Row trigger after a model came to follow another source or currency: keeps the list prices in step.';

-- By its name it fires after model_pricing_rebuild, which writes the sheets.
create trigger model_pricing_rebuild_list after insert on ai.model_pricing
referencing new table as inserted
for each statement execute function ratebook.list_inserted_prices();
-- The first row of a new model says nothing that has a price.
create trigger model_price_sources_list after insert on ai.model_price_sources
for each row when (new.effective_from is not null or new.revision > 0)
execute function ratebook.list_switched_prices();

-- from sql/45_prices/220_view_catalogue.sql

-- The fence: by the rights of its owner, so that it reads prices that are not public and shows none of them. Time is
-- read once, or a price could end between two looks at the clock.
create view ratebook.current_list_prices as
with asked as materialized (
  select
    ratebook.clock() as at,
    ratebook.is_privileged() as sees_all
)

select
  p.model_id,
  p.source,
  p.currency,
  -- Few rows hide anything, and what is public of those is at hand.
  case
    when p.has_hidden and not (select a.sees_all from asked as a) then p.prices - p.hidden else p.prices
  end as prices,
  case when p.has_hidden and (select a.sees_all from asked as a) then (p.prices -> 'input')::numeric else p.input end as input,
  case when p.has_hidden and (select a.sees_all from asked as a) then (p.prices -> 'output')::numeric else p.output end as output,
  case when p.has_hidden and (select a.sees_all from asked as a) then (p.prices -> 'cache_read')::numeric else p.cache_read end as cache_read,
  case when p.has_hidden and (select a.sees_all from asked as a) then (p.prices -> 'cache_write')::numeric else p.cache_write end as cache_write,
  case when p.has_hidden and (select a.sees_all from asked as a) then (p.prices -> 'image')::numeric else p.image end as image,
  case when p.has_hidden and (select a.sees_all from asked as a) then (p.prices -> 'video_second')::numeric else p.video_second end as video_second,
  case when p.has_hidden and (select a.sees_all from asked as a) then (p.prices -> 'audio_second')::numeric else p.audio_second end as audio_second,
  case when p.has_hidden and (select a.sees_all from asked as a) then (p.prices -> 'request')::numeric else p.request end as request,
  case
    when p.has_hidden and (select a.sees_all from asked as a) then trim_scale((p.prices -> 'input')::numeric * 1000000)
    else p.input_per_million
  end as input_per_million,
  case
    when p.has_hidden and (select a.sees_all from asked as a) then trim_scale((p.prices -> 'output')::numeric * 1000000)
    else p.output_per_million
  end as output_per_million,
  case
    when p.has_hidden and (select a.sees_all from asked as a) then trim_scale((p.prices -> 'cache_read')::numeric * 1000000)
    else p.cache_read_per_million
  end as cache_read_per_million,
  case
    when p.has_hidden and (select a.sees_all from asked as a) then trim_scale((p.prices -> 'cache_write')::numeric * 1000000)
    else p.cache_write_per_million
  end as cache_write_per_million,
  case when (select a.sees_all from asked as a) and isfinite(p.ends) then p.ends end as ends
from ratebook.list_prices as p
where p.starts <= (select a.at from asked as a) and p.ends > (select a.at from asked as a);

create function ratebook.price_texts(p_prices jsonb) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce((select jsonb_object_agg(e.key, trim_scale(e.value::numeric)::text) from jsonb_each(p_prices) as e), '{}');
end;
$$;

create view ai.catalogue with (security_invoker = true) as
select
  m.id,
  m.key,
  m.name,
  m.provider_id,
  v.key as provider,
  v.name as provider_name,
  m.is_active and v.is_active as is_active,
  m.is_default,
  m.priority,
  m.status,
  m.modality,
  m.task,
  m.model_family,
  m.pricing_tier,
  m.capabilities,
  m.supports,
  m.context_window,
  m.max_tokens,
  m.valid_sizes,
  m.typical_latency_ms,
  m.release_date,
  m.deprecation_date,
  m.description,
  p.source as price_source,
  p.currency,
  p.input as input_price,
  p.input_per_million,
  p.output as output_price,
  p.output_per_million,
  p.cache_read as cache_read_price,
  p.cache_read_per_million,
  p.cache_write as cache_write_price,
  p.cache_write_per_million,
  p.image as image_price,
  p.video_second as video_second_price,
  p.audio_second as audio_second_price,
  p.request as request_price,
  ratebook.price_texts(p.prices) as prices,
  p.ends as prices_end_at
from ai.models as m
inner join ai.providers as v on v.id = m.provider_id
left join ratebook.current_list_prices as p on p.model_id = m.id
where m.deleted_at is null;

create trigger catalogue_refuse_write instead of insert or update or delete on ai.catalogue
for each row execute function ratebook.refuse_write('Write ai.models and ai.model_pricing.');

revoke all on ratebook.current_list_prices from public, anon, authenticated, service_role;
grant select on ratebook.current_list_prices to anon, authenticated, service_role;
revoke all on function ratebook.price_texts(jsonb) from public;
grant execute on function ratebook.price_texts(jsonb) to anon, authenticated, service_role;

comment on function ratebook.price_texts(jsonb) is 'meter → price, each price as a text with every digit and no trailing zeros.';
comment on view ratebook.current_list_prices is
'The fence behind ai.catalogue: of ratebook.list_prices the rows of now, without what is not public and without when it ends, except to those of ratebook.is_privileged().';
comment on column ratebook.current_list_prices.model_id is 'The model.';
comment on column ratebook.current_list_prices.source is 'Whose prices.';
comment on column ratebook.current_list_prices.currency is 'In which currency.';
comment on column ratebook.current_list_prices.prices is 'meter → price of one unit.';
comment on column ratebook.current_list_prices.input is 'Of input.';
comment on column ratebook.current_list_prices.output is 'Of output.';
comment on column ratebook.current_list_prices.cache_read is 'Of cache_read.';
comment on column ratebook.current_list_prices.cache_write is 'Of cache_write.';
comment on column ratebook.current_list_prices.image is 'Of image.';
comment on column ratebook.current_list_prices.video_second is 'Of video_second.';
comment on column ratebook.current_list_prices.audio_second is 'Of audio_second.';
comment on column ratebook.current_list_prices.request is 'Of request.';
comment on column ratebook.current_list_prices.input_per_million is 'Of a million of input.';
comment on column ratebook.current_list_prices.output_per_million is 'Of a million of output.';
comment on column ratebook.current_list_prices.cache_read_per_million is 'Of a million of cache_read.';
comment on column ratebook.current_list_prices.cache_write_per_million is 'Of a million of cache_write.';
comment on column ratebook.current_list_prices.ends is 'When they end, where that is known; NULL to all but the privileged.';
comment on view ai.catalogue is
'The catalogue as people look at it: one row a model with its provider, limits and list prices, always as of now: filter and sort it by any column, and read it to the end by key (key=gt.LAST&order=key), since a server gives no more than max_rows at once. A list price is the base price of a meter of its own: standard tier, no variant, region, threshold or window. Prices are NULL where a model has none, or none that is public. They are numbers, which sort; select input_per_million::text for every digit.';
comment on column ai.catalogue.id is 'The model.';
comment on column ai.catalogue.key is 'Its key: unique, and what a list is read to the end by.';
comment on column ai.catalogue.name is 'Name to show.';
comment on column ai.catalogue.provider_id is 'Who serves it.';
comment on column ai.catalogue.provider is 'The provider''s key.';
comment on column ai.catalogue.provider_name is 'The provider''s name.';
comment on column ai.catalogue.is_active is 'Whether model and provider may be used for new work.';
comment on column ai.catalogue.is_default is 'Whether it is the default of its modality and task.';
comment on column ai.catalogue.priority is 'Order of preference, lower first.';
comment on column ai.catalogue.status is 'The life of the model at its provider.';
comment on column ai.catalogue.modality is 'What it works on.';
comment on column ai.catalogue.task is 'What it does with it.';
comment on column ai.catalogue.model_family is 'Family.';
comment on column ai.catalogue.pricing_tier is 'The plan a user needs; NULL: no restriction.';
comment on column ai.catalogue.capabilities is 'What it makes.';
comment on column ai.catalogue.supports is 'Features, such as vision.';
comment on column ai.catalogue.context_window is 'Maximum input and output together, in tokens.';
comment on column ai.catalogue.max_tokens is 'Maximum output, in tokens.';
comment on column ai.catalogue.valid_sizes is 'Image sizes it accepts.';
comment on column ai.catalogue.typical_latency_ms is 'Typical latency in milliseconds.';
comment on column ai.catalogue.release_date is 'When the provider released it.';
comment on column ai.catalogue.deprecation_date is 'When the provider stops or stopped it.';
comment on column ai.catalogue.description is 'What it is good for.';
comment on column ai.catalogue.price_source is 'Whose prices these are; NULL where it has none.';
comment on column ai.catalogue.currency is 'In which currency, as an ISO 4217 code; NULL where it has none.';
comment on column ai.catalogue.input_price is 'Price of ONE input token.';
comment on column ai.catalogue.input_per_million is 'Price of a million input tokens.';
comment on column ai.catalogue.output_price is 'Price of ONE output token.';
comment on column ai.catalogue.output_per_million is 'Price of a million output tokens.';
comment on column ai.catalogue.cache_read_price is 'Price of ONE cached input token.';
comment on column ai.catalogue.cache_read_per_million is 'Price of a million cached input tokens.';
comment on column ai.catalogue.cache_write_price is 'Price of ONE token written to the cache.';
comment on column ai.catalogue.cache_write_per_million is 'Price of a million tokens written to the cache.';
comment on column ai.catalogue.image_price is 'Price of ONE image.';
comment on column ai.catalogue.video_second_price is 'Price of ONE second of video.';
comment on column ai.catalogue.audio_second_price is 'Price of ONE second of audio.';
comment on column ai.catalogue.request_price is 'Price of ONE request.';
comment on column ai.catalogue.prices is 'Every meter with a list price → price of ONE unit, as a string with every digit; {} where there is none.';
comment on column ai.catalogue.prices_end_at is 'For admins and the service role: when these prices end, where that is known. NULL to others.';

-- from sql/45_prices/230_function_price_history.sql

-- Steps of prices: what applied to models, of the source and currency that they followed at each time, cut where a price
-- changes. One rule for the history of a model and for the changes of all.
create type ratebook.price_step as (
  model_id uuid,
  meter text,
  unit_type ai.unit_type_enum,
  service_tier text,
  variant text,
  region text,
  context_threshold bigint,
  threshold_inclusive boolean,
  tier_mode ai.tier_mode_enum,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  price numeric,
  currency text,
  source text,
  is_public boolean,
  starts timestamptz,
  ends timestamptz
);

create function ratebook.price_steps(p_model_ids uuid[]) returns setof ratebook.price_step
language plpgsql stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  return query
  -- One row per key and date, the highest revision, with the date on which the next one takes over.
  with dated as (
    select
      q.*,
      coalesce(lead(q.effective_from) over (
        partition by
          q.model_id, q.source, q.currency, q.meter, q.service_tier, q.variant, q.region, q.context_threshold,
          q.window_start, q.window_end, q.window_days, q.window_time_zone
        order by q.effective_from
      ), 'infinity') as effective_until
    from (
      select distinct on (
        p.model_id, p.source, p.currency, p.meter, p.service_tier, p.variant, p.region, p.context_threshold,
        p.window_start, p.window_end, p.window_days, p.window_time_zone, p.effective_from
      ) p.*
      from ai.model_pricing as p
      where p.model_id = any(p_model_ids)
      order by
        p.model_id asc, p.source asc, p.currency asc, p.meter asc, p.service_tier asc, p.variant asc, p.region asc,
        p.context_threshold asc, p.window_start asc, p.window_end asc, p.window_days asc, p.window_time_zone asc,
        p.effective_from asc, p.revision desc
    ) as q
  ),

  -- What applied: only while the model followed that source and currency.
  followed as (
    select d.*, greatest(d.effective_from, f.starts) as starts, least(d.effective_until, f.ends) as ends
    from dated as d
    inner join ratebook.price_source_periods as f
      on f.model_id = d.model_id and f.price_source = d.source and f.price_currency = d.currency
    where not d.withdrawn and f.starts < d.effective_until and d.effective_from < f.ends
  ),

  -- A row that says what the one before it says is no step.
  marked as (
    select
      f.*,
      lag((f.price_per_unit, f.threshold_inclusive, f.tier_mode, f.currency, f.source, f.is_public)) over w
      is not distinct from (f.price_per_unit, f.threshold_inclusive, f.tier_mode, f.currency, f.source, f.is_public)
      and lag(f.ends) over w = f.starts as goes_on
    from followed as f
    window w as (
      partition by
        f.model_id, f.meter, f.service_tier, f.variant, f.region, f.context_threshold, f.window_start, f.window_end,
        f.window_days, f.window_time_zone
      order by f.starts
    )
  ),

  -- Each step with the rows that go on in it.
  numbered as (
    select
      m.*,
      count(*) filter (where m.goes_on is not true) over (
        partition by
          m.model_id, m.meter, m.service_tier, m.variant, m.region, m.context_threshold, m.window_start, m.window_end,
          m.window_days, m.window_time_zone
        order by m.starts
      ) as step
    from marked as m
  )

  select
    n.model_id, n.meter, n.unit_type, n.service_tier, n.variant, n.region, n.context_threshold, n.threshold_inclusive,
    n.tier_mode, n.window_start, n.window_end, n.window_days, n.window_time_zone, n.price_per_unit, n.currency, n.source,
    n.is_public, min(n.starts), max(n.ends)
  from numbered as n
  group by
    n.model_id, n.meter, n.unit_type, n.service_tier, n.variant, n.region, n.context_threshold, n.threshold_inclusive,
    n.tier_mode, n.window_start, n.window_end, n.window_days, n.window_time_zone, n.price_per_unit, n.currency, n.source,
    n.is_public, n.step;
end;
$$;

create function ratebook.price_history(p_model text) returns table (
  meter text,
  unit_type ai.unit_type_enum,
  price numeric,
  price_per_million numeric,
  currency text,
  starts_at timestamptz,
  ends_at timestamptz,
  service_tier text,
  variant text,
  region text,
  context_threshold bigint,
  threshold_inclusive boolean,
  tier_mode ai.tier_mode_enum,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  source text,
  is_public boolean
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what applied is decided over all rows, then only public ones are shown, and nothing ahead of now.
declare
  v_all constant boolean := ratebook.is_privileged();
  v_now constant timestamptz := ratebook.clock();
begin
  return query
  select
    s.meter, s.unit_type, trim_scale(s.price),
    case when s.unit_type = 'tokens' then trim_scale(s.price * 1000000) end,
    s.currency, s.starts,
    case when isfinite(s.ends) and (v_all or s.ends <= v_now) then s.ends end,
    s.service_tier, s.variant, s.region, s.context_threshold, s.threshold_inclusive, s.tier_mode, s.window_start,
    s.window_end, s.window_days, s.window_time_zone, s.source, s.is_public
  from ratebook.price_steps(array[ratebook.visible_model_id(p_model)]) as s
  where v_all or (s.is_public and s.starts <= v_now)
  order by
    s.meter, s.service_tier, s.variant nulls first, s.region nulls first, s.context_threshold nulls first,
    s.window_start nulls first, s.window_end, s.window_days, s.window_time_zone, s.starts;
end;
$$;

create function ai.price_history(model text) returns table (
  meter text,
  unit_type ai.unit_type_enum,
  price numeric,
  price_per_million numeric,
  currency text,
  starts_at timestamptz,
  ends_at timestamptz,
  service_tier text,
  variant text,
  region text,
  context_threshold bigint,
  threshold_inclusive boolean,
  tier_mode ai.tier_mode_enum,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text,
  source text,
  is_public boolean
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select h.* from ratebook.price_history(model) as h;
end;

revoke all on function ratebook.price_steps(uuid[]) from public;
revoke all on function ratebook.price_history(text) from public;
revoke all on function ai.price_history(text) from public;
grant execute on function ratebook.price_history(text) to anon, authenticated, service_role;
grant execute on function ai.price_history(text) to anon, authenticated, service_role;

comment on type ratebook.price_step is 'A time during which one price of a model applied and stayed the same.';
comment on column ratebook.price_step.model_id is 'The model.';
comment on column ratebook.price_step.meter is 'As in ai.model_pricing.';
comment on column ratebook.price_step.unit_type is 'As in ai.model_pricing.';
comment on column ratebook.price_step.service_tier is 'As in ai.model_pricing.';
comment on column ratebook.price_step.variant is 'As in ai.model_pricing.';
comment on column ratebook.price_step.region is 'As in ai.model_pricing.';
comment on column ratebook.price_step.context_threshold is 'As in ai.model_pricing.';
comment on column ratebook.price_step.threshold_inclusive is 'As in ai.model_pricing.';
comment on column ratebook.price_step.tier_mode is 'As in ai.model_pricing.';
comment on column ratebook.price_step.window_start is 'As in ai.model_pricing.';
comment on column ratebook.price_step.window_end is 'As in ai.model_pricing.';
comment on column ratebook.price_step.window_days is 'As in ai.model_pricing.';
comment on column ratebook.price_step.window_time_zone is 'As in ai.model_pricing.';
comment on column ratebook.price_step.price is 'Exact price of ONE unit, in currency.';
comment on column ratebook.price_step.currency is 'As in ai.model_pricing.';
comment on column ratebook.price_step.source is 'As in ai.model_pricing.';
comment on column ratebook.price_step.is_public is 'As in ai.model_pricing.';
comment on column ratebook.price_step.starts is 'From when on.';
comment on column ratebook.price_step.ends is 'Until when, exclusive; infinity where nothing ends it yet.';
comment on function ratebook.price_steps(uuid[]) is
'What applied to models and when, in steps: rows of ai.model_pricing of the source and currency that each followed at the time, the highest revision, adjoining equal ones as one.';
comment on function ratebook.price_history(text) is 'The rule behind ai.price_history().';
comment on function ai.price_history(text) is
'How the prices of a model went, of the source and currency that it followed at each time: one row a step, by meter and conditions, the oldest first. model: id, key or alias. price: exact, of ONE unit, in currency; price_per_million: of a million tokens, NULL for other units. ends_at: NULL while it applies, and for what is ahead. Conditions are those of ai.model_pricing; a base price has none. Prices of now and the past that are public; admins and the service role see all, and what is ahead. Select price::text: JSON numbers lose digits. The server''s row limit applies: page with offset. Errors: unknown_model (PT404), ambiguous_model (PT409).';

-- from sql/45_prices/240_function_price_changes.sql

create function ratebook.list_price_changes(p_since timestamptz) returns table (
  changed_at timestamptz,
  model_id uuid,
  model text,
  provider text,
  meter text,
  unit_type ai.unit_type_enum,
  change text,
  price_before numeric,
  price_after numeric,
  currency_before text,
  currency_after text,
  service_tier text,
  variant text,
  region text,
  context_threshold bigint,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
-- Definer: what applied is decided over all rows; hidden models, prices that are not public and what is ahead are left out.
declare
  v_all constant boolean := ratebook.is_privileged();
  v_now constant timestamptz := ratebook.clock();
  v_until constant timestamptz := case when v_all then 'infinity' else v_now end;
  v_models uuid[];
begin
  if ratebook.is_time(p_since) is not true then
    perform ratebook.fail('invalid_time', 'The time since when is missing, or not in the years 1 to 9999.',
      'For example 2026-01-31T00:00:00Z.');
  end if;
  -- Only models to which something happened since: a price that begins or is withdrawn, or another source.
  v_models := array(
    select m.id
    from ai.models as m
    where
      m.deleted_at is null and (v_all or m.is_public)
      and m.id in (
        select p.model_id from ai.model_pricing as p where p.effective_from > p_since and p.effective_from <= v_until
        union
        select s.model_id from ai.model_price_sources as s where s.effective_from > p_since
      )
  );

  return query
  with shown as materialized (
    select s.* from ratebook.price_steps(v_models) as s where v_all or s.is_public
  ),

  -- Where one step begins another may end: that is one change.
  changes as (
    select coalesce(b.starts, a.ends) as changed_at, a as former, b as latter
    from (select s.* from shown as s where s.ends > p_since and s.ends <= v_until and isfinite(s.ends)) as a
    full join (select s.* from shown as s where s.starts > p_since and s.starts <= v_until) as b
      on
        b.model_id = a.model_id and b.starts = a.ends and b.meter = a.meter and b.service_tier = a.service_tier
        and (
          b.variant, b.region, b.context_threshold, b.window_start, b.window_end, b.window_days, b.window_time_zone
        ) is not distinct from (
          a.variant, a.region, a.context_threshold, a.window_start, a.window_end, a.window_days, a.window_time_zone
        )
  )

  select
    c.changed_at, m.id, m.key, v.key, k.meter, k.unit_type,
    case when (c.former).starts is null then 'added' when (c.latter).starts is null then 'ended' else 'changed' end,
    trim_scale((c.former).price), trim_scale((c.latter).price), (c.former).currency, (c.latter).currency,
    k.service_tier, k.variant, k.region, k.context_threshold, k.window_start, k.window_end, k.window_days,
    k.window_time_zone
  from changes as c
  cross join lateral (
    select s.* from (select (c.latter).* union all select (c.former).*) as s where s.model_id is not null limit 1
  ) as k
  inner join ai.models as m on m.id = k.model_id
  inner join ai.providers as v on v.id = m.provider_id
  -- The same price of another source, or with another condition of its tier, is no change of a price.
  where ((c.former).price, (c.former).currency) is distinct from ((c.latter).price, (c.latter).currency)
  order by
    c.changed_at desc, m.key, k.meter, k.service_tier, k.variant nulls first, k.region nulls first,
    k.context_threshold nulls first, k.window_start nulls first, k.window_end, k.window_days, k.window_time_zone;
end;
$$;

create function ai.price_changes(since timestamptz) returns table (
  changed_at timestamptz,
  model_id uuid,
  model text,
  provider text,
  meter text,
  unit_type ai.unit_type_enum,
  change text,
  price_before numeric,
  price_after numeric,
  currency_before text,
  currency_after text,
  service_tier text,
  variant text,
  region text,
  context_threshold bigint,
  window_start time,
  window_end time,
  window_days integer,
  window_time_zone text
)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select c.* from ratebook.list_price_changes(since) as c;
end;

revoke all on function ratebook.list_price_changes(timestamptz) from public;
revoke all on function ai.price_changes(timestamptz) from public;
grant execute on function ratebook.list_price_changes(timestamptz) to anon, authenticated, service_role;
grant execute on function ai.price_changes(timestamptz) to anon, authenticated, service_role;

comment on function ratebook.list_price_changes(timestamptz) is 'The rule behind ai.price_changes().';
comment on function ai.price_changes(timestamptz) is
'Which prices changed after a time, by when they came to apply (not by when they were written), the newest first; a model that came to follow another source changes then. change: added, changed or ended; price_before and price_after: exact, of ONE unit, in their currencies, NULL where there was none, or none that is public. Conditions are those of ai.model_pricing. Models that are not hidden, public prices, up to now; admins and the service role see all, and what is ahead. Select price_after::text: JSON numbers lose digits. The server''s row limit applies: page with offset. Error: invalid_time (PT422).';

-- from policies/ai.catalogue.sql

-- A view by the rights of who asks, over a fence that shows current public prices only.
revoke all on ai.catalogue from public, anon, authenticated, service_role;
grant select on ai.catalogue to anon, authenticated, service_role;

-- from policies/ai.meters.sql

alter table ai.meters enable row level security;

revoke all on ai.meters from public, anon, authenticated, service_role;
grant select on ai.meters to anon;
grant select, insert, update, delete on ai.meters to authenticated;
grant select, insert, update, delete on ai.meters to service_role;

create policy meters_select_all on ai.meters for select to anon, authenticated
using (true);
create policy meters_insert_admin on ai.meters for insert to authenticated
with check ((select ratebook.is_admin()));
create policy meters_update_admin on ai.meters for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy meters_delete_admin on ai.meters for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ai.model_price_sources.sql

alter table ai.model_price_sources enable row level security;

-- Written by a trigger on ai.models alone.
revoke all on ai.model_price_sources from public, anon, authenticated, service_role;
grant select on ai.model_price_sources to anon;
grant select on ai.model_price_sources to authenticated;
grant select on ai.model_price_sources to service_role;

-- The hidden are looked up once for a page, not each row's model.
create policy model_price_sources_select_all on ai.model_price_sources for select to anon, authenticated
using (model_id not in (select h.id from ratebook.hidden_models() as h (id)) or (select ratebook.is_admin()));

-- from policies/ai.model_pricing.sql

alter table ai.model_pricing enable row level security;

-- id and created_at are the database's to say.
revoke all on ai.model_pricing from public, anon, authenticated, service_role;
grant select on ai.model_pricing to anon;
grant select on ai.model_pricing to authenticated;
grant insert (
  model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region,
  context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone,
  source, reference, revision, withdrawn, is_public, is_pinned, minimum_quantity
) on ai.model_pricing to authenticated;
grant select on ai.model_pricing to service_role;
grant insert (
  model_id, meter, unit_type, price_per_unit, currency, effective_from, service_tier, variant, region,
  context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days, window_time_zone,
  source, reference, revision, withdrawn, is_public, is_pinned, minimum_quantity
) on ai.model_pricing to service_role;

-- In force or past, of models that are not hidden: these are looked up once for a page, not each price's model.
create policy model_pricing_select_public on ai.model_pricing for select to anon, authenticated
using (
  (
    is_public
    and effective_from <= (select ratebook.clock())
    and model_id not in (select h.id from ratebook.hidden_models() as h (id))
  )
  or (select ratebook.is_admin())
);
create policy model_pricing_insert_admin on ai.model_pricing for insert to authenticated
with check ((select ratebook.is_admin()));

-- from policies/ai.service_tiers.sql

alter table ai.service_tiers enable row level security;

revoke all on ai.service_tiers from public, anon, authenticated, service_role;
grant select on ai.service_tiers to anon;
grant select, insert, update, delete on ai.service_tiers to authenticated;
grant select, insert, update, delete on ai.service_tiers to service_role;

create policy service_tiers_select_all on ai.service_tiers for select to anon, authenticated
using (true);
create policy service_tiers_insert_admin on ai.service_tiers for insert to authenticated
with check ((select ratebook.is_admin()));
create policy service_tiers_update_admin on ai.service_tiers for update to authenticated
using ((select ratebook.is_admin()))
with check ((select ratebook.is_admin()));
create policy service_tiers_delete_admin on ai.service_tiers for delete to authenticated
using ((select ratebook.is_admin()));

-- from policies/ratebook.list_prices.sql

-- Computed; read by ai.catalogue alone.
alter table ratebook.list_prices enable row level security;
revoke all on ratebook.list_prices from public, anon, authenticated, service_role;

-- from policies/ratebook.price_schedules.sql

-- Computed; read by the pricing functions alone.
alter table ratebook.price_schedules enable row level security;
revoke all on ratebook.price_schedules from public, anon, authenticated, service_role;

-- from policies/ratebook.price_sheets.sql

-- Computed; read by the pricing functions alone.
alter table ratebook.price_sheets enable row level security;
revoke all on ratebook.price_sheets from public, anon, authenticated, service_role;

-- from policies/ratebook.price_windows.sql

-- Computed; read by the pricing functions alone.
alter table ratebook.price_windows enable row level security;
revoke all on ratebook.price_windows from public, anon, authenticated, service_role;

insert into ratebook.manifest (module, domain, kind, name, state)
select 'core', '45_prices', o.kind, o.name, o.state
from (values
  ('constraint', 'a_period_is_not_empty on ratebook.list_prices', '07998c0c74d1dba2dc8151bc218252b4'),
  ('constraint', 'a_window_is_whole on ai.model_pricing', '86fd706a2449a87d3af5052e1f2d497f'),
  ('constraint', 'a_withdrawn_price_has_no_amount on ai.model_pricing', '0996fd75000b1b38ab92ab46a97519b8'),
  ('constraint', 'context_threshold_is_positive on ai.model_pricing', '3316e2c48e59bded3c3c6785b25ee6fd'),
  ('constraint', 'currency_is_an_iso_code on ai.model_pricing', 'e380583fa4c7371a632980f46e40ebd0'),
  ('constraint', 'effective_from_is_finite on ai.model_price_sources', '08880d0b0294748bc7606d4735c89455'),
  ('constraint', 'effective_from_is_finite on ai.model_pricing', '4d86176df0554de33702c63c747a3df0'),
  ('constraint', 'key_is_a_machine_key on ai.meters', 'e67b735dc36bfc3aad07b3cb54f35ffb'),
  ('constraint', 'key_is_a_machine_key on ai.service_tiers', 'e67b735dc36bfc3aad07b3cb54f35ffb'),
  ('constraint', 'list_prices_model_id_fkey on ratebook.list_prices', 'dd0d79d9d734134b27fc5be5bdefab11'),
  ('constraint', 'list_prices_pkey on ratebook.list_prices', 'eaa21046091b4415ac10e36c07d5f002'),
  ('constraint', 'meters_falls_back_to_fkey on ai.meters', '319839e8a349392b5fa0691dc9a86136'),
  ('constraint', 'meters_key_unit_type_key on ai.meters', 'febc177ea4361a2198cc4f791b1630d3'),
  ('constraint', 'meters_pkey on ai.meters', '172c63e8584f28c916530b7b8432a5d3'),
  ('constraint', 'minimum_quantity_is_a_quantity on ai.model_pricing', 'a71602cdb1c059f64c227eb0eb585b33'),
  ('constraint', 'model_price_sources_key on ai.model_price_sources', '889aa81d2e04a8114b7e7c429439db5d'),
  ('constraint', 'model_price_sources_model_id_fkey on ai.model_price_sources', '56211b69a9b087adf52b714bda8904e2'),
  ('constraint', 'model_price_sources_pkey on ai.model_price_sources', '8597a3756628236efc25d2b87124f4a3'),
  ('constraint', 'model_pricing_key on ai.model_pricing', '76aba6ac664ee486863ec1031c3e0672'),
  ('constraint', 'model_pricing_meter_fkey on ai.model_pricing', '55d9c56e49572fc73890922aa56116e1'),
  ('constraint', 'model_pricing_model_id_fkey on ai.model_pricing', '56211b69a9b087adf52b714bda8904e2'),
  ('constraint', 'model_pricing_pkey on ai.model_pricing', '8597a3756628236efc25d2b87124f4a3'),
  ('constraint', 'model_pricing_service_tier_fkey on ai.model_pricing', '4775ad29e2ed5d19044a4123e8634cc9'),
  ('constraint', 'price_currency_is_an_iso_code on ai.model_price_sources', 'baf853a8ddd43db65a395690686d180e'),
  ('constraint', 'price_per_unit_is_finite on ai.model_pricing', 'd93f1efedec5d28947cda0df78b0054e'),
  ('constraint', 'price_schedules_model_id_fkey on ratebook.price_schedules', 'dd0d79d9d734134b27fc5be5bdefab11'),
  ('constraint', 'price_schedules_model_id_source_currency_key on ratebook.price_schedules', '6071b164ecbd7492947ea3892cab9683'),
  ('constraint', 'price_schedules_pkey on ratebook.price_schedules', '8597a3756628236efc25d2b87124f4a3'),
  ('constraint', 'price_sheets_key on ratebook.price_sheets', '2edfd36de518ca06ea3566dd08c0614e'),
  ('constraint', 'price_sheets_pkey on ratebook.price_sheets', '8597a3756628236efc25d2b87124f4a3'),
  ('constraint', 'price_sheets_schedule_id_fkey on ratebook.price_sheets', '65bf821b39174b83c8f23454546d2187'),
  ('constraint', 'price_windows_pkey on ratebook.price_windows', '68f8582dda49f888193412150fa237e2'),
  ('constraint', 'price_windows_schedule_id_fkey on ratebook.price_windows', '65bf821b39174b83c8f23454546d2187'),
  ('constraint', 'reference_is_not_endless on ai.model_pricing', '17faf8512cdac291e86a432b17a7ac15'),
  ('constraint', 'region_is_not_blank on ai.model_pricing', 'bc2608ac9b9bbcd2254d1b9e9d87fa18'),
  ('constraint', 'revision_is_not_negative on ai.model_price_sources', '987df4ddd1a160fedba082274f5ac411'),
  ('constraint', 'revision_is_not_negative on ai.model_pricing', '987df4ddd1a160fedba082274f5ac411'),
  ('constraint', 'service_tiers_pkey on ai.service_tiers', '172c63e8584f28c916530b7b8432a5d3'),
  ('constraint', 'source_is_a_name on ai.model_pricing', 'e327181dccfdb391ac7e868745f65007'),
  ('constraint', 'variant_is_not_blank on ai.model_pricing', 'bd642283df92b5dc6a1ace10a206f568'),
  ('constraint', 'window_days_is_a_weekday_mask on ai.model_pricing', '7a5700928e71121b55de365f3ff5da8b'),
  ('constraint', 'window_is_not_empty on ai.model_pricing', '259d3d7b7e2f376c4beeff03d59849a9'),
  ('constraint', 'window_time_zone_is_known on ai.model_pricing', '0ded928dc4e37504878860864d9973d2'),
  ('function', 'ai.created_by(ai.model_pricing)', 'ebbf7031e5eece22ba5f895801636629'),
  ('function', 'ai.export_prices(at timestamp with time zone)', '4e3ddacf7cf100de9845f552e4302ba9'),
  ('function', 'ai.follow_source(source text, models text[], move_pins boolean)', 'c42b1d701e456cf49bdba83ff63aa4f6'),
  ('function', 'ai.import_catalogue(source text, models jsonb, starts_at timestamp with time zone, dry_run boolean, accept text[], strict boolean)', '3730a51a09b06f1386e9a73e555487a8'),
  ('function', 'ai.model_as_of(model text, at timestamp with time zone)', '6e49c111828df359176b29a2ae2fe725'),
  ('function', 'ai.normalize_usage(format text, raw jsonb)', '6145f532f17487b1a72405682c79d6f9'),
  ('function', 'ai.price_changes(since timestamp with time zone)', '72b3d8f6419e3f146b6fbc1bd1bfe7a9'),
  ('function', 'ai.price_history(model text)', 'f421d64926ea532fa95ba84f031c61b3'),
  ('function', 'ai.prices_in_force(model text, at timestamp with time zone)', '608adf7256988bd8a8b821b9bf002831'),
  ('function', 'ai.schedule_price(model text, meter text, price numeric, effective_from timestamp with time zone, currency text, service_tier text, variant text, region text, source text)', 'c2c90647609b1bfc85c750df114e00da'),
  ('function', 'ai.unpin_price(model text, meter text, service_tier text, variant text, region text, source text)', '7386b4d3a8a845c39163bebfa48c5ca4'),
  ('function', 'ratebook.are_feed_names(p_names jsonb)', '1ac1d800f9e9fb80bd46a2b8073d05c8'),
  ('function', 'ratebook.assert_currency(p_currency text)', 'a3d42f8460426fc26f06b85d7b7f7c02'),
  ('function', 'ratebook.assert_price(p_meter text, p_price numeric, p_currency text, p_effective_from timestamp with time zone, p_service_tier text)', 'cb79a27a7759b766ccee80c55686fdca'),
  ('function', 'ratebook.assert_time(p_at timestamp with time zone)', 'e40df88f0c1a4ec880ad545bc8d22b3e'),
  ('function', 'ratebook.assert_usage(p_usage jsonb)', 'c6b04d917c949a10ebfb186d6eb137e1'),
  ('function', 'ratebook.base_prices(p_model_id uuid, p_at timestamp with time zone)', '786f1c4839288352a2138b8c9c2b7364'),
  ('function', 'ratebook.complete_price()', 'a3f46c8b57fc28dd935f784b2f7cf83f'),
  ('function', 'ratebook.context_bound(p_threshold bigint, p_inclusive boolean)', '3c09dd665e8c53f063a4b1c316f5d233'),
  ('function', 'ratebook.context_tokens(p_usage jsonb)', '119d73f11e31d46003b13852fd5a2a1a'),
  ('function', 'ratebook.date_price_source()', '6cb504a3541efd16da7c8af455d87bba'),
  ('function', 'ratebook.draws_size(p_model_id uuid, p_valid_sizes text[], p_size text, p_at timestamp with time zone)', '852e1129fc0ef70e0f79a344993597d9'),
  ('function', 'ratebook.export_prices(p_at timestamp with time zone)', 'e85733da7b248e37706fc16f269066c7'),
  ('function', 'ratebook.feed_changes(p_source text, p_models jsonb, p_starts_at timestamp with time zone, p_at timestamp with time zone, p_unread text[])', '8bb9c3feda8ca1e6549248c14f4cbde7'),
  ('function', 'ratebook.feed_keys()', 'e239ed837bbd92b76cc0f739ba3fa1b3'),
  ('function', 'ratebook.feed_models(p_source text, p_models jsonb)', '1e5a00b8072b0b6a283d4293f51c880b'),
  ('function', 'ratebook.feed_plan(p_source text, p_models jsonb, p_starts_at timestamp with time zone, p_at timestamp with time zone, p_unread text[], p_accept text[])', '87a0127afc6476d3bcf2f60998705e31'),
  ('function', 'ratebook.feed_prices(p_models jsonb)', '3ac2afae0ed7da94820aa0b37a1a8f02'),
  ('function', 'ratebook.feed_problems(p_source text, p_models jsonb)', 'aa9334eaca7d685f06e228336e818f1d'),
  ('function', 'ratebook.field_name(p_key text)', '5402a41743f8f395d8d3ddaaf49c4789'),
  ('function', 'ratebook.field_of(p_fields jsonb, p_key text)', '7b735450529d802fb9ad5cea503b1063'),
  ('function', 'ratebook.find_sheet(p_model_id uuid, p_source text, p_currency text, p_usage jsonb, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone)', '98304337fa5bf3829f484b4d84beea37'),
  ('function', 'ratebook.find_usage(p_answer jsonb, OUT answer jsonb, OUT usage jsonb)', 'd3254172e70730991b9fb590a7eb0324'),
  ('function', 'ratebook.follow_source(p_source text, p_models text[], p_move_pins boolean)', '4e556f95632d7134879a17ba7adf16d7'),
  ('function', 'ratebook.give_names(p_source text, p_models jsonb, p_at timestamp with time zone, p_unread text[])', 'e76156438a0b33321ad4873ba5e44888'),
  ('function', 'ratebook.has_more_keys(p_usage jsonb, p_number integer)', '900186c84d22314c721ac06e219feb7f'),
  ('function', 'ratebook.import_catalogue(p_source text, p_models jsonb, p_starts_at timestamp with time zone, p_dry_run boolean, p_accept text[], p_strict boolean)', '2c4e4f97107b02e8425e8119c3611ceb'),
  ('function', 'ratebook.is_a_feed_name(p_name jsonb)', '09f181116ddb15ec724f67d894643936'),
  ('function', 'ratebook.is_count(p_path text)', 'fcb8a81f6afdbe747acd335233badf8f'),
  ('function', 'ratebook.is_usage(p_usage jsonb, p_meters text[])', 'b8504fe00dcce8dc7d20a18b603fdbc0'),
  ('function', 'ratebook.json_in_text(p_json jsonb)', 'b7a9cac0dbcd8465dd48d4a388614b3c'),
  ('function', 'ratebook.keep_price_source()', 'be1587ee018ef2f26fc524c4855b6bb0'),
  ('function', 'ratebook.list_inserted_prices()', '541b19a466aff0843951ae2221b85f30'),
  ('function', 'ratebook.list_price_changes(p_since timestamp with time zone)', '614b505ab03ff5588eb0fdc1b3971fdf'),
  ('function', 'ratebook.list_switched_prices()', 'c34e07f03be5d9253d54447acf05efe7'),
  ('function', 'ratebook.model_as_of(p_model text, p_at timestamp with time zone)', '3f528728f8832d55b768d3b7cec220c5'),
  ('function', 'ratebook.normalize_usage(p_format text, p_raw jsonb)', '31bf58ae1603cf502b28e955c1267d6b'),
  ('function', 'ratebook.open_windows(p_schedule_id bigint, p_period integer, p_at timestamp with time zone)', 'b903b3d2e53f6a8de89e4c72083f3b23'),
  ('function', 'ratebook.own_prices(p_source text, p_models jsonb, p_at timestamp with time zone)', '9d503e3ce31534f6bfddd1d26edb9a2b'),
  ('function', 'ratebook.pinned_prices(p_model_id uuid, p_source text, p_at timestamp with time zone)', '7e6ff1d8609ef357216e7fdb2f3ce51c'),
  ('function', 'ratebook.price_history(p_model text)', '2ecb76a63921862e2c9bc6ab6430a9ec'),
  ('function', 'ratebook.price_says(p_price numeric, p_threshold bigint, p_inclusive boolean, p_mode ai.tier_mode_enum)', '69394d395a6b96f555281d048a0250d6'),
  ('function', 'ratebook.price_source_at(p_model_id uuid, p_at timestamp with time zone, OUT price_source text, OUT price_currency text)', '268cbbf8124e59c6e6284b8e15748e8f'),
  ('function', 'ratebook.price_steps(p_model_ids uuid[])', '480ffa252083f1c1377717de4d869265'),
  ('function', 'ratebook.price_texts(p_prices jsonb)', '4164f9aba669da9aaa2a244f22cd357c'),
  ('function', 'ratebook.price_to_set(p_model_id uuid, p_meter text, p_price numeric, p_currency text, p_effective_from timestamp with time zone, p_service_tier text, p_variant text, p_region text, p_source text, p_restate boolean, p_reference text, p_pin boolean)', 'eefc45b7d81863c302f957075f816398'),
  ('function', 'ratebook.price_usage(p_sheet ratebook.price_sheets, p_usage jsonb, p_what_if ratebook.what_if)', 'a85a41892b0db47c1c1ed37a479008ab'),
  ('function', 'ratebook.prices_by_period(p_schedules ratebook.price_schedules[], p_periods integer[], p_rows ai.model_pricing[])', '77d44f82e90cb9395bad51bc812c10a0'),
  ('function', 'ratebook.prices_in_force(p_model_id uuid, p_at timestamp with time zone)', '367d83b8dfdca67d49170cfb3877594c'),
  ('function', 'ratebook.read_usage(p_format text, p_usage jsonb, p_service_tier text, p_variant text, p_region text)', '0629a82240a9ddc4f3f21d82d4523a42'),
  ('function', 'ratebook.readable_feed(p_source text, p_models jsonb, p_strict boolean, OUT models jsonb, OUT skipped jsonb, OUT unread text[])', '318a36bc13e02063edfe2f7ea14a37b0'),
  ('function', 'ratebook.reads_as(p_text text, p_type text)', '57fcb19cbe0089020b85ebcf5b280be4'),
  ('function', 'ratebook.rebuild_prices(p_changes ratebook.changed_prices[])', '3571d1fc55798e6b9022bdc780b41194'),
  ('function', 'ratebook.rebuild_prices_of_inserted()', 'cd3f22e1a1d21ee57b7c4f6368b0f84e'),
  ('function', 'ratebook.rebuild_prices_of_meters()', '064402bd71559db7659f22bc7cb513a6'),
  ('function', 'ratebook.rebuild_prices_of_service_tiers()', '0fb34b009b6d0f3e7377ba5f807bb315'),
  ('function', 'ratebook.refuse_contradiction(p_format text, p_argument text, p_one text, p_other text, p_why text, p_hint text)', '7061df8b18554c42c5fb113f673ccf18'),
  ('function', 'ratebook.refuse_field(p_error text, p_format text, p_field text, p_why text, p_hint text)', '975a0c3e893277ceed19d36568593f56'),
  ('function', 'ratebook.refuse_meter_cycle()', 'f0f25c5ff3f1ca29e1197a0eae2c5e48'),
  ('function', 'ratebook.refuse_to_leave_pins()', 'f7631a8579a293db8123bd9b56fe5bbb'),
  ('function', 'ratebook.refuse_unsaid_pins(p_models text[])', '16f3b5ac8b6819f827be6c62062a3129'),
  ('function', 'ratebook.schedule_price(p_model text, p_meter text, p_price numeric, p_effective_from timestamp with time zone, p_currency text, p_service_tier text, p_variant text, p_region text, p_source text)', 'a3f2240d1d8b0b98e27939dd4b1580ff'),
  ('function', 'ratebook.set_price(p_model_id uuid, p_meter text, p_price numeric, p_currency text, p_effective_from timestamp with time zone, p_service_tier text, p_variant text, p_region text, p_source text, p_restate boolean, p_reference text, p_pin boolean)', 'd503d6b641da57c2ee98fa2b18d46816'),
  ('function', 'ratebook.share(p_value numeric, p_part numeric, p_whole numeric)', '9f1b6df5fbe36633975173e3a5e1b204'),
  ('function', 'ratebook.told_price(p_model text, p_meter text, p_service_tier text, p_currency text, p_variant text, p_region text, p_threshold bigint, p_window_start time without time zone, p_window_end time without time zone, p_window_days integer, p_window_time_zone text, p_effective_from timestamp with time zone)', '37e7dc5c93f9d66b9ef316bdd955f07e'),
  ('function', 'ratebook.unpin_price(p_model text, p_meter text, p_service_tier text, p_variant text, p_region text, p_source text)', '202311c30ce33854f5be12a1238cf32f'),
  ('function', 'ratebook.usage_counts(p_format text, p_fields jsonb, p_usage jsonb, OUT counts jsonb, OUT names jsonb)', '7b4c8ce42c7f03d819469df7cc9e7899'),
  ('function', 'ratebook.usage_format(p_name text, p_usage jsonb)', '85e83bb605f92782635aa34660fe2846'),
  ('function', 'ratebook.usage_formats()', 'aa1f3b1da1db3b847bdad9addc457789'),
  ('function', 'ratebook.usage_formats_of_providers(p_name text)', '956ccae5f661b3f20e593bff66a3cfb9'),
  ('function', 'ratebook.usage_formats_of_sdks(p_name text)', 'e2810b5354c4ab48b603df785a288562'),
  ('function', 'ratebook.usage_meters(p_format text, p_caches_are_inside boolean, p_thoughts_are_inside boolean, p_usage jsonb, p_counts jsonb, p_names jsonb)', 'a8a842121f977d182d8390f3f328a3c0'),
  ('function', 'ratebook.usage_states(p_format text, p_states jsonb, p_answer jsonb, p_usage jsonb, p_counts jsonb)', '6d77fbc5ac9b341bc60bc73f78b9b1c0'),
  ('function', 'ratebook.usage_values(p_usage jsonb, p_fields jsonb)', '9d4a0b856f93a00de0ed63473a9e2cda'),
  ('function', 'ratebook.use_currency(p_model_id uuid, p_currency text, p_at timestamp with time zone)', '91a2e2774b31fd709e4efbceb4769456'),
  ('function', 'ratebook.visible_prices_in_force(p_model text, p_at timestamp with time zone)', '261b22ba0ee2f00381c6c104bc53c0c8'),
  ('function', 'ratebook.what_if(p_rows ai.model_pricing[], p_since timestamp with time zone)', 'ec87e9fb1c6b547787cef648f6c436f2'),
  ('function', 'ratebook.whole_usage(p_prices jsonb, p_minimums jsonb, p_usage jsonb)', 'f05c6275a4e7fcdacd522457a542d434'),
  ('function', 'ratebook.work_out_schedule(p_model_id uuid, p_source text, p_currency text, p_rows ai.model_pricing[])', 'f2430a0a6424fbe1ea7f60b64c9f1689'),
  ('function', 'ratebook.work_out_sheets(p_schedules ratebook.price_schedules[], p_periods integer[], p_rows ai.model_pricing[])', 'bb7c689027086104f8097486b05da6d3'),
  ('function', 'ratebook.write_list_prices(p_model_ids uuid[], p_since timestamp with time zone)', '28a160ff0febd5abc11805e834771e79'),
  ('function', 'ratebook.write_sheets(p_schedule_ids bigint[], p_periods integer[])', '86772c73902d372cae12b3b9e804801b'),
  ('index', 'ai.meters_falls_back_to_idx', '39146322058b8a9cdce2aefd181cbecc'),
  ('index', 'ai.meters_key_unit_type_key', '0e3f056d9ee4af2ed5240b8e085a68b2'),
  ('index', 'ai.meters_pkey', '9b299380568a794f6580db5d46617c0d'),
  ('index', 'ai.model_price_sources_key', '970765125bf5e7c6acdbdea537d4204c'),
  ('index', 'ai.model_price_sources_pkey', 'ca41700a2d007e884ed653d59de058cd'),
  ('index', 'ai.model_pricing_effective_from_idx', '01fdfd27d79ae7aa49f282e7cff4874c'),
  ('index', 'ai.model_pricing_key', '7d67baffe3e4723232dc1ddb0e5c337e'),
  ('index', 'ai.model_pricing_meter_idx', 'dcc10fc54a49b89e46d30191f7e4fb00'),
  ('index', 'ai.model_pricing_pkey', '2b0a63c0754a9d9f9ec1a7c2a3de28c7'),
  ('index', 'ai.model_pricing_service_tier_idx', 'cd74193b3f55c7c764796c3fba970858'),
  ('index', 'ai.service_tiers_pkey', 'f4d0bff8e1025752d14f7d6c13db5a22'),
  ('index', 'ratebook.list_prices_ends_idx', '73281d5efda7ce1b2b3bba89e46bd3b6'),
  ('index', 'ratebook.list_prices_pkey', '6637996f3b31a4a52d4d29b015c6d577'),
  ('index', 'ratebook.price_schedules_model_id_source_currency_key', '12d5d8d9a04e852b87519a5a22feb96b'),
  ('index', 'ratebook.price_schedules_pkey', 'e20b2bd60a5f9086f6b2477b17ba0a61'),
  ('index', 'ratebook.price_sheets_key', 'd7e5e090f21db79cb87653fbfb0794c2'),
  ('index', 'ratebook.price_sheets_pkey', '30696a85f111ee0a1ed82dbff354209e'),
  ('index', 'ratebook.price_windows_pkey', 'f89b8807443bc5e06d82178e4d90fd28'),
  ('policy', 'meters_delete_admin on ai.meters', '87d0caa9082f8b334231517a3e0da981'),
  ('policy', 'meters_insert_admin on ai.meters', '944a511b7d66cf67ffd459191ebd03bb'),
  ('policy', 'meters_select_all on ai.meters', 'b4ddb5be1857478e4e300f38480a50ca'),
  ('policy', 'meters_update_admin on ai.meters', '2ec999b707bdbe3821ea3005be3c2e19'),
  ('policy', 'model_price_sources_select_all on ai.model_price_sources', '10313c1cad5b011ad032a39acaa167f2'),
  ('policy', 'model_pricing_insert_admin on ai.model_pricing', '944a511b7d66cf67ffd459191ebd03bb'),
  ('policy', 'model_pricing_select_public on ai.model_pricing', '739b9235f4327d343decb69935693535'),
  ('policy', 'service_tiers_delete_admin on ai.service_tiers', '87d0caa9082f8b334231517a3e0da981'),
  ('policy', 'service_tiers_insert_admin on ai.service_tiers', '944a511b7d66cf67ffd459191ebd03bb'),
  ('policy', 'service_tiers_select_all on ai.service_tiers', 'b4ddb5be1857478e4e300f38480a50ca'),
  ('policy', 'service_tiers_update_admin on ai.service_tiers', '2ec999b707bdbe3821ea3005be3c2e19'),
  ('privileges', 'ai.catalogue', 'anon select, authenticated select, service_role select'),
  ('privileges', 'ai.created_by(ai.model_pricing)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ai.export_prices(at timestamp with time zone)', 'authenticated execute, service_role execute'),
  ('privileges', 'ai.follow_source(source text, models text[], move_pins boolean)', 'authenticated execute, service_role execute'),
  ('privileges', 'ai.import_catalogue(source text, models jsonb, starts_at timestamp with time zone, dry_run boolean, accept text[], strict boolean)', 'authenticated execute, service_role execute'),
  ('privileges', 'ai.meters', 'anon select, authenticated delete+insert+select+update, service_role delete+insert+select+update'),
  ('privileges', 'ai.model_as_of(model text, at timestamp with time zone)', 'authenticated execute, service_role execute'),
  ('privileges', 'ai.model_price_sources', 'anon select, authenticated select, service_role select'),
  ('privileges', 'ai.model_pricing', 'anon select, authenticated select+insert context_threshold+insert currency+insert effective_from+insert is_pinned+insert is_public+insert meter+insert minimum_quantity+insert model_id+insert price_per_unit+insert reference+insert region+insert revision+insert service_tier+insert source+insert threshold_inclusive+insert tier_mode+insert unit_type+insert variant+insert window_days+insert window_end+insert window_start+insert window_time_zone+insert withdrawn, service_role select+insert context_threshold+insert currency+insert effective_from+insert is_pinned+insert is_public+insert meter+insert minimum_quantity+insert model_id+insert price_per_unit+insert reference+insert region+insert revision+insert service_tier+insert source+insert threshold_inclusive+insert tier_mode+insert unit_type+insert variant+insert window_days+insert window_end+insert window_start+insert window_time_zone+insert withdrawn'),
  ('privileges', 'ai.normalize_usage(format text, raw jsonb)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ai.price_changes(since timestamp with time zone)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ai.price_history(model text)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ai.prices_in_force(model text, at timestamp with time zone)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ai.schedule_price(model text, meter text, price numeric, effective_from timestamp with time zone, currency text, service_tier text, variant text, region text, source text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ai.service_tiers', 'anon select, authenticated delete+insert+select+update, service_role delete+insert+select+update'),
  ('privileges', 'ai.unpin_price(model text, meter text, service_tier text, variant text, region text, source text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.are_feed_names(p_names jsonb)', ''),
  ('privileges', 'ratebook.assert_currency(p_currency text)', ''),
  ('privileges', 'ratebook.assert_price(p_meter text, p_price numeric, p_currency text, p_effective_from timestamp with time zone, p_service_tier text)', ''),
  ('privileges', 'ratebook.assert_time(p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.assert_usage(p_usage jsonb)', ''),
  ('privileges', 'ratebook.base_prices(p_model_id uuid, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.complete_price()', ''),
  ('privileges', 'ratebook.computed_list_prices', ''),
  ('privileges', 'ratebook.context_bound(p_threshold bigint, p_inclusive boolean)', ''),
  ('privileges', 'ratebook.context_tokens(p_usage jsonb)', ''),
  ('privileges', 'ratebook.current_list_prices', 'anon select, authenticated select, service_role select'),
  ('privileges', 'ratebook.date_price_source()', ''),
  ('privileges', 'ratebook.draws_size(p_model_id uuid, p_valid_sizes text[], p_size text, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.export_prices(p_at timestamp with time zone)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.feed_changes(p_source text, p_models jsonb, p_starts_at timestamp with time zone, p_at timestamp with time zone, p_unread text[])', ''),
  ('privileges', 'ratebook.feed_keys()', ''),
  ('privileges', 'ratebook.feed_models(p_source text, p_models jsonb)', ''),
  ('privileges', 'ratebook.feed_plan(p_source text, p_models jsonb, p_starts_at timestamp with time zone, p_at timestamp with time zone, p_unread text[], p_accept text[])', ''),
  ('privileges', 'ratebook.feed_prices(p_models jsonb)', ''),
  ('privileges', 'ratebook.feed_problems(p_source text, p_models jsonb)', ''),
  ('privileges', 'ratebook.field_name(p_key text)', ''),
  ('privileges', 'ratebook.field_of(p_fields jsonb, p_key text)', ''),
  ('privileges', 'ratebook.find_sheet(p_model_id uuid, p_source text, p_currency text, p_usage jsonb, p_service_tier text, p_variant text, p_region text, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.find_usage(p_answer jsonb, OUT answer jsonb, OUT usage jsonb)', ''),
  ('privileges', 'ratebook.follow_source(p_source text, p_models text[], p_move_pins boolean)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.give_names(p_source text, p_models jsonb, p_at timestamp with time zone, p_unread text[])', ''),
  ('privileges', 'ratebook.has_more_keys(p_usage jsonb, p_number integer)', ''),
  ('privileges', 'ratebook.import_catalogue(p_source text, p_models jsonb, p_starts_at timestamp with time zone, p_dry_run boolean, p_accept text[], p_strict boolean)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.is_a_feed_name(p_name jsonb)', ''),
  ('privileges', 'ratebook.is_count(p_path text)', ''),
  ('privileges', 'ratebook.is_usage(p_usage jsonb, p_meters text[])', ''),
  ('privileges', 'ratebook.json_in_text(p_json jsonb)', ''),
  ('privileges', 'ratebook.keep_price_source()', ''),
  ('privileges', 'ratebook.list_inserted_prices()', ''),
  ('privileges', 'ratebook.list_price_changes(p_since timestamp with time zone)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.list_prices', ''),
  ('privileges', 'ratebook.list_switched_prices()', ''),
  ('privileges', 'ratebook.model_as_of(p_model text, p_at timestamp with time zone)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.normalize_usage(p_format text, p_raw jsonb)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.open_windows(p_schedule_id bigint, p_period integer, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.own_prices(p_source text, p_models jsonb, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.pinned_prices(p_model_id uuid, p_source text, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.price_history(p_model text)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.price_says(p_price numeric, p_threshold bigint, p_inclusive boolean, p_mode ai.tier_mode_enum)', ''),
  ('privileges', 'ratebook.price_schedules', ''),
  ('privileges', 'ratebook.price_schedules_id_seq', ''),
  ('privileges', 'ratebook.price_sheets', ''),
  ('privileges', 'ratebook.price_sheets_id_seq', ''),
  ('privileges', 'ratebook.price_source_at(p_model_id uuid, p_at timestamp with time zone, OUT price_source text, OUT price_currency text)', ''),
  ('privileges', 'ratebook.price_source_periods', ''),
  ('privileges', 'ratebook.price_steps(p_model_ids uuid[])', ''),
  ('privileges', 'ratebook.price_texts(p_prices jsonb)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.price_to_set(p_model_id uuid, p_meter text, p_price numeric, p_currency text, p_effective_from timestamp with time zone, p_service_tier text, p_variant text, p_region text, p_source text, p_restate boolean, p_reference text, p_pin boolean)', ''),
  ('privileges', 'ratebook.price_usage(p_sheet ratebook.price_sheets, p_usage jsonb, p_what_if ratebook.what_if)', ''),
  ('privileges', 'ratebook.price_windows', ''),
  ('privileges', 'ratebook.prices_by_period(p_schedules ratebook.price_schedules[], p_periods integer[], p_rows ai.model_pricing[])', ''),
  ('privileges', 'ratebook.prices_in_force(p_model_id uuid, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.read_usage(p_format text, p_usage jsonb, p_service_tier text, p_variant text, p_region text)', ''),
  ('privileges', 'ratebook.readable_feed(p_source text, p_models jsonb, p_strict boolean, OUT models jsonb, OUT skipped jsonb, OUT unread text[])', ''),
  ('privileges', 'ratebook.reads_as(p_text text, p_type text)', ''),
  ('privileges', 'ratebook.rebuild_prices(p_changes ratebook.changed_prices[])', ''),
  ('privileges', 'ratebook.rebuild_prices_of_inserted()', ''),
  ('privileges', 'ratebook.rebuild_prices_of_meters()', ''),
  ('privileges', 'ratebook.rebuild_prices_of_service_tiers()', ''),
  ('privileges', 'ratebook.refuse_contradiction(p_format text, p_argument text, p_one text, p_other text, p_why text, p_hint text)', ''),
  ('privileges', 'ratebook.refuse_field(p_error text, p_format text, p_field text, p_why text, p_hint text)', ''),
  ('privileges', 'ratebook.refuse_meter_cycle()', ''),
  ('privileges', 'ratebook.refuse_to_leave_pins()', ''),
  ('privileges', 'ratebook.refuse_unsaid_pins(p_models text[])', ''),
  ('privileges', 'ratebook.schedule_price(p_model text, p_meter text, p_price numeric, p_effective_from timestamp with time zone, p_currency text, p_service_tier text, p_variant text, p_region text, p_source text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.set_price(p_model_id uuid, p_meter text, p_price numeric, p_currency text, p_effective_from timestamp with time zone, p_service_tier text, p_variant text, p_region text, p_source text, p_restate boolean, p_reference text, p_pin boolean)', ''),
  ('privileges', 'ratebook.share(p_value numeric, p_part numeric, p_whole numeric)', ''),
  ('privileges', 'ratebook.told_price(p_model text, p_meter text, p_service_tier text, p_currency text, p_variant text, p_region text, p_threshold bigint, p_window_start time without time zone, p_window_end time without time zone, p_window_days integer, p_window_time_zone text, p_effective_from timestamp with time zone)', ''),
  ('privileges', 'ratebook.unpin_price(p_model text, p_meter text, p_service_tier text, p_variant text, p_region text, p_source text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.usage_counts(p_format text, p_fields jsonb, p_usage jsonb, OUT counts jsonb, OUT names jsonb)', ''),
  ('privileges', 'ratebook.usage_format(p_name text, p_usage jsonb)', ''),
  ('privileges', 'ratebook.usage_formats()', ''),
  ('privileges', 'ratebook.usage_formats_of_providers(p_name text)', ''),
  ('privileges', 'ratebook.usage_formats_of_sdks(p_name text)', ''),
  ('privileges', 'ratebook.usage_meters(p_format text, p_caches_are_inside boolean, p_thoughts_are_inside boolean, p_usage jsonb, p_counts jsonb, p_names jsonb)', ''),
  ('privileges', 'ratebook.usage_states(p_format text, p_states jsonb, p_answer jsonb, p_usage jsonb, p_counts jsonb)', ''),
  ('privileges', 'ratebook.usage_values(p_usage jsonb, p_fields jsonb)', ''),
  ('privileges', 'ratebook.use_currency(p_model_id uuid, p_currency text, p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.visible_prices_in_force(p_model text, p_at timestamp with time zone)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.what_if(p_rows ai.model_pricing[], p_since timestamp with time zone)', ''),
  ('privileges', 'ratebook.whole_usage(p_prices jsonb, p_minimums jsonb, p_usage jsonb)', ''),
  ('privileges', 'ratebook.work_out_schedule(p_model_id uuid, p_source text, p_currency text, p_rows ai.model_pricing[])', ''),
  ('privileges', 'ratebook.work_out_sheets(p_schedules ratebook.price_schedules[], p_periods integer[], p_rows ai.model_pricing[])', ''),
  ('privileges', 'ratebook.write_list_prices(p_model_ids uuid[], p_since timestamp with time zone)', ''),
  ('privileges', 'ratebook.write_sheets(p_schedule_ids bigint[], p_periods integer[])', ''),
  ('table', 'ai.meters', '3d8a9d349e20b6a35649b5e42146637e'),
  ('table', 'ai.model_price_sources', 'c26f8d9b7cb818ee814559bfe6f1fa49'),
  ('table', 'ai.model_pricing', 'ec60fd147db30351de4de666b7a8279a'),
  ('table', 'ai.service_tiers', 'ce36b946ed980c0584714ff46656cdc8'),
  ('table', 'ratebook.list_prices', '104d6ba55d2978cb21409a552091a90e'),
  ('table', 'ratebook.price_schedules', 'd3bdadcd244c3361b4e93e2b8ebd9e8a'),
  ('table', 'ratebook.price_sheets', 'f949a08646cb07e0699d2f878fc06e35'),
  ('table', 'ratebook.price_windows', 'a1daee3d28c5eaa302b8e24883838e0a'),
  ('trigger', 'catalogue_refuse_write on ai.catalogue', 'db8d3bf6da6e58e88c7fdec18106e946'),
  ('trigger', 'meters_audit_delete on ai.meters', '929eef1281065d3e7fc96387842f33fb'),
  ('trigger', 'meters_audit_insert on ai.meters', '1156c829830038c9b8a3384ae18bc6eb'),
  ('trigger', 'meters_audit_update on ai.meters', '59e6903cedd4808c9fe0185b75a636f2'),
  ('trigger', 'meters_rebuild_prices_delete on ai.meters', 'cf1262e3cb8c451b7c103cf856b67766'),
  ('trigger', 'meters_rebuild_prices_insert on ai.meters', '3e35e70b53edfe19a6b2796c834f2bfc'),
  ('trigger', 'meters_rebuild_prices_update on ai.meters', '368ce2a8dd32a92c5ad322beb5f07215'),
  ('trigger', 'meters_refuse_cycle on ai.meters', '1080311d64cd785392c7b69c8b2f4565'),
  ('trigger', 'meters_refuse_truncate on ai.meters', '4f3cb7b35a6fb26b1e6d471f07ba723d'),
  ('trigger', 'meters_require_privileged on ai.meters', '0061fe3118768bcb5b826ee909445fa5'),
  ('trigger', 'model_price_sources_list on ai.model_price_sources', 'a6348b29c7aca7f533a7d1a2f550507f'),
  ('trigger', 'model_price_sources_refuse_change on ai.model_price_sources', 'b296e4326633df5c17d824c19593919c'),
  ('trigger', 'model_pricing_audit_delete on ai.model_pricing', '20edc6dd5a2270ecb6efdcf778ce45ac'),
  ('trigger', 'model_pricing_audit_insert on ai.model_pricing', '2127f20eabe4fc0c87b045b1a4750a7f'),
  ('trigger', 'model_pricing_audit_update on ai.model_pricing', 'cbfa95bd8d11b5fbbcf8da8cdd6ef39f'),
  ('trigger', 'model_pricing_complete on ai.model_pricing', 'de0579f80312381d7e566be2a244cd1b'),
  ('trigger', 'model_pricing_rebuild on ai.model_pricing', '4f474c4ea4d9fe0fdd37afa3474e17a1'),
  ('trigger', 'model_pricing_rebuild_list on ai.model_pricing', '4414c7fb0f3396791876abdd9bc9255d'),
  ('trigger', 'model_pricing_refuse_change on ai.model_pricing', '821064fadb647991bc5d2ac90c994573'),
  ('trigger', 'model_pricing_require_privileged on ai.model_pricing', 'bda6ecb72cc421c1d31252e69fdb4506'),
  ('trigger', 'models_date_price_source_insert on ai.models', 'b523da59ac5b07ba1577d8350b9103db'),
  ('trigger', 'models_date_price_source_update on ai.models', '11549b8e699298d5ae5c165866e25eea'),
  ('trigger', 'models_keep_price_source_insert on ai.models', '26eedc07392b2f549d9a07f7dba9dd4a'),
  ('trigger', 'models_keep_price_source_update on ai.models', '5c3a64442d03d38d84ed510045671b0e'),
  ('trigger', 'models_leave_no_pins on ai.models', '8d980ce85e25370bb7a3525e485a4360'),
  ('trigger', 'service_tiers_audit_delete on ai.service_tiers', '5eb9b8aa8b8c0776685158c3b1faa940'),
  ('trigger', 'service_tiers_audit_insert on ai.service_tiers', '429402a83e41d8a782de0c412cfafa03'),
  ('trigger', 'service_tiers_audit_update on ai.service_tiers', '9c60c690706da49c7ea854e172d78005'),
  ('trigger', 'service_tiers_rebuild_prices on ai.service_tiers', '34f1208951f6f21bc0d400a9d288ac46'),
  ('trigger', 'service_tiers_refuse_truncate on ai.service_tiers', '5f19e18bba3f715d8a26481254343379'),
  ('trigger', 'service_tiers_require_privileged on ai.service_tiers', '570c2f8cf0748b1903264c5490238447'),
  ('type', 'ratebook.changed_prices', '96f6882a3c8d9b1cf0e95a74ee5a8e0f'),
  ('type', 'ratebook.price_in_period', '4cc79961a7de69dc967bffafb626c48e'),
  ('type', 'ratebook.price_step', 'c67c5eea62bcd393bc848511b92555f5'),
  ('type', 'ratebook.stated_usage', '9861a7dafa2ca6ae70f3e5b603d2d7f1'),
  ('type', 'ratebook.usage_format', 'af387897725cc794edbe08ac750caa3a'),
  ('type', 'ratebook.usage_value', 'bf1c6791fc42cf780a58906f6a6ecc16'),
  ('type', 'ratebook.what_if', '37aeaff0b828340755dd49c97ed9c99d'),
  ('view', 'ai.catalogue', '8437bb6754bb19d072f42762604b0582'),
  ('view', 'ratebook.computed_list_prices', '6dab048b2dabcd306f6998763279e532'),
  ('view', 'ratebook.current_list_prices', 'b944c9dcf5421c4e03f2530701dee7fe'),
  ('view', 'ratebook.price_source_periods', '60b4622bcec98836f93e15e9e63e6c2d')
) as o (kind, name, state);

select ratebook.close_privileges('45_prices');
