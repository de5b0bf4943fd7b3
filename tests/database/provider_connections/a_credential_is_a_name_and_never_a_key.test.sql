begin;
set local search_path = tap, pg_catalog;
select plan(77);

select tests.make_provider('acme');
create temporary view attempt as
select
  c.credential,
  c.is_name,
  format(
    'insert into ai.provider_connections (name, provider_id, auth) select %L, id, %L from ai.providers',
    c.credential, jsonb_build_object('type', 'api_key', 'credential', c.credential)
  ) as statement
from (
  values
  ('openai', true),
  ('openai_production', true),
  ('openai-production.eu-west-1', true),
  ('anthropic_api_key_2026', true),
  ('vault-name-with-many-short-parts-in-it-up-to-63-characters-long', true),
  ('skyline_production', true),
  ('', false),
  (' openai', false),
  (E'openai\n', false),
  ('name-that-goes-on-and-on-up-to-the-64th-character-and-is-too-long', false),
  ('sk-0a1b2c', false),
  ('sk-proj-abc_def', false),
  ('sk-ant-api03-abc', false),
  ('sk_live_4eC39HqLyjWDarjtT1zdp7dc', false),
  ('sk_live_abc', false),
  ('gsk_abc', false),
  ('xai-abc', false),
  ('hf_abc', false),
  ('r8_abc', false),
  ('ghp_abc', false),
  ('AKIAIOSFODNN7EXAMPLE', false),
  ('AIzaSyA1234567890abcdefghijklmnopqrstuv', false),
  ('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', false),
  ('eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', false),
  ('Bearer abc', false),
  ('da39a3ee5e6b4b0d3255bfef95601890afd80709', false),
  ('d41d8cd98f00b204e9800998ecf8427e', false),
  ('key-d41d8cd98f00b204e9800998ecf8427e', false),
  ('c56a4180-65aa-42ec-a945-5fd21dec0538', false),
  ('f47ac10b-58cc-4372-a567-0e02b2c3d479', false)
) as c (credential, is_name);
select lives_ok(statement, format('a name: "%s"', credential)) from attempt where is_name order by credential;
select tests.refused(statement, 'invalid_argument', 'PT422', format('no name: "%s"', credential))
from attempt where not is_name order by credential;
-- A CHECK would show the row: no part of the error has the key, or what it begins with.
select unalike(
  tests.error_of(
    format(
      'insert into ai.provider_connections (name, provider_id, auth) select %L, id, %L from ai.providers', 'new',
      jsonb_build_object('type', 'api_key', 'credential', credential)
    )
  )::text,
  '%' || left(btrim(credential), 8) || '%',
  format('not repeated: "%s"', credential)
)
from attempt where not is_name and credential <> '' order by credential;
alter table ai.provider_connections disable trigger user;
select tests.violates(statement, 'auth_is_a_known_shape_without_a_secret', format('the last guard: "%s"', credential))
from attempt where not is_name order by credential;

select * from finish();
rollback;
