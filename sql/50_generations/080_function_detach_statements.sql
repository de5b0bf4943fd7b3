create function ratebook.detach_statements(p_table regclass, p_before timestamptz)
returns table (month text, statement text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_table <> 'ai.generations'::regclass then
    perform ratebook.fail('invalid_argument', format('%s is history and stays.', p_table),
      'Only ai.generations has months to detach.');
  end if;
  return query
  select
    m.month::text,
    case m.state
      -- It was cut before; there can be one, and before the next.
      when 'detaching' then format('alter table %s detach partition %s finalize', m.parent, m.month)
      when 'attached' then format('alter table %s detach partition %s concurrently', m.parent, m.month)
      else format('select ratebook.close_month(%L)', m.month)
    end
  from ratebook.months() as m
  where
    m.parent = p_table
    and case m.state
      when 'detaching' then true
      when 'attached' then m.until <= p_before
      else not ratebook.is_closed(m.month)
    end
  order by m.state <> 'detaching', m.until;
end;
$$;

revoke all on function ratebook.detach_statements(regclass, timestamptz) from public;

comment on function ratebook.detach_statements(regclass, timestamptz) is
'Retention, for the owner of the schema: the statements, each a transaction of its own, that detach the months that end at or before a time without keeping anybody waiting; `ratebook months detach` sends them until none is left. A lock_timeout makes such a statement let go; what was cut by it comes first the next time. The tables stay in schema ratebook, closed, until the owner archives or drops them; ai.erase_lenser() does not reach them. Error: invalid_argument (PT422) for any table but ai.generations: charges, holds and ledger stay.';
