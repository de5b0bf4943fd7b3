"""Months are made and detached while others read and charge: nobody is locked out, and nobody waits for long."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from threading import Event
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from ratebook import cli, months
from ratebook.errors import RatebookError
from tests.faults.conftest import size
from tests.faults.load import Load
from tests.faults.wallet import Connection, Shop, call, charge, token

SECONDS = size(1, 10)
MARCH_2024 = datetime(2024, 3, 1, tzinfo=UTC)
# What charging reads and writes, months and what their foreign keys point to.
TABLES = (
    "ai.generations",
    "ai.models",
    "billing.accounts",
    "billing.charge_costs",
    "billing.charges",
    "billing.holds",
    "billing.ledger_entries",
    "content.media_library",
    "lensers.profiles",
)


@contextmanager
def open_reader(shop: Shop) -> Iterator[Connection]:
    """A transaction that has read every table, as a dump does, and goes on."""
    with psycopg.connect(shop.server.dsn(shop.name)) as reader:
        reader.execute("set transaction isolation level repeatable read, read only")
        for table in TABLES:
            reader.execute(f"select count(*) from {table}")
        yield reader
        reader.rollback()


@contextmanager
def open_charge(shop: Shop, account: str) -> Iterator[Connection]:
    """A client that has charged and does not commit yet."""
    with shop.connect(autocommit=False) as client:
        call(client, "charge_generation", **charge(account, 1000))
        yield client
        client.rollback()


@contextmanager
def open_sign_up(shop: Shop) -> Iterator[Connection]:
    """Somebody who has become a lenser and does not commit yet."""
    with psycopg.connect(shop.server.dsn(shop.name)) as client:
        client.execute("insert into lensers.profiles (id) values (gen_random_uuid())")
        yield client
        client.rollback()


def may_lock(shop: Shop, mode: str) -> list[str]:
    """The tables that a statement which takes this lock would not wait for."""
    free = []
    for table in TABLES:
        try:
            with shop.db.transaction():
                shop.db.execute(f"lock table {table} in {mode} mode nowait")
        except psycopg.errors.LockNotAvailable:
            continue
        free.append(table)
    return free


def past_month(shop: Shop) -> str:
    """A generation of January 2024, in a month of its own; its lenser."""
    (ann,) = shop.lensers(1)
    shop.db.execute(
        "select ai.backfill_generations(jsonb_build_array(jsonb_build_object('lenser_id', %s::text, 'model_id', id,"
        " 'created_at', '2024-01-15T00:00:00Z'))) from ai.models where key = 'm'",
        [ann],
    )
    return ann


def state_of(shop: Shop, month: str) -> str | None:
    row = shop.db.execute(
        "select state from ratebook.months() where month::text = %s", [f"ratebook.{month}"]
    ).fetchone()
    return row and row[0]


NEXT = """
select parent::text
from ratebook.missing_months(
  array(select t from ratebook.partitioned_tables() as t), now(), now() + interval '120 months'
)
limit 1
"""


def missing(shop: Shop, ahead: int) -> int:
    return int(
        shop.value(
            "select count(*) from ratebook.missing_months("
            "array(select t from ratebook.partitioned_tables() as t), now(), now() + make_interval(months => %s))",
            ahead,
        )
    )


def test_a_month_that_is_being_made_keeps_no_reader_out(shop: Shop) -> None:
    with open_reader(shop), shop.connect(autocommit=False) as maker:
        for left in (4, 3, 2, 1, 0):
            made = maker.execute("select ai.extend_partitions(25)").fetchone()
            assert made == (left,)
            # Not committed yet: who reads, or checks a foreign key, goes on.
            assert may_lock(shop, "access share") == list(TABLES)
            assert may_lock(shop, "row share") == list(TABLES)
            written = set(may_lock(shop, "row exclusive"))
            maker.commit()
            assert may_lock(shop, "row exclusive") == list(TABLES)
            # Those of the wallet keep no writer out, those of the log who writes what its foreign keys point to.
            of_the_log = {"ai.models", "content.media_library", "lensers.profiles"}
            assert set(TABLES) - written == (of_the_log if left == 4 else set())


def test_who_cannot_make_a_month_lets_the_others_go_on(shop: Shop) -> None:
    ann, ben = shop.lensers(2)
    for one in (ann, ben):
        shop.db.execute("select billing.grant_credits(%s, 100)", [one])
    # The log is missing now, which refers to lensers.
    with open_sign_up(shop), shop.connect() as other:
        with pytest.raises(psycopg.Error) as refused:
            shop.db.execute("select ratebook.extend_partitions(25, 2)")
        assert token(refused.value) == "PT503 month_not_made"
        assert missing(shop, 25) == 5
        assert may_lock(shop, "row exclusive") == list(TABLES)
        assert call(other, "sweep_accounts") == 0, "a sweep is content with what it can do"
        assert call(other, "charge_generation", **charge(ben, 1000))["credits"] == "2.6"
    with open_charge(shop, ann):
        for left in (4, 3, 2, 1, 0):
            assert shop.value("select ratebook.extend_partitions(25, 1)") == left
    assert shop.broken() == []


def test_a_charge_waits_for_no_month_that_is_there(shop: Shop) -> None:
    # Somebody makes months and does not come to an end: those of other tables, and so do not keep charges up.
    (ann,) = shop.lensers(1)
    shop.db.execute("select billing.grant_credits(%s, 100)", [ann])
    with psycopg.connect(shop.server.dsn(shop.name)) as maker, shop.connect() as client:
        maker.execute(
            "select ratebook.make_partitions('ai.generations', '2020-01-01Z', '2021-01-01Z')"
        )
        client.execute("set lock_timeout = '1ms'")
        assert call(client, "charge_generation", **charge(ann, 1000))["credits"] == "2.6"
        maker.rollback()


def test_two_first_charges_of_a_month_make_it_once(shop: Shop) -> None:
    people = shop.lensers(8)
    for one in people[:4]:
        shop.db.execute("select billing.grant_credits(%s, 100)", [one])
    set_clock(shop, "30 months")
    with ThreadPoolExecutor(8) as pool:

        def first(account: str) -> Any:
            with shop.connect() as client:
                if account in people[:4]:
                    return call(client, "charge_generation", **charge(account, 1000))["credits"]
                return call(client, "grant_credits", account=account, amount=Decimal("2.6"))[
                    "amount"
                ]

        assert set(pool.map(first, people)) == {"2.6"}
    made = "select count(*) from ratebook.months() where until > now() + interval '26 months'"
    assert shop.value(made) == 5
    assert shop.broken() == []


def set_clock(shop: Shop, ahead: str) -> None:
    shop.db.execute(
        "create or replace function ratebook.clock() returns timestamptz language plpgsql volatile parallel safe"
        f" set search_path = pg_catalog, pg_temp as $$ begin return clock_timestamp() + interval '{ahead}'; end $$"
    )


def test_a_month_is_detached_beside_an_open_reader(shop: Shop) -> None:
    ann = past_month(shop)
    shop.db.execute("select billing.grant_credits(%s, 100)", [ann])
    dsn = shop.server.dsn(shop.name)
    with open_reader(shop) as reader, shop.connect() as client:
        with pytest.raises(
            RatebookError, match="ai_generations_2024_01 is not detached yet"
        ) as cut:
            months.detach(dsn, MARCH_2024, wait=0.3)
        assert f"pid {reader.info.backend_pid} (postgres)" in cut.value.details
        # It was cut in the middle, and left nobody waiting.
        assert state_of(shop, "ai_generations_2024_01") == "detaching"
        assert shop.value("select count(*) from pg_locks where not granted") == 0
        assert may_lock(shop, "row exclusive") == list(TABLES)
        assert call(client, "charge_generation", **charge(ann, 1000))["credits"] == "2.6"
        check = "select severity, message from ai.self_check() where check_name = 'months_detached'"
        assert shop.db.execute(check).fetchone() == (
            "warning",
            "Detaching ratebook.ai_generations_2024_01 was cut: run `ratebook months detach` again.",
        )
        # The reader sees what it saw.
        assert reader.execute("select count(*) from ai.generations").fetchone() == (1,)
        with pytest.raises(psycopg.Error) as refused:
            shop.db.execute(
                "select ratebook.make_partitions('ai.generations', '2024-01-01Z', '2024-02-01Z')"
            )
        assert token(refused.value) == "PT422 invalid_argument"
    assert months.detach(dsn, MARCH_2024)[0] == "ratebook.ai_generations_2024_01"
    assert state_of(shop, "ai_generations_2024_01") == "detached"
    assert shop.value("select ratebook.is_closed('ratebook.ai_generations_2024_01')")
    assert shop.value("select count(*) from ratebook.ai_generations_2024_01") == 1
    # The charge's; February 2024, which the backfill made on its way, is gone too.
    assert shop.value("select count(*) from ai.generations") == 1
    assert state_of(shop, "ai_generations_2024_02") == "detached"
    assert state_of(shop, "ai_generations_2024_03") == "attached"


def test_a_month_is_detached_beside_an_open_writer(shop: Shop) -> None:
    # What the log's foreign keys point to is locked in the end, and let go again as long as somebody writes there.
    ann = past_month(shop)
    with psycopg.connect(shop.server.dsn(shop.name)) as writer, ThreadPoolExecutor(1) as pool:
        writer.execute("update lensers.profiles set display_name = 'Ann' where id = %s", [ann])
        waits = Event()
        running: Future[list[str]] = pool.submit(
            months.detach,
            shop.server.dsn(shop.name),
            MARCH_2024,
            say=lambda said: waits.set() if "waits" in said else None,
        )
        assert waits.wait(30)
        (ben,) = shop.lensers(1)
        shop.db.execute("insert into lensers.profiles (id, user_id) values (%s, %s)", [ben, ben])
        writer.commit()
        assert running.result(30) == [
            "ratebook.ai_generations_2024_01",
            "ratebook.ai_generations_2024_02",
        ]


def test_the_command(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    past_month(shop)
    monkeypatch.setenv("DATABASE_URL", shop.server.dsn(shop.name))

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(cli.app, ["months", *arguments], catch_exceptions=False)
        assert done.exit_code == 0
        return done.output

    assert run("detach", "--before", "2024-01-31") == "No month ends by then.\n"
    assert run("detach", "--before", "2024-02-01") == (
        "ratebook.ai_generations_2024_01 is detached\n"
    )
    for table in TABLES[3:7]:
        with pytest.raises(RatebookError, match=f"{table} is history and stays"):
            run("detach", "--before", "2100-01-01", "--table", table)
    listed = run("list").splitlines()
    assert [line.split("  ")[0] for line in listed if line[0] != " "] == [
        "ai.generations",
        *TABLES[3:7],
    ]
    assert listed[0].startswith("ai.generations  2024-02 to ")
    assert listed[1] == "  detached ratebook.ai_generations_2024_01"
    rows = json.loads(run("list", "--json"))
    assert rows[0] == {
        "parent": "ai.generations",
        "name": "ratebook.ai_generations_2024_01",
        "state": "detached",
        "until": "2024-02-01T00:00:00+00:00",
    }
    assert run("extend") == "0 partitions made.\n"
    assert run("extend", "--months", "26") == "10 partitions made.\n"


def test_a_purge_passes_over_what_is_locked(shop: Shop) -> None:
    (ann,) = shop.lensers(1)
    with shop.connect() as client:
        for key in "abc":
            call(client, "grant_credits", account=ann, amount=1, idempotency_key=key)
    set_clock(shop, "40 days")
    with psycopg.connect(shop.server.dsn(shop.name)) as other, shop.connect() as client:
        other.execute("select from billing.idempotency_keys where key = 'a' for update")
        client.execute("set lock_timeout = '1ms'")
        assert call(client, "purge")["keys"] == 2
        other.rollback()
        assert call(client, "purge")["keys"] == 1


@contextmanager
def served(shop: Shop) -> Iterator[Callable[[], str]]:
    """Eight clients charge, hold, refund meanwhile; gives what came of it, once the block has ended."""
    load = Load(shop, shop.lensers(20), shop.connect)
    load.fund(1000)
    load.run(8, 100)
    before, elapsed = len(load.seconds), load.elapsed
    stop = Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(load.run, 8, None, stop)

        def figures() -> str:
            seconds = load.seconds[before:]
            rate = len(seconds) / (load.elapsed - elapsed)
            return f"{rate:,.0f}/s, the longest call {max(seconds) * 1000:,.0f} ms"

        try:
            yield figures
        finally:
            stop.set()
            running.result()
    load.assert_served()
    shop.assert_sound()


def until(seconds: float, pause: float, deed: Callable[[], Any]) -> int:
    """Do something again and again; how often."""
    end, done = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        deed()
        done += 1
        time.sleep(pause)
    return done


def test_rates_while_months_are_made(shop: Shop, figure: Callable[[str], None]) -> None:
    with served(shop) as found:
        time.sleep(SECONDS)
    figure(f"without: {found()}")
    before = missing(shop, 120)
    with open_reader(shop), served(shop) as found, shop.connect() as sweeper:
        until(SECONDS, 0.1, lambda: sweeper.execute("select ai.extend_partitions(120)"))
    made = before - missing(shop, 120)
    assert made > 0
    figure(f"{made} made beside an open reader: {found()}")

    # Of the log next: who makes it waits for whoever signs up.
    while shop.value(NEXT) != "ai.generations":
        shop.value("select ratebook.extend_partitions(120)")

    def refused() -> None:
        with pytest.raises(psycopg.Error) as error:
            shop.db.execute("select ratebook.extend_partitions(120, 1)")
        assert token(error.value) == "PT503 month_not_made"

    with open_sign_up(shop), served(shop) as found:
        tried = until(SECONDS, 0.2, refused)
    figure(f"{tried} times tried beside an open sign-up: {found()}")


def test_rates_while_a_month_is_detached(shop: Shop, figure: Callable[[str], None]) -> None:
    past_month(shop)
    detach = (shop.server.dsn(shop.name), MARCH_2024)
    with open_reader(shop), served(shop) as found, pytest.raises(RatebookError):
        months.detach(*detach, wait=SECONDS)
    figure(f"beside an open reader: {found()}")
    with served(shop) as found:
        done = months.detach(*detach)
        time.sleep(SECONDS / 2)
    assert done == ["ratebook.ai_generations_2024_01", "ratebook.ai_generations_2024_02"]
    figure(f"two, to the end: {found()}")


def test_rates_when_no_month_is_left(shop: Shop, figure: Callable[[str], None]) -> None:
    load = Load(shop, shop.lensers(20), shop.connect)
    load.fund(1000)
    load.run(8, 100)
    set_clock(shop, "30 months")
    with open_reader(shop):
        before, elapsed = len(load.seconds), load.elapsed
        load.run(8, size(100, 3000))
    load.assert_served()
    shop.assert_sound()
    posted, expected = (
        {account: balance[0] for account, balance in balances.items() if balance[0] != 0}
        for balances in (shop.balances(), load.books.balances())
    )
    assert posted == expected
    seconds = load.seconds[before:]
    figure(
        f"{len(seconds) / (load.elapsed - elapsed):,.0f}/s, the longest call {max(seconds) * 1000:,.0f} ms"
    )
