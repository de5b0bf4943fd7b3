"""The audit history over the API: who, whichever way a change comes in, and nobody changes it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from tests.conftest import Api, Connection


@pytest.mark.parametrize(
    ("schema", "table", "column"),
    [
        ("ai", "models", "name"),
        pytest.param("compat", "api_models", "display_name", marks=pytest.mark.compat),
    ],
)
def test_three_ways_in_leave_three_entries_with_their_actors(
    schema: str, table: str, column: str, db: Connection, api: Api, new_user: Any, new_model: Any
) -> None:
    model: UUID = new_model(name="Zero")
    admin: UUID = new_user("admin")
    db.execute("update ai.models set name = 'One' where id = %s", [model])
    service = api("ai", "service_role")
    assert service.patch(f"/models?id=eq.{model}", json={"name": "Two"}).is_success
    done = api(schema, "authenticated", admin).patch(
        f"/{table}?id=eq.{model}",
        json={column: "Three"},
        headers={"X-Request-Id": "req-42"},
    )
    assert done.is_success

    entries = (
        api("lensers", "authenticated", admin)
        .get(
            "/audit_history",
            params={
                "select": "subject,role,database_user,request_id,old:before->>name,new:after->>name",
                "table_name": "eq.ai.models",
                "row_key": f'eq.{{"id": "{model}"}}',
                "operation": "eq.UPDATE",
                "order": "id",
            },
        )
        .json()
    )
    assert [tuple(entry.values()) for entry in entries] == [
        (None, "postgres", "postgres", None, "Zero", "One"),
        (None, "service_role", "authenticator", None, "One", "Two"),
        (str(admin), "authenticated", "authenticator", "req-42", "Two", "Three"),
    ]


@pytest.mark.parametrize("role", ["admin", "service_role", "authenticated", "anon"])
def test_an_update_of_the_history_is_refused(role: str, api: Api, new_user: Any) -> None:
    if role in ("admin", "authenticated"):
        client = api("lensers", "authenticated", new_user(role if role == "admin" else None))
    else:
        client = api("lensers", role)
    status = 401 if role == "anon" else 403
    for answer in (
        client.patch("/audit_history?id=gt.0", json={"subject": None}),
        client.delete("/audit_history?id=gt.0"),
        client.post("/audit_history", json={"table_name": "ai.models"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (status, "42501")


def test_an_update_of_the_history_is_refused_for_its_owner(db: Connection) -> None:
    with pytest.raises(psycopg.errors.Error) as refused:
        db.execute("update lensers.audit_history set subject = null")
    assert refused.value.sqlstate == "PT409"


def test_who_reads_the_history(api: Api, new_user: Any) -> None:
    def seen(client: httpx.Client) -> str:
        return client.get("/audit_history?limit=1", headers={"Prefer": "count=exact"}).headers[
            "content-range"
        ]

    assert seen(api("lensers", "authenticated", new_user())) == "*/0"
    assert seen(api("lensers", "authenticated", new_user("admin"))).startswith("0-0/")
    assert seen(api("lensers", "service_role")).startswith("0-0/")
    assert api("lensers").get("/audit_history").status_code == 401


def test_a_refused_change_leaves_no_entry(db: Connection, api: Api, new_user: Any) -> None:
    def entries() -> Any:
        return db.execute("select max(id) as newest from lensers.audit_history").fetchone()

    user = api("ai", "authenticated", new_user())
    service = api("ai", "service_role")
    before = entries()
    user.patch("/providers?key=eq.openai", json={"name": "Mine"})
    assert service.post("/features", json={"key": "Not A Key"}).status_code == 400
    assert entries() == before
