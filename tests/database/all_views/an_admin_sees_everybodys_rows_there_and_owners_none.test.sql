begin;
set local search_path = tap, pg_catalog;

create temporary table fences as
select c.oid, c.relname as name, n.nspname || '.' || c.relname as view, n.nspname || '.' || substr(c.relname, 5) as base
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.relname like 'all\_%' and c.relkind = 'v' and n.nspname <> 'ratebook';
grant select on fences to authenticated, service_role;
select plan(5 + 5 * (select count(*)::integer from fences));

select tests.make_unit_price();
select tests.make_admin('root');
select tests.make_wallet('ada', 10);
select tests.charge('ada', 2);
insert into billing.budgets (lenser_id, period, hard_limit) values (tests.user_id('ada'), 'day', 100);
insert into media.objects (lenser_id, bucket, path) values (tests.user_id('ada'), 'b', 'p'), (tests.user_id('root'), 'b', 'p');
insert into content.media_library (lenser_id) values (tests.user_id('ada'));

create function tests.rows_of(p_table text) returns bigint
language plpgsql
as $$
declare
  v_count bigint;
begin
  execute format('select count(*) from %s', p_table) into v_count;
  return v_count;
end;
$$;
create temporary table present as select f.view, tests.rows_of(f.base) as rows from fences as f;
grant select on present to authenticated, service_role;

select is(
  (select array_agg(f.base order by f.base) from fences as f where f.base not like 'execution.%'),
  array[
    'ai.generations', 'billing.account_members', 'billing.accounts', 'billing.budget_periods', 'billing.budgets', 'billing.charges',
    'billing.grants', 'billing.holds', 'billing.ledger_entries', 'billing.outbox', 'billing.recurring_grants', 'billing.revocations',
    'content.media_library', 'lensers.entitlements', 'lensers.profiles', 'media.objects'
  ],
  'beside each table of owners, where one''s own condition is the only one'
);
select results_eq(
  format(
    $$select a.attname::text, format_type(a.atttypid, a.atttypmod) from pg_attribute as a where a.attrelid = %s and a.attnum > 0 and not a.attisdropped order by a.attnum$$,
    f.oid
  ),
  format(
    $$select a.attname::text, format_type(a.atttypid, a.atttypmod) from pg_attribute as a where a.attrelid = %L::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum$$,
    f.base
  ),
  f.view || ' has the columns of its table'
)
from fences as f;

select tests.authenticate_as('root');
select is(tests.rows_of(p.view), p.rows, p.view || ' shows an admin all') from present as p;
select is(
  (select array_agg(o.lenser_id order by o.lenser_id) from media.objects as o), array[tests.user_id('root')],
  'the table itself shows an admin their own'
);
select is((select count(*) from ai.resources), 2::bigint, 'a view that renames shows an admin all, once each');
select is((select count(*) from billing.balances), 1::bigint, 'balances too');

select tests.authenticate_as('ada');
select is(tests.rows_of(p.view), 0::bigint, p.view || ' shows an owner nothing') from present as p;
select is((select count(*) from ai.resources), 1::bigint, 'whose own rows are in the views');

select tests.as_service();
select is(tests.rows_of(p.view), p.rows, p.view || ' shows the service role all') from present as p;

select tests.reset_role();
select ok(
  not has_table_privilege('anon', f.oid, 'select'), f.view || ' is not for anon'
)
from fences as f;

select * from finish();
rollback;
