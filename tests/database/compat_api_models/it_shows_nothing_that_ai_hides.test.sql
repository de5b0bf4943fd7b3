begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.freeze_clock('2026-03-01Z');
select tests.make_user('ada');
select tests.make_admin('root');
select tests.make_model('shown');
select tests.make_model('secret', p_is_public => false);
select tests.make_model('deleted');
select tests.make_price('shown', 'image', 0.04);
select tests.make_price('shown', 'image', 0.02, '2026-01-01Z', p_is_public => false);
select tests.make_price('shown', 'request', 0.001);
select tests.make_price('shown', 'request', 0.002, '2027-01-01Z');
delete from ai.models where key = 'deleted';

select tests.authenticate_as('ada');
select results_eq('select model_key from compat.api_models', $$values ('shown')$$, 'neither hidden nor deleted models');
select is(
  (select a.pricing from compat.api_models as a),
  '{"per_request": 0.001, "currency": "USD", "billing_unit": "per_request"}',
  'no hidden price, and not the outdated one that it replaced; none of the future'
);
select is_empty(
  $$select from compat.api_models where pricing ? 'per_image' or (pricing ->> 'per_request')::numeric > 0.001$$,
  'nor by a filter'
);
select results_eq('select api_model_id from compat.api_model_stats', 'select id from compat.api_models', 'nor in the counts');
select is_empty($$select from compat.jobs$$, 'nobody else''s jobs');
select tests.refused(
  format($$select ratebook.api_pricing(%L)$$, tests.model_id('secret')), 'permission denied for schema ratebook', '42501',
  'nor by the function behind it'
);

select tests.authenticate_as('root');
select is(
  (select a.pricing from compat.api_models as a where a.model_key = 'shown'),
  '{"per_image": 0.02, "per_request": 0.001, "currency": "USD", "billing_unit": "per_image"}', 'an admin sees the price in force'
);
select lives_ok(
  $$update compat.api_models set pricing = pricing || '{"per_image": 0.03}' where model_key = 'shown'$$, 'and changes it'
);
select tests.authenticate_as('ada');
select is(
  (select a.pricing from compat.api_models as a),
  '{"per_request": 0.001, "currency": "USD", "billing_unit": "per_request"}', 'it stays hidden'
);

select * from finish();
rollback;
