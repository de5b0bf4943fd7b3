-- What the tests stand on: loaded once into the template database, after pgTAP (in schema tap) and the schema itself.
-- Helpers run in the name of whoever calls them; factories are called before a test takes a role.

-- What migrations write down at their end.
insert into ratebook.manifest (module, domain, kind, name, state)
select 'core', 'tests', d.kind, d.name, d.state
from ratebook.describe('{ai,billing,lensers,content,media,execution,compat,ratebook}') as d;

create schema tests;
grant usage on schema tests, tap to anon, authenticated, service_role;

-- Who asks

create function tests.user_id(p_name text) returns uuid
language sql immutable
return md5(p_name)::uuid;

comment on function tests.user_id(text) is 'The id of a test user, by name.';

create function tests.authenticate_as(p_user uuid, p_role text default 'authenticated') returns void
language plpgsql
as $$
begin
  perform set_config('request.jwt.claims', jsonb_build_object('sub', p_user, 'role', p_role)::text, true);
  perform set_config('role', p_role, true);
end;
$$;

comment on function tests.authenticate_as(uuid, text) is
'What PostgREST does for a token with this subject and role, until the end of the transaction.';

create function tests.authenticate_as(p_name text) returns void
language sql
begin atomic
  select tests.authenticate_as(tests.user_id(p_name));
end;

comment on function tests.authenticate_as(text) is 'Signs a test user in, by name.';

create function tests.as_anon() returns void
language plpgsql
as $$
begin
  perform set_config('request.jwt.claims', '{"role": "anon"}', true);
  perform set_config('role', 'anon', true);
end;
$$;

comment on function tests.as_anon() is 'A visitor with the anon key.';

create function tests.as_service() returns void
language plpgsql
as $$
begin
  perform set_config('request.jwt.claims', '{"role": "service_role"}', true);
  perform set_config('role', 'service_role', true);
end;
$$;

comment on function tests.as_service() is 'A backend with the service key.';

create function tests.reset_role() returns void
language plpgsql
as $$
begin
  perform set_config('request.jwt.claims', '', true);
  perform set_config('role', 'none', true);
end;
$$;

comment on function tests.reset_role() is 'Back to the superuser who runs the tests.';

-- When

create function tests.freeze_clock(p_at timestamptz) returns void
language plpgsql
as $$
begin
  execute format(
    'create or replace function ratebook.clock() returns timestamptz language sql volatile parallel safe '
    'set search_path = '''' return %L::timestamptz', p_at
  );
end;
$$;

comment on function tests.freeze_clock(timestamptz) is 'Stops Ratebook''s clock, until the end of the transaction.';

create function tests.extend_partitions() returns integer
language plpgsql
as $$
declare
  v_calls integer := 0;
begin
  while ai.extend_partitions() > 0 loop
    v_calls := v_calls + 1;
  end loop;
  return v_calls;
end;
$$;

comment on function tests.extend_partitions() is
'Calls ai.extend_partitions() until nothing is missing. Returns after how many calls something still was.';

-- What is there

create function tests.make_user(p_name text default gen_random_uuid()::text) returns uuid
language sql
begin atomic
  insert into auth.users (id, email) values (tests.user_id(p_name), p_name || '@example.com') returning id;
end;

comment on function tests.make_user(text) is 'An auth user, without a profile yet.';

create function tests.make_admin(p_name text default 'admin') returns uuid
language sql
begin atomic
  select tests.make_user(p_name);
  insert into lensers.user_roles (user_id, role) values (tests.user_id(p_name), 'admin') returning user_id;
end;

comment on function tests.make_admin(text) is 'An auth user with app_role admin.';

create function tests.make_provider(p_key text default 'acme') returns uuid
language sql
begin atomic
  insert into ai.providers (key, name) values (p_key, initcap(p_key))
  on conflict (key) do update set key = excluded.key
  returning id;
end;

comment on function tests.make_provider(text) is 'A provider, or the one that has the key already.';

create function tests.make_model(
  p_key text,
  p_provider text default 'acme',
  p_is_public boolean default true,
  p_pricing_tier ai.model_tier_enum default null,
  p_valid_sizes text[] default '{}'
) returns uuid
language sql
begin atomic
  insert into ai.models (key, name, provider_id, is_public, pricing_tier, valid_sizes)
  values (p_key, initcap(p_key), tests.make_provider(p_provider), p_is_public, p_pricing_tier, p_valid_sizes)
  returning id;
end;

comment on function tests.make_model(text, text, boolean, ai.model_tier_enum, text[]) is
'An active model of a provider that is made where it is missing.';

create function tests.model_id(p_key text) returns uuid
language sql stable security definer
return (select m.id from ai.models as m where m.key = p_key);

comment on function tests.model_id(text) is 'The id of a model, hidden or not, whoever asks.';

create function tests.make_price(
  p_model text,
  p_meter text,
  p_price numeric,
  p_from timestamptz default '2025-01-01T00:00:00Z',
  p_service_tier text default 'standard',
  p_variant text default null,
  p_region text default null,
  p_revision integer default 0,
  p_is_public boolean default true,
  p_source text default 'manual',
  p_currency text default 'USD'
) returns uuid
language sql
begin atomic
  insert into ai.model_pricing (
    model_id, meter, price_per_unit, withdrawn, effective_from, service_tier, variant, region, revision, is_public,
    source, currency, is_pinned
  )
  values (
    tests.model_id(p_model), p_meter, p_price, p_price is null, p_from, p_service_tier, p_variant, p_region,
    p_revision, p_is_public, p_source, p_currency, false
  )
  returning id;
end;

comment on function tests.make_price(
  text, text, numeric, timestamptz, text, text, text, integer, boolean, text, text
) is 'A price row, not pinned; a NULL price withdraws.';

create function tests.make_rate(
  p_credits numeric default 1000,
  p_from timestamptz default '2025-01-01T00:00:00Z',
  p_currency text default 'USD',
  p_revision integer default 0
) returns uuid
language sql
begin atomic
  insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from, revision)
  values (p_currency, p_credits, p_from, p_revision)
  returning id;
end;

comment on function tests.make_rate(numeric, timestamptz, text, integer) is 'A credit rate.';

create function tests.make_policy(
  p_margin numeric default 0.30,
  p_model text default null,
  p_feature text default null,
  p_provider text default null,
  p_tier ai.model_tier_enum default null,
  p_enabled boolean default true,
  p_from timestamptz default '2025-01-01T00:00:00Z',
  p_revision integer default 0,
  p_fixed_credits numeric default 0,
  p_min_credits numeric default 0,
  p_minimum_applies_to_free boolean default false,
  p_increment numeric default 0.001
) returns uuid
language sql
begin atomic
  insert into billing.execution_margin_policies (
    margin, model_id, feature_id, provider_id, tier, enabled, effective_from, revision, fixed_credits, min_credits,
    minimum_applies_to_free, increment
  )
  values (
    p_margin,
    (select m.id from ai.models as m where m.key = p_model),
    (select f.id from ai.features as f where f.key = p_feature),
    (select p.id from ai.providers as p where p.key = p_provider),
    p_tier, p_enabled, p_from, p_revision, p_fixed_credits, p_min_credits, p_minimum_applies_to_free, p_increment
  )
  returning id;
end;

comment on function tests.make_policy(
  numeric, text, text, text, ai.model_tier_enum, boolean, timestamptz, integer, numeric, numeric, boolean, numeric
) is 'A margin policy: the default one unless a scope is named.';

create function tests.make_route(
  p_feature text, p_model text, p_priority integer default 0, p_weight numeric default 1, p_is_active boolean default true
) returns uuid
language sql
begin atomic
  insert into ai.features (key) values (p_feature) on conflict do nothing;
  insert into ai.feature_model_policies (feature_key, model_id, priority, weight, is_active)
  values (p_feature, tests.model_id(p_model), p_priority, p_weight, p_is_active)
  returning id;
end;

comment on function tests.make_route(text, text, integer, numeric, boolean) is
'A route of a feature that is made where it is missing, to a model.';

create function tests.routed(
  p_feature text, p_requirements jsonb default '{}', p_subject text default null
) returns text
language sql
return (
  select string_agg(r.model, ' ' order by r.place) from ai.route_feature(p_feature, p_requirements, p_subject) as r
);

comment on function tests.routed(text, jsonb, text) is 'The models to try for a feature, in order; NULL where there is none.';

create function tests.rejected(
  p_feature text, p_requirements jsonb default '{}', p_subject text default null
) returns text
language sql
return (
  select string_agg(r.model || ': ' || array_to_string(r.reasons, ' '), ', ' order by r.model)
  from ai.explain_route(p_feature, p_requirements, p_subject) as r
  where r.place is null
);

comment on function tests.rejected(text, jsonb, text) is 'The models that are no candidates for a feature, each with the reasons.';

create function tests.make_wallet(
  p_name text,
  p_credits numeric default null,
  p_overdraft_limit numeric default 0,
  p_low_balance_mark numeric default null
) returns uuid
language plpgsql
as $$
begin
  perform tests.make_user(p_name);
  insert into billing.accounts (id, lenser_id, overdraft_limit, low_balance_mark)
  values (tests.user_id(p_name), tests.user_id(p_name), p_overdraft_limit, p_low_balance_mark);
  if p_credits is not null then
    perform billing.grant_credits(tests.user_id(p_name), p_credits);
  end if;
  return tests.user_id(p_name);
end;
$$;

comment on function tests.make_wallet(text, numeric, numeric, numeric) is
'An auth user with an account, and credits in one lot that never expires unless they are NULL.';

create function tests.make_unit_price() returns void
language sql
begin atomic
  select tests.make_model('m');
  select tests.make_price('m', 'input', 1);
  select tests.make_rate(1);
  select tests.make_policy(0);
end;

comment on function tests.make_unit_price() is 'Model m, of which one input token costs one credit.';

create function tests.charge(
  p_name text, p_credits numeric, p_lenser text default null, p_key text default null, p_feature text default null
) returns uuid
language sql
begin atomic
  select (billing.charge_generation(
    tests.user_id(p_name), 'm', jsonb_build_object('input', p_credits), feature => p_feature,
    lenser => tests.user_id(p_lenser), idempotency_key => p_key
  ) ->> 'charge_id')::uuid;
end;

comment on function tests.charge(text, numeric, text, text, text) is
'Charges so many credits, at the unit price, and returns the charge.';

create function tests.hold(
  p_name text, p_credits numeric, p_expires_in interval default '15 minutes', p_lenser text default null
) returns uuid
language sql
begin atomic
  select (billing.authorize_credits(
    tests.user_id(p_name), p_credits, model => 'm', expires_in => p_expires_in, lenser => tests.user_id(p_lenser)
  ) ->> 'hold_id')::uuid;
end;

comment on function tests.hold(text, numeric, interval, text) is
'Holds so many credits for model m and returns the hold.';

create function tests.balance(p_name text, p_at timestamptz default null) returns text
language sql
begin atomic
  select concat_ws(' ', b.value ->> 'posted', b.value ->> 'reserved', b.value ->> 'available', b.value ->> 'debt')
  from billing.get_balance(tests.user_id(p_name), p_at) as b (value);
end;

comment on function tests.balance(text, timestamptz) is
'Posted, reserved, available and (now only) debt of a user''s account, such as ''100 20 80 0''.';

create function tests.lots(p_name text) returns text
language sql
begin atomic
  select string_agg(concat_ws(' ', g.source, trim_scale(g.remaining), nullif(trim_scale(g.reserved), 0)), ', '
    order by g.created_at, g.priority, g.expires_at, g.source)
  from billing.grants as g
  where g.account_id = tests.user_id(p_name);
end;

comment on function tests.lots(text) is
'Source and remainder of each lot of an account, the oldest first, and what is reserved of it: ''a 10, b 5 2''.';

create function tests.entries(p_name text, p_after bigint default 0) returns text
language sql
begin atomic
  select string_agg(
    concat_ws(' ', e.kind, coalesce(g.source, 'debt'), trim_scale(e.amount), to_char(
      nullif(e.effective_at, e.created_at) at time zone 'UTC', 'MM-DD"T"HH24:MI:SS'
    )), ', ' order by e.number
  )
  from billing.ledger_entries as e
  left join billing.grants as g on g.id = e.grant_id
  where e.account_id = tests.user_id(p_name) and e.number > p_after;
end;

comment on function tests.entries(text, bigint) is
'Kind, lot and amount of each entry after a number, and since when it counts where that is before it was written.';

create function tests.broken(p_since timestamptz default null, p_from uuid default null, p_to uuid default null)
returns text
language sql
begin atomic
  select string_agg(c.check_name, ' ') from billing.self_check(p_since, p_from, p_to) as c where c.severity <> 'ok';
end;

comment on function tests.broken(timestamptz, uuid, uuid) is 'The checks of the wallet that fail; NULL when it is sound.';

create function tests.wallet_rows() returns text
language plpgsql
as $$
declare
  v_table text;
  v_counted bigint;
  v_counts text := '';
begin
  for v_table in
    select c.oid::regclass::text from pg_catalog.pg_class as c
    where c.relnamespace in ('billing'::regnamespace, 'ai'::regnamespace) and c.relkind in ('r', 'p')
    order by 1
  loop
    execute format('select count(*) from %s', v_table) into v_counted;
    v_counts := v_counts || format('%s %s ', v_table, v_counted);
  end loop;
  return v_counts;
end;
$$;

comment on function tests.wallet_rows() is 'How many rows each table of schemas ai and billing has.';

-- What is asserted

create function tests.error_of(p_statement text) returns jsonb
language plpgsql
as $$
declare
  v_code text;
  v_message text;
  v_hint text;
  v_detail text;
  v_constraint text;
  v_column text;
begin
  execute p_statement;
  return null;
exception when others then
  get stacked diagnostics
    v_code = returned_sqlstate, v_message = message_text, v_hint = pg_exception_hint,
    v_detail = pg_exception_detail, v_constraint = constraint_name, v_column = column_name;
  return jsonb_build_object(
    'code', v_code, 'message', v_message, 'hint', v_hint, 'constraint', v_constraint, 'column', v_column,
    -- Ratebook's own errors have JSON there.
    'detail', case when v_detail like '{%' then v_detail::jsonb else to_jsonb(v_detail) end
  );
end;
$$;

comment on function tests.error_of(text) is
'The error of a statement, all parts of it; NULL where it succeeds, and its effect stays.';

create function tests.refused(p_statement text, p_token text, p_code text, p_description text) returns text
language plpgsql
set search_path = tap, pg_temp
as $$
declare
  v_error jsonb := tests.error_of(p_statement);
begin
  return tap.is(
    case
      when v_error is null then 'done'
      else concat_ws(' ', v_error ->> 'code', coalesce(v_error #>> '{detail,error}', v_error ->> 'message'))
    end,
    p_code || ' ' || p_token,
    p_description
  );
end;
$$;

comment on function tests.refused(text, text, text, text) is
'Asserts that a statement fails with one of Ratebook''s errors: its token and its SQLSTATE.';

create function tests.violates(p_statement text, p_constraint text, p_description text) returns text
language plpgsql
set search_path = tap, pg_temp
as $$
declare
  v_error jsonb := tests.error_of(p_statement);
begin
  return tap.is(
    case
      when v_error is null then 'done'
      else coalesce(nullif(v_error ->> 'constraint', ''), v_error ->> 'message')
    end,
    p_constraint,
    p_description
  );
end;
$$;

comment on function tests.violates(text, text, text) is
'Asserts that a statement fails on the constraint of this name.';

create function tests.forbidden(p_statement text, p_message text, p_description text) returns text
language plpgsql
set search_path = tap, pg_temp
as $$
declare
  v_error jsonb := tests.error_of(p_statement);
begin
  return tap.is(
    case when v_error is null then 'done' else concat_ws(' ', v_error ->> 'code', v_error ->> 'message') end,
    '42501 ' || p_message,
    p_description
  );
end;
$$;

comment on function tests.forbidden(text, text, text) is
'Asserts that a statement is denied with this message: a missing grant, a row-level security policy or a trigger that asks who writes.';

-- What is Ratebook's

create view tests.schemas as
select
  n.oid,
  n.nspname as name
from pg_catalog.pg_namespace as n
where
  n.nspname !~ '^pg_'
  and n.nspname not in ('information_schema', 'auth', 'extensions', 'supabase_migrations', 'tap', 'tests');

comment on view tests.schemas is
'Every schema but the platform''s and the tests'' own: a new one counts as Ratebook''s.';

create view tests.functions as
select
  p.*,
  s.name as schema_name,
  p.oid::regprocedure::text as signature
from pg_catalog.pg_proc as p
inner join tests.schemas as s on s.oid = p.pronamespace;

comment on view tests.functions is 'Ratebook''s functions.';

create view tests.tables as
select
  c.*,
  s.name as schema_name,
  c.oid::regclass::text as signature
from pg_catalog.pg_class as c
inner join tests.schemas as s on s.oid = c.relnamespace
where c.relkind in ('r', 'p');

comment on view tests.tables is 'Ratebook''s tables, partitions included.';

create view tests.columns as
select
  a.attrelid::regclass as relation,
  a.attnum as position,
  a.attname::text collate "default" as name,
  format_type(a.atttypid, a.atttypmod) as type,
  pg_get_expr(d.adbin, d.adrelid) collate "default" as default_value
from pg_catalog.pg_attribute as a
left join pg_catalog.pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attnum > 0 and not a.attisdropped;

comment on view tests.columns is 'Columns of tables and views, for comparison with a literal list.';

grant select on all tables in schema tests to anon, authenticated, service_role;
