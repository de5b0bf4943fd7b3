"""What the clients read beside models and wallets: quotes by a provider's usage, usage, what-ifs, budgets, signals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from ratebook import NotAllowed, NotFound, UnusableUsage
from tests.client.conftest import Connect
from tests.conftest import Connection

CHAT = {"input": 1000, "output": 500}  # 0.585 credits on gpt-4o-mini
RAW = {"prompt_tokens": 1000, "completion_tokens": 500}


@pytest.fixture
def ada(new_user: Callable[..., UUID]) -> UUID:
    return new_user()


def test_a_providers_own_usage_is_quoted_by_its_format(connect: Connect) -> None:
    client = connect()
    quote = client.quote("gpt-4o-mini", RAW, format="openai_chat")
    assert (quote.cost, quote.credits) == (Decimal("0.00045"), Decimal("0.585"))
    assert client.credit_cost("gpt-4o-mini", RAW, format="openai_chat") == Decimal("0.585")
    with pytest.raises(UnusableUsage) as refused:
        client.quote("gpt-4o-mini", RAW)
    assert refused.value.error == "unknown_meter"


@pytest.fixture
def flexible(db: Connection) -> Iterator[str]:
    """A model with input at 2 and output at 8 USD a million, in flex at half of that."""
    key = f"flexible-{uuid4()}"
    db.execute(
        "insert into ai.models (key, name, provider_id) select %s, 'Flexible', p.id from ai.providers as p limit 1",
        [key],
    )
    db.execute(
        "insert into ai.model_pricing (model_id, meter, service_tier, price_per_unit, effective_from)"
        " select m.id, p.meter, p.tier, p.price * 0.000001, '2025-01-01' from ai.models as m"
        " cross join (values ('input', 'standard', 2), ('output', 'standard', 8), ('input', 'flex', 1),"
        " ('output', 'flex', 4)) as p (meter, tier, price) where m.key = %s",
        [key],
    )
    yield key
    db.execute("delete from ai.models where key = %s", [key])


def test_what_an_answer_states_prices_it(connect: Connect, flexible: str, ada: UUID) -> None:
    client = connect()
    flex = {"id": "chatcmpl-1", "service_tier": "flex", "usage": RAW}
    quote = client.quote(flexible, flex, format="openai_chat")
    # 1000 x 0.000001 + 500 x 0.000004; by the standard tier twice that
    assert (quote.service_tier, quote.cost) == ("flex", Decimal("0.003"))
    assert client.credit_cost(flexible, flex, format="openai_chat") == Decimal("3.9")
    plain = flex | {"service_tier": "default"}
    many = client.quote_many(
        {"model": flexible, "usage": answer, "format": "openai_chat"} for answer in (flex, plain)
    )
    assert [each.cost for each in many] == [Decimal("0.003"), Decimal("0.006")]
    with pytest.raises(UnusableUsage) as refused:
        client.quote(flexible, flex, format="openai_chat", service_tier="standard")
    assert refused.value.error == "contradiction"
    with pytest.raises(UnusableUsage) as refused:
        client.quote("gpt-4o-mini", flex, format="openai_chat")
    assert (refused.value.error, refused.value.detail["service_tier"]) == ("no_price", "flex")
    with pytest.raises(UnusableUsage) as refused:
        client.normalize_usage("openai_chat", flex)
    assert refused.value.error == "stated_price"

    account = connect(service=True).account(ada)
    account.grant(100)
    charged = account.charge(flexible, flex, format="openai_chat", idempotency_key="once")
    again = account.charge(flexible, flex, format="openai_chat", idempotency_key="once")
    assert (charged.credits, again) == (Decimal("3.9"), charged)
    hold = account.authorize(model=flexible, usage=plain, format="openai_chat")
    assert hold.amount == Decimal("7.8")
    assert hold.capture(usage=flex, format="openai_chat").credits == Decimal("3.9")


def test_many_quotes_come_in_their_order(connect: Connect) -> None:
    requests: Any = [
        {"model": "dall-e-3", "usage": {"image": 2}, "variant": "1024x1024"},
        {"model": "gpt-4o-mini", "usage": RAW, "format": "openai_chat"},
        {"model": "gpt-4o-mini", "usage": CHAT, "at": datetime.now(UTC), "feature": None},
    ]
    quotes = connect().quote_many(requests)
    assert [(q.index, q.model, q.cost, q.credits) for q in quotes] == [
        (0, "dall-e-3", Decimal("0.08"), Decimal(104)),
        (1, "gpt-4o-mini", Decimal("0.00045"), Decimal("0.585")),
        (2, "gpt-4o-mini", Decimal("0.00045"), Decimal("0.585")),
    ]
    with pytest.raises(NotFound) as refused:
        connect().quote_many([{"model": "gpt-4o-mini", "usage": CHAT}, {"model": "x", "usage": {}}])
    assert refused.value.detail["index"] == 1


def test_a_providers_usage_is_told_in_meters(connect: Connect) -> None:
    raw = RAW | {"prompt_tokens_details": {"cached_tokens": 400}}
    wanted = {"input": 600, "cache_read": 400, "output": 500}
    assert connect().normalize_usage("openai_chat", raw) == wanted
    seconds = connect().normalize_usage("openai_responses", {"type": "duration", "seconds": 2.3})
    assert seconds == {"input_audio_second": Decimal("2.3")}
    assert connect().normalize_usage(None, raw) == wanted
    with pytest.raises(UnusableUsage) as refused:
        connect().normalize_usage("morse", RAW)
    assert refused.value.error == "unknown_format"


def test_usage_is_told_by_day(connect: Connect, ada: UUID) -> None:
    service = connect(service=True)
    service.account(ada).grant(10)
    charged = service.account(ada).charge("gpt-4o-mini", CHAT)
    service.account(ada).charge("gpt-4o-mini", CHAT)
    service.refund_charge(charged.charge_id, Decimal("0.1"))
    today = datetime.now(UTC).date()
    (used,) = connect(ada).usage(since=today - timedelta(days=1))
    assert (used.account_id, used.model, used.requests) == (ada, "gpt-4o-mini", 2)
    assert (used.credits, used.refunded) == (Decimal("1.17"), Decimal("0.1"))
    assert service.usage(account=ada) == [used]
    assert service.usage(account=ada, until=date(2020, 1, 1)) == []


def test_generations_are_priced_as_if(connect: Connect, ada: UUID) -> None:
    service = connect(service=True)
    since = datetime.now(UTC)
    service.account(ada).grant(10)
    made = service.account(ada).charge("gpt-4o-mini", CHAT).generation_id
    until = datetime.now(UTC) + timedelta(seconds=1)

    def priced(**other: Any) -> list[tuple[Decimal | None, Decimal | None]]:
        found = service.reprice(since, until, **other)
        return [(one.cost, one.credits) for one in found if one.generation_id == made]

    assert priced() == [(Decimal("0.00045"), Decimal("0.585"))]
    assert priced(margin=Decimal(0)) == [(Decimal("0.00045"), Decimal("0.45"))]
    assert priced(model="gpt-4o") == [(Decimal("0.0075"), Decimal("9.75"))]
    with pytest.raises(NotAllowed):
        connect(ada).reprice(since, until)


def test_owners_read_their_budgets(
    connect: Connect, ada: UUID, new_user: Callable[..., UUID], db: Connection
) -> None:
    db.execute(
        "insert into billing.budgets (lenser_id, period, time_zone, soft_limit)"
        " values (%s, 'week', 'Europe/Berlin', 50.5)",
        [ada],
    )
    (budget,) = connect(ada).budgets()
    assert (budget.lenser_id, budget.period, budget.time_zone) == (ada, "week", "Europe/Berlin")
    assert (budget.soft_limit, budget.hard_limit) == (
        Decimal("50.5"),
        None,
    )
    assert connect(service=True).budgets(ada) == [budget]
    assert connect(new_user()).budgets() == []


def test_a_signal_is_given_until_it_is_delivered(
    connect: Connect, ada: UUID, db: Connection
) -> None:
    service = connect(service=True)
    service.account(ada).grant(10)
    db.execute("update billing.accounts set low_balance_mark = 9.9 where id = %s", [ada])
    service.account(ada).charge("gpt-4o-mini", CHAT)
    (signal,) = connect(ada).outbox()
    assert (signal.topic, signal.account_id, signal.payload["available"]) == (
        "low_balance",
        ada,
        "9.415",
    )
    with pytest.raises(NotAllowed):
        connect(ada).mark_delivered(signal)
    assert signal in service.outbox(limit=1000)
    service.mark_delivered(signal)
    assert connect(ada).outbox() == []
