begin;
set local search_path = tap, pg_catalog;
select plan(8);

create function tests.check_of_sequences() returns text
language sql
return (select c.severity || ': ' || left(c.message, 60) from ai.self_check() as c where c.check_name = 'sequences_ahead');

select is(tests.check_of_sequences(), 'ok: Every sequence is ahead of its table.', 'at first');
select is(ratebook.advance_sequences(), 0, 'nothing to do');
-- What a subscriber has: rows, and sequences that never moved.
select tests.make_price('m', 'input', 1) from tests.make_model('m');
select setval('lensers.audit_history_id_seq', 1), setval('ratebook.price_schedules_id_seq', 1, false);
select is(
  tests.check_of_sequences(), 'error: The next numbers are taken already: lensers.audit_history, r',
  'the self-check names them'
);
select throws_ok('update ai.models set name = ''N''', '23505', null, 'where the next entry collides');
select is(ratebook.advance_sequences(), 2, 'both are set');
select is(
  currval('lensers.audit_history_id_seq'), (select max(id) from lensers.audit_history), 'to the highest that is taken'
);
select is(tests.check_of_sequences(), 'ok: Every sequence is ahead of its table.', 'all is well');
select lives_ok('update ai.models set name = ''N''', 'the next entry has a number of its own');

select * from finish();
rollback;
