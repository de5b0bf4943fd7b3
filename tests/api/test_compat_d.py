"""The callers of system D over HTTP: llm_models and llm_providers in schema compat."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.conftest import Api, Connection

RETURN = {"Prefer": "return=representation"}
COLUMNS = [
    "id",
    "provider_id",
    "model_key",
    "model_name",
    "model_family",
    "model_version",
    "model_tier",
    "context_window",
    "max_output_tokens",
    "supports_function_calling",
    "supports_vision",
    "supports_streaming",
    "supports_audio",
    "supports_system_prompt",
    "pricing",
    "rate_limits",
    "capabilities",
    "metadata",
    "status",
    "release_date",
    "deprecation_date",
    "typical_latency_ms",
    "created_at",
    "updated_at",
    "deleted_at",
]


@pytest.fixture
def service(api: Api) -> httpx.Client:
    return api("compat", "service_role")


@pytest.fixture
def new_llm(service: httpx.Client) -> Any:
    """Makes a model of a provider of its own through the API; returns its row."""

    def make(**columns: Any) -> dict[str, Any]:
        word = "d" + uuid4().hex[:12]
        provider = service.post(
            "/llm_providers",
            json={"provider_key": word, "provider_name": "P"},
            headers=RETURN,
        )
        assert provider.status_code == 201, provider.text
        row = {
            "provider_id": provider.json()[0]["id"],
            "model_key": word,
            "model_name": "M",
        }
        made = service.post("/llm_models", json=row | columns, headers=RETURN)
        assert made.status_code == 201, made.text
        return dict(made.json()[0])

    return make


def refusal(response: httpx.Response) -> tuple[int, str, str | None]:
    """Status, code, and Ratebook's own token."""
    body = response.json()
    details = body.get("details") or ""
    token = json.loads(details)["error"] if details.startswith("{") else None
    return response.status_code, body["code"], token


def test_a_seed_model_has_25_columns_and_its_provider(api: Api) -> None:
    response = api("compat").get(
        "/llm_models",
        params={
            "select": "*,llm_providers(provider_key)",
            "model_key": "eq.gpt-4o-mini",
        },
    )
    (model,) = response.json(parse_float=str)
    assert model.pop("llm_providers") == {"provider_key": "openai"}
    assert list(model) == COLUMNS
    UUID(model.pop("id"))
    UUID(model.pop("provider_id"))
    assert model.pop("created_at") <= model.pop("updated_at")
    assert model == {
        "model_key": "gpt-4o-mini",
        "model_name": "GPT-4o mini - Fast & Affordable",
        "model_family": "GPT-4o",
        "model_version": None,
        "model_tier": None,
        "context_window": 128000,
        "max_output_tokens": 16000,
        "supports_function_calling": True,
        "supports_vision": False,
        "supports_streaming": True,
        "supports_audio": False,
        "supports_system_prompt": True,
        "pricing": {
            "input_per_1m": "0.15",
            "output_per_1m": "0.6",
            "cache_read_per_1m": "0.075",
            "currency": "USD",
        },
        "rate_limits": {},
        "capabilities": {},
        "metadata": {},
        "status": "active",
        "release_date": None,
        "deprecation_date": None,
        "typical_latency_ms": None,
        "deleted_at": None,
    }


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_the_public_reads_and_is_refused_to_write(
    role: str, api: Api, new_user: Any, new_llm: Any, service: httpx.Client
) -> None:
    client = api("compat", role, new_user("admin") if role == "authenticated" else None)
    model = new_llm(pricing={"input_per_1m": 0.15})
    one = {"id": f"eq.{model['id']}"}
    assert client.get("/llm_models", params=one).json() == [model]
    denied = (401 if role == "anon" else 403, "42501", None)
    body = {"provider_id": model["provider_id"], "model_key": "x", "model_name": "X"}
    assert refusal(client.post("/llm_models", json=body)) == denied
    assert refusal(client.patch("/llm_models", params=one, json={"status": "retired"})) == denied
    assert refusal(client.delete("/llm_models", params=one)) == denied
    assert refusal(client.post("/rpc/upsert_llm_model", json={"model": body})) == denied
    assert (
        refusal(client.post("/llm_providers", json={"provider_key": "x", "provider_name": "X"}))
        == denied
    )
    assert service.get("/llm_models", params=one).json() == [model]


def test_the_service_role_manages(service: httpx.Client, api: Api, new_llm: Any) -> None:
    model = new_llm(supports_vision=True, pricing={"input_per_1m": "0.10", "per_image": 0.04})
    one = {"id": f"eq.{model['id']}"}
    assert (model["supports_vision"], model["supports_system_prompt"]) == (True, True)
    assert model["pricing"] == {
        "input_per_1m": 0.1,
        "per_image": 0.04,
        "currency": "USD",
    }

    change = {
        "model_tier": "pro",
        "supports_audio": True,
        "pricing": {"input_per_1m": 0.2},
    }
    (changed,) = service.patch("/llm_models", params=one, json=change, headers=RETURN).json()
    assert changed == model | change | {
        "pricing": {"input_per_1m": 0.2, "currency": "USD"},
        "updated_at": changed["updated_at"],
    }
    (whole,) = service.patch("/llm_models", params=one, json=changed, headers=RETURN).json()
    assert whole == changed | {"updated_at": whole["updated_at"]}, "a row may be sent back whole"

    assert service.delete("/llm_models", params=one).status_code == 204
    assert api("compat").get("/llm_models", params=one).json() == []
    (deleted,) = service.get("/llm_models", params=one).json()
    assert deleted["deleted_at"] is not None
    assert refusal(service.delete("/llm_models", params=one)) == (
        403,
        "42501",
        "not_allowed",
    )


def test_every_price_that_was_written_is_a_dated_row(
    service: httpx.Client, new_llm: Any, db: Connection
) -> None:
    model = new_llm(pricing={"input_per_1m": 0.15})
    for price in (0.15, 0.2, 0.2):
        service.patch(
            "/llm_models",
            params={"id": f"eq.{model['id']}"},
            json={"pricing": {"input_per_1m": price}},
        ).raise_for_status()
    rows = db.execute(
        "select price_per_unit::text from ai.model_pricing where model_id = %s order by effective_from",
        [model["id"]],
    ).fetchall()
    assert [row["price_per_unit"] for row in rows] == ["0.00000015", "0.0000002"]


def test_upsert_is_a_function(service: httpx.Client, new_llm: Any) -> None:
    model = new_llm(model_tier="pro")
    key = {"provider_id": model["provider_id"], "model_key": model["model_key"]}
    (updated,) = service.post(
        "/rpc/upsert_llm_model", json={"model": key | {"model_name": "N"}}
    ).json()
    assert updated == model | {"model_name": "N", "updated_at": updated["updated_at"]}
    (inserted,) = service.post(
        "/rpc/upsert_llm_model",
        json={"model": key | {"model_key": model["model_key"] + "-2", "model_name": "Two"}},
    ).json()
    assert (inserted["model_name"], inserted["id"] != model["id"]) == ("Two", True)
    through_the_view = service.post(
        "/llm_models",
        params={"on_conflict": "provider_id,model_key"},
        json=key | {"model_name": "O"},
        headers={"Prefer": "resolution=merge-duplicates"},
    )
    assert refusal(through_the_view) == (400, "42P10", None)
    provider = {"id": model["provider_id"], "provider_key": model["model_key"]}
    merged = service.post(
        "/llm_providers",
        params={"on_conflict": "provider_key"},
        json=provider | {"provider_name": "Q"},
        headers={"Prefer": "resolution=merge-duplicates,return=representation"},
    )
    assert [row["provider_name"] for row in merged.json()] == ["Q"]


@pytest.mark.parametrize(
    ("change", "expected", "named"),
    [
        ({"pricing": {"per_banana": 1}}, (422, "PT422", "unknown_meter"), "per_banana"),
        (
            {"pricing": {"input_per_1m": "x"}},
            (422, "PT422", "not_a_number"),
            "input_per_1m",
        ),
        (
            {"pricing": {"input_per_1m": -1}},
            (422, "PT422", "negative_quantity"),
            "input",
        ),
        ({"pricing": {"currency": "dollars"}}, (422, "PT422", "invalid_argument"), "dollars"),
        ({"provider_id": str(UUID(int=7))}, (409, "23503", None), str(UUID(int=7))),
        ({"provider_id": None}, (422, "PT422", "invalid_argument"), "provider_id"),
        ({"model_key": None}, (422, "PT422", "invalid_argument"), "model_key"),
        (
            {"supports_vision": None},
            (422, "PT422", "invalid_argument"),
            "supports_vision",
        ),
        ({"status": "sleepy"}, (400, "22P02", None), "sleepy"),
        ({"model_key": "k" * 101}, (400, "22001", None), "character varying(100)"),
        ({"colour": "red"}, (400, "PGRST204", None), "colour"),
    ],
)
def test_what_cannot_be_written_is_refused_by_name(
    change: dict[str, Any],
    expected: tuple[int, str, str | None],
    named: str,
    service: httpx.Client,
    new_llm: Any,
) -> None:
    model = new_llm()
    one = {"id": f"eq.{model['id']}"}
    response = service.patch("/llm_models", params=one, json=change)
    assert refusal(response) == expected, response.text
    assert named in response.text
    assert service.get("/llm_models", params=one).json() == [model]


def test_it_shows_nothing_that_ai_hides(
    api: Api, new_user: Any, new_llm: Any, db: Connection, service: httpx.Client
) -> None:
    hidden, shown = (
        new_llm(pricing={"input_per_1m": 1}),
        new_llm(pricing={"input_per_1m": 1}),
    )
    db.execute("update ai.models set is_public = false where id = %s", [hidden["id"]])
    db.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit, is_public, effective_from) values"
        " (%(id)s, 'input', 0.000777, false, now()), (%(id)s, 'output', 0.000888, true, now() + interval '1 day')",
        {"id": shown["id"]},
    )
    for client in (api("compat"), api("compat", "authenticated", new_user())):
        listed = client.get(
            "/llm_models",
            params={"id": f"in.({hidden['id']},{shown['id']})"},
            headers={"Prefer": "count=exact"},
        )
        assert listed.headers["content-range"] == "0-0/1"
        assert [row["pricing"] for row in listed.json()] == [{}]
        assert (
            client.get("/llm_models", params={"pricing->>input_per_1m": "eq.777"}).json() == []
        ), "no filter finds it either"
    (seen,) = service.get("/llm_models", params={"id": f"eq.{shown['id']}"}).json()
    assert seen["pricing"] == {"input_per_1m": 777, "currency": "USD"}
