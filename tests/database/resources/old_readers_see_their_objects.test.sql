begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.make_user('ada');
select tests.make_user('bob');
insert into media.objects (lenser_id, bucket, path, mime_type, byte_size) values
(tests.user_id('ada'), 'b', 'a.png', 'image/png', 3), (tests.user_id('bob'), 'b', 'b.png', 'image/png', 4);
select tests.authenticate_as('ada');
select results_eq(
  'select lenser_id, bucket, path, mime_type, byte_size from ai.resources',
  format($$values (%L::uuid, 'b', 'a.png', 'image/png', 3::bigint)$$, tests.user_id('ada')),
  'one''s own, under the policies of media.objects'
);
select tests.forbidden('delete from ai.resources', 'permission denied for view resources', 'to read only');
select tests.as_anon();
select tests.forbidden('select from ai.resources', 'permission denied for view resources', 'not for anon');

select * from finish();
rollback;
