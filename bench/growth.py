"""What each call that people make costs as the history grows: at 10 thousand, 1 million, 5 million charges.

    .venv/bin/python -m bench.growth                          # 15 GB of disk; or --sizes 10000 1000000

Rows of months before are loaded in bulk, as a copy's are; "since yesterday" are 2,000 calls at each size. The buffers
are those of a call that was made before, the CPU the least of five: of the one backend, because others may work on the
machine. The last lines ask for all there is, and are what may grow.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import psycopg

from bench.pricing import say
from tools import schema, servers
from tools.project import Project

ROOT = Path(__file__).parent.parent
Db = psycopg.Connection[Any]
OWNERS = 2_000
RECENT = 2_000
QUIET = "md5('quiet')::uuid"
BUSY = "md5('u1')::uuid"
SETTINGS = {
    "shared_buffers": "1GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
}

WORLD = f"""
insert into ai.providers (key, name) values ('acme', 'Acme');
insert into ai.models (key, name, provider_id)
select 'm' || i, 'M', (select id from ai.providers where key = 'acme') from generate_series(1, 40) as i;
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)
select m.id, x.meter, x.price, '2025-01-01Z'
from ai.models as m, (values ('input', 0.0000015), ('output', 0.0000075)) as x (meter, price);
insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from)
values ('USD', 1000, '2025-01-01Z');
insert into billing.execution_margin_policies (margin, effective_from) values (0.3, '2025-01-01Z');
insert into ai.features (key) select 'f' || n from generate_series(1, 8) as n;
create table public.people as
select i, md5('u' || i)::uuid as id from generate_series(1, {OWNERS}) as i
union all select 0, {QUIET};
create unique index on public.people (i);
insert into auth.users (id) select id from public.people;
insert into lensers.profiles (id, user_id) select id, id from public.people;
select count(billing.grant_credits(p.id, 1e9)) from public.people as p;
select ratebook.make_partitions(t, now() - interval '190 days', now()) from ratebook.partitioned_tables() as t;
create table public.models as select row_number() over (order by key) - 1 as i, id from ai.models;
create unique index on public.models (i);
analyze;
"""

# A charge with its generation, costs and entry, as billing.charge_generation() writes them; its key where that is kept.
BULK = """
create temporary table happened on commit drop as
select
  n,
  at,
  ratebook.uuid_v7(at) as id,
  p.id as owner_id,
  m.id as model_id,
  jsonb_build_object('input', 1000 + n %% 3000, 'output', 100 + n %% 900) as usage
from (
  select
    n,
    %(since)s::timestamptz + (n + random()) / %(number)s * (%(until)s::timestamptz - %(since)s::timestamptz) as at
  from generate_series(0, %(number)s - 1) as n
) as e
inner join public.people as p on p.i = case when %(quiet)s then 0 else 1 + e.n %% %(owners)s end
inner join public.models as m on m.i = e.n %% 40
order by at;

insert into ai.generations (id, lenser_id, model_id, feature_key, usage, status, latency_ms, created_at)
select id, owner_id, model_id, 'f' || 1 + n %% 8, usage, 'completed', 200 + n %% 5000, at from happened;
insert into billing.charges (
  id, lenser_id, account_id, spender_id, generation_id, model_id, feature_key, usage, service_tier, priced_at, credits,
  created_at
)
select id, owner_id, owner_id, owner_id, id, model_id, 'f' || 1 + n %% 8, usage, 'standard', at, 5.5, at from happened;
insert into billing.charge_costs (id, lenser_id, currency, cost, credit_rate_id, margin_policy_id, price_ids)
select
  h.id, h.owner_id, 'USD', 0.0042, r.id, p.id, array[r.id, p.id]
from happened as h, billing.credit_rates as r, billing.execution_margin_policies as p;
insert into billing.ledger_entries (
  id, lenser_id, account_id, number, kind, amount, balance_after, grant_id, charge_id, effective_at, created_at
)
select
  h.id, h.owner_id, h.owner_id, %(first)s + h.n, 'charge', -5.5, 1e9, g.id, h.id, h.at, h.at
from happened as h
inner join billing.grants as g on g.account_id = h.owner_id and g.lenser_id = h.owner_id;
insert into billing.idempotency_keys (account_id, lenser_id, operation, key, request, response, created_at)
select
  h.owner_id, h.owner_id, 'charge_generation', h.id, jsonb_build_object('model', 'm1', 'usage', h.usage),
  jsonb_build_object('charge_id', h.id, 'credits', '5.5', 'account_id', h.owner_id), h.at
from happened as h
where h.at > now() - interval '30 days';
"""

CHARGE = """
select billing.charge_generation(
  {BUSY}, 'm7', '{{"input": 1500, "output": 300}}', idempotency_key => gen_random_uuid()::text, owner => {BUSY}
)
"""
# What people ask, who asks it, and the statement.
CALLS = {
    "charge": ("service_role", CHARGE),
    "charge of a batch of 100": (
        "service_role",
        "select billing.charge_generations((select jsonb_agg(jsonb_build_object('account', md5('u' || i)::uuid,"
        " 'model', 'm7', 'usage', '{{\"input\": 1500}}'::jsonb, 'idempotency_key', gen_random_uuid()))"
        " from generate_series(1, 100) as i))",
    ),
    "quote": ("anon", "select billing.quote('m7', '{{\"input\": 1500, \"output\": 300}}')"),
    "balance": ("authenticated", "select billing.get_balance({BUSY})"),
    "statement, a page": (
        "authenticated",
        "select * from billing.statement({BUSY}, newest_first => true)",
    ),
    "generations, a page": (
        "authenticated",
        "select * from ai.generations order by created_at desc, id desc limit 50",
    ),
    "usage, an owner's month": (
        "authenticated",
        "select * from billing.usage('{MONTH}', '{NEXT}', 'day', by => 'model', owner => {BUSY})",
    ),
    "usage, an admin's month": (
        "service_role",
        "select * from billing.usage('{MONTH}', '{NEXT}', 'day', by => 'model')",
    ),
    "reprice since yesterday": (
        "service_role",
        "select count(*) from billing.reprice_generations('{YESTERDAY}', now())",
    ),
    "sweep": ("service_role", "select billing.sweep_accounts()"),
    "purge": ("service_role", "select billing.purge()"),
    "self-check since yesterday": (
        "service_role",
        "select * from billing.self_check(since => '{YESTERDAY}')",
    ),
    "self-check of an account of 50": (
        "service_role",
        "select * from billing.self_check(from_account => {QUIET}, to_account => {QUIET})",
    ),
    "ALL: usage of a month against its log": (
        "service_role",
        "select * from billing.check_usage('{MONTH}')",
    ),
    "ALL: self-check of everything": ("service_role", "select * from billing.self_check()"),
}
SIZES = """
select
  t.name,
  t.rows,
  sum(pg_relation_size(c.oid)) as heap,
  sum(pg_indexes_size(c.oid)) as indexes
from (values {tables}) as t (name, rows)
cross join lateral (
  select t.name::regclass as oid
  union all
  select i.inhrelid from pg_inherits as i where i.inhparent = t.name::regclass
) as c
group by t.name, t.rows
order by 3 desc
"""
TABLES = (
    "ai.generations",
    "billing.charges",
    "billing.charge_costs",
    "billing.ledger_entries",
    "billing.idempotency_keys",
    "ratebook.usage_cells",
    "ratebook.usage_rollups",
)


def one(db: Db, query: str, *values: Any) -> Any:
    row = db.execute(query, values).fetchone()
    return None if row is None else row[0]


def bulk(db: Db, number: int, first: int, quiet: bool = False) -> None:
    """So many charges of the half year before yesterday, by slices of time."""
    part = 500_000
    parts = -(-number // part)
    for place in range(parts):
        size = min(part, number - place * part)
        since, until = (
            one(
                db,
                "select now() - interval '2 days' - interval '178 days' * (1 - %s::float / %s)",
                place + end,
                parts,
            )
            for end in (0, 1)
        )
        with db.transaction():
            db.execute("set local session_replication_role = replica")
            values = {
                "number": size,
                "since": since,
                "until": until,
                "first": first + place * part,
                "quiet": quiet,
                "owners": OWNERS,
            }
            # Several statements take no parameters of the protocol.
            psycopg.ClientCursor(db).execute(BULK.encode(), values)
        say(f"  {first + place * part + size:,} charges")


def count_usage(db: Db, months: int = 5) -> None:
    """This month's usage by its log; that of the months before as much again, because counting takes a while."""
    month = one(db, "select date_trunc('month', now() at time zone 'UTC')::date")
    for table in ("usage_cells", "usage_rollups"):
        db.execute(f"delete from ratebook.{table} where starts_at < %s::date", [month])
    db.execute("truncate ratebook.usage_deltas")
    db.execute("select billing.rebuild_usage(%s)", [month])
    for table in ("usage_cells", "usage_rollups"):
        columns = one(
            db,
            "select string_agg(attname, ', ' order by attnum) from pg_attribute"
            " where attrelid = %s::regclass and attnum > 0 and not attisdropped",
            f"ratebook.{table}",
        )
        moved = columns.replace("starts_at", "starts_at - n * interval '744 hours'")
        db.execute(
            f"insert into ratebook.{table} ({columns}) select {moved} from ratebook.{table},"
            f" generate_series(1, {months}) as n".encode()
        )


def yesterday(db: Db) -> str:
    """Real calls, as many at each size; from when on they were."""
    db.execute("select pg_sleep(0.01)")
    since = str(one(db, "select clock_timestamp()"))
    for place in range(RECENT // 100):
        db.execute(
            "select billing.charge_generations((select jsonb_agg(jsonb_build_object("
            "'account', md5('u' || i)::uuid, 'model', 'm' || 1 + i %% 40, 'feature', 'f' || 1 + i %% 8,"
            " 'usage', jsonb_build_object('input', 1000 + i, 'output', 50), 'idempotency_key', gen_random_uuid()))"
            " from generate_series(%s::integer, %s) as i))",
            [1 + place * 100 % OWNERS, 100 + place * 100 % OWNERS],
        )
    return since


def cost(db: Db, role: str, statement: str, times: int) -> tuple[int, float]:
    """Buffers, and milliseconds of CPU, of a call by a role; an owner is the busy one."""
    stat = Path(f"/proc/{db.info.backend_pid}/schedstat")
    claims = json.dumps({"role": role, "sub": str(one(db, f"select {BUSY}"))})
    db.execute("select set_config('request.jwt.claims', %s, false)", [claims])
    db.execute(f"set role {role}")
    spent = []
    for _ in range(times):
        before = int(stat.read_text().split()[0])
        db.execute(statement)
        spent.append((int(stat.read_text().split()[0]) - before) / 1e6)
    plan = one(db, f"explain (analyze, buffers, timing off, format json) {statement}")[0]
    db.execute("reset role")
    top = plan["Plan"]
    return top["Shared Hit Blocks"] + top["Shared Read Blocks"], min(spent)


def measure(db: Db, since: str) -> dict[str, tuple[int, float]]:
    """Each call's cost."""
    month = one(db, "select date_trunc('month', now() at time zone 'UTC')::date")
    places = {
        "BUSY": BUSY,
        "QUIET": QUIET,
        "MONTH": f"{month}Z",
        "NEXT": f"{one(db, 'select (%s::date + %s::interval)::date', month, '1 month')}Z",
        "YESTERDAY": since,
    }
    found = {}
    for name, (role, statement) in CALLS.items():
        whole = name.startswith("ALL")
        text = statement.format(**places)
        if "check_usage" in text:
            text = text.replace("Z'", "'")
        found[name] = cost(db, role, text, 1 if whole else 5)
        say(f"  {name}: {found[name][0]:,} buffers, {found[name][1]:,.2f} ms")
    return found


def bytes_of(db: Db) -> list[tuple[str, int, int, int]]:
    """Rows, and bytes of a row in its table and in its indexes."""
    counted = ", ".join(
        f"('{name}', {one(db, f'select count(*) from {name}')}::bigint)" for name in TABLES
    )
    return [
        (name, rows, round(heap / max(rows, 1)), round(indexes / max(rows, 1)))
        for name, rows, heap, indexes in db.execute(SIZES.format(tables=counted).encode())
    ]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000, 5_000_000])
    options = parser.parse_args()
    table: dict[int, dict[str, tuple[int, float]]] = {}
    with servers.start(18, SETTINGS, on_disk=True) as server:
        server.create_database("growth")
        schema.build_truth(server, "growth", Project(ROOT))
        with psycopg.connect(server.dsn("growth"), autocommit=True) as db:
            psycopg.ClientCursor(db).execute(WORLD.encode())
            bulk(db, 50, 1, quiet=True)
            done = 0
            for size in options.sizes:
                begun = time.monotonic()
                say(f"loading to {size:,} charges")
                bulk(db, size - done, 1000 + done)
                done = size
                count_usage(db)
                since = yesterday(db)
                while one(db, "select billing.drain_usage()"):
                    pass
                db.execute("vacuum analyze")
                say(f"loaded and counted in {time.monotonic() - begun:.0f} s")
                sizes = bytes_of(db)
                say("\n".join(f"  {one}" for one in sizes))
                table[size] = measure(db, since)
    print("| call | " + " | ".join(f"{size:,}" for size in table) + " |")
    print("|---|" + "---:|" * len(table))
    for name in CALLS:
        cells = [f"{table[size][name][0]:,} · {table[size][name][1]:,.1f} ms" for size in table]
        print(f"| {name} | " + " | ".join(cells) + " |")
    print("\n| table | rows | bytes a row | in its indexes |\n|---|---:|---:|---:|")
    for name_, rows, heap, indexes in sizes:
        print(f"| {name_} | {rows:,} | {heap:,} | {indexes:,} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
