"""A dump of a busy database is a wallet elsewhere."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import psycopg
import pytest

from tests.faults.conftest import size
from tests.faults.load import Load
from tests.faults.wallet import Connection, Shop, call, charge, token
from tools.project import clean_environment

# A parallel restore makes the triggers of a partitioned table, and their clones on its partitions, as soon as the
# table itself is filled, which has no rows of its own; the partitions are filled under them. In sections, data is
# complete before the first trigger is there.
SECTIONS = ("pre-data", "data", "post-data")
RESTORES = {
    "psql": [("psql", ["-Xq", "-v", "ON_ERROR_STOP=1"])],
    "pg_restore": [("pg_restore", ["--exit-on-error"])],
    "pg_restore -j4 by section": [
        ("pg_restore", ["--exit-on-error", "-j4", f"--section={section}"]) for section in SECTIONS
    ],
}
TABLES = """
select c.oid::regclass::text
from pg_class as c
where c.relkind in ('r', 'p') and not c.relispartition
  and c.relnamespace::regnamespace::text
    in ('ai', 'billing', 'lensers', 'media', 'content', 'compat', 'ratebook', 'auth')
order by 1
"""
GUARDS = """
select t.tgrelid::regclass::text, t.tgname, t.tgenabled::text
from pg_trigger as t where not t.tgisinternal order by 1, 2
"""


def contents(db: Connection) -> dict[str, tuple[int, str]]:
    """Rows and a checksum of each table."""
    found = {}
    for (table,) in db.execute(TABLES).fetchall():
        row = db.execute(
            f"select count(*), md5(coalesce(string_agg(t::text, ' ' order by t::text), '')) from {table} as t"
        ).fetchone()
        assert row is not None
        found[table] = row
    return found


def run(shop: Shop, program: str, *arguments: str | Path) -> None:
    done = subprocess.run(
        [shop.server.bin(program), *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=clean_environment(),
    )
    assert (done.returncode, done.stderr) == (0, "")


@contextmanager
def busy(load: Load) -> Iterator[None]:
    """Load while something else happens."""
    stop = Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(load.run, 4, None, stop)
        try:
            yield
        finally:
            stop.set()
            running.result()


@pytest.mark.parametrize("way", RESTORES)
def test_a_dump_of_a_busy_database_is_whole(
    shop: Shop, way: str, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    load = Load(shop, shop.lensers(5), shop.connect)
    load.fund(100)
    load.run(8, size(150, 5_000))
    kept = next(
        one for (function, _), one in load.books.answers.items() if function == "charge_generation"
    )
    dump = tmp_path / "dump"
    plain = way == "psql"
    with busy(load), shop.server.connect(shop.name) as db, db.transaction():
        db.execute("set transaction isolation level repeatable read")
        (snapshot,) = db.execute("select pg_export_snapshot()").fetchone() or ("",)
        done = load.outcomes["done"]
        expected = contents(db)
        guards = db.execute(GUARDS).fetchall()
        run(
            shop, "pg_dump", f"--snapshot={snapshot}", "-Fp" if plain else "-Fc",
            "-f", dump, "-d", shop.server.dsn(shop.name),
        )  # fmt: skip
        assert load.outcomes["done"] > done, "nothing was written meanwhile"
    load.assert_served()

    name = shop.server.create_database(f"{shop.name}_copy")
    begin = time.perf_counter()
    for program, arguments in RESTORES[way]:
        run(
            shop,
            program,
            *arguments,
            "-d",
            shop.server.dsn(name),
            *(["-f", dump] if plain else [dump]),
        )
    seconds = time.perf_counter() - begin
    with shop.server.connect(name) as db:
        copy = Shop(shop.server, name, db)
        assert contents(db) == expected
        assert db.execute(GUARDS).fetchall() == guards
        copy.assert_sound()
        with copy.connect() as client:
            # What was paid there is paid here, and what goes on adds up.
            asked, answer = kept
            assert call(client, asked.function, **asked.arguments) == answer
            (newcomer,) = copy.lensers(1)
            call(client, "grant_credits", account=newcomer, amount=13, idempotency_key="g")
            paid = call(client, "charge_generation", **charge(newcomer, 1000, "c"))
            assert paid["balance"]["available"] == "10.4"
        with pytest.raises(psycopg.Error) as refused:
            db.execute("delete from billing.ledger_entries")
        assert token(refused.value) == "PT409 append_only"
        copy.assert_sound()
    shop.server.drop_database(name)
    rows = sum(number for number, _ in expected.values())
    figure(f"{rows:,} rows of {len(expected)} tables, all equal, restored in {seconds:.1f} s")
