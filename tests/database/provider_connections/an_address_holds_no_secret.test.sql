begin;
set local search_path = tap, pg_catalog;
select plan(67);

select tests.make_provider('acme');
create temporary table addresses as
select
  a.address,
  a.is_address
from (
  values
  ('https://api.example.com', true),
  ('https://api.example.com:8443/v1/', true),
  ('https://api.example.com/v1?api-version=2026-01-01&region=eu', true),
  ('https://hf-inference.example.com/sk_lab/models', true),
  ('https://api.example.com/users/@me', true),
  ('https://api.example.com/v1?tokens=5', true),
  ('http://localhost:11434', true),
  ('/internal/models', true),
  ('https://ada:pa55word@api.example.com/v1', false),
  ('https://pa55word@api.example.com', false),
  ('HTTPS://ada:pa55word@api.example.com', false),
  ('ada:pa55word@api.example.com', false),
  ('//ada:pa55word@api.example.com', false),
  ('postgres://ada:pa55word@db.example.com/x?sslmode=require', false),
  ('https://api.example.com?key=pa55word', false),
  ('https://api.example.com/v1?region=eu&api_key=pa55word', false),
  ('https://api.example.com/v1?region=eu&API-KEY=pa55word', false),
  ('https://api.example.com/v1?access_token=pa55word', false),
  ('https://api.example.com/v1?x-amz-signature=pa55word', false),
  ('https://api.example.com/v1#token=pa55word', false),
  ('sk-pa55word', false),
  ('Bearer pa55word', false),
  ('AIzaSypa55word', false)
) as a (address, is_address);
create temporary table attempts as
select
  a.*,
  t.name as target,
  t.col,
  format(t.statement, a.address, a.address) as statement
from addresses as a
cross join (
  values
  (
    'ai.providers', 'api_url',
    'insert into ai.providers (key, name, api_url) values (''p'' || md5(%L), ''P'', %L)'
  ),
  (
    'ai.provider_connections', 'base_url',
    'insert into ai.provider_connections (name, provider_id, base_url) select %L, id, %L from ai.providers where key = ''acme'''
  )
) as t (name, col, statement);

select lives_ok(statement, format('%s: %s', target, address)) from attempts where is_address order by target, address;
-- Everybody reads the one, and an error of a CHECK would show the other in its row: neither is repeated.
select is(
  regexp_replace(tests.error_of(statement)::text, address, '…', 'g')::jsonb - 'message' - 'hint',
  jsonb_build_object(
    'code', 'PT422', 'constraint', '', 'column', '', 'detail', jsonb_build_object('error', 'invalid_argument', 'column', col)
  ),
  format('%s: not %s', target, address)
)
from attempts where not is_address order by target, address;
select unalike(tests.error_of(statement)::text, '%pa55word%', 'and not repeated')
from attempts where not is_address and target = 'ai.providers' order by address;
select tests.refused(
  format('update %s set %s = %L', target, col, address), 'invalid_argument', 'PT422', target || ', afterwards'
)
from attempts where address = 'sk-pa55word' order by target;
alter table ai.providers disable trigger user;
alter table ai.provider_connections disable trigger user;
select tests.violates(statement, col || '_holds_no_secret', target || ': the last guard')
from attempts where address like '//ada%' order by target;
update ai.providers set name = name;
select is(count(*), 9::bigint, 'what was let in stays') from ai.providers;
select is(count(*), 8::bigint, 'in both tables') from ai.provider_connections;

select * from finish();
rollback;
