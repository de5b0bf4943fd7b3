"""`kill -9` of the server under load: what was acknowledged is there, what was not is whole or absent."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Event

from tests.faults.conftest import TEMPLATE, make_server, size
from tests.faults.load import Load
from tests.faults.wallet import Shop
from tools.servers import Server

CLIENTS = 8
KILLS = size(2, 25)


def kill(server: Server, load: Load, seconds: float) -> None:
    """Kill all processes of the server while clients call, and start it again on its data."""
    stop = Event()
    done = len(load.seconds)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(load.run, CLIENTS, None, stop)
        while len(load.seconds) < done + 2 * CLIENTS:
            time.sleep(0.01)
        time.sleep(seconds)
        server.kill()
        stop.set()
        running.result()
    server.launch()


def test_kill_nine_loses_nothing_that_was_acknowledged(figure: Callable[[str], None]) -> None:
    random = Random(9)
    unanswered = there = 0
    with make_server() as server:
        name = server.create_database("killed", template=TEMPLATE)
        with server.connect(name) as db:
            shop = Shop(server, name, db)
            load = Load(shop, shop.lensers(5), shop.connect)
            load.fund(200)
        for _ in range(KILLS):
            kill(server, load, random.uniform(0, size(300, 1500) / 1000))
            with server.connect(name) as db:
                shop = load.shop = Shop(server, name, db)
                for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                    assert shop.value(f"show {setting}") == "on"
                load.assert_acknowledged()
                shop.assert_sound()
                unanswered += len(load.unsettled)
                there += load.settle()
                load.assert_served()
                shop.assert_sound()
                shop.assert_agrees(load.books)
    assert unanswered >= KILLS
    figure(
        f"{KILLS} kills, {len(load.books.answers):,} effects acknowledged, none lost; "
        f"{unanswered} calls without an answer: {there} wholly there, {unanswered - there} wholly absent"
    )


def test_the_kill_test_would_notice_a_loss() -> None:
    """Without durable settings a kill loses what was acknowledged, unless the log was just written: a few are tried."""
    lost: set[str] = set()
    with make_server(
        synchronous_commit="off",
        wal_writer_delay="10s",
        wal_writer_flush_after="1GB",
        wal_buffers="64MB",
    ) as server:
        name = server.create_database("careless", template=TEMPLATE)
        for _ in range(5):
            with server.connect(name) as db:
                db.execute("checkpoint")
                shop = Shop(server, name, db)
                load = Load(shop, shop.lensers(5), shop.connect)
                load.fund(200)
            kill(server, load, 0)
            with server.connect(name) as db:
                kept = {str(row[0]) for row in db.execute("select id from billing.charges")}
            if lost := load.books.charges() - kept:
                break
    assert lost
