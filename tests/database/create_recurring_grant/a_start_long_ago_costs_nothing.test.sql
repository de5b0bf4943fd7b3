begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.freeze_clock('2030-03-15T12:00:00Z');
select tests.make_wallet('ada');
create table tests.asked (times integer);
insert into tests.asked values (0);
-- Counts how often a time is worked out.
alter function ratebook.nth_due(billing.recurring_grants, integer) rename to nth_due_uncounted;
create function ratebook.nth_due(p_recurring billing.recurring_grants, p_number integer) returns timestamptz
language plpgsql
as $$
begin
  update tests.asked set times = times + 1;
  return ratebook.nth_due_uncounted(p_recurring, p_number);
end;
$$;
create temporary table made as
select e.every, billing.create_recurring_grant(tests.user_id('ada'), 1, e.every, '0001-01-31T00:00:00Z') as id
from unnest(array['1 day', '1 month', '100 years']::interval[]) as e (every);
select is(r.issued, n.issued, 'of ' || n.every || ' what is past')
from (values
  -- By Python's calendar 741,120 days lie between, and 24,350 months begin.
  (interval '1 day', 741121), (interval '1 month', 24350), (interval '100 years', 21)
) as n (every, issued)
inner join made as m on m.every = n.every
inner join billing.recurring_grants as r on r.id = m.id
order by n.every;
select cmp_ok((select times from tests.asked), '<=', 300, 'worked out some times, not 700,000');
update tests.asked set times = 0;
select is(tests.balance('ada'), '0 0 0 0', 'nothing is granted yet');
select tests.freeze_clock('2030-03-31T00:00:00Z');
-- Sixteen days, and March.
select is(tests.balance('ada'), '2 0 2 0', 'the day''s and the month''s count, those before are over');
select is(billing.sweep_accounts(), 1, 'they are written down');
select cmp_ok((select times from tests.asked), '<=', 300, 'with as little work');
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
