-- Ratebook's analytics (module core). Made from sql/ and policies/: edit those.

set local lock_timeout = '10s';
set local statement_timeout = '10min';

-- from sql/75_analytics/010_views_usage.sql

create view billing.usage_by_day with (security_invoker = true) as
select
  u.lenser_id,
  u.account_id,
  u.spender_id,
  u.day,
  u.model_id,
  m.key as model,
  u.feature_key,
  sum(u.requests) as requests,
  sum(u.credits) as credits,
  sum(u.refunded) as refunded
from (
  select
    c.lenser_id,
    c.account_id,
    c.spender_id,
    (c.created_at at time zone 'UTC')::date as day,
    c.model_id,
    c.feature_key,
    -- What settles an estimate is for the same request.
    (c.estimate_id is null)::integer as requests,
    c.credits,
    0::numeric as refunded
  from billing.charges as c
  union all
  select
    c.lenser_id,
    c.account_id,
    c.spender_id,
    (e.created_at at time zone 'UTC')::date,
    c.model_id,
    c.feature_key,
    0,
    0,
    e.amount
  from billing.ledger_entries as e
  inner join billing.charges as c on c.id = e.charge_id and c.lenser_id = e.lenser_id
  where e.kind = 'refund'
  -- Both again, as admins see them beside their own.
  union all
  select
    c.lenser_id,
    c.account_id,
    c.spender_id,
    (c.created_at at time zone 'UTC')::date,
    c.model_id,
    c.feature_key,
    (c.estimate_id is null)::integer,
    c.credits,
    0
  from ratebook.all_charges as c
  where (select ratebook.is_admin()) and c.lenser_id <> (select ratebook.uid())
  union all
  select
    c.lenser_id,
    c.account_id,
    c.spender_id,
    (e.created_at at time zone 'UTC')::date,
    c.model_id,
    c.feature_key,
    0,
    0,
    e.amount
  from ratebook.all_ledger_entries as e
  inner join ratebook.all_charges as c on c.id = e.charge_id and c.lenser_id = e.lenser_id
  where e.kind = 'refund' and (select ratebook.is_admin()) and e.lenser_id <> (select ratebook.uid())
) as u
left join ai.models as m on m.id = u.model_id
group by u.lenser_id, u.account_id, u.spender_id, u.day, u.model_id, m.key, u.feature_key;

create view billing.revenue_by_day with (security_invoker = true) as
select
  r.day,
  r.model_id,
  m.key as model,
  r.feature_key,
  r.currency,
  count(*) as requests,
  sum(r.credits) as credits,
  sum(r.cost) as cost
from (
  select
    c.model_id,
    c.feature_key,
    c.credits,
    k.currency,
    k.cost,
    (c.created_at at time zone 'UTC')::date as day
  from ratebook.all_charges as c
  inner join billing.charge_costs as k on k.id = c.id and k.lenser_id = c.lenser_id
  -- An estimate that gave way is neither revenue nor cost: what settled it is.
  left join ratebook.all_charges as s on s.estimate_id = c.id and s.lenser_id = c.lenser_id
  where s.id is null
) as r
left join ai.models as m on m.id = r.model_id
group by r.day, r.model_id, m.key, r.feature_key, r.currency;

create trigger usage_by_day_refuse_write instead of insert or update or delete on billing.usage_by_day
for each row execute function ratebook.refuse_write('It sums up charges and refunds.');

create trigger revenue_by_day_refuse_write instead of insert or update or delete on billing.revenue_by_day
for each row execute function ratebook.refuse_write('It sums up charges.');

comment on view billing.usage_by_day is
'What was spent per day (UTC), account, spender, model and feature. A refund counts on the day it was made. Filter by day, and select the amounts as ::text.';
comment on column billing.usage_by_day.lenser_id is 'The owner of the account.';
comment on column billing.usage_by_day.account_id is 'The account.';
comment on column billing.usage_by_day.spender_id is 'Who spent.';
comment on column billing.usage_by_day.day is 'The day, in UTC.';
comment on column billing.usage_by_day.model_id is 'The model.';
comment on column billing.usage_by_day.model is 'Its key; NULL where the reader may not see it.';
comment on column billing.usage_by_day.feature_key is 'The feature, by the key of its time.';
comment on column billing.usage_by_day.requests is 'How many charges; an estimate and what settled it are one.';
comment on column billing.usage_by_day.credits is 'Credits charged.';
comment on column billing.usage_by_day.refunded is 'Credits given back.';
comment on view billing.revenue_by_day is
'For admins and the service role: what was charged and what it cost, per day (UTC), model, feature and currency. Of priced charges, without estimates that were settled; refunds are in billing.usage_by_day.';
comment on column billing.revenue_by_day.day is 'The day, in UTC.';
comment on column billing.revenue_by_day.model_id is 'The model.';
comment on column billing.revenue_by_day.model is 'Its key.';
comment on column billing.revenue_by_day.feature_key is 'The feature, by the key of its time.';
comment on column billing.revenue_by_day.currency is 'The currency of the cost.';
comment on column billing.revenue_by_day.requests is 'How many charges; an estimate and what settled it are one.';
comment on column billing.revenue_by_day.credits is 'Credits charged.';
comment on column billing.revenue_by_day.cost is 'Exact cost in the currency.';

-- from policies/billing.revenue_by_day.sql

-- A view by the rights of who asks: owners see no costs.
revoke all on billing.revenue_by_day from public, anon, authenticated, service_role;
grant select on billing.revenue_by_day to authenticated, service_role;

-- from policies/billing.usage_by_day.sql

-- A view by the rights of who asks.
revoke all on billing.usage_by_day from public, anon, authenticated, service_role;
grant select on billing.usage_by_day to authenticated, service_role;

insert into ratebook.manifest (module, domain, kind, name, state)
select 'core', '75_analytics', o.kind, o.name, o.state
from (values
  ('privileges', 'billing.revenue_by_day', 'authenticated select, service_role select'),
  ('privileges', 'billing.usage_by_day', 'authenticated select, service_role select'),
  ('trigger', 'revenue_by_day_refuse_write on billing.revenue_by_day', '22b9eb397e1778daa4e38e71b1abcb42'),
  ('trigger', 'usage_by_day_refuse_write on billing.usage_by_day', 'e909a4ce30bc25b91153973d2ce9dcd4'),
  ('view', 'billing.revenue_by_day', 'f3bccd232a757c01f93fb63df2cf7e72'),
  ('view', 'billing.usage_by_day', '863a2c84d88ae6384725e52c59e7f226')
) as o (kind, name, state);

select ratebook.close_privileges('75_analytics');
