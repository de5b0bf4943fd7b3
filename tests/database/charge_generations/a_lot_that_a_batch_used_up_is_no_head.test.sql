begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_unit_price();
select tests.make_wallet('ada', 10);
select billing.grant_credits(tests.user_id('ada'), 100, 'later', priority => 2);
select tests.charge('ada', 1);
select is(
  (select g.amount::numeric from billing.grants as g where g.id = a.head_id), 10::numeric, 'a charge finds the first lot'
)
from billing.accounts as a;
select billing.charge_generations(jsonb_build_array(c.request, c.request))
from (
  select jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'usage', jsonb_build_object('input', 4.5)) as request
) as c;
select is(tests.broken(), null, 'a batch that uses it up leaves a sound wallet');
select tests.charge('ada', 2);
select is(
  (select array_agg(g.remaining::numeric order by g.id) from billing.grants as g), array[0, 98]::numeric[],
  'the next charge takes from the other'
);
select is(tests.broken(), null, 'and so it stays');

select * from finish();
rollback;
