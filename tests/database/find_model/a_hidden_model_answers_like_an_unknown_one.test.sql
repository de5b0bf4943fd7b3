begin;
set local search_path = tap, pg_catalog;
select plan(14);

select tests.make_admin('root');
select tests.make_user('ada');
select tests.make_model('hidden', p_is_public => false);
select tests.make_model('erased');
insert into ai.model_aliases (alias, model_id) values ('veiled', tests.model_id('hidden'));
delete from ai.models where key = 'erased';

-- The whole error, with the name that was asked for cut out.
create function tests.answer_to(p_name text) returns text
language sql
return replace(tests.error_of(format('select ai.find_model(%L)', p_name))::text, p_name, '<name>');

select tests.as_anon();
select is(tests.answer_to(n.name), tests.answer_to('no-such'), 'anon, ' || n.what)
from (
  values ('hidden', 'key'), ('veiled', 'alias'), (tests.model_id('hidden')::text, 'id'), ('erased', 'deleted')
) as n (name, what);
select tests.authenticate_as('ada');
select is(tests.answer_to(n.name), tests.answer_to('no-such'), 'a user, ' || n.what)
from (
  values ('hidden', 'key'), ('veiled', 'alias'), (tests.model_id('hidden')::text, 'id'), ('erased', 'deleted')
) as n (name, what);
select tests.authenticate_as('root');
select results_eq(
  format('select key from ai.find_model(%L)', n.name), format('values (%L)', n.key), 'an admin finds ' || n.name
)
from (values ('hidden', 'hidden'), ('veiled', 'hidden'), ('erased', 'erased')) as n (name, key);
select tests.as_service();
select results_eq(
  format('select key from ai.find_model(%L)', n.name), format('values (%L)', n.key), 'the service role finds ' || n.name
)
from (values ('hidden', 'hidden'), ('veiled', 'hidden'), ('erased', 'erased')) as n (name, key);

select * from finish();
rollback;
