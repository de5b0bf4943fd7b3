"""A dump of a busy database is a wallet elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.faults.conftest import size
from tests.faults.copies import GUARDS, busy, contents, run
from tests.faults.load import Load
from tests.faults.wallet import Shop, call, charge, token

# A parallel restore makes the triggers of a partitioned table, and their clones on its partitions, as soon as the
# table itself is filled, which has no rows of its own; the partitions are filled under them. In sections, data is
# complete before the first trigger is there; as a replica, triggers rest.
SECTIONS = ("pre-data", "data", "post-data")
RESTORES = {
    "psql": [("psql", ["-Xq", "-v", "ON_ERROR_STOP=1"])],
    "pg_restore": [("pg_restore", ["--exit-on-error"])],
    "pg_restore -j4 by section": [
        ("pg_restore", ["--exit-on-error", "-j4", f"--section={section}"]) for section in SECTIONS
    ],
    "pg_restore -j4 as a replica": [("pg_restore", ["--exit-on-error", "-j4"])],
}


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
            shop.server, "pg_dump", f"--snapshot={snapshot}", "-Fp" if plain else "-Fc",
            "-f", dump, "-d", shop.server.dsn(shop.name),
        )  # fmt: skip
        assert load.outcomes["done"] > done, "nothing was written meanwhile"
    load.assert_served()

    name = shop.server.create_database(f"{shop.name}_copy")
    begin = time.perf_counter()
    for program, arguments in RESTORES[way]:
        run(
            shop.server,
            program,
            *arguments,
            "-d",
            shop.server.dsn(name),
            *(["-f", dump] if plain else [dump]),
            PGOPTIONS="-c session_replication_role=replica" if way.endswith("replica") else "",
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
