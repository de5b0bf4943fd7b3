begin;
set local search_path = tap, pg_catalog;
select plan(13);

select tests.freeze_clock('2026-01-01T00:00:00Z');
select tests.make_admin(), tests.make_provider('acme'), tests.make_provider('other');
select tests.authenticate_as('admin');
create temporary view prices as
select m.key, p.meter, p.price_per_unit, p.effective_from::date as effective_from
from ai.model_pricing as p
inner join ai.models as m on m.id = p.model_id;

select results_eq(
  $$
  insert into compat.ai_model_config (
    model_name, display_name, model_type, provider, input_cost_per_1m, output_cost_per_1m, context_window,
    max_output_tokens, supports_json_mode, is_default, sort_order, description
  )
  values ('a', 'A', 'text', 'acme', '0.1500', '0.60', 128000, 16000, true, true, 3, 'Fast')
  returning model_name, pricing_display, is_active, is_default, updated_by
  $$,
  $$values ('a', '$0.1500/$0.6000 per 1M', true, true, tests.user_id('admin'))$$,
  'the row that was made comes back'
);
select results_eq(
  $$
  select
    key, provider_model_key, name, provider_id, modality, task, capabilities::text, context_window, max_tokens, supports,
    is_default, priority, description, price_source
  from ai.models
  $$,
  $$
  values (
    'a', 'a', 'A', (select id from ai.providers where key = 'acme'), 'text', 'generation', '{text_generation}', 128000,
    16000, '{json_mode}'::text [], true, 3, 'Fast', 'manual'
  )
  $$,
  'column by column'
);
select results_eq(
  'select * from prices order by meter',
  $$values ('a', 'input', 0.00000015, '2026-01-01'::date), ('a', 'output', 0.0000006, '2026-01-01')$$,
  'and its prices'
);
insert into compat.ai_model_config (model_name, display_name, model_type, provider, cost_per_image, valid_sizes)
values ('b', 'B', 'image', 'acme', '0.0400', '{1x1,2x2}');
select results_eq(
  $$select modality, capabilities::text, valid_sizes from ai.models where key = 'b'$$,
  $$values ('image', '{image_generation}', '{1x1,2x2}'::text [])$$,
  'an image model'
);

select tests.reset_role();
select tests.freeze_clock('2026-02-01T00:00:00Z');
select tests.authenticate_as('admin');
update compat.ai_model_config set input_cost_per_1m = '0.15', output_cost_per_1m = '0.7' where model_name = 'a';
select results_eq(
  $$select * from prices where effective_from = '2026-02-01'$$,
  $$values ('a', 'output', 0.0000007, '2026-02-01'::date)$$,
  'a cost that differs is a dated row, one that is the same is none'
);
update compat.ai_model_config set output_cost_per_1m = null where model_name = 'a';
select tests.refused(
  'select compat.get_cost_for_tokens(''a'', 1, 1)', 'no_price', 'PT422', 'a cost that is cleared is no price, and not free'
);
select is(
  (select price_per_unit from ai.prices_in_force('a', '2026-01-15') where meter = 'output'), 0.0000006,
  'last month keeps its price'
);

insert into compat.ai_model_config (model_name, display_name, model_type, provider, is_default)
values ('c', 'C', 'text', 'other', true);
select results_eq(
  'select model_name from compat.ai_model_config where is_default', $$values ('c')$$, 'a new default clears the former one'
);
update ai.models set is_default = true where key = 'a';
select results_eq(
  'select model_name from compat.ai_model_config where is_default', $$values ('a')$$, 'so does one that is set in the core'
);
update compat.ai_model_config set is_default = true where model_name = 'b';
select results_eq(
  'select model_name from compat.ai_model_config where is_default order by 1', $$values ('a'), ('b')$$, 'each type has its own'
);

-- What a write does not name stays: others may have changed it since.
update ai.models set supports = '{reasoning,json_mode}', provider_model_key = 'a-2025' where key = 'a';
update compat.ai_model_config set model_name = 'a1', supports_json_mode = false, supports_vision = true, provider = 'other'
where model_name = 'a';
select results_eq(
  $$select m.key, m.provider_model_key, m.supports, p.key from ai.models as m inner join ai.providers as p on p.id = m.provider_id where m.key = 'a1'$$,
  $$values ('a1', 'a-2025', '{reasoning,vision}'::text [], 'other')$$,
  'renamed, moved, and all else as it was'
);
update compat.ai_model_config set model_name = 'b1' where model_name = 'b';
select is(provider_model_key, 'b1', 'the provider''s own identifier follows where it was the same') from ai.models where key = 'b1';
select tests.violates(
  $$insert into compat.ai_model_config (model_name, display_name, model_type, provider) values ('c', 'C', 'text', 'acme')$$,
  'models_key_key', 'a name is there once'
);

select * from finish();
rollback;
