begin;
set local search_path = tap, pg_catalog;
select plan(6);

-- One credit a token, from a price that is public: what is hidden is the model. Each charge has an amount of its own.
select tests.freeze_clock('2030-01-15T12:00:00Z');
select tests.make_unit_price();
select tests.make_wallet('ada', 1000);
create function tests.shown(p_credits numeric) returns text
language sql
return (
  select concat_ws(' ', l.value ->> 'price_meter', l.value ->> 'unit_price', l.value ->> 'cost')
  from billing.charges as c, jsonb_array_elements(c.lines) as l
  where c.credits = p_credits
);

select tests.charge('ada', 10);
select is(tests.shown(10), 'input 1 10', 'a model that is not hidden shows its price');

update ai.models set is_public = false where key = 'm';
select tests.charge('ada', 11);
select is(tests.shown(11), '', 'a hidden one does not, though its price is public');
select billing.charge_generations(
  jsonb_build_array(jsonb_build_object('account', tests.user_id('ada'), 'model', 'm', 'usage', '{"input": 12}'::jsonb))
);
select is(tests.shown(12), '', 'nor does it where many are charged');
select billing.capture_hold(tests.hold('ada', 20), usage => '{"input": 13}');
select is(tests.shown(13), '', 'nor where a hold is captured');
select is(
  (select string_agg(trim_scale(k.cost)::text, ' ' order by k.cost) from billing.charge_costs as k), '10 11 12 13',
  'what it cost is kept for admins'
);

update ai.models set is_public = true where key = 'm';
select tests.charge('ada', 14);
select is(tests.shown(14), 'input 1 14', 'public again, it shows its price');

select * from finish();
rollback;
