create function ratebook.merge_models(p_duplicate text, p_into text) returns setof ai.models
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook; admins and the service role only.
declare
  v_duplicate uuid;
  v_into uuid;
begin
  perform ratebook.assert_privileged();
  -- As in ratebook.retire_model().
  perform pg_advisory_xact_lock(hashtextextended('ratebook.defaults', 0));
  v_duplicate := ratebook.model_to_change(p_duplicate);
  v_into := ratebook.model_to_change(p_into);
  perform ratebook.assert_successor(v_duplicate, v_into);

  perform ratebook.hand_over(v_duplicate, v_into);
  insert into ai.model_aliases (alias, model_id, source)
  select a.alias, v_into, a.source from ai.model_aliases as a where a.model_id = v_duplicate
  union all
  select m.key, v_into, 'manual' from ai.models as m where m.id = v_duplicate
  on conflict do nothing;
  delete from ai.model_aliases as a where a.model_id = v_duplicate;
  update ai.models as m
  set
    deleted_at = ratebook.clock(),
    is_active = false,
    is_default = false,
    successor_id = v_into,
    succeeded_at = ratebook.clock()
  where m.id = v_duplicate;
  return query select m.* from ai.models as m where m.id = v_into;
end;
$$;

create function ai.merge_models(duplicate text, "into" text) returns setof ai.models
language sql volatile rows 1
set search_path = pg_catalog, pg_temp
begin atomic
  select m.* from ratebook.merge_models(duplicate, "into") as m;
end;

revoke all on function ratebook.merge_models(text, text) from public;
revoke all on function ai.merge_models(text, text) from public;
grant execute on function ratebook.merge_models(text, text) to authenticated, service_role;
grant execute on function ai.merge_models(text, text) to authenticated, service_role;

comment on function ratebook.merge_models(text, text) is 'The rule behind ai.merge_models().';
comment on function ai.merge_models(text, text) is
'For admins and the service role. Makes one model of two rows (ids, keys or aliases): aliases, routes and the place as the default move, the key of the duplicate becomes an alias, and the duplicate is marked as deleted. Its prices, margins and generations stay with it, so its past is priced as it was; budgets that name it count what is spent on the one that stays, since then. Returns the model that stays. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model, deleted_model (PT409), invalid_argument (PT422).';
