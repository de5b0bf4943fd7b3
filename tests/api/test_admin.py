"""The admin functions over the API: all or nothing, for admins and the service role, one transaction each."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.conftest import Api, Connection

CALLS: dict[str, dict[str, Any]] = {
    "activate_models": {"models": ["gpt-4o"]},
    "deactivate_models": {"models": ["gpt-4o"]},
    "set_default_model": {"model": "gpt-4o"},
    "schedule_price": {"model": "gpt-4o", "meter": "input", "price": "1"},
    "retire_model": {"model": "gpt-4o"},
    "merge_models": {"duplicate": "gpt-4o", "into": "gpt-4.1"},
    "export_prices": {},
    "model_as_of": {"model": "gpt-4o", "at": "2030-01-01T00:00:00Z"},
}


@pytest.mark.parametrize("function", CALLS)
def test_others_are_refused_and_nothing_changes(
    function: str, db: Connection, api: Api, new_user: Any
) -> None:
    def newest() -> Any:
        return db.execute("select max(id) as newest from lensers.audit_history").fetchone()

    user = new_user()
    before = newest()
    anon = api("ai").post(f"/rpc/{function}", json=CALLS[function])
    assert (anon.status_code, anon.json()["code"]) == (401, "42501")
    refused = api("ai", "authenticated", user).post(f"/rpc/{function}", json=CALLS[function])
    assert (refused.status_code, refused.json()["code"]) == (403, "42501")
    assert json.loads(refused.json()["details"])["error"] == "not_allowed"
    assert newest() == before


def test_models_are_closed_and_opened_all_or_none(
    db: Connection, api: Api, new_user: Any, new_model: Any
) -> None:
    one, two = str(new_model()), str(new_model())
    admin = api("ai", "authenticated", new_user("admin"))
    closed = admin.post("/rpc/deactivate_models?select=id,is_active", json={"models": [one, two]})
    assert sorted(model["id"] for model in closed.json()) == sorted([one, two])
    assert not any(model["is_active"] for model in closed.json())
    entries = db.execute(
        "select count(*) as entries, count(distinct transaction_id) as calls from lensers.audit_history"
        " where row_key ->> 'id' = any(%s) and operation = 'UPDATE'",
        [[one, two]],
    ).fetchone()
    assert entries == {"entries": 2, "calls": 1}

    unknown = admin.post("/rpc/activate_models", json={"models": [one, "no-such-model"]})
    assert unknown.status_code == 404
    assert json.loads(unknown.json()["details"])["model"] == "no-such-model"
    still = admin.get(f"/models?id=eq.{one}&select=is_active").json()
    assert still == [{"is_active": False}]
    assert api("ai", "service_role").post("/rpc/activate_models", json={"models": [one]}).is_success


def test_a_price_is_scheduled_and_exported_as_csv(api: Api, new_user: Any, new_model: Any) -> None:
    model = str(new_model(key=(key := "m" + uuid4().hex[:12])))
    admin = api("ai", "authenticated", new_user("admin"))
    for price, start in (("0.00000015", "2025-01-01Z"), ("0.0000001", "2099-01-01Z")):
        made = admin.post(
            "/rpc/schedule_price?select=price_per_unit::text",
            json={"model": key, "meter": "input", "price": price, "effective_from": start},
        )
        assert made.json() == [{"price_per_unit": price}]
    answer = admin.get(f"/rpc/export_prices?model=eq.{key}", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    (line,) = csv.DictReader(io.StringIO(answer.text))
    assert (line["model"], line["meter"], line["price_per_unit"], line["currency"]) == (
        key,
        "input",
        "0.00000015",
        "USD",
    )
    assert (line["service_tier"], line["variant"], line["effective_from"], line["is_public"]) == (
        "standard",
        "",
        "2025-01-01 00:00:00+00",
        "t",
    )
    assert api("ai").get(f"/model_pricing?model_id=eq.{model}&select=meter").json() == [
        {"meter": "input"}
    ]


def test_a_retired_model_leads_to_its_successor_and_is_embedded_with_it(
    db: Connection, api: Api, new_user: Any, new_model: Any
) -> None:
    old, new = ("m" + uuid4().hex[:12] for _ in range(2))
    for key, price in ((old, 1), (new, 2)):
        db.execute(
            "insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)"
            " values (%s, 'input', %s, '2025-01-01Z')",
            [new_model(key=key), price],
        )
    admin = api("ai", "authenticated", new_user("admin"))
    retired = admin.post("/rpc/retire_model", json={"model": old, "successor": new})
    assert retired.is_success

    def quote(**more: Any) -> tuple[str, str]:
        answer = api("billing").post(
            "/rpc/quote", json={"model": old, "usage": {"input": 1}} | more
        )
        return answer.json()["model"], answer.json()["cost"]

    assert quote() == (new, "2")
    assert quote(at="2025-06-01T00:00:00Z") == (old, "1")
    listed = api("ai").get(
        "/models", params={"key": f"eq.{old}", "select": "status,successor:successor_id(key)"}
    )
    assert listed.json() == [{"status": "retired", "successor": {"key": new}}]


def test_a_model_as_it_was(db: Connection, api: Api, new_user: Any, new_model: Any) -> None:
    model: UUID = new_model(name="Before")
    row = db.execute("select ratebook.clock() as at").fetchone()
    assert row is not None
    db.execute("update ai.models set name = 'After' where id = %s", [model])
    admin = api("ai", "authenticated", new_user("admin"))

    def as_of(at: str) -> Any:
        return admin.post("/rpc/model_as_of", json={"model": str(model), "at": at})

    assert as_of(row["at"].isoformat()).json()["name"] == "Before"
    assert as_of("2099-01-01T00:00:00Z").json()["name"] == "After"
    assert as_of("2020-01-01T00:00:00Z").status_code == 404


@pytest.fixture
def task(db: Connection) -> Iterator[str]:
    """A task of its own, whose default is nobody else's."""
    name = "t" + uuid4().hex[:12]
    yield name
    db.execute("update ai.models set is_default = false where task = %s", [name])


def test_of_two_admins_who_set_a_default_at_once_the_later_stands(
    ratebook_stack: Any, db: Connection, api: Api, new_user: Any, new_model: Any, task: str
) -> None:
    models = [str(new_model(task=task)) for _ in range(2)]
    admin = new_user("admin")
    with (
        psycopg.connect(ratebook_stack.dsn) as first,
        ThreadPoolExecutor() as pool,
    ):
        first.execute("select ai.set_default_model(%s)", [models[0]])
        waiting = pool.submit(
            api("ai", "authenticated", admin).post,
            "/rpc/set_default_model",
            json={"model": models[1]},
        )
        deadline = time.monotonic() + 10
        waiters = (
            "select count(*) as waiting from pg_locks where locktype = 'advisory' and not granted"
        )
        while db.execute(waiters).fetchone() == {"waiting": 0}:
            assert time.monotonic() < deadline, "the second admin does not wait"
            time.sleep(0.02)
        first.commit()
        assert waiting.result(timeout=10).is_success
    defaults = db.execute(
        "select id::text from ai.models where task = %s and is_default", [task]
    ).fetchall()
    assert defaults == [{"id": models[1]}]


def test_many_admins_at_once_leave_one_default(
    db: Connection, api: Api, new_user: Any, new_model: Any, task: str
) -> None:
    models = [str(new_model(task=task)) for _ in range(8)]
    clients = [api("ai", "authenticated", new_user("admin")) for _ in models]
    with ThreadPoolExecutor(len(models)) as pool:
        answers = list(
            pool.map(
                lambda pair: pair[0].post("/rpc/set_default_model", json={"model": pair[1]}),
                zip(clients, models, strict=True),
            )
        )
    assert [answer.status_code for answer in answers] == [200] * 8
    defaults = db.execute(
        "select count(*) as defaults from ai.models where task = %s and is_default", [task]
    ).fetchone()
    assert defaults == {"defaults": 1}


def test_two_models_never_succeed_each_other(
    ratebook_stack: Any, db: Connection, new_model: Any
) -> None:
    one, two = str(new_model()), str(new_model())
    with (
        psycopg.connect(ratebook_stack.dsn) as first,
        psycopg.connect(ratebook_stack.dsn) as second,
        ThreadPoolExecutor() as pool,
    ):
        retire = "select ai.retire_model(%s, %s)"
        first.execute(retire, [one, two])
        crossing = pool.submit(second.execute, retire, [two, one])
        time.sleep(0.3)
        first.commit()
        with pytest.raises(psycopg.errors.Error) as refused:
            crossing.result(timeout=10)
    assert refused.value.sqlstate == "PT422"
