"""Bringing a database up to date: platform.sql by psql, migrations and seeds by the real Supabase CLI.

Passwords travel in the environment, never on a command line or into a message.
"""

import getpass
import hashlib
import os
import subprocess
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ratebook.errors import RatebookError
from ratebook.local.postgres import bin_dir
from ratebook.local.tools import find_tool

_PG_VARIABLES = {"dbname": "PGDATABASE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
_PG_VARIABLES |= {key: f"PG{key.upper()}" for key in ("host", "port", "user", "password")}
QUIET = {"SUPABASE_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1"}


@dataclass(frozen=True)
class Seeds:
    """A project's seed files against what a database remembers: paths relative to the project."""

    new: list[str]
    changed: list[str]


def run_platform(dsn: str, platform: Path) -> None:
    """Run platform.sql in one transaction; raises RatebookError with psql's own words."""
    parts = conninfo_to_dict(dsn)
    environment = {
        variable: str(parts[key]) for key, variable in _PG_VARIABLES.items() if parts.get(key)
    }
    done = subprocess.run(
        [str(bin_dir() / "psql"), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", str(platform)],
        env=os.environ | {"PGOPTIONS": "-c client_min_messages=warning"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RatebookError(f"{platform.name} failed.", done.stderr.strip())


def db_push(
    dsn: str,
    project: Path,
    say: Callable[[str], None],
    *,
    include_all: bool,
    include_seed: bool,
) -> None:
    """Run `supabase db push` from `project` on the database; raises RatebookError with its output."""
    command = [str(find_tool("supabase", project, say)), "--workdir", str(project), "db", "push"]
    command += ["--yes", f"--remote={url_without_password(dsn)}"]
    command += ["--include-all"] * include_all + ["--include-seed"] * include_seed
    password = conninfo_to_dict(dsn).get("password")
    environment = {"PGPASSWORD": str(password)} if password else {}
    done = subprocess.run(
        command,
        env=os.environ | QUIET | environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    output = done.stderr + done.stdout
    for line in output.splitlines():
        if line.startswith(("Applying migration", "Seeding data")):
            say(line.removesuffix("..."))
    if done.returncode != 0:
        raise RatebookError("`supabase db push` failed.", output.strip()[-4000:])


def url_without_password(dsn: str) -> str:
    """A connection URL as the Supabase CLI reads it; TLS is off where the server is on this machine."""
    parts: dict[str, Any] = {
        key: value for key, value in conninfo_to_dict(dsn).items() if value is not None
    }
    parts.pop("password", None)
    user = parts.pop("user", None) or os.environ.get("PGUSER") or getpass.getuser()
    database = parts.pop("dbname", None) or os.environ.get("PGDATABASE") or user
    host = str(parts.pop("host", None) or os.environ.get("PGHOST") or "localhost")
    port = parts.pop("port", None)
    on_this_machine = host.startswith("/") or host in ("localhost", "127.0.0.1", "::1")
    if on_this_machine:
        parts.setdefault("sslmode", "disable")
    if host.startswith("/"):  # the CLI wants a name in the URL, and the socket's folder as option
        parts["host"] = host
        host = "localhost"
    authority = f"[{host}]" if ":" in host else host
    if port:
        authority += f":{port}"
    query = urlencode(parts, quote_via=quote, safe="")
    return (
        f"postgresql://{quote(str(user), safe='')}@{authority}/{quote(str(database), safe='')}"
        + (f"?{query}" if query else "")
    )


def compare_seeds(connection: psycopg.Connection[Any], project: Path) -> Seeds:
    """Which of the project's seed files `db push` has not run, or ran with other content."""
    run: dict[str, str] = {}
    table = connection.execute("select to_regclass('supabase_migrations.seed_files')").fetchone()
    if table and table[0]:
        rows = connection.execute("select path, hash from supabase_migrations.seed_files")
        run = dict(rows.fetchall())
    files = {
        os.path.relpath(path, project): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in seed_files(project)
    }
    return Seeds(
        new=[name for name in files if name not in run],
        changed=[name for name, digest in files.items() if run.get(name, digest) != digest],
    )


def forget_seeds(connection: psycopg.Connection[Any], names: list[str]) -> None:
    """Have the next push run these seed files again."""
    connection.execute("delete from supabase_migrations.seed_files where path = any(%s)", [names])


def seed_files(project: Path) -> list[Path]:
    """The seed files that the project's config.toml names, in the order of its patterns."""
    seed = read_config(project).get("db", {}).get("seed", {})
    if not seed.get("enabled", True):
        return []
    folder = project / "supabase"
    found: dict[Path, None] = {}
    for pattern in seed.get("sql_paths", ["./seed.sql"]):
        base = Path(os.path.normpath(folder / pattern))
        found |= dict.fromkeys(sorted(base.parent.glob(base.name)))
    return list(found)


def read_config(project: Path) -> dict[str, Any]:
    """The project's supabase/config.toml; raises RatebookError where it is not TOML."""
    path = project / "supabase" / "config.toml"
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise RatebookError(f"{path} is not valid TOML: {error}") from error
