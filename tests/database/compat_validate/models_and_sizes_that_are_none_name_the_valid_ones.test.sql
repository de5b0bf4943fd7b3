begin;
set local search_path = tap, pg_catalog;
select plan(17);

select tests.make_model('a'), tests.make_model('b'), tests.make_model('off'), tests.make_model('hidden', p_is_public => false);
select tests.make_model('pic', p_valid_sizes => '{1x1,2x2}');
update ai.models set modality = 'image' where key = 'pic';
update ai.models set is_active = false where key = 'off';
update ai.models set priority = 5 where key = 'a';
select tests.make_user('ada'), tests.make_admin();

select tests.authenticate_as('ada');
select ok(compat.validate_model('a', 'text'), 'an active model of that type');
select ok(compat.validate_model(model => 'pic', model_type => 'image'), 'of the other');
select tests.refused(
  format('select compat.validate_model(%L, ''text'')', v.name), 'unknown_model', 'PT404', coalesce(v.name, 'NULL') || ' is none'
)
from (values ('c'), ('pic'), ('off'), ('hidden'), (null)) as v (name);
select is(
  tests.error_of('select compat.validate_model(''c'', ''text'')'),
  '{
    "code": "PT404", "message": "There is no active text model called \"c\".", "hint": "Valid models: b, a.",
    "detail": {"error": "unknown_model", "model": "c", "valid_models": ["b", "a"]}, "constraint": "", "column": ""
  }'::jsonb,
  'the valid ones are named, in their order'
);
select tests.refused('select compat.validate_model(''a'', ''video'')', 'invalid_argument', 'PT422', 'an unknown type');
select tests.refused('select compat.validate_model(''a'', null)', 'invalid_argument', 'PT422', 'no type');

select ok(compat.validate_size('pic', '2x2'), 'a valid size');
select ok(compat.validate_size(model => 'a', size => 'any'), 'a model without a list takes any');
select tests.refused('select compat.validate_size(''pic'', ''3x3'')', 'invalid_size', 'PT422', 'a size that is none');
select is(
  tests.error_of('select compat.validate_size(''pic'', ''3x3'')') ->> 'hint', 'Valid sizes: 1x1, 2x2.', 'names the valid ones'
);
select tests.refused('select compat.validate_size(''pic'', null)', 'invalid_size', 'PT422', 'no size');
select tests.refused('select compat.validate_size(''c'', ''1x1'')', 'unknown_model', 'PT404', 'nor a size of no model');

select tests.authenticate_as('admin');
select ok(compat.validate_model('hidden', 'text'), 'an admin sees the hidden one');

select * from finish();
rollback;
