create function ratebook.set_member(
  p_account_id uuid, p_member_id uuid, p_spend_limit numeric, p_owner uuid
) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_account billing.accounts;
begin
  if p_spend_limit is not null then
    perform ratebook.assert_credits('spend_limit', p_spend_limit);
  end if;
  v_account := ratebook.lock_account(p_account_id, p_owner);
  perform ratebook.assert_not_erased(array[v_account.lenser_id, p_member_id]);
  if p_member_id = v_account.lenser_id then
    perform ratebook.fail('invalid_argument', 'The owner needs no membership.');
  end if;
  if not exists (
    select from lensers.profiles as p where p.id = p_member_id
    union all
    select from auth.users as u where u.id = p_member_id
  ) then
    perform ratebook.fail('unknown_lenser', format('There is no lenser %s.', p_member_id),
      'A lenser is an auth user, or a row of lensers.profiles.', jsonb_build_object('lenser', p_member_id));
  end if;
  update billing.account_members as m
  set spend_limit = p_spend_limit
  where
    m.account_id = v_account.id
    and m.lenser_id is not distinct from v_account.lenser_id
    and m.member_id = p_member_id;
  if found then
    return;
  end if;
  insert into lensers.profiles (id, user_id) values (p_member_id, p_member_id) on conflict do nothing;
  -- One who comes back has spent what was spent before.
  insert into billing.account_members (account_id, lenser_id, member_id, spend_limit, spent)
  select v_account.id, v_account.lenser_id, p_member_id, p_spend_limit, coalesce(sum(c.credits - coalesce(r.amount, 0)), 0)
  from billing.charges as c
  left join lateral (
    select f.amount from ratebook.refunds as f where f.charge_id = c.id and f.lenser_id is not distinct from c.lenser_id
  ) as r on true
  where
    c.account_id = v_account.id
    and c.lenser_id is not distinct from v_account.lenser_id
    and c.spender_id = p_member_id
    -- As its index says it.
    and c.spender_id <> c.lenser_id;
end;
$$;

create function ratebook.remove_member(p_account_id uuid, p_member_id uuid, p_owner uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: only the wallet's functions write its tables.
declare
  v_account billing.accounts := ratebook.lock_account(p_account_id, p_owner);
begin
  delete from billing.account_members as m
  where
    m.account_id = v_account.id
    and m.lenser_id is not distinct from v_account.lenser_id
    and m.member_id = p_member_id;
  return found;
end;
$$;

create function billing.set_member(
  account uuid, member uuid, spend_limit numeric default null, owner uuid default null
) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.set_member(account, member, spend_limit, owner);
end;

create function billing.remove_member(account uuid, member uuid, owner uuid default null) returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.remove_member(account, member, owner);
end;

revoke all on function ratebook.set_member(uuid, uuid, numeric, uuid) from public;
revoke all on function ratebook.remove_member(uuid, uuid, uuid) from public;
revoke all on function billing.set_member(uuid, uuid, numeric, uuid) from public;
revoke all on function billing.remove_member(uuid, uuid, uuid) from public;
grant execute on function ratebook.set_member(uuid, uuid, numeric, uuid) to service_role;
grant execute on function ratebook.remove_member(uuid, uuid, uuid) to service_role;
grant execute on function billing.set_member(uuid, uuid, numeric, uuid) to service_role;
grant execute on function billing.remove_member(uuid, uuid, uuid) to service_role;

comment on function ratebook.set_member(uuid, uuid, numeric, uuid) is 'The rule behind billing.set_member().';
comment on function ratebook.remove_member(uuid, uuid, uuid) is 'The rule behind billing.remove_member().';
comment on function billing.set_member(uuid, uuid, numeric, uuid) is
'Service role only. Lets a lenser spend from an account, up to spend_limit credits in all, or changes the limit of one who may. owner: the account''s lenser. Errors: unknown_account, unknown_lenser (PT404), invalid_amount, invalid_argument, owner_required (PT422), erased_lenser (42501).';
comment on function billing.remove_member(uuid, uuid, uuid) is
'Service role only. The lenser may spend from the account no more; returns whether there was such a member. Holds that are open can still be captured. owner: the account''s lenser. Errors: unknown_account (PT404), owner_required (PT422).';
