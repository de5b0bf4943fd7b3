begin;
set local search_path = tap, pg_catalog;
select plan(1);

select tests.make_user('ada');
select tests.make_model('m');
select tests.authenticate_as('ada');
insert into content.media_library (title) values ('gone'), ('kept');
insert into ai.generations (model_id, media_id, prompt)
select tests.model_id('m'), id, title from content.media_library;
delete from content.media_library where title = 'gone';
select results_eq(
  'select prompt, lenser_id, media_id is null from ai.generations order by prompt',
  format($$values ('gone', %1$L::uuid, true), ('kept', %1$L::uuid, false)$$, tests.user_id('ada')),
  'only the link goes, and only where the media went'
);

select * from finish();
rollback;
