begin;
set local search_path = tap, pg_catalog;
select plan(59);

select tests.make_model('m', p_valid_sizes => '{1024x1024,1792x1024}');
select tests.make_model('any');
select tests.make_model('hidden', p_is_public => false);
select tests.make_model('euro');
update ai.models set price_currency = 'EUR' where key = 'euro';
insert into ai.features (key) values ('chat');
select tests.make_price(m.key, 'input', 1) from (values ('m'), ('hidden'), ('any')) as m (key);
select tests.make_price('euro', 'input', 1, p_currency => 'EUR');
select tests.make_price(m.key, 'image', 1) from (values ('m'), ('any')) as m (key);
select tests.make_price('m', 'image', 2, p_variant => 'poster');
select tests.make_rate(1000);
select tests.make_policy();
select tests.freeze_clock('2026-03-15T12:00:00Z');
create temporary view attempt as
select
  c.arguments,
  c.error,
  format('select billing.%s(%s)', f.name, c.arguments) as statement,
  f.name
from (values ('quote'), ('calculate_credit_cost')) as f (name)
cross join (
  values
  ($$'none', '{"input": 1}'$$, 'PT404 unknown_model'),
  ($$'hidden', '{"input": 1}'$$, 'PT404 unknown_model'),
  ($$null, '{"input": 1}'$$, 'PT404 unknown_model'),
  ($$'m', null$$, 'PT422 invalid_usage'),
  ($$'m', '{}'$$, 'PT422 invalid_usage'),
  ($$'m', '[]'$$, 'PT422 invalid_usage'),
  ($$'m', '{"nothing": 1}'$$, 'PT422 unknown_meter'),
  ($$'m', '{"input": "1"}'$$, 'PT422 not_a_number'),
  ($$'m', '{"input": "NaN"}'$$, 'PT422 not_a_number'),
  ($$'m', '{"input": "Infinity"}'$$, 'PT422 not_a_number'),
  ($$'m', '{"input": -1}'$$, 'PT422 negative_quantity'),
  ($$'m', '{"input": 1e30}'$$, 'PT422 quantity_out_of_range'),
  ($$'m', '{"input": 1}', feature => 'none'$$, 'PT404 unknown_feature'),
  ($$'m', '{"input": 1}', service_tier => 'express'$$, 'PT422 unknown_service_tier'),
  ($$'m', '{"input": 1}', service_tier => ''$$, 'PT422 unknown_service_tier'),
  ($$'m', '{"image": 1}', variant => '1x1'$$, 'PT422 invalid_size'),
  ($$'m', '{"output": 1}'$$, 'PT422 no_price'),
  ($$'euro', '{"input": 1}'$$, 'PT422 no_credit_rate'),
  ($$'m', '{"input": 1}', at => null$$, 'PT422 invalid_time'),
  ($$'m', '{"input": 1}', at => 'infinity'$$, 'PT422 invalid_time'),
  ($$'m', '{"input": 1}', at => '-infinity'$$, 'PT422 invalid_time'),
  ($$'m', '{"input": 1}', at => '2026-03-15T12:00:01Z'$$, '42501 not_allowed'),
  ($$'m', '{"input": 1}'$$, null),
  ($$'m', '{"input": 1}', feature => 'chat', service_tier => 'batch', region => 'eu'$$, null),
  ($$'m', '{"image": 1}'$$, null),
  ($$'m', '{"image": 1}', variant => '1024x1024'$$, null),
  ($$'m', '{"image": 1}', variant => 'poster'$$, null),
  ($$'any', '{"image": 1}', variant => '1x1'$$, null),
  ($$'m', '{"input": 1}', at => '2026-03-15T12:00:00Z'$$, null)
) as c (arguments, error);
grant select on attempt to public;
select tests.as_anon();
select tests.refused(statement, split_part(error, ' ', 2), split_part(error, ' ', 1), name || ': ' || arguments)
from attempt where error is not null order by arguments, name;
select lives_ok(statement, name || ': ' || arguments) from attempt where error is null order by arguments, name;
select is(
  tests.error_of($$select billing.quote('m', '{"image": 1}', variant => '1x1')$$),
  '{
    "code": "PT422", "message": "Model \"m\" makes no images of size \"1x1\".",
    "hint": "Valid sizes: 1024x1024, 1792x1024.", "constraint": "", "column": "",
    "detail": {"error": "invalid_size", "model": "m", "valid_sizes": ["1024x1024", "1792x1024"]}
  }'::jsonb,
  'a wrong size lists the valid ones'
);

select * from finish();
rollback;
