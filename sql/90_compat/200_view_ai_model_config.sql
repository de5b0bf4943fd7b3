-- Prices are asked for by functions of their own columns, and nothing else of the view depends on them: whoever orders by
-- other columns and limits, prices the rows that are returned.

create function ratebook.config_cost_of(p_model_id uuid, p_meter text) returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what is in force is decided over all prices, then only what the caller may see is shown.
begin
  return (
    -- As the source writes it, with four decimals; with more only where it has more, so that none is wrong.
    select round(c.cost, greatest(4, min_scale(c.cost)))::text
    from ratebook.base_prices(p_model_id, ratebook.clock()) as p
    cross join lateral (select p.price * case p.unit_type when 'tokens' then 1000000 else 1 end) as c (cost)
    -- The source knows dollars only.
    where p.meter = p_meter and p.currency = 'USD' and (p.is_public or ratebook.is_privileged())
  );
end;
$$;

revoke all on function ratebook.config_cost_of(uuid, text) from public;
grant execute on function ratebook.config_cost_of(uuid, text) to authenticated, service_role;
comment on function ratebook.config_cost_of(uuid, text) is
'The base price of a model''s meter that is in force now, in US dollars, for a million tokens or for one of anything else, as text with four decimals or as many as it has; NULL where there is none that the caller may see.';

create view compat.ai_model_config with (security_invoker = true) as
select
  m.key as model_name,
  m.name as display_name,
  m.modality as model_type,
  p.key as provider,
  ratebook.config_cost_of(m.id, 'input') as input_cost_per_1m,
  ratebook.config_cost_of(m.id, 'output') as output_cost_per_1m,
  ratebook.config_cost_of(m.id, 'image') as cost_per_image,
  m.context_window,
  m.max_tokens as max_output_tokens,
  m.valid_sizes,
  'json_mode' = any(m.supports) as supports_json_mode,
  'vision' = any(m.supports) as supports_vision,
  'function_calling' = any(m.supports) as supports_function_calling,
  m.is_active,
  m.is_default,
  m.priority as sort_order,
  m.created_at,
  m.updated_at,
  ai.updated_by(m) as updated_by,
  case m.modality
    when 'image' then '$' || ratebook.config_cost_of(m.id, 'image') || ' per image'
    else
      '$' || ratebook.config_cost_of(m.id, 'input') || '/$' || ratebook.config_cost_of(m.id, 'output') || ' per 1M'
  end as pricing_display,
  m.description
from ai.models as m
inner join ai.providers as p on p.id = m.provider_id
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
comment on column compat.ai_model_config.sort_order is 'Lowest first, 1 before 2: ai.models.priority.';
comment on column compat.ai_model_config.created_at is 'When the row was made. Read-only.';
comment on column compat.ai_model_config.updated_at is 'When the row last changed. Read-only.';
comment on column compat.ai_model_config.updated_by is 'JWT subject who last changed it, for admins and the service role, else NULL; NULL too where the service role or direct SQL did. Read-only.';
comment on column compat.ai_model_config.pricing_display is '$0.1500/$0.6000 per 1M for text, $0.0400 per image for images; NULL where a price is missing. Read-only.';
comment on column compat.ai_model_config.description is 'What it is good for; searched together with the names.';
