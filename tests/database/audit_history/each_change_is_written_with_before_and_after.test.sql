begin;
set local search_path = tap, pg_catalog;
select plan(9);
select tests.freeze_clock('2026-05-01T12:00:00Z');

insert into ai.features (key, description) values ('draw', 'Draws.');
select results_eq(
  $$
  select operation, row_key, before, after - 'id', changed_at
  from lensers.audit_history where table_name = 'ai.features' order by id
  $$,
  $$values (
    'INSERT', '{"key": "draw"}'::jsonb, null::jsonb,
    '{"key": "draw", "description": "Draws.", "is_active": true}'::jsonb, '2026-05-01T12:00:00Z'::timestamptz
  )$$,
  'an insert: the whole row, and when'
);

update ai.features set description = null where key = 'draw';
select results_eq(
  $$
  select operation, row_key, before, after from lensers.audit_history
  where table_name = 'ai.features' order by id desc limit 1
  $$,
  $$values ('UPDATE', '{"key": "draw"}'::jsonb, '{"description": "Draws."}'::jsonb, '{"description": null}'::jsonb)$$,
  'an update: what changed'
);

select tests.make_model('m');
insert into ai.feature_model_policies (feature_key, model_id) values ('draw', tests.model_id('m'));
update ai.features set key = 'paint' where key = 'draw';
select results_eq(
  $$
  select operation, row_key, before, after from lensers.audit_history
  where table_name = 'ai.features' order by id desc limit 1
  $$,
  $$values ('UPDATE', '{"key": "paint"}'::jsonb, '{"key": "draw"}'::jsonb, '{"key": "paint"}'::jsonb)$$,
  'a new key: the row is known by it from then on'
);
select results_eq(
  $$
  select operation, before, after from lensers.audit_history
  where table_name = 'ai.feature_model_policies' order by id desc limit 1
  $$,
  $$values ('UPDATE', '{"feature_key": "draw"}'::jsonb, '{"feature_key": "paint"}'::jsonb)$$,
  'and so is what a foreign key takes along'
);

select is(
  (select count(*) from lensers.audit_history where table_name = 'ai.features'), 3::bigint, 'three entries so far'
);
update ai.features set description = description;
select is(
  (select count(*) from lensers.audit_history where table_name = 'ai.features'), 3::bigint,
  'an update that changes nothing leaves none'
);

delete from ai.feature_model_policies;
delete from ai.features where key = 'paint';
select results_eq(
  $$
  select operation, row_key, before - 'id', after from lensers.audit_history
  where table_name = 'ai.features' order by id desc limit 1
  $$,
  $$values (
    'DELETE', '{"key": "paint"}'::jsonb, '{"key": "paint", "description": null, "is_active": true}'::jsonb, null::jsonb
  )$$,
  'a delete: the whole row'
);

insert into ai.model_aliases (alias, model_id) values ('a', tests.model_id('m'));
select is(
  (select row_key from lensers.audit_history where table_name = 'ai.model_aliases' order by id desc limit 1),
  jsonb_build_object('alias', 'a', 'model_id', tests.model_id('m')),
  'a key of two columns'
);
select is(
  (
    select after ? 'search' from lensers.audit_history
    where table_name = 'ai.models' and operation = 'INSERT' and row_key ->> 'id' = tests.model_id('m')::text
  ), false, 'computed columns are left out'
);

select * from finish();
rollback;
