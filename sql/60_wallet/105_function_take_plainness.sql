create function ratebook.take_plainness(p_lenser_id uuid) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from billing.accounts as a where a.lenser_id = p_lenser_id order by a.id for no key update;
  update billing.accounts as a set is_plain = false where a.lenser_id = p_lenser_id and a.is_plain;
end;
$$;

revoke all on function ratebook.take_plainness(uuid) from public;

comment on function ratebook.take_plainness(uuid) is
'For who makes a budget or erases a lenser, before the profile is locked: charges that are under way are waited for, and later ones ask.';
