"""Calls that end in the middle: by a statement_timeout, by cancel, by a lost connection, by the client's death."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from threading import Event

import psycopg

from tests.faults.conftest import size
from tests.faults.load import Fault, Load
from tests.faults.wallet import SERVICE, Connection, Shop, call, charge
from tools.project import clean_environment

OPERATIONS = size(300, 5_000)


def cut(shop: Shop, fault: Fault | None, figure: Callable[[str], None]) -> None:
    """Load with a fault: all calls are whole or absent, and a retry settles those without an answer."""
    load = Load(shop, shop.lensers(5), shop.connect)
    load.fund(200)
    load.run(16, OPERATIONS, fault=fault)
    unanswered = len(load.unsettled)
    load.assert_acknowledged()
    shop.assert_sound()
    there = load.settle()
    load.assert_served()
    shop.assert_sound()
    shop.assert_agrees(load.books)
    assert unanswered > 0
    figure(f"{OPERATIONS:,} operations, {unanswered:,} cut, of them {there} wholly there")


def test_a_statement_timeout_cuts_nothing_in_half(
    shop: Shop, figure: Callable[[str], None]
) -> None:
    def fault(connection: Connection, random: Random) -> None:
        with suppress(psycopg.errors.QueryCanceled):  # by the timeout before
            connection.execute(f"set statement_timeout = {random.randrange(1, 60)}")

    cut(shop, fault, figure)


def test_a_lost_connection_cuts_nothing_in_half(shop: Shop, figure: Callable[[str], None]) -> None:
    stop = Event()

    def hunt() -> None:
        with shop.server.connect(shop.name) as db:
            while not stop.wait(0.02):
                db.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where usename = %s and datname = %s order by random() limit 1",
                    [SERVICE, shop.name],
                )

    with ThreadPoolExecutor(1) as pool:
        hunter = pool.submit(hunt)
        try:
            cut(shop, None, figure)
        finally:
            stop.set()
        hunter.result()


def authorize_and_die(shop: Shop, account: str, *, in_transaction: bool) -> None:
    """A client that holds 10 credits for a second, and is killed before it captures."""
    statement = f"select 'held' from billing.authorize_credits('{account}', 10, expires_in => '1 second');\n"
    with subprocess.Popen(
        [shop.server.bin("psql"), "-XqAt", "-d", shop.server.dsn(shop.name, SERVICE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=clean_environment(),
    ) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        client.stdin.write("begin;\n" * in_transaction + statement)
        client.stdin.flush()
        assert client.stdout.readline() == "held\n"
        client.kill()


def test_a_client_that_dies_after_authorizing_holds_nothing_for_long(shop: Shop) -> None:
    (account,) = shop.lensers(1)
    with shop.connect() as client:
        call(client, "grant_credits", account=account, amount=13)
        authorize_and_die(shop, account, in_transaction=False)
        assert call(client, "get_balance", account=account)["available"] == "3"
        time.sleep(1)
        # No scheduler runs, and nothing was swept.
        assert shop.value("select status::text from billing.holds") == "open"
        assert call(client, "get_balance", account=account)["available"] == "13"
        paid = call(client, "charge_generation", **charge(account, 5000))
        assert paid["balance"] == {"posted": "0", "reserved": "0", "debt": "0", "available": "0"}
    assert shop.value("select status::text from billing.holds") == "expired"
    assert shop.broken() == []


def test_a_client_that_dies_within_its_transaction_holds_nothing(shop: Shop) -> None:
    (account,) = shop.lensers(1)
    with shop.connect() as client:
        call(client, "grant_credits", account=account, amount=13)
        authorize_and_die(shop, account, in_transaction=True)
        # Waits for the lock that the dead client's backend gives up.
        paid = call(client, "charge_generation", **charge(account, 5000))
        assert paid["balance"]["available"] == "0"
    assert shop.value("select count(*) from billing.holds") == 0
    assert shop.broken() == []
