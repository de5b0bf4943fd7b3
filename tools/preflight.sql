-- Nothing is changed yet: all that stands in the way of {module} is named at once.
do $preflight$
declare
  v_clashes text;
  v_schemas text;
  v_reachable text;
  v_admitting text;
  v_others text;
begin
  with found as (
{query}
  )
  select
    string_agg(f.what, ', ' order by f.what) filter (where f.module = '{module}' and f.problem = 'clash'),
    string_agg(f.what, ', ' order by f.what) filter (where f.module = '{module}' and f.problem = 'not_allowed'),
    string_agg(f.what, ', ' order by f.what) filter (where f.module = '{module}' and f.problem = 'reachable'),
    string_agg(distinct f.schema_name, ',') filter (where f.module = '{module}' and f.problem = 'reachable'),
    string_agg(f.what || ' (module ' || f.module || ')', ', ' order by f.what)
      filter (where f.module <> '{module}' and f.problem = 'clash')
  into v_clashes, v_schemas, v_reachable, v_admitting, v_others
  from found as f;
  if v_clashes is not null then
    raise exception
      'The project has objects by the names of Ratebook''s: %. Rename them, or move them to another schema. Nothing was changed',
      concat_ws(', ', v_clashes, v_others)
      using errcode = 'duplicate_object';
  end if;
  if v_others is not null then
    raise warning 'The project has objects by the names of other modules'': %.', v_others
      using hint = 'Rename them before these modules come, or leave the modules out.';
  end if;
  if v_schemas is not null then
    raise exception
      '% may not create objects in, or let others use: %. Grant it CREATE, and USAGE with grant option. Nothing was changed',
      current_user, v_schemas
      using errcode = 'insufficient_privilege';
  end if;
  if v_reachable is not null then
    -- The command line shows no hints, so the way out stands in the message.
    raise exception
      'The API roles may use the schemas that Ratebook shares, and so they would reach: %. Revoke that, or accept it: '
      'alter database % set ratebook.accept_reachable = ''%'' (or, where that is not allowed, with '
      'options=-c%%20ratebook.accept_reachable=% in the address of the database). Nothing was changed',
      v_reachable, quote_ident(current_database()), v_admitting, v_admitting
      using errcode = 'insufficient_privilege';
  end if;
end;
$preflight$;
