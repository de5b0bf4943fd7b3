begin;
set local search_path = tap, pg_catalog;
select plan(6);

-- Whatever is done and whenever: what is read is what a sweep then writes, for now and for every time before, and every check holds.
-- Afterwards the next step begins on the swept wallet or on the unswept one.
select tests.freeze_clock('2030-01-01T00:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 50, p_overdraft_limit => 30, p_low_balance_mark => 20);
select tests.make_wallet('bob', 20);
select billing.set_member(tests.user_id('ada'), tests.user_id('bob'), 200);
insert into billing.budgets (lenser_id, period, soft_limit, hard_limit) values (tests.user_id('bob'), 'day', 30, 60);
create temporary table outcomes (operation text, outcome text);

create function tests.step(p_at timestamptz) returns text
language plpgsql
as $$
declare
  v_name text := case when random() < 0.7 then 'ada' else 'bob' end;
  v_credits numeric := round((random() * 40)::numeric, (random() * 3)::integer);
  v_priority integer := random() * 2;
  v_minutes interval := (1 + random() * 3000) * interval '1 minute';
  v_hold uuid := (select h.id from billing.holds as h where h.status in ('open', 'expired') order by random() limit 1);
  v_charge uuid := (select c.id from billing.charges as c order by random() limit 1);
  v_estimate uuid := (select c.id from billing.charges as c where c.is_estimated order by random() limit 1);
  v_lot uuid := (select g.id from billing.grants as g order by random() limit 1);
  v_statements text[] := array[
    format('billing.grant_credits(tests.user_id(%L), %s, ''lot'', %s, %L)', v_name, v_credits, v_priority, p_at + v_minutes),
    format('billing.grant_credits(tests.user_id(%L), %s, ''lot'', %s)', v_name, v_credits, v_priority),
    format(
      'billing.grant_credits(tests.user_id(%L), %s, ''later'', %s, %L, starts_at => %L)', v_name, v_credits, v_priority,
      p_at + 2 * v_minutes, p_at + v_minutes
    ),
    format('tests.charge(%L, %s)', v_name, v_credits),
    format(
      'billing.charge_generation(tests.user_id(%L), ''m'', ''{"input": %s}'', estimated => true)', v_name, v_credits
    ),
    format('billing.settle_charge(%L, amount => %s)', v_estimate, v_credits),
    format('billing.revoke_grant(%L)', v_lot),
    format('billing.revoke_grant(%L, %s)', v_lot, v_credits),
    format(
      'billing.move_credits(tests.user_id(%L), tests.user_id(%L), %s)', v_name, case v_name when 'ada' then 'bob' else 'ada' end, v_credits
    ),
    format('tests.charge(''ada'', %s, ''bob'')', v_credits),
    format('tests.hold(%L, %s, %L)', v_name, v_credits, v_minutes),
    format('tests.hold(''ada'', %s, %L, ''bob'')', v_credits, v_minutes),
    format('billing.capture_hold(%L, %s)', v_hold, v_credits),
    format('billing.capture_hold(%L)', v_hold),
    format('billing.release_hold(%L)', v_hold),
    format('billing.refund_charge(%L, %s)', v_charge, v_credits),
    format('billing.refund_charge(%L, extend_to => %L)', v_charge, p_at + interval '2 days'),
    format(
      'billing.create_recurring_grant(tests.user_id(%L), %s, %L, %L, %L)', v_name, v_credits, '1 day', p_at + interval '12 hours' - v_minutes,
      p_at + interval '3 days'
    )
  ];
  v_statement text := v_statements[1 + floor(random() * cardinality(v_statements))];
begin
  execute 'select ' || v_statement;
  insert into outcomes values (split_part(v_statement, '(', 1), 'done');
  return v_statement;
exception when sqlstate 'PT402' or sqlstate 'PT404' or sqlstate 'PT409' or sqlstate 'PT422' then
  insert into outcomes values (split_part(v_statement, '(', 1), sqlstate);
  return v_statement || ', refused';
end;
$$;
create function tests.seen(p_until timestamptz) returns text
language sql
return (
  select string_agg(concat_ws(' ', n.name, t.at, tests.balance(n.name, t.at)), ', ' order by n.name, t.at)
  from (values ('ada'), ('bob')) as n (name)
  cross join (
    select '2030-01-01T00:00:00Z'::timestamptz + (p_until - '2030-01-01T00:00:00Z') * s.n / 5 as at from generate_series(1, 5) as s (n)
    union all
    select null
  ) as t
);
create function tests.walk(p_steps integer) returns setof text
language plpgsql
as $$
declare
  v_at timestamptz := '2030-01-01T00:00:00Z';
  v_statement text;
  v_read text;
  v_written text;
  v_broken text;
begin
  for v_step in 1..p_steps loop
    v_at := v_at + (array['0 s', '300 us', '7 minutes', '1 hour', '13 hours'])[1 + floor(random() * 5)]::interval;
    perform tests.freeze_clock(v_at);
    v_statement := tests.step(v_at);
    v_at := v_at + random() * interval '1 day';
    perform tests.freeze_clock(v_at);
    v_read := tests.seen(v_at);
    begin
      perform billing.sweep_accounts();
      insert into outcomes select 'sweep_accounts', h.status from billing.holds as h where h.status = 'expired';
      v_written := tests.seen(v_at);
      -- What is broken stays so: every third step is soon enough to see it.
      v_broken := case when v_step % 3 = 0 then tests.broken() end;
      if v_step % 2 = 0 then
        raise exception sqlstate 'ZZ000';
      end if;
    exception when sqlstate 'ZZ000' then
      null;
    end;
    if v_read <> v_written or v_broken is not null then
      return next format('%s at %s, after %s: read %s, written %s, broken %s', v_step, v_at, v_statement, v_read, v_written, v_broken);
    end if;
  end loop;
end;
$$;

select setseed(0.2);
select is_empty('select tests.walk(80)', 'eighty steps');
select cmp_ok((select count(*) from outcomes where outcome = 'done'), '>=', 32::bigint, 'nearly half of which did something');
select cmp_ok((select count(distinct operation) from outcomes where outcome = 'done'), '>=', 8::bigint, 'of many kinds');
select cmp_ok((select count(*) from billing.ledger_entries where effective_at < created_at), '>=', 5::bigint, 'some of it written later');
-- At the end it may have been captured.
select cmp_ok((select count(*) from outcomes where outcome = 'expired'), '>=', 1::bigint, 'and timed out');
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
