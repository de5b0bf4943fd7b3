begin;
set local search_path = tap, pg_catalog;
select plan(52);

-- Plans are made while the tables are small, and known to be, and kept.
select tests.make_unit_price();
select tests.make_route('chat', 'm');
select tests.make_wallet('ada', 1e6);
select tests.make_wallet(name, 1e6) from unnest(array['bob', 'cleo', 'dora', 'eve']) as w (name);
insert into billing.budgets (lenser_id, period, hard_limit) values (tests.user_id('ada'), 'month', 1e6);
-- A budget of a model that m succeeded.
select tests.make_model('old');
select ai.retire_model('old', 'm');
insert into billing.budgets (lenser_id, model_id, period, time_zone, hard_limit)
values (tests.user_id('ada'), tests.model_id('old'), 'week', 'America/New_York', 1e6);
select billing.set_member(tests.user_id('cleo'), tests.user_id('dora'), 1e6);
create temporary table earlier as
with made as (
  insert into ai.generations (lenser_id, model_id)
  select tests.user_id('bob'), tests.model_id('m') from generate_series(1, 4)
  returning id
)

select id from made;
analyze;

-- A generation is charged once.
create function tests.make_generations(p_name text, p_number integer) returns uuid[]
language plpgsql
-- As in the functions behind the calls.
set enable_seqscan = off
as $$
declare
  v_ids uuid[];
begin
  with made as (
    insert into ai.generations (lenser_id, model_id)
    select tests.user_id(p_name), tests.model_id('m') from generate_series(1, p_number)
    returning id
  )

  select array_agg(id) into v_ids from made;
  return v_ids;
end;
$$;

create function tests.rows_read() returns bigint
language sql
return (select sum(s.seq_tup_read + coalesce(s.idx_tup_fetch, 0)) from pg_stat_xact_user_tables as s);

create function tests.scans() returns jsonb
language sql
return (
  select jsonb_object_agg(s.relid, s.seq_scan + coalesce(s.idx_scan, 0)) from pg_stat_xact_user_tables as s
  where s.relid in (select m.month from ratebook.months() as m)
);
create function tests.months_read(p_since jsonb) returns bigint
language sql
return (select count(*) from jsonb_each(tests.scans()) as s where s.value is distinct from p_since -> s.key);

create function tests.wake(p_account uuid) returns void
language sql
-- As in the functions behind the calls.
set enable_seqscan = off
begin atomic
  update billing.accounts as a set next_event_at = now() where a.id = p_account;
end;

create table tests.calls (
  name text primary key, statement text, read_before bigint, read_after bigint, months_before bigint, months_after bigint
);
insert into tests.calls (name, statement) values
('charge', $$select tests.charge('ada', 2, p_key => gen_random_uuid()::text, p_feature => 'chat')$$),
('batch', $$
  select billing.charge_generations(jsonb_agg(jsonb_build_object(
    'account', tests.user_id(w.name), 'model', 'm', 'usage', '{"input": 3}'::jsonb, 'feature', 'chat',
    'idempotency_key', gen_random_uuid()
  )))
  from unnest(array['ada', 'bob', 'cleo', 'dora']) as w (name)
$$),
('batch without keys', $$
  select billing.charge_generations(jsonb_agg(jsonb_build_object(
    'account', tests.user_id(w.name), 'model', 'm', 'usage', '{"input": 3}'::jsonb
  )))
  from unnest(array['ada', 'bob', 'cleo', 'dora']) as w (name)
$$),
('batch for earlier generations', $$
  select billing.charge_generations(jsonb_agg(jsonb_build_object(
    'account', tests.user_id('bob'), 'model', 'm', 'usage', '{"input": 3}'::jsonb, 'generation', g.id
  )))
  from unnest(tests.make_generations('bob', 4)) as g (id)
$$),
('hold and capture', $$select billing.capture_hold(tests.hold('ada', 5), 3, idempotency_key => gen_random_uuid()::text)$$),
('hold and cut', $$select billing.cut_hold(tests.hold('ada', 5), '{"input": 2}', idempotency_key => gen_random_uuid()::text)$$),
('hold and release', $$select billing.release_hold(tests.hold('ada', 5))$$),
('refund', $$select billing.refund_charge(tests.charge('ada', 2), 1, idempotency_key => gen_random_uuid()::text)$$),
('refund of a later end', $$
  select billing.refund_charge(
    tests.charge('ada', 2), 1, extend_to => now() + interval '1 year', idempotency_key => gen_random_uuid()::text
  )
$$),
('settle', $$
  select billing.settle_charge((billing.charge_generation(
    tests.user_id('ada'), 'm', '{"input": 2}', estimated => true
  ) ->> 'charge_id')::uuid, '{"input": 1}')
$$),
('reported cost', $$select billing.charge_generation(tests.user_id('ada'), 'm', reported_cost => 2, feature => 'chat')$$),
('revoke', $$
  select billing.revoke_grant(
    (billing.grant_credits(tests.user_id('eve'), 5) ->> 'grant_id')::uuid, external_ref => gen_random_uuid()::text
  )
$$),
('move', $$select billing.move_credits(tests.user_id('ada'), tests.user_id('eve'), 1, idempotency_key => gen_random_uuid()::text)$$),
('grant that starts later', $$
  select billing.grant_credits(tests.user_id('eve'), 5, expires_at => now() + interval '2 years', starts_at => now() + interval '1 year')
$$),
('grant', $$select billing.grant_credits(tests.user_id('eve'), 5, idempotency_key => gen_random_uuid()::text)$$),
('what time did', $$
  select tests.wake(tests.user_id('ada'));
  select billing.get_balance(tests.user_id('ada'));
  select billing.set_member(tests.user_id('ada'), tests.user_id('bob'), 10)
$$),
('finish a generation', $$select ai.finish_generation(id, usage => '{"input": 1}') from earlier limit 1$$),
('charge of a member', $$select tests.charge('cleo', 2, 'dora')$$),
('limit of a member', $$select billing.set_member(tests.user_id('cleo'), tests.user_id('eve'), 10)$$),
('sweep', $$select billing.sweep_accounts()$$),
('quote', $$select billing.quote('m', '{"input": 1}', feature => 'chat')$$),
('quotes of many', $$
  select billing.quote_many(jsonb_agg('{"model": "m", "usage": {"input": 1}, "feature": "chat"}'::jsonb)) from generate_series(1, 4)
$$),
('route', $$select ai.route_feature('chat', '{"usage": {"input": 1}}', 'visitor 1')$$),
('comparison', $$select billing.compare('{"input": 1}', '{m,m,nope}')$$),
('cost', $$select billing.calculate_credit_cost('m', '{"input": 1}')$$),
('balance', $$select billing.get_balance(tests.user_id('ada')), billing.get_balance(tests.user_id('ada'), now())$$);

create function tests.measure(p_times integer) returns table (name text, rows_read bigint, months_read bigint)
language plpgsql
as $$
declare
  v_call tests.calls;
  v_scans jsonb;
begin
  for v_call in select * from tests.calls order by name loop
    -- The last is measured.
    for i in 1..p_times loop
      rows_read := -tests.rows_read();
      v_scans := tests.scans();
      execute v_call.statement;
      rows_read := rows_read + tests.rows_read();
      months_read := tests.months_read(v_scans);
    end loop;
    name := v_call.name;
    return next;
  end loop;
end;
$$;

-- From the sixth call on a plan is the kept one.
update tests.calls as c set read_before = m.rows_read, months_before = m.months_read
from tests.measure(7) as m where m.name = c.name;

select ratebook.make_partitions(t.name, now() - interval '24 months', now()) from ratebook.partitioned_tables() as t (name);

select tests.make_model('model-' || i) from generate_series(1, 500) as i;
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)
select m.id, 'input', 1, '2026-01-01Z' from ai.models as m where m.key like 'model-%';
create temporary table people as
select case when i > 0 then gen_random_uuid() else tests.user_id('ada') end as id from generate_series(0, 99) as i;
insert into lensers.profiles (id) select id from people where id <> tests.user_id('ada');
insert into billing.accounts (id, lenser_id) select id, id from people where id <> tests.user_id('ada');
create temporary table history as
select p.id as lenser_id, ratebook.uuid_v7(ratebook.clock() - i * interval '1 second') as id, i from people as p, generate_series(1, 100) as i;
insert into billing.grants (id, lenser_id, account_id, amount, closed_at) select id, lenser_id, lenser_id, 1, now() from history;
insert into billing.holds (id, lenser_id, account_id, spender_id, amount, lots, status, expires_at, ended_at, created_at)
select id, lenser_id, lenser_id, lenser_id, 1, '[]', 'released', now(), now(), now() - i * interval '1 second' from history;
insert into billing.charges (id, lenser_id, account_id, spender_id, priced_at, credits, created_at)
select id, lenser_id, lenser_id, lenser_id, now(), 1, now() from history;
insert into billing.ledger_entries (
  id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, effective_at, created_at
)
select id, lenser_id, lenser_id, i, 'charge', -1, 1, id, id, ratebook.uuid_v7_time(id), ratebook.uuid_v7_time(id) from history;
insert into billing.charge_costs (id, lenser_id, currency, cost, credit_rate_id, margin_policy_id, price_ids)
select id, lenser_id, 'USD', 1, id, id, '{}' from history;
insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
select h.lenser_id, h.lenser_id, o.operation, h.id, '{}', '{}', now()
from history as h, unnest(array['charge_generation', 'grant_credits', 'capture_hold', 'refund_charge']) as o (operation);
insert into billing.outbox (lenser_id, account_id, topic, payload) select lenser_id, lenser_id, 'low_balance', '{}' from history;
insert into ai.generations (id, lenser_id, model_id) select id, lenser_id, tests.model_id('m') from history;

update tests.calls as c set read_after = m.rows_read, months_after = m.months_read
from tests.measure(3) as m where m.name = c.name;

-- A row more or less: a lot that the calls in between made or used up. For a balance as of a time, what the account held in
-- the week before is read: none lasts longer.
select cmp_ok(c.read_after, '<=', c.read_before + case c.name when 'balance' then 110 else 10 end, format('%s: %s rows, with 10,000 of each before it', c.name, c.read_before))
from tests.calls as c order by c.name;
-- Of the ids that it names, a statement looks into their months. For a balance as of a time, the last entry before it may be
-- in any month.
select cmp_ok(
  c.months_after, '<=', c.months_before + case c.name when 'balance' then 24 else 0 end,
  format('%s: looks into %s months, with 24 more of each table', c.name, c.months_before)
)
from tests.calls as c order by c.name;

select * from finish();
rollback;
