-- Every statement on an owner's rows names the lenser. Where the rows are asked for by an id, it says "is not distinct
-- from", which no index takes: one that is led by the lenser would find them too, and read all that the lenser ever had,
-- whenever the planner thinks that this is little.
create function ratebook.owners_of_accounts(p_ids uuid[], p_owners uuid[]) returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ratebook.require_owner();
  return array(
    -- A lenser's own account has the lenser's id, also before it is made.
    select coalesce(n.lenser_id, a.lenser_id, n.id)
    from unnest(p_ids, p_owners) with ordinality as n (id, lenser_id)
    left join lateral (
      select o.lenser_id from billing.accounts as o where o.id = n.id
      offset 0
    ) as a on n.lenser_id is null
    order by n.ordinality
  );
end;
$$;

create function ratebook.owner_of(p_kind text, p_id uuid, p_owner uuid) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner uuid := p_owner;
begin
  if p_owner is not null then
    return p_owner;
  end if;
  perform ratebook.require_owner();
  -- The one place that asks by id alone; whatever follows names the lenser. A statement each: one for all kinds would
  -- lock every month of every table.
  if p_kind = 'account' then
    return (ratebook.owners_of_accounts(array[p_id], array[p_owner]))[1];
  elsif p_kind = 'hold' then
    select h.lenser_id into v_owner from billing.holds as h where h.id = p_id;
  elsif p_kind = 'charge' then
    select c.lenser_id into v_owner from billing.charges as c where c.id = p_id;
  elsif p_kind = 'lot' then
    select g.lenser_id into v_owner from billing.grants as g where g.id = p_id;
  elsif p_kind = 'recurring_grant' then
    select r.lenser_id into v_owner from billing.recurring_grants as r where r.id = p_id;
  end if;
  return v_owner;
end;
$$;

revoke all on function ratebook.owners_of_accounts(uuid[], uuid[]) from public;
revoke all on function ratebook.owner_of(text, uuid, uuid) from public;

comment on function ratebook.owners_of_accounts(uuid[], uuid[]) is
'ratebook.owner_of() for accounts, of which the caller does not name every owner. Error: owner_required (PT422).';
comment on function ratebook.owner_of(text, uuid, uuid) is
'The lenser of an account, lot, hold, charge or recurring grant: as the caller names it, which is taken at its word, or else looked up by the id. A row that is not there has none, but a lenser''s own account. Error: owner_required (PT422).';

-- The lock waits for an erasure under way, and is what the foreign keys take anyway.
create function ratebook.assert_not_erased(p_lenser_ids uuid[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_erased uuid;
begin
  select l.id into v_erased
  from (
    select p.id, p.erased_at from lensers.profiles as p where p.id = any(p_lenser_ids) order by p.id for key share
  ) as l
  where l.erased_at is not null
  order by l.id
  limit 1;
  if found then
    perform ratebook.fail('erased_lenser', 'This lenser was erased: no credits come in, and nothing new is spent.',
      'What was held before may be captured or released, and charges refunded.', jsonb_build_object('lenser', v_erased));
  end if;
end;
$$;

revoke all on function ratebook.assert_not_erased(uuid[]) from public;

comment on function ratebook.assert_not_erased(uuid[]) is
'Refuses lensers that were erased, and waits for an erasure that is under way. Error: erased_lenser (42501).';
