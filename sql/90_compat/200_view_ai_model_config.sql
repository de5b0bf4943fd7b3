create function ratebook.four_decimals(p_price numeric) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return round(p_price, greatest(4, min_scale(p_price)))::text;
end;
$$;

revoke all on function ratebook.four_decimals(numeric) from public;
grant execute on function ratebook.four_decimals(numeric) to authenticated, service_role;
comment on function ratebook.four_decimals(numeric) is
'A price as the source writes it, with four decimals; with more only where it has more, so that none is wrong.';

create view compat.ai_model_config with (security_invoker = true) as
select
  m.key as model_name,
  m.name as display_name,
  m.modality as model_type,
  p.key as provider,
  c.input_cost_per_1m,
  c.output_cost_per_1m,
  c.cost_per_image,
  m.context_window,
  m.max_tokens as max_output_tokens,
  m.valid_sizes,
  'json_mode' = any(m.supports) as supports_json_mode,
  'vision' = any(m.supports) as supports_vision,
  'function_calling' = any(m.supports) as supports_function_calling,
  m.is_active,
  m.is_default,
  -- The source sorts the lowest first, priority is the highest first. greatest(): the lowest integer has no opposite.
  -greatest(m.priority, -2147483647) as sort_order,
  m.created_at,
  m.updated_at,
  m.updated_by,
  case m.modality
    when 'image' then '$' || c.cost_per_image || ' per image'
    else '$' || c.input_cost_per_1m || '/$' || c.output_cost_per_1m || ' per 1M'
  end as pricing_display,
  m.description
from ai.models as m
inner join ai.providers as p on p.id = m.provider_id
cross join
  lateral (
    -- limit 1, of one row: the prices are asked for once, and only where one is read. The source knows dollars only.
    select case m.price_currency when 'USD' then ratebook.visible_pricing(m.id) end as pricing
    limit 1 -- noqa: AM09
  ) as v
cross join
  lateral (
    select
      ratebook.four_decimals((v.pricing ->> 'input_per_1m')::numeric) as input_cost_per_1m,
      ratebook.four_decimals((v.pricing ->> 'output_per_1m')::numeric) as output_cost_per_1m,
      ratebook.four_decimals((v.pricing ->> 'per_image')::numeric) as cost_per_image
  ) as c
where m.modality in ('text', 'image') and m.task = 'generation' and m.deleted_at is null;

alter view compat.ai_model_config alter column valid_sizes set default '{}';
alter view compat.ai_model_config alter column supports_json_mode set default false;
alter view compat.ai_model_config alter column supports_vision set default false;
alter view compat.ai_model_config alter column supports_function_calling set default false;
alter view compat.ai_model_config alter column is_active set default true;
alter view compat.ai_model_config alter column is_default set default false;
alter view compat.ai_model_config alter column sort_order set default 0;

comment on view compat.ai_model_config is
'The text and image generation models of ai.models for callers of AIModelConfig. Read by signed-in users, written by admins and the service role. Costs are strings in US dollars; NULL where there is no such price, or none that the reader may see. On conflict: compat.upsert_ai_model_config().';
comment on column compat.ai_model_config.model_name is 'ai.models.key.';
comment on column compat.ai_model_config.display_name is 'Name to show.';
comment on column compat.ai_model_config.model_type is 'text or image.';
comment on column compat.ai_model_config.provider is 'Key of the provider, such as openai.';
comment on column compat.ai_model_config.input_cost_per_1m is 'US dollars for a million input tokens, with at least four decimals. Writing it adds a dated price; NULL withdraws.';
comment on column compat.ai_model_config.output_cost_per_1m is 'US dollars for a million output tokens, likewise.';
comment on column compat.ai_model_config.cost_per_image is 'US dollars for an image, likewise.';
comment on column compat.ai_model_config.context_window is 'Maximum input and output together, in tokens.';
comment on column compat.ai_model_config.max_output_tokens is 'Maximum output, in tokens.';
comment on column compat.ai_model_config.valid_sizes is 'Image sizes it accepts; empty: not checked.';
comment on column compat.ai_model_config.supports_json_mode is 'Whether it answers in JSON when told.';
comment on column compat.ai_model_config.supports_vision is 'Whether it reads pictures.';
comment on column compat.ai_model_config.supports_function_calling is 'Whether it calls functions.';
comment on column compat.ai_model_config.is_active is 'Whether it may be used for new work.';
comment on column compat.ai_model_config.is_default is 'Whether it is the default of its type; setting it clears the former one.';
comment on column compat.ai_model_config.sort_order is 'Lowest first; the opposite of ai.models.priority.';
comment on column compat.ai_model_config.created_at is 'When the row was made. Read-only.';
comment on column compat.ai_model_config.updated_at is 'When the row last changed. Read-only.';
comment on column compat.ai_model_config.updated_by is 'Who last changed it; NULL for the service role. Read-only.';
comment on column compat.ai_model_config.pricing_display is '$0.1500/$0.6000 per 1M for text, $0.0400 per image for images; NULL where a price is missing. Read-only.';
comment on column compat.ai_model_config.description is 'What it is good for; searched together with the names.';
