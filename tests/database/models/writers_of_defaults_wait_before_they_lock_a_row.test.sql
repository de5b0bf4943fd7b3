begin;
set local search_path = tap, pg_catalog;
select plan(5);

-- A statement that takes row locks first and the advisory lock later deadlocks with one that does it the other way
-- round: whatever may change a default has the advisory lock before its first row, even where it finds no row.
create function tests.takes_the_lock(p_statement text) returns boolean
language plpgsql
as $$
declare
  v_locked boolean;
begin
  begin
    execute p_statement;
    select exists (
      select from pg_catalog.pg_locks as l
      where
        l.pid = pg_backend_pid()
        and l.locktype = 'advisory'
        and l.database = (select d.oid from pg_catalog.pg_database as d where d.datname = current_database())
        and (l.classid::bigint << 32) + l.objid::bigint = hashtextextended('ratebook.defaults', 0)
    )
    into v_locked;
    raise exception sqlstate 'ZZ000';
  exception when sqlstate 'ZZ000' then
    return v_locked;
  end;
end;
$$;
select is(tests.takes_the_lock(s.statement), s.taken, s.statement)
from (
  values
  ('update ai.models set is_default = true where false', true),
  ($$update ai.models set modality = 'image' where false$$, true),
  ($$update ai.models set task = 'embedding' where false$$, true),
  ('delete from ai.models where false', true),
  ($$update ai.models set name = 'M' where false$$, false)
) as s (statement, taken);

select * from finish();
rollback;
