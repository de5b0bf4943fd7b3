begin;
set local search_path = tap, pg_catalog;
select plan(2);

-- The threshold at 200 is another meter's, and the one at 50 was withdrawn: neither cuts the input.
select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
insert into ai.model_pricing (model_id, meter, price_per_unit, withdrawn, context_threshold, tier_mode, effective_from)
values
(tests.model_id('m'), 'input', 1, false, null, 'whole_request', '2025-01-01Z'),
(tests.model_id('m'), 'input', 2, false, 100, 'marginal', '2025-01-01Z'),
(tests.model_id('m'), 'input', 8, false, 50, 'marginal', '2025-01-01Z'),
(tests.model_id('m'), 'input', null, true, 50, 'marginal', '2025-02-01Z'),
(tests.model_id('m'), 'output', 3, false, null, 'whole_request', '2025-01-01Z'),
(tests.model_id('m'), 'output', 4, false, 200, 'whole_request', '2025-01-01Z');

select is(
  (
    select string_agg(format('%s×%s', l.line ->> 'quantity', l.line ->> 'unit_price'), ' ' order by l.n)
    from jsonb_array_elements(billing.quote('m', '{"input": 250}') -> 'lines') with ordinality as l (line, n)
  ),
  '100×1 150×2', 'one line below, one beyond'
);
select is(billing.quote('m', '{"input": 250}') ->> 'cost', '400', 'the cost');

select * from finish();
rollback;
