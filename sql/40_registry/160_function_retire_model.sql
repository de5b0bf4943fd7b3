create function ratebook.hand_over(p_from uuid, p_to uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Where both serve a feature one route stands: the open one, of two the heir's own.
  delete from ai.feature_model_policies as r
  using ai.feature_model_policies as o
  where r.model_id = p_to and not r.is_active and o.model_id = p_from and o.is_active and o.feature_key = r.feature_key;
  delete from ai.feature_model_policies as r
  using ai.feature_model_policies as o
  where r.model_id = p_from and o.model_id = p_to and o.feature_key = r.feature_key;
  update ai.feature_model_policies as r set model_id = p_to where r.model_id = p_from;

  update ai.models as m
  set is_default = true
  from ai.models as f
  where
    m.id = p_to and m.is_active and f.id = p_from and f.is_default
    and (m.modality, m.task) = (f.modality, f.task);
end;
$$;

create function ratebook.assert_successor(p_model_id uuid, p_successor_id uuid) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_model_id = ratebook.heir(p_successor_id, 'infinity') then
    perform ratebook.fail('invalid_argument', 'A model cannot succeed itself.');
  end if;
end;
$$;

create function ratebook.retire_model(p_model text, p_successor text, p_reroute boolean) returns setof ai.models
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_id uuid;
  v_successor ai.models;
begin
  perform ratebook.assert_privileged();
  -- The lock of ratebook.lock_defaults(), before anything is looked at: two retirements never cross.
  perform pg_advisory_xact_lock(hashtextextended('ratebook.defaults', 0));
  v_id := ratebook.model_to_change(p_model);
  if p_successor is not null then
    select m.* into v_successor
    from ai.models as m
    where m.id = ratebook.model_to_change(p_successor)
    for share;
    perform ratebook.assert_successor(v_id, v_successor.id);
    if not v_successor.is_active then
      perform ratebook.refuse_inactive_model(v_successor.id, 'a successor');
    end if;
  end if;
  if coalesce(p_reroute, p_successor is not null) then
    if v_successor.id is null then
      perform ratebook.fail('invalid_argument', 'Routes need a successor to go to.', 'Name one, or leave reroute out.');
    end if;
    perform ratebook.hand_over(v_id, v_successor.id);
  end if;
  return query
  update ai.models as m
  set
    status = 'retired',
    is_active = false,
    is_default = false,
    successor_id = coalesce(v_successor.id, m.successor_id),
    succeeded_at = case
      when v_successor.id <> coalesce(m.successor_id, m.id) then ratebook.clock() else m.succeeded_at
    end
  where m.id = v_id
  returning m.*;
end;
$$;

create function ai.retire_model(
  model text, successor text default null, reroute boolean default null
) returns setof ai.models
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ratebook.retire_model(model, successor, reroute) as m;
end;

revoke all on function ratebook.hand_over(uuid, uuid) from public;
revoke all on function ratebook.assert_successor(uuid, uuid) from public;
revoke all on function ratebook.retire_model(text, text, boolean) from public;
revoke all on function ai.retire_model(text, text, boolean) from public;
grant execute on function ratebook.retire_model(text, text, boolean) to authenticated, service_role;
grant execute on function ai.retire_model(text, text, boolean) to authenticated, service_role;

comment on function ratebook.hand_over(uuid, uuid) is
'Moves the routes of a model to another, and its place as the default where that one is active and of the same modality and task.';
comment on function ratebook.assert_successor(uuid, uuid) is
'Refuses a successor whose own heir the model would be. Error: invalid_argument (PT422).';
comment on function ratebook.retire_model(text, text, boolean) is 'The rule behind ai.retire_model().';
comment on function ai.retire_model(text, text, boolean) is
'For admins and the service role. Takes a model (id, key or alias) out of service: retired, inactive, no default. With a successor, its key and aliases lead there from now on; what is asked as of an earlier time, and its id, still mean the retired model, so the past is priced as it was; budgets that name it count what is spent on the successor since. reroute: whether its routes, and its place as the default, move to the successor; they do unless told. ai.activate_models() takes it back. Returns the retired model. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model, inactive_model (PT409), invalid_argument (PT422).';
