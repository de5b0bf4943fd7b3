"""`ratebook migrations down` takes Ratebook back, all of a migration or nothing of it, and says so."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ratebook import migrations, modules
from ratebook.cli import app
from tests.migrations.conftest import (
    NewDatabase,
    NewPushedDatabase,
    Push,
    PushedTemplate,
    StartServer,
    copy_to,
)
from tests.modules import PROJECT
from tools import schema, snapshot
from tools.project import Project
from tools.schema import OWNER, SUPERUSER
from tools.servers import Server

SECOND, THIRD = "20980101000000_add_wishes", "20990101000000_add_hopes"


@pytest.mark.parametrize(("version", "owner"), [(15, OWNER), (18, SUPERUSER)])
def test_up_down_up_gives_the_identical_database(
    server_of: StartServer,
    new_database: NewDatabase,
    project: Project,
    push: Push,
    version: int,
    owner: str,
) -> None:
    server = server_of(version)
    db = new_database(server)
    schema.prepare(server, db, project, owner)
    empty = snapshot.of_server(server, db, owner)
    assert push(server, db, project, owner).returncode == 0
    full = snapshot.of_server(server, db, owner)
    assert len(full.objects) > len(empty.objects) + 100

    migrations.down(server.dsn(db, owner))
    assert snapshot.of_server(server, db, owner).lines() == empty.lines()

    assert push(server, db, project, owner).returncode == 0
    assert snapshot.of_server(server, db, owner).lines() == full.lines()


STEPS = range(1, 11)


@pytest.fixture(scope="module")
def few(server_of: StartServer) -> list[list[str]]:
    """What the first few migrations make, on 18: the state before all of them, after the first, and so on."""
    server = server_of(18)
    db = server.create_database("few")
    schema.prepare(server, db, PROJECT)
    states = [snapshot.of_server(server, db).lines()]
    for file in PROJECT.migration_files()[: max(STEPS)]:
        schema.apply(server, db, PROJECT, [file], SUPERUSER)
        states.append(snapshot.of_server(server, db).lines())
    return states


@pytest.mark.parametrize("keep", STEPS)
def test_each_step_back_leaves_what_its_migrations_made(
    new_pushed_database: NewPushedDatabase, few: list[list[str]], project: Project, keep: int
) -> None:
    """Taking back all but the first few gives the database that those few make."""
    server, db = new_pushed_database(18, SUPERUSER)
    migrations.down(server.dsn(db), project.migration_files()[keep - 1].name[:14])
    assert snapshot.of_server(server, db).lines() == few[keep]


@pytest.fixture(scope="module")
def with_two_more(
    server_of: StartServer,
    pushed_template: PushedTemplate,
    push: Push,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, Path]:
    """A database on 18 with our history and two small migrations more, and the folder of all of it."""
    root = tmp_path_factory.mktemp("two_more")
    project = copy_to(root)
    for name, table in ((SECOND, "wishes"), (THIRD, "hopes")):
        (project.migrations / f"{name}.sql").write_text(
            f"create table public.{table} (id integer);\n"
        )
        (project.down / f"{name}.sql").write_text(f"drop table public.{table};\n")
    server = server_of(18)
    db = server.create_database("two_more", pushed_template(18, SUPERUSER))
    done = push(server, db, project, SUPERUSER)
    assert done.returncode == 0, done.stderr
    return db, root


@pytest.fixture
def pushed(
    server_of: StartServer,
    new_database: NewDatabase,
    with_two_more: tuple[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[Server, str, Project]:
    """A copy of that database and that folder for one test; the folder is what the package carries."""
    template, folder = with_two_more
    server = server_of(18)
    shutil.copytree(folder, tmp_path / "copy", symlinks=True)
    monkeypatch.setattr(modules, "schema_dir", lambda: tmp_path / "copy")
    return server, new_database(server, template), Project(tmp_path / "copy")


def state(server: Server, db: str) -> tuple[object, ...] | None:
    """Which of the two tables are there, and which of the two migrations the history has."""
    with server.connect(db) as connection:
        return connection.execute(
            "select to_regclass('public.wishes')::text, to_regclass('public.hopes')::text,"
            " array(select name from supabase_migrations.schema_migrations"
            " where version >= '2098' order by version)"
        ).fetchone()


BOTH = ("wishes", "hopes", ["add_wishes", "add_hopes"])


def run(server: Server, db: str, *arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, ["migrations", "down", server.dsn(db), *arguments], input=answer)


def test_the_newest_migration_alone_is_taken_back(pushed: tuple[Server, str, Project]) -> None:
    server, db, _ = pushed
    assert state(server, db) == BOTH
    done = run(server, db, "--yes", "--to", SECOND[:14])
    assert (done.exit_code, done.stdout) == (0, f"took back {THIRD}\n")
    assert state(server, db) == ("wishes", None, ["add_wishes"])


def test_everything_goes_newest_first(pushed: tuple[Server, str, Project]) -> None:
    server, db, project = pushed
    done = run(server, db, "--yes")
    names = [file.stem for file in reversed(project.migration_files())]
    assert (done.exit_code, done.stdout.splitlines()) == (
        0,
        [f"took back {name}" for name in names],
    )
    assert state(server, db) == (None, None, [])
    again = run(server, db, "--yes")
    assert (again.exit_code, again.stdout) == (0, "Nothing to take back.\n")


def test_a_missing_down_file_is_refused_before_anything_is_done(
    pushed: tuple[Server, str, Project],
) -> None:
    server, db, project = pushed
    (project.down / f"{SECOND}.sql").unlink()
    done = run(server, db, "--yes")
    assert done.exit_code == 1
    assert f"{SECOND} has no way back, so nothing was changed." in str(
        done.exception or done.output
    )
    assert state(server, db) == BOTH


def test_a_failing_down_file_changes_nothing(pushed: tuple[Server, str, Project]) -> None:
    server, db, project = pushed
    (project.down / f"{THIRD}.sql").write_text("drop table public.hopes;\nselect 1 / 0;\n")
    done = run(server, db, "--yes")
    assert done.exit_code == 1
    assert f"{THIRD} stays, and changed nothing: division by zero" in str(
        done.exception or done.output
    )
    assert state(server, db) == BOTH


def test_a_version_that_the_database_lacks_is_refused(pushed: tuple[Server, str, Project]) -> None:
    server, db, _ = pushed
    done = run(server, db, "--yes", "--to", "20010101000000")
    assert done.exit_code == 1
    assert "The database has no migration 20010101000000; it has 2026" in str(
        done.exception or done.output
    )
    assert state(server, db) == BOTH


@pytest.mark.parametrize(
    ("answer", "code", "left"),
    [("no", 1, BOTH), ("yes", 0, ("wishes", None, ["add_wishes"]))],
)
def test_it_asks_first(
    pushed: tuple[Server, str, Project],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    code: int,
    left: tuple[object, ...],
) -> None:
    server, db, _ = pushed
    terminal = io.StringIO(f"{answer}\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    with pytest.raises(SystemExit) as ended:
        app(["migrations", "down", server.dsn(db), "--to", SECOND[:14]])
    assert ended.value.code == code
    assert f"  {THIRD}\n" in capsys.readouterr().out
    assert state(server, db) == left


def test_without_a_terminal_it_wants_a_yes(pushed: tuple[Server, str, Project]) -> None:
    server, db, _ = pushed
    done = run(server, db, answer="yes\n")
    assert done.exit_code == 1
    assert "say --yes where nobody can be asked" in str(done.exception or done.output)
    assert state(server, db) == BOTH


def test_a_database_without_ratebook_has_nothing_to_take_back(
    server_of: StartServer, new_database: NewDatabase
) -> None:
    server = server_of(18)
    done = run(server, new_database(server), "--yes")
    assert (done.exit_code, done.stdout) == (0, "Nothing to take back.\n")
