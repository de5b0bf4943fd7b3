"""A month of billing.usage() next to the same from the rows of the log, and what counting costs a charge.

    .venv/bin/python -m bench.usage --rows 1000000          # then again with 5000000, and compare the buffers
    .venv/bin/python -m bench.usage --charges 300           # blocks of charges with and without being counted, in turns

CPU times are those of the one backend that works, because others may work on the machine.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from tests.analytics import loader, raw
from tools import schema, servers
from tools.project import Project

ROOT = Path(__file__).parent.parent
SETTINGS = {
    "shared_buffers": "512MB",
    "work_mem": "256MB",
    "max_wal_size": "8GB",
    "max_parallel_workers_per_gather": "0",
}
MONTH = ("2026-10-01", "2026-11-01")
Db = psycopg.Connection[Any]


def clock_of(db: Db) -> Callable[[], float]:
    """Milliseconds of CPU that the backend has taken."""
    stat = Path(f"/proc/{db.info.backend_pid}/schedstat")
    return lambda: int(stat.read_text().split()[0]) / 1e6


def one(db: Db, query: str, *values: Any) -> Any:
    row = db.execute(query, values).fetchone()
    return None if row is None else row[0]


def explain(db: Db, *values: Any) -> tuple[int, float]:
    """Buffers, and milliseconds of CPU, of a call."""
    cpu = clock_of(db)
    before = cpu()
    plan = one(
        db,
        "explain (analyze, buffers, timing off, format json)"
        " select * from billing.usage(%s, %s, 'day', %s, %s, %s)",
        *values,
    )[0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], cpu() - before


def months(db: Db) -> None:
    """A month by each clock and dimension, everybody's and owners'."""
    cpu = clock_of(db)
    for zone in ("UTC", "Europe/Berlin", "Asia/Kathmandu"):
        since, until = (one(db, "select %s::timestamp at time zone %s", day, zone) for day in MONTH)
        for by in (None, "model", "feature", "spender"):
            explain(db, since, until, zone, by, None)
            buffers, used = min(
                (explain(db, since, until, zone, by, None) for _ in range(3)), key=lambda m: m[1]
            )
            before = cpu()
            raw.raw(db, since, until, "day", zone, by)
            by_rows = cpu() - before
            print(
                f"{zone:15} by {by or 'nothing':8} {buffers:7} buffers {used:9.1f} ms,"
                f" by the rows {by_rows:9.1f} ms: {by_rows / used:6.1f} times",
                flush=True,
            )
    spent = db.execute(
        "select c.lenser_id, count(*) from billing.charges as c"
        " where c.id >= ratebook.uuid_v7_floor('2026-10-01Z') and c.id < ratebook.uuid_v7_floor('2026-11-01Z')"
        " group by 1 order by 2 desc"
    ).fetchall()
    for owner, number in (spent[0], spent[len(spent) // 2], spent[-1]):
        buffers, used = explain(db, "2026-10-01Z", "2026-11-01Z", "Europe/Berlin", "model", owner)
        print(f"an owner with {number} charges: {buffers} buffers {used:.1f} ms", flush=True)


def charges(db: Db, number: int, blocks: int = 20) -> None:
    """Blocks of charges in turns: with the row that counts them, and without."""
    cpu = clock_of(db)
    account = one(db, "select a.id from billing.accounts as a limit 1")
    db.execute("select billing.grant_credits(%s, 1e9)", [account])
    ask = (
        "select billing.charge_generation(%s, 'm1', '{\"input\": 1000, \"output\": 50}', feature => 'f1',"
        " latency_ms => 1200)"
    )
    found: dict[str, list[float]] = {"disable": [], "enable": []}
    for _ in range(blocks):
        for mode, times in found.items():
            db.execute(f"alter table ai.generations {mode} trigger generations_count_inserted")
            for _ in range(20):
                db.execute(ask, [account])
            before = cpu()
            for _ in range(number):
                db.execute(ask, [account])
            times.append((cpu() - before) / number * 1000)
    for mode, times in found.items():
        times.sort()
        print(
            f"{mode}d: least {times[0]:.0f}, median {times[len(times) // 2]:.0f}, most {times[-1]:.0f}"
            " µs of CPU a charge"
        )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--charges", type=int, default=0)
    options = parser.parse_args()
    with servers.start(settings=SETTINGS, on_disk=options.rows > 2_000_000 or None) as server:
        server.create_database("usage")
        schema.build_truth(server, "usage", Project(ROOT))
        with psycopg.connect(server.dsn("usage"), autocommit=True) as db:
            loader.make_world(db, models=40, owners=2000)
            if options.charges:
                charges(db, options.charges)
            if options.rows:
                begun = time.monotonic()
                for part in range(-(-options.rows // 1_000_000)):
                    loader.load(
                        db,
                        min(1_000_000, options.rows - part * 1_000_000),
                        seed=part / 10,
                        models=40,
                        owners=2000,
                        is_long=True,
                    )
                db.execute("analyze")
                loader.rebuild(db)
                db.execute("vacuum analyze ratebook.usage_cells, ratebook.usage_rollups")
                print(f"loaded and counted in {time.monotonic() - begun:.0f} s", flush=True)
                months(db)
    return 0


if __name__ == "__main__":
    sys.exit(main())
