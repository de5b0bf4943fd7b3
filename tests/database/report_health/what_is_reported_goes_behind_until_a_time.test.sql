begin;
set local search_path = tap, pg_catalog;
select plan(33);

select tests.make_provider('acme'), tests.make_provider('other');
select tests.make_model('a'), tests.make_model('b', 'other'), tests.make_model('c');
select tests.make_route('chat', 'a', 1), tests.make_route('chat', 'b', 2), tests.make_route('chat', 'c', 3);
select tests.make_user('ada'), tests.make_admin('root');
insert into ai.model_aliases (alias, model_id) values ('alpha', tests.model_id('a'));
select tests.freeze_clock('2026-11-20T12:00:00Z');

select tests.as_service();
select lives_ok($$select ai.report_health('a', state => 'rate_limited', until => '2026-11-20T12:01:00Z')$$, 'a model is rate-limited');
select is(tests.routed('chat'), 'b c a', 'it goes behind the healthy ones, whatever its priority');
select results_eq(
  $$select place, health, health_until, why from ai.route_feature('chat') where model = 'a'$$,
  $$values (3, 'rate_limited'::ai.health_enum, '2026-11-20T12:01:00Z'::timestamptz, 'priority 1, rate_limited until 2026-11-20T12:01:00Z')$$,
  'and says why'
);
select lives_ok($$select ai.report_health(provider => 'other', until => '2026-11-20T13:00:00Z', reason => 'slow')$$, 'a provider is degraded');
select is(tests.routed('chat'), 'c a b', 'the unhealthy keep their order among each other');
select results_eq(
  $$select model, health from ai.route_feature('chat') order by model$$,
  $$values ('a', 'rate_limited'::ai.health_enum), ('b', 'degraded'), ('c', 'healthy')$$, 'all of a provider''s models are'
);
select lives_ok($$select ai.report_health(provider => 'acme', until => '2026-11-20T12:30:00Z')$$, 'the other provider too');
select is(tests.routed('chat'), 'a b c', 'where nothing is healthy it is as if all were');
select results_eq(
  $$select model, health, health_until from ai.route_feature('chat') where model in ('a', 'c') order by model$$,
  $$values ('a', 'rate_limited'::ai.health_enum, '2026-11-20T12:30:00Z'::timestamptz), ('c', 'degraded', '2026-11-20T12:30:00Z')$$,
  'of two reports the worse and the longer'
);
select tests.reset_role();

select tests.freeze_clock('2026-11-20T12:30:00Z');
select is(tests.routed('chat'), 'a c b', 'from the time on it is healthy again, by itself');
select tests.freeze_clock('2026-11-20T13:00:00Z');
select is(tests.routed('chat'), 'a b c', 'and the other an instant after its own');
select is((select count(*) from ai.health_reports), 3::bigint, 'without anybody taking a report away');

-- The last word stands.
select tests.freeze_clock('2026-11-20T14:00:00Z');
select tests.as_service();
select lives_ok($$select ai.report_health('alpha', until => '2026-11-20T15:00:00Z')$$, 'a model by its alias');
select lives_ok($$select ai.report_health('a', until => '2026-11-20T14:10:00Z')$$, 'and again');
select is((select count(*) from ai.health_reports), 3::bigint, 'one row of each');
select is((select until from ai.health_reports where model_id = tests.model_id('a')), '2026-11-20T14:10:00Z', 'the last report');
select is(tests.routed('chat'), 'b c a', 'is what counts');
select lives_ok($$select ai.report_health('a', state => 'healthy')$$, 'it is taken back');
select is(tests.routed('chat'), 'a b c', 'and at once there again');
select lives_ok($$select ai.report_health('a', state => 'healthy')$$, 'twice is no error');
select is((select count(*) from lensers.audit_history where table_name = 'ai.health_reports'), 0::bigint, 'what backends report is in no history');

-- What is refused.
select tests.refused($$select ai.report_health()$$, 'invalid_argument', 'PT422', 'nothing named');
select tests.refused($$select ai.report_health('a', 'acme', until => '2026-11-20T15:00:00Z')$$, 'invalid_argument', 'PT422', 'both named');
select tests.refused($$select ai.report_health('a')$$, 'invalid_time', 'PT422', 'no time');
select tests.refused($$select ai.report_health('a', until => 'infinity')$$, 'invalid_time', 'PT422', 'for ever');
select tests.refused($$select ai.report_health('nope', until => now())$$, 'unknown_model', 'PT404', 'an unknown model');
select tests.refused($$select ai.report_health(provider => 'nope', until => now())$$, 'unknown_provider', 'PT422', 'an unknown provider');
select tests.reset_role();
select tests.authenticate_as('ada');
select tests.refused($$select ai.report_health('a', until => '2026-11-20T15:00:00Z')$$, 'not_allowed', '42501', 'a user reports nothing');
select tests.reset_role();

-- What people report is in the history.
select tests.authenticate_as('root');
select lives_ok($$select ai.report_health('b', until => '2026-11-20T15:00:00Z', reason => 'an outage')$$, 'an admin reports');
select lives_ok($$select ai.report_health('b', state => 'rate_limited', until => '2026-11-20T15:00:00Z')$$, 'changes it');
select lives_ok($$select ai.report_health('b', state => 'healthy')$$, 'takes it back');
select results_eq(
  $$select operation, subject, coalesce(after, before) ->> 'state' from lensers.audit_history where table_name = 'ai.health_reports' order by id$$,
  $$values ('INSERT', tests.user_id('root'), 'degraded'), ('UPDATE', tests.user_id('root'), 'rate_limited'), ('DELETE', tests.user_id('root'), 'rate_limited')$$,
  'all three with their subject'
);
select tests.reset_role();
select tests.as_anon();
select tests.forbidden(
  $$select ai.report_health('a', until => now())$$, 'permission denied for function report_health', 'anon may not even ask'
);

select * from finish();
rollback;
