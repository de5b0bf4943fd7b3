begin;
set local search_path = tap, pg_catalog;
select plan(7);

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

create function tests.days() returns setof text
language sql
return format(
  '%s', (select string_agg(
    concat_ws(' ', day, case spender_id when tests.user_id('bob') then 'bob' else 'ada' end, coalesce(model, '-'), coalesce(feature_key, '-'), requests, trim_scale(credits), trim_scale(refunded)),
    ', ' order by day, spender_id = tests.user_id('bob'), model nulls last, feature_key nulls first
  ) from billing.usage_by_day)
);
create temporary table expected as
select '2030-01-15 ada m - 2 15 0, 2030-01-15 ada m chat 1 3 0, 2030-01-15 ada - - 1 7 0, 2030-01-15 bob m - 1 2 0, 2030-01-16 ada m - 1 1 4'::text as days;
grant select on expected to public;
select tests.authenticate_as('ada');
select is(tests.days(), (select days from expected), 'the owner reads her own, the member''s with it');
select is((select count(*) from billing.revenue_by_day), 0::bigint, 'and nothing of what it cost');
select tests.authenticate_as('bob');
select is(tests.days(), '', 'the member nothing of hers');
select tests.as_anon();
select tests.forbidden('select tests.days()', 'permission denied for view usage_by_day', 'visitors ask in vain');
select tests.authenticate_as('root');
select is(tests.days(), (select days from expected), 'an admin reads everybody''s');
select results_eq(
  $$select day, model, feature_key, currency, requests::int, credits::int, cost::int from billing.revenue_by_day order by 1, 3 nulls first$$,
  $$values
  ('2030-01-15'::date, 'm', null::text, 'USD', 3, 17, 17), ('2030-01-15', 'm', 'chat', 'USD', 1, 3, 3),
  ('2030-01-16', 'm', null, 'USD', 1, 1, 1)$$,
  'and what it cost, of what was priced'
);
select tests.as_service();
select is(tests.days(), (select days from expected), 'as the service role does');

select * from finish();
rollback;
