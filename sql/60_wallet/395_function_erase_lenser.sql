create function ratebook.erase_lenser(p_lenser uuid) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: reaches every table that holds something of the lenser.
declare
  v_generations bigint;
  v_media bigint;
  v_objects bigint;
begin
  -- Someone who never owned anything has no profile yet; the empty one keeps a token that is still valid from making one.
  insert into lensers.profiles (id)
  select u.id from auth.users as u where u.id = p_lenser
  on conflict do nothing;
  -- The accounts before the profile, as everybody does.
  perform ratebook.take_plainness(p_lenser);
  -- Waits for what is being written in the lenser's name, and makes later writers wait.
  perform from lensers.profiles as p where p.id = p_lenser for update;
  update lensers.profiles as p
  set
    user_id = null,
    display_name = null,
    avatar_url = null,
    erased_at = coalesce(p.erased_at, ratebook.clock())
  where p.id = p_lenser;
  if not found then
    perform ratebook.fail('unknown_lenser', format('There is no lenser %s.', p_lenser), null,
      jsonb_build_object('lenser', p_lenser));
  end if;
  update ai.generations as g set prompt = null, output = null, media_id = null where g.lenser_id = p_lenser;
  get diagnostics v_generations = row_count;
  delete from content.media_library as l where l.lenser_id = p_lenser;
  get diagnostics v_media = row_count;
  delete from media.objects as o where o.lenser_id = p_lenser;
  get diagnostics v_objects = row_count;
  delete from lensers.user_roles as r where r.user_id = p_lenser;
  return jsonb_build_object('generations', v_generations, 'media', v_media, 'objects', v_objects);
end;
$$;

create function ai.erase_lenser(lenser uuid) returns jsonb
language sql volatile
-- Over the API, PostgREST gives it this time: more than a statement has.
set search_path = pg_catalog, pg_temp set statement_timeout = '5min'
begin atomic
  select ratebook.erase_lenser(lenser);
end;

revoke all on function ratebook.erase_lenser(uuid) from public;
revoke all on function ai.erase_lenser(uuid) from public;
grant execute on function ratebook.erase_lenser(uuid) to service_role;
grant execute on function ai.erase_lenser(uuid) to service_role;

comment on function ratebook.erase_lenser(uuid) is 'The rule behind ai.erase_lenser().';
comment on function ai.erase_lenser(uuid) is
'Service role only. Removes prompts, outputs, media, stored-object rows, roles and profile data of a lenser; pseudonymous rows without content stay. The auth user can be deleted then. Delete the files in storage first: their rows go here. Returns how many rows of each were touched. Safe to repeat. Error: unknown_lenser (PT404).';
