"""Quotes over HTTP, by hand: 1,000 × 0.15/M + 500 × 0.60/M = 0.000450; × 1000 × 1.3 = 0.585 credits."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.conftest import Api, Connection

CHAT = {"model": "gpt-4o-mini", "usage": {"input": 1000, "output": 500}}


def test_the_worked_examples(api: Api) -> None:
    quote = api("billing").post("/rpc/quote", json=CHAT).json()
    assert (quote["cost"], quote["currency"], quote["credits"]) == ("0.00045", "USD", "0.585")
    assert quote["lines"] == [
        {
            "meter": "input",
            "quantity": "1000",
            "price_meter": "input",
            "unit_price": "0.00000015",
            "cost": "0.00015",
        },
        {
            "meter": "output",
            "quantity": "500",
            "price_meter": "output",
            "unit_price": "0.0000006",
            "cost": "0.0003",
        },
    ]
    pictures = (
        api("billing").post("/rpc/quote", json={"model": "dall-e-3", "usage": {"image": 2}}).json()
    )
    assert (pictures["cost"], pictures["credits"]) == ("0.08", "104")


def test_a_plain_get_asks_too(api: Api) -> None:
    response = api("billing").get(
        "/rpc/calculate_credit_cost",
        params={"model": "openai/gpt-4o-mini", "usage": '{"input": 1000, "output": 500}'},
    )
    assert (response.status_code, response.text) == (200, "0.585")


def test_an_answer_goes_in_with_its_format(api: Api) -> None:
    # 600 at 0.15 and 500 at 0.60 USD a million; 400 cached at 0.075.
    answer = {
        "id": "chatcmpl-1",
        "service_tier": "default",
        "usage": {
            "prompt_tokens": 1000,
            "completion_tokens": 500,
            "prompt_tokens_details": {"cached_tokens": 400},
        },
    }
    asked = {"model": "gpt-4o-mini", "usage": answer, "format": "openai_chat"}
    for role in ("anon", "service_role"):
        quote = api("billing", role).post("/rpc/quote", json=asked).json()
        assert (quote["cost"], quote["service_tier"]) == ("0.00042", "standard")
        many = api("billing", role).post(
            "/rpc/quote_many", params={"select": "cost::text"}, json={"requests": [asked, CHAT]}
        )
        assert many.json() == [{"cost": "0.00042"}, {"cost": "0.00045"}]
    text = {**asked, "usage": json.dumps(answer)}
    assert api("billing").get("/rpc/quote", params=text).json()["cost"] == "0.00042"
    refused = api("billing").post("/rpc/quote", json=asked | {"service_tier": "priority"})
    assert (refused.status_code, json.loads(refused.json()["details"])) == (
        422,
        {
            "error": "contradiction",
            "format": "openai_chat",
            "argument": "service_tier",
            "given": "priority",
            "stated": "standard",
        },
    )


def test_many_requests_are_one_call(api: Api) -> None:
    pictures = {"model": "dall-e-3", "usage": {"image": 2}, "at": "2026-02-01T00:00:00Z"}
    text = {"select": "index,model,currency,cost::text,credits::text"}
    for role in ("anon", "service_role"):
        answer = api("billing", role).post(
            "/rpc/quote_many", params=text, json={"requests": [CHAT, pictures]}
        )
        assert answer.json() == [
            {
                "index": 0,
                "model": "gpt-4o-mini",
                "currency": "USD",
                "cost": "0.00045",
                "credits": "0.585",
            },
            {
                "index": 1,
                "model": "dall-e-3",
                "currency": "USD",
                "cost": "0.08",
                "credits": "104",
            },
        ]
    asked = api("billing").get(
        "/rpc/quote_many", params={"requests": json.dumps([CHAT]), "select": "credits"}
    )
    assert asked.json() == [{"credits": 0.585}]


def test_one_bad_request_of_many_refuses_all(api: Api) -> None:
    bad = {"model": "none", "usage": {"input": 1}}
    answer = api("billing").post("/rpc/quote_many", json={"requests": [CHAT, bad]})
    assert answer.status_code == 404
    assert json.loads(answer.json()["details"]) == {
        "error": "unknown_model",
        "model": "none",
        "index": 1,
    }


def test_anon_learns_the_price_but_not_the_rows_behind_it(api: Api) -> None:
    anon = api("billing").post("/rpc/quote", json=CHAT).json()
    service = api("billing", "service_role").post("/rpc/quote", json=CHAT).json()
    assert set(service) - set(anon) == {"credit_rate_id", "margin_policy_id"}
    assert set(service["lines"][0]) - set(anon["lines"][0]) == {"price_id"}
    assert anon["credits"] == service["credits"]


def test_a_price_that_is_not_public_gives_credits_and_hides_the_cost(
    api: Api, new_model: Any, db: Connection
) -> None:
    model = new_model()
    db.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit, is_public) values (%s, 'input', 0.002, false)",
        [model],
    )
    question = {"model": str(model), "usage": {"input": 10}}
    # 10 × 0.002 × 1000 × 1.3 = 26
    anon = api("billing").post("/rpc/quote", json=question).json()
    assert (anon["credits"], anon["cost"]) == ("26", None)
    assert (anon["lines"][0]["unit_price"], anon["lines"][0]["cost"]) == (None, None)
    service = api("billing", "service_role").post("/rpc/quote", json=question).json()
    assert (service["credits"], service["cost"]) == ("26", "0.02")


def test_a_price_from_tomorrow_on_changes_nothing_today(
    api: Api, new_model: Any, db: Connection
) -> None:
    model = new_model()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    for price, since in ((1, datetime(2026, 1, 1, tzinfo=UTC)), (2, tomorrow)):
        db.execute(
            "insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)"
            " values (%s, 'input', %s, %s)",
            [model, price, since],
        )
    today = {"model": str(model), "usage": {"input": 1}}
    assert api("billing").post("/rpc/quote", json=today).json()["cost"] == "1"
    later = today | {"at": (tomorrow + timedelta(hours=1)).isoformat()}
    assert api("billing", "service_role").post("/rpc/quote", json=later).json()["cost"] == "2"
    prices = api("ai").get(
        "/model_pricing", params={"model_id": f"eq.{model}", "select": "price_per_unit::text"}
    )
    assert prices.json() == [{"price_per_unit": "1"}]


def test_an_update_of_a_price_is_refused_for_everybody(api: Api, db: Connection) -> None:
    for role in ("anon", "service_role"):
        response = api("ai", role).patch(
            "/model_pricing", params={"meter": "eq.input"}, json={"price_per_unit": 0}
        )
        assert response.status_code in (401, 403)
    before = db.execute("select sum(price_per_unit) as total from ai.model_pricing").fetchone()
    try:
        db.execute("update ai.model_pricing set price_per_unit = 0")
        refused = ""
    except Exception as error:
        refused = str(getattr(error, "sqlstate", ""))
    assert refused == "PT409"
    assert (
        db.execute("select sum(price_per_unit) as total from ai.model_pricing").fetchone() == before
    )
