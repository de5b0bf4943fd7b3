begin;
set local search_path = tap, pg_catalog;
select plan(4);

select tests.freeze_clock('2026-01-01Z');
select tests.make_model('m');
select tests.make_price('m', 'input', 1);
select tests.make_price('m', 'output', 10);
select tests.make_price('m', 'input', 2, p_source => 'litellm');
select tests.make_price('m', 'output', 20, p_source => 'litellm');
select tests.make_price('m', 'input', 3, p_source => 'litellm', p_currency => 'EUR');
select tests.make_price('m', 'output', 30, p_source => 'litellm', p_currency => 'EUR');
select tests.freeze_clock('2026-03-01Z');
update ai.models set price_source = 'litellm' where key = 'm';
select tests.freeze_clock('2026-05-01Z');
update ai.models set price_currency = 'EUR' where key = 'm';
select tests.freeze_clock('2026-06-01Z');

select tests.as_anon();
select results_eq(
  $$
  select c.effective_from, c.input_cost_per_1m, c.output_cost_per_1m, c.currency, c.source
  from compat.rate_cards as c where c.model = 'm' order by 1
  $$,
  $$
  values
  ('2025-01-01Z'::timestamptz, 1000000::numeric, 10000000::numeric, 'USD', 'manual'),
  ('2026-03-01Z', 2000000, 20000000, 'USD', 'litellm'),
  ('2026-05-01Z', 3000000, 30000000, 'EUR', 'litellm')
  $$, 'a rate card for each time'
);
select is((select count(distinct c.id) from compat.rate_cards as c where c.model = 'm'), 3::bigint, 'with an id each');

select tests.as_service();
select ai.schedule_price('m', 'input', 7, '2026-04-01Z');
insert into compat.rate_cards (provider, model, input_cost_per_1m, output_cost_per_1m, currency, effective_from)
values ('acme', 'm', 8000000, 80000000, 'USD', '2026-02-15Z');
select results_eq(
  $$
  select c.effective_from, c.input_cost_per_1m, c.currency, c.source
  from compat.rate_cards as c where c.model = 'm' and c.effective_from between '2026-02-10Z' and '2026-04-10Z' order by 1
  $$,
  $$
  values
  ('2026-02-15Z'::timestamptz, 8000000::numeric, 'USD', 'manual'), ('2026-03-01Z', 2000000, 'USD', 'litellm'),
  ('2026-04-01Z', 7000000, 'USD', 'litellm')
  $$, 'a rate card of an earlier date too'
);
select tests.refused(
  $$
  insert into compat.rate_cards (provider, model, input_cost_per_1m, output_cost_per_1m, currency, effective_from)
  values ('acme', 'm', 1, 1, 'EUR', '2026-02-20Z')
  $$, 'invalid_argument', 'PT422', 'in the currency of then'
);

select * from finish();
rollback;
