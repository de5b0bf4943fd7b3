-- What Ratebook consists of, and what it found: so that a changed database is not called current, and the way back takes
-- Ratebook's own and nothing else. Each migration writes down what it made.

create table ratebook.manifest (
  kind text not null,
  name text not null,
  module text not null,
  domain text not null,
  state text not null,
  constraint manifest_pkey primary key (kind, name)
);

create table ratebook.found (
  kind text not null,
  name text not null,
  constraint found_pkey primary key (kind, name)
);

comment on table ratebook.manifest is
'What the migrations made: one row for each object, as ratebook.describe() told it in a database that was just built.';
comment on column ratebook.manifest.kind is 'schema, table, view, function, type, constraint, index, trigger, policy or privileges.';
comment on column ratebook.manifest.name is 'The object with its schema, such as ai.models, or "ai_models_read_all on ai.models"; "schema ai" for the privileges of one.';
comment on column ratebook.manifest.module is 'core, or a module that can be left out.';
comment on column ratebook.manifest.domain is 'The folder of sql/ that it is from.';
comment on column ratebook.manifest.state is 'md5 of its definition; for privileges the privileges themselves, with a star where they may be granted on.';
comment on table ratebook.found is
'What stood before Ratebook came and stays when it goes: schemas, types, and what API roles had on schemas.';
comment on column ratebook.found.kind is 'schema, type, usage or create.';
comment on column ratebook.found.name is 'The schema or the type; for usage and create the schema, a blank and the role.';
