create function private.quote_lines(
  p_sheet private.price_sheets, p_usage jsonb, p_all boolean
) returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select
      jsonb_agg(
        jsonb_build_object(
          'meter', l.meter,
          'quantity', trim_scale(l.quantity)::text,
          'price_meter', case when p_all or l.is_public then l.price_meter end,
          'unit_price', case when p_all or l.is_public then trim_scale(l.unit_price)::text end,
          'cost', case when p_all or l.is_public then trim_scale(l.cost)::text end
        ) || case when p_all then jsonb_build_object('price_id', l.price_id) else '{}' end
      )
    from private.price_usage(p_sheet, p_usage) as l
  );
end;
$$;

create function private.price_ids(p_sheet private.price_sheets, p_usage jsonb) returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(array_agg(distinct l.price_id) filter (where l.price_id is not null), '{}')
    from private.price_usage(p_sheet, p_usage) as l
  );
end;
$$;

revoke all on function private.quote_lines(private.price_sheets, jsonb, boolean) from public;
revoke all on function private.price_ids(private.price_sheets, jsonb) from public;

comment on function private.quote_lines(private.price_sheets, jsonb, boolean) is 'The lines of a quote, for those who see all or for the public.';
comment on function private.price_ids(private.price_sheets, jsonb) is 'The price rows that a usage is priced by.';
