"""A server with the schema and a log in bulk, which billing.rebuild_usage() has counted.

RATEBOOK_USAGE_ROWS says how much happens in it: 1,500 in `make test`, a million for the figures.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.factories import postgresql_noproc

from tests.analytics import loader
from tests.databases import dsn, load_truth, start_server

ROWS = int(os.environ.get("RATEBOOK_USAGE_ROWS", "1500"))
IS_LARGE = ROWS >= 100_000
OWNERS, MODELS = (2000, 40) if IS_LARGE else (30, 6)

usage_server = start_server(
    settings={"shared_buffers": "256MB", "work_mem": "64MB"}, on_disk=IS_LARGE or None
)
usage_template = postgresql_noproc(
    depends_on="usage_server", dbname="usage_template", load=[load_truth]
)


@pytest.fixture(scope="module")
def connect(usage_template: NoopExecutor) -> Callable[[], psycopg.Connection[Any]]:
    """Opens a superuser's connection that commits by itself."""
    return lambda: psycopg.connect(dsn(usage_template), autocommit=True)


@pytest.fixture(scope="module")
def db(connect: Callable[[], psycopg.Connection[Any]]) -> Iterator[psycopg.Connection[Any]]:
    """The log. Deletes of it happen under a publication for all tables."""
    with connect() as connection:
        loader.make_world(connection, MODELS, OWNERS)
        loader.load(connection, ROWS, models=MODELS, owners=OWNERS, is_long=IS_LARGE)
        connection.execute("analyze")
        connection.execute(
            "set client_min_messages = error; create publication everything for all tables"
        )
        loader.rebuild(connection)
        yield connection
