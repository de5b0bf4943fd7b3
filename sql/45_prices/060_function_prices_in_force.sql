create function ratebook.prices_in_force(
  p_model_id uuid, p_at timestamptz
) returns setof ai.model_pricing
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
begin atomic
  select p.*
  from (
    select distinct on (
      q.meter, q.service_tier, q.variant, q.region, q.context_threshold,
      q.window_start, q.window_end, q.window_days, q.window_time_zone
    ) q.*
    from ratebook.price_source_at(p_model_id, p_at) as f
    inner join ai.model_pricing as q
      on (q.model_id, q.source, q.currency) = (p_model_id, f.price_source, f.price_currency)
    where q.effective_from <= p_at
    order by
      q.meter asc, q.service_tier asc, q.variant asc, q.region asc, q.context_threshold asc,
      q.window_start asc, q.window_end asc, q.window_days asc, q.window_time_zone asc,
      q.effective_from desc, q.revision desc
  ) as p
  where not p.withdrawn;
end;

create function ratebook.assert_time(p_at timestamptz) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_at is null or not isfinite(p_at) then
    perform ratebook.fail('invalid_time', 'The time asked for is missing or infinite.',
      'Leave "at" out to ask as of now.');
  end if;
  if p_at > ratebook.clock() and not ratebook.is_privileged() then
    perform ratebook.fail('not_allowed', 'Prices ahead of now are for admins only.',
      'Leave "at" out to ask as of now.');
  end if;
end;
$$;

create function ratebook.visible_prices_in_force(p_model text, p_at timestamptz) returns setof ai.model_pricing
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: what is in force is decided over all rows, then only public ones are shown. Under the caller's own
-- policies an outdated public price would stand in for the hidden one that replaced it.
begin
  perform ratebook.assert_time(p_at);
  return query
  select p.*
  from ratebook.prices_in_force(ratebook.visible_model_id(p_model, p_at), p_at) as p
  where p.is_public or ratebook.is_privileged()
  order by p.meter, p.service_tier, p.variant nulls first, p.region nulls first, p.context_threshold nulls first;
end;
$$;

create function ai.prices_in_force(
  model text, at timestamptz default ratebook.clock()
) returns setof ai.model_pricing
language sql stable
set search_path = pg_catalog, pg_temp
begin atomic
  select p.* from ratebook.visible_prices_in_force(model, at) as p;
end;

revoke all on function ratebook.prices_in_force(uuid, timestamptz) from public;
revoke all on function ratebook.assert_time(timestamptz) from public;
revoke all on function ratebook.visible_prices_in_force(text, timestamptz) from public;
revoke all on function ai.prices_in_force(text, timestamptz) from public;
grant execute on function ratebook.visible_prices_in_force(text, timestamptz) to anon, authenticated, service_role;
grant execute on function ai.prices_in_force(text, timestamptz) to anon, authenticated, service_role;

comment on function ratebook.prices_in_force(uuid, timestamptz) is
'The price rows of a model that apply at a time, of the source and currency that it followed then: per key the latest effective_from, then the highest revision, without the withdrawn.';
comment on function ratebook.assert_time(timestamptz) is
'Refuses a time that no price can be asked for. Errors: invalid_time (PT422), not_allowed (42501) for the future.';
comment on function ratebook.visible_prices_in_force(text, timestamptz) is 'The rule behind ai.prices_in_force().';
comment on function ai.prices_in_force(text, timestamptz) is
'The public price rows of a model that apply at a time, now unless told, of the source and currency that priced it then. model: id, key or alias. at: as of when. Admins and the service role also see prices that are not public, and may ask about the future. Errors: unknown_model (PT404), ambiguous_model (PT409), invalid_time (PT422), not_allowed (42501).';
