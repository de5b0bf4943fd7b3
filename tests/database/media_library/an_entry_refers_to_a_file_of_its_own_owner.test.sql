begin;
set local search_path = tap, pg_catalog;
select plan(5);

select tests.make_user('ada');
select tests.make_user('bob');
insert into media.objects (id, lenser_id, bucket, path) values
('00000000-0000-4000-8000-00000000000a', tests.user_id('ada'), 'b', 'p'),
('00000000-0000-4000-8000-00000000000b', tests.user_id('bob'), 'b', 'p');

select tests.authenticate_as('ada');
select tests.violates(
  $$insert into content.media_library (object_id) values ('00000000-0000-4000-8000-00000000000b')$$,
  'media_library_object_id_fkey', 'not another''s file'
);
select lives_ok(
  $$insert into content.media_library (object_id, title) values ('00000000-0000-4000-8000-00000000000a', 'mine')$$,
  'one''s own'
);
select tests.violates(
  $$update content.media_library set object_id = '00000000-0000-4000-8000-00000000000b'$$,
  'media_library_object_id_fkey', 'nor later'
);
select results_eq('delete from media.objects returning bucket', $$values ('b')$$, 'the file can go');
select results_eq(
  'select lenser_id, object_id, title from content.media_library',
  format($$values (%L::uuid, null::uuid, 'mine')$$, tests.user_id('ada')), 'and the entry stays with its owner'
);

select * from finish();
rollback;
