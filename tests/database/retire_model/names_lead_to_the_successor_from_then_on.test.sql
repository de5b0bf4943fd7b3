begin;
set local search_path = tap, pg_catalog;
select plan(22);
select tests.make_admin('ada');
select tests.make_rate();
select tests.make_policy(0);
select tests.make_model('old');
select tests.make_model('new');
select tests.make_model('newer');
insert into ai.model_aliases (alias, model_id) values ('acme/old', tests.model_id('old'));
select tests.make_price('old', 'input', 5);
select tests.make_price('new', 'input', 7, '2026-04-01Z');
select tests.make_price('newer', 'input', 9, '2026-05-15Z');

create function tests.asked(p_model text, p_at timestamptz default ratebook.clock()) returns text
language sql
begin atomic
  select concat_ws(' ', q.quote ->> 'model', q.quote ->> 'cost')
  from (select billing.quote(p_model, '{"input": 1}', at => p_at)) as q (quote);
end;

select tests.freeze_clock('2026-05-01T12:00:00Z');
select tests.authenticate_as('ada');
select results_eq(
  $$select key, status::text, is_active, succeeded_at from ai.retire_model('old', 'new')$$,
  $$values ('old', 'retired', false, '2026-05-01T12:00:00Z'::timestamptz)$$, 'it returns the retired model'
);

select tests.as_anon();
select is(tests.asked('old'), 'new 7', 'its key leads to the successor');
select is(tests.asked('acme/old'), 'new 7', 'and so do its aliases');
select is(tests.asked('old', '2026-05-01T12:00:00Z'), 'new 7', 'from the moment of the retirement');
select is(tests.asked('old', '2026-05-01T11:59:59Z'), 'old 5', 'as of an earlier time it is itself');
select is(tests.asked('acme/old', '2026-05-01T11:59:59Z'), 'old 5', 'by its alias too');
select is(tests.asked(tests.model_id('old')::text), 'old 5', 'its id is always itself');
select is((select key from ai.find_model('old')), 'new', 'find_model: its key');
select is((select key from ai.find_model(tests.model_id('old')::text)), 'old', 'find_model: its id');
select is(
  (select price_per_unit from ai.prices_in_force('old', '2026-05-01T11:59:59Z')), 5::numeric, 'prices_in_force: before'
);
select is((select price_per_unit from ai.prices_in_force('old')), 7::numeric, 'prices_in_force: after');

select results_eq(
  $$
  select model, cost from billing.quote_many('[
    {"model": "old", "usage": {"input": 1}},
    {"model": "old", "usage": {"input": 1}, "at": "2026-05-01T11:59:59Z"},
    {"model": "acme/old", "usage": {"input": 1}, "at": "2026-05-01T12:00:00Z"},
    {"model": "acme/old", "usage": {"input": 1}, "at": "2026-04-30Z"},
    {"model": "new", "usage": {"input": 1}, "at": "2026-04-30Z"}
  ]'::jsonb || jsonb_build_object('model', tests.model_id('old'), 'usage', '{"input": 1}'::jsonb)
  )
  $$,
  $$values ('new', 7::numeric), ('old', 5), ('new', 7), ('old', 5), ('new', 7), ('old', 5)$$,
  'many at once, each as of its time'
);
select tests.refused(
  $$select billing.quote_many('[
    {"model": "old", "usage": {"input": 1}}, {"model": "old", "usage": {"input": 1}, "at": null}
  ]')$$, 'invalid_time', 'PT422', 'a time that is missing'
);

select tests.reset_role();
select tests.freeze_clock('2026-06-01T12:00:00Z');
select tests.as_service();
select ai.retire_model('new', 'newer');
select is(tests.asked('old'), 'newer 9', 'the line goes on');
select is(tests.asked('old', '2026-05-20Z'), 'new 7', 'each at its time');

select tests.refused(
  $$select ai.retire_model('newer', 'old')$$, 'invalid_argument', 'PT422', 'no model succeeds itself, in a circle'
);
select tests.refused($$select ai.retire_model('newer', 'newer')$$, 'invalid_argument', 'PT422', 'or at once');

select is(
  (select concat_ws(' ', key, status, is_active, successor_id) from ai.activate_models('{old}')), 'old active t',
  'activating it takes it back'
);
select is(tests.asked('old'), 'old 5', 'and its names are its own');
-- A circle of direct updates does not hang.
update ai.models set successor_id = tests.model_id('old'), succeeded_at = '2026-06-01Z' where key = 'newer';
update ai.models set successor_id = tests.model_id('newer'), succeeded_at = '2026-06-01Z' where key = 'old';
select is((select key from ai.find_model('old')), 'newer', 'a circle ends where it began');

select tests.violates(
  $$update ai.models set successor_id = id, succeeded_at = '2026-06-01Z' where key = 'new'$$,
  'a_model_does_not_succeed_itself', 'itself, directly'
);
select tests.violates(
  $$update ai.models set succeeded_at = null where key = 'new'$$, 'a_successor_comes_at_a_time', 'a successor without a time'
);

select * from finish();
rollback;
