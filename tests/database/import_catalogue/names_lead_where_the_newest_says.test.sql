begin;
set local search_path = tap, pg_catalog;
select plan(26);

-- "provider model_key aliases…", one model a text.
create function pg_temp.feed(variadic p_models text[]) returns jsonb language sql as $$
  select jsonb_agg(jsonb_build_object(
    'provider', split_part(m, ' ', 1), 'provider_model_key', split_part(m, ' ', 2), 'name', split_part(m, ' ', 2),
    'aliases', (string_to_array(m, ' '))[3:], 'prices', '[{"meter": "input", "price": "0.001"}]'::jsonb
  ))
  from unnest(p_models) as m
$$;
create function pg_temp.import(variadic p_models text[]) returns jsonb language sql as $$
  select ai.import_catalogue('litellm', pg_temp.feed(variadic p_models))
$$;
create function pg_temp.leads(p_name text, p_at timestamptz default null) returns text language sql as $$
  select string_agg(m.key, ' ') from ai.models as m where m.id = any(ratebook.model_ids(p_name, false, p_at))
$$;
create function pg_temp.step(p_day text) returns void language sql as $$
  select tests.freeze_clock((p_day || 'T00:00:00Z')::timestamptz)
$$;

-- LiteLLM named another provider for one entry, and mended it.
select pg_temp.step('2026-03-01');
select pg_temp.import('vertex_ai gemini/pic-1 gemini/pic-1 pic-1');
select pg_temp.step('2026-04-01');
select is(
  pg_temp.import('google pic-1 gemini/pic-1 pic-1') -> 'aliases', '{"added": 2, "removed": 0, "taken": 0}', 'names move'
);
select is(pg_temp.leads(n), 'google/pic-1', n || ' leads to the model of the second feed')
from unnest('{gemini/pic-1,pic-1,google/pic-1,vertex_ai/gemini/pic-1}'::text[]) as n;
select is(
  pg_temp.leads('vertex_ai/gemini/pic-1', '2026-03-15T00:00:00Z'), 'vertex_ai/gemini/pic-1', 'its old key meant itself then'
);
select is((select price_per_unit from ai.prices_in_force('gemini/pic-1')), 0.001, 'and has its price');
select is(
  pg_temp.import('google pic-1 gemini/pic-1 pic-1') -> 'models',
  '{"added": 0, "changed": 0, "repriced": 0, "unchanged": 1, "removed": 0}', 'the same again changes nothing'
);
select is(
  (select count(*) from lensers.audit_history where transaction_id = pg_current_xact_id() and table_name = 'ai.model_aliases'),
  6::bigint, 'two names were made, and two moved'
);
select pg_temp.step('2026-05-01');
select pg_temp.import('vertex_ai gemini/pic-1 gemini/pic-1 pic-1');
select is(pg_temp.leads(n), 'vertex_ai/gemini/pic-1', n || ' comes back with its model')
from unnest('{gemini/pic-1,pic-1,vertex_ai/gemini/pic-1}'::text[]) as n;
select results_eq(
  $$select successor_id, succeeded_at, metadata from ai.models where key = 'vertex_ai/gemini/pic-1'$$,
  $$values (null::uuid, null::timestamptz, '{"catalogue": "litellm"}'::jsonb)$$, 'which nobody succeeds any more'
);

-- A key that another model has as a name.
select pg_temp.import('azure m m', 'openai n n');
select pg_temp.step('2026-06-01');
select pg_temp.import('openai n n azure/m');
select is(pg_temp.leads('azure/m'), 'openai/n', 'the key of a model that is gone leads to the one that is called so now');
select is(pg_temp.leads('m'), 'openai/n', 'and so does a name of it that the newest does not know');
select is((select succeeded_at from ai.models where key = 'azure/m'), '2026-06-01T00:00:00Z', 'from now on');
-- A short name alone does not make one model of two.
select pg_temp.import('azure p p', 'openai n n');
select pg_temp.import('openai p p', 'openai n n');
select is(pg_temp.leads('p'), 'openai/p', 'the short name moves');
select is(pg_temp.leads('azure/p'), 'azure/p', 'the key does not');

-- What two claim goes to neither, whoever had it before; what nobody gives to a model any more is not its name.
select pg_temp.import('openai a shared other', 'openai b b1');
select pg_temp.import('openai a', 'openai b shared b1', 'openai c b1');
select is(pg_temp.leads('shared'), 'openai/b', 'a name moves between two that stay');
select is(pg_temp.leads('other'), null, 'a name that is given no more leads nowhere');
select is(pg_temp.leads('b1'), null, 'a name that two claim leads nowhere');
select is(
  pg_temp.import('openai a', 'openai b shared b1', 'openai c b1') -> 'taken',
  '[{"name": "b1", "model": "openai/b", "held_by": ["openai/c"]}, {"name": "b1", "model": "openai/c", "held_by": ["openai/b"]}]',
  'which is told'
);
-- A new model may need a key that was a name: the key is what it would be without history.
select pg_temp.import('openai a', 'openai b openai/d');
select pg_temp.import('openai a', 'openai b openai/d', 'openai d');
select is(
  (select string_agg(key, ' ' order by key) from ai.models where provider_model_key in ('b', 'd')), 'openai/b openai/d', 'a key'
);
select is(pg_temp.leads('openai/d'), 'openai/d', 'and it leads to its model');

-- A person's word stands.
select tests.make_model('mine', 'acme');
insert into ai.model_aliases (alias, model_id) values ('fine', tests.model_id('mine'));
select is(
  pg_temp.import('openai a mine fine a1') -> 'taken',
  '[{"name": "fine", "model": "openai/a", "held_by": ["mine"]}, {"name": "mine", "model": "openai/a", "held_by": ["mine"]}]',
  'names of a model that a person made are taken, and told'
);
select is(pg_temp.leads('fine') || ' ' || pg_temp.leads('a1'), 'mine openai/a', 'others are given');

select * from finish();
rollback;
