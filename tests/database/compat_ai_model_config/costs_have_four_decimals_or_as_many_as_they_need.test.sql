begin;
set local search_path = tap, pg_catalog;
select plan(7);

select tests.make_model(m.key) from (values ('text'), ('odd'), ('half'), ('none'), ('franc')) as m (key);
select tests.make_model('image');
update ai.models set modality = 'image' where key = 'image';
update ai.models set price_currency = 'CHF' where key = 'franc';
select tests.make_price('text', 'input', 0.00000015), tests.make_price('text', 'output', 0.0000006);
select tests.make_price('odd', 'input', 0.000000000012345678), tests.make_price('odd', 'output', 0);
select tests.make_price('half', 'input', 0.000001), tests.make_price('image', 'image', 0.04);
select tests.make_price('franc', 'input', 1, p_currency => 'CHF'), tests.make_price('franc', 'output', 1, p_currency => 'CHF');
create temporary view shown as
select c.model_name, c.input_cost_per_1m, c.output_cost_per_1m, c.cost_per_image, c.pricing_display
from compat.ai_model_config as c;

select results_eq(
  format('select input_cost_per_1m, output_cost_per_1m, cost_per_image, pricing_display from shown where model_name = %L', v.name),
  format('values (%L::text, %L::text, %L::text, %L::text)', v.input, v.output, v.image, v.display),
  v.what
)
from (
  values
  ('text', '0.1500', '0.6000', null, '$0.1500/$0.6000 per 1M', 'four decimals'),
  ('image', null, null, '0.0400', '$0.0400 per image', 'of an image too'),
  ('odd', '0.000012345678', '0.0000', null, '$0.000012345678/$0.0000 per 1M', 'more where it has more; 0 is free'),
  ('half', '1.0000', null, null, null, 'half a price is not shown as a whole one'),
  ('none', null, null, null, null, 'no price is none'),
  ('franc', null, null, null, null, 'another currency is not shown as dollars')
) as v (name, input, output, image, display, what);
select is(
  array(select s.display from (select compat.get_display_with_pricing(m.key) as display, m.key from ai.models as m) as s order by s.key),
  '{Franc,Half,"Image - $0.0400 per image",None,"Odd - $0.000012345678/$0.0000 per 1M","Text - $0.1500/$0.6000 per 1M"}',
  'get_display_with_pricing() puts the name in front'
);

select * from finish();
rollback;
