begin;
set local search_path = tap, pg_catalog;
select plan(168);

select tests.make_model('m');
select tests.make_price('m', 'input', 1);
select tests.make_rate();
select tests.make_policy();

create temporary table history (signature text, column_name text);
insert into history values
('ai.model_pricing', 'price_per_unit'),
('ai.model_price_sources', 'price_source'),
('billing.credit_rates', 'credits_per_currency_unit'),
('billing.execution_margin_policies', 'margin'),
('lensers.audit_history', 'role');
grant select on history to public;

create temporary view changes as
select
  h.signature,
  c.verb,
  format(c.statement, h.signature, h.column_name, written.columns) as statement
from history as h
cross join lateral (
  select string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
  from pg_catalog.pg_attribute as a
  where a.attrelid = h.signature::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
) as written
cross join (
  values
  ('update', 'update %1$s set %2$s = 7'),
  ('update of no row', 'update %1$s set %2$s = 7 where false'),
  ('delete', 'delete from %1$s'),
  ('delete of no row', 'delete from %1$s where false'),
  ('truncate', 'truncate %1$s'),
  ('truncate cascade', 'truncate %1$s cascade'),
  (
    'upsert',
    'insert into %1$s (%3$s) overriding system value select %3$s from %1$s on conflict (id) do update set %2$s = 7'
  ),
  ('merge', 'merge into %1$s as t using %1$s as s on t.id = s.id when matched then update set %2$s = 7')
) as c (verb, statement);
grant select on changes to public;

select set_eq(
  $$
  select c.oid::regclass::text
  from tests.tables as c
  inner join pg_catalog.pg_trigger as t on t.tgrelid = c.oid
  -- Bits of an update and of a row: the wallet's partitioned tables have a test of their own.
  where t.tgfoid = 'ratebook.refuse_change'::regproc and (t.tgtype & 17) = 16
    and c.oid::regclass::text not like 'execution.%' -- a module's own
  $$,
  'select signature from history',
  'these tables are history; a new one belongs into this test'
);

select tests.refused(statement, 'append_only', 'PT409', format('superuser: %s on %s', verb, signature))
from changes order by signature, verb;

-- service_role has no such grants; with them (a mistake) the trigger is still there.
select tests.as_service();
select matches(
  tests.error_of(statement) ->> 'message', '^permission denied', format('service_role: %s on %s', verb, signature)
)
from changes order by signature, verb;
select tests.reset_role();
grant update, delete, truncate, insert
on ai.model_pricing, ai.model_price_sources, billing.credit_rates, billing.execution_margin_policies, lensers.audit_history
to service_role;
select tests.as_service();
select tests.refused(statement, 'append_only', 'PT409', format('service_role with grants: %s on %s', verb, signature))
from changes order by signature, verb;
select tests.reset_role();

-- Who owns the tables without being a superuser, as on Supabase.
create role history_owner bypassrls;
grant usage on schema ai, billing, lensers, tests, tap, ratebook to history_owner;
grant execute on all functions in schema ratebook to history_owner;
alter table ai.model_pricing owner to history_owner;
alter table ai.model_price_sources owner to history_owner;
alter table billing.credit_rates owner to history_owner;
alter table billing.execution_margin_policies owner to history_owner;
alter table lensers.audit_history owner to history_owner;
set local role history_owner;
select tests.refused(statement, 'append_only', 'PT409', format('owner: %s on %s', verb, signature))
from changes order by signature, verb;
select tests.reset_role();

select is(
  (select format('%s %s', count(*), min(price_per_unit)) from ai.model_pricing), '1 1', 'the price is what it was'
);
select is(
  (select format('%s %s', count(*), min(price_source)) from ai.model_price_sources), '1 manual',
  'the source is what it was'
);
select is(
  (select format('%s %s', count(*), min(credits_per_currency_unit)) from billing.credit_rates), '1 1000',
  'the rate is what it was'
);
select is(
  (select format('%s %s', count(*), min(margin)) from billing.execution_margin_policies), '1 0.30',
  'the policy is what it was'
);
select lives_ok($$select tests.make_price('m', 'input', 2, p_revision => 1)$$, 'a new price row is welcome');
select lives_ok($$select tests.make_rate(2000, p_revision => 1)$$, 'a new rate is welcome');
select lives_ok($$select tests.make_policy(0.5, p_revision => 1)$$, 'a new policy is welcome');

select * from finish();
rollback;
