create function ratebook.assert_currency(p_currency text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if (p_currency ~ '^[A-Z]{3}$') is not true then
    perform ratebook.fail('invalid_argument', format('"%s" is not a currency.', left(p_currency, 20)),
      'Use an ISO 4217 code, such as USD.', jsonb_build_object('currency', left(p_currency, 20)));
  end if;
end;
$$;

create function ratebook.use_currency(
  p_model_id uuid, p_currency text, p_at timestamptz default null
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_since timestamptz;
  v_currency text;
begin
  perform ratebook.assert_currency(p_currency);
  select m.price_source_since into v_since from ai.models as m where m.id = p_model_id for no key update;
  v_currency := (ratebook.price_source_at(p_model_id, p_at)).price_currency;
  if p_currency = v_currency then
    return;
  end if;
  if p_at < v_since or exists (
    select from ai.model_pricing as p where p.model_id = p_model_id and p.currency = v_currency
  ) then
    perform ratebook.fail(
      'invalid_argument', format('The prices of the model are in %s, not in %s.', v_currency, p_currency),
      'A quote uses one currency: ai.models.price_currency says which.',
      jsonb_build_object('currency', p_currency, 'price_currency', v_currency)
    );
  end if;
  update ai.models as m set price_currency = p_currency where m.id = p_model_id;
end;
$$;

revoke all on function ratebook.assert_currency(text) from public;
revoke all on function ratebook.use_currency(uuid, text, timestamptz) from public;

comment on function ratebook.assert_currency(text) is 'Refuses what is not an ISO 4217 code. Error: invalid_argument (PT422).';
comment on function ratebook.use_currency(uuid, text, timestamptz) is
'Makes sure that a price in this currency applies, at a time or (NULL) now: a model without prices takes the currency on, one with prices in another refuses it. Error: invalid_argument (PT422).';
