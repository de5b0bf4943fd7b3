begin;
set local search_path = tap, pg_catalog;
select plan(5);

select tests.make_model('m');
select tests.make_price('m', 'input', 1, '2025-06-01Z');
select tests.make_price('m', 'image', 1, p_variant => 'hd');
select tests.make_rate(1000);
select tests.make_policy();
select tests.as_anon();
select is(
  tests.error_of($$select billing.quote('m', '{"input": 1, "output": 1}', at => '2026-03-15T12:00:00Z')$$),
  '{
    "code": "PT422", "message": "Model \"m\" has no price for \"output\" at that time.",
    "hint": "An unknown price is never zero: add a row to ai.model_pricing.", "constraint": "", "column": "",
    "detail": {"error": "no_price", "model": "m", "meter": "output", "at": "2026-03-15T12:00:00+00:00"}
  }'::jsonb,
  'the whole error'
);
select tests.refused(
  $$select billing.quote('m', '{"input": 1}', at => '2025-05-31T23:59:59Z')$$,
  'no_price', 'PT422', 'before its first price'
);
select tests.refused($$select billing.quote('m', '{"image": 1}')$$, 'no_price', 'PT422', 'for another variant');
select lives_ok($$select billing.quote('m', '{"image": 1}', variant => 'hd')$$, 'for the variant there is one');
select lives_ok($$select billing.quote('m', '{"input": 1}')$$, 'and for the input');

select * from finish();
rollback;
