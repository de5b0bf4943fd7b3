"""What a front of PL/Proxy costs: charges through it, next to charges to a shard in the same run.

    .venv/bin/python -m bench.scale       # needs the Debian package postgresql-15-plproxy

Two shards on two servers of this machine, the front in one of them. pgbench charges from eight clients, with keys, to
two hundred lensers on each shard: first to one shard without the front, then to both through it. Rates of one machine
say what the front takes of it, not what two machines would do; CPU seconds a charge say how many charges a core serves.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

from ratebook.shards.move import assert_sound, move
from tests.scale.shards import FRONT, SHOP, Cluster
from tools.project import clean_environment

CLIENTS, LENSERS = 8, 200
LENSER = "('00000000-0000-4000-8000-' || lpad((:n)::text, 12, '0'))::uuid"
SCRIPT = f"""
\\set n random({{first}}, {{last}})
\\set key random(1, 9000000000000000)
select billing.charge_generation(
  {LENSER}, 'm', '{{{{"input": 1000}}}}', idempotency_key => 'k' || :key, owner => {LENSER}
);
"""
READ = f"""
\\set n random({{first}}, {{last}})
select billing.get_balance({LENSER}, owner => {LENSER});
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    cluster = Cluster(on_disk=False)
    try:
        fund(cluster)
        for what, script in (("charge", SCRIPT), ("balance", READ)):
            print(what)
            rates: dict[str, list[float]] = {"direct": [], "front": []}
            spent: dict[str, list[float]] = {"direct": [], "front": []}
            for _ in range(options.rounds):
                for way, database, first in (("direct", SHOP, 1001), ("front", FRONT, 1)):
                    rate, cpu = run(cluster, database, script, first, options.seconds)
                    rates[way].append(rate)
                    spent[way].append(cpu)
            for way, found in rates.items():
                print(
                    f"  {way:<7} {statistics.median(found):>7,.0f} a second,"
                    f" {statistics.median(spent[way]) * 1000:.2f} ms of CPU each, of all servers"
                )
            ratio = statistics.median(
                front / direct
                for front, direct in zip(rates["front"], rates["direct"], strict=True)
            )
            print(
                f"  the front's rate is {ratio:.2f} of a direct one; CPU"
                f" {statistics.median(spent['front']) / statistics.median(spent['direct']):.2f} times"
            )
        move_some(cluster)
    finally:
        cluster.stop()


def fund(cluster: Cluster) -> None:
    """Lensers 1 to 400 where the front finds them; 1,001 to 1,200 on a, asked for without it."""
    with cluster.connect() as front:
        for n in range(1, 2 * LENSERS + 1):
            lenser = f"00000000-0000-4000-8000-{n:012}"
            front.execute("select lensers.add_lenser(%s)", [lenser])
            front.execute("select billing.grant_credits(%s, 1e9, owner => %s)", [lenser, lenser])
    with cluster.servers["a"].connect(SHOP) as db:
        for n in range(1001, 1001 + LENSERS):
            lenser = f"00000000-0000-4000-8000-{n:012}"
            db.execute("insert into lensers.profiles (id) values (%s)", [lenser])
            db.execute("select billing.grant_credits(%s, 1e9, owner => %s)", [lenser, lenser])


def move_some(cluster: Cluster) -> None:
    """Partitions of a to b: how many rows a second, and for how long their writes wait."""
    with cluster.connect() as front:
        found = front.execute(
            "select distinct shards.partition_of(('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid) as p"
            " from generate_series(1, %s) as n order by 1",
            [2 * LENSERS],
        ).fetchall()
        on_a = front.execute("select partition from shards.partitions where shard = 'a'").fetchall()
    partitions = sorted({p for (p,) in found} & {p for (p,) in on_a})[:20]
    began = time.monotonic()
    moved = move(cluster.front, cluster.dsn("a"), cluster.dsn("b"), partitions)
    seconds = time.monotonic() - began
    rows = sum(sum(one.rows.values()) for one in moved)
    stops = sorted(one.stopped for one in moved)
    print(
        f"moved {len(moved)} partitions, {rows:,} rows in {seconds:.1f} s: {rows / seconds:,.0f} rows a second;"
        f" writes of one were refused for {statistics.median(stops):.2f} s (median; {stops[-1]:.2f} at most)"
    )
    assert_sound(cluster.dsn("a"), cluster.dsn("b"))


def run(
    cluster: Cluster, database: str, script: str, first: int, seconds: int
) -> tuple[float, float]:
    """Calls a second, and CPU seconds of the servers a call."""
    last = first + LENSERS * (2 if database == FRONT else 1) - 1
    server = cluster.servers["a"]
    user = "backend" if database == FRONT else "ratebook_front"
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script.format(first=first, last=last))
        file.flush()
        before = cpu(cluster)
        done = subprocess.run(
            [
                *("/usr/lib/postgresql/15/bin/pgbench", "-n", "-M", "prepared", "-f", file.name),
                *("-c", str(CLIENTS), "-j", "2", "-T", str(seconds), server.dsn(database, user)),
            ],
            check=True,
            capture_output=True,
            text=True,
            env=clean_environment(),
            cwd=Path("/"),
        )
        spent = cpu(cluster) - before
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    number = re.search(r"actually processed: (\d+)", done.stdout)
    assert rate is not None
    assert number is not None
    return float(rate[1]), spent / int(number[1])


def cpu(cluster: Cluster) -> float:
    """CPU seconds of all processes that the servers have had."""
    total = 0.0
    for server in cluster.servers.values():
        top = psutil.Process(server.pid)
        for process in (top, *top.children(recursive=True)):
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
            if process == top:
                total += times.children_user + times.children_system
    return total


if __name__ == "__main__":
    main()
