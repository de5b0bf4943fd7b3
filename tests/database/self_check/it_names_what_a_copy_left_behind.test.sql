begin;
set local search_path = tap, pg_catalog;
select plan(11);

create function tests.severity_of(p_check text) returns text
language sql
return (select c.severity || ': ' || c.message from ai.self_check() as c where c.check_name = p_check);

select tests.make_price('m', 'input', 1) from tests.make_model('m');
select is(tests.severity_of('price_sheets'), 'ok: Every price has its sheets.', 'at first');
set local session_replication_role = replica;
select tests.make_price('m', 'output', 1, '2025-02-01Z');
set local session_replication_role = origin;
select matches(
  tests.severity_of('price_sheets'), '^error: Price sheets and prices differ for model ' || tests.model_id('m') || '\.',
  'a price that came without its sheets'
);
select ratebook.rebuild_prices(array[(tests.model_id('m'), 'manual', 'USD', '-infinity')::ratebook.changed_prices]);
select is(tests.severity_of('price_sheets'), 'ok: Every price has its sheets.', 'rebuilt');
select matches(
  tests.severity_of('list_prices'), '^error: The list prices .* for model ' || tests.model_id('m') || '\.', 'which the catalogue lists not yet'
);
select ratebook.write_list_prices(array[tests.model_id('m')], '-infinity');
select is(tests.severity_of('list_prices'), 'ok: The catalogue lists what the price sheets say.', 'listed');
delete from ratebook.list_prices;
select matches(tests.severity_of('list_prices'), '^error', 'an empty list');
set local session_replication_role = replica;
delete from ratebook.price_schedules;
set local session_replication_role = origin;
select matches(tests.severity_of('price_sheets'), '^error', 'no schedule at all');

-- What pg_restore --data-only --disable-triggers leaves.
select matches(tests.severity_of('history_guarded'), '^ok', 'at first');
alter table billing.ledger_entries enable trigger all;
select matches(
  tests.severity_of('history_guarded'), '^error: .*ledger_entries_refuse_change on billing\.ledger_entries,', 'less than always'
);
alter table billing.ledger_entries enable always trigger ledger_entries_refuse_change;
alter table billing.ledger_entries enable always trigger ledger_entries_refuse_truncate;
select matches(tests.severity_of('history_guarded'), '^ok', 'always again');
alter table ai.model_pricing disable trigger model_pricing_refuse_change;
select matches(
  tests.severity_of('history_guarded'), '^error: .*: model_pricing_refuse_change on ai\.model_pricing\.', 'not at all'
);

select * from finish();
rollback;
