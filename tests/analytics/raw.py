"""billing.usage() from the rows of the log, one by one: what its roll-ups are held against."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import dict_row

KEYS = {
    None: "null",
    "model": "{t}.model_id::text",
    "provider": "(select m.provider_id::text from ai.models as m where m.id = {t}.model_id)",
    "feature": "left({t}.feature_key, 255)",
    "spender": "{t}.{spender}::text",
    "status": "{status}",
}

RAW = """
with facts as materialized (
  select
    g.created_at as at, {of_generations} as key, 1 as requests, (g.status = 'failed')::integer as failures,
    0 as charges, 0 as credits, 0 as refunded, null as currency, 0 as cost, 0 as worth, g.usage, g.latency_ms
  from ai.generations as g
  where {generations}
  union all
  select
    c.created_at, {of_charges}, 0, 0, (c.estimate_id is null)::integer, c.credits, 0, k.currency, k.cost,
    k.cost * r.credits_per_currency_unit, null, null
  from billing.charges as c
  left join billing.charge_costs as k on k.id = c.id and k.lenser_id = c.lenser_id and {costs}
  left join billing.credit_rates as r on r.id = k.credit_rate_id
  where {charges}
  union all
  -- Cost that an estimate did not have after all, from when it gave way.
  select
    c.created_at, {of_charges}, 0, 0, 0, 0, 0, k.currency, -k.cost, -k.cost * r.credits_per_currency_unit, null, null
  from billing.charges as c
  join billing.charge_costs as k on k.id = c.estimate_id and k.lenser_id = c.lenser_id
  join billing.credit_rates as r on r.id = k.credit_rate_id
  where c.estimate_id is not null and {charges}
  union all
  select e.created_at, {of_charges}, 0, 0, 0, 0, e.amount, null, 0, 0, null, null
  from billing.ledger_entries as e
  join billing.charges as c on c.id = e.charge_id and c.lenser_id = e.lenser_id
  where e.kind = 'refund' and {entries}
),
placed as materialized (select date_trunc(%(bucket)s, f.at, %(zone)s) as starts_at, f.* from facts as f),
meters as (
  select p.starts_at, p.key, u.key as meter, sum(u.value::numeric) as quantity
  from placed as p cross join lateral jsonb_each(p.usage) as u
  group by p.starts_at, p.key, u.key
),
quantities as (
  select m.starts_at, coalesce(m.key, '') as key, jsonb_object_agg(m.meter, trim_scale(m.quantity)::text) as quantities
  from meters as m where m.quantity <> 0 group by m.starts_at, m.key
),
costs as (
  select p.starts_at, p.key, p.currency, sum(p.cost) as cost
  from placed as p where p.currency is not null group by p.starts_at, p.key, p.currency
),
costs_of as (
  select o.starts_at, coalesce(o.key, '') as key, jsonb_object_agg(o.currency, trim_scale(o.cost)::text) as cost
  from costs as o where o.cost <> 0 group by o.starts_at, o.key
),
sums as (
select
  p.starts_at, p.key, sum(p.requests) as requests, sum(p.failures) as failures, sum(p.charges) as charges,
  sum(p.credits) as credits, sum(p.refunded) as refunded, sum(p.credits) - sum(p.refunded) as net,
  sum(p.credits) - sum(p.refunded) - sum(coalesce(p.worth, 0)) as margin,
  percentile_disc(0.5) within group (order by p.latency_ms) as latency_p50,
  percentile_disc(0.95) within group (order by p.latency_ms) as latency_p95
from placed as p
group by p.starts_at, p.key
)
select s.*, coalesce(q.quantities, '{{}}') as quantities, coalesce(o.cost, '{{}}') as cost
from sums as s
left join quantities as q on q.starts_at = s.starts_at and q.key = coalesce(s.key, '')
left join costs_of as o on o.starts_at = s.starts_at and o.key = coalesce(s.key, '')
"""


def statement(by: str | None, is_one: bool, is_pruned: bool = True) -> str:
    """The query; parameters are since, until, bucket, zone and owner."""
    limits = {}
    for name, table, whose in (
        ("generations", "g", "g.lenser_id"),
        ("charges", "c", "c.lenser_id"),
        ("entries", "e", "e.lenser_id"),
    ):
        limits[name] = f"{table}.created_at >= %(since)s and {table}.created_at < %(until)s"
        if is_pruned:
            limits[name] += (
                f" and {table}.id >= ratebook.uuid_v7_floor(%(since)s)"
                f" and {table}.id < ratebook.uuid_v7_floor(%(until)s)"
            )
        if name == "charges":
            # Which months to look into.
            limits["costs"] = limits[name].replace("c.id", "k.id")
        if is_one:
            limits[name] += f" and {whose} = %(owner)s"
    completed = "case when c.generation_id is not null then 'completed' end"
    return RAW.format(
        of_generations=KEYS[by].format(t="g", spender="lenser_id", status="g.status::text"),
        of_charges=KEYS[by].format(t="c", spender="spender_id", status=completed),
        **limits,
    )


def raw(
    db: psycopg.Connection[Any],
    since: Any,
    until: Any,
    bucket: str,
    zone: str,
    by: str | None,
    owner: Any = None,
) -> list[dict[str, Any]]:
    """What happened from `since` to `until`, which begin a bucket."""
    with db.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            statement(by, owner is not None),
            {"since": since, "until": until, "bucket": bucket, "zone": zone, "owner": owner},
        ).fetchall()


def told(
    db: psycopg.Connection[Any],
    since: Any,
    until: Any,
    bucket: str,
    zone: str,
    by: str | None,
    owner: Any = None,
) -> list[dict[str, Any]]:
    """The same by billing.usage()."""
    with db.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select u.*, coalesce(u.id::text, u.key) as told_key from billing.usage(%s, %s, %s, %s, %s, %s) as u",
            [since, until, bucket, zone, by, owner],
        ).fetchall()


EXACT = (
    "requests", "failures", "charges", "quantities", "credits", "refunded", "net", "cost", "margin",
)  # fmt: skip


def differences(
    rows: list[dict[str, Any]], expected: list[dict[str, Any]]
) -> tuple[list[Any], float]:
    """Where the two differ, and by how much a latency differs at most, as a part of it."""
    found = {(r["starts_at"], r["told_key"]): r for r in rows}
    wanted = {(r["starts_at"], r["key"]): r for r in expected}
    wrong: list[Any] = [
        (key, found.get(key), wanted.get(key)) for key in found.keys() ^ wanted.keys()
    ]
    worst = 0.0
    for key in found.keys() & wanted.keys():
        one, other = found[key], wanted[key]
        if any(one[name] != other[name] for name in EXACT):
            wrong.append((key, [(n, one[n], other[n]) for n in EXACT if one[n] != other[n]]))
        for name in ("latency_p50", "latency_p95"):
            if (one[name] is None) != (other[name] is None):
                wrong.append((key, name, one[name], other[name]))
            elif other[name]:
                off = abs(float(one[name]) / float(other[name]) - 1)
                worst = max(worst, off)
                if off > float(one["latency_error"]):
                    wrong.append((key, name, one[name], other[name]))
    return wrong, worst
