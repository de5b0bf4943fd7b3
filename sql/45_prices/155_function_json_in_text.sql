-- A GET request carries JSON as text.
create function ratebook.json_in_text(p_json jsonb) returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case jsonb_typeof(p_json) when 'string' then (p_json #>> '{}')::jsonb else p_json end;
exception
  when invalid_text_representation or untranslatable_character or numeric_value_out_of_range or statement_too_complex then
    return p_json; -- What is asked next says what is wrong.
end;
$$;

revoke all on function ratebook.json_in_text(jsonb) from public;
comment on function ratebook.json_in_text(jsonb) is 'The JSON that a JSON string holds; anything else as it is.';
