begin;
set local search_path = tap, pg_catalog;
select plan(54);

-- Models a, b, c in that order, all alike but for what a rule looks at.
select tests.make_provider('acme'), tests.make_provider('other');
select tests.make_model('a'), tests.make_model('b', 'other'), tests.make_model('c');
select tests.make_route('chat', 'a', 1), tests.make_route('chat', 'b', 2), tests.make_route('chat', 'c', 3);

select is(tests.routed('chat'), 'a b c', 'lower priority first');
update ai.feature_model_policies as p set priority = -1 where p.model_id = tests.model_id('c');
select is(tests.routed('chat'), 'c a b', 'a route that comes first now');
update ai.feature_model_policies as p set priority = 3 where p.model_id = tests.model_id('c');

insert into ai.features (key) values ('empty');
select is_empty($$select * from ai.route_feature('empty')$$, 'no candidate is an empty list');
select tests.refused($$select ai.route_feature('nope')$$, 'unknown_feature', 'PT404', 'a feature that is not there');
select tests.refused($$select ai.route_feature(null)$$, 'unknown_feature', 'PT404', 'no feature');

update ai.features as f set is_active = false where f.key = 'chat';
select is(tests.routed('chat'), null, 'an inactive feature');
select is(
  tests.rejected('chat'), 'a: inactive_feature, b: inactive_feature, c: inactive_feature', 'an inactive feature is the reason'
);
update ai.features as f set is_active = true where f.key = 'chat';

update ai.feature_model_policies as p set is_active = false where p.model_id = tests.model_id('a');
select is(tests.routed('chat'), 'b c', 'an inactive route');
select is(tests.rejected('chat'), 'a: inactive_route', 'an inactive route is the reason');
update ai.feature_model_policies as p set is_active = true where p.model_id = tests.model_id('a');

update ai.models as m set is_active = false where m.key = 'a';
select is(tests.routed('chat'), 'b c', 'an inactive model');
select is(tests.rejected('chat'), 'a: inactive_model', 'an inactive model is the reason');
update ai.models as m set is_active = true where m.key = 'a';

update ai.models as m set status = 'retired' where m.key = 'a';
select is(tests.routed('chat'), 'b c', 'a retired model');
select is(tests.rejected('chat'), 'a: retired_model', 'a retired model is the reason');
update ai.models as m set status = 'deprecated' where m.key = 'a';
select is(tests.routed('chat'), 'a b c', 'a deprecated model still answers');
update ai.models as m set status = 'active' where m.key = 'a';

update ai.providers as p set is_active = false where p.key = 'acme';
select is(tests.routed('chat'), 'b', 'an inactive provider takes all its models along');
select is(tests.rejected('chat'), 'a: inactive_provider, c: inactive_provider', 'an inactive provider is the reason');
update ai.providers as p set is_active = true where p.key = 'acme';

update ai.feature_model_policies as p set weight = 0 where p.model_id = tests.model_id('b');
select is(tests.routed('chat'), 'a c', 'a weight of 0 receives nothing');
select is(tests.rejected('chat'), 'b: no_weight', 'a weight of 0 is the reason');
update ai.feature_model_policies as p set weight = 1 where p.model_id = tests.model_id('b');

-- What is asked of the models.
update ai.models as m set capabilities = '{text_generation,image_generation}' where m.key = 'a';
update ai.models as m set capabilities = '{text_generation}' where m.key = 'b';
select is(tests.routed('chat', '{"capabilities": ["text_generation"]}'), 'a b', 'one capability');
select is(tests.routed('chat', '{"capabilities": ["image_generation", "text_generation"]}'), 'a', 'both capabilities');
select is(tests.routed('chat', '{"capabilities": []}'), 'a b c', 'no capability asked');
select is(tests.rejected('chat', '{"capabilities": ["image_generation"]}'), 'b: capabilities, c: capabilities', 'capabilities are the reason');

update ai.models as m set supports = '{vision,streaming}' where m.key = 'b';
update ai.models as m set supports = '{vision}' where m.key = 'c';
select is(tests.routed('chat', '{"supports": ["vision"]}'), 'b c', 'what is supported');
select is(tests.routed('chat', '{"supports": ["streaming", "vision"]}'), 'b', 'all that is asked is supported');
select is(tests.rejected('chat', '{"supports": ["vision"]}'), 'a: supports', 'support is the reason');

update ai.models as m set context_window = 128000, max_tokens = 4096 where m.key = 'a';
update ai.models as m set context_window = 8192, max_tokens = 8192 where m.key = 'b';
select is(tests.routed('chat', '{"context_window": 8192}'), 'a b', 'at least that many tokens; one that does not say is left out');
select is(tests.routed('chat', '{"context_window": 8193}'), 'a', 'one token more');
select is(tests.rejected('chat', '{"context_window": 128001}'), 'a: context_window, b: context_window, c: context_window', 'the context window is the reason');
select is(tests.routed('chat', '{"max_tokens": 5000}'), 'b', 'the longest answer');

update ai.models as m set modality = 'image' where m.key = 'b';
update ai.models as m set task = 'embedding' where m.key = 'c';
select is(tests.routed('chat', '{"modality": "text"}'), 'a c', 'modality');
select is(tests.routed('chat', '{"modality": "text", "task": "generation"}'), 'a', 'modality and task');
select is(tests.rejected('chat', '{"modality": "text", "task": "generation"}'), 'b: modality, c: task', 'each its own reason');

update ai.models as m set valid_sizes = '{512x512,1024x1024}' where m.key = 'a';
update ai.models as m set valid_sizes = '{512x512}' where m.key = 'b';
select tests.make_price('b', 'image', 0.08, p_variant => '2048x2048');
select is(tests.routed('chat', '{"size": "1024x1024"}'), 'a c', 'a size; one that names none takes any');
select is(tests.routed('chat', '{"size": "2048x2048"}'), 'b c', 'a size that has a price');
select is(tests.rejected('chat', '{"size": "2048x2048"}'), 'a: size', 'the size is the reason');

select is(tests.routed('chat', '{"exclude_providers": ["acme"]}'), 'b', 'an excluded provider');
select is(tests.routed('chat', '{"exclude_providers": ["acme", "other", "nobody"]}'), null, 'all excluded');
select is(tests.rejected('chat', '{"exclude_providers": ["other"]}'), 'b: excluded_provider', 'the provider is the reason');

select tests.make_price('a', 'input', 1, p_region => 'eu');
select tests.make_price('c', 'input', 1), tests.make_price('c', 'input', 2, p_region => 'us');
select is(tests.routed('chat', '{"region": "eu"}'), 'a b c', 'a region of its own, of another meter, of all');
select is(tests.routed('chat', '{"region": "us"}'), 'b c', 'a model that is priced for another region only');
select is(tests.rejected('chat', '{"region": "us"}'), 'a: region', 'the region is the reason');

-- Several at once, and none of what is not asked.
select is(
  tests.rejected('chat', '{"modality": "image", "exclude_providers": ["acme"], "context_window": 100000}'),
  'a: excluded_provider modality, b: context_window, c: excluded_provider modality context_window', 'every reason, not the first'
);

-- What is no requirement.
select tests.refused(format('select ai.route_feature(%L, %L)', 'chat', r.asked), 'invalid_argument', 'PT422', r.asked)
from (values
  ('[]'), ('{"vision": true}'), ('{"supports": "vision"}'), ('{"supports": [1]}'), ('{"capabilities": ["flying"]}'),
  ('{"context_window": "many"}'), ('{"context_window": -1}'), ('{"max_cost": 1}'), ('{"modality": null}')
) as r (asked);
select tests.refused(
  $$select ai.route_feature('chat', '{"usage": {"input": 1}, "service_tier": "soon"}')$$, 'unknown_service_tier', 'PT422',
  'a tier that is not there'
);
select tests.refused(
  $$select ai.route_feature('chat', '{"usage": {"inputs": 1}}')$$, 'unknown_meter', 'PT422', 'a usage of an unknown meter'
);
select is(tests.routed('chat', to_jsonb('{"modality": "text"}'::text)), 'a c', 'JSON in a string, as a GET request sends it');

select * from finish();
rollback;
