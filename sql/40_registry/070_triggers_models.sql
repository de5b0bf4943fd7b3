create function ratebook.resolve_model_provider() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_by_enum boolean := new.provider is not null and case tg_op
    when 'INSERT' then new.provider_id is null
    else new.provider is distinct from old.provider and new.provider_id is not distinct from old.provider_id
  end;
  v_key text;
begin
  select p.key into v_key from ai.providers as p where p.id = new.provider_id;
  if v_key is not null and new.provider = ratebook.provider_enum_of(v_key) then
    return new;
  end if;
  if v_by_enum then
    select p.id into new.provider_id
    from ai.providers as p
    where p.key = new.provider::text and new.provider <> 'other';
    if not found then
      perform ratebook.fail(
        'unknown_provider', format('Provider "%s" names no row of ai.providers.', new.provider),
        'Set provider_id; other alone says nothing.', jsonb_build_object('provider', new.provider)
      );
    end if;
    return new;
  end if;
  if new.provider_id is null then
    perform ratebook.fail('unknown_provider', 'A model needs a provider.', 'Set provider_id.');
  end if;
  new.provider := ratebook.provider_enum_of(v_key);
  return new;
end;
$$;

create function ratebook.provider_enum_of(p_key text) returns ai.provider_enum
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
return coalesce(
  (
    select e from unnest(enum_range(null::ai.provider_enum)) as e
    where e::text = p_key
  ), 'other'
);

create function ratebook.follow_provider_key() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: keeps models in step whoever renames the provider.
begin
  update ai.models as m
  set provider = ratebook.provider_enum_of(new.key)
  where m.provider_id = new.id and m.provider <> ratebook.provider_enum_of(new.key);
  return null;
end;
$$;

create function ratebook.lock_defaults() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
-- The lock comes before any row lock or index entry, so two admins wait for each other and never deadlock.
begin
  perform pg_advisory_xact_lock(hashtextextended('ratebook.defaults', 0));
  return new;
end;
$$;

create function ratebook.clear_former_default() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: clears rows of the same modality and task whoever sets the new default.
begin
  update ai.models as m
  set is_default = false
  where
    m.modality = new.modality
    and m.task = new.task
    and m.is_default
    and m.id <> new.id
    -- Of two defaults in one statement the first to get here stands.
    and exists (select from ai.models as n where n.id = new.id and n.is_default);
  return null;
end;
$$;

create function ratebook.refuse_inactive_default() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  if tg_op = 'UPDATE' and old.is_default and old.is_active then
    perform ratebook.fail(
      'default_model',
      format('Model "%s" is the default of %s and %s, and a default stays active.', new.key, new.modality, new.task),
      'Make another one the default first, or set is_default to false as well.', jsonb_build_object('model', new.key)
    );
  end if;
  perform ratebook.fail(
    'inactive_model', format('Model "%s" is inactive and cannot be a default.', new.key), 'Activate it first.',
    jsonb_build_object('model', new.key)
  );
  return null;
end;
$$;

create function ratebook.refuse_hidden_successor() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: both rows count whoever sees them.
declare
  v_shown boolean := new.is_public and new.deleted_at is null;
  v_successor ai.models;
  v_key text;
begin
  -- A model that is shown shows the id of its successor. The lock makes whoever hides that one wait, and ask below.
  if v_shown and new.successor_id is not null then
    select m.* into v_successor from ai.models as m where m.id = new.successor_id for share;
    if not v_successor.is_public then
      perform ratebook.fail(
        'invalid_argument', format('Model "%s" is hidden and cannot succeed one that is not.', v_successor.key),
        'Its id would become known. Make it public first.', jsonb_build_object('model', v_successor.key)
      );
    end if;
  end if;
  if not new.is_public then
    select m.key into v_key
    from ai.models as m
    where m.successor_id = new.id and m.is_public and m.deleted_at is null
    limit 1;
    if found then
      perform ratebook.fail(
        'invalid_argument', format('Model "%s" succeeds "%s" and cannot be hidden.', new.key, v_key),
        'Its id is known there. Hide that one first, or give it another successor.',
        jsonb_build_object('model', v_key)
      );
    end if;
  end if;
  return null;
end;
$$;

create function ratebook.soft_delete_model() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: policies have let the caller delete the row; deleting is an update here.
begin
  update ai.models as m
  set deleted_at = ratebook.clock(), is_active = false, is_default = false
  where m.id = old.id and m.deleted_at is null;
  return null;
end;
$$;

revoke all on function ratebook.resolve_model_provider() from public;
revoke all on function ratebook.provider_enum_of(text) from public;
revoke all on function ratebook.follow_provider_key() from public;
revoke all on function ratebook.lock_defaults() from public;
revoke all on function ratebook.clear_former_default() from public;
revoke all on function ratebook.refuse_inactive_default() from public;
revoke all on function ratebook.refuse_hidden_successor() from public;
revoke all on function ratebook.soft_delete_model() from public;

comment on function ratebook.resolve_model_provider() is
'Row trigger: provider_id wins and provider follows it; a row with provider alone is resolved by the provider''s key. Error: unknown_provider (PT422).';
comment on function ratebook.provider_enum_of(text) is 'The value of ai.provider_enum for a provider key; other for keys it does not have.';
comment on function ratebook.follow_provider_key() is 'Row trigger: a provider that gets another key takes the deprecated column of its models along.';
comment on function ratebook.lock_defaults() is 'Trigger before a default is written: one writer of defaults at a time, without deadlock.';
comment on function ratebook.clear_former_default() is 'Row trigger: a new default ends the former one of the same modality and task.';
comment on function ratebook.refuse_inactive_default() is
'Row trigger before a default is written that is not active, whichever way: the check a_default_is_active would answer the whole row. Errors: default_model, inactive_model (PT409).';
comment on function ratebook.refuse_hidden_successor() is
'Row trigger: no model that is shown has a successor with is_public false, whichever of the two is written. Error: invalid_argument (PT422).';
comment on function ratebook.soft_delete_model() is 'Row trigger before delete: marks the model as deleted and keeps the row.';

create trigger models_require_privileged before insert or update or delete on ai.models
for each statement when (current_user in ('anon', 'authenticated'))
execute function ratebook.require_privileged();
create trigger models_resolve_provider before insert or update of provider, provider_id on ai.models
for each row execute function ratebook.resolve_model_provider();
create trigger models_lock_default_insert before insert on ai.models
for each row when (new.is_default) execute function ratebook.lock_defaults();
create trigger models_lock_defaults before update of is_default, modality, task or delete on ai.models
for each statement execute function ratebook.lock_defaults();
create trigger models_clear_former_default_insert after insert on ai.models
for each row when (new.is_default) execute function ratebook.clear_former_default();
create trigger models_clear_former_default_update after update of is_default, modality, task on ai.models
for each row when (new.is_default) execute function ratebook.clear_former_default();
create trigger models_refuse_inactive_default before insert or update on ai.models
for each row when (new.is_default and not new.is_active) execute function ratebook.refuse_inactive_default();
create trigger models_refuse_hidden_successor_insert after insert on ai.models
for each row when (new.successor_id is not null) execute function ratebook.refuse_hidden_successor();
create trigger models_refuse_hidden_successor after update of is_public, deleted_at, successor_id on ai.models
for each row when (
  old.is_public is distinct from new.is_public
  or old.deleted_at is distinct from new.deleted_at
  or old.successor_id is distinct from new.successor_id
) execute function ratebook.refuse_hidden_successor();
create trigger models_soft_delete before delete on ai.models
for each row execute function ratebook.soft_delete_model();
create trigger models_refuse_truncate before truncate on ai.models
for each statement execute function ratebook.refuse_change('Delete models one by one; they stay for the past.');
create trigger models_stamp before update on ai.models
for each row execute function ratebook.stamp();
create trigger providers_follow_key after update of key on ai.providers
for each row when (new.key <> old.key) execute function ratebook.follow_provider_key();

alter table ai.models enable always trigger models_refuse_truncate;

select ratebook.keep_history('ai.models');
