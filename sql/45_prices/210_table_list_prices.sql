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
