begin;
set local search_path = tap, pg_catalog;
select plan(14);

select tests.make_admin('root');
select tests.make_user('ada');
select tests.make_policy();
select tests.make_rate();
create temporary view tables as
select *
from (
  values
  ('execution_margin_policies', 'insert into billing.execution_margin_policies (margin) values (1)'),
  ('credit_rates', $$insert into billing.credit_rates (currency, credits_per_currency_unit) values ('EUR', 1)$$)
) as t (name, statement);
grant select on tables to public;
select tests.as_anon();
select tests.forbidden('select from billing.' || name, 'permission denied for table ' || name, 'anon reads no ' || name)
from tables;
select tests.forbidden(statement, 'permission denied for table ' || name, 'anon writes no ' || name) from tables;
select tests.authenticate_as('ada');
select is_empty('select id from billing.' || name, 'a user sees no ' || name) from tables;
select tests.forbidden(
  statement, format('Only admins write to billing.%s.', name), 'a user writes no ' || name
)
from tables;
select tests.authenticate_as('root');
select isnt_empty('select id from billing.' || name, 'an admin sees ' || name) from tables;
select lives_ok(statement, 'an admin adds ' || name) from tables;
select tests.as_service();
select isnt_empty('select id from billing.' || name, 'the service role sees ' || name) from tables;

select * from finish();
rollback;
