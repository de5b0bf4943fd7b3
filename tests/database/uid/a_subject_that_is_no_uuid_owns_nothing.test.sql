begin;
set local search_path = tap, pg_catalog;

create temporary table owned as
select p.tablename, format('%I.%I', p.schemaname, p.tablename) as name
from pg_policies as p
where p.cmd = 'SELECT' and p.qual ~ 'uid\(\)';
grant select on owned to authenticated;
select plan(11 + (select count(*)::integer from owned));

select tests.make_unit_price();
select tests.make_wallet('ada', 10);
insert into ai.generations (lenser_id, model_id) select tests.user_id('ada'), tests.model_id('m');
select cmp_ok((select count(*) from owned), '>=', 15::bigint, 'the tables of owners');

select set_config('request.jwt.claims', '{"sub": "user_2abcDEF", "role": "authenticated"}', true);
set local role authenticated;

select is_empty(format('select from %s', o.name), 'no row of ' || o.name) from owned as o;
select is_empty('select from billing.balances', 'no balance');
select is_empty('select from compat.jobs', 'no job');
select is_empty('select from ai.all_generations', 'and not everybody''s');
select tests.refused(
  $$insert into ai.generations (model_id) select id from ai.models limit 1$$, 'not_allowed', '42501', 'no generation is theirs'
);
select tests.refused(
  $$insert into content.media_library (title) values ('x')$$, 'not_allowed', '42501', 'no media'
);
select tests.forbidden(
  $$insert into lensers.profiles (id) values (gen_random_uuid())$$,
  'new row violates row-level security policy for table "profiles"', 'no profile'
);
select is_empty('select from lensers.user_roles', 'no role');
select is(billing.quote('m', '{"input": 2}') ->> 'credits', '2', 'they may ask for a quote');
select is(billing.calculate_credit_cost('m', '{"input": 2}'), 2::numeric, 'for a cost');
select is(
  ai.normalize_usage('openai_chat', '{"prompt_tokens": 3, "completion_tokens": 0}') ->> 'input', '3', 'and what a usage means'
);

select * from finish();
rollback;
