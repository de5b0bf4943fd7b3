create view ratebook.refunds with (security_invoker = true) as
select
  e.lenser_id,
  e.charge_id,
  sum(e.amount) as amount
from billing.ledger_entries as e
where e.kind = 'refund'
group by e.lenser_id, e.charge_id;

revoke all on ratebook.refunds from public, anon, authenticated, service_role;

comment on view ratebook.refunds is 'What was given back of each charge.';
comment on column ratebook.refunds.lenser_id is 'Its owner.';
comment on column ratebook.refunds.charge_id is 'The charge.';
comment on column ratebook.refunds.amount is 'Credits given back.';
