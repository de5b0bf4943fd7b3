"""A durable server with the wallet's schema, and a table of the figures that the tests found.

Sizes are small unless RATEBOOK_FAULTS=full (`make faults`).
"""

from __future__ import annotations

import os
from typing import Any

import psycopg
import pytest
from pytest_postgresql.factories import postgresql, postgresql_noproc

from tests.databases import RunningServer, load_truth, running, start_server
from tests.faults.wallet import SERVICE, Shop
from tests.figures import figure, summary
from tests.modules import PROJECT
from tools import schema, servers
from tools.servers import Server

TEMPLATE = "wallet"
__all__ = ["figure"]
FULL = os.environ.get("RATEBOOK_FAULTS") == "full"
SETTINGS = servers.DURABLE | {"shared_buffers": "256MB", "max_wal_size": "2GB"}
# One unit of input is 0.000002 USD, a dollar 1,000 credits, the margin 30 %: 0.0026 credits.
PRICES = """
insert into ai.providers (key, name) values ('acme', 'Acme');
insert into ai.models (key, name, provider_id)
select k, upper(k), p.id from ai.providers as p, unnest(array['m', 'n']) as k;
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)
select id, 'input', 0.000002, '2025-01-01Z' from ai.models;
insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from)
values ('USD', 1000, '2025-01-01Z');
insert into billing.execution_margin_policies (margin, effective_from) values (0.3, '2025-01-01Z');
"""
pytest_terminal_summary = summary("faults", "the wallet under load and faults")


def size(small: int, full: int) -> int:
    """How much of something: small in `make test`, full in `make faults`."""
    return full if FULL else small


def make_server(version: int = servers.DEFAULT_VERSION, **settings: str) -> Server:
    """A durable server with a template database: the schema, two models, and a backend's role.

    What is killed are processes; its files outlive them in memory as well. The figures of `make faults` are a disk's.
    """
    server = servers.start(version, SETTINGS | settings, on_disk=FULL)
    schema.build_truth(server, server.create_database(TEMPLATE), PROJECT)
    stock(server, TEMPLATE)
    return server


def stock(server: Server, db: str) -> None:
    with server.connect(db) as connection:
        connection.execute(f"create role {SERVICE} login in role service_role")
        connection.execute(PRICES)


def load_stock(host: str, dbname: str, **_: object) -> None:
    stock(running(host), dbname)


postgres = start_server(SETTINGS, on_disk=FULL)
shop_template = postgresql_noproc(
    depends_on="postgres", dbname="shop", load=[load_truth, load_stock]
)
shop_database = postgresql("shop_template")


@pytest.fixture(scope="session")
def server(postgres: RunningServer) -> Server:
    return postgres.server


@pytest.fixture
def shop(server: Server, shop_database: psycopg.Connection[Any]) -> Shop:
    """A database of its own."""
    shop_database.autocommit = True
    return Shop(server, shop_database.info.dbname, shop_database)
