begin;
set local search_path = tap, pg_catalog;
select plan(7);

select tests.make_model('m');
select tests.make_price('m', 'input', 1);
create temporary view ask as
select $$select billing.quote('m', '{"input": 1}', at => '2026-03-15Z')$$ as statement;
grant select on ask to public;
select tests.refused(statement, 'no_credit_rate', 'PT422', 'neither') from ask;
select tests.make_rate(1000, '2026-03-15T00:00:01Z');
select tests.refused(statement, 'no_credit_rate', 'PT422', 'a rate that comes too late') from ask;
select tests.make_rate(1000, '2026-03-15T00:00:00Z');
select tests.refused(statement, 'no_margin_policy', 'PT422', 'a rate, no policy') from ask;
select tests.make_policy(p_enabled => false);
select tests.refused(statement, 'no_margin_policy', 'PT422', 'a policy that is switched off') from ask;
select tests.make_policy(p_from => '2026-03-15T00:00:01Z');
select tests.refused(statement, 'no_margin_policy', 'PT422', 'one that comes too late') from ask;
select tests.make_policy(p_revision => 1);
select lives_ok(statement, 'both') from ask;
select tests.make_rate(2000, '2026-03-15T00:00:00Z', p_revision => 1);
select is(
  billing.calculate_credit_cost('m', '{"input": 1}', at => '2026-03-15Z'), 2600::numeric, 'a rate of a higher revision wins'
);

select * from finish();
rollback;
