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
