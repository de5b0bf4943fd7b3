-- A database setting: it is a property of the one database, a shard, and not of the project; and domains that know
-- nothing of each other ask it. It guards no rows: one who turns it off in a session is looked up here, nowhere else.
create function ratebook.require_owner() returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(nullif(current_setting('ratebook.owner_required', true), ''), 'off')::boolean then
    perform ratebook.fail('owner_required', 'The call does not name the owner.',
      'Pass owner: the lenser of the account, or of the generation.');
  end if;
end;
$$;

revoke all on function ratebook.require_owner() from public;

comment on function ratebook.require_owner() is
'For a call that names no owner: refuses it where the setting ratebook.owner_required of the database is on (alter database … set ratebook.owner_required = on; by a superuser, or by who may SET it), as on a shard behind a front; elsewhere the owner is looked up. Error: owner_required (PT422).';
