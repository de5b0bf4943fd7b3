"""Estimates, reported costs, payments that are taken back, and moves: the Python clients against a real PostgREST."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from ratebook import (
    Conflict,
    IdempotencyConflict,
    InsufficientCredits,
    NotAllowed,
    NotFound,
    UnusableUsage,
)
from tests.client.conftest import Connect
from tests.client.test_wallet import CHAT, Gateway, address
from tests.client.test_wallet import ada as ada  # noqa: PLC0414 - a fixture
from tests.client.test_wallet import gateway as gateway  # noqa: PLC0414 - a fixture


def test_an_estimate_gives_way_to_the_providers_usage(connect: Connect, ada: UUID) -> None:
    client = connect(service=True)
    account = client.account(ada, owner=ada)
    account.grant(10)
    estimate = account.charge("gpt-4o-mini", {"input": 10_000, "output": 5000}, estimated=True)
    assert estimate.credits == Decimal("5.85")
    for _ in range(2):
        # What OpenAI answers: 1,000 in, 500 out.
        settled = client.settle_charge(
            estimate.charge_id,
            {"prompt_tokens": 1000, "completion_tokens": 500},
            format="openai_chat",
            owner=ada,
        )
    assert (settled.credits, settled.difference) == (Decimal("0.585"), Decimal("-5.265"))
    assert (settled.estimate_id, settled.generation_id) == (
        estimate.charge_id,
        estimate.generation_id,
    )
    assert settled.balance.available == Decimal("9.415")
    with pytest.raises(Conflict) as refused:
        client.settle_charge(estimate.charge_id, amount=1)
    assert refused.value.error == "already_settled"
    with pytest.raises(Conflict) as refused:
        client.settle_charge(settled.charge_id, amount=1)
    assert refused.value.error == "not_estimated"
    with account.authorize(5, model="gpt-4o-mini") as hold:
        captured = hold.capture(2, estimated=True)
    with pytest.raises(InsufficientCredits):
        client.settle_charge(captured.charge_id, amount=10)
    assert client.settle_charge(captured.charge_id, amount=3).balance.available == Decimal("6.415")


def test_what_the_provider_reports_is_the_cost(connect: Connect, ada: UUID) -> None:
    account = connect(service=True).account(ada)
    account.grant(10)
    # 0.00014 dollars at 1,000 credits and 30 %.
    charged = account.charge("gpt-4o-mini", CHAT, reported_cost=Decimal("0.00014"))
    assert (charged.credits, charged.cost) == (Decimal("0.182"), Decimal("0.00014"))
    with account.authorize(1, model="gpt-4o-mini") as hold:
        captured = hold.capture(reported_cost=Decimal("0.0005"), reported_currency="USD")
    assert captured.credits == Decimal("0.65")
    first, second = account.charge_many(
        [
            {"model": "gpt-4o-mini", "usage": CHAT},
            {"model": "gpt-4o-mini", "reported_cost": Decimal("0.001"), "estimated": True},
        ]
    )
    assert (first.credits, second.credits) == (Decimal("0.585"), Decimal("1.3"))
    with pytest.raises(UnusableUsage):
        account.charge("gpt-4o-mini", CHAT, reported_cost=Decimal("NaN"))
    with pytest.raises(TypeError, match="A cost is Decimal or int, not float"):
        account.charge("gpt-4o-mini", reported_cost=0.1)  # type: ignore[arg-type]
    assert account.balance().available == Decimal("7.283")


def test_a_payment_is_taken_back(connect: Connect, ada: UUID) -> None:
    client = connect(service=True)
    account = client.account(ada)
    payment = f"pay {ada}"
    lot = account.grant(100, source="purchase", external_ref=payment).grant_id
    account.charge("dall-e-3", {"image": 1})  # 52
    part = client.revoke_grant(lot, 8, reason="a goodwill refund", external_ref=f"refund {ada}")
    assert [part.amount, part.from_lot, part.owed] == [8, 8, 0]
    for _ in range(2):
        whole = client.revoke_grant(
            payment_source="purchase", payment_ref=payment, external_ref=f"dispute {ada}"
        )
        assert [whole.amount, whole.from_lot, whole.held, whole.owed] == [92, 40, 0, 52]
    assert account.balance().debt == 52
    with pytest.raises(InsufficientCredits):
        account.charge("gpt-4o-mini", CHAT)
    with pytest.raises(IdempotencyConflict):
        client.revoke_grant(lot, 1, external_ref=f"dispute {ada}")
    with pytest.raises(Conflict) as refused:
        client.revoke_grant(lot)
    assert refused.value.error == "revocation_exceeds_grant"
    with pytest.raises(NotFound):
        client.revoke_grant(payment_source="purchase", payment_ref="another")
    account.grant(60)
    assert account.balance().available == 8
    owner = connect(sub=ada)
    with pytest.raises(NotAllowed):
        owner.revoke_grant(lot)


def test_a_lot_starts_later(connect: Connect, ada: UUID) -> None:
    account = connect(service=True).account(ada)
    start = datetime.now(UTC) + timedelta(days=30)
    granted = account.grant(100, starts_at=start, expires_at=start + timedelta(days=30))
    assert [granted.balance.posted, granted.balance.available] == [100, 0]
    assert granted.balance.upcoming == 100
    with pytest.raises(InsufficientCredits):
        account.authorize(1)
    found = connect(sub=ada).account(ada).balance()
    assert [found.posted, found.available, found.upcoming] == [100, 0, 100]
    (lot,) = account.lots()
    assert lot.starts_at == start


def test_credits_move_with_their_terms(
    connect: Connect, ada: UUID, new_user: Callable[..., UUID]
) -> None:
    client, bob = connect(service=True), new_user()
    account = client.account(ada, owner=ada)
    account.grant(30, source="promo", priority=3, expires_at=datetime(2100, 1, 1, tzinfo=UTC))
    moved = account.move(bob, Decimal("12.5"), to_owner=bob, reason="a present")
    assert (moved.lots, moved.from_balance.available, moved.to_balance.available) == (
        1,
        Decimal("17.5"),
        Decimal("12.5"),
    )
    (lot,) = client.account(bob).lots()
    assert (lot.source, lot.priority, lot.expires_at) == (
        "promo",
        3,
        datetime(2100, 1, 1, tzinfo=UTC),
    )
    there, here = (list(client.account(who).statement())[-1] for who in (bob, ada))
    assert (there.counterpart_id, here.counterpart_id) == (here.id, there.id)
    with pytest.raises(InsufficientCredits):
        account.move(bob, 18)
    with pytest.raises(UnusableUsage):
        account.move(ada, 1)


def test_each_takes_effect_once_though_answers_get_lost(
    connect: Connect, ada: UUID, gateway: Gateway, new_user: Callable[..., UUID]
) -> None:
    client = connect(service=True, url=address(gateway), retry=True)
    account, bob = client.account(ada), new_user()
    lot = account.grant(20).grant_id
    estimate = account.charge("gpt-4o-mini", CHAT, estimated=True).charge_id
    gateway.faults += ["lost"]
    assert client.settle_charge(estimate, amount=1).balance.posted == 19
    gateway.faults += ["lost"]
    assert account.move(bob, 4).from_balance.posted == 15
    gateway.faults += ["lost"]
    assert client.revoke_grant(lot, 5).balance.posted == 10
    posted = connect(service=True).account(ada).balance().posted
    assert posted == 10
