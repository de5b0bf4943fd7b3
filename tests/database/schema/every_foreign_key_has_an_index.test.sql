begin;
set local search_path = tap, pg_catalog;
select plan(1);

select is_empty(
  $$
  select k.conrelid::regclass::text, k.conname::text
  from pg_catalog.pg_constraint as k
  inner join tests.tables as t on t.oid = k.conrelid
  where
    k.contype = 'f'
    and k.conparentid = 0
    and not exists (
      select
      from pg_catalog.pg_index as i
      where
        i.indrelid = k.conrelid
        -- What is NULL refers to nothing.
        and (
          i.indpred is null
          or pg_get_expr(i.indpred, i.indrelid) in (
            select format('(%I IS NOT NULL)', a.attname)
            from pg_catalog.pg_attribute as a
            where a.attrelid = k.conrelid and a.attnum = any(k.conkey)
          )
        )
        and (i.indkey::smallint [])[0:cardinality(k.conkey) - 1] @> k.conkey
    )
  order by 1, 2
  $$,
  'that leads with its columns'
);

select * from finish();
rollback;
