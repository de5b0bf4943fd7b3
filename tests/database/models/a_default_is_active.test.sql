begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.make_model(k.key) from (values ('a'), ('b')) as k (key);
update ai.models set is_active = false where key = 'a';
update ai.models set is_default = true where key = 'b';
select tests.refused(
  $$update ai.models set is_default = true where key = 'a'$$, 'inactive_model', 'PT409', 'an inactive model is no default'
);
select is(is_default, true, 'the former default stays') from ai.models where key = 'b';
select tests.refused(
  $$update ai.models set is_active = false where key = 'b'$$, 'default_model', 'PT409', 'a default is not switched off'
);
select lives_ok(
  $$update ai.models set is_active = false, is_default = false where key = 'b'$$, 'but together with being the default'
);

select * from finish();
rollback;
