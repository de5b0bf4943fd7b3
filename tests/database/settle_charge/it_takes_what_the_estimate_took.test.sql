begin;
set local search_path = tap, pg_catalog;
select plan(20);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 10, p_overdraft_limit => 10);
select tests.make_wallet('bob');
create function tests.estimate(p_credits numeric, p_lenser text default null) returns uuid
language sql
return (billing.charge_generation(
  tests.user_id('ada'), 'm', jsonb_build_object('input', p_credits), lenser => tests.user_id(p_lenser), estimated => true
) ->> 'charge_id')::uuid;

-- Overdraft: taken off, and taken again.
create temporary table estimates as select 1 as number, tests.estimate(14) as id;
select is(tests.balance('ada'), '-4 0 -4 4', 'four owed');
select is((select billing.settle_charge(id, '{"input": 16}') ->> 'difference' from estimates), '2', 'two more');
select is(
  tests.entries('ada', 3), 'refund debt 4, refund manual 10, charge manual -10, charge debt -6', 'the lot pays what it paid'
);
select is(tests.balance('ada'), '-6 0 -6 6', 'six owed');

-- Debt that was repaid since is a lot's to pay with.
insert into estimates select 2, tests.estimate(4);
select billing.grant_credits(tests.user_id('ada'), 30, 'purchase');
select is(tests.balance('ada'), '20 0 20 0', 'ten repaid');
select billing.settle_charge(id, '{"input": 1}') from estimates where number = 2;
select is(tests.entries('ada', 11), 'refund refund 4, charge refund -1', 'three are left of it');
select is(tests.balance('ada'), '23 0 23 0', 'and available');

-- A payment that was taken back: what it paid is owed, before and after.
update billing.accounts set overdraft_limit = 0 where id = tests.user_id('ada');
insert into estimates select 3, tests.estimate(13);
select billing.revoke_grant(g.id) from billing.grants as g where g.source = 'purchase';
select is(tests.balance('ada'), '-20 0 -20 20', 'thirty were paid in: ten are left, and the refund''s three repay');
select is((select billing.settle_charge(id, '{"input": 13}') ->> 'credits' from estimates where number = 3), '13', 'the same sum may be settled');
select is(tests.balance('ada'), '-20 0 -20 20', 'and changes nothing');
insert into estimates select 4, null;
select tests.refused($$select tests.charge('ada', 1)$$, 'insufficient_credits', 'PT402', 'nothing is spent');
select is(tests.broken(), null, 'the wallet is sound');

-- A hold's estimate, and a member who left.
select billing.grant_credits(tests.user_id('ada'), 50);
select billing.set_member(tests.user_id('ada'), tests.user_id('bob'), 10);
update estimates set id = (
  billing.capture_hold(tests.hold('ada', 8, p_lenser => 'bob'), estimated => true) ->> 'charge_id'
)::uuid
where number = 4;
select is(tests.balance('ada'), '22 0 22 0', 'eight of thirty');
select tests.refused(
  $$select billing.settle_charge(id, amount => 11) from estimates where number = 4$$, 'member_limit_exceeded', 'PT402', 'a member has ten'
);
select billing.remove_member(tests.user_id('ada'), tests.user_id('bob'));
select tests.refused(
  $$select billing.settle_charge(id, amount => 9) from estimates where number = 4$$, 'not_allowed', '42501', 'who left spends no more'
);
select is((select billing.settle_charge(id, usage => '{"input": 5}') ->> 'difference' from estimates where number = 4), '-3', 'but may get back');
select is(tests.balance('ada'), '25 0 25 0', 'three');
select results_eq(
  'select credits::numeric, hold_id is null, spender_id from billing.charges where credits = 5',
  $$values (5::numeric, true, tests.user_id('bob'))$$, 'the hold was captured by the estimate'
);
-- An amount without a model, by an amount.
insert into estimates
select 5, (billing.capture_hold(
  (billing.authorize_credits(tests.user_id('ada'), 5) ->> 'hold_id')::uuid, estimated => true
) ->> 'charge_id')::uuid;
select tests.refused(
  $$select billing.settle_charge(id, '{"input": 1}') from estimates where number = 5$$, 'invalid_argument', 'PT422', 'no model prices a usage'
);
select billing.settle_charge(id, amount => 4) from estimates where number = 5;
select is(tests.balance('ada') || coalesce(tests.broken(), ''), '21 0 21 0', 'four of it, and the wallet is sound');

select * from finish();
rollback;
