begin;
set local search_path = tap, pg_catalog;
select plan(11);

select tests.make_model('m');
select tests.make_model('n');
insert into ai.model_aliases (alias, model_id) values
('acme/m', tests.model_id('m')), ('n', tests.model_id('m')), ('m-2026-01-01', tests.model_id('m'));

select tests.as_anon();
select results_eq(
  format('select key from ai.find_model(%L)', tests.model_id('m')), $$values ('m')$$, 'by id'
);
select results_eq(
  format('select key from ai.find_model(%L)', upper(tests.model_id('m')::text)), $$values ('m')$$, 'by id in capitals'
);
select results_eq($$select key from ai.find_model('m')$$, $$values ('m')$$, 'by key');
select results_eq($$select key from ai.find_model('acme/m')$$, $$values ('m')$$, 'by alias');
select results_eq($$select key from ai.find_model('m-2026-01-01')$$, $$values ('m')$$, 'by another alias');
select results_eq(
  $$select key from ai.find_model('n')$$, $$values ('n')$$, 'a key comes before an alias of the same name'
);
select tests.refused($$select ai.find_model('M')$$, 'unknown_model', 'PT404', 'names are exact');
select tests.refused($$select ai.find_model('')$$, 'unknown_model', 'PT404', 'no name');
select tests.refused('select ai.find_model(null)', 'unknown_model', 'PT404', 'NULL');
select tests.refused(
  $$select ai.find_model('c56a4180-65aa-42ec-a945-5fd21dec0538')$$, 'unknown_model', 'PT404', 'an id of nothing'
);
select tests.refused(
  $$select ai.find_model(repeat('x', 100000))$$, 'unknown_model', 'PT404', 'a name that is no name'
);

select * from finish();
rollback;
