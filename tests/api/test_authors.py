"""Who made and changed models and prices: for admins and the service role, and written by nobody."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.conftest import Api, Connection


@pytest.fixture
def admins(new_user: Any) -> tuple[UUID, UUID]:
    return new_user("admin"), new_user("admin")


@pytest.fixture
def model(admins: tuple[UUID, UUID], api: Api, new_model: Any) -> str:
    """Made over HTTP by the first admin, changed by the second; its price by the first."""
    provider = api("ai", "service_role").get("/models", params={"id": f"eq.{new_model()}"}).json()
    first, second = (api("ai", "authenticated", admin) for admin in admins)
    body = {
        "key": "k" + uuid4().hex[:12],
        "name": "M",
        "provider_id": provider[0]["provider_id"],
    }
    made = first.post(
        "/models",
        params={"select": "id,created_by,updated_by"},
        json=body,
        headers={"Prefer": "return=representation"},
    )
    assert made.status_code == 201, made.text
    assert [made.json()[0][name] for name in ("created_by", "updated_by")] == [str(admins[0])] * 2
    model = str(made.json()[0]["id"])
    changed = second.patch(
        "/models",
        params={"id": f"eq.{model}", "select": "created_by,updated_by"},
        json={"name": "N"},
        headers={"Prefer": "return=representation"},
    )
    assert changed.json() == [{"created_by": str(admins[0]), "updated_by": str(admins[1])}]
    price = {"model_id": model, "meter": "input", "price_per_unit": "0.001"}
    assert first.post("/model_pricing", json=price).status_code == 201
    return model


def reader(api: Api, who: str, new_user: Any, schema: str = "ai") -> httpx.Client:
    if who in ("anon", "service_role"):
        return api(schema, who)
    return api(schema, "authenticated", new_user("admin" if who == "admin" else None))


READERS = [
    ("anon", False),
    ("authenticated", False),
    ("admin", True),
    ("service_role", True),
]


@pytest.mark.parametrize(("who", "may_know"), READERS)
def test_admins_and_the_service_role_know_who_wrote_a_model(
    who: str,
    may_know: bool,
    model: str,
    admins: tuple[UUID, UUID],
    api: Api,
    new_user: Any,
) -> None:
    client = reader(api, who, new_user)
    first, second = map(str, admins)
    query = {"id": f"eq.{model}", "select": "created_by,updated_by"}
    known = {"created_by": first, "updated_by": second}
    unknown = {"created_by": None, "updated_by": None}
    assert client.get("/models", params=query).json() == [known if may_know else unknown]
    # Nor by a condition, an order or an export.
    for condition in (
        {"created_by": f"eq.{first}"},
        {"updated_by": f"eq.{second}"},
        {"created_by": "not.is.null"},
        {"or": f"(updated_by.eq.{second},updated_by.eq.{first})"},
    ):
        found = client.get("/models", params={"id": f"eq.{model}", "select": "id"} | condition)
        assert found.json() == ([{"id": model}] if may_know else [])
    csv = client.get("/models", params=query, headers={"Accept": "text/csv"}).text
    assert (second in csv, first in csv) == (may_know, may_know)
    assert client.get("/models", params={"order": "created_by"}).is_success
    everything = client.get("/models", params={"id": f"eq.{model}"}).text
    assert first not in everything
    assert second not in everything


@pytest.mark.parametrize(("who", "may_know"), READERS)
def test_and_who_made_a_price(
    who: str,
    may_know: bool,
    model: str,
    admins: tuple[UUID, UUID],
    api: Api,
    new_user: Any,
) -> None:
    client = reader(api, who, new_user)
    creator = str(admins[0]) if may_know else None
    query = {"model_id": f"eq.{model}", "select": "meter,created_by"}
    expected = [{"meter": "input", "created_by": creator}]
    assert client.get("/model_pricing", params=query).json() == expected
    in_force = client.post(
        "/rpc/prices_in_force",
        params={"select": "meter,created_by"},
        json={"model": model},
    )
    assert in_force.json() == expected
    found = client.get("/model_pricing", params=query | {"created_by": f"eq.{admins[0]}"})
    assert found.json() == (expected if may_know else [])
    everything = client.get("/model_pricing", params={"model_id": f"eq.{model}"})
    assert len(everything.json()) == 1
    assert str(admins[0]) not in everything.text


@pytest.mark.parametrize("who", ["admin", "service_role"])
def test_nobody_writes_who_did(
    who: str, model: str, api: Api, new_user: Any, db: Connection
) -> None:
    client = reader(api, who, new_user)
    for column in ("created_by", "updated_by"):
        answer = client.patch(
            "/models",
            params={"id": f"eq.{model}"},
            json={column: str(uuid4()), "name": "Z"},
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "PGRST204")
        assert f"'{column}'" in answer.json()["message"]
        row = {"key": "k" + uuid4().hex[:12], "name": "M", column: str(uuid4())}
        assert client.post("/models", json=row).json()["code"] == "PGRST204"
    price = {
        "model_id": model,
        "meter": "output",
        "price_per_unit": 1,
        "created_by": str(uuid4()),
    }
    assert client.post("/model_pricing", json=price).json()["code"] == "PGRST204"
    for table in ("credit_rates", "execution_margin_policies"):
        client = reader(api, who, new_user, "billing")
        body = {"created_by": str(uuid4())} | (
            {"currency": "XTS", "credits_per_currency_unit": 1} if table == "credit_rates" else {}
        )
        answer = client.post(f"/{table}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "42501")
    kept = db.execute("select name from ai.models where id = %s", [model]).fetchone()
    assert kept == {"name": "N"}


@pytest.mark.compat
@pytest.mark.parametrize(("who", "may_know"), READERS)
def test_the_views_of_older_systems_say_the_same(
    who: str,
    may_know: bool,
    model: str,
    admins: tuple[UUID, UUID],
    api: Api,
    new_user: Any,
) -> None:
    client = reader(api, who, new_user, "compat")
    models = client.get("/api_models", params={"id": f"eq.{model}"})
    if who == "anon":
        assert models.status_code == 401
        return
    assert [row["created_by"] for row in models.json()] == [str(admins[0]) if may_know else None]
    found = client.get("/api_models", params={"created_by": f"eq.{admins[0]}", "select": "id"})
    assert found.json() == ([{"id": model}] if may_know else [])
    key = client.get("/ai_model_config", params={"updated_by": f"eq.{admins[1]}"})
    assert [row["updated_by"] for row in key.json()] == ([str(admins[1])] if may_know else [])
    nulls = client.get("/ai_model_config", params={"updated_by": "not.is.null", "limit": "1"})
    assert bool(nulls.json()) is may_know


@pytest.mark.compat
def test_and_take_no_other_creator(
    model: str, admins: tuple[UUID, UUID], api: Api, db: Connection
) -> None:
    client = api("compat", "authenticated", admins[1])
    (row,) = client.get("/api_models", params={"id": f"eq.{model}"}).json()
    # A row goes back as it was read; a new one may say who makes it.
    back = client.patch("/api_models", params={"id": f"eq.{model}"}, json=row | {"priority": 3})
    assert back.status_code == 204
    new = {name: row[name] for name in ("provider_id", "modality", "task", "display_name")}
    for creator, status in ((str(admins[1]), 201), (None, 201), (str(admins[0]), 403)):
        answer = client.post(
            "/api_models", json=new | {"model_key": uuid4().hex, "created_by": creator}
        )
        assert answer.status_code == status
        if status == 403:
            error = answer.json()
            assert error["code"] == "42501"
            assert json.loads(error["details"]) == {
                "error": "not_allowed",
                "column": "created_by",
            }
    for creator in (str(admins[1]), None):
        answer = client.patch(
            "/api_models", params={"id": f"eq.{model}"}, json={"created_by": creator}
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "42501")
    upsert = client.post(
        "/rpc/upsert_api_model",
        json={"model": {"id": model, "created_by": str(admins[1])}},
    )
    assert upsert.status_code == 403


def test_who_gave_a_role_is_for_admins(new_user: Any, api: Api) -> None:
    admin, user = new_user("admin"), new_user()
    granting = api("lensers", "authenticated", admin)
    row = {"user_id": str(user), "role": "moderator"}
    assert granting.post("/user_roles", json=row).status_code == 201
    query = {"user_id": f"eq.{user}", "select": "*,granted_by"}
    (seen,) = granting.get("/user_roles", params=query).json()
    assert seen["granted_by"] == str(admin)
    (own,) = api("lensers", "authenticated", user).get("/user_roles", params=query).json()
    assert (own["role"], own["granted_by"]) == ("moderator", None)
    assert granting.post("/user_roles", json=row | {"granted_by": str(user)}).is_error
