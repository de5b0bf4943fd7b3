begin;
set local search_path = tap, pg_catalog;
select plan(42);

select tests.make_model('m', p_valid_sizes => '{1024x1024}');
select tests.make_model('marginal');
select tests.make_model('hidden', p_is_public => false);
select tests.make_model('euro');
select tests.make_model('bare');
update ai.models set price_currency = 'EUR' where key = 'euro';
insert into ai.model_aliases (alias, model_id)
select 'twice', m.id from ai.models as m where m.key in ('m', 'bare');
select tests.make_price(m.key, 'input', 1) from (values ('m'), ('hidden'), ('marginal')) as m (key);
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, context_threshold, tier_mode)
values (tests.model_id('marginal'), 'input', 2, '2025-01-01Z', 100, 'marginal');
select tests.make_price('euro', 'input', 1, p_currency => 'EUR');
select tests.make_price('m', 'image', 1);
select tests.make_rate(1000);
select tests.make_policy();
select tests.freeze_clock('2026-03-15T12:00:00Z');
create temporary view attempt as
select
  format(
    'select billing.quote_many(%L)',
    '[{"model": "m", "usage": {"input": 1}}, ' || c.request || ', {"model": "m", "usage": {"input": 1}}]'
  ) as statement,
  c.request,
  c.error
from (
  values
  ('{"model": "none", "usage": {"input": 1}}', 'PT404 unknown_model'),
  ('{"model": "hidden", "usage": {"input": 1}}', 'PT404 unknown_model'),
  ('{"usage": {"input": 1}}', 'PT404 unknown_model'),
  ('{"model": "m"}', 'PT422 invalid_usage'),
  ('{"model": "m", "usage": {}}', 'PT422 invalid_usage'),
  ('{"model": "m", "usage": []}', 'PT422 invalid_usage'),
  ('{"model": "m", "usage": {"nothing": 1}}', 'PT422 unknown_meter'),
  ('{"model": "m", "usage": {"input": 1, "nothing": 0}}', 'PT422 unknown_meter'),
  ('{"model": "m", "usage": {"input": "1"}}', 'PT422 not_a_number'),
  ('{"model": "m", "usage": {"input": null}}', 'PT422 not_a_number'),
  ('{"model": "m", "usage": {"input": -1}}', 'PT422 negative_quantity'),
  ('{"model": "m", "usage": {"input": 1e30}}', 'PT422 quantity_out_of_range'),
  ('{"model": "m", "usage": {"input": 1e-13}}', 'PT422 quantity_out_of_range'),
  ('{"model": "marginal", "usage": {"input": 200, "nothing": 0}}', 'PT422 unknown_meter'),
  ('{"model": "marginal", "usage": {"input": "200"}}', 'PT422 not_a_number'),
  ('{"model": "marginal", "usage": {"input": 200, "output": -1}}', 'PT422 negative_quantity'),
  ('{"model": "marginal", "usage": {"input": 200, "output": 1}}', 'PT422 no_price'),
  ('{"model": "m", "usage": {"input": 1}, "feature": "none"}', 'PT404 unknown_feature'),
  ('{"model": "m", "usage": {"input": 1}, "service_tier": "express"}', 'PT422 unknown_service_tier'),
  ('{"model": "m", "usage": {"input": 1}, "service_tier": ""}', 'PT422 unknown_service_tier'),
  ('{"model": "m", "usage": {"image": 1}, "variant": "1x1"}', 'PT422 invalid_size'),
  ('{"model": "m", "usage": {"output": 1}}', 'PT422 no_price'),
  ('{"model": "bare", "usage": {"input": 1, "image": 0}}', 'PT422 no_price'),
  ('{"model": "euro", "usage": {"input": 1}}', 'PT422 no_credit_rate'),
  ('{"model": "m", "usage": {"input": 1}, "at": null}', 'PT422 invalid_time'),
  ('{"model": "m", "usage": {"input": 1}, "at": "infinity"}', 'PT422 invalid_time'),
  ('{"model": "m", "usage": {"input": 1}, "at": "soon"}', 'PT422 invalid_time'),
  ('{"model": "m", "usage": {"input": 1}, "at": "2026-13-01"}', 'PT422 invalid_time'),
  ('{"model": "m", "usage": {"input": 1}, "at": "2026-01-01T00:00 Nowhere/Land"}', 'PT422 invalid_time'),
  ('{"model": "m", "usage": {"input": 1}, "at": "2026-03-15T12:00:01Z"}', '42501 not_allowed'),
  ('{"model": "m", "usage": {"input": 1}, "varient": "hd"}', 'PT422 invalid_argument'),
  ('5', 'PT422 invalid_argument'),
  ('null', 'PT422 invalid_argument'),
  ('[]', 'PT422 invalid_argument')
) as c (request, error);
grant select on attempt to public;

select tests.as_anon();
select tests.refused(a.statement, split_part(a.error, ' ', 2), split_part(a.error, ' ', 1), a.request) from attempt as a;
select is(
  (select jsonb_agg(distinct tests.error_of(a.statement) -> 'detail' -> 'index') from attempt as a), '[1]',
  'each says which it was'
);
select is(
  tests.error_of(
    $$select billing.quote_many('[{"model": "m", "usage": {"input": 1}}, {"model": "m", "usage": {"output": 1}}]')$$
  ) #- '{detail,at}',
  '{
    "code": "PT422", "message": "Model \"m\" has no price for \"output\" at that time.", "constraint": "", "column": "",
    "hint": "An unknown price is never zero: add a row to ai.model_pricing.",
    "detail": {"error": "no_price", "model": "m", "meter": "output", "index": 1}
  }'::jsonb,
  'with everything that billing.quote() says'
);
select tests.refused(
  $$select billing.quote_many('[{"model": "twice", "usage": {"input": 1}}]')$$, 'ambiguous_model', 'PT409', 'two models'
);
select tests.refused(format('select billing.quote_many(%L)', r.requests), 'invalid_argument', 'PT422', r.requests::text)
from (values ('{"model": "m", "usage": {"input": 1}}'::jsonb), ('"soon"'), ('null')) as r (requests);
select tests.reset_role();
select tests.make_rate(1000, p_currency => 'EUR', p_from => '2026-03-15T12:00:01Z');
select tests.as_service();
select is(
  (
    select q.credits
    from billing.quote_many('[{"model": "euro", "usage": {"input": 1}, "at": "2026-03-15T12:00:01Z"}]') as q
  ),
  1300::numeric, 'the service role asks ahead'
);
select is(
  (select q.credits from billing.quote_many('[{"model": "hidden", "usage": {"input": 1}}]') as q),
  1300::numeric, 'and for hidden models'
);

select * from finish();
rollback;
