"""What an admin does with other people's credits, signed in: a browser holds no service key."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.conftest import Api, Connection


@pytest.fixture
def admin(new_user: Callable[..., UUID]) -> UUID:
    return new_user("admin")


@pytest.fixture
def ada(new_user: Callable[..., UUID]) -> str:
    return str(new_user())


def done(response: httpx.Response) -> Any:
    assert response.is_success, response.text
    return response.json()


def named(db: Connection, admin: UUID) -> list[dict[str, Any]]:
    """What the history says of an admin."""
    return db.execute(
        "select table_name, operation, row_key, after, role, database_user, request_id"
        " from lensers.audit_history where subject = %s order by id",
        [admin],
    ).fetchall()


def test_an_admin_grants_refunds_and_takes_back(
    api: Api, db: Connection, admin: UUID, ada: str
) -> None:
    client = api("billing", "authenticated", admin)
    client.headers["X-Request-Id"] = "r-1"
    granted = done(
        client.post(
            "/rpc/grant_credits",
            json={"account": ada, "amount": "10", "source": "gift", "external_ref": ada},
        )
    )
    charged = done(
        api("billing", "service_role").post(
            "/rpc/charge_generation",
            json={"account": ada, "model": "dall-e-3", "usage": {"image": 0.05}},
        )
    )
    assert charged["balance"]["posted"] == "7.4"
    refunded = done(
        client.post(
            "/rpc/refund_charge",
            json={"charge": charged["charge_id"], "amount": "2", "reason": "blurred"},
        )
    )
    assert (refunded["amount"], refunded["balance"]["posted"]) == ("2", "9.4")
    revoked = done(
        client.post("/rpc/revoke_grant", json={"lot": granted["grant_id"], "reason": "disputed"})
    )
    assert (revoked["from_lot"], revoked["owed"]) == ("9.4", "0.6")
    balance = done(client.get("/rpc/get_balance", params={"account": ada}))
    assert (balance["posted"], balance["debt"]) == ("-0.6", "0.6")

    entries = named(db, admin)
    assert [
        (
            entry["table_name"],
            entry["operation"],
            entry["row_key"]["id"],
            entry["after"]["function"],
        )
        for entry in entries
    ] == [
        ("billing.grants", "CALL", granted["grant_id"], "billing.grant_credits"),
        ("billing.charges", "CALL", charged["charge_id"], "billing.refund_charge"),
        ("billing.grants", "CALL", granted["grant_id"], "billing.revoke_grant"),
    ]
    assert {(e["role"], e["database_user"], e["request_id"]) for e in entries} == {
        ("authenticated", "authenticator", "r-1")
    }
    assert [entry["after"]["arguments"].get("reason") for entry in entries] == [
        None,
        "blurred",
        "disputed",
    ]
    # Admins read it where they read what else was changed; the owner does not.
    asked = {"row_key": f'eq.{{"id":"{granted["grant_id"]}"}}', "select": "subject"}
    seen = done(api("lensers", "authenticated", admin).get("/audit_history", params=asked))
    assert seen == [{"subject": str(admin)}] * 2
    owner = api("lensers", "authenticated", UUID(ada))
    assert done(owner.get("/audit_history", params=asked)) == []


def test_the_same_key_has_one_effect_and_one_entry(
    api: Api, db: Connection, admin: UUID, ada: str
) -> None:
    client = api("billing", "authenticated", admin)
    body = {"account": ada, "amount": "5", "idempotency_key": "k"}
    answers = [done(client.post("/rpc/grant_credits", json=body)) for _ in range(3)]
    # Whoever repeats it.
    answers.append(done(api("billing", "service_role").post("/rpc/grant_credits", json=body)))
    assert answers == answers[:1] * 4
    conflict = client.post("/rpc/grant_credits", json=body | {"amount": "6"})
    assert (conflict.status_code, conflict.json()["code"]) == (409, "PT409")
    assert len(named(db, admin)) == 1


def test_a_key_of_the_service_role_stays_its_own(
    api: Api, db: Connection, admin: UUID, ada: str
) -> None:
    """A write that the service role made is answered to an admin, and is not the admin's."""
    body = {"account": ada, "amount": "5", "idempotency_key": "k"}
    first = done(api("billing", "service_role").post("/rpc/grant_credits", json=body))
    assert (
        done(api("billing", "authenticated", admin).post("/rpc/grant_credits", json=body)) == first
    )
    assert named(db, admin) == []


def test_one_who_is_admin_no_more_is_refused(
    api: Api, db: Connection, admin: UUID, ada: str
) -> None:
    client = api("billing", "authenticated", admin)
    body = {"account": ada, "amount": "5"}
    done(client.post("/rpc/grant_credits", json=body))
    db.execute("delete from lensers.user_roles where user_id = %s", [admin])
    refused = client.post("/rpc/grant_credits", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "42501")
    # Nor does a claim in the token make one.
    assert client.get("/rpc/get_balance", params={"account": ada}).status_code == 403


def test_a_link_grants_nothing(api: Api, admin: UUID, ada: str) -> None:
    client = api("billing", "authenticated", admin)
    followed = client.get("/rpc/grant_credits", params={"account": ada, "amount": "1"})
    assert followed.status_code == 405
    assert done(client.get("/rpc/get_balance", params={"account": ada}))["posted"] == "0"


def test_balances_are_the_own_and_for_admins_all(
    api: Api, admin: UUID, ada: str, new_user: Callable[..., UUID]
) -> None:
    done(
        api("billing", "service_role").post(
            "/rpc/grant_credits", json={"account": ada, "amount": "7"}
        )
    )
    for caller in (
        api("billing", "authenticated", UUID(ada)),
        api("billing", "authenticated", admin),
    ):
        asked = caller.get("/rpc/get_balance", params={"account": ada})
        assert done(asked)["available"] == "7"
    # What is not there and what is somebody else's look alike.
    stranger = api("billing", "authenticated", new_user())
    answers = [
        stranger.get("/rpc/get_balance", params={"account": account})
        for account in (ada, str(uuid4()), str(admin))
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.json()["message"] for answer in answers}) == 1
    assert api("billing").get("/rpc/get_balance", params={"account": ada}).status_code == 401


def test_health_is_for_admins_too(api: Api, admin: UUID, ada: str) -> None:
    client = api("billing", "authenticated", admin)
    done(client.post("/rpc/grant_credits", json={"account": ada, "amount": "7"}))
    whole = done(client.post("/rpc/self_check", json={}))
    part = done(client.post("/rpc/self_check", json={"from_account": ada, "to_account": ada}))
    hour = {"since": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))}
    recent = done(client.get("/rpc/self_check", params=hour))
    assert {check["severity"] for check in part} == {"ok"}
    names = [{check["check_name"] for check in checks} for checks in (whole, part, recent)]
    assert names[0] - names[1] == {
        "a_hold_is_of_an_account",
        "an_entry_is_of_an_account",
        "a_charge_is_of_an_account",
        "a_cost_belongs_to_a_charge",
    }
    assert names[0] - names[2] == {
        "debt_is_the_sum_of_its_entries",
        "revoked_debt_is_of_revocations",
        "spent_is_what_members_were_charged",
        "what_was_taken_back_is_in_the_ledger",
    }
    wrong = client.post("/rpc/self_check", json={"since": "2999-01-01T00:00:00Z"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "PT422")

    checks = done(api("ai", "authenticated", admin).post("/rpc/self_check", json={}))
    assert {"partitions_ahead", "as_migrated"} <= {check["check_name"] for check in checks}
    for somebody, status in ((api("ai"), 401), (api("ai", "authenticated", UUID(ada)), 403)):
        refused = somebody.post("/rpc/self_check", json={})
        assert (refused.status_code, refused.json()["code"]) == (status, "42501")
