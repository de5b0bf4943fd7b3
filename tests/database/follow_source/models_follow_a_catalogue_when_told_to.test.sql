begin;
set local search_path = tap, pg_catalog;
select plan(33);

select tests.make_admin('root');
select tests.make_user('ada');
select tests.make_provider('nimbus');
create function pg_temp.made(p_key text) returns void language sql as $$
  select tests.make_model(p_key, 'nimbus');
  update ai.models set provider_model_key = p_key where key = p_key;
  insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, is_pinned)
  values (tests.model_id(p_key), 'input', 7, '2025-01-01T00:00:00Z', false);
$$;
create function pg_temp.prices(p_model text, p_at timestamptz default null) returns text language sql security definer as $$
  select string_agg(concat_ws(' ', p.meter, trim_scale(p.price_per_unit)), ', ' order by p.meter)
  from ai.prices_in_force(p_model, coalesce(p_at, ratebook.clock())) as p
$$;
create function pg_temp.day(p_day text) returns void language sql security definer as $$
  select tests.freeze_clock((p_day || 'T00:00:00Z')::timestamptz)
$$;
create temporary table feed as
select '[
  {"provider": "nimbus", "provider_model_key": "one", "name": "One", "prices": [{"meter": "input", "price": "5"}, {"meter": "cache_read", "price": "1"}]},
  {"provider": "nimbus", "provider_model_key": "two", "name": "Two", "prices": [{"meter": "input", "price": "5"}]},
  {"provider": "nimbus", "provider_model_key": "euro", "name": "Euro", "prices": [{"meter": "input", "price": "4", "currency": "EUR"}]},
  {"provider": "nimbus", "provider_model_key": "new", "name": "New", "prices": [{"meter": "input", "price": "5"}]}
]'::jsonb as models;
select pg_temp.made(k) from unnest('{one,two,euro,other}'::text[]) as k;

select pg_temp.day('2026-03-01');
select is(
  ai.import_catalogue('litellm', models) -> 'own_prices',
  '[
    {"model": "euro", "price_source": "manual", "missing": []},
    {"model": "one", "price_source": "manual", "missing": ["cache_read"]},
    {"model": "two", "price_source": "manual", "missing": []}
  ]', 'an import says who stays on prices of its own, and what they miss'
) from feed;
select is(pg_temp.prices('one'), 'input 7', 'they do stay');

select tests.as_anon();
select tests.forbidden($$select ai.follow_source('litellm')$$, 'permission denied for function follow_source', 'not a visitor');
select tests.authenticate_as('ada');
select tests.refused($$select ai.follow_source('litellm')$$, 'not_allowed', '42501', 'not somebody signed in');
select tests.authenticate_as('root');
select pg_temp.day('2026-03-02');
select tests.refused($$select ai.follow_source('litellm', '{one,nobody}')$$, 'unknown_model', 'PT404', 'an unknown model');
select tests.refused($$select ai.follow_source('litellm', '{one,other}')$$, 'no_price', 'PT422', 'one that it does not price');
select tests.refused($$select ai.follow_source('  ')$$, 'invalid_argument', 'PT422', 'no source');
select is_empty($$select ai.follow_source('nowhere')$$, 'a source that has nothing');
select results_eq(
  $$select key, price_source, price_currency from ai.follow_source('litellm', '{one}')$$,
  $$values ('one', 'litellm', 'USD')$$, 'one that is named'
);
select results_eq(
  $$select key, price_source, price_currency from ai.follow_source('litellm') order by key$$,
  $$values ('euro', 'litellm', 'EUR'), ('two', 'litellm', 'USD')$$,
  'all that people made and the source prices, in its currency'
);
select is_empty($$select ai.follow_source('litellm')$$, 'they do already');
select is(pg_temp.prices('one'), 'cache_read 1, input 5', 'they have its prices');
select is(pg_temp.prices('one', '2026-03-01T12:00:00Z'), 'input 7', 'the past has theirs');
select is(pg_temp.prices('other'), 'input 7', 'who is not in the catalogue stays');
select is(
  (select h.subject from lensers.audit_history as h where h.table_name = 'ai.models' order by h.id desc limit 1),
  tests.user_id('root'), 'the history says who'
);
select tests.reset_role();
select is(
  ai.import_catalogue('litellm', models) -> 'own_prices', '[]', 'nobody stays behind'
) from feed;
select is(
  ai.import_catalogue('models.dev', models) -> 'own_prices',
  '[
    {"model": "euro", "price_source": "litellm", "missing": []},
    {"model": "one", "price_source": "litellm", "missing": []},
    {"model": "two", "price_source": "litellm", "missing": []}
  ]', 'another catalogue tells its own; models that a catalogue brought are no news'
) from feed;

-- Prices that an admin set: whether they go along must be said.
select tests.authenticate_as('root');
select pg_temp.day('2026-03-03');
select ai.schedule_price('one', 'input', 6);
select ai.schedule_price('one', 'output', 9, '2026-04-01T00:00:00Z');
select is(
  tests.error_of($$select ai.follow_source('models.dev', '{one,two}')$$) -> 'detail',
  '{"error": "pins_undecided", "models": ["one"], "count": 1}', 'asked for'
);
select tests.refused(
  $$update ai.models set price_source = 'models.dev' where key = 'one'$$, 'pins_undecided', 'PT409', 'a PATCH cannot say'
);
select lives_ok($$update ai.models set price_source = 'models.dev' where key = 'two'$$, 'nor needs it to where nothing is pinned');
select lives_ok($$select ai.follow_source('models.dev', '{one}', move_pins => true)$$, 'they go along');
select is(pg_temp.prices('one'), 'cache_read 1, input 6', 'in force from now on');
select is(pg_temp.prices('one', '2026-04-02T00:00:00Z'), 'cache_read 1, input 6, output 9', 'and from their day on');
select tests.reset_role();
select is(
  (select count(*) from ratebook.pinned_prices(tests.model_id('one'), 'litellm', ratebook.clock())), 0::bigint, 'none is left behind'
);
select pg_temp.day('2026-03-04');
select is(
  jsonb_path_query_array(ai.import_catalogue('models.dev', models), '$.pinned[*].price'), '["5", null]',
  'where they are pinned'
) from feed;
select is(jsonb_array_length(ai.import_catalogue('litellm', models) -> 'pinned'), 0, 'and nowhere else') from feed;
select is(pg_temp.prices('one'), 'cache_read 1, input 6', 'in force');

-- Or they stay with the source that is left.
select tests.authenticate_as('root');
select lives_ok($$select ai.follow_source('litellm', '{one}', move_pins => false)$$, 'they stay');
select is(pg_temp.prices('one'), 'cache_read 1, input 5', 'with the source that is left');
select pg_temp.day('2026-03-05');
select lives_ok($$select ai.follow_source('models.dev', '{one}', move_pins => false)$$, 'nothing is pinned here');
select is(pg_temp.prices('one'), 'cache_read 1, input 6', 'back again they are there');
select pg_temp.day('2026-03-06');
select lives_ok($$select ai.follow_source('manual', '{two}')$$, 'and back to prices of one''s own');
select is(pg_temp.prices('two'), 'input 7', 'which are as they were');

select * from finish();
rollback;
