create function ratebook.is_in_log(p_since timestamptz, p_until timestamptz) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select not exists (
    -- What was counted, and the table that it was counted of.
    select
    from (
      select
        sum(abs(r.requests)) as requests,
        sum(abs(r.charges)) + sum(abs(r.credits)) as charges,
        sum(abs(r.cost_credits)) as costs,
        sum(abs(r.refunded)) as refunds
      from ratebook.usage_rollups as r
      where r.dimension = 'all' and r.minutes = 1440 and r.starts_at >= p_since and r.starts_at < p_until
    ) as s
    cross join
      lateral (
        values
        ('ai.generations'::regclass, s.requests),
        ('billing.charges', s.charges),
        ('billing.charge_costs', s.costs),
        ('billing.ledger_entries', s.refunds)
      ) as t (name, counted)
    where
      t.counted > 0
      and not exists (
        select from ratebook.months() as m
        where m.parent = t.name and m.state = 'attached' and m.until = p_until
      )
  ) and not exists (
    -- A refund counts as its charge does.
    select
    from billing.ledger_entries as e
    where
      e.kind = 'refund'
      and e.id >= ratebook.uuid_v7_floor(p_since)
      and e.id < ratebook.uuid_v7_floor(p_until)
      and not exists (
        select from billing.charges as c
        where c.id = e.charge_id and c.lenser_id = e.lenser_id
      )
  );
end;

revoke all on function ratebook.is_in_log(timestamptz, timestamptz) from public;

comment on function ratebook.is_in_log(timestamptz, timestamptz) is
'Whether all that was counted of a month is still in the log: no month of it was detached, nor one whose charges it refunds.';
