begin;
set local search_path = tap, pg_catalog;
select plan(11);

select tests.make_admin('root');
select tests.make_user('ada');
select tests.make_model('m');
select tests.make_model('hidden', p_is_public => false);
select tests.freeze_clock('2026-03-15T12:00:00Z');
select tests.make_price('m', 'input', 1, '2026-03-16Z');
create temporary view ahead as
select $$select ai.prices_in_force('m', '2026-03-15T12:00:00.000001Z')$$ as statement;
grant select on ahead to public;

select tests.as_anon();
select tests.refused(statement, 'not_allowed', '42501', 'anon: a microsecond ahead') from ahead;
select is_empty($$select ai.prices_in_force('m', '2026-03-15T12:00:00Z')$$, 'anon: now');
select tests.refused($$select ai.prices_in_force('m', null)$$, 'invalid_time', 'PT422', 'NULL');
select tests.refused($$select ai.prices_in_force('m', 'infinity')$$, 'invalid_time', 'PT422', 'the end of time');
select tests.refused($$select ai.prices_in_force('m', '-infinity')$$, 'invalid_time', 'PT422', 'its beginning');
select tests.refused($$select ai.prices_in_force('hidden')$$, 'unknown_model', 'PT404', 'a hidden model');
select tests.refused($$select ai.prices_in_force('none')$$, 'unknown_model', 'PT404', 'an unknown model');
select tests.authenticate_as('ada');
select tests.refused(statement, 'not_allowed', '42501', 'a user: a microsecond ahead') from ahead;
select tests.authenticate_as('root');
select is(
  (select array_agg(p.price_per_unit) from ai.prices_in_force('m', '2026-03-16Z') as p), '{1}', 'an admin: ahead'
);
select tests.as_service();
select is(
  (select array_agg(p.price_per_unit) from ai.prices_in_force('m', '2026-03-16Z') as p), '{1}', 'the service role: ahead'
);
select tests.refused($$select ai.prices_in_force('m', 'infinity')$$, 'invalid_time', 'PT422', 'but not forever');

select * from finish();
rollback;
