begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 1000);
select tests.make_wallet('eve', 1000);
select tests.make_user('bob');
select billing.set_member(tests.user_id('ada'), tests.user_id('bob'));
select tests.charge('ada', 10);
select tests.charge('ada', 2, 'bob');
select tests.charge('eve', 5);
select billing.refund_charge(id, 4) from billing.charges where credits = 10;

create function tests.used() returns text
language sql
return (
  select string_agg(
    concat_ws(' ', u.requests, u.charges, u.quantities ->> 'input', u.credits, u.refunded, u.net), ', ' order by u.starts_at
  )
  from billing.usage('2030-01-15', '2030-01-16') as u
);

select is(tests.used(), '3 3 17 17 4 13', 'both lensers');
select ok(billing.drain_usage() > 0, 'all of it is counted');

-- Each fact of Ada's the other way round, as a move takes it back.
select ratebook.add_usage(array_agg(d.delta), null, null)
from (
  select (
    'generation', -1, g.created_at, g.lenser_id, g.model_id, g.feature_key, g.status, g.usage, g.latency_ms, null, null
  )::ratebook.usage_deltas as delta
  from ai.generations as g
  where g.lenser_id <> tests.user_id('eve')
  union all
  select ('charge', -1, c.created_at, c.lenser_id, null, null, null, null, null, c.id, null)::ratebook.usage_deltas
  from billing.charges as c
  where c.lenser_id = tests.user_id('ada')
  union all
  select ('refund', -1, e.created_at, e.lenser_id, null, null, null, null, null, e.charge_id, e.amount)::ratebook.usage_deltas
  from billing.ledger_entries as e
  where e.lenser_id = tests.user_id('ada') and e.kind = 'refund'
) as d;

select is(tests.used(), '1 1 5 5 0 5', 'what stays counts as it did');
select is(
  (
    select count(*)
    from ratebook.usage_cells as c
    where
      c.owner_id <> tests.user_id('eve')
      and (c.requests, c.charges, c.credits, c.refunded, c.latencies, c.cost_credits) <> (0, 0, 0, 0, 0, 0)
  ),
  0::bigint, 'and nothing is left of the other'
);

select * from finish();
rollback;
