begin;
set local search_path = tap, pg_catalog;
select plan(15);

create function tests.severity_of(p_check text) returns text
language sql
return (
  select c.severity || case when c.severity = 'ok' then '' else ': ' || c.message end
  from ai.self_check() as c where c.check_name = p_check
);
create function tests.error_with(p_check text, p_statement text) returns text
language plpgsql
as $$
declare
  v_answer text;
begin
  begin
    execute p_statement;
    v_answer := tests.severity_of(p_check);
    raise exception sqlstate 'ZZ000';
  exception when sqlstate 'ZZ000' then
    return v_answer;
  end;
end;
$$;
select tests.freeze_clock('2030-01-15T00:00:00Z');
select tests.extend_partitions();

select is(tests.severity_of('partitions_locked'), 'ok', 'at first');
select matches(
  tests.error_with('partitions_locked', s.statement), '^error: .*ai_generations_2030_01', s.statement
)
from (
  values
  ('grant select on ratebook.ai_generations_2030_01 to anon'),
  ('grant truncate on ratebook.ai_generations_2030_01 to service_role'),
  ('grant insert on ratebook.ai_generations_2030_01 to public'),
  ('alter table ratebook.ai_generations_2030_01 disable row level security'),
  ('drop trigger refuse_truncate on ratebook.ai_generations_2030_01'),
  ('alter table ratebook.ai_generations_2030_01 disable trigger refuse_truncate')
) as s (statement);
select is(tests.severity_of('months_detached'), 'ok', 'and all in their place');
do $$ begin alter table ai.generations detach partition ratebook.ai_generations_2030_01; end $$;
select is(
  tests.severity_of('months_detached'),
  'warning: ratebook.ai_generations_2030_01 is out of its log, and of erasures: archive and drop it.',
  'a month that was detached'
);
select is(tests.severity_of('partitions_locked'), 'ok', 'it is closed as it was');
select matches(
  tests.error_with('partitions_locked', 'grant select on ratebook.ai_generations_2030_01 to anon'),
  '^error: .*ai_generations_2030_01', 'and looked after'
);
select matches(
  tests.error_with('row_security', s.statement), '^error: Tables without row security: ' || s.name, s.statement
)
from (
  values
  ('alter table ai.models disable row level security', 'ai.models'),
  ('alter table ai.generations disable row level security', 'ai.generations')
) as s (statement, name);
-- The clock is the tests' own here.
select matches(
  tests.error_with('as_migrated', s.statement), '^error: Not what the migrations made: .*' || s.said, s.statement
)
from (
  values
  ('drop policy models_insert_admin on ai.models', 'policy models_insert_admin on ai.models is missing'),
  ('alter table ai.models add column mine text', 'table ai.models was changed')
) as s (statement, said);

select * from finish();
rollback;
