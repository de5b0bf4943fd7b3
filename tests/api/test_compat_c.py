"""The callers of system C over HTTP: providers, model profiles and rate cards in schema compat."""

from __future__ import annotations

import base64
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.conftest import Api, Connection

RETURN = {"Prefer": "return=representation"}
UPSERT = {"Prefer": "return=representation,resolution=merge-duplicates"}
MONEY = ",".join(
    f"{name}_cost_per_1m::text" for name in ("input", "output", "cache_write", "cache_read")
)


@pytest.fixture
def user(api: Api, new_user: Any) -> httpx.Client:
    return api("compat", "authenticated", new_user())


@pytest.fixture
def admin(api: Api, new_user: Any) -> httpx.Client:
    return api("compat", "authenticated", new_user("admin"))


@pytest.fixture
def card(new_model: Any, db: Connection) -> dict[str, Any]:
    """A card of a new model, not inserted yet."""
    row = db.execute(
        "select p.key as provider, m.key as model from ai.models as m"
        " inner join ai.providers as p on p.id = m.provider_id where m.id = %s",
        [new_model()],
    ).fetchone()
    assert row is not None
    return dict(row) | {
        "input_cost_per_1m": 3,
        "output_cost_per_1m": 15,
        "effective_from": "2026-01-01T00:00:00+00:00",
    }


def refusal(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_seeded_prices_read_as_cards(api: Api) -> None:
    found = api("compat").get(
        "/rate_cards",
        params={
            "select": f"provider,{MONEY},currency,effective_from,source",
            "model": "eq.claude-haiku-4-5",
        },
    )
    assert found.json() == [
        {
            "provider": "anthropic",
            "input_cost_per_1m": "1",
            "output_cost_per_1m": "5",
            "cache_write_cost_per_1m": "1.25",
            "cache_read_cost_per_1m": "0.1",
            "currency": "USD",
            "effective_from": "2026-11-01T00:00:00+00:00",
            "source": "manual",
        }
    ]


def test_a_card_is_inserted_and_quoted(admin: httpx.Client, api: Api, card: dict[str, Any]) -> None:
    made = admin.post("/rate_cards", json=card | {"source": "price list"}, headers=RETURN)
    assert made.status_code == 201, made.text
    (row,) = made.json()
    assert row.keys() == {
        "id",
        "provider_id",
        *card,
        "cache_write_cost_per_1m",
        "cache_read_cost_per_1m",
        "currency",
        "source",
        "created_at",
    }
    assert {key: row[key] for key in card} == card
    assert (row["cache_write_cost_per_1m"], row["cache_read_cost_per_1m"]) == (None, None)
    assert (row["currency"], row["source"]) == ("USD", "price list")
    path = f"/rate_cards?provider=eq.{card['provider']}&model=eq.{card['model']}"
    assert admin.get(path).json() == [row]
    embedded = admin.get(path + "&select=model,providers(name)").json()
    assert embedded == [{"model": card["model"], "providers": {"name": card["provider"]}}]
    by_id = {
        "provider_id": row["provider_id"],
        "effective_from": "2025-01-01T00:00:00Z",
    }
    named = admin.post("/rate_cards", json=card | by_id | {"provider": None}, headers=RETURN)
    assert named.json()[0]["provider"] == card["provider"]
    quote = api("billing").post(
        "/rpc/quote",
        json={"model": card["model"], "usage": {"input": 1000, "cache_read": 1000, "output": 10}},
    )
    assert quote.json()["cost"] == "0.00615"


def test_the_latest_card_applies(admin: httpx.Client, card: dict[str, Any]) -> None:
    for day, cost in ((1, 3), (3, 2), (2, 4)):
        later = {"effective_from": f"2026-01-0{day}T00:00:00Z", "input_cost_per_1m": cost}
        admin.post("/rate_cards", json=card | later).raise_for_status()

    def in_force(at: str) -> Any:
        return admin.get(
            "/rate_cards",
            params={
                "select": "input_cost_per_1m",
                "model": f"eq.{card['model']}",
                "effective_from": f"lte.{at}",
                "order": "effective_from.desc",
                "limit": 1,
            },
        ).json()[0]["input_cost_per_1m"]

    assert [in_force(f"2026-01-0{day}T12:00:00Z") for day in (1, 2, 3, 4)] == [3, 4, 2, 2]


def test_cards_are_insert_only(
    admin: httpx.Client, user: httpx.Client, api: Api, card: dict[str, Any]
) -> None:
    service = api("compat", "service_role")
    service.post("/rate_cards", json=card).raise_for_status()
    path = f"/rate_cards?model=eq.{card['model']}"
    before = admin.get(path).json()
    duplicate = admin.post("/rate_cards", json=card | {"input_cost_per_1m": 1})
    assert refusal(duplicate) == (409, "23505")
    for client in (admin, service, user):
        assert refusal(client.patch(path, json={"input_cost_per_1m": 1})) == (403, "42501")
        assert refusal(client.delete(path)) == (403, "42501")
    other_day = card | {"effective_from": "2026-01-02T00:00:00Z"}
    assert refusal(user.post("/rate_cards", json=other_day)) == (403, "42501")
    assert refusal(api("compat").post("/rate_cards", json=other_day)) == (401, "42501")
    assert admin.get(path).json() == before


@pytest.mark.parametrize(
    ("change", "status", "token"),
    [
        ({"provider": "nobody"}, 422, "unknown_provider"),
        ({"model": "nothing"}, 404, "unknown_model"),
        ({"input_cost_per_1m": None}, 422, "invalid_argument"),
        ({"output_cost_per_1m": -1}, 422, "negative_quantity"),
        ({"output_cost_per_1m": "NaN"}, 422, "not_a_number"),
        ({"currency": "dollar"}, 422, "invalid_argument"),
    ],
)
def test_what_is_no_card_is_refused_by_name(
    admin: httpx.Client, card: dict[str, Any], change: dict[str, Any], status: int, token: str
) -> None:
    response = admin.post("/rate_cards", json=card | change)
    assert response.status_code == status, response.text
    assert f'"error": "{token}"' in response.json()["details"]
    assert admin.get(f"/rate_cards?model=eq.{card['model']}").json() == []


def test_profiles(admin: httpx.Client, user: httpx.Client, api: Api) -> None:
    provider = admin.get("/providers?name=eq.anthropic").json()[0]
    profile = {
        "name": "p" + uuid4().hex[:12],
        "provider_id": provider["id"],
        "model": "claude-something-unregistered",
        "system_prompt": "Be brief.",
        "temperature": 0.2,
        "max_tokens": 500,
    }
    made = admin.post("/model_profiles", json=profile, headers=RETURN).json()[0]
    assert {key: made[key] for key in profile} == profile
    assert (made["is_canonical"], made["disabled"]) == (False, False)
    assert refusal(admin.post("/model_profiles", json=profile)) == (409, "23505")
    changed = admin.post(
        "/model_profiles?on_conflict=name", json=profile | {"disabled": True}, headers=UPSERT
    ).json()[0]
    assert (changed["id"], changed["disabled"]) == (made["id"], True)
    path = f"/model_profiles?id=eq.{made['id']}"
    embedded = admin.get(path + "&select=name,providers(name)").json()
    assert embedded == [{"name": profile["name"], "providers": {"name": "anthropic"}}]

    used = admin.delete(f"/providers?id=eq.{provider['id']}")
    # PostgreSQL 18 has a code of its own for ON DELETE RESTRICT.
    assert refusal(used) in ((409, "23503"), (400, "23001"))
    assert user.get(path).json() == []
    assert refusal(user.patch(path, json={"disabled": False})) == (403, "42501")
    assert refusal(user.delete(path)) == (403, "42501")
    assert refusal(user.post("/model_profiles", json=profile | {"name": "x"})) == (403, "42501")
    assert refusal(api("compat").get("/model_profiles")) == (401, "42501")
    assert admin.delete(path, headers=RETURN).json() == [changed]


def test_providers(admin: httpx.Client, user: httpx.Client, api: Api) -> None:
    anon = api("compat")
    name = "p" + uuid4().hex[:12]
    provider = {
        "name": name,
        "contract": "openai_chat",
        "canonical_revision": 2,
        "auth": {"type": "api_key", "credential": "acme_key"},
    }
    made = admin.post("/providers", json=provider, headers=RETURN).json()[0]
    assert {key: made[key] for key in provider} == provider
    assert (made["modality"], made["is_canonical"], made["disabled"]) == (
        "chat",
        False,
        False,
    )
    path = f"/providers?name=eq.{name}"
    for client in (anon, user):
        assert client.get(path).json() == [made | {"auth": None}]
        assert client.get(f"{path}&auth->>type=eq.api_key").json() == []
    for client in (admin, api("compat", "service_role")):
        assert client.get(path).json() == [made]
    assert refusal(admin.post("/providers", json={"name": name})) == (409, "23505")
    assert refusal(user.patch(path, json={"disabled": True})) == (403, "42501")
    assert refusal(anon.delete(path)) == (401, "42501")
    assert refusal(admin.patch(path, json={"contract": "gopher"})) == (400, "22P02")
    secret = {"auth": {"type": "api_key", "credential": "sk-1234567890abcdef1234"}}
    refused = admin.patch(path, json=secret)
    assert refusal(refused) == (422, "PT422")
    assert '"auth"' in refused.json()["message"]
    assert "sk-1234" not in refused.text
    changed = admin.patch(
        path, json={"auth": {"type": "platform"}, "disabled": True}, headers=RETURN
    )
    assert (changed.json()[0]["auth"], changed.json()[0]["disabled"]) == (
        {"type": "platform"},
        True,
    )
    merged = admin.post(
        "/rpc/upsert_provider", json={"provider": {"name": name, "disabled": False}}
    )
    assert merged.json() == [
        changed.json()[0] | {"disabled": False, "updated_at": merged.json()[0]["updated_at"]}
    ]
    assert refusal(user.post("/rpc/upsert_provider", json={"provider": {"name": name}})) == (
        403,
        "42501",
    )
    assert admin.delete(path, headers=RETURN).json()[0]["name"] == name
    assert admin.get(path).json() == []


def test_callers_find_has_role_here(admin: httpx.Client, user: httpx.Client, new_user: Any) -> None:
    mine = {"user": None, "role": "admin"}
    for client, is_admin in ((admin, True), (user, False)):
        token = client.headers["Authorization"].split()[1].split(".")[1]
        sub = json.loads(base64.urlsafe_b64decode(token + "=="))["sub"]
        assert client.post("/rpc/has_role", json=mine | {"user": sub}).json() is is_admin
    other = mine | {"user": str(new_user())}
    assert refusal(user.post("/rpc/has_role", json=other)) == (403, "42501")
