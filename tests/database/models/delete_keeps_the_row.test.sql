begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.make_admin('root');
select tests.make_user('ada');
select tests.make_model('m');
update ai.models set is_default = true;
select tests.freeze_clock('2026-03-15T12:00:00Z');

select tests.authenticate_as('ada');
select tests.refused($$delete from ai.models where key = 'm'$$, 'not_allowed', '42501', 'a user deletes nothing');
select tests.authenticate_as('root');
delete from ai.models where key = 'm';
select results_eq(
  'select key, deleted_at, is_active, is_default from ai.models',
  $$values ('m', '2026-03-15T12:00:00Z'::timestamptz, false, false)$$,
  'an admin''s delete marks the row; it is no default and not active any more'
);
select tests.as_anon();
select is_empty('select key from ai.models', 'anon does not see it');
select tests.authenticate_as('ada');
select is_empty('select key from ai.models', 'nor does a user');

select tests.reset_role();
select tests.freeze_clock('2026-03-16T12:00:00Z');
delete from ai.models;
select is(deleted_at, '2026-03-15T12:00:00Z'::timestamptz, 'a second delete changes nothing') from ai.models;
select tests.violates(
  'update ai.models set is_active = true', 'a_deleted_model_is_inactive', 'a deleted model is not switched on'
);
select tests.refused('truncate ai.models cascade', 'append_only', 'PT409', 'truncate is refused');
select lives_ok('update ai.models set deleted_at = null, is_active = true', 'an undelete is possible');

select * from finish();
rollback;
