begin;
set local search_path = tap, pg_catalog;
select plan(26);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada');
select tests.make_wallet('bob', 100);
select billing.grant_credits(tests.user_id('ada'), 5, 'a', 0);
select billing.grant_credits(tests.user_id('ada'), 5, 'b', 1);
select billing.grant_credits(tests.user_id('ada'), 5, 'c', 2);
create function tests.asked(p_name text, p_credits numeric, p_more jsonb default '{}') returns jsonb
language sql
return jsonb_build_object('account', tests.user_id(p_name), 'model', 'm', 'usage', jsonb_build_object('input', p_credits)) || p_more;
create function tests.credits_of(p_answers jsonb) returns text
language sql
return (select string_agg(a.value ->> 'credits', ' ' order by a.ordinality) from jsonb_array_elements(p_answers) with ordinality as a);

create temporary table answers as
select billing.charge_generations(jsonb_build_array(
  tests.asked('ada', 3, '{"prompt": "one"}'), tests.asked('bob', 10, '{"prompt": "two"}'), tests.asked('ada', 4, '{"prompt": "three"}'),
  tests.asked('ada', 0, '{"prompt": "four"}'), tests.asked('ada', 6, '{"prompt": "five"}')
)) as answer;
select is(tests.credits_of(answer), '3 10 4 0 6', 'answers come in order') from answers;
select is(
  (select string_agg(g.prompt, ' ' order by a.ordinality) from answers, jsonb_array_elements(answer) with ordinality as a
  inner join ai.generations as g on g.id = (a.value ->> 'generation_id')::uuid), 'one two three four five', 'each with its generation'
);
select is(
  (select string_agg(distinct a.value #>> '{balance,posted}', ' ') from answers, jsonb_array_elements(answer) as a), '2 90',
  'balances are those after the call'
);
select is(
  tests.entries('ada', 3), 'charge a -3, charge a -2, charge b -2, charge b -3, charge c -3', 'one after the other through the lots'
);
select is(
  (
    select string_agg(trim_scale(c.credits)::text || '=' || trim_scale(-e.amount)::text, ' ' order by c.credits)
    from billing.charges as c
    inner join (select charge_id, sum(amount) as amount from billing.ledger_entries group by 1) as e on e.charge_id = c.id
  ), '3=3 4=4 6=6 10=10', 'each paid by its own entries'
);
select is(tests.broken(), null, 'the wallets are sound');

-- All or nothing.
create temporary table rows_before as select tests.wallet_rows() as counted;
select tests.refused(
  $$select billing.charge_generations(jsonb_build_array(tests.asked('bob', 1), tests.asked('ada', 1), tests.asked('ada', 1.5)))$$,
  'insufficient_credits', 'PT402', 'ada can pay one of two'
);
select is(
  tests.error_of(
    $$select billing.charge_generations(jsonb_build_array(tests.asked('bob', 1), tests.asked('bob', 1, '{"model": "none"}')))$$
  ) -> 'detail', '{"error": "unknown_model", "model": "none", "index": 1}', 'which one cannot be priced, the detail says'
);
select tests.refused(
  $$select billing.charge_generations(jsonb_build_array(tests.asked('bob', 1), tests.asked('nobody', 1)))$$, 'unknown_account',
  'PT404', 'an account that is not there'
);
select tests.refused(
  format('select billing.charge_generations(%L)', t.requests), 'invalid_argument', 'PT422', coalesce(t.requests, 'NULL')
)
from (values ('[]'), ('{}'), ('null'), ('"a"'), (null)) as t (requests);
select tests.refused(
  $$select billing.charge_generations((select jsonb_agg(tests.asked('bob', 0)) from generate_series(1, 1001)))$$,
  'invalid_argument', 'PT422', 'a thousand and one'
);
select tests.refused('select billing.charge_generations(''[1]'')', 'invalid_argument', 'PT422', 'what is no object');
select tests.refused(
  $$select billing.charge_generations(jsonb_build_array(tests.asked('bob', 1, '{"idempotencykey": "k"}')))$$,
  'invalid_argument', 'PT422', 'a misspelt argument is not left out'
);
select is(
  tests.error_of(format(
    'select billing.charge_generations(jsonb_build_array(tests.asked(''bob'', 1), tests.asked(''bob'', 1, %L)))', t.field
  )) -> 'detail',
  '{"error": "invalid_argument", "index": 1}',
  format('%s is of another type', t.field)
)
from (values ('{"account": "ada"}'), ('{"generation": 7}'), ('{"lenser": ""}'), ('{"latency_ms": "soon"}'), ('{"latency_ms": 1e99}'))
as t (field);
select is(
  tests.error_of($$
    select billing.charge_generations(jsonb_build_array(
      tests.asked('bob', 1), tests.asked('bob', 1, '{"usage": {"prompt_tokens": -1}, "format": "openai_chat"}')
    ))
  $$) #>> '{detail,index}', '1', 'a provider''s usage that cannot be read'
);
select is(
  tests.error_of($$select billing.charge_generations(jsonb_build_array(tests.asked('bob', 1, '{"service_tier": ""}')))$$) #>> '{detail,error}',
  'unknown_service_tier', 'a tier without a name is none, as for one'
);
select is(tests.wallet_rows(), (select counted from rows_before), 'of all that nothing was written');
select is(
  jsonb_array_length(billing.charge_generations((select jsonb_agg(tests.asked('bob', 0.01)) from generate_series(1, 1000)))), 1000,
  'a thousand is fine'
);

select * from finish();
rollback;
