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
comment on column ratebook.price_sheets.marginal is 'Meters whose price applies beyond the threshold only.';
comment on column ratebook.price_sheets.hidden is 'Meters whose price is not public.';
