create function ratebook.refuse_long(p_view regclass, p_row jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column text;
  v_length integer;
begin
  select a.attname, a.atttypmod - 4 into v_column, v_length
  from pg_attribute as a
  where
    a.attrelid = p_view and a.atttypid = 'varchar'::regtype and a.atttypmod > 0
    and length(p_row ->> a.attname) > a.atttypmod - 4
  order by a.attnum
  limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('"%s" is longer than %s characters.', v_column, v_length), null,
      jsonb_build_object('column', v_column));
  end if;
end;
$$;

create function ratebook.upsert_row(p_view regclass, p_key text[], p_row jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- Dynamic: only what the row names is written, so that the view's defaults and what is stored fill in the rest.
declare
  v_columns text;
  v_unknown text;
  v_rows bigint;
begin
  if not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', format('Only admins write to %s.', p_view), null,
      jsonb_build_object('table', p_view));
  end if;
  if jsonb_typeof(p_row) is distinct from 'object' or p_row = '{}' then
    perform ratebook.fail('invalid_argument', 'A row is a JSON object of columns and values, with at least one.');
  end if;
  select
    string_agg(quote_ident(a.attname), ', '),
    min(k.key) filter (where a.attname is null)
  into v_columns, v_unknown
  from jsonb_object_keys(p_row) as k (key)
  left join pg_attribute as a
    on a.attrelid = p_view and a.attname = k.key and a.attnum > 0 and not a.attisdropped;
  if v_unknown is not null then
    perform ratebook.fail('invalid_argument', format('There is no column "%s".', left(v_unknown, 100)), null,
      jsonb_build_object('column', left(v_unknown, 100)));
  end if;

  perform ratebook.refuse_long(p_view, p_row);

  -- Two callers with the same key: the second sees the first one's row.
  perform ratebook.lock_registry();
  execute format(
    'update %1$s as v set (%2$s) = (select %2$s from jsonb_populate_record(v, $1)) '
    'where (%3$s) = (select %3$s from jsonb_populate_record(null::%1$s, $1))',
    p_view, v_columns, (select string_agg(quote_ident(c.name), ', ') from unnest(p_key) as c (name))
  ) using p_row;
  get diagnostics v_rows = row_count;
  if v_rows = 0 then
    execute format(
      'insert into %1$s (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1)', p_view, v_columns
    ) using p_row;
  end if;
end;
$$;

revoke all on function ratebook.refuse_long(regclass, jsonb) from public;
revoke all on function ratebook.upsert_row(regclass, text[], jsonb) from public;

comment on function ratebook.refuse_long(regclass, jsonb) is
'Refuses a value that is longer than its column, and names it: the type alone would tell its length only. Error: invalid_argument (PT422).';
comment on function ratebook.upsert_row(regclass, text[], jsonb) is
'Updates the row of a view that has the same values in the key columns, else inserts one; columns that the JSON object does not name stay as they are or get their defaults. Errors: not_allowed (42501), invalid_argument (PT422), those of the view.';
