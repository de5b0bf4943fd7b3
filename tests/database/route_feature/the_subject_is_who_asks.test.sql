begin;
set local search_path = tap, pg_catalog;
select plan(20);

insert into ai.features (key, id) values ('chat', '00000000-0000-4000-8000-00000000f001');
insert into ai.models (id, key, name, provider_id)
select ('00000000-0000-4000-8000-00000000000' || m.number)::uuid, m.key, m.key, tests.make_provider()
from (values (1, 'a'), (2, 'b')) as m (number, key);
select tests.make_model('hidden', p_is_public => false);
select tests.make_route('chat', 'a'), tests.make_route('chat', 'b'), tests.make_route('chat', 'hidden', 9);
select tests.make_user('ada'), tests.make_user('bob'), tests.make_admin('root');
create temporary table order_of as
select name, tests.routed('chat', '{"exclude_providers": []}', tests.user_id(name)::text) as models from unnest(array['ada', 'bob']) as n (name);
grant select on order_of to public;

-- tests.user_id('ada') = md5('ada'), by tests/routing/split.py; hidden is last for those who see it.
select is((select models from order_of where name = 'ada'), 'b a hidden', 'ada, asked by the owner of the database');
select is((select models from order_of where name = 'bob'), 'a b hidden', 'bob');

select tests.authenticate_as('ada');
select is(tests.routed('chat'), 'b a', 'a signed-in user is the subject');
select is(tests.routed('chat', '{}', tests.user_id('ada')::text), 'b a', 'and may say so');
select is(tests.routed('chat', '{}', upper(tests.user_id('ada')::text)), 'b a', 'however they write it');
select tests.refused(
  format('select ai.route_feature(%L, %L, %L)', 'chat', '{}', tests.user_id('bob')), 'not_allowed', '42501', 'for nobody else'
);
select tests.refused(
  format('select ai.explain_route(%L, %L, %L)', 'chat', '{}', tests.user_id('bob')), 'not_allowed', '42501', 'nor explained'
);
select tests.refused(
  $$select ai.route_feature('chat', '{}', 'a word of mine')$$, 'not_allowed', '42501', 'nor as somebody of their own making'
);
select tests.reset_role();
select tests.as_service();
select is(tests.routed('chat', '{}', tests.user_id('ada')::text), 'b a hidden', 'the service role names the subject');
select is(tests.routed('chat', '{}', upper(tests.user_id('ada')::text)), 'b a hidden', 'in whichever spelling');
select is(tests.routed('chat'), 'a b hidden', 'without one there is nothing to split by');
select tests.reset_role();
select tests.authenticate_as('root');
select is(tests.routed('chat', '{}', tests.user_id('bob')::text), 'a b hidden', 'so does an admin');
select tests.reset_role();
select tests.as_anon();
select is(tests.routed('chat', '{}', tests.user_id('bob')::text), 'a b', 'an anonymous caller sends any text');
select is(tests.routed('chat', '{}', 'visitor 5'), 'a b', 'of its own making');
select is(tests.routed('chat'), 'a b', 'or none');

-- Hidden models are neither routed to nor told of.
select is((select string_agg(model, ' ' order by model) from ai.explain_route('chat')), 'a b', 'anon is told of no hidden model');
select tests.reset_role();
select tests.authenticate_as('ada');
select is((select string_agg(model, ' ' order by model) from ai.explain_route('chat')), 'a b', 'nor is a user');
select tests.reset_role();
update ai.models as m set deleted_at = now(), is_active = false where m.key = 'a';
select tests.as_anon();
select is(tests.rejected('chat'), null, 'a deleted model is hidden as well');
select tests.reset_role();
select is(tests.rejected('chat'), 'a: deleted_model', 'and a reason to those who see it');

-- A subject that is no UUID is nobody here.
select set_config('request.jwt.claims', '{"sub": "auth0|7", "role": "authenticated"}', true), set_config('role', 'authenticated', true);
select is(tests.routed('chat', '{}', 'auth0|7'), 'b', 'another provider''s name decides the split alone');

select * from finish();
rollback;
