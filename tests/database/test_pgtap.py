"""Run every `<function or table>/<sentence>.test.sql` on the oldest and the newest PostgreSQL.

One template database per version holds the schema from its truth, pgTAP in schema `tap` and `setup.sql`.
Each file is a transaction that rolls back. `pytest tests/database -k quote` runs a part; by hand, one
file runs with `psql -X -A -t -v ON_ERROR_STOP=1 -d <database> -f <file>`.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools import schema, servers
from tools.project import REPOSITORY, Project, ToolError, clean_environment
from tools.servers import Server

FOLDER = Path(__file__).resolve().parent
FILES = sorted(FOLDER.glob("*/*.test.sql"))
VERSIONS = (15, 18)
DATABASE = "pgtap"

PsqlRun = subprocess.CompletedProcess[str]


def pgtap() -> Path:
    """pgTAP as plain SQL. Raises ToolError where the Debian package is missing."""
    found = sorted(Path("/usr/share/postgresql").glob("*/extension/pgtap--*.sql"))
    whole = [path for path in found if path.stem.count("--") == 1]
    if not whole:
        raise ToolError("pgTAP is not installed: install the Debian package postgresql-15-pgtap.")
    return whole[-1]


def psql(server: Server, *arguments: str | Path) -> PsqlRun:
    """Run psql on the test database, in the way that a TAP reader wants it."""
    return subprocess.run(
        [
            server.bin("psql"),
            *("--no-psqlrc", "--quiet", "--no-align", "--tuples-only"),
            *("-v", "ON_ERROR_STOP=1", "-d", server.dsn(DATABASE)),
            *arguments,
        ],
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment() | {"PGOPTIONS": "-c client_min_messages=warning"},
    )


@pytest.fixture(scope="session")
def database() -> Iterator[Callable[[int], Server]]:
    """The server of a version, with the test database on it: made when it is first asked for."""
    running: dict[int, Server] = {}

    def database(version: int) -> Server:
        if version not in running:
            server = running[version] = servers.start(version)
            server.create_database(DATABASE)
            schema.build_truth(server, DATABASE, Project(REPOSITORY))
            done = psql(
                server,
                *("-c", "create schema tap", "-c", "set search_path = tap", "-f", pgtap()),
                *("-c", "reset search_path", "-f", FOLDER / "setup.sql"),
            )
            if done.returncode != 0:
                raise ToolError(f"The tests' own set-up failed: {done.stderr.strip()}")
        return running[version]

    yield database
    for server in running.values():
        server.stop()


def complaints(run: PsqlRun) -> list[str]:
    """What is wrong with the TAP that a file wrote; nothing when all its tests ran and passed.

    A failed test counts, marked as todo or not, and so does a skipped one.
    """
    found: list[str] = []
    plans: list[int] = []
    numbers: list[int] = []
    diagnosed = False
    for line in run.stdout.splitlines():
        if plan := re.fullmatch(r"1\.\.(\d+).*", line):
            plans.append(int(plan[1]))
        elif test := re.match(r"(not )?ok (\d+)", line):
            numbers.append(int(test[2]))
            diagnosed = test[1] is not None
            if diagnosed or re.search(r"# (?:todo|skip)\b", line, re.IGNORECASE):
                found.append(line)
        elif line.startswith("Bail out!") or (diagnosed and line.startswith("#")):
            found.append(line)
    if run.returncode != 0:
        found.append(f"psql ended with {run.returncode}: {run.stderr.strip()}")
    if not numbers:
        found.append("There is no test in it.")
    if len(plans) != 1 or numbers != list(range(1, plans[0] + 1)):
        found.append(f"The plan says {plans}, and tests {numbers} ran.")
    return found


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "file", FILES, ids=lambda file: str(file.relative_to(FOLDER)).removesuffix(".test.sql")
)
def test_database(database: Callable[[int], Server], file: Path, version: int) -> None:
    found = complaints(psql(database(version), "-f", file))
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.removesuffix(".test.sql"))
def test_a_file_leaves_nothing_behind(file: Path) -> None:
    statements = [line for line in file.read_text().splitlines() if line and line[:2] != "--"]
    assert (statements[0], statements[-1]) == ("begin;", "rollback;")
    # A plpgsql body has its begin without, and its end in the middle of, a statement.
    found = [line for line in statements if re.match(r"(begin|commit|rollback)\b.*;", line)]
    assert found == ["begin;", "rollback;"], "a file is one transaction"


@pytest.mark.parametrize(
    ("output", "returncode", "complaint"),
    [
        ("1..2\nok 1 - a\nok 2 - b\n", 0, None),
        ("ok 1 - a\n\nok 2 - b\n1..2\n", 0, None),
        ("1..1\nnot ok 1 - a\n# Failed\n", 0, "not ok 1 - a"),
        ("1..1\nnot ok 1 - a # TODO later\n", 0, "not ok 1 - a # TODO later"),
        ("1..1\nok 1 - a # SKIP\n", 0, "ok 1 - a # SKIP"),
        ("1..2\nok 1 - a\n", 0, "The plan says [2], and tests [1] ran."),
        ("1..1\nok 1 - a\nok 2 - b\n", 0, "The plan says [1], and tests [1, 2] ran."),
        ("ok 1 - a\n", 0, "The plan says [], and tests [1] ran."),
        ("1..1\nok 1 - a\n1..1\n", 0, "The plan says [1, 1], and tests [1] ran."),
        ("1..1\nok 1 - a\n", 3, "psql ended with 3: it died"),
        ("1..0\n", 0, "There is no test in it."),
        ("", 0, "There is no test in it."),
        ("1..1\nBail out! no\n", 0, "Bail out! no"),
    ],
)
def test_the_runner_sees_what_is_wrong(output: str, returncode: int, complaint: str | None) -> None:
    found = complaints(PsqlRun([], returncode, output, "it died"))
    assert found == [] if complaint is None else complaint in found
