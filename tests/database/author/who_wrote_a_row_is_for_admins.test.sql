begin;
set local search_path = tap, pg_catalog;
select plan(24);

select tests.make_admin('root');
select tests.make_admin('bob');
select tests.make_user('ada');
select tests.make_model('seeded');
select tests.make_price('seeded', 'input', 1);
create function tests.name_of(p_id uuid) returns text
language sql
return (select n from unnest('{root,bob,ada}'::text[]) as n where tests.user_id(n) = p_id);
create function tests.authors(p_key text) returns text
language sql
return (
  select concat_ws(
    ' ', coalesce(tests.name_of(ai.created_by(m)), 'nobody'), coalesce(tests.name_of(ai.updated_by(m)), 'nobody')
  )
  from ai.models as m where m.key = p_key
);

select is(tests.authors('seeded'), 'nobody nobody', 'direct SQL is nobody');

select tests.authenticate_as('root');
select results_eq(
  $$
  insert into ai.models (key, name, provider_id) select 'm', 'M', id from ai.providers
  returning ai.created_by(models), ai.updated_by(models)
  $$,
  $$values (tests.user_id('root'), tests.user_id('root'))$$, 'an insert returns who makes it'
);
select is(tests.authors('m'), 'root root', 'and so it reads');
select tests.authenticate_as('bob');
select results_eq(
  $$update ai.models set name = 'N' where key in ('m', 'seeded') returning ai.created_by(models), ai.updated_by(models)$$,
  $$values (null::uuid, tests.user_id('bob')), (tests.user_id('root'), tests.user_id('bob'))$$,
  'an update returns who makes the change'
);
select is(tests.authors('m'), 'root bob', 'and so it reads');
select is(tests.authors('seeded'), 'nobody bob', 'whoever made the row');
select results_eq(
  $$
  insert into ai.model_pricing (model_id, meter, price_per_unit) values (tests.model_id('m'), 'image', 9)
  returning ai.created_by(model_pricing)
  $$,
  $$values (tests.user_id('bob'))$$, 'a price likewise'
);
select bag_eq(
  'select ai.created_by(p) from ai.model_pricing as p', $$values (null::uuid), (tests.user_id('bob'))$$, 'and so it reads'
);

-- Others: not by reading, by a condition, or by an order.
create temporary view questions as
select * from (
  values
  ($$select from ai.models as m where ai.created_by(m) is not null or ai.updated_by(m) is not null$$),
  ($$select from ai.models as m where ai.created_by(m) = tests.user_id('root')$$),
  ($$select from ai.models as m where ai.updated_by(m) = tests.user_id('bob')$$),
  ($$select from ai.model_pricing as p where ai.created_by(p) is not null$$)
) as q (question);
grant select on questions to anon, authenticated, service_role;
select isnt_empty(question, 'an admin finds some: ' || question) from questions;
select tests.authenticate_as('ada');
select is_empty(question, 'a user finds none: ' || question) from questions;
select tests.as_anon();
select is_empty(question, 'anon finds none: ' || question) from questions;

select tests.as_service();
select is(tests.authors('m'), 'root bob', 'the service role reads them');
update ai.models set name = 'O' where key = 'm';
select is(tests.authors('m'), 'root nobody', 'and is nobody itself');
select tests.reset_role();
select is_empty(
  $$
  select t.signature, a.attname
  from tests.tables as t
  inner join pg_catalog.pg_attribute as a on a.attrelid = t.oid and not a.attisdropped
  where a.attname ~ '_by$' and has_table_privilege('anon', t.oid, 'select')
  $$,
  'no table that anon reads has a column of the kind'
);
select is_empty(
  $$
  select from pg_catalog.pg_attribute as a
  where
    a.attrelid in ('billing.credit_rates'::regclass, 'billing.execution_margin_policies'::regclass)
    and a.attname = 'created_by'
    and (
      has_column_privilege('authenticated', a.attrelid, a.attnum, 'insert, update')
      or has_column_privilege('service_role', a.attrelid, a.attnum, 'insert, update')
    )
  $$,
  'and where admins read a column, nobody writes it'
);

select * from finish();
rollback;
