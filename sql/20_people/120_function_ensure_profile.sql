create function ratebook.ensure_profile_of(p_lenser_id uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_erased_at timestamptz;
begin
  if p_lenser_id is null then
    perform ratebook.fail('not_allowed', 'Only a lenser can own something.', 'Sign in, or name a lenser.');
  end if;
  -- The lock waits for an erasure under way, and is what the foreign key takes anyway.
  select p.erased_at into v_erased_at from lensers.profiles as p where p.id = p_lenser_id for key share;
  if not found then
    insert into lensers.profiles (id, user_id)
    select u.id, u.id from auth.users as u where u.id = p_lenser_id
    on conflict do nothing;
    if not found and not exists (select from lensers.profiles as p where p.id = p_lenser_id) then
      perform ratebook.fail('unknown_lenser', format('There is no lenser %s.', p_lenser_id),
        'A lenser is an auth user, or a row of lensers.profiles.', jsonb_build_object('lenser', p_lenser_id));
    end if;
  elsif v_erased_at is not null then
    perform ratebook.fail('erased_lenser', 'This lenser was erased and can own nothing new.');
  end if;
end;
$$;

create function ratebook.ensure_profile() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: makes the profile in the owner's name and reads auth.users, which the caller cannot.
begin
  perform ratebook.ensure_profile_of(new.lenser_id);
  return new;
end;
$$;

revoke all on function ratebook.ensure_profile_of(uuid) from public;
revoke all on function ratebook.ensure_profile() from public;

comment on function ratebook.ensure_profile_of(uuid) is 'The rule behind ratebook.ensure_profile().';
comment on function ratebook.ensure_profile() is
'Row trigger on tables with lenser_id: makes the profile of an auth user at its first use, so that nothing has to be kept in step. Errors: not_allowed, erased_lenser (42501), unknown_lenser (PT404).';
