create function ratebook.adopted_tables() returns table (
  system text, name text, key text[], set_here text[], place integer
)
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  return query values
  ('api_models', 'api_providers', '{name}'::text[], '{}'::text[], 1),
  ('api_models', 'api_models', '{provider_id,model_key}', '{created_by}', 2),
  ('rate_cards', 'providers', '{name}', '{}', 1),
  ('rate_cards', 'model_profiles', '{name}', '{}', 2),
  ('rate_cards', 'rate_cards', '{provider,model,effective_from}', '{id,created_at}', 3),
  ('llm_models', 'llm_providers', '{provider_key}', '{}', 1),
  ('llm_models', 'llm_models', '{provider_id,model_key}', '{}', 2),
  (
    'ai_model_config', 'ai_model_config', '{model_name}',
    '{id,updated_at,updated_by,updated_by_id,pricing_display}', 1
  );
end;
$$;

create function ratebook.assert_adoptable(p_system text, p_tables jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_names text[] := array(select t.name from ratebook.adopted_tables() as t where t.system = p_system order by t.place);
  v_unknown text;
begin
  if v_names = '{}' then
    perform ratebook.fail('invalid_argument', format('There is no system "%s".', left(p_system, 100)),
      'Valid ones: api_models, rate_cards, llm_models, ai_model_config.');
  end if;
  if
    jsonb_typeof(p_tables) is distinct from 'object'
    or exists (select from jsonb_each(p_tables) as t where jsonb_typeof(t.value) <> 'array')
  then
    perform ratebook.fail('invalid_argument', 'Tables are a JSON object of arrays of rows.');
  end if;
  select k.name into v_unknown from jsonb_object_keys(p_tables) as k (name) where k.name <> all(v_names) limit 1;
  if found then
    perform ratebook.fail('invalid_argument', format('%s has no table "%s".', p_system, left(v_unknown, 100)),
      format('Its tables are %s.', array_to_string(v_names, ', ')));
  end if;
end;
$$;

create function ratebook.resolve_row(p_table text, p_row jsonb, p_providers jsonb, p_names jsonb) returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
-- An id of the old database becomes that of the row with the same key here, and a name gets a row.
declare
  v_old text := coalesce(p_row ->> 'provider_id', '');
  v_id uuid;
  v_made text[] := '{}'::text[];
begin
  if p_table = 'model_profiles' and p_row ? 'provider' and not p_row ? 'provider_id' then
    -- A foreign key of that name, by id or by name.
    v_old := p_row ->> 'provider';
    p_providers := p_providers || jsonb_build_object(v_old, coalesce(p_providers ->> v_old, v_old));
    p_row := p_row - 'provider' || jsonb_build_object('provider_id', v_old);
  end if;
  if jsonb_typeof(p_row -> 'auth') = 'string' then
    -- JSON in a column of text.
    p_row := p_row || jsonb_build_object('auth', (p_row ->> 'auth')::jsonb);
  end if;
  if p_table = 'rate_cards' and p_row ->> 'provider' is not null and not p_providers ? v_old then
    -- The table of providers is not there, or has no such row: the name says it all.
    p_row := p_row - 'provider_id';
  end if;

  -- Ids of the old database mean nothing here; the provider's key does.
  if p_row ? 'provider_id' then
    select p.id into v_id from ai.providers as p where p.key = p_providers ->> v_old;
    if not found then
      perform ratebook.fail('unknown_provider',
        format('Its provider %s is not here.', coalesce(p_providers ->> v_old, nullif(v_old, ''), 'NULL')),
        'Copy the provider first.', jsonb_build_object('provider_id', v_old));
    end if;
    p_row := p_row || jsonb_build_object('provider_id', v_id);
  end if;

  -- The same for a row of its own table, which has been copied before.
  if p_row ->> 'canonical_equivalent_id' is not null then
    v_old := p_names ->> (p_row ->> 'canonical_equivalent_id');
    v_id := case p_table
      when 'providers' then (select p.id from ai.providers as p where p.key = v_old)
      else (select p.id from ai.model_profiles as p where p.name = v_old)
    end;
    if v_id is null then
      perform ratebook.fail('invalid_argument', 'The row that canonical_equivalent_id names is not here.', 'Copy that first.',
        jsonb_build_object('column', 'canonical_equivalent_id'));
    end if;
    p_row := p_row || jsonb_build_object('canonical_equivalent_id', v_id);
  end if;

  -- Here every provider and every model is a row; where the old system had a name alone, one is made and reported.
  if p_row ? 'provider' then
    insert into ai.providers (key, name)
    select p_row ->> 'provider', p_row ->> 'provider'
    where p_row ->> 'provider' is not null
    on conflict (key) do nothing;
    if found then
      v_made := v_made || format('provider %s', p_row ->> 'provider');
    end if;
  end if;
  -- A card needs the model that it prices.
  if p_table = 'rate_cards' then
    if p_row ->> 'source' is null then
      p_row := p_row - 'source';
    end if;
    insert into compat.api_models (provider_id, model_key, display_name, modality, task)
    select p.id, p_row ->> 'model', p_row ->> 'model', 'text', 'generation'
    from ai.providers as p
    where
      p.key = p_row ->> 'provider'
      and not exists (
        select from ai.models as m
        where
          m.provider_id = p.id and m.deleted_at is null
          and coalesce(m.provider_model_key, m.key) = p_row ->> 'model'
      );
    if found then
      v_made := v_made || format('model %s/%s', p_row ->> 'provider', p_row ->> 'model');
    end if;
  end if;
  return jsonb_build_object('row', p_row, 'made', v_made);
end;
$$;

create function ratebook.adopt(p_system text, p_tables jsonb, p_dry_run boolean) returns jsonb
language plpgsql volatile security definer
-- A time without a zone is one of UTC. Plans are made once, and for tables that grow meanwhile: each row is one of many.
set search_path = pg_catalog, pg_temp set timezone = 'UTC'
set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off
as $$
-- Definer: the caller has no usage on schema ratebook.
declare
  v_report jsonb := jsonb_build_object('system', p_system, 'dry_run', p_dry_run);
  v_tables jsonb := '{}'::jsonb;
  v_refused jsonb[] := '{}'::jsonb[];
  v_ids jsonb[] := '{}'::jsonb[];
  v_made text[] := '{}'::text[];
  v_unmapped jsonb := '{}'::jsonb;
  v_defaults text[] := '{}'::text[];
  v_default text;
  v_providers jsonb := '{}'::jsonb;
  v_names jsonb;
  v_rows jsonb;
  v_outcomes text[];
  v_table record;
  v_item record;
  v_resolved jsonb;
  v_done record;
  v_state text;
  v_message text;
  v_hint text;
  v_detail text;
begin
  perform ratebook.assert_adoptable(p_system, p_tables);
  -- One at a time, in the order of all who write models.
  perform ratebook.lock_registry();
  begin
    for v_table in
      select t.*, format('compat.%I', t.name)::regclass as view
      from ratebook.adopted_tables() as t
      where t.system = p_system
      order by t.place
    loop
      -- By date, so that a rate card meets the one before it; and with the key of each old id, for rows that name it.
      select
        coalesce(
          jsonb_agg(
            r.row order by
            case jsonb_typeof(r.row -> 'effective_from') when 'number' then (r.row ->> 'effective_from')::numeric end,
            r.row ->> 'effective_from', r.position
          ),
          '[]'
        ),
        coalesce(
          jsonb_object_agg(r.row ->> 'id', r.row ->> v_table.key[1]) filter (where r.row ->> 'id' is not null), '{}'
        )
      into v_rows, v_names
      from (
        select
          case jsonb_typeof(e.value) when 'string' then (e.value #>> '{}')::jsonb else e.value end as row,
          e.position
        from jsonb_array_elements(p_tables -> v_table.name) with ordinality as e (value, position)
      ) as r;
      -- What is no row at all has no key by which it could be reported: it refuses the call.
      if exists (select from jsonb_array_elements(v_rows) as r (value) where jsonb_typeof(r.value) <> 'object') then
        perform ratebook.fail('invalid_argument', format('A row of %s is not a JSON object.', v_table.name));
      end if;
      if v_table.place = 1 then
        v_providers := v_names;
      end if;
      v_outcomes := array_fill(null::text, array[jsonb_array_length(v_rows)]);

      -- A row that names another of its table gets its own place first.
      for v_item in
        select
          r.position::integer,
          r.value as old,
          r.value - v_table.set_here - case
            when p.pass = 1 and r.value ->> 'canonical_equivalent_id' is not null then 'canonical_equivalent_id' else ''
          end as row
        from jsonb_array_elements(v_rows) with ordinality as r (value, position)
        cross join (values (1), (2)) as p (pass)
        where p.pass = 1 or r.value ->> 'canonical_equivalent_id' is not null
        order by p.pass, r.position
      loop
        continue when v_outcomes[v_item.position] = 'refused';
        -- Each row in a block of its own: one that is refused takes back what was made for it, and no other.
        begin
          v_resolved := ratebook.resolve_row(v_table.name, v_item.row, v_providers, v_names);
          v_default := null;
          -- A second default would quietly take the place of the first.
          if (v_item.row ->> 'is_default')::boolean then
            v_default := concat_ws(
              ' ', coalesce(v_item.row ->> 'modality', v_item.row ->> 'model_type'), coalesce(v_item.row ->> 'task', 'generation')
            );
            if v_default = any(v_defaults) then
              perform ratebook.fail('invalid_argument', format('It is not the only default of %s.', v_default),
                'Leave one of them the default.', '{"column": "is_default"}');
            end if;
          end if;
          select a.* into v_done from ratebook.adopt_row(v_table.view, v_table.key, v_resolved -> 'row') as a;
          v_defaults := v_defaults || v_default;
          v_made := v_made || array(select jsonb_array_elements_text(v_resolved -> 'made'));
          -- A row that names another of its table is written twice and counted once.
          if v_outcomes[v_item.position] is null then
            v_outcomes[v_item.position] := v_done.outcome;
            if v_done.id::text <> v_item.row ->> 'id' then
              v_ids := v_ids || jsonb_build_object('table', v_table.name, 'old', v_item.row -> 'id', 'here', v_done.id);
            end if;
          elsif v_outcomes[v_item.position] = 'unchanged' then
            v_outcomes[v_item.position] := v_done.outcome;
          end if;
        exception when others then
          get stacked diagnostics
            v_state = returned_sqlstate, v_message = message_text, v_hint = pg_exception_hint,
            v_detail = pg_exception_detail;
          -- Only what is wrong with the row; anything else is wrong with all of them.
          if v_state !~ '^(PT|22|23|42501|54)' then
            raise;
          end if;
          -- Named as the old system names it, so that its owner finds it.
          v_outcomes[v_item.position] := 'refused';
          v_refused := v_refused || jsonb_build_object(
            'table', v_table.name,
            'id', v_item.old -> 'id',
            'key', concat_ws(
              ' ',
              coalesce(v_providers ->> (v_item.row ->> 'provider_id'), v_item.row ->> 'provider'),
              v_item.row ->> v_table.key[case v_table.name when 'rate_cards' then 2 else cardinality(v_table.key) end],
              v_item.row ->> 'effective_from'
            ),
            -- Errors of PostgreSQL itself have a code alone.
            'error', case when v_detail like '{"%' then v_detail::jsonb ->> 'error' end,
            'code', v_state,
            'message', v_message,
            'hint', nullif(v_hint, '')
          );
        end;
      end loop;

      v_tables := v_tables || jsonb_build_object(v_table.name, (
        select jsonb_build_object(
          'read', count(*),
          'added', count(*) filter (where o.outcome = 'added'),
          'changed', count(*) filter (where o.outcome = 'changed'),
          'unchanged', count(*) filter (where o.outcome = 'unchanged'),
          'refused', count(*) filter (where o.outcome = 'refused')
        )
        from unnest(v_outcomes) as o (outcome)
      ));
      -- What has no place here is counted: nothing is left behind in silence.
      v_unmapped := v_unmapped || (
        select coalesce(jsonb_object_agg(v_table.name || '.' || c.key, c.rows), '{}')
        from (
          select e.key, count(*) as rows
          from jsonb_array_elements(v_rows) as r (value)
          cross join lateral jsonb_each(r.value - v_table.set_here) as e
          where
            e.value <> 'null'
            -- What ratebook.resolve_row() has read.
            and (v_table.name, e.key) <> ('model_profiles', 'provider')
            and not exists (
              select from pg_attribute as a
              where a.attrelid = v_table.view and a.attname = e.key and a.attnum > 0 and not a.attisdropped
            )
          group by e.key
        ) as c
      );
    end loop;
    if p_dry_run then
      -- Takes back what was written; the variables stay.
      raise exception using errcode = 'RB000';
    end if;
  exception when sqlstate 'RB000' then
    null;
  end;
  return v_report || jsonb_build_object(
    'tables', v_tables, 'made', v_made, 'refused', v_refused, 'unmapped', v_unmapped, 'ids', v_ids
  );
end;
$$;

create function compat.adopt(system text, tables jsonb, dry_run boolean default false) returns jsonb
language sql volatile
-- PostgREST takes it over for the whole request: some thousand rows need longer than a listing may.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select ratebook.adopt(system, tables, dry_run);
end;

revoke all on function ratebook.adopted_tables() from public;
revoke all on function ratebook.assert_adoptable(text, jsonb) from public;
revoke all on function ratebook.resolve_row(text, jsonb, jsonb, jsonb) from public;
revoke all on function ratebook.adopt(text, jsonb, boolean) from public;
revoke all on function compat.adopt(text, jsonb, boolean) from public;
grant execute on function ratebook.adopt(text, jsonb, boolean) to service_role;
grant execute on function compat.adopt(text, jsonb, boolean) to service_role;

comment on function ratebook.adopted_tables() is
'The tables of each older system in the order in which they are copied, providers first: what identifies a row, and the columns that are this database''s to set.';
comment on function ratebook.assert_adoptable(text, jsonb) is
'Refuses what is not a system and its tables. Error: invalid_argument (PT422).';
comment on function ratebook.resolve_row(text, jsonb, jsonb, jsonb) is
'An old row with the ids that its provider and its counterpart have here, and what had to be made for it: a provider that is a name only, the model of a rate card. p_providers and p_names: old id → key, of providers and of its own table. Errors: unknown_provider, invalid_argument (PT422), those of making them.';
comment on function ratebook.adopt(text, jsonb, boolean) is 'The rule behind compat.adopt().';
comment on function compat.adopt(text, jsonb, boolean) is
'Service role only. Copies the rows of an older system, in one transaction. system: api_models, rate_cards, llm_models or ai_model_config; tables: {table: [row]}, a row being its JSON object, or the text of that where a client''s numbers would lose digits; a time may be a number, of milliseconds since 1970. A row is copied whole, by its id, else by its key, and reads back as it was, or is refused and reported; the same rows again change nothing. An old row wins over what is here, except on rate cards, which never change. dry_run reports and writes nothing. Returns {system, dry_run, tables: {table: {read, added, changed, unchanged, refused}}, made: [what else had to be made], refused: [{table, id, key, error, code, message, hint}], unmapped: {table.column: rows with a value that has no place}, ids: [{table, old, here}]}. Error: invalid_argument (PT422).';
