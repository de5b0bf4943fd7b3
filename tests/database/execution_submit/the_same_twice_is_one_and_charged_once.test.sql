begin;
set local search_path = tap, pg_catalog;
select plan(27);

select tests.make_evaluation();
select tests.as_service();
select is(tests.start_run(), tests.start_run(), 'a start that is sent twice is one run');
create temporary table answers as select tests.submit('m', 'a', 10) as first;
grant all on answers to public;
select is(tests.submit('m', 'a', 10), first, 'a submission that is sent twice gets the first answer') from answers;
select is(first ->> 'credits', '10', 'ten tokens at one credit') from answers;
select is(tests.balance('ada'), '990 0 990 0', 'charged once');
select tests.refused($$select tests.submit('m', 'a', 11)$$, 'idempotency_conflict', 'PT409', 'another usage is another submission');
select is(
  tests.error_of($$select tests.submit('m', 'a', 11)$$) #>> '{detail,differs}', '["usage"]', 'and what differs is named'
);
select tests.refused(
  $$select execution.submit(tests.run_id(), 'm', 'a', tests.user_id('ada'), '{"input": 10}', prompt => 'asked', output => 'other')$$,
  'idempotency_conflict', 'PT409', 'so is another output'
);
select is(tests.balance('ada'), '990 0 990 0', 'nothing of which is charged');
select is(tests.submit('n', 'a', 10) ->> 'credits', '20', 'the other contender');
select results_eq(
  $$select g.prompt, g.output, g.status::text, m.key from execution.submissions as s join ai.generations as g on g.id = s.generation_id
    join ai.models as m on m.id = g.model_id order by m.key$$,
  $$values ('asked', 'answered by m', 'completed', 'm'), ('asked', 'answered by n', 'completed', 'n')$$,
  'each is a generation of the owner''s'
);

-- A score.
create temporary table scored as select tests.score('m', 'a', 4) as first;
select is(tests.score('m', 'a', 4.0), first, 'the same score twice is one') from scored;
select is(tests.balance('ada'), '967 0 967 0', 'and charged once, three credits');
select tests.refused($$select tests.score('m', 'a', 5)$$, 'idempotency_conflict', 'PT409', 'another value of the same judge');
select tests.refused($$select tests.score('m', 'a', 'NaN')$$, 'invalid_argument', 'PT422', 'no number');

-- A generation that is there already: held, captured and then submitted.
create temporary table held as
select billing.capture_hold(
  (billing.authorize_credits(tests.user_id('ada'), 9, model => 'm') ->> 'hold_id')::uuid, usage => '{"input": 7}'
) ->> 'generation_id' as id;
select is(
  execution.submit(tests.run_id(), 'm', 'b', generation => id::uuid) - 'submission_id',
  jsonb_build_object(
    'run_id', tests.run_id(), 'case_key', 'b', 'generation_id', id, 'charge_id', null, 'credits', null, 'contender_id',
    (select c.id from execution.contenders as c where c.number = 1)
  ),
  'is not charged again'
) from held;
select tests.refused(
  format('select execution.submit(tests.run_id(), %L, %L, generation => %L)', 'm', 'c', id), 'idempotency_conflict', 'PT409',
  'nor submitted again'
) from held;
select tests.refused(
  format('select execution.submit(tests.run_id(), %L, %L, generation => %L)', 'n', 'c', id), 'invalid_argument', 'PT422',
  'nor for another model'
) from held;
select tests.refused(
  format('select execution.submit(tests.run_id(), %L, %L, tests.user_id(%L), %L, generation => %L)', 'm', 'c', 'ada', '{"input": 1}', id),
  'already_charged', 'PT409', 'nor charged for a second time'
) from held;
select tests.refused(
  $$select execution.submit(tests.run_id(), 'm', 'c', generation => gen_random_uuid())$$, 'unknown_generation', 'PT404', 'one that is not there'
);
select tests.refused($$select execution.submit(tests.run_id(), 'm', 'c')$$, 'invalid_argument', 'PT422', 'none at all');
select tests.refused(
  $$select execution.submit(tests.run_id(), 'm', 'c', usage => '{"input": 1}')$$, 'invalid_argument', 'PT422', 'a usage that nobody pays'
);
select tests.refused(
  $$select tests.submit('m', 'c', 5000)$$, 'insufficient_credits', 'PT402', 'more than there is'
);
select is((select count(*) from execution.submissions), 3::bigint, 'nothing of which leaves a submission');

-- An estimate that is settled, and a refund, are in the sums: 10 + 7 + 5, 3 for judging, less 5 and 2.
select execution.submit(tests.run_id(), 'm', 'd', tests.user_id('ada'), '{"input": 5}', estimated => true) ->> 'charge_id' as estimate \gset
select billing.settle_charge(:'estimate', '{"input": 4}') ->> 'charge_id' as settled \gset
select billing.refund_charge((select first ->> 'charge_id' from answers)::uuid, 2) \gset
select results_eq(
  $$select contender, submissions, judgements, submission_credits, judgement_credits, refunded, credits
    from execution.costs(tests.evaluation_id())$$,
  $$values ('m', 3::bigint, 1::bigint, 26::numeric, 3::numeric, 7::numeric, 22::numeric), ('n', 1, 0, 20, 0, 0, 20)$$,
  'what each contender cost'
);
select tests.reset_role();
select is(
  (select sum(c.credits) from execution.costs(tests.evaluation_id()) as c),
  (select -sum(e.amount) from billing.ledger_entries as e where e.charge_id is not null),
  'and all of it is what the ledger says'
);

-- After the end the first answers are given still.
select execution.finish_run(tests.run_id());
select is(tests.submit('m', 'a', 10), first, 'a submission is answered after the end') from answers;
select is(tests.score('m', 'a', 4), first, 'and a score') from scored;

select * from finish();
rollback;
