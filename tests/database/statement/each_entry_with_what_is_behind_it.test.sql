begin;
set local search_path = tap, pg_catalog;
select plan(29);

select tests.make_unit_price();
select tests.make_admin('root');
select tests.make_user('bob');
insert into ai.features (key) values ('chat');
select tests.make_user('ada');
insert into ai.generations (lenser_id, model_id, feature_key) values (tests.user_id('ada'), tests.model_id('m'), 'chat');
create temporary table generated as select g.id from ai.generations as g;
grant select on generated to anon, authenticated, service_role;
select tests.freeze_clock('2030-01-15T12:00:00Z');
insert into billing.accounts (id, lenser_id) values (tests.user_id('ada'), tests.user_id('ada'));
select billing.grant_credits(tests.user_id('ada'), 100);
select billing.grant_credits(tests.user_id('ada'), 10, 'promo', 0, '2030-01-20T13:00:00Z');
select tests.freeze_clock('2030-01-31T23:59:59.999999Z');
create temporary table charged as
select (billing.charge_generation(
  tests.user_id('ada'), 'm', '{"input": 4}', feature => 'chat', generation => (select g.id from generated as g)
) ->> 'charge_id')::uuid as id;
select tests.freeze_clock('2030-03-01T00:00:00Z');
select billing.refund_charge(id, 1) from charged;
grant select on charged to authenticated;

create function tests.stated(
  p_since timestamptz default null, p_until timestamptz default null, p_after uuid default null, p_limit integer default 100
) returns text
language sql stable
return (
  select string_agg(
    concat_ws(
      ' ', s.number, s.kind, coalesce(s.source, 'debt'), s.amount, s.balance_after, s.model, s.feature, s.usage,
      case when s.generation_id = (select g.id from generated as g) then 'generated' end
    ), ', ' order by s.number
  )
  from billing.statement(tests.user_id('ada'), p_since, p_until, p_after, p_limit) as s
);
create function tests.numbers(p_after uuid default null, p_limit integer default 100, p_since timestamptz default null) returns text
language sql stable
return (
  select string_agg(s.number::text, ' ')
  from billing.statement(tests.user_id('ada'), p_since, after => p_after, at_most => p_limit, newest_first => true) as s
);
create function tests.number(p_number bigint) returns uuid
language sql stable security definer
return (select e.id from billing.ledger_entries as e where e.account_id = tests.user_id('ada') and e.number = p_number);

select tests.authenticate_as('ada');
select is(
  tests.stated(),
  '1 grant manual 100 100, 2 grant promo 10 110, 3 expiry promo -10 100, 4 charge manual -4 96 m chat {"input": 4} generated, '
  '5 refund manual 1 97 m chat {"input": 4} generated',
  'everything, the oldest first'
);
select results_eq(
  $$
  select s.created_at, s.effective_at, s.spender_id, s.charge_id = (select c.id from charged as c), s.model_id
  from billing.statement(tests.user_id('ada')) as s where s.kind in ('expiry', 'charge') order by s.number
  $$,
  $$
  values
  ('2030-01-31T23:59:59.999999Z'::timestamptz, '2030-01-20T13:00:00Z'::timestamptz, null::uuid, null::boolean, null::uuid),
  ('2030-01-31T23:59:59.999999Z', '2030-01-31T23:59:59.999999Z', tests.user_id('ada'), true, tests.model_id('m'))
  $$,
  'an expiry counts from its moment on; a charge has a spender'
);
select is(left(tests.stated(p_limit => 2), 47), '1 grant manual 100 100, 2 grant promo 10 110', 'a page');
select is(left(tests.stated(p_after => tests.number(2), p_limit => 1), 30), '3 expiry promo -10 100', 'the one after it');
select is(left(tests.stated(p_after => tests.number(4)), 25), '5 refund manual 1 97 m ch', 'months later');
select is(tests.stated(p_after => tests.number(5)), null, 'and the end');
select is(tests.stated('2030-01-15T12:00:00.000001Z', '2030-01-31T23:59:59.999999Z'), null, 'until is exclusive');
select is(left(tests.stated('2030-01-31T23:59:59.999999Z', '2030-02-01Z'), 6), '3 expi', 'since is inclusive');
select is(tests.stated('2030-02-01Z', '2030-03-01Z'), null, 'a month without an entry');
select is(tests.numbers(), '5 4 3 2 1', 'the newest first');
select is(tests.numbers(tests.number(4), 2), '3 2', 'a page of these');
select is(tests.numbers(p_since => '2030-01-31T23:59:59.999999Z', p_limit => 2), '5 4', 'of a time');
select is(
  (select count(*) from billing.statement(tests.user_id('ada'), owner => tests.user_id('ada'))), 5::bigint, 'named as its owner'
);
select tests.refused($$select tests.stated(p_limit => 0)$$, 'invalid_argument', 'PT422', 'no page');
select tests.refused($$select tests.stated(p_limit => 1001)$$, 'invalid_argument', 'PT422', 'too long a page');
select tests.refused($$select tests.stated(p_limit => null)$$, 'invalid_argument', 'PT422', 'no length');
select tests.refused($$select tests.stated('2030-02-01Z', '2030-01-01Z')$$, 'invalid_time', 'PT422', 'backwards');
select tests.refused($$select tests.stated('-infinity')$$, 'invalid_time', 'PT422', 'for ever');
select tests.refused($$select tests.stated(p_after => tests.user_id('ada'))$$, 'invalid_argument', 'PT422', 'after nothing');

select tests.reset_role();
update ai.models set is_public = false where key = 'm';
select tests.authenticate_as('ada');
select is(
  right(tests.stated(p_after => tests.number(4)), 33), ' 1 97 chat {"input": 4} generated', 'a model that she may not see has no name'
);
select tests.as_service();
select is(right(tests.stated(p_after => tests.number(4)), 34), '1 97 m chat {"input": 4} generated', 'the service role sees it');
select tests.authenticate_as('root');
select is(left(tests.stated(), 22), '1 grant manual 100 100', 'admins see anybody''s');
select is(
  (select count(*) from billing.statement(tests.user_id('bob'))), 0::bigint, 'and that of an account which is not made yet'
);
select tests.refused(
  $$select * from billing.statement('00000000-0000-4000-8000-000000000009')$$, 'unknown_account', 'PT404', 'not of none'
);
select tests.authenticate_as('bob');
select is((select count(*) from billing.statement(tests.user_id('bob'))), 0::bigint, 'his own');
select tests.refused($$select tests.stated()$$, 'not_allowed', '42501', 'not hers');
select tests.refused(
  $$select * from billing.statement(tests.user_id('ada'), owner => tests.user_id('bob'))$$, 'unknown_account', 'PT404',
  'nor by his own name'
);
select tests.authenticate_as(null::uuid);
select tests.refused($$select tests.stated()$$, 'not_allowed', '42501', 'nor without a subject');
select tests.as_anon();
select tests.forbidden($$select tests.stated()$$, 'permission denied for function statement', 'nor as anon');

select * from finish();
rollback;
