-- What the surfaces that edit models in place have in common.

create function ratebook.refuse_nulls(p_row jsonb, p_columns text[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column text;
begin
  select r.key into v_column
  from jsonb_each(p_row) as r
  where r.key = any(p_columns) and r.value = 'null'
  order by array_position(p_columns, r.key)
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('"%s" is missing or null.', v_column), null,
      jsonb_build_object('column', v_column));
  end if;
end;
$$;

create function ratebook.refuse_changes(p_old jsonb, p_new jsonb, p_columns text[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column text;
begin
  select c.name into v_column
  from unnest(p_columns) as c (name)
  where coalesce(p_new -> c.name, 'null') <> coalesce(p_old -> c.name, 'null')
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('"%s" is not yours to write.', v_column),
      'Leave it out.', jsonb_build_object('column', v_column));
  end if;
end;
$$;

create function ratebook.changed_values(p_old jsonb, p_new jsonb) returns jsonb
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(jsonb_object_agg(n.key, n.value), '{}')
    from jsonb_each(p_new) as n
    where n.value is distinct from p_old -> n.key
  );
end;
$$;

create function ratebook.merge_supports(p_supports text[], p_flags jsonb) returns text[]
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select s.name
    from unnest(p_supports) with ordinality as s (name, position)
    where coalesce((p_flags ->> s.name)::boolean, true)
    order by s.position
  ) || array(
    select f.key from jsonb_each_text(p_flags) as f
    where f.value::boolean and f.key <> all(p_supports)
    order by f.key
  );
end;
$$;

create function ratebook.delete_live_model(p_model_id uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.lock_registry();
  if not exists (select from ai.models as m where m.id = p_model_id and m.deleted_at is null) then
    perform ratebook.fail('not_allowed', 'The model is deleted already; its row stays for the past.', null,
      jsonb_build_object('model', p_model_id));
  end if;
  delete from ai.models as m where m.id = p_model_id;
end;
$$;

revoke all on function ratebook.refuse_nulls(jsonb, text[]) from public;
revoke all on function ratebook.refuse_changes(jsonb, jsonb, text[]) from public;
revoke all on function ratebook.changed_values(jsonb, jsonb) from public;
revoke all on function ratebook.merge_supports(text[], jsonb) from public;
revoke all on function ratebook.delete_live_model(uuid) from public;

comment on function ratebook.refuse_nulls(jsonb, text[]) is
'Refuses a row with NULL in one of the columns, and names it. Error: invalid_argument (PT422).';
comment on function ratebook.refuse_changes(jsonb, jsonb, text[]) is
'Refuses a row that changes one of the columns, and names it. Error: invalid_argument (PT422).';
comment on function ratebook.changed_values(jsonb, jsonb) is
'The members of the new object that the old one does not have so: what a write really asks for.';
comment on function ratebook.merge_supports(text[], jsonb) is
'A list of supported features after flags (feature → boolean) have switched some on and off; the others stay.';
comment on function ratebook.delete_live_model(uuid) is
'Marks a model as deleted. Its callers decide who may. Error: not_allowed (42501) where it is already.';
