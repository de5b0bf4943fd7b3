"""A snapshot changes whenever the schema does, and never otherwise."""

from __future__ import annotations

import pytest

from tests.migrations.conftest import NewDatabase, StartServer
from tools import snapshot
from tools.servers import Server
from tools.snapshot import Snapshot

TOY = """
create schema toy;
create type toy.mood as enum ('good', 'bad');
create table toy.things (
  id uuid primary key default gen_random_uuid(),
  key text not null,
  made_at timestamptz not null default now()
);
create table toy.parts (id integer primary key, thing_id uuid references toy.things (id));
alter table toy.things enable row level security;
create policy things_select_anon on toy.things for select to pg_monitor using (key = 'a');
create function toy.count() returns bigint language sql stable set search_path = ''
as 'select count(*) from toy.things';
create function toy.touch() returns trigger language plpgsql as 'begin return new; end';
create trigger things_touch before update on toy.things for each row execute function toy.touch();
create view toy.keys with (security_invoker = true) as select key from toy.things;
grant select on toy.things to pg_monitor;
comment on table toy.things is 'Things.';
insert into toy.things (key) values ('a');
"""

CHANGES = [
    "alter function toy.count() volatile",
    "alter function toy.count() parallel safe",
    "alter function toy.count() security definer",
    "alter function toy.count() leakproof",
    "alter function toy.count() strict",
    "alter function toy.count() cost 7",
    "alter function toy.count() reset search_path",
    "revoke execute on function toy.count() from public",
    "create or replace function toy.touch() returns trigger language plpgsql as 'begin return old; end'",
    "alter table toy.things disable trigger things_touch",
    "alter table toy.parts disable trigger all",
    "alter table toy.things disable row level security",
    "alter table toy.things force row level security",
    "alter table toy.things set (fillfactor = 70)",
    "alter table toy.things replica identity full",
    "alter table toy.things alter column key drop not null",
    "alter table toy.things alter column key set default 'b'",
    "alter table toy.things add constraint key_is_short check (length(key) < 9)",
    "create index on toy.things (key)",
    "alter view toy.keys reset (security_invoker)",
    "alter policy things_select_anon on toy.things to public",
    "alter policy things_select_anon on toy.things using (key = 'b')",
    "grant select (key) on toy.things to pg_database_owner",
    "grant select on toy.things to pg_monitor with grant option",
    "revoke select on toy.things from pg_monitor",
    "revoke update on toy.things from postgres",
    "revoke all on toy.parts from postgres",
    "grant usage on schema toy to public",
    "revoke usage on type toy.mood from public",
    "alter type toy.mood add value 'odd'",
    "alter default privileges in schema toy grant select on tables to pg_monitor",
    "alter default privileges revoke execute on functions from public",
    "comment on table toy.things is 'Other things.'",
    "comment on column toy.things.key is 'Its key.'",
    "update toy.things set key = 'c'",
    "alter database {db} set statement_timeout = '5s'",
]


@pytest.fixture
def toy(server_of: StartServer, new_database: NewDatabase) -> tuple[Server, str]:
    server = server_of(18)
    db = new_database(server)
    with server.connect(db) as connection:
        connection.execute(TOY)
    return server, db


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_shows(toy: tuple[Server, str], change: str) -> None:
    server, db = toy
    before = snapshot.of_server(server, db)
    with server.connect(db) as connection:
        connection.execute(change.format(db=db).encode())
    assert snapshot.of_server(server, db) != before


@pytest.mark.parametrize("version", [15, 16, 17, 18])
def test_the_same_schema_gives_the_same_snapshot(
    server_of: StartServer, new_database: NewDatabase, version: int
) -> None:
    server = server_of(version)
    taken: list[Snapshot] = []
    for _ in range(2):
        db = new_database(server)
        with server.connect(db) as connection:
            connection.execute(TOY)
        taken.append(snapshot.of_server(server, db))
    assert taken[0].objects
    assert taken[0].facts
    assert taken[0].rows == ('row of toy.things: {"key": "a"}',)
    assert taken[0] == taken[1]


def test_the_order_of_creation_does_not_show(
    server_of: StartServer, new_database: NewDatabase
) -> None:
    server = server_of(18)
    statements = [
        "create table a (n integer)",
        "create table b (n integer)",
        "grant select on a to public",
    ]
    taken = []
    for script in (statements, [statements[1], statements[0], statements[2]]):
        db = new_database(server)
        with server.connect(db) as connection:
            for statement in script:
                connection.execute(statement.encode())
        taken.append(snapshot.of_server(server, db))
    assert len(taken[0].objects) == 3
    assert taken[0] == taken[1]


def test_no_noise_of_pg_dump_is_left(toy: tuple[Server, str]) -> None:
    text = "\n".join(snapshot.of_server(*toy).lines())
    assert "CREATE TABLE toy.things" in text
    for noise in ("\\restrict", "\\unrestrict", "\nSET ", "Dumped", "dump complete", "Owner"):
        assert noise not in text


def test_history_of_the_cli_and_test_schemas_do_not_show(toy: tuple[Server, str]) -> None:
    server, db = toy
    before = snapshot.of_server(server, db)
    with server.connect(db) as connection:
        connection.execute(
            "create schema supabase_migrations create table schema_migrations (version text)"
        )
        connection.execute(
            "create schema tap; create function tap.f() returns int language sql as 'select 1'"
        )
    assert snapshot.of_server(server, db) == before
