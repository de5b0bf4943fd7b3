begin;
set local search_path = tap, pg_catalog;
select plan(5);

select tests.refused(
  format('select ratebook.detach_statements(%L, ''2100-01-01Z'')', t.name), 'invalid_argument', 'PT422', t.name::text
)
from ratebook.partitioned_tables() as t (name) where t.name <> 'ai.generations'::regclass;
select isnt_empty(
  $$select ratebook.detach_statements('ai.generations', '2100-01-01Z')$$, 'the log of generations does not'
);

select * from finish();
rollback;
