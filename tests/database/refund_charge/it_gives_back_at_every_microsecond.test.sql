begin;
set local search_path = tap, pg_catalog;
select plan(3);

select tests.freeze_clock('2030-01-15T12:00:00.000700Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 100);
create temporary table charged as select tests.charge('ada', 30) as id;

select is(
  (select billing.refund_charge(id, 10) #>> '{balance,posted}' from charged), '80', 'a part: 100 - 30 + 10'
);
select tests.freeze_clock('2030-01-15T12:00:00.000800Z');
select is((select billing.refund_charge(id) ->> 'amount' from charged), '20', 'then what is left of it, within the same millisecond');
select is(tests.entries('ada'), 'grant manual 100, charge manual -30, refund manual 10, refund manual 20', 'all of it in the ledger');

select * from finish();
rollback;
