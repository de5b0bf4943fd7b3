begin;
set local search_path = tap, pg_catalog;
select plan(8);
select tests.make_admin('ada');
select tests.make_provider('acme');

create function tests.last_actor() returns text
language sql security definer
return (
  select concat_ws(' ', coalesce(h.subject::text, '-'), h.role, h.database_user, coalesce(h.request_id, '-'))
  from lensers.audit_history as h
  order by h.id desc
  limit 1
);

update ai.providers set name = 'A';
select is(tests.last_actor(), '- postgres postgres -', 'direct SQL');

select tests.as_service();
update ai.providers set name = 'B' where key = 'acme';
select is(tests.last_actor(), '- service_role postgres -', 'the service role');

select tests.authenticate_as('ada');
select set_config('request.headers', '{"x-request-id": "r-1", "accept": "*/*"}', true);
update ai.providers set name = 'C' where key = 'acme';
select is(
  tests.last_actor(), tests.user_id('ada') || ' authenticated postgres r-1', 'an admin, with the id of the request'
);
select set_config('request.headers', json_build_object('x-request-id', repeat('x', 300))::text, true);
update ai.providers set name = 'D' where key = 'acme';
select is(
  tests.last_actor(), tests.user_id('ada') || ' authenticated postgres ' || repeat('x', 200), 'a long id is cut'
);

select tests.reset_role();
select set_config('request.headers', bad.value, true) from (values ('{"x-request-id')) as bad (value);
update ai.providers set name = 'E';
select is(tests.last_actor(), '- postgres postgres -', 'headers that are no JSON');
select set_config('request.headers', '["x-request-id"]', true), set_config('request.jwt.claims', '3', true);
update ai.providers set name = 'F';
select is(tests.last_actor(), '- postgres postgres -', 'no object');
select set_config('request.headers', '{"x-request-id": "\u0000"}', true), set_config('request.jwt.claims', '{', true);
update ai.providers set name = 'G';
select is(tests.last_actor(), '- postgres postgres -', 'a character that text cannot hold; claims that are no JSON');
select set_config('request.headers', '', true), set_config('request.jwt.claims', '{"sub": "backend"}', true);
update ai.providers set name = 'H';
select is(tests.last_actor(), '- postgres postgres -', 'a subject that is no user');

select * from finish();
rollback;
