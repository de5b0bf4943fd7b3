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


# What breaks a CHECK or a NOT NULL of a table that is not the caller's to read: (schema, table, row, filter).
FOREIGN: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a margin": (
        "billing",
        "execution_margin_policies",
        {"margin": -7, "increment": -1},
    ),
    "no margin": ("billing", "execution_margin_policies", {"margin": None}),
    "a rate": (
        "billing",
        "credit_rates",
        {"currency": "x", "credits_per_currency_unit": -7},
    ),
    "a hidden price": (
        "ai",
        "model_pricing",
        {"price_per_unit": -7, "is_public": False},
    ),
    "a connection": (
        "ai",
        "provider_connections",
        {"name": None, "base_url": "https://a"},
    ),
    "a profile": ("ai", "model_profiles", {"name": "", "temperature": -7}),
    "a provider": ("ai", "providers", {"key": "NO KEY", "name": ""}),
    "a role": ("lensers", "user_roles", {"role": "admin", "user_id": None}),
    "a budget": ("billing", "all_budgets", {"period": "month", "hard_limit": -7}),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_no_error_shows_a_row_to_those_who_may_not_read_it(
    what: str, api: Api, new_user: Any, db: Connection, new_model: Any
) -> None:
    """A CHECK's error holds the whole row; row security or a grant comes before it."""
    schema, table, row = FOREIGN[what]
    # A hidden price and a policy that are there to be changed.
    model = new_model()
    db.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit, is_public) values (%s, 'input', 0.0417, false)",
        [model],
    )
    db.execute(
        "insert into billing.execution_margin_policies (model_id, margin) values (%s, 0.4317)",
        [model],
    )
    for client in (api(schema), api(schema, "authenticated", new_user())):
        column = next(iter(row))
        for response in (
            client.post(f"/{table}", json=row),
            client.post(f"/{table}", json=[row, row], headers={"Prefer": "missing=default"}),
            client.patch(f"/{table}?{column}=not.is.null", json=row),
        ):
            assert response.status_code in (204, 401, 403, 409), response.text
            for shown in ("Failing row", "0.0417", "0.4317"):
                assert shown not in response.text
            # A refusal of ours has JSON there, of PostgreSQL's nothing.
            details = response.json()["details"] if response.content else None
            assert details is None or set(json.loads(details)) <= {
                "error",
                "table",
                "operation",
            }
