create function ratebook.provider_values(p_row compat.providers) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_build_object(
    'key', p_row.name,
    'contract', p_row.contract,
    'api_url', p_row.base_url,
    'is_canonical', p_row.is_canonical,
    'canonical_revision', p_row.canonical_revision,
    'canonical_equivalent_id', p_row.canonical_equivalent_id,
    'is_active', not p_row.disabled,
    'modality', p_row.modality,
    'created_at', p_row.created_at
  );
end;
$$;

create function ratebook.set_provider_auth(p_provider_id uuid, p_name text, p_auth jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_connection_id uuid := (ratebook.provider_connection(p_provider_id)).id;
begin
  if p_auth is null then
    delete from ai.provider_connections as c where c.id = v_connection_id;
  elsif v_connection_id is null then
    insert into ai.provider_connections (name, provider_id, auth) values (p_name, p_provider_id, p_auth);
  else
    update ai.provider_connections as c set auth = p_auth where c.id = v_connection_id;
  end if;
end;
$$;

create function ratebook.write_provider() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. The statement trigger has let the caller write.
declare
  v_values jsonb := ratebook.provider_values(new);
begin
  perform ratebook.refuse_nulls(to_jsonb(new), '{id,name,is_canonical,disabled,modality}');
  if tg_op = 'INSERT' then
    insert into ai.providers (
      id, key, name, contract, api_url, is_canonical, canonical_revision, canonical_equivalent_id, is_active, modality,
      created_at, updated_at
    )
    select
      new.id, r.key, r.key, r.contract, r.api_url, r.is_canonical, r.canonical_revision, r.canonical_equivalent_id,
      r.is_active, r.modality, r.created_at, new.updated_at
    from jsonb_populate_record(null::ai.providers, v_values) as r;
  else
    perform ratebook.refuse_changes(to_jsonb(old), to_jsonb(new), '{id}');
    v_values := ratebook.changed_values(ratebook.provider_values(old), v_values);
    -- Only what this write changes, on the row as it is by now: nobody else's change is undone.
    update ai.providers as p
    set
      (
        key, contract, api_url, is_canonical, canonical_revision, canonical_equivalent_id, is_active, modality, created_at
      ) = (
        select
          r.key, r.contract, r.api_url, r.is_canonical, r.canonical_revision, r.canonical_equivalent_id, r.is_active,
          r.modality, r.created_at
        from jsonb_populate_record(p, v_values) as r
      )
    where p.id = old.id;
    if not found then
      perform ratebook.fail('not_allowed', format('Provider %s is gone: nothing was written.', old.id), null,
        jsonb_build_object('provider', old.id));
    end if;
  end if;
  if new.auth is distinct from old.auth then
    perform ratebook.set_provider_auth(new.id, new.name, new.auth);
  end if;
  select v.* into new from compat.providers as v where v.id = new.id;
  return new;
end;
$$;

create function ratebook.delete_provider() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: as ratebook.write_provider().
begin
  perform ratebook.set_provider_auth(old.id, old.name, null);
  delete from ai.providers as p where p.id = old.id;
  if not found then
    perform ratebook.fail('not_allowed', format('Provider %s is gone: nothing was deleted.', old.id), null,
      jsonb_build_object('provider', old.id));
  end if;
  return old;
end;
$$;

create function ratebook.upsert_provider(p_provider jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  perform ratebook.upsert_row('compat.providers', '{name}', p_provider);
end;
$$;

create function compat.upsert_provider(provider jsonb) returns setof compat.providers
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.upsert_provider(provider);
  select v.* from compat.providers as v
  where v.name = provider ->> 'name';
end;

revoke all on function ratebook.provider_values(compat.providers) from public;
revoke all on function ratebook.set_provider_auth(uuid, text, jsonb) from public;
revoke all on function ratebook.write_provider() from public;
revoke all on function ratebook.delete_provider() from public;
revoke all on function ratebook.upsert_provider(jsonb) from public;
revoke all on function compat.upsert_provider(jsonb) from public;
grant execute on function ratebook.upsert_provider(jsonb) to authenticated, service_role;
grant execute on function compat.upsert_provider(jsonb) to authenticated, service_role;

comment on function ratebook.provider_values(compat.providers) is 'What a row says, as columns of ai.providers.';
comment on function ratebook.set_provider_auth(uuid, text, jsonb) is
'Makes auth that of the connection that stands for a provider; makes one called p_name where it has none, and takes it away for NULL. Errors: those of ai.provider_connections.';
comment on function ratebook.write_provider() is
'Row trigger instead of insert or update: the provider, and its connection where auth differs. Errors: invalid_argument (PT422), not_allowed (42501) where the provider is gone.';
comment on function ratebook.delete_provider() is
'Row trigger instead of delete: the provider, with the connection that stands for it. Error: not_allowed (42501) where it is gone.';
comment on function ratebook.upsert_provider(jsonb) is 'The rule behind compat.upsert_provider().';
comment on function compat.upsert_provider(jsonb) is
'Admins and the service role. What on_conflict=name would do: updates the provider of that name, else inserts one, and returns it. provider: an object of columns of compat.providers; those that it does not name stay as they are or get their defaults. Errors: not_allowed (42501), those of writing compat.providers.';

create trigger providers_require_privileged before insert or update or delete on compat.providers
for each statement execute function ratebook.require_privileged();
create trigger providers_write instead of insert or update on compat.providers
for each row execute function ratebook.write_provider();
create trigger providers_delete instead of delete on compat.providers
for each row execute function ratebook.delete_provider();
