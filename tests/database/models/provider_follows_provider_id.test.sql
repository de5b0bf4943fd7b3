begin;
set local search_path = tap, pg_catalog;
select plan(8);

select tests.make_provider(k.key) from (values ('openai'), ('mistral'), ('acme')) as k (key);
create function tests.provider_id(p_key text) returns uuid
language sql stable
return (select p.id from ai.providers as p where p.key = p_key);
create temporary view providers_of as
select m.key as model, p.key as provider_key, m.provider
from ai.models as m inner join ai.providers as p on p.id = m.provider_id;

insert into ai.models (key, name, provider_id) values ('by id', 'M', tests.provider_id('openai'));
insert into ai.models (key, name, provider) values ('by enum', 'M', 'openai');
insert into ai.models (key, name, provider_id, provider) values
('both', 'M', tests.provider_id('mistral'), 'openai'),
('both, other', 'M', tests.provider_id('openai'), 'other'),
('unknown', 'M', tests.provider_id('acme'), null),
('unknown, named', 'M', tests.provider_id('acme'), 'openai');
select results_eq(
  'select model, provider_key, provider from providers_of order by model',
  $$
  values
  ('both', 'mistral', 'mistral'::ai.provider_enum),
  ('both, other', 'openai', 'openai'),
  ('by enum', 'openai', 'openai'),
  ('by id', 'openai', 'openai'),
  ('unknown', 'acme', 'other'),
  ('unknown, named', 'acme', 'other')
  $$,
  'on insert: the id wins, the name alone is resolved, a provider of no name reads as other'
);

select tests.refused(
  $$insert into ai.models (key, name, provider) values ('x', 'M', 'other')$$, 'unknown_provider', 'PT422', 'other alone'
);
select tests.refused(
  $$insert into ai.models (key, name, provider) values ('x', 'M', 'google')$$, 'unknown_provider', 'PT422',
  'a name without a row'
);
select tests.refused(
  $$insert into ai.models (key, name) values ('x', 'M')$$, 'unknown_provider', 'PT422', 'neither'
);
select tests.violates(
  $$insert into ai.models (key, name, provider_id) values ('x', 'M', gen_random_uuid())$$, 'models_provider_id_fkey',
  'an id without a row'
);

update ai.models set provider_id = tests.provider_id('mistral') where key = 'by id';
update ai.models set provider = 'mistral' where key = 'by enum';
update ai.models set provider = 'openai', provider_id = tests.provider_id('acme') where key = 'both';
update ai.models set name = 'N' where key = 'both, other';
update ai.models set provider = 'openai' where key = 'unknown';
update ai.models set provider = 'other' where key = 'unknown, named';
select results_eq(
  'select model, provider_key, provider from providers_of order by model',
  $$
  values
  ('both', 'acme', 'other'::ai.provider_enum),
  ('both, other', 'openai', 'openai'),
  ('by enum', 'mistral', 'mistral'),
  ('by id', 'mistral', 'mistral'),
  ('unknown', 'openai', 'openai'),
  ('unknown, named', 'acme', 'other')
  $$,
  'on update: the same, whichever of the two is changed'
);
select tests.refused(
  $$update ai.models set provider = 'other' where key = 'by id'$$,
  'unknown_provider', 'PT422', 'a change to other alone'
);
select tests.refused(
  $$update ai.models set provider_id = null where key = 'by id'$$, 'unknown_provider', 'PT422', 'no provider at all'
);

select * from finish();
rollback;
