-- Ratebook's platform (module core). Made from sql/ and policies/: edit those.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

-- Nothing is changed yet: all that stands in the way of core is named at once.
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
    wanted (module, schema_name, relations, functions) as (values
      ('compat', 'compat',
        '{ai_model_config, api_model_stats, api_models, api_providers, app_role, jobs, llm_models, llm_providers,
          model_profiles, providers, rate_cards}'::text[],
        '{activate_models, adopt, ai_models, deactivate_models, get_cost_for_images, get_cost_for_tokens,
          get_display_with_pricing, has_role, set_default, upsert_ai_model_config, upsert_api_model, upsert_llm_model,
          upsert_provider, validate_model, validate_size}'::text[]),
      ('core', 'ai',
        '{ai_capability_enum, auth_scheme_enum, feature_model_policies, feature_model_policies_feature_key_model_id_key,
          feature_model_policies_model_id_idx, feature_model_policies_pkey, features, features_id_key, features_pkey,
          generation_status_enum, generations, generations_lenser_id_id_idx, generations_media_id_idx,
          generations_model_id_idx, generations_pkey, meters, meters_falls_back_to_idx, meters_key_unit_type_key,
          meters_pkey, model_aliases, model_aliases_model_id_idx, model_aliases_pkey, model_price_sources,
          model_price_sources_key, model_price_sources_pkey, model_pricing, model_pricing_key, model_pricing_meter_idx,
          model_pricing_pkey, model_pricing_service_tier_idx, model_profiles,
          model_profiles_canonical_equivalent_id_idx, model_profiles_name_key, model_profiles_pkey,
          model_profiles_provider_id_idx, model_status_enum, model_tier_enum, models, models_active_priority_idx,
          models_default_idx, models_key_key, models_modality_task_idx, models_pkey,
          models_provider_id_provider_model_key_key, models_search_idx, models_successor_id_idx,
          one_default_per_modality_and_task, provider_connections, provider_connections_name_key,
          provider_connections_pkey, provider_connections_provider_id_idx, provider_contract_enum, provider_enum,
          providers, providers_canonical_equivalent_id_idx, providers_key_key, providers_pkey, resources, service_tiers,
          service_tiers_pkey, tier_mode_enum, unit_type_enum}'::text[],
        '{activate_models, backfill_generations, charges, deactivate_models, erase_lenser, export_prices,
          extend_partitions, find_model, finish_generation, import_catalogue, merge_models, model_as_of,
          normalize_usage, pre_request, prices_in_force, ratebook_version, retire_model, schedule_price, self_check,
          set_default_model}'::text[]),
      ('core', 'billing',
        '{account_members, account_members_account_id_lenser_id_idx, account_members_lenser_id_idx,
          account_members_member_id_idx, account_members_pkey, accounts, accounts_lenser_id_idx,
          accounts_next_event_at_idx, accounts_pkey, amount, balances, budget_period_enum, budget_periods,
          budget_periods_budget_id_lenser_id_idx, budget_periods_lenser_id_idx, budget_periods_pkey, budgets,
          budgets_feature_id_idx, budgets_key, budgets_model_id_idx, budgets_pkey, charge_costs, charge_costs_pkey,
          charges, charges_generation_id_idx, charges_lenser_id_account_id_idx, charges_member_id_idx, charges_pkey,
          credit_rates, credit_rates_key, credit_rates_pkey, entry_kind_enum, execution_margin_policies,
          execution_margin_policies_feature_id_idx, execution_margin_policies_key,
          execution_margin_policies_model_id_idx, execution_margin_policies_pkey,
          execution_margin_policies_provider_id_idx, grants, grants_burn_order_idx, grants_lenser_id_account_id_idx,
          grants_pkey, grants_recurring_grant_id_idx, grants_source_external_ref_idx, hold_status_enum, holds,
          holds_account_id_open_idx, holds_lenser_id_account_id_idx, holds_pkey, holds_spender_id_open_idx,
          idempotency_keys, idempotency_keys_created_at_idx, idempotency_keys_pkey, ledger_entries,
          ledger_entries_backdated_idx, ledger_entries_charge_id_idx, ledger_entries_lenser_id_account_id_idx,
          ledger_entries_pkey, outbox, outbox_account_id_lenser_id_idx, outbox_lenser_id_idx, outbox_pkey,
          outbox_undelivered_idx, recurring_grants, recurring_grants_account_id_lenser_id_idx,
          recurring_grants_lenser_id_idx, recurring_grants_pkey, revenue_by_day, signed_amount, usage_by_day}'::text[],
        '{authorize_credits, calculate_credit_cost, capture_hold, charge_generation, charge_generations,
          create_recurring_grant, end_recurring_grant, generation, get_balance, grant_credits, purge_idempotency_keys,
          quote, quote_many, refund_charge, release_hold, remove_member, reprice_generations, self_check, set_member,
          sweep_accounts}'::text[]),
      ('core', 'content',
        '{media_library, media_library_lenser_id_idx, media_library_object_id_idx, media_library_pkey}'::text[],
        '{}'::text[]),
      ('core', 'lensers',
        '{app_role, audit_history, audit_history_changed_at_idx, audit_history_pkey,
          audit_history_table_name_row_key_id_idx, profiles, profiles_pkey, profiles_user_id_key, user_roles,
          user_roles_pkey}'::text[],
        '{has_role}'::text[]),
      ('core', 'media',
        '{objects, objects_lenser_id_bucket_path_key, objects_pkey}'::text[],
        '{}'::text[])
    ),

    -- A relation is a type as well, so each is in the way of the other. Functions are told apart by name alone: overloads
    -- leave PostgREST without a choice.
    clashes (module, schema_name, what) as (
      select w.module, w.schema_name, pg_describe_object('pg_class'::regclass, c.oid, 0)
      from wanted as w
      inner join pg_namespace as n on n.nspname = w.schema_name
      inner join pg_class as c on c.relnamespace = n.oid and c.relname = any(w.relations)
      union all
      select w.module, w.schema_name, pg_describe_object('pg_type'::regclass, t.oid, 0)
      from wanted as w
      inner join pg_namespace as n on n.nspname = w.schema_name
      inner join pg_type as t on t.typnamespace = n.oid and t.typname = any(w.relations) and t.typrelid = 0
      union all
      select w.module, w.schema_name, pg_describe_object('pg_proc'::regclass, p.oid, 0)
      from wanted as w
      inner join pg_namespace as n on n.nspname = w.schema_name
      inner join pg_proc as p on p.pronamespace = n.oid and p.proname = any(w.functions)
      union all
      -- The inside is Ratebook's alone.
      select distinct w.module, 'ratebook', 'schema ratebook'
      from wanted as w
      where w.module = 'core' and to_regnamespace('ratebook') is not null
      union all
      select distinct w.module, 'public', 'type public.pricing_tier_enum with other labels'
      from wanted as w
      where w.module = 'core' and to_regtype('public.pricing_tier_enum') is not null
        and (
          select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum as e
          where e.enumtypid = to_regtype('public.pricing_tier_enum')
        ) is distinct from array['free', 'paid', 'enterprise']
    ),

    -- The project's schemas that Ratebook would share.
    shared as (
      select distinct w.module, n.oid, n.nspname::text as schema_name, n.nspowner
      from wanted as w
      inner join pg_namespace as n on n.nspname = w.schema_name
    ),

    -- The one privilege that Ratebook adds: USAGE for roles that have none.
    admitted as (
      select s.*, r.oid as role_oid, r.rolname
      from shared as s
      inner join pg_roles as r on r.rolname in ('anon', 'authenticated', 'service_role')
      where
        not has_schema_privilege(r.oid, s.oid, 'usage')
        and s.schema_name <> all (
          regexp_split_to_array(coalesce(current_setting('ratebook.accept_reachable', true), ''), '[\s,]+')
        )
    ),

    reachable (module, schema_name, what, role) as (
      select a.module, a.schema_name, pg_describe_object('pg_class'::regclass, c.oid, 0), a.rolname
      from admitted as a
      inner join pg_class as c on c.relnamespace = a.oid
      where
        case c.relkind
          when 'S' then has_sequence_privilege(a.role_oid, c.oid, 'usage, select, update')
          when 'i' then false
          when 'I' then false
          when 't' then false
          when 'c' then false
          else has_table_privilege(a.role_oid, c.oid, 'select, insert, update, delete, truncate')
            or has_any_column_privilege(a.role_oid, c.oid, 'select, insert, update')
        end
      union all
      select a.module, a.schema_name, pg_describe_object('pg_proc'::regclass, p.oid, 0), a.rolname
      from admitted as a
      inner join pg_proc as p on p.pronamespace = a.oid
      where has_function_privilege(a.role_oid, p.oid, 'execute') and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
    )

    select c.module, 'clash' as problem, c.schema_name, c.what from clashes as c
    union
    select s.module, 'not_allowed', s.schema_name, 'schema ' || s.schema_name from shared as s
    where not (
      has_schema_privilege(s.oid, 'create')
      and (pg_has_role(s.nspowner, 'usage') or has_schema_privilege(s.oid, 'usage with grant option'))
    )
    union
    select r.module, 'reachable', r.schema_name, r.what || ' (' || string_agg(r.role, ', ' order by r.role) || ')'
    from reachable as r
    group by r.module, r.schema_name, r.what
  )
  select
    string_agg(f.what, ', ' order by f.what) filter (where f.module = 'core' and f.problem = 'clash'),
    string_agg(f.what, ', ' order by f.what) filter (where f.module = 'core' and f.problem = 'not_allowed'),
    string_agg(f.what, ', ' order by f.what) filter (where f.module = 'core' and f.problem = 'reachable'),
    string_agg(distinct f.schema_name, ',') filter (where f.module = 'core' and f.problem = 'reachable'),
    string_agg(f.what || ' (module ' || f.module || ')', ', ' order by f.what)
      filter (where f.module <> 'core' and f.problem = 'clash')
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


-- from sql/10_platform/010_schema_ratebook.sql

create schema ratebook;

-- No API role has usage on this schema. Exposed functions, policies, defaults and triggers reach it because
-- PostgreSQL binds the functions they name when they are created, not when they run.
revoke all on schema ratebook from public;

-- Every function sets search_path to pg_catalog, pg_temp. An empty path would still look for types and tables in the
-- caller's pg_temp, and first: a domain there called uuid would run as the owner.

comment on schema ratebook is
'Ratebook''s inside: partitions, trigger functions and SECURITY DEFINER functions. Never exposed through the API; no API role has usage on it.';

-- from sql/10_platform/012_table_manifest.sql

-- What Ratebook consists of, and what it found: so that a changed database is not called current, and the way back takes
-- Ratebook's own and nothing else. Each migration writes down what it made.

create table ratebook.manifest (
  kind text not null,
  name text not null,
  module text not null,
  domain text not null,
  state text not null,
  constraint manifest_pkey primary key (kind, name)
);

create table ratebook.found (
  kind text not null,
  name text not null,
  constraint found_pkey primary key (kind, name)
);

comment on table ratebook.manifest is
'What the migrations made: one row for each object, as ratebook.describe() told it in a database that was just built.';
comment on column ratebook.manifest.kind is 'schema, table, view, function, type, constraint, index, trigger, policy or privileges.';
comment on column ratebook.manifest.name is 'The object with its schema, such as ai.models, or "ai_models_read_all on ai.models".';
comment on column ratebook.manifest.module is 'core, or a module that can be left out.';
comment on column ratebook.manifest.domain is 'The folder of sql/ that it is from.';
comment on column ratebook.manifest.state is 'md5 of its definition; for privileges the privileges themselves.';
comment on table ratebook.found is
'What stood before Ratebook came and stays when it goes: schemas, types, and USAGE on schemas that API roles had.';
comment on column ratebook.found.kind is 'schema, type or usage.';
comment on column ratebook.found.name is 'The schema or the type; for usage the schema, a blank and the role.';

-- from sql/10_platform/014_function_take_schema.sql

create function ratebook.take_schema(p_name text, p_comment text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_role text;
begin
  if to_regnamespace(quote_ident(p_name)) is null then
    execute format('create schema %I', p_name);
    execute format('comment on schema %I is %L', p_name, p_comment);
  else
    insert into ratebook.found (kind, name) values ('schema', p_name);
  end if;
  -- The one privilege that is added to what the project has; what it had stays when Ratebook goes.
  foreach v_role in array '{anon,authenticated,service_role}'::text[] loop
    if has_schema_privilege(v_role, p_name, 'usage') then
      insert into ratebook.found (kind, name) values ('usage', p_name || ' ' || v_role);
    end if;
    execute format('grant usage on schema %I to %I', p_name, v_role);
  end loop;
end;
$$;

create function ratebook.give_back_schema(p_name text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_role text;
begin
  if not exists (select from ratebook.found as f where f.kind = 'schema' and f.name = p_name) then
    execute format('drop schema %I', p_name);
    return;
  end if;
  foreach v_role in array '{anon,authenticated,service_role}'::text[] loop
    if not exists (select from ratebook.found as f where f.kind = 'usage' and f.name = p_name || ' ' || v_role) then
      execute format('revoke usage on schema %I from %I', p_name, v_role);
    end if;
  end loop;
  delete from ratebook.found as f where f.name = p_name or f.name like p_name || ' %';
end;
$$;

create function ratebook.give_back_type(p_name text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from ratebook.found as f where f.kind = 'type' and f.name = p_name;
  if not found then
    execute format('drop type %s', p_name::regtype);
  end if;
end;
$$;

revoke all on function ratebook.take_schema(text, text) from public;
revoke all on function ratebook.give_back_type(text) from public;
revoke all on function ratebook.give_back_schema(text) from public;

comment on function ratebook.take_schema(text, text) is
'For migrations: makes a schema of the API, or takes the project''s of that name, and lets the API roles use it. The comment is for a new one.';
comment on function ratebook.give_back_schema(text) is
'For the way back: drops a schema that Ratebook made; from one that it found it takes back the USAGE that it gave.';
comment on function ratebook.give_back_type(text) is
'For the way back: drops a type outside Ratebook''s schemas, unless the project had it before.';

-- from sql/10_platform/020_function_clock.sql

-- plpgsql, like every small function that is called once per request: a SQL function with a search_path is planned anew
-- at each call.
create function ratebook.clock() returns timestamptz
language plpgsql volatile parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return clock_timestamp();
end;
$$;

-- Defaults, policies and function arguments call it in the name of the API roles.
revoke all on function ratebook.clock() from public;
grant execute on function ratebook.clock() to anon, authenticated, service_role;

comment on function ratebook.clock() is
'The only source of time in Ratebook: the wall clock, not the start of the transaction. Tests replace the function; no setting can move it.';

-- from sql/10_platform/030_function_fail.sql

-- Every error code of Ratebook, in one place. PostgREST turns PTxyz into HTTP status xyz and 42501 into 403.
create function ratebook.fail(
  p_error text,
  p_message text,
  p_hint text default null,
  p_detail jsonb default '{}'
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_code text := case p_error
    -- 400: what PostgREST could answer, and must not
    when 'estimated_count' then 'PT400'
    when 'query_plan' then 'PT400'
    -- 402: not enough to pay it
    when 'insufficient_credits' then 'PT402'
    when 'budget_exceeded' then 'PT402'
    when 'member_limit_exceeded' then 'PT402'
    -- 404: the name means nothing, or nothing that the caller may know of
    when 'unknown_model' then 'PT404'
    when 'unknown_feature' then 'PT404'
    when 'unknown_lenser' then 'PT404'
    when 'unknown_generation' then 'PT404'
    when 'unknown_account' then 'PT404'
    when 'unknown_hold' then 'PT404'
    when 'unknown_charge' then 'PT404'
    -- 409: more than one meaning, or the wrong state
    when 'ambiguous_model' then 'PT409'
    when 'append_only' then 'PT409'
    when 'idempotency_conflict' then 'PT409'
    when 'hold_not_open' then 'PT409'
    when 'inactive_model' then 'PT409'
    when 'deleted_model' then 'PT409'
    when 'refund_exceeds_charge' then 'PT409'
    when 'in_use' then '2BP01'
    when 'locked' then '55P03'
    when 'duplicate_rate_card' then '23505'
    -- 422: what was sent cannot be used
    when 'invalid_amount' then 'PT422'
    when 'invalid_usage' then 'PT422'
    when 'unknown_meter' then 'PT422'
    when 'unknown_format' then 'PT422'
    when 'unknown_service_tier' then 'PT422'
    when 'invalid_size' then 'PT422'
    when 'not_a_number' then 'PT422'
    when 'negative_quantity' then 'PT422'
    when 'quantity_out_of_range' then 'PT422'
    when 'no_price' then 'PT422'
    when 'no_credit_rate' then 'PT422'
    when 'no_margin_policy' then 'PT422'
    when 'invalid_time' then 'PT422'
    when 'invalid_argument' then 'PT422'
    when 'unknown_provider' then 'PT422'
    when 'cyclic_fallback' then 'PT422'
    when 'invalid_feed' then 'PT422'
    when 'too_many_windows' then 'PT422'
    when 'owner_required' then 'PT422'
    -- 403: not yours
    when 'not_allowed' then '42501'
    when 'media_not_owned' then '42501'
    when 'erased_lenser' then '42501'
  end;
begin
  if v_code is null then
    raise exception 'Ratebook has no error called %.', p_error using errcode = 'XX000';
  end if;
  raise exception using
    errcode = v_code,
    message = p_message,
    hint = coalesce(p_hint, ''),
    detail = (jsonb_build_object('error', p_error) || p_detail)::text;
end;
$$;

revoke all on function ratebook.fail(text, text, text, jsonb) from public;

comment on function ratebook.fail(text, text, text, jsonb) is
'Raises one of Ratebook''s errors and is the one table of their codes. MESSAGE: a sentence for a person. HINT: what to do. DETAIL: JSON with the stable token "error" and the facts.';

-- from sql/10_platform/035_function_require_owner.sql

-- A database setting: it is a property of the one database, a shard, and not of the project; and domains that know
-- nothing of each other ask it. It guards no rows: one who turns it off in a session is looked up here, nowhere else.
create function ratebook.require_owner() returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(nullif(current_setting('ratebook.owner_required', true), ''), 'off')::boolean then
    perform ratebook.fail('owner_required', 'The call does not name the owner.',
      'Pass owner: the lenser of the account, or of the generation.');
  end if;
end;
$$;

revoke all on function ratebook.require_owner() from public;

comment on function ratebook.require_owner() is
'For a call that names no owner: refuses it where the setting ratebook.owner_required of the database is on (alter database … set ratebook.owner_required = on; by a superuser, or by who may SET it), as on a shard behind a front; elsewhere the owner is looked up. Error: owner_required (PT422).';

-- from sql/10_platform/040_function_caller.sql

create function ratebook.caller() returns text
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(nullif(current_setting('role'), 'none'), session_user);
end;
$$;

revoke all on function ratebook.caller() from public;

comment on function ratebook.caller() is
'The database role that sent the statement, also inside SECURITY DEFINER functions, where current_user is the owner.';

-- from sql/10_platform/050_function_uuid_v7.sql

-- RFC 9562 version 7: 48 bits of milliseconds, then (its method 3) 12 bits of the fraction of the millisecond, then
-- random bits. 12 bits hold every microsecond, so the time can be read back exactly: created_at is computed from id.

create function ratebook.uuid_v7(p_at timestamptz default ratebook.clock()) returns uuid
language plpgsql volatile parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_us bigint := extract(epoch from p_at) * 1000000;
begin
  -- Milliseconds, the version (7), 4096ths of a millisecond; then the variant and the random bits of a version 4.
  return encode(
    int8send(v_us / 1000 * 65536 + 7 * 4096 + v_us % 1000 * 4096 / 1000) || substring(uuid_send(gen_random_uuid()) from 9),
    'hex'
  )::uuid;
end;
$$;

create function ratebook.uuid_v7_floor(p_at timestamptz) returns uuid
language sql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
return rpad(
  encode(substring(int8send(floor(extract(epoch from p_at) * 1000)::bigint) from 3), 'hex'), 32, '0'
)::uuid;

create function ratebook.uuid_v7_time(p_id uuid) returns timestamptz
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bits bit(64) := ('x' || encode(substring(uuid_send(p_id) for 8), 'hex'))::bit(64);
  v_ms bigint := substring(v_bits for 48)::bigint;
  v_fraction integer := substring(v_bits from 53)::integer;
begin
  return to_timestamp(v_ms / 1000) + (v_ms % 1000 * 1000 + (v_fraction * 1000 + 4095) / 4096) * interval '1 microsecond';
end;
$$;

revoke all on function ratebook.uuid_v7(timestamptz) from public;
revoke all on function ratebook.uuid_v7_floor(timestamptz) from public;
revoke all on function ratebook.uuid_v7_time(uuid) from public;
-- Column defaults and generated columns run in the name of the writer.
grant execute on function ratebook.uuid_v7(timestamptz) to authenticated, service_role;
grant execute on function ratebook.uuid_v7_time(uuid) to authenticated, service_role;

comment on function ratebook.uuid_v7(timestamptz) is
'A new UUIDv7 for the given time, in order to the microsecond.';
comment on function ratebook.uuid_v7_floor(timestamptz) is
'The lowest UUID of the millisecond of a time: no ratebook.uuid_v7() of that time or later is below it.';
comment on function ratebook.uuid_v7_time(uuid) is
'The time inside a UUIDv7, exact to the microsecond for ids made by ratebook.uuid_v7().';

-- from sql/10_platform/060_function_refuse_change.sql

create function ratebook.refuse_change() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.fail(
    'append_only',
    format('%s on %I.%I is refused: its rows are history and never change.', tg_op, tg_table_schema, tg_table_name),
    tg_argv[0],
    jsonb_build_object('table', tg_table_schema || '.' || tg_table_name, 'operation', tg_op)
  );
  return null;
end;
$$;

revoke all on function ratebook.refuse_change() from public;

comment on function ratebook.refuse_change() is
'Statement trigger that refuses its operation for every role, the owner included. Argument: the hint. Error: append_only (PT409).';

-- from sql/10_platform/070_function_stamp.sql

create function ratebook.stamp() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  new.updated_at := ratebook.clock();
  if to_jsonb(new) ? 'updated_by' then
    new.updated_by := auth.uid();
  end if;
  return new;
end;
$$;

revoke all on function ratebook.stamp() from public;

comment on function ratebook.stamp() is
'Row trigger before update: sets updated_at and, where the table has it, updated_by (the JWT subject; NULL for direct SQL).';

-- from sql/10_platform/080_function_make_partitions.sql

create function ratebook.make_partitions(
  p_table regclass,
  p_from timestamptz,
  p_until timestamptz
) returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_month timestamp := date_trunc('month', p_from at time zone 'UTC');
  v_name text;
  v_made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('ratebook.partitions', 0));
  while v_month < p_until at time zone 'UTC' loop
    v_name := replace(p_table::text, '.', '_') || to_char(v_month, '_YYYY_MM');
    if to_regclass(format('ratebook.%I', v_name)) is null then
      execute format(
        'create table ratebook.%I partition of %s for values from (%L) to (%L)',
        v_name,
        p_table,
        ratebook.uuid_v7_floor(v_month at time zone 'UTC'),
        ratebook.uuid_v7_floor((v_month + interval '1 month') at time zone 'UTC')
      );
      execute format('alter table ratebook.%I enable row level security', v_name);
      execute format('revoke all on ratebook.%I from public, anon, authenticated, service_role', v_name);
      execute format(
        'create trigger refuse_truncate before truncate on ratebook.%I '
        'for each statement execute function ratebook.refuse_change(%L)',
        v_name, 'Detach old partitions with ratebook.detach_partitions() instead.'
      );
      execute format('alter table ratebook.%I enable always trigger refuse_truncate', v_name);
      v_made := v_made + 1;
    elsif not exists (
      select from pg_catalog.pg_inherits as i
      where i.inhrelid = to_regclass(format('ratebook.%I', v_name)) and i.inhparent = p_table
    ) then
      perform ratebook.fail(
        'invalid_argument', format('The partition of %s was detached.', to_char(v_month, 'YYYY-MM')),
        format('Attach, rename or drop ratebook.%I first.', v_name)
      );
    end if;
    v_month := v_month + interval '1 month';
  end loop;
  return v_made;
end;
$$;

revoke all on function ratebook.make_partitions(regclass, timestamptz, timestamptz) from public;

comment on function ratebook.make_partitions(regclass, timestamptz, timestamptz) is
'Makes the monthly (UTC) partitions of a table keyed by UUIDv7 that cover a span of time, in schema ratebook, with RLS on, no grants and a guard against TRUNCATE. Returns how many were missing.';

-- from sql/10_platform/090_function_partitions_end.sql

create function ratebook.partitioned_tables() returns setof regclass
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select c.oid::regclass
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where c.relkind = 'p' and n.nspname in ('ai', 'billing')
  order by n.nspname, c.relname;
end;

create function ratebook.partitions_end(p_table regclass) returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
return (
  select
    max(
      ratebook.uuid_v7_time(
        (regexp_match(pg_get_expr(c.relpartbound, c.oid), $$TO \('([0-9a-f-]+)'\)$$))[1]::uuid
      )
    )
  from pg_catalog.pg_inherits as i
  inner join pg_catalog.pg_class as c on c.oid = i.inhrelid
  where i.inhparent = p_table
);

revoke all on function ratebook.partitioned_tables() from public;
revoke all on function ratebook.partitions_end(regclass) from public;

comment on function ratebook.partitioned_tables() is
'The tables that are kept in monthly partitions.';
comment on function ratebook.partitions_end(regclass) is
'The time at which the partitions of a table end: rows of that time or later have no place yet.';

-- from sql/10_platform/100_function_extend_partitions.sql

create function ratebook.extend_partitions(p_table regclass, p_months integer default 24) returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_until timestamptz;
begin
  if (p_months between 1 and 120) is not true then
    perform ratebook.fail('invalid_argument', format('%s months of partitions are not possible.', p_months),
      'Ask for 1 to 120.');
  end if;
  v_until := ratebook.clock() + make_interval(months => p_months);
  if to_regclass(format(
    'ratebook.%I',
    replace(p_table::text, '.', '_') || to_char(v_until at time zone 'UTC' - interval '1 month', '_YYYY_MM')
  )) is not null then
    return 0;
  end if;
  return ratebook.make_partitions(p_table, ratebook.clock(), v_until);
end;
$$;

create function ratebook.extend_partitions_if_short(variadic p_tables regclass[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
declare
  v_referenced text;
begin
  if exists (
    select from unnest(p_tables) as t (name)
    where to_regclass(format(
      'ratebook.%I',
      replace(t.name::text, '.', '_') || to_char(ratebook.clock() at time zone 'UTC' + interval '2 months', '_YYYY_MM')
    )) is null
  ) and pg_try_advisory_xact_lock(hashtextextended('ratebook.partitions', 0)) then
    begin
      -- First what foreign keys refer to, against all who write: who is under way has a row of it and comes to an end,
      -- who comes later has nothing yet. The foreign keys of new partitions lock it anyway.
      select string_agg(f.name, ', ' order by f.place) into v_referenced
      from (
        select c.confrelid::regclass::text, min(array_position(p_tables, c.conrelid::regclass))
        from pg_catalog.pg_constraint as c
        where c.contype = 'f' and c.conrelid = any(p_tables)
        group by c.confrelid
      ) as f (name, place);
      execute format('lock table %s in exclusive mode', v_referenced);
      execute format('lock table %s in access exclusive mode', array_to_string(p_tables, ', '));
      perform ratebook.extend_partitions(t.name) from unnest(p_tables) as t (name);
    exception
      -- There are months left: rather than wait while others do, it leaves the task to the next writer.
      when lock_not_available then
        null;
    end;
  end if;
end;
$$;

revoke all on function ratebook.extend_partitions(regclass, integer) from public;
revoke all on function ratebook.extend_partitions_if_short(regclass[]) from public;

comment on function ratebook.extend_partitions(regclass, integer) is
'Keeps the given number of months of partitions ahead of now (24 unless told). Returns how many were made; usually none.';
comment on function ratebook.extend_partitions_if_short(regclass[]) is
'For writers, at each write: makes partitions when one of the tables that it writes has fewer than two months of them left. Usually one catalog lookup for each.';

-- from sql/10_platform/110_function_detach_partitions.sql

create function ratebook.detach_partitions(p_table regclass, p_before timestamptz) returns setof text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_name text;
begin
  if exists (
    select from pg_catalog.pg_trigger as t
    where t.tgrelid = p_table and t.tgfoid = 'ratebook.refuse_change'::regproc and not t.tgisinternal and t.tgtype & 8 > 0
  ) then
    perform ratebook.fail('invalid_argument', format('%s is history and stays.', p_table),
      'Only tables from which rows may be deleted have partitions to detach.');
  end if;
  for v_name in
    select c.relname
    from pg_catalog.pg_inherits as i
    inner join pg_catalog.pg_class as c on c.oid = i.inhrelid
    where
      i.inhparent = p_table
      and ratebook.uuid_v7_time(
        (regexp_match(pg_get_expr(c.relpartbound, c.oid), $re$TO \('([0-9a-f-]+)'\)$re$))[1]::uuid
      ) <= p_before
    order by c.relname
  loop
    execute format('alter table %s detach partition ratebook.%I', p_table, v_name);
    return next v_name;
  end loop;
end;
$$;

revoke all on function ratebook.detach_partitions(regclass, timestamptz) from public;

comment on function ratebook.detach_partitions(regclass, timestamptz) is
'Retention, for the owner of the schema: detaches the partitions that end at or before a time and returns their names. The tables stay in schema ratebook until the owner archives or drops them; ai.erase_lenser() does not reach them. Error: invalid_argument (PT422) for tables that refuse deletes.';

-- from sql/10_platform/120_function_describe.sql

-- Definitions are compared as sources: without blanks, parentheses and qualifiers, which PostgreSQL's versions write
-- differently for the same thing. What an object refers to is told apart by the names that are left.
create function ratebook.source_hash(p_definition text) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return md5(regexp_replace(regexp_replace(p_definition, '\m"?[a-z_]\w*"?\.', '', 'g'), '[\s()]+', '', 'g'));

create function ratebook.describe(p_schemas text[]) returns table (kind text, name text, state text)
language sql stable
set search_path = pg_catalog, pg_temp
-- Not in SQL-standard form, which would write down the columns of this version's catalogs.
as $$
  with
  schemas as (
    select n.oid, n.nspname
    from pg_namespace as n
    where n.nspname = any(p_schemas)
  ),
  -- Months are data, and what an extension brought is the extension's.
  relations as (
    select c.*, format('%I.%I', s.nspname, c.relname) as name
    from pg_class as c
    inner join schemas as s on s.oid = c.relnamespace
    where
      c.relkind in ('r', 'p', 'v') and not c.relispartition
      and not exists (
        select from pg_depend as e
        where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e'
      )
  ),
  functions as (
    select
      p.*,
      format('%I.%I(%s)', s.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as name
    from pg_proc as p
    inner join schemas as s on s.oid = p.pronamespace
    where not exists (
      select from pg_depend as e
      where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e'
    )
  )
  select 'schema', s.nspname::text, ''
  from schemas as s
  union all
  select
    case r.relkind when 'v' then 'view' else 'table' end,
    r.name,
    ratebook.source_hash(concat_ws(
      ' ',
      case r.relkind when 'v' then pg_get_viewdef(r.oid) end,
      pg_get_partkeydef(r.oid),
      r.relrowsecurity::text, r.relforcerowsecurity::text, r.relreplident::text,
      (select string_agg(o, ' ' order by o) from unnest(r.reloptions) as o),
      (
        select string_agg(
          concat_ws(
            ' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text, a.attgenerated::text,
            a.attidentity::text, pg_get_expr(d.adbin, d.adrelid)
          ), ', ' order by a.attname
        )
        from pg_attribute as a
        left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
      )
    ))
  from relations as r
  union all
  select
    'function', f.name,
    ratebook.source_hash(concat_ws(
      ' ',
      (select l.lanname from pg_language as l where l.oid = f.prolang), f.provolatile::text, f.proparallel::text, f.prosecdef::text, f.proleakproof::text,
      f.proisstrict::text, pg_get_function_result(f.oid), pg_get_function_arguments(f.oid),
      array_to_string(f.proconfig, ' '), coalesce(pg_get_function_sqlbody(f.oid), f.prosrc)
    ))
  from functions as f
  union all
  select
    'type', format('%I.%I', n.nspname, t.typname),
    ratebook.source_hash(concat_ws(
      ' ',
      (select string_agg(e.enumlabel, ' ' order by e.enumsortorder) from pg_enum as e where e.enumtypid = t.oid),
      case t.typtype when 'd' then format_type(t.typbasetype, t.typtypmod) || t.typnotnull::text || t.typdefault end,
      (
        select string_agg(pg_get_constraintdef(k.oid), ' ' order by k.conname)
        from pg_constraint as k where k.contypid = t.oid and k.contype = 'c'
      ),
      (
        select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
        from pg_attribute as a where a.attrelid = c.oid and not a.attisdropped
      )
    ))
  from pg_type as t
  inner join pg_namespace as n on n.oid = t.typnamespace
  left join pg_class as c on c.oid = t.typrelid
  where
    (t.typtype in ('d', 'e') or c.relkind = 'c')
    and (n.nspname = any(p_schemas) or (n.nspname, t.typname) = ('public', 'pricing_tier_enum'))
  union all
  select
    'constraint', format('%I on %s', k.conname, r.name),
    ratebook.source_hash(concat_ws(' ', pg_get_constraintdef(k.oid), k.convalidated::text))
  from pg_constraint as k
  inner join relations as r on r.oid = k.conrelid
  -- From 18 on, NOT NULL is a constraint too; the table tells it on all versions.
  where k.contype <> 'n' and k.conparentid = 0
  union all
  select 'index', format('%I.%I', s.nspname, c.relname), ratebook.source_hash(pg_get_indexdef(c.oid))
  from pg_index as i
  inner join pg_class as c on c.oid = i.indexrelid
  inner join relations as r on r.oid = i.indrelid
  inner join schemas as s on s.oid = c.relnamespace
  union all
  select
    'trigger', format('%I on %s', t.tgname, r.name),
    ratebook.source_hash(concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled::text))
  from pg_trigger as t
  inner join relations as r on r.oid = t.tgrelid
  where not t.tgisinternal
  union all
  select
    'policy', format('%I on %s', p.polname, r.name),
    ratebook.source_hash(concat_ws(
      ' ', p.polcmd::text, p.polpermissive::text,
      (
        select string_agg(case u.oid when 0 then 'public' else u.oid::regrole::text end, ' ' order by u.oid::regrole::text)
        from unnest(p.polroles) as u (oid)
      ),
      pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
    ))
  from pg_policy as p
  inner join relations as r on r.oid = p.polrelid
  union all
  select 'privileges', a.name, coalesce(string_agg(a.grantee || ' ' || a.privileges, ', ' order by a.grantee), '')
  from (
    select
      o.name,
      case g.grantee when 0 then 'public' else g.grantee::regrole::text end as grantee,
      string_agg(lower(g.privilege_type) || coalesce(' ' || o.part, ''), '+' order by o.part nulls first, g.privilege_type)
        as privileges
    from (
      select r.name, null as part, r.relowner as owner, coalesce(r.relacl, acldefault('r', r.relowner)) as acl
      from relations as r
      union all
      select r.name, quote_ident(a.attname), r.relowner, a.attacl
      from relations as r
      inner join pg_attribute as a on a.attrelid = r.oid and a.attacl is not null and not a.attisdropped
      union all
      -- Behind identity columns.
      select format('%I.%I', s.nspname, c.relname), null, c.relowner, coalesce(c.relacl, acldefault('s', c.relowner))
      from pg_class as c
      inner join schemas as s on s.oid = c.relnamespace
      inner join pg_depend as d
        on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i' and d.refclassid = d.classid
      inner join relations as r on r.oid = d.refobjid
      where c.relkind = 'S'
      union all
      select f.name, null, f.proowner, coalesce(f.proacl, acldefault('f', f.proowner))
      from functions as f
    ) as o
    -- One row for what nobody but the owner has.
    left join lateral aclexplode(o.acl) as g on g.grantee <> o.owner
    group by o.name, g.grantee
  ) as a
  group by a.name;
$$;

revoke all on function ratebook.source_hash(text) from public;
revoke all on function ratebook.describe(text[]) from public;

comment on function ratebook.source_hash(text) is
'md5 of a definition as all versions of PostgreSQL would write it.';
comment on function ratebook.describe(text[]) is
'Every object of some schemas as it stands, one row each, the same on all versions of PostgreSQL: kind, name, md5 of its definition; for privileges what roles other than the owner have. Months and objects of extensions are left out.';

-- from sql/10_platform/130_function_differences.sql

create function ratebook.privileges(p_state text) returns table (role text, privileges text)
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select
    split_part(e.entry, ' ', 1),
    substr(e.entry, strpos(e.entry, ' ') + 1)
  from unnest(string_to_array(p_state, ', ')) as e (entry);
end;

create function ratebook.differences() returns table (kind text, name text, difference text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
-- Definer: reads the manifest, whoever asks for the version.
begin atomic
  with
  standing as (
    select
      d.kind,
      d.name,
      d.state
    from ratebook.describe(array(
      select m.name from ratebook.manifest as m
      where m.kind = 'schema'
    )) as d
  ),

  -- Privileges role by role: "select+update" of anon on ai.models, and what the migrations gave.
  privileges as (
    select
      m.name,
      p.role,
      p.given,
      p.standing
    from ratebook.manifest as m
    inner join standing as d on d.kind = m.kind and d.name = m.name and d.state <> m.state
    cross join
      lateral (
        select
          coalesce(g.role, s.role) as role,
          g.privileges as given,
          s.privileges as standing
        from ratebook.privileges(m.state) as g
        full join ratebook.privileges(d.state) as s on s.role = g.role
      ) as p
    where m.kind = 'privileges' and p.given is distinct from p.standing
  ),

  by_role as (
    select
      p.role,
      count(*) as objects,
      min(p.name) as example
    from privileges as p
    group by p.role
  )

  select
    m.kind,
    m.name,
    case when d.name is null then 'is missing' else 'was changed' end
  from ratebook.manifest as m
  left join standing as d on d.kind = m.kind and d.name = m.name
  where m.kind <> 'privileges' and d.state is distinct from m.state
  union all
  -- Policies only add: one that is not Ratebook's opens rows that Ratebook closes. Triggers of a project are its own affair.
  select
    d.kind,
    d.name,
    'is not Ratebook''s'
  from standing as d
  inner join ratebook.manifest as t on t.kind = 'table' and t.name = split_part(d.name, ' on ', 2)
  where
    d.kind = 'policy'
    and not exists (
      select from ratebook.manifest as m
      where m.kind = d.kind and m.name = d.name
    )
  union all
  select
    'privileges',
    p.name,
    format('%s has %s, the migrations gave %s', p.role, coalesce(p.standing, 'nothing'), coalesce(p.given, 'nothing'))
  from privileges as p
  inner join by_role as b on b.role = p.role
  where b.objects <= 10
  union all
  select
    'privileges',
    b.role,
    format('has other privileges than the migrations gave on %s objects, %s among them: a grant on all of them?', b.objects, b.example)
  from by_role as b
  where b.objects > 10;
end;

revoke all on function ratebook.privileges(text) from public;
revoke all on function ratebook.differences() from public;

comment on function ratebook.privileges(text) is
'The state of kind privileges, as ratebook.describe() writes it, role by role.';
comment on function ratebook.differences() is
'Where the database is not what its migrations made: objects that are missing or changed, policies on Ratebook''s tables that are not Ratebook''s, privileges given or taken (one row for a role that differs on more than ten objects). No row: nothing differs.';

-- from sql/10_platform/140_function_assert_removable.sql

create function ratebook.relation_name(p_relation oid) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format('%I.%I', n.nspname, c.relname)
  from pg_class as c
  inner join pg_namespace as n on n.oid = c.relnamespace
  where c.oid = p_relation;
$$;

create function ratebook.detached_months() returns setof text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select ratebook.relation_name(c.oid)
  from pg_class as c
  where
    c.relnamespace = to_regnamespace('ratebook') and c.relkind in ('r', 'p') and not c.relispartition
    and not exists (
      select from ratebook.manifest as m
      where m.kind = 'table' and m.name = ratebook.relation_name(c.oid)
    );
$$;

create function ratebook.dependents(p_domain text) returns setof text
language sql stable
set search_path = pg_catalog, pg_temp
-- Not in SQL-standard form: it must not depend on what it looks at.
as $$
  with
  own (classid, objid, domain) as (
    select 'pg_class'::regclass, to_regclass(m.name)::oid, m.domain
    from ratebook.manifest as m
    where m.kind in ('table', 'view')
    union all
    select 'pg_type'::regclass, to_regtype(m.name)::oid, m.domain
    from ratebook.manifest as m
    where
      m.kind in ('table', 'view', 'type')
      and not exists (select from ratebook.found as f where f.kind = m.kind and f.name = m.name)
    union all
    select 'pg_proc'::regclass, p.oid, m.domain
    from pg_proc as p
    inner join pg_namespace as n on n.oid = p.pronamespace
    inner join ratebook.manifest as m
      on m.kind = 'function'
      and m.name = format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
    union all
    -- A schema that the project has stays, and what it holds with it.
    select 'pg_namespace'::regclass, to_regnamespace(m.name)::oid, m.domain
    from ratebook.manifest as m
    where m.kind = 'schema' and not exists (select from ratebook.found as f where f.kind = 'schema' and f.name = m.name)
  ),
  referring as (
    select d.classid, d.objid
    from pg_depend as d
    inner join own as o on o.classid = d.refclassid and o.objid = d.refobjid
    where
      o.domain = p_domain
      and d.deptype in ('n', 'a')
      -- Being published or having statistics is no reason to stay.
      and d.classid not in ('pg_publication_rel'::regclass, 'pg_publication_namespace'::regclass, 'pg_statistic_ext'::regclass)
  ),
  -- Whatever belongs to a relation is told by the relation, and by its own name where Ratebook knows that.
  placed as (
    select
      r.classid, r.objid,
      case
        when k.contypid <> 0 then 'pg_type'::regclass
        when coalesce(w.relation, t.tgrelid, p.polrelid, k.conrelid, a.adrelid, i.indrelid, s.refobjid) is not null
          then 'pg_class'::regclass
        else r.classid
      end as root_class,
      coalesce(
        w.relation, t.tgrelid, p.polrelid, nullif(k.conrelid, 0), a.adrelid, i.indrelid, s.refobjid,
        nullif(k.contypid, 0), r.objid
      ) as root,
      case
        when t.oid is not null and not t.tgisinternal and t.tgparentid = 0 then 'trigger'
        when p.oid is not null then 'policy'
        when k.conrelid <> 0 and k.contype <> 'n' and k.conparentid = 0 then 'constraint'
        when i.indexrelid is not null then 'index'
      end as kind,
      coalesce(t.tgname, p.polname, k.conname) as name
    from referring as r
    left join lateral (select x.ev_class as relation from pg_rewrite as x where x.oid = r.objid) as w
      on r.classid = 'pg_rewrite'::regclass
    left join pg_trigger as t on r.classid = 'pg_trigger'::regclass and t.oid = r.objid
    left join pg_policy as p on r.classid = 'pg_policy'::regclass and p.oid = r.objid
    left join pg_constraint as k on r.classid = 'pg_constraint'::regclass and k.oid = r.objid
    left join pg_attrdef as a on r.classid = 'pg_attrdef'::regclass and a.oid = r.objid
    left join pg_index as i on r.classid = 'pg_class'::regclass and i.indexrelid = r.objid
    left join pg_depend as s
      on r.classid = 'pg_class'::regclass and s.classid = r.classid and s.objid = r.objid and s.objsubid = 0
      and s.deptype = 'i' and s.refclassid = 'pg_class'::regclass and i.indexrelid is null
  )
  select distinct
    case when o.objid is null then pg_describe_object(l.root_class, l.root, 0) else pg_describe_object(l.classid, l.objid, 0) end
  from placed as l
  left join own as o on o.classid = l.root_class and o.objid = l.root
  where
    -- What is not Ratebook's; and what the project put on one of Ratebook's tables.
    case
      when o.objid is null
        -- A month is its table's, and so is one that was detached.
        then not exists (
          select from pg_class as c
          where
            l.root_class = 'pg_class'::regclass and c.oid = l.root
            and (c.relispartition or c.relnamespace = to_regnamespace('ratebook'))
        )
      when l.kind is null then false
      else not exists (
        select from ratebook.manifest as m
        where
          m.kind = l.kind
          and m.name = coalesce(quote_ident(l.name) || ' on ' || ratebook.relation_name(l.root), ratebook.relation_name(l.objid))
      )
    end;
$$;

create function ratebook.assert_removable(p_domain text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_names text[];
begin
  select array_agg(d.name order by d.name) into v_names from ratebook.detached_months() as d (name);
  if v_names is not null then
    perform ratebook.fail('in_use', format('Months of the past stand detached: %s.', array_to_string(v_names, ', ')),
      'Archive and drop them, or move them to a schema of your own, then take Ratebook back.',
      jsonb_build_object('detached', v_names));
  end if;
  select array_agg(d.name order by d.name) into v_names from ratebook.dependents(p_domain) as d (name);
  if v_names is not null then
    perform ratebook.fail('in_use', format('What is not Ratebook''s stands on %s: %s.', p_domain, array_to_string(v_names, ', ')),
      'Drop or change these first: Ratebook takes back nothing but its own. Nothing was changed.',
      jsonb_build_object('domain', p_domain, 'dependents', v_names));
  end if;
end;
$$;

revoke all on function ratebook.relation_name(oid) from public;
revoke all on function ratebook.detached_months() from public;
revoke all on function ratebook.dependents(text) from public;
revoke all on function ratebook.assert_removable(text) from public;

comment on function ratebook.relation_name(oid) is 'schema.name of a relation, whatever the search_path.';
comment on function ratebook.detached_months() is
'Tables of schema ratebook that are none of its own any more: months that were detached.';
comment on function ratebook.dependents(text) is
'What the project has standing on the objects of a domain, as far as pg_depend knows: views, functions, columns, foreign keys, and triggers, policies, constraints and indexes that it put on Ratebook''s tables.';
comment on function ratebook.assert_removable(text) is
'For the way back: refuses while something of the project stands on a domain, or months stand detached, and names them. Error: in_use (2BP01).';

-- from sql/10_platform/145_function_close_privileges.sql

create function ratebook.close_privileges(p_domain text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_extra record;
begin
  for v_extra in
    select
      d.name,
      p.role,
      case
        when d.name like '%(%' then 'function'
        when exists (select from pg_class as c where c.oid = to_regclass(d.name) and c.relkind = 'S') then 'sequence'
        else 'table'
      end as kind
    from ratebook.describe(array(select m.name from ratebook.manifest as m where m.kind = 'schema')) as d
    inner join ratebook.manifest as m on m.kind = d.kind and m.name = d.name and m.domain = p_domain
    cross join lateral ratebook.privileges(d.state) as p
    where
      d.kind = 'privileges' and d.state <> m.state
      and not exists (select from ratebook.privileges(m.state) as g where g.role = p.role)
  loop
    execute format(
      'revoke all on %s %s from %s', v_extra.kind, v_extra.name,
      case v_extra.role when 'public' then 'public' else v_extra.role::regrole::text end
    );
  end loop;
end;
$$;

revoke all on function ratebook.close_privileges(text) from public;

comment on function ratebook.close_privileges(text) is
'For migrations, at their end: takes from what a domain made the privileges that the project''s default privileges gave on it. What a schema''s owner hands out to whatever comes is not meant for Ratebook''s inside.';

-- from sql/10_platform/150_function_alter_promptly.sql

create function ratebook.alter_promptly(p_statements text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  for v_try in 1..100 loop
    begin
      set local lock_timeout = '300ms';
      execute p_statements;
      return;
    exception
      when lock_not_available then
        perform pg_sleep(0.2);
    end;
  end loop;
  perform ratebook.fail('locked', 'A table that others use stayed locked for 50 seconds.',
    'End the transactions that hold it (pg_locks, pg_stat_activity), then try again. Nothing was changed.');
end;
$$;

revoke all on function ratebook.alter_promptly(text) from public;

comment on function ratebook.alter_promptly(text) is
'For migrations: alters a table that others use all the time, such as auth.users. Who waits for a lock has everybody wait behind; so it gives up after 0.3 s and tries again, for 50 s. Error: locked (55P03).';

-- from policies/ratebook.found.sql

-- Read by the functions that compare and take back.
alter table ratebook.found enable row level security;
revoke all on ratebook.found from public, anon, authenticated, service_role;

-- from policies/ratebook.manifest.sql

-- Read by the functions that compare and take back.
alter table ratebook.manifest enable row level security;
revoke all on ratebook.manifest from public, anon, authenticated, service_role;

insert into ratebook.manifest (module, domain, kind, name, state)
select 'core', '10_platform', o.kind, o.name, o.state
from (values
  ('constraint', 'found_pkey on ratebook.found', 'd5872f2fef41e68a10b65fe28cc5d1cf'),
  ('constraint', 'manifest_pkey on ratebook.manifest', 'd5872f2fef41e68a10b65fe28cc5d1cf'),
  ('function', 'ratebook.alter_promptly(p_statements text)', '3ea66e4ec6075ed7e9d5bb22a1fe33eb'),
  ('function', 'ratebook.assert_removable(p_domain text)', 'f146c781fd2c1e9a8bf45f8a8ea2c918'),
  ('function', 'ratebook.caller()', 'c880bc232286d34470da0f10304f6ba1'),
  ('function', 'ratebook.clock()', '6b98138903df32f6acd52fadd94af166'),
  ('function', 'ratebook.close_privileges(p_domain text)', 'b3455b598c762d7f9e1b6e586da386b5'),
  ('function', 'ratebook.dependents(p_domain text)', '76768965f8daff96c3384b08ea952d4d'),
  ('function', 'ratebook.describe(p_schemas text[])', 'c7fda7a5d628f3f5191033e891a4c4c7'),
  ('function', 'ratebook.detach_partitions(p_table regclass, p_before timestamp with time zone)', '1f3de2d08ab8c6ed679445f483c42eb9'),
  ('function', 'ratebook.detached_months()', '69d80021714a2617fd8dfab846fc5dec'),
  ('function', 'ratebook.differences()', 'cd60520bd1baa58519f5e70f47214fc0'),
  ('function', 'ratebook.extend_partitions(p_table regclass, p_months integer)', '585268253adb22ce96c9f6e15b8d3eb1'),
  ('function', 'ratebook.extend_partitions_if_short(VARIADIC p_tables regclass[])', 'd28069b24b8325a8eeed90d3e81ff2bc'),
  ('function', 'ratebook.fail(p_error text, p_message text, p_hint text, p_detail jsonb)', 'e122b5a44ab1d86f611251e6bd6947f6'),
  ('function', 'ratebook.give_back_schema(p_name text)', 'f3c00308b2ddf99649d13dfde3d84a18'),
  ('function', 'ratebook.give_back_type(p_name text)', '0c8a1cc5e65f9c1693bedf0bf3f322e7'),
  ('function', 'ratebook.make_partitions(p_table regclass, p_from timestamp with time zone, p_until timestamp with time zone)', '4245f3b313a1cf948fe40f00867c0255'),
  ('function', 'ratebook.partitioned_tables()', '2d7cb61755d29b57da3efacae8e4712e'),
  ('function', 'ratebook.partitions_end(p_table regclass)', '859cdeb406cc3b560bf570916dc2a09b'),
  ('function', 'ratebook.privileges(p_state text)', '78ef1a3aaaa97bd8ab01ad35cd89cdf6'),
  ('function', 'ratebook.refuse_change()', 'd1bc85fe7d4a1122f6422f27747ec1da'),
  ('function', 'ratebook.relation_name(p_relation oid)', '0907f37f34d47a78af8b9ad7dd8cca43'),
  ('function', 'ratebook.require_owner()', '40ed42b7bc21bc4852ab57027dcb7e23'),
  ('function', 'ratebook.source_hash(p_definition text)', '9e729bb92c475cf129e87cba611179c7'),
  ('function', 'ratebook.stamp()', 'f92c9e9ce1bb9fe1853391b8c279284a'),
  ('function', 'ratebook.take_schema(p_name text, p_comment text)', '6206f4bec65ba4d5dab3b367d1280e14'),
  ('function', 'ratebook.uuid_v7(p_at timestamp with time zone)', '1cd5a13de4558e68768428ea70f5f7e7'),
  ('function', 'ratebook.uuid_v7_floor(p_at timestamp with time zone)', '71ce69610333301246c5943e10bc77cb'),
  ('function', 'ratebook.uuid_v7_time(p_id uuid)', 'eecc6da900e67aa4516844287616e3da'),
  ('index', 'ratebook.found_pkey', '5994dcb7b3b4b17e268ef6f651b6decb'),
  ('index', 'ratebook.manifest_pkey', 'ce57e623138640635f25f32ef3fb076f'),
  ('privileges', 'ratebook.alter_promptly(p_statements text)', ''),
  ('privileges', 'ratebook.assert_removable(p_domain text)', ''),
  ('privileges', 'ratebook.caller()', ''),
  ('privileges', 'ratebook.clock()', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.close_privileges(p_domain text)', ''),
  ('privileges', 'ratebook.dependents(p_domain text)', ''),
  ('privileges', 'ratebook.describe(p_schemas text[])', ''),
  ('privileges', 'ratebook.detach_partitions(p_table regclass, p_before timestamp with time zone)', ''),
  ('privileges', 'ratebook.detached_months()', ''),
  ('privileges', 'ratebook.differences()', ''),
  ('privileges', 'ratebook.extend_partitions(p_table regclass, p_months integer)', ''),
  ('privileges', 'ratebook.extend_partitions_if_short(VARIADIC p_tables regclass[])', ''),
  ('privileges', 'ratebook.fail(p_error text, p_message text, p_hint text, p_detail jsonb)', ''),
  ('privileges', 'ratebook.found', ''),
  ('privileges', 'ratebook.give_back_schema(p_name text)', ''),
  ('privileges', 'ratebook.give_back_type(p_name text)', ''),
  ('privileges', 'ratebook.make_partitions(p_table regclass, p_from timestamp with time zone, p_until timestamp with time zone)', ''),
  ('privileges', 'ratebook.manifest', ''),
  ('privileges', 'ratebook.partitioned_tables()', ''),
  ('privileges', 'ratebook.partitions_end(p_table regclass)', ''),
  ('privileges', 'ratebook.privileges(p_state text)', ''),
  ('privileges', 'ratebook.refuse_change()', ''),
  ('privileges', 'ratebook.relation_name(p_relation oid)', ''),
  ('privileges', 'ratebook.require_owner()', ''),
  ('privileges', 'ratebook.source_hash(p_definition text)', ''),
  ('privileges', 'ratebook.stamp()', ''),
  ('privileges', 'ratebook.take_schema(p_name text, p_comment text)', ''),
  ('privileges', 'ratebook.uuid_v7(p_at timestamp with time zone)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.uuid_v7_floor(p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.uuid_v7_time(p_id uuid)', 'authenticated execute, service_role execute'),
  ('schema', 'ratebook', ''),
  ('table', 'ratebook.found', '8597959316ccfb9bc716e9d19fbd0b14'),
  ('table', 'ratebook.manifest', '88214c3caf01fbc6d347a34170a67730')
) as o (kind, name, state);

select ratebook.close_privileges('10_platform');
