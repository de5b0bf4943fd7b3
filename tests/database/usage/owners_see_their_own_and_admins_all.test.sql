begin;
set local search_path = tap, pg_catalog;
select plan(20);

set local timezone = 'Asia/Tokyo';
select tests.freeze_clock('2030-01-15T23:59:59Z');
select tests.make_unit_price();
insert into ai.features (key) values ('chat');
select tests.make_wallet('ada', 1000);
select tests.make_user('bob');
select tests.make_admin('root');
select billing.set_member(tests.user_id('ada'), tests.user_id('bob'));
select tests.charge('ada', 10);
select tests.charge('ada', 5);
select tests.charge('ada', 3, p_feature => 'chat');
select tests.charge('ada', 2, 'bob');
select billing.capture_hold((billing.authorize_credits(tests.user_id('ada'), 7) ->> 'hold_id')::uuid);
select tests.freeze_clock('2030-01-16T00:00:00Z');
select tests.charge('ada', 1);
select billing.refund_charge(id, 4) from billing.charges where credits = 10;

create function tests.used(
  p_by text default null, p_owner uuid default null, p_time_zone text default 'UTC', p_bucket text default 'day'
) returns text
language sql
return (
  select string_agg(
    concat_ws(
      ' ', to_char(u.starts_at at time zone p_time_zone, 'DD'),
      case u.key when tests.user_id('bob')::text then 'bob' when tests.user_id('ada')::text then 'ada' else coalesce(u.key, '-') end,
      u.requests, u.charges, coalesce(u.quantities ->> 'input', '-'), u.credits, u.refunded, coalesce(u.cost::text, 'hidden'),
      coalesce(u.margin::text, 'hidden')
    ), ', ' order by u.starts_at, u.key = tests.user_id('bob')::text, u.key
  )
  from billing.usage('2030-01-15', '2030-01-17', p_bucket, p_time_zone, p_by, p_owner) as u
);

select tests.authenticate_as('ada');
select is(
  tests.used('spender'),
  '15 ada 3 4 18 25 0 hidden hidden, 15 bob 0 1 - 2 0 hidden hidden, 16 ada 1 1 1 1 4 hidden hidden',
  'the owner reads her own, with what a member spent; what it cost is not hers to know'
);
select is(
  tests.used('feature'), '15 chat 1 1 3 3 0 hidden hidden, 15 - 2 4 15 24 0 hidden hidden, 16 - 1 1 1 1 4 hidden hidden',
  'by feature, of which there may be none'
);
select is(tests.used(), tests.used(p_owner => tests.user_id('ada')), 'she may name herself');
select tests.refused(
  format('select tests.used(p_owner => %L)', tests.user_id('bob')), 'not_allowed', '42501', 'and nobody else'
);
select tests.authenticate_as('bob');
select is(tests.used(), '15 - 1 0 2 0 0 hidden hidden', 'the member has his request, which the owner paid');
select tests.as_anon();
select tests.forbidden('select * from billing.usage(now(), now())', 'permission denied for function usage', 'visitors ask in vain');
select tests.authenticate_as('root');
select is(
  tests.used('model'), '15 m 4 4 20 20 0 {"USD": "20"} 0, 15 - 0 1 - 7 0 {} 7, 16 m 1 1 1 1 4 {"USD": "1"} -4',
  'an admin reads everybody''s, and what it cost'
);
select is(
  tests.used(p_owner => tests.user_id('bob')), '15 - 1 0 2 0 0 {} 0', 'and one owner''s'
);
select tests.as_service();
select is(tests.used('provider', p_bucket => 'month'), '01 acme 5 5 21 21 4 {"USD": "21"} -4, 01 - 0 1 - 7 0 {} 7', 'as the service role does');
select is(
  tests.used('status', p_time_zone => 'Asia/Kathmandu'), '16 completed 5 5 21 21 4 {"USD": "21"} -4, 16 - 0 1 - 7 0 {} 7',
  'in Kathmandu it was one day'
);
create temporary table before as select tests.used('spender') as told, tests.used('status') as by_status;
select is(billing.drain_usage(4), 4, 'some is drained');
select is((select tests.used('spender') || tests.used('status')), (select told || by_status from before), 'which nobody sees');
select is(billing.drain_usage() + billing.drain_usage(), 4, 'then all');
select is((select tests.used('spender') || tests.used('status')), (select told || by_status from before), 'nor that');
select is(
  (select string_agg(severity, ' ') from billing.check_usage('2030-01-31')), 'ok ok ok', 'it is what the log says'
);
reset role;
delete from ratebook.usage_cells where spender_id = tests.user_id('bob');
select is(
  (select string_agg(severity, ' ') from billing.check_usage('2030-01-31')), 'ok error error', 'and where it is not, the check says so'
);
select is(billing.rebuild_usage('2030-01-01'), 12::bigint, 'a month is made anew');
select is(
  (select tests.used('spender') || tests.used('status')), (select told || by_status from before), 'as it was'
);
-- An erased spender is an id; her figures stay.
select ai.erase_lenser(tests.user_id('ada'));
delete from ai.generations where usage = '{"input": 3}';
select is(
  tests.used('feature'), '15 chat 0 1 - 3 0 {"USD": "3"} 0, 15 - 3 4 17 24 0 {"USD": "17"} 7, 16 - 1 1 1 1 4 {"USD": "1"} -4',
  'a deleted generation leaves the counts, and keeps its credits'
);
-- Nobody has drained for a day.
select tests.freeze_clock('2030-01-17T00:00:01Z');
select is(
  (select severity from billing.check_usage() where check_name = 'usage_drained'), 'warning', 'the check warns when nobody drains'
);

select * from finish();
rollback;
