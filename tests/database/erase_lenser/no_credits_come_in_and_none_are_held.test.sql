begin;
set local search_path = tap, pg_catalog;
select plan(15);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 100);
select tests.make_wallet('bob', 100);
select billing.set_member(tests.user_id('ada'), tests.user_id('bob'));
select billing.set_member(tests.user_id('bob'), tests.user_id('ada'));
select billing.create_recurring_grant(tests.user_id('ada'), 7, '1 day', '2030-01-16T00:00:00Z');
create temporary table earlier as
with made as (
  insert into ai.generations (lenser_id, model_id)
  values (tests.user_id('ada'), tests.model_id('m')), (tests.user_id('bob'), tests.model_id('m'))
  returning id, lenser_id
)

select * from made;
create temporary table held as select tests.hold('ada', 20) as id;
select billing.grant_credits(tests.user_id('ada'), 1, idempotency_key => 'before');
select ai.erase_lenser(tests.user_id('ada'));

select tests.refused(s.statement, 'erased_lenser', '42501', s.what)
from (values
  ($$select billing.grant_credits(tests.user_id('ada'), 5)$$, 'a grant'),
  ($$select billing.create_recurring_grant(tests.user_id('ada'), 5)$$, 'an allowance'),
  ($$select tests.hold('ada', 5)$$, 'a hold'),
  ($$select tests.hold('ada', 5, p_lenser => 'bob')$$, 'a hold by a member'),
  ($$select tests.hold('bob', 5, p_lenser => 'ada')$$, 'a hold of another account'),
  ($$select tests.charge('ada', 5)$$, 'a charge'),
  ($$select tests.charge('ada', 5, 'bob')$$, 'a charge by a member'),
  ((select format($$select billing.charge_generation(tests.user_id('bob'), 'm', '{"input": 1}', lenser => tests.user_id('ada'), generation => %L)$$, id) from earlier where lenser_id = tests.user_id('ada')), 'a charge for an earlier generation'),
  ((select format($$select billing.charge_generations(jsonb_build_array(jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'usage', '{"input": 1}'::jsonb, 'lenser', tests.user_id('bob'), 'generation', %L)))$$, id) from earlier where lenser_id = tests.user_id('bob')), 'a batch'),
  ($$select billing.set_member(tests.user_id('ada'), tests.user_id('bob'), 5)$$, 'a member of hers'),
  ($$select billing.set_member(tests.user_id('bob'), tests.user_id('ada'), 5)$$, 'a membership')
) as s (statement, what);
select lives_ok($$select billing.grant_credits(tests.user_id('ada'), 1, idempotency_key => 'before')$$, 'what was answered is answered');
select lives_ok((select format('select billing.capture_hold(%L, 20)', id) from held), 'what was held before may be captured');
select tests.freeze_clock('2030-01-18T12:00:00Z');
select billing.sweep_accounts();
select is(tests.balance('ada') || ', ' || (select next_event_at from billing.accounts where id = tests.user_id('ada')), '81 0 81 0, infinity', 'her allowance has ended');
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
