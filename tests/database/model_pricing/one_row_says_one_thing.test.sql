begin;
set local search_path = tap, pg_catalog;
select plan(13);

select tests.make_model('m');
select tests.make_model('n');
select tests.make_price('m', 'input', 1);
select tests.violates(
  $$select tests.make_price('m', 'input', 2)$$, 'model_pricing_key', 'the same key, with its NULLs, is refused'
);
select lives_ok(format($$select tests.make_price(%s)$$, v.arguments), v.difference)
from (
  values
  ($$'m', 'input', 2, p_revision => 1$$, 'a higher revision'),
  ($$'m', 'input', 2, p_from => '2025-01-02Z'$$, 'another date'),
  ($$'n', 'input', 2$$, 'another model'),
  ($$'m', 'output', 2$$, 'another meter'),
  ($$'m', 'input', 2, p_service_tier => 'batch'$$, 'another service tier'),
  ($$'m', 'input', 2, p_variant => 'hd'$$, 'a variant'),
  ($$'m', 'input', 2, p_region => 'eu'$$, 'a region'),
  ($$'m', 'input', 2, p_source => 'litellm'$$, 'another source'),
  ($$'m', 'input', 2, p_currency => 'EUR'$$, 'another currency')
) as v (arguments, difference);
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, context_threshold, is_public) values
(tests.model_id('m'), 'input', 3, '2025-01-01Z', 200000, true);
select pass('a context threshold');
select tests.violates(
  $$
  insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, context_threshold, is_public) values
  (tests.model_id('m'), 'input', 3, '2025-01-01Z', 200000, false)
  $$, 'model_pricing_key', 'whether it is public is no difference'
);
select tests.violates(
  $$select tests.make_price('m', 'input', 2, p_variant => 'hd')$$, 'model_pricing_key', 'a variant twice'
);

select * from finish();
rollback;
