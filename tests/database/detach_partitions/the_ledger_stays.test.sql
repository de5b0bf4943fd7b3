begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.refused(
  format('select ratebook.detach_partitions(%L, ''2100-01-01Z'')', t.name), 'invalid_argument', 'PT422', t.name::text
)
from (values ('billing.ledger_entries'), ('billing.charges'), ('billing.charge_costs')) as t (name);

select * from finish();
rollback;
