"""What is hidden stays hidden: by listing, name, id, alias, price, route, count, embedding and error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.conftest import Api, Connection
from tests.policies.matrix import cells
from tests.postgrest import as_authenticator, gateway_before, postgrest


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
    for accept in ("application/vnd.pgrst.plan", "text/csv, application/vnd.pgrst.plan+json"):
        answer = api("ai").get("/models", headers={"Accept": accept})
        assert (answer.status_code, answer.json()["code"]) == (400, "PT400")
        assert json.loads(answer.json()["details"]) == {"error": "query_plan"}


# What asks for an estimate, in each way that PostgREST takes, and the error that refuses it.
ESTIMATES = [
    *(
        ("estimated_count", [("Prefer", preference)])
        for preference in ("count=planned", "count=estimated", "return=minimal, count=planned")
    ),
    *(
        ("query_plan", [("Accept", f"application/vnd.pgrst.plan{kind}")])
        for kind in ("", "+json", "+text; options=analyze|verbose")
    ),
]
REPEATED = [
    ("estimated_count", [("Prefer", "tx=commit"), ("Prefer", "count=planned")]),
    ("estimated_count", [("Prefer", "count=estimated"), ("Prefer", "return=minimal")]),
    ("query_plan", [("Accept", "text/csv"), ("Accept", "application/vnd.pgrst.plan")]),
]


@pytest.fixture(scope="module")
def pre_request(ratebook_stack: Any) -> Iterator[str]:
    """A PostgREST that asks ai.pre_request(), has no gateway before it, and would show plans."""
    dsn = as_authenticator(ratebook_stack.dsn)
    with postgrest(dsn, db_pre_request="ai.pre_request", db_plan_enabled="true") as url:
        yield url


@pytest.fixture(scope="module")
def gateway(ratebook_stack: Any) -> Iterator[str]:
    """The shipped gateway before a PostgREST that asks nothing."""
    with (
        postgrest(as_authenticator(ratebook_stack.dsn), db_plan_enabled="true") as url,
        gateway_before(url) as gateway,
    ):
        yield gateway


@pytest.mark.parametrize("role", ["anon", "authenticated"])
@pytest.mark.parametrize("schema", sorted({table.split(".")[0] for table, _ in cells()}))
@pytest.mark.parametrize("where", ["pre_request", "gateway"])
def test_no_relation_of_any_schema_is_estimated(
    where: str,
    schema: str,
    role: str,
    ratebook_stack: Any,
    new_user: Any,
    request: pytest.FixtureRequest,
) -> None:
    url = request.getfixturevalue(where)
    token = ratebook_stack.token(role, str(new_user()) if role == "authenticated" else None)
    relations = sorted({table for table, _ in cells() if table.startswith(f"{schema}.")})
    assert relations
    # PostgREST shows a function the last of repeated headers alone. The gateway sees them all.
    asked = ESTIMATES + (REPEATED if where == "gateway" else [])
    # PostgREST sends a body after a HEAD that it refuses, so no connection is used twice.
    once = httpx.Limits(max_keepalive_connections=0)
    bearer = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=bearer, limits=once) as client:
        for relation in relations:
            path = f"/{relation.split('.')[1]}"
            for error, headers in asked:
                for method in ("GET", "HEAD"):
                    answer = client.request(
                        method, path, headers=[*headers, ("Accept-Profile", schema)]
                    )
                    assert answer.status_code == 400, (relation, headers, answer.text)
                    assert "content-range" not in answer.headers
                    if method == "GET":
                        body = answer.json()
                        assert (body["code"], json.loads(body["details"])) == (
                            "PT400",
                            {"error": error},
                        )


@pytest.mark.parametrize("where", ["pre_request", "gateway"])
def test_nor_is_a_write_or_a_call(
    where: str, ratebook_stack: Any, new_user: Any, request: pytest.FixtureRequest
) -> None:
    token = ratebook_stack.token("authenticated", str(new_user()))
    url = request.getfixturevalue(where)
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:
        for method, path, schema, body in (
            ("POST", "/rpc/export_prices", "ai", {}),
            ("GET", "/rpc/export_prices", "ai", None),
            ("POST", "/objects", "media", {"bucket": "b", "path": "p"}),
            ("PATCH", "/objects?path=eq.p", "media", {"path": "q"}),
            ("DELETE", "/objects?path=eq.p", "media", None),
            ("DELETE", "/generations?prompt=eq.x", "ai", None),
        ):
            for error, headers in ESTIMATES:
                profile = [("Accept-Profile", schema), ("Content-Profile", schema)]
                answer = client.request(method, path, json=body, headers=[*headers, *profile])
                assert answer.status_code == 400, (path, headers)
                assert json.loads(answer.json()["details"]) == {"error": error}
            exact = [
                ("Prefer", "count=exact"),
                ("Accept-Profile", schema),
                ("Content-Profile", schema),
            ]
            assert client.request(method, path, json=body, headers=exact).status_code != 400


def test_the_gateway_and_the_function_refuse_in_the_same_words(
    pre_request: str, gateway: str
) -> None:
    for headers in ({"Prefer": "count=planned"}, {"Accept": "application/vnd.pgrst.plan+json"}):
        answers = [
            httpx.get(f"{url}/models", headers=headers | {"Accept-Profile": "ai"})
            for url in (pre_request, gateway)
        ]
        assert answers[0].json() == answers[1].json()
        assert answers[0].status_code == answers[1].status_code == 400


def test_each_of_them_would_be_answered_without_the_function(ratebook_stack: Any) -> None:
    """What is refused above is what PostgREST does: a later one that asks otherwise is noticed."""
    with postgrest(as_authenticator(ratebook_stack.dsn), db_plan_enabled="true") as url:
        for error, headers in (*ESTIMATES, *REPEATED[:2]):
            asked = [*headers, ("Accept-Profile", "ai")]
            answer = httpx.get(f"{url}/models?limit=1", headers=asked)
            assert answer.is_success
            is_plan = answer.headers["content-type"].startswith("application/vnd.pgrst.plan")
            assert is_plan is (error == "query_plan")
            assert is_plan or not answer.headers["content-range"].endswith("/*")
