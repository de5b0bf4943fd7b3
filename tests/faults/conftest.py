"""A durable server with the wallet's schema, and a table of the figures that the tests found.

Sizes are small unless RATEBOOK_FAULTS=full (`make faults`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.faults.wallet import SERVICE, Shop
from tools import schema, servers
from tools.project import REPOSITORY, Project
from tools.servers import Server

TEMPLATE = "wallet"
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
_figures: list[tuple[str, str]] = []


def size(small: int, full: int) -> int:
    """How much of something: small in `make test`, full in `make faults`."""
    return full if FULL else small


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Adds a line to the table that is printed at the end."""
    return lambda text: _figures.append((request.node.name.removeprefix("test_"), text))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _figures:
        terminalreporter.section("the wallet under load and faults")
        for test, text in _figures:
            terminalreporter.line(f"{test.replace('_', ' ')}: {text}")


def make_server(version: int = servers.DEFAULT_VERSION, **settings: str) -> Server:
    """A durable server with a template database: the schema, two models, and a backend's role."""
    server = servers.start(version, settings=SETTINGS | settings)
    schema.build_truth(server, server.create_database(TEMPLATE), Project(REPOSITORY))
    with server.connect(TEMPLATE) as db:
        db.execute(f"create role {SERVICE} login in role service_role")
        db.execute(PRICES)
    return server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with make_server() as server:
        yield server


@pytest.fixture(scope="session")
def numbers() -> Iterator[int]:
    return count(1)


@pytest.fixture
def shop(server: Server, numbers: Iterator[int]) -> Iterator[Shop]:
    """A database of its own."""
    name = server.create_database(f"shop_{next(numbers)}", template=TEMPLATE)
    with server.connect(name) as db:
        yield Shop(server, name, db)
    server.drop_database(name)
