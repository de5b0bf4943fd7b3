begin;
set local search_path = tap, pg_catalog;
select plan(11);

select tests.freeze_clock('2030-02-01T12:00:00Z');
select tests.make_wallet('ada');
select billing.grant_credits(tests.user_id('ada'), 1, idempotency_key => 'k');
select tests.refused(
  format('select billing.purge(keys => %L)', t.older_than), 'invalid_argument', 'PT422', 'not ' || coalesce(t.older_than, 'NULL')
)
from (values ('29 days 23:59:59.999999'), ('0'), ('-1 year'), (null)) as t (older_than);
select tests.freeze_clock('2030-03-03T12:00:00Z');
select is(billing.purge() ->> 'keys', '0', 'thirty days old is not older than thirty days');
select tests.refused(
  $$select billing.purge(keys => '1 month')$$, 'invalid_argument', 'PT422', 'a month of twenty-eight days is too short'
);
select is(
  billing.grant_credits(tests.user_id('ada'), 1, idempotency_key => 'k') #>> '{balance,posted}', '1', 'it is known'
);
select tests.freeze_clock('2030-03-03T12:00:00.000001Z');
select is(billing.purge(keys => '31 days') ->> 'keys', '0', 'they may be kept longer');
select is(billing.purge() ->> 'keys', '1', 'a microsecond later it goes');
select is((select count(*) from billing.idempotency_keys), 0::bigint, 'forgotten');
select is(
  billing.grant_credits(tests.user_id('ada'), 1, idempotency_key => 'k') #>> '{balance,posted}', '2', 'and may be used anew'
);

select * from finish();
rollback;
