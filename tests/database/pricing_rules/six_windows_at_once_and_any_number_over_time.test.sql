begin;
set local search_path = tap, pg_catalog;
select plan(11);

select tests.make_model('m');
select tests.make_model('other');
select tests.make_rate();
select tests.make_policy();
create function tests.put_window(p_model text, p_hour integer, p_from timestamptz, p_price numeric) returns void
language sql
begin atomic
  insert into ai.model_pricing (
    model_id, meter, price_per_unit, withdrawn, effective_from, window_start, window_end, window_days, window_time_zone
  )
  values (
    tests.model_id(p_model), 'input', p_price, p_price is null, p_from, make_time(p_hour, 0, 0),
    make_time(p_hour + 1, 0, 0), 127, 'UTC'
  );
end;
create function tests.price_at(p_at timestamptz) returns text
language sql
return billing.quote('m', '{"input": 1}', at => p_at) #>> '{lines,0,unit_price}';

select tests.make_price('m', 'input', 100);
select lives_ok(
  $$select tests.put_window('m', h, '2025-01-01Z', h) from generate_series(1, 6) as h$$, 'six'
);
select is(tests.price_at('2025-02-01T06:30:00Z'), '6', 'the sixth counts');
select is(
  tests.error_of($$select tests.put_window('m', 7, '2025-03-01Z', 7)$$),
  '{
    "code": "PT422", "message": "Model \"m\" has prices for more than six daily windows at once.", "constraint": "",
    "hint": "Withdraw those that are over before others begin, or merge some.", "column": "",
    "detail": {"error": "too_many_windows", "model": "m", "source": "manual", "from": "2025-03-01T00:00:00+00:00"}
  }'::jsonb,
  'a seventh beside them is refused, by the name of the model'
);
select tests.refused(
  $$select tests.put_window(m.key, h, '2025-03-01Z', h) from generate_series(7, 13) as h, (values ('other'), ('m')) as m (key)$$,
  'too_many_windows', 'PT422', 'also seven at once'
);
select lives_ok(
  $$select tests.put_window('m', h, '2025-03-01Z', null) from generate_series(1, 5) as h$$, 'five end'
);
select lives_ok(
  $$select tests.put_window('m', h, '2025-03-01Z', h) from generate_series(7, 11) as h$$, 'and five others begin'
);
select is(tests.price_at('2025-04-01T11:30:00Z'), '11', 'the last of them');
select is(tests.price_at('2025-04-01T06:30:00Z'), '6', 'the one that goes on');
select is(tests.price_at('2025-04-01T01:30:00Z'), '100', 'one that has ended');
select is(tests.price_at('2025-02-01T01:30:00Z'), '1', 'but not in the past');
select is(tests.price_at('2025-02-01T11:30:00Z'), '100', 'where the others are not yet');

select * from finish();
rollback;
