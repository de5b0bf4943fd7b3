"""Every way to copy a database gives its rows, row for row, and no others; the copy works."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_postgresql.executors import NoopExecutor

from ratebook.restore import restore
from tests.faults.conftest import FULL, PRICES, SETTINGS, make_server, size
from tests.faults.copies import (
    GUARDS,
    assert_goes_on,
    assert_rebuilding_changes_no_sheet,
    busy,
    contents,
    furnish,
    run,
    supabase_dump,
)
from tests.faults.load import Load
from tests.faults.wallet import Connection, Shop
from tools import schema, servers, snapshot
from tools.project import REPOSITORY, Project
from tools.servers import Server

ADMIN = "supabase_admin"
SUPABASE_LIKE = REPOSITORY / "tests" / "migrations" / "supabase_like.sql"
Figure = Callable[[str], None]


def migrate(server: Server, name: str) -> str:
    """A database that the migrations made, and nobody used."""
    server.create_database(name)
    schema.build_history(server, name, Project(REPOSITORY))
    return name


@pytest.fixture(scope="module")
def migrated_template(server: Server) -> str:
    return migrate(server, "migrated")


@pytest.fixture(scope="module")
def used_template(server: Server, migrated_template: str, shop_template: NoopExecutor) -> str:
    """A database that the migrations made (not the truth, as `shop`, with whose role), its wallet in use."""
    name = server.create_database("used", template=migrated_template)
    with server.connect(name) as db:
        db.execute(PRICES)
        use(Shop(server, name, db))
    return name


@pytest.fixture
def source(server: Server, used_template: str) -> Iterator[Shop]:
    """A copy of that."""
    name = server.create_database("source", template=used_template)
    with server.connect(name) as db:
        yield Shop(server, name, db)
    server.drop_database(name)


def use(shop: Shop) -> Load:
    """Something of everything, and calls of many clients."""
    furnish(shop)
    load = Load(shop, shop.lensers(5), shop.connect)
    load.fund(100)
    load.run(8, size(100, 5_000))
    load.assert_served()
    return load


@pytest.fixture
def migrated(server: Server, migrated_template: str) -> Iterator[Shop]:
    """Where data alone has to go."""
    name = server.create_database("unused", template=migrated_template)
    with server.connect(name) as db:
        yield Shop(server, name, db)
    server.drop_database(name)


def assert_equal(source: Shop, copy: Shop, without: str = "") -> str:
    """The copy has the source's rows; how many, as a figure."""
    expected, found = contents(source.db), contents(copy.db)
    assert (expected.pop(without, None) is None) == (found.pop(without, None) is None)
    assert found == expected
    assert_rebuilding_changes_no_sheet(copy)
    assert_goes_on(copy)
    return f"{sum(n for n, _ in expected.values()):,} rows of {len(expected)} tables, all equal"


def structure_of(server: Server, db: str) -> tuple[list[str], list[str]]:
    """The name of every object, and what the catalog says of privileges, policies and settings.

    Not of bodies, as Supabase's schema file leaves their comments out, nor of parentheses, which a dump adds.
    """
    there = snapshot.of_server(server, db, without=("auth", "extensions", "public"))
    names = [entry.splitlines()[0] for entry in there.objects]
    return names, sorted(re.sub(r", body .*|[()]", "", fact) for fact in there.facts)


@pytest.fixture
def project() -> Iterator[Server]:
    """A server with a new project of Supabase, `project`, whose `postgres` is no superuser."""
    with servers.start(settings=SETTINGS, on_disk=FULL) as server:
        with server.connect() as db:
            db.execute(f"create role {ADMIN} superuser login")
        with server.connect(user=ADMIN) as db:
            db.execute("alter role postgres rename to bootstrap")
            db.execute("create role postgres login createdb createrole replication bypassrls")
            db.execute("create database project owner postgres template template0")
        schema.apply(server, "project", Project(REPOSITORY), [SUPABASE_LIKE], ADMIN)
        schema.create_owner(server, "project", "postgres", by=ADMIN)
        with server.connect("project", ADMIN) as db:
            db.execute("grant all on all tables in schema auth to postgres")
            db.execute("delete from auth.users")
            # Supabase lets postgres set what the API's roles are limited to.
            db.execute(
                "grant authenticator to postgres with admin option, inherit false, set false"
            )
        yield server


@pytest.mark.parametrize("flags", [["--use-copy"], []], ids=["copy", "inserts"])
def test_three_files_of_supabase_make_a_project_without_ratebook_a_copy(
    source: Shop, project: Server, flags: list[str], tmp_path: Path, figure: Figure
) -> None:
    kinds = {"roles": ["--role-only"], "schema": [], "data": ["--data-only", *flags]}
    roles, structure, data = (
        supabase_dump(source.server, source.name, tmp_path / f"{name}.sql", *options)
        for name, options in kinds.items()
    )
    assert data.read_text().startswith("SET session_replication_role = replica;")
    begin = time.perf_counter()
    run(
        project, "psql", "-Xq", "--single-transaction", "-v", "ON_ERROR_STOP=1",
        *("-f", roles, "-f", structure, "-c", "set session_replication_role = replica", "-f", data),
        *("-d", project.dsn("project")), "-o", "/dev/null", PGOPTIONS="-c client_min_messages=error",
    )  # fmt: skip
    seconds = time.perf_counter() - begin
    here, there = structure_of(project, "project"), structure_of(source.server, source.name)
    assert here[0] == there[0]
    assert set(here[1]) ^ set(there[1]) == set()
    with project.connect("project", ADMIN) as db:
        assert db.execute(GUARDS).fetchall() == source.db.execute(GUARDS).fetchall()
        # Its auth.users has columns of its own.
        people = "select id, email from auth.users order by id"
        assert db.execute(people).fetchall() == source.db.execute(people).fetchall()
        copy = Shop(project, "project", db)
        figure(f"{assert_equal(source, copy, without='auth.users')}, in {seconds:.1f} s")


# Each is loaded by the same code from the first two; the others are what pg_restore makes of an archive.
DUMPS = ["supabase, copy", "supabase, inserts", "pg_dump -Fd"]
if FULL:
    DUMPS += ["pg_dump -Fc", "pg_dump -Ft", "pg_dump --data-only"]


def dump_of(source: Shop, way: str, target: Path) -> Path:
    if way.startswith("supabase"):
        flags = ["--use-copy"] if way.endswith("copy") else []
        return supabase_dump(source.server, source.name, target, "--data-only", *flags)
    option = way.split()[1]
    options = ["-j2", option] if option == "-Fd" else [option]
    if option == "--data-only":
        options.append("--disable-triggers")
    run(source.server, "pg_dump", *options, "-f", target, "-d", source.server.dsn(source.name))
    return target


@pytest.mark.parametrize("way", DUMPS)
def test_ratebook_restore_fills_a_migrated_database(
    source: Shop, migrated: Shop, way: str, tmp_path: Path, figure: Figure
) -> None:
    dump = dump_of(source, way, tmp_path / "dump")
    guards = migrated.db.execute(GUARDS).fetchall()
    empty = contents(migrated.db)
    dsn = migrated.server.dsn(migrated.name)
    assert restore(dsn, dump, dry_run=True).dry_run
    assert contents(migrated.db) == empty

    begin = time.perf_counter()
    report = restore(dsn, dump)
    seconds = time.perf_counter() - begin
    assert report.forgotten == 51
    # 200 days of generations, and nothing else so long ago.
    assert 6 <= len(report.months) <= 7
    assert {month.split()[0] for month in report.months} == {"ai.generations"}
    kept = {name: rows for name, (rows, _) in contents(source.db).items() if rows}
    assert {name: rows for name, rows in report.tables.items() if rows} == kept
    assert set(guards) <= set(migrated.db.execute(GUARDS).fetchall())
    figure(f"{assert_equal(source, migrated)}, in {seconds:.1f} s")


PUBLISHED = "with (publish = 'insert, update, delete', publish_via_partition_root = true)"
# Not "for all tables": what a database says of itself is no copy's. So the owner of the schema may make it, too.
LISTED = "select string_agg(name, ', ') from ratebook.own_relations() where kind <> 'S'"
CAUGHT_UP = """
select bool_and(confirmed_flush_lsn >= %s::pg_lsn) from pg_replication_slots where slot_name = 'copy'
"""
SYNCHRONIZED = "select bool_and(srsubstate = 'r') and count(*) > 30 from pg_subscription_rel"


def wait_until(db: Connection, query: str, *arguments: object) -> None:
    deadline = time.monotonic() + 120
    while True:
        row = db.execute(query, arguments).fetchone()
        if row and row[0]:
            return
        assert time.monotonic() < deadline, query
        time.sleep(0.1)


@pytest.fixture
def publisher(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of a version that writes what logical replication needs."""
    with make_server(request.param, wal_level="logical") as server:
        yield server


# From the oldest version: that is how a database is upgraded, too.
@pytest.mark.parametrize("publisher", [15, 18] if FULL else [15], indirect=True)
def test_a_subscriber_of_all_tables_takes_over(publisher: Server, figure: Figure) -> None:
    name = migrate(publisher, "shop")
    with publisher.connect(name) as db:
        source = Shop(publisher, name, db)
        db.execute(PRICES)
        load = use(source)
        tables = f"auth.users, {source.value(LISTED)}"
        db.execute(f"create publication ratebook for table {tables} {PUBLISHED}".encode())

        with make_server() as server:
            name = migrate(server, "copy")
            with server.connect(name) as other:
                copy = Shop(server, name, other)
                other.execute("select ratebook.forget_reference_rows()")
                other.execute(
                    "select ratebook.make_partitions(t, now() - interval '200 days', now())"
                    " from ratebook.partitioned_tables() as t"
                )
                with busy(load):
                    follow = (
                        f"create subscription copy connection '{publisher.dsn(source.name)}'"
                        " publication ratebook"
                    )
                    other.execute(follow.encode())
                    wait_until(other, SYNCHRONIZED)
                    done = load.outcomes["done"]
                    # What people change meanwhile: a default, prices, a key, a soft delete, an erasure.
                    for statement in CHANGES.split(";\n"):
                        db.execute(statement.encode())
                    begin = time.perf_counter()
                    while load.outcomes["done"] < done + size(100, 2_000):
                        time.sleep(0.05)
                    seconds = time.perf_counter() - begin
                load.assert_served()
                wait_until(db, CAUGHT_UP, source.value("select pg_current_wal_lsn()"))
                assert contents(other) == contents(db)
                # Sequences do not come along: the self-check says so, softly while this is a subscriber.
                sequences = (
                    "select severity from ai.self_check() where check_name = 'sequences_ahead'"
                )
                assert copy.value(sequences) == "warning"
                other.execute("drop subscription copy")
                assert copy.value(sequences) == "error"
                # Of prices and the audit history at least; signals only where a balance fell below its mark.
                behind = copy.value("select count(*) from ratebook.sequences_behind()")
                assert behind >= 2
                assert copy.value("select ratebook.advance_sequences()") == behind
                changes = load.outcomes["done"] - done
                figure(
                    f"{assert_equal(source, copy)}; {changes:,} calls and all else that was changed"
                    f" while it followed, {changes / seconds:.0f} calls a second"
                )


CHANGES = """
update ai.models set is_default = true where key = 'm';
update ai.providers set key = 'apex' where key = 'acme';
delete from ai.models where key = 'd2';
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, revision)
select id, 'output', 0.000003, '2025-01-01Z', 1 from ai.models where key = 'm';
update ai.meters set falls_back_to = 'input' where key = 'daydream';
delete from ai.features where key = 'paint';
delete from ai.generations where lenser_id = md5('bob')::uuid and created_at > now() - interval '40 days';
update content.media_library set title = 'one';
select ai.erase_lenser(md5('bob')::uuid);
delete from auth.users where id = md5('ada')::uuid
"""
