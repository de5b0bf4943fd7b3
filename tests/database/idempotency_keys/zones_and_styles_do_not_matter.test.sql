begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 100);
create temporary table charged as select tests.charge('ada', 10) as id;

create temporary table asked as
select * from (values
  ($$select billing.grant_credits(tests.user_id('ada'), 5, expires_at => '2030-02-01T00:00:00Z', idempotency_key => 'k')::text$$),
  ($$select billing.authorize_credits(tests.user_id('ada'), 5, expires_in => '1 hour 30 minutes', idempotency_key => 'k')::text$$),
  ($$select billing.refund_charge(id, 5, extend_to => '2030-02-01T00:00:00Z', idempotency_key => 'k')::text from charged$$),
  ($$select billing.create_recurring_grant(
    tests.user_id('ada'), 5, '1 month 2 days', starts_at => '2030-02-01T00:00:00Z', ends_at => '2031-02-01T00:00:00Z', idempotency_key => 'k'
  )::text$$)
) as t (statement);
create function tests.answer(p_statement text) returns text
language plpgsql
as $$
declare
  v_answer text;
begin
  execute p_statement into v_answer;
  return v_answer;
end;
$$;
create temporary table first as select statement, tests.answer(statement) as answer from asked;
set local time zone 'Europe/Berlin';
set local intervalstyle = 'iso_8601';
select is(tests.answer(statement), answer, substring(statement from 'billing\.(\w+)') || ': the same answer') from first;

select * from finish();
rollback;
