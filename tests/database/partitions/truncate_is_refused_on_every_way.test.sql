begin;
set local search_path = tap, pg_catalog;
select plan(31);

select tests.make_user('ada');
select tests.make_model('m');
insert into ai.generations (lenser_id, model_id) values (tests.user_id('ada'), tests.model_id('m'));
select tests.refused(format('truncate %s cascade', t.name), 'append_only', 'PT409', t.name)
from (
  select 'ai.generations' as name
  union all
  select 'content.media_library'
  union all
  select 'lensers.profiles'
  union all
  select 'auth.users'
  union all
  select i.inhrelid::regclass::text from pg_catalog.pg_inherits as i where i.inhparent = 'ai.generations'::regclass
) as t;
select is((select count(*) from ai.generations), 1::bigint, 'the row is there');
select lives_ok('delete from ai.generations', 'delete is not truncate');

select * from finish();
rollback;
