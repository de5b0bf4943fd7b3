begin;
set local search_path = tap, pg_catalog;
select plan(25);

-- What auth.uid() answers, and what PostgreSQL's uuid takes.
create temporary table answered (claims text, legacy text, expected text);
insert into answered values
('{"sub": "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"}', '', '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'),
('{"sub": "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0"}', '', '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'),
('{"sub": "{0f1e2d3c4b5a69788796a5b4c3d2e1f0}"}', '', '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'),
('{"sub": "00000000-0000-0000-0000-000000000001"}', '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0', '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'),
('no json', '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0', '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0'),
('{"role": "anon"}', '', null),
('["sub"]', '', null),
('', '', null);
-- Where auth.uid() raises.
create temporary table raised (claims text, legacy text);
insert into raised values
('{"sub": "user_2abcDEF"}', ''),
('{"sub": ""}', ''),
('{"sub": 7}', ''),
('{"sub": {"id": "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"}}', ''),
('{"sub": "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"}', 'user_2abcDEF'),
('no json', ''),
('{"sub": "\u0000"}', ''),
(repeat('[', 100000), '');

create function tests.claim(p_claims text, p_legacy text) returns void
language sql
begin atomic
  select set_config('request.jwt.claims', p_claims, true);
  select set_config('request.jwt.claim.sub', p_legacy, true);
end;

create function tests.uids(p_claims text, p_legacy text) returns text
language plpgsql
as $$
begin
  perform tests.claim(p_claims, p_legacy);
  return concat_ws(' ', ratebook.uid()::text, auth.uid()::text);
end;
$$;

select is(tests.uids(a.claims, a.legacy), concat_ws(' ', a.expected, a.expected), format('auth.uid()''s answer to %s %s', a.claims, a.legacy))
from answered as a;
select isnt(tests.error_of(format('select tests.claim(%L, %L); select auth.uid()', r.claims, r.legacy)) ->> 'code', null, 'auth.uid() fails at ' || left(r.claims, 40))
from raised as r;
select is(ratebook.uid(), null, 'nobody asks with ' || left(r.claims, 40))
from raised as r, lateral (
  select tests.claim(r.claims, r.legacy)
  order by r.claims
  limit 1
) as c;

select is_empty(
  $$
  select f.signature from tests.functions as f where f.prosrc ~ 'auth\.uid\(\)' and f.proname <> 'has_role'
  union all
  select p.schemaname || '.' || p.tablename from pg_policies as p where concat(p.qual, p.with_check) ~ 'auth\.uid\(\)'
  union all
  select c.relation::text from tests.columns as c where c.default_value ~ 'auth\.uid\(\)'
  $$,
  'nothing asks auth.uid() itself'
);

select * from finish();
rollback;
