begin;
set local search_path = tap, pg_catalog;
select plan(7);

-- Twelve accounts and their twelve doubles, with the same lots, holds and limits. What the ones are charged one by one
-- the others are charged in batches.
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select setseed(0.5);

create temporary table pairs as
select
  n,
  'one' || n as one,
  'many' || n as many,
  case when n % 3 = 0 then 10000 else 0 end as overdraft_limit
from generate_series(1, 12) as n;
do $$
declare
  v_pair record;
  v_name text;
  v_lots jsonb;
  v_lot jsonb;
  v_since timestamptz := '2030-01-15T12:00:00Z';
begin
  for v_pair in select * from pairs order by n loop
    v_lots := (
      select jsonb_agg(jsonb_build_object(
        'amount', 1 + floor(random() * 40000) / 1000, 'source', 'lot ' || i, 'priority', floor(random() * 3)::integer,
        'expires_at', case when random() < 0.5 then '2030-01-15T13:00:00Z'::timestamptz + random() * interval '3 hours' end
      ))
      from generate_series(1, 1 + v_pair.n % 5) as i
    );
    foreach v_name in array array[v_pair.one, v_pair.many] loop
      perform tests.make_wallet(v_name, null, v_pair.overdraft_limit, 20);
      for v_lot in select l.value from jsonb_array_elements(v_lots) as l loop
        -- Each is older than the next.
        v_since := v_since + interval '1 millisecond';
        perform tests.freeze_clock(v_since);
        perform billing.grant_credits(
          tests.user_id(v_name), (v_lot ->> 'amount')::numeric, v_lot ->> 'source', (v_lot ->> 'priority')::integer,
          (v_lot ->> 'expires_at')::timestamptz
        );
      end loop;
      perform billing.authorize_credits(tests.user_id(v_name), 0.75, expires_in => '30 minutes');
    end loop;
  end loop;
end;
$$;

create function tests.asked(p_name text, p_credits numeric) returns jsonb
language sql
return jsonb_build_object('account', tests.user_id(p_name), 'model', 'm', 'usage', jsonb_build_object('input', p_credits));
create temporary table answers (round integer, number bigint, one jsonb, many jsonb);
do $$
declare
  v_charge record;
  v_answer jsonb;
begin
  for v_round in 1..8 loop
    -- The hour passes on the way: lots and holds end.
    perform tests.freeze_clock('2030-01-15T12:00:00Z'::timestamptz + v_round * interval '20 minutes');
    create temporary table charges on commit drop as
    select
      row_number() over () as number,
      p.one,
      p.many,
      case when random() < 0.1 then 0 else (floor(random() * 2500) / 1000)::numeric end as credits
    from pairs as p
    cross join generate_series(1, 2)
    where p.overdraft_limit > 0 or (billing.get_balance(tests.user_id(p.one)) ->> 'available')::numeric > 5
    order by random();
    for v_charge in select * from charges order by number loop
      insert into answers (round, number, one) values (
        v_round, v_charge.number,
        billing.charge_generation(tests.user_id(v_charge.one), 'm', jsonb_build_object('input', v_charge.credits))
      );
    end loop;
    v_answer := billing.charge_generations((select jsonb_agg(tests.asked(many, credits) order by number) from charges));
    update answers as a set many = v_answer -> (a.number::integer - 1) where a.round = v_round;
    drop table charges;
  end loop;
end;
$$;

select cmp_ok(count(*), '>', 100::bigint, 'there are many charges') from answers;
select is(
  (select count(*) from answers where many - '{charge_id,generation_id,account_id,balance}'::text[] <> one - '{charge_id,generation_id,account_id,balance}'::text[]),
  0::bigint, 'each has the same answer'
);
create function tests.both(p_of text) returns text
language sql
return format($f$
  select count(*) || ' differ' || coalesce(': ' || min(one || ' <> ' || many), '')
  from (select p.n, %1$s(p.one) as one, %1$s(p.many) as many from pairs as p) as b where one is distinct from many
$f$, p_of);
create function tests.told(p_of text) returns text
language plpgsql
as $$
declare
  v_told text;
begin
  execute tests.both(p_of) into v_told;
  return v_told;
end;
$$;
select is(tests.told('tests.balance'), '0 differ', 'each the same balance');
select is(tests.told('tests.lots'), '0 differ', 'the same lots');
select is(tests.told('tests.entries'), '0 differ', 'the same entries in the same order');
create function tests.rows_of(p_name text) returns text
language sql
return (
  select jsonb_build_object(
    'charges', (
      select jsonb_agg(to_jsonb(c) - '{id,lenser_id,account_id,spender_id,generation_id}'::text[] order by c.created_at, c.credits)
      from billing.charges as c where c.account_id = tests.user_id(p_name)
    ),
    'balances', (
      select jsonb_agg(jsonb_build_array(e.number, e.balance_after) order by e.number)
      from billing.ledger_entries as e where e.account_id = tests.user_id(p_name)
    ),
    'generations', (select count(*) from ai.generations as g where g.lenser_id = tests.user_id(p_name)),
    'costs', (select jsonb_agg(c.cost order by c.cost) from billing.charge_costs as c where c.lenser_id = tests.user_id(p_name)),
    'signals', (select count(*) from billing.outbox as o where o.account_id = tests.user_id(p_name))
  )::text
);
select is(tests.told('tests.rows_of'), '0 differ', 'the same charges, generations, costs and signals');
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
