create function ratebook.assert_credits(p_name text, p_value numeric, p_least numeric default 0) returns void
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if (p_value >= p_least and ratebook.is_amount(p_value, 12)) is not true then
    perform ratebook.fail(
      'invalid_amount',
      format('%s is %s.', initcap(p_name), case
        when p_value is null then 'missing'
        when p_value < p_least then format('less than %s', trim_scale(p_least))
        else 'out of range'
      end),
      'Credits are numbers up to 1e12 with at most 12 decimals.',
      jsonb_build_object('argument', p_name)
    );
  end if;
end;
$$;

create function ratebook.assert_priority(p_priority integer) returns void
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  if (p_priority >= 0) is not true then
    perform ratebook.fail('invalid_argument', 'A priority is a number from 0.', 'Lower burns first.');
  end if;
end;
$$;

revoke all on function ratebook.assert_credits(text, numeric, numeric) from public;
revoke all on function ratebook.assert_priority(integer) from public;

comment on function ratebook.assert_credits(text, numeric, numeric) is
'Refuses what is no amount of credits: NULL, NaN, infinite, less than the least (0 unless told), above 1e12, more than 12 decimals. Error: invalid_amount (PT422).';
comment on function ratebook.assert_priority(integer) is
'Refuses what is no priority of a lot. Error: invalid_argument (PT422).';
