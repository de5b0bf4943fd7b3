"""supabase/platform.sql adds what a plain PostgreSQL lacks, and changes nothing that is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.migrations.conftest import NewDatabase, StartServer
from tools import schema, servers, snapshot
from tools.project import Project
from tools.schema import OWNER, SUPERUSER
from tools.servers import Server

SUPABASE_LIKE = Path(__file__).parent / "supabase_like.sql"

# What a snapshot leaves out: roles, what they are members of, and who owns what.
ROLES_AND_OWNERS = """
select 'role ' || rolname, to_jsonb(r) - 'oid' from pg_roles as r where rolname !~ '^pg_'
union all
select 'member ' || roleid::regrole || ' ' || member::regrole, to_jsonb(m) - 'oid'
from pg_auth_members as m where roleid::regrole::text !~ '^pg_'
union all
select 'table ' || oid::regclass, to_jsonb(relowner::regrole::text)
from pg_class where relnamespace in ('auth'::regnamespace, 'extensions'::regnamespace)
union all
select 'function ' || oid::regprocedure, to_jsonb(proowner::regrole::text)
from pg_proc where pronamespace = 'auth'::regnamespace
union all
select 'schema ' || nspname, to_jsonb(nspowner::regrole::text) from pg_namespace where nspname !~ '^pg_'
order by 1
"""


def describe(server: Server, db: str) -> tuple[list[tuple[object, ...]], list[str]]:
    with server.connect(db) as connection:
        roles = connection.execute(ROLES_AND_OWNERS).fetchall()
    return roles, snapshot.of_server(server, db).lines()


@pytest.fixture
def supabase(project: Project) -> Iterator[tuple[Server, str]]:
    """A database like Supabase's, on a server of its own, because roles belong to a server."""
    with servers.start(17) as server:
        db = server.create_database("supabase")
        schema.apply(server, db, project, [SUPABASE_LIKE], SUPERUSER)
        yield server, db


def test_a_second_time_changes_nothing(
    server_of: StartServer, new_database: NewDatabase, project: Project
) -> None:
    server = server_of(18)
    db = new_database(server)
    schema.prepare(server, db, project)
    before = describe(server, db)
    assert {"role anon", "role authenticator", "table auth.users", "function auth.uid()"} <= {
        name for name, _ in before[0]
    }
    schema.prepare(server, db, project)
    assert describe(server, db) == before


def test_a_supabase_database_stays_as_it_is_and_takes_the_migrations(
    supabase: tuple[Server, str],
    server_of: StartServer,
    new_database: NewDatabase,
    project: Project,
) -> None:
    server, db = supabase
    before = describe(server, db)
    assert ("function auth.uid()", "supabase_auth_admin") in before[0]
    schema.prepare(server, db, project)
    assert describe(server, db) == before

    # Where public hands out everything, as Supabase's does, Ratebook's objects still get no more.
    schema.create_owner(server, db, OWNER)
    with server.connect(db) as connection:
        for kind in ("tables", "functions", "sequences"):
            connection.execute(
                f"alter default privileges for role {OWNER} in schema public"
                f" grant all on {kind} to anon, authenticated, service_role".encode()
            )
    schema.build_history(server, db, project, OWNER)
    plain = server_of(17)
    plain_db = new_database(plain)
    schema.build_history(plain, plain_db, project, OWNER)
    platform = ("auth", "extensions", "public")
    there = snapshot.of_server(server, db, OWNER, without=platform)
    assert len(there.objects) > 100
    assert there.lines() == snapshot.of_server(plain, plain_db, OWNER, without=platform).lines()


@pytest.mark.parametrize(
    ("claims", "uid", "role"),
    [
        (
            '{"sub": "00000000-0000-4000-8000-000000000007", "role": "authenticated"}',
            "00000000-0000-4000-8000-000000000007",
            "authenticated",
        ),
        ('{"role": "anon"}', None, "anon"),
        ("", None, None),
    ],
)
def test_the_helpers_read_the_claims_of_the_request(
    server_of: StartServer,
    new_database: NewDatabase,
    project: Project,
    claims: str,
    uid: str | None,
    role: str | None,
) -> None:
    server = server_of(18)
    db = new_database(server)
    schema.prepare(server, db, project)
    with server.connect(db) as connection:
        connection.execute("select set_config('request.jwt.claims', %s, false)", [claims])
        row = connection.execute(
            "select auth.uid()::text, auth.role(), auth.jwt() ->> 'role'"
        ).fetchone()
    assert row == (uid, role, role)
