"""What is hidden stays hidden: by listing, name, id, alias, price, route, count, embedding and error."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.conftest import Api, Connection


@pytest.fixture
def hidden(new_model: Any, db: Connection) -> UUID:
    """A model with is_public false, and everything that could give it away."""
    model: UUID = new_model(key="secret-" + uuid4().hex[:8], is_public=False)
    db.execute(
        "insert into ai.model_aliases values ('secret-alias-' || %s::text, %s)", [model, model]
    )
    db.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit) values (%s, 'input', 1)",
        [model],
    )
    db.execute(
        "insert into ai.feature_model_policies (feature_key, model_id) values ('chat', %s)", [model]
    )
    return model


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_a_hidden_model_cannot_be_found(role: str, hidden: UUID, api: Api, new_user: Any) -> None:
    client = api("ai", role, new_user() if role == "authenticated" else None)
    for path, column in (
        ("/models", "id"),
        ("/model_aliases", "model_id"),
        ("/model_pricing", "model_id"),
        ("/model_price_sources", "model_id"),
        ("/feature_model_policies", "model_id"),
        ("/catalogue", "id"),
    ):
        response = client.get(
            path, params={column: f"eq.{hidden}"}, headers={"Prefer": "count=exact"}
        )
        assert (response.json(), response.headers["content-range"]) == ([], "*/0")
    embedded = client.get(
        "/providers", params={"select": "key,models(id)", "models.id": f"eq.{hidden}"}
    )
    assert not any(provider["models"] for provider in embedded.json())


@pytest.mark.compat
@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_nor_through_the_views_of_older_systems(
    role: str, hidden: UUID, api: Api, new_user: Any, db: Connection
) -> None:
    db.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit) values (%s, 'output', 1)",
        [hidden],
    )
    row = db.execute("select key from ai.models where id = %s", [hidden]).fetchone()
    assert row is not None
    client = api("compat", role, new_user() if role == "authenticated" else None)
    admin = api("compat", "authenticated", new_user("admin"))
    for path, column, value in (
        ("/api_models", "id", hidden),
        ("/api_model_stats", "api_model_id", hidden),
        ("/rate_cards", "model", row["key"]),
    ):
        query = {column: f"eq.{value}"}
        response = client.get(path, params=query, headers={"Prefer": "count=exact"})
        if role == "anon" and path != "/rate_cards":
            assert response.status_code == 401
        else:
            assert (response.json(), response.headers["content-range"]) == ([], "*/0")
        assert len(admin.get(path, params=query).json()) == 1
    if role == "authenticated":
        embedded = client.get("/api_providers", params={"select": "name,api_models(id)"}).json()
        assert str(hidden) not in json.dumps(embedded)
        answers = [
            client.post("/jobs", json={"api_model_id": str(model)}) for model in (hidden, uuid4())
        ]
        assert answers[0].status_code == answers[1].status_code == 403
        assert answers[0].text == answers[1].text


@pytest.mark.parametrize("function", ["find_model", "prices_in_force", "price_history"])
def test_a_hidden_model_answers_like_an_unknown_one(
    function: str, hidden: UUID, api: Api, db: Connection
) -> None:
    row = db.execute("select key from ai.models where id = %s", [hidden]).fetchone()
    assert row is not None
    for name in (row["key"], str(hidden), f"secret-alias-{hidden}"):
        answers = []
        for asked in (name, str(uuid4()) if name == str(hidden) else "no-such-model"):
            response = api("ai").post(f"/rpc/{function}", json={"model": asked})
            answers.append((response.status_code, response.text.replace(asked, "NAME")))
        assert answers[0] == answers[1]
        assert answers[0][0] == 404
        assert (
            api("ai", "service_role").post(f"/rpc/{function}", json={"model": name}).status_code
            == 200
        )


def test_a_quote_of_a_hidden_model_answers_like_an_unknown_one(
    hidden: UUID, api: Api, new_user: Any
) -> None:
    question = {"model": str(hidden), "usage": {"input": 1}}
    response = api("billing").post("/rpc/quote", json=question)
    assert response.status_code == 404
    assert json.loads(response.json()["details"])["error"] == "unknown_model"
    assert (
        api("billing", "authenticated", new_user("admin"))
        .post("/rpc/quote", json=question)
        .is_success
    )


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_no_route_comparison_or_change_tells_of_a_hidden_model(
    role: str, hidden: UUID, api: Api, new_user: Any
) -> None:
    sub = new_user() if role == "authenticated" else None
    since = {"since": "2020-01-01T00:00:00Z"}
    for function, body in (
        ("route_feature", {"feature": "chat"}),
        ("explain_route", {"feature": "chat"}),
        ("price_changes", since),
    ):
        asked: dict[str, Any] = {"json": body, "params": {"model_id": f"eq.{hidden}"}}
        answer = api("ai", role, sub).post(f"/rpc/{function}", **asked)
        assert (answer.status_code, answer.json()) == (200, []), answer.text
        backend = api("ai", "service_role").post(f"/rpc/{function}", **asked)
        assert [row["model_id"] for row in backend.json()] == [str(hidden)]
    question = {"usage": {"input": 1}, "models": [str(hidden), str(uuid4())]}
    rows = api("billing", role, sub).post("/rpc/compare", json=question).json()
    shown = [
        {column: row[column] for column in row.keys() - {"index", "asked", "reason"}}
        for row in rows
    ]
    assert shown[0] == shown[1]
    assert {row["error"] for row in rows} == {"unknown_model"}
    assert [row["reason"].replace(row["asked"], "NAME") for row in rows] == [
        'There is no model called "NAME".'
    ] * 2


def test_a_generation_cannot_probe_for_a_hidden_model(
    hidden: UUID, api: Api, new_user: Any
) -> None:
    client = api("ai", "authenticated", new_user())
    answers = [
        client.post(
            "/generations", json={"model_id": str(model)}, headers={"Prefer": "return=minimal"}
        )
        for model in (hidden, uuid4())
    ]
    assert answers[0].status_code == answers[1].status_code == 403
    assert answers[0].text == answers[1].text


@pytest.mark.parametrize("role", ["anon", "authenticated"])
@pytest.mark.parametrize("table", ["execution_margin_policies", "credit_rates"])
def test_margins_and_rates_are_not_readable(table: str, role: str, api: Api, new_user: Any) -> None:
    client = api("billing", role, new_user() if role == "authenticated" else None)
    response = client.get(f"/{table}", headers={"Prefer": "count=exact"})
    if role == "anon":
        assert response.status_code == 401
    else:
        assert (response.json(), response.headers["content-range"]) == ([], "*/0")
    admin = api("billing", "authenticated", new_user("admin")).get(f"/{table}")
    assert len(admin.json()) >= 1


def test_no_count_is_estimated(hidden: UUID, api: Api) -> None:
    client = api("ai")
    for path in ("/models", f"/models?id=eq.{hidden}", "/rpc/export_prices"):
        for preference in (
            "count=planned",
            "count=estimated",
            "handling=strict, count=planned",
            "count=exact,count=estimated",
        ):
            answer = client.get(path, headers={"Prefer": preference})
            assert answer.status_code == 400
            error = answer.json()
            assert (error["code"], error["hint"]) == ("PT400", "Ask for count=exact.")
            assert json.loads(error["details"]) == {"error": "estimated_count"}
    exact = client.get("/models", params={"id": f"eq.{hidden}"}, headers={"Prefer": "count=exact"})
    assert (exact.status_code, exact.headers["content-range"]) == (200, "*/0")


@pytest.mark.parametrize("order", [("count=planned", "tx=commit"), ("tx=commit", "count=planned")])
def test_nor_where_the_header_comes_twice(order: tuple[str, str], api: Api) -> None:
    answer = api("ai").get("/models", headers=[("Prefer", preference) for preference in order])
    assert json.loads(answer.json()["details"]) == {"error": "estimated_count"}


def test_the_number_of_hidden_models_changes_no_count(
    new_model: Any, api: Api, db: Connection
) -> None:
    def counted() -> list[str]:
        answers = []
        for preference in ("count=exact", "count=planned", "count=estimated"):
            answer = api("ai").head("/models?limit=1", headers={"Prefer": preference})
            answers.append(answer.headers.get("content-range", str(answer.status_code)))
        return answers

    before = counted()
    for _ in range(3):
        new_model(is_public=False)
    db.execute("analyze ai.models")
    assert counted() == before
    assert before[1:] == ["400", "400"]
    new_model(is_public=True)
    assert counted()[0] != before[0]


def test_no_plan_is_shown(api: Api) -> None:
    answer = api("ai").get("/models", headers={"Accept": "application/vnd.pgrst.plan+json"})
    assert answer.json()["code"] == "PGRST107"
