begin;
set local search_path = tap, pg_catalog;
select plan(27);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 1000);
select tests.make_wallet('bob', 1000);
select tests.make_user('eve');

select tests.refused($$select tests.charge('ada', 1, 'bob')$$, 'not_allowed', '42501', 'a stranger may not spend');
select tests.refused($$select tests.charge('ada', 0, 'bob')$$, 'not_allowed', '42501', 'not even nothing');
select tests.refused($$select tests.hold('ada', 1, p_lenser => 'bob')$$, 'not_allowed', '42501', 'nor hold');
select lives_ok($$select tests.charge('ada', 1, 'ada')$$, 'the owner may, by name');
select billing.set_member(tests.user_id('ada'), tests.user_id('bob'), 50);
select lives_ok($$select tests.charge('ada', 20, 'bob')$$, 'a member may');
select is(
  (select usage from ai.generations where lenser_id = tests.user_id('bob')), '{"input": 20}'::jsonb, 'the generation is the member''s'
);
select is(
  (select format('%s %s', lenser_id = tests.user_id('ada'), spender_id = tests.user_id('bob')) from billing.charges where credits = 20),
  't t', 'the charge the owner''s, with who spent it'
);
select is(tests.balance('ada') || ', ' || tests.balance('bob'), '979 0 979 0, 1000 0 1000 0', 'the account pays');
create temporary table held as select tests.hold('ada', 25, p_lenser => 'bob') as id;
select tests.refused($$select tests.charge('ada', 5.001, 'bob')$$, 'member_limit_exceeded', 'PT402', 'holds count');
select is(
  tests.error_of($$select tests.hold('ada', 6, p_lenser => 'bob')$$) -> 'detail',
  jsonb_build_object(
    'error', 'member_limit_exceeded', 'account', tests.user_id('ada'), 'lenser', tests.user_id('bob'), 'limit', '50', 'needed', '51'
  ), 'for another hold too'
);
select lives_ok($$select tests.charge('ada', 5, 'bob')$$, 'five are left');
select tests.refused(
  (select format('select billing.capture_hold(%L, 25.001)', id) from held), 'member_limit_exceeded', 'PT402', 'no more than held may be captured'
);
select billing.set_member(tests.user_id('ada'), tests.user_id('bob'), 10);
select lives_ok((select format('select billing.capture_hold(%L, 25)', id) from held), 'what was held may, whatever the limit is now');
select is((select spent::numeric from billing.account_members), 50::numeric, 'fifty are spent');
select tests.refused($$select tests.charge('ada', 1, 'bob')$$, 'member_limit_exceeded', 'PT402', 'that is all');
select lives_ok($$select tests.charge('ada', 0, 'bob')$$, 'but for what is free');
select billing.refund_charge(c.id) from billing.charges as c where c.credits = 25;
select is((select spent::numeric from billing.account_members), 25::numeric, 'a refund takes it off');
select billing.set_member(tests.user_id('ada'), tests.user_id('bob'));
select lives_ok($$select tests.charge('ada', 500, 'bob')$$, 'without a limit he spends what there is');

-- Removed, and back: what was spent stays spent.
create temporary table kept as select tests.hold('ada', 10, '1 hour', 'bob') as id;
create temporary table late as select tests.hold('ada', 10, '1 minute', 'bob') as id;
select is(billing.remove_member(tests.user_id('ada'), tests.user_id('bob')), true, 'removed');
select is(billing.remove_member(tests.user_id('ada'), tests.user_id('bob')), false, 'once');
select tests.refused($$select tests.charge('ada', 1, 'bob')$$, 'not_allowed', '42501', 'he may spend no more');
select tests.refused(
  (select format('select billing.capture_hold(%L, 11)', id) from kept), 'not_allowed', '42501', 'nor capture more than he held'
);
select lives_ok((select format('select billing.capture_hold(%L, 9)', id) from kept), 'but what he held');
select tests.freeze_clock('2030-01-15T12:30:00Z');
select tests.refused(
  (select format('select billing.capture_hold(%L)', id) from late), 'not_allowed', '42501', 'what timed out is a charge like any other'
);
select billing.set_member(tests.user_id('ada'), tests.user_id('bob'), 600);
select is((select spent::numeric from billing.account_members), 534::numeric, '20 + 5 + 25 - 25 + 500 + 9');
select is(tests.balance('ada'), '465 0 465 0', '1000 - 1 - 534');
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
