create table ai.model_aliases (
  alias text not null,
  model_id uuid not null,
  source text not null default 'manual',
  created_at timestamptz not null default ratebook.clock(),
  constraint model_aliases_pkey primary key (alias, model_id),
  constraint model_aliases_model_id_fkey foreign key (model_id) references ai.models (id) on delete restrict,
  constraint alias_is_a_name check (alias ~ '^\S(.{0,253}\S)?$')
);

create index model_aliases_model_id_idx on ai.model_aliases (model_id);

create trigger model_aliases_require_privileged before insert or update or delete on ai.model_aliases
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();

select ratebook.keep_history('ai.model_aliases');

comment on table ai.model_aliases is
'Other names of models: openai/gpt-4o, dated snapshots, a catalogue''s own name. A name may belong to several models; asking for it is then an error that lists them.';
comment on column ai.model_aliases.alias is 'The other name.';
comment on column ai.model_aliases.model_id is 'The model it means.';
comment on column ai.model_aliases.source is 'Who says so: manual, or a catalogue.';
comment on column ai.model_aliases.created_at is 'When the row was made.';
