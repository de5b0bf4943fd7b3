create function ratebook.assert_available(
  p_account billing.accounts, p_needed numeric, p_detail jsonb default '{}'
) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_available numeric := p_account.posted - p_account.reserved - p_account.upcoming + p_account.overdraft_limit;
begin
  -- Nothing may be had for nothing, also where payments that were taken back left the account below its limit.
  if p_needed > 0 and v_available < p_needed then
    perform ratebook.fail(
      'insufficient_credits',
      format(
        'The account has %s credits and needs %s.',
        trim_scale(v_available), trim_scale(p_needed)
      ),
      'Top up with billing.grant_credits(), or release holds.',
      jsonb_build_object(
        'account', p_account.id,
        'balance', trim_scale(p_account.posted)::text,
        'held', trim_scale(p_account.reserved)::text,
        'overdraft_limit', trim_scale(p_account.overdraft_limit)::text,
        'needed', trim_scale(p_needed)::text
      ) || case
        when p_account.upcoming > 0 then jsonb_build_object('upcoming', trim_scale(p_account.upcoming)::text) else '{}'
      end || p_detail
    );
  end if;
end;
$$;

revoke all on function ratebook.assert_available(billing.accounts, numeric, jsonb) from public;

comment on function ratebook.assert_available(billing.accounts, numeric, jsonb) is
'Refuses what a locked account cannot pay, its overdraft included. Error: insufficient_credits (PT402) with balance, held and needed, and upcoming where a lot has not started.';
