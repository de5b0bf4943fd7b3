begin;
set local search_path = tap, pg_catalog;
select plan(10);

select tests.make_model('m');
select tests.make_rate();
select tests.make_policy();
select tests.make_price('m', 'input', 10);
select tests.make_price('m', 'cache_read', 1);
select tests.make_price('m', 'cache_read', null, '2025-02-01Z');
select tests.make_price('m', 'cache_read', 2, '2025-03-01Z');
select tests.make_price('m', 'input', null, '2025-04-01Z');
select tests.make_price('m', 'image', 5);
select tests.make_price('m', 'image', null, '2025-02-01Z');
select tests.make_price('m', 'image', 6, '2025-02-01Z', p_revision => 1);
create function tests.price_at(p_meter text, p_at timestamptz) returns text
language sql
return billing.quote('m', jsonb_build_object(p_meter, 1), at => p_at) #>> '{lines,0,unit_price}';

select is(tests.price_at('cache_read', '2025-01-31T23:59:59.999999Z'), '1', 'before');
select is(tests.price_at('cache_read', '2025-02-01Z'), '10', 'withdrawn: its fallback');
select is(tests.price_at('cache_read', '2025-03-01Z'), '2', 'back again');
select is(tests.price_at('cache_read', '2025-04-01Z'), '2', 'its own, when the fallback ends');
select is(tests.price_at('input', '2025-03-31T23:59:59Z'), '10', 'the fallback, before');
select tests.refused(
  $$select tests.price_at('input', '2025-04-01Z')$$, 'no_price', 'PT422', 'withdrawn, without a fallback'
);
select tests.refused(
  $$select tests.price_at('cache_write', '2025-04-01Z')$$, 'no_price', 'PT422', 'what fell back to it has none either'
);
select is(tests.price_at('image', '2025-02-01Z'), '6', 'a higher revision takes the withdrawal back');
select tests.make_price('m', 'cache_read', null, '2025-03-01Z', p_revision => 1);
select is(tests.price_at('cache_read', '2025-03-15Z'), '10', 'a higher revision withdraws');
select tests.refused(
  $$select tests.price_at('cache_read', '2025-04-01Z')$$, 'no_price', 'PT422', 'until nothing is left'
);

select * from finish();
rollback;
