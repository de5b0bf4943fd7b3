begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.make_admin('ada');
select tests.make_model(m.key) from (values ('old'), ('new')) as m (key);
select tests.make_model('secret', p_is_public => false);
select tests.make_model('cellar', p_is_public => false);

select tests.authenticate_as('ada');
select tests.refused(
  $$update ai.models set successor_id = tests.model_id('secret'), succeeded_at = '2026-06-01Z' where key = 'old'$$,
  'invalid_argument', 'PT422', 'a hidden one succeeds no public one'
);
select lives_ok($$select ai.retire_model('old', 'new')$$, 'a public one does');
select tests.refused(
  $$update ai.models set is_public = false where key = 'new'$$, 'invalid_argument', 'PT422', 'and is not hidden then'
);
select lives_ok(
  $$update ai.models set successor_id = tests.model_id('secret'), succeeded_at = '2026-06-01Z' where key = 'cellar'$$,
  'a hidden one succeeds a hidden one'
);
select tests.refused(
  $$update ai.models set is_public = true where key = 'cellar'$$, 'invalid_argument', 'PT422', 'which is not shown then'
);
select lives_ok(
  $$update ai.models set is_public = true where key in ('cellar', 'secret')$$, 'both at once are shown'
);
select lives_ok(
  $$update ai.models set is_public = false where key in ('cellar', 'secret')$$, 'and hidden'
);
select lives_ok($$update ai.models set is_public = false where key in ('old', 'new')$$, 'in either order');

select tests.as_anon();
select is_empty(
  $$select m.successor_id from ai.models as m where m.successor_id is not null$$, 'nobody reads the id of a hidden one'
);

select * from finish();
rollback;
