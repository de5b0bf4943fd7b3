create function ratebook.round_up(p_value numeric, p_increment numeric) returns numeric
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
begin
  return case
    when p_cost is null then null -- greatest() would pass over it.
    when p_cost = 0 and not p_minimum_applies_to_free then 0
    else ratebook.round_up(
      greatest(
        p_min_credits,
        p_cost * p_credits_per_currency_unit * (1 + p_margin) + p_fixed_credits
      ),
      p_increment
    )
  end;
end;
$$;

revoke all on function ratebook.round_up(numeric, numeric) from public;
revoke all on function ratebook.credits(numeric, numeric, numeric, numeric, numeric, boolean, numeric) from public;

comment on function ratebook.round_up(numeric, numeric) is
'The least multiple of the increment that is not below the value; the value is not negative. Exact.';
comment on function ratebook.credits(numeric, numeric, numeric, numeric, numeric, boolean, numeric) is
'The one formula from a cost in currency to credits; NULL of a NULL cost.';
