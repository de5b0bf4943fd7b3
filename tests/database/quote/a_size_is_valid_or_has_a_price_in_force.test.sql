begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.freeze_clock('2026-03-01Z');
select tests.make_model('m', p_valid_sizes => '{512x512}');
select tests.make_rate();
select tests.make_policy(0);
select tests.make_price('m', 'image', 1);
select tests.make_price('m', 'image', 2, '2026-01-01Z', p_variant => '1x1');
select tests.make_price('m', 'image', null, '2026-02-01Z', p_variant => '1x1');
select tests.make_price('m', 'image', 3, p_source => 'litellm');
select tests.make_price('m', 'image', 4, p_source => 'litellm', p_variant => '2x2');
create function tests.one(p_size text, p_at timestamptz) returns text
language sql
return billing.quote('m', '{"image": 1}', variant => p_size, at => p_at) ->> 'cost';
create function tests.many(p_size text, p_at timestamptz) returns text
language sql
return (
  select q.cost::text
  from billing.quote_many(jsonb_build_array(
    jsonb_build_object('model', 'm', 'usage', '{"image": 1}'::jsonb, 'variant', p_size, 'at', p_at)
  )) as q
);

select is(tests.one('512x512', '2026-03-01Z'), '1', 'a valid size');
select is(tests.one('1x1', '2026-01-15Z') || tests.many('1x1', '2026-01-15Z'), '22', 'one that a price names');
select tests.refused($$select tests.one('1x1', '2025-12-15Z')$$, 'invalid_size', 'PT422', 'before its price');
select tests.refused($$select tests.one('1x1', '2026-02-01Z')$$, 'invalid_size', 'PT422', 'after it was withdrawn');
select tests.refused($$select tests.many('1x1', '2026-02-01Z')$$, 'invalid_size', 'PT422', 'in a set too');
select tests.refused($$select tests.one('2x2', '2026-03-01Z')$$, 'invalid_size', 'PT422', 'one that another source names');
select tests.refused($$select tests.many('2x2', '2026-03-01Z')$$, 'invalid_size', 'PT422', 'in a set too');
update ai.models set price_source = 'litellm' where key = 'm';
select is(tests.one('2x2', '2026-03-01Z') || tests.many('2x2', '2026-03-01Z'), '44', 'from when the model follows it');
select tests.refused($$select tests.one('2x2', '2026-02-28Z')$$, 'invalid_size', 'PT422', 'and not before');

select * from finish();
rollback;
