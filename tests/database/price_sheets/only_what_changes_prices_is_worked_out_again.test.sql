begin;
set local search_path = tap, pg_catalog;
select plan(20);

-- Sheets are numbered as they are written: who keeps their numbers was not worked out again.
select tests.make_model('text');
select tests.make_price('text', 'input', 1);
select tests.make_price('text', 'input', 2, p_service_tier => 'batch');
select tests.make_model('image');
select tests.make_price('image', 'image', 3);
create function tests.numbers(p_model text) returns bigint[]
language sql
return (
  select array_agg(p.id order by p.id)
  from ratebook.price_sheets as p
  inner join ratebook.price_schedules as s on s.id = p.schedule_id
  inner join ai.models as m on m.id = s.model_id
  where m.key = p_model and s.source = 'manual'
);
create function tests.price(p_model text, p_meter text, p_tier text default 'standard') returns text
language sql
return (
  ratebook.find_sheet(tests.model_id(p_model), 'manual', 'USD', '{}', p_tier, null, null, ratebook.clock())
).prices ->> p_meter;
create temporary table numbered as select m.key, tests.numbers(m.key) as numbers from ai.models as m;
create function tests.rewritten(p_statement text) returns text
language plpgsql
as $$
declare
  v_models text;
begin
  execute p_statement;
  select string_agg(n.key, ' ' order by n.key) into v_models
  from numbered as n
  where n.numbers is distinct from tests.numbers(n.key);
  update numbered as n set numbers = tests.numbers(n.key);
  return v_models;
end;
$$;

select is(tests.rewritten(t.statement), null, t.statement)
from (
  values
  ($$update ai.meters set name = 'N', description = 'What it is.'$$),
  ($$update ai.meters set counts_as_input = not counts_as_input where key = 'output'$$),
  ($$update ai.meters set falls_back_to = falls_back_to$$),
  ($$insert into ai.meters (key, name, description, unit_type) values ('frame', 'F', 'F', 'image')$$),
  ($$delete from ai.meters where key = 'frame'$$),
  ($$update ai.service_tiers set description = 'How urgent.'$$),
  ($$insert into ai.service_tiers (key, description, tries_chain_first) values ('later', 'L', true)$$),
  ($$update ai.service_tiers set tries_chain_first = false where key = 'later'$$),
  ($$delete from ai.service_tiers where key = 'later'$$),
  ($$update ai.models set name = 'N', is_active = false, price_source = 'litellm', price_currency = 'EUR'$$),
  ($$update ai.models set price_source = 'manual', price_currency = 'USD', is_active = true$$),
  ($$delete from ai.models where key = 'image'$$)
) as t (statement);

select is(
  tests.rewritten(
    $$insert into ai.meters (key, name, description, unit_type, falls_back_to) values
    ('frame', 'F', 'F', 'image', 'image')$$
  ), 'image', 'a meter that falls back: the models that price what it falls back to'
);
select is(tests.price('image', 'frame'), '3', 'where it has a price now');
select is(
  tests.rewritten($$update ai.meters set falls_back_to = null where key = 'frame'$$), 'image', 'one that does no more'
);
select is(tests.price('image', 'frame'), null, 'has none');
select is(
  tests.rewritten($$update ai.meters set falls_back_to = 'output' where key = 'cache_read'$$), 'text',
  'another fallback: the models that price the one before'
);
select is(tests.price('text', 'cache_read'), null, 'which counts no more');
select is(
  tests.rewritten($$update ai.service_tiers set tries_chain_first = not tries_chain_first where key = 'batch'$$), 'text',
  'another order of a service tier: the models that have prices in it'
);
select is(
  tests.rewritten($$select tests.make_price('text', 'input', 4, '2025-02-01Z', p_source => 'other')$$), null,
  'a price of another source: that source alone'
);

select * from finish();
rollback;
