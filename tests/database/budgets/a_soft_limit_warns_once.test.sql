begin;
set local search_path = tap, pg_catalog;
select plan(12);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 1000);
insert into billing.budgets (lenser_id, period, soft_limit, hard_limit) values (tests.user_id('ada'), 'month', 50, 100);
create function tests.warnings(p_credits numeric) returns jsonb
language sql
begin atomic
  select billing.charge_generation(tests.user_id('ada'), 'm', jsonb_build_object('input', p_credits)) -> 'warnings';
end;
create function tests.warning(p_spent text) returns jsonb
language sql
return (
  select jsonb_build_object(
    'warning', 'budget_soft_limit', 'budget', b.id, 'period', 'month', 'starts_on', '2030-01-01', 'limit', '50', 'spent', p_spent
  )
  from billing.budgets as b
);

select is(tests.warnings(49.999), '[]', 'below it nothing is said');
select is((select count(*) from billing.outbox), 0::bigint, 'to nobody');
select is(tests.warnings(0.001), jsonb_build_array(tests.warning('50')), 'at it the answer warns');
select is(
  (select to_jsonb(o) - 'id' from billing.outbox as o),
  jsonb_build_object(
    'lenser_id', tests.user_id('ada'), 'account_id', null, 'topic', 'budget_soft_limit', 'payload', tests.warning('50'),
    'delivered_at', null, 'created_at', '2030-01-15T12:00:00+00:00'
  ),
  'and the outbox has a row'
);
select is(tests.warnings(10), jsonb_build_array(tests.warning('60')), 'beyond it every answer warns');
select is(
  billing.authorize_credits(tests.user_id('ada'), 1) -> 'warnings', jsonb_build_array(tests.warning('60')), 'that of a hold too'
);
select is((select count(*) from billing.outbox), 1::bigint, 'the outbox says it once');
select tests.refused('select tests.warnings(40)', 'budget_exceeded', 'PT402', 'the hard limit refuses');
select tests.freeze_clock('2030-02-01T00:00:00Z');
select is(tests.warnings(49), '[]', 'the next month begins anew');
select is(
  (tests.warnings(1) -> 0) - 'budget', '{"warning": "budget_soft_limit", "period": "month", "starts_on": "2030-02-01", "limit": "50", "spent": "50"}',
  'and warns again'
);
select is((select count(*) from billing.outbox), 2::bigint, 'once more');
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
