begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_user('ada');
select tests.make_user('bob');
select tests.make_model('m');
insert into content.media_library (id, lenser_id) values
('00000000-0000-4000-8000-00000000000a', tests.user_id('ada')),
('00000000-0000-4000-8000-00000000000b', tests.user_id('bob'));
insert into ai.generations (lenser_id, model_id, media_id) values
(tests.user_id('ada'), tests.model_id('m'), '00000000-0000-4000-8000-00000000000a');

select tests.violates(
  format('update content.media_library set lenser_id = %L where id = %L',
    tests.user_id('bob'), '00000000-0000-4000-8000-00000000000a'),
  'generations_media_id_fkey', 'media that a generation refers to keeps its owner'
);
select lives_ok(
  format('update content.media_library set lenser_id = %L where id = %L',
    tests.user_id('ada'), '00000000-0000-4000-8000-00000000000b'),
  'other media may change hands'
);
update content.media_library set lenser_id = tests.user_id('bob') where id = '00000000-0000-4000-8000-00000000000b';

alter table ai.generations disable trigger ai_generations_media_owner_enforce;
select tests.violates(
  $$update ai.generations set media_id = '00000000-0000-4000-8000-00000000000b'$$, 'generations_media_id_fkey',
  'another''s media is refused by the key alone'
);
select tests.violates(
  format(
    'insert into ai.generations (lenser_id, model_id, media_id) values (%L, %L, %L)',
    tests.user_id('ada'), tests.model_id('m'), '00000000-0000-4000-8000-00000000000b'
  ),
  'generations_media_id_fkey', 'on insert too'
);

select * from finish();
rollback;
