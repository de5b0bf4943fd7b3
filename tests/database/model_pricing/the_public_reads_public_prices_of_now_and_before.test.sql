begin;
set local search_path = tap, pg_catalog;
select plan(6);

select tests.make_admin('root');
select tests.make_user('ada');
select tests.make_model('m');
select tests.make_model('hidden', p_is_public => false);
select tests.make_model('erased');
select tests.freeze_clock('2026-03-15T12:00:00Z');
select tests.make_price('m', 'input', 1, '2025-01-01Z');
select tests.make_price('m', 'input', 2, '2026-03-15T12:00:00Z');
select tests.make_price('m', 'input', 3, '2026-03-15T12:00:00.000001Z');
select tests.make_price('m', 'output', 4, p_is_public => false);
select tests.make_price('hidden', 'input', 5);
select tests.make_price('erased', 'input', 6);
delete from ai.models where key = 'erased';

select tests.as_anon();
select results_eq(
  'select price_per_unit from ai.model_pricing order by 1', 'values (1::numeric), (2)',
  'anon: not the future, not what is not public, not a hidden or deleted model''s'
);
select tests.authenticate_as('ada');
select results_eq(
  'select price_per_unit from ai.model_pricing order by 1', 'values (1::numeric), (2)', 'a user: the same'
);
select tests.forbidden(
  $$insert into ai.model_pricing (model_id, meter, price_per_unit) values (tests.model_id('m'), 'input', 9)$$,
  'Only admins write to ai.model_pricing.', 'a user adds none'
);
select tests.authenticate_as('root');
select results_eq(
  'select price_per_unit from ai.model_pricing order by 1', 'values (1::numeric), (2), (3), (4), (5), (6)', 'an admin: all'
);
select results_eq(
  $$
  insert into ai.model_pricing (model_id, meter, price_per_unit) values (tests.model_id('m'), 'image', 9)
  returning effective_from
  $$,
  $$values ('2026-03-15T12:00:00Z'::timestamptz)$$, 'an admin adds one'
);
select tests.as_service();
select is((select count(*) from ai.model_pricing), 7::bigint, 'the service role: all');

select * from finish();
rollback;
