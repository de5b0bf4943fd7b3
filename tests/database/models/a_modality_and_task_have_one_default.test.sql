begin;
set local search_path = tap, pg_catalog;
select plan(9);

select tests.make_model(k.key) from (values ('a'), ('b'), ('c'), ('d')) as k (key);
update ai.models set modality = 'image' where key = 'd';
create temporary view defaults as
select array_agg(key order by key) as keys from ai.models where is_default;

update ai.models set is_default = true where key in ('a', 'd');
select is(keys, '{a,d}', 'one of each modality') from defaults;
update ai.models set is_default = true where key = 'b';
select is(keys, '{b,d}', 'setting it moves it') from defaults;
insert into ai.models (key, name, provider_id, is_default)
select 'e', 'E', provider_id, true from ai.models where key = 'a';
select is(keys, '{d,e}', 'a new model takes it') from defaults;
update ai.models set modality = 'image' where key = 'e';
select is(keys, '{e}', 'a default that moves to another modality is the default there') from defaults;
update ai.models set task = 'embedding', is_default = true where key = 'd';
select is(keys, '{d,e}', 'another task has another') from defaults;

update ai.models set is_default = true where key in ('a', 'b', 'c');
select is(
  (select count(*) from ai.models where is_default and modality = 'text'), 1::bigint,
  'of three in one statement one stands'
);
insert into ai.models (key, name, provider_id, modality, is_default)
select v.key, v.key, m.provider_id, 'audio', true from ai.models as m cross join (values ('f'), ('g')) as v (key)
where m.key = 'a';
select is(
  (select count(*) from ai.models where is_default and modality = 'audio'), 1::bigint, 'of two in one insert one stands'
);
select lives_ok('set constraints all immediate', 'the constraint agrees with all of it');

update ai.models set is_default = false;
select is(keys, null, 'there may be none') from defaults;

select * from finish();
rollback;
