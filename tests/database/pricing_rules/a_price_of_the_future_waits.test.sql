begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
select tests.make_admin();
select tests.make_price('m', 'input', 1);
select tests.make_price('m', 'input', 2, '2026-06-01T00:00:00Z');
select tests.make_price('m', 'output', 3, '2026-06-01T00:00:00Z');
select tests.freeze_clock('2026-05-31T23:59:59.999999Z');

select tests.as_anon();
select is(billing.quote('m', '{"input": 1}') ->> 'cost', '1', 'a microsecond before it the old price holds');
select tests.refused($$select billing.quote('m', '{"output": 1}')$$, 'no_price', 'PT422', 'and a new meter has none');
select tests.refused(
  $$select billing.quote('m', '{"input": 1}', at => '2026-06-01Z')$$, 'not_allowed', '42501', 'nobody asks ahead'
);
select is_empty(
  $$select from ai.model_pricing where effective_from = '2026-06-01Z'$$, 'nor reads the row'
);
select tests.authenticate_as('admin');
select is(billing.quote('m', '{"input": 1}', at => '2026-06-01Z') ->> 'cost', '2', 'but admins');
select tests.reset_role();
select tests.freeze_clock('2026-06-01T00:00:00Z');
select tests.as_anon();
select is(billing.quote('m', '{"input": 1}') ->> 'cost', '2', 'at its instant it applies, without a rebuild');
select is(billing.quote('m', '{"output": 1}') ->> 'cost', '3', 'and the new meter too');
select is(
  billing.quote('m', '{"input": 1}', at => '2026-05-31T23:59:59.999999Z') ->> 'cost', '1', 'the past keeps its own'
);

select * from finish();
rollback;
