begin;
set local search_path = tap, pg_catalog;
select plan(24);
select tests.make_user('bob');
select tests.make_admin('ada');
select tests.make_model('a');
select tests.make_model('b');

create temporary table calls (name text, statement text);
insert into calls values
('activate_models', $$select ai.activate_models('{a}')$$),
('deactivate_models', $$select ai.deactivate_models('{a}')$$),
('set_default_model', $$select ai.set_default_model('a')$$),
('schedule_price', $$select ai.schedule_price('a', 'input', 1)$$),
('export_prices', $$select ai.export_prices()$$),
('model_as_of', $$select ai.model_as_of('a', clock_timestamp())$$),
('retire_model', $$select ai.retire_model('a', 'b')$$),
('merge_models', $$select ai.merge_models('a', 'b')$$);
grant select on calls to public;

select tests.as_anon();
select tests.forbidden(statement, 'permission denied for function ' || name, 'anon: ' || name) from calls;
select tests.authenticate_as('bob');
select tests.refused(statement, 'not_allowed', '42501', 'a user: ' || name) from calls;
-- The default has to be active; the others follow each other.
select tests.authenticate_as('ada');
update ai.models set is_active = true;
select lives_ok(
  case name when 'set_default_model' then $$select ai.activate_models('{a}'), ai.set_default_model('a')$$ else statement end,
  'an admin: ' || name
)
from calls;

select * from finish();
rollback;
