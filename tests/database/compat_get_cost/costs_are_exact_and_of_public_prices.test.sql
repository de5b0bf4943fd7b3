begin;
set local search_path = tap, pg_catalog;
select plan(22);

select tests.make_model('gpt-4o-mini'), tests.make_model('dall-e-3'), tests.make_model('franc');
select tests.make_model('hidden', p_is_public => false), tests.make_model('secret'), tests.make_model('off');
update ai.models set modality = 'image' where key = 'dall-e-3';
update ai.models set price_currency = 'CHF' where key = 'franc';
update ai.models set is_active = false where key = 'off';
select tests.make_price(m.key, 'input', 0.00000015, p_is_public => m.key <> 'secret') from ai.models as m;
select tests.make_price(m.key, 'output', 0.0000006) from ai.models as m;
select tests.make_price('dall-e-3', 'image', 0.04), tests.make_price('gpt-4o-mini', 'input', 9, p_from => '2999-01-01');
insert into ai.model_pricing (model_id, meter, price_per_unit, context_threshold)
values (tests.model_id('gpt-4o-mini'), 'input', 0.0000003, 200000);
select tests.make_user('ada'), tests.make_admin();

select tests.authenticate_as('ada');
select is(compat.get_cost_for_tokens('gpt-4o-mini', 1000, 500)::text, '0.000450', '1,000 in and 500 out');
select is(compat.get_cost_for_tokens(model => 'gpt-4o-mini', input_tokens => 1, output_tokens => 0)::text, '0.00000015', 'no digit is lost');
select is(compat.get_cost_for_tokens('gpt-4o-mini', 300000, 0)::text, '0.090000', 'context tiers count, as in every quote');
select is(compat.get_cost_for_tokens('gpt-4o-mini', 0, 0)::text, '0.000000', 'nothing used costs nothing');
select is(compat.get_cost_for_images('dall-e-3', 1)::text, '0.0400', 'an image');
select is(compat.get_cost_for_images(model => 'dall-e-3', num_images => 3)::text, '0.1200', 'three images');
select is(compat.get_cost_for_images('dall-e-3')::text, '0.0400', 'one, if nothing is said');
select is(compat.get_cost_for_tokens('off', 1000, 500)::text, '0.000450', 'an inactive model has its price');

select tests.refused('select compat.get_cost_for_images(''gpt-4o-mini'', 1)', 'no_price', 'PT422', 'no price is an error, not zero');
select tests.refused('select compat.get_cost_for_tokens(''gpt-4o-mini'', -1, 0)', 'negative_quantity', 'PT422', 'a negative count');
select tests.refused('select compat.get_cost_for_tokens(''gpt-4o-mini'', null, 0)', 'not_a_number', 'PT422', 'no count');
select tests.refused(
  'select compat.get_cost_for_tokens(''gpt-4o-mini'', 1000000000001, 0)', 'quantity_out_of_range', 'PT422', 'too many'
);
select tests.refused('select compat.get_cost_for_tokens(''franc'', 1, 0)', 'invalid_argument', 'PT422', 'another currency is not dollars');
select tests.refused('select compat.get_cost_for_tokens(''gpt-99'', 1, 0)', 'unknown_model', 'PT404', 'an unknown model');
select is(
  tests.error_of('select compat.get_cost_for_tokens(''gpt-99'', 1, 0)') ->> 'hint',
  'Valid models: dall-e-3, franc, gpt-4o-mini, secret.',
  'names the active ones that the caller may see'
);
select is(
  replace(tests.error_of('select compat.get_cost_for_tokens(''hidden'', 1, 0)')::text, 'hidden', 'gpt-99'),
  tests.error_of('select compat.get_cost_for_tokens(''gpt-99'', 1, 0)')::text,
  'a hidden model answers like an unknown one'
);
select tests.refused(
  'select compat.get_cost_for_tokens(''secret'', 1, 0)', 'not_allowed', '42501', 'a price that is not public stays unseen'
);
select is(compat.get_cost_for_tokens('secret', 0, 1)::text, '0.0000006', 'the public one beside it does not');
select is(compat.get_display_with_pricing('secret'), 'Secret', 'nor is it displayed');
select tests.refused('select compat.get_display_with_pricing(''hidden'')', 'unknown_model', 'PT404', 'nor is a hidden model');

select tests.authenticate_as('admin');
select is(compat.get_cost_for_tokens('secret', 1000, 500)::text, '0.000450', 'an admin sees the one');
select is(compat.get_cost_for_tokens('hidden', 1000, 500)::text, '0.000450', 'and the other');

select * from finish();
rollback;
