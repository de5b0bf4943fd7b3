"""What the clients read beside models and wallets: quotes by a provider's usage, usage, what-ifs, budgets, signals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
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
    assert client.quote("gpt-4o-mini", RAW).cost == quote.cost
    with pytest.raises(UnusableUsage) as refused:
        client.quote("gpt-4o-mini", {"unicorn": 1})
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


def test_usage_is_told_by_any_clock(connect: Connect, ada: UUID) -> None:
    service = connect(service=True)
    service.account(ada).grant(10)
    charged = service.account(ada).charge("gpt-4o-mini", CHAT)
    service.account(ada).charge("gpt-4o-mini", CHAT)
    service.refund_charge(charged.charge_id, Decimal("0.1"))
    now = datetime.now(UTC)
    (used,) = connect(ada).usage(now - timedelta(minutes=1), bucket="month", by="model")
    assert (used.key, used.requests, used.charges, used.failures) == ("gpt-4o-mini", 2, 2, 0)
    assert used.quantities == {"input": 2000, "output": 1000}
    assert (used.credits, used.refunded, used.net) == (
        Decimal("1.17"),
        Decimal("0.1"),
        Decimal("1.07"),
    )
    assert (used.cost, used.margin) == (None, None)
    assert used.starts_at <= now < used.ends_at
    (same,) = service.usage(now - timedelta(minutes=1), bucket="month", owner=ada)
    # A credit is a thousandth of a dollar, with 30 % on top.
    assert (same.net, same.cost, same.margin) == (
        Decimal("1.07"),
        {"USD": Decimal("0.0009")},
        Decimal("0.17"),
    )
    assert (
        service.usage(datetime(2020, 1, 1, tzinfo=UTC), now - timedelta(days=90), owner=ada) == []
    )
    with pytest.raises(NotAllowed):
        connect(ada).usage(now, owner=uuid4())
    with pytest.raises(UnusableUsage):
        connect(ada).usage(now - timedelta(days=1), time_zone="XYZ+0:07")


def test_a_month_is_forecast(connect: Connect, ada: UUID) -> None:
    service = connect(service=True)
    service.account(ada).grant(10)
    service.account(ada).charge("gpt-4o-mini", CHAT)
    (month,) = connect(ada).forecast_month(time_zone="Europe/Berlin", confidence=0.9)
    assert (month.measure, month.currency) == ("credits", None)
    assert (month.so_far, month.expected, month.low, month.high) == (
        Decimal("0.585"),
        None,
        None,
        None,
    )
    assert (month.days_of_history, month.confidence) == (0, None)
    assert month.reason is not None
    assert month.reason.endswith("too short a history to say how sure it is.")
    both = service.forecast_month(owner=ada)
    assert [(one.measure, one.so_far, one.currency) for one in both] == [
        ("credits", Decimal("0.585"), None),
        ("cost", Decimal("0.00045"), "USD"),
    ]
    with pytest.raises(NotAllowed):
        connect(ada).forecast_month(owner=uuid4())
    with pytest.raises(UnusableUsage):
        connect(ada).forecast_month(confidence=Decimal("0.1"))


def test_a_statement_says_what_is_behind_an_entry(connect: Connect, ada: UUID) -> None:
    account = connect(service=True).account(ada)
    account.grant(10)
    charged = account.charge("gpt-4o-mini", CHAT, feature="chat")
    own = connect(ada).account(ada)
    granted, spent = list(own.statement())
    assert (granted.source, granted.model, granted.usage) == ("manual", None, None)
    assert (spent.amount, spent.model, spent.feature) == (Decimal("-0.585"), "gpt-4o-mini", "chat")
    assert spent.usage == {"input": Decimal(1000), "output": Decimal(500)}
    assert (spent.spender_id, spent.generation_id) == (ada, charged.generation_id)
    assert list(own.statement(newest_first=True)) == [spent, granted]
    with pytest.raises(NotAllowed):
        list(connect(uuid4()).account(ada).statement())

    (today,) = own.balance_history(datetime.now(UTC) - timedelta(seconds=1))[-1:]
    assert (today.balance, today.ends_at - today.starts_at) == (
        Decimal("9.415"),
        timedelta(days=1),
    )
    with pytest.raises(NotAllowed):
        connect(uuid4()).account(ada).balance_history(datetime.now(UTC) - timedelta(days=1))


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

    # In sums, of all that is in the log since.
    for model in (None, "gpt-4o"):
        found = service.reprice(since, until, model=model)
        (sums,) = service.reprice_summary(since, until, model=model)
        assert sums.generations == len(found)
        assert sums.cost == sum(one.cost or 0 for one in found)
        assert sums.credits == sum(one.credits or 0 for one in found)
    (day,) = service.reprice_summary(since, until, by="day", time_zone="Asia/Kathmandu")
    assert (day.id, day.cost, day.without_credits) == (None, Decimal("0.00045"), 0)
    with pytest.raises(NotAllowed):
        connect(ada).reprice_summary(since, until)
    with pytest.raises(UnusableUsage):
        service.reprice_summary(since, until, by="colour")

    # A price that is not set: 1000 x 0.000001 + 500 x 0.0000006.
    (preview,) = service.preview_price(
        "gpt-4o-mini", "input", Decimal("0.000001"), since=since, until=until
    )
    assert (preview.generations, preview.changed, preview.currency) == (1, 1, "USD")
    assert (preview.cost_before, preview.cost_after) == (Decimal("0.00045"), Decimal("0.0013"))
    assert (preview.credits_before, preview.credits_after) == (Decimal("0.585"), Decimal("1.69"))
    (ended,) = service.preview_price("gpt-4o-mini", "input", None, since=since, until=until)
    assert (ended.without_cost_before, ended.without_cost_after) == (0, 1)
    with pytest.raises(NotAllowed):
        connect(ada).preview_price("gpt-4o-mini", "input", Decimal(1))
    assert priced() == [(Decimal("0.00045"), Decimal("0.585"))]


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
