create function ratebook.stamp() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  new.updated_at := ratebook.clock();
  return new;
end;
$$;

revoke all on function ratebook.stamp() from public;

comment on function ratebook.stamp() is
'Row trigger before update: sets updated_at.';
