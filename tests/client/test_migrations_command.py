"""`ratebook migrations`: adoption by a project that has migrations of its own, and updates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
import pytest
from typer.testing import CliRunner, Result

from ratebook import migrations
from ratebook.cli import app
from ratebook.errors import RatebookError, UnreachableError
from ratebook.local.stack import Stack
from tools import servers

REPOSITORY = Path(__file__).parents[2]
OURS = sorted(path.name for path in (REPOSITORY / "migrations").glob("*.sql"))


def ratebook(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["migrations", *arguments])


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Not pytest's: each of its sessions closes its folder to others, such as the server's user."""
    with TemporaryDirectory(prefix="ratebook-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A Supabase project with a table of its own."""
    folder = tmp_path / "supabase" / "migrations"
    folder.mkdir(parents=True)
    (tmp_path / "supabase" / "config.toml").write_text(
        'project_id = "mine"\n[api]\nschemas = ["public", "ai", "billing"]\n'
    )
    (folder / "20200101000000_create_orders.sql").write_text("create table orders (id int);")
    (tmp_path / "node_modules").symlink_to(REPOSITORY / "node_modules")
    return tmp_path


@pytest.fixture(scope="module")
def server() -> Iterator[servers.Server]:
    with servers.start(18) as server:
        yield server


@pytest.fixture
def dsn(server: servers.Server) -> str:
    name = f"db_{uuid4().hex[:8]}"
    server.create_database(name)
    return server.dsn(name)


def files(project: Path) -> list[str]:
    return sorted(path.name for path in (project / "supabase" / "migrations").iterdir())


# ---------------------------------------------------------------------- list and copy


def test_list_names_every_packaged_migration() -> None:
    lines = [line.split() for line in ratebook("list").stdout.splitlines()]
    assert [f"{name}.sql" for name, _ in lines] == OURS
    assert {module for _, module in lines} == {"core", "compat", "execution"}


@pytest.mark.parametrize("below", [".", "supabase", "supabase/migrations"])
def test_copy_puts_them_beside_the_projects_own(project: Path, below: str) -> None:
    result = ratebook("copy", str(project / below))
    assert result.exit_code == 0
    assert files(project) == ["20200101000000_create_orders.sql", *OURS]
    assert "include-all" not in result.output


def test_copy_leaves_a_module_out(project: Path) -> None:
    assert ratebook("copy", "--without", "compat", str(project)).exit_code == 0
    assert files(project) == [
        "20200101000000_create_orders.sql",
        *(name for name in OURS if not name.endswith("_create_compat.sql")),
    ]
    result = ratebook("copy", "--without", "core", str(project))
    assert result.exit_code == 1
    assert "can be left out: these are compat, execution" in str(result.exception or result.output)


def test_copying_again_changes_nothing(project: Path) -> None:
    migrations.copy(project)
    report = migrations.copy(project)
    assert (report.copied, len(report.unchanged)) == ([], len(OURS))


def test_copy_leaves_an_edited_file_alone_and_says_so(project: Path) -> None:
    edited = project / "supabase" / "migrations" / OURS[0]
    edited.write_text("-- mine now")
    with pytest.raises(RatebookError, match="differs from the migration of that name"):
        migrations.copy(project)
    assert edited.read_text() == "-- mine now"
    assert len(files(project)) == 2


def test_copy_refuses_a_stamp_that_the_project_uses(project: Path) -> None:
    stamp = OURS[0].split("_")[0]
    (project / "supabase" / "migrations" / f"{stamp}_mine.sql").touch()
    with pytest.raises(RatebookError, match="rename yours"):
        migrations.copy(project)


def test_copy_warns_when_the_project_has_newer_migrations(project: Path) -> None:
    (project / "supabase" / "migrations" / "20990101000000_newer.sql").touch()
    assert "supabase db push --include-all" in ratebook("copy", str(project)).output


def test_copy_refuses_a_folder_that_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(RatebookError, match="supabase init"):
        migrations.copy(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_adopting_project_starts_with_both_schemas(project: Path) -> None:
    migrations.copy(project)
    stack = Stack(project)
    try:
        stack.start()
        with psycopg.connect(stack.dsn) as connection:
            connection.execute("select from orders")
        report = migrations.check(stack.dsn)
        assert report.is_up_to_date
        assert report.foreign == ["20200101000000_create_orders"]
    finally:
        stack.stop()


# ---------------------------------------------------------------------- check and apply


def test_check_of_an_empty_database_names_what_it_lacks(dsn: str) -> None:
    result = ratebook("check", dsn)
    assert result.exit_code == 1
    assert f"lacks  {OURS[0].removesuffix('.sql')}" in result.stdout


def test_apply_brings_a_plain_database_up_to_date_once(dsn: str) -> None:
    first = ratebook("apply", dsn)
    assert first.exit_code == 0, first.output
    assert f"{len(OURS)} migrations applied." in first.stdout
    assert "up to date" in ratebook("apply", dsn).stdout
    result = ratebook("check", "--json", dsn)
    found = json.loads(result.stdout)
    assert (result.exit_code, found["up_to_date"], found["missing"]) == (0, True, [])
    with psycopg.connect(dsn) as connection:
        models = connection.execute("select count(*) from ai.models").fetchone()
    assert models == (0,)


def test_apply_loads_the_demo_data_when_asked(dsn: str) -> None:
    assert ratebook("apply", "--seed", dsn).exit_code == 0
    with psycopg.connect(dsn) as connection:
        models = connection.execute("select count(*) > 5 from ai.models").fetchone()
    assert models == (True,)


def test_apply_refuses_a_database_with_migrations_of_its_own(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("create schema supabase_migrations")
        connection.execute(
            "create table supabase_migrations.schema_migrations"
            " (version text primary key, statements text[], name text)"
        )
        connection.execute(
            "insert into supabase_migrations.schema_migrations values ('20200101000000', '{}', 'x')"
        )
    with pytest.raises(RatebookError, match="migrations of its own") as raised:
        migrations.apply(dsn)
    assert raised.value.details == "20200101000000_x"
    assert migrations.check(dsn).foreign == ["20200101000000_x"]


@pytest.mark.parametrize("dsn", ["postgresql://me:s3cret@127.0.0.1:1/app", "s3cret nonsense"])
def test_no_connection_is_its_own_error_without_the_password(dsn: str) -> None:
    with pytest.raises(UnreachableError) as raised:
        migrations.check(dsn)
    assert raised.value.exit_code == 2
    assert "s3cret" not in f"{raised.value} {raised.value.details}"
