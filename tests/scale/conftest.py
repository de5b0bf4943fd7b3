"""The server that the tests of replicas, jobs, moves and backups share: Debian's PostgreSQL 15, with pg_cron.

Sizes are small unless RATEBOOK_SCALE=full, which prints figures as well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.faults.conftest import PRICES, SETTINGS
from tests.faults.wallet import SERVICE, Connection, Shop
from tests.figures import figure, summary
from tests.modules import PROJECT
from tools import schema, servers
from tools.servers import Server

__all__ = ["figure"]
FULL = os.environ.get("RATEBOOK_SCALE") == "full"
PRIMARY = SETTINGS | {
    "wal_level": "logical",
    "max_wal_senders": "10",
    "wal_keep_size": "256MB",
    "archive_mode": "on",
    "shared_preload_libraries": "pg_cron",
    "cron.database_name": "shop",
    "cron.use_background_workers": "on",
    # A commit on a standby that is waited for is one that it has written.
    "synchronous_commit": "on",
}
pytest_terminal_summary = summary("scale", "scale")


def size(small: int, full: int) -> int:
    """How much of something: small in `make test`, full with RATEBOOK_SCALE=full."""
    return full if FULL else small


def make_primary(settings: Mapping[str, str] = PRIMARY) -> Server:
    """A server whose database `shop` has the wallet, and which keeps its WAL in `folder/archive`."""
    # Its working directory is that of its data.
    server = servers.start(15, dict(settings) | {"archive_command": "cp %p ../archive/%f"})
    archive = server.folder / "archive"
    archive.mkdir()
    servers.give(archive)
    schema.build_truth(server, server.create_database("shop"), PROJECT)
    with server.connect("shop") as db:
        db.execute(f"create role {SERVICE} login in role service_role")
        db.execute(PRICES)
    return server


@pytest.fixture(scope="session")
def primary() -> Iterator[Server]:
    """The one that most tests share."""
    with make_primary() as server:
        yield server


@contextmanager
def shop_of(server: Server) -> Iterator[Shop]:
    """Its shop, and the superuser's connection."""
    with server.connect("shop") as db:
        yield Shop(server, "shop", db)


@pytest.fixture
def shop(primary: Server) -> Iterator[Shop]:
    with shop_of(primary) as shop:
        yield shop


class Clients:
    """Where backends connect: to one server, and to the other once it has taken over."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    def __call__(self) -> Connection:
        return self.shop.connect()
