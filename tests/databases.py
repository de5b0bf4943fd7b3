"""Databases of the tests: pytest-postgresql on servers that the suite starts.

postgres = start_server()
shop_template = postgresql_noproc(depends_on="postgres", dbname="shop", load=[load_truth])
shop = postgresql("shop_template")  # a connection to a copy of the template, for each test
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest
from pytest_postgresql.executors import NoopExecutor

from tests.modules import PROJECT
from tools import schema, servers
from tools.servers import Server

_running: dict[str, Server] = {}


@dataclass(frozen=True)
class RunningServer:
    """What `depends_on` asks a server for."""

    server: Server
    port: int = 5432
    user: str = "postgres"
    password: str | None = None
    options: str = ""
    maintenance_dbname: str = "postgres"
    template_dbname: str = "template0"

    @property
    def host(self) -> str:
        """The folder of its socket."""
        return str(self.server.folder)


def start_server(
    settings: Mapping[str, str] | None = None, on_disk: bool | None = None
) -> Callable[[], Iterator[RunningServer]]:
    """A fixture: one server of the newest version for the session; `depends_on` takes its name."""

    @pytest.fixture(scope="session")
    def running_server() -> Iterator[RunningServer]:
        with servers.start(settings=settings, on_disk=on_disk) as server:
            _running[str(server.folder)] = server
            yield RunningServer(server)

    return running_server


def running(host: str) -> Server:
    """The server whose socket is in a folder: what a function for `load` is told."""
    return _running[host]


def dsn(template: NoopExecutor) -> str:
    """Where the template itself is."""
    return running(template.host).dsn(template.template_dbname)


def load_truth(host: str, dbname: str, **_: object) -> None:
    """For `load`: the schema as sql/ and policies/ say it."""
    schema.build_truth(running(host), dbname, PROJECT)
