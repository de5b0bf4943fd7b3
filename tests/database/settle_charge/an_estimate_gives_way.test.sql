begin;
set local search_path = tap, pg_catalog;
select plan(30);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada');
select billing.grant_credits(tests.user_id('ada'), 6, 'promo', 0, '2030-01-15T13:00:00Z');
select billing.grant_credits(tests.user_id('ada'), 20, 'purchase', 1);
insert into billing.budgets (lenser_id, period, hard_limit) values (tests.user_id('ada'), 'month', 20);
create function tests.estimate(p_credits numeric) returns uuid
language sql
return (billing.charge_generation(
  tests.user_id('ada'), 'm', jsonb_build_object('input', p_credits), estimated => true, output => 'said'
) ->> 'charge_id')::uuid;
create temporary table estimates as select 1 as number, tests.estimate(10) as id;
select is(tests.balance('ada'), '16 0 16 0', 'an estimate is a charge');
select is(tests.lots('ada'), 'promo 0, purchase 16', 'that takes what burns first');

-- Less, at twice the price of today, after the promotion ended.
select tests.freeze_clock('2030-01-15T14:00:00Z');
select tests.make_price('m', 'input', 2, '2030-01-15T13:30:00Z');
create temporary table answers as
select billing.settle_charge(id, '{"input": 7}') as a from estimates where number = 1;
select is(
  (select a - '{charge_id,generation_id,account_id,model_id,estimate_id}'::text[] from answers),
  '{"credits": "7", "difference": "-3", "cost": "7", "currency": "USD", "warnings": [],
    "balance": {"posted": "19", "reserved": "0", "available": "19", "debt": "0"}}',
  'seven at the prices of the estimate'
);
select is(
  tests.entries('ada', 4),
  'refund purchase 4, refund promo 6, charge promo -6, charge purchase -1',
  'what paid pays again, also what has ended since, and the rest goes back'
);
select is(tests.lots('ada'), 'promo 0, purchase 19', 'three of it');
select results_eq(
  'select credits::numeric, is_estimated, estimate_id = (select id from estimates), generation_id from billing.charges order by id',
  $$select c.credits::numeric, c.is_estimated, c.estimate_id = (select id from estimates), g.id
  from (values (10, true, null::uuid), (7, false, (select id from estimates))) as c (credits, is_estimated, estimate_id)
  cross join ai.generations as g$$,
  'both charges are of the one generation'
);
select results_eq('select usage, output from ai.generations', $$values ('{"input": 7}'::jsonb, 'said')$$, 'whose usage is the true one');
select is((select spent::numeric from billing.budget_periods), 7::numeric, 'a budget counts that alone');
select results_eq(
  $$select requests, charges, quantities, credits, refunded from billing.usage(ratebook.clock() - interval '1 day', ratebook.clock() + interval '1 day', 'month')$$,
  $$values (1::bigint, 1::bigint, '{"input": "7"}'::jsonb, 17::numeric, 10::numeric)$$, 'it is one request, and one charge'
);
select results_eq(
  $$select net, cost, margin from billing.usage(ratebook.clock() - interval '1 day', ratebook.clock() + interval '1 day', 'month')$$,
  $$values (7::numeric, '{"USD": "7"}'::jsonb, 0::numeric)$$, 'and what it brought and cost is what was settled'
);
select is(tests.broken(), null, 'the wallet is sound');

-- Once.
select is((select billing.settle_charge(id, '{"input": 7}') from estimates), (select a from answers), 'the same again has the same answer');
select tests.refused($$select billing.settle_charge(id, '{"input": 8}') from estimates$$, 'already_settled', 'PT409', 'another figure none');
select tests.refused(
  $$select billing.settle_charge(id, '{"input": 7}', idempotency_key => 'k') from estimates$$, 'already_settled', 'PT409', 'nor another key'
);
select tests.refused($$select billing.settle_charge((a ->> 'charge_id')::uuid, '{"input": 7}') from answers$$, 'not_estimated', 'PT409', 'nor what settled it');
select tests.refused(
  $$select billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 1}', generation => (a ->> 'generation_id')::uuid) from answers$$,
  'already_charged', 'PT409', 'and the generation is charged once, as ever'
);

-- More: what is there, and no more; a budget asks as well.
insert into estimates select 2, tests.estimate(1);
select is(tests.balance('ada'), '17 0 17 0', 'an estimate at two a piece');
select tests.refused(
  $$select billing.settle_charge(id, '{"input": 7}') from estimates where number = 2$$, 'budget_exceeded', 'PT402', 'fourteen and seven is more than twenty'
);
update billing.budgets set hard_limit = 1000;
select tests.refused(
  $$select billing.settle_charge(id, amount => 19.1) from estimates where number = 2$$, 'insufficient_credits', 'PT402', 'more than is there'
);
select is(tests.balance('ada'), '17 0 17 0', 'the estimate stands');
select is((select billing.settle_charge(id, amount => 19) ->> 'credits' from estimates where number = 2), '19', 'all that is there');
select is(tests.balance('ada'), '0 0 0 0', 'and nothing is left');

-- What cannot be.
select billing.grant_credits(tests.user_id('ada'), 10);
insert into estimates select 3, tests.estimate(1);
select billing.refund_charge(id, 0.5) from estimates where number = 3;
select tests.refused($$select billing.settle_charge(id, '{"input": 1}') from estimates where number = 3$$, 'already_refunded', 'PT409', 'what was given back');
insert into estimates select 4, tests.estimate(1);
select tests.refused('select billing.settle_charge(id) from estimates where number = 4', 'invalid_argument', 'PT422', 'nothing');
select tests.refused(
  $$select billing.settle_charge(id, '{"input": 1}', amount => 1) from estimates where number = 4$$, 'invalid_argument', 'PT422', 'two things'
);
select tests.refused('select billing.settle_charge(gen_random_uuid(), amount => 1)', 'unknown_charge', 'PT404', 'what is not there');
-- An owner may have deleted the generation: the money is settled all the same.
delete from ai.generations;
select is((select billing.settle_charge(id, '{"input": 0}') ->> 'credits' from estimates where number = 4), '0', 'to nothing');
select is((select count(*) from ai.generations), 0::bigint, 'which makes none');
select is(tests.balance('ada'), '8.5 0 8.5 0', 'one and a half of the third is charged');
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
