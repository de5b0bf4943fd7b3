begin;
set local search_path = tap, pg_catalog;
select plan(14);

create function tests.refusal_after(p_statement text) returns text
language plpgsql
as $$
declare
  v_answer text;
begin
  begin
    execute p_statement;
    v_answer := tests.error_of('select ratebook.forget_reference_rows()') #>> '{detail,tables}';
    raise exception sqlstate 'ZZ000';
  exception when sqlstate 'ZZ000' then
    return v_answer;
  end;
end;
$$;
select tests.make_user('bob');

select is(tests.refusal_after(w.statement), w.named, w.statement)
from (
  values
  ('insert into ai.providers (key, name) values (''p'', ''P'')', '["ai.providers"]'),
  (
    'insert into ai.meters (key, name, description, unit_type) values (''blink'', ''B'', ''B'', ''request'')',
    '["ai.meters"]'
  ),
  ('update ai.meters set name = ''Bytes'' where key = ''input''', '["ai.meters"]'),
  ('delete from ai.service_tiers where key = ''decisions''', '["ai.service_tiers"]'),
  (
    'insert into ai.features (key) values (''chat''); delete from ai.features', '["ai.features"]'
  ),
  ('insert into lensers.profiles (display_name) values (''system'')', '["lensers.profiles"]'),
  (
    'set local session_replication_role = replica;
    insert into ai.features (key) values (''chat'');
    set local session_replication_role = origin',
    '["ai.features"]'
  ),
  (
    'select set_config(''request.headers'', ''{"x-request-id": "ratebook migration"}'', true), tests.as_service();
    update ai.providers set name = ''x'' where false; insert into ai.features (key) values (''chat'');
    select tests.reset_role(), set_config(''request.headers'', '''', true)',
    '["ai.features"]'
  )
) as w (statement, named);
select tests.make_price('m', 'input', 1) from tests.make_model('m');
select tests.refused('select ratebook.forget_reference_rows()', 'not_empty', 'PT409', 'refused');
select is((select count(*) from ai.meters), 43::bigint, 'every meter is still there');
select is(
  (
    select t.tgenabled from pg_catalog.pg_trigger as t where t.tgname = 'audit_history_refuse_change'
  ),
  'A', 'and the guard of the history'
);

select tests.as_service();
select tests.forbidden('select ratebook.forget_reference_rows()', 'permission denied for schema ratebook', 'service role');
select tests.forbidden('select ratebook.advance_sequences()', 'permission denied for schema ratebook', 'nor this');
select tests.forbidden('select ratebook.unmatched_references()', 'permission denied for schema ratebook', 'nor that');

select * from finish();
rollback;
