begin;
set local search_path = tap, pg_catalog;
select plan(29);

-- Two accounts by their ids, an entry of each in two months. A hold of long ago that nobody has swept, and one of now.
select tests.freeze_clock('2030-01-10T12:00:00Z');
select tests.make_unit_price();
select tests.make_admin('root');
create function tests.id(p_last integer) returns uuid
language sql
return lpad(p_last::text, 32, '0')::uuid;
insert into lensers.profiles (id) select tests.id(i) from generate_series(1, 4) as i;
select billing.grant_credits(tests.id(i), 100) from generate_series(1, 3) as i;
select billing.charge_generation(tests.id(i), 'm', '{"input": 1}', idempotency_key => 'k') from generate_series(1, 2) as i;
select billing.authorize_credits(tests.id(2), 5);
select tests.freeze_clock('2030-02-10T12:00:00Z');
select billing.charge_generation(tests.id(1), 'm', '{"input": 2}', idempotency_key => 'l');

create function tests.asked(p_arguments text) returns text[]
language plpgsql
as $$
declare
  v_told text[];
begin
  execute format(
    $q$select array_agg(c.check_name || coalesce(substring(c.message from ' \(.*\)'), '') order by c.check_name)
    from billing.self_check(%s) as c where c.severity <> 'ok'$q$, p_arguments
  ) into v_told;
  return v_told;
end;
$$;

select is(tests.asked(a.arguments), null, 'sound: ' || a.arguments)
from (
  values
  (''), ('since => ''2030-02-01Z'''), ('since => ''2030-01-10T12:00:01Z'''), ('since => ''1900-01-01Z'''),
  ('from_account => tests.id(2)'), ('to_account => tests.id(2)'), ('from_account => tests.id(2), to_account => tests.id(2)'),
  ('since => ''2030-02-01Z'', from_account => tests.id(1), to_account => tests.id(3)'),
  ('from_account => tests.id(4), to_account => tests.id(9)')
) as a (arguments);

-- What is wrong with 2 is told where 2 is asked about, and where something has happened to it since.
update billing.accounts set posted = posted + 1 where id = tests.id(2);
select is(tests.asked(a.arguments) is not null, a.tells, a.arguments)
from (
  values
  ('', true), ('from_account => tests.id(2)', true), ('to_account => tests.id(2)', true),
  ('from_account => tests.id(2), to_account => tests.id(2)', true),
  ('to_account => tests.id(1)', false), ('from_account => tests.id(3)', false),
  ('since => ''2030-01-10Z''', true), ('since => ''2030-02-10Z''', false),
  -- Asked by its id, what it holds is counted, and the ledger since then says nothing.
  ('since => ''2030-02-10Z'', from_account => tests.id(2)', true)
) as a (arguments, tells);
select is(
  tests.asked('from_account => tests.id(2)'),
  array[
    'posted_is_the_sum_of_the_ledger (posted 100, entries 99)',
    'posted_is_what_lots_hold_less_debt (posted 100, lots 99, debt 0)'
  ],
  'and how far off'
);
select is(
  tests.asked('since => ''2030-02-10Z'', from_account => tests.id(2)'),
  array['posted_is_what_lots_hold_less_debt (posted 100, lots 99, debt 0)'],
  'by what was asked'
);
update billing.accounts set posted = posted - 1 where id = tests.id(2);

-- Since a time, the ledger is followed from its first entry on.
alter table billing.ledger_entries disable trigger user;
update billing.ledger_entries set balance_after = 98 where account_id = tests.id(1) and number = 3;
select is(
  tests.asked('since => ''2030-02-01Z'''),
  array['posted_is_the_sum_of_the_ledger (posted 97, entries 98)'],
  'what the last entry says is what the account has'
);
update billing.ledger_entries set balance_after = 97, number = 4 where account_id = tests.id(1) and number = 3;
select is(
  tests.asked('since => ''2030-02-01Z'''), array['entries_are_all_there (counted 3, found 4)'],
  'and its number the last'
);

select is(c.message, m.message, 'it says of what')
from (
  values (null::timestamptz, 'Holds everywhere.'), ('2030-02-10Z', 'Holds for what was asked.')
) as m (since, message)
cross join lateral billing.self_check(m.since) as c
where c.check_name = 'available_is_within_the_overdraft';
select tests.refused(format('select billing.self_check(%s)', a.arguments), a.error, 'PT422', a.arguments)
from (
  values
  ('since => ''2030-02-10T12:00:00Z''', 'invalid_time'), ('since => ''infinity''', 'invalid_time'),
  ('since => ''-infinity''', 'invalid_time'),
  ('from_account => tests.id(2), to_account => tests.id(1)', 'invalid_argument')
) as a (arguments, error);
select is(current_setting('enable_seqscan'), 'on', 'and leaves the session as it was');

select * from finish();
rollback;
