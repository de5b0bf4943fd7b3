"""A key pasted where the name of a secret belongs: refused, and in no answer and no log line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from tests.conftest import Api, Connection

Send = Callable[[httpx.Client, str, str], httpx.Response]
"""Sends a secret in the name of a client, for the provider of that id."""


def auth(secret: str) -> dict[str, Any]:
    return {"auth": {"type": "api_key", "credential": f"sk-{secret}"}}


def connection(provider: str, **columns: Any) -> dict[str, Any]:
    return {"name": "c" + uuid4().hex[:12], "provider_id": provider} | columns


CONNECTIONS: dict[str, Send] = {
    "insert": lambda c, s, p: c.post("/provider_connections", json=connection(p, **auth(s))),
    "insert of many": lambda c, s, p: c.post(
        "/provider_connections",
        json=[connection(p, auth={"type": "none"}), connection(p, **auth(s))],
    ),
    "upsert": lambda c, s, p: c.post(
        "/provider_connections?on_conflict=name",
        json=connection(p, **auth(s)),
        headers={"Prefer": "resolution=merge-duplicates"},
    ),
    "update": lambda c, s, p: c.patch(
        f"/provider_connections?provider_id=eq.{p}",
        json=auth(s),
        headers={"Prefer": "return=representation"},
    ),
    "without a name": lambda c, s, p: c.post(
        "/provider_connections", json=connection(p, name=None, **auth(s))
    ),
    "of no provider": lambda c, s, p: c.post(
        "/provider_connections", json=connection(str(uuid4()), **auth(s))
    ),
    "of no shape": lambda c, s, p: c.post(
        "/provider_connections", json=connection(p, auth={"key": f"sk-{s}"})
    ),
    "as a text": lambda c, s, p: c.post(
        "/provider_connections", json=connection(p, auth=f"sk-{s}")
    ),
    "in the address": lambda c, s, p: c.post(
        "/provider_connections",
        json=connection(p, base_url=f"https://ada:{s}@api.example.com"),
    ),
    "as the address": lambda c, s, p: c.patch(
        f"/provider_connections?provider_id=eq.{p}", json={"base_url": f"sk-{s}"}
    ),
    "in the provider's address": lambda c, s, p: c.patch(
        f"/providers?id=eq.{p}",
        json={"api_url": f"https://api.example.com/v1?api_key={s}"},
    ),
    "in a new provider's address": lambda c, s, p: c.post(
        "/providers",
        json={
            "key": uuid4().hex,
            "name": "P",
            "api_url": f"https://{s}@api.example.com/",
        },
    ),
}
COMPAT: dict[str, Send] = {
    "insert": lambda c, s, p: c.post("/providers", json={"name": uuid4().hex, **auth(s)}),
    "update": lambda c, s, p: c.patch(f"/providers?id=eq.{p}", json=auth(s)),
    "upsert": lambda c, s, p: c.post(
        "/rpc/upsert_provider", json={"provider": {"name": uuid4().hex, **auth(s)}}
    ),
    "in the address": lambda c, s, p: c.post(
        "/providers",
        json={"name": uuid4().hex, "base_url": f"https://ada:{s}@api.example.com"},
    ),
    "in system B's address": lambda c, s, p: c.patch(
        f"/api_providers?id=eq.{p}",
        json={"base_url": f"https://ada:{s}@api.example.com"},
    ),
}


@pytest.fixture
def provider(db: Connection) -> str:
    """A provider with a connection."""
    row = db.execute(
        "with made as (insert into ai.providers (key, name) values (%s, 'P') returning id)"
        " insert into ai.provider_connections (name, provider_id) select id, id from made returning provider_id",
        [uuid4().hex],
    ).fetchone()
    assert row is not None
    return str(row["provider_id"])


@pytest.fixture
def logs(db: Connection) -> Callable[[], str]:
    """What server, PostgREST and gateway have written so far."""
    row = db.execute("select current_setting('data_directory') as directory").fetchone()
    assert row is not None
    server = Path(row["directory"])
    files = [
        server / "log",
        server.parent / "postgrest.log",
        server.parent / "gateway.log",
    ]
    assert all(file.is_file() for file in files)
    return lambda: "".join(file.read_text(errors="replace") for file in files)


def refused(response: httpx.Response, secret: str, logs: Callable[[], str]) -> None:
    assert (response.status_code, response.json()["code"]) == (422, "PT422"), response.text
    assert json.loads(response.json()["details"])["error"] == "invalid_argument"
    for written in (response.text, str(response.headers), logs()):
        assert secret not in written


def roles(api: Api, schema: str, admin: UUID) -> list[httpx.Client]:
    # The service role goes past row security: a CHECK would show it the whole row.
    return [api(schema, "service_role"), api(schema, "authenticated", admin)]


@pytest.mark.parametrize("way", CONNECTIONS)
def test_a_pasted_key_is_repeated_nowhere(
    way: str, api: Api, new_user: Any, provider: str, logs: Callable[[], str]
) -> None:
    for client in roles(api, "ai", new_user("admin")):
        secret = uuid4().hex
        refused(CONNECTIONS[way](client, secret, provider), secret, logs)


@pytest.mark.compat
@pytest.mark.parametrize("way", COMPAT)
def test_nor_by_the_ways_of_older_systems(
    way: str, api: Api, new_user: Any, provider: str, logs: Callable[[], str]
) -> None:
    for client in roles(api, "compat", new_user("admin")):
        secret = uuid4().hex
        refused(COMPAT[way](client, secret, provider), secret, logs)


@pytest.mark.parametrize("way", CONNECTIONS)
def test_nor_where_the_caller_may_not_write(
    way: str, api: Api, new_user: Any, provider: str, logs: Callable[[], str]
) -> None:
    for client in (api("ai"), api("ai", "authenticated", new_user())):
        secret = uuid4().hex
        response = CONNECTIONS[way](client, secret, provider)
        for written in (response.text, str(response.headers), logs()):
            assert secret not in written


def test_a_name_is_taken(api: Api, new_user: Any, provider: str) -> None:
    for client in roles(api, "ai", new_user("admin")):
        named = connection(
            provider,
            auth={"type": "api_key", "credential": "acme_production"},
            base_url="https://api.example.com/v1",
        )
        assert client.post("/provider_connections", json=named).status_code == 201


def test_what_the_server_logs_of_direct_sql(
    ratebook_stack: Any, provider: str, logs: Callable[[], str]
) -> None:
    """The statement that failed, with what stands in it: the guide for DBAs says so. A parameter is not in it."""
    statement = "update ai.provider_connections set auth = {} where provider_id = %s"
    literal, parameter = uuid4().hex, uuid4().hex
    with psycopg.connect(ratebook_stack.dsn, autocommit=True) as connection_:
        with pytest.raises(psycopg.Error) as raised:
            connection_.execute(
                statement.format("'" + json.dumps(auth(literal)["auth"]) + "'"),
                [provider],
            )
        assert literal not in str(raised.value)
        with pytest.raises(psycopg.Error):
            connection_.execute(
                statement.format("%s"), [json.dumps(auth(parameter)["auth"]), provider]
            )
    assert literal in logs()
    assert parameter not in logs()
