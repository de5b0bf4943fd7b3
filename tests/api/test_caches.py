"""What a cache may keep of the API's answers, and what it must not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.conftest import Api, Connection

QUOTE = {"usage": '{"input": 1000}'}
# What visitors read of the catalogue and of prices.
PUBLIC = [
    ("ai", "/models"),
    ("ai", "/catalogue"),
    ("ai", "/model_pricing"),
    ("ai", "/providers"),
    ("ai", "/meters"),
    ("ai", "/rpc/price_changes?since=2026-01-01"),
]


@pytest.mark.parametrize(("schema", "path"), PUBLIC)
def test_what_visitors_read_may_be_kept_and_is_304_until_it_changes(
    api: Api, new_model: Callable[..., UUID], schema: str, path: str
) -> None:
    visitor = api(schema)
    first = visitor.get(path)
    assert first.status_code == 200
    assert first.headers["cache-control"] == "public, max-age=0, s-maxage=60"
    vary = ", ".join(first.headers.get_list("vary")).lower().split(", ")
    assert {"authorization", "apikey", "accept", "accept-profile", "origin"} <= set(vary)
    known = {"If-None-Match": first.headers["etag"]}
    again = visitor.get(path, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert visitor.head(path, headers=known).status_code == 304
    # Of another form, and of another question.
    assert visitor.get(path, headers=known | {"Accept": "text/csv"}).status_code == 200
    new_model()
    changed = visitor.get(path, headers=known)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


def test_a_quote_may_be_kept_until_its_price_changes(
    api: Api, new_model: Callable[..., UUID], db: Connection
) -> None:
    model = new_model()
    ask = QUOTE | {"model": str(model)}

    def price(amount: str) -> None:
        db.execute(
            "insert into ai.model_pricing (model_id, meter, price_per_unit) values (%s, 'input', %s)",
            [model, amount],
        )

    price("0.001")
    visitor = api("billing")
    first = visitor.get("/rpc/quote", params=ask)
    assert first.status_code == 200, first.text
    known = {"If-None-Match": first.headers["etag"]}
    assert visitor.get("/rpc/quote", params=ask, headers=known).status_code == 304
    price("0.002")
    assert visitor.get("/rpc/quote", params=ask, headers=known).status_code == 200


def asks(client: httpx.Client) -> list[httpx.Response]:
    """Of what there is for everybody, and of owners' rows."""
    known = {"If-None-Match": "*"}
    return [
        client.get("/models", headers=known),
        client.head("/models", headers=known),
        client.get("/generations", headers=known),
        client.get("/rpc/price_changes?since=2026-01-01", headers=known),
    ]


@pytest.mark.parametrize("role", ["authenticated", "service_role"])
def test_what_somebody_is_answered_is_never_kept(
    api: Api, new_user: Callable[..., UUID], role: str
) -> None:
    client = api("ai", role, new_user() if role == "authenticated" else None)
    for answer in asks(client):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store"
        assert "etag" not in answer.headers


def never_kept(client: httpx.Client) -> dict[str, httpx.Response]:
    return {
        "an error of the database": client.get("/rpc/find_model?name=nobody-has-it"),
        "a refusal": client.get("/generations"),
        "an unknown column": client.get("/models?no_such_column=eq.1"),
        "not one row": client.get(
            "/models?key=eq.nothing", headers={"Accept": "application/vnd.pgrst.object+json"}
        ),
        "an unknown path": client.get("/no_such_table"),
        "an answer to POST": client.post("/rpc/find_model", json={"name": "x"}),
        "another's token": client.get("/models", headers={"Authorization": "Bearer x.y.z"}),
        "an estimate": client.get("/models", headers={"Prefer": "count=planned"}),
        "health of models": client.get("/rpc/route_feature?feature=x"),
        "no path of the API": client.get("/../../nothing"),
    }


def test_errors_and_answers_to_post_are_never_kept(api: Api, ratebook_stack: Any) -> None:
    for name, answer in never_kept(api("ai")).items():
        assert answer.headers.get_list("cache-control") == ["no-store"], name
        assert "etag" not in answer.headers, name
