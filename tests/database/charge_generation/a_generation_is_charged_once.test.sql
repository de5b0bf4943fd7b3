begin;
set local search_path = tap, pg_catalog;
select plan(14);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select ratebook.make_partitions('ai.generations', '2029-12-01Z', '2030-01-01Z');
select tests.make_unit_price();
select tests.make_model('other');
select tests.make_price('other', 'input', 2);
select tests.make_wallet('ada', 100);
select tests.make_wallet('team', 100);
select billing.set_member(tests.user_id('team'), tests.user_id('ada'));
insert into ai.generations (lenser_id, model_id, prompt)
select tests.user_id('ada'), tests.model_id('m'), 'Why?';
create temporary table asked as select id from ai.generations;
create temporary table first as
select billing.charge_generation(
  tests.user_id('ada'), 'm', '{"input": 3}', generation => id, output => 'Because.', idempotency_key => 'k'
) as answer from asked;

select is(
  (select billing.charge_generation(
    tests.user_id('ada'), 'm', '{"input": 3}', generation => id, output => 'Because.', idempotency_key => 'k'
  ) from asked), (select answer from first), 'the same request is the same answer'
);
create function tests.charged_again(p_arguments text, p_what text) returns text
language sql
return (
  select tests.refused(format('select billing.charge_generation(generation => %L, %s)', id, p_arguments),
    'already_charged', 'PT409', p_what) from asked
);
select tests.charged_again($$account => tests.user_id('ada'), model => 'other', usage => '{"input": 9}', output => 'No.'$$, 'another model');
select tests.charged_again($$account => tests.user_id('ada'), model => 'm', usage => '{"input": 3}'$$, 'without a key');
select tests.charged_again($$account => tests.user_id('ada'), model => 'm', usage => '{"input": 3}', idempotency_key => 'l'$$, 'another key');
select tests.charged_again(
  $$account => tests.user_id('team'), lenser => tests.user_id('ada'), model => 'm', usage => '{"input": 3}'$$, 'another account'
);
select tests.refused(
  (select format($$select billing.capture_hold(%L, 1, generation => %L)$$, tests.hold('ada', 2), id) from asked),
  'already_charged', 'PT409', 'a capture'
);
select tests.refused(
  (select format(
    $$select billing.charge_generations(jsonb_build_array(jsonb_build_object('account', tests.user_id('ada'), 'model', 'other', 'usage', '{"input": 1}'::jsonb, 'generation', %L)))$$, id
  ) from asked), 'already_charged', 'PT409', 'a batch'
);
select is(
  (select concat_ws(' ', output, usage) from ai.generations where id = (select id from asked)), 'Because. {"input": 3}', 'its log is as it was'
);
select is((select count(*) from billing.charges), 1::bigint, 'it has one charge');

-- Twins in one call.
insert into ai.generations (id, lenser_id, model_id)
values (ratebook.uuid_v7('2029-12-31T12:00:00Z'), tests.user_id('ada'), tests.model_id('m'));
create temporary table old as select id from ai.generations where status = 'pending';
select tests.refused(
  (select format(
    $$select billing.charge_generations(jsonb_build_array(r, r)) from jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'usage', '{"input": 1}'::jsonb, 'generation', %L) as r$$, id
  ) from old), 'already_charged', 'PT409', 'two charges of one generation in one call'
);
select lives_ok(
  (select format($$select billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 1}', generation => %L)$$, id) from old),
  'one is a charge'
);
-- Refunded in full it stays charged.
select billing.refund_charge((answer ->> 'charge_id')::uuid) from first;
select tests.charged_again($$account => tests.user_id('ada'), model => 'm', usage => '{"input": 3}'$$, 'refunded');
select tests.refused(
  format($$select billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 1}', generation => %L)$$,
    billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 1}') ->> 'generation_id'),
  'already_charged', 'PT409', 'the generation that a charge made has its charge'
);
select is(tests.broken(), null, 'the wallets are sound');

select * from finish();
rollback;
