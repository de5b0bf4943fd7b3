"""Accounts and holds of the Python clients against a real PostgREST, and behind a gateway that loses answers."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID, uuid4

import anyio
import httpx
import pytest

import ratebook
from ratebook import (
    Account,
    BudgetExceeded,
    Conflict,
    ConnectionFailed,
    Hold,
    IdempotencyConflict,
    InsufficientCredits,
    Lot,
    NotAllowed,
    NotFound,
    OpenHold,
    UnusableUsage,
)
from ratebook.errors import is_passing
from tests.client.conftest import Connect
from tests.conftest import Connection

CHAT = {"input": 1000, "output": 500}  # 0.585 credits on gpt-4o-mini


@pytest.fixture
def ada(new_user: Callable[..., UUID]) -> UUID:
    return new_user()


def amounts(entries: Any) -> list[Decimal]:
    return [entry.amount for entry in entries]


# ------------------------------------------------------------------ whose it is


def test_the_owner_is_named_in_every_call(
    connect: Connect, ada: UUID, new_user: Callable[..., UUID]
) -> None:
    client = connect(service=True)
    account = client.account(ada, owner=ada)
    account.grant(100)
    with account.authorize(5, model="gpt-4o-mini") as hold:
        hold.capture(usage=CHAT)
    assert account.authorize(5).amount == 5
    (left,) = account.holds()
    client.release_hold(left.id, owner=ada)
    charged = account.charge("gpt-4o-mini", CHAT)
    (again,) = account.charge_many([{"model": "gpt-4o-mini", "usage": CHAT}])
    assert client.refund_charge(charged.charge_id, owner=ada).amount == Decimal("0.585")
    account.set_member(new_user(), 5)
    allowance = account.recurring_grant(1, months=1, starts_at=datetime(2100, 1, 1, tzinfo=UTC))
    client.end_recurring_grant(allowance, owner=ada)
    assert again.generation_id is not None
    client.finish_generation(again.generation_id, output="Done.", owner=ada)
    assert account.balance().posted == Decimal("98.83")
    assert amounts(account.statement())[0] == 100
    assert [lot.remaining for lot in account.lots()] == [Decimal("98.83")]


def test_what_is_another_owners_is_not_found(
    connect: Connect, ada: UUID, new_user: Callable[..., UUID]
) -> None:
    client, bob = connect(service=True), new_user()
    account = client.account(ada)
    account.grant(100)
    hold, charged = account.authorize(5), account.charge("gpt-4o-mini", CHAT)
    assert charged.generation_id is not None
    generation, anothers = charged.generation_id, client.account(ada, owner=bob)
    for call, error in (
        (anothers.balance, "unknown_account"),
        (lambda: list(anothers.statement()), "unknown_account"),
        (lambda: anothers.grant(1), "unknown_account"),
        (lambda: anothers.charge("gpt-4o-mini", CHAT), "unknown_account"),
        (
            lambda: anothers.charge_many([{"model": "gpt-4o-mini", "usage": CHAT}]),
            "unknown_account",
        ),
        (lambda: client.capture_hold(hold.id, owner=bob), "unknown_hold"),
        (lambda: client.release_hold(hold.id, owner=bob), "unknown_hold"),
        (lambda: client.refund_charge(charged.charge_id, owner=bob), "unknown_charge"),
        (lambda: client.finish_generation(generation, owner=bob), "unknown_generation"),
    ):
        with pytest.raises(NotFound) as refused:
            call()
        assert refused.value.error == error
    assert anothers.lots() == []
    assert account.balance().posted == Decimal("99.415")


# ------------------------------------------------------------------ balances, grants, charges


def test_a_grant_is_a_lot_and_an_entry_and_the_balance(connect: Connect, ada: UUID) -> None:
    account = connect(service=True).account(ada)
    granted = account.grant(Decimal("100.000000000001"), source="purchase", external_ref=str(ada))
    assert (granted.account_id, granted.amount) == (ada, Decimal("100.000000000001"))
    assert granted.balance.available == Decimal("100.000000000001")
    balance = account.balance()
    assert (balance.posted, balance.reserved, balance.available, balance.debt) == (
        Decimal("100.000000000001"),
        Decimal(0),
        Decimal("100.000000000001"),
        Decimal(0),
    )
    (lot,) = account.lots()
    assert (lot.id, lot.remaining, lot.source) == (
        granted.grant_id,
        Decimal("100.000000000001"),
        "purchase",
    )
    (entry,) = account.statement()
    assert (entry.number, entry.kind, entry.balance_after) == (1, "grant", lot.amount)


def test_an_account_that_nothing_happened_to_has_nothing(connect: Connect, ada: UUID) -> None:
    account = connect(service=True).account(str(ada))
    assert account.balance().available == 0
    assert (account.lots(), account.holds(), list(account.statement())) == ([], [], [])
    with pytest.raises(NotFound) as refused:
        connect(service=True).account(uuid4()).balance()
    assert refused.value.error == "unknown_account"


def test_a_charge_prices_a_usage_and_logs_its_generation(
    connect: Connect, ada: UUID, db: Connection
) -> None:
    account = connect(service=True).account(ada)
    account.grant(10)
    charged = account.charge("gpt-4o-mini", CHAT, prompt="Say hello.", latency_ms=40)
    assert (charged.credits, charged.cost, charged.currency, charged.warnings) == (
        Decimal("0.585"),
        Decimal("0.00045"),
        "USD",
        (),
    )
    assert charged.balance.available == Decimal("9.415")
    row = db.execute(
        "select lenser_id, prompt, latency_ms from ai.generations where id = %s",
        [charged.generation_id],
    ).fetchone()
    assert row == {"lenser_id": ada, "prompt": "Say hello.", "latency_ms": 40}


def test_a_providers_own_usage_is_charged_by_its_format(connect: Connect, ada: UUID) -> None:
    account = connect(service=True).account(ada)
    account.grant(10)
    raw = {"prompt_tokens": 1000, "completion_tokens": 500, "prompt_tokens_details": {}}
    assert account.charge("gpt-4o-mini", raw, format="openai_chat").credits == Decimal("0.585")


def test_many_charges_are_one_call_all_or_none(connect: Connect, ada: UUID) -> None:
    account = connect(service=True).account(ada)
    account.grant(200)
    charged = account.charge_many(
        [
            {"model": "gpt-4o-mini", "usage": CHAT},
            {"model": "dall-e-3", "usage": {"image": 1}, "variant": "1024x1024"},
        ]
    )
    assert [charge.credits for charge in charged] == [Decimal("0.585"), Decimal(52)]
    assert {charge.balance.available for charge in charged} == {Decimal("147.415")}
    with pytest.raises(InsufficientCredits):
        account.charge_many([{"model": "dall-e-3", "usage": {"image": n}} for n in (1, 2)])
    assert account.balance().available == Decimal("147.415")


def test_a_refund_gives_back_a_part_and_never_more(connect: Connect, ada: UUID) -> None:
    client = connect(service=True)
    account = client.account(ada)
    account.grant(10)
    charge = account.charge("gpt-4o-mini", CHAT).charge_id
    part = client.refund_charge(charge, Decimal("0.2"), reason="poor answer")
    assert (part.amount, part.refunded, part.balance.available) == (
        Decimal("0.2"),
        Decimal("0.2"),
        Decimal("9.615"),
    )
    assert client.refund_charge(charge).amount == Decimal("0.385")
    with pytest.raises(Conflict) as refused:
        client.refund_charge(charge)
    assert refused.value.error == "refund_exceeds_charge"
    assert amounts(account.statement()) == [
        Decimal(10),
        Decimal("-0.585"),
        Decimal("0.2"),
        Decimal("0.385"),
    ]


def test_the_balance_of_a_time_before_now(connect: Connect, ada: UUID) -> None:
    account = connect(service=True).account(ada)
    account.grant(10)
    (first,) = account.statement()
    account.grant(5)
    then = account.balance(at=first.created_at)
    assert (then.posted, then.debt) == (Decimal(10), None)
    assert account.balance().posted == 15
    with pytest.raises(UnusableUsage) as refused:
        account.balance(at=datetime.now(UTC) + timedelta(days=1))
    assert refused.value.error == "invalid_time"
    with pytest.raises(ValueError, match="time zone"):
        account.balance(at=datetime(2026, 1, 1))


# ------------------------------------------------------------------ holds


def test_what_a_body_captures_is_charged_and_the_rest_given_back(
    connect: Connect, ada: UUID
) -> None:
    account = connect(service=True).account(ada)
    account.grant(10)
    with account.authorize(5, model="gpt-4o-mini", expires_in=timedelta(minutes=2)) as hold:
        (open_hold,) = account.holds()
        assert (open_hold.id, open_hold.amount) == (hold.id, Decimal(5))
        assert open_hold.expires_at - open_hold.created_at == timedelta(minutes=2)
        assert account.balance().available == 5
        hold.capture(usage=CHAT, output="Hello.")
    assert hold.charged is not None
    assert hold.charged.credits == Decimal("0.585")
    assert account.balance().available == Decimal("9.415")
    assert account.holds() == []


def test_a_body_that_reports_nothing_is_charged_all_that_was_held(
    connect: Connect, ada: UUID
) -> None:
    account = connect(service=True).account(ada)
    account.grant(10)
    with account.authorize(model="gpt-4o-mini", usage=CHAT) as hold:
        assert hold.amount == Decimal("0.585")
    assert hold.charged is not None
    assert (hold.charged.credits, hold.charged.cost) == (Decimal("0.585"), Decimal("0.00045"))


def test_a_body_that_raises_is_charged_nothing(connect: Connect, ada: UUID) -> None:
    account = connect(service=True).account(ada)
    account.grant(10)
    with pytest.raises(ZeroDivisionError) as raised, account.authorize(5) as hold:
        raise ZeroDivisionError
    assert hold.charged is None
    assert not hasattr(raised.value, "__notes__")
    assert (account.balance().available, account.holds()) == (Decimal(10), [])
    assert amounts(account.statement()) == [Decimal(10)]


def test_a_body_that_releases_is_charged_nothing(connect: Connect, ada: UUID) -> None:
    account = connect(service=True).account(ada)
    account.grant(10)
    with account.authorize(5) as hold:
        assert hold.release().status == "released"
        assert hold.release().balance.available == 10
    assert account.balance().available == 10


def test_a_hold_whose_capture_was_refused_stays_and_captures_less(
    connect: Connect, ada: UUID
) -> None:
    account = connect(service=True).account(ada)
    account.grant(10)
    with pytest.raises(InsufficientCredits) as refused, account.authorize(5) as hold:
        hold.capture(11)
    assert (refused.value.balance, refused.value.needed) == (Decimal(10), Decimal(11))
    assert [open_hold.id for open_hold in account.holds()] == [hold.id]
    assert hold.capture(5).credits == 5


def test_a_hold_is_captured_once(connect: Connect, ada: UUID) -> None:
    client = connect(service=True)
    account = client.account(ada)
    account.grant(10)
    with account.authorize(5) as hold:
        first = hold.capture(2)
        assert hold.capture(2) == first
        with pytest.raises(Conflict):
            hold.capture(3)
        with pytest.raises(Conflict) as refused:
            client.release_hold(hold.id)
        assert refused.value.error == "hold_not_open"
    assert account.balance().available == 8


def test_a_client_that_was_closed_does_not_hide_why_a_body_failed(
    ratebook_stack: Any, connect: Connect, ada: UUID
) -> None:
    connect(service=True).account(ada).grant(10)
    client = ratebook.Client(ratebook_stack.url, ratebook_stack.service_key)
    hold = client.account(ada).authorize(5)
    client.close()
    with pytest.raises(ZeroDivisionError) as raised, hold:
        raise ZeroDivisionError
    assert len(raised.value.__notes__) == 1


def test_a_body_that_is_cancelled_is_charged_nothing(
    ratebook_stack: Any, connect: Connect, ada: UUID
) -> None:
    connect(service=True).account(ada).grant(10)

    async def work() -> None:
        async with (
            ratebook.AsyncClient(ratebook_stack.url, ratebook_stack.service_key) as client,
            asyncio.timeout(0.5),
            await client.account(ada).authorize(5),
        ):
            await asyncio.sleep(10)

    with pytest.raises(TimeoutError):
        asyncio.run(work())
    account = connect(service=True).account(ada)
    assert (account.balance().available, account.holds()) == (Decimal(10), [])


Ada = Callable[[ratebook.AsyncAccount], Any]


@pytest.fixture
def as_ada(ratebook_stack: Any, ada: UUID, gateway: Gateway) -> Callable[[Ada], None]:
    """Runs a task with Ada's account of 10 credits, behind the gateway."""

    def run(work: Ada) -> None:
        async def task() -> None:
            key = ratebook_stack.service_key
            async with ratebook.AsyncClient(address(gateway), key) as client:
                account = client.account(ada, owner=ada)
                await account.grant(10)
                await work(account)

        anyio.run(task)

    return run


def test_a_body_that_anyio_cancels_is_charged_nothing(
    as_ada: Callable[[Ada], None], connect: Connect, ada: UUID
) -> None:
    async def work(account: ratebook.AsyncAccount) -> None:
        with anyio.move_on_after(1) as scope:
            async with await account.authorize(5):
                await anyio.sleep(60)
        assert scope.cancelled_caught

    as_ada(work)
    account = connect(service=True).account(ada)
    assert (account.balance().available, account.holds()) == (Decimal(10), [])


def test_a_body_that_ends_as_anyio_cancels_is_charged(
    as_ada: Callable[[Ada], None], connect: Connect, ada: UUID
) -> None:
    async def work(account: ratebook.AsyncAccount) -> None:
        with anyio.CancelScope() as scope:
            async with await account.authorize(5):
                scope.cancel()
        with anyio.CancelScope() as scope:
            async with await account.authorize(5) as hold:
                scope.cancel()
                await hold.capture(2)

    as_ada(work)
    account = connect(service=True).account(ada)
    assert (account.balance().available, account.holds()) == (Decimal(3), [])


@pytest.mark.parametrize("cancelling", [anyio.move_on_after, asyncio.timeout])
def test_an_authorization_that_is_cancelled_holds_nothing(
    as_ada: Callable[[Ada], None],
    connect: Connect,
    ada: UUID,
    gateway: Gateway,
    cancelling: Callable[[float], Any],
) -> None:
    async def work(account: ratebook.AsyncAccount) -> None:
        gateway.faults += ["slow"]
        with contextlib.suppress(TimeoutError):
            if cancelling is asyncio.timeout:
                async with asyncio.timeout(0.5):
                    await account.authorize(5)
            else:
                with anyio.move_on_after(0.5):
                    await account.authorize(5)

    as_ada(work)
    account = connect(service=True).account(ada)
    assert (account.balance().available, account.holds()) == (Decimal(10), [])


def test_nothing_may_be_captured(connect: Connect, ada: UUID) -> None:
    account = connect(service=True).account(ada)
    account.grant(10)
    assert account.authorize(5).capture(0).credits == 0
    assert account.balance().available == 10


# ------------------------------------------------------------------ refusals


def test_what_the_account_does_not_cover_is_said_in_figures(connect: Connect, ada: UUID) -> None:
    account = connect(service=True).account(ada)
    account.grant(10)
    account.authorize(8)
    with pytest.raises(InsufficientCredits) as refused:
        account.authorize(3)
    error = refused.value
    assert (error.code, error.error) == ("PT402", "insufficient_credits")
    assert (error.balance, error.held, error.needed) == (Decimal(10), Decimal(8), Decimal(3))


def test_a_budget_that_is_reached_is_said_in_figures(
    connect: Connect, ada: UUID, db: Connection
) -> None:
    account = connect(service=True).account(ada)
    account.grant(1000)
    db.execute(
        "insert into billing.budgets (lenser_id, period, soft_limit, hard_limit)"
        " values (%s, 'month', 50, 60)",
        [ada],
    )
    warned = account.charge("dall-e-3", {"image": 1})
    (warning,) = warned.warnings
    assert (warning.warning, warning.limit, warning.spent) == (
        "budget_soft_limit",
        Decimal(50),
        Decimal(52),
    )
    with pytest.raises(BudgetExceeded) as refused:
        account.charge("dall-e-3", {"image": 1})
    assert (refused.value.error, refused.value.limit, refused.value.needed) == (
        "budget_exceeded",
        Decimal(60),
        Decimal(104),
    )


def test_a_member_spends_up_to_the_limit_and_a_stranger_nothing(
    connect: Connect, ada: UUID, new_user: Callable[..., UUID]
) -> None:
    account = connect(service=True).account(ada)
    account.grant(100)
    bob = new_user()
    with pytest.raises(NotAllowed) as stranger:
        account.charge("gpt-4o-mini", CHAT, lenser=bob)
    assert stranger.value.error == "not_allowed"
    account.set_member(bob, Decimal("0.6"))
    assert account.charge("gpt-4o-mini", CHAT, lenser=bob).credits == Decimal("0.585")
    with pytest.raises(BudgetExceeded) as refused:
        account.charge("gpt-4o-mini", CHAT, lenser=bob)
    assert (refused.value.error, refused.value.limit, refused.value.needed) == (
        "member_limit_exceeded",
        Decimal("0.6"),
        Decimal("1.17"),
    )
    account.set_member(bob)
    assert account.charge("gpt-4o-mini", CHAT, lenser=bob).credits == Decimal("0.585")
    account.remove_member(bob)
    with pytest.raises(NotAllowed):
        account.charge("gpt-4o-mini", CHAT, lenser=bob)


def test_a_float_is_no_amount_of_credits(connect: Connect, ada: UUID) -> None:
    client = connect(service=True)
    account = client.account(ada)
    attempts: list[Callable[[Any], Any]] = [
        account.grant,
        account.authorize,
        account.recurring_grant,
        lambda amount: account.set_member(uuid4(), amount),
        lambda amount: client.capture_hold(uuid4(), amount),
        lambda amount: client.refund_charge(uuid4(), amount),
    ]
    for attempt in attempts:
        for amount in (0.1, True, "1"):
            with pytest.raises(TypeError, match="Credits are Decimal or int"):
                attempt(amount)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1", "0", "1E+13", "1E-13"])
def test_an_amount_that_cannot_be_is_refused(connect: Connect, ada: UUID, amount: str) -> None:
    with pytest.raises(UnusableUsage) as refused:
        connect(service=True).account(ada).grant(Decimal(amount))
    assert refused.value.error == "invalid_amount"


def test_names_that_mean_nothing_are_not_found(connect: Connect, ada: UUID) -> None:
    client = connect(service=True)
    for attempt, error in (
        (lambda: client.account(uuid4()).grant(1), "unknown_account"),
        (lambda: client.capture_hold(uuid4()), "unknown_hold"),
        (lambda: client.release_hold(uuid4()), "unknown_hold"),
        (lambda: client.refund_charge(uuid4()), "unknown_charge"),
    ):
        with pytest.raises(NotFound) as refused:
            attempt()
        assert refused.value.error == error
    with pytest.raises(ValueError, match="UUID"):
        client.account("ada")


def test_an_owner_reads_and_does_not_write_and_others_see_nothing(
    connect: Connect, ada: UUID, new_user: Callable[..., UUID]
) -> None:
    service = connect(service=True).account(ada)
    service.grant(10)
    service.authorize(4)
    own, others = connect(ada).account(ada), connect(new_user()).account(ada)
    assert (own.balance(), own.lots(), own.holds()) == (
        service.balance(),
        service.lots(),
        service.holds(),
    )
    assert amounts(own.statement()) == [Decimal(10)]
    assert (others.lots(), others.holds()) == ([], [])
    admin = connect(new_user("admin"))
    asked, not_asked = admin.account(ada, as_admin=True), admin.account(ada)
    assert (asked.balance(), asked.lots(), asked.holds()) == (
        service.balance(),
        service.lots(),
        service.holds(),
    )
    assert amounts(asked.statement()) == [Decimal(10)]
    assert not_asked.lots() == []
    curious = connect(new_user()).account(ada, as_admin=True)
    assert (curious.lots(), curious.holds()) == ([], [])
    for forbidden in (
        others.balance,
        lambda: list(others.statement()),
        lambda: list(curious.statement()),
        lambda: own.grant(1),
        lambda: own.authorize(1),
    ):
        with pytest.raises(NotAllowed):
            forbidden()


# ------------------------------------------------------------------ keys, and answers that get lost


def test_the_same_key_has_one_effect_and_another_request_is_refused(
    connect: Connect, ada: UUID
) -> None:
    account = connect(service=True).account(ada)
    first = account.grant(10, idempotency_key="first")
    assert account.grant(10, idempotency_key="first") == first
    with pytest.raises(IdempotencyConflict) as refused:
        account.grant(11, idempotency_key="first")
    assert isinstance(refused.value, Conflict)
    account.grant(10)
    account.grant(10)
    assert account.balance().posted == 30


class Gateway(ThreadingHTTPServer):
    """Passes requests on; `faults` says what happens to the next ones, in their order."""

    daemon_threads = True
    faults: list[str]
    seen: list[bytes]


@pytest.fixture
def gateway(ratebook_stack: Any) -> Iterator[Gateway]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            server = self.server
            assert isinstance(server, Gateway)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.seen.append(body)
            fault = server.faults.pop(0) if server.faults else ""
            status, answer = 503, b"<html>Service Unavailable</html>"
            if fault != "503":
                passed = httpx.post(
                    ratebook_stack.url + self.path,
                    content=body,
                    headers={k: v for k, v in self.headers.items() if k.lower() != "host"},
                )
                status, answer = passed.status_code, passed.content
            if fault == "lost":
                self.close_connection = True
                return
            if fault == "slow":
                time.sleep(1)
            if fault == "cut":  # PostgREST's own words where its connection breaks at COMMIT
                status, answer = 400, b'{"code":"","details":null,"hint":null,"message":""}'
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: Any) -> None:
            pass

    with Gateway(("127.0.0.1", 0), Handler) as server:
        server.faults, server.seen = [], []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def address(gateway: Gateway) -> str:
    return f"http://127.0.0.1:{gateway.server_port}"


@pytest.mark.parametrize("faults", [["lost"], ["503"], ["cut"], ["lost", "503"], ["cut", "cut"]])
def test_a_write_is_sent_again_with_its_key_and_counts_once(
    connect: Connect, ada: UUID, gateway: Gateway, faults: list[str]
) -> None:
    account = connect(service=True, url=address(gateway), retry=True).account(ada)
    gateway.faults += faults
    assert account.grant(10).balance.posted == 10
    assert len(gateway.seen) == len(faults) + 1
    assert len(set(gateway.seen)) == 1
    gateway.faults += faults
    request: Any = {"model": "gpt-4o-mini", "usage": CHAT, "format": None, "idempotency_key": None}
    (charged,) = account.charge_many([request])
    assert charged.balance.posted == Decimal("9.415")
    assert amounts(connect(service=True).account(ada).statement()) == [
        Decimal(10),
        Decimal("-0.585"),
    ]


def test_a_hold_is_made_captured_and_refunded_once_though_answers_get_lost(
    connect: Connect, ada: UUID, gateway: Gateway
) -> None:
    connect(service=True).account(ada).grant(10)
    client = connect(service=True, url=address(gateway), retry=True)
    gateway.faults += ["lost"]
    with client.account(ada).authorize(5) as hold:
        gateway.faults += ["lost"]
        charge = hold.capture(2).charge_id
    gateway.faults += ["lost"]
    assert client.refund_charge(charge, 1).refunded == 1
    gateway.faults += ["lost"]
    assert client.release_hold(client.account(ada).authorize(5).id).balance.available == 9
    assert amounts(connect(service=True).account(ada).statement()) == [10, -2, 1]
    assert connect(service=True).account(ada).holds() == []


@pytest.mark.parametrize(
    ("code", "passing"),
    [
        *((code, True) for code in ("502", "503", "504", "PGRST000", "PGRST003")),
        *((code, True) for code in ("08006", "40001", "40P01", "53300", "57P01")),
        *((code, False) for code in ("PT402", "PT409", "42501", "23505", "57014", "404", "")),
    ],
)
def test_only_what_may_pass_is_sent_again(code: str, passing: bool) -> None:
    assert is_passing(code, "Words.") is passing


@pytest.mark.parametrize(
    ("code", "message", "passing"),
    [("", "", True), (None, None, True), ("", "Words.", False), ("PT402", "", False)],
)
def test_an_error_that_says_nothing_is_sent_again(
    code: str | None, message: str | None, passing: bool
) -> None:
    assert is_passing(code, message) is passing


def test_an_error_that_says_nothing_is_no_refusal(
    connect: Connect, ada: UUID, gateway: Gateway
) -> None:
    account = connect(service=True, url=address(gateway)).account(ada)
    gateway.faults += ["cut"]
    with pytest.raises(ConnectionFailed, match="whether it took effect is not known"):
        account.grant(10)
    assert connect(service=True).account(ada).balance().posted == 10


def test_a_write_is_not_sent_for_ever_and_not_at_all_again_without_retry(
    connect: Connect, ada: UUID, gateway: Gateway
) -> None:
    gateway.faults += ["lost"] * 4
    patient = connect(service=True, url=address(gateway), retry=True).account(ada)
    with pytest.raises(ConnectionFailed):
        patient.grant(10)
    assert len(gateway.seen) == 3
    with pytest.raises(ConnectionFailed):
        connect(service=True, url=address(gateway)).account(ada).grant(5)
    assert len(gateway.seen) == 4
    assert connect(service=True).account(ada).balance().posted == 15


def test_a_refusal_is_not_sent_again(connect: Connect, ada: UUID, gateway: Gateway) -> None:
    account = connect(service=True, url=address(gateway), retry=True).account(ada)
    with pytest.raises(InsufficientCredits):
        account.authorize(5)
    assert len(gateway.seen) == 1


def test_an_allowance_whose_answer_was_lost_is_made_once(
    connect: Connect, ada: UUID, gateway: Gateway, db: Connection
) -> None:
    account = connect(service=True, url=address(gateway), retry=True).account(ada)
    gateway.faults += ["lost"]
    allowance = account.recurring_grant(5)
    assert len(gateway.seen) == 2
    made = db.execute("select id from billing.recurring_grants where lenser_id = %s", [ada])
    assert made.fetchall() == [{"id": allowance}]
    assert connect(service=True).account(ada).balance().posted == 5
    account.recurring_grant(7, idempotency_key="plan-1")
    with pytest.raises(IdempotencyConflict):
        account.recurring_grant(8, idempotency_key="plan-1")


def test_a_release_that_fails_does_not_hide_why(
    connect: Connect, ada: UUID, gateway: Gateway
) -> None:
    connect(service=True).account(ada).grant(10)
    account = connect(service=True, url=address(gateway)).account(ada)
    hold = account.authorize(5)
    gateway.faults += ["503"]
    with pytest.raises(ZeroDivisionError) as raised, hold:
        raise ZeroDivisionError
    (note,) = raised.value.__notes__
    assert note.startswith(f"The hold {hold.id} was not released and times out at 20")
    assert [open_hold.id for open_hold in connect(service=True).account(ada).holds()] == [hold.id]


# ------------------------------------------------------------------ statements, allowances, upkeep


def test_a_statement_goes_through_every_page_in_either_order(
    connect: Connect, ada: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (ratebook._async.wallet, ratebook._sync.wallet):
        monkeypatch.setattr(module, "_PAGE", 2)
    account = connect(service=True).account(ada)
    for amount in range(1, 6):
        account.grant(amount)
    entries = list(account.statement())
    assert amounts(entries) == [1, 2, 3, 4, 5]
    assert [entry.balance_after for entry in entries] == [1, 3, 6, 10, 15]
    assert amounts(account.statement(newest_first=True)) == [5, 4, 3, 2, 1]
    second, fourth = entries[1].created_at, entries[3].created_at
    assert amounts(account.statement(since=second, until=fourth)) == [2, 3]
    assert amounts(account.statement(since=second, until=fourth, newest_first=True)) == [3, 2]


def test_lots_are_listed_as_they_burn(connect: Connect, ada: UUID) -> None:
    account = connect(service=True).account(ada)
    soon = datetime.now(UTC) + timedelta(days=1)
    account.grant(1, source="last")
    account.grant(1, source="second", priority=0, expires_at=soon + timedelta(days=1))
    account.grant(1, source="third", priority=1)
    account.grant(1, source="first", expires_at=soon)
    assert [lot.source for lot in account.lots()] == ["first", "second", "last", "third"]
    account.authorize(1).capture()
    assert [lot.source for lot in account.lots()] == ["second", "last", "third"]


def test_a_lot_that_has_expired_is_not_listed_swept_or_not(connect: Connect, ada: UUID) -> None:
    account = connect(service=True).account(ada)
    account.grant(1, source="short", expires_at=datetime.now(UTC) + timedelta(seconds=0.5))
    account.grant(1, source="long")
    time.sleep(0.6)
    assert [lot.source for lot in account.lots()] == ["long"]
    assert account.balance().available == 1


def test_an_allowance_comes_at_once_and_ends_when_told(
    connect: Connect, ada: UUID, db: Connection
) -> None:
    client = connect(service=True)
    allowance = client.account(ada).recurring_grant(1000, months=1, days=2, source="plan")
    (lot,) = client.account(ada).lots()
    assert (lot.recurring_grant_id, lot.amount, lot.source) == (allowance, Decimal(1000), "plan")
    client.end_recurring_grant(allowance)
    row = db.execute(
        "select months, days, ends_at is not null as ended from billing.recurring_grants where id = %s",
        [allowance],
    ).fetchone()
    assert row == {"months": 1, "days": 2, "ended": True}


def test_upkeep_is_for_the_service_role(connect: Connect, ada: UUID) -> None:
    service = connect(service=True)
    service.account(ada).grant(10)
    assert service.sweep_accounts() >= 0
    checks = service.check_wallets()
    assert len(checks) >= 10
    assert {check.severity for check in checks} == {"ok"}
    mine = connect(ada)
    for forbidden in (mine.sweep_accounts, mine.check_wallets, mine.check_installation):
        with pytest.raises(NotAllowed):
            forbidden()


def test_an_admin_moves_credits_and_checks_health_signed_in(
    connect: Connect, ada: UUID, new_user: Callable[..., UUID]
) -> None:
    user = new_user("admin")
    admin, service = connect(user), connect(service=True)
    account = admin.account(ada)
    granted = account.grant(10, source="gift", external_ref=str(ada))
    charged = service.account(ada).charge("gpt-4o-mini", {"input": 1000, "output": 500})
    refunded = admin.refund_charge(charged.charge_id, Decimal("0.5"), reason="too slow")
    assert account.balance().posted == Decimal("9.915")
    assert connect(ada).account(ada).balance(at=datetime.now(UTC)).posted == Decimal("9.915")
    entries = [entry for entry in admin.audit_history(limit=20) if entry.subject == user]
    refund, grant = entries
    assert (grant.operation, grant.table_name) == ("CALL", "billing.grants")
    assert (grant.row_key, refund.row_key) == (
        {"id": str(granted.grant_id)},
        {"id": str(charged.charge_id)},
    )
    assert refund.after is not None
    assert refund.after["function"] == "billing.refund_charge"
    assert refund.after["arguments"]["reason"] == "too slow"
    assert refunded.amount == Decimal("0.5")

    whole = {check.check_name for check in admin.check_wallets()}
    part = admin.check_wallets(from_account=ada, to_account=str(ada))
    assert {check.severity for check in part} == {"ok"}
    assert whole - {check.check_name for check in part} == {
        "a_hold_is_of_an_account",
        "an_entry_is_of_an_account",
        "a_charge_is_of_an_account",
        "a_cost_belongs_to_a_charge",
    }
    recent = admin.check_wallets(since=datetime.now(UTC) - timedelta(hours=1))
    assert "debt_is_the_sum_of_its_entries" not in {check.check_name for check in recent}
    assert "as_migrated" in {check.check_name for check in admin.check_installation()}
    with pytest.raises(UnusableUsage, match="before now"):
        admin.check_wallets(since=datetime.now(UTC) + timedelta(hours=1))
    # What is for backends alone stays so.
    for refused in (
        lambda: account.charge("gpt-4o-mini", {"input": 1}),
        lambda: account.authorize(1),
        admin.sweep_accounts,
    ):
        with pytest.raises(NotAllowed):
            refused()
    for stranger in (connect(ada), connect(new_user())):
        with pytest.raises(NotAllowed, match="for admins and the service role"):
            stranger.account(ada).grant(1)
        with pytest.raises(NotAllowed, match="for admins and the service role"):
            stranger.refund_charge(charged.charge_id)
    with pytest.raises(NotAllowed, match="your own accounts"):
        connect(new_user()).account(ada).balance()


# ------------------------------------------------------------------ the classes themselves


@pytest.mark.parametrize(
    ("sync", "async_"), [(Account, ratebook.AsyncAccount), (Hold, ratebook.AsyncHold)]
)
def test_both_kinds_have_the_same_methods_with_the_same_arguments(sync: type, async_: type) -> None:
    def public(kind: type) -> dict[str, Any]:
        members = inspect.getmembers(kind, inspect.isfunction)
        return {name: member for name, member in members if not name.startswith("_")}

    assert public(sync).keys() == public(async_).keys()
    for name, method in public(sync).items():
        wanted = public(async_)[name]
        assert inspect.signature(method).parameters == inspect.signature(wanted).parameters, name
        assert inspect.getdoc(method) == inspect.getdoc(wanted), name


@pytest.mark.parametrize(
    ("kind", "table", "left_out"),
    [
        (Lot, "grants", {"closed_at", "expired", "revoked", "revoked_at"}),
        (
            OpenHold,
            "holds",
            {"lots", "status", "charge_id", "ended_at", "price_source", "price_currency"},
        ),
    ],
)
def test_the_types_have_the_columns_of_the_database(
    db: Connection, kind: type[Any], table: str, left_out: set[str]
) -> None:
    rows = db.execute(
        "select column_name from information_schema.columns"
        " where table_schema = 'billing' and table_name = %s",
        [table],
    ).fetchall()
    columns = {row["column_name"] for row in rows}
    assert columns - left_out == {column.name for column in fields(kind)}
