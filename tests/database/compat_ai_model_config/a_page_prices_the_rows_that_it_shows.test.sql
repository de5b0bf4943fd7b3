begin;
set local search_path = tap, pg_catalog;
select plan(7);

select tests.make_user('ada'), tests.make_provider('acme');
insert into ai.models (key, name, provider_id, priority)
select 'm' || n, 'M', p.id, n from ai.providers as p cross join generate_series(1, 300) as n;
insert into ai.model_pricing (model_id, meter, price_per_unit)
select m.id, t.meter, 0.000001 from ai.models as m cross join (values ('input'), ('output')) as t (meter);

-- How often each function was called in this transaction: a count of rows, whatever a machine's speed.
set local track_functions = 'pl';
create function pg_temp.calls() returns bigint
language sql volatile
return (
  select sum(coalesce(pg_stat_get_xact_function_calls(f.name), 0))
  from (
    values
    ('ratebook.config_cost_of(uuid,text)'::regprocedure), ('ratebook.api_pricing(uuid)'), ('ratebook.visible_pricing(uuid)')
  ) as f (name)
);
create function pg_temp.called(p_query text) returns bigint
language plpgsql
as $$
declare
  v_before bigint := pg_temp.calls();
begin
  execute format('create temporary table page as %s', p_query);
  drop table page;
  return pg_temp.calls() - v_before;
end;
$$;
select is(
  pg_temp.called('select v.* from compat.ai_model_config as v'), 1500::bigint, 'all of it: five costs for each of 300'
);
select is(
  pg_temp.called('select v.* from compat.ai_model_config as v order by v.sort_order limit 20'), 100::bigint,
  'a page of 20: those of 20'
);
select is(
  pg_temp.called(
    'select v.* from compat.ai_model_config as v where v.model_type = ''text'' and v.is_active '
    'order by v.sort_order desc, v.model_name limit 20 offset 40'
  ),
  300::bigint, 'another page, filtered: those that it comes to and no more'
);
select is(
  pg_temp.called('select v.model_name, v.sort_order from compat.ai_model_config as v order by v.sort_order'), 0::bigint,
  'without prices: none'
);
select is(
  pg_temp.called('select count(*) as n from compat.ai_model_config as v'), 0::bigint, 'nor to count'
);
select is(
  pg_temp.called('select v.* from compat.api_models as v order by v.priority limit 20'), 20::bigint, 'api_models likewise'
);
select is(
  pg_temp.called('select v.* from compat.llm_models as v order by v.model_key limit 20'), 20::bigint, 'llm_models likewise'
);

select * from finish();
rollback;
