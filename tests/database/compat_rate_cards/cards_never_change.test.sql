begin;
set local search_path = tap, pg_catalog;
select plan(12);

select tests.make_user('ada');
select tests.make_admin('root');
select tests.make_model('m');
create function pg_temp.insertion(p_day integer) returns text language sql as $$
  select format(
    'insert into compat.rate_cards (provider, model, input_cost_per_1m, output_cost_per_1m, effective_from)
    values (''acme'', ''m'', 1, 2, ''2026-01-0%sZ'')', p_day
  )
$$;
select tests.as_anon();
select tests.forbidden(pg_temp.insertion(1), 'permission denied for view rate_cards', 'anon inserts none');
select tests.authenticate_as('ada');
select tests.refused(pg_temp.insertion(1), 'not_allowed', '42501', 'nor does a user');
select tests.authenticate_as('root');
select lives_ok(pg_temp.insertion(1), 'an admin does');
select tests.as_service();
select lives_ok(pg_temp.insertion(2), 'and the service role');

select tests.authenticate_as(tests.user_id(r.name), r.role) from (values ('root', 'authenticated')) as r (name, role);
select tests.forbidden('update compat.rate_cards set input_cost_per_1m = 9', 'permission denied for view rate_cards', 'no admin updates');
select tests.forbidden('delete from compat.rate_cards', 'permission denied for view rate_cards', 'or deletes');
select tests.as_service();
select tests.forbidden('update compat.rate_cards set input_cost_per_1m = 9', 'permission denied for view rate_cards', 'no service role updates');
select tests.forbidden('delete from compat.rate_cards', 'permission denied for view rate_cards', 'or deletes');
select tests.reset_role();
select tests.refused('update compat.rate_cards set input_cost_per_1m = 9', 'append_only', 'PT409', 'not even the owner updates');
select tests.refused('delete from compat.rate_cards', 'append_only', 'PT409', 'or deletes');
select tests.as_anon();
select results_eq(
  'select model, input_cost_per_1m::text from compat.rate_cards', $$values ('m', '1'), ('m', '1')$$, 'anon reads them'
);
select tests.authenticate_as('ada');
select is((select count(*) from compat.rate_cards), 2::bigint, 'and so does a user');

select * from finish();
rollback;
