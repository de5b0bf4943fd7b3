begin;
set local search_path = tap, pg_catalog;
select plan(10);

select tests.make_user('ada');
select tests.make_user('bob');
select tests.make_model('m');
insert into content.media_library (id, lenser_id) values
('00000000-0000-4000-8000-00000000000a', tests.user_id('ada')),
('00000000-0000-4000-8000-00000000000b', tests.user_id('bob'));
create function tests.log(p_media text) returns text
language sql
return format('insert into ai.generations (model_id, media_id) values (%L, %L)', tests.model_id('m'), p_media);

select tests.authenticate_as('ada');
select lives_ok(tests.log('00000000-0000-4000-8000-00000000000a'), 'her own media');
select lives_ok(tests.log(null), 'no media');
select tests.refused(
  tests.log('00000000-0000-4000-8000-00000000000b'), 'media_not_owned', '42501', 'another''s media'
);
select tests.refused(
  tests.log('00000000-0000-4000-8000-00000000000c'), 'media_not_owned', '42501', 'media that is not there'
);
select is(
  replace(tests.error_of(tests.log('00000000-0000-4000-8000-00000000000b'))::text, '00000000000b', 'x'),
  replace(tests.error_of(tests.log('00000000-0000-4000-8000-00000000000c'))::text, '00000000000c', 'x'),
  'the two refusals are the same'
);
select is(
  tests.error_of(tests.log('00000000-0000-4000-8000-00000000000b')) ->> 'message',
  format('Media 00000000-0000-4000-8000-00000000000b does not belong to lenser %s.', tests.user_id('ada')),
  'and say what is wrong'
);

select tests.as_service();
select tests.refused(
  $$update ai.generations set media_id = '00000000-0000-4000-8000-00000000000b'$$, 'media_not_owned', '42501',
  'nor does the service role set it later'
);
select lives_ok(
  $$update ai.generations set media_id = '00000000-0000-4000-8000-00000000000a'$$, 'the owner''s it does'
);
select tests.refused(
  format(
    'insert into ai.generations (lenser_id, model_id, media_id) values (%L, %L, %L)',
    tests.user_id('ada'), tests.model_id('m'), '00000000-0000-4000-8000-00000000000b'
  ),
  'media_not_owned', '42501', 'nor at once'
);
select tests.reset_role();
select tests.refused(
  format('update ai.generations set lenser_id = %L', tests.user_id('bob')), 'media_not_owned', '42501',
  'nor does the owner of the schema change the lenser and leave the media'
);

select * from finish();
rollback;
