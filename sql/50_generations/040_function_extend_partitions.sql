create function ai.extend_partitions(months integer default 24) returns integer
language sql volatile
set search_path = pg_catalog, pg_temp
begin atomic
  select ratebook.extend_partitions(months);
end;

revoke all on function ai.extend_partitions(integer) from public;
grant execute on function ai.extend_partitions(integer) to service_role;

comment on function ai.extend_partitions(integer) is
'Service role only. Makes the next partition that is missing of those that keep the given number of months (1 to 120) ahead, and returns how many are missing still: call it again until it says 0. One partition a call, because a call is a transaction, and while one is made nobody should wait for the next. billing.sweep_accounts() calls it too; a schedule does where only owners write. Errors: invalid_argument (PT422), month_not_made (PT503) where an open transaction kept it from being made.';
