-- "Your own rows, or all for admins" as a range: an OR would make the planner read everybody's rows.

create function ratebook.first_readable_lenser() returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  return case when ratebook.is_admin() then '00000000-0000-0000-0000-000000000000' else auth.uid() end;
end;
$$;

create function ratebook.last_readable_lenser() returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook.
begin
  return case when ratebook.is_admin() then 'ffffffff-ffff-ffff-ffff-ffffffffffff' else auth.uid() end;
end;
$$;

revoke all on function ratebook.first_readable_lenser() from public;
revoke all on function ratebook.last_readable_lenser() from public;
grant execute on function ratebook.first_readable_lenser() to authenticated;
grant execute on function ratebook.last_readable_lenser() to authenticated;

comment on function ratebook.first_readable_lenser() is
'The first lenser whose rows the caller may read: for admins the lowest id, for others their own; NULL without a subject.';
comment on function ratebook.last_readable_lenser() is
'The last lenser whose rows the caller may read: for admins the highest id, for others their own; NULL without a subject.';
