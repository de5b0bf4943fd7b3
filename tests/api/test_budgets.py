"""Budgets and overdraft limits over HTTP: what binds, from when on, and who may say so."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import Api, Connection


def priced_model(db: Connection, new_model: Any) -> tuple[str, str]:
    """Key and id of a model of which one unit costs 0.01 USD: 13 credits at 1,000 a dollar and a margin of 30 %."""
    key = "m" + uuid4().hex[:12]
    model: UUID = new_model(key=key)
    db.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)"
        " values (%s, 'input', 0.01, '2025-01-01Z')",
        [model],
    )
    return key, str(model)


def token(response: Any) -> tuple[int, str]:
    return response.status_code, json.loads(response.json()["details"])["error"]


@pytest.mark.parametrize("merged", [True, False], ids=["merged", "retired"])
def test_budgets_and_routes_follow_a_model(
    merged: bool, db: Connection, api: Api, new_user: Any, new_model: Any
) -> None:
    (old, old_id), (new, new_id) = priced_model(db, new_model), priced_model(db, new_model)
    ada = str(new_user())
    admin, service = (
        api("ai", "authenticated", new_user("admin")),
        api("billing", "service_role"),
    )
    feature = "f" + uuid4().hex[:12]
    assert admin.post("/features", json={"key": feature}).is_success
    route = {"feature_key": feature, "model_id": old_id}
    assert admin.post("/feature_model_policies", json=route).is_success
    budget = {"lenser_id": ada, "model_id": old_id, "period": "month", "hard_limit": 20}
    assert service.post("/budgets", json=budget).is_success
    assert service.post("/rpc/grant_credits", json={"account": ada, "amount": 1000}).is_success

    def charge(model: str) -> Any:
        asked = {"account": ada, "model": model, "usage": {"input": 1}}
        return service.post("/rpc/charge_generation", json=asked)

    assert charge(old).json()["credits"] == "13"
    if merged:
        done = admin.post("/rpc/merge_models", json={"duplicate": old, "into": new})
    else:
        done = admin.post("/rpc/retire_model", json={"model": old, "successor": new})
    assert done.is_success
    # Another thirteen by either name are twenty-six of twenty.
    assert token(charge(old)) == token(charge(new)) == (402, "budget_exceeded")
    where = {"feature_key": f"eq.{feature}", "select": "model_id"}
    assert admin.get("/feature_model_policies", params=where).json() == [{"model_id": new_id}]

    assert service.patch(f"/budgets?lenser_id=eq.{ada}", json={"hard_limit": 26}).is_success
    assert charge(old).json()["model_id"] == new_id
    assert token(charge(new)) == (402, "budget_exceeded")
    owner = api("billing", "authenticated", UUID(ada))
    assert owner.get("/budget_periods?select=spent::text").json() == [{"spent": "26"}]


def test_routes_stay_where_the_admin_says_so(
    db: Connection, api: Api, new_user: Any, new_model: Any
) -> None:
    (old, old_id), (new, _) = priced_model(db, new_model), priced_model(db, new_model)
    admin = api("ai", "authenticated", new_user("admin"))
    feature = "f" + uuid4().hex[:12]
    admin.post("/features", json={"key": feature})
    admin.post("/feature_model_policies", json={"feature_key": feature, "model_id": old_id})
    asked = {"model": old, "successor": new, "reroute": False}
    assert admin.post("/rpc/retire_model", json=asked).is_success
    where = {"feature_key": f"eq.{feature}", "select": "model_id"}
    assert admin.get("/feature_model_policies", params=where).json() == [{"model_id": old_id}]


def test_a_period_is_of_a_time_zone(
    db: Connection, api: Api, new_user: Any, new_model: Any
) -> None:
    (model, _), ada = priced_model(db, new_model), str(new_user())
    service, admin = (
        api("billing", "service_role"),
        api("billing", "authenticated", new_user("admin")),
    )
    for zone in ("XYZ+0:07", "CET-1CEST", "CEST", "utc", "Mars/Olympus", "", None):
        refused = service.post(
            "/budgets",
            json={"lenser_id": ada, "period": "day", "time_zone": zone, "hard_limit": 1},
        )
        assert token(refused) == (422, "invalid_argument")
    budget = {"lenser_id": ada, "period": "day", "time_zone": "Pacific/Kiritimati"}
    assert admin.post("/all_budgets", json=budget | {"hard_limit": 13}).is_success
    assert service.post("/rpc/grant_credits", json={"account": ada, "amount": 100}).is_success
    asked = {"account": ada, "model": model, "usage": {"input": 1}}
    before = datetime.now(UTC)
    assert service.post("/rpc/charge_generation", json=asked).is_success
    assert token(service.post("/rpc/charge_generation", json=asked)) == (402, "budget_exceeded")
    days = {
        str(at.astimezone(ZoneInfo("Pacific/Kiritimati")).date())
        for at in (before, datetime.now(UTC))
    }
    owner = api("billing", "authenticated", UUID(ada))
    (period,) = owner.get("/budget_periods").json()
    assert period["starts_on"] in days
    # Fourteen hours ahead of UTC, all year.
    assert period["starts_at"].endswith("T10:00:00+00:00")
    assert period["ends_at"].endswith("T10:00:00+00:00")

    # The day there is another in New York: the budget counts by it from now on.
    own = f"lenser_id=eq.{ada}"
    assert owner.patch(f"/budgets?{own}", json={"time_zone": "UTC"}).status_code == 403
    assert admin.patch(f"/all_budgets?{own}", json={"time_zone": "America/New_York"}).is_success
    assert token(service.post("/rpc/charge_generation", json=asked)) == (402, "budget_exceeded")
    assert service.patch(f"/budgets?{own}", json={"period": "week"}).status_code == 403
    week = {"lenser_id": ada, "period": "week", "time_zone": "America/New_York", "soft_limit": 1}
    assert service.post("/budgets", json=week).is_success
    assert owner.get("/budgets?select=period,time_zone&order=period").json() == [
        {"period": "day", "time_zone": "America/New_York"},
        {"period": "week", "time_zone": "America/New_York"},
    ]


def test_a_hold_that_timed_out_leaves_the_overdraft(api: Api, new_user: Any) -> None:
    ada = str(new_user())
    service = api("billing", "service_role")
    assert service.post("/rpc/grant_credits", json={"account": ada, "amount": 1}).is_success

    def limit(credits_: int) -> Any:
        return service.patch(f"/accounts?id=eq.{ada}", json={"overdraft_limit": credits_})

    def hold(expires_in: str) -> Any:
        asked = {"account": ada, "amount": 3, "expires_in": expires_in}
        return service.post("/rpc/authorize_credits", json=asked)

    assert limit(10).is_success
    held = hold("1 hour")
    assert token(limit(1)) == (422, "invalid_argument")
    released = {"hold": held.json()["hold_id"]}
    assert service.post("/rpc/release_hold", json=released).is_success
    assert hold("1 millisecond").is_success
    assert limit(0).is_success
    account = "posted::text,reserved::text,overdraft_limit::text"
    assert service.get(f"/accounts?id=eq.{ada}&select={account}").json() == [
        {"posted": "1", "reserved": "0", "overdraft_limit": "0"}
    ]
    holds = service.get(f"/holds?account_id=eq.{ada}&select=status&order=id").json()
    assert holds == [{"status": "released"}, {"status": "expired"}]
