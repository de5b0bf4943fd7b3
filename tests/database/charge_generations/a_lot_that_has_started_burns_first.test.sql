begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_unit_price();
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_wallet('ada');
select billing.grant_credits(tests.user_id('ada'), 100, priority => 1);
select billing.grant_credits(tests.user_id('ada'), 50, 'promo', 0, starts_at => '2030-01-15T13:00:00Z');
select tests.charge('ada', 1);
select is(
  (select g.source::text from billing.accounts as a inner join billing.grants as g on g.id = a.head_id
   where a.id = tests.user_id('ada')),
  'manual', 'so far the other is the first'
);

select tests.freeze_clock('2030-01-15T14:00:00Z');
select lives_ok(
  $$select billing.charge_generations(jsonb_build_array(
    jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'usage', jsonb '{"input": 3}')
  ))$$, 'a batch, which settles what time did'
);
select is(tests.lots('ada'), 'promo 47, manual 99', 'takes from what comes first by now');
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
