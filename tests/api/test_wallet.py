"""The wallet over HTTP: who writes, what owners read, how refusals arrive, and what PostgREST embeds."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from postgrest.exceptions import APIError

from supabase import ClientOptions, create_client
from tests.conftest import Api

CHAT = {"input": 1000, "output": 500}  # 0.585 credits on gpt-4o-mini


@pytest.fixture
def ada(new_user: Callable[..., UUID]) -> UUID:
    return new_user()


def call(api: Api, function: str, **arguments: Any) -> Any:
    """What a function answers to the service role."""
    response = api("billing", "service_role").post(f"/rpc/{function}", json=arguments)
    assert response.status_code == 200, response.text
    return response.json()


# ------------------------------------------------------------------ the Supabase clients


def test_supabase_js(
    ratebook_stack: Any, supabase_js: Any, ada: UUID, new_user: Callable[..., UUID]
) -> None:
    tokens = [ratebook_stack.token("authenticated", str(user)) for user in (ada, new_user())]
    seen = supabase_js("wallet.mjs", *tokens, ratebook_stack.service_key, str(ada))

    assert seen["granted"]["data"]["balance"]["available"] == "100"
    assert seen["held"]["data"]["balance"] == {
        "posted": "100",
        "reserved": "5",
        "available": "95",
        "debt": "0",
    }
    captured = seen["captured"]["data"]
    assert (captured["credits"], captured["cost"], captured["currency"]) == (
        "0.585",
        "0.00045",
        "USD",
    )
    assert captured["balance"]["available"] == "99.415"
    assert seen["charged"]["data"]["balance"]["available"] == "47.415"
    assert seen["refunded"]["data"]["balance"]["available"] == "49.915"

    owner = {name: answer["data"] for name, answer in seen["ownerSees"].items()}
    assert owner == {
        "balances": [{"available": "49.915", "posted": "49.915", "reserved": "0"}],
        "grants": [{"remaining": "49.915", "amount": "100"}],
        "holds": [{"status": "captured", "amount": "5"}],
        "charges": [
            {"credits": "0.585", "generation": {"status": "completed"}},
            {"credits": "52", "generation": {"status": "completed"}},
        ],
        "entries": [
            {"number": 1, "kind": "grant", "amount": "100"},
            {"number": 2, "kind": "charge", "amount": "-0.585"},
            {"number": 3, "kind": "charge", "amount": "-52"},
            {"number": 4, "kind": "refund", "amount": "2.5"},
        ],
        "outbox": [],
    }
    assert all(answer["data"] == [] for answer in seen["othersSee"].values())
    for closed, status in (("anonSees", 401), ("ownerGrants", 403)):
        assert (seen[closed]["status"], seen[closed]["code"]) == (status, "42501")

    for name, status, error in (
        ("insufficient", 402, "insufficient_credits"),
        ("unknown", 404, "unknown_account"),
        ("anothers", 404, "unknown_account"),
        ("anothersHold", 404, "unknown_hold"),
        ("conflict", 409, "idempotency_conflict"),
        ("captureAgain", 409, "hold_not_open"),
        ("tooMuch", 409, "refund_exceeds_charge"),
        ("invalid", 422, "invalid_amount"),
    ):
        refused = seen[name]
        assert (refused["status"], refused["code"], refused["details"]["error"]) == (
            status,
            f"PT{status}",
            error,
        )
    details = seen["insufficient"]["details"]
    assert (details["balance"], details["held"], details["needed"]) == ("49.915", "0", "1000")


def test_supabase_py(ratebook_stack: Any, ada: UUID) -> None:
    # Any: supabase-py types every answer as JSON of unknown shape.
    service: Any = create_client(ratebook_stack.url, ratebook_stack.service_key)
    billing = service.schema("billing")
    billing.rpc("grant_credits", {"account": str(ada), "amount": "100"}).execute()
    held = billing.rpc("authorize_credits", {"account": str(ada), "amount": "5"}).execute().data
    billing.rpc("capture_hold", {"hold": held["hold_id"], "amount": "2"}).execute()
    with pytest.raises(APIError) as refused:
        billing.rpc("authorize_credits", {"account": str(ada), "amount": "1000"}).execute()
    assert refused.value.code == "PT402"
    assert json.loads(str(refused.value.details))["needed"] == "1000"
    service.postgrest.aclose()

    token = ratebook_stack.token("authenticated", str(ada))
    owner: Any = create_client(
        ratebook_stack.url,
        ratebook_stack.anon_key,
        ClientOptions(headers={"Authorization": f"Bearer {token}"}),
    )
    balances = owner.schema("billing").table("balances").select("available::text").execute()
    assert balances.data == [{"available": "98"}]
    with pytest.raises(APIError) as forbidden:
        owner.schema("billing").rpc("release_hold", {"hold": held["hold_id"]}).execute()
    assert forbidden.value.code == "42501"
    owner.postgrest.aclose()


# ------------------------------------------------------------------ signals


def test_a_low_balance_is_signalled_once_and_marked_delivered(api: Api, ada: UUID) -> None:
    service = api("billing", "service_role")
    call(api, "grant_credits", account=str(ada), amount="100")
    mine = {"account_id": f"eq.{ada}"}
    marked = service.patch("/accounts", params={"id": f"eq.{ada}"}, json={"low_balance_mark": "50"})
    assert marked.status_code == 204
    call(api, "charge_generation", account=str(ada), model="dall-e-3", usage={"image": 1})
    call(api, "charge_generation", account=str(ada), model="gpt-4o-mini", usage=CHAT)
    undelivered = mine | {"delivered_at": "is.null"}
    (signal,) = service.get("/outbox", params=undelivered).json()
    assert (signal["topic"], signal["payload"]) == (
        "low_balance",
        {"available": "48", "low_balance_mark": "50"},
    )
    assert [row["id"] for row in api("billing", "authenticated", ada).get("/outbox").json()] == [
        signal["id"]
    ]
    key = {"id": f"eq.{signal['id']}"}
    done = service.patch("/outbox", params=key, json={"delivered_at": "now"})
    assert done.status_code == 204
    assert service.get("/outbox", params=undelivered).json() == []
    changed = service.patch("/outbox", params=key, json={"payload": {}})
    assert (changed.status_code, changed.json()["code"]) == (403, "42501")


# ------------------------------------------------------------------ embedding


@pytest.fixture
def team(api: Api, new_user: Callable[..., UUID], ada: UUID) -> tuple[UUID, dict[str, Any]]:
    """(a member of Ada's account, a charge of that member's)"""
    bob = new_user()
    call(api, "grant_credits", account=str(ada), amount="10")
    member = {"account": str(ada), "member": str(bob)}
    joined = api("billing", "service_role").post("/rpc/set_member", json=member)
    assert joined.status_code == 204, joined.text
    charge = {"account": str(ada), "model": "gpt-4o-mini", "usage": CHAT, "lenser": str(bob)}
    return bob, call(api, "charge_generation", **charge, prompt="secret of Bob's")


def charges_and_generation(api: Api, role: str, sub: UUID | None, charge: Any) -> list[Any]:
    select = {"id": f"eq.{charge['charge_id']}", "select": "credits::text,generation(id,prompt)"}
    rows = api("billing", role, sub).get("/charges", params=select).json()
    assert isinstance(rows, list), rows
    return rows


def generation_and_charges(
    api: Api, role: str, sub: UUID | None, charge: Any, table: str = "generations"
) -> list[Any]:
    select = {"id": f"eq.{charge['generation_id']}", "select": "prompt,charges(credits::text)"}
    rows = api("ai", role, sub).get(f"/{table}", params=select).json()
    assert isinstance(rows, list), rows
    return rows


def test_a_charge_embeds_its_generation_and_a_generation_its_charges(api: Api, ada: UUID) -> None:
    call(api, "grant_credits", account=str(ada), amount="10")
    charge = {"account": str(ada), "model": "gpt-4o-mini", "usage": CHAT, "prompt": "hello"}
    made = call(api, "charge_generation", **charge)
    generation = {"id": made["generation_id"], "prompt": "hello"}
    for role, sub in (("authenticated", ada), ("service_role", None)):
        assert charges_and_generation(api, role, sub, made) == [
            {"credits": "0.585", "generation": generation}
        ]
        assert generation_and_charges(api, role, sub, made) == [
            {"prompt": "hello", "charges": [{"credits": "0.585"}]}
        ]


def test_what_is_embedded_filters_what_embeds_it(api: Api, ada: UUID) -> None:
    call(api, "grant_credits", account=str(ada), amount="10")
    call(api, "charge_generation", account=str(ada), model="gpt-4o-mini", usage=CHAT)
    own = api("billing", "authenticated", ada)
    select = "credits::text,generation!inner(status)"
    for status, found in (("completed", 1), ("failed", 0)):
        filters = {"select": select, "generation.status": f"eq.{status}"}
        assert len(own.get("/charges", params=filters).json()) == found


def test_embedding_shows_nobody_more_than_the_tables_do(
    api: Api, ada: UUID, team: tuple[UUID, Any], new_user: Callable[..., UUID]
) -> None:
    bob, charge = team
    # Ada paid, Bob asked: the charge is hers, the prompt is his.
    assert charges_and_generation(api, "authenticated", ada, charge) == [
        {"credits": "0.585", "generation": None}
    ]
    assert generation_and_charges(api, "authenticated", ada, charge) == []
    assert charges_and_generation(api, "authenticated", bob, charge) == []
    assert generation_and_charges(api, "authenticated", bob, charge) == [
        {"prompt": "secret of Bob's", "charges": []}
    ]
    stranger, admin = new_user(), new_user("admin")
    assert charges_and_generation(api, "authenticated", stranger, charge) == []
    assert generation_and_charges(api, "authenticated", stranger, charge) == []
    assert generation_and_charges(api, "authenticated", admin, charge) == []
    assert generation_and_charges(api, "authenticated", admin, charge, table="all_generations") == [
        {"prompt": "secret of Bob's", "charges": [{"credits": "0.585"}]}
    ]
    for schema, path in (
        ("billing", "/charges?select=id,generation(id)"),
        ("ai", "/generations?select=id,charges(id)"),
    ):
        assert api(schema).get(path).status_code == 401


def test_the_relationships_are_no_functions_to_call(api: Api, ada: UUID) -> None:
    for schema, name, row in (
        ("billing", "generation", {"generation_id": str(ada), "spender_id": str(ada)}),
        ("ai", "charges", {"id": str(ada), "lenser_id": str(ada)}),
    ):
        own = api(schema, "authenticated", ada)
        for body in (row, {"charge": row}, {"": row}):
            assert own.post(f"/rpc/{name}", json=body).status_code == 404
        assert f"/rpc/{name}" not in own.get("/").json()["paths"]


def test_deleting_a_generation_leaves_its_charge(api: Api, ada: UUID) -> None:
    call(api, "grant_credits", account=str(ada), amount="10")
    charge = call(api, "charge_generation", account=str(ada), model="gpt-4o-mini", usage=CHAT)
    own = api("ai", "authenticated", ada)
    gone = own.delete("/generations", params={"id": f"eq.{charge['generation_id']}"})
    assert gone.status_code == 204
    assert charges_and_generation(api, "authenticated", ada, charge) == [
        {"credits": "0.585", "generation": None}
    ]
