create table ai.features (
  key text not null,
  id uuid not null default gen_random_uuid(),
  description text,
  is_active boolean not null default true,
  constraint features_pkey primary key (key),
  constraint features_id_key unique (id),
  constraint key_is_a_machine_key check (key ~ '^[a-z0-9][a-z0-9_.:-]{0,99}$')
);

create trigger features_require_privileged before insert or update or delete on ai.features
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();

select ratebook.keep_history('ai.features');

comment on table ai.features is 'What the application does with models; routes and margins are set per feature.';
comment on column ai.features.key is 'The feature, as callers name it. It may be renamed: routes follow, logs keep the old name.';
comment on column ai.features.id is 'What insert-only rows point to, so that a rename changes no history.';
comment on column ai.features.description is 'What it is.';
comment on column ai.features.is_active is 'Whether it may be used.';
