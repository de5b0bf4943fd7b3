create function private.ensure_profile() returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
-- Definer: makes the profile in the owner's name and reads auth.users, which the caller cannot.
declare
  v_erased_at timestamptz;
begin
  select p.erased_at into v_erased_at from lensers.profiles as p where p.id = new.lenser_id;
  if not found then
    insert into lensers.profiles (id, user_id)
    select u.id, u.id from auth.users as u where u.id = new.lenser_id
    on conflict do nothing;
    if not found and not exists (select from lensers.profiles as p where p.id = new.lenser_id) then
      perform private.fail('unknown_lenser', format('There is no lenser %s.', new.lenser_id),
        'A lenser is an auth user, or a row of lensers.profiles.', jsonb_build_object('lenser', new.lenser_id));
    end if;
  elsif v_erased_at is not null then
    perform private.fail('erased_lenser', 'This lenser was erased and can own nothing new.');
  end if;
  return new;
end;
$$;

revoke all on function private.ensure_profile() from public;

comment on function private.ensure_profile() is
'Row trigger before insert on tables with lenser_id: makes the profile of an auth user at its first use, so that nothing has to be kept in step. Errors: unknown_lenser (PT404), erased_lenser (42501).';
