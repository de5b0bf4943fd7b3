"""A database moves to another server and version while charges go on: every row, no other, and a short stop."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from typer.testing import CliRunner

from ratebook import move
from ratebook.cli import app
from ratebook.errors import RatebookError
from tests.faults.load import Load
from tests.faults.wallet import SERVICE, Shop
from tests.modules import PROJECT
from tests.scale.conftest import Clients, size
from tools import schema, servers
from tools.servers import Server


@pytest.fixture(scope="module")
def newer() -> Iterator[Server]:
    """A server of the newest version."""
    with servers.start(18, servers.DURABLE) as server:
        with server.connect() as db:
            db.execute(f"create role {SERVICE} login")
        yield server


@pytest.fixture
def target(newer: Server) -> Iterator[Shop]:
    """A database that was migrated, and is empty."""
    schema.build_truth(newer, newer.create_database("moved"), PROJECT)
    with newer.connect("moved") as db:
        db.execute(f"grant service_role to {SERVICE}")
        yield Shop(newer, "moved", db)


def test_a_database_moves_to_a_newer_version_under_load(
    shop: Shop, target: Shop, figure: Callable[[str], None]
) -> None:
    old, new = (one.server.dsn(one.name) for one in (shop, target))
    clients = Clients(shop)
    load = Load(shop, shop.lensers(5), clients)
    load.fund(200)
    load.run(4, size(50, 2_000))
    stop = Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(load.run, 4, None, stop)
        try:
            move.start(old, new)
            with pytest.raises(RatebookError, match=r"already exists|data of its own"):
                move.start(old, new)
            begin = time.perf_counter()
            while move.status(old, new).copying:
                assert time.perf_counter() < begin + 60
                time.sleep(0.1)
            done = load.outcomes["done"]
            while load.outcomes["done"] < done + size(50, 2_000):
                time.sleep(0.01)
            shop.db.close()
            asked = time.perf_counter()
            said = CliRunner().invoke(app, ["move", "finish", old, new, "--compare"])
            assert said.exit_code == 0, said.output
            load.shop = clients.shop = target
            done = load.outcomes["done"]
            while load.outcomes["done"] == done:
                time.sleep(0.001)
            served = time.perf_counter() - asked
            while load.outcomes["done"] < done + size(30, 2_000):
                time.sleep(0.01)
        finally:
            stop.set()
            running.result()
    unanswered = len(load.unsettled)
    load.settle()
    load.assert_served()
    load.assert_acknowledged()
    assert target.broken() == []
    assert (
        target.db.execute("select * from ai.self_check() where severity <> 'ok'").fetchall() == []
    )
    compared = re.search(r"([\d,]+) rows of (\d+) tables are equal", said.output)
    stopped = re.search(r"nobody could write for ([\d.]+) s", said.output)
    assert compared
    assert stopped
    assert int(compared[2]) > 30
    figure(
        f"PostgreSQL 15 to 18: {compared[1]} rows of {compared[2]} tables equal, {stopped[1]} s without writes (the"
        f" comparison among them), the next call served {served:.2f} s after it was asked for; {unanswered} calls"
        f" without an answer sent again; {load.figures}"
    )
    with shop.server.connect() as db:
        # For the tests that share it.
        db.execute("alter database shop connection limit -1")
