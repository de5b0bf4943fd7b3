create table ai.service_tiers (
  key text not null,
  description text not null,
  tries_chain_first boolean not null default false,
  constraint service_tiers_pkey primary key (key),
  constraint key_is_a_machine_key check (key ~ '^[a-z][a-z0-9_]{0,62}$')
);

create trigger service_tiers_require_privileged before insert or update or delete on ai.service_tiers
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();

select ratebook.keep_history('ai.service_tiers');

comment on table ai.service_tiers is 'How urgently the provider works: each may have prices of its own.';
comment on column ai.service_tiers.key is 'The tier, as callers name it.';
comment on column ai.service_tiers.description is 'What it is.';
comment on column ai.service_tiers.tries_chain_first is
'For a meter without a price in this tier: true tries the meter''s fallbacks inside the tier before the standard tier; false tries the same meter in the standard tier first.';
