-- Weighted rendezvous hashing. Each candidate draws a number of its own for a subject, so that a weight that changes
-- moves only the subjects that this candidate wins or loses.
create function ratebook.split_score(
  p_subject text, p_feature_id uuid, p_model_id uuid, p_weight numeric
) returns double precision
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
  -- 52 bits and a half: exact in double precision, between 0 and 1 and never either, on every platform.
  return ln(
    (
      ('x' || left(encode(sha256(convert_to(p_subject || ' ' || p_feature_id || ' ' || p_model_id, 'UTF8')), 'hex'), 13))::bit(52)::bigint
      + 0.5::double precision
    ) / 4503599627370496::double precision
  ) / p_weight::double precision;
end;
$$;

revoke all on function ratebook.split_score(text, uuid, uuid, numeric) from public;

comment on function ratebook.split_score(text, uuid, uuid, numeric) is
'The score of a model for a subject and feature: ln(u)/weight, the largest wins. u = (n + 0.5) / 2^52, where n is the first 13 hexadecimal digits of SHA-256 over the UTF-8 text "subject feature_id model_id" (ids in lower case, one blank between). Weight is positive.';
