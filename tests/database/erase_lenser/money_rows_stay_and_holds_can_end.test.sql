begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 100);
select tests.charge('ada', 10);
create temporary table held as select tests.hold('ada', 20) as id;
create temporary table other as select tests.hold('ada', 5) as id;
select ai.erase_lenser(tests.user_id('ada'));
select lives_ok(format('delete from auth.users where id = %L', tests.user_id('ada')), 'the user may go');
select is(tests.balance('ada'), '90 25 65 0', 'the balance stays');
select is((select count(*) from billing.charges), 1::bigint, 'and the charge');
select is((select billing.release_hold(id) ->> 'status' from other), 'released', 'a hold can be released');
select lives_ok(
  (select format($$select billing.capture_hold(%L, usage => '{"input": 7}', prompt => 'a secret', output => 'another')$$, id) from held),
  'and one for work that was under way captured'
);
select is(tests.balance('ada'), '83 0 83 0', 'what was used is paid');
select is((select count(*) from ai.generations where prompt is not null or output is not null), 0::bigint, 'content is not written');
select is(
  (select billing.refund_charge(id) ->> 'amount' from billing.charges where credits = 10), '10', 'a charge can be refunded'
);
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
