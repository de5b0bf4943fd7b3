create function ratebook.write_pricing(p_model_id uuid, p_old jsonb, p_new jsonb) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_at timestamptz := ratebook.clock();
  v_currency text := coalesce(
    p_new ->> 'currency', (select m.price_currency from ai.models as m where m.id = p_model_id)
  );
  v_key text;
  v_value text;
  v_meter text;
  v_unit_type ai.unit_type_enum;
begin
  if jsonb_typeof(p_new) is distinct from 'object' then
    perform ratebook.fail('invalid_argument', 'Pricing is a JSON object.',
      'For example {"input_per_1m": 0.15, "output_per_1m": 0.6, "currency": "USD"}.');
  end if;

  perform ratebook.use_currency(p_model_id, v_currency);
  for v_key, v_value, v_meter, v_unit_type in
    select k.key, p_new ->> k.key, t.key, t.unit_type
    from jsonb_object_keys(p_new || p_old) as k (key)
    left join ai.meters as t on ratebook.pricing_key(t.key, t.unit_type) = k.key
    where k.key <> 'currency'
  loop
    if v_meter is null then
      perform ratebook.fail('unknown_meter', format('The price key "%s" means no meter.', left(v_key, 100)),
        'Tokens are priced as <meter>_per_1m, all else as per_<meter>; ask ai.meters for the keys.',
        jsonb_build_object('key', left(v_key, 100)));
    end if;
    if v_value !~ '^-?\d{1,20}(\.\d{1,30})?$' then
      perform ratebook.fail('not_a_number', format('The price "%s" is not a number.', v_key),
        'Write plain decimals, such as 0.15.', jsonb_build_object('key', v_key));
    end if;
    -- As numbers: 0.6 and "0.60" are the same price.
    if v_value::numeric is distinct from (p_old ->> v_key)::numeric then
      perform ratebook.set_price(
        p_model_id,
        v_meter,
        v_value::numeric * case v_unit_type when 'tokens' then 0.000001 else 1 end,
        v_currency,
        v_at
      );
    end if;
  end loop;
end;
$$;

revoke all on function ratebook.write_pricing(uuid, jsonb, jsonb) from public;

comment on function ratebook.write_pricing(uuid, jsonb, jsonb) is
'Makes what differs between two pricing objects true from now on, as dated price rows; a price that is missing or null in the new one is withdrawn. Errors: unknown_meter, not_a_number, negative_quantity, quantity_out_of_range, invalid_argument (PT422).';
