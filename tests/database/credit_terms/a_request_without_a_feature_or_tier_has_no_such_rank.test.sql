begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.make_model('m');
insert into ai.features (key) values ('chat');
create function tests.margin(p_feature text) returns numeric
language sql
return (
  select p.margin
  from ratebook.credit_terms(
    tests.model_id('m'), (select f.id from ai.features as f where f.key = p_feature), 'USD', '2026-03-15Z'
  ) as p
);
select tests.make_policy(0.6, p_enabled => false);
select is(tests.margin(null), null, 'a disabled default is no policy under any rank');
select tests.make_policy(0.3, p_feature => 'chat');
select tests.make_policy(0.5, p_tier => 'free');
select tests.make_policy(0.1, p_model => 'm', p_feature => 'chat');
select is(tests.margin(null), null, 'policies of a feature or a tier are not for those without');
select is(tests.margin('chat'), 0.1, 'but for those with');
select tests.make_policy(0.2, p_model => 'm');
select is(tests.margin(null), 0.2, 'the model''s own is');
select tests.make_policy(0.2, p_model => 'm', p_enabled => false, p_revision => 1);
select is(tests.margin(null), null, 'until it is disabled');
select tests.make_policy(0.7, p_revision => 1);
select is(tests.margin(null), 0.7, 'then the default');
-- The default would come third if a missing feature were a scope of its own.
select tests.make_policy(0.4, p_provider => 'acme');
select is(tests.margin(null), 0.4, 'without a feature the provider comes before the default');
select tests.make_policy(0.4, p_provider => 'acme', p_enabled => false, p_revision => 1);
update ai.models set pricing_tier = 'free';
select is(tests.margin(null), 0.5, 'and so does the tier of a model that has one');

select * from finish();
rollback;
