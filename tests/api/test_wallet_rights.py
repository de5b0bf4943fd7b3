"""The wallet over HTTP: who may call its functions, and what an owner may read of it."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.conftest import Api, Connection

NOBODY = str(UUID(int=0))
Calls = dict[str, tuple[dict[str, Any], str | None]]
"""Arguments, and what one who may call is told of what is not there; None where nothing is looked for."""
CALLS: Calls = {
    "authorize_credits": ({"account": NOBODY, "amount": 1}, "unknown_account"),
    "capture_hold": ({"hold": NOBODY}, "unknown_hold"),
    "cut_hold": ({"hold": NOBODY}, "unknown_hold"),
    "release_hold": ({"hold": NOBODY}, "unknown_hold"),
    "charge_generation": (
        {"account": NOBODY, "model": "gpt-4o-mini", "usage": {"input": 1}},
        "unknown_account",
    ),
    "charge_generations": (
        {"requests": [{"account": NOBODY, "model": "gpt-4o-mini", "usage": {"input": 1}}]},
        "unknown_account",
    ),
    "settle_charge": ({"charge": NOBODY, "amount": 1}, "unknown_charge"),
    "move_credits": (
        {"from_account": NOBODY, "to_account": str(UUID(int=1)), "amount": 1},
        "unknown_account",
    ),
    "set_member": ({"account": NOBODY, "member": NOBODY}, "unknown_account"),
    "remove_member": ({"account": NOBODY, "member": NOBODY}, "unknown_account"),
    "create_recurring_grant": ({"account": NOBODY, "amount": 1}, "unknown_account"),
    "end_recurring_grant": ({"recurring_grant": NOBODY}, None),
    "sweep_accounts": ({}, None),
    "purge": ({}, None),
    "drain_usage": ({}, None),
}
ADMIN_CALLS: Calls = {
    "grant_credits": ({"account": NOBODY, "amount": 1}, "unknown_account"),
    "refund_charge": ({"charge": NOBODY}, "unknown_charge"),
    "revoke_grant": ({"lot": NOBODY}, "unknown_lot"),
    "get_balance": ({"account": NOBODY}, "unknown_account"),
    "self_check": ({}, None),
    "rebuild_usage": ({}, None),
    "check_usage": ({}, None),
}
OWNED = (
    "accounts",
    "account_members",
    "recurring_grants",
    "grants",
    "holds",
    "charges",
    "ledger_entries",
    "budgets",
    "budget_periods",
    "outbox",
    "balances",
)
# Of these an admin reads everybody's rows in all_<table>.
ALL = set(OWNED) - {"balances"}
HIDDEN = ("charge_costs", "credit_rates", "execution_margin_policies")


@pytest.fixture
def wallet(api: Api, new_user: Any, db: Connection) -> UUID:
    """A user of whom every table of the wallet has a row. 1,000 input and 500 output tokens cost 0.585 credits."""
    owner: UUID = new_user()
    service = api("billing", "service_role")

    def call(function: str, **arguments: Any) -> Any:
        response = service.post(f"/rpc/{function}", json=arguments)
        assert response.is_success, response.text
        return response.json() if response.content else None

    account = str(owner)
    call("grant_credits", account=account, amount="100", source="stripe", external_ref=str(owner))
    call("create_recurring_grant", account=account, amount=5)
    call("set_member", account=account, member=str(new_user()), spend_limit=10)
    budget = {"lenser_id": account, "period": "month", "soft_limit": "0.1"}
    assert service.post("/budgets", json=budget).is_success
    call("authorize_credits", account=account, amount=7)
    usage = {"input": 1000, "output": 500}
    call(
        "charge_generation",
        account=account,
        model="gpt-4o-mini",
        usage=usage,
        prompt="hello",
        idempotency_key="k",
    )
    return owner


def test_every_function_of_the_wallet_is_asked_about(db: Connection) -> None:
    found = db.execute(
        """
        select p.proname as name from pg_proc as p
        where p.pronamespace = 'billing'::regnamespace
          and not has_function_privilege('authenticated', p.oid, 'execute')
        """
    ).fetchall()
    assert {row["name"] for row in found} == set(CALLS)


@pytest.mark.parametrize("function", CALLS)
def test_only_the_service_role_calls_the_wallet(function: str, api: Api, new_user: Any) -> None:
    arguments, error = CALLS[function]
    for client, status in (
        (api("billing"), 401),
        (api("billing", "authenticated", new_user()), 403),
        (api("billing", "authenticated", new_user("admin")), 403),
    ):
        response = client.post(f"/rpc/{function}", json=arguments)
        assert (response.status_code, response.json()["code"]) == (status, "42501")
    assert_answered(api("billing", "service_role"), function, arguments, error)


@pytest.mark.parametrize("function", ADMIN_CALLS)
def test_what_admins_may_call_says_why_nobody_else_may(
    function: str, wallet: UUID, api: Api, new_user: Any, db: Connection
) -> None:
    arguments, error = ADMIN_CALLS[function]
    before = db.execute("select max(id) as id from lensers.audit_history").fetchone()
    member = new_user()
    db.execute("select billing.set_member(%s, %s)", [wallet, member])
    anon = api("billing").post(f"/rpc/{function}", json=arguments)
    assert (anon.status_code, anon.json()["code"]) == (401, "42501")
    for somebody in (wallet, member, new_user(), new_user("moderator")):
        client = api("billing", "authenticated", somebody)
        refused = client.post(f"/rpc/{function}", json=arguments)
        assert (refused.status_code, refused.json()["code"]) == (403, "42501")
        assert json.loads(refused.json()["details"])["error"] == "not_allowed"
        assert refused.json()["message"] in (
            "This is for admins and the service role.",
            "You may ask for the balance of your own accounts only.",
        )
    for client in (
        api("billing", "service_role"),
        api("billing", "authenticated", new_user("admin")),
    ):
        assert_answered(client, function, arguments, error)
    after = db.execute("select max(id) as id from lensers.audit_history").fetchone()
    # But for the two roles that were given.
    assert before is not None
    assert after is not None
    assert after["id"] == before["id"] + 2


def assert_answered(
    client: httpx.Client, function: str, arguments: dict[str, Any], error: str | None
) -> None:
    response = client.post(f"/rpc/{function}", json=arguments)
    if error is None:
        assert response.status_code == 200
    else:
        assert response.status_code == 404
        assert json.loads(response.json()["details"])["error"] == error


@pytest.mark.parametrize("table", OWNED)
def test_an_owner_reads_the_own_and_nobody_elses(
    table: str, wallet: UUID, api: Api, new_user: Any
) -> None:
    mine = {"lenser_id": f"eq.{wallet}", "select": "lenser_id"}
    owner = api("billing", "authenticated", wallet)
    assert {row["lenser_id"] for row in owner.get(f"/{table}").json()} == {str(wallet)}
    stranger = api("billing", "authenticated", new_user())
    counted = stranger.get(f"/{table}", params=mine, headers={"Prefer": "count=exact"})
    assert (counted.json(), counted.headers["content-range"]) == ([], "*/0")
    assert api("billing").get(f"/{table}").status_code == 401
    everybodys = f"all_{table}" if table in ALL else table
    admin = api("billing", "authenticated", new_user("admin"))
    assert admin.get(f"/{everybodys}", params=mine).json() != []
    assert api("billing", "service_role").get(f"/{table}", params=mine).json() != []
    if table in ALL:
        for nobody in (owner, stranger):
            counted = nobody.get(f"/{everybodys}", headers={"Prefer": "count=exact"})
            assert (counted.json(), counted.headers["content-range"]) == ([], "*/0")
        assert admin.get(f"/{table}", params=mine).json() == []


@pytest.mark.parametrize("table", [*HIDDEN, "idempotency_keys"])
def test_what_is_behind_a_charge_is_not_the_owners(
    table: str, wallet: UUID, api: Api, new_user: Any
) -> None:
    response = api("billing", "authenticated", wallet).get(
        f"/{table}", headers={"Prefer": "count=exact"}
    )
    admin = api("billing", "authenticated", new_user("admin")).get(f"/{table}")
    if table == "idempotency_keys":
        assert (response.status_code, admin.status_code) == (403, 403)
    else:
        assert (response.json(), response.headers["content-range"]) == ([], "*/0")
        assert admin.json() != []
    assert api("billing", "service_role").get(f"/{table}").json() != []


def test_an_owner_sees_the_charge_without_what_priced_it(
    wallet: UUID, api: Api, db: Connection
) -> None:
    owner = api("billing", "authenticated", wallet)
    answers = [owner.get(f"/{table}").text for table in OWNED]
    ids = db.execute(
        "select array_append(price_ids, credit_rate_id) || margin_policy_id as ids"
        " from billing.charge_costs where lenser_id = %s",
        [wallet],
    ).fetchone()
    assert ids is not None
    assert len(ids["ids"]) == 4
    assert not [i for i in ids["ids"] for answer in answers if str(i) in answer]
    charge = owner.get("/charges", params={"select": "credits::text,lines,usage"}).json()
    assert charge == [
        {
            "credits": "0.585",
            "usage": {"input": 1000, "output": 500},
            "lines": [
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
            ],
        }
    ]
    # Nor by a filter or an embedding.
    for path in ("/charges?select=*,charge_costs(cost)", "/charges?select=id,charge_costs(*)"):
        response = owner.get(path)
        assert response.status_code == 400 or not any(
            row.get("charge_costs") for row in response.json()
        )


def test_the_balance_is_the_same_for_owner_and_service(wallet: UUID, api: Api) -> None:
    # 100 and an allowance of 5, 0.585 charged and 7 held.
    expected = {"posted": "104.415", "reserved": "7", "available": "97.415", "debt": "0"}
    asked = api("billing", "service_role").post("/rpc/get_balance", json={"account": str(wallet)})
    assert {key: asked.json()[key] for key in expected} == expected
    seen = api("billing", "authenticated", wallet).get(
        "/balances", params={"select": "posted::text,reserved::text,available::text,debt::text"}
    )
    assert seen.json() == [expected]


def test_too_little_is_402_and_says_how_much(api: Api, new_user: Any) -> None:
    account = str(new_user())
    service = api("billing", "service_role")
    assert service.post("/rpc/grant_credits", json={"account": account, "amount": 2}).is_success
    assert service.post(
        "/rpc/authorize_credits", json={"account": account, "amount": "1.5"}
    ).is_success
    response = service.post("/rpc/authorize_credits", json={"account": account, "amount": "0.6"})
    assert (response.status_code, response.json()["code"]) == (402, "PT402")
    assert json.loads(response.json()["details"]) == {
        "error": "insufficient_credits",
        "account": account,
        "balance": "2",
        "held": "1.5",
        "overdraft_limit": "0",
        "needed": "0.6",
    }


def test_a_get_request_changes_nothing(api: Api, new_user: Any) -> None:
    """PostgREST runs GET in a read-only transaction, so that a link or a crawler cannot spend."""
    account = str(new_user())
    service = api("billing", "service_role")
    response = service.get("/rpc/grant_credits", params={"account": account, "amount": "1"})
    assert response.status_code == 405
    balance = service.get("/rpc/get_balance", params={"account": account})
    assert balance.json()["posted"] == "0"


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "-1", "0", "1e40", None])
def test_no_unusable_amount_gets_in(amount: str | None, api: Api, new_user: Any) -> None:
    account = str(new_user())
    service = api("billing", "service_role")
    response = service.post("/rpc/grant_credits", json={"account": account, "amount": amount})
    assert response.status_code == 422
    assert json.loads(response.json()["details"])["error"] == "invalid_amount"
    assert service.get("/balances", params={"lenser_id": f"eq.{account}"}).json() == []
