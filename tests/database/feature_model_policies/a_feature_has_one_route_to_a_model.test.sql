begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.make_model('m');
select tests.make_model('hidden', p_is_public => false);
insert into ai.features (key) values ('chat'), ('draw');
insert into ai.feature_model_policies (feature_key, model_id) values ('chat', tests.model_id('m'));
select results_eq(
  'select priority, weight, is_active from ai.feature_model_policies', 'values (0, 1::numeric, true)', 'what is left out'
);
select tests.violates(
  $$insert into ai.feature_model_policies (feature_key, model_id) values ('chat', tests.model_id('m'))$$,
  'feature_model_policies_feature_key_model_id_key', 'a second route'
);
select lives_ok(
  $$insert into ai.feature_model_policies (feature_key, model_id) values
    ('draw', tests.model_id('m')), ('chat', tests.model_id('hidden'))$$,
  'another feature, another model'
);
select tests.violates(
  $$insert into ai.feature_model_policies (feature_key, model_id) values ('sing', tests.model_id('m'))$$,
  'feature_model_policies_feature_key_fkey', 'a feature that is not there'
);
select tests.violates(
  format('update ai.feature_model_policies set weight = %L', w.weight), 'weight_is_finite_and_not_negative',
  'no weight: ' || w.weight
)
from (values ('NaN'), ('Infinity'), ('-0.1'), ('-1')) as w (weight);
select tests.as_anon();
select results_eq(
  'select feature_key from ai.feature_model_policies order by 1', $$values ('chat'), ('draw')$$,
  'anon does not see the route to a hidden model'
);

select * from finish();
rollback;
