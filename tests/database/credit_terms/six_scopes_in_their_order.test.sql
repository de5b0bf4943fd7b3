begin;
set local search_path = tap, pg_catalog;
select plan(12);

select tests.make_model('m', 'acme', p_pricing_tier => 'paid');
select tests.make_model('n', 'zeta');
insert into ai.features (key) values ('chat'), ('draw');
create function tests.margin(p_model text, p_feature text) returns numeric
language sql
return (
  select p.margin
  from ratebook.credit_terms(
    tests.model_id(p_model), (select f.id from ai.features as f where f.key = p_feature), 'USD', '2026-03-15Z'
  ) as p
);

select is(tests.margin('m', 'chat'), null, 'no policy');
select tests.make_policy(0.6);
select is(tests.margin('m', 'chat'), 0.6, 'the default');
select tests.make_policy(0.5, p_tier => 'paid');
select is(tests.margin('m', 'chat'), 0.5, 'before it the tier');
select tests.make_policy(0.4, p_provider => 'acme');
select is(tests.margin('m', 'chat'), 0.4, 'before it the provider');
select tests.make_policy(0.3, p_feature => 'chat');
select is(tests.margin('m', 'chat'), 0.3, 'before it the feature');
select tests.make_policy(0.2, p_model => 'm');
select is(tests.margin('m', 'chat'), 0.2, 'before it the model');
select tests.make_policy(0.1, p_model => 'm', p_feature => 'chat');
select is(tests.margin('m', 'chat'), 0.1, 'before it both');

select is(tests.margin('m', 'draw'), 0.2, 'another feature: the model');
select is(tests.margin('m', null), 0.2, 'no feature: the model');
select is(tests.margin('n', 'chat'), 0.3, 'another model: the feature');
select is(tests.margin('n', 'draw'), 0.6, 'another model, feature, provider and no tier: the default');
select is(tests.margin('n', null), 0.6, 'and without a feature');

select * from finish();
rollback;
