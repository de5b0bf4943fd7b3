create function ratebook.report_health(
  p_model text, p_provider text, p_state ai.health_enum, p_until timestamptz, p_reason text
) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: resolves names in schema ratebook, and nobody else writes the table; admins and the service role only.
declare
  v_model_id uuid;
  v_provider_id uuid;
begin
  perform ratebook.assert_privileged();
  if num_nonnulls(p_model, p_provider) <> 1 or p_state is null then
    perform ratebook.fail('invalid_argument', 'A report names a model or a provider, and its state.',
      'The state is degraded, rate_limited or healthy.');
  end if;
  if p_model is not null then
    v_model_id := ratebook.model_id(p_model, true);
  else
    select p.id into v_provider_id from ai.providers as p where p_provider in (p.key, p.id::text);
    if not found then
      perform ratebook.fail('unknown_provider', format('There is no provider called "%s".', left(p_provider, 100)),
        'Ask ai.providers for the keys.', jsonb_build_object('provider', left(p_provider, 100)));
    end if;
  end if;
  if p_state = 'healthy' then
    delete from ai.health_reports as h where h.model_id = v_model_id or h.provider_id = v_provider_id;
    return;
  end if;
  if ratebook.is_time(p_until) is not true then
    perform ratebook.fail('invalid_time', 'A report lasts until a time, in the years 1 to 9999.',
      'It is healthy again from then on, by itself.');
  end if;
  if ratebook.is_text(p_reason) is false then
    perform ratebook.fail('invalid_argument', 'The reason is longer than 10,000 characters.');
  end if;
  insert into ai.health_reports as h (model_id, provider_id, state, until, reason)
  values (v_model_id, v_provider_id, p_state, p_until, p_reason)
  on conflict (model_id, provider_id) do update
  set
    state = excluded.state,
    until = excluded.until,
    reason = excluded.reason,
    reported_at = excluded.reported_at,
    reported_by = excluded.reported_by
  -- A hundred requests that run into one limit are one write.
  where (h.state, h.until, h.reason) is distinct from (excluded.state, excluded.until, excluded.reason);
end;
$$;

create function ai.report_health(
  model text default null,
  provider text default null,
  state ai.health_enum default 'degraded',
  until timestamptz default null,
  reason text default null
) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.report_health(model, provider, state, until, reason);
end;

revoke all on function ratebook.report_health(text, text, ai.health_enum, timestamptz, text) from public;
revoke all on function ai.report_health(text, text, ai.health_enum, timestamptz, text) from public;
grant execute on function ratebook.report_health(text, text, ai.health_enum, timestamptz, text)
to authenticated, service_role;
grant execute on function ai.report_health(text, text, ai.health_enum, timestamptz, text)
to authenticated, service_role;

comment on function ratebook.report_health(text, text, ai.health_enum, timestamptz, text) is
'The rule behind ai.report_health().';
comment on function ai.report_health(text, text, ai.health_enum, timestamptz, text) is
'For admins and the service role. Says that a model, or a provider with all its models, is degraded or rate_limited until a time: ai.route_feature() puts it behind the healthy ones until then, and it comes back by itself. model: id, key or alias; provider: id or key; one of them. until: such as the time that Retry-After gives. state healthy takes a report back. reason: for people. The last report stands. Errors: not_allowed (42501), unknown_model (PT404), ambiguous_model (PT409), unknown_provider, invalid_argument, invalid_time (PT422).';
