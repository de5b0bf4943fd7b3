begin;
set local search_path = tap, pg_catalog;
select plan(7);

-- What is due must always be possible to write: an account that cannot be settled is stuck, and the sweep with it.
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_wallet('ada');
select tests.violates(
  format($$select billing.create_recurring_grant(tests.user_id('ada'), 1, starts_at => '2030-02-01Z', source => %L)$$, t.source),
  'source_is_a_name', 'a source called "' || left(t.source, 10) || '"'
)
from (values (''), (' x'), ('x '), (repeat('x', 101))) as t (source);
select lives_ok(
  $$select billing.create_recurring_grant(tests.user_id('ada'), 1, starts_at => '2030-02-01Z', source => repeat('x', 100))$$,
  'a hundred characters'
);
select tests.freeze_clock('2030-02-01T00:00:00Z');
select is(billing.sweep_accounts(), 1, 'are written');
select is(tests.balance('ada'), '1 0 1 0', 'when they are due');

select * from finish();
rollback;
