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
    wanted (module, schema_name, relations, functions) as (
      values
        ('compat', 'compat',
        '{ai_model_config, api_model_stats, api_models, api_providers, app_role, jobs, llm_models, llm_providers,
          model_profiles, providers, rate_cards}'::text[],
        '{activate_models, adopt, ai_models, api_models, deactivate_models, get_cost_for_images, get_cost_for_tokens,
          get_display_with_pricing, has_role, jobs, set_default, upsert_ai_model_config, upsert_api_model,
          upsert_llm_model, upsert_provider, validate_model, validate_size}'::text[]),
      ('core', 'ai',
        '{ai_capability_enum, all_generations, auth_scheme_enum, catalogue, feature_model_policies,
          feature_model_policies_feature_key_model_id_key, feature_model_policies_model_id_idx,
          feature_model_policies_pkey, features, features_id_key, features_pkey, generation_status_enum, generations,
          generations_lenser_id_created_at_id_idx, generations_lenser_id_id_idx, generations_media_id_idx,
          generations_model_id_idx, generations_pkey, health_enum, health_reports, health_reports_key,
          health_reports_pkey, health_reports_provider_id_idx, latency, meters, meters_falls_back_to_idx,
          meters_key_unit_type_key, meters_pkey, model_aliases, model_aliases_model_id_idx, model_aliases_pkey,
          model_price_sources, model_price_sources_key, model_price_sources_pkey, model_pricing,
          model_pricing_effective_from_idx, model_pricing_key, model_pricing_meter_idx, model_pricing_pkey,
          model_pricing_service_tier_idx, model_profiles, model_profiles_canonical_equivalent_id_idx,
          model_profiles_name_key, model_profiles_pkey, model_profiles_provider_id_idx, model_status_enum,
          model_tier_enum, models, models_active_priority_idx, models_default_idx, models_hidden_idx, models_key_key,
          models_modality_task_idx, models_pkey, models_provider_id_provider_model_key_key, models_search_idx,
          models_successor_id_idx, one_default_per_modality_and_task, provider_connections,
          provider_connections_name_key, provider_connections_pkey, provider_connections_provider_id_idx,
          provider_contract_enum, provider_enum, providers, providers_canonical_equivalent_id_idx, providers_key_key,
          providers_pkey, quality_rating, resources, service_tiers, service_tiers_pkey, tier_mode_enum, token_count,
          unit_type_enum}'::text[],
        '{activate_models, backfill_generations, charges, created_by, deactivate_models, erase_lenser, explain_route,
          export_prices, extend_partitions, find_model, finish_generation, follow_source, import_catalogue,
          merge_models, model_as_of, models, normalize_usage, pre_request, preview_price, price_changes, price_history,
          prices_in_force, ratebook_version, report_health, retire_model, route_feature, schedule_price, self_check,
          set_default_model, unpin_price, updated_by}'::text[]),
      ('core', 'billing',
        '{account_members, account_members_account_id_lenser_id_idx, account_members_lenser_id_idx,
          account_members_member_id_idx, account_members_pkey, account_name, accounts, accounts_lenser_id_idx,
          accounts_next_event_at_idx, accounts_pkey, all_account_members, all_accounts, all_budget_periods, all_budgets,
          all_charges, all_grants, all_holds, all_ledger_entries, all_outbox, all_recurring_grants, all_revocations,
          amount, balances, budget_period_enum, budget_periods, budget_periods_budget_id_lenser_id_idx,
          budget_periods_lenser_id_idx, budget_periods_pkey, budget_periods_starts_at_idx, budgets,
          budgets_feature_id_idx, budgets_key, budgets_model_id_idx, budgets_pkey, burn_priority, charge_costs,
          charge_costs_pkey, charges, charges_estimate_id_idx, charges_generation_id_id_idx,
          charges_lenser_id_account_id_idx, charges_lenser_id_created_at_id_idx, charges_lenser_id_id_idx,
          charges_member_id_idx, charges_pkey, credit_rates, credit_rates_key, credit_rates_pkey, entry_amount,
          entry_kind_enum, entry_number, execution_margin_policies, execution_margin_policies_feature_id_idx,
          execution_margin_policies_key, execution_margin_policies_model_id_idx, execution_margin_policies_pkey,
          execution_margin_policies_provider_id_idx, external_ref, grants, grants_burn_order_idx,
          grants_lenser_id_account_id_idx, grants_lenser_id_created_at_id_idx, grants_lenser_id_id_idx, grants_pkey,
          grants_recurring_grant_id_idx, grants_source_external_ref_idx, grants_starts_at_idx, hold_status_enum, holds,
          holds_account_id_open_idx, holds_lenser_id_account_id_idx, holds_lenser_id_created_at_id_idx,
          holds_lenser_id_id_idx, holds_pkey, holds_spender_id_open_idx, idempotency_key, idempotency_keys,
          idempotency_keys_created_at_idx, idempotency_keys_pkey, ledger_entries, ledger_entries_backdated_idx,
          ledger_entries_charge_id_idx, ledger_entries_grant_id_idx, ledger_entries_lenser_id_account_id_idx,
          ledger_entries_lenser_id_created_at_id_idx, ledger_entries_lenser_id_id_idx, ledger_entries_pkey,
          limit_amount, lot_source, moment, outbox, outbox_account_id_lenser_id_idx, outbox_lenser_id_created_at_id_idx,
          outbox_lenser_id_id_idx, outbox_pkey, outbox_undelivered_idx, positive_amount, recurring_grants,
          recurring_grants_account_id_lenser_id_idx, recurring_grants_lenser_id_id_idx, recurring_grants_pkey,
          revocations, revocations_account_id_lenser_id_idx, revocations_grant_id_lenser_id_idx,
          revocations_lenser_id_created_at_id_idx, revocations_lenser_id_id_idx, revocations_pkey,
          revocations_source_external_ref_idx, settings, settings_pkey, signed_amount, signed_limit_amount, usage_bucket}'::text[],
        '{accounts, authorize_credits, balance_history, calculate_credit_cost, capture_hold, charge_generation,
          charge_generations, charges, check_usage, compare, create_recurring_grant, cut_hold, drain_usage,
          end_recurring_grant, forecast_month, generation, get_balance, grant_credits, holds, ledger_entries,
          move_credits, purge, quote, quote_many, rebuild_usage, refund_charge, release_hold, remove_member,
          reprice_generations, reprice_summary, revoke_grant, self_check, set_member, settle_charge, statement,
          sweep_accounts, usage}'::text[]),
      ('core', 'content',
        '{all_media_library, media_library, media_library_lenser_id_created_at_id_idx, media_library_lenser_id_id_idx,
          media_library_object_id_idx, media_library_pkey}'::text[],
        '{}'::text[]),
      ('core', 'lensers',
        '{all_entitlements, all_profiles, app_role, audit_history, audit_history_changed_at_idx,
          audit_history_former_model_id_id_idx, audit_history_model_id_id_idx, audit_history_pkey,
          audit_history_table_name_row_key_id_idx, entitlements, entitlements_external_ref_key,
          entitlements_lenser_id_id_idx, entitlements_pkey, profiles, profiles_pkey, profiles_user_id_key, user_roles,
          user_roles_pkey}'::text[],
        '{granted_by, has_role, set_entitlement}'::text[]),
      ('core', 'media',
        '{all_objects, objects, objects_lenser_id_bucket_path_key, objects_lenser_id_created_at_id_idx,
          objects_lenser_id_id_idx, objects_pkey}'::text[],
        '{}'::text[]),
      ('execution', 'execution',
        '{a_contender_submits_once_a_case, a_contender_takes_part_once, a_generation_is_submitted_once,
          a_generation_judges_once, a_judge_is_named_once, a_judge_scores_a_submission_once, all_contenders,
          all_evaluations, all_judges, all_runs, all_scores, all_submissions, contenders, contenders_evaluation_id_idx,
          contenders_evaluation_key, contenders_lenser_id_idx, contenders_model_id_idx, contenders_name_key,
          contenders_number_key, contenders_pkey, contenders_profile_id_idx, contenders_public_idx,
          evaluation_state_enum, evaluations, evaluations_feature_key_idx, evaluations_lenser_id_id_idx,
          evaluations_name_key, evaluations_pkey, evaluations_public_idx, evaluations_visibility_key, judges,
          judges_evaluation_id_idx, judges_evaluation_key, judges_lenser_id_idx, judges_model_id_idx, judges_name_key,
          judges_person_id_idx, judges_pkey, judges_public_idx, run_state_enum, runs, runs_evaluation_id_idx,
          runs_evaluation_key, runs_key_key, runs_lenser_id_id_idx, runs_pkey, runs_public_idx, scores,
          scores_evaluation_id_idx, scores_judge_id_idx, scores_lenser_id_id_idx, scores_pkey, scores_public_idx,
          submissions, submissions_contender_id_idx, submissions_evaluation_id_idx, submissions_lenser_id_id_idx,
          submissions_pkey, submissions_public_idx, submissions_run_key, visibility_enum}'::text[],
        '{change_evaluation, costs, create_evaluation, finish_run, leaderboard, score, start_run, submit, to_score}'::text[])
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
comment on column ratebook.manifest.name is 'The object with its schema, such as ai.models, or "ai_models_read_all on ai.models"; "schema ai" for the privileges of one.';
comment on column ratebook.manifest.module is 'core, or a module that can be left out.';
comment on column ratebook.manifest.domain is 'The folder of sql/ that it is from.';
comment on column ratebook.manifest.state is 'md5 of its definition; for privileges the privileges themselves, with a star where they may be granted on.';
comment on table ratebook.found is
'What stood before Ratebook came and stays when it goes: schemas, types, and what API roles had on schemas.';
comment on column ratebook.found.kind is 'schema, type, usage or create.';
comment on column ratebook.found.name is 'The schema or the type; for usage and create the schema, a blank and the role.';

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
    -- What the project's default privileges gave.
    execute format('revoke all on schema %I from public, anon, authenticated, service_role', p_name);
    execute format('grant usage on schema %I to anon, authenticated, service_role', p_name);
    return;
  end if;
  insert into ratebook.found (kind, name) values ('schema', p_name);
  -- The one privilege that is added to what the project has; what it had stays when Ratebook goes, and stays as it is
  -- until then: a role may have it by way of another one, or of PUBLIC.
  foreach v_role in array '{anon,authenticated,service_role}'::text[] loop
    if has_schema_privilege(v_role, p_name, 'create') then
      insert into ratebook.found (kind, name) values ('create', p_name || ' ' || v_role);
    end if;
    if has_schema_privilege(v_role, p_name, 'usage') then
      insert into ratebook.found (kind, name) values ('usage', p_name || ' ' || v_role);
    else
      execute format('grant usage on schema %I to %I', p_name, v_role);
    end if;
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

-- from sql/10_platform/025_function_bounds.sql

-- How large what people enter may be, in one place for all tables and functions. NULL is not theirs to judge.

create function ratebook.is_amount(p_value numeric, p_decimals integer default 30) returns boolean
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- NaN sorts above every number.
  return p_value between -1e12 and 1e12 and scale(trim_scale(p_value)) <= p_decimals;
end;
$$;

create function ratebook.is_price(p_value numeric) returns boolean
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Catalogues divide by 3,600 seconds, to 40 digits.
  return p_value >= 0 and p_value < 1000000 and scale(trim_scale(p_value)) <= 60;
end;
$$;

create function ratebook.is_time(p_value timestamptz) returns boolean
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_value >= '0001-01-01 00:00:00+00' and p_value < '10000-01-01 00:00:00+00';
end;
$$;

create function ratebook.is_date(p_value date) returns boolean
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_value >= '0001-01-01' and p_value <= '9999-12-31';
end;
$$;

create function ratebook.is_name(p_value text) returns boolean
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_value ~ '\S' and char_length(p_value) <= 255;
end;
$$;

create function ratebook.is_text(p_value text) returns boolean
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return char_length(p_value) <= 10000;
end;
$$;

-- Checks of tables run in the name of whoever writes.
revoke all on function ratebook.is_amount(numeric, integer) from public;
revoke all on function ratebook.is_price(numeric) from public;
revoke all on function ratebook.is_time(timestamptz) from public;
revoke all on function ratebook.is_date(date) from public;
revoke all on function ratebook.is_name(text) from public;
revoke all on function ratebook.is_text(text) from public;
grant execute on function ratebook.is_amount(numeric, integer) to authenticated, service_role;
grant execute on function ratebook.is_price(numeric) to authenticated, service_role;
grant execute on function ratebook.is_time(timestamptz) to authenticated, service_role;
grant execute on function ratebook.is_date(date) to authenticated, service_role;
grant execute on function ratebook.is_name(text) to authenticated, service_role;
grant execute on function ratebook.is_text(text) to authenticated, service_role;

comment on function ratebook.is_amount(numeric, integer) is
'Whether a number is one that people may enter: from -1e12 to 1e12, with at most 30 decimals unless told; no NaN, no infinity.';
comment on function ratebook.is_price(numeric) is
'Whether a number is a price of one unit: from 0 to below 1000000, with at most 60 decimals.';
comment on function ratebook.is_time(timestamptz) is 'Whether a time is in the years 1 to 9999, which every client can read.';
comment on function ratebook.is_date(date) is 'Whether a date is in the years 1 to 9999.';
comment on function ratebook.is_name(text) is 'Whether a text is a name: not blank, and at most 255 characters.';
comment on function ratebook.is_text(text) is 'Whether a text is no longer than a description: 10,000 characters.';

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
    when 'unknown_lot' then 'PT404'
    when 'unknown_evaluation' then 'PT404'
    when 'unknown_run' then 'PT404'
    when 'unknown_contender' then 'PT404'
    when 'unknown_judge' then 'PT404'
    when 'unknown_submission' then 'PT404'
    -- 409: more than one meaning, or the wrong state
    when 'ambiguous_model' then 'PT409'
    when 'append_only' then 'PT409'
    when 'idempotency_conflict' then 'PT409'
    when 'hold_not_open' then 'PT409'
    when 'already_charged' then 'PT409'
    when 'not_empty' then 'PT409'
    when 'inactive_model' then 'PT409'
    when 'deleted_model' then 'PT409'
    when 'default_model' then 'PT409'
    when 'pins_undecided' then 'PT409'
    when 'refund_exceeds_charge' then 'PT409'
    when 'revocation_exceeds_grant' then 'PT409'
    when 'lot_is_held' then 'PT409'
    when 'not_estimated' then 'PT409'
    when 'already_settled' then 'PT409'
    when 'already_refunded' then 'PT409'
    when 'wrong_state' then 'PT409'
    when 'self_judging' then 'PT409'
    when 'in_use' then '2BP01'
    when 'locked' then '55P03'
    when 'duplicate_rate_card' then '23505'
    -- 422: what was sent cannot be used
    when 'invalid_amount' then 'PT422'
    when 'invalid_usage' then 'PT422'
    when 'unknown_meter' then 'PT422'
    when 'unknown_format' then 'PT422'
    when 'stated_price' then 'PT422'
    when 'contradiction' then 'PT422'
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
    -- 503: later
    when 'month_not_made' then 'PT503'
    -- 403: not yours
    when 'not_allowed' then '42501'
    when 'media_not_owned' then '42501'
    when 'not_entitled' then '42501'
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

-- from sql/10_platform/045_function_uid.sql

create function ratebook.uid() returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid;
exception
  -- A subject that is no UUID, or claims that are no JSON, which only direct SQL can set. What follows from the handler:
  -- before 17 a query that runs in parallel could not call it, so it is not parallel safe.
  when data_exception or program_limit_exceeded then
    return null;
end;
$$;

-- Policies and column defaults call it in the name of the API roles.
revoke all on function ratebook.uid() from public;
grant execute on function ratebook.uid() to anon, authenticated, service_role;

comment on function ratebook.uid() is
'Who is asking: auth.uid() where the token''s subject is a UUID, and NULL where it is another provider''s name, where auth.uid() raises 22P02. Never fails. NULL owns nothing: compare it with "is distinct from" where a policy does not.';

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

-- from sql/10_platform/065_function_refuse_write.sql

create function ratebook.refuse_write() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.fail('not_allowed', format('%I.%I is read only.', tg_table_schema, tg_table_name), tg_argv[0]);
  return null;
end;
$$;

revoke all on function ratebook.refuse_write() from public;

comment on function ratebook.refuse_write() is
'Row trigger instead of every write to a view. Without one PostgreSQL says that the view cannot be written (55000, HTTP 500) before it looks at who may; with one, no API role may. Argument: the hint. Error: not_allowed (42501).';

-- from sql/10_platform/070_function_stamp.sql

create function ratebook.stamp() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  new.updated_at := ratebook.clock();
  return new;
end;
$$;

revoke all on function ratebook.stamp() from public;

comment on function ratebook.stamp() is
'Row trigger before update: sets updated_at.';

-- from sql/10_platform/075_function_time_zones.sql

create function ratebook.is_time_zone(p_name text) returns boolean
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- "at time zone" takes more: XYZ+0:07, whose sign means the reverse, and abbreviations that know no daylight time.
  return exists (select from pg_timezone_names as z where z.name = p_name);
end;
$$;

create function ratebook.check_time_zone() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if not ratebook.is_time_zone(new.time_zone) then
    perform ratebook.fail(
      'invalid_argument', format('There is no time zone called "%s".', left(new.time_zone, 100)),
      'Use a name such as Europe/Berlin, spelt as pg_timezone_names does.',
      jsonb_build_object('time_zone', left(new.time_zone, 100))
    );
  end if;
  return new;
end;
$$;

create function ratebook.day_starts_at(p_day date, p_time_zone text) returns timestamptz
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_midnight timestamp := p_day;
  v_at timestamptz := v_midnight at time zone p_time_zone;
begin
  -- Where clocks go back to midnight it comes twice, and the day has begun with the first. Where they skip it, v_at is the
  -- moment that they do.
  return v_at - greatest(
    (v_at - interval '1 microsecond') at time zone p_time_zone + interval '1 microsecond' - v_midnight, interval '0'
  );
end;
$$;

revoke all on function ratebook.is_time_zone(text) from public;
revoke all on function ratebook.check_time_zone() from public;
revoke all on function ratebook.day_starts_at(date, text) from public;

comment on function ratebook.is_time_zone(text) is 'Whether a time zone has this name in pg_timezone_names.';
comment on function ratebook.check_time_zone() is
'Row trigger: time_zone is a name of pg_timezone_names. Error: invalid_argument (PT422).';
comment on function ratebook.day_starts_at(date, text) is
'When a day begins in a time zone, which is not always at midnight, and where midnight comes twice at the first.';

-- from sql/10_platform/080_function_partitioned_tables.sql

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

create function ratebook.months() returns table (parent regclass, month regclass, state text, until timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    t.name,
    c.oid::regclass,
    case
      when not c.relispartition then 'detached'
      when i.inhdetachpending then 'detaching'
      else 'attached'
    end,
    (to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC'
  from ratebook.partitioned_tables() as t (name)
  inner join pg_catalog.pg_class as c
    -- What was detached has nothing but its name.
    on c.relname ~ ('^' || replace(t.name::text, '.', '_') || '_\d{4}_\d\d$') and c.relkind = 'r'
  inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace and n.nspname = 'ratebook'
  left join pg_catalog.pg_inherits as i on i.inhrelid = c.oid
  order by t.name::text, c.relname;
end;

create function ratebook.partitions_end(p_table regclass) returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
return (
  select max(m.until)
  from ratebook.months() as m
  where m.parent = p_table and m.state = 'attached'
);

revoke all on function ratebook.partitioned_tables() from public;
revoke all on function ratebook.months() from public;
revoke all on function ratebook.partitions_end(regclass) from public;

comment on function ratebook.partitioned_tables() is
'The tables that are kept in monthly partitions. billing.ledger_entries is the last: months are made in this order.';
comment on function ratebook.months() is
'The month tables in schema ratebook, each with its parent and the time at which it ends. state: attached; detaching, when a detachment was cut; or detached.';
comment on function ratebook.partitions_end(regclass) is
'The time at which the partitions of a table end: rows of that time or later have no place yet.';

-- from sql/10_platform/090_function_close_month.sql

create function ratebook.close_month(p_month regclass) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  execute format('alter table %s enable row level security', p_month);
  execute format('revoke all on %s from public, anon, authenticated, service_role', p_month);
  execute format(
    'create or replace trigger refuse_truncate before truncate on %s '
    'for each statement execute function ratebook.refuse_change(%L)',
    p_month, 'Detach old months with `ratebook months detach` instead.'
  );
  execute format('alter table %s enable always trigger refuse_truncate', p_month);
end;
$$;

create function ratebook.is_closed(p_month regclass) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
return (
  select
    c.relrowsecurity
    and not exists (
      select from unnest(array['anon', 'authenticated', 'service_role']) as r (name)
      where has_table_privilege(r.name, c.oid, 'select, insert, update, delete, truncate')
    )
    and exists (
      select from pg_catalog.pg_trigger as t
      where t.tgrelid = c.oid and t.tgname = 'refuse_truncate' and t.tgenabled <> 'D'
    )
  from pg_catalog.pg_class as c
  where c.oid = p_month
);

revoke all on function ratebook.close_month(regclass) from public;
revoke all on function ratebook.is_closed(regclass) from public;

comment on function ratebook.close_month(regclass) is
'Closes a month table, attached or not: row security on, nothing granted to API roles, and a guard against TRUNCATE, which the parent''s does not reach.';
comment on function ratebook.is_closed(regclass) is 'Whether a month table is as ratebook.close_month() leaves it.';

-- from sql/10_platform/100_function_make_partitions.sql

create function ratebook.missing_months(p_tables regclass[], p_from timestamptz, p_until timestamptz)
returns table (parent regclass, name text, starts_at timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    t.parent,
    n.name,
    m.starts_at at time zone 'UTC'
  from unnest(p_tables) with ordinality as t (parent, place)
  cross join
    generate_series(
      date_trunc('month', p_from at time zone 'UTC'),
      p_until at time zone 'UTC' - interval '1 microsecond',
      interval '1 month'
    ) as m (starts_at)
  cross join lateral (select replace(t.parent::text, '.', '_') || to_char(m.starts_at, '_YYYY_MM') as name) as n
  left join pg_catalog.pg_inherits as i on i.inhrelid = to_regclass(format('ratebook.%I', n.name)) and not i.inhdetachpending
  where i.inhrelid is null
  order by m.starts_at, t.place;
end;

create function ratebook.try_to_make_months(p_tables regclass[], p_from timestamptz, p_until timestamptz) returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
-- Most that anybody waits for the months to be made. Below, each lock gets what is left of it.
set lock_timeout = '100ms'
as $$
declare
  v_month record;
  v_lock text;
  v_attach text;
  v_attachments text[] := '{}'::text[];
  v_since timestamptz;
begin
  -- One at a time; whoever comes next finds the months made.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.partitions', 0));

  -- Tables beside their parents, which nobody has to wait for. They have the parent's indexes, so ATTACH builds none; and
  -- no rows, so a CHECK that spares ATTACH the scan would only cost each insert.
  for v_month in
    select m.*, to_regclass(format('ratebook.%I', m.name)) as detached
    from ratebook.missing_months(p_tables, p_from, p_until) as m
  loop
    if v_month.detached is not null then
      perform ratebook.fail(
        'invalid_argument', format('The partition of %s was detached.', to_char(v_month.starts_at at time zone 'UTC', 'YYYY-MM')),
        format('Attach, rename or drop %s first.', v_month.detached)
      );
    end if;
    execute format('create table ratebook.%I (like %s including all excluding comments)', v_month.name, v_month.parent);
    -- Where an owner has a share of every month, the planner takes the key of a month, which is in the order of a page, for
    -- the shorter way to those of an owner, and reads all of it for one who has few. With what it takes of a table that it
    -- has not counted it takes the index that leads with the owner.
    execute format('alter table ratebook.%I alter column lenser_id set (n_distinct = 200)', v_month.name);
    perform ratebook.close_month(format('ratebook.%I', v_month.name)::regclass);
    v_attachments := v_attachments || format(
      'alter table %s attach partition ratebook.%I for values from (%L) to (%L)',
      v_month.parent,
      v_month.name,
      ratebook.uuid_v7_floor(v_month.starts_at),
      ratebook.uuid_v7_floor((v_month.starts_at at time zone 'UTC' + interval '1 month') at time zone 'UTC')
    );
  end loop;

  if v_attachments = '{}' then
    return 0;
  end if;

  -- All that ATTACH locks, so that nobody waits for one lock while it waits for the next: no reader is kept out, but who
  -- writes to what a foreign key points to. ATTACH makes the foreign keys itself; made before, they would lock readers out.
  v_since := ratebook.clock();
  for v_lock in
    select format('lock table only %s in share update exclusive mode', t.parent)
    from unnest(p_tables) as t (parent)
    union all
    select format('lock table only %s in share row exclusive mode', f.name)
    from (
      select distinct c.confrelid::regclass::text as name
      from pg_catalog.pg_constraint as c
      where c.contype = 'f' and c.conrelid = any(p_tables)
      order by 1
    ) as f
  loop
    perform set_config(
      'lock_timeout', greatest(1, 100 - extract(milliseconds from ratebook.clock() - v_since)::integer)::text, true
    );
    execute v_lock;
  end loop;

  foreach v_attach in array v_attachments loop
    execute v_attach;
  end loop;
  return cardinality(v_attachments);
end;
$$;

create function ratebook.make_months(
  p_tables regclass[], p_from timestamptz, p_until timestamptz, p_tries integer default 20
) returns integer
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (select from ratebook.missing_months(p_tables, p_from, p_until)) then
    return 0;
  end if;
  for v_try in 1..p_tries loop
    begin
      return ratebook.try_to_make_months(p_tables, p_from, p_until);
    exception
      -- It has let go of everything: those who waited for it go on.
      when lock_not_available then
        perform pg_sleep(case when v_try < p_tries then 0.2 else 0 end);
    end;
  end loop;
  perform ratebook.fail(
    'month_not_made', 'The month that this belongs to is not made yet, and an open transaction stands in its way.',
    'Try again. A scheduled ai.extend_partitions() makes months ahead.'
  );
  return null;
end;
$$;

create function ratebook.make_partitions(p_table regclass, p_from timestamptz, p_until timestamptz) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.make_months(array[p_table], p_from, p_until);
end;

revoke all on function ratebook.missing_months(regclass[], timestamptz, timestamptz) from public;
revoke all on function ratebook.try_to_make_months(regclass[], timestamptz, timestamptz) from public;
revoke all on function ratebook.make_months(regclass[], timestamptz, timestamptz, integer) from public;
revoke all on function ratebook.make_partitions(regclass, timestamptz, timestamptz) from public;

comment on function ratebook.missing_months(regclass[], timestamptz, timestamptz) is
'The months (UTC) of a span of time that tables have no partition for, in the order in which they are made.';
comment on function ratebook.try_to_make_months(regclass[], timestamptz, timestamptz) is
'ratebook.make_months(), once: lock_not_available (55P03) where it does not get its locks in 100 ms.';
comment on function ratebook.make_months(regclass[], timestamptz, timestamptz, integer) is
'Makes the monthly (UTC) partitions of tables keyed by UUIDv7 that cover a span of time, in schema ratebook, closed as ratebook.close_month() says. Returns how many were missing. Readers are never kept waiting; who writes to a table that a foreign key of theirs points to waits at most 100 ms, then it lets them go on and tries again; from then to the end of the transaction they wait, so make one in a transaction while others write. Errors: month_not_made (PT503), invalid_argument (PT422) for a month that was detached.';
comment on function ratebook.make_partitions(regclass, timestamptz, timestamptz) is
'ratebook.make_months() for one table.';

-- from sql/10_platform/110_function_extend_partitions.sql

create function ratebook.extend_partitions(p_months integer default 24, p_tries integer default 20) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: partitions belong to the owner of the schema.
declare
  v_next record;
begin
  if (p_months between 1 and 120) is not true then
    perform ratebook.fail('invalid_argument', format('%s months of partitions are not possible.', p_months),
      'Ask for 1 to 120.');
  end if;
  select m.*, count(*) over () as missing into v_next
  from ratebook.missing_months(
    array(select t.name from ratebook.partitioned_tables() as t (name)),
    ratebook.clock(),
    ratebook.clock() + make_interval(months => p_months)
  ) as m
  limit 1;
  if not found then
    return 0;
  end if;
  return v_next.missing - ratebook.make_months(
    array[v_next.parent], v_next.starts_at, v_next.starts_at + interval '1 day', p_tries
  );
end;
$$;

revoke all on function ratebook.extend_partitions(integer, integer) from public;
grant execute on function ratebook.extend_partitions(integer, integer) to service_role;

comment on function ratebook.extend_partitions(integer, integer) is
'Makes the next partition that is missing of those that keep the given number of months ahead, of one table, and returns how many are missing still. One a transaction: what ATTACH locks stays locked to the end of it. Errors: invalid_argument (PT422), month_not_made (PT503).';

-- from sql/10_platform/120_function_describe.sql

-- Word for word, less the lines that Supabase's dump leaves out, and the ends that a checkout on Windows gives to lines.
create function ratebook.source_hash(p_definition text) returns text
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return md5(regexp_replace(p_definition, '\r(?=\n)|^--.*\n', '', 'gn'));

-- PostgreSQL 15 names the columns of the one table that a view reads with its alias, 16 and later without.
create function ratebook.view_source(p_view oid) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(regexp_replace(v.source, '\m' || v.alias || '\.', '', 'g'), v.source)
  from (
    select
      d.source,
      substring(d.source from '\n   FROM (?:[^\n]|\n {8,})*[ .](\w+)(?:;|\n  [A-Z])') as alias
    from (select pg_get_viewdef(p_view)) as d (source)
  ) as v;
$$;

create function ratebook.describe(
  p_schemas text[], p_privileges_only boolean default false
) returns table (kind text, name text, state text, owner text)
language sql stable
set search_path = pg_catalog, pg_temp
-- What constants and names are written like must not hang on the session that asks.
set intervalstyle = postgres set datestyle = iso set timezone = utc set extra_float_digits = 1
set quote_all_identifiers = off
-- Not in SQL-standard form, which would write down the columns of this version's catalogs.
as $$
  with
  schemas as (
    select
      n.*,
      exists (select from ratebook.found as f where f.kind = 'schema' and f.name = n.nspname) as is_found
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
  -- Schemas stand for themselves: whether they are there is all there is to tell. One that was found is the project's.
  select 'schema', s.nspname::text, '', case when not s.is_found then pg_get_userbyid(s.nspowner)::text end
  from schemas as s
  where not p_privileges_only
  union all
  -- Columns by name: one that was dropped and added again stands last, and is the same.
  select
    case r.relkind when 'v' then 'view' else 'table' end,
    r.name,
    ratebook.source_hash(concat_ws(
      ' ',
      case r.relkind when 'v' then ratebook.view_source(r.oid) end,
      pg_get_partkeydef(r.oid),
      r.relrowsecurity::text, r.relforcerowsecurity::text, r.relreplident::text,
      (select string_agg(o, ' ' order by o) from unnest(r.reloptions) as o),
      -- A column's collation where it is not that of its type; the default, or how it is worked out.
      (
        select string_agg(
          concat_ws(
            ' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text, a.attgenerated::text,
            a.attidentity::text, 'collate ' || nullif(a.attcollation, y.typcollation)::regcollation::text,
            pg_get_expr(d.adbin, d.adrelid)
          ), ', ' order by a.attname
        )
        from pg_attribute as a
        inner join pg_type as y on y.oid = a.atttypid
        left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
      )
    )),
    pg_get_userbyid(r.relowner)::text
  from relations as r
  where not p_privileges_only
  union all
  -- A body, and what decides whose rights it runs with, where it looks names up and how often it may be run.
  select
    'function', f.name,
    ratebook.source_hash(concat_ws(
      ' ',
      (select l.lanname from pg_language as l where l.oid = f.prolang), f.provolatile::text, f.proparallel::text, f.prosecdef::text, f.proleakproof::text,
      f.proisstrict::text, pg_get_function_result(f.oid), pg_get_function_arguments(f.oid),
      array_to_string(f.proconfig, ' '), coalesce(pg_get_function_sqlbody(f.oid), f.prosrc)
    )),
    pg_get_userbyid(f.proowner)::text
  from functions as f
  where not p_privileges_only
  union all
  -- Enumerations, domains and composite types; a table's own row type is told by the table.
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
    )),
    -- The one in public may be the project's.
    case n.nspname when 'public' then null else pg_get_userbyid(t.typowner)::text end
  -- One type of schema public is Ratebook's: callers find it there.
  from pg_type as t
  inner join pg_namespace as n on n.oid = t.typnamespace
  left join pg_class as c on c.oid = t.typrelid
  where
    not p_privileges_only
    and (t.typtype in ('d', 'e') or c.relkind = 'c')
    and (n.nspname = any(p_schemas) or (n.nspname, t.typname) = ('public', 'pricing_tier_enum'))
  union all
  select
    'constraint', format('%I on %s', k.conname, r.name),
    ratebook.source_hash(concat_ws(' ', pg_get_constraintdef(k.oid), k.convalidated::text)),
    null
  from pg_constraint as k
  inner join relations as r on r.oid = k.conrelid
  -- From 18 on, NOT NULL is a constraint too; the table tells it on all versions.
  where not p_privileges_only and k.contype <> 'n' and k.conparentid = 0
  union all
  -- Indexes of constraints too: a constraint's definition leaves out how its index is stored.
  select 'index', format('%I.%I', s.nspname, c.relname), ratebook.source_hash(pg_get_indexdef(c.oid)), null
  from pg_index as i
  inner join pg_class as c on c.oid = i.indexrelid
  inner join relations as r on r.oid = i.indrelid
  inner join schemas as s on s.oid = c.relnamespace
  where not p_privileges_only
  union all
  select
    'trigger', format('%I on %s', t.tgname, r.name),
    ratebook.source_hash(concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled::text)),
    null
  from pg_trigger as t
  inner join relations as r on r.oid = t.tgrelid
  where not p_privileges_only and not t.tgisinternal
  union all
  -- What a view is made of is a rule, too.
  select
    'rule', format('%I on %s', u.rulename, r.name), ratebook.source_hash(concat_ws(' ', pg_get_ruledef(u.oid), u.ev_enabled::text)),
    null
  from pg_rewrite as u
  inner join relations as r on r.oid = u.ev_class
  where not p_privileges_only and u.rulename <> '_RETURN'
  union all
  -- A policy's roles by name: their numbers differ from database to database.
  select
    'policy', format('%I on %s', p.polname, r.name),
    ratebook.source_hash(concat_ws(
      ' ', p.polcmd::text, p.polpermissive::text,
      (
        select string_agg(case u.oid when 0 then 'public' else u.oid::regrole::text end, ' ' order by u.oid::regrole::text)
        from unnest(p.polroles) as u (oid)
      ),
      'using', pg_get_expr(p.polqual, p.polrelid), 'with check', pg_get_expr(p.polwithcheck, p.polrelid)
    )),
    null
  from pg_policy as p
  inner join relations as r on r.oid = p.polrelid
  where not p_privileges_only
  union all
  -- Told without the owner, who differs from project to project, and with the defaults written out: nothing granted yet
  -- and revoked again are the same. A star is the right to grant it on, as PostgreSQL writes it.
  select 'privileges', a.name, coalesce(string_agg(a.grantee || ' ' || a.privileges, ', ' order by a.grantee), ''), null
  from (
    select
      o.name,
      case g.grantee when 0 then 'public' else g.grantee::regrole::text end as grantee,
      string_agg(
        lower(g.privilege_type) || case when g.is_grantable then '*' else '' end || coalesce(' ' || o.part, ''),
        '+' order by o.part nulls first, g.privilege_type
      ) as privileges
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
      union all
      select format('schema %I', s.nspname), null, s.nspowner, coalesce(s.nspacl, acldefault('n', s.nspowner))
      from schemas as s
      where not s.is_found
      union all
      -- Of a schema that was found only what API roles may do there, however they came by it: the rest is the project's,
      -- and so is CREATE where they had it.
      select
        format('schema %I', s.nspname), null, s.nspowner,
        array(
          select makeaclitem(r.oid, s.nspowner, p.privilege, false)
          from pg_roles as r
          cross join unnest('{usage,create}'::text[]) as p (privilege)
          where
            r.rolname in ('anon', 'authenticated', 'service_role') and has_schema_privilege(r.oid, s.oid, p.privilege)
            and not exists (
              select from ratebook.found as f
              where f.kind = p.privilege and f.kind = 'create' and f.name = s.nspname || ' ' || r.rolname
            )
        )
      from schemas as s
      where s.is_found
    ) as o
    -- One row for what nobody but the owner has.
    left join lateral aclexplode(o.acl) as g on g.grantee <> o.owner
    group by o.name, g.grantee
  ) as a
  group by a.name;
$$;

revoke all on function ratebook.source_hash(text) from public;
revoke all on function ratebook.view_source(oid) from public;
revoke all on function ratebook.describe(text[], boolean) from public;

comment on function ratebook.source_hash(text) is
'md5 of a definition, lines that are comments from their first character left out.';
comment on function ratebook.view_source(oid) is
'The query of a view as all versions of PostgreSQL write it.';
comment on function ratebook.describe(text[], boolean) is
'Every object of some schemas as it stands, one row each, the same on all versions of PostgreSQL: kind, name, md5 of its definition; for privileges what roles other than the owner have, and who owns it. Months and objects of extensions are left out. p_privileges_only: just the privileges.';

-- from sql/10_platform/130_function_differences.sql

create function ratebook.privileges(p_state text) returns table (role text, privileges text)
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  -- A role's name may have blanks, and is in quotes then.
  select
    s.parts[1],
    s.parts[2]
  from unnest(string_to_array(p_state, ', ')) as e (entry)
  cross join lateral (select regexp_match(e.entry, '^("[^"]*"|[^ ]+) (.*)$') as parts) as s;
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
      d.state,
      d.owner
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

  -- How widely a role differs decides below whether its objects are told one by one.
  by_role as (
    select
      p.role,
      count(*) as objects,
      min(p.name) as example
    from privileges as p
    group by p.role
  ),

  -- Whose it all is: a function runs, and a view reads, with the rights of its owner.
  owned as (
    select
      d.kind,
      d.name,
      d.owner
    from standing as d
    inner join ratebook.manifest as m on m.kind = d.kind and m.name = d.name
    where d.owner is not null
  ),

  usual as (select mode() within group (order by o.owner) as owner from owned as o)

  -- What the migrations made and is not as they made it. Privileges are compared role by role instead.
  select
    m.kind,
    m.name,
    case when d.name is null then 'is missing' else 'was changed' end as difference
  from ratebook.manifest as m
  left join standing as d on d.kind = m.kind and d.name = m.name
  where m.kind <> 'privileges' and d.state is distinct from m.state
  union all
  -- Policies only add: one that is not Ratebook's opens rows that Ratebook closes. A rule does something else than what
  -- was said, and a function of a name twice is one that PostgREST cannot call. Triggers of a project are its own affair.
  select
    d.kind,
    d.name,
    'is not Ratebook''s' as difference
  from standing as d
  where
    case
      when d.kind in ('policy', 'rule')
        then exists (
          select from ratebook.manifest as t
          -- The last "on": a policy may be called "open on Sundays".
          where t.kind in ('table', 'view') and t.name = regexp_replace(d.name, '^.* on ', '')
        )
      -- Whatever its arguments.
      when d.kind = 'function'
        then split_part(d.name, '(', 1) = any(array(
          select split_part(t.name, '(', 1) from ratebook.manifest as t
          where t.kind = 'function'
        ))
    end
    and not exists (
      select from ratebook.manifest as m
      where m.kind = d.kind and m.name = d.name
    )
  union all
  -- Said of the few: the role that most belong to is the one that migrated.
  select
    o.kind,
    o.name,
    format('belongs to %s, the rest to %s', o.owner, u.owner) as difference
  from owned as o
  inner join usual as u on u.owner <> o.owner
  union all
  -- A grant on all tables would fill hundreds of rows and hide the rest: one row for a role that differs everywhere.
  select
    'privileges' as kind,
    p.name,
    format('%s has %s, the migrations gave %s', p.role, coalesce(p.standing, 'nothing'), coalesce(p.given, 'nothing')) as difference
  from privileges as p
  inner join by_role as b on b.role = p.role
  where b.objects <= 10
  union all
  select
    'privileges' as kind,
    b.role,
    format('has other privileges than the migrations gave on %s objects, %s among them: a grant on all of them?', b.objects, b.example) as difference
  from by_role as b
  where b.objects > 10;
end;

revoke all on function ratebook.privileges(text) from public;
revoke all on function ratebook.differences() from public;

comment on function ratebook.privileges(text) is
'The state of kind privileges, as ratebook.describe() writes it, role by role.';
comment on function ratebook.differences() is
'Where the database is not what its migrations made: objects that are missing, changed or somebody else''s, policies and rules on Ratebook''s tables and functions by its names that are not Ratebook''s, privileges given or taken (one row for a role that differs on more than ten objects). No row: nothing differs.';

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
    -- A column or an argument may be of the type, or of its array.
    select 'pg_type'::regclass, y.oid, m.domain
    from ratebook.manifest as m
    inner join pg_type as t on t.oid = to_regtype(m.name)
    cross join lateral (values (t.oid), (t.typarray)) as y (oid)
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
      -- Having statistics is no reason to stay.
      and d.classid <> 'pg_statistic_ext'::regclass
  ),
  -- Whatever belongs to a relation is told by the relation, and by its own name where Ratebook knows that.
  placed as (
    select
      r.classid, r.objid,
      case
        when k.contypid <> 0 then 'pg_type'::regclass
        when coalesce(w.ev_class, t.tgrelid, p.polrelid, k.conrelid, b.prrelid, a.adrelid, i.indrelid, s.refobjid) is not null
          then 'pg_class'::regclass
        else r.classid
      end as root_class,
      coalesce(
        w.ev_class, t.tgrelid, p.polrelid, nullif(k.conrelid, 0), b.prrelid, a.adrelid, i.indrelid, s.refobjid,
        nullif(k.contypid, 0), r.objid
      ) as root,
      -- What a project may put on a table of Ratebook, as the manifest names kinds; the rest is told by its root.
      case
        when t.oid is not null and not t.tgisinternal and t.tgparentid = 0 then 'trigger'
        when p.oid is not null then 'policy'
        when w.rulename <> '_RETURN' then 'rule'
        when b.oid is not null then 'publication'
        when k.conrelid <> 0 and k.contype <> 'n' and k.conparentid = 0 then 'constraint'
        when i.indexrelid is not null then 'index'
      end as kind,
      coalesce(t.tgname, p.polname, w.rulename, k.conname) as name
    -- A row of pg_depend says only a catalog and a number: each catalog that may hold a part of a relation is asked.
    from referring as r
    left join pg_rewrite as w on r.classid = 'pg_rewrite'::regclass and w.oid = r.objid
    left join pg_trigger as t on r.classid = 'pg_trigger'::regclass and t.oid = r.objid
    left join pg_policy as p on r.classid = 'pg_policy'::regclass and p.oid = r.objid
    left join pg_constraint as k on r.classid = 'pg_constraint'::regclass and k.oid = r.objid
    left join pg_publication_rel as b on r.classid = 'pg_publication_rel'::regclass and b.oid = r.objid
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
'What the project has standing on the objects of a domain, as far as pg_depend knows: views, functions, columns, foreign keys, and triggers, policies, rules, constraints and indexes that it put on Ratebook''s tables, and publications that list them.';
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
        when d.name like 'schema %' then ''
        when d.name like '%(%' then 'function'
        when exists (select from pg_class as c where c.oid = to_regclass(d.name) and c.relkind = 'S') then 'sequence'
        else 'table'
      end as kind
    from ratebook.describe(array(select m.name from ratebook.manifest as m where m.kind = 'schema'), true) as d
    inner join ratebook.manifest as m on m.kind = d.kind and m.name = d.name and m.domain = p_domain
    cross join lateral ratebook.privileges(d.state) as p
    where
      d.state <> m.state
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

-- from sql/10_platform/160_function_copies.sql

-- What a copy of a database (a restored dump, a subscriber) can lack, since neither asks foreign keys nor, on a
-- subscriber, moves sequences.

create function ratebook.own_relations() returns table (id oid, name text, kind text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    c.oid,
    c.oid::regclass::text,
    c.relkind::text
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  inner join pg_catalog.pg_namespace as inside on inside.nspname = 'ratebook' and inside.nspowner = c.relowner
  where
    n.nspname in ('ai', 'billing', 'lensers', 'content', 'media', 'execution', 'ratebook')
    and c.relkind in ('r', 'p', 'S')
    and not c.relispartition
    -- What a database says of itself is no copy's.
    and not (n.nspname = 'ratebook' and c.relname in ('manifest', 'found'));
end;

create function ratebook.unmatched_references() returns table (table_name text, constraint_name text, unmatched bigint)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key record;
begin
  for v_key in
    select
      r.name,
      c.conname,
      c.confrelid::regclass as target,
      string_agg(format('t.%I is not null', a.attname), ' and ') as given,
      string_agg(format('f.%I = t.%I', f.attname, a.attname), ' and ') as matches
    from pg_catalog.pg_constraint as c
    inner join ratebook.own_relations() as r on r.id = c.conrelid
    cross join lateral unnest(c.conkey, c.confkey) as k (own, other)
    inner join pg_catalog.pg_attribute as a on a.attrelid = c.conrelid and a.attnum = k.own
    inner join pg_catalog.pg_attribute as f on f.attrelid = c.confrelid and f.attnum = k.other
    where c.contype = 'f' and c.conparentid = 0
    group by r.name, c.conname, c.confrelid
    order by r.name, c.conname
  loop
    table_name := v_key.name;
    constraint_name := v_key.conname;
    execute format(
      'select count(*) from %s as t where %s and not exists (select from %s as f where %s)',
      v_key.name, v_key.given, v_key.target, v_key.matches
    ) into unmatched;
    if unmatched > 0 then
      return next;
    end if;
  end loop;
end;
$$;

create function ratebook.sequences_behind() returns table (sequence_id oid, table_name text, highest bigint)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column text;
begin
  for sequence_id, table_name, v_column in
    select s.id, r.name, a.attname
    from ratebook.own_relations() as r
    inner join pg_catalog.pg_depend as d on d.refobjid = r.id and d.refclassid = 'pg_class'::regclass and d.deptype = 'i'
    inner join ratebook.own_relations() as s on s.id = d.objid and s.kind = 'S'
    inner join pg_catalog.pg_attribute as a on a.attrelid = r.id and a.attnum = d.refobjsubid
    order by r.name
  loop
    execute format('select max(%I) from %s', v_column, table_name) into highest;
    if highest > coalesce(pg_sequence_last_value(sequence_id), 0) then
      return next;
    end if;
  end loop;
end;
$$;

create function ratebook.advance_sequences() returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select count(setval(b.sequence_id::regclass, b.highest))::integer
  from ratebook.sequences_behind() as b;
end;

revoke all on function ratebook.own_relations() from public;
revoke all on function ratebook.unmatched_references() from public;
revoke all on function ratebook.sequences_behind() from public;
revoke all on function ratebook.advance_sequences() from public;

comment on function ratebook.own_relations() is
'Tables and sequences of the owner of schema ratebook in the schemas that Ratebook uses: what a copy brings along. Partitions are left out, and what a database says of itself. A project''s own tables in those schemas may be among them.';
comment on function ratebook.unmatched_references() is
'Foreign keys that do not hold, and the number of their rows: where data was loaded with session_replication_role = replica, nothing asked them. Reads every table that has one.';
comment on function ratebook.sequences_behind() is
'Identity columns whose next number is taken already: a subscriber receives rows, not the state of sequences.';
comment on function ratebook.advance_sequences() is
'Sets the sequences of ratebook.sequences_behind() to the highest number in their table; before a subscriber takes over. Returns how many.';

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
  ('constraint', 'found_pkey on ratebook.found', '78c4ca03a5e721066271bf18f078bea2'),
  ('constraint', 'manifest_pkey on ratebook.manifest', '78c4ca03a5e721066271bf18f078bea2'),
  ('function', 'ratebook.advance_sequences()', 'b6f1d74ab718e18d1b2178fad74cb7c7'),
  ('function', 'ratebook.alter_promptly(p_statements text)', '0e671849a13a9fcc7bbb356f698b08e8'),
  ('function', 'ratebook.assert_removable(p_domain text)', '021a8d511244fd5239a35814179c054d'),
  ('function', 'ratebook.caller()', 'e59756e1e68862b727aeae4da820e3cf'),
  ('function', 'ratebook.check_time_zone()', '39eb15c63ddf3aaf4bde12424b672ba0'),
  ('function', 'ratebook.clock()', '505ce420955920ee2e17ca3dd43352c5'),
  ('function', 'ratebook.close_month(p_month regclass)', '8e63b383b881af170851fab1882cfc98'),
  ('function', 'ratebook.close_privileges(p_domain text)', '87c808adff783930c25f3b268b4359dc'),
  ('function', 'ratebook.day_starts_at(p_day date, p_time_zone text)', 'cffae9ac8ab8860f996b9c62661d8e1d'),
  ('function', 'ratebook.dependents(p_domain text)', 'fb9f34094ff672cba2c3f6570b84cdfb'),
  ('function', 'ratebook.describe(p_schemas text[], p_privileges_only boolean)', 'e20875768d55bc95f253139003456363'),
  ('function', 'ratebook.detached_months()', '6a77562e35a7733b4bbe4687b9c730da'),
  ('function', 'ratebook.differences()', '68bbbba947448f690ac4e447f0fca12f'),
  ('function', 'ratebook.extend_partitions(p_months integer, p_tries integer)', '5106d3df4aeba21245fdb9ce4fbb3024'),
  ('function', 'ratebook.fail(p_error text, p_message text, p_hint text, p_detail jsonb)', 'b6b41183fa5908379046d99138a5da4a'),
  ('function', 'ratebook.give_back_schema(p_name text)', 'e1a4552354e12b46cdb77bdc50b7e275'),
  ('function', 'ratebook.give_back_type(p_name text)', '5d273984944214f93442d9215b77dd64'),
  ('function', 'ratebook.is_amount(p_value numeric, p_decimals integer)', 'b333aa2aefbbd7a7fcaf55891a210900'),
  ('function', 'ratebook.is_closed(p_month regclass)', '74107e4f1439844663f72b5ac9366cf2'),
  ('function', 'ratebook.is_date(p_value date)', '0e35a6d0eb24840e0e51e95c639b3c43'),
  ('function', 'ratebook.is_name(p_value text)', 'c1446f597d18edcc94f4f693f861a1d1'),
  ('function', 'ratebook.is_price(p_value numeric)', '99a0118f04efa8f7dd5a8dabedd90285'),
  ('function', 'ratebook.is_text(p_value text)', 'e68be1945eed24c05e337de099990837'),
  ('function', 'ratebook.is_time(p_value timestamp with time zone)', '0c1a15e419f037277e164c559107254f'),
  ('function', 'ratebook.is_time_zone(p_name text)', 'f61d7e16d1b02dc9963ad7d21b9ec99a'),
  ('function', 'ratebook.make_months(p_tables regclass[], p_from timestamp with time zone, p_until timestamp with time zone, p_tries integer)', '81fbd492d94c7acfcab56cee9892d7fd'),
  ('function', 'ratebook.make_partitions(p_table regclass, p_from timestamp with time zone, p_until timestamp with time zone)', '8fedecaaa6e66c1300783bb4e5f1a577'),
  ('function', 'ratebook.missing_months(p_tables regclass[], p_from timestamp with time zone, p_until timestamp with time zone)', '20c64cbf230d27f32457ed6a123ecdd8'),
  ('function', 'ratebook.months()', 'a038f43b12790c912875f7a12f4231ff'),
  ('function', 'ratebook.own_relations()', 'ff3029d5f18b846e32676ff13b3fa090'),
  ('function', 'ratebook.partitioned_tables()', 'bd6d664a26166aea8e85fb552940ce24'),
  ('function', 'ratebook.partitions_end(p_table regclass)', '412f3831eb14f06dfeb039e87cad44c4'),
  ('function', 'ratebook.privileges(p_state text)', '4367be704b8c3aa254858e4c38497d16'),
  ('function', 'ratebook.refuse_change()', 'cd2b17dad47b0d8f67d5650097cbadbd'),
  ('function', 'ratebook.refuse_write()', 'b3fd48db9cff434d8e677696413498ac'),
  ('function', 'ratebook.relation_name(p_relation oid)', '449e78a68aa865306df2e504a1099e19'),
  ('function', 'ratebook.require_owner()', 'cef0fffd2c1b642806fe8016ca6c9e90'),
  ('function', 'ratebook.sequences_behind()', '0167ab96fde1b167c4bbfd1e7b59f1d7'),
  ('function', 'ratebook.source_hash(p_definition text)', '7c5652a4252f10511889d531ce3f3da4'),
  ('function', 'ratebook.stamp()', '177029c27e3a1bbbe08b9692eff06550'),
  ('function', 'ratebook.take_schema(p_name text, p_comment text)', 'a198a99b63231e89468c4a02397dd7d3'),
  ('function', 'ratebook.try_to_make_months(p_tables regclass[], p_from timestamp with time zone, p_until timestamp with time zone)', '388631b81f9b2f9b66cd137aabd73ba6'),
  ('function', 'ratebook.uid()', '9904405b3f5e148be36cbc532dd9ca61'),
  ('function', 'ratebook.unmatched_references()', '90e05a960dc44330f62bfb0f8b07998e'),
  ('function', 'ratebook.uuid_v7(p_at timestamp with time zone)', 'eb8d9659359e6f48df4f9c3e83e1bc98'),
  ('function', 'ratebook.uuid_v7_floor(p_at timestamp with time zone)', '5e958af34d6a5ae2c41b7129e4f50eb6'),
  ('function', 'ratebook.uuid_v7_time(p_id uuid)', 'fe4dfdaca18cc0521993bbf29deb5639'),
  ('function', 'ratebook.view_source(p_view oid)', 'ec6542d01e503552cb5e6b05e76682fd'),
  ('index', 'ratebook.found_pkey', 'e5d686265b0c371033004732cca547c5'),
  ('index', 'ratebook.manifest_pkey', 'e62c5071922f3ce5f5e8ef6eef19ee73'),
  ('privileges', 'ratebook.advance_sequences()', ''),
  ('privileges', 'ratebook.alter_promptly(p_statements text)', ''),
  ('privileges', 'ratebook.assert_removable(p_domain text)', ''),
  ('privileges', 'ratebook.caller()', ''),
  ('privileges', 'ratebook.check_time_zone()', ''),
  ('privileges', 'ratebook.clock()', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.close_month(p_month regclass)', ''),
  ('privileges', 'ratebook.close_privileges(p_domain text)', ''),
  ('privileges', 'ratebook.day_starts_at(p_day date, p_time_zone text)', ''),
  ('privileges', 'ratebook.dependents(p_domain text)', ''),
  ('privileges', 'ratebook.describe(p_schemas text[], p_privileges_only boolean)', ''),
  ('privileges', 'ratebook.detached_months()', ''),
  ('privileges', 'ratebook.differences()', ''),
  ('privileges', 'ratebook.extend_partitions(p_months integer, p_tries integer)', 'service_role execute'),
  ('privileges', 'ratebook.fail(p_error text, p_message text, p_hint text, p_detail jsonb)', ''),
  ('privileges', 'ratebook.found', ''),
  ('privileges', 'ratebook.give_back_schema(p_name text)', ''),
  ('privileges', 'ratebook.give_back_type(p_name text)', ''),
  ('privileges', 'ratebook.is_amount(p_value numeric, p_decimals integer)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.is_closed(p_month regclass)', ''),
  ('privileges', 'ratebook.is_date(p_value date)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.is_name(p_value text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.is_price(p_value numeric)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.is_text(p_value text)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.is_time(p_value timestamp with time zone)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.is_time_zone(p_name text)', ''),
  ('privileges', 'ratebook.make_months(p_tables regclass[], p_from timestamp with time zone, p_until timestamp with time zone, p_tries integer)', ''),
  ('privileges', 'ratebook.make_partitions(p_table regclass, p_from timestamp with time zone, p_until timestamp with time zone)', ''),
  ('privileges', 'ratebook.manifest', ''),
  ('privileges', 'ratebook.missing_months(p_tables regclass[], p_from timestamp with time zone, p_until timestamp with time zone)', ''),
  ('privileges', 'ratebook.months()', ''),
  ('privileges', 'ratebook.own_relations()', ''),
  ('privileges', 'ratebook.partitioned_tables()', ''),
  ('privileges', 'ratebook.partitions_end(p_table regclass)', ''),
  ('privileges', 'ratebook.privileges(p_state text)', ''),
  ('privileges', 'ratebook.refuse_change()', ''),
  ('privileges', 'ratebook.refuse_write()', ''),
  ('privileges', 'ratebook.relation_name(p_relation oid)', ''),
  ('privileges', 'ratebook.require_owner()', ''),
  ('privileges', 'ratebook.sequences_behind()', ''),
  ('privileges', 'ratebook.source_hash(p_definition text)', ''),
  ('privileges', 'ratebook.stamp()', ''),
  ('privileges', 'ratebook.take_schema(p_name text, p_comment text)', ''),
  ('privileges', 'ratebook.try_to_make_months(p_tables regclass[], p_from timestamp with time zone, p_until timestamp with time zone)', ''),
  ('privileges', 'ratebook.uid()', 'anon execute, authenticated execute, service_role execute'),
  ('privileges', 'ratebook.unmatched_references()', ''),
  ('privileges', 'ratebook.uuid_v7(p_at timestamp with time zone)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.uuid_v7_floor(p_at timestamp with time zone)', ''),
  ('privileges', 'ratebook.uuid_v7_time(p_id uuid)', 'authenticated execute, service_role execute'),
  ('privileges', 'ratebook.view_source(p_view oid)', ''),
  ('privileges', 'schema ratebook', ''),
  ('schema', 'ratebook', ''),
  ('table', 'ratebook.found', '09f7882bd2e35a82a6648aa89c1a2933'),
  ('table', 'ratebook.manifest', '0c3792ddc4f9a7c4eee17f55860efd4f')
) as o (kind, name, state);

select ratebook.close_privileges('10_platform');
