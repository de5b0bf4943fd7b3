"""Servers, copies of the repository and the real Supabase CLI for the migration tests."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ratebook import migrations
from tests.modules import PROJECT, WITHOUT
from tools import schema, servers
from tools.project import REPOSITORY, Project, supabase
from tools.servers import Server

StartServer = Callable[[int], Server]
NewDatabase = Callable[..., str]
NewPushedDatabase = Callable[[int, str], tuple[Server, str]]
Template = Callable[[int, str], str]
PushedTemplate = Template
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
    """The repository itself, less the modules left out: to read, never to write."""
    return PROJECT


def copy_to(folder: Path, without: tuple[str, ...] = WITHOUT) -> Project:
    """Copy the schema's folders, without the migrations of some modules."""
    for part in ("sql", "policies", "migrations", "supabase"):
        shutil.copytree(REPOSITORY / part, folder / part, symlinks=True)
    whole = Project(folder)
    for file in {*whole.migration_files()} - {*Project(folder, without).migration_files()}:
        file.unlink()
    return whole


@pytest.fixture
def copy(tmp_path: Path) -> Project:
    """A copy that a test may spoil."""
    return copy_to(tmp_path)


@pytest.fixture(scope="session")
def push() -> Push:
    """`supabase db push` of a project's migrations to a database, as a role."""

    def push(
        server: Server, db: str, project: Project, user: str
    ) -> subprocess.CompletedProcess[str]:
        with TemporaryDirectory() as folder:
            workdir = (
                migrations.assemble_project(Path(folder), project.without)
                if project.without
                else project.root
            )
            return supabase(["db", "push", "--yes"], workdir=workdir, database=server.dsn(db, user))

    return push


@pytest.fixture(scope="session")
def history_template(server_of: StartServer) -> Template:
    """The name of a database of a version that psql gave the whole history, as a role: to read and to clone."""
    made: dict[tuple[int, str], str] = {}

    def history_template(version: int, owner: str) -> str:
        if (version, owner) not in made:
            server = server_of(version)
            db = server.create_database(f"history_{owner}")
            schema.build_history(server, db, PROJECT, owner)
            made[version, owner] = db
        return made[version, owner]

    return history_template


@pytest.fixture(scope="session")
def pushed_template(server_of: StartServer, push: Push) -> PushedTemplate:
    """The name of a database of a version that a role pushed the whole history to: to clone."""
    made: dict[tuple[int, str], str] = {}

    def pushed_template(version: int, owner: str) -> str:
        if (version, owner) not in made:
            server, project = server_of(version), PROJECT
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
