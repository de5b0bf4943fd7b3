"""What a client of a real PostgREST sees where the database is disturbed, and that the same request may be sent again.

Each of tools/reference/errors.py's DISTURBANCES is made to happen; docs/schema/errors.md lists them.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import psycopg
import pytest
from psycopg import sql

from ratebook.errors import is_passing
from ratebook.local.tokens import DEMO_JWT_SECRET
from tests.faults.conftest import PRICES
from tests.modules import PROJECT
from tests.postgrest import SCHEMAS, Cutter, postgrest
from tools import schema, servers
from tools.reference.errors import DISTURBANCES
from tools.servers import Server

KNOWN = {it.code: it for it in DISTURBANCES}
SHOP = "shop"
SEEN: set[str] = set()
# What the API has besides: a call that takes long, and one that fails as often as it is told.
FURNITURE = """
create function public.slow() returns void language sql as 'select pg_sleep(60)';
create sequence public.calls;
create function public.fails(code text, times integer) returns bigint language plpgsql security definer as $$
begin
  if nextval('public.calls') <= times then
    raise exception 'Told to.' using errcode = code;
  end if;
  return currval('public.calls');
end
$$;
grant execute on function public.slow(), public.fails(text, integer) to service_role, authenticated;
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A database of its own, that tests may break."""
    with servers.start() as server:
        schema.build_truth(server, server.create_database(SHOP), PROJECT)
        with server.connect(SHOP) as db:
            db.execute(PRICES + FURNITURE)
        yield server


@pytest.fixture(scope="module")
def url(server: Server) -> Iterator[str]:
    with postgrest(server.dsn(SHOP, "authenticator")) as url:
        yield url


@pytest.fixture
def db(server: Server) -> Iterator[psycopg.Connection[Any]]:
    with server.connect(SHOP) as db:
        yield db


@pytest.fixture
def account(db: psycopg.Connection[Any]) -> UUID:
    """An account with 10 credits."""
    user = uuid4()
    db.execute("insert into auth.users (id) values (%s)", [user])
    db.execute("insert into billing.accounts (id, lenser_id) values (%s, %s)", [user, user])
    db.execute("select billing.grant_credits(%s, 10)", [user])
    return user


def token(role: str = "service_role") -> str:
    claims = {"role": role, "sub": str(uuid4()), "exp": int(time.time()) + 3600}
    return jwt.encode(claims, DEMO_JWT_SECRET, "HS256")


def send(
    url: str,
    method: str,
    path: str,
    schema_name: str,
    body: object = None,
    role: str = "service_role",
    timeout: float = 60,
) -> httpx.Response:
    return httpx.request(
        method,
        url + path,
        json=body,
        headers={
            "Authorization": f"Bearer {token(role)}",
            "Accept-Profile": schema_name,
            "Content-Profile": schema_name,
        },
        timeout=timeout,
    )


def charge(url: str, account: UUID, key: str) -> httpx.Response:
    """1,000 units at 0.0026 credits."""
    body = {
        "account": str(account),
        "owner": str(account),
        "model": "m",
        "usage": {"input": 1000},
        "idempotency_key": key,
    }
    return send(url, "POST", "/rpc/charge_generation", "billing", body)


def assert_is(code: str, answer: httpx.Response) -> None:
    """The answer is what the table says of the code, and the Python client knows whether it passes."""
    it = KNOWN[code]
    body = answer.json()
    assert (body["code"] or "", answer.status_code) == (it.code, it.status), answer.text
    assert is_passing(body["code"], body["message"]) is it.passes
    SEEN.add(code)


def spent(db: psycopg.Connection[Any], account: UUID) -> str:
    row = db.execute(
        "select trim_scale(coalesce(sum(credits), 0))::text from billing.charges where account_id = %s",
        [account],
    ).fetchone()
    assert row is not None
    return str(row[0])


@contextmanager
def running(call: Callable[[], httpx.Response], db: psycopg.Connection[Any]) -> Iterator[Any]:
    """A call that is under way in the database; gives its future."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(call)
        until(db, "select exists (select from pg_stat_activity where wait_event = 'PgSleep')")
        yield future


def until(db: psycopg.Connection[Any], question: str) -> None:
    deadline = time.monotonic() + 30
    while db.execute(question).fetchone() != (True,):
        assert time.monotonic() < deadline, question
        time.sleep(0.02)


def end(db: psycopg.Connection[Any], how: str) -> None:
    db.execute(
        sql.SQL("select {}(pid) from pg_stat_activity where wait_event = 'PgSleep'").format(
            sql.Identifier(how)
        )
    )


# ------------------------------------------------------------- a connection that breaks


def test_a_connection_lost_at_commit_is_an_empty_error_and_one_charge(
    server: Server, db: psycopg.Connection[Any], account: UUID, tmp_path_factory: Any
) -> None:
    with tempfile.TemporaryDirectory(prefix="ratebook-") as folder:
        cutter = Cutter(Path(folder), server.folder)
        dsn = f"postgresql://authenticator@localhost/{SHOP}?host={folder}&sslmode=disable"
        try:
            with postgrest(dsn) as url:
                cutter.cuts = 1
                lost = charge(url, account, "k")
                assert_is("", lost)
                assert lost.json()["message"] == ""
                assert spent(db, account) == "2.6"
                again = charge(url, account, "k")
                if again.is_error:
                    # PostgREST tells of the broken connection once more, as it takes it from its pool.
                    assert_is("PGRST001", again)
                    again = charge(url, account, "k")
        finally:
            cutter.close()
    assert again.status_code == 200, again.text
    assert again.json()["credits"] == "2.6"
    assert again.json()["balance"]["available"] == "7.4"
    assert spent(db, account) == "2.6"


def test_a_connection_lost_in_a_statement(url: str, db: psycopg.Connection[Any]) -> None:
    with running(lambda: send(url, "POST", "/rpc/slow", "public", {}), db) as call:
        end(db, "pg_terminate_backend")
        assert_is("PGRST001", call.result())
    assert send(url, "GET", "/models?select=key", "ai").is_success


@pytest.mark.parametrize("code", ["57P01", "53300"])
def test_what_the_server_still_says(code: str, url: str, db: psycopg.Connection[Any]) -> None:
    # The server says this as it ends a connection, which PostgREST mostly reports as PGRST001 or PGRST000.
    db.execute("alter sequence public.calls restart")
    first = send(url, "POST", "/rpc/fails", "public", {"code": code, "times": 1})
    assert_is(code, first)
    assert send(url, "POST", "/rpc/fails", "public", {"code": code, "times": 1}).json() == 2


def test_a_database_that_is_gone_and_comes_back() -> None:
    with servers.start() as server:
        schema.prepare(server, server.create_database(SHOP), PROJECT)
        with server.connect(SHOP) as db:
            for name in set(SCHEMAS) - {"public"}:
                db.execute(sql.SQL("create schema {}").format(sql.Identifier(name)))
            db.execute("create function public.one() returns int language sql as 'select 1'")
            db.execute("grant execute on function public.one() to service_role")
            db.execute(
                "checkpoint"
            )  # without synchronous_commit, the function itself could be gone
        with postgrest(server.dsn(SHOP, "authenticator")) as url:
            assert send(url, "POST", "/rpc/one", "public", {}).json() == 1
            server.kill()
            answer = send(url, "POST", "/rpc/one", "public", {})
            deadline = time.monotonic() + 30
            while answer.json()["code"] != "PGRST000" and time.monotonic() < deadline:
                # A call meets a connection that the server broke, when it takes it or in between.
                assert_is("PGRST001" if answer.json()["code"] else "", answer)
                answer = send(url, "POST", "/rpc/one", "public", {})
            assert_is("PGRST000", answer)
            server.launch()
            # PostgREST tries again after up to 32 seconds.
            deadline = time.monotonic() + 90
            while answer.is_error and time.monotonic() < deadline:
                time.sleep(0.1)
                answer = send(url, "POST", "/rpc/one", "public", {})
            assert answer.json() == 1


def test_a_schema_that_cannot_be_read(server: Server, db: psycopg.Connection[Any]) -> None:
    db.execute("alter role authenticator set statement_timeout = '1ms'")
    try:
        with postgrest(server.dsn(SHOP, "authenticator"), is_ready=False) as url:
            assert_is("PGRST002", send(url, "GET", "/models", "ai"))
    finally:
        db.execute("alter role authenticator reset statement_timeout")


def test_a_pool_without_a_free_connection(server: Server, db: psycopg.Connection[Any]) -> None:
    dsn = server.dsn(SHOP, "authenticator")
    with postgrest(dsn, db_pool=1, db_pool_acquisition_timeout=1) as url:
        with running(lambda: send(url, "POST", "/rpc/slow", "public", {}), db) as call:
            assert_is("PGRST003", send(url, "GET", "/models", "ai"))
            end(db, "pg_cancel_backend")
            assert_is("57014", call.result())
        assert send(url, "GET", "/models", "ai").is_success


# ------------------------------------------------------------- a statement that gives way


def test_a_statement_that_takes_too_long_writes_nothing(
    url: str, db: psycopg.Connection[Any], account: UUID
) -> None:
    db.execute(
        "alter role service_role set statement_timeout = '500ms'; notify pgrst, 'reload config'"
    )
    try:
        # The account is locked, so the charge waits.
        with psycopg.connect(db.info.dsn) as other:
            other.execute("select from billing.accounts where id = %s for update", [account])
            time.sleep(0.5)
            assert_is("57014", charge(url, account, "k"))
        assert spent(db, account) == "0"
        assert charge(url, account, "k").json()["credits"] == "2.6"
        assert spent(db, account) == "2.6"
    finally:
        db.execute("alter role service_role reset statement_timeout; notify pgrst, 'reload config'")


def test_a_deadlock_and_a_lock_that_is_not_had(
    url: str, db: psycopg.Connection[Any], account: UUID
) -> None:
    waiting = (
        "select exists (select from pg_stat_activity"
        " where wait_event_type = 'Lock' and usename = 'authenticator')"
    )
    body = {"description": "d"}
    db.execute("insert into ai.features (key) values ('a'), ('b')")
    db.execute("create index on ai.features (description)")
    with psycopg.connect(db.info.dsn) as other, ThreadPoolExecutor(1) as pool:
        # The other one never looks for a deadlock, so PostgREST's gives way.
        other.execute("set local deadlock_timeout = '60s'")
        other.execute("select from ai.features where key = 'b' for update")
        call = pool.submit(lambda: send(url, "PATCH", "/features?key=in.(a,b)", "ai", body))
        until(db, waiting)
        other.execute("select from ai.features where key = 'a' for update")
        assert_is("40P01", call.result())
    assert send(url, "PATCH", "/features?key=in.(a,b)", "ai", body).status_code == 204
    with psycopg.connect(db.info.dsn) as other:
        db.execute(
            "alter role service_role set lock_timeout = '100ms'; notify pgrst, 'reload config'"
        )
        try:
            other.execute("lock table ai.features in access exclusive mode")
            # A call from before PostgREST has read the setting waits for longer than its client does.
            for _ in range(12):
                with suppress(httpx.ReadTimeout):
                    answer = send(url, "PATCH", "/features?key=eq.a", "ai", body, timeout=5)
                    break
            assert_is("55P03", answer)
        finally:
            other.rollback()
            db.execute("alter role service_role reset lock_timeout; notify pgrst, 'reload config'")


def test_postgrest_itself_tries_again_what_could_not_be_serialized(
    url: str, db: psycopg.Connection[Any]
) -> None:
    db.execute("alter sequence public.calls restart")
    answer = send(url, "POST", "/rpc/fails", "public", {"code": "40001", "times": 2})
    assert (answer.status_code, answer.json()) == (200, 3)


# ------------------------------------------------------------- a replica


@pytest.fixture(scope="module")
def replica(server: Server) -> Iterator[str]:
    """The URL of a PostgREST before a replica of the server."""
    folder = Path(tempfile.mkdtemp(prefix="ratebook-replica-"))
    owner = server.data.stat()
    shutil.chown(folder, owner.st_uid, owner.st_gid)
    subprocess.run(
        [
            server.bin("pg_basebackup"),
            *("-h", server.folder, "-U", "postgres", "-D", folder / "data"),
            *("-R", "-X", "stream", "-c", "fast"),
        ],
        check=True,
        user=owner.st_uid,
        group=owner.st_gid,
        extra_groups=[],
        cwd="/",
    )
    with (folder / "data" / "postgresql.conf").open("a") as conf:
        conf.write(f"unix_socket_directories = '{folder}'\n")
    replica = Server(server.version, server.bin("postgres").parent, folder)
    try:
        replica.launch()
        with postgrest(replica.dsn(SHOP, "authenticator")) as url:
            yield url
    finally:
        replica.stop()


@pytest.mark.parametrize(
    ("method", "path", "schema_name", "body"),
    [
        ("POST", "/features", "ai", {"key": "new"}),
        ("PATCH", "/features?key=eq.chat", "ai", {"description": "d"}),
        ("DELETE", "/features?key=eq.chat", "ai", None),
        ("POST", "/rpc/grant_credits", "billing", {"account": str(UUID(int=7)), "amount": 1}),
    ],
)
def test_a_write_to_a_replica_is_refused(
    method: str, path: str, schema_name: str, body: object, replica: str
) -> None:
    assert_is("0A000", send(replica, method, path, schema_name, body))


def test_a_charge_that_a_replica_refused_is_made_by_the_primary(
    replica: str, url: str, db: psycopg.Connection[Any], account: UUID
) -> None:
    assert_is("0A000", charge(replica, account, "k"))
    assert charge(url, account, "k").json()["credits"] == "2.6"
    assert spent(db, account) == "2.6"


def test_a_replica_goes_on_reading(replica: str) -> None:
    question = {"model": "m", "usage": {"input": 1000}}
    assert send(replica, "POST", "/rpc/quote", "billing", question).json()["credits"] == "2.6"
    asked = send(replica, "GET", '/rpc/quote?model=m&usage={"input":1000}', "billing")
    assert asked.json()["credits"] == "2.6"
    assert send(replica, "GET", "/models?select=key&order=key", "ai").json() == [
        {"key": "m"},
        {"key": "n"},
    ]


@pytest.mark.parametrize("where", ["primary", "replica"])
def test_get_on_a_function_that_writes_is_read_only(where: str, url: str, replica: str) -> None:
    path = f"/rpc/grant_credits?account={UUID(int=7)}&amount=1"
    assert_is("25006", send(replica if where == "replica" else url, "GET", path, "billing"))


# ------------------------------------------------------------- and the rest of the table


def test_without_a_token_where_nobody_may_be_anonymous(server: Server) -> None:
    with postgrest(server.dsn(SHOP, "authenticator"), db_anon_role=None) as url:
        answer = httpx.get(f"{url}/models", headers={"Accept-Profile": "ai"})
    assert (answer.status_code, answer.json()["code"]) == (401, "PGRST302")


def test_each_disturbance_of_the_table_was_made_to_happen() -> None:
    assert KNOWN.keys() <= SEEN, "run the whole file"
