begin;
set local search_path = tap, pg_catalog;
select plan(17);
select tests.make_admin('ada');
select tests.make_model('a');
select tests.make_model('b');
insert into ai.model_aliases (alias, model_id) values ('bee', tests.model_id('b'));
select tests.make_model('gone');
delete from ai.models where key = 'gone';

create function tests.entries() returns bigint
language sql security definer
return (select count(*) from lensers.audit_history as h where h.table_name = 'ai.models');
create temporary table counted as select tests.entries() as entries;
grant select on counted to authenticated;

select tests.authenticate_as('ada');
select results_eq(
  $$select key, is_active, is_default from ai.deactivate_models('{a,bee}')$$,
  $$values ('a', false, false), ('b', false, false)$$,
  'closed, by key and alias'
);
select results_eq(
  $$
  select count(*), count(distinct transaction_id), min(subject::text), min(role)
  from lensers.audit_history where table_name = 'ai.models' and after ? 'is_active' and operation = 'UPDATE'
    and before ->> 'is_active' = 'true' and not after ? 'deleted_at'
  $$,
  $$values (2::bigint, 1::bigint, tests.user_id('ada')::text, 'authenticated')$$,
  'two entries of one transaction in her name'
);
select results_eq(
  $$select key, is_active, is_default from ai.activate_models(array['b', tests.model_id('a')::text])$$,
  $$values ('a', true, false), ('b', true, false)$$,
  'opened, by key and id'
);
select is(tests.entries() - entries, 4::bigint, 'four changes, four entries') from counted;
select lives_ok($$select ai.activate_models('{a,b}')$$, 'opening what is open');
select is(tests.entries() - entries, 4::bigint, 'changes nothing') from counted;
select is_empty($$select ai.activate_models('{}')$$, 'none named, none changed');

select is(
  tests.error_of($$select ai.deactivate_models('{a,nope,b}')$$) ->> 'message', 'There is no model called "nope".',
  'an unknown one is named'
);
select is(
  (select count(*) from ai.models where key in ('a', 'b') and is_active), 2::bigint, 'and none is closed'
);
select tests.refused($$select ai.activate_models('{a,gone}')$$, 'deleted_model', 'PT409', 'a deleted one');
select tests.make_model('first');
update ai.models set is_default = true where key = 'first';
select tests.refused($$select ai.deactivate_models('{a,first}')$$, 'default_model', 'PT409', 'a default');
select is(is_default, true, 'stays one') from ai.models where key = 'first';
select tests.refused($$select ai.activate_models(null)$$, 'invalid_argument', 'PT422', 'NULL');
select tests.refused($$select ai.activate_models('{null}')$$, 'unknown_model', 'PT404', 'a NULL among them');

update ai.models set status = 'retired' where key = 'b';
select results_eq(
  $$select status::text, is_active from ai.activate_models('{b}')$$, $$values ('active', true)$$,
  'one that a catalogue retired is active again'
);

select tests.as_service();
select results_eq($$select is_active from ai.deactivate_models('{a}')$$, 'values (false)', 'the service role may');
select is(
  (select concat_ws(' ', role, subject) from lensers.audit_history order by id desc limit 1), 'service_role',
  'and it is written down as that'
);

select * from finish();
rollback;
