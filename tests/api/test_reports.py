"""Reports over HTTP: owners read their own, by GET, and what the platform paid is for admins and the service role."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.conftest import Api

CHAT = {"input": 1000, "output": 500}  # 0.585 credits on gpt-4o-mini, which cost 0.00045 USD


@pytest.fixture
def ada(api: Api, new_user: Any) -> UUID:
    """A user with 10 credits of which 0.585 are spent."""
    owner: UUID = new_user()
    service = api("billing", "service_role")
    for function, arguments in (
        ("grant_credits", {"account": str(owner), "amount": 10}),
        ("charge_generation", {"account": str(owner), "model": "gpt-4o-mini", "usage": CHAT}),
    ):
        assert service.post(f"/rpc/{function}", json=arguments).is_success
    return owner


def since(days: int = 1) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def token(answer: httpx.Response) -> Any:
    return answer.status_code, answer.json().get("code")


def test_a_statement_is_paged(api: Api, ada: UUID, new_user: Any) -> None:
    own = api("billing", "authenticated", ada)
    asked = {"account": str(ada), "at_most": "1", "select": "id,number,amount::text,model,usage"}
    (granted,) = own.get("/rpc/statement", params=asked).json()
    assert (granted["number"], granted["amount"], granted["model"]) == (1, "10", None)
    (spent,) = own.get("/rpc/statement", params=asked | {"after": granted["id"]}).json()
    assert (spent["number"], spent["amount"], spent["model"]) == (2, "-0.585", "gpt-4o-mini")
    assert spent["usage"] == CHAT
    assert own.get("/rpc/statement", params=asked | {"after": spent["id"]}).json() == []
    for role, sub in (("service_role", None), ("authenticated", new_user("admin"))):
        theirs = api("billing", role, sub).get("/rpc/statement", params=asked)
        assert theirs.json() == [granted]
    other = api("billing", "authenticated", new_user())
    assert token(other.get("/rpc/statement", params=asked)) == (403, "42501")
    assert token(api("billing").get("/rpc/statement", params=asked)) == (401, "42501")


def test_balances_are_told_by_the_day(api: Api, ada: UUID, new_user: Any) -> None:
    asked = {"account": str(ada), "since": since(), "time_zone": "Asia/Kathmandu"}
    own = api("billing", "authenticated", ada)
    days = own.get("/rpc/balance_history", params=asked | {"select": "balance::text"}).json()
    assert [day["balance"] for day in days] == ["0", "9.415"]
    wrong = own.get("/rpc/balance_history", params=asked | {"time_zone": "XYZ+0:07"})
    assert token(wrong) == (422, "PT422")
    other = api("billing", "authenticated", new_user())
    assert token(other.get("/rpc/balance_history", params=asked)) == (403, "42501")
    assert token(api("billing").get("/rpc/balance_history", params=asked)) == (401, "42501")


def test_a_forecast_tells_owners_no_cost(api: Api, ada: UUID, new_user: Any) -> None:
    own = api("billing", "authenticated", ada)
    select = {"select": "measure,so_far::text,low"}
    used = {"measure": "credits", "so_far": "0.585", "low": None}
    assert own.get("/rpc/forecast_month", params=select).json() == [used]
    of_ada = select | {"owner": str(ada)}
    for role, sub in (("service_role", None), ("authenticated", new_user("admin"))):
        theirs = api("billing", role, sub).get("/rpc/forecast_month", params=of_ada)
        assert theirs.json() == [used, {"measure": "cost", "so_far": "0.00045", "low": None}]
    other = api("billing", "authenticated", new_user())
    assert token(other.get("/rpc/forecast_month", params=of_ada)) == (403, "42501")
    assert token(api("billing").get("/rpc/forecast_month")) == (401, "42501")


def test_what_ifs_are_for_admins_and_the_service_role(api: Api, ada: UUID, new_user: Any) -> None:
    period = {"since": since(), "until": datetime.now(UTC).isoformat()}
    price = {"model": "gpt-4o-mini", "meter": "input", "price": "0.000001"}
    calls = (
        ("billing", "reprice_summary", period | {"by": "day", "select": "key,cost::text"}),
        ("ai", "preview_price", price | period | {"select": "changed,cost_after::text"}),
    )
    for schema, function, asked in calls:
        for role, sub in (("service_role", None), ("authenticated", new_user("admin"))):
            answer = api(schema, role, sub).get(f"/rpc/{function}", params=asked)
            assert answer.status_code == 200
            assert len(answer.json()) > 0
        own = api(schema, "authenticated", ada)
        assert token(own.get(f"/rpc/{function}", params=asked)) == (403, "42501")
        assert token(api(schema).get(f"/rpc/{function}", params=asked)) == (401, "42501")
