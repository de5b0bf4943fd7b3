begin;
set local search_path = tap, pg_catalog;
select plan(12);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_user('ada');
select is(
  tests.balance('ada'), '0 0 0 0', 'a user without an account has a balance'
);
select is((select count(*) from billing.accounts), 0::bigint, 'which makes none');
select is(
  billing.grant_credits(tests.user_id('ada'), 1.500) - 'grant_id',
  jsonb_build_object(
    'account_id', tests.user_id('ada'), 'amount', '1.5',
    'balance', '{"posted": "1.5", "reserved": "0", "debt": "0", "available": "1.5"}'::jsonb
  ),
  'a grant makes the account and tells its balance'
);
select is((select array_agg((id, lenser_id) = (tests.user_id('ada'), tests.user_id('ada'))) from billing.accounts), '{t}', 'her own');
select tests.refused(
  $$select billing.grant_credits(tests.user_id('nobody'), 1)$$, 'unknown_account', 'PT404', 'nobody has none'
);
select tests.refused('select billing.grant_credits(null, 1)', 'unknown_account', 'PT404', 'nor NULL');
select tests.refused(
  $$select billing.get_balance(tests.user_id('nobody'))$$, 'unknown_account', 'PT404', 'nor a balance'
);
select tests.refused(
  format($$select billing.grant_credits(tests.user_id('ada'), 1, expires_at => %L)$$, t.at), 'invalid_time', 'PT422', t.at
)
from (values ('2030-01-15T12:00:00Z'), ('2030-01-15T11:59:59Z'), ('-infinity')) as t (at);
select lives_ok(
  $$select billing.grant_credits(tests.user_id('ada'), 1, expires_at => '2030-01-15T12:00:00.000001Z')$$,
  'a microsecond ahead is ahead'
);
select tests.refused(
  $$select billing.grant_credits(tests.user_id('ada'), 1, priority => -1)$$, 'invalid_argument', 'PT422',
  'no negative priority'
);

select * from finish();
rollback;
