"""The callers of system B over HTTP: api_models and its providers, jobs and statistics in schema compat."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.conftest import Api, Connection

RETURN = {"Prefer": "return=representation"}
UPSERT = {"Prefer": "return=representation,resolution=merge-duplicates"}


@pytest.fixture
def user(api: Api, new_user: Any) -> httpx.Client:
    return api("compat", "authenticated", new_user())


@pytest.fixture
def admin(api: Api, new_user: Any) -> httpx.Client:
    return api("compat", "authenticated", new_user("admin"))


@pytest.fixture
def service(api: Api) -> httpx.Client:
    return api("compat", "service_role")


def word() -> str:
    return "b" + uuid4().hex[:12]


def new_api_model(client: httpx.Client, **columns: Any) -> dict[str, Any]:
    """A model of a provider of its own and, unless told, of a modality of its own."""
    provider = client.post(
        "/api_providers", json={"name": word(), "display_name": "P"}, headers=RETURN
    )
    assert provider.status_code == 201, provider.text
    row = {"provider_id": provider.json()[0]["id"], "model_key": word(), "display_name": "M"}
    made = client.post(
        "/api_models",
        json=row | {"modality": word(), "task": "generation"} | columns,
        headers=RETURN,
    )
    assert made.status_code == 201, made.text
    return dict(made.json()[0])


def refusal(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_the_seed_reads_as_the_source_wrote_it(user: httpx.Client) -> None:
    response = user.get(
        "/api_models",
        params={"select": "*,api_providers(*)", "display_name": "eq.SDXL 1.0"},
    )
    (model,) = response.json()
    provider = model.pop("api_providers")
    assert (provider["id"], provider["name"], provider["display_name"]) == (
        model.pop("provider_id"),
        "replicate",
        "Replicate",
    )
    assert (provider["base_url"], provider["auth_scheme"], provider["is_active"]) == (
        "https://api.replicate.com/v1",
        "bearer",
        True,
    )
    UUID(model.pop("id"))
    assert model.pop("created_at") <= model.pop("updated_at")
    assert model == {
        "created_by": None,
        "model_key": "stability-ai/sdxl:39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b",
        "version": "1.0",
        "display_name": "SDXL 1.0",
        "modality": "image",
        "task": "generation",
        "model_family": "SDXL",
        "endpoint_path": "/predictions",
        "input_defaults": {
            "prompt": "",
            "negative_prompt": "",
            "width": 1024,
            "height": 1024,
            "num_inference_steps": 50,
            "guidance_scale": 7.5,
        },
        "capabilities": {
            "max_resolution": "1024x1024",
            "supports_negative_prompts": True,
            "supports_image_to_image": True,
            "supports_inpainting": False,
        },
        "pricing": {"per_image": 0.0023, "currency": "USD", "billing_unit": "per_image"},
        "output_format": "image/jpeg",
        "is_active": True,
        "is_default": False,
        "priority": 1,
    }
    # Not 0.00230000000000000004: the number's own digits.
    assert '"per_image": 0.0023' in response.text


def test_models_are_filtered_by_modality_task_and_default(user: httpx.Client) -> None:
    query = {"select": "model_key", "modality": "eq.image", "task": "eq.generation"}
    keys = [
        row["model_key"]
        for row in user.get(
            "/api_models", params=query | {"order": "priority,is_default.desc"}
        ).json()
    ]
    assert [key.split(":")[0] for key in keys[:3]] == [
        "dall-e-3",
        "stability-ai/sdxl",
        "dall-e-2",
    ]
    assert "gpt-image-1" not in keys
    both = query | {
        "modality": "in.(text,image)",
        "order": "priority,is_default.desc,model_key",
    }
    first = user.get("/api_models", params=both | {"priority": "gt.0", "limit": 2}).json()
    assert first == [{"model_key": "dall-e-3"}, {"model_key": "gpt-4o-mini"}]
    defaults = {
        "select": "model_key,modality,api_providers(name)",
        "is_default": "is.true",
    }
    found = user.get("/api_models", params=defaults | {"modality": "in.(text,image)"}).json()
    assert {row["modality"]: row["model_key"] for row in found} == {
        "text": "gpt-4o-mini",
        "image": "dall-e-3",
    }
    assert {row["api_providers"]["name"] for row in found} == {"openai"}


def test_a_job_goes_to_the_model_that_comes_first(
    service: httpx.Client, user: httpx.Client
) -> None:
    modality = word()
    for priority, is_active in ((9, True), (5, True), (1, False)):
        new_api_model(service, modality=modality, priority=priority, is_active=is_active)
    picked = user.get(
        "/api_models",
        params={
            "select": "id,priority,endpoint_path,input_defaults",
            "modality": f"eq.{modality}",
            "task": "eq.generation",
            "is_active": "is.true",
            "order": "priority,is_default.desc",
            "limit": 1,
        },
    ).json()[0]
    assert (picked["priority"], picked["input_defaults"]) == (5, {})

    jobs = [
        user.post(
            "/jobs", json={"api_model_id": picked["id"], "prompt": "a cat"}, headers=RETURN
        ).json()[0]
        for _ in range(3)
    ]
    assert {job["status"] for job in jobs} == {"pending"}
    results: list[dict[str, Any]] = [
        {"status": "completed", "quality_rating": 5},
        {"status": "completed"},
        {"status": "failed"},
    ]
    for job, result in zip(jobs, results, strict=True):
        done = service.patch(f"/jobs?id=eq.{job['id']}", json=result, headers=RETURN)
        assert done.json()[0]["status"] == result["status"]

    with_model = user.get(
        "/jobs",
        params={
            "select": "status,quality_rating,api_models(priority,api_providers(display_name))",
            "status": "eq.completed",
            "order": "id",
        },
    ).json()
    model = {"priority": 5, "api_providers": {"display_name": "P"}}
    assert with_model == [
        {"status": "completed", "quality_rating": 5, "api_models": model},
        {"status": "completed", "quality_rating": None, "api_models": model},
    ]
    for reader in (service, user):
        stats = reader.get(f"/api_model_stats?api_model_id=eq.{picked['id']}").json()
        assert stats == [
            {
                "api_model_id": picked["id"],
                "display_name": "M",
                "total": 3,
                "completed": 2,
                "failed": 1,
                "average_rating": 5.0,
            }
        ]


def test_a_job_names_its_user_and_nobody_else(
    service: httpx.Client, api: Api, new_user: Any, db: Connection
) -> None:
    me, other = new_user(), new_user()
    user = api("compat", "authenticated", me)
    job = {"api_model_id": new_api_model(service)["id"]}
    made = user.post("/jobs", json=job | {"user_id": str(me)}, headers=RETURN)
    assert (made.status_code, made.json()[0]["user_id"]) == (201, str(me))
    refused: dict[str, Any] = {
        "user_id": str(other),
        "status": "completed",
        "quality_rating": 5,
        "latency_ms": 1,
        "id": str(uuid4()),
        "created_at": "2026-01-01T00:00:00Z",
    }
    for name, value in refused.items():
        response = user.post("/jobs", json=job | {name: value})
        assert refusal(response) == (403, "42501"), name
        assert response.json()["message"].startswith(f'"{name}" ')
    count = "select count(*) as n from ai.generations where lenser_id in (%s, %s)"
    assert db.execute(count, [me, other]).fetchone() == {"n": 1}


def test_anon_has_nothing(api: Api) -> None:
    anon = api("compat")
    for view in ("api_models", "api_providers", "jobs", "api_model_stats"):
        assert refusal(anon.get(f"/{view}")) == (401, "42501")
    assert refusal(anon.post("/rpc/upsert_api_model", json={"model": {}})) == (401, "42501")


def test_a_user_reads_active_models_and_writes_none(
    service: httpx.Client, user: httpx.Client
) -> None:
    model = new_api_model(service, pricing={"per_image": 0.5})
    hidden = new_api_model(service, is_active=False)
    path = f"/api_models?id=eq.{model['id']}"
    assert user.get(path).json() == [model]
    assert user.get(f"/api_models?id=eq.{hidden['id']}").json() == []
    row = {"provider_id": model["provider_id"], "model_key": "x", "display_name": "X"}
    for response in (
        user.post("/api_models", json=row | {"modality": "image", "task": "generation"}),
        user.patch(path, json={"pricing": {"per_image": 0}}),
        user.patch(path, json={"priority": 9}, headers=RETURN),
        user.patch(f"/api_models?id=eq.{hidden['id']}", json={"priority": 9}),
        user.delete(path),
        user.post("/rpc/upsert_api_model", json={"model": {"id": model["id"], "priority": 9}}),
        user.patch(f"/api_providers?id=eq.{model['provider_id']}", json={"is_active": False}),
        user.post(
            "/api_providers?on_conflict=name",
            json={"name": "openai", "display_name": "Mine"},
            headers=UPSERT,
        ),
        user.delete(f"/api_providers?id=eq.{model['provider_id']}"),
    ):
        assert refusal(response) == (403, "42501"), response.request.url
    assert service.get(path).json() == [model]


def test_a_price_written_here_is_quoted_from_then_on(
    admin: httpx.Client, api: Api, db: Connection
) -> None:
    model = new_api_model(admin, pricing={"per_image": 0.04})
    path = f"/api_models?id=eq.{model['id']}"
    changed = admin.patch(
        path,
        json={"pricing": {"per_image": 0.0023, "currency": "USD", "billing_unit": "per_image"}},
        headers=RETURN,
    )
    assert changed.json()[0]["pricing"] == {
        "per_image": 0.0023,
        "currency": "USD",
        "billing_unit": "per_image",
    }
    quote = (
        api("billing").post("/rpc/quote", json={"model": model["id"], "usage": {"image": 2}}).json()
    )
    assert quote["cost"] == "0.0046"
    book = db.execute(
        "select price_per_unit::text as price from ai.model_pricing where model_id = %s order by effective_from",
        [model["id"]],
    ).fetchall()
    assert [row["price"] for row in book] == ["0.04", "0.0023"]

    for pricing, token in (
        ({"per_banana": 1}, "unknown_meter"),
        ({"per_image": "0.01"}, "not_a_number"),
        ({"per_image": -1}, "negative_quantity"),
        ({"per_image": 1, "currency": "EUR"}, "invalid_argument"),
        (None, "invalid_argument"),
    ):
        response = admin.patch(path, json={"pricing": pricing})
        assert refusal(response) == (422, "PT422")
        assert f'"error": "{token}"' in response.json()["details"]
    assert "per_banana" in admin.patch(path, json={"pricing": {"per_banana": 1}}).json()["message"]
    assert admin.get(path).json() == changed.json()


def test_what_does_not_exist_is_refused_by_name(admin: httpx.Client, user: httpx.Client) -> None:
    row = {"model_key": "x", "display_name": "X", "modality": "image", "task": "generation"}
    missing = admin.post("/api_models", json=row)
    unknown = admin.post("/api_models", json=row | {"provider_id": str(uuid4())})
    for response in (missing, unknown):
        assert refusal(response) == (422, "PT422")
        assert '"error": "unknown_provider"' in response.json()["details"]
    # A hidden model answers like an unknown one.
    assert refusal(user.post("/jobs", json={"api_model_id": str(uuid4())})) == (403, "42501")


def test_a_default_set_here_clears_the_former_one(admin: httpx.Client) -> None:
    modality = word()
    first = new_api_model(admin, modality=modality, is_default=True)
    second = new_api_model(admin, modality=modality, is_default=True)
    query = {"select": "id", "modality": f"eq.{modality}", "is_default": "is.true"}
    assert admin.get("/api_models", params=query).json() == [{"id": second["id"]}]
    admin.patch(f"/api_models?id=eq.{first['id']}", json={"is_default": True}).raise_for_status()
    assert admin.get("/api_models", params=query).json() == [{"id": first["id"]}]
    admin.delete("/api_models", params={"modality": f"eq.{modality}"}).raise_for_status()


def test_a_deleted_model_is_gone(admin: httpx.Client) -> None:
    model = new_api_model(admin)
    path = f"/api_models?id=eq.{model['id']}"
    assert admin.delete(path, headers=RETURN).json() == [model]
    assert admin.get(path).json() == []


def test_upsert(admin: httpx.Client) -> None:
    model = new_api_model(admin)
    given = {"provider_id": model["provider_id"], "model_key": model["model_key"]}
    refused = admin.post(
        "/api_models?on_conflict=provider_id,model_key", json=model | given, headers=UPSERT
    )
    assert refused.status_code == 400, "PostgreSQL has no upsert on such a view"
    changed = admin.post("/rpc/upsert_api_model", json={"model": given | {"priority": 3}}).json()
    assert changed == model | {"priority": 3, "updated_at": changed["updated_at"]}
    provider = admin.post(
        "/api_providers?on_conflict=name",
        json={"name": word(), "display_name": "P"},
        headers=UPSERT,
    ).json()[0]
    again = admin.post(
        "/api_providers?on_conflict=name",
        json={"name": provider["name"], "display_name": "Q"},
        headers=UPSERT,
    ).json()[0]
    assert (again["id"], again["display_name"]) == (provider["id"], "Q")
