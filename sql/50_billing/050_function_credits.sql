create function private.round_up(p_value numeric, p_increment numeric) returns numeric
language plpgsql immutable strict parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  -- By mod: a quotient would be rounded.
  v_rest numeric := mod(p_value, p_increment);
begin
  return case when v_rest = 0 then p_value else p_value + p_increment - v_rest end;
end;
$$;

create function private.credits(
  p_cost numeric,
  p_rate billing.credit_rates,
  p_policy billing.execution_margin_policies
) returns numeric
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_cost is null then
    return null; -- greatest() would pass over it.
  end if;
  if p_cost = 0 and not p_policy.minimum_applies_to_free then
    return 0;
  end if;
  return private.round_up(
    greatest(
      p_policy.min_credits,
      p_cost * p_rate.credits_per_currency_unit * (1 + p_policy.margin) + p_policy.fixed_credits
    ),
    p_policy.increment
  );
end;
$$;

revoke all on function private.round_up(numeric, numeric) from public;
revoke all on function private.credits(numeric, billing.credit_rates, billing.execution_margin_policies) from public;

comment on function private.round_up(numeric, numeric) is
'The least multiple of the increment that is not below the value; the value is not negative. Exact.';
comment on function private.credits(numeric, billing.credit_rates, billing.execution_margin_policies) is
'The one formula from a cost in currency to credits.';
