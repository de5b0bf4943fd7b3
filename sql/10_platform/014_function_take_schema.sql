create function ratebook.take_schema(p_name text, p_comment text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_role text;
begin
  if to_regnamespace(quote_ident(p_name)) is null then
    execute format('create schema %I', p_name);
    execute format('comment on schema %I is %L', p_name, p_comment);
    -- What the project's default privileges gave.
    execute format('revoke all on schema %I from public, anon, authenticated, service_role', p_name);
    execute format('grant usage on schema %I to anon, authenticated, service_role', p_name);
    return;
  end if;
  insert into ratebook.found (kind, name) values ('schema', p_name);
  -- The one privilege that is added to what the project has; what it had stays when Ratebook goes, and stays as it is
  -- until then: a role may have it by way of another one, or of PUBLIC.
  foreach v_role in array '{anon,authenticated,service_role}'::text[] loop
    if has_schema_privilege(v_role, p_name, 'create') then
      insert into ratebook.found (kind, name) values ('create', p_name || ' ' || v_role);
    end if;
    if has_schema_privilege(v_role, p_name, 'usage') then
      insert into ratebook.found (kind, name) values ('usage', p_name || ' ' || v_role);
    else
      execute format('grant usage on schema %I to %I', p_name, v_role);
    end if;
  end loop;
end;
$$;

create function ratebook.give_back_schema(p_name text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_role text;
begin
  if not exists (select from ratebook.found as f where f.kind = 'schema' and f.name = p_name) then
    execute format('drop schema %I', p_name);
    return;
  end if;
  foreach v_role in array '{anon,authenticated,service_role}'::text[] loop
    if not exists (select from ratebook.found as f where f.kind = 'usage' and f.name = p_name || ' ' || v_role) then
      execute format('revoke usage on schema %I from %I', p_name, v_role);
    end if;
  end loop;
  delete from ratebook.found as f where f.name = p_name or f.name like p_name || ' %';
end;
$$;

create function ratebook.give_back_type(p_name text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from ratebook.found as f where f.kind = 'type' and f.name = p_name;
  if not found then
    execute format('drop type %s', p_name::regtype);
  end if;
end;
$$;

revoke all on function ratebook.take_schema(text, text) from public;
revoke all on function ratebook.give_back_type(text) from public;
revoke all on function ratebook.give_back_schema(text) from public;

comment on function ratebook.take_schema(text, text) is
'For migrations: makes a schema of the API, or takes the project''s of that name, and lets the API roles use it. The comment is for a new one.';
comment on function ratebook.give_back_schema(text) is
'For the way back: drops a schema that Ratebook made; from one that it found it takes back the USAGE that it gave.';
comment on function ratebook.give_back_type(text) is
'For the way back: drops a type outside Ratebook''s schemas, unless the project had it before.';
