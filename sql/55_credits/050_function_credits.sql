create function ratebook.credits(
  p_cost numeric,
  p_credits_per_currency_unit numeric,
  p_margin numeric,
  p_fixed_credits numeric,
  p_min_credits numeric,
  p_minimum_applies_to_free boolean,
  p_increment numeric
) returns numeric
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
  v_credits constant numeric := greatest(
    p_min_credits, p_cost * p_credits_per_currency_unit * (1 + p_margin) + p_fixed_credits
  );
begin
  return case
    when p_cost is null then null -- greatest() passes over it.
    when p_cost = 0 and not p_minimum_applies_to_free then 0
    -- Up to a multiple of the increment, by mod: a quotient would be rounded.
    when mod(v_credits, p_increment) = 0 then v_credits
    else v_credits + p_increment - mod(v_credits, p_increment)
  end;
end;
$$;

revoke all on function ratebook.credits(numeric, numeric, numeric, numeric, numeric, boolean, numeric) from public;

comment on function ratebook.credits(numeric, numeric, numeric, numeric, numeric, boolean, numeric) is
'The one formula from a cost in currency to credits; NULL of a NULL cost.';
