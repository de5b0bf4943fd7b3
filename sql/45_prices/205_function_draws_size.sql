create function ratebook.draws_size(p_model_id uuid, p_valid_sizes text[], p_size text, p_at timestamptz) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_valid_sizes = '{}' or p_size = any(p_valid_sizes) or exists (
    select from ratebook.prices_in_force(p_model_id, p_at) as p
    where p.variant = p_size and p.meter = 'image' and p.is_public
  );
end;
$$;

revoke all on function ratebook.draws_size(uuid, text[], text, timestamptz) from public;

comment on function ratebook.draws_size(uuid, text[], text, timestamptz) is
'Whether a model makes images of a size: one of its valid sizes, all where it names none, or one with a public price of a picture, in force, of the source and currency that it followed then.';
