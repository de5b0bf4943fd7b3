begin;
set local search_path = tap, pg_catalog;
select plan(25);

select tests.make_user('ada'), tests.make_user('bob'), tests.make_admin('root');
select tests.freeze_clock('2026-11-20T12:00:00Z');
create function tests.entitlement(p_external_ref text) returns text
language sql security definer
return (
  select concat_ws(
    ' ', e.tier, to_char(e.starts_at at time zone 'UTC', 'MM-DD'), to_char(e.ends_at at time zone 'UTC', 'MM-DD')
  ) from lensers.entitlements as e where e.external_ref = p_external_ref
);

select tests.as_service();
select results_eq(
  $$select lenser_id, tier, starts_at, ends_at, external_ref from lensers.set_entitlement(tests.user_id('ada'), 'paid', 'sub_1')$$,
  $$values (tests.user_id('ada'), 'paid'::ai.model_tier_enum, '2026-11-20T12:00:00Z'::timestamptz, null::timestamptz, 'sub_1')$$,
  'from now on, until told otherwise'
);
select tests.reset_role();
select tests.freeze_clock('2026-11-22T12:00:00Z');
select tests.as_service();
select is(
  (select updated_at - created_at from lensers.set_entitlement(tests.user_id('ada'), 'paid', 'sub_1')), '2 days', 'the same again'
);
select is(tests.entitlement('sub_1'), 'paid 11-20', 'keeps its start');
select is((select count(*) from lensers.entitlements), 1::bigint, 'and is one row');
select lives_ok($$select lensers.set_entitlement(tests.user_id('ada'), 'enterprise', 'sub_1', ends_at => '2026-12-20Z')$$, 'a renewal');
select is(tests.entitlement('sub_1'), 'enterprise 11-20 12-20', 'replaces what it said');
select lives_ok($$select lensers.set_entitlement(tests.user_id('ada'), 'enterprise', 'sub_1', ends_at => '2026-11-22T12:00:00Z')$$, 'the end');
select is(tests.entitlement('sub_1'), 'enterprise 11-20 11-22', 'is one more such call');
select lives_ok($$select lensers.set_entitlement(tests.user_id('ada'), 'enterprise', 'sub_1', ends_at => '2026-11-01Z')$$, 'an end before it began');
select is(tests.entitlement('sub_1'), 'enterprise 11-01 11-01', 'leaves nothing of it');
select lives_ok($$select lensers.set_entitlement(tests.user_id('ada'), 'paid', 'sub_2', '2026-12-01Z', '2027-01-01Z')$$, 'one ahead');
select is(tests.entitlement('sub_2'), 'paid 12-01 01-01', 'with both its dates');
select lives_ok($$select lensers.set_entitlement(tests.user_id('ada'), 'paid', 'sub_3', ends_at => '2026-11-01Z')$$, 'one that was over before it was known');
select is(tests.entitlement('sub_3'), 'paid 11-01 11-01', 'never began');

select tests.refused($$select lensers.set_entitlement(tests.user_id('bob'), 'paid', 'sub_1')$$, 'idempotency_conflict', 'PT409', 'the reference of another');
select is(tests.entitlement('sub_1'), 'enterprise 11-01 11-01', 'which stays as it was');
select tests.refused($$select lensers.set_entitlement(tests.user_id('ada'), null, 'sub_4')$$, 'invalid_argument', 'PT422', 'no tier');
select tests.refused($$select lensers.set_entitlement(tests.user_id('ada'), 'paid', ' ')$$, 'invalid_argument', 'PT422', 'no reference');
select tests.refused($$select lensers.set_entitlement(tests.user_id('ada'), 'paid', 'sub_4', '2026-12-02Z', '2026-12-01Z')$$, 'invalid_time', 'PT422', 'an end before its start');
select tests.refused($$select lensers.set_entitlement(tests.user_id('ada'), 'paid', 'sub_4', ends_at => 'infinity')$$, 'invalid_time', 'PT422', 'no time');
select tests.refused($$select lensers.set_entitlement(tests.user_id('nobody'), 'paid', 'sub_4')$$, 'unknown_lenser', 'PT404', 'nobody');
select tests.reset_role();

-- Owners read their own, admins all, and neither writes.
select tests.authenticate_as('ada');
select is((select count(*) from lensers.entitlements), 3::bigint, 'ada reads her own');
select tests.forbidden(
  $$select lensers.set_entitlement(tests.user_id('ada'), 'enterprise', 'mine')$$, 'permission denied for function set_entitlement',
  'and gives herself none'
);
select tests.reset_role();
select tests.authenticate_as('bob');
select is_empty('select * from lensers.entitlements', 'bob reads none');
select tests.reset_role();
select tests.authenticate_as('root');
select is((select count(*) from lensers.all_entitlements), 3::bigint, 'an admin reads all');

select * from finish();
rollback;
