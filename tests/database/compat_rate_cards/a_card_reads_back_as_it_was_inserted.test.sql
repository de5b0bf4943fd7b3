begin;
set local search_path = tap, pg_catalog;
select plan(30);

select tests.freeze_clock('2026-03-01Z');
select tests.make_admin('root');
select tests.make_model('m');
update ai.models set provider_model_key = 'm-2026' where key = 'm';
create function pg_temp.cards() returns table (
  model text, input text, output text, cache_write text, cache_read text, currency text, at text, source text
) language sql as $$
  select
    c.model, c.input_cost_per_1m::text, c.output_cost_per_1m::text, c.cache_write_cost_per_1m::text,
    c.cache_read_cost_per_1m::text, c.currency, to_char(c.effective_from at time zone 'UTC', 'YYYY-MM-DD'), c.source
  from compat.rate_cards as c
  where c.provider = 'acme'
  order by c.effective_from
$$;

select results_eq(
  $$
  select c.name, c.type, c.default_value
  from tests.columns as c where c.relation = 'compat.rate_cards'::regclass order by c.position
  $$,
  $$
  values
  ('id', 'uuid', null), ('provider_id', 'uuid', null), ('provider', 'text', null), ('model', 'text', null), ('input_cost_per_1m', 'numeric', null),
  ('output_cost_per_1m', 'numeric', null), ('cache_write_cost_per_1m', 'numeric', null),
  ('cache_read_cost_per_1m', 'numeric', null), ('currency', 'text', '''USD''::text'),
  ('effective_from', 'timestamp with time zone', 'ratebook.clock()'), ('source', 'text', null),
  ('created_at', 'timestamp with time zone', null)
  $$,
  'the columns; there is no updated_at'
);

select tests.authenticate_as('root');
select results_eq(
  $$
  insert into compat.rate_cards (
    provider, model, input_cost_per_1m, output_cost_per_1m, cache_write_cost_per_1m, cache_read_cost_per_1m,
    effective_from, source
  )
  values ('acme', 'm-2026', 3, 15.00, 3.75, 0.3, '2026-01-01Z', 'price list of 2025-12-24')
  returning provider, model, input_cost_per_1m::text, cache_write_cost_per_1m::text, currency, source
  $$,
  $$values ('acme', 'm-2026', '3', '3.75', 'USD', 'price list of 2025-12-24')$$,
  'an insert returns the card'
);
select results_eq(
  'select * from pg_temp.cards()',
  $$values ('m-2026', '3', '15', '3.75', '0.3', 'USD', '2026-01-01', 'price list of 2025-12-24')$$, 'and so do reads'
);
select results_eq(
  $$
  select p.meter, p.price_per_unit::text, p.source, p.reference, ai.created_by(p)
  from ai.model_pricing as p order by p.meter
  $$,
  format(
    $$
    values
    ('cache_read', '0.0000003', 'manual', 'price list of 2025-12-24', %1$L::uuid),
    ('cache_write', '0.00000375', 'manual', 'price list of 2025-12-24', %1$L),
    ('input', '0.000003', 'manual', 'price list of 2025-12-24', %1$L),
    ('output', '0.00001500', 'manual', 'price list of 2025-12-24', %1$L)
    $$,
    tests.user_id('root')
  ),
  'it is four price rows, of one token, in the source that prices the model'
);

select lives_ok(
  $$
  insert into compat.rate_cards (provider, model, input_cost_per_1m, output_cost_per_1m)
  values ('acme', 'm', 3, 15)
  $$,
  'a card without cache prices, by the model''s key, from now on'
);
select results_eq(
  'select * from pg_temp.cards()',
  $$
  values
  ('m-2026', '3', '15', '3.75', '0.3', 'USD', '2026-01-01', 'price list of 2025-12-24'),
  ('m-2026', '3', '15', null, null, 'USD', '2026-03-01', 'manual')
  $$,
  'NULL stays NULL, whatever the card before says; equal prices are a card all the same'
);
select results_eq(
  $$select p.meter from ai.prices_in_force('m') as p order by p.meter$$, $$values ('input'), ('output')$$,
  'the cache prices have ended'
);

select lives_ok(
  $$
  insert into compat.rate_cards (
    provider, model, input_cost_per_1m, output_cost_per_1m, cache_read_cost_per_1m, effective_from
  )
  values ('acme', 'm', 0.000000123456789012, 0, 0, '2026-02-01Z')
  $$,
  'a card between two others'
);
select results_eq(
  'select input, output, cache_write, cache_read, at from pg_temp.cards()',
  $$
  values
  ('3', '15', '3.75', '0.3', '2026-01-01'),
  ('0.000000123456789012', '0', null, '0', '2026-02-01'),
  ('3', '15', null, null, '2026-03-01')
  $$,
  'keeps its digits, and the others what they said'
);

select tests.refused(
  format(
    'insert into compat.rate_cards (provider, model, input_cost_per_1m, output_cost_per_1m, effective_from%s) values (%s)',
    v.columns, v.card
  ),
  v.token, case v.token when 'unknown_model' then 'PT404' when 'duplicate_rate_card' then '23505' else 'PT422' end, v.card
)
from (
  values
  ('', $$'acme', 'm', 9, 9, '2026-02-01Z'$$, 'duplicate_rate_card'),
  ('', $$'acme', 'm-2026', 3, 15, '2026-03-01 01:00+01'$$, 'duplicate_rate_card'),
  ('', $$'nobody', 'm', 9, 9, '2026-02-02Z'$$, 'unknown_provider'),
  ('', $$'acme', 'x', 9, 9, '2026-02-02Z'$$, 'unknown_model'),
  ('', $$null, 'm', 9, 9, '2026-02-02Z'$$, 'invalid_argument'),
  ('', $$'acme', null, 9, 9, '2026-02-02Z'$$, 'invalid_argument'),
  ('', $$'acme', 'm', null, 9, '2026-02-02Z'$$, 'invalid_argument'),
  ('', $$'acme', 'm', 9, null, '2026-02-02Z'$$, 'invalid_argument'),
  ('', $$'acme', 'm', 9, 9, null$$, 'invalid_argument'),
  ('', $$'acme', 'm', 9, 9, 'infinity'$$, 'invalid_time'),
  ('', $$'acme', 'm', 'NaN', 9, '2026-02-02Z'$$, 'not_a_number'),
  ('', $$'acme', 'm', 9, -1, '2026-02-02Z'$$, 'negative_quantity'),
  (', currency', $$'acme', 'm', 9, 9, '2026-02-02Z', null$$, 'invalid_argument'),
  (', currency', $$'acme', 'm', 9, 9, '2026-02-02Z', 'EUR'$$, 'invalid_argument')
) as v (columns, card, token);
select is((select count(*) from pg_temp.cards()), 3::bigint, 'none of them has left anything');

select results_eq(
  format(
    $$
    insert into compat.rate_cards (provider_id, model, input_cost_per_1m, output_cost_per_1m, effective_from)
    values (%L, 'm', 5, 6, '2026-02-20Z') returning provider_id, provider
    $$,
    (select p.id from ai.providers as p)
  ),
  $$select p.id, 'acme' from ai.providers as p$$, 'a provider may be named by its id'
);
select lives_ok(
  $$
  insert into compat.rate_cards (provider_id, provider, model, input_cost_per_1m, output_cost_per_1m, effective_from)
  select p.id, 'acme', 'm', 5, 6, '2026-02-21Z' from ai.providers as p
  $$,
  'or by both'
);
select tests.refused(
  format(
    $$
    insert into compat.rate_cards (provider_id, provider, model, input_cost_per_1m, output_cost_per_1m)
    values (%L, %L, 'm', 5, 6)
    $$,
    v.id, v.name
  ),
  'unknown_provider', 'PT422', v.what
)
from (
  select p.id, 'other' as name, 'if they are one' as what from ai.providers as p
  union all
  select gen_random_uuid(), null, 'that is there'
) as v;

select tests.reset_role();
select tests.make_model('n', 'other');
select tests.authenticate_as('root');
insert into compat.rate_cards (provider, model, input_cost_per_1m, output_cost_per_1m, effective_from, source)
values ('other', 'n', 1, 2, '2026-02-01Z', 'later');
create temporary table later as select c.* from compat.rate_cards as c where c.model = 'n';
insert into compat.rate_cards (
  provider, model, input_cost_per_1m, output_cost_per_1m, cache_write_cost_per_1m, cache_read_cost_per_1m, effective_from
)
values ('other', 'n', 3, 4, 5, 6, '2026-01-01Z');
select results_eq(
  $$select c.* from compat.rate_cards as c where c.model = 'n' and c.effective_from = '2026-02-01Z'$$,
  'select * from later', 'a card before one without cache prices leaves it without'
);
select results_eq(
  $$select input_cost_per_1m, cache_read_cost_per_1m from compat.rate_cards where model = 'n' order by effective_from$$,
  $$values (3::numeric, 6::numeric), (1, null)$$, 'and has its own'
);

select * from finish();
rollback;
