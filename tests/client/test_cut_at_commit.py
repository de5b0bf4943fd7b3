"""A real PostgREST whose connection to the database breaks when it commits: the effect is there, the answer is not."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from postgrest import SyncPostgrestClient

from ratebook import Client
from ratebook.local import services
from ratebook.local.processes import free_ports
from ratebook.local.tools import find_tool
from tools.project import REPOSITORY

SOCKET = ".s.PGSQL.5432"


class Cutter:
    """Passes a database's connections on; while `cuts` is above zero, one that commits breaks once it has."""

    def __init__(self, folder: Path, database: Path) -> None:
        self.cuts = 0
        self._database = database
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / SOCKET))
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        server.connect(str(self._database / SOCKET))

        def answer() -> None:
            with suppress(OSError), client:
                while data := server.recv(65536):
                    if self.cuts > 0 and b"COMMIT\0" in data:  # it says that it has
                        self.cuts -= 1
                        break
                    client.sendall(data)
                client.shutdown(socket.SHUT_RDWR)

        threading.Thread(target=answer, daemon=True).start()
        with suppress(OSError), server:
            while data := client.recv(65536):
                server.sendall(data)
            server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def cutter(ratebook_stack: Any) -> Iterator[tuple[Cutter, str]]:
    """The cutter, and the URL of a PostgREST that reaches the stack's database through it."""
    database = Path(str(psycopg.conninfo.conninfo_to_dict(ratebook_stack.dsn)["host"]))
    with TemporaryDirectory(prefix="ratebook-") as folder:
        cutter = Cutter(Path(folder), database)
        ports = services.Ports(*free_ports(3))
        config = Path(folder, "postgrest.conf")
        dsn = f"postgresql://authenticator@localhost/postgres?host={folder}&sslmode=disable"
        config.write_text(
            services.postgrest_config(dsn, ports, {"schemas": ["public", "ai", "billing"]})
        )
        program = find_tool("postgrest", REPOSITORY, print)
        with subprocess.Popen([program, config], stdout=subprocess.DEVNULL) as process:
            try:
                _wait_for(f"http://127.0.0.1:{ports.admin}/ready")
                yield cutter, f"http://127.0.0.1:{ports.postgrest}"
            finally:
                process.terminate()
                cutter.close()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError):
            if httpx.get(url).is_success:
                return
        time.sleep(0.05)
    raise AssertionError(url)


def test_a_connection_that_breaks_at_commit_charges_once(
    ratebook_stack: Any, cutter: tuple[Cutter, str], new_user: Callable[..., UUID]
) -> None:
    cuts, url = cutter
    ada = new_user()
    headers = {"Authorization": f"Bearer {ratebook_stack.service_key}"}
    with SyncPostgrestClient(url, headers=headers) as postgrest:
        account = Client.from_supabase(postgrest).account(ada, owner=ada)
        account.grant(10)
        cuts.cuts = 1
        charged = account.charge("gpt-4o-mini", {"input": 1000, "output": 500})
        assert cuts.cuts == 0
        assert (charged.credits, charged.balance.posted) == (Decimal("0.585"), Decimal("9.415"))
        assert [entry.amount for entry in account.statement()] == [10, Decimal("-0.585")]
