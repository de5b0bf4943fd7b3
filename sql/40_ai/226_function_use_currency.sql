create function private.use_currency(p_model_id uuid, p_currency text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_currency text;
begin
  select m.price_currency into v_currency from ai.models as m where m.id = p_model_id for no key update;
  if p_currency is not distinct from v_currency then
    return;
  end if;
  if exists (
    select from ai.model_pricing as p where p.model_id = p_model_id and p.currency = v_currency
  ) then
    perform private.fail(
      'invalid_argument', format('The prices of the model are in %s, not in "%s".', v_currency, left(p_currency, 20)),
      'A quote uses one currency: ai.models.price_currency says which.',
      jsonb_build_object('currency', left(p_currency, 20), 'price_currency', v_currency)
    );
  end if;
  update ai.models as m set price_currency = p_currency where m.id = p_model_id;
end;
$$;

revoke all on function private.use_currency(uuid, text) from public;

comment on function private.use_currency(uuid, text) is
'Makes sure that a price in this currency applies: a model without prices takes the currency on, one with prices in another refuses it. Error: invalid_argument (PT422).';
