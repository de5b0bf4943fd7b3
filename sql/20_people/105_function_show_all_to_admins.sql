create function ratebook.show_all_to_admins(p_table regclass) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_view text;
  v_fence text;
  v_column record;
begin
  select format('%I.%I', n.nspname, 'all_' || c.relname), format('ratebook.%I', 'all_' || c.relname)
  into strict v_view, v_fence
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  where c.oid = p_table;

  -- The fence: a view by the rights of its owner, so the owners' policy of the table does not apply. It asks once who is
  -- asking, before it reads a row. It is no security barrier, behind which no index would give the order of a page.
  execute format('create view %s as select t.* from %s as t where (select ratebook.is_privileged())', v_fence, p_table);
  -- What the API shows has the rights of who asks. It finds the fence without usage on schema ratebook: views are bound
  -- when they are created.
  execute format('create view %s with (security_invoker = true) as select t.* from %s as t', v_view, v_fence);
  execute format('revoke all on %s, %s from public, anon, authenticated, service_role', v_fence, v_view);
  execute format('grant select on %s, %s to authenticated, service_role', v_fence, v_view);

  execute format('comment on view %s is %L', v_fence,
    format('The fence behind %s: all rows of %s for those of ratebook.is_privileged(), none for others.', v_view, p_table));
  execute format('comment on view %s is %L', v_view,
    format(
      'For admins and the service role: %s with everybody''s rows. Others find it empty.%s', p_table,
      -- Where there is an id: it leads the key.
      case when exists (
        select from pg_catalog.pg_attribute as a where a.attrelid = p_table and a.attname = 'id' and not a.attisdropped
      ) then ' Page by id, which has an index; any other order reads all of it.' end
    ));
  for v_column in
    select format('%I', a.attname) as name, col_description(a.attrelid, a.attnum) as description
    from pg_catalog.pg_attribute as a
    where a.attrelid = p_table and a.attnum > 0 and not a.attisdropped
  loop
    execute format('comment on column %s.%s is %L', v_fence, v_column.name, v_column.description);
    execute format('comment on column %s.%s is %L', v_view, v_column.name, v_column.description);
  end loop;
end;
$$;

revoke all on function ratebook.show_all_to_admins(regclass) from public;

comment on function ratebook.show_all_to_admins(regclass) is
'Makes all_<table> beside a table of owners, with its grants and comments: the table''s own policy is the owner''s alone, because an "or admin" in it makes each owner''s page read the whole table. Call it once the table''s columns and comments are there.';
