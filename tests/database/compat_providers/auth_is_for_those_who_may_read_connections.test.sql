begin;
set local search_path = tap, pg_catalog;
select plan(17);

select tests.make_user('ada');
select tests.make_provider('other');
select tests.authenticate_as(tests.make_admin('root'));

select results_eq(
  $$
  insert into compat.providers (name, auth) values ('acme', '{"type": "api_key", "credential": "acme_key"}')
  returning auth
  $$,
  $$values ('{"type": "api_key", "credential": "acme_key"}'::jsonb)$$, 'the tagged union'
);
select results_eq(
  'select c.name, p.key, c.auth from ai.provider_connections as c inner join ai.providers as p on p.id = c.provider_id',
  $$values ('acme', 'acme', '{"type": "api_key", "credential": "acme_key"}'::jsonb)$$, 'is that of a connection of its name'
);
select results_eq(
  $$update compat.providers set auth = '{"type": "platform"}' where name = 'acme' returning auth$$,
  $$values ('{"type": "platform"}'::jsonb)$$, 'another variant'
);
update compat.providers set base_url = 'https://a' where name = 'acme';
select results_eq(
  'select c.name, c.auth from ai.provider_connections as c', $$values ('acme', '{"type": "platform"}'::jsonb)$$,
  'in the same connection, which other writes leave alone'
);
select is(
  tests.error_of(format('update compat.providers set auth = %L where name = %L', v.auth, 'acme')) -> 'detail',
  '{"error": "invalid_argument", "column": "auth"}', 'not a shape: ' || v.auth
)
from (
  values ('{"type": "magic"}'), ('{"type": "api_key"}'), ('"none"'), ('{"type": "none", "more": 1}')
) as v (auth);
select unalike(
  tests.error_of(
    $$update compat.providers set auth = '{"type": "api_key", "credential": "sk-abcdefghijklmnopqrstuvwxyz"}'$$
  )::text,
  '%abcdefgh%', 'a secret is refused and not repeated'
);

insert into ai.provider_connections (name, provider_id, auth, created_at)
select v.name, p.id, v.auth::jsonb, v.at
from ai.providers as p
cross join (
  values ('second', '{"type": "platform"}', '2026-01-02Z'::timestamptz), ('first', '{"type": "none"}', '2026-01-01Z')
) as v (name, auth, at)
where p.key = 'other';
select results_eq(
  'select name, auth from compat.providers order by name',
  $$values ('acme', '{"type": "platform"}'::jsonb), ('other', '{"type": "none"}')$$,
  'a provider without a connection of its name has its first'
);
select tests.as_service();
select results_eq(
  'select auth from compat.providers order by name', $$values ('{"type": "platform"}'::jsonb), ('{"type": "none"}')$$,
  'for the service role too'
);
select tests.authenticate_as('ada');
select results_eq(
  'select name, auth from compat.providers order by name', $$values ('acme', null::jsonb), ('other', null)$$,
  'a user reads NULL'
);
select is_empty($$select from compat.providers where auth ->> 'type' = 'none'$$, 'and no filter finds it');
select tests.as_anon();
select results_eq(
  'select name, auth from compat.providers order by name', $$values ('acme', null::jsonb), ('other', null)$$, 'so does anon'
);

select tests.authenticate_as('root');
update compat.providers set auth = null where name = 'acme';
select results_eq(
  'select c.name from ai.provider_connections as c order by 1', $$values ('first'), ('second')$$, 'NULL takes it away'
);
insert into compat.providers (name, auth) values ('brief', '{"type": "none"}');
select lives_ok($$delete from compat.providers where name = 'brief'$$, 'a provider goes with its connection');
select is(
  tests.error_of($$delete from compat.providers where name = 'other'$$) ->> 'constraint',
  'provider_connections_provider_id_fkey', 'but not with others'
);

select * from finish();
rollback;
