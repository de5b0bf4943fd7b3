create function ratebook.feature_id(p_feature text) returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid;
begin
  select f.id into v_id from ai.features as f where f.key = p_feature;
  if not found then
    perform ratebook.fail('unknown_feature', format('There is no feature called "%s".', left(p_feature, 100)),
      'Ask ai.features for the keys.', jsonb_build_object('feature', left(p_feature, 100)));
  end if;
  return v_id;
end;
$$;

revoke all on function ratebook.feature_id(text) from public;

comment on function ratebook.feature_id(text) is 'The feature of this key. Error: unknown_feature (PT404).';
