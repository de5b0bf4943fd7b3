begin;
set local search_path = tap, pg_catalog;
select plan(43);

select tests.make_provider('acme');
create temporary view attempt as
select
  a.auth,
  a.fits,
  format(
    'insert into ai.provider_connections (name, provider_id, auth) select %L, id, %L from ai.providers', a.auth, a.auth
  ) as statement
from (
  values
  ('{"type": "api_key", "credential": "openai_production"}', true),
  ('{"type": "platform"}', true),
  ('{"type": "none"}', true),
  ('{"type": "oauth"}', false),
  ('{"type": "oauth", "credential": "openai_production"}', false),
  ('{"type": "API_KEY", "credential": "openai_production"}', false),
  ('{"type": null}', false),
  ('{"type": 1}', false),
  ('{"type": ["none"]}', false),
  ('{}', false),
  ('[]', false),
  ('[{"type": "none"}]', false),
  ('"none"', false),
  ('null', false),
  ('{"credential": "openai_production"}', false),
  ('{"type": "api_key"}', false),
  ('{"type": "api_key", "credential": null}', false),
  ('{"type": "api_key", "credential": 7}', false),
  ('{"type": "api_key", "credential": {"name": "openai_production"}}', false),
  ('{"type": "api_key", "credential": "openai_production", "key": "x"}', false),
  ('{"type": "platform", "credential": "openai_production"}', false),
  ('{"type": "none", "note": "x"}', false)
) as a (auth, fits);
select lives_ok(statement, 'accepted: ' || auth) from attempt where fits order by auth;
select tests.refused(statement, 'invalid_argument', 'PT422', 'refused: ' || auth)
from attempt where not fits order by auth;
select tests.refused(
  $$update ai.provider_connections set auth = null$$, 'invalid_argument', 'PT422', 'nor is it nothing'
);
alter table ai.provider_connections disable trigger user;
select tests.violates(statement, 'auth_is_a_known_shape_without_a_secret', 'the last guard: ' || auth)
from attempt where not fits order by auth;
alter table ai.provider_connections enable trigger user;
select results_eq(
  $$insert into ai.provider_connections (name, provider_id) select 'plain', id from ai.providers returning auth$$,
  $$values ('{"type": "none"}'::jsonb)$$, 'left out, it is none'
);

select * from finish();
rollback;
