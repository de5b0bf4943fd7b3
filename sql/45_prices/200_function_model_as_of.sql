create function ratebook.model_as_of(p_model text, p_at timestamptz) returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reads the history and the rate book for admins and the service role.
declare
  v_id uuid;
  v_row jsonb;
begin
  perform ratebook.assert_privileged();
  perform ratebook.assert_time(p_at);
  v_id := ratebook.model_id(p_model, true, '-infinity');
  -- From the row of today back: each later change gives its old values.
  select
    to_jsonb(m) - 'search' || coalesce(
      (
        select jsonb_object_agg(old.column_name, old.value)
        from (
          select distinct on (b.key) b.key, b.value
          from lensers.audit_history as h
          cross join jsonb_each(h.before) as b
          where
            h.table_name = 'ai.models' and h.row_key = jsonb_build_object('id', v_id) and h.operation = 'UPDATE'
            and h.changed_at > p_at
          order by b.key, h.id
        ) as old (column_name, value)
      ), '{}'
    )
  into v_row
  from ai.models as m
  where m.id = v_id;
  -- A row that is older than the history has no entry of its making.
  if p_at < coalesce(
    (
      select min(h.changed_at)
      from lensers.audit_history as h
      where
        h.table_name = 'ai.models' and h.row_key = jsonb_build_object('id', v_id) and h.operation = 'INSERT'
    ),
    (v_row ->> 'created_at')::timestamptz
  ) then
    perform ratebook.fail(
      'unknown_model', format('There was no model called "%s" at that time.', left(p_model, 100)),
      'Ask for a later time.', jsonb_build_object('model', left(p_model, 100), 'at', p_at)
    );
  end if;
  return v_row || to_jsonb(ratebook.price_source_at(v_id, p_at)) || jsonb_build_object(
    'prices', (
      select coalesce(
        jsonb_agg(
          to_jsonb(p) || jsonb_build_object('price_per_unit', trim_scale(p.price_per_unit)::text)
          order by p.meter, p.service_tier, p.variant nulls first, p.region nulls first, p.context_threshold nulls first
        ), '[]'
      )
      from ratebook.prices_in_force(v_id, p_at) as p
    )
  );
end;
$$;

create function ai.model_as_of(model text, at timestamptz) returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
return ratebook.model_as_of(model, at);

revoke all on function ratebook.model_as_of(text, timestamptz) from public;
revoke all on function ai.model_as_of(text, timestamptz) from public;
grant execute on function ratebook.model_as_of(text, timestamptz) to authenticated, service_role;
grant execute on function ai.model_as_of(text, timestamptz) to authenticated, service_role;

comment on function ratebook.model_as_of(text, timestamptz) is 'The rule behind ai.model_as_of().';
comment on function ai.model_as_of(text, timestamptz) is
'For admins and the service role. How a model (id, key or alias of today; a retired or deleted one too) looked at a time: its row as JSON, and in prices the rows of ai.model_pricing in force then, amounts as strings. Later corrections of a price count, as they do in a quote as of that time. Errors: not_allowed (42501), unknown_model (PT404) where there was no such model yet, ambiguous_model (PT409), invalid_time (PT422).';
