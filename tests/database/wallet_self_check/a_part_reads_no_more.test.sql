begin;
set local search_path = tap, pg_catalog;
select plan(18);

select tests.make_unit_price();
select tests.make_admin('root');
select ratebook.make_partitions(t.name, now() - interval '24 months', now()) from ratebook.partitioned_tables() as t (name);

create function tests.id(p_number integer) returns uuid
language sql
return lpad(p_number::text, 32, '0')::uuid;
-- An account with a lot that was spent for two years, some of it with a hold, and once in the last hour.
create function tests.make_history(p_number integer) returns void
language plpgsql
as $$
declare
  v_account uuid := tests.id(p_number);
  v_at timestamptz := ratebook.clock() - interval '24 months';
  v_lot uuid;
begin
  insert into lensers.profiles (id) values (v_account);
  insert into billing.accounts (id, lenser_id, posted, entries) values (v_account, v_account, 100, 101);
  v_lot := ratebook.uuid_v7(v_at);
  insert into billing.grants (id, lenser_id, account_id, amount, remaining, created_at) values (v_lot, v_account, v_account, 200, 100, v_at);
  create temporary table made as
  select
    i, t.at, ratebook.uuid_v7(t.at) as id, case when i % 10 = 0 then ratebook.uuid_v7(t.at) end as hold_id
  from generate_series(1, 100) as i
  cross join lateral (
    select case when i < 100 then v_at + i * interval '7 days' else ratebook.clock() - interval '30 minutes' end as at
  ) as t;
  insert into billing.holds (id, lenser_id, account_id, spender_id, amount, lots, status, expires_at, charge_id, ended_at, created_at)
  select hold_id, v_account, v_account, v_account, 1, '{}', 'captured', at + interval '1 hour', id, at, at from made where hold_id is not null;
  insert into billing.charges (id, lenser_id, account_id, spender_id, hold_id, priced_at, lines, credits, created_at)
  select id, v_account, v_account, v_account, hold_id, at, '[]', 1, at from made;
  insert into billing.charge_costs (id, lenser_id, currency, cost, credit_rate_id, margin_policy_id, price_ids)
  select id, v_account, 'USD', 1, id, id, '{}' from made;
  insert into billing.ledger_entries (
    id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, effective_at, created_at
  )
  select ratebook.uuid_v7(v_at), v_account, v_account, 1, 'grant'::billing.entry_kind_enum, 200, 200, v_lot, null, v_at, v_at
  union all
  select ratebook.uuid_v7(at), v_account, v_account, i + 1, 'charge', -1, 200 - i, v_lot, id, at, at from made;
  insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
  select v_account, v_account, 'charge_generation', id, '{}', jsonb_build_object('charge_id', id), at from made;
  drop table made;
end;
$$;
create function tests.rows_read() returns bigint
language sql
return (select sum(s.seq_tup_read + coalesce(s.idx_tup_fetch, 0)) from pg_stat_xact_user_tables as s);
create function tests.months_read() returns jsonb
language sql
return (
  select jsonb_object_agg(s.relid::regclass, s.seq_scan + coalesce(s.idx_scan, 0)) from pg_stat_xact_user_tables as s
  where s.relid in (select m.month from ratebook.months() as m)
);

create table tests.parts (name text, arguments text, rows_before bigint, rows_after bigint, months bigint, broken bigint);
insert into tests.parts (name, arguments) values
('an account', 'from_account => tests.id(1), to_account => tests.id(1)'),
('five accounts', 'from_account => tests.id(1), to_account => tests.id(5)'),
('an hour of an account', 'since => ratebook.clock() - interval ''1 hour'', from_account => tests.id(1), to_account => tests.id(1)'),
('a minute', 'since => ratebook.clock() - interval ''1 minute''');
create function tests.measure(p_column text) returns void
language plpgsql
as $$
declare
  v_part record;
  v_rows bigint;
  v_months jsonb;
  v_broken bigint;
begin
  for v_part in select * from tests.parts loop
    v_rows := tests.rows_read();
    v_months := tests.months_read();
    execute format('select count(*) from billing.self_check(%s) as c where c.severity <> ''ok''', v_part.arguments) into v_broken;
    execute format('update tests.parts set %I = $1, months = $2, broken = $3 where name = $4', p_column)
    using
      tests.rows_read() - v_rows,
      (select count(*) from jsonb_each(tests.months_read()) as s where s.value is distinct from v_months -> s.key),
      v_broken, v_part.name;
  end loop;
end;
$$;

select tests.make_history(i) from generate_series(1, 5) as i;
select tests.measure('rows_before');
-- What others had in two years is not read, nor is any row of a table as a whole.
select tests.make_history(i) from generate_series(6, 100) as i;
select tests.measure('rows_after');
select is(broken, 0::bigint, 'sound: ' || name) from tests.parts order by name;
-- Of these 40,000 rows a few come along by another index: what happened to others in the hour, for each of the checks.
select cmp_ok(rows_after, '<=', rows_before + 3000, format('%s: %s rows, with 95 accounts more', name, rows_before))
from tests.parts order by name;
-- Nor does a plan that knows better read more.
analyze;
select tests.measure('rows_after');
select cmp_ok(rows_after, '<=', rows_before + 3000, format('%s: no more where the planner knows the tables', name))
from tests.parts order by name;
-- The account has 101 entries, 100 charges with costs and keys, and 10 holds; a check reads each at most once.
select cmp_ok(rows_before, '<=', 5000::bigint, 'an account: ' || rows_before) from tests.parts where name = 'an account';
select cmp_ok(rows_before, '<=', 25000::bigint, 'five accounts: ' || rows_before) from tests.parts where name = 'five accounts';
select cmp_ok(rows_before, '<=', 400::bigint, 'an hour of an account: ' || rows_before) from tests.parts where name = 'an hour of an account';
select cmp_ok(rows_before, '<=', 100::bigint, 'a minute in which nothing happened: ' || rows_before) from tests.parts where name = 'a minute';
-- Of 49 months of four tables: this one and those made ahead, and of holds the week before.
select cmp_ok(months, '<=', 4 * 25 + 1::bigint, format('%s: looks into %s months', name, months))
from tests.parts where name in ('an hour of an account', 'a minute') order by name;

select * from finish();
rollback;
