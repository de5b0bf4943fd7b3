begin;
set local search_path = tap, pg_catalog;
select plan(6);

select tests.make_admin('root');
select tests.make_model('seen');
select tests.make_model('hidden', p_is_public => false);
select tests.make_model('gone');
delete from ai.models where key = 'gone';
create function tests.shown() returns setof text
language sql
begin atomic
  select m.key
  from ai.model_price_sources as s
  inner join (values ('seen'), ('hidden'), ('gone')) as m (key) on tests.model_id(m.key) = s.model_id
  order by m.key;
end;

select tests.as_anon();
select results_eq('select tests.shown()', $$values ('seen')$$, 'anon sees what public models follow');
select tests.forbidden(
  $$insert into ai.model_price_sources (model_id, price_source, price_currency) values (tests.model_id('seen'), 'x', 'USD')$$,
  'permission denied for table model_price_sources', 'and writes nothing'
);
select tests.authenticate_as('root');
select results_eq('select tests.shown()', $$values ('gone'), ('hidden'), ('seen')$$, 'an admin sees all');
select tests.forbidden(
  $$insert into ai.model_price_sources (model_id, price_source, price_currency) values (tests.model_id('seen'), 'x', 'USD')$$,
  'permission denied for table model_price_sources', 'and writes nothing by hand'
);
select tests.as_service();
select results_eq('select tests.shown()', $$values ('gone'), ('hidden'), ('seen')$$, 'so does a backend');
select tests.forbidden(
  $$insert into ai.model_price_sources (model_id, price_source, price_currency) values (tests.model_id('seen'), 'x', 'USD')$$,
  'permission denied for table model_price_sources', 'which does not either'
);

select * from finish();
rollback;
