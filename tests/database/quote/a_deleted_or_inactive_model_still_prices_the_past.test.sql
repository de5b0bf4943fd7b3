begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.make_model('off');
select tests.make_model('gone');
select tests.make_price(m.key, 'input', 1) from (values ('off'), ('gone')) as m (key);
select tests.make_rate(1000);
select tests.make_policy(0);
update ai.models set is_active = false where key = 'off';
delete from ai.models where key = 'gone';
select tests.as_anon();
select is(billing.calculate_credit_cost('off', '{"input": 1}'), 1000::numeric, 'an inactive model has a price');
select tests.refused(
  $$select billing.quote('gone', '{"input": 1}')$$, 'unknown_model', 'PT404', 'a deleted one is unknown to the public'
);
select tests.as_service();
select is(
  billing.calculate_credit_cost('gone', '{"input": 1}', at => '2025-06-01Z'), 1000::numeric, 'and not to the service role'
);

select * from finish();
rollback;
