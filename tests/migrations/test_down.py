"""`make down` takes migrations back, all of one or nothing of it, and says so."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.migrations.conftest import NewDatabase, Output, Push, PushedTemplate, StartServer
from tools import down, schema, snapshot
from tools.project import REPOSITORY, Project, ToolError
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

    assert down.main(["--database-url", server.dsn(db, owner), "--to", "0", "--yes"]) == 0
    assert snapshot.of_server(server, db, owner).lines() == empty.lines()

    assert push(server, db, project, owner).returncode == 0
    assert snapshot.of_server(server, db, owner).lines() == full.lines()


@pytest.fixture(scope="module")
def with_two_more(
    server_of: StartServer,
    pushed_template: PushedTemplate,
    push: Push,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, Path]:
    """A database on 18 with our history and two small migrations more, and the folder of all of it."""
    root = tmp_path_factory.mktemp("two_more")
    for folder in ("migrations", "supabase"):
        shutil.copytree(REPOSITORY / folder, root / folder, symlinks=True)
    project = Project(root)
    for name, table in ((SECOND, "wishes"), (THIRD, "hopes")):
        (project.migrations / f"{name}.sql").write_text(f"create table ai.{table} (id integer);\n")
        (project.down / f"{name}.sql").write_text(f"drop table ai.{table};\n")
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
) -> tuple[Server, str, Project]:
    """A copy of that database and that folder for one test."""
    template, folder = with_two_more
    server = server_of(18)
    shutil.copytree(folder, tmp_path / "copy", symlinks=True)
    return server, new_database(server, template), Project(tmp_path / "copy")


def state(server: Server, db: str) -> tuple[object, ...] | None:
    """Which of the two tables are there, and which of the two migrations the history has."""
    with server.connect(db) as connection:
        return connection.execute(
            "select to_regclass('ai.wishes')::text, to_regclass('ai.hopes')::text,"
            " array(select name from supabase_migrations.schema_migrations"
            " where version >= '2098' order by version)"
        ).fetchone()


BOTH = ("ai.wishes", "ai.hopes", ["add_wishes", "add_hopes"])


def run(server: Server, db: str, project: Project, *arguments: str) -> int:
    return down.main(["--root", str(project.root), "--database-url", server.dsn(db), *arguments])


def test_the_newest_migration_alone_is_taken_back(
    pushed: tuple[Server, str, Project], capsys: Output
) -> None:
    assert state(*pushed[:2]) == BOTH
    assert run(*pushed, "--yes") == 0
    assert capsys.readouterr().out == f"took back {THIRD}\n"
    assert state(*pushed[:2]) == ("ai.wishes", None, ["add_wishes"])


def test_everything_after_a_version_is_taken_back(
    pushed: tuple[Server, str, Project], capsys: Output
) -> None:
    initial = pushed[2].migration_files()[-3].name[:14]
    assert run(*pushed, "--yes", "--to", initial) == 0
    assert capsys.readouterr().out == f"took back {THIRD}\ntook back {SECOND}\n"
    assert state(*pushed[:2]) == (None, None, [])


def test_a_missing_down_file_is_refused_before_anything_is_done(
    pushed: tuple[Server, str, Project],
) -> None:
    (pushed[2].down / f"{SECOND}.sql").unlink()
    with pytest.raises(ToolError, match=r"no file for 20980101000000, so nothing was changed"):
        run(*pushed, "--yes", "--to", pushed[2].migration_files()[-3].name[:14])
    assert state(*pushed[:2]) == BOTH


def test_a_failing_down_file_changes_nothing(pushed: tuple[Server, str, Project]) -> None:
    (pushed[2].down / f"{THIRD}.sql").write_text("drop table ai.hopes;\nselect 1 / 0;\n")
    with pytest.raises(
        ToolError, match=rf"^{THIRD}\.sql failed and changed nothing: division by zero"
    ):
        run(*pushed, "--yes")
    assert state(*pushed[:2]) == BOTH


def test_a_version_that_the_database_lacks_is_refused(pushed: tuple[Server, str, Project]) -> None:
    with pytest.raises(
        ToolError, match=r"^The database has no migration 20010101000000; it has 2099"
    ):
        run(*pushed, "--yes", "--to", "20010101000000")
    assert state(*pushed[:2]) == BOTH


@pytest.mark.parametrize(
    ("answer", "code", "left"),
    [("no", 1, BOTH), ("yes", 0, ("ai.wishes", None, ["add_wishes"]))],
)
def test_it_asks_first(
    pushed: tuple[Server, str, Project],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Output,
    answer: str,
    code: int,
    left: tuple[object, ...],
) -> None:
    terminal = io.StringIO(f"{answer}\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    assert run(*pushed) == code
    assert f"  {THIRD}\n" in capsys.readouterr().out
    assert state(*pushed[:2]) == left


def test_without_a_terminal_it_wants_a_yes(
    pushed: tuple[Server, str, Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    with pytest.raises(ToolError, match="say --yes where nobody can be asked"):
        run(*pushed)
    assert state(*pushed[:2]) == BOTH


def test_a_database_without_history_has_nothing_to_take_back(
    server_of: StartServer,
    new_database: NewDatabase,
    project: Project,
    capsys: Output,
) -> None:
    server = server_of(18)
    assert run(server, new_database(server), project, "--yes") == 0
    assert capsys.readouterr().out == "Nothing to take back.\n"


def test_a_missing_database_is_a_sentence_not_a_traceback(project: Project) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.down", "--database-url", "postgresql://x@localhost:1/x"],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: The database cannot be reached: ")
    assert "Traceback" not in done.stderr
