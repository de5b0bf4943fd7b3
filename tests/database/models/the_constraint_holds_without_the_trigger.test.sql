begin;
set local search_path = tap, pg_catalog;
select plan(2);

select tests.make_model(k.key) from (values ('a'), ('b')) as k (key);
alter table ai.models disable trigger models_clear_former_default_update;
select tests.violates(
  'update ai.models set is_default = true; set constraints all immediate', 'one_default_per_modality_and_task',
  'two defaults fail at the end of the transaction'
);
select lives_ok(
  $$
  update ai.models set is_default = true;
  update ai.models set is_default = false where key = 'a';
  set constraints all immediate
  $$,
  'and are possible on the way'
);

select * from finish();
rollback;
