create function ratebook.check_copies() returns table (check_name text, severity text, message text)
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select
    'history_guarded' as check_name,
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      'Does not refuse changes from every role and session: '
      || string_agg(format('%s on %s', t.tgname, t.tgrelid::regclass), ', ' order by t.tgrelid::regclass::text, t.tgname)
      || '. Say alter table … enable always trigger …',
      'What refuses changes to history does so from every role and session.'
    )
  from pg_catalog.pg_trigger as t
  inner join pg_catalog.pg_class as c on c.oid = t.tgrelid
  where t.tgfoid = 'ratebook.refuse_change'::regproc and t.tgenabled <> 'A' and c.relkind in ('r', 'p')
  union all
  -- A subscriber receives rows and not the state of sequences: theirs is set when it takes over.
  select
    'sequences_ahead' as check_name,
    case when bool_or(r.srrelid is null) then 'error' when count(*) > 0 then 'warning' else 'ok' end,
    coalesce(
      'The next numbers are taken already: ' || string_agg(b.table_name, ', ' order by b.table_name)
      || '. Say select ratebook.advance_sequences() before this database takes over.',
      'Every sequence is ahead of its table.'
    )
  from ratebook.sequences_behind() as b
  left join (select distinct s.srrelid from pg_catalog.pg_subscription_rel as s) as r
    on r.srrelid = b.table_name::regclass
  union all
  -- Sheets and list prices are copied as they are; a copy that lacks some would price by what is gone.
  select
    'price_sheets' as check_name,
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      'Price sheets and prices differ for model '
      || string_agg(d.model_id::text, ', ' order by d.model_id) filter (where d.place <= 3)
      || case when count(*) > 3 then format(' and %s more', count(*) - 3) else '' end
      || '. Work them out with ratebook.rebuild_prices().',
      'Every price has its sheets.'
    )
  from (
    select
      coalesce(s.model_id, p.model_id) as model_id,
      row_number() over (order by coalesce(s.model_id, p.model_id)) as place
    from (
      select
        r.model_id,
        r.source,
        r.currency,
        array_agg(distinct r.effective_from order by r.effective_from) as starts
      from ai.model_pricing as r
      group by r.model_id, r.source, r.currency
    ) as p
    -- Either side may lack the other: prices without a schedule, or one of prices that did not come along.
    full join ratebook.price_schedules as s
      on s.model_id = p.model_id and s.source = p.source and s.currency = p.currency
    where s.starts is distinct from p.starts
  ) as d
  union all
  -- What the catalogue sorts by, against what it is worked out from.
  select
    'list_prices' as check_name,
    case when count(*) = 0 then 'ok' else 'error' end,
    coalesce(
      'The list prices of the catalogue and the price sheets differ for model '
      || string_agg(d.model_id::text, ', ' order by d.model_id) filter (where d.place <= 3)
      || case when count(*) > 3 then format(' and %s more', count(*) - 3) else '' end
      || '. Work them out with ratebook.write_list_prices().',
      'The catalogue lists what the price sheets say.'
    )
  from (
    -- One row a model, however many of its periods differ.
    select
      r.model_id,
      row_number() over (order by r.model_id) as place
    from (
      select coalesce(l.model_id, c.model_id) as model_id
      from ratebook.list_prices as l
      full join ratebook.computed_list_prices as c on c.model_id = l.model_id and c.starts = l.starts
      where
        c.ends is distinct from l.ends
        or c.source is distinct from l.source
        or c.currency is distinct from l.currency
        or c.prices is distinct from l.prices
        or c.hidden is distinct from l.hidden
      group by coalesce(l.model_id, c.model_id)
    ) as r
  ) as d;
end;

revoke all on function ratebook.check_copies() from public;

comment on function ratebook.check_copies() is
'The checks of ai.self_check() of what a restore or a subscriber can leave behind.';
