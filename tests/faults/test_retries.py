"""One key is one effect, however often and however parallel it is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from tests.conftest import Api
from tests.faults.wallet import Json, Shop, call, charge, token

TIMES = 1000
CLIENTS = 32
CONFLICT = "PT409 idempotency_conflict"


def parallel(shop: Shop, requests: list[tuple[str, Json]]) -> list[Any]:
    """Send requests over 32 connections: the answers, or the errors' names."""

    def client(number: int) -> list[Any]:
        answers = []
        with shop.connect() as connection:
            for function, arguments in requests[number::CLIENTS]:
                try:
                    answers.append(call(connection, function, **arguments))
                except psycopg.Error as error:
                    answers.append(token(error))
        return answers

    with ThreadPoolExecutor(CLIENTS) as pool:
        return [answer for answers in pool.map(client, range(CLIENTS)) for answer in answers]


@pytest.fixture
def account(shop: Shop) -> str:
    """An account with 100 credits."""
    (account,) = shop.lensers(1)
    with shop.connect() as client:
        call(client, "grant_credits", account=account, amount=100)
    return account


def test_a_charge_sent_a_thousand_times_is_made_once(
    shop: Shop, account: str, figure: Callable[[str], None]
) -> None:
    answers = parallel(shop, [("charge_generation", charge(account, 1000, "k"))] * TIMES)
    assert len(answers) == TIMES
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["credits"] == "2.6"
    assert shop.value("select array_agg(credits::numeric) from billing.charges") == [Decimal("2.6")]
    assert shop.value("select count(*) from ai.generations") == 1
    assert shop.broken() == []
    figure(f"{TIMES:,} calls over {CLIENTS} connections, 1 effect, {TIMES:,} equal answers")


def test_one_of_two_bodies_wins_a_key(shop: Shop, account: str) -> None:
    bodies = [("charge_generation", charge(account, units, "k")) for units in (1000, 2000)]
    answers = parallel(shop, bodies * 200)
    kept = next(answer for answer in answers if isinstance(answer, dict))
    assert Counter(str(answer) for answer in answers) == {str(kept): 200, CONFLICT: 200}
    assert shop.value("select count(*) from billing.charges") == 1
    assert shop.broken() == []


def test_a_key_is_one_charge_alone_and_in_batches(shop: Shop, account: str) -> None:
    alone = ("charge_generation", charge(account, 1000, "k 1"))
    batch = (
        "charge_generations",
        {"requests": [charge(account, 1000, f"k {n}") for n in range(3)]},
    )
    backwards = ("charge_generations", {"requests": batch[1]["requests"][::-1]})
    answers = parallel(shop, [alone, batch, backwards] * 64)
    told = [one for answer in answers for one in (answer if isinstance(answer, list) else [answer])]
    assert Counter(one["charge_id"] for one in told).total() == 64 * 7
    assert len({one["charge_id"] for one in told}) == 3
    assert shop.value("select count(*) from billing.charges") == 3
    assert shop.broken() == []


def test_a_hold_is_captured_once_without_a_key(shop: Shop, account: str) -> None:
    with shop.connect() as client:
        hold = call(client, "authorize_credits", account=account, amount=40)["hold_id"]
    answers = parallel(shop, [("capture_hold", {"hold": hold, "amount": 30})] * 200)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["balance"]["available"] == "70"
    assert shop.broken() == []


def test_a_hold_is_captured_or_released(shop: Shop, account: str) -> None:
    with shop.connect() as client:
        holds = [
            call(client, "authorize_credits", account=account, amount=1)["hold_id"]
            for _ in range(50)
        ]
    requests: list[tuple[str, Json]] = [
        (function, {"hold": hold})
        for hold in holds
        for function in ("capture_hold", "release_hold")
    ]
    refused = [answer for answer in parallel(shop, requests) if not isinstance(answer, dict)]
    assert refused == ["PT409 hold_not_open"] * 50
    assert shop.value("select reserved from billing.accounts") == 0
    assert shop.broken() == []


def test_a_refusal_does_not_use_the_key_up(shop: Shop) -> None:
    (account,) = shop.lensers(1)
    request = ("charge_generation", charge(account, 1000, "k"))
    assert parallel(shop, [request] * 100) == ["PT402 insufficient_credits"] * 100
    with shop.connect() as client:
        call(client, "grant_credits", account=account, amount=3)
    answers = parallel(shop, [request] * 100)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["balance"]["available"] == "0.4"
    assert shop.broken() == []


def test_a_charge_sent_a_thousand_times_over_http_is_made_once(
    db: psycopg.Connection[Json],
    new_user: Callable[..., UUID],
    new_model: Callable[..., UUID],
    api: Api,
    figure: Callable[[str], None],
) -> None:
    account, model = str(new_user()), str(new_model())
    db.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)"
        " values (%s, 'input', 0.000002, '2025-01-01Z')",
        [model],
    )
    db.execute(
        "insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from)"
        " select 'USD', 1000, '2025-01-01Z' where not exists (select from billing.credit_rates)"
    )
    db.execute(
        "insert into billing.execution_margin_policies (margin, effective_from, model_id)"
        " values (0.3, '2025-01-01Z', %s)",
        [model],
    )
    body = charge(account, 1000, "k") | {"model": model}

    def post(client: httpx.Client, function: str, json: Json) -> httpx.Response:
        return client.post(f"/rpc/{function}", json=json)

    def client(number: int) -> list[httpx.Response]:
        service = clients[number]
        return [post(service, "charge_generation", body) for _ in range(number, TIMES, CLIENTS)]

    clients = [api("billing", "service_role") for _ in range(CLIENTS)]
    refused = post(clients[0], "charge_generation", body)
    assert (refused.status_code, refused.json()["code"]) == (402, "PT402")
    assert post(clients[0], "grant_credits", {"account": account, "amount": 100}).is_success
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [answer for some in pool.map(client, range(CLIENTS)) for answer in some]
    assert [answer.status_code for answer in answers] == [200] * TIMES
    assert {answer.text for answer in answers} == {answers[0].text}
    assert answers[0].json()["balance"]["available"] == "97.4"
    other = post(clients[0], "charge_generation", body | {"usage": {"input": 1}})
    assert (other.status_code, other.json()["code"]) == (409, "PT409")
    charges = db.execute("select credits from billing.charges where account_id = %s", [account])
    assert [str(row["credits"]) for row in charges] == ["2.6"]
    figure(f"{TIMES:,} requests over {CLIENTS} connections, 1 effect, {TIMES:,} equal answers")
