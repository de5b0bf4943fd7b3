begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.make_user('ada');
select tests.make_user('bob');
select tests.authenticate_as('ada');
insert into media.objects (bucket, path, byte_size) values ('b', 'p', 0);
select tests.violates(
  $$insert into media.objects (bucket, path) values ('b', 'p')$$, 'objects_lenser_id_bucket_path_key',
  'one row per file of an owner'
);
select tests.violates(
  $$insert into media.objects (bucket, path, byte_size) values ('b', 'q', -1)$$, 'byte_size_is_not_negative',
  'a negative size'
);
select tests.forbidden(
  format($$insert into media.objects (lenser_id, bucket, path) values (%L, 'b', 'q')$$, tests.user_id('bob')),
  'permission denied for table objects', 'the owner is not the writer''s to choose'
);
select tests.authenticate_as('bob');
select lives_ok(
  $$insert into media.objects (bucket, path) values ('b', 'p')$$, 'another''s same path is no collision, and no hint'
);
select is_empty(
  format($$delete from media.objects where lenser_id = %L returning id$$, tests.user_id('ada')),
  'nobody deletes another''s'
);
select is((select count(*) from media.objects), 1::bigint, 'nor sees it');
select tests.authenticate_as(null::uuid);
select tests.refused(
  $$insert into media.objects (bucket, path) values ('b', 'p')$$, 'not_allowed', '42501',
  'a token without a subject owns nothing'
);
select is((select count(*) from media.objects), 0::bigint, 'and sees nothing');

select * from finish();
rollback;
