begin;
set local search_path = tap, pg_catalog;
select plan(17);
select tests.make_admin('ada');
select tests.make_rate();
select tests.make_policy(0);
select tests.make_user('bob');
select tests.make_model('gpt');
select tests.make_model('openrouter/gpt');
select tests.make_price('gpt', 'input', 1);
select tests.make_price('openrouter/gpt', 'input', 2);
insert into ai.model_aliases (alias, model_id, source) values
('or-gpt', tests.model_id('openrouter/gpt'), 'openrouter'),
('shared', tests.model_id('openrouter/gpt'), 'openrouter'), ('shared', tests.model_id('gpt'), 'manual');
insert into ai.features (key) values ('chat'), ('draw');
insert into ai.feature_model_policies (feature_key, model_id, priority) values
('chat', tests.model_id('gpt'), 1), ('chat', tests.model_id('openrouter/gpt'), 2),
('draw', tests.model_id('openrouter/gpt'), 3);
insert into ai.generations (lenser_id, model_id, token_count)
values (tests.user_id('bob'), tests.model_id('openrouter/gpt'), 1);
update ai.models set is_default = true where key = 'openrouter/gpt';

select tests.authenticate_as('ada');
select tests.refused($$select ai.merge_models('gpt', 'gpt')$$, 'invalid_argument', 'PT422', 'with itself');
select tests.refused($$select ai.merge_models('gpt', 'nope')$$, 'unknown_model', 'PT404', 'with none');
select tests.refused($$select ai.find_model('shared')$$, 'ambiguous_model', 'PT409', 'a name of two');

select results_eq(
  $$select key, is_default from ai.merge_models('openrouter/gpt', 'gpt')$$, $$values ('gpt', true)$$,
  'it returns the one that stays; the default is that one now'
);
select set_eq(
  $$select alias, source from ai.model_aliases where model_id = tests.model_id('gpt')$$,
  $$values ('or-gpt', 'openrouter'), ('shared', 'manual'), ('openrouter/gpt', 'manual')$$,
  'aliases move, and the key becomes one'
);
select is_empty(
  $$select alias from ai.model_aliases where model_id = tests.model_id('openrouter/gpt')$$, 'none stays behind'
);
select set_eq(
  $$select feature_key, model_id, priority from ai.feature_model_policies$$,
  $$values ('chat', tests.model_id('gpt'), 1), ('draw', tests.model_id('gpt'), 3)$$,
  'routes move, a feature has one'
);
select results_eq(
  $$select deleted_at is not null, is_active, is_default, key from ai.models where id = tests.model_id('openrouter/gpt')$$,
  $$values (true, false, false, 'openrouter/gpt')$$, 'the duplicate is marked as deleted'
);
select results_eq(
  $$select model_id, price_per_unit from ai.model_pricing order by 2$$,
  $$values (tests.model_id('gpt'), 1::numeric), (tests.model_id('openrouter/gpt'), 2)$$, 'prices stay where they are'
);
select is((select model_id from ai.all_generations), tests.model_id('openrouter/gpt'), 'and so do generations');
select tests.refused($$select ai.merge_models('gpt', 'openrouter/gpt')$$, 'deleted_model', 'PT409', 'nothing merges into it');

select is((select key from ai.find_model(name)), 'gpt', 'an admin: ' || name)
from (values ('shared'), ('openrouter/gpt')) as n (name);
select is(
  billing.quote('openrouter/gpt', '{"input": 1}', at => '2026-01-01Z') ->> 'cost', '2', 'the past is priced as it was'
);
select tests.as_anon();
select is((select key from ai.find_model(name)), 'gpt', 'anon: ' || name)
from (values ('or-gpt'), ('shared'), ('openrouter/gpt')) as n (name);

select * from finish();
rollback;
