"""Servers, copies of the repository and the real Supabase CLI for the migration tests."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools import schema, servers
from tools.project import REPOSITORY, Project, supabase
from tools.servers import Server

StartServer = Callable[[int], Server]
NewDatabase = Callable[..., str]
NewPushedDatabase = Callable[[int, str], tuple[Server, str]]
PushedTemplate = Callable[[int, str], str]
Push = Callable[[Server, str, Project, str], subprocess.CompletedProcess[str]]
Output = pytest.CaptureFixture[str]


@pytest.fixture(scope="session")
def server_of() -> Iterator[StartServer]:
    """A server of a version, started once for all the tests that ask for it."""
    running: dict[int, Server] = {}

    def server_of(version: int) -> Server:
        if version not in running:
            running[version] = servers.start(version)
        return running[version]

    yield server_of
    for server in running.values():
        server.stop()


_numbers = itertools.count(1)


@pytest.fixture
def new_database() -> Iterator[NewDatabase]:
    """Makes databases, empty or as copies of another, and drops them after the test."""
    made: list[tuple[Server, str]] = []

    def new_database(server: Server, template: str | None = None) -> str:
        db = server.create_database(f"migrations_{next(_numbers)}", template)
        made.append((server, db))
        return db

    yield new_database
    for server, db in made:
        server.drop_database(db)


@pytest.fixture
def project() -> Project:
    """The repository itself: to read, never to write."""
    return Project(REPOSITORY)


@pytest.fixture
def copy(tmp_path: Path) -> Project:
    """A copy of the schema's folders that a test may spoil."""
    for folder in ("sql", "policies", "migrations", "supabase"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder, symlinks=True)
    return Project(tmp_path)


@pytest.fixture(scope="session")
def push() -> Push:
    """`supabase db push` of a project's migrations to a database, as a role."""

    def push(
        server: Server, db: str, project: Project, user: str
    ) -> subprocess.CompletedProcess[str]:
        return supabase(
            ["db", "push", "--yes"], workdir=project.root, database=server.dsn(db, user)
        )

    return push


@pytest.fixture(scope="session")
def pushed_template(server_of: StartServer, push: Push) -> PushedTemplate:
    """The name of a database of a version that a role pushed the whole history to: to clone."""
    made: dict[tuple[int, str], str] = {}

    def pushed_template(version: int, owner: str) -> str:
        if (version, owner) not in made:
            server, project = server_of(version), Project(REPOSITORY)
            db = server.create_database(f"pushed_{owner}")
            schema.prepare(server, db, project, owner)
            done = push(server, db, project, owner)
            assert done.returncode == 0, done.stderr
            made[version, owner] = db
        return made[version, owner]

    return pushed_template


@pytest.fixture
def new_pushed_database(
    server_of: StartServer,
    new_database: NewDatabase,
    pushed_template: PushedTemplate,
) -> NewPushedDatabase:
    """A database with the whole history, pushed by a role; dropped after the test."""

    def new_pushed_database(version: int, owner: str) -> tuple[Server, str]:
        template = pushed_template(version, owner)
        return server_of(version), new_database(server_of(version), template)

    return new_pushed_database
