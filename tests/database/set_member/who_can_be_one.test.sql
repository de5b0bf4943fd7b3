begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.make_wallet('ada', 10);
select tests.make_user('bob');
select tests.refused(
  $$select billing.set_member(tests.user_id('ada'), tests.user_id('ada'))$$, 'invalid_argument', 'PT422', 'not the owner'
);
select tests.refused(
  $$select billing.set_member(tests.user_id('ada'), tests.user_id('nobody'))$$, 'unknown_lenser', 'PT404', 'not nobody'
);
select tests.refused($$select billing.set_member(tests.user_id('ada'), null)$$, 'unknown_lenser', 'PT404', 'nor NULL');
select tests.refused(
  $$select billing.set_member(tests.user_id('nobody'), tests.user_id('bob'))$$, 'unknown_account', 'PT404', 'not of no account'
);
select lives_ok($$select billing.set_member(tests.user_id('ada'), tests.user_id('bob'), 0)$$, 'a user who never owned anything may');
-- A shared account: its owner need not have another.
select tests.as_service();
insert into billing.accounts (lenser_id, name) values (tests.user_id('bob'), 'Team');
select tests.reset_role();
create temporary table team as select id from billing.accounts where name = 'Team';
select lives_ok((select format('select billing.set_member(%L, tests.user_id(''ada''), 5)', id) from team), 'a shared account has members');
select is((select billing.grant_credits(id, 3) #>> '{balance,posted}' from team), '3', 'and credits');
select is(billing.remove_member(tests.user_id('ada'), tests.user_id('eve')), false, 'who is none cannot be removed');

select * from finish();
rollback;
