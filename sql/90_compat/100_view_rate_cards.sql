create function ratebook.rate_cards(p_model_id uuid) returns table (
  id uuid,
  input_cost_per_1m numeric,
  output_cost_per_1m numeric,
  cache_write_cost_per_1m numeric,
  cache_read_cost_per_1m numeric,
  currency text,
  effective_from timestamptz,
  source text,
  created_at timestamptz
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what is in force is decided over all prices, then only public ones are shown.
declare
  v_all boolean := ratebook.is_privileged();
  v_now timestamptz := ratebook.clock();
begin
  return query
  with rows as (
    select distinct on (d.since, p.meter) p.*, d.since
    from ratebook.price_source_periods as f
    inner join ai.model_pricing as p
      on (p.model_id, p.source, p.currency) = (f.model_id, f.price_source, f.price_currency) and p.effective_from < f.ends
    -- Where a model comes to follow a source, what was in force there begins.
    cross join lateral (select greatest(p.effective_from, f.starts) as since) as d
    where
      f.model_id = p_model_id
      and p.meter in ('input', 'output', 'cache_write', 'cache_read')
      and p.service_tier = 'standard'
      and num_nonnulls(p.variant, p.region, p.context_threshold, p.window_start) = 0
      and (v_all or d.since <= v_now)
    order by d.since asc, p.meter asc, p.effective_from desc, p.revision desc
  ),

  -- A date on which the caller sees a price begin or end has a card; its input price, else another, stands for it.
  dates as (
    select distinct on (r.since) r.*
    from rows as r
    where v_all or r.is_public
    order by r.since asc, r.meter <> 'input' asc, r.meter desc
  )

  select
    -- A row stands for one card: its own date's.
    case when d.since = d.effective_from then d.id else md5(d.id::text || extract(epoch from d.since))::uuid end,
    b.input,
    b.output,
    b.cache_write,
    b.cache_read,
    d.currency,
    d.since,
    coalesce(d.reference, d.source),
    case when d.since = d.effective_from then d.created_at else greatest(d.created_at, d.since) end
  from dates as d
  cross join
    lateral (
      select
        max(c.cost) filter (where c.meter = 'input') as input,
        max(c.cost) filter (where c.meter = 'output') as output,
        max(c.cost) filter (where c.meter = 'cache_write') as cache_write,
        max(c.cost) filter (where c.meter = 'cache_read') as cache_read
      from (
        select p.meter, trim_scale(p.price * 1000000) as cost
        from ratebook.base_prices(p_model_id, d.since) as p
        where v_all or p.is_public
      ) as c
    ) as b
  where b.input is not null and b.output is not null;
end;
$$;

revoke all on function ratebook.rate_cards(uuid) from public;
grant execute on function ratebook.rate_cards(uuid) to anon, authenticated, service_role;

comment on function ratebook.rate_cards(uuid) is
'The rate cards of a model that the caller may see: per 1M tokens, one for each date from which its base prices change (by a price, or by another source or currency), of those with an input and an output price.';

create view compat.rate_cards with (security_invoker = true) as
select
  c.id,
  m.provider_id,
  p.key as provider,
  coalesce(m.provider_model_key, m.key) as model,
  c.input_cost_per_1m,
  c.output_cost_per_1m,
  c.cache_write_cost_per_1m,
  c.cache_read_cost_per_1m,
  c.currency,
  c.effective_from,
  c.source,
  c.created_at
from ai.models as m
inner join ai.providers as p on p.id = m.provider_id
cross join lateral ratebook.rate_cards(m.id) as c;

alter view compat.rate_cards alter column currency set default 'USD';
alter view compat.rate_cards alter column effective_from set default ratebook.clock();

comment on view compat.rate_cards is
'What a million tokens of a model cost from a date on: the base prices of ai.model_pricing, four at a time, of the sources and currencies that priced the model in turn. Insert-only; one card per provider, model and effective_from.';
comment on column compat.rate_cards.id is 'The price row that stands for the card; computed where the model came to follow other prices.';
comment on column compat.rate_cards.provider_id is 'The provider; inserts name it by this, by provider, or by both.';
comment on column compat.rate_cards.provider is 'Its name in compat.providers.';
comment on column compat.rate_cards.model is 'The model as its provider calls it; inserts also take its key.';
comment on column compat.rate_cards.input_cost_per_1m is 'A million input tokens, in currency.';
comment on column compat.rate_cards.output_cost_per_1m is 'A million output tokens, in currency.';
comment on column compat.rate_cards.cache_write_cost_per_1m is 'A million tokens written to a cache; NULL: no price of their own, they cost as input.';
comment on column compat.rate_cards.cache_read_cost_per_1m is 'A million tokens read from a cache; NULL: no price of their own, they cost as input.';
comment on column compat.rate_cards.currency is 'ISO 4217 code; what the model followed on that date.';
comment on column compat.rate_cards.effective_from is 'From when on it applies; now where it is left out.';
comment on column compat.rate_cards.source is 'Where the prices were read; the source that the model follows on that date where it is left out.';
comment on column compat.rate_cards.created_at is 'When the card was made.';
