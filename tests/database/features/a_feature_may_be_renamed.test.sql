begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.make_model('m');
select tests.make_user('ada');
insert into ai.features (key) values ('chat');
insert into ai.feature_model_policies (feature_key, model_id) values ('chat', tests.model_id('m'));
select tests.make_policy(0.5, p_feature => 'chat');
insert into ai.generations (lenser_id, model_id, feature_key)
values (tests.user_id('ada'), tests.model_id('m'), 'chat');

select tests.violates(
  'delete from ai.features', 'feature_model_policies_feature_key_fkey', 'a feature with routes stays'
);
select lives_ok($$update ai.features set key = 'talk'$$, 'it can be renamed');
select results_eq('select feature_key from ai.feature_model_policies', $$values ('talk')$$, 'routes follow');
select results_eq('select feature_key from ai.generations', $$values ('chat')$$, 'the log keeps the name of its time');
select is(
  (select p.margin from ratebook.credit_terms(tests.model_id('m'), (select id from ai.features), 'USD', now()) as p),
  0.5, 'and its margin policy goes on'
);
select tests.violates(
  format($$insert into ai.features (key) values (%L)$$, k.key), 'key_is_a_machine_key', 'no key: ' || k.key
)
from (values (''), ('Chat'), ('my chat'), ('.chat')) as k (key);

select * from finish();
rollback;
