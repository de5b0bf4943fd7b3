"""A server comes back as it was at a moment, from a backup and the WAL since."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.faults.copies import contents
from tests.faults.load import Load
from tests.faults.wallet import Shop
from tests.scale.conftest import size
from tools import servers
from tools.project import REPOSITORY, clean_environment
from tools.servers import Server


def script(server: Server, name: str, *arguments: str | Path) -> str:
    """Run one of scale/ as the server's user; the last line that it prints."""
    programs = server.bin("pg_basebackup").parent
    done = subprocess.run(
        [REPOSITORY / "scale" / name, *arguments],
        check=False,
        text=True,
        capture_output=True,
        **servers.rights()
        | {"env": clean_environment() | {"PATH": f"{programs}:{os.environ['PATH']}"}},
    )
    assert done.returncode == 0, done.stderr
    return str(done.stdout.splitlines()[-1])


def test_a_server_comes_back_as_of_a_time(shop: Shop, figure: Callable[[str], None]) -> None:
    server = shop.server
    load = Load(shop, shop.lensers(3), shop.connect)
    load.fund(100)
    load.run(4, size(30, 2_000))
    backups = server.folder / "backups"
    backups.mkdir()
    servers.give(backups)
    backup = script(
        server, "backup.sh", server.dsn().replace("/postgres?", "/replication?"), backups
    )
    load.run(4, size(30, 2_000))
    expected = contents(shop.db)
    moment = shop.value("select clock_timestamp()")
    # What should not have happened.
    time.sleep(0.01)
    shop.db.execute("update ai.models set name = 'broken'")
    load.run(4, size(20, 1_000))
    last = shop.value("select pg_walfile_name(pg_current_wal_lsn())")
    shop.db.execute("select pg_switch_wal()")
    end = time.monotonic() + 60
    while shop.value("select last_archived_wal < %s from pg_stat_archiver", last):
        assert time.monotonic() < end
        time.sleep(0.05)

    begin = time.perf_counter()
    with servers.on_data(server) as restored:
        script(server, "restore.sh", backup, server.folder / "archive", restored.data, str(moment))
        servers.configure(restored, {"cron.database_name": "postgres"})
        restored.launch()
        with restored.connect(shop.name) as db:
            while db.execute("select pg_is_in_recovery()").fetchone() != (False,):
                time.sleep(0.02)
            seconds = time.perf_counter() - begin
            copy = Shop(restored, shop.name, db)
            assert contents(db) == expected
            assert copy.broken() == []
            with copy.connect() as backend:
                backend.execute("select billing.sweep_accounts()")
    figure(
        f"{sum(rows for rows, _ in expected.values()):,} rows as they were, in {seconds:.1f} s; {load.figures}"
    )
