"""Everything at once: what clients were told adds up to what the database holds."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from tests.faults.conftest import size
from tests.faults.load import Load
from tests.faults.wallet import SERVICE, Connection, Shop
from tools import servers

CLIENTS = 32


def open_accounts(shop: Shop, number: int) -> list[str]:
    """Accounts of new people, every fourth with an overdraft."""
    people = shop.lensers(number)
    shop.db.execute(
        "insert into billing.accounts (id, lenser_id, overdraft_limit)"
        " select id, id, case when place %% 4 = 1 then 25 else 0 end"
        " from unnest(%s::uuid[]) with ordinality as a (id, place)",
        [people],
    )
    return people


def run(shop: Shop, accounts: int, connect: Callable[[], Connection], operations: int) -> Load:
    load = Load(shop, open_accounts(shop, accounts), connect)
    load.fund(4)
    load.run(CLIENTS, operations)
    load.assert_served()
    assert load.unsettled == []
    assert load.outcomes["PT402 insufficient_credits"] > 0, "the load never met an empty account"
    shop.assert_sound()
    shop.assert_agrees(load.books)
    return load


@pytest.mark.parametrize("accounts", [1, 10, size(100, 1000)])
def test_mixed_operations(shop: Shop, accounts: int, figure: Callable[[str], None]) -> None:
    figure(run(shop, accounts, shop.connect, size(600, 100_000)).figures)


def test_mixed_operations_through_pgbouncer(shop: Shop, figure: Callable[[str], None]) -> None:
    with servers.pooler(shop.server, SERVICE) as dsn:

        def connect() -> Connection:
            # PgBouncer 1.18 knows no prepared statements.
            return psycopg.connect(dsn(shop.name), autocommit=True, prepare_threshold=None)

        figure(run(shop, 10, connect, size(300, 10_000)).figures)


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_strict_isolation(shop: Shop, level: str, figure: Callable[[str], None]) -> None:
    def connect() -> Connection:
        return shop.connect(
            options=f"-c default_transaction_isolation={level.replace(' ', chr(92) + ' ')}"
        )

    load = Load(shop, open_accounts(shop, 2), connect, tries_again=True)
    load.fund(20)
    load.run(8, size(100, 2_000))
    load.assert_served()
    shop.assert_sound()
    shop.assert_agrees(load.books)
    assert load.outcomes["40001"] > 0
    figure(f"{load.figures}, {load.outcomes['40001']:,} tries again after 40001")
