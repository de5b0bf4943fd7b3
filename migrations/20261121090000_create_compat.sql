-- Ratebook's compat (module compat). Made from sql/ and policies/: edit those.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

-- Nothing is changed yet: all that stands in the way of compat is named at once.
do $preflight$
declare
  v_clashes text;
  v_schemas text;
  v_reachable text;
  v_admitting text;
  v_others text;
begin
  with found as (
    -- What stands in the way of Ratebook in a database that does not have it yet: (module, problem, schema, what).
    -- `wanted` is what each module makes: its schemas, with the names of their relations, types and functions.
    with
    wanted (module, schema_name, relations, functions) as (
      values
        ('compat', 'compat',
        '{ai_model_config, api_model_stats, api_models, api_providers, app_role, jobs, llm_models, llm_providers,
          model_profiles, providers, rate_cards}'::text[],
        '{activate_models, adopt, ai_models, api_models, deactivate_models, get_cost_for_images, get_cost_for_tokens,
          get_display_with_pricing, has_role, jobs, set_default, upsert_ai_model_config, upsert_api_model,
          upsert_llm_model, upsert_provider, validate_model, validate_size}'::text[])
    ),

    -- A relation is a type as well, so each is in the way of the other. Functions are told apart by name alone: overloads
    -- leave PostgREST without a choice.
    clashes (module, schema_name, what) as (
      select
        w.module,
        w.schema_name,
        pg_describe_object('pg_class'::regclass, c.oid, 0)
      from wanted as w
      inner join pg_namespace as n on n.nspname = w.schema_name
      inner join pg_class as c on c.relnamespace = n.oid and c.relname = any(w.relations)
      union all
      select
        w.module,
        w.schema_name,
        pg_describe_object('pg_type'::regclass, t.oid, 0)
      from wanted as w
      inner join pg_namespace as n on n.nspname = w.schema_name
      inner join pg_type as t on t.typnamespace = n.oid and t.typname = any(w.relations) and t.typrelid = 0
      union all
      select
        w.module,
        w.schema_name,
        pg_describe_object('pg_proc'::regclass, p.oid, 0)
      from wanted as w
      inner join pg_namespace as n on n.nspname = w.schema_name
      inner join pg_proc as p on p.pronamespace = n.oid and p.proname = any(w.functions)
      union all
      -- The inside is Ratebook's alone.
      select distinct
        w.module,
        'ratebook',
        'schema ratebook'
      from wanted as w
      where w.module = 'core' and to_regnamespace('ratebook') is not null
      union all
      select distinct
        w.module,
        'public',
        'type public.pricing_tier_enum with other labels'
      from wanted as w
      where
        w.module = 'core' and to_regtype('public.pricing_tier_enum') is not null
        and (
          select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum as e
          where e.enumtypid = to_regtype('public.pricing_tier_enum')
        ) is distinct from array['free', 'paid', 'enterprise']
    ),

    -- The project's schemas that Ratebook would share.
    shared as (
      select distinct
        w.module,
        n.oid,
        n.nspname::text as schema_name,
        n.nspowner
      from wanted as w
      inner join pg_namespace as n on n.nspname = w.schema_name
    ),

    -- The one privilege that Ratebook adds: USAGE for roles that have none.
    admitted as (
      select
        s.*,
        r.oid as role_oid,
        r.rolname
      from shared as s
      inner join pg_roles as r on r.rolname in ('anon', 'authenticated', 'service_role')
      where
        not has_schema_privilege(r.oid, s.oid, 'usage')
        and s.schema_name <> all(
          regexp_split_to_array(coalesce(current_setting('ratebook.accept_reachable', true), ''), '[\s,]+')
        )
    ),

    reachable (module, schema_name, what, role) as (
      select
        a.module,
        a.schema_name,
        pg_describe_object('pg_class'::regclass, c.oid, 0),
        a.rolname
      from admitted as a
      inner join pg_class as c on c.relnamespace = a.oid
      where
        case c.relkind
          when 'S' then has_sequence_privilege(a.role_oid, c.oid, 'usage, select, update')
          when 'i' then false
          when 'I' then false
          when 't' then false
          when 'c' then false
          else
            has_table_privilege(a.role_oid, c.oid, 'select, insert, update, delete, truncate')
            or has_any_column_privilege(a.role_oid, c.oid, 'select, insert, update')
        end
      union all
      select
        a.module,
        a.schema_name,
        pg_describe_object('pg_proc'::regclass, p.oid, 0),
        a.rolname
      from admitted as a
      inner join pg_proc as p on p.pronamespace = a.oid
      where has_function_privilege(a.role_oid, p.oid, 'execute') and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
    )

    select
      c.module,
      'clash' as problem,
      c.schema_name,
      c.what
    from clashes as c
    union
    select
      s.module,
      'not_allowed',
      s.schema_name,
      'schema ' || s.schema_name
    from shared as s
    where
      not (
        has_schema_privilege(s.oid, 'create')
        and (pg_has_role(s.nspowner, 'usage') or has_schema_privilege(s.oid, 'usage with grant option'))
      )
    union
    select
      r.module,
      'reachable',
      r.schema_name,
      r.what || ' (' || string_agg(r.role, ', ' order by r.role) || ')'
    from reachable as r
    group by r.module, r.schema_name, r.what
  )
  select
    string_agg(f.what, ', ' order by f.what) filter (where f.module = 'compat' and f.problem = 'clash'),
    string_agg(f.what, ', ' order by f.what) filter (where f.module = 'compat' and f.problem = 'not_allowed'),
    string_agg(f.what, ', ' order by f.what) filter (where f.module = 'compat' and f.problem = 'reachable'),
    string_agg(distinct f.schema_name, ',') filter (where f.module = 'compat' and f.problem = 'reachable'),
    string_agg(f.what || ' (module ' || f.module || ')', ', ' order by f.what)
      filter (where f.module <> 'compat' and f.problem = 'clash')
  into v_clashes, v_schemas, v_reachable, v_admitting, v_others
  from found as f;
  if v_clashes is not null then
    raise exception
      'The project has objects by the names of Ratebook''s: %. Rename them, or move them to another schema. Nothing was changed',
      concat_ws(', ', v_clashes, v_others)
      using errcode = 'duplicate_object';
  end if;
  if v_others is not null then
    raise warning 'The project has objects by the names of other modules'': %.', v_others
      using hint = 'Rename them before these modules come, or leave the modules out.';
  end if;
  if v_schemas is not null then
    raise exception
      '% may not create objects in, or let others use: %. Grant it CREATE, and USAGE with grant option. Nothing was changed',
      current_user, v_schemas
      using errcode = 'insufficient_privilege';
  end if;
  if v_reachable is not null then
    -- The command line shows no hints, so the way out stands in the message.
    raise exception
      'The API roles may use the schemas that Ratebook shares, and so they would reach: %. Revoke that, or accept it: '
      'alter database % set ratebook.accept_reachable = ''%'' (or, where that is not allowed, with '
      'options=-c%%20ratebook.accept_reachable=% in the address of the database). Nothing was changed',
      v_reachable, quote_ident(current_database()), v_admitting, v_admitting
      using errcode = 'insufficient_privilege';
  end if;
end;
$preflight$;


-- from sql/90_compat/010_schema_compat.sql

select ratebook.take_schema(
  'compat',
  'For callers of older systems: their tables and functions as views and functions over the core. Nothing is stored here.'
);

-- from sql/90_compat/015_function_has_role.sql

create domain compat.app_role as lensers.app_role;

comment on domain compat.app_role is 'lensers.app_role, where callers look for it.';

create function compat.has_role("user" uuid, role compat.app_role) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.has_role($1, $2);

revoke all on function compat.has_role(uuid, compat.app_role) from public;
grant execute on function compat.has_role(uuid, compat.app_role) to anon, authenticated, service_role;

comment on function compat.has_role(uuid, compat.app_role) is
'lensers.has_role(), where callers look for it. Whether a user has a role; answers about oneself, or to admins and the service role about anybody. user: the auth user''s id. Error: not_allowed (42501).';

-- from sql/90_compat/020_view_api_providers.sql

create view compat.api_providers with (security_invoker = true) as
select
  p.id,
  p.key as name,
  p.name as display_name,
  p.api_url as base_url,
  p.auth_scheme,
  p.is_active,
  p.created_at,
  p.updated_at
from ai.providers as p;

comment on view compat.api_providers is
'The providers of api_models: ai.providers under its former column names. Updatable, also by upsert.';
comment on column compat.api_providers.id is 'The provider.';
comment on column compat.api_providers.name is 'Machine key, such as replicate; unique.';
comment on column compat.api_providers.display_name is 'Name to show.';
comment on column compat.api_providers.base_url is 'Base endpoint.';
comment on column compat.api_providers.auth_scheme is 'How a request carries the credential: bearer, header, query or none.';
comment on column compat.api_providers.is_active is 'Whether models of the provider may be used.';
comment on column compat.api_providers.created_at is 'When the row was made.';
comment on column compat.api_providers.updated_at is 'When the row last changed.';

-- from sql/90_compat/030_function_api_pricing.sql

-- The keys of api_models.pricing follow from the meters: tokens are priced per million, anything else per one.

create function ratebook.api_price_key(p_meter text, p_unit_type ai.unit_type_enum) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return case
  when p_unit_type <> 'tokens' then 'per_' || p_meter
  when p_meter = 'tokens' then 'per_1m_tokens'
  else format('per_1m_%s_tokens', p_meter)
end;

create function ratebook.api_billing_unit(p_price_keys text[]) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select case when bool_or(k.key like 'per\_1m\_%') then 'per_1m_tokens' else min(k.key) end
  from unnest(p_price_keys) as k (key);
end;

create function ratebook.api_pricing(p_model_id uuid) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what is in force is decided over all prices, then only public ones are shown.
declare
  v_all boolean := ratebook.is_privileged();
begin
  return (
    select
      coalesce(
        jsonb_object_agg(k.key, trim_scale(k.price)) || jsonb_build_object(
          'currency', min(k.currency), 'billing_unit', ratebook.api_billing_unit(array_agg(k.key))
        ),
        '{}'
      )
    from (
      select
        ratebook.api_price_key(p.meter, p.unit_type) as key,
        p.price * case p.unit_type when 'tokens' then 1000000 else 1 end as price,
        p.currency
      from ratebook.base_prices(p_model_id, ratebook.clock()) as p
      where v_all or p.is_public
    ) as k
  );
end;
$$;

create function ratebook.set_api_pricing(p_model_id uuid, p_pricing jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_at timestamptz := ratebook.clock();
  v_prices jsonb;
  v_key text;
  v_unit text;
  v_currency text;
  v_price record;
begin
  if jsonb_typeof(p_pricing) is distinct from 'object' then
    perform ratebook.fail('invalid_argument', 'pricing is not a JSON object.', 'For example {"per_image": 0.0023}.');
  end if;
  v_prices := p_pricing - 'currency' - 'billing_unit';

  select e.key into v_key
  from jsonb_each(v_prices) as e
  where not exists (select from ai.meters as m where ratebook.api_price_key(m.key, m.unit_type) = e.key)
  limit 1;
  if found then
    perform ratebook.fail(
      'unknown_meter', format('There is no meter for the price "%s".', left(v_key, 100)),
      'Prices are per_1m_input_tokens, per_1m_output_tokens, per_image, …: per_1m_<meter>_tokens for meters of tokens, per_<meter> for all others. Ask ai.meters for the keys.',
      jsonb_build_object('key', left(v_key, 100))
    );
  end if;
  select e.key into v_key from jsonb_each(v_prices) as e where jsonb_typeof(e.value) <> 'number' limit 1;
  if found then
    perform ratebook.fail('not_a_number', format('The price "%s" is not a number.', v_key), null,
      jsonb_build_object('key', v_key));
  end if;
  v_unit := ratebook.api_billing_unit(array(select jsonb_object_keys(v_prices)));
  if p_pricing ->> 'billing_unit' <> coalesce(v_unit, '') then
    perform ratebook.fail(
      'invalid_argument', format('billing_unit "%s" is not what these prices are for.', left(p_pricing ->> 'billing_unit', 100)),
      'Leave it out: it follows from the prices.', jsonb_build_object('billing_unit', v_unit)
    );
  end if;

  v_currency := p_pricing ->> 'currency';
  if v_currency is not null then
    perform ratebook.use_currency(p_model_id, v_currency);
  end if;
  select m.price_currency into v_currency from ai.models as m where m.id = p_model_id;
  -- The object is the whole of it: a price that it leaves out ends.
  for v_price in
    select
      m.key as meter,
      (v_prices ->> k.key)::numeric * case m.unit_type when 'tokens' then 0.000001 else 1 end as price
    from ai.meters as m
    cross join lateral ratebook.api_price_key(m.key, m.unit_type) as k (key)
    where
      v_prices ? k.key
      or m.key in (select b.meter from ratebook.base_prices(p_model_id, v_at) as b)
  loop
    perform ratebook.set_price(p_model_id, v_price.meter, v_price.price, v_currency, v_at);
  end loop;
end;
$$;

revoke all on function ratebook.api_price_key(text, ai.unit_type_enum) from public;
revoke all on function ratebook.api_billing_unit(text[]) from public;
revoke all on function ratebook.api_pricing(uuid) from public;
revoke all on function ratebook.set_api_pricing(uuid, jsonb) from public;
grant execute on function ratebook.api_pricing(uuid) to authenticated, service_role;

comment on function ratebook.api_price_key(text, ai.unit_type_enum) is
'The key of a meter in api_models.pricing: per_1m_input_tokens, per_image.';
comment on function ratebook.api_billing_unit(text[]) is
'billing_unit of api_models.pricing, by its price keys: per_1m_tokens where tokens are priced, else the first key.';
comment on function ratebook.api_pricing(uuid) is
'api_models.pricing: the base prices in force now that the caller may see, as JSON numbers, with currency and billing_unit; {} where there is none.';
comment on function ratebook.set_api_pricing(uuid, jsonb) is
'Makes an object like api_models.pricing the base prices of a model from now on; a price that is left out ends. Errors: those of ratebook.set_price() and ratebook.use_currency().';

-- from sql/90_compat/040_view_api_models.sql

create view compat.api_models with (security_invoker = true) as
select
  m.id,
  m.created_at,
  m.updated_at,
  ai.created_by(m) as created_by,
  m.provider_id,
  coalesce(m.provider_model_key, m.key) as model_key,
  m.version,
  m.name as display_name,
  m.modality,
  m.task,
  m.model_family,
  m.endpoint_path,
  m.input_defaults,
  m.capabilities_detail as capabilities,
  ratebook.api_pricing(m.id) as pricing,
  m.output_format,
  m.is_active,
  m.is_default,
  m.priority
from ai.models as m
where m.deleted_at is null and (m.is_active or (select ratebook.is_privileged()));

-- The triggers below get these where a caller leaves a column out, and NULL where one says NULL.
alter view compat.api_models alter column id set default gen_random_uuid();
alter view compat.api_models alter column created_at set default ratebook.clock();
alter view compat.api_models alter column updated_at set default ratebook.clock();
alter view compat.api_models alter column created_by set default ratebook.uid();
alter view compat.api_models alter column input_defaults set default '{}';
alter view compat.api_models alter column capabilities set default '{}';
alter view compat.api_models alter column pricing set default '{}';
alter view compat.api_models alter column is_active set default true;
alter view compat.api_models alter column is_default set default false;
alter view compat.api_models alter column priority set default 0;

comment on view compat.api_models is
'Models for the routing of jobs: ai.models as the table api_models had them, with the prices in force as JSON. Users read the active ones; admins and the service role write. Upsert: compat.upsert_api_model().';
comment on column compat.api_models.id is 'The model.';
comment on column compat.api_models.created_at is 'When the row was made.';
comment on column compat.api_models.updated_at is 'When the row last changed.';
comment on column compat.api_models.created_by is 'JWT subject who made the row, for admins and the service role, else NULL; NULL too where the service role or direct SQL did. Set by the database: any other value is refused.';
comment on column compat.api_models.provider_id is 'Who serves it.';
comment on column compat.api_models.model_key is 'The provider''s own identifier, unique per provider.';
comment on column compat.api_models.version is 'Version as the provider counts.';
comment on column compat.api_models.display_name is 'Name to show.';
comment on column compat.api_models.modality is 'What it works on: text, image, video, audio, …';
comment on column compat.api_models.task is 'What it does with it: generation, embedding, …';
comment on column compat.api_models.model_family is 'Family, such as SDXL.';
comment on column compat.api_models.endpoint_path is 'Path below the provider''s base endpoint.';
comment on column compat.api_models.input_defaults is 'Parameters to send unless the caller says otherwise.';
comment on column compat.api_models.capabilities is 'Capabilities with their details, free form.';
comment on column compat.api_models.pricing is
'Base prices in force: {"per_image": 0.0023, "currency": "USD", "billing_unit": "per_image"}. Keys: per_1m_<meter>_tokens for meters of tokens, per_1m_tokens, per_<meter> for all others. Writing it adds dated rows to ai.model_pricing, from now on; a price that is left out ends.';
comment on column compat.api_models.output_format is 'Media type of the output.';
comment on column compat.api_models.is_active is 'Whether it may be used for new work.';
comment on column compat.api_models.is_default is 'Whether it is the default of its modality and task; setting it clears the former default.';
comment on column compat.api_models.priority is 'Order of preference, lower first.';

-- from sql/90_compat/050_function_save_api_model.sql

create function ratebook.lock_registry() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Before any row, and in the order of those who write defaults and prices: so nobody deadlocks.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.defaults', 0));
  perform pg_advisory_xact_lock_shared(hashtextextended('ratebook.price_registry', 0));
end;
$$;

create function ratebook.save_api_model(p_id uuid, p_changes jsonb) returns compat.api_models
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_model compat.api_models;
  v_missing text;
  v_provider text;
  v_key text;
  v_creator uuid;
begin
  perform ratebook.lock_registry();
  -- Changes are laid over the row as it is behind the lock, so that nobody else's change is undone.
  if p_id is not null then
    perform from ai.models as m where m.id = p_id and m.deleted_at is null for no key update;
    if not found then
      perform ratebook.fail('not_allowed', 'The model is gone: nothing was written.', null, jsonb_build_object('id', p_id));
    end if;
    select a.* into v_model from compat.api_models as a where a.id = p_id;
  end if;
  -- Who made it is the database's to say. A row may be sent back as it was read, or with oneself in it.
  v_creator := case when p_id is null then ratebook.uid() else v_model.created_by end;
  v_model := jsonb_populate_record(v_model, p_changes);
  if v_model.created_by is distinct from v_creator and not (p_id is null and v_model.created_by is null) then
    perform ratebook.fail('not_allowed', '"created_by" is the database''s to set.', 'Leave it out.', '{"column": "created_by"}');
  end if;

  -- Columns of the view are nullable whatever their tables say: what has to be there is asked for by its old name.
  select r.key into v_missing
  from jsonb_each_text(to_jsonb(v_model)) as r
  where
    r.value is null
    and r.key not in ('created_by', 'version', 'model_family', 'endpoint_path', 'output_format')
  limit 1;
  if v_missing = 'provider_id' then
    perform ratebook.fail('unknown_provider', 'A model needs a provider.', 'Set provider_id.');
  elsif v_missing is not null then
    perform ratebook.fail('invalid_argument', format('%s is missing.', v_missing), null,
      jsonb_build_object('column', v_missing));
  end if;
  select p.key into v_provider from ai.providers as p where p.id = v_model.provider_id;
  if not found then
    perform ratebook.fail('unknown_provider', format('There is no provider %s.', v_model.provider_id),
      'Ask compat.api_providers for the ids.', jsonb_build_object('provider_id', v_model.provider_id));
  end if;

  if p_id is null then
    -- The key that an import would give it: a name that means another model goes on meaning that one.
    v_key := v_provider || '/' || v_model.model_key;
    if
      exists (select from ai.models as m where m.key = v_key)
      or exists (select from ai.model_aliases as a where a.alias = v_key)
    then
      v_key := v_key || '@manual';
    end if;
    insert into ai.models (
      id, created_at, updated_at, provider_id, key, provider_model_key, version, name, modality, task,
      capabilities, model_family, endpoint_path, input_defaults, capabilities_detail, output_format, is_active,
      is_default, priority
    )
    -- The capability follows from modality and task, where it is one that Ratebook knows.
    values (
      v_model.id, v_model.created_at, v_model.updated_at, v_model.provider_id,
      v_key, v_model.model_key, v_model.version, v_model.display_name,
      v_model.modality, v_model.task,
      array(
        select c.capability
        from unnest(enum_range(null::ai.ai_capability_enum)) as c (capability)
        where c.capability::text = v_model.modality || '_' || v_model.task
      ),
      v_model.model_family, v_model.endpoint_path, v_model.input_defaults, v_model.capabilities,
      v_model.output_format, v_model.is_active, v_model.is_default, v_model.priority
    );
  -- The key stays, whatever the name becomes: others may have written it down.
  else
    update ai.models as m
    set
      id = v_model.id,
      created_at = v_model.created_at,
      provider_id = v_model.provider_id,
      provider_model_key = coalesce(p_changes ->> 'model_key', m.provider_model_key),
      version = v_model.version,
      name = v_model.display_name,
      modality = v_model.modality,
      task = v_model.task,
      model_family = v_model.model_family,
      endpoint_path = v_model.endpoint_path,
      input_defaults = v_model.input_defaults,
      capabilities_detail = v_model.capabilities,
      output_format = v_model.output_format,
      is_active = v_model.is_active,
      is_default = v_model.is_default,
      priority = v_model.priority
    where m.id = p_id;
  end if;
  -- Only a write that names prices makes price rows.
  if p_changes ? 'pricing' then
    perform ratebook.set_api_pricing(v_model.id, v_model.pricing);
  end if;
  select a.* into v_model from compat.api_models as a where a.id = v_model.id;
  return v_model;
end;
$$;

create function ratebook.write_api_model() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. api_models_require_privileged has let the caller write.
begin
  if tg_op = 'INSERT' then
    return ratebook.save_api_model(null, to_jsonb(new));
  elsif tg_op = 'UPDATE' then
    -- Only what the statement changes: the rest of the row may have become newer than its snapshot.
    return ratebook.save_api_model(
      old.id,
      (
        select coalesce(jsonb_object_agg(n.key, n.value), '{}')
        from jsonb_each(to_jsonb(new)) as n
        where n.value is distinct from to_jsonb(old) -> n.key
      )
    );
  end if;
  perform ratebook.lock_registry();
  perform from ai.models as m where m.id = old.id and m.deleted_at is null for no key update;
  if not found then
    perform ratebook.fail('not_allowed', 'The model is gone: nothing was deleted.', null, jsonb_build_object('id', old.id));
  end if;
  delete from ai.models as m where m.id = old.id;
  return old;
end;
$$;

create function ratebook.upsert_api_model(p_model jsonb) returns compat.api_models
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: locks before it looks, and asks for the caller's rights itself.
declare
  v_key text;
  v_id uuid;
  v_columns text;
  v_model compat.api_models;
begin
  if not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', 'Only admins write models.');
  end if;
  if jsonb_typeof(p_model) is distinct from 'object' or p_model = '{}' then
    perform ratebook.fail('invalid_argument', 'A model is a JSON object of the columns of compat.api_models.');
  end if;
  select o.key into v_key
  from jsonb_object_keys(p_model) as o (key)
  where not to_jsonb(jsonb_populate_record(null::compat.api_models, '{}')) ? o.key
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('compat.api_models has no column "%s".', left(v_key, 100)), null,
      jsonb_build_object('column', left(v_key, 100)));
  end if;

  perform ratebook.lock_registry();
  select a.id into v_id
  from compat.api_models as a
  where
    a.id = (p_model ->> 'id')::uuid
    or (
      not p_model ? 'id' and a.provider_id = (p_model ->> 'provider_id')::uuid and a.model_key = p_model ->> 'model_key'
    );
  if v_id is not null then
    return ratebook.save_api_model(v_id, p_model);
  end if;
  -- Dynamic, so that what is left out gets the defaults of the view.
  select string_agg(format('%I', o.key), ', ') into v_columns from jsonb_object_keys(p_model) as o (key);
  execute format(
    'insert into compat.api_models (%1$s) select %1$s from jsonb_populate_record(null::compat.api_models, $1) returning id',
    v_columns
  ) into v_id using p_model;
  select a.* into v_model from compat.api_models as a where a.id = v_id;
  return v_model;
end;
$$;

create function compat.upsert_api_model(model jsonb) returns compat.api_models
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.upsert_api_model(model);
end;

revoke all on function ratebook.lock_registry() from public;
revoke all on function ratebook.save_api_model(uuid, jsonb) from public;
revoke all on function ratebook.write_api_model() from public;
revoke all on function ratebook.upsert_api_model(jsonb) from public;
revoke all on function compat.upsert_api_model(jsonb) from public;
grant execute on function ratebook.upsert_api_model(jsonb) to authenticated, service_role;
grant execute on function compat.upsert_api_model(jsonb) to authenticated, service_role;

comment on function ratebook.lock_registry() is
'One writer of models at a time, where one statement writes models, defaults and prices.';
comment on function ratebook.save_api_model(uuid, jsonb) is
'Makes a model (p_id NULL), or changes some columns of one, in the terms of compat.api_models. Its callers decide who may. Errors: unknown_provider, invalid_argument (PT422), those of ratebook.set_api_pricing().';
comment on function ratebook.write_api_model() is
'Row trigger instead of insert, update and delete on compat.api_models. Errors: not_allowed (42501) where nothing changed, those of ratebook.save_api_model().';
comment on function ratebook.upsert_api_model(jsonb) is 'The rule behind compat.upsert_api_model().';
comment on function compat.upsert_api_model(jsonb) is
'For admins and the service role. Adds a model, or changes the given columns of the one with this id, or with this provider_id and model_key. model: an object of columns of compat.api_models. Returns the row. Errors: not_allowed (42501), unknown_provider, unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, invalid_argument (PT422).';

create trigger api_models_require_privileged before insert or update or delete on compat.api_models
for each statement execute function ratebook.require_privileged();
create trigger api_models_write instead of insert or update or delete on compat.api_models
for each row execute function ratebook.write_api_model();

-- from sql/90_compat/060_view_jobs.sql

-- One's own, by the policies of ai.generations, and what admins and the service role see beside their own, in the order of
-- time, so that the newest of all come from an index, too. It is made like ai.resources, which says why.
create view compat.jobs with (security_invoker = true) as
select
  j.id,
  j.user_id,
  j.api_model_id,
  j.status,
  j.quality_rating,
  j.prompt,
  j.output,
  j.latency_ms,
  j.created_at
from (
  select
    g.id,
    g.lenser_id as user_id,
    g.model_id as api_model_id,
    g.status,
    g.quality_rating::smallint as quality_rating,
    g.prompt,
    g.output,
    g.latency_ms::integer as latency_ms,
    g.created_at,
    g.lenser_id as whose
  from ai.generations as g
  union all
  (
    select
      g.id,
      g.lenser_id as user_id,
      g.model_id as api_model_id,
      g.status,
      g.quality_rating::smallint as quality_rating,
      g.prompt,
      g.output,
      g.latency_ms::integer as latency_ms,
      g.created_at,
      (select coalesce(ratebook.uid(), '00000000-0000-0000-0000-000000000000')) as whose
    from ratebook.all_generations as g
    where g.lenser_id <> (select coalesce(ratebook.uid(), '00000000-0000-0000-0000-000000000000'))
    order by g.id desc
  )
) as j
where j.whose = (select coalesce(ratebook.uid(), '00000000-0000-0000-0000-000000000000'));

-- The triggers below get these where a caller leaves a column out.
alter view compat.jobs alter column user_id set default ratebook.uid();
alter view compat.jobs alter column status set default 'pending';

create function ratebook.refuse_job_columns() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_made text := case when new.id is not null then 'id' when new.created_at is not null then 'created_at' end;
begin
  if v_made is not null then
    perform ratebook.fail('not_allowed', format('"%s" is made by the database.', v_made), 'Leave it out.',
      jsonb_build_object('column', v_made));
  elsif ratebook.caller() = 'authenticated' and new.user_id is not null and new.user_id is distinct from ratebook.uid() then
    perform ratebook.fail('not_allowed', '"user_id" names another user.', 'Leave it out, or name yourself.',
      '{"column": "user_id"}');
  end if;
  return new;
end;
$$;

create function ratebook.insert_job() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Invoker: with the caller's own grants and policies on ai.generations.
begin
  insert into ai.generations (lenser_id, model_id, status, quality_rating, prompt, output, latency_ms)
  values (new.user_id, new.api_model_id, new.status, new.quality_rating, new.prompt, new.output, new.latency_ms)
  returning id, created_at into new.id, new.created_at;
  return new;
end;
$$;

revoke all on function ratebook.refuse_job_columns() from public;
revoke all on function ratebook.insert_job() from public;

comment on function ratebook.refuse_job_columns() is
'Row trigger instead of insert on compat.jobs, the first: refuses id, created_at and another''s user_id. Error: not_allowed (42501), which names the column.';
comment on function ratebook.insert_job() is
'Row trigger instead of insert on compat.jobs, the second: the generation. Errors: those of inserting into ai.generations.';

create trigger jobs_check_columns instead of insert on compat.jobs
for each row execute function ratebook.refuse_job_columns();
create trigger jobs_insert instead of insert on compat.jobs
for each row execute function ratebook.insert_job();

comment on view compat.jobs is
'Jobs of the models in api_models: ai.generations under its former column names. Users create, read and delete their own, admins read all; backends set status, output and rating.';
comment on column compat.jobs.id is 'The job; made by the database.';
comment on column compat.jobs.user_id is 'The owner: the signed-in user, who may also say so; the service role names another.';
comment on column compat.jobs.api_model_id is 'The model that it was sent to.';
comment on column compat.jobs.status is 'pending, completed, failed or cancelled.';
comment on column compat.jobs.quality_rating is '1 (poor) to 5 (excellent).';
comment on column compat.jobs.prompt is 'What was asked.';
comment on column compat.jobs.output is 'What was answered.';
comment on column compat.jobs.latency_ms is 'How long the model took, in milliseconds.';
comment on column compat.jobs.created_at is 'When it was made.';

-- from sql/90_compat/065_triggers_jobs.sql

create function ratebook.assert_own_job() returns trigger
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if ratebook.caller() = 'authenticated' and old.user_id is distinct from ratebook.uid() then
    perform ratebook.fail('not_allowed', 'This job is another user''s.', null, jsonb_build_object('job', old.id));
  end if;
  return old;
end;
$$;

create function ratebook.change_job() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Invoker: with the caller's own grants and policies on ai.generations.
begin
  if tg_op = 'DELETE' then
    delete from ai.generations as g where g.id = old.id and g.lenser_id = old.user_id;
    return case when found then old end;
  end if;
  update ai.generations as g
  set status = new.status, quality_rating = new.quality_rating, output = new.output, latency_ms = new.latency_ms
  where g.id = old.id and g.lenser_id = old.user_id;
  return case when found then new end;
end;
$$;

revoke all on function ratebook.assert_own_job() from public;
revoke all on function ratebook.change_job() from public;

comment on function ratebook.assert_own_job() is
'Row trigger instead of delete on compat.jobs, the first: admins see the jobs of others, and may not delete them. Error: not_allowed (42501).';
comment on function ratebook.change_job() is
'Row trigger instead of update or delete on compat.jobs: the generation changes, or goes.';

-- In the order of their names.
create trigger jobs_assert_own instead of delete on compat.jobs
for each row execute function ratebook.assert_own_job();
create trigger jobs_change instead of update or delete on compat.jobs
for each row execute function ratebook.change_job();

-- from sql/90_compat/070_view_api_model_stats.sql

create view compat.api_model_stats with (security_invoker = true) as
select
  m.id as api_model_id,
  m.display_name,
  coalesce(j.total, 0) as total,
  coalesce(j.completed, 0) as completed,
  coalesce(j.failed, 0) as failed,
  j.average_rating
from compat.api_models as m
left join (
  select
    g.api_model_id,
    count(*) as total,
    count(*) filter (where g.status = 'completed') as completed,
    count(*) filter (where g.status = 'failed') as failed,
    avg(g.quality_rating) as average_rating
  from compat.jobs as g
  group by g.api_model_id
) as j on j.api_model_id = m.id;

create trigger api_model_stats_refuse_write instead of insert or update or delete on compat.api_model_stats
for each row execute function ratebook.refuse_write('It counts jobs.');

comment on view compat.api_model_stats is
'Use of each model: of the jobs that the caller may read, so users count their own, admins and the service role all.';
comment on column compat.api_model_stats.api_model_id is 'The model.';
comment on column compat.api_model_stats.display_name is 'Its name.';
comment on column compat.api_model_stats.total is 'Jobs.';
comment on column compat.api_model_stats.completed is 'Jobs that were completed.';
comment on column compat.api_model_stats.failed is 'Jobs that failed.';
comment on column compat.api_model_stats.average_rating is 'Average quality_rating of the rated jobs; NULL where none is rated.';

-- from sql/90_compat/075_functions_embedding.sql

-- PostgREST finds no foreign key through a union, so jobs and models name each other by these.

create function compat.api_models(compat.jobs) returns setof compat.api_models
language sql stable rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.*
  from compat.api_models as m
  where m.id = ($1).api_model_id;
end;

create function compat.jobs(compat.api_models) returns setof compat.jobs
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select j.*
  from compat.jobs as j
  where j.api_model_id = ($1).id;
end;

revoke all on function compat.api_models(compat.jobs) from public;
revoke all on function compat.jobs(compat.api_models) from public;
grant execute on function compat.api_models(compat.jobs) to authenticated, service_role;
grant execute on function compat.jobs(compat.api_models) to authenticated, service_role;

comment on function compat.api_models(compat.jobs) is
'Computed relationship: the model that a job was sent to: compat.jobs?select=*,api_models(display_name).';
comment on function compat.jobs(compat.api_models) is
'Computed relationship: the jobs of a model that the caller may read: compat.api_models?select=*,jobs(status).';

-- from sql/90_compat/080_view_providers.sql

create function ratebook.provider_connection(p_provider_id uuid) returns ai.provider_connections
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_connection ai.provider_connections;
begin
  select c.* into v_connection
  from ai.provider_connections as c
  inner join ai.providers as p on p.id = c.provider_id
  where p.id = p_provider_id
  order by c.name = p.key desc, c.created_at asc, c.id asc
  limit 1;
  return v_connection;
end;
$$;

create function ratebook.provider_auth(p_provider_id uuid) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: connections are for admins, and everybody reads the view; this asks first.
begin
  return case when ratebook.is_privileged() then (ratebook.provider_connection(p_provider_id)).auth end;
end;
$$;

revoke all on function ratebook.provider_connection(uuid) from public;
revoke all on function ratebook.provider_auth(uuid) from public;
grant execute on function ratebook.provider_auth(uuid) to anon, authenticated, service_role;

comment on function ratebook.provider_connection(uuid) is
'The connection that compat.providers.auth shows and writes: the one that is called like the provider, else its first.';
comment on function ratebook.provider_auth(uuid) is
'How a provider is authenticated, for those who may read connections; NULL for all others, and where there is none.';

create view compat.providers with (security_invoker = true) as
select
  p.id,
  p.key as name,
  p.contract,
  p.api_url as base_url,
  ratebook.provider_auth(p.id) as auth,
  p.is_canonical,
  p.canonical_revision,
  p.canonical_equivalent_id,
  not p.is_active as disabled,
  p.modality,
  p.created_at,
  p.updated_at
from ai.providers as p;

alter view compat.providers alter column id set default gen_random_uuid();
alter view compat.providers alter column is_canonical set default false;
alter view compat.providers alter column disabled set default false;
alter view compat.providers alter column modality set default 'chat';
alter view compat.providers alter column created_at set default ratebook.clock();
alter view compat.providers alter column updated_at set default ratebook.clock();

comment on view compat.providers is
'Inference providers: ai.providers, and the auth of their connection. Everybody reads, admins and the service role write. On conflict: compat.upsert_provider().';
comment on column compat.providers.id is 'The provider.';
comment on column compat.providers.name is 'Its name, unique: ai.providers.key, such as anthropic. Rate cards name it.';
comment on column compat.providers.contract is 'The wire protocol it speaks; NULL when none of the known ones.';
comment on column compat.providers.base_url is 'Base endpoint.';
comment on column compat.providers.auth is
'For admins and the service role, NULL for all others: {"type":"api_key","credential":"name of a secret"}, {"type":"platform"} or {"type":"none"}, from the row of ai.provider_connections that is called like the provider, else its first. NULL where it has none; writing NULL takes that row away.';
comment on column compat.providers.is_canonical is 'Whether the row is maintained by a catalogue rather than by this project.';
comment on column compat.providers.canonical_revision is 'Revision of the catalogue''s row.';
comment on column compat.providers.canonical_equivalent_id is 'The counterpart that pairs a canonical row with this project''s own.';
comment on column compat.providers.disabled is 'Whether models of the provider may not be used.';
comment on column compat.providers.modality is 'What it mainly serves, such as chat or image.';
comment on column compat.providers.created_at is 'When the row was made.';
comment on column compat.providers.updated_at is 'When the row last changed; the database''s to say.';

-- from sql/90_compat/090_view_model_profiles.sql

create view compat.model_profiles with (security_invoker = true) as
select
  p.id,
  p.name,
  p.provider_id,
  p.model,
  p.system_prompt,
  p.temperature,
  p.max_tokens,
  p.is_canonical,
  p.canonical_revision,
  p.canonical_equivalent_id,
  p.disabled,
  p.created_at,
  p.updated_at
from ai.model_profiles as p;

comment on view compat.model_profiles is
'Named ways to call a model: ai.model_profiles. Updatable, also by upsert. For admins and the service role.';
comment on column compat.model_profiles.id is 'The profile.';
comment on column compat.model_profiles.name is 'Its name, unique.';
comment on column compat.model_profiles.provider_id is 'The provider to call.';
comment on column compat.model_profiles.model is 'The model as the provider calls it; free text.';
comment on column compat.model_profiles.system_prompt is 'Instructions to send before the request.';
comment on column compat.model_profiles.temperature is 'Sampling temperature; NULL: the model''s own.';
comment on column compat.model_profiles.max_tokens is 'Maximum output in tokens; NULL: the model''s own.';
comment on column compat.model_profiles.is_canonical is 'Whether the row is maintained by a catalogue rather than by this project.';
comment on column compat.model_profiles.canonical_revision is 'Revision of the catalogue''s row.';
comment on column compat.model_profiles.canonical_equivalent_id is 'The counterpart that pairs a canonical row with this project''s own.';
comment on column compat.model_profiles.disabled is 'Whether it may not be used.';
comment on column compat.model_profiles.created_at is 'When the row was made.';
comment on column compat.model_profiles.updated_at is 'When the row last changed.';

-- from sql/90_compat/100_view_rate_cards.sql

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

-- from sql/90_compat/110_function_insert_rate_card.sql

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

-- from sql/90_compat/120_function_visible_pricing.sql

-- Prices as one JSON object, as older systems keep them: {"input_per_1m": 0.15, "output_per_1m": 0.6, "currency": "USD"}.

create function ratebook.pricing_key(p_meter text, p_unit_type ai.unit_type_enum) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return case p_unit_type when 'tokens' then p_meter || '_per_1m' else 'per_' || p_meter end;
end;
$$;

create function ratebook.visible_pricing(p_model_id uuid) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what is in force is decided over all rows, then only what the caller may see is shown.
declare
  v_all boolean := ratebook.is_privileged();
begin
  return (
    select
      coalesce(
        jsonb_object_agg(
          ratebook.pricing_key(p.meter, p.unit_type),
          trim_scale(p.price * case p.unit_type when 'tokens' then 1000000 else 1 end)
        ) || jsonb_build_object('currency', min(p.currency)),
        '{}'
      )
    from ratebook.base_prices(p_model_id, ratebook.clock()) as p
    where v_all or p.is_public
  );
end;
$$;

revoke all on function ratebook.pricing_key(text, ai.unit_type_enum) from public;
revoke all on function ratebook.visible_pricing(uuid) from public;
grant execute on function ratebook.visible_pricing(uuid) to anon, authenticated, service_role;

comment on function ratebook.pricing_key(text, ai.unit_type_enum) is
'What the price of a meter is called in a pricing object: tokens by the million, such as input_per_1m and cache_read_per_1m; all else by one, such as per_image and per_video_second.';
comment on function ratebook.visible_pricing(uuid) is
'The base prices of a model that are in force now and that the caller may see, as a pricing object with the currency; {} where there are none.';

-- from sql/90_compat/130_function_write_pricing.sql

create function ratebook.write_pricing(p_model_id uuid, p_old jsonb, p_new jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_at timestamptz := ratebook.clock();
  v_currency text := coalesce(
    p_new ->> 'currency', (select m.price_currency from ai.models as m where m.id = p_model_id)
  );
  v_key text;
  v_value text;
  v_meter text;
  v_unit_type ai.unit_type_enum;
begin
  if jsonb_typeof(p_new) is distinct from 'object' then
    perform ratebook.fail('invalid_argument', 'Pricing is a JSON object.',
      'For example {"input_per_1m": 0.15, "output_per_1m": 0.6, "currency": "USD"}.');
  end if;

  perform ratebook.use_currency(p_model_id, v_currency);
  for v_key, v_value, v_meter, v_unit_type in
    select k.key, p_new ->> k.key, t.key, t.unit_type
    from jsonb_object_keys(p_new || p_old) as k (key)
    left join ai.meters as t on ratebook.pricing_key(t.key, t.unit_type) = k.key
    where k.key <> 'currency'
  loop
    if v_meter is null then
      perform ratebook.fail('unknown_meter', format('The price key "%s" means no meter.', left(v_key, 100)),
        'Tokens are priced as <meter>_per_1m, all else as per_<meter>; ask ai.meters for the keys.',
        jsonb_build_object('key', left(v_key, 100)));
    end if;
    if v_value !~ '^-?\d{1,20}(\.\d{1,30})?$' then
      perform ratebook.fail('not_a_number', format('The price "%s" is not a number.', v_key),
        'Write plain decimals, such as 0.15.', jsonb_build_object('key', v_key));
    end if;
    -- As numbers: 0.6 and "0.60" are the same price.
    if v_value::numeric is distinct from (p_old ->> v_key)::numeric then
      perform ratebook.set_price(
        p_model_id,
        v_meter,
        v_value::numeric * case v_unit_type when 'tokens' then 0.000001 else 1 end,
        v_currency,
        v_at
      );
    end if;
  end loop;
end;
$$;

revoke all on function ratebook.write_pricing(uuid, jsonb, jsonb) from public;

comment on function ratebook.write_pricing(uuid, jsonb, jsonb) is
'Makes what differs between two pricing objects true from now on, as dated price rows; a price that is missing or null in the new one is withdrawn. Errors: unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, invalid_argument (PT422).';

-- from sql/90_compat/140_function_write_model_row.sql

-- What the surfaces that edit models in place have in common.

create function ratebook.refuse_nulls(p_row jsonb, p_columns text[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column text;
begin
  select r.key into v_column
  from jsonb_each(p_row) as r
  where r.key = any(p_columns) and r.value = 'null'
  order by array_position(p_columns, r.key)
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('"%s" is missing or null.', v_column), null,
      jsonb_build_object('column', v_column));
  end if;
end;
$$;

create function ratebook.refuse_changes(p_old jsonb, p_new jsonb, p_columns text[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column text;
begin
  select c.name into v_column
  from unnest(p_columns) as c (name)
  where coalesce(p_new -> c.name, 'null') <> coalesce(p_old -> c.name, 'null')
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('"%s" is not yours to write.', v_column),
      'Leave it out.', jsonb_build_object('column', v_column));
  end if;
end;
$$;

create function ratebook.changed_values(p_old jsonb, p_new jsonb) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(jsonb_object_agg(n.key, n.value), '{}')
    from jsonb_each(p_new) as n
    where n.value is distinct from p_old -> n.key
  );
end;
$$;

create function ratebook.merge_supports(p_supports text[], p_flags jsonb) returns text[]
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select s.name
    from unnest(p_supports) with ordinality as s (name, position)
    where coalesce((p_flags ->> s.name)::boolean, true)
    order by s.position
  ) || array(
    select f.key from jsonb_each_text(p_flags) as f
    where f.value::boolean and f.key <> all(p_supports)
    order by f.key
  );
end;
$$;

create function ratebook.delete_live_model(p_model_id uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.lock_registry();
  if not exists (select from ai.models as m where m.id = p_model_id and m.deleted_at is null) then
    perform ratebook.fail('not_allowed', 'The model is deleted already; its row stays for the past.', null,
      jsonb_build_object('model', p_model_id));
  end if;
  delete from ai.models as m where m.id = p_model_id;
end;
$$;

revoke all on function ratebook.refuse_nulls(jsonb, text[]) from public;
revoke all on function ratebook.refuse_changes(jsonb, jsonb, text[]) from public;
revoke all on function ratebook.changed_values(jsonb, jsonb) from public;
revoke all on function ratebook.merge_supports(text[], jsonb) from public;
revoke all on function ratebook.delete_live_model(uuid) from public;

comment on function ratebook.refuse_nulls(jsonb, text[]) is
'Refuses a row with NULL in one of the columns, and names it. Error: invalid_argument (PT422).';
comment on function ratebook.refuse_changes(jsonb, jsonb, text[]) is
'Refuses a row that changes one of the columns, and names it. Error: invalid_argument (PT422).';
comment on function ratebook.changed_values(jsonb, jsonb) is
'The members of the new object that the old one does not have so: what a write really asks for.';
comment on function ratebook.merge_supports(text[], jsonb) is
'A list of supported features after flags (feature → boolean) have switched some on and off; the others stay.';
comment on function ratebook.delete_live_model(uuid) is
'Marks a model as deleted. Its callers decide who may. Error: not_allowed (42501) where it is already.';

-- from sql/90_compat/150_function_upsert_row.sql

create function ratebook.refuse_long(p_view regclass, p_row jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column text;
  v_length integer;
begin
  select a.attname, a.atttypmod - 4 into v_column, v_length
  from pg_attribute as a
  where
    a.attrelid = p_view and a.atttypid = 'varchar'::regtype and a.atttypmod > 0
    and length(p_row ->> a.attname) > a.atttypmod - 4
  order by a.attnum
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('"%s" is longer than %s characters.', v_column, v_length), null,
      jsonb_build_object('column', v_column));
  end if;
end;
$$;

create function ratebook.upsert_row(p_view regclass, p_key text[], p_row jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Dynamic: only what the row names is written, so that the view's defaults and what is stored fill in the rest.
declare
  v_columns text;
  v_unknown text;
  v_rows bigint;
begin
  if not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', format('Only admins write to %s.', p_view), null,
      jsonb_build_object('table', p_view));
  end if;
  if jsonb_typeof(p_row) is distinct from 'object' or p_row = '{}' then
    perform ratebook.fail('invalid_argument', 'A row is a JSON object of columns and values, with at least one.');
  end if;
  select
    string_agg(quote_ident(a.attname), ', '),
    min(k.key) filter (where a.attname is null)
  into v_columns, v_unknown
  from jsonb_object_keys(p_row) as k (key)
  left join pg_attribute as a
    on a.attrelid = p_view and a.attname = k.key and a.attnum > 0 and not a.attisdropped;
  if v_unknown is not null then
    perform ratebook.fail('invalid_argument', format('There is no column "%s".', left(v_unknown, 100)), null,
      jsonb_build_object('column', left(v_unknown, 100)));
  end if;

  perform ratebook.refuse_long(p_view, p_row);

  -- Two callers with the same key: the second sees the first one's row.
  perform ratebook.lock_registry();
  execute format(
    'update %1$s as v set (%2$s) = (select %2$s from jsonb_populate_record(v, $1)) '
    'where (%3$s) = (select %3$s from jsonb_populate_record(null::%1$s, $1))',
    p_view, v_columns, (select string_agg(quote_ident(c.name), ', ') from unnest(p_key) as c (name))
  ) using p_row;
  get diagnostics v_rows = row_count;
  if v_rows = 0 then
    execute format(
      'insert into %1$s (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1)', p_view, v_columns
    ) using p_row;
  end if;
end;
$$;

revoke all on function ratebook.refuse_long(regclass, jsonb) from public;
revoke all on function ratebook.upsert_row(regclass, text[], jsonb) from public;

comment on function ratebook.refuse_long(regclass, jsonb) is
'Refuses a value that is longer than its column, and names it: the type alone would tell its length only. Error: invalid_argument (PT422).';
comment on function ratebook.upsert_row(regclass, text[], jsonb) is
'Updates the row of a view that has the same values in the key columns, else inserts one; columns that the JSON object does not name stay as they are or get their defaults. Errors: not_allowed (42501), invalid_argument (PT422), those of the view.';

-- from sql/90_compat/155_triggers_providers.sql

create function ratebook.provider_values(p_row compat.providers) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'key', p_row.name,
    'contract', p_row.contract,
    'api_url', p_row.base_url,
    'is_canonical', p_row.is_canonical,
    'canonical_revision', p_row.canonical_revision,
    'canonical_equivalent_id', p_row.canonical_equivalent_id,
    'is_active', not p_row.disabled,
    'modality', p_row.modality,
    'created_at', p_row.created_at
  );
end;
$$;

create function ratebook.set_provider_auth(p_provider_id uuid, p_name text, p_auth jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_connection_id uuid := (ratebook.provider_connection(p_provider_id)).id;
begin
  if p_auth is null then
    delete from ai.provider_connections as c where c.id = v_connection_id;
  elsif v_connection_id is null then
    insert into ai.provider_connections (name, provider_id, auth) values (p_name, p_provider_id, p_auth);
  else
    update ai.provider_connections as c set auth = p_auth where c.id = v_connection_id;
  end if;
end;
$$;

create function ratebook.write_provider() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. The statement trigger has let the caller write.
declare
  v_values jsonb := ratebook.provider_values(new);
begin
  perform ratebook.refuse_nulls(to_jsonb(new), '{id,name,is_canonical,disabled,modality}');
  if tg_op = 'INSERT' then
    insert into ai.providers (
      id, key, name, contract, api_url, is_canonical, canonical_revision, canonical_equivalent_id, is_active, modality,
      created_at, updated_at
    )
    select
      new.id, r.key, r.key, r.contract, r.api_url, r.is_canonical, r.canonical_revision, r.canonical_equivalent_id,
      r.is_active, r.modality, r.created_at, new.updated_at
    from jsonb_populate_record(null::ai.providers, v_values) as r;
  else
    perform ratebook.refuse_changes(to_jsonb(old), to_jsonb(new), '{id}');
    v_values := ratebook.changed_values(ratebook.provider_values(old), v_values);
    -- Only what this write changes, on the row as it is by now: nobody else's change is undone.
    update ai.providers as p
    set
      (
        key, contract, api_url, is_canonical, canonical_revision, canonical_equivalent_id, is_active, modality, created_at
      ) = (
        select
          r.key, r.contract, r.api_url, r.is_canonical, r.canonical_revision, r.canonical_equivalent_id, r.is_active,
          r.modality, r.created_at
        from jsonb_populate_record(p, v_values) as r
      )
    where p.id = old.id;
    if not found then
      perform ratebook.fail('not_allowed', format('Provider %s is gone: nothing was written.', old.id), null,
        jsonb_build_object('provider', old.id));
    end if;
  end if;
  if new.auth is distinct from old.auth then
    perform ratebook.set_provider_auth(new.id, new.name, new.auth);
  end if;
  select v.* into new from compat.providers as v where v.id = new.id;
  return new;
end;
$$;

create function ratebook.delete_provider() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.write_provider().
begin
  perform ratebook.set_provider_auth(old.id, old.name, null);
  delete from ai.providers as p where p.id = old.id;
  if not found then
    perform ratebook.fail('not_allowed', format('Provider %s is gone: nothing was deleted.', old.id), null,
      jsonb_build_object('provider', old.id));
  end if;
  return old;
end;
$$;

create function ratebook.upsert_provider(p_provider jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.upsert_row('compat.providers', '{name}', p_provider);
end;
$$;

create function compat.upsert_provider(provider jsonb) returns setof compat.providers
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.upsert_provider(provider);
  select v.* from compat.providers as v
  where v.name = provider ->> 'name';
end;

revoke all on function ratebook.provider_values(compat.providers) from public;
revoke all on function ratebook.set_provider_auth(uuid, text, jsonb) from public;
revoke all on function ratebook.write_provider() from public;
revoke all on function ratebook.delete_provider() from public;
revoke all on function ratebook.upsert_provider(jsonb) from public;
revoke all on function compat.upsert_provider(jsonb) from public;
grant execute on function ratebook.upsert_provider(jsonb) to authenticated, service_role;
grant execute on function compat.upsert_provider(jsonb) to authenticated, service_role;

comment on function ratebook.provider_values(compat.providers) is 'What a row says, as columns of ai.providers.';
comment on function ratebook.set_provider_auth(uuid, text, jsonb) is
'Makes auth that of the connection that stands for a provider; makes one called p_name where it has none, and takes it away for NULL. Errors: those of ai.provider_connections.';
comment on function ratebook.write_provider() is
'Row trigger instead of insert or update: the provider, and its connection where auth differs. Errors: invalid_argument (PT422), not_allowed (42501) where the provider is gone.';
comment on function ratebook.delete_provider() is
'Row trigger instead of delete: the provider, with the connection that stands for it. Error: not_allowed (42501) where it is gone.';
comment on function ratebook.upsert_provider(jsonb) is 'The rule behind compat.upsert_provider().';
comment on function compat.upsert_provider(jsonb) is
'Admins and the service role. What on_conflict=name would do: updates the provider of that name, else inserts one, and returns it. provider: an object of columns of compat.providers; those that it does not name stay as they are or get their defaults. Errors: not_allowed (42501), those of writing compat.providers.';

create trigger providers_require_privileged before insert or update or delete on compat.providers
for each statement execute function ratebook.require_privileged();
create trigger providers_write instead of insert or update on compat.providers
for each row execute function ratebook.write_provider();
create trigger providers_delete instead of delete on compat.providers
for each row execute function ratebook.delete_provider();

-- from sql/90_compat/160_view_llm_providers.sql

create view compat.llm_providers with (security_invoker = true) as
select
  p.id,
  p.key as provider_key,
  p.name as provider_name,
  p.api_url as api_base_url,
  p.is_active,
  p.created_at,
  p.updated_at
from ai.providers as p;

comment on view compat.llm_providers is
'ai.providers for callers of llm_providers. Written directly, on_conflict included. Embed it: llm_models?select=*,llm_providers(*).';
comment on column compat.llm_providers.id is 'The provider.';
comment on column compat.llm_providers.provider_key is 'Machine key, such as anthropic.';
comment on column compat.llm_providers.provider_name is 'Name to show.';
comment on column compat.llm_providers.api_base_url is 'Base endpoint.';
comment on column compat.llm_providers.is_active is 'Whether models of the provider may be used.';
comment on column compat.llm_providers.created_at is 'When the row was made.';
comment on column compat.llm_providers.updated_at is 'When the row last changed.';

-- from sql/90_compat/170_view_llm_models.sql

create view compat.llm_models with (security_invoker = true) as
select
  m.id,
  m.provider_id,
  -- A key that is too long for the column is left out: cut, it would name another model.
  case
    when length(coalesce(m.provider_model_key, m.key)) <= 100
      then coalesce(m.provider_model_key, m.key)::varchar(100)
    else null::varchar(100)
  end as model_key,
  m.name::varchar(255) as model_name,
  m.model_family::varchar(100) as model_family,
  -- Likewise.
  case when length(m.version) <= 50 then m.version::varchar(50) else null::varchar(50) end as model_version,
  m.model_tier::varchar(50) as model_tier,
  m.context_window,
  m.max_tokens as max_output_tokens,
  'function_calling' = any(m.supports) as supports_function_calling,
  'vision' = any(m.supports) as supports_vision,
  'streaming' = any(m.supports) as supports_streaming,
  'audio' = any(m.supports) as supports_audio,
  'system_prompt' = any(m.supports) as supports_system_prompt,
  ratebook.visible_pricing(m.id) as pricing,
  m.rate_limits,
  m.capabilities_detail as capabilities,
  m.metadata,
  -- The source has no is_active: what is switched off must not read as active.
  (case
    when m.status in ('preview', 'active') and not m.is_active and m.deleted_at is null then 'inactive'
    else m.status::text
  end)::varchar(50) as status,
  m.release_date,
  m.deprecation_date,
  m.typical_latency_ms,
  m.created_at,
  m.updated_at,
  m.deleted_at
from ai.models as m
where m.modality = 'text';

alter view compat.llm_models alter column id set default gen_random_uuid();
alter view compat.llm_models alter column supports_function_calling set default false;
alter view compat.llm_models alter column supports_vision set default false;
alter view compat.llm_models alter column supports_streaming set default false;
alter view compat.llm_models alter column supports_audio set default false;
alter view compat.llm_models alter column supports_system_prompt set default true;
alter view compat.llm_models alter column pricing set default '{}';
alter view compat.llm_models alter column rate_limits set default '{}';
alter view compat.llm_models alter column capabilities set default '{}';
alter view compat.llm_models alter column metadata set default '{}';
alter view compat.llm_models alter column status set default 'active';
alter view compat.llm_models alter column created_at set default ratebook.clock();
alter view compat.llm_models alter column updated_at set default ratebook.clock();

comment on view compat.llm_models is
'The text models of ai.models for callers of llm_models. The public does not see hidden and deleted ones; the service role sees all and writes. On conflict: compat.upsert_llm_model().';
comment on column compat.llm_models.id is 'The model.';
comment on column compat.llm_models.provider_id is 'Who serves it.';
comment on column compat.llm_models.model_key is 'The provider''s own identifier, else ai.models.key; NULL where it is longer than 100 characters.';
comment on column compat.llm_models.model_name is 'Name to show, its first 255 characters.';
comment on column compat.llm_models.model_family is 'Family, its first 100 characters.';
comment on column compat.llm_models.model_version is 'Version as the provider counts; NULL where it is longer than 50 characters.';
comment on column compat.llm_models.model_tier is 'The provider''s own tier name, its first 50 characters.';
comment on column compat.llm_models.context_window is 'Maximum input and output together, in tokens.';
comment on column compat.llm_models.max_output_tokens is 'Maximum output, in tokens.';
comment on column compat.llm_models.supports_function_calling is 'Whether it calls functions.';
comment on column compat.llm_models.supports_vision is 'Whether it reads pictures.';
comment on column compat.llm_models.supports_streaming is 'Whether it streams its answer.';
comment on column compat.llm_models.supports_audio is 'Whether it works with sound.';
comment on column compat.llm_models.supports_system_prompt is 'Whether it takes a system prompt.';
comment on column compat.llm_models.pricing is 'Base prices in force that the reader may see: input_per_1m, output_per_1m, cache_read_per_1m, per_image, …, and their currency. A written object replaces the prices from now on, as dated rows of ai.model_pricing; a key that means no meter is refused.';
comment on column compat.llm_models.rate_limits is 'The provider''s limits.';
comment on column compat.llm_models.capabilities is 'Capabilities with their details, free form.';
comment on column compat.llm_models.metadata is 'Anything else.';
comment on column compat.llm_models.status is 'preview, active, deprecated or retired; inactive: switched off here.';
comment on column compat.llm_models.release_date is 'When the provider released it.';
comment on column compat.llm_models.deprecation_date is 'When the provider stops or stopped it.';
comment on column compat.llm_models.typical_latency_ms is 'Typical latency in milliseconds.';
comment on column compat.llm_models.created_at is 'When the row was made.';
comment on column compat.llm_models.updated_at is 'When the row last changed; the database''s to say.';
comment on column compat.llm_models.deleted_at is 'When it was deleted; setting it deletes, NULL brings back.';

-- from sql/90_compat/180_triggers_llm_models.sql

create function ratebook.llm_model_values(p_row compat.llm_models) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'provider_id', p_row.provider_id,
    'provider_model_key', p_row.model_key,
    'name', p_row.model_name,
    'model_family', p_row.model_family,
    'version', p_row.model_version,
    'model_tier', p_row.model_tier,
    'context_window', p_row.context_window,
    'max_tokens', p_row.max_output_tokens,
    'rate_limits', p_row.rate_limits,
    'capabilities_detail', p_row.capabilities,
    'metadata', p_row.metadata,
    'release_date', p_row.release_date,
    'deprecation_date', p_row.deprecation_date,
    'typical_latency_ms', p_row.typical_latency_ms,
    'created_at', p_row.created_at,
    'deleted_at', p_row.deleted_at
  ) || case
    -- Switching off is no stage in the life of a model at its provider.
    when p_row.status = 'inactive' then '{}' else jsonb_build_object('status', p_row.status)
  end;
end;
$$;

create function ratebook.llm_model_flags(p_row compat.llm_models) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'function_calling', p_row.supports_function_calling,
    'vision', p_row.supports_vision,
    'streaming', p_row.supports_streaming,
    'audio', p_row.supports_audio,
    'system_prompt', p_row.supports_system_prompt
  );
end;
$$;

create function ratebook.write_llm_model() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. The statement trigger has let the caller write.
declare
  v_values jsonb := ratebook.llm_model_values(new);
  v_is_active boolean := new.status not in ('inactive', 'retired') and new.deleted_at is null;
begin
  perform ratebook.lock_registry();
  perform ratebook.refuse_nulls(
    -- A key that was too long to show is none of this write's.
    to_jsonb(new) - case when tg_op = 'UPDATE' and old.model_key is null then '{model_key}' else '{}' end::text[],
    '{id,provider_id,model_key,model_name,supports_function_calling,supports_vision,supports_streaming,supports_audio,supports_system_prompt,pricing,rate_limits,capabilities,metadata,status}'
  );
  if tg_op = 'INSERT' then
    insert into ai.models (
      id, key, provider_id, provider_model_key, name, model_family, version, model_tier, context_window, max_tokens,
      supports, rate_limits, capabilities_detail, metadata, status, is_active, release_date, deprecation_date,
      typical_latency_ms, created_at, updated_at, deleted_at, capabilities
    )
    select
      new.id,
      -- A name that means another provider's model goes on meaning that one; this gets the key of an import.
      case
        when
          exists (select from ai.models as m where m.key = new.model_key)
          or exists (select from ai.model_aliases as a where a.alias = new.model_key)
          then (select p.key || '/' || new.model_key from ai.providers as p where p.id = new.provider_id)
        else new.model_key
      end,
      r.provider_id, r.provider_model_key, r.name, r.model_family, r.version, r.model_tier, r.context_window,
      r.max_tokens, ratebook.merge_supports('{}', ratebook.llm_model_flags(new)), r.rate_limits, r.capabilities_detail,
      r.metadata, coalesce(r.status, 'active'), v_is_active, r.release_date, r.deprecation_date, r.typical_latency_ms,
      r.created_at, new.updated_at, r.deleted_at, '{text_generation}'
    from jsonb_populate_record(null::ai.models, v_values) as r;
    perform ratebook.write_pricing(new.id, '{}', new.pricing);
  else
    -- The id is what other tables of the project refer to.
    perform ratebook.refuse_changes(to_jsonb(old), to_jsonb(new), '{id}');
    v_values := ratebook.changed_values(ratebook.llm_model_values(old), v_values);
    -- Whether a model is active follows from the two columns that say it here, and only when one of them changes.
    if old.status <> new.status or (old.deleted_at is null) <> (new.deleted_at is null) then
      v_values := v_values || jsonb_build_object('is_active', v_is_active);
    end if;
    -- Only what this write changes, on the row as it is by now: nobody else's change is undone.
    update ai.models as m
    set
      (
        provider_id, provider_model_key, name, model_family, version, model_tier, context_window, max_tokens,
        rate_limits, capabilities_detail, metadata, status, is_active, is_default, release_date, deprecation_date,
        typical_latency_ms, created_at, deleted_at
      ) = (
        select
          r.provider_id, r.provider_model_key, r.name, r.model_family, r.version, r.model_tier, r.context_window,
          r.max_tokens, r.rate_limits, r.capabilities_detail, r.metadata, r.status, r.is_active,
          r.is_default and r.deleted_at is null, r.release_date, r.deprecation_date, r.typical_latency_ms,
          r.created_at, r.deleted_at
        from jsonb_populate_record(m, v_values) as r
      ),
      -- A feature that the old table has no column for stays.
      supports = ratebook.merge_supports(
        m.supports, ratebook.changed_values(ratebook.llm_model_flags(old), ratebook.llm_model_flags(new))
      )
    where m.id = old.id;
    if not found then
      perform ratebook.fail('not_allowed', format('Model %s is gone: nothing was written.', old.id), null,
        jsonb_build_object('model', old.id));
    end if;
    if new.pricing <> old.pricing then
      perform ratebook.write_pricing(old.id, old.pricing, new.pricing);
    end if;
  end if;
  select v.* into new from compat.llm_models as v where v.id = new.id;
  return new;
end;
$$;

create function ratebook.delete_llm_model() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.write_llm_model().
begin
  perform ratebook.delete_live_model(old.id);
  return old;
end;
$$;

revoke all on function ratebook.llm_model_values(compat.llm_models) from public;
revoke all on function ratebook.llm_model_flags(compat.llm_models) from public;
revoke all on function ratebook.write_llm_model() from public;
revoke all on function ratebook.delete_llm_model() from public;

comment on function ratebook.llm_model_values(compat.llm_models) is 'What a row says, as columns of ai.models.';
comment on function ratebook.llm_model_flags(compat.llm_models) is 'What a row says of ai.models.supports: feature → boolean.';
comment on function ratebook.write_llm_model() is
'Row trigger instead of insert or update: the model, and dated price rows where pricing differs. Errors: invalid_argument, unknown_provider, those of ratebook.write_pricing() (PT422).';
comment on function ratebook.delete_llm_model() is
'Row trigger instead of delete: marks the model as deleted. Error: not_allowed (42501) where it is already.';

create trigger llm_models_require_privileged before insert or update or delete on compat.llm_models
for each statement execute function ratebook.require_privileged();
create trigger llm_models_write instead of insert or update on compat.llm_models
for each row execute function ratebook.write_llm_model();
create trigger llm_models_delete instead of delete on compat.llm_models
for each row execute function ratebook.delete_llm_model();

-- from sql/90_compat/190_function_upsert_llm_model.sql

create function ratebook.upsert_llm_model(p_model jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.upsert_row('compat.llm_models', '{provider_id,model_key}', p_model);
end;
$$;

create function compat.upsert_llm_model(model jsonb) returns setof compat.llm_models
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.upsert_llm_model(model);
  select v.* from compat.llm_models as v
  where v.provider_id = (model ->> 'provider_id')::uuid and v.model_key = model ->> 'model_key';
end;

revoke all on function ratebook.upsert_llm_model(jsonb) from public;
revoke all on function compat.upsert_llm_model(jsonb) from public;
grant execute on function ratebook.upsert_llm_model(jsonb) to service_role;
grant execute on function compat.upsert_llm_model(jsonb) to service_role;

comment on function ratebook.upsert_llm_model(jsonb) is 'The rule behind compat.upsert_llm_model().';
comment on function compat.upsert_llm_model(jsonb) is
'Service role only. What on_conflict=provider_id,model_key did: updates the model of that provider and key, else inserts one, and returns it. Columns that the object does not name stay as they are or get their defaults. Errors: those of writing compat.llm_models.';

-- from sql/90_compat/200_view_ai_model_config.sql

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

-- from sql/90_compat/210_triggers_ai_model_config.sql

create function ratebook.assert_config_currency(p_model text, p_currency text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_currency <> 'USD' then
    perform ratebook.fail('invalid_argument', format('Model "%s" is priced in %s, and these costs are in USD.', p_model, p_currency),
      'Use billing.quote() and ai.model_pricing.', jsonb_build_object('model', p_model, 'currency', p_currency));
  end if;
end;
$$;

revoke all on function ratebook.assert_config_currency(text, text) from public;

comment on function ratebook.assert_config_currency(text, text) is
'Refuses a model that is not priced in US dollars. Error: invalid_argument (PT422).';

create function ratebook.config_values(p_row compat.ai_model_config) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'key', p_row.model_name,
    'name', p_row.display_name,
    'modality', p_row.model_type,
    'capabilities', jsonb_build_array(p_row.model_type || '_generation'),
    'provider_id', (select p.id from ai.providers as p where p.key = p_row.provider),
    'context_window', p_row.context_window,
    'max_tokens', p_row.max_output_tokens,
    'valid_sizes', p_row.valid_sizes,
    'is_active', p_row.is_active,
    'is_default', p_row.is_default,
    'priority', p_row.sort_order,
    'description', p_row.description
  );
end;
$$;

create function ratebook.config_flags(p_row compat.ai_model_config) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'json_mode', p_row.supports_json_mode,
    'vision', p_row.supports_vision,
    'function_calling', p_row.supports_function_calling
  );
end;
$$;

create function ratebook.config_pricing(p_row compat.ai_model_config) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'input_per_1m', p_row.input_cost_per_1m,
    'output_per_1m', p_row.output_cost_per_1m,
    'per_image', p_row.cost_per_image
  );
end;
$$;

create function ratebook.write_config() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. The statement trigger has let the caller write.
declare
  v_values jsonb := ratebook.config_values(new);
  v_id uuid;
  v_currency text;
begin
  perform ratebook.lock_registry();
  -- What the old table refused is refused here, before anything is written.
  perform ratebook.refuse_nulls(
    to_jsonb(new),
    '{model_name,display_name,model_type,provider,valid_sizes,supports_json_mode,supports_vision,supports_function_calling,is_active,is_default,sort_order}'
  );
  perform ratebook.refuse_changes(to_jsonb(old), to_jsonb(new), '{created_at,updated_at,updated_by,pricing_display}');
  perform ratebook.assert_config_type(new.model_type);
  if v_values ->> 'provider_id' is null then
    perform ratebook.fail('unknown_provider', format('There is no provider called "%s".', left(new.provider, 100)),
      'Ask ai.providers for the keys.', jsonb_build_object('provider', left(new.provider, 100)));
  end if;
  -- A new model is known to its provider by the name that it has here.
  if tg_op = 'INSERT' then
    insert into ai.models (
      key, name, modality, capabilities, provider_id, provider_model_key, context_window, max_tokens, valid_sizes,
      is_active, is_default, priority, description, supports
    )
    select
      r.key, r.name, r.modality, r.capabilities, r.provider_id, r.key, r.context_window, r.max_tokens, r.valid_sizes,
      r.is_active, r.is_default, r.priority, r.description, ratebook.merge_supports('{}', ratebook.config_flags(new))
    from jsonb_populate_record(null::ai.models, v_values) as r
    returning id, price_currency into v_id, v_currency;
  else
    v_values := ratebook.changed_values(ratebook.config_values(old), v_values);
    -- Only what this write changes, on the row as it is by now: nobody else's change is undone.
    update ai.models as m
    set
      (
        key, name, modality, capabilities, provider_id, provider_model_key, context_window, max_tokens, valid_sizes,
        is_active, is_default, priority, description
      ) = (
        select
          r.key, r.name, r.modality, r.capabilities, r.provider_id,
          case when m.provider_model_key = m.key then r.key else m.provider_model_key end, r.context_window,
          r.max_tokens, r.valid_sizes, r.is_active, r.is_default, r.priority, r.description
        from jsonb_populate_record(m, v_values) as r
      ),
      supports = ratebook.merge_supports(
        m.supports, ratebook.changed_values(ratebook.config_flags(old), ratebook.config_flags(new))
      )
    -- A row is its name here: one that was renamed or deleted meanwhile is gone.
    where m.key = old.model_name and m.deleted_at is null
    returning m.id, m.price_currency into v_id, v_currency;
    if not found then
      perform ratebook.fail('not_allowed', format('Model "%s" is gone: nothing was written.', old.model_name), null,
        jsonb_build_object('model', old.model_name));
    end if;
  end if;
  -- Prices are dated rows: only what differs becomes one, and in dollars, which is all that these columns can say.
  if ratebook.config_pricing(new) is distinct from ratebook.config_pricing(old) then
    perform ratebook.assert_config_currency(new.model_name, v_currency);
    perform ratebook.write_pricing(
      v_id, case tg_op when 'UPDATE' then ratebook.config_pricing(old) else '{}' end, ratebook.config_pricing(new)
    );
  end if;
  select c.* into new from compat.ai_model_config as c where c.model_name = new.model_name;
  return new;
end;
$$;

create function ratebook.delete_config() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.write_config().
begin
  perform ratebook.delete_live_model((select m.id from ai.models as m where m.key = old.model_name));
  return old;
end;
$$;

create function ratebook.assert_config_type(p_type text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if (p_type in ('text', 'image')) is not true then
    perform ratebook.fail('invalid_argument', format('There is no model type "%s".', left(p_type, 100)),
      'Valid types: text, image.', '{"valid_types": ["text", "image"]}');
  end if;
end;
$$;

revoke all on function ratebook.config_values(compat.ai_model_config) from public;
revoke all on function ratebook.config_flags(compat.ai_model_config) from public;
revoke all on function ratebook.config_pricing(compat.ai_model_config) from public;
revoke all on function ratebook.write_config() from public;
revoke all on function ratebook.delete_config() from public;
revoke all on function ratebook.assert_config_type(text) from public;

comment on function ratebook.config_values(compat.ai_model_config) is 'What a row says, as columns of ai.models.';
comment on function ratebook.config_flags(compat.ai_model_config) is 'What a row says of ai.models.supports: feature → boolean.';
comment on function ratebook.config_pricing(compat.ai_model_config) is 'What a row says of prices, as a pricing object.';
comment on function ratebook.write_config() is
'Row trigger instead of insert or update: the model, and dated price rows where a cost differs. Errors: invalid_argument, unknown_provider, those of ratebook.write_pricing() (PT422), not_allowed (42501) where the model is gone.';
comment on function ratebook.delete_config() is
'Row trigger instead of delete: marks the model as deleted. Error: not_allowed (42501) where it is already.';
comment on function ratebook.assert_config_type(text) is
'Refuses a model type that is not text or image. Error: invalid_argument (PT422); HINT and DETAIL list the valid ones.';

create trigger ai_model_config_require_privileged before insert or update or delete on compat.ai_model_config
for each statement execute function ratebook.require_privileged();
create trigger ai_model_config_write instead of insert or update on compat.ai_model_config
for each row execute function ratebook.write_config();
create trigger ai_model_config_delete instead of delete on compat.ai_model_config
for each row execute function ratebook.delete_config();

-- from sql/90_compat/220_functions_ai_model_config.sql

create function ratebook.config_model(p_model text, p_type text default null, p_active boolean default false)
returns ai.models
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: answers the same for a hidden model as for one that is not there, without a policy's help.
declare
  v_all boolean := ratebook.is_privileged();
  v_model ai.models;
  v_valid text[];
begin
  select m.* into v_model
  from compat.ai_model_config as c
  inner join ai.models as m on m.key = c.model_name
  where
    c.model_name = p_model and c.model_type = coalesce(p_type, c.model_type) and (c.is_active or not p_active)
    and (m.is_public or v_all);
  if not found then
    select coalesce(array_agg(c.model_name order by c.sort_order, c.model_name), '{}') into v_valid
    from compat.ai_model_config as c
    inner join ai.models as m on m.key = c.model_name
    where c.model_type = coalesce(p_type, c.model_type) and c.is_active and (m.is_public or v_all);
    perform ratebook.fail(
      'unknown_model',
      format('There is no %s called "%s".',
        concat_ws(' ', case when p_active then 'active' end, p_type, 'model'), left(coalesce(p_model, ''), 100)),
      -- A catalogue has thousands; DETAIL has them all.
      format('Valid models: %s%s.', array_to_string(v_valid[:20], ', '), case when cardinality(v_valid) > 20 then ', …' end),
      jsonb_build_object('model', left(p_model, 100), 'valid_models', v_valid)
    );
  end if;
  return v_model;
end;
$$;

create function ratebook.config_cost(p_model text, p_usage jsonb, p_decimals integer) returns numeric
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.quote(). Not through it: the cost in dollars needs no credit rate and no margin.
declare
  v_model ai.models := ratebook.config_model(p_model);
  v_sheet ratebook.price_sheets;
  v_cost numeric;
  v_is_public boolean;
  v_unpriced text;
begin
  perform ratebook.assert_config_currency(v_model.key, v_model.price_currency);
  perform ratebook.assert_usage(p_usage);
  v_sheet := ratebook.find_sheet(
    v_model.id, v_model.price_source, v_model.price_currency, p_usage, 'standard', null, null, ratebook.clock()
  );
  select
    sum(l.cost),
    coalesce(bool_and(l.is_public) filter (where l.quantity > 0), true),
    min(l.meter) filter (where l.quantity > 0 and l.unit_price is null)
  into v_cost, v_is_public, v_unpriced
  from ratebook.price_usage(v_sheet, ratebook.whole_usage(v_sheet.prices, v_sheet.minimums, p_usage)) as l;
  if v_unpriced is not null then
    perform ratebook.fail(
      'no_price', format('Model "%s" has no price for "%s".', v_model.key, v_unpriced),
      'An unknown price is never zero: an admin sets it.',
      jsonb_build_object('model', v_model.key, 'meter', v_unpriced)
    );
  end if;
  if not v_is_public and not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', format('The price of model "%s" is not public.', v_model.key),
      'billing.quote() tells its credits.', jsonb_build_object('model', v_model.key));
  end if;
  return round(v_cost, greatest(p_decimals, min_scale(v_cost)));
end;
$$;

create function ratebook.validate_config_model(p_model text, p_type text) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.assert_config_type(p_type);
  perform ratebook.config_model(p_model, p_type, true);
  return true;
end;
$$;

create function ratebook.validate_config_size(p_model text, p_size text) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.validate_config_model().
declare
  v_model ai.models := ratebook.config_model(p_model);
begin
  if cardinality(v_model.valid_sizes) > 0 then
    perform ratebook.assert_size(v_model.id, v_model.key, v_model.valid_sizes, coalesce(p_size, ''), ratebook.clock());
  end if;
  return true;
end;
$$;

create function compat.get_cost_for_tokens(model text, input_tokens bigint, output_tokens bigint) returns numeric
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.config_cost(model, jsonb_build_object('input', input_tokens, 'output', output_tokens), 6);

create function compat.get_cost_for_images(model text, num_images bigint default 1) returns numeric
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.config_cost(model, jsonb_build_object('image', num_images), 4);

create function compat.validate_model(model text, model_type text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.validate_config_model(model, model_type);

create function compat.validate_size(model text, size text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.validate_config_size(model, size);

create function compat.get_display_with_pricing(model text) returns text
language sql stable
set search_path = pg_catalog, pg_temp
return (
  select concat_ws(' - ', c.display_name, c.pricing_display)
  from compat.ai_model_config as c
  where c.model_name = (ratebook.config_model(model)).key
);

create function compat.ai_models(
  type text default null, provider text default null, "default" boolean default null, model_name text default null
) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    jsonb_build_object(
      'success', true,
      'message', 'AI models retrieved successfully',
      'data', coalesce(
        jsonb_agg(to_jsonb(c) order by c.model_type desc, c.sort_order asc, c.is_default desc, c.model_name asc), '[]'
      )
    )
  from compat.ai_model_config as c
  where
    c.is_active
    and c.model_type = coalesce($1, c.model_type)
    and c.provider = coalesce($2, c.provider)
    and c.is_default = coalesce($3, c.is_default)
    and c.model_name = coalesce($4, c.model_name);
end;

revoke all on function ratebook.config_model(text, text, boolean) from public;
revoke all on function ratebook.config_cost(text, jsonb, integer) from public;
revoke all on function ratebook.validate_config_model(text, text) from public;
revoke all on function ratebook.validate_config_size(text, text) from public;
revoke all on function compat.get_cost_for_tokens(text, bigint, bigint) from public;
revoke all on function compat.get_cost_for_images(text, bigint) from public;
revoke all on function compat.validate_model(text, text) from public;
revoke all on function compat.validate_size(text, text) from public;
revoke all on function compat.get_display_with_pricing(text) from public;
revoke all on function compat.ai_models(text, text, boolean, text) from public;
grant execute on function ratebook.config_model(text, text, boolean) to authenticated, service_role;
grant execute on function ratebook.config_cost(text, jsonb, integer) to authenticated, service_role;
grant execute on function ratebook.validate_config_model(text, text) to authenticated, service_role;
grant execute on function ratebook.validate_config_size(text, text) to authenticated, service_role;
grant execute on function compat.get_cost_for_tokens(text, bigint, bigint) to authenticated, service_role;
grant execute on function compat.get_cost_for_images(text, bigint) to authenticated, service_role;
grant execute on function compat.validate_model(text, text) to authenticated, service_role;
grant execute on function compat.validate_size(text, text) to authenticated, service_role;
grant execute on function compat.get_display_with_pricing(text) to authenticated, service_role;
grant execute on function compat.ai_models(text, text, boolean, text) to authenticated, service_role;

comment on function ratebook.config_model(text, text, boolean) is
'The model of compat.ai_model_config with a name, that the caller may see: of a type, and active, where that is asked for. Error: unknown_model (PT404); HINT and DETAIL list the active ones.';
comment on function ratebook.config_cost(text, jsonb, integer) is
'What a usage costs now, in US dollars, with at least so many decimals: by the price sheets, as billing.quote(). Errors: unknown_model (PT404), those of usages, no_price, invalid_argument (PT422), not_allowed (42501).';
comment on function ratebook.validate_config_model(text, text) is 'The rule behind compat.validate_model().';
comment on function ratebook.validate_config_size(text, text) is 'The rule behind compat.validate_size().';
comment on function compat.get_cost_for_tokens(text, bigint, bigint) is
'What tokens cost now, in US dollars, exactly, with six decimals or more: 0.000450. input_tokens, output_tokens: how many. Errors: unknown_model (PT404, names the valid ones), not_a_number, negative_quantity, quantity_out_of_range, no_price, invalid_argument for another currency (PT422), not_allowed (42501) for a price that is not public.';
comment on function compat.get_cost_for_images(text, bigint) is
'What images cost now, in US dollars, exactly, with four decimals or more: 0.0400. num_images: how many, one unless told. Errors: those of compat.get_cost_for_tokens().';
comment on function compat.validate_model(text, text) is
'True where an active model of that type (text, image) has the name. Errors: unknown_model (PT404, names the valid ones), invalid_argument (PT422) for another type.';
comment on function compat.validate_size(text, text) is
'True where the model makes images of that size, or has no list of sizes. Errors: unknown_model (PT404), invalid_size (PT422); both name the valid ones.';
comment on function compat.get_display_with_pricing(text) is
'Display name and pricing_display: GPT-4o - $2.5000/$10.0000 per 1M. The name alone where the model has no price that the caller may see. Error: unknown_model (PT404).';
comment on function compat.ai_models(text, text, boolean, text) is
'What the endpoint of the source answered, by GET: {"success": true, "message": …, "data": [rows of compat.ai_model_config]}, the active ones, text before image, in their order. type: text or image; provider: its key; default: true for the defaults, false for the others; model_name: one of them. What fits nothing is an empty list.';

-- from sql/90_compat/230_functions_admin_ai_model_config.sql

-- They write through the view: its triggers ask who it is, and stamp and lock as for any other write.

create function ratebook.switch_configs(p_names text[], p_is_active boolean) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_unknown text[];
begin
  update compat.ai_model_config as c set is_active = p_is_active where c.model_name = any(p_names);
  if coalesce(p_names, '{}') = '{}' then
    perform ratebook.fail('invalid_argument', 'No model is named.', 'Name at least one.');
  end if;
  v_unknown := array(
    select distinct coalesce(n.name, '')
    from unnest(p_names) as n (name)
    where not exists (select from compat.ai_model_config as c where c.model_name = n.name)
  );
  if v_unknown <> '{}' then
    perform ratebook.fail('unknown_model', format('Nothing was changed: there is no "%s".', array_to_string(v_unknown, '", "')),
      'Ask compat.ai_model_config for the names.', jsonb_build_object('models', v_unknown));
  end if;
  return (select count(distinct n.name) from unnest(p_names) as n (name));
end;
$$;

create function ratebook.set_default_config(p_name text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  update compat.ai_model_config as c set is_default = true where c.model_name = p_name;
  if not found then
    perform ratebook.config_model(p_name); -- It fails, and names the valid ones.
  end if;
end;
$$;

create function ratebook.upsert_config(p_model jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.upsert_row('compat.ai_model_config', '{model_name}', p_model);
end;
$$;

create function compat.activate_models(model_names text[]) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
return ratebook.switch_configs(model_names, true);

create function compat.deactivate_models(model_names text[]) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
return ratebook.switch_configs(model_names, false);

create function compat.set_default(model_name text) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
return ratebook.set_default_config(model_name);

create function compat.upsert_ai_model_config(model jsonb) returns setof compat.ai_model_config
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.upsert_config(model);
  select c.* from compat.ai_model_config as c
  where c.model_name = model ->> 'model_name';
end;

revoke all on function ratebook.switch_configs(text[], boolean) from public;
revoke all on function ratebook.set_default_config(text) from public;
revoke all on function ratebook.upsert_config(jsonb) from public;
revoke all on function compat.activate_models(text[]) from public;
revoke all on function compat.deactivate_models(text[]) from public;
revoke all on function compat.set_default(text) from public;
revoke all on function compat.upsert_ai_model_config(jsonb) from public;
grant execute on function ratebook.switch_configs(text[], boolean) to authenticated, service_role;
grant execute on function ratebook.set_default_config(text) to authenticated, service_role;
grant execute on function ratebook.upsert_config(jsonb) to authenticated, service_role;
grant execute on function compat.activate_models(text[]) to authenticated, service_role;
grant execute on function compat.deactivate_models(text[]) to authenticated, service_role;
grant execute on function compat.set_default(text) to authenticated, service_role;
grant execute on function compat.upsert_ai_model_config(jsonb) to authenticated, service_role;

comment on function ratebook.switch_configs(text[], boolean) is
'The rule behind compat.activate_models() and compat.deactivate_models().';
comment on function ratebook.set_default_config(text) is 'The rule behind compat.set_default().';
comment on function ratebook.upsert_config(jsonb) is 'The rule behind compat.upsert_ai_model_config().';
comment on function compat.activate_models(text[]) is
'Admins and the service role. Switches models of compat.ai_model_config on, all of them or none; returns how many. Errors: not_allowed (42501), unknown_model (PT404, names them), invalid_argument (PT422) for an empty list.';
comment on function compat.deactivate_models(text[]) is
'Switches models off, all or none, with the argument and errors of compat.activate_models(). A default stays active, so set another first. Error: default_model (PT409).';
comment on function compat.set_default(text) is
'Admins and the service role. Makes a model the default of its type and clears the former one. Errors: not_allowed (42501), unknown_model (PT404, names the valid ones), inactive_model (PT409).';
comment on function compat.upsert_ai_model_config(jsonb) is
'Admins and the service role. What on_conflict=model_name would do: updates the model of that name, else inserts one, and returns it. Columns that the object does not name stay as they are or get their defaults. Errors: those of writing compat.ai_model_config.';

-- from sql/90_compat/240_function_adopt_row.sql

-- One row of an old table, copied whole or not at all.

create function ratebook.read_row(p_view regclass, p_key text[], p_row jsonb) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_row jsonb;
begin
  execute format(
    'select to_jsonb(v) from %1$s as v where (%2$s) = (select %2$s from jsonb_populate_record(null::%1$s, $1))',
    p_view, (select string_agg(format('%I', k.name), ', ') from unnest(p_key) as k (name))
  ) into v_row using p_row;
  return v_row;
end;
$$;

create function ratebook.time_of_epoch(p_column text, p_value jsonb) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_milliseconds numeric := (p_value #>> '{}')::numeric;
begin
  -- Seconds or microseconds would be of another age: no unit is guessed. 0 is 1970 in all of them.
  if v_milliseconds <> 0 and v_milliseconds not between 946684800000 and 4102444800000 then
    perform ratebook.fail('invalid_time', format('"%s" is %s, which is no time in milliseconds since 1970.', p_column, v_milliseconds),
      'From 946684800000 (the year 2000) to 4102444800000 (2100), or a time as text.', jsonb_build_object('column', p_column));
  end if;
  return timestamptz '1970-01-01Z' + (round(v_milliseconds * 1000)::text || ' microseconds')::interval;
end;
$$;

create function ratebook.read_times(p_view regclass, p_row jsonb) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_row || (
    select coalesce(jsonb_object_agg(r.key, ratebook.time_of_epoch(r.key, r.value)), '{}')
    from jsonb_each(p_row) as r
    inner join pg_attribute as a
      on a.attrelid = p_view and a.attname = r.key and a.atttypid = 'timestamptz'::regtype
    where jsonb_typeof(r.value) = 'number' or (jsonb_typeof(r.value) = 'string' and r.value #>> '{}' ~ '^\d{12,14}$')
  );
end;
$$;

create function ratebook.same_pricing(p_old jsonb, p_here jsonb) returns boolean
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_notes constant text[] := '{currency,billing_unit}'::text[];
  v_old jsonb;
begin
  if jsonb_typeof(p_old) <> 'object' then
    return false;
  end if;
  -- Prices may be strings, and NULL is no price.
  select coalesce(
    jsonb_object_agg(
      e.key,
      case
        when jsonb_typeof(e.value) = 'string' and e.value #>> '{}' ~ '^-?\d+(\.\d+)?$'
          then to_jsonb((e.value #>> '{}')::numeric)
        else e.value
      end
    ),
    '{}'
  ) into v_old
  from jsonb_each(p_old) as e
  where e.value <> 'null';
  -- A currency without a price says nothing.
  return v_old - v_notes = p_here - v_notes and (v_old - v_notes = '{}' or p_here @> v_old);
end;
$$;

create function ratebook.differing_columns(p_old jsonb, p_here jsonb) returns text[]
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select o.key
    from jsonb_each(p_old) as o
    where
      case
        when o.key = 'pricing' then ratebook.same_pricing(o.value, p_here -> o.key)
        -- As numbers: a cost may be the text of one.
        when o.key like '%cost_per_%'
          then (o.value #>> '{}')::numeric is not distinct from (p_here ->> o.key)::numeric
        else o.value = p_here -> o.key
      end is not true
    order by o.key
  );
end;
$$;

create function ratebook.adopt_row(
  p_view regclass, p_key text[], p_row jsonb, out outcome text, out id uuid
) returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key text[] := '{id}'::text[];
  v_row jsonb;
  v_here jsonb;
  v_differing text[];
begin
  perform ratebook.refuse_long(p_view, p_row);
  p_row := ratebook.read_times(p_view, p_row);
  if p_row ->> 'id' !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then
    -- Rows have UUIDs here; its caller reports the one that it gets.
    p_row := p_row - 'id';
  end if;
  -- In the types of the view, so that equal values are equal text.
  execute format('select to_jsonb(jsonb_populate_record(null::%s, $1))', p_view) into v_row using p_row;
  select jsonb_object_agg(r.key, r.value) into v_row from jsonb_each(v_row) as r where p_row ? r.key;

  -- By its id if that is here already, else by its key: a second copy finds what the first one made.
  if v_row ->> 'id' is not null then
    v_here := ratebook.read_row(p_view, v_key, v_row);
  end if;
  if v_here is null then
    v_key := p_key;
    v_here := ratebook.read_row(p_view, v_key, v_row);
  end if;
  outcome := 'added';
  if v_here is not null then
    outcome := 'changed';
    id := (v_here ->> 'id')::uuid;
    -- Equal rows are not written, so that the same copy again leaves no trace.
    v_row := v_row - '{id,updated_at}'::text[];
    v_differing := ratebook.differing_columns(v_row, v_here);
    if v_differing = '{}' then
      outcome := 'unchanged';
      return;
    elsif p_view = 'compat.rate_cards'::regclass then
      perform ratebook.fail(
        'duplicate_rate_card',
        format('There is a card of that date already, with another %s.', array_to_string(v_differing, ', ')),
        'Cards do not change. Correct the old card, or this one by a higher revision in ai.model_pricing.',
        jsonb_build_object('columns', v_differing)
      );
    end if;
    -- A row that was found by its id keeps it, and may have a new key.
    if v_key = '{id}' then
      v_row := v_row || jsonb_build_object('id', id);
    end if;
  end if;

  if p_view = 'compat.ai_model_config'::regclass then
    -- Read-only there, but older than this database.
    perform ratebook.upsert_row(p_view, v_key, v_row - 'created_at');
    update ai.models as m
    set created_at = (v_row ->> 'created_at')::timestamptz
    where m.key = v_row ->> 'model_name' and m.created_at <> (v_row ->> 'created_at')::timestamptz;
  else
    perform ratebook.upsert_row(p_view, v_key, v_row);
  end if;

  v_here := ratebook.read_row(p_view, v_key, v_row);
  id := (v_here ->> 'id')::uuid;
  v_differing := ratebook.differing_columns(v_row - 'updated_at', coalesce(v_here, '{}'));
  if v_differing <> '{}' then
    perform ratebook.fail(
      'invalid_argument', format('It would not read back as it was: %s.', array_to_string(v_differing, ', ')),
      'Change the old row, or copy it by hand.', jsonb_build_object('columns', v_differing)
    );
  end if;
end;
$$;

revoke all on function ratebook.read_row(regclass, text[], jsonb) from public;
revoke all on function ratebook.time_of_epoch(text, jsonb) from public;
revoke all on function ratebook.read_times(regclass, jsonb) from public;
revoke all on function ratebook.same_pricing(jsonb, jsonb) from public;
revoke all on function ratebook.differing_columns(jsonb, jsonb) from public;
revoke all on function ratebook.adopt_row(regclass, text[], jsonb) from public;

comment on function ratebook.read_row(regclass, text[], jsonb) is
'The row of a view that has the same values in the key columns, as JSON; NULL where there is none.';
comment on function ratebook.time_of_epoch(text, jsonb) is
'A time that is written in milliseconds since 1970, to the microsecond. Error: invalid_time (PT422), which names the column.';
comment on function ratebook.read_times(regclass, jsonb) is
'A row whose times are times where the old table had numbers. Errors: those of ratebook.time_of_epoch().';
comment on function ratebook.same_pricing(jsonb, jsonb) is
'Whether an old pricing object says what one of a compat view says: the same prices, and no other currency or billing_unit.';
comment on function ratebook.differing_columns(jsonb, jsonb) is
'The columns of an old row that a row of a compat view has otherwise.';
comment on function ratebook.adopt_row(regclass, text[], jsonb) is
'Makes a row of a compat view say what an old row says, and reads it back. outcome: added, changed or unchanged; id: the id it has here. Errors: invalid_argument (PT422) where it would read back otherwise, duplicate_rate_card (23505), those of writing the view.';

-- from sql/90_compat/250_function_adopt.sql

create function ratebook.adopted_tables() returns table (
  system text, name text, key text[], set_here text[], place integer
)
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return query values
  ('api_models', 'api_providers', '{name}'::text[], '{}'::text[], 1),
  ('api_models', 'api_models', '{provider_id,model_key}', '{created_by}', 2),
  ('rate_cards', 'providers', '{name}', '{}', 1),
  ('rate_cards', 'model_profiles', '{name}', '{}', 2),
  ('rate_cards', 'rate_cards', '{provider,model,effective_from}', '{id,created_at}', 3),
  ('llm_models', 'llm_providers', '{provider_key}', '{}', 1),
  ('llm_models', 'llm_models', '{provider_id,model_key}', '{}', 2),
  (
    'ai_model_config', 'ai_model_config', '{model_name}',
    '{id,updated_at,updated_by,updated_by_id,pricing_display}', 1
  );
end;
$$;

create function ratebook.assert_adoptable(p_system text, p_tables jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_names text[] := array(select t.name from ratebook.adopted_tables() as t where t.system = p_system order by t.place);
  v_unknown text;
begin
  if v_names = '{}' then
    perform ratebook.fail('invalid_argument', format('There is no system "%s".', left(p_system, 100)),
      'Valid ones: api_models, rate_cards, llm_models, ai_model_config.');
  end if;
  if
    jsonb_typeof(p_tables) is distinct from 'object'
    or exists (select from jsonb_each(p_tables) as t where jsonb_typeof(t.value) <> 'array')
  then
    perform ratebook.fail('invalid_argument', 'Tables are a JSON object of arrays of rows.');
  end if;
  select k.name into v_unknown from jsonb_object_keys(p_tables) as k (name) where k.name <> all(v_names) limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('%s has no table "%s".', p_system, left(v_unknown, 100)),
      format('Its tables are %s.', array_to_string(v_names, ', ')));
  end if;
end;
$$;

create function ratebook.resolve_row(p_table text, p_row jsonb, p_providers jsonb, p_names jsonb) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- An id of the old database becomes that of the row with the same key here, and a name gets a row.
declare
  v_old text := coalesce(p_row ->> 'provider_id', '');
  v_id uuid;
  v_made text[] := '{}'::text[];
begin
  if p_table = 'model_profiles' and p_row ? 'provider' and not p_row ? 'provider_id' then
    -- A foreign key of that name, by id or by name.
    v_old := p_row ->> 'provider';
    p_providers := p_providers || jsonb_build_object(v_old, coalesce(p_providers ->> v_old, v_old));
    p_row := p_row - 'provider' || jsonb_build_object('provider_id', v_old);
  end if;
  if jsonb_typeof(p_row -> 'auth') = 'string' then
    -- JSON in a column of text.
    p_row := p_row || jsonb_build_object('auth', (p_row ->> 'auth')::jsonb);
  end if;
  if p_table = 'rate_cards' and p_row ->> 'provider' is not null and not p_providers ? v_old then
    -- The table of providers is not there, or has no such row: the name says it all.
    p_row := p_row - 'provider_id';
  end if;

  -- Ids of the old database mean nothing here; the provider's key does.
  if p_row ? 'provider_id' then
    select p.id into v_id from ai.providers as p where p.key = p_providers ->> v_old;
    if not found then
      perform ratebook.fail('unknown_provider',
        format('Its provider %s is not here.', coalesce(p_providers ->> v_old, nullif(v_old, ''), 'NULL')),
        'Copy the provider first.', jsonb_build_object('provider_id', v_old));
    end if;
    p_row := p_row || jsonb_build_object('provider_id', v_id);
  end if;

  -- The same for a row of its own table, which has been copied before.
  if p_row ->> 'canonical_equivalent_id' is not null then
    v_old := p_names ->> (p_row ->> 'canonical_equivalent_id');
    v_id := case p_table
      when 'providers' then (select p.id from ai.providers as p where p.key = v_old)
      else (select p.id from ai.model_profiles as p where p.name = v_old)
    end;
    if v_id is null then
      perform ratebook.fail('invalid_argument', 'The row that canonical_equivalent_id names is not here.', 'Copy that first.',
        jsonb_build_object('column', 'canonical_equivalent_id'));
    end if;
    p_row := p_row || jsonb_build_object('canonical_equivalent_id', v_id);
  end if;

  -- Here every provider and every model is a row; where the old system had a name alone, one is made and reported.
  if p_row ? 'provider' then
    insert into ai.providers (key, name)
    select p_row ->> 'provider', p_row ->> 'provider'
    where p_row ->> 'provider' is not null
    on conflict (key) do nothing;
    if found then
      v_made := v_made || format('provider %s', p_row ->> 'provider');
    end if;
  end if;
  -- A card needs the model that it prices.
  if p_table = 'rate_cards' then
    if p_row ->> 'source' is null then
      p_row := p_row - 'source';
    end if;
    insert into compat.api_models (provider_id, model_key, display_name, modality, task)
    select p.id, p_row ->> 'model', p_row ->> 'model', 'text', 'generation'
    from ai.providers as p
    where
      p.key = p_row ->> 'provider'
      and not exists (
        select from ai.models as m
        where
          m.provider_id = p.id and m.deleted_at is null
          and coalesce(m.provider_model_key, m.key) = p_row ->> 'model'
      );
    if found then
      v_made := v_made || format('model %s/%s', p_row ->> 'provider', p_row ->> 'model');
    end if;
  end if;
  return jsonb_build_object('row', p_row, 'made', v_made);
end;
$$;

create function ratebook.adopt(p_system text, p_tables jsonb, p_dry_run boolean) returns jsonb
language plpgsql volatile security definer
-- A time without a zone is one of UTC. Plans are made once, and for tables that grow meanwhile: each row is one of many.
set search_path = pg_catalog, pg_temp set timezone = 'UTC'
set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_report jsonb := jsonb_build_object('system', p_system, 'dry_run', p_dry_run);
  v_tables jsonb := '{}'::jsonb;
  v_refused jsonb[] := '{}'::jsonb[];
  v_ids jsonb[] := '{}'::jsonb[];
  v_made text[] := '{}'::text[];
  v_unmapped jsonb := '{}'::jsonb;
  v_defaults text[] := '{}'::text[];
  v_default text;
  v_providers jsonb := '{}'::jsonb;
  v_names jsonb;
  v_rows jsonb;
  v_outcomes text[];
  v_table record;
  v_item record;
  v_resolved jsonb;
  v_done record;
  v_state text;
  v_message text;
  v_hint text;
  v_detail text;
begin
  perform ratebook.assert_adoptable(p_system, p_tables);
  -- One at a time, in the order of all who write models.
  perform ratebook.lock_registry();
  begin
    for v_table in
      select t.*, format('compat.%I', t.name)::regclass as view
      from ratebook.adopted_tables() as t
      where t.system = p_system
      order by t.place
    loop
      -- By date, so that a rate card meets the one before it; and with the key of each old id, for rows that name it.
      select
        coalesce(
          jsonb_agg(
            r.row order by
            case jsonb_typeof(r.row -> 'effective_from') when 'number' then (r.row ->> 'effective_from')::numeric end,
            r.row ->> 'effective_from', r.position
          ),
          '[]'
        ),
        coalesce(
          jsonb_object_agg(r.row ->> 'id', r.row ->> v_table.key[1]) filter (where r.row ->> 'id' is not null), '{}'
        )
      into v_rows, v_names
      from (
        select
          case jsonb_typeof(e.value) when 'string' then (e.value #>> '{}')::jsonb else e.value end as row,
          e.position
        from jsonb_array_elements(p_tables -> v_table.name) with ordinality as e (value, position)
      ) as r;
      -- What is no row at all has no key by which it could be reported: it refuses the call.
      if exists (select from jsonb_array_elements(v_rows) as r (value) where jsonb_typeof(r.value) <> 'object') then
        perform ratebook.fail('invalid_argument', format('A row of %s is not a JSON object.', v_table.name));
      end if;
      if v_table.place = 1 then
        v_providers := v_names;
      end if;
      v_outcomes := array_fill(null::text, array[jsonb_array_length(v_rows)]);

      -- A row that names another of its table gets its own place first.
      for v_item in
        select
          r.position::integer,
          r.value as old,
          r.value - v_table.set_here - case
            when p.pass = 1 and r.value ->> 'canonical_equivalent_id' is not null then 'canonical_equivalent_id' else ''
          end as row
        from jsonb_array_elements(v_rows) with ordinality as r (value, position)
        cross join (values (1), (2)) as p (pass)
        where p.pass = 1 or r.value ->> 'canonical_equivalent_id' is not null
        order by p.pass, r.position
      loop
        continue when v_outcomes[v_item.position] = 'refused';
        -- Each row in a block of its own: one that is refused takes back what was made for it, and no other.
        begin
          v_resolved := ratebook.resolve_row(v_table.name, v_item.row, v_providers, v_names);
          v_default := null;
          -- A second default would quietly take the place of the first.
          if (v_item.row ->> 'is_default')::boolean then
            v_default := concat_ws(
              ' ', coalesce(v_item.row ->> 'modality', v_item.row ->> 'model_type'), coalesce(v_item.row ->> 'task', 'generation')
            );
            if v_default = any(v_defaults) then
              perform ratebook.fail('invalid_argument', format('It is not the only default of %s.', v_default),
                'Leave one of them the default.', '{"column": "is_default"}');
            end if;
          end if;
          select a.* into v_done from ratebook.adopt_row(v_table.view, v_table.key, v_resolved -> 'row') as a;
          v_defaults := v_defaults || v_default;
          v_made := v_made || array(select jsonb_array_elements_text(v_resolved -> 'made'));
          -- A row that names another of its table is written twice and counted once.
          if v_outcomes[v_item.position] is null then
            v_outcomes[v_item.position] := v_done.outcome;
            if v_done.id::text <> v_item.row ->> 'id' then
              v_ids := v_ids || jsonb_build_object('table', v_table.name, 'old', v_item.row -> 'id', 'here', v_done.id);
            end if;
          elsif v_outcomes[v_item.position] = 'unchanged' then
            v_outcomes[v_item.position] := v_done.outcome;
          end if;
        exception when others then
          get stacked diagnostics
            v_state = returned_sqlstate, v_message = message_text, v_hint = pg_exception_hint,
            v_detail = pg_exception_detail;
          -- Only what is wrong with the row; anything else is wrong with all of them.
          if v_state !~ '^(PT|22|23|42501|54)' then
            raise;
          end if;
          -- Named as the old system names it, so that its owner finds it.
          v_outcomes[v_item.position] := 'refused';
          v_refused := v_refused || jsonb_build_object(
            'table', v_table.name,
            'id', v_item.old -> 'id',
            'key', concat_ws(
              ' ',
              coalesce(v_providers ->> (v_item.row ->> 'provider_id'), v_item.row ->> 'provider'),
              v_item.row ->> v_table.key[case v_table.name when 'rate_cards' then 2 else cardinality(v_table.key) end],
              v_item.row ->> 'effective_from'
            ),
            -- Errors of PostgreSQL itself have a code alone.
            'error', case when v_detail like '{"%' then v_detail::jsonb ->> 'error' end,
            'code', v_state,
            'message', v_message,
            'hint', nullif(v_hint, '')
          );
        end;
      end loop;

      v_tables := v_tables || jsonb_build_object(v_table.name, (
        select jsonb_build_object(
          'read', count(*),
          'added', count(*) filter (where o.outcome = 'added'),
          'changed', count(*) filter (where o.outcome = 'changed'),
          'unchanged', count(*) filter (where o.outcome = 'unchanged'),
          'refused', count(*) filter (where o.outcome = 'refused')
        )
        from unnest(v_outcomes) as o (outcome)
      ));
      -- What has no place here is counted: nothing is left behind in silence.
      v_unmapped := v_unmapped || (
        select coalesce(jsonb_object_agg(v_table.name || '.' || c.key, c.rows), '{}')
        from (
          select e.key, count(*) as rows
          from jsonb_array_elements(v_rows) as r (value)
          cross join lateral jsonb_each(r.value - v_table.set_here) as e
          where
            e.value <> 'null'
            -- What ratebook.resolve_row() has read.
            and (v_table.name, e.key) <> ('model_profiles', 'provider')
            and not exists (
              select from pg_attribute as a
              where a.attrelid = v_table.view and a.attname = e.key and a.attnum > 0 and not a.attisdropped
            )
          group by e.key
        ) as c
      );
    end loop;
    if p_dry_run then
      -- Takes back what was written; the variables stay.
      raise exception using errcode = 'RB000';
    end if;
  exception when sqlstate 'RB000' then
    null;
  end;
  return v_report || jsonb_build_object(
    'tables', v_tables, 'made', v_made, 'refused', v_refused, 'unmapped', v_unmapped, 'ids', v_ids
  );
end;
$$;

create function compat.adopt(system text, tables jsonb, dry_run boolean default false) returns jsonb
language sql volatile
-- PostgREST takes it over for the whole request: some thousand rows need longer than a listing may.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select ratebook.adopt(system, tables, dry_run);
end;

revoke all on function ratebook.adopted_tables() from public;
revoke all on function ratebook.assert_adoptable(text, jsonb) from public;
revoke all on function ratebook.resolve_row(text, jsonb, jsonb, jsonb) from public;
revoke all on function ratebook.adopt(text, jsonb, boolean) from public;
revoke all on function compat.adopt(text, jsonb, boolean) from public;
grant execute on function ratebook.adopt(text, jsonb, boolean) to service_role;
grant execute on function compat.adopt(text, jsonb, boolean) to service_role;

comment on function ratebook.adopted_tables() is
'The tables of each older system in the order in which they are copied, providers first: what identifies a row, and the columns that are this database''s to set.';
comment on function ratebook.assert_adoptable(text, jsonb) is
'Refuses what is not a system and its tables. Error: invalid_argument (PT422).';
comment on function ratebook.resolve_row(text, jsonb, jsonb, jsonb) is
'An old row with the ids that its provider and its counterpart have here, and what had to be made for it: a provider that is a name only, the model of a rate card. p_providers and p_names: old id → key, of providers and of its own table. Errors: unknown_provider, invalid_argument (PT422), those of making them.';
comment on function ratebook.adopt(text, jsonb, boolean) is 'The rule behind compat.adopt().';
comment on function compat.adopt(text, jsonb, boolean) is
'Service role only. Copies the rows of an older system, in one transaction. system: api_models, rate_cards, llm_models or ai_model_config; tables: {table: [row]}, a row being its JSON object, or the text of that where a client''s numbers would lose digits; a time may be a number, of milliseconds since 1970. A row is copied whole, by its id, else by its key, and reads back as it was, or is refused and reported; the same rows again change nothing. An old row wins over what is here, except on rate cards, which never change. dry_run reports and writes nothing. Returns {system, dry_run, tables: {table: {read, added, changed, unchanged, refused}}, made: [what else had to be made], refused: [{table, id, key, error, code, message, hint}], unmapped: {table.column: rows with a value that has no place}, ids: [{table, old, here}]}. Error: invalid_argument (PT422).';

-- from policies/compat.ai_model_config.sql

-- Writing is for admins: the view's statement trigger asks.
revoke all on compat.ai_model_config from public, anon, authenticated, service_role;
grant select, insert, update, delete on compat.ai_model_config to authenticated;
grant select, insert, update, delete on compat.ai_model_config to service_role;

-- from policies/compat.api_model_stats.sql

revoke all on compat.api_model_stats from public, anon, authenticated, service_role;
grant select on compat.api_model_stats to authenticated;
grant select on compat.api_model_stats to service_role;

-- from policies/compat.api_models.sql

-- Rows: the policies of ai.models, and the view's own condition. Writing: the view's triggers.
revoke all on compat.api_models from public, anon, authenticated, service_role;
grant select, insert, update, delete on compat.api_models to authenticated;
grant select, insert, update, delete on compat.api_models to service_role;

-- from policies/compat.api_providers.sql

-- Rows: the policies of ai.providers.
revoke all on compat.api_providers from public, anon, authenticated, service_role;
grant select, insert, update, delete on compat.api_providers to authenticated;
grant select, insert, update, delete on compat.api_providers to service_role;

-- from policies/compat.jobs.sql

-- Rows: the policies of ai.generations. Which columns an insert may set: the view's triggers, and those of ai.generations.
revoke all on compat.jobs from public, anon, authenticated, service_role;
grant select, insert, delete on compat.jobs to authenticated;
grant select, insert, delete on compat.jobs to service_role;
grant update (status, quality_rating, output, latency_ms) on compat.jobs to service_role;

-- from policies/compat.llm_models.sql

-- The source's two policies: the service role manages, anon reads. Signed-in users read as well.
revoke all on compat.llm_models from public, anon, authenticated, service_role;
grant select on compat.llm_models to anon;
grant select on compat.llm_models to authenticated;
grant select, insert, update, delete on compat.llm_models to service_role;

-- from policies/compat.llm_providers.sql

revoke all on compat.llm_providers from public, anon, authenticated, service_role;
grant select on compat.llm_providers to anon;
grant select on compat.llm_providers to authenticated;
grant select, insert, update, delete on compat.llm_providers to service_role;

-- from policies/compat.model_profiles.sql

-- Rows: the policies of ai.model_profiles, which are for admins.
revoke all on compat.model_profiles from public, anon, authenticated, service_role;
grant select, insert, update, delete on compat.model_profiles to authenticated;
grant select, insert, update, delete on compat.model_profiles to service_role;

-- from policies/compat.providers.sql

-- Rows: the policies of ai.providers. Writing is for admins: the view's statement trigger asks.
revoke all on compat.providers from public, anon, authenticated, service_role;
grant select on compat.providers to anon;
grant select, insert, update, delete on compat.providers to authenticated;
grant select, insert, update, delete on compat.providers to service_role;

-- from policies/compat.rate_cards.sql

-- Rows: the policies of ai.models, and public prices only. Insert-only; created_at and id are the database's to say.
revoke all on compat.rate_cards from public, anon, authenticated, service_role;
grant select on compat.rate_cards to anon;
grant select on compat.rate_cards to authenticated;
grant insert (
  provider_id, provider, model, input_cost_per_1m, output_cost_per_1m, cache_write_cost_per_1m, cache_read_cost_per_1m,
  currency, effective_from, source
) on compat.rate_cards to authenticated;
grant select on compat.rate_cards to service_role;
grant insert (
  provider_id, provider, model, input_cost_per_1m, output_cost_per_1m, cache_write_cost_per_1m, cache_read_cost_per_1m,
  currency, effective_from, source
) on compat.rate_cards to service_role;

insert into ratebook.manifest (module, domain, kind, name, state)
select 'compat', '90_compat', o.kind, o.name, o.state
from (values
  ('function', 'compat.activate_models(model_names text[])', '6c4469b043e288cf8407308d149f965a'),
  ('function', 'compat.adopt(system text, tables jsonb, dry_run boolean)', '9260b922c5c2513bfba222e0b8f410a0'),
  ('function', 'compat.ai_models(type text, provider text, "default" boolean, model_name text)', '15e5e0bb06b8a88825559dec443a3148'),
  ('function', 'compat.api_models(compat.jobs)', 'd18dfa1d74d43179d256566fb6efe8d3'),
  ('function', 'compat.deactivate_models(model_names text[])', '7edb7d0176fe2f49d9594e134a573d7e'),
  ('function', 'compat.get_cost_for_images(model text, num_images bigint)', '64cfd6fb820bd9e93a793404e07e806d'),
  ('function', 'compat.get_cost_for_tokens(model text, input_tokens bigint, output_tokens bigint)', 'c533cbd7ff1252c2482ad5aafdfe84be'),
  ('function', 'compat.get_display_with_pricing(model text)', '7791dd0467ec74453a0613981c7ee43e'),
  ('function', 'compat.has_role("user" uuid, role compat.app_role)', '14a8b7e91e69c65a3aaf989f54d77239'),
  ('function', 'compat.jobs(compat.api_models)', 'd15efe7483512a519a3b820177700bad'),
  ('function', 'compat.set_default(model_name text)', '468ba28e0186eff4fbc1951c44e3cc1e'),
  ('function', 'compat.upsert_ai_model_config(model jsonb)', '991d92d52ab32dcab7a872192ea65cd2'),
  ('function', 'compat.upsert_api_model(model jsonb)', '93bb8266dce10dd0aeaecf69c5345b31'),
  ('function', 'compat.upsert_llm_model(model jsonb)', 'c13acd6d1dfb0d82afb72f050a7f47ec'),
  ('function', 'compat.upsert_provider(provider jsonb)', '1817c5c19a5840ae3268ac5095e5c015'),
  ('function', 'compat.validate_model(model text, model_type text)', 'afd2e085a64df88409e8caadd7eea39b'),
  ('function', 'compat.validate_size(model text, size text)', 'c983efe4b200b1ff779a901487b64063'),
  ('function', 'ratebook.adopt(p_system text, p_tables jsonb, p_dry_run boolean)', 'e63bf6931ced6af87871ec5508933ad1'),
  ('function', 'ratebook.adopt_row(p_view regclass, p_key text[], p_row jsonb, OUT outcome text, OUT id uuid)', '8b15f4d4629663b7a72a36a8a297fd8e'),
  ('function', 'ratebook.adopted_tables()', '97ad37219ea85d019e63b2d7b9363d43'),
  ('function', 'ratebook.api_billing_unit(p_price_keys text[])', '1e38a806843821f32ff42f43215111d7'),
  ('function', 'ratebook.api_price_key(p_meter text, p_unit_type ai.unit_type_enum)', '49eab5d22081c73cb64e8b2d7ca5c1e7'),
  ('function', 'ratebook.api_pricing(p_model_id uuid)', '7cde27618dc15c67490374ace78143f1'),
  ('function', 'ratebook.assert_adoptable(p_system text, p_tables jsonb)', 'e3c5d64733c6ffd60777135c673503cf'),
  ('function', 'ratebook.assert_config_currency(p_model text, p_currency text)', '8d2cc692b23e27445bf2a9f18f237ab9'),
  ('function', 'ratebook.assert_config_type(p_type text)', '3dfffbe3af0dbd5ae6e4108b43a4c6c0'),
  ('function', 'ratebook.assert_own_job()', '5c236a9d5618f7ac833c726851ce5332'),
  ('function', 'ratebook.change_job()', '936a80aa36e5a2d94310db5a78c22e48'),
  ('function', 'ratebook.changed_values(p_old jsonb, p_new jsonb)', '896e7bc694e3b39bdee89ce056aa7bfb'),
  ('function', 'ratebook.config_cost(p_model text, p_usage jsonb, p_decimals integer)', 'eb301f743e709f0598f22bbb1d89fbe8'),
  ('function', 'ratebook.config_cost_of(p_model_id uuid, p_meter text)', '5defa8927a6b78f5ee591bac56a8a840'),
  ('function', 'ratebook.config_flags(p_row compat.ai_model_config)', '3bd824106dfd17bab7eb8be9980c1206'),
  ('function', 'ratebook.config_model(p_model text, p_type text, p_active boolean)', '23466fabe90c747b66616c22d153d3cf'),
  ('function', 'ratebook.config_pricing(p_row compat.ai_model_config)', 'ef1feb89671ad2116f34c4d632987058'),
  ('function', 'ratebook.config_values(p_row compat.ai_model_config)', '8a87192a0efd238a1aeb1b4a5262cedd'),
  ('function', 'ratebook.delete_config()', '4951e10dc9c9c520deda812b2fa052d8'),
  ('function', 'ratebook.delete_live_model(p_model_id uuid)', 'e30cb37d02a414a5ca00e45bb224ca0a'),
  ('function', 'ratebook.delete_llm_model()', '9a726db764da75efd27203c68d3c4cf1'),
  ('function', 'ratebook.delete_provider()', '92dc054c53e03b2e7d7086cb09095eed'),
  ('function', 'ratebook.differing_columns(p_old jsonb, p_here jsonb)', '348ffb5121288b9ecd22df8895b1e072'),
  ('function', 'ratebook.insert_job()', 'ced2c69f5462d2a01444e0ef1f2c03df'),
  ('function', 'ratebook.insert_rate_card()', '766721236450e97f75cad99b58618194'),
  ('function', 'ratebook.llm_model_flags(p_row compat.llm_models)', '159654a5ddf94447aa385433c374947f'),
  ('function', 'ratebook.llm_model_values(p_row compat.llm_models)', '58c8d4b510fdaed84b589f9ef8960b7c'),
  ('function', 'ratebook.lock_registry()', '4b296af3926a44f678b81233d735b1db'),
  ('function', 'ratebook.merge_supports(p_supports text[], p_flags jsonb)', '45146cfa4499f5b6a0d4a965e91ffb77'),
  ('function', 'ratebook.pricing_key(p_meter text, p_unit_type ai.unit_type_enum)', '717c7dc1a860be2bd5754e7e29b071ad'),
  ('function', 'ratebook.provider_auth(p_provider_id uuid)', '42f85a4fa8f3ff9d48b2c6ced89f4eca'),
  ('function', 'ratebook.provider_connection(p_provider_id uuid)', '906529923cea660674c338222ab76165'),
  ('function', 'ratebook.provider_values(p_row compat.providers)', 'eca8d89392275aea9cf84a2d6902bccd'),
  ('function', 'ratebook.rate_cards(p_model_id uuid)', 'a36890d62ebd48050c886aadf9ae1582'),
  ('function', 'ratebook.read_row(p_view regclass, p_key text[], p_row jsonb)', '2975c81744c1196a497de8d3a8f3cecc'),
  ('function', 'ratebook.read_times(p_view regclass, p_row jsonb)', '9801e1af9322fc336e172c2b171362c6'),
  ('function', 'ratebook.refuse_changes(p_old jsonb, p_new jsonb, p_columns text[])', '43658aa4f2b0e69116f45d4232e1899d'),
  ('function', 'ratebook.refuse_job_columns()', '8c132f194f62771323e7cbbba0dbf24c'),
  ('function', 'ratebook.refuse_long(p_view regclass, p_row jsonb)', 'd82cbbfd480b559e06dfe1ceeeec86aa'),
  ('function', 'ratebook.refuse_nulls(p_row jsonb, p_columns text[])', 'eab41886f51169218846bb2f516a56b2'),
  ('function', 'ratebook.resolve_row(p_table text, p_row jsonb, p_providers jsonb, p_names jsonb)', 'f940039dfb8d8d3cae0b718680b76b71'),
  ('function', 'ratebook.same_pricing(p_old jsonb, p_here jsonb)', '2144968875c016b91b8ea77b52b3c60a'),
  ('function', 'ratebook.save_api_model(p_id uuid, p_changes jsonb)', '3f8859573e28ead887eca7d4d4decebb'),
  ('function', 'ratebook.set_api_pricing(p_model_id uuid, p_pricing jsonb)', '27f06fa426c5dd34f7a9655a4428de2d'),
  ('function', 'ratebook.set_default_config(p_name text)', 'f4760c8f865b226c00b92c7f97aec7ba'),
  ('function', 'ratebook.set_provider_auth(p_provider_id uuid, p_name text, p_auth jsonb)', '9e64ea80ae80fa92360a6d9238ada880'),
  ('function', 'ratebook.switch_configs(p_names text[], p_is_active boolean)', 'e6812ef28e3b39c1907a64a0d8648b03'),
  ('function', 'ratebook.time_of_epoch(p_column text, p_value jsonb)', 'eff440a13ebf112264ea996e8922cc40'),
  ('function', 'ratebook.upsert_api_model(p_model jsonb)', '7123c5d7c906f6a62adff451a9bc88be'),
  ('function', 'ratebook.upsert_config(p_model jsonb)', 'c7a4c13225183e3e2c529489c9bb874c'),
  ('function', 'ratebook.upsert_llm_model(p_model jsonb)', 'aeffab1e59074f66ad9448a2dbaafbe0'),
  ('function', 'ratebook.upsert_provider(p_provider jsonb)', '5654a0e13ace40be8bee512f695e05a8'),
  ('function', 'ratebook.upsert_row(p_view regclass, p_key text[], p_row jsonb)', 'dd3179b7551629835ef66d86bbb5bb6a'),
  ('function', 'ratebook.validate_config_model(p_model text, p_type text)', '0aa72879f217d7b0bf7753cec7db9490'),
  ('function', 'ratebook.validate_config_size(p_model text, p_size text)', '8f7057ad5029190c205d7d5b7bee2bc2'),
  ('function', 'ratebook.visible_pricing(p_model_id uuid)', '5745780d7e2f04a3e81602464a92af91'),
  ('function', 'ratebook.write_api_model()', '04c67ab79d1a3e42342feadf5055184b'),
  ('function', 'ratebook.write_config()', 'f051a0233cda137ef703ac9f68fa2fef'),
  ('function', 'ratebook.write_llm_model()', '4c55a9dde1a805c17eb6242b9ef54ced'),
  ('function', 'ratebook.write_pricing(p_model_id uuid, p_old jsonb, p_new jsonb)', '5a7514cc12025ce0bce9106289ce1ec4'),
  ('function', 'ratebook.write_provider()', '7c0d59b53ebdec56b2f858893f662dc6'),
  ('privileges', 'compat.activate_models(model_names text[])', 'authenticated execute, service_role execute'),
  ('privileges', 'compat.adopt(system text, tables jsonb, dry_run boolean)', 'service_role execute'),
  ('privileges', 'compat.ai_model_config', 'authenticated delete+insert+select+update, service_role delete+insert+select+update'),
  ('privileges', 'compat.ai_models(type text, provider text, "default" boolean, model_name text)', 'authenticated execute, service_role execute'),
  ('privileges', 'compat.api_model_stats', 'authenticated select, service_role select'),
  ('privileges', 'compat.api_models', 'authenticated delete+insert+select+update, service_role delete+insert+select+update'),
  ('privileges', 'compat.api_models(compat.jobs)', 'authenticated execute, service_role execute'),
  ('privileges', 'compat.api_providers', 'authenticated delete+insert+select+update, service_role delete+insert+select+update'),
  ('privileges', 'compat.deactivate_models(model_names text[])', 'authenticated execute, service_role execute'),
  ('privileges', 'compat.get_cost_for_images(model text, num_images bigint)', 'authenticated execute, service_role execute'),
  ('privileges', 'compat.get_cost_for_tokens(model text, input_tokens bigint, output_tokens bigint)', 'authenticated execute, service_role execute'),
  ('privileges', 'compat.get_display_with_pricing(model text)', 'authenticated execute, service_role execute'),
  ('privileges', 'compat.has_role("user" uuid, role compat.app_role)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'compat.jobs', 'authenticated delete+insert+select, service_role delete+insert+select+update latency_ms+update output+update quality_rating+update status'),
  ('privileges', 'compat.jobs(compat.api_models)', 'authenticated execute, service_role execute'),
  ('privileges', 'compat.llm_models', 'anon select, authenticated select, service_role delete+insert+select+update'),
  ('privileges', 'compat.llm_providers', 'anon select, authenticated select, service_role delete+insert+select+update'),
  ('privileges', 'compat.model_profiles', 'authenticated delete+insert+select+update, service_role delete+insert+select+update'),
  ('privileges', 'compat.providers', 'anon select, authenticated delete+insert+select+update, service_role delete+insert+select+update'),
  ('privileges', 'compat.rate_cards', 'anon select, authenticated select+insert cache_read_cost_per_1m+insert cache_write_cost_per_1m+insert currency+insert effective_from+insert input_cost_per_1m+insert model+insert output_cost_per_1m+insert provider+insert provider_id+insert source, service_role select+insert cache_read_cost_per_1m+insert cache_write_cost_per_1m+insert currency+insert effective_from+insert input_cost_per_1m+insert model+insert output_cost_per_1m+insert provider+insert provider_id+insert source'),
  ('privileges', 'compat.set_default(model_name text)', 'authenticated execute, service_role execute'),
  ('privileges', 'compat.upsert_ai_model_config(model jsonb)', 'authenticated execute, service_role execute'),
  ('privileges', 'compat.upsert_api_model(model jsonb)', 'authenticated execute, service_role execute'),
  ('privileges', 'compat.upsert_llm_model(model jsonb)', 'service_role execute'),
  ('privileges', 'compat.upsert_provider(provider jsonb)', 'authenticated execute, service_role execute'),
  ('privileges', 'compat.validate_model(model text, model_type text)', 'authenticated execute, service_role execute'),
  ('privileges', 'compat.validate_size(model text, size text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.adopt(p_system text, p_tables jsonb, p_dry_run boolean)', 'service_role execute'),
  ('privileges', 'ratebook.adopt_row(p_view regclass, p_key text[], p_row jsonb, OUT outcome text, OUT id uuid)', ''),
  ('privileges', 'ratebook.adopted_tables()', ''),
  ('privileges', 'ratebook.api_billing_unit(p_price_keys text[])', ''),
  ('privileges', 'ratebook.api_price_key(p_meter text, p_unit_type ai.unit_type_enum)', ''),
  ('privileges', 'ratebook.api_pricing(p_model_id uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.assert_adoptable(p_system text, p_tables jsonb)', ''),
  ('privileges', 'ratebook.assert_config_currency(p_model text, p_currency text)', ''),
  ('privileges', 'ratebook.assert_config_type(p_type text)', ''),
  ('privileges', 'ratebook.assert_own_job()', ''),
  ('privileges', 'ratebook.change_job()', ''),
  ('privileges', 'ratebook.changed_values(p_old jsonb, p_new jsonb)', ''),
  ('privileges', 'ratebook.config_cost(p_model text, p_usage jsonb, p_decimals integer)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.config_cost_of(p_model_id uuid, p_meter text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.config_flags(p_row compat.ai_model_config)', ''),
  ('privileges', 'ratebook.config_model(p_model text, p_type text, p_active boolean)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.config_pricing(p_row compat.ai_model_config)', ''),
  ('privileges', 'ratebook.config_values(p_row compat.ai_model_config)', ''),
  ('privileges', 'ratebook.delete_config()', ''),
  ('privileges', 'ratebook.delete_live_model(p_model_id uuid)', ''),
  ('privileges', 'ratebook.delete_llm_model()', ''),
  ('privileges', 'ratebook.delete_provider()', ''),
  ('privileges', 'ratebook.differing_columns(p_old jsonb, p_here jsonb)', ''),
  ('privileges', 'ratebook.insert_job()', ''),
  ('privileges', 'ratebook.insert_rate_card()', ''),
  ('privileges', 'ratebook.llm_model_flags(p_row compat.llm_models)', ''),
  ('privileges', 'ratebook.llm_model_values(p_row compat.llm_models)', ''),
  ('privileges', 'ratebook.lock_registry()', ''),
  ('privileges', 'ratebook.merge_supports(p_supports text[], p_flags jsonb)', ''),
  ('privileges', 'ratebook.pricing_key(p_meter text, p_unit_type ai.unit_type_enum)', ''),
  ('privileges', 'ratebook.provider_auth(p_provider_id uuid)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.provider_connection(p_provider_id uuid)', ''),
  ('privileges', 'ratebook.provider_values(p_row compat.providers)', ''),
  ('privileges', 'ratebook.rate_cards(p_model_id uuid)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.read_row(p_view regclass, p_key text[], p_row jsonb)', ''),
  ('privileges', 'ratebook.read_times(p_view regclass, p_row jsonb)', ''),
  ('privileges', 'ratebook.refuse_changes(p_old jsonb, p_new jsonb, p_columns text[])', ''),
  ('privileges', 'ratebook.refuse_job_columns()', ''),
  ('privileges', 'ratebook.refuse_long(p_view regclass, p_row jsonb)', ''),
  ('privileges', 'ratebook.refuse_nulls(p_row jsonb, p_columns text[])', ''),
  ('privileges', 'ratebook.resolve_row(p_table text, p_row jsonb, p_providers jsonb, p_names jsonb)', ''),
  ('privileges', 'ratebook.same_pricing(p_old jsonb, p_here jsonb)', ''),
  ('privileges', 'ratebook.save_api_model(p_id uuid, p_changes jsonb)', ''),
  ('privileges', 'ratebook.set_api_pricing(p_model_id uuid, p_pricing jsonb)', ''),
  ('privileges', 'ratebook.set_default_config(p_name text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.set_provider_auth(p_provider_id uuid, p_name text, p_auth jsonb)', ''),
  ('privileges', 'ratebook.switch_configs(p_names text[], p_is_active boolean)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.time_of_epoch(p_column text, p_value jsonb)', ''),
  ('privileges', 'ratebook.upsert_api_model(p_model jsonb)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.upsert_config(p_model jsonb)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.upsert_llm_model(p_model jsonb)', 'service_role execute'),
  ('privileges', 'ratebook.upsert_provider(p_provider jsonb)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.upsert_row(p_view regclass, p_key text[], p_row jsonb)', ''),
  ('privileges', 'ratebook.validate_config_model(p_model text, p_type text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.validate_config_size(p_model text, p_size text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.visible_pricing(p_model_id uuid)', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.write_api_model()', ''),
  ('privileges', 'ratebook.write_config()', ''),
  ('privileges', 'ratebook.write_llm_model()', ''),
  ('privileges', 'ratebook.write_pricing(p_model_id uuid, p_old jsonb, p_new jsonb)', ''),
  ('privileges', 'ratebook.write_provider()', ''),
  ('privileges', 'schema compat', 'anon usage, authenticated usage, service_role usage'),
  ('schema', 'compat', ''),
  ('trigger', 'ai_model_config_delete on compat.ai_model_config', '50a15a101564c1187fef3263a43d59d0'),
  ('trigger', 'ai_model_config_require_privileged on compat.ai_model_config', 'b67cd4e629f45ac6903cb1cf28940c70'),
  ('trigger', 'ai_model_config_write on compat.ai_model_config', '7f5f2075ad2424b5ad08336e366c3ef3'),
  ('trigger', 'api_model_stats_refuse_write on compat.api_model_stats', 'a8abf9b45c9ce570d5f55a608448f8ae'),
  ('trigger', 'api_models_require_privileged on compat.api_models', '1de92fb5e032b80df4509ddf03902150'),
  ('trigger', 'api_models_write on compat.api_models', 'b5ebb4b46de4e9678f6169df900c75ad'),
  ('trigger', 'jobs_assert_own on compat.jobs', '1b74ef8b12cd029631012131a6e463a9'),
  ('trigger', 'jobs_change on compat.jobs', '0a62bcab2d872d3d46be24cd5ab894ff'),
  ('trigger', 'jobs_check_columns on compat.jobs', '485c881bb30cf7fcdb97fd9b8bff4a32'),
  ('trigger', 'jobs_insert on compat.jobs', '91f173808f4a76c5a41f331c845b93b1'),
  ('trigger', 'llm_models_delete on compat.llm_models', '0a048c65ad890f90ede7dcdc6b99ed6c'),
  ('trigger', 'llm_models_require_privileged on compat.llm_models', '9499b9414611fc418837c712dd2bc549'),
  ('trigger', 'llm_models_write on compat.llm_models', 'a80333ff6e9a0b58795520c54831e77a'),
  ('trigger', 'providers_delete on compat.providers', 'bd20be7d54955ddf9eb28d6b45c0824a'),
  ('trigger', 'providers_require_privileged on compat.providers', 'fa83c48365e886bbce334119599313d4'),
  ('trigger', 'providers_write on compat.providers', '9f0dd09b72ab56f45ffe408ff0446380'),
  ('trigger', 'rate_cards_insert on compat.rate_cards', 'be789a5a4f83f65e74d4a4d4764a9bcf'),
  ('trigger', 'rate_cards_refuse_change on compat.rate_cards', '22494d9b7ad215a42c49553586104687'),
  ('trigger', 'rate_cards_require_privileged on compat.rate_cards', '9388cdf63526fe96cedd572476a5bbd9'),
  ('type', 'compat.app_role', 'd41d8cd98f00b204e9800998ecf8427e'),
  ('view', 'compat.ai_model_config', 'ae327ac2816350e4c69811964ac408f3'),
  ('view', 'compat.api_model_stats', '185b30652d96cff26ce6836f55a625fb'),
  ('view', 'compat.api_models', 'ead1aad62c4edcad4da5b528fe2a07d1'),
  ('view', 'compat.api_providers', 'd82510045abd72f698edfbfab4a0153b'),
  ('view', 'compat.jobs', '3abb5d7787aeb56e7daa14f57b54f0da'),
  ('view', 'compat.llm_models', '0030beea97ddd1c889b4d339676e16ae'),
  ('view', 'compat.llm_providers', '89d350188e51b0e2a34d75c24e34036c'),
  ('view', 'compat.model_profiles', '61b342b286311e621fc858d9b04e7f68'),
  ('view', 'compat.providers', 'b2fefbc62dba281ab13f08d5b05350ec'),
  ('view', 'compat.rate_cards', '23373bee91993762c3f7257b441af98b')
) as o (kind, name, state);

select ratebook.close_privileges('90_compat');
