"""A PostgREST of a test's own, and what breaks its connections to the database."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psycopg

from ratebook.local import services
from ratebook.local.processes import free_ports
from ratebook.local.tools import find_tool
from tests.modules import WITHOUT
from tools.project import REPOSITORY

SOCKET = ".s.PGSQL.5432"
SCHEMAS = [name for name in services.DEFAULT_SCHEMAS if name not in WITHOUT]


class Cutter:
    """Passes a database's connections on; while `cuts` is above zero, one that commits breaks once it has.

    `folder` is where its socket is made, `database` where the server's is.
    """

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


@contextmanager
def postgrest(dsn: str, *, is_ready: bool = True, **settings: Any) -> Iterator[str]:
    """The URL of a PostgREST before a database, with more settings: `db_pool=1`; None takes one away.

    Waits until it is ready unless it is not to become so.
    """
    ports = services.Ports(*free_ports(3))
    lines = services.postgrest_config(dsn, ports, {"schemas": SCHEMAS}).splitlines()
    for name, value in settings.items():
        key = name.replace("_", "-")
        lines = [line for line in lines if not line.startswith(f"{key} =")]
        if value is not None:
            lines.append(f'{key} = "{value}"')
    with TemporaryDirectory(prefix="ratebook-") as folder:
        config = Path(folder, "postgrest.conf")
        config.write_text("\n".join(lines) + "\n")
        program = find_tool("postgrest", REPOSITORY, print)
        with subprocess.Popen(
            [program, config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                _wait_for(f"http://127.0.0.1:{ports.admin}/{'ready' if is_ready else 'live'}")
                yield f"http://127.0.0.1:{ports.postgrest}"
            finally:
                process.terminate()


@contextmanager
def gateway_before(postgrest: str) -> Iterator[str]:
    """The URL of the shipped gateway, with its path, before a PostgREST."""
    port = httpx.URL(postgrest).port
    assert port is not None
    ports = services.Ports(free_ports(1)[0], port, port)
    with TemporaryDirectory(prefix="ratebook-") as name:
        folder = Path(name)
        (folder / "tmp").mkdir()
        config = folder / "nginx.conf"
        config.write_text(services.gateway_config(folder, ports))
        program = find_tool("nginx", REPOSITORY, print)
        with subprocess.Popen(
            [program, "-e", "stderr", "-p", name, "-c", config], stderr=subprocess.DEVNULL
        ) as process:
            try:
                _wait_for(ports.url)
                yield f"{ports.url}/rest/v1"
            finally:
                process.terminate()


def as_authenticator(dsn: str) -> str:
    """The address of a database as PostgREST's own role."""
    parts = psycopg.conninfo.conninfo_to_dict(dsn) | {"user": "authenticator"}
    return psycopg.conninfo.make_conninfo("", **parts)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError):
            if httpx.get(url).is_success:
                return
        time.sleep(0.05)
    raise AssertionError(url)
