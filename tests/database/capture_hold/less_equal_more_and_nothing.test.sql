begin;
set local search_path = tap, pg_catalog;
select plan(26);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada');
select billing.grant_credits(tests.user_id('ada'), 10, 'a', 0);
select billing.grant_credits(tests.user_id('ada'), 90, 'b', 1);
create temporary table held (name text, id uuid);

insert into held select 'less', tests.hold('ada', 30);
select is(tests.lots('ada'), 'a 10 10, b 90 20', 'thirty are held');
select is(
  (select billing.capture_hold(id, 12) - '{charge_id,generation_id}'::text[] from held where name = 'less'),
  jsonb_build_object(
    'account_id', tests.user_id('ada'), 'model_id', tests.model_id('m'), 'credits', '12', 'cost', null, 'currency', null,
    'warnings', '[]'::jsonb, 'balance', '{"posted": "88", "reserved": "0", "available": "88", "debt": "0"}'::jsonb
  ),
  'less: the rest is given back'
);
select is(tests.entries('ada', 2), 'charge a -10, charge b -2', 'its own lots pay, in burn order');

insert into held select 'equal', tests.hold('ada', 8);
select is((select billing.capture_hold(id, 8) #>> '{balance,available}' from held where name = 'equal'), '80', 'equal');

insert into held select 'all', tests.hold('ada', 5);
select is((select billing.capture_hold(id) ->> 'credits' from held where name = 'all'), '5', 'all of it, when nothing is said');

insert into held select 'more', tests.hold('ada', 5);
select tests.hold('ada', 60);
select is((select billing.capture_hold(id, 12) ->> 'credits' from held where name = 'more'), '12', 'more: from what is free');
select is(tests.balance('ada'), '63 60 3 0', 'which leaves three');

insert into held select 'zero', tests.hold('ada', 2);
select is((select billing.capture_hold(id, 0) ->> 'credits' from held where name = 'zero'), '0', 'nothing is an amount');
select is(tests.balance('ada'), '63 60 3 0', 'and costs nothing');
select is(tests.entries('ada', 8), null, 'not even an entry');

insert into held select 'too much', tests.hold('ada', 2);
select tests.refused(
  (select format('select billing.capture_hold(%L, 3.001)', id) from held where name = 'too much'),
  'insufficient_credits', 'PT402', 'more than there is'
);
select is(
  tests.error_of((select format('select billing.capture_hold(%L, 3.001)', id) from held where name = 'too much')) -> 'detail',
  jsonb_build_object(
    'error', 'insufficient_credits', 'account', tests.user_id('ada'), 'balance', '63', 'held', '60',
    'overdraft_limit', '0', 'needed', '3.001'
  ),
  'says what others hold'
);
select is((select h.status::text from billing.holds as h inner join held using (id) where name = 'too much'), 'open', 'the hold stays');
select is(tests.balance('ada'), '63 62 1 0', 'and keeps what it kept');
select is((select billing.capture_hold(id, 3) ->> 'credits' from held where name = 'too much'), '3', 'what there is may be captured');

-- By usage: the hold says the model.
select billing.grant_credits(tests.user_id('ada'), 100, 'c', 2);
insert into held select 'usage', tests.hold('ada', 20);
create temporary table captured as
select
  billing.capture_hold(id, usage => '{"input": 15}', prompt => 'Why?', output => 'Because.', latency_ms => 7) as answer
from held where name = 'usage';
select is((select answer - '{charge_id,generation_id,balance}'::text[] from captured), jsonb_build_object(
  'account_id', tests.user_id('ada'), 'model_id', tests.model_id('m'), 'credits', '15', 'cost', '15', 'currency', 'USD', 'warnings', '[]'::jsonb
), 'fifteen tokens are fifteen credits');
select is(
  (select to_jsonb(g) - '{media_id,token_count,quality_rating,created_at,id}'::text[] from ai.generations as g where id = (select (answer ->> 'generation_id')::uuid from captured)),
  jsonb_build_object(
    'lenser_id', tests.user_id('ada'), 'model_id', tests.model_id('m'), 'feature_key', null, 'usage', '{"input": 15}'::jsonb,
    'status', 'completed', 'prompt', 'Why?', 'output', 'Because.', 'latency_ms', 7
  ),
  'the generation is written'
);
select is(
  (select hold_id from billing.charges where id = (select (answer ->> 'charge_id')::uuid from captured)),
  (select id from held where name = 'usage'), 'the charge names the hold'
);
insert into held select 'raw', tests.hold('ada', 20);
select is(
  (
    select billing.capture_hold(id, usage => '{"prompt_tokens": 4, "completion_tokens": 0}', format => 'openai_chat') ->> 'credits'
    from held where name = 'raw'
  ), '4', 'a provider''s own usage'
);
insert into held select 'no model', (billing.authorize_credits(tests.user_id('ada'), 5) ->> 'hold_id')::uuid;
select tests.refused(
  (select format('select billing.capture_hold(%L, usage => ''{"input": 1}'')', id) from held where name = 'no model'),
  'invalid_argument', 'PT422', 'a hold of no model cannot price a usage'
);
select tests.refused(
  (select format('select billing.capture_hold(%L, 1, usage => ''{"input": 1}'')', id) from held where name = 'no model'),
  'invalid_argument', 'PT422', 'amount and usage are two answers to one question'
);
select is(
  (select billing.capture_hold(id, 5) -> 'generation_id' from held where name = 'no model'), 'null'::jsonb,
  'an amount of no model is a charge without a generation'
);
select tests.refused(
  'select billing.capture_hold(gen_random_uuid())', 'unknown_hold', 'PT404', 'no such hold'
);
select is(tests.balance('ada'), '136 60 76 0', '63 - 3 + 100 - 15 - 4 - 5, sixty held');
select is(
  (select string_agg(name || ' ' || status, ', ' order by h.id) from held inner join billing.holds as h using (id) where status <> 'captured'), null,
  'every one of them was captured'
);
select is(tests.broken(), null, 'the wallet is sound');

select * from finish();
rollback;
