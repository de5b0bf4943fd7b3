"""Imports over PostgREST: who may, and for how long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.conftest import Api, Connection

NewUser = Callable[..., UUID]


def feed(provider: str, price: str = "0.000001") -> dict[str, Any]:
    """The arguments of an import: one model of a provider of its own."""
    model = {
        "provider": provider,
        "provider_model_key": "m",
        "name": "M",
        "prices": [{"meter": "input", "price": price}],
    }
    return {"source": f"s{provider}", "models": [model]}


def bring(client: httpx.Client, arguments: dict[str, Any]) -> httpx.Response:
    return client.post("/rpc/import_catalogue", json=arguments, timeout=60)


@pytest.fixture
def provider() -> str:
    return "p" + uuid4().hex[:12]


@pytest.fixture
def slow(db: Connection) -> Iterator[None]:
    """A new provider takes longer to write than a signed-in user's statements may."""
    db.execute(
        """
        create schema slow;
        create function slow.down() returns trigger language plpgsql as $$
        begin
          perform pg_sleep(9);
          new.name := current_setting('statement_timeout');
          return new;
        end;
        $$;
        create trigger providers_slow before insert on ai.providers for each row execute function slow.down();
        """
    )
    yield
    db.execute("drop schema slow cascade")


def test_an_admin_imports_and_the_history_says_who(
    api: Api, db: Connection, new_user: NewUser, provider: str
) -> None:
    admin = new_user("admin")
    answer = bring(api("ai", "authenticated", admin), feed(provider))
    assert answer.status_code == 200
    assert answer.json()["models"]["added"] == 1
    rows = db.execute(
        """
        select h.table_name, h.subject, h.role
        from lensers.audit_history as h
        inner join ai.models as m on m.id = h.model_id
        where m.key = %s
        group by 1, 2, 3
        order by 1
        """,
        [f"{provider}/m"],
    ).fetchall()
    assert [tuple(row.values()) for row in rows] == [
        ("ai.model_pricing", admin, "authenticated"),
        ("ai.models", admin, "authenticated"),
    ]


def test_nobody_else_imports(api: Api, new_user: NewUser, provider: str) -> None:
    visitor = bring(api("ai"), feed(provider))
    assert (visitor.status_code, visitor.json()["code"]) == (401, "42501")
    for subject in (new_user(), uuid4()):
        user = bring(api("ai", "authenticated", subject), feed(provider))
        assert (user.status_code, user.json()["code"]) == (403, "42501")
        assert '"error": "not_allowed"' in user.json()["details"]


def test_an_import_may_take_longer_than_other_statements(
    api: Api, db: Connection, new_user: NewUser, provider: str, slow: None
) -> None:
    admin = api("ai", "authenticated", new_user("admin"))
    begin = time.monotonic()
    cut = admin.post("/providers", json={"key": f"{provider}-2", "name": "P"}, timeout=60)
    assert (cut.json()["code"], cut.status_code) == ("57014", 500)
    assert 7 < time.monotonic() - begin < 9
    # What the function says of itself comes too late for the statement that calls it: PostgREST sets it before.
    assert bring(admin, feed(provider)).status_code == 200
    row = db.execute("select name from ai.providers where key = %s", [provider]).fetchone()
    assert row == {"name": "2min"}


def test_an_admin_pins_unpins_and_follows(api: Api, new_user: NewUser, provider: str) -> None:
    admin = api("ai", "authenticated", new_user("admin"))
    other = feed(provider) | {"source": f"t{provider}"}
    for arguments in (feed(provider), other):
        assert bring(admin, arguments).status_code == 200
    model = f"{provider}/m"
    price = {"model": model, "meter": "input", "price": "0.000002"}
    (row,) = admin.post("/rpc/schedule_price", json=price).json()
    assert row["is_pinned"] is True
    (pinned,) = bring(admin, feed(provider)).json()["pinned"]
    assert (pinned["model"], pinned["price"], pinned["in_force"]) == (model, "0.000001", "0.000002")

    follow = {"source": other["source"], "models": [model]}
    refused = admin.post("/rpc/follow_source", json=follow)
    assert refused.status_code == 409
    assert '"error": "pins_undecided"' in refused.json()["details"]
    patched = admin.patch(f"/models?key=eq.{model}", json={"price_source": other["source"]})
    assert patched.status_code == 409
    stranger = api("ai", "authenticated", uuid4())
    for function, arguments in (("follow_source", follow), ("unpin_price", {"model": model})):
        answer = stranger.post(f"/rpc/{function}", json=arguments)
        assert (answer.status_code, answer.json()["code"]) == (403, "42501")
        answer = api("ai").post(f"/rpc/{function}", json=arguments)
        assert (answer.status_code, answer.json()["code"]) == (401, "42501")

    (followed,) = admin.post("/rpc/follow_source", json=follow | {"move_pins": True}).json()
    assert followed["price_source"] == other["source"]
    (unpinned,) = admin.post("/rpc/unpin_price", json={"model": model}).json()
    assert (unpinned["source"], unpinned["is_pinned"]) == (other["source"], False)
    assert bring(admin, other).json()["prices"]["changed"] == 1


def test_what_is_odd_waits_for_its_name(api: Api, provider: str) -> None:
    service = api("ai", "service_role")
    assert bring(service, feed(provider)).status_code == 200
    dear = feed(provider, "0.27")
    (held,) = bring(service, dear).json()["held"]
    assert (held["model"], held["price"], held["in_force"], held["reason"]) == (
        f"{provider}/m",
        "0.27",
        "0.000001",
        "jump",
    )
    accepted = bring(service, dear | {"accept": [f"{provider}/m"]}).json()
    assert (accepted["held"], accepted["prices"]["changed"]) == ([], 1)
