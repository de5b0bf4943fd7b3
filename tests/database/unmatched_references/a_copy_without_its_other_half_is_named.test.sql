begin;
set local search_path = tap, pg_catalog;
select plan(4);
select tests.make_unit_price();
select tests.make_wallet('ada', 100);
select tests.charge('ada', 1);
select is_empty('select * from ratebook.unmatched_references()', 'everything has what it refers to');

set local session_replication_role = replica;
update ai.models set provider_id = gen_random_uuid();
update ai.meters set falls_back_to = 'nothing' where key in ('input', 'output');
delete from billing.accounts;
set local session_replication_role = origin;
select results_eq(
  'select table_name, constraint_name, unmatched from ratebook.unmatched_references()',
  $$
  values
  ('ai.meters', 'meters_falls_back_to_fkey'::text, 2::bigint), ('ai.models', 'models_provider_id_fkey', 1),
  ('billing.grants', 'grants_account_id_fkey', 1)
  $$,
  'each key with its rows; of a partitioned table once'
);
select isnt_empty(
  $$
  select from pg_catalog.pg_constraint as c
  inner join ratebook.own_relations() as r on r.id = c.conrelid
  where c.contype = 'f' and cardinality(c.conkey) = 2
  $$,
  'keys of two columns are among them'
);
select is_empty(
  $$select * from ratebook.unmatched_references() where table_name = 'ai.generations'$$, 'a part that is NULL refers to nothing'
);

select * from finish();
rollback;
