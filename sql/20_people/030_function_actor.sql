create type ratebook.actor as (
  subject uuid,
  role text,
  database_user text,
  request_id text
);

create function ratebook.request_headers() returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return nullif(current_setting('request.headers', true), '')::jsonb;
exception
  -- Direct SQL may have set anything; who writes it down must not fail over it.
  when data_exception or program_limit_exceeded then
    return null;
end;
$$;

create function ratebook.actor() returns ratebook.actor
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return row(ratebook.uid(), ratebook.caller(), session_user::text, left(ratebook.request_headers() ->> 'x-request-id', 200));
end;
$$;

revoke all on function ratebook.request_headers() from public;
revoke all on function ratebook.actor() from public;

comment on type ratebook.actor is 'Who acts: the columns of the same names in lensers.audit_history.';
comment on column ratebook.actor.subject is 'The JWT subject.';
comment on column ratebook.actor.role is 'The role that sent the statement.';
comment on column ratebook.actor.database_user is 'The user who opened the connection.';
comment on column ratebook.actor.request_id is 'The header x-request-id.';
comment on function ratebook.request_headers() is
'The headers of PostgREST''s request; NULL where there are none or they are malformed.';
comment on function ratebook.actor() is 'Who acts in this statement. Never fails.';
