"""A long history of many owners, and what a page of it costs: buffers, not time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

TABLES = (
    "ai.generations",
    "billing.holds",
    "billing.charges",
    "billing.ledger_entries",
)
"""In monthly partitions."""
WHOLE = (
    "billing.grants",
    "billing.revocations",
    "billing.outbox",
    "media.objects",
    "content.media_library",
)
"""In one piece."""
FEW = 44
"""Owners who have so much that the planner expects each to have a share of every table."""
PAST = 35
"""Months before this one. The schema itself makes those to come."""
OLD_ROWS = 47
"""What the occasional owner has, all of it ten to thirty months old."""

_LOAD = """
select ratebook.make_partitions(t, now() - interval '{past} months', now()) from unnest('{tables}'::regclass[]) as t;
insert into ai.providers (key, name) values ('history', 'History');
insert into ai.models (key, name, provider_id) select 'history', 'H', id from ai.providers where key = 'history';
create temporary table people as
select i, gen_random_uuid() as id from generate_series(1, {people}) as i;
insert into auth.users (id) select id from people;
insert into lensers.profiles (id, user_id) select id, id from people;
insert into billing.accounts (id, lenser_id) select id, id from people;
insert into lensers.user_roles (user_id, role) select id, 'admin' from people where i = 3;
-- Person 1 came long ago, person 2 asks for a fiftieth of all, the others share the rest.
create temporary table events as
select ratebook.uuid_v7(e.happened_at) as id, p.id as lenser_id, e.happened_at
from (
  select 1 as i, now() - interval '10 months' - random() * interval '20 months' as happened_at
  from generate_series(1, {old})
  union all
  select
    case when n % 50 = 0 then 2 else 3 + n % ((select max(i) from people) - 2) end,
    now() - random() * interval '{past} months' + interval '1 month'
  from generate_series(1, {rows} - {old}) as n
) as e
inner join people as p on p.i = e.i
where e.happened_at < now()
order by e.happened_at;
-- As a restore does it: nothing fires.
set session_replication_role = replica;
insert into ai.generations (id, lenser_id, model_id, prompt)
select e.id, e.lenser_id, m.id, repeat('x', 100) from events as e, ai.models as m where m.key = 'history';
insert into billing.holds (
  id, lenser_id, account_id, spender_id, amount, lots, status, expires_at, ended_at, created_at
)
select id, lenser_id, lenser_id, lenser_id, 1, '[]', 'released', happened_at, happened_at, happened_at from events;
insert into billing.charges (id, lenser_id, account_id, spender_id, priced_at, credits, created_at)
select id, lenser_id, lenser_id, lenser_id, happened_at, 1, happened_at from events;
insert into billing.ledger_entries (
  id, lenser_id, account_id, number, kind, amount, balance_after, effective_at, created_at
)
select
  id, lenser_id, lenser_id, row_number() over (partition by lenser_id order by happened_at), 'charge', -1, 1,
  happened_at, happened_at
from events;
insert into billing.grants (id, lenser_id, account_id, amount, remaining, created_at)
select id, lenser_id, lenser_id, 1, 1, happened_at from events;
insert into billing.revocations (
  id, lenser_id, account_id, grant_id, source, external_ref, from_lot, held, owed, created_at
)
select id, lenser_id, lenser_id, id, 'manual', id::text, 1, 0, 0, happened_at from events;
insert into billing.outbox (id, lenser_id, account_id, topic, payload, created_at)
select id, lenser_id, lenser_id, 'low_balance', '{{}}', happened_at from events;
insert into media.objects (lenser_id, bucket, path, created_at)
select lenser_id, 'b', id::text, happened_at from events;
insert into content.media_library (lenser_id, title, created_at)
select lenser_id, id::text, happened_at from events;
set session_replication_role = origin;
"""


@dataclass(frozen=True)
class History:
    """Who is in it, and over how many months it lies."""

    connection: psycopg.Connection[Any]
    occasional: UUID
    """Has OLD_ROWS, none of them new."""
    busy: UUID
    """Has a fiftieth of all rows."""
    admin: UUID
    months: int


@dataclass(frozen=True)
class Page:
    """What a statement read."""

    rows: int
    buffers: int


def load(connection: psycopg.Connection[Any], rows: int, people: int) -> History:
    """Fill each of the tables with as many rows, of as many owners."""
    tables = "{" + ",".join(TABLES) + "}"
    connection.execute(
        _LOAD.format(past=PAST, rows=rows, people=people, old=OLD_ROWS, tables=tables)
    )
    connection.execute("vacuum analyze")
    first = connection.execute("select id from people where i <= 3 order by i").fetchall()
    occasional, busy, admin = (id_ for (id_,) in first)
    months = connection.execute(
        "select count(*) from pg_inherits where inhparent = %s::regclass", [TABLES[0]]
    ).fetchone()
    assert months is not None
    return History(connection, occasional, busy, admin, months[0])


def read(
    connection: psycopg.Connection[Any],
    subject: UUID,
    statement: str,
    role: str = "authenticated",
) -> Page:
    """Run a statement as PostgREST does. The second run is measured: the first also reads the catalog."""
    with connection.transaction():
        claims = json.dumps({"sub": str(subject), "role": role})
        connection.execute("select set_config('request.jwt.claims', %s, true)", [claims])
        connection.execute(f"set local role {role}")
        connection.execute(statement)
        row = connection.execute(f"explain (analyze, buffers, format json) {statement}").fetchone()
    assert row is not None
    plan = row[0][0]["Plan"]
    return Page(int(plan["Actual Rows"]), plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
