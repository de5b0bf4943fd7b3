begin;
set local search_path = tap, pg_catalog;
select plan(31);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_price('m', 'output', 2);
select tests.make_wallet('ada', 2000);
create temporary table held (name text, id uuid);
create function tests.hold_for(p_name text, p_usage jsonb) returns void
language sql
begin atomic
  insert into held
  select p_name, (billing.authorize_credits(tests.user_id('ada'), model => 'm', usage => p_usage) ->> 'hold_id')::uuid;
end;
create function tests.held(p_name text) returns uuid
language sql
return (select id from held where name = p_name);

-- 100 read and 50 written are expected: 100 + 2 * 50 = 200 credits.
select tests.hold_for('bytes', '{"input": 100, "output": 50}');
select is(tests.balance('ada'), '2000 200 1800 0', 'two hundred are held');
create temporary table cut as
select billing.cut_hold(tests.held('bytes'), streamed_bytes => 41, output => 'Once upon', latency_ms => 7) as a;
select is(
  (select a - '{charge_id,generation_id}'::text[] from cut),
  jsonb_build_object(
    'account_id', tests.user_id('ada'), 'model_id', tests.model_id('m'), 'credits', '122', 'cost', '122', 'currency', 'USD',
    'warnings', '[]'::jsonb, 'balance', '{"posted": "1878", "reserved": "0", "available": "1878", "debt": "0"}'::jsonb
  ),
  'the hundred that the hold expected, and eleven tokens for forty-one bytes at two; the rest is free'
);
select results_eq(
  'select is_estimated, usage, hold_id from billing.charges',
  $$select true, '{"input": 100, "output": 11}'::jsonb, tests.held('bytes')$$,
  'an estimate of that usage, of that hold'
);
select results_eq(
  'select usage, output, latency_ms::integer, status::text from ai.generations',
  $$values ('{"input": 100, "output": 11}'::jsonb, 'Once upon', 7, 'completed')$$,
  'the log has it'
);
select is(
  (select billing.cut_hold(tests.held('bytes'), streamed_bytes => 41, output => 'Once upon', latency_ms => 7)),
  (select a from cut), 'the same cut again has the same answer'
);
select tests.refused(
  $$select billing.cut_hold(tests.held('bytes'), streamed_bytes => 42)$$, 'hold_not_open', 'PT409', 'another none'
);
select tests.refused(
  $$select billing.capture_hold(tests.held('bytes'))$$, 'hold_not_open', 'PT409', 'nor a capture'
);
select is(
  (select billing.settle_charge((a ->> 'charge_id')::uuid, '{"prompt_tokens": 90, "completion_tokens": 20}', 'openai_chat')
    - '{charge_id,generation_id,account_id,model_id,estimate_id}'::text[] from cut),
  '{"credits": "130", "difference": "8", "cost": "130", "currency": "USD", "warnings": [],
    "balance": {"posted": "1870", "reserved": "0", "available": "1870", "debt": "0"}}',
  'the provider''s figure takes its place'
);

-- Never above what was held.
select tests.hold_for('long', '{"input": 100, "output": 50}');
select is(
  (select billing.cut_hold(tests.held('long'), streamed_bytes => 100000) ->> 'credits'), '200', 'more than expected is what was held'
);
select is(tests.balance('ada'), '1670 0 1670 0', 'and no more, though there is more');
select results_eq(
  $$select is_estimated, usage, credits::numeric from billing.charges where hold_id = tests.held('long')$$,
  $$values (true, null::jsonb, 200::numeric)$$,
  'an amount, of which no usage is made up'
);
select tests.hold_for('exact', '{"input": 100, "output": 50}');
select is(
  (select billing.cut_hold(tests.held('exact'), streamed_bytes => 200) ->> 'credits'), '200', 'exactly what was held'
);

-- What is known comes first: the caller's count, or what the provider reported before the cut.
select tests.hold_for('counted', '{"input": 100, "output": 50}');
select is(
  (select billing.cut_hold(tests.held('counted'), '{"input": 30}', streamed_tokens => 5) ->> 'credits'), '40',
  'the caller''s counts: thirty, and five at two'
);
select tests.hold_for('reported', '{"input": 100, "output": 50}');
select is(
  (select billing.cut_hold(
    tests.held('reported'),
    '{"input_tokens": 60, "output_tokens": 1, "cache_read_input_tokens": 0, "service_tier": "standard"}', 'anthropic', 16
  ) ->> 'credits'),
  '68', 'what a message began with, and four tokens that came after'
);
select tests.hold_for('more reported', '{"input": 100, "output": 50}');
select is(
  (select billing.cut_hold(
    tests.held('more reported'), '{"promptTokenCount": 60, "candidatesTokenCount": 9, "totalTokenCount": 69}', 'gemini', 16
  ) ->> 'credits'),
  '78', 'the provider had counted nine where four came'
);
select tests.hold_for('nothing', '{"input": 100, "output": 50}');
select is(
  (select billing.cut_hold(tests.held('nothing'), streamed_bytes => 0) ->> 'credits'), '100', 'nothing came: what was read'
);
select tests.hold_for('unsaid', '{"input": 100, "output": 50}');
select is((select billing.cut_hold(tests.held('unsaid')) ->> 'credits'), '100', 'nor is anything said of it');
select tests.hold_for('empty', '{"input": 100, "output": 50}');
select is(
  (select billing.cut_hold(tests.held('empty'), '{"prompt_tokens": 0, "completion_tokens": 0}', 'openai_chat', 4) ->> 'credits'),
  '102', 'a report of nothing is none'
);

-- Where nobody counted what was read, it is all that was held.
insert into held select 'amount', tests.hold('ada', 20);
select is(
  (select billing.cut_hold(tests.held('amount'), streamed_bytes => 4) ->> 'credits'), '20', 'an amount was held'
);
insert into held select 'amount, counted', tests.hold('ada', 20);
select is(
  (select billing.cut_hold(tests.held('amount, counted'), '{"input": 3}', streamed_bytes => 4) ->> 'credits'), '5',
  'an amount, and the caller''s count'
);
insert into held
select 'no model', (billing.authorize_credits(tests.user_id('ada'), 6) ->> 'hold_id')::uuid;
select is(
  (select billing.cut_hold(tests.held('no model'), '{"input": 3}', streamed_bytes => 4) ->> 'credits'), '6', 'no model prices it'
);

-- Prices are those of the hold.
select tests.hold_for('dearer', '{"input": 100, "output": 50}');
select tests.make_price('m', 'output', 5, '2030-01-15T12:10:00Z');
select tests.freeze_clock('2030-01-15T12:12:00Z');
select is(
  (select billing.cut_hold(tests.held('dearer'), streamed_bytes => 40) ->> 'credits'), '120', 'ten at two'
);
select tests.make_price('m', 'output', 2, '2030-01-15T12:12:00Z');

-- A hold that timed out competes like any charge, and is capped all the same.
select tests.hold_for('late', '{"input": 10, "output": 5}');
select tests.freeze_clock('2030-01-15T13:00:00Z');
select is(
  (select billing.cut_hold(tests.held('late'), streamed_bytes => 400) ->> 'credits'), '20', 'late'
);

-- A key of one's own.
select tests.hold_for('keyed', '{"input": 10, "output": 5}');
select is(
  (select billing.cut_hold(tests.held('keyed'), streamed_bytes => 4, idempotency_key => 'k') ->> 'credits'), '12', 'keyed'
);
select tests.refused(
  $$select billing.cut_hold(tests.held('keyed'), streamed_bytes => 8, idempotency_key => 'k')$$,
  'idempotency_conflict', 'PT409', 'stands for one cut'
);

-- What cannot be.
select tests.hold_for('refused', '{"input": 10, "output": 5}');
select tests.refused(
  $$select billing.cut_hold(tests.held('refused'), streamed_bytes => 8, streamed_tokens => 2)$$,
  'invalid_argument', 'PT422', 'two counts'
);
select tests.refused(
  $$select billing.cut_hold(tests.held('refused'), streamed_bytes => -1)$$, 'invalid_argument', 'PT422', 'less than nothing'
);
select tests.refused(
  $$select billing.cut_hold(tests.held('refused'), '{"input": -1}')$$, 'negative_quantity', 'PT422', 'a usage that is none'
);
select tests.refused('select billing.cut_hold(gen_random_uuid())', 'unknown_hold', 'PT404', 'no hold');
select billing.release_hold(tests.held('refused'));
select tests.refused(
  $$select billing.cut_hold(tests.held('refused'), streamed_bytes => 1)$$, 'hold_not_open', 'PT409', 'a hold that was released'
);
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
