"""migrations/ lead from nothing to the schema: every version, every kind of owner, the real CLI, PGlite."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.migrations.conftest import (
    NewDatabase,
    NewPushedDatabase,
    Push,
    StartServer,
    Template,
)
from tools import schema, servers, snapshot
from tools.project import Project, ToolError, start_supabase
from tools.schema import OWNER, SUPERUSER
from tools.servers import Server

BROKEN = "20990101000000_add_wishes.sql"
SLEEPING = "select pid from pg_stat_activity where wait_event = 'PgSleep'"
HALF = "create table ai.wishes (id integer primary key);\ninsert into ai.wishes values (1);\n"


def ask(server: Server, db: str, query: str) -> list[tuple[Any, ...]]:
    with server.connect(db) as connection:
        return connection.execute(query.encode()).fetchall()


def history(server: Server, db: str) -> list[str]:
    """The versions that the CLI has written down."""
    query = "select version from supabase_migrations.schema_migrations order by 1"
    return [version for (version,) in ask(server, db, query)]


@pytest.mark.parametrize(
    ("version", "owner"),
    [(15, SUPERUSER), (16, SUPERUSER), (17, SUPERUSER), (18, SUPERUSER), (15, OWNER), (18, OWNER)],
)
def test_history_applies_on_an_empty_database(
    server_of: StartServer, history_template: Template, version: int, owner: str
) -> None:
    server, db = server_of(version), history_template(version, owner)
    owners = ask(
        server,
        db,
        "select distinct pg_get_userbyid(relowner)::text from pg_class"
        " where relnamespace in ('ai'::regnamespace, 'billing'::regnamespace, 'ratebook'::regnamespace)",
    )
    assert owners == [(owner,)]
    assert ask(server, db, "select to_regprocedure('ai.ratebook_version()') is not null") == [
        (True,)
    ]


def test_the_owner_of_the_tests_is_no_superuser(
    server_of: StartServer, new_database: NewDatabase, project: Project
) -> None:
    server = server_of(18)
    db = new_database(server)
    schema.prepare(server, db, project, OWNER)
    rights = (
        "select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user"
    )
    with server.connect(db, OWNER) as connection:
        assert connection.execute(rights).fetchone() == (False, True, True)
        assert connection.execute(
            "select has_table_privilege('auth.users', 'references'),"
            " has_table_privilege('auth.users', 'insert'), has_schema_privilege('auth', 'create')"
        ).fetchone() == (True, False, False)


def test_history_gives_in_pglite_what_it_gives_in_postgresql(
    server_of: StartServer, history_template: Template, project: Project, tmp_path: Path
) -> None:
    server, db = server_of(18), history_template(18, SUPERUSER)
    query = tmp_path / "facts.sql"
    query.write_text("set search_path = '';\n" + snapshot.facts_query(SUPERUSER))
    script = Path(__file__).parent / "pglite.cjs"
    # A database that it migrated is not called changed.
    unchanged = tmp_path / "unchanged.sql"
    unchanged.write_text(
        "do $$ begin assert (select count(*) from ratebook.manifest) > 1000;"
        " assert not exists (select from ratebook.differences()); end $$"
    )
    files = [project.platform_file, *project.migration_files(), unchanged]
    node = shutil.which("node")
    assert node is not None, "PGlite needs Node.js: install the package nodejs"
    done = subprocess.run(
        [node, script, query, *files], capture_output=True, text=True, check=False
    )
    result = json.loads(done.stdout or "{}")
    assert (done.returncode, result.get("error"), done.stderr) == (0, None, "")
    in_pglite = [f"{place}: {fact}" for place, fact in result["rows"]]
    assert len(in_pglite) > 500
    assert in_pglite == list(snapshot.of_server(server, db).facts)


@pytest.mark.parametrize(("version", "owner"), [(15, OWNER), (18, SUPERUSER)])
def test_db_push_applies_what_psql_applies(
    server_of: StartServer,
    new_database: NewDatabase,
    history_template: Template,
    project: Project,
    push: Push,
    version: int,
    owner: str,
) -> None:
    server = server_of(version)
    db, by_psql = new_database(server), history_template(version, owner)
    schema.prepare(server, db, project, owner)
    done = push(server, db, project, owner)
    assert (done.returncode, done.stdout.strip()) == (0, "Finished supabase db push."), done.stderr
    versions = [file.name[:14] for file in project.migration_files()]
    assert done.stderr.count("Applying migration ") == len(versions)
    assert history(server, db) == versions

    there = snapshot.of_server(server, by_psql, owner).lines()
    assert snapshot.of_server(server, db, owner).lines() == there


@pytest.mark.parametrize(("version", "owner"), [(15, OWNER), (18, SUPERUSER)])
def test_a_second_db_push_does_nothing(
    new_pushed_database: NewPushedDatabase,
    project: Project,
    push: Push,
    version: int,
    owner: str,
) -> None:
    server, db = new_pushed_database(version, owner)
    before, versions = snapshot.of_server(server, db, owner), history(server, db)
    second = push(server, db, project, owner)
    assert (second.returncode, second.stdout.strip()) == (0, "Remote database is up to date.")
    assert "Applying migration" not in second.stderr
    assert snapshot.of_server(server, db, owner) == before
    assert history(server, db) == versions


def test_a_failing_migration_leaves_nothing_half_done(
    new_pushed_database: NewPushedDatabase, copy: Project, push: Push
) -> None:
    server, db = new_pushed_database(18, SUPERUSER)
    before, versions = snapshot.of_server(server, db), history(server, db)

    (copy.migrations / BROKEN).write_text(HALF + "select 1 / 0;\n")
    failed = push(server, db, copy, SUPERUSER)
    assert failed.returncode != 0
    assert "division by zero" in failed.stderr
    assert snapshot.of_server(server, db) == before
    assert history(server, db) == versions

    (copy.migrations / BROKEN).write_text(HALF)
    assert push(server, db, copy, SUPERUSER).returncode == 0
    assert ask(server, db, "select id from ai.wishes") == [(1,)]
    assert history(server, db) == [*versions, BROKEN[:14]]


@pytest.mark.parametrize("victim", ["connection", "server"])
def test_a_migration_killed_in_the_middle_leaves_nothing_half_done(
    copy: Project, push: Push, victim: str
) -> None:
    # A server of its own: it is killed, and fsync stays on, because what it recovers is the point.
    with servers.start(18, {"fsync": "on", "full_page_writes": "on"}) as server:
        db = server.create_database("killed")
        schema.prepare(server, db, copy)
        assert push(server, db, copy, SUPERUSER).returncode == 0
        before, versions = snapshot.of_server(server, db), history(server, db)

        (copy.migrations / BROKEN).write_text(HALF + "select pg_sleep(60);\n")
        with start_supabase(["db", "push", "--yes"], copy.root, server.dsn(db)) as running:
            wait_until(lambda: bool(ask(server, db, SLEEPING)))
            if victim == "connection":
                ask(server, db, f"select pg_terminate_backend(pid) from ({SLEEPING}) as s")
            else:
                server.kill()
                server.launch()
            running.communicate(timeout=30)
        assert running.returncode != 0
        assert snapshot.of_server(server, db) == before
        assert history(server, db) == versions


def test_a_killed_cli_leaves_all_of_a_migration_or_nothing(
    new_pushed_database: NewPushedDatabase, copy: Project
) -> None:
    server, db = new_pushed_database(18, SUPERUSER)
    rest = "select pg_sleep(2);\ncomment on table ai.wishes is 'The end.';\n"
    (copy.migrations / BROKEN).write_text(HALF + rest)
    with start_supabase(["db", "push", "--yes"], copy.root, server.dsn(db)) as running:
        wait_until(lambda: bool(ask(server, db, SLEEPING)))
        # What npm installs is a launcher: the program itself is its child.
        (child,) = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
        os.kill(int(child), signal.SIGKILL)
        running.communicate(timeout=30)
    assert running.returncode != 0
    wait_until(
        lambda: (
            not ask(
                server,
                db,
                "select from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()",
            )
        )
    )
    (state,) = ask(
        server,
        db,
        "select obj_description(to_regclass('ai.wishes'), 'pg_class'),"
        " (select count(*) from supabase_migrations.schema_migrations where name = 'add_wishes')",
    )
    assert state in [("The end.", 1), (None, 0)]
    assert ask(server, db, "select to_regclass('ai.wishes') is not null") == [(state[1] == 1,)]


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_a_broken_file_is_named_with_its_line(
    server_of: StartServer, new_database: NewDatabase, copy: Project
) -> None:
    server = server_of(18)
    (copy.migrations / BROKEN).write_text("select 1;\n\nselect nonsense;\n")
    with pytest.raises(
        ToolError, match=rf'^migrations/{BROKEN}:3: column "nonsense" does not exist'
    ):
        schema.build_history(server, new_database(server), copy)


def test_the_truth_loads_in_one_transaction(
    server_of: StartServer, new_database: NewDatabase, copy: Project
) -> None:
    server = server_of(18)
    db = new_database(server)
    (copy.root / "policies" / "zz.sql").write_text("select nonsense;\n")
    with pytest.raises(ToolError, match=r"^policies/zz\.sql:1: "):
        schema.build_truth(server, db, copy)
    assert ask(server, db, "select to_regnamespace('ai')::text, to_regnamespace('auth')::text") == [
        (None, "auth")
    ]


def test_a_file_that_the_cli_would_skip_is_refused(copy: Project) -> None:
    (copy.migrations / "2099_add_wishes.sql").write_text("select 1;\n")
    with pytest.raises(ToolError, match=r"^migrations/2099_add_wishes\.sql is not named "):
        copy.migration_files()
