create function ratebook.readable_feed(
  p_source text, p_models jsonb, p_strict boolean, out models jsonb, out skipped jsonb, out unread text[]
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_problems text[];
begin
  -- What has a flaw is left out by its number; a feed with nothing left in it is none.
  with problems as materialized (
    select f.number, string_agg(f.problem, ' ' order by f.problem) as problem
    from ratebook.feed_problems(p_source, p_models) as f
    group by f.number
  ),

  -- Of several that say the same, the first is the one that is read.
  entries as materialized (
    select
      e.number,
      e.model,
      p.problem,
      left(concat_ws('/', e.model ->> 'provider', e.model ->> 'provider_model_key'), 355) as ref,
      row_number() over (
        partition by e.model ->> 'provider', e.model ->> 'provider_model_key' order by p.number is null desc, e.number
      ) as copy
    from
      jsonb_array_elements(case when jsonb_typeof(p_models) = 'array' then p_models end)
      with ordinality as e (model, number)
    left join problems as p on p.number = e.number
  )

  -- Told apart: what is no feed at all, what is read, and what is left out and why.
  select
    (select array_agg(p.problem) from problems as p where p.number is null),
    (select jsonb_agg(e.model order by e.number) from entries as e where e.problem is null and e.copy = 1),
    (
      select coalesce(
        jsonb_agg(
          jsonb_build_object(
            'model', coalesce(nullif(e.ref, ''), format('number %s', e.number)),
            'problem', coalesce(e.problem, 'it is in the feed twice and says the same; read once.')
          )
          order by e.number
        ), '[]'
      )
      from entries as e
      where e.problem is not null or e.copy > 1
    )
  into v_problems, models, skipped;

  -- Two prices of one thing: which of them is meant, nobody knows.
  if v_problems is null and models is not null then
    with contradictions as materialized (
      select d.ref, format('it has two prices of %s for the same thing.', min(d.meter)) as problem
      from (
        select f.ref, f.meter from ratebook.feed_prices(models) as f
        group by f.ref, f.meter, f.price_key, f.effective_from
        having count(*) > 1
      ) as d
      group by d.ref
    )

    -- Their models join what is left out.
    select
      jsonb_agg(e.model) filter (where c.ref is null),
      skipped || coalesce(
        jsonb_agg(jsonb_build_object('model', c.ref, 'problem', c.problem)) filter (where c.ref is not null), '[]'
      )
    into models, skipped
    from jsonb_array_elements(models) as e (model)
    left join contradictions as c on c.ref = concat_ws('/', e.model ->> 'provider', e.model ->> 'provider_model_key');
  end if;

  -- The old way, where anything that is left out refuses the feed; one that has nothing else is refused anyway.
  if v_problems is null and (p_strict and skipped <> '[]' or models is null) then
    select array_agg(format('%s: %s', s.entry ->> 'model', s.entry ->> 'problem'))
    into v_problems
    from jsonb_array_elements(skipped) as s (entry);
  end if;
  if v_problems is not null then
    perform ratebook.fail(
      'invalid_feed',
      v_problems[1] || case
        when cardinality(v_problems) > 1 then format(' (and %s more)', cardinality(v_problems) - 1) else ''
      end,
      'Nothing was imported. Mend the feed.',
      jsonb_build_object('problems', to_jsonb(v_problems[1:20]), 'count', cardinality(v_problems))
    );
  end if;

  -- Left out is not gone: what is here of these stays as it is.
  unread := array(
    select s.entry ->> 'model' from jsonb_array_elements(skipped) as s (entry)
    except
    select concat_ws('/', m.model ->> 'provider', m.model ->> 'provider_model_key')
    from jsonb_array_elements(models) as m (model)
  );
end;
$$;

revoke all on function ratebook.readable_feed(text, jsonb, boolean) from public;

comment on function ratebook.readable_feed(text, jsonb, boolean) is
'A feed without what cannot be read or contradicts itself. skipped: [{model, problem}]; unread: those of them that the feed has nowhere else, as provider/provider_model_key. Errors: invalid_feed (PT422) where nothing is left, or p_strict and anything is left out.';
