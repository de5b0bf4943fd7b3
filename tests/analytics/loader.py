"""A log in bulk, as the API would have written it: generations, charges and refunds around both changes of clocks.

The rows go in past the triggers, as a copy's do, so `billing.rebuild_usage()` has to count them. Entries of the ledger
are the refunds' alone. The same number and seed give the same rows.
"""

from __future__ import annotations

from typing import Any

import psycopg

# Europe leaves winter time on 2026-03-29 and summer time on 2026-10-25, New York on 11-01, Chatham on 04-05.
PERIODS = (("2026-03-27Z", "2026-04-06Z"), ("2026-10-23Z", "2026-11-02Z"))
LONG_PERIODS = (("2026-03-10Z", "2026-04-10Z"), ("2026-10-01Z", "2026-11-05Z"))
MONTHS = ("2026-03-01", "2026-04-01", "2026-10-01", "2026-11-01")

# An input token is 0.000002 USD, an output token 0.000008; a dollar is 1,000 credits, and the margin 30 %.
BOOK = """
insert into ai.providers (key, name) select 'p' || n, 'P' from generate_series(1, 4) as n;
insert into ai.models (key, name, provider_id)
select 'm' || n, 'M', (select p.id from ai.providers as p where p.key = 'p' || 1 + n % 4)
from generate_series(1, {models}) as n;
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)
select m.id, t.meter, t.price, '2025-01-01Z'
from ai.models as m, (values ('input', 0.000002), ('output', 0.000008)) as t (meter, price);
insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from)
values ('USD', 1000, '2025-01-01Z');
insert into billing.execution_margin_policies (margin, increment, effective_from) values (0.3, 0.0001, '2025-01-01Z');
insert into ai.features (key) select 'f' || n from generate_series(1, 8) as n;
"""

PEOPLE = """
insert into auth.users (id, email)
select md5('u' || n)::uuid, n || '@example.com' from generate_series(1, {owners}) as n;
insert into lensers.profiles (id, user_id)
select md5('u' || n)::uuid, md5('u' || n)::uuid from generate_series(1, {owners}) as n;
insert into billing.accounts (id, lenser_id)
select md5('u' || n)::uuid, md5('u' || n)::uuid from generate_series(1, {owners}) as n;
"""

# What happens, in parts of 100: a charge makes its generation (or a member's, or one that was deleted since), completes
# one of before, an estimate is settled, an amount is captured; the rest is never charged.
ROWS = """
create temporary table happened as
select
  n,
  ratebook.uuid_v7(r.at) as id,
  r.at,
  case
    when r.what < 70 then 'charge' when r.what < 75 then 'member' when r.what < 78 then 'deleted'
    when r.what < 83 then 'completed' when r.what < 86 then 'settled' when r.what < 89 then 'amount'
    when r.what < 95 then 'failed' when r.what < 98 then 'cancelled' else 'pending'
  end as what,
  md5('u' || 1 + floor({owners} * r.who ^ 3))::uuid as owner_id,
  md5('u' || 1 + floor({owners} * r.other))::uuid as other_id,
  (select array_agg(m.id order by m.key) from ai.models as m)[1 + floor({models} * r.model ^ 2)::integer] as model_id,
  case when r.feature < 0.9 then 'f' || 1 + floor(8 * r.feature / 0.9) end as feature_key,
  jsonb_build_object('input', floor(4000 * r.input)::integer, 'output', floor(1000 * r.output)::integer) as usage,
  floor(4000 * r.input)::integer * 0.000002 + floor(1000 * r.output)::integer * 0.000008 as cost,
  case when r.latency < 0.98 then round(exp(5 + 4 * r.latency + 2 * r.model))::integer end as latency_ms,
  r.refund,
  r.part,
  r.at + r.later * interval '3 days' as later
from (
  select
    n,
    case when random() < 0.47 then '{spring[0]}'::timestamptz + random() * ('{spring[1]}'::timestamptz - '{spring[0]}')
    else '{autumn[0]}'::timestamptz + random() * ('{autumn[1]}'::timestamptz - '{autumn[0]}') end as at,
    floor(100 * random()) as what, random() as who, random() as other, random() as model, random() as feature,
    random() as input, random() as output, random() as latency, random() as refund, random() as part,
    random() ^ 4 as later
  from generate_series(1, {number}) as n
) as r;
update happened as h set other_id = h.owner_id where h.what <> 'member';

insert into ai.generations (id, lenser_id, model_id, feature_key, usage, status, latency_ms, created_at)
select
  h.id, h.other_id, h.model_id, h.feature_key,
  case
    when h.what = 'settled' then '{{"input": 10, "output": 5}}'
    when h.what not in ('pending', 'cancelled') then h.usage
  end,
  case when h.what in ('failed', 'cancelled', 'pending') then h.what else 'completed' end::ai.generation_status_enum,
  case when h.what not in ('pending', 'cancelled') then h.latency_ms end, ratebook.uuid_v7_time(h.id)
from happened as h
where h.what not in ('deleted', 'amount');

create temporary table charged as
select
  case when h.what = 'completed' then ratebook.uuid_v7(h.later) else h.id end as id,
  h.owner_id as lenser_id, h.other_id as spender_id,
  case when h.what <> 'amount' then h.id end as generation_id,
  case when h.what <> 'amount' then h.model_id end as model_id,
  case when h.what <> 'amount' then h.feature_key end as feature_key,
  case when h.what <> 'amount' then h.usage end as usage,
  case when h.what = 'amount' then 7.25 else h.cost * 1300 end as credits,
  case when h.what <> 'amount' then h.cost end as cost,
  h.what = 'settled' as is_estimated,
  null::uuid as estimate_id,
  h.refund,
  h.part,
  h.later
from happened as h
where h.what not in ('failed', 'cancelled', 'pending')
union all
select
  ratebook.uuid_v7(h.later), h.owner_id, h.owner_id, h.id, h.model_id, h.feature_key,
  '{{"input": 10, "output": 5}}', 0.078, 0.00006, false, h.id, 1, 0, h.later
from happened as h
where h.what = 'settled';

insert into billing.charges (
  id, lenser_id, account_id, spender_id, generation_id, model_id, feature_id, feature_key, usage, service_tier,
  priced_at, credits, created_at, is_estimated, estimate_id
)
select
  c.id, c.lenser_id, c.lenser_id, c.spender_id, c.generation_id, c.model_id,
  (select f.id from ai.features as f where f.key = c.feature_key), c.feature_key, c.usage,
  case when c.model_id is not null then 'standard' end, ratebook.uuid_v7_time(coalesce(c.estimate_id, c.id)),
  trim_scale(c.credits), ratebook.uuid_v7_time(c.id), c.is_estimated, c.estimate_id
from charged as c;

insert into billing.charge_costs (id, lenser_id, currency, cost, credit_rate_id, margin_policy_id, price_ids)
select
  c.id, c.lenser_id, 'USD', trim_scale(c.cost), (select r.id from billing.credit_rates as r),
  (select p.id from billing.execution_margin_policies as p),
  array(select p.id from ai.model_pricing as p where p.model_id = c.model_id order by p.meter)
from charged as c
where c.cost is not null;

insert into billing.ledger_entries (
  id, lenser_id, account_id, number, kind, amount, balance_after, charge_id, effective_at, created_at
)
select
  ratebook.uuid_v7(r.at), r.lenser_id, r.lenser_id,
  row_number() over (partition by r.lenser_id order by r.at), 'refund',
  r.amount, 0, r.id, r.at, r.at
from (
  -- A part of it some time later, or all of it where it gave way.
  select
    c.id, c.lenser_id, c.later as at,
    trim_scale(case when c.is_estimated then c.credits else round(c.credits * c.part::numeric, 4) end) as amount
  from charged as c
  where c.is_estimated or c.refund < 0.05
) as r
where r.amount > 0;
drop table happened;
drop table charged;
"""


def make_world(db: psycopg.Connection[Any], models: int = 12, owners: int = 40) -> None:
    """Providers, models, prices, features, and people with an account each."""
    db.execute(BOOK.format(models=models))
    db.execute(PEOPLE.format(owners=owners))
    for since, until in LONG_PERIODS:
        for table in (
            "ai.generations",
            "billing.charges",
            "billing.charge_costs",
            "billing.ledger_entries",
        ):
            db.execute(
                "select ratebook.make_partitions(%s, %s, %s::timestamptz + interval '4 days')",
                [table, since, until],
            )


def load(
    db: psycopg.Connection[Any],
    number: int,
    seed: float = 0.5,
    models: int = 12,
    owners: int = 40,
    is_long: bool = False,
) -> None:
    """Load `number` things that happened. The connection commits by itself and is a superuser's."""
    spring, autumn = LONG_PERIODS if is_long else PERIODS
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        db.execute("select setseed(%s)", [seed])
        db.execute(
            ROWS.format(
                number=number,
                models=models,
                owners=owners,
                spring=spring,
                autumn=autumn,
            )
        )


def rebuild(db: psycopg.Connection[Any]) -> None:
    """Count what was loaded."""
    for month in MONTHS:
        db.execute("select billing.rebuild_usage(%s)", [month])
