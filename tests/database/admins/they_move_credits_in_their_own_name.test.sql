begin;
set local search_path = tap, pg_catalog;
select plan(45);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_admin('root');
select tests.make_wallet('ada', 10);
select tests.make_wallet('bob');
select tests.make_user('cleo');
select billing.set_member(tests.user_id('ada'), tests.user_id('bob'));
create temporary table made as select tests.charge('ada', 4) as charge_id;
create table tests.entries as select max(h.id) as id from lensers.audit_history as h;
grant select on made, tests.entries to authenticated, service_role;
create view tests.calls as
select h.* from lensers.audit_history as h cross join tests.entries as e where h.id > coalesce(e.id, 0);
grant select on tests.calls to authenticated, service_role;

-- Everybody else: the owner, a member, a stranger.
create temporary table attempts (name text, statement text);
insert into attempts
select 'grant', format('select billing.grant_credits(%L, 5)', tests.user_id('ada'))
union all
select 'grant of an event', format('select billing.grant_credits(%L, 5, external_ref => %L)', tests.user_id('ada'), 'e')
union all
select 'grant of nothing', format('select billing.grant_credits(%L, null)', tests.user_id('ada'))
union all
select 'refund', format('select billing.refund_charge(%L)', charge_id) from made
union all
select 'refund of nothing', format('select billing.refund_charge(%L)', gen_random_uuid())
union all
select 'revocation', format('select billing.revoke_grant(%L)', id) from billing.grants where account_id = tests.user_id('ada')
union all
select 'revocation of a payment', 'select billing.revoke_grant(payment_source => ''stripe'', payment_ref => ''e'')'
union all
select 'revocation of nothing', 'select billing.revoke_grant()'
union all
select 'the wallet''s check', 'select billing.self_check()'
union all
select 'the installation''s check', 'select ai.self_check()';
grant select on attempts to anon, authenticated;
select tests.as_anon();
select is(tests.error_of(statement) ->> 'code', '42501', 'not anon: ' || name) from attempts order by name;
select tests.authenticate_as('ada');
select is(
  tests.error_of(statement) - '{hint,constraint,column}'::text[],
  '{"code": "42501", "message": "This is for admins and the service role.", "detail": {"error": "not_allowed"}}',
  'nor the owner: ' || name
)
from attempts order by name;
select tests.authenticate_as('bob');
select tests.refused(statement, 'not_allowed', '42501', 'nor a member: ' || name) from attempts where name in ('grant', 'refund', 'revocation') order by name;
select tests.authenticate_as('cleo');
select tests.refused(statement, 'not_allowed', '42501', 'nor a stranger: ' || name) from attempts where name in ('grant', 'refund', 'revocation') order by name;
select tests.reset_role();
select is(tests.balance('ada'), '6 0 6 0', 'and nothing moved');

-- An admin may, in the admin's own name.
select tests.authenticate_as('root');
select set_config('request.headers', '{"x-request-id": "r-1"}', true);
select is(
  billing.grant_credits(tests.user_id('ada'), 5, 'gift', external_ref => 'e', idempotency_key => 'g') - 'grant_id',
  jsonb_build_object('account_id', tests.user_id('ada'), 'amount', '5', 'balance', jsonb_build_object(
    'posted', '11', 'reserved', '0', 'debt', '0', 'available', '11'
  )),
  'an admin grants'
);
select is(
  billing.refund_charge(charge_id, 1.5, 'too slow', idempotency_key => 'r') - 'account_id' - 'balance',
  jsonb_build_object('charge_id', charge_id, 'amount', '1.5', 'refunded', '1.5'), 'and refunds'
)
from made;
select results_eq(
  $$select table_name, operation, subject, role, request_id, before, after ->> 'function', changed_at from tests.calls order by id$$,
  $$
  select v.table_name, 'CALL', tests.user_id('root'), 'authenticated', 'r-1', null::jsonb, v.name, '2030-01-15T12:00:00Z'::timestamptz
  from (values ('billing.grants', 'billing.grant_credits'), ('billing.charges', 'billing.refund_charge')) as v (table_name, name)
  $$,
  'who, when and by what stands in the history'
);
select is(
  after -> 'arguments',
  jsonb_build_object(
    'account', tests.user_id('ada'), 'amount', 5, 'source', 'gift', 'priority', 0, 'starts_at', null, 'expires_at', null, 'external_ref', 'e'
  ),
  'what was granted'
)
from tests.calls where table_name = 'billing.grants';
select results_eq(
  $$select row_key, after #> '{answer,grant_id}' from tests.calls where table_name = 'billing.grants'$$,
  $$select jsonb_build_object('id', g.id), to_jsonb(g.id) from billing.all_grants as g where g.source = 'gift'$$, 'as which lot'
);
select results_eq(
  $$select row_key, after #>> '{arguments,reason}', after #>> '{answer,amount}' from tests.calls where table_name = 'billing.charges'$$,
  $$select jsonb_build_object('id', charge_id), 'too slow', '1.5' from made$$, 'and what of which charge was given back, and why'
);
select is(
  billing.revoke_grant(payment_source => 'gift', payment_ref => 'e', amount => 2, reason => 'by mistake', external_ref => 'f')
  - '{revocation_id,grant_id,account_id,balance}'::text[],
  '{"amount": "2", "from_lot": "2", "held": "0", "owed": "0"}', 'and takes back'
);
select results_eq(
  $$
  select h.row_key, h.subject, h.after #>> '{arguments,reason}', h.after #>> '{arguments,amount}', h.after #>> '{answer,from_lot}'
  from tests.calls as h where h.after ->> 'function' = 'billing.revoke_grant'
  $$,
  $$select jsonb_build_object('id', g.id), tests.user_id('root'), 'by mistake', '2', '2' from billing.all_grants as g where g.source = 'gift'$$,
  'what, of which lot, and why'
);
-- What has no second effect has no second entry.
select lives_ok(
  $$select billing.revoke_grant(payment_source => 'gift', payment_ref => 'e', amount => 2, external_ref => 'f')$$, 'the event that took back again'
);
select lives_ok(
  format('select billing.grant_credits(%L, 5, ''gift'', external_ref => ''e'', idempotency_key => ''g'')', tests.user_id('ada')),
  'the same again'
);
select lives_ok(format('select billing.grant_credits(%L, 5, ''gift'', external_ref => ''e'')', tests.user_id('ada')), 'the event again');
select tests.refused(format('select billing.refund_charge(%L, 3)', charge_id), 'refund_exceeds_charge', 'PT409', 'too much')
from made;
select is(count(*), 3::bigint, 'make no entry') from tests.calls;
select is(billing.get_balance(tests.user_id('ada')) ->> 'posted', '10.5', 'an admin reads the balance');

-- The service role writes as ever, and pays for no history.
select tests.as_service();
select billing.grant_credits(tests.user_id('bob'), 5);
select billing.refund_charge(charge_id, 1) from made;
select tests.reset_role();
select is(count(*), 3::bigint, 'the service role makes none') from tests.calls;
select is(tests.balance('ada') || ', ' || tests.balance('bob'), '11.5 0 11.5 0, 5 0 5 0', 'and moves the same');
-- With the write, or not at all.
select tests.authenticate_as('root');
select is(
  tests.error_of(format('select billing.grant_credits(%L, 7), 1 / 0', tests.user_id('bob'))) ->> 'code', '22012', 'a write that is undone'
);
select is(count(*), 3::bigint, 'takes its entry along') from tests.calls;

select * from finish();
rollback;
