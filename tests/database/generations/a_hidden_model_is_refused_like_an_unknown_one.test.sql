begin;
set local search_path = tap, pg_catalog;
select plan(5);

select tests.make_user('ada');
select tests.make_model('m');
select tests.make_model('hidden', p_is_public => false);
select tests.make_model('erased');
delete from ai.models where key = 'erased';

select tests.authenticate_as('ada');
select lives_ok($$insert into ai.generations (model_id) values (tests.model_id('m'))$$, 'a public model');
select tests.forbidden(
  format('insert into ai.generations (model_id) values (%L)', m.id),
  'new row violates row-level security policy for table "generations"', m.what
)
from (
  values (tests.model_id('hidden'), 'hidden'), (tests.model_id('erased'), 'deleted'), (gen_random_uuid(), 'unknown')
) as m (id, what);
select tests.as_service();
select tests.violates(
  format('insert into ai.generations (lenser_id, model_id) values (%L, gen_random_uuid())', tests.user_id('ada')),
  'generations_model_id_fkey', 'the service role is told that there is none'
);

select * from finish();
rollback;
