"""Generations over HTTP: whose they are, what owners may write, and whose media they may use."""

from __future__ import annotations

import json
import threading
import time
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.conftest import Api, Connection

RETURN = {"Prefer": "return=representation"}


def model_id(db: Connection) -> str:
    row = db.execute("select id from ai.models where key = 'gpt-4o-mini'").fetchone()
    assert row is not None
    return str(row["id"])


@pytest.fixture
def media(api: Api, new_user: Any) -> tuple[UUID, UUID]:
    """(media, owner)"""
    owner = new_user()
    row = api("content", "authenticated", owner).post(
        "/media_library", json={"title": "t"}, headers=RETURN
    )
    return UUID(row.json()[0]["id"]), owner


def test_lensers_see_their_own_and_the_service_role_sees_all(
    api: Api, new_user: Any, db: Connection
) -> None:
    ada, bob = new_user(), new_user()
    ids = {}
    for user in (ada, bob):
        made = api("ai", "authenticated", user).post(
            "/generations", json={"model_id": model_id(db), "prompt": "hi"}, headers=RETURN
        )
        assert made.status_code == 201, made.text
        assert made.json()[0]["lenser_id"] == str(user)
        ids[user] = made.json()[0]["id"]

    def seen(client: Any) -> set[str]:
        rows = client.get("/generations", params={"id": f"in.({','.join(ids.values())})"}).json()
        return {row["id"] for row in rows}

    assert seen(api("ai", "authenticated", ada)) == {ids[ada]}
    assert seen(api("ai", "authenticated", bob)) == {ids[bob]}
    assert seen(api("ai", "service_role")) == set(ids.values())
    assert api("ai").get("/generations").status_code == 401


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", str(uuid4())),
        ("lenser_id", str(uuid4())),
        ("usage", {"input": 1}),
        ("status", "completed"),
        ("quality_rating", 5),
        ("created_at", "2026-01-01T00:00:00Z"),
    ],
)
def test_owners_choose_no_column_of_the_backend_s(
    column: str, value: Any, api: Api, new_user: Any, db: Connection
) -> None:
    response = api("ai", "authenticated", new_user()).post(
        "/generations", json={"model_id": model_id(db), column: value}
    )
    # PostgreSQL refuses a generated column before it looks at privileges.
    assert (response.status_code, response.json()["code"]) in [(403, "42501"), (400, "428C9")]


def test_no_api_role_chooses_the_id(api: Api, new_user: Any, db: Connection) -> None:
    row = {"id": str(uuid4()), "lenser_id": str(new_user()), "model_id": model_id(db)}
    response = api("ai", "service_role").post("/generations", json=row)
    assert (response.status_code, response.json()["code"]) == (403, "42501")


def test_a_backend_finishes_a_generation_and_its_owner_cannot(
    api: Api, new_user: Any, db: Connection
) -> None:
    ada = new_user()
    owner = api("ai", "authenticated", ada)
    made = owner.post("/generations", json={"model_id": model_id(db)}, headers=RETURN).json()[0]
    assert made["status"] == "pending"
    end = {"generation": made["id"], "usage": {"input": 12, "output": 3}, "latency_ms": 840}
    assert owner.post("/rpc/finish_generation", json=end).status_code == 403
    assert api("ai", "service_role").post("/rpc/finish_generation", json=end).status_code == 204
    row = owner.get("/generations", params={"id": f"eq.{made['id']}"}).json()[0]
    assert (row["status"], row["usage"], row["latency_ms"]) == (
        "completed",
        {"input": 12, "output": 3},
        840,
    )
    nobody = api("ai", "service_role").post(
        "/rpc/finish_generation", json={"generation": str(uuid4())}
    )
    assert json.loads(nobody.json()["details"])["error"] == "unknown_generation"
    bad = api("ai", "service_role").post(
        "/rpc/finish_generation", json=end | {"usage": {"inputs": 1}}
    )
    assert json.loads(bad.json()["details"])["error"] == "unknown_meter"


def test_media_of_another_lenser_is_refused_on_insert(
    media: tuple[UUID, UUID], api: Api, new_user: Any, db: Connection
) -> None:
    item, owner = media
    row = {"model_id": model_id(db), "media_id": str(item)}
    refused = api("ai", "authenticated", new_user()).post("/generations", json=row)
    assert (refused.status_code, refused.json()["code"]) == (403, "42501")
    assert json.loads(refused.json()["details"])["error"] == "media_not_owned"
    assert "does not belong to lenser" in refused.json()["message"]
    for lenser, status in ((new_user(), 403), (owner, 201)):
        response = api("ai", "service_role").post(
            "/generations", json=row | {"lenser_id": str(lenser)}
        )
        assert response.status_code == status, response.text


def test_media_of_another_lenser_is_refused_on_update(
    media: tuple[UUID, UUID], api: Api, new_user: Any, db: Connection
) -> None:
    item, owner = media
    service = api("ai", "service_role")
    for lenser, status in ((new_user(), 403), (owner, 204)):
        made = api("ai", "authenticated", lenser).post(
            "/generations", json={"model_id": model_id(db)}, headers=RETURN
        )
        response = service.patch(
            "/generations",
            params={"id": f"eq.{made.json()[0]['id']}"},
            json={"media_id": str(item)},
        )
        assert response.status_code == status, response.text


def test_a_change_of_owner_at_the_same_moment_is_refused(
    media: tuple[UUID, UUID], new_user: Any, db: Connection, ratebook_stack: Any
) -> None:
    """The new owner comes after the trigger has looked, and before the insert commits."""
    item, owner = media
    thief = new_user()
    db.execute("insert into lensers.profiles (id, user_id) values (%s, %s)", [thief, thief])
    outcome: list[str] = []

    def change_owner() -> None:
        with psycopg.connect(ratebook_stack.dsn, autocommit=True) as other:
            try:
                other.execute(
                    "update content.media_library set lenser_id = %s where id = %s", [thief, item]
                )
                outcome.append("changed")
            except psycopg.errors.ForeignKeyViolation:
                outcome.append("refused")

    with psycopg.connect(ratebook_stack.dsn) as first:
        first.execute(
            "insert into ai.generations (lenser_id, model_id, media_id) values (%s, %s, %s)",
            [owner, model_id(db), item],
        )
        racer = threading.Thread(target=change_owner)
        racer.start()
        wait_until_blocked(db)
        assert outcome == []
        first.commit()
    racer.join(timeout=10)
    assert outcome == ["refused"]
    assert_every_media_is_its_owner_s(db)


def test_an_insert_at_the_same_moment_as_a_change_of_owner_is_refused(
    media: tuple[UUID, UUID], new_user: Any, db: Connection, ratebook_stack: Any
) -> None:
    """The other way round: the change is not yet committed when the trigger looks."""
    item, owner = media
    thief = new_user()
    db.execute("insert into lensers.profiles (id, user_id) values (%s, %s)", [thief, thief])
    outcome: list[str] = []
    chosen = model_id(db)

    def insert() -> None:
        with psycopg.connect(ratebook_stack.dsn, autocommit=True) as other:
            try:
                other.execute(
                    "insert into ai.generations (lenser_id, model_id, media_id) values (%s, %s, %s)",
                    [owner, chosen, item],
                )
                outcome.append("inserted")
            except psycopg.errors.ForeignKeyViolation:
                outcome.append("refused")

    with psycopg.connect(ratebook_stack.dsn) as first:
        first.execute(
            "update content.media_library set lenser_id = %s where id = %s", [thief, item]
        )
        racer = threading.Thread(target=insert)
        racer.start()
        wait_until_blocked(db)
        first.commit()
    racer.join(timeout=10)
    assert outcome == ["refused"]
    assert_every_media_is_its_owner_s(db)


def wait_until_blocked(db: Connection) -> None:
    """Until a backend waits for another's lock: the race is on."""
    for _ in range(200):
        if (
            db.execute("select from pg_stat_activity where wait_event_type = 'Lock'").fetchone()
            is not None
        ):
            return
        time.sleep(0.02)
    pytest.fail("nobody waited for a lock")


def assert_every_media_is_its_owner_s(db: Connection) -> None:
    strays = db.execute(
        """
        select g.id from ai.generations as g
        left join content.media_library as l on l.id = g.media_id and l.lenser_id = g.lenser_id
        where g.media_id is not null and l.id is null
        """
    ).fetchall()
    assert strays == []


def test_an_erased_lenser_leaves_no_content_and_nobody_else_changes(
    api: Api, new_user: Any, db: Connection
) -> None:
    ada, bob = new_user(), new_user()
    for user in (ada, bob):
        item = api("content", "authenticated", user).post(
            "/media_library", json={"title": "t"}, headers=RETURN
        )
        api("ai", "authenticated", user).post(
            "/generations",
            json={
                "model_id": model_id(db),
                "prompt": "mine",
                "output": "too",
                "media_id": item.json()[0]["id"],
            },
        )

    def rows_of_others() -> list[Any]:
        return db.execute(
            """
            select to_jsonb(g) as row from ai.generations as g where lenser_id <> %(ada)s
            union all select to_jsonb(l) from content.media_library as l where lenser_id <> %(ada)s
            union all select to_jsonb(p) from lensers.profiles as p where id <> %(ada)s
            order by 1
            """,
            {"ada": ada},
        ).fetchall()

    before = rows_of_others()
    assert (
        api("ai", "authenticated", ada)
        .post("/rpc/erase_lenser", json={"lenser": str(ada)})
        .status_code
        == 403
    )
    erased = api("ai", "service_role").post("/rpc/erase_lenser", json={"lenser": str(ada)})
    assert erased.json() == {"generations": 1, "media": 1, "objects": 0}
    db.execute("delete from auth.users where id = %s", [ada])
    assert rows_of_others() == before
    left = db.execute(
        "select prompt, output, media_id from ai.generations where lenser_id = %s", [ada]
    ).fetchall()
    assert left == [{"prompt": None, "output": None, "media_id": None}]
    assert (
        db.execute("select from content.media_library where lenser_id = %s", [ada]).fetchall() == []
    )
