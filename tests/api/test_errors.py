"""Bad input over HTTP: each its own status and error token, and nothing leaks or is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Api, Connection

QUOTES = {
    "unknown_model": (404, {"model": "gpt-99", "usage": {"input": 1}}),
    "unknown_feature": (404, {"model": "gpt-4o", "usage": {"input": 1}, "feature": "nope"}),
    "unknown_meter": (422, {"model": "gpt-4o", "usage": {"inputs": 1}}),
    "negative_quantity": (422, {"model": "gpt-4o", "usage": {"input": -1}}),
    "not_a_number": (422, {"model": "gpt-4o", "usage": {"input": "NaN"}}),
    "quantity_out_of_range": (422, {"model": "gpt-4o", "usage": {"input": 1e30}}),
    "invalid_usage": (422, {"model": "gpt-4o", "usage": [1]}),
    "no_price": (422, {"model": "gpt-4o", "usage": {"image": 1}}),
    "invalid_size": (422, {"model": "dall-e-3", "usage": {"image": 1}, "variant": "1x1"}),
    "unknown_service_tier": (
        422,
        {"model": "gpt-4o", "usage": {"input": 1}, "service_tier": "gold"},
    ),
    "invalid_time": (422, {"model": "gpt-4o", "usage": {"input": 1}, "at": None}),
    "not_allowed": (401, {"model": "gpt-4o", "usage": {"input": 1}, "at": "2999-01-01T00:00:00Z"}),
}


@pytest.mark.parametrize("function", ["quote", "calculate_credit_cost"])
@pytest.mark.parametrize("error", QUOTES)
def test_bad_input_has_its_own_error(error: str, function: str, api: Api) -> None:
    status, arguments = QUOTES[error]
    response = api("billing").post(f"/rpc/{function}", json=arguments)
    assert response.status_code == status, response.text
    body = response.json()
    assert json.loads(body["details"])["error"] == error
    assert body["message"].endswith(".")
    assert body["code"] == ("42501" if error == "not_allowed" else f"PT{status}")


def test_a_bare_nan_is_no_json(api: Api) -> None:
    response = api("billing").post(
        "/rpc/quote",
        content='{"model": "gpt-4o", "usage": {"input": NaN}}',
        headers={"Content-Type": "application/json"},
    )
    assert response.status_code == 400


def test_the_sizes_that_are_valid_are_named(api: Api) -> None:
    _, arguments = QUOTES["invalid_size"]
    body = api("billing").post("/rpc/quote", json=arguments).json()
    assert body["hint"] == "Valid sizes: 1024x1024, 1792x1024, 1024x1792."


def test_a_model_without_a_price_is_an_error_and_not_free(api: Api, new_model: Any) -> None:
    model = new_model()
    response = api("billing").post("/rpc/quote", json={"model": str(model), "usage": {"input": 1}})
    assert response.status_code == 422
    assert json.loads(response.json()["details"])["meter"] == "input"


def test_a_currency_without_a_rate_is_an_error(api: Api, new_model: Any, db: Connection) -> None:
    model = new_model(price_currency="CHF")
    db.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit, currency) values (%s, 'input', 1, 'CHF')",
        [model],
    )
    response = api("billing").post("/rpc/quote", json={"model": str(model), "usage": {"input": 1}})
    assert (response.status_code, json.loads(response.json()["details"])["error"]) == (
        422,
        "no_credit_rate",
    )
