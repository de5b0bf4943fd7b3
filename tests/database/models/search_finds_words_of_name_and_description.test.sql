begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_model(k.key) from (values ('a'), ('b'), ('c')) as k (key);
update ai.models set name = 'GPT-4o mini', description = 'Fast & Affordable' where key = 'a';
update ai.models set name = 'Fast one', description = null where key = 'b';
update ai.models set name = 'Slow', description = 'breakfast' where key = 'c';
select results_eq(
  $$select key from ai.models where search @@ plainto_tsquery('simple', 'FAST') order by key$$,
  $$values ('a'), ('b')$$, 'in either, whatever the case, as a word'
);
select results_eq(
  $$select key from ai.models where search @@ plainto_tsquery('simple', 'mini affordable')$$,
  $$values ('a')$$, 'all words, across both'
);
select is_empty($$select key from ai.models where search @@ plainto_tsquery('simple', 'none')$$, 'nothing else');
update ai.models set description = 'Now fast' where key = 'c';
select results_eq(
  $$select key from ai.models where search @@ to_tsquery('simple', 'now & fast')$$, $$values ('c')$$,
  'a change is found at once'
);

select * from finish();
rollback;
