begin;
set local search_path = tap, pg_catalog;
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 100);
select tests.make_user('bob');
create temporary table made as
select tests.charge('ada', 10) as charge, tests.hold('ada', 10) as hold;
select ai.extend_partitions();

-- Every numeric argument of every function; which of zero and NULL it takes.
create temporary table arguments (name text, statement text, zero boolean, absent boolean);
insert into arguments values
('grant_credits.amount', $$select billing.grant_credits(tests.user_id('ada'), %s)$$, false, false),
('create_recurring_grant.amount', $$select billing.create_recurring_grant(tests.user_id('ada'), %s)$$, false, false),
('authorize_credits.amount', $$select billing.authorize_credits(tests.user_id('ada'), %s)$$, false, false),
('authorize_credits.amount of a model', $$select billing.authorize_credits(tests.user_id('ada'), %s, model => 'm', usage => '{"input": 1}')$$, false, true),
('capture_hold.amount', $$select billing.capture_hold((select hold from made), %s)$$, true, true),
('refund_charge.amount', $$select billing.refund_charge((select charge from made), %s)$$, false, true),
('set_member.spend_limit', $$select billing.set_member(tests.user_id('ada'), tests.user_id('bob'), %s)$$, true, true),
('charge_generation.usage', $$select billing.charge_generation(tests.user_id('ada'), 'm', jsonb_build_object('input', %s::numeric))$$, true, false),
('charge_generations.usage', $$select billing.charge_generations(jsonb_build_array(jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'usage', jsonb_build_object('input', %s::numeric))))$$, true, false),
('authorize_credits.usage', $$select billing.authorize_credits(tests.user_id('ada'), model => 'm', usage => jsonb_build_object('input', %s::numeric))$$, true, false),
('capture_hold.usage', $$select billing.capture_hold((select hold from made), usage => jsonb_build_object('input', %s::numeric))$$, true, false),
('accounts.overdraft_limit', $$update billing.accounts set overdraft_limit = %s$$, true, false),
('accounts.low_balance_mark', $$update billing.accounts set low_balance_mark = %s$$, true, true),
('budgets.hard_limit', $$insert into billing.budgets (lenser_id, period, hard_limit, soft_limit) values (tests.user_id('ada'), 'day', %s, 1)$$, true, true),
('budgets.soft_limit', $$insert into billing.budgets (lenser_id, period, soft_limit, hard_limit) values (tests.user_id('ada'), 'day', %s, 1)$$, true, true);
create temporary table numbers (value text, literal text);
insert into numbers values
('NaN', '''NaN'''), ('Infinity', '''Infinity'''), ('-Infinity', '''-Infinity'''), ('-1', '-1'), ('-1e-20', '-1e-20'), ('1e40', '1e40'),
('zero', '0'), ('NULL', 'null');
create temporary view trials as
select
  a.name || ': ' || n.value as what,
  format(a.statement, n.literal) as statement,
  case
    when n.value = 'zero' then a.zero
    when n.value = 'NULL' then a.absent
    -- A mark may be negative, within the overdraft.
    when a.name = 'accounts.low_balance_mark' then n.value like '-1%'
    else false
  end as is_fine,
  case when a.name !~ '^(accounts|budgets)' then 'PT422' when n.value = 'NULL' then '23502' else '23514' end as code
from arguments as a
cross join numbers as n;
create function tests.trial(p_statement text) returns text
language plpgsql
as $$
declare
  v_before text := tests.wallet_rows() || tests.balance('ada');
  v_outcome text;
begin
  begin
    execute p_statement;
    raise exception sqlstate 'ZZ000';
  exception when others then
    v_outcome := case when sqlstate = 'ZZ000' then 'done' else sqlstate end;
  end;
  return v_outcome || case when v_before <> tests.wallet_rows() || tests.balance('ada') then ', and something written' else '' end;
end;
$$;

select plan(count(*)::integer + 2) from trials;
select is((select count(*) from trials), (15 * 8)::bigint, 'fifteen arguments, eight numbers');
select is(tests.trial(statement), case when is_fine then 'done' else code end, what) from trials order by what;
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
