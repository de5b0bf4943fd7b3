"""Routes, the catalogue and comparisons as plain requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.conftest import Api, Connection


@pytest.fixture
def feature(db: Connection, new_model: Any) -> Iterator[str]:
    """A feature with routes to a and b, of which b supports vision."""
    key = "t" + uuid4().hex[:12]
    db.execute("insert into ai.features (key) values (%s)", [key])
    for name, supports in (("a", []), ("b", ["vision"])):
        model = new_model(key=f"{key}-{name}", supports=supports)
        db.execute(
            "insert into ai.feature_model_policies (feature_key, model_id) values (%s, %s)",
            [key, model],
        )
    yield key
    db.execute("delete from ai.feature_model_policies where feature_key = %s", [key])


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["model"].rsplit("-", 1)[1] for row in answer.json()]


@pytest.mark.parametrize("role", ["anon", "service_role"])
def test_a_route_is_asked_for_by_get_and_by_post(role: str, feature: str, api: Api) -> None:
    client = api("ai", role)
    asked = {"feature": feature, "subject": "visitor 1"}
    by_get = client.get("/rpc/route_feature", params=asked)
    assert sorted(names(by_get)) == ["a", "b"]
    assert names(client.post("/rpc/route_feature", json=asked)) == names(by_get)
    needs = {"supports": ["vision"]}
    filtered = asked | {"requirements": json.dumps(needs)}
    assert names(client.get("/rpc/route_feature", params=filtered)) == ["b"]
    posted = asked | {"requirements": needs}
    assert names(client.post("/rpc/route_feature", json=posted)) == ["b"]
    one = client.get("/rpc/route_feature", params=asked | {"limit": "1", "select": "model"})
    assert names(one) == names(by_get)[:1]


def test_what_writes_is_refused_by_get_and_to_others(feature: str, api: Api, new_user: Any) -> None:
    report = {"model": f"{feature}-a", "until": "2030-01-01T00:00:00Z"}
    assert api("ai").post("/rpc/report_health", json=report).status_code == 401
    user = new_user()
    assert (
        api("ai", "authenticated", user).post("/rpc/report_health", json=report).status_code == 403
    )
    assert api("ai", "service_role").get("/rpc/report_health", params=report).status_code == 405
    asked = {"lenser": str(user), "tier": "paid", "external_ref": uuid4().hex}
    for role, sub, status in (
        ("anon", None, 401),
        ("authenticated", user, 403),
        ("authenticated", new_user("admin"), 403),
    ):
        client = api("lensers", role, sub)
        assert client.post("/rpc/set_entitlement", json=asked).status_code == status
    assert api("lensers", "service_role").post("/rpc/set_entitlement", json=asked).is_success


def test_settings_are_for_admins_and_the_service_role(api: Api, new_user: Any) -> None:
    switch = {"enforce_entitlements": False}
    for role, sub, status in (
        ("anon", None, 401),
        ("authenticated", new_user(), 403),
        ("authenticated", new_user("admin"), 204),
        ("service_role", None, 204),
    ):
        answer = api("billing", role, sub).patch("/settings?id=is.true", json=switch)
        assert answer.status_code == status, (role, answer.text)


def test_the_catalogue_sorts_by_prices_as_numbers(api: Api, db: Connection, new_model: Any) -> None:
    family = "t" + uuid4().hex[:12]
    for price in ("0.000009", "0.00001", None, "0.000000123456789012345678"):
        model: UUID = new_model(model_family=family)
        if price is not None:
            db.execute(
                "insert into ai.model_pricing (model_id, meter, price_per_unit) values (%s, 'input', %s)",
                [model, price],
            )
    asked = {
        "model_family": f"eq.{family}",
        "select": "input_per_million::text",
        "order": "input_per_million.desc.nullslast,key",
    }
    client = api("ai")
    found = [row["input_per_million"] for row in client.get("/catalogue", params=asked).json()]
    assert found == ["10", "9", "0.123456789012345678", None]
    answer = client.get(
        "/catalogue",
        params=asked | {"input_per_million": "gte.9"},
        headers={"Prefer": "count=exact"},
    )
    assert (len(answer.json()), answer.headers["content-range"]) == (2, "0-1/2")
    assert client.patch("/catalogue?key=eq.x", json={"name": "N"}).status_code == 401
    assert api("ai", "service_role").delete("/catalogue?key=eq.x").status_code == 403


def test_a_comparison_is_asked_for_by_get(api: Api) -> None:
    asked = {"usage": '{"input": 1000, "output": 500}', "models": "{gpt-4o,gpt-4o-mini,nope}"}
    answer = api("billing").get(
        "/rpc/compare", params=asked | {"select": "asked,credits::text,error"}
    )
    assert answer.json() == [
        {"asked": "gpt-4o-mini", "credits": "0.585", "error": None},
        {"asked": "gpt-4o", "credits": "9.75", "error": None},
        {"asked": "nope", "credits": None, "error": "unknown_model"},
    ]
