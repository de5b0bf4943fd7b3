"""What the suites over HTTP share: one running stack, a connection beside it, and people."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from ratebook import migrations
from tests.modules import MODULES, WITHOUT, module_of
from tools.project import NODE, REPOSITORY

Connection = psycopg.Connection[dict[str, Any]]


def pytest_configure(config: pytest.Config) -> None:
    # A client reads all certificates of the world when it is made, 30 ms of work: no test speaks TLS, so here are none.
    os.environ.pop("SSL_CERT_FILE", None)
    os.environ["SSL_CERT_DIR"] = str(Path(__file__).parent)
    for module in MODULES:
        config.addinivalue_line("markers", f"{module}: needs the module {module}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of the modules that are left out."""
    left_out = [
        item
        for item in items
        if module_of(item.path) in WITHOUT or any(item.get_closest_marker(m) for m in WITHOUT)
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def ratebook_project_dir() -> Iterator[Path]:
    """This repository, or a project of the packaged schema less the modules left out."""
    if not WITHOUT:
        yield REPOSITORY
        return
    with TemporaryDirectory(prefix="ratebook-") as folder:
        (Path(folder) / "node_modules").symlink_to(REPOSITORY / "node_modules")
        yield migrations.assemble_project(Path(folder), WITHOUT)


@pytest.fixture
def db(ratebook_stack: Any) -> Iterator[Connection]:
    """The superuser beside the API, in autocommit."""
    with psycopg.connect(ratebook_stack.dsn, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture
def new_user(db: Connection) -> Callable[..., UUID]:
    """Makes an auth user, with a role if one is named."""

    def make(role: str | None = None) -> UUID:
        user = uuid4()
        db.execute("insert into auth.users (id) values (%s)", [user])
        if role is not None:
            db.execute(
                "insert into lensers.user_roles (user_id, role) values (%s, %s)", [user, role]
            )
        return user

    return make


Api = Callable[..., httpx.Client]


@pytest.fixture
def api(ratebook_stack: Any) -> Iterator[Api]:
    """A client of one schema through the gateway: as anon, or with `role` and `sub`."""
    clients: list[httpx.Client] = []

    def connect(schema: str, role: str = "anon", sub: UUID | None = None) -> httpx.Client:
        token = ratebook_stack.token(role, None if sub is None else str(sub))
        client = httpx.Client(
            base_url=f"{ratebook_stack.url}/rest/v1",
            headers={
                "apikey": ratebook_stack.anon_key,
                "Authorization": f"Bearer {token}",
                "Accept-Profile": schema,
                "Content-Profile": schema,
            },
        )
        clients.append(client)
        return client

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def new_model(db: Connection) -> Callable[..., UUID]:
    """Makes a model with the given columns, of a provider of its own."""

    def make(**columns: Any) -> UUID:
        word = "m" + uuid4().hex[:12]
        columns = {"key": word, "name": word} | columns
        provider = db.execute(
            "insert into ai.providers (key, name) values (%s, 'P') returning id", [word]
        ).fetchone()
        assert provider is not None
        names = ", ".join(columns)
        model = db.execute(
            f"insert into ai.models (provider_id, {names}) values (%s{', %s' * len(columns)}) returning id",
            [provider["id"], *columns.values()],
        ).fetchone()
        assert model is not None
        return UUID(str(model["id"]))

    return make


@pytest.fixture
def supabase_js(ratebook_stack: Any) -> Callable[..., Any]:
    """Runs a script of tests/api on Node.js with the stack's URL, its anon key and more arguments; what it prints."""

    def run(script: str, *arguments: object) -> Any:
        folder = Path(__file__).parent / "api"
        stack = (ratebook_stack.url, ratebook_stack.anon_key)
        done = subprocess.run(
            [NODE, script, *stack, *map(str, arguments)],
            check=False,
            text=True,
            capture_output=True,
            cwd=folder,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
