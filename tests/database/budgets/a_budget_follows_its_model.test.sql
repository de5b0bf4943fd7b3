begin;
set local search_path = tap, pg_catalog;
select plan(41);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_model(k), tests.make_price(k, 'input', 1) from unnest(array['n', 'o', 'p', 'q', 'r']) as k;
insert into ai.features (key) values ('chat');
select tests.make_wallet(w, 10000) from unnest(array['ada', 'bob', 'cleo', 'dora', 'eve', 'fay']) as w;
create function tests.spend(p_name text, p_model text, p_credits numeric, p_lenser text default null) returns uuid
language sql
begin atomic
  select (billing.charge_generation(
    tests.user_id(p_name), p_model, jsonb_build_object('input', p_credits), feature => 'chat',
    lenser => tests.user_id(p_lenser)
  ) ->> 'charge_id')::uuid;
end;
create function tests.periods(p_name text) returns text
language sql
return (
  select string_agg(concat_ws(' ', m.key, p.starts_on, trim_scale(p.spent)), ', ' order by m.key, p.starts_on)
  from billing.budget_periods as p
  inner join billing.budgets as b on b.id = p.budget_id
  inner join ai.models as m on m.id = b.model_id
  where b.lenser_id = tests.user_id(p_name)
);
insert into billing.budgets (lenser_id, feature_id, model_id, period, hard_limit) values
(tests.user_id('ada'), null, tests.model_id('m'), 'day', 20),
(tests.user_id('bob'), (select id from ai.features where key = 'chat'), tests.model_id('m'), 'day', 20),
(tests.user_id('bob'), null, tests.model_id('n'), 'day', 10),
(tests.user_id('cleo'), null, tests.model_id('m'), 'day', 20),
(tests.user_id('fay'), null, tests.model_id('p'), 'day', 20);

-- Twenty a day for m, of which thirteen are spent; what was spent on n before is n's affair.
select tests.spend('ada', 'n', 5);
select tests.spend('ada', 'm', 13);
select tests.spend('bob', 'm', 6);
select tests.hold('cleo', 15, '2 hours');
select tests.freeze_clock('2030-01-15T13:00:00Z');
select ai.merge_models('m', 'n');
select is(
  tests.error_of($$select tests.spend('ada', 'm', 13)$$) #>> '{detail,needed}', '26', 'by the name of the one that was merged: 13 + 13'
);
select tests.refused($$select tests.spend('ada', 'n', 13)$$, 'budget_exceeded', 'PT402', 'by the name of the other');
select lives_ok($$select tests.spend('ada', 'n', 7)$$, 'seven fit');
select is(tests.periods('ada'), 'm 2030-01-15 20', 'twenty are spent');
select tests.refused($$select tests.spend('ada', 'm', 0.001)$$, 'budget_exceeded', 'PT402', 'not a thousandth more');
select is(tests.broken(), null, 'the wallets are sound');

-- The budgets of both bind.
create temporary table eight as select tests.spend('bob', 'n', 8) as id;
select is(tests.periods('bob'), 'm 2030-01-15 14, n 2030-01-15 8', 'both count it');
select tests.refused($$select tests.spend('bob', 'n', 3)$$, 'budget_exceeded', 'PT402', 'of n''s ten eleven');
select lives_ok($$select tests.spend('bob', 'n', 2)$$, 'ten are ten');
select billing.refund_charge(id, 3) from eight;
select is(tests.periods('bob'), 'm 2030-01-15 13, n 2030-01-15 7', 'both get back what is refunded');
select billing.refund_charge(id, 1) from billing.charges where model_id = tests.model_id('m') and credits = 6;
select is(tests.periods('bob'), 'm 2030-01-15 12, n 2030-01-15 7', 'of m''s charge m''s alone');
update billing.budgets set hard_limit = 100 where model_id = tests.model_id('n');
select tests.refused($$select tests.spend('bob', 'n', 9)$$, 'budget_exceeded', 'PT402', 'of m''s twenty twenty-one');

-- Holds of both models count.
select tests.refused(
  $$select billing.authorize_credits(tests.user_id('cleo'), 6, model => 'n')$$, 'budget_exceeded', 'PT402', 'fifteen are held for m'
);
select (billing.authorize_credits(tests.user_id('cleo'), 5, model => 'n') ->> 'hold_id')::uuid;
select tests.refused($$select tests.spend('cleo', 'n', 1)$$, 'budget_exceeded', 'PT402', 'and five for n');
select lives_ok($$select billing.capture_hold(id, owner => tests.user_id('cleo')) from billing.holds$$, 'what was held was allowed');
select is(tests.periods('cleo'), 'm 2030-01-15 20', 'and is spent');

-- From whichever account, in a batch, and along a line of successors.
select billing.set_member(tests.user_id('bob'), tests.user_id('ada'));
select ai.retire_model('n', 'o');
select tests.refused($$select tests.spend('bob', 'o', 1, 'ada')$$, 'budget_exceeded', 'PT402', 'the successor of the successor');
select tests.refused(
  $$select billing.charge_generations(jsonb_build_array(
    jsonb_build_object('account', tests.user_id('ada'), 'model', 'o', 'usage', '{"input": 1}'::jsonb)
  ))$$,
  'budget_exceeded', 'PT402', 'in a batch'
);
select results_eq(
  $$select s.model_id, s.since from ratebook.successors(tests.model_id('m')) as s$$,
  $$values
  (tests.model_id('m'), '-infinity'::timestamptz), (tests.model_id('n'), '2030-01-15T13:00:00Z'), (tests.model_id('o'), '2030-01-15T13:00:00Z')$$,
  'each since its turn'
);
select tests.freeze_clock('2030-01-16T00:00:00Z');
select lives_ok($$select tests.spend('ada', 'o', 20)$$, 'a new day has a new budget');
select is(tests.periods('ada'), 'm 2030-01-15 20, m 2030-01-16 20', 'and all of it is the successor''s');
-- A budget that is made later is about the same.
insert into billing.budgets (lenser_id, model_id, period, hard_limit) values (tests.user_id('eve'), tests.model_id('q'), 'month', 20);
select tests.spend('dora', 'm', 4);
insert into billing.budgets (lenser_id, model_id, period, hard_limit) values (tests.user_id('dora'), tests.model_id('m'), 'month', 20);
select tests.refused($$select tests.spend('dora', 'o', 17)$$, 'budget_exceeded', 'PT402', 'four are spent');
select lives_ok($$select tests.spend('dora', 'o', 16)$$, 'sixteen are left');
select lives_ok($$select tests.spend('eve', 'o', 100)$$, 'another model''s budget is another''s');
select is(tests.broken(), null, 'the wallets are sound');

-- A succession that ends, begins again, or is dated anew: what it makes of the day is counted anew, once.
select tests.spend('fay', 'p', 5);
select ai.retire_model('p', 'q');
select tests.spend('fay', 'q', 6);
select is(tests.periods('fay'), 'p 2030-01-16 11', 'p and q');
select ai.activate_models('{p}');
select is(tests.broken(), null, 'the wallets are sound');
select tests.spend('fay', 'p', 1);
select is(tests.periods('fay'), 'p 2030-01-16 6', 'p alone');
select lives_ok($$select tests.spend('fay', 'q', 100)$$, 'q is free again');
select tests.freeze_clock('2030-01-16T14:00:00Z');
select ai.retire_model('p', 'q');
create temporary table three as select tests.spend('fay', 'q', 3) as id;
select is(tests.periods('fay'), 'p 2030-01-16 9', 'what q cost before does not count');
update ai.models set succeeded_at = '2030-01-16T00:00:00Z' where key = 'p';
select is(
  tests.error_of($$select tests.spend('fay', 'q', 1)$$) #>> '{detail,needed}', '116', 'unless it does: 5 + 1 + 6 + 100 + 3 + 1'
);
select is(tests.periods('fay'), 'p 2030-01-16 9', 'a refusal writes nothing');
select billing.refund_charge(id, 2) from three;
select is(tests.periods('fay'), 'p 2030-01-16 113', 'a refund counts anew too, itself included');
select is(tests.broken(), null, 'the wallets are sound');
-- Other budgets may be moved by the database's owner alone; their counts go with them.
update billing.budgets set model_id = tests.model_id('q') where lenser_id = tests.user_id('fay');
update billing.budgets set hard_limit = 200 where lenser_id = tests.user_id('fay');
select tests.spend('fay', 'q', 1);
select is(tests.periods('fay'), 'q 2030-01-16 108', 'of q alone: 6 + 100 + 1 + 1');

-- An estimate that is settled behind a succession gives way to what it came to, once.
insert into billing.budgets (lenser_id, model_id, period, hard_limit) values (tests.user_id('eve'), tests.model_id('r'), 'day', 20);
create temporary table estimate as
select (billing.charge_generation(tests.user_id('eve'), 'r', '{"input": 8}', estimated => true) ->> 'charge_id')::uuid as id;
select ai.retire_model('r', 'o');
select billing.settle_charge(id, amount => 3) from estimate;
select is(tests.periods('eve'), 'r 2030-01-16 3', 'the figure, and not the estimate');
select tests.spend('eve', 'o', 4);
select is(tests.periods('eve'), 'r 2030-01-16 7', 'and what the successor costs');

-- A circle, which only a direct UPDATE can make, ends where it began.
update ai.models set successor_id = tests.model_id('p'), succeeded_at = '2030-01-16T00:00:00Z' where key = 'q';
select is(
  (select string_agg(m.key, ' ' order by s.ordinality) from ratebook.successors(tests.model_id('q')) with ordinality as s
   inner join ai.models as m on m.id = s.model_id),
  'q p', 'a circle'
);
update ai.models set successor_id = tests.model_id('o') where key = 'p';
select is(
  (select string_agg(m.key, ' ' order by s.ordinality) from ratebook.successors(tests.model_id('q')) with ordinality as s
   inner join ai.models as m on m.id = s.model_id),
  'q p o', 'a line'
);
select is(ratebook.heir(tests.model_id('q'), '2030-01-15T00:00:00Z'), tests.model_id('q'), 'nobody''s heir before its time');
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
