create function ratebook.report(
  p_request ratebook.charge_request, p_is_estimated boolean, p_reported_cost numeric, p_reported_currency text
) returns ratebook.charge_request
language plpgsql immutable security definer
set search_path = pg_catalog, pg_temp
as $$
-- Definer: the caller has no usage on schema ratebook. It reads no table.
begin
  p_request.is_estimated := coalesce(p_is_estimated, false);
  p_request.reported_cost := p_reported_cost;
  p_request.reported_currency := p_reported_currency;
  if p_reported_currency is not null and p_reported_cost is null then
    perform ratebook.fail('invalid_argument', 'A currency without a cost says nothing.', 'Pass reported_cost with it.');
  end if;
  p_request.request := p_request.request || ratebook.reported(p_is_estimated, p_reported_cost, p_reported_currency);
  return p_request;
end;
$$;

create function ratebook.reported(
  p_is_estimated boolean, p_reported_cost numeric, p_reported_currency text
) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_strip_nulls(jsonb_build_object(
    'estimated', nullif(p_is_estimated, false), 'reported_cost', trim_scale(p_reported_cost),
    'reported_currency', p_reported_currency
  ));
end;
$$;

revoke all on function ratebook.report(ratebook.charge_request, boolean, numeric, text) from public;
revoke all on function ratebook.reported(boolean, numeric, text) from public;
grant execute on function ratebook.report(ratebook.charge_request, boolean, numeric, text) to service_role;

comment on function ratebook.report(ratebook.charge_request, boolean, numeric, text) is
'A request with what is known of its cost: an estimate, or what the provider reported. Error: invalid_argument (PT422).';
comment on function ratebook.reported(boolean, numeric, text) is
'What a key stands for of an estimate or a reported cost: nothing where there is neither.';
