begin;
set local search_path = tap, pg_catalog;
select plan(12);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_model('m');
select tests.make_price('m', 'input', 2);
select tests.make_price('m', 'input', 1, p_service_tier => 'flex');
select tests.make_price('m', 'input', 3, p_region => 'us');
select tests.make_rate(1);
select tests.make_policy(0);
select tests.make_wallet('ada', 10000);
create function tests.hold(p_service_tier text default null, p_region text default null) returns uuid
language sql
return (billing.authorize_credits(
  tests.user_id('ada'), model => 'm', usage => '{"input": 100}', service_tier => p_service_tier, region => p_region
) ->> 'hold_id')::uuid;

-- A hold is what was expected, the answer what was done: 100 × 1, × 2, × 3.
select is(
  billing.capture_hold(tests.hold(), usage => '{"input_tokens": 100}', format => 'anthropic') ->> 'credits', '200',
  'an answer that states nothing costs what was held for'
);
select is(
  billing.capture_hold(tests.hold('flex'), usage => '{"input_tokens": 100}', format => 'anthropic') ->> 'credits', '100',
  'by the tier of the hold'
);
select is(
  billing.capture_hold(
    tests.hold(), usage => '{"service_tier": "flex", "usage": {"input_tokens": 100}}', format => 'openai_responses'
  ) ->> 'credits',
  '100', 'one that states a tier by that'
);
create temporary table downgraded as
select
  h.id,
  billing.capture_hold(
    h.id, usage => '{"service_tier": "default", "usage": {"input_tokens": 100}}', format => 'openai_responses'
  ) as answer
from (select tests.hold('flex') as id) as h;
select is((select answer ->> 'credits' from downgraded), '200', 'also where the hold expected another');
select is(
  (
    select billing.capture_hold(
      d.id, usage => '{"service_tier": "default", "usage": {"input_tokens": 100}}', format => 'openai_responses'
    )
    from downgraded as d
  ),
  (select answer from downgraded), 'the same capture again'
);
select is(
  (select c.service_tier from billing.charges as c where c.hold_id = (select d.id from downgraded as d)), 'standard',
  'the charge says by which tier'
);
select is(
  billing.capture_hold(
    tests.hold(p_region => 'us'), usage => '{"input_tokens": 100, "service_tier": "standard"}', format => 'anthropic'
  ) ->> 'credits',
  '300', 'what it leaves open is as it was held for'
);
select is(
  billing.capture_hold(tests.hold(), usage => '{"input_tokens": 100, "inference_geo": "us"}', format => 'anthropic') ->> 'credits',
  '300', 'or as it states'
);
create temporary table stays as
select tests.hold() as id;
select tests.refused(
  format(
    'select billing.capture_hold(%L, usage => %L, format => %L)', s.id, '{"input_tokens": 100, "speed": "fast"}', 'anthropic'
  ),
  'no_price', 'PT422', 'what nothing prices is refused'
)
from stays as s;
select is((select h.status::text from billing.holds as h where h.id = (select s.id from stays as s)), 'open', 'and the hold stays');

-- A hold may be made of an answer too: of a request that is like one before.
create temporary table like_before as
select billing.authorize_credits(
  tests.user_id('ada'), model => 'm', usage => '{"service_tier": "flex", "usage": {"input_tokens": 100}}',
  format => 'openai_responses'
) as answer;
select is((select answer ->> 'amount' from like_before), '100', 'it holds what that cost');
select is(
  (select billing.capture_hold((l.answer ->> 'hold_id')::uuid) ->> 'credits' from like_before as l), '100',
  'all of it is captured at that tier'
);

select * from finish();
rollback;
