"""Routes, entitlements, the catalogue, price histories and comparisons through both clients and a real PostgREST."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from ratebook import (
    CatalogueEntry,
    Client,
    IdempotencyConflict,
    NotAllowed,
    NotFound,
    UnusableUsage,
)
from tests.conftest import Connection

Connect = Callable[..., Client]
SEEDED = ("gpt-4o-mini", "gpt-4o", "gpt-5.1")


@pytest.fixture
def feature(db: Connection) -> Iterator[str]:
    """A feature with three routes to seeded models: two equals, and one behind them."""
    key = "t" + uuid4().hex[:12]
    db.execute("insert into ai.features (key) values (%s)", [key])
    for model, priority, weight in zip(SEEDED, (1, 0, 0), (1, 3, 1), strict=True):
        db.execute(
            "insert into ai.feature_model_policies (feature_key, model_id, priority, weight)"
            " select %s, id, %s, %s from ai.models where key = %s",
            [key, priority, weight, model],
        )
    yield key
    db.execute("delete from ai.feature_model_policies where feature_key = %s", [key])
    db.execute("delete from ai.features where key = %s", [key])


# ------------------------------------------------------------------ routes


def test_a_route_is_in_order_and_says_why(connect: Connect, feature: str) -> None:
    found = connect().route(feature)
    assert [(one.place, one.model, one.share, one.health, one.why) for one in found] == [
        (1, "gpt-4o", Decimal("0.75"), "healthy", "priority 0, weight 3 of 4"),
        (2, "gpt-5.1", Decimal("0.25"), "healthy", "priority 0, weight 1 of 4"),
        (3, "gpt-4o-mini", Decimal(1), "healthy", "priority 1"),
    ]
    assert {one.cost for one in found} == {None}


def test_requirements_choose_among_routes(connect: Connect, feature: str) -> None:
    client = connect()
    usage = {"input": 1000, "output": 500}
    found = client.route(feature, {"usage": usage, "max_cost": Decimal("0.0075")})
    assert [(one.model, one.cost, one.credits, one.currency) for one in found] == [
        ("gpt-4o", Decimal("0.0075"), Decimal("9.75"), "USD"),
        ("gpt-5.1", Decimal("0.00625"), Decimal("8.125"), "USD"),
        ("gpt-4o-mini", Decimal("0.00045"), Decimal("0.585"), "USD"),
    ]
    explained = client.explain_route(
        feature, {"usage": usage, "max_cost": "0.001", "supports": ["flying"]}
    )
    assert {one.model: one.reasons for one in explained} == {
        "gpt-4o": ("supports",),
        "gpt-5.1": ("supports",),
        "gpt-4o-mini": ("supports",),
    }
    explained = client.explain_route(feature, {"usage": usage, "max_cost": "0.001"})
    assert (explained[0].place, explained[0].model, explained[0].reasons) == (1, "gpt-4o-mini", ())
    assert {one.model: one.why for one in explained if one.place is None} == {
        "gpt-4o": "max_cost: 0.0075",
        "gpt-5.1": "max_cost: 0.00625",
    }
    assert client.route(feature, {"exclude_providers": ["openai"]}) == []


def test_a_subject_gets_the_same_order_each_time(
    connect: Connect, feature: str, new_user: Any
) -> None:
    user = new_user()
    mine = [one.model for one in connect(user).route(feature)]
    assert [one.model for one in connect(user).route(feature, subject=user)] == mine
    assert [one.model for one in connect(service=True).route(feature, subject=user)] == mine
    assert [one.model for one in connect().route(feature, subject=str(user))] == mine
    firsts = {connect().route(feature, subject=f"visitor {n}")[0].model for n in range(40)}
    assert firsts == {"gpt-4o", "gpt-5.1"}


def test_what_is_no_question_is_refused(connect: Connect, feature: str, new_user: Any) -> None:
    client = connect()
    with pytest.raises(NotFound):
        client.route("no-such-feature")
    with pytest.raises(UnusableUsage, match='no requirement called "visions"'):
        client.route(feature, {"visions": 1})
    with pytest.raises(NotAllowed):
        connect(new_user()).route(feature, subject=new_user())


def test_health_is_reported_and_comes_back(
    connect: Connect, feature: str, new_user: Any, db: Connection
) -> None:
    backend = connect(service=True)
    soon = datetime.now(UTC) + timedelta(minutes=1)
    try:
        backend.report_health("gpt-4o", state="rate_limited", until=soon, reason="429")
        found = connect().route(feature)
        assert [one.model for one in found] == ["gpt-5.1", "gpt-4o-mini", "gpt-4o"]
        assert (found[-1].health, found[-1].health_until) == ("rate_limited", soon)
        backend.report_health("gpt-4o", state="healthy")
        assert connect().route(feature)[0].model == "gpt-4o"
        connect(new_user("admin")).report_health(provider="openai", until=soon)
        assert {one.health for one in connect().route(feature)} == {"degraded"}
    finally:
        db.execute("delete from ai.health_reports")
    for client in (connect(), connect(new_user())):
        with pytest.raises(NotAllowed):
            client.report_health("gpt-4o", until=soon)


def test_an_entitlement_is_set_once_and_replaced(
    connect: Connect, new_user: Any, db: Connection
) -> None:
    user, reference = new_user(), uuid4().hex
    backend = connect(service=True)
    first = backend.set_entitlement(user, "paid", reference)
    assert (first.lenser_id, first.tier, first.ends_at) == (user, "paid", None)
    again = backend.set_entitlement(user, "paid", reference)
    assert (again.id, again.starts_at) == (first.id, first.starts_at)
    over = datetime(2027, 1, 1, tzinfo=UTC)
    ended = backend.set_entitlement(user, "enterprise", reference, ends_at=over)
    assert (ended.id, ended.tier, ended.ends_at) == (first.id, "enterprise", over)
    with pytest.raises(IdempotencyConflict):
        backend.set_entitlement(new_user(), "paid", reference)
    with pytest.raises(NotAllowed):
        connect(user).set_entitlement(user, "enterprise", "mine")


# ------------------------------------------------------------------ the catalogue


def test_the_catalogue_has_one_row_a_model_with_its_list_prices(connect: Connect) -> None:
    found = {one.key: one for one in connect().catalogue(provider="openai")}
    assert list(found) == sorted(found)
    mini = found["gpt-4o-mini"]
    assert (mini.input_per_million, mini.output_per_million, mini.input_price, mini.currency) == (
        Decimal("0.15"),
        Decimal("0.6"),
        Decimal("0.00000015"),
        "USD",
    )
    assert mini.prices == {
        "input": Decimal("0.00000015"),
        "output": Decimal("0.0000006"),
        "cache_read": Decimal("0.000000075"),
    }
    assert (mini.provider, mini.provider_name, mini.max_tokens) == ("openai", "OpenAI", 16000)
    assert found["dall-e-3"].image_price == Decimal("0.04")
    assert found["dall-e-3"].input_price is None
    assert "gpt-image-1" not in found
    assert "gpt-image-1" in {one.key for one in connect().catalogue(active=None)}


def test_the_catalogue_is_filtered(connect: Connect) -> None:
    client = connect()
    assert {one.modality for one in client.catalogue(modality="image")} == {"image"}
    vision = {one.key for one in client.catalogue(provider="openai", supports=["vision"])}
    assert vision
    assert vision < {one.key for one in client.catalogue(provider="openai")}
    large = client.catalogue(context_window=128_000)
    assert large
    assert all((one.context_window or 0) >= 128_000 for one in large)
    assert [one.key for one in client.catalogue(search="mini affordable")] == ["gpt-4o-mini"]


def test_a_catalogue_longer_than_the_server_gives_at_once_is_whole(
    connect: Connect, db: Connection
) -> None:
    db.execute(
        "insert into ai.models (key, name, provider_id, modality)"
        " select 'paged/' || n || ':a,b\"', 'Paged', (select id from ai.providers where key = 'openai'), 'paged'"
        " from generate_series(1, 2001) as n"
    )
    try:
        found = connect().catalogue(modality="paged")
        assert len({one.key for one in found}) == len(found) == 2001
    finally:
        with db.transaction():
            db.execute("set local session_replication_role = 'replica'")
            db.execute("delete from ai.models where modality = 'paged'")


def test_the_type_has_the_columns_of_the_view(db: Connection) -> None:
    rows = db.execute(
        "select column_name from information_schema.columns where table_schema = 'ai' and table_name = 'catalogue'"
    ).fetchall()
    assert {row["column_name"] for row in rows} == {c.name for c in fields(CatalogueEntry)}


# ------------------------------------------------------------------ prices over time


@pytest.fixture
def priced(db: Connection, new_model: Any) -> UUID:
    """A model whose input went from 5 to 3 in February 2026, and will be 1 in 2030."""
    model: UUID = new_model()
    for price, date in ((5, "2026-01-01Z"), (3, "2026-02-01Z"), (1, "2030-01-01Z")):
        db.execute(
            "insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)"
            " values (%s, 'input', %s * 0.000001, %s)",
            [model, price, date],
        )
    return model


def test_a_history_has_steps_up_to_now(connect: Connect, priced: UUID) -> None:
    months = [datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2)]
    steps = connect().price_history(priced)
    assert [(s.price_per_million, s.starts_at, s.ends_at) for s in steps] == [
        (Decimal(5), months[0], months[1]),
        (Decimal(3), months[1], None),
    ]
    assert steps[0].price == Decimal("0.000005")
    ahead = connect(service=True).price_history(priced)
    assert [s.price_per_million for s in ahead] == [Decimal(5), Decimal(3), Decimal(1)]
    with pytest.raises(NotFound):
        connect().price_history("no-such-model")


def test_changes_since_a_time(connect: Connect, priced: UUID) -> None:
    since = datetime(2026, 1, 15, tzinfo=UTC)
    (change,) = [c for c in connect().price_changes(since) if c.model_id == priced]
    assert (change.change, change.price_before, change.price_after, change.currency_after) == (
        "changed",
        Decimal("0.000005"),
        Decimal("0.000003"),
        "USD",
    )
    assert not [c for c in connect().price_changes(datetime.now(UTC)) if c.model_id == priced]


# ------------------------------------------------------------------ comparisons


def test_one_usage_is_compared_over_models(connect: Connect, new_model: Any) -> None:
    unpriced = new_model()
    found = connect().compare(
        {"input": 1000, "output": 500}, ["gpt-4o", unpriced, "gpt-4o-mini", "nope"]
    )
    assert [(one.index, one.model, one.cost, one.credits, one.error) for one in found] == [
        (2, "gpt-4o-mini", Decimal("0.00045"), Decimal("0.585"), None),
        (0, "gpt-4o", Decimal("0.0075"), Decimal("9.75"), None),
        (1, str(found[2].model), None, None, "no_price"),
        (3, None, None, None, "unknown_model"),
    ]
    assert found[3].reason == 'There is no model called "nope".'


def test_a_thousand_models_are_one_comparison(connect: Connect) -> None:
    found = connect().compare({"input": 1}, ["gpt-4o", "nope"] * 500)
    assert len(found) == 1000
    with pytest.raises(UnusableUsage, match=r"from 1 to 1,000"):
        connect().compare({"input": 1}, ["gpt-4o"] * 1001)


def test_a_comparison_takes_a_providers_own_usage(connect: Connect) -> None:
    raw = {"prompt_tokens": 1000, "completion_tokens": 500}
    (one,) = connect().compare(raw, ["gpt-4o-mini"], format="openai_chat")
    assert one.credits == Decimal("0.585")
    with pytest.raises(UnusableUsage):
        connect().compare({"inputs": 1}, ["gpt-4o-mini"])
