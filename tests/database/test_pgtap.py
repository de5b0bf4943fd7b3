"""Run every `<function or table>/<sentence>.test.sql` on the oldest and the newest PostgreSQL, through pg_prove.

A database holds the schema from its truth, pgTAP in schema `tap` and `setup.sql`: on the newest version all modules, on
the oldest the core alone, and for the tests of a module (in folders `<module>_…`) another with all. Each file is a
transaction that rolls back. `pytest tests/database -k quote` runs a part; by hand, one file runs with
`pg_prove --ext .sql -d <database> <file>`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.modules import MODULES, WITHOUT, module_of
from tools import schema, servers
from tools.project import REPOSITORY, Project, ToolError, clean_environment
from tools.servers import Server

FOLDER = Path(__file__).resolve().parent
FILES = [path for path in sorted(FOLDER.glob("*/*.test.sql")) if module_of(path) not in WITHOUT]
VERSIONS = (15, 18)
HEADING = re.compile(r"(?P<file>/\S+\.test\.sql) \.+ ")


def pgtap() -> Path:
    """pgTAP as plain SQL. Raises ToolError where the Debian package is missing."""
    found = sorted(Path("/usr/share/postgresql").glob("*/extension/pgtap--*.sql"))
    whole = [path for path in found if path.stem.count("--") == 1]
    if not whole:
        raise ToolError("pgTAP is not installed: install the Debian package postgresql-15-pgtap.")
    return whole[-1]


class Proving:
    """pg_prove at work on files, in their order. What it says of one is read when that is asked for."""

    def __init__(self, server: Server, db: str, files: Sequence[Path]) -> None:
        program = shutil.which("pg_prove")
        if program is None:
            raise ToolError(
                "pg_prove is not installed: install the Debian package libtap-parser-sourcehandler-pgtap-perl."
            )
        self._parts: dict[str, str] = {}
        self._current = ""
        command: list[str | Path] = [
            program,
            *("--norc", "--nocolor", "--verbose", "--merge", "--ext", ".sql"),
            *("--psql-bin", server.bin("psql")),
            *files,
        ]
        self._process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment(server, db),
        )

    def complaint(self, file: Path) -> str | None:
        """What is wrong with a file; None where all its tests ran and passed, none of them as todo or skipped."""
        name = str(file)
        while not (name in self._parts and name != self._current) and self._read():
            pass
        part = self._parts.get(name, f"pg_prove says nothing of {name}.")
        passed = re.search(r"^ok$", part, re.MULTILINE)
        doubtful = re.search(r"^(not )?ok .*# (todo|skip)\b", part, re.MULTILINE | re.IGNORECASE)
        return None if passed and not doubtful else re.sub(r"(?m)^ok \d+ - [^#\n]*\n", "", part)

    def _read(self) -> bool:
        """Read a line into the part that it belongs to, that of a file or the summary; False at the end."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if heading := HEADING.match(line):
            self._current = heading["file"]
        elif not line or line.startswith(("All tests successful.", "Test Summary Report")):
            self._current = ""
        self._parts[self._current] = self._parts.get(self._current, "") + line
        return bool(line)

    def stop(self) -> None:
        """End it, wherever it is."""
        self._process.kill()
        self._process.communicate()


def environment(server: Server, db: str) -> dict[str, str]:
    return clean_environment() | {
        "PGOPTIONS": "-c client_min_messages=warning",
        "PGHOST": str(server.folder),
        "PGUSER": "postgres",
        "PGDATABASE": db,
    }


def modules_left_out(file: Path, version: int) -> tuple[str, ...]:
    """The modules that the database lacks in which a file is tested on a version."""
    return MODULES if version == min(VERSIONS) and module_of(file) is None else WITHOUT


def prepare(server: Server, db: str, project: Project) -> None:
    """Make a test database of the schema."""
    server.create_database(db)
    schema.build_truth(server, db, project)
    command: list[str | Path] = [
        *(server.bin("psql"), "--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1"),
        *("-c", "create schema tap", "-c", "set search_path = tap", "-f", pgtap()),
        *("-c", "reset search_path", "-f", FOLDER / "setup.sql"),
        *("-f", FOLDER / "setup_execution.sql"),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment(server, db)
    )
    if done.returncode != 0:
        raise ToolError(f"The tests' own set-up failed: {done.stderr.strip()}")


Databases = Callable[[int, tuple[str, ...]], tuple[Server, str]]


@pytest.fixture(scope="session")
def database_of() -> Iterator[Databases]:
    """The server of a version, and on it the test database without some modules: made when it is first asked for."""
    running: dict[int, Server] = {}
    made: set[tuple[int, str]] = set()

    def database_of(version: int, without: tuple[str, ...]) -> tuple[Server, str]:
        if version not in running:
            # What a call reads is counted: no statistics come in between.
            running[version] = servers.start(version, {"autovacuum": "off"})
        server, db = running[version], "_".join(["pgtap_without", *without])
        if (version, db) not in made:
            prepare(server, db, Project(REPOSITORY, without))
            made.add((version, db))
        return server, db

    yield database_of
    for server in running.values():
        server.stop()


@pytest.fixture(scope="session")
def proving(
    request: pytest.FixtureRequest, database_of: Databases
) -> Iterator[Callable[[Path, int], Proving]]:
    """pg_prove at work on a file, and on all others that this session tests in the same database."""
    running: dict[tuple[int, tuple[str, ...]], Proving] = {}
    chosen: dict[tuple[int, tuple[str, ...]], list[Path]] = {}
    for item in request.session.items:
        if isinstance(item, pytest.Function) and item.originalname == "test_database":
            params: dict[str, Any] = dict(item.callspec.params)
            file, version = params["file"], params["version"]
            chosen.setdefault((version, modules_left_out(file, version)), []).append(file)

    def proving(file: Path, version: int) -> Proving:
        place = version, modules_left_out(file, version)
        if place not in running:
            running[place] = Proving(*database_of(*place), chosen[place])
        return running[place]

    yield proving
    for run in running.values():
        run.stop()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "file", FILES, ids=lambda file: str(file.relative_to(FOLDER)).removesuffix(".test.sql")
)
def test_database(proving: Callable[[Path, int], Proving], file: Path, version: int) -> None:
    complaint = proving(file, version).complaint(file)
    assert complaint is None, complaint


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.removesuffix(".test.sql"))
def test_a_file_leaves_nothing_behind(file: Path) -> None:
    statements = [line for line in file.read_text().splitlines() if line and line[:2] != "--"]
    assert (statements[0], statements[-1]) == ("begin;", "rollback;")
    # A plpgsql body has its begin without, and its end in the middle of, a statement.
    found = [line for line in statements if re.match(r"(begin|commit|rollback)\b.*;", line)]
    assert found == ["begin;", "rollback;"], "a file is one transaction"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("select plan(1); select pass('a');", None),
        ("select no_plan(); select pass('a'); select * from finish();", None),
        ("select plan(1); select is(1, 2, 'a');", "not ok 1 - a"),
        ("select plan(1); select todo('later', 1); select fail('a');", "# TODO later"),
        ("select plan(1); select skip('no', 1);", "# SKIP no"),
        ("select plan(2); select pass('a');", "Failed 1/2 subtests"),
        (
            "select plan(1); select pass('a'); select pass('b'); select * from finish();",
            "planned 1 test but ran 2",
        ),
        ("select pass('a');", "You tried to run a test without a plan"),
        (
            "select plan(1); select pass('a'); select nothing();",
            "function nothing() does not exist",
        ),
        ("select '1..0';", "skipped"),
        ("", "No subtests run"),
    ],
)
def test_pg_prove_sees_what_is_wrong(
    database_of: Databases, tmp_path: Path, text: str, complaint: str | None
) -> None:
    files = [tmp_path / f"{name}.test.sql" for name in ("before", "it", "after")]
    good = "select plan(1); select pass('good');"
    for file, body in zip(files, (good, text, good), strict=True):
        file.write_text(f"begin;\nset local search_path = tap, pg_catalog;\n{body}\nrollback;\n")
    run = Proving(*database_of(18, WITHOUT), files)
    try:
        found = [run.complaint(file) for file in files]
    finally:
        run.stop()
    assert (found[0], found[2]) == (None, None)
    assert found[1] is None if complaint is None else complaint in (found[1] or "")
