create view billing.balances with (security_invoker = true) as
select
  a.id as account_id,
  a.lenser_id,
  a.name,
  a.overdraft_limit,
  a.low_balance_mark,
  (b.balance).posted,
  (b.balance).reserved,
  (b.balance).available,
  (b.balance).debt,
  (b.balance).upcoming
from (
  select a.*
  from billing.accounts as a
  union all
  -- What admins see beside their own.
  select a.*
  from ratebook.all_accounts as a
  where (select ratebook.is_admin()) and a.lenser_id <> (select ratebook.uid())
) as a
cross join lateral (select ratebook.balance_now(row(a.*)::billing.accounts) as balance) as b;

create trigger balances_refuse_write instead of insert or update or delete on billing.balances
for each row execute function ratebook.refuse_write('The functions of the wallet change balances.');

comment on view billing.balances is
'The balance of each account as of now, in credits: an expired lot or timed-out hold does not count, swept or not. Select the amounts as ::text: JSON numbers lose digits.';
comment on column billing.balances.account_id is 'The account.';
comment on column billing.balances.lenser_id is 'Its owner.';
comment on column billing.balances.name is 'Its name.';
comment on column billing.balances.posted is 'What the lots hold, less the debt.';
comment on column billing.balances.reserved is 'What open holds keep back.';
comment on column billing.balances.available is 'What may be spent before overdraft.';
comment on column billing.balances.debt is 'Overdraft in use.';
comment on column billing.balances.upcoming is 'What lots hold that have not started: posted, and not available.';
comment on column billing.balances.overdraft_limit is 'How far available may go below zero.';
comment on column billing.balances.low_balance_mark is 'Below it, billing.outbox gets a signal.';
