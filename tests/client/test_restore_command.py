"""`ratebook restore`: what it refuses, by name, with nothing changed; what it loads."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from typer.testing import CliRunner, Result

from ratebook import restore as restoring
from ratebook.cli import app
from ratebook.errors import RatebookError
from tools import schema, servers
from tools.project import REPOSITORY, Project
from tools.schema import OWNER

START = """
create table public.orders (id int primary key, note text);
"""
DATA = """
insert into auth.users (id) values ('00000000-0000-4000-8000-000000000001');
insert into public.orders values (1, E'one\\n\\\\.\\ntwo; it''s'), (2, null);
insert into ai.providers (key, name) values ('acme', 'Acme');
insert into ai.models (key, name, provider_id) select 'm', 'M', id from ai.providers;
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)
select id, 'input', 0.000002, '2025-01-01Z' from ai.models;
select ai.backfill_generations(jsonb_build_array(jsonb_build_object(
  'lenser_id', '00000000-0000-4000-8000-000000000001', 'model_id', id, 'created_at', '2024-02-29T23:59:59Z'
))) from ai.models;
"""


@pytest.fixture(scope="module")
def server() -> Iterator[servers.Server]:
    with servers.start(16) as server:
        for name in ("template", "filled"):
            schema.build_history(server, server.create_database(name), Project(REPOSITORY), OWNER)
            with server.connect(name, OWNER) as db:
                db.execute(START)
        with server.connect("filled") as db:
            db.execute(DATA)
            # What the CLI keeps of its migrations is the database's own.
            db.execute(
                "create schema supabase_migrations create table schema_migrations (v text, n serial)"
            )
            db.execute("insert into supabase_migrations.schema_migrations values ('1')")
        yield server


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="ratebook-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def dump(server: servers.Server, folder: Path) -> Path:
    return dump_of(server, folder / "data.sql", "--data-only")


@pytest.fixture
def name(server: servers.Server) -> Iterator[str]:
    """A migrated database of a project that has a table of its own."""
    name = server.create_database(f"db_{uuid4().hex[:8]}", template="template")
    yield name
    server.drop_database(name)


@pytest.fixture(scope="module")
def unused(server: servers.Server) -> str:
    """A migrated database for what is refused with nothing changed."""
    return server.create_database("unused", template="template")


def dump_of(server: servers.Server, target: Path, *options: str, database: str = "filled") -> Path:
    where = ("-f", target, "-d", server.dsn(database))
    subprocess.run([server.bin("pg_dump"), *options, *where], check=True, capture_output=True)
    return target


def restore(
    server: servers.Server, name: str, dump: Path, *options: str, user: str = "postgres"
) -> Result:
    arguments = ["restore", str(dump), f"--database-url={server.dsn(name, user)}", *options]
    return CliRunner().invoke(app, arguments)


def state(server: servers.Server, name: str) -> list[tuple[object, ...]]:
    """Every row count, and the months."""
    with server.connect(name) as db:
        tables = db.execute(
            "select c.oid::regclass::text from pg_class as c where c.relkind = 'r'"
            " and c.relnamespace::regnamespace::text !~ '^pg_|information_schema' order by 1"
        ).fetchall()
        return [(t, db.execute(f"select count(*) from {t}".encode()).fetchone()) for (t,) in tables]


def refusal(
    server: servers.Server, name: str, dump: Path, *options: str, user: str = "postgres"
) -> RatebookError:
    """What it says, having changed nothing."""
    before = state(server, name)
    result = restore(server, name, dump, *options, user=user)
    assert isinstance(result.exception, RatebookError), result.output
    assert result.exception.exit_code == 1
    assert state(server, name) == before
    return result.exception


def test_all_of_a_dump_is_loaded_and_its_month_made(
    server: servers.Server, name: str, dump: Path
) -> None:
    result = restore(server, name, dump, "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["months"][:2] == ["ai.generations 2024-02", "ai.generations 2024-03"]
    assert (said["forgotten"], said["dry_run"], said["warnings"]) == (51, False, [])
    rows = {table: count for table, count in said["tables"].items() if count}
    assert rows["public.orders"] == 2
    assert rows["ai.meters"] == 43
    assert rows["ai.generations"] == 1
    assert rows["lensers.audit_history"] == 51 + 3
    with server.connect(name) as db, server.connect("filled") as source:
        for table in (
            "public.orders",
            "lensers.audit_history",
            "ai.generations",
            "ratebook.price_sheets",
        ):
            query = f"select t::text from {table} as t order by 1".encode()
            assert db.execute(query).fetchall() == source.execute(query).fetchall()


def test_a_detached_month_stays_detached(server: servers.Server, name: str, folder: Path) -> None:
    month = "ratebook.ai_generations_2024_02"
    source = server.create_database("cut", template="filled")
    with server.connect(source) as db:
        db.execute(f"alter table ai.generations detach partition {month}")
    archive = dump_of(server, folder / "cut.dump", "-Fc", database=source)
    result = restore(server, name, archive, "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert said["detached"] == ["ai_generations_2024_02"]
    assert "ai.generations 2024-02" not in said["months"]
    assert said["tables"][month] == 1
    with server.connect(name) as db:
        counts = f"select (select count(*) from ai.generations), (select count(*) from {month})"
        assert db.execute(counts).fetchone() == (0, 1)
        assert db.execute(
            "select array_agg(month::text) from ratebook.months() where state = 'detached'"
        ).fetchone() == ([month],)
        assert db.execute("select ratebook.is_closed(%s::regclass)", [month]).fetchone() == (True,)


def test_people_read_what_was_loaded(server: servers.Server, name: str, dump: Path) -> None:
    result = restore(server, name, dump)
    assert result.exit_code == 0
    words = " ".join(result.stdout.split())
    assert "ai.meters 43" in words
    assert "reference rows replaced: 51; months made: ai.generations 2024-02," in words
    assert words.endswith("Every check passed. Next: `analyze` in the database.")


def test_a_dry_run_loads_everything_and_keeps_nothing(
    server: servers.Server, name: str, dump: Path
) -> None:
    before = state(server, name)
    result = restore(server, name, dump, "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.rstrip().endswith("nothing was kept (--dry-run).")
    assert state(server, name) == before


def test_ratebooks_tables_alone_for_an_owner_without_rights_on_auth(
    server: servers.Server, name: str, dump: Path
) -> None:
    refused = refusal(server, name, dump, user=OWNER)
    assert "permission denied for table users" in str(refused)
    # The people have to be there.
    refused = refusal(server, name, dump, "--ratebook-only", user=OWNER)
    assert refused.details == (
        "lensers.profiles: 1 rows refer to what is not there (profiles_user_id_fkey)"
    )
    with server.connect(name) as db:
        db.execute("insert into auth.users (id) values ('00000000-0000-4000-8000-000000000001')")
    result = restore(server, name, dump, "--ratebook-only", user=OWNER)
    assert result.exit_code == 0, result.exception
    with server.connect(name) as db:
        assert db.execute("select count(*) from public.orders").fetchone() == (0,)
        assert db.execute("select count(*) from ai.generations").fetchone() == (1,)
        db.execute("update ai.models set name = 'N'")


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("insert into ai.providers (key, name) values ('p', 'P')", "ai.providers"),
        ("update ai.meters set name = 'Bytes' where key = 'input'", "ai.meters"),
        ("insert into auth.users (id) values (gen_random_uuid())", "auth.users"),
        ("insert into public.orders values (1)", "public.orders"),
        (
            "insert into lensers.profiles (display_name) values ('system');"
            "insert into public.orders values (1)",
            "lensers.profiles, public.orders",
        ),
    ],
)
def test_a_database_with_data_of_its_own_is_refused_by_name(
    server: servers.Server, name: str, dump: Path, statement: str, named: str
) -> None:
    with server.connect(name) as db:
        db.execute(statement.encode())
    assert str(refusal(server, name, dump)) == f"This database holds data of its own: {named}."


def test_a_copy_does_not_go_into_a_copy(server: servers.Server, name: str, dump: Path) -> None:
    assert restore(server, name, dump).exit_code == 0
    said = str(refusal(server, name, dump))
    assert "ai.providers" in said
    assert "ai.generations" in said


def test_missing_tables_are_named_together(server: servers.Server, name: str, dump: Path) -> None:
    with server.connect(name) as db:
        db.execute("drop table public.orders")
        db.execute("alter table auth.users rename to people")
    refused = refusal(server, name, dump)
    assert str(refused) == (
        "The database lacks tables that the dump has rows for: auth.users, public.orders."
    )


def test_a_database_without_ratebook_is_named_as_such(server: servers.Server, dump: Path) -> None:
    result = restore(server, "postgres", dump)
    assert "This database has no Ratebook" in str(result.exception)


def test_no_connection_ends_with_2(dump: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/none"
    result = CliRunner().invoke(app, ["restore", str(dump), f"--database-url={url}"])
    assert getattr(result.exception, "exit_code", None) == 2


def test_a_file_that_is_not_there_ends_with_2() -> None:
    result = CliRunner().invoke(app, ["restore", "/no/such/file", "--database-url=x"])
    assert result.exit_code == 2


def test_a_schema_is_refused(server: servers.Server, unused: str, folder: Path) -> None:
    whole = dump_of(server, folder / "whole.sql")
    refused = refusal(server, unused, whole)
    assert "This is more than data" in str(refused)
    assert refused.details.startswith("CREATE SCHEMA ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Dear Sir or Madam;\n", "This is more than data"),
        ("\\! touch /tmp/x\n", "middle of a statement"),
        ("\\! touch /tmp/x;\n", "This is more than data"),
        ("COPY ai.meters (key) FROM PROGRAM 'id';\n", "anything but the dump itself"),
        ("COPY ai.meters (key) FROM '/etc/passwd';\n", "anything but the dump itself"),
        ("COPY ai.meters (key) FROM stdin;\nx\n", "it was cut"),
        ("INSERT INTO ai.meters (key) VALUES ('a\n", "it was cut"),
        ("SET row_security = off;\n", "The dump has no data"),
        ("", "The dump has no data"),
        ("COPY ai.meters (no_such) FROM stdin;\nx\n\\.\n", 'column "no_such" of relation "meters"'),
        (
            "COPY ai.meters (key) FROM stdin; drop table public.orders; COPY ai.meters (key) FROM stdin;\n\\.\n",
            "anything but the dump itself",
        ),
        ("INSERT INTO ai.meters VALUES (1); drop table public.orders;\n", "multiple commands"),
    ],
)
def test_what_is_no_dump_of_data_changes_nothing(
    server: servers.Server, unused: str, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "file.sql"
    file.write_text(text)
    assert said in str(refusal(server, unused, file))


def test_a_broken_archive_says_so(server: servers.Server, unused: str, tmp_path: Path) -> None:
    file = tmp_path / "file.dump"
    file.write_bytes(b"PGDMP and no more")
    refused = refusal(server, unused, file)
    assert str(refused).startswith("pg_restore cannot read ")
    assert refused.details


def test_rows_that_lost_what_they_refer_to_are_refused(
    server: servers.Server, unused: str, folder: Path
) -> None:
    half = dump_of(server, folder / "half.sql", "--data-only", "--exclude-table=ai.providers")
    refused = refusal(server, unused, half)
    assert str(refused) == "The copy is not sound, and nothing of it was kept."
    assert (
        "ai.models: 1 rows refer to what is not there (models_provider_id_fkey)" in refused.details
    )
    half = dump_of(server, folder / "half.sql", "--data-only", "--exclude-table=ratebook.price_*")
    assert "Price sheets and prices differ" in refusal(server, unused, half).details


def test_sequences_that_did_not_come_along_are_set(
    server: servers.Server, name: str, dump: Path, tmp_path: Path
) -> None:
    file = tmp_path / "file.sql"
    file.write_text(
        "\n".join(line for line in dump.read_text().split("\n") if "setval(" not in line)
    )
    assert restore(server, name, file).exit_code == 0
    with server.connect(name) as db:
        db.execute("update ai.models set name = 'N'")


def test_who_may_not_let_triggers_rest_is_told(
    server: servers.Server, unused: str, dump: Path
) -> None:
    with server.connect() as db:
        db.execute(f"revoke set on parameter session_replication_role from {OWNER}")
    try:
        refused = refusal(server, unused, dump, "--ratebook-only", user=OWNER)
    finally:
        with server.connect() as db:
            db.execute(f"grant set on parameter session_replication_role to {OWNER}")
    assert "may not load a copy" in str(refused)
    assert "grant set on parameter session_replication_role" in refused.details


def test_ratebooks_tables_are_those_of_the_database(server: servers.Server) -> None:
    with server.connect("template") as db:
        rows = db.execute(
            "select n.nspname, c.relname from ratebook.own_relations() as r join pg_class as c on c.oid = r.id"
            " join pg_namespace as n on n.oid = c.relnamespace where r.kind in ('r', 'p')"
        )
        assert restoring.own_tables() == set(rows.fetchall())


def test_every_statement_of_inserts_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "file.sql"
    file.write_text(
        "-- It's a comment;\nINSERT INTO \"ai\".\"a b\"\"c\" VALUES\n\t(1, 'x;\n-- y;\n\n\\restrict;\n''z'');\n'),"
        "\n\t(2, ';');\n\nSET x = 1;\n"
    )
    statements = [one for one, _ in restoring.read(file)]
    assert [one.table for one in statements] == [("ai", 'a b"c'), None]
    assert statements[0].text.endswith(b"(2, ';');\n")
