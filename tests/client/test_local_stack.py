"""`ratebook local`: a toy project of its own, real PostgreSQL, PostgREST, nginx and clients."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from uuid import uuid4

import httpx
import jwt
import psutil
import psycopg
import pytest
from typer.testing import CliRunner

from ratebook import page
from ratebook.cli import app
from ratebook.errors import RatebookError
from ratebook.local import processes, push, services, tokens, tools
from ratebook.local import stack as local_stack
from ratebook.local.stack import Stack
from supabase import create_client
from tools.project import NODE

REPOSITORY = Path(__file__).parents[2]
CONFIG = """
project_id = "toy"
[api]
schemas = ["public", "shop"]
[db.seed]
sql_paths = ["./seeds/*.sql"]
"""
MIGRATION = """
create schema shop;
create table shop.items (name text primary key);
create function shop.who() returns text language sql stable
  as $$ select current_user || ' ' || coalesce(auth.uid()::text, 'nobody') $$;
create function shop.time_limit() returns text language sql stable
  as $$ select current_setting('statement_timeout') $$;
create function shop.sleep() returns void language sql volatile set statement_timeout = '20ms'
  as $$ select pg_sleep(60) $$;
create function shop.seen_headers() returns json language sql stable
  as $$ select current_setting('request.headers')::json $$;
create function shop.import_catalogue(name text) returns integer language sql immutable
  as $$ select length(name) $$;
create function shop.quote(name text) returns integer language sql immutable
  as $$ select length(name) $$;
grant usage on schema shop to anon, authenticated, service_role;
grant select, insert on shop.items to anon, authenticated;
"""


def toy_project(folder: Path) -> Path:
    supabase = folder / "supabase"
    (supabase / "migrations").mkdir(parents=True)
    (supabase / "seeds").mkdir()
    (supabase / "config.toml").write_text(CONFIG)
    (supabase / "migrations" / "20260101000000_create_shop.sql").write_text(MIGRATION)
    (supabase / "seeds" / "items.sql").write_text(
        "insert into shop.items values ('seeded') on conflict do nothing;"
    )
    (folder / "node_modules").symlink_to(REPOSITORY / "node_modules")
    return folder


@contextlib.contextmanager
def stack_of(project: Path) -> Iterator[Stack]:
    stack = Stack(project, say=print)
    try:
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Not pytest's: each of its sessions closes its folder to others, such as the server's user."""
    with TemporaryDirectory(prefix="ratebook-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with (
        TemporaryDirectory(prefix="ratebook-", ignore_cleanup_errors=True) as folder,
        stack_of(toy_project(Path(folder))) as stack,
    ):
        stack.start()
        yield stack


@pytest.fixture
def project(stack: Stack) -> list[str]:
    return ["--project", str(stack.project_dir)]


def items(stack: Stack, **headers: str) -> httpx.Response:
    return httpx.get(f"{stack.url}/rest/v1/items", headers={"Accept-Profile": "shop"} | headers)


def who(stack: Stack, **headers: str) -> str:
    answer = httpx.post(
        f"{stack.url}/rest/v1/rpc/who", headers={"Content-Profile": "shop"} | headers, json={}
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json())


# ---------------------------------------------------------------------- the gateway


def test_a_plain_request_without_a_key_is_anon(stack: Stack) -> None:
    assert items(stack).json() == [{"name": "seeded"}]
    assert who(stack) == "anon nobody"


def test_an_apikey_alone_chooses_the_role(stack: Stack) -> None:
    assert who(stack, apikey=stack.anon_key) == "anon nobody"
    assert who(stack, apikey=stack.token("authenticated")) == "authenticated nobody"


def test_an_authorization_header_wins_over_the_apikey(stack: Stack) -> None:
    user = str(uuid4())
    bearer = f"Bearer {stack.token('authenticated', user)}"
    assert who(stack, apikey=stack.anon_key, Authorization=bearer) == f"authenticated {user}"


def test_a_key_signed_with_another_secret_is_refused(stack: Stack) -> None:
    foreign = jwt.encode({"role": "service_role"}, "x" * 32, algorithm="HS256")
    assert items(stack, apikey=foreign).status_code == 401


def call(stack: Stack, function: str, body: object = None, **headers: str) -> httpx.Response:
    return httpx.post(
        f"{stack.url}/rest/v1/rpc/{function}",
        headers={"Content-Profile": "shop"} | headers,
        json=body or {},
    )


def preflight(stack: Stack, origin: str, path: str = "/rest/v1/items") -> httpx.Response:
    return httpx.options(
        f"{stack.url}{path}",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "apikey,content-profile,x-client-info",
        },
    )


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost",
        "http://localhost:3000",
        "https://localhost:5173",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
    ],
)
def test_a_page_of_this_machine_may_ask(stack: Stack, origin: str) -> None:
    asked = preflight(stack, origin)
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == origin
    assert "POST" in asked.headers["access-control-allow-methods"]
    allowed = asked.headers["access-control-allow-headers"]
    assert allowed == "apikey,content-profile,x-client-info"
    answer = items(stack, Origin=origin)
    assert answer.headers.get_list("access-control-allow-origin") == [origin]
    assert "Content-Range" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.com",
        "http://localhost.example.com",
        "http://localhost:3000.example.com",
        "http://example.com/?http://localhost",
        "http://127.0.0.2",
        "http://127x0.0.1",
        "null",
    ],
)
def test_a_page_from_elsewhere_may_not(stack: Stack, origin: str) -> None:
    for answer in (preflight(stack, origin), items(stack, Origin=origin)):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert "Origin" in answer.headers.get_list("vary")


def test_the_gateway_says_what_it_is_and_what_it_does_not_serve(stack: Stack) -> None:
    assert httpx.get(stack.url).json()["rest"] == f"{stack.url}/rest/v1/"
    assert httpx.get(f"{stack.url}/auth/v1/user").status_code == 404


def test_the_gateway_serves_the_page_compressed_and_under_a_policy(stack: Stack) -> None:
    answer = httpx.get(f"{stack.url}/app", follow_redirects=True)
    assert answer.url == f"{stack.url}/app/"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["referrer-policy"] == "no-referrer"
    policy = answer.headers["content-security-policy"].split("; ")
    assert policy[:2] == ["default-src 'self'", "connect-src 'self'"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    again = {"If-None-Match": answer.headers["etag"]}
    assert httpx.get(answer.url, headers=again).status_code == 304
    (script, *_) = re.findall(r'src="\./(assets/[^"]+\.js)"', answer.text)
    asset = httpx.get(f"{stack.url}/app/{script}")
    assert asset.headers["content-type"] == "text/javascript"
    assert asset.headers["content-encoding"] == "gzip"
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert httpx.get(f"{stack.url}/app/assets/none.js").json()["code"] == "404"


def test_a_long_answer_is_compressed_for_who_takes_it_so(stack: Stack) -> None:
    with psycopg.connect(stack.dsn, autocommit=True) as db:
        db.execute("insert into shop.items select 'long ' || i from generate_series(1, 2000) as i")
        try:
            packed = items(stack, **{"Accept-Encoding": "gzip"})
            plain = items(stack, **{"Accept-Encoding": "identity"})
            some = {"Range": "10-19", "Prefer": "count=exact"}
            part = items(stack, **some | {"Accept-Encoding": "gzip"})
            same_part = items(stack, **some | {"Accept-Encoding": "identity"})
        finally:
            db.execute("delete from shop.items where name like 'long %'")
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert len(packed.json()) >= 1000
    assert packed.json() == plain.json()
    assert packed.num_bytes_downloaded * 4 < plain.num_bytes_downloaded
    for answer in (packed, plain):
        assert "Accept-Encoding" in answer.headers.get_list("vary")
    # A part is asked for in rows, and is the same part.
    assert part.status_code == same_part.status_code == 206
    assert part.headers["content-range"] == same_part.headers["content-range"]
    assert part.headers["content-range"].startswith("10-19/20")
    assert part.json() == same_part.json()
    assert len(part.json()) == 10


def test_the_page_is_told_the_anon_key_and_no_other(stack: Stack) -> None:
    told = httpx.get(f"{stack.url}/app/config.json").json()
    assert told == {"url": "/", "anonKey": stack.anon_key, "signIn": "demo"}


def test_a_body_has_a_megabyte_and_a_catalogue_64(stack: Stack) -> None:
    fits, too_long = ({"name": "x" * length} for length in (1_048_000, 1_048_576))
    assert call(stack, "quote", fits).json() == 1_048_000
    refused = call(stack, "quote", too_long, Origin="http://localhost:3000")
    assert refused.status_code == 413
    assert refused.json()["code"] == "413"
    assert call(stack, "import_catalogue", too_long).json() == 1_048_576
    assert call(stack, "import_catalogue", {"name": "x" * 67_108_864}).status_code == 413


def test_what_the_gateway_refuses_reads_like_a_refusal_of_postgrest(stack: Stack) -> None:
    page = {"Origin": "http://localhost:3000"}
    refusals = [
        call(stack, "quote", {"name": "x" * 1_048_576}, **page),
        httpx.get(f"{stack.url}/auth/v1/user", headers=page),
        items(stack, **page, **{"X-Long": "x" * 50_000}),
    ]
    for refusal, status in zip(refusals, (413, 404, 400), strict=True):
        assert refusal.status_code == status
        body = refusal.json()
        assert sorted(body) == ["code", "details", "hint", "message"]
        assert body["code"] == str(status)
        assert refusal.headers["access-control-allow-origin"] == page["Origin"]


def test_so_does_what_it_refuses_for_its_url(stack: Stack) -> None:
    url = f"{stack.url}/rest/v1/items?name=eq."
    assert httpx.get(url + "x" * 47_000, headers={"Accept-Profile": "shop"}).json() == []
    refusal = httpx.get(url + "x" * 50_000)
    assert refusal.status_code == 414
    assert refusal.json()["message"] == "The URL is too long."


def test_repeated_preferences_reach_functions_as_one(stack: Stack) -> None:
    repeated = [("Content-Profile", "shop"), ("Prefer", "count=exact"), ("Prefer", "tx=commit")]
    answer = httpx.post(f"{stack.url}/rest/v1/rpc/seen_headers", headers=repeated, json={})
    assert answer.json()["prefer"] == "count=exact, tx=commit"


# ---------------------------------------------------------------------- what Supabase gives


@pytest.mark.parametrize(
    ("role", "limit"), [("anon", "3s"), ("authenticated", "8s"), ("service_role", "8s")]
)
def test_each_role_has_a_time_limit(stack: Stack, role: str, limit: str) -> None:
    bearer = f"Bearer {stack.token(role)}"
    assert call(stack, "time_limit", Authorization=bearer).json() == limit


def test_what_takes_too_long_is_ended_with_a_clear_error(stack: Stack) -> None:
    ended = call(stack, "sleep")
    assert ended.status_code == 500
    assert ended.json() == {
        "code": "57014",
        "message": "canceling statement due to statement timeout",
        "details": None,
        "hint": None,
    }


# ---------------------------------------------------------------------- clients


def test_long_headers_pass_in_both_directions(stack: Stack) -> None:
    assert items(stack, **{"X-Long": "x" * 30_000}).status_code == 200


def test_supabase_py_works_with_url_and_key(stack: Stack) -> None:
    with create_client(stack.url, stack.anon_key).postgrest as client:
        shop = client.schema("shop")
        assert shop.rpc("who", {}).execute().data == "anon nobody"
        assert shop.table("items").select("name").execute().data


def test_supabase_js_works_with_url_and_key(stack: Stack) -> None:
    script = """
      import { createClient } from '@supabase/supabase-js'
      const client = createClient(process.argv[1], process.argv[2]).schema('shop')
      const who = await client.rpc('who')
      const items = await client.from('items').select('name').eq('name', 'seeded')
      console.log(JSON.stringify([who.data, items.data]))
    """
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", script, stack.url, stack.anon_key],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["anon nobody", [{"name": "seeded"}]]


# ---------------------------------------------------------------------- life


def test_starting_twice_leaves_everything_running(stack: Stack) -> None:
    before = stack.status().services
    assert stack.start().services == before


def test_data_address_and_keys_survive_a_stop_and_start(stack: Stack) -> None:
    name = uuid4().hex
    url = stack.url
    httpx.post(
        f"{url}/rest/v1/items", json={"name": name}, headers={"Content-Profile": "shop"}
    ).raise_for_status()
    assert stack.stop() == ["gateway", "postgrest", "postgres"]
    assert not stack.status().running
    status = stack.start()
    assert status.url == url
    assert {"name": name} in items(stack).json()


def test_a_new_migration_is_applied_and_served_without_a_restart(stack: Stack) -> None:
    before = stack.status()
    migration = stack.project_dir / "supabase/migrations/20260102000000_add_price.sql"
    migration.write_text("alter table shop.items add price numeric;")
    assert stack.status().pending_migrations == ["20260102000000_add_price"]
    after = stack.start()
    assert after.services == before.services
    assert after.pending_migrations == []
    for _ in range(100):
        if "price" in items(stack).json()[0]:
            return
        time.sleep(0.05)
    raise AssertionError("PostgREST does not show the new column")


def test_a_changed_seed_runs_again_only_when_asked(stack: Stack) -> None:
    seed = stack.project_dir / "supabase/seeds/items.sql"
    seed.write_text("insert into shop.items values ('later') on conflict do nothing;")
    stack.start()
    assert "later" not in items(stack).text
    stack.start(reseed=True)
    assert "later" in items(stack).text


def test_a_killed_service_is_started_again(stack: Stack) -> None:
    gateway = stack.status().services["gateway"]
    assert gateway is not None
    for process in [psutil.Process(gateway), *psutil.Process(gateway).children()]:
        process.kill()
    while stack.status().services["gateway"]:
        time.sleep(0.02)
    assert stack.start().running
    assert items(stack).status_code == 200


def test_a_postgrest_that_lost_its_database_is_started_again(stack: Stack) -> None:
    # It tries again after 1, 2, 4 and up to 32 seconds: nobody shall wait for that.
    stack.start()
    before = stack.status().services
    stack.postgres.stop()
    while items(stack).is_success:
        pass
    after = stack.start().services
    assert after["gateway"] == before["gateway"]
    assert after["postgrest"] != before["postgrest"]
    assert items(stack).status_code == 200


def test_a_service_that_runs_has_longer_than_postgrest_pauses(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.start()
    now = 0.0

    def pass_time(seconds: float) -> None:
        nonlocal now
        now += 1

    clock = SimpleNamespace(monotonic=lambda: now, sleep=pass_time)
    monkeypatch.setattr(local_stack, "time", clock)
    # 1 + 2 + 4 + 8 + 16 + 32 seconds, when the seventh attempt succeeds.
    monkeypatch.setattr(local_stack, "_answers", lambda _: now > 63)
    stack._wait_for("postgrest", "http://127.0.0.1")
    monkeypatch.setattr(local_stack, "_answers", lambda _: False)
    with pytest.raises(RatebookError, match="no answer within"):
        stack._wait_for("postgrest", "http://127.0.0.1")


def test_another_port_is_taken_when_the_last_one_is_in_use(stack: Stack) -> None:
    url = stack.url
    stack.stop()
    with socket.create_server(("127.0.0.1", int(url.rsplit(":", 1)[1]))):
        assert stack.start().url != url
        assert items(stack).status_code == 200


def test_a_broken_migration_fails_the_start_and_leaves_nothing_running(tmp_path: Path) -> None:
    project = toy_project(tmp_path)
    broken = project / "supabase/migrations/20260103000000_break.sql"
    broken.write_text("create tabel x();")
    with stack_of(project) as stack:
        with pytest.raises(RatebookError, match="db push") as raised:
            stack.start()
        assert "tabel" in raised.value.details
        assert not any(stack.status().services.values())
        broken.unlink()
        assert stack.start().running


def test_a_failing_service_is_named_with_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = toy_project(tmp_path)
    real = services.postgrest_config
    monkeypatch.setattr(services, "postgrest_config", lambda *_: "jwt-secret = @/nowhere\n")
    with stack_of(project) as stack:
        with pytest.raises(RatebookError, match="PostgREST did not start") as raised:
            stack.start()
        assert raised.value.details
        assert not any(stack.status().services.values())
        monkeypatch.setattr(services, "postgrest_config", real)
        assert stack.start().running


def test_reset_starts_with_an_empty_database(tmp_path: Path) -> None:
    with stack_of(toy_project(tmp_path)) as stack:
        stack.start()
        with psycopg.connect(stack.dsn) as connection:
            connection.execute("insert into shop.items values ('mine')")
        stack.reset()
        assert items(stack).json() == [{"name": "seeded"}]


def test_data_of_another_postgresql_version_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / ".ratebook/postgres").mkdir(parents=True)
    (tmp_path / ".ratebook/postgres/PG_VERSION").write_text("16\n")
    with pytest.raises(RatebookError, match="made by PostgreSQL 16, not 18"):
        Stack(tmp_path).start()


def test_a_data_folder_with_a_very_long_path_works(tmp_path: Path) -> None:
    data = tmp_path / ("long" * 25) / "with space"
    stack = Stack(toy_project(tmp_path / "p"), data)
    try:
        stack.start()
        assert stack.postgres.socket_dir != stack.postgres.directory
        assert stack.postgres.socket_dir.stat().st_mode & 0o077 == 0
        assert items(stack).status_code == 200
    finally:
        stack.stop()


def test_a_folder_without_a_project_serves_the_packaged_schema_and_the_page_once_it_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "built", lambda: None)
    (tmp_path / "node_modules").symlink_to(REPOSITORY / "node_modules")
    with stack_of(tmp_path) as stack:
        started = CliRunner().invoke(app, ["local", "start", "-C", str(tmp_path)])
        assert started.exit_code == 0, started.output
        assert started.output.endswith(f"{page.NOT_BUILT}\n")
        assert stack.status().schema_version
        models = httpx.get(f"{stack.url}/rest/v1/models", headers={"Accept-Profile": "ai"})
        assert len(models.json()) > 5
        address = f"{stack.url}/app/"
        answer = httpx.get(address)
        assert (answer.status_code, answer.json()["message"]) == (404, page.NOT_BUILT)
        # Built later, it is there after the next start, with links for three.
        monkeypatch.undo()
        again = CliRunner().invoke(app, ["local", "start", "-C", str(tmp_path)])
        assert httpx.get(address).headers["content-type"].startswith("text/html")
        links = [line.split()[-1] for line in again.stdout.splitlines()[-3:]]
        assert links[0] == address
        claims = [
            jwt.decode(link.partition("#/sign-in?token=")[2], options={"verify_signature": False})
            for link in links[1:]
        ]
        assert [claim["role"] for claim in claims] == ["authenticated", "authenticated"]
        told = [
            httpx.get(
                f"{stack.url}/rest/v1/user_roles?select=role",
                headers={"Accept-Profile": "lensers", "apikey": link.partition("token=")[2]},
            ).json()
            for link in links[1:]
        ]
        assert told == [[], [{"role": "admin"}]]


def test_a_schema_that_the_database_lacks_is_not_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """PostgREST from 13 on answers nothing at all while a schema of its list is missing."""
    folder = toy_project(tmp_path)
    config = folder / "supabase" / "config.toml"
    config.write_text(config.read_text().replace('"shop"', '"shop", "gallery"'))
    with stack_of(folder) as stack:
        stack.start()
        assert "Not served, as the database lacks them: gallery\n" in capsys.readouterr().out
        assert items(stack).status_code == 200
        answer = httpx.get(f"{stack.url}/rest/v1/items", headers={"Accept-Profile": "gallery"})
        assert (answer.status_code, answer.json()["code"]) == (406, "PGRST106")
        (folder / "supabase/migrations/20260102000000_create_gallery.sql").write_text(
            "create schema gallery; grant usage on schema gallery to anon;"
            "create view gallery.items as select 1 as id; grant select on gallery.items to anon;"
        )
        stack.start()
        answer = httpx.get(f"{stack.url}/rest/v1/items", headers={"Accept-Profile": "gallery"})
        assert answer.json() == [{"id": 1}]


# ---------------------------------------------------------------------- processes and tools


def test_stopping_leaves_a_stranger_with_the_same_pid_alone(tmp_path: Path) -> None:
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    program = processes.spawn(sleeper, log=tmp_path / "log", marker="time.sleep")
    reborn = processes.Program(program.pid, program.created - 100, program.marker)
    renamed = processes.Program(program.pid, program.created, "nginx.conf")
    for stranger in (reborn, renamed):
        assert not stranger.is_running()
        stranger.stop()
    assert program.is_running()
    program.stop()
    assert not program.is_running()


def test_postgrest_on_path_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = tmp_path / "postgrest"
    newer.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert tools.find_tool("postgrest", REPOSITORY, print) == newer


def test_an_older_supabase_cli_of_the_project_is_passed_over(tmp_path: Path) -> None:
    modules = tmp_path / "node_modules"
    (modules / "supabase").mkdir(parents=True)
    (modules / ".bin").mkdir()
    (modules / ".bin" / "supabase").touch()
    (tmp_path / "app").mkdir()
    for version, expected in (("1.9.0", False), ("3.2.0", True)):
        (modules / "supabase" / "package.json").write_text(json.dumps({"version": version}))
        found = tools._usable(modules, "supabase", "supabase")
        assert (found is not None) is expected


def test_without_npm_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(RatebookError, match=r"npm is not installed: install Node\.js"):
        tools.find_tool("supabase", tmp_path, print)


@pytest.mark.parametrize(
    ("dsn", "url"),
    [
        (
            "postgresql://me:s3cret@db.example.com:6543/app?sslmode=require",
            "postgresql://me@db.example.com:6543/app?sslmode=require",
        ),
        ("host=localhost user=me dbname=app", "postgresql://me@localhost/app?sslmode=disable"),
        (
            "postgresql://me@/app?host=%2Ftmp%2Fa%20b",
            "postgresql://me@localhost/app?sslmode=disable&host=%2Ftmp%2Fa%20b",
        ),
        ("postgresql://a%40b@[::1]/x", "postgresql://a%40b@[::1]/x?sslmode=disable"),
    ],
)
def test_the_url_for_the_supabase_cli_has_no_password(dsn: str, url: str) -> None:
    assert push.url_without_password(dsn) == url


# ---------------------------------------------------------------------- commands


def test_status_as_json_names_addresses_and_keys(stack: Stack, project: list[str]) -> None:
    stack.start()
    result = CliRunner().invoke(app, ["local", "status", "--json", *project])
    assert result.exit_code == 0
    status = json.loads(result.stdout)
    assert (status["running"], status["url"]) == (True, stack.url)
    claims = jwt.decode(status["service_role_key"], status["jwt_secret"], algorithms=["HS256"])
    assert claims["role"] == "service_role"


def test_status_of_a_stopped_stack_exits_with_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["local", "status", "-C", str(tmp_path)])
    assert result.exit_code == 1
    assert not (tmp_path / ".ratebook").exists()


def test_env_prints_lines_that_a_shell_understands(stack: Stack, project: list[str]) -> None:
    stack.start()
    result = CliRunner().invoke(app, ["local", "env", *project])
    script = result.stdout + 'echo "$DATABASE_URL $SUPABASE_URL $SUPABASE_ANON_KEY"'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [stack.dsn, stack.url, stack.anon_key]


def test_the_supabase_cli_takes_the_database_url_of_env(stack: Stack, project: list[str]) -> None:
    stack.start()
    result = CliRunner().invoke(app, ["local", "env", *project])
    cli = REPOSITORY / "node_modules/.bin/supabase"
    push = f'{cli} --workdir "{stack.project_dir}" db push --dry-run --db-url "$DATABASE_URL"'
    done = subprocess.run(
        ["bash", "-c", result.stdout + push], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Remote database is up to date." in done.stdout + done.stderr


def test_token_takes_a_subject_and_claims() -> None:
    arguments = ["local", "token", "authenticated", "--sub", "u1", "--claim", "tier=paid"]
    result = CliRunner().invoke(app, [*arguments, "--claim", 'app_metadata={"a": 1}'])
    claims = jwt.decode(
        result.stdout.strip(),
        tokens.DEMO_JWT_SECRET,
        algorithms=["HS256"],
        audience="authenticated",
    )
    assert (claims["role"], claims["sub"], claims["tier"]) == ("authenticated", "u1", "paid")
    assert claims["app_metadata"] == {"a": 1}


def test_a_mistake_is_one_sentence_on_stderr(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from ratebook.cli import main; main()",
            "local",
            "env",
            "-C",
            str(tmp_path),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: The local stack does not run: ratebook local start\n"
