"""Run every `<function or table>/<sentence>.test.sql` on the oldest and the newest PostgreSQL, through pg_prove.

One template database per version holds the schema from its truth, pgTAP in schema `tap` and `setup.sql`.
Each file is a transaction that rolls back. `pytest tests/database -k quote` runs a part; by hand, one
file runs with `pg_prove --ext .sql -d <database> <file>`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tools import schema, servers
from tools.project import REPOSITORY, Project, ToolError, clean_environment
from tools.servers import Server

FOLDER = Path(__file__).resolve().parent
FILES = sorted(FOLDER.glob("*/*.test.sql"))
VERSIONS = (15, 18)
DATABASE = "pgtap"
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

    def __init__(self, server: Server, files: Sequence[Path]) -> None:
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
            env=environment(server),
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


def environment(server: Server) -> dict[str, str]:
    return clean_environment() | {
        "PGOPTIONS": "-c client_min_messages=warning",
        "PGHOST": str(server.folder),
        "PGUSER": "postgres",
        "PGDATABASE": DATABASE,
    }


def prepare(version: int) -> Server:
    """A server of a version with the test database."""
    server = servers.start(version)
    server.create_database(DATABASE)
    schema.build_truth(server, DATABASE, Project(REPOSITORY))
    command: list[str | Path] = [
        *(server.bin("psql"), "--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1"),
        *("-c", "create schema tap", "-c", "set search_path = tap", "-f", pgtap()),
        *("-c", "reset search_path", "-f", FOLDER / "setup.sql"),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment(server)
    )
    if done.returncode != 0:
        raise ToolError(f"The tests' own set-up failed: {done.stderr.strip()}")
    return server


@pytest.fixture(scope="session")
def server_of() -> Iterator[Callable[[int], Server]]:
    """The server of a version, with the test database: made when it is first asked for."""
    running: dict[int, Server] = {}

    def server_of(version: int) -> Server:
        if version not in running:
            running[version] = prepare(version)
        return running[version]

    yield server_of
    for server in running.values():
        server.stop()


@pytest.fixture(scope="session")
def proving(
    request: pytest.FixtureRequest, server_of: Callable[[int], Server]
) -> Iterator[Callable[[int], Proving]]:
    """pg_prove on the server of a version, over all files that this session tests there."""
    running: dict[int, Proving] = {}

    def proving(version: int) -> Proving:
        if version not in running:
            chosen = [
                item.callspec.params
                for item in request.session.items
                if isinstance(item, pytest.Function) and item.originalname == "test_database"
            ]
            files = [Path(str(case["file"])) for case in chosen if case["version"] == version]
            running[version] = Proving(server_of(version), files)
        return running[version]

    yield proving
    for run in running.values():
        run.stop()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "file", FILES, ids=lambda file: str(file.relative_to(FOLDER)).removesuffix(".test.sql")
)
def test_database(proving: Callable[[int], Proving], file: Path, version: int) -> None:
    complaint = proving(version).complaint(file)
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
    server_of: Callable[[int], Server], tmp_path: Path, text: str, complaint: str | None
) -> None:
    files = [tmp_path / f"{name}.test.sql" for name in ("before", "it", "after")]
    good = "select plan(1); select pass('good');"
    for file, body in zip(files, (good, text, good), strict=True):
        file.write_text(f"begin;\nset local search_path = tap, pg_catalog;\n{body}\nrollback;\n")
    run = Proving(server_of(18), files)
    try:
        found = [run.complaint(file) for file in files]
    finally:
        run.stop()
    assert (found[0], found[2]) == (None, None)
    assert found[1] is None if complaint is None else complaint in (found[1] or "")
