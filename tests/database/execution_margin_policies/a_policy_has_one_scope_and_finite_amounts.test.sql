begin;
set local search_path = tap, pg_catalog;
select plan(29);

select tests.make_model('m', p_pricing_tier => 'paid');
insert into ai.features (key) values ('chat');
create temporary view attempt as select * from (values
  ($$p_model => 'm'$$, null),
  ($$p_feature => 'chat'$$, null),
  ($$p_provider => 'acme'$$, null),
  ($$p_tier => 'paid'$$, null),
  ($$p_model => 'm', p_feature => 'chat'$$, null),
  ('p_revision => 3', null),
  ($$p_margin => -1, p_from => '2025-02-01Z'$$, null),
  ($$p_increment => 0.00000001, p_from => '2025-03-01Z'$$, null),
  ($$p_model => 'm', p_provider => 'acme'$$, 'scope_is_one_of_model_and_feature_model_feature_provider_tier'),
  ($$p_model => 'm', p_tier => 'paid'$$, 'scope_is_one_of_model_and_feature_model_feature_provider_tier'),
  ($$p_feature => 'chat', p_provider => 'acme'$$, 'scope_is_one_of_model_and_feature_model_feature_provider_tier'),
  ($$p_feature => 'chat', p_tier => 'paid'$$, 'scope_is_one_of_model_and_feature_model_feature_provider_tier'),
  ($$p_provider => 'acme', p_tier => 'paid'$$, 'scope_is_one_of_model_and_feature_model_feature_provider_tier'),
  ($$p_model => 'm', p_feature => 'chat', p_tier => 'paid'$$, 'scope_is_one_of_model_and_feature_model_feature_provider_tier'),
  ('p_margin => -1.000001', 'margin_is_at_least_minus_one_and_finite'),
  ($$p_margin => 'NaN'$$, 'margin_is_at_least_minus_one_and_finite'),
  ($$p_margin => 'Infinity'$$, 'margin_is_at_least_minus_one_and_finite'),
  ('p_fixed_credits => -1', 'fixed_credits_is_not_negative_and_finite'),
  ($$p_fixed_credits => 'NaN'$$, 'fixed_credits_is_not_negative_and_finite'),
  ($$p_min_credits => 'NaN'$$, 'min_credits_is_not_negative_and_finite'),
  ('p_min_credits => -1', 'min_credits_is_not_negative_and_finite'),
  ('p_increment => 0', 'increment_is_positive_and_finite'),
  ('p_increment => -1', 'increment_is_positive_and_finite'),
  ($$p_increment => 'NaN'$$, 'increment_is_positive_and_finite'),
  ($$p_increment => 'Infinity'$$, 'increment_is_positive_and_finite'),
  ($$p_from => 'infinity'$$, 'effective_from_is_finite'),
  ('p_revision => -1', 'revision_is_not_negative')
) as a (arguments, rule);
select tests.make_policy();
select lives_ok(format('select tests.make_policy(%s)', arguments), 'accepted: ' || arguments)
from attempt where rule is null order by arguments;
select tests.violates(format('select tests.make_policy(%s)', arguments), rule, 'refused: ' || arguments)
from attempt where rule is not null order by arguments;
select tests.violates(
  'select tests.make_policy()', 'execution_margin_policies_key', 'a second default of the same date and revision'
);
select tests.violates(
  $$select tests.make_policy(p_tier => 'paid')$$, 'execution_margin_policies_key', 'a second one for the tier'
);

select * from finish();
rollback;
