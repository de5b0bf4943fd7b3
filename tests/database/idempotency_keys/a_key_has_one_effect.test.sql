begin;
set local search_path = tap, pg_catalog;
select plan(32);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 100);
select tests.make_wallet('bob', 100);
create function tests.keyed(p_usage jsonb, p_prompt text default null) returns jsonb
language sql
begin atomic
  select billing.charge_generation(tests.user_id('ada'), 'm', p_usage, prompt => p_prompt, idempotency_key => 'k');
end;

create temporary table first as select tests.keyed('{"input": 3, "output": 0}', 'a secret') as answer;
select is(tests.keyed('{"output": 0.00, "input": 3.0}'), (select answer from first), 'equal is as jsonb says');
select is(tests.keyed('{"input": 3, "output": 0}', 'another prompt'), (select answer from first), 'the prompt decides nothing');
select is(tests.balance('ada'), '97 0 97 0', 'it is one charge');
select tests.refused($$select tests.keyed('{"input": 4, "output": 0}')$$, 'idempotency_conflict', 'PT409', 'another usage is another request');
select is(
  tests.error_of($$select tests.keyed('{"input": 3}')$$) -> 'detail',
  '{"error": "idempotency_conflict", "key": "k", "operation": "charge_generation"}', 'so is a missing meter'
);
select is_empty(
  $$select from billing.idempotency_keys where request::text || response::text like '%secret%'$$, 'prompts are not kept with keys'
);
-- Whatever came of the model: what was answered is answered.
update ai.models set is_active = false where key = 'm';
select is(tests.keyed('{"input": 3, "output": 0}'), (select answer from first), 'the model is off');
update ai.models set is_active = true where key = 'm';

-- Other operations, and other accounts, have keys of their own.
select lives_ok($$select billing.grant_credits(tests.user_id('ada'), 5, idempotency_key => 'k')$$, 'a grant');
select lives_ok($$select billing.authorize_credits(tests.user_id('ada'), 5, idempotency_key => 'k')$$, 'a hold');
select lives_ok(
  $$select billing.capture_hold((select id from billing.holds), idempotency_key => 'k')$$, 'a capture'
);
select lives_ok(
  $$select billing.refund_charge((select id from billing.charges where credits = 3), 1, idempotency_key => 'k')$$, 'a refund'
);
select lives_ok(
  $$select billing.charge_generation(tests.user_id('bob'), 'm', '{"input": 9}', idempotency_key => 'k')$$, 'bob''s charge'
);
select is((select count(*) from billing.idempotency_keys where key = 'k'), 6::bigint, 'six keys');
select is(tests.balance('ada') || ', ' || tests.balance('bob'), '98 0 98 0, 91 0 91 0', '97 + 5 - 5 + 1, and 100 - 9');

-- The same again of each: the same answers, the same balance.
select lives_ok($$select billing.grant_credits(tests.user_id('ada'), 5.0, idempotency_key => 'k')$$, 'the grant again');
select lives_ok($$select billing.authorize_credits(tests.user_id('ada'), 5, idempotency_key => 'k')$$, 'the hold again');
select lives_ok(
  $$select billing.refund_charge((select id from billing.charges where credits = 3), 1, idempotency_key => 'k')$$, 'the refund again'
);
select is(tests.balance('ada'), '98 0 98 0', 'nothing happens twice');
select tests.refused(
  $$select billing.authorize_credits(tests.user_id('ada'), 5, expires_in => '1 hour', idempotency_key => 'k')$$,
  'idempotency_conflict', 'PT409', 'a longer hold is another'
);
select tests.refused(
  $$select billing.grant_credits(tests.user_id('ada'), 5, expires_at => '2031-01-01Z', idempotency_key => 'k')$$,
  'idempotency_conflict', 'PT409', 'so is a grant that expires'
);

-- What failed has used no key.
select tests.refused(
  $$select tests.charge('ada', 99, p_key => 'later')$$, 'insufficient_credits', 'PT402', 'too much for now'
);
select billing.grant_credits(tests.user_id('ada'), 1);
select lives_ok($$select tests.charge('ada', 99, p_key => 'later')$$, 'the same key again, after a top-up');
select is(tests.balance('ada'), '0 0 0 0', 'is charged');
select is(tests.broken(), null, 'the wallets are sound');

select tests.refused(format(c.call, k.key), 'invalid_argument', 'PT422', format('a key of %s characters', length(k.key)))
from (values
  ($$select billing.charge_generation(tests.user_id('ada'), 'm', '{"input": 1}', idempotency_key => %L)$$),
  ($$select billing.charge_generations(jsonb_build_array(jsonb_build_object(
    'account', tests.user_id('ada'), 'model', 'm', 'usage', '{"input": 1}'::jsonb, 'idempotency_key', %L::text)))$$),
  ($$select billing.authorize_credits(tests.user_id('ada'), 1, idempotency_key => %L)$$),
  ($$select billing.grant_credits(tests.user_id('ada'), 1, idempotency_key => %L)$$)
) as c (call)
cross join (values (''), (repeat('k', 256))) as k (key);

select * from finish();
rollback;
