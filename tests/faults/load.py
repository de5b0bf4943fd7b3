"""Many clients at once: whatever changes a balance, and all of it again."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from itertools import count
from random import Random
from threading import Event
from typing import Any, TypeVar
from uuid import uuid4

import psycopg

from tests.faults.wallet import Books, Call, Connection, Shop, call, charge, credits_of, token

# What a client may be told that asks for too much, or too late.
REFUSALS = {
    "PT402 insufficient_credits",
    "PT409 hold_not_open",
    "PT409 refund_exceeds_charge",
    "PT409 revocation_exceeds_grant",
    "PT409 lot_is_held",
    "PT409 already_settled",
    "PT409 already_refunded",
}
T = TypeVar("T")
Fault = Callable[[Connection, Random], None]
WEIGHTS = {
    "grant": 9,
    "charge": 33,
    "batch": 6,
    "hold": 18,
    "capture": 14,
    "release": 4,
    "refund": 8,
    "estimate": 5,
    "settle": 5,
    "revoke": 3,
    "move": 5,
    "again": 8,
}


@dataclass
class Load:
    """The clients of one run, and what they were told.

    A call whose answer did not come (the server died, a statement timed out) is `unsettled`.
    """

    shop: Shop
    accounts: Sequence[str]
    connect: Callable[[], Connection]
    seed: int = 1
    tries_again: bool = False  # after a serialization failure
    books: Books = field(default_factory=Books)
    holds: deque[tuple[str, Decimal]] = field(default_factory=lambda: deque(maxlen=200))
    charges: deque[tuple[str, Decimal]] = field(default_factory=lambda: deque(maxlen=200))
    estimates: deque[tuple[str, Decimal]] = field(default_factory=lambda: deque(maxlen=200))
    lots: deque[tuple[str, Decimal]] = field(default_factory=lambda: deque(maxlen=200))
    recent: deque[Call] = field(default_factory=lambda: deque(maxlen=50))
    unsettled: list[Call] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    elapsed: float = 0.0

    def run(
        self,
        clients: int,
        operations: int | None = None,
        stop: Event | None = None,
        fault: Fault | None = None,
    ) -> None:
        """Let clients call until so many operations are done, or `stop` is set."""
        numbers = count()

        def wanted() -> bool:
            return not (stop and stop.is_set()) and (
                operations is None or next(numbers) < operations
            )

        def client(number: int) -> None:
            random = Random(f"{self.seed} {number} {len(self.seconds)}")
            while wanted():
                try:
                    with self.connect() as connection:
                        self.serve(connection, random, wanted, fault)
                except psycopg.OperationalError:  # the server is gone
                    time.sleep(0.01)

        begin = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            for running in [pool.submit(client, number) for number in range(clients)]:
                running.result()
        self.elapsed += time.perf_counter() - begin

    def serve(
        self,
        connection: Connection,
        random: Random,
        wanted: Callable[[], bool],
        fault: Fault | None,
    ) -> None:
        """What a client does with one connection."""
        self.do(connection, self.choose(random))
        while not connection.closed and wanted():
            if fault is not None:
                fault(connection, random)
            self.do(connection, self.choose(random))

    def do(self, connection: Connection, asked: Call) -> None:
        """Make a call and note what comes of it."""
        begin = time.perf_counter()
        try:
            answer = self.ask(connection, asked)
        except psycopg.Error as error:
            if (said := token(error)) in REFUSALS:
                self.outcomes[said] += 1
            elif connection.closed or isinstance(error, psycopg.errors.QueryCanceled):
                self.unsettled.append(asked)
                self.outcomes["no answer"] += 1
                return
            else:
                self.failures.append(f"{said}: {asked}: {error}")
        else:
            self.books.note(asked, answer)
            self.outcomes["done"] += 1
            self.see(asked, answer)
        self.seconds.append(time.perf_counter() - begin)

    def ask(self, connection: Connection, asked: Call) -> Any:
        while True:
            try:
                return call(connection, asked.function, **asked.arguments)
            except psycopg.errors.SerializationFailure:
                if not self.tries_again:
                    raise
                self.outcomes["40001"] += 1

    def see(self, asked: Call, answer: Any) -> None:
        """Keep what later calls can refer to."""
        if asked.function == "authorize_credits":
            self.holds.append((answer["hold_id"], asked.amount))
        elif asked.function == "grant_credits":
            self.lots.append((answer["grant_id"], asked.amount))
        elif asked.arguments.get("estimated"):
            self.estimates.append((answer["charge_id"], asked.amount))
        elif asked.function in {"charge_generation", "capture_hold"} and asked.amount > 0:
            self.charges.append((answer["charge_id"], asked.amount))

    def choose(self, random: Random) -> Call:
        """The next call of a client."""
        (kind,) = random.choices(list(WEIGHTS), list(WEIGHTS.values()))
        if kind == "again" and (recent := pick(self.recent, random)):
            return recent
        makers: dict[str, Callable[[Random, str], Call | None]] = {
            "grant": self.grant,
            "batch": self.batch,
            "hold": self.hold,
            "capture": self.capture,
            "release": self.release,
            "refund": self.refund,
            "estimate": self.estimate,
            "settle": self.settlement,
            "revoke": self.revoke,
            "move": self.move,
        }
        key = str(uuid4())
        chosen = makers.get(kind, self.charge)(random, key) or self.charge(random, key)
        self.recent.append(chosen)  # others may send it too, even while it is under way
        return chosen

    def grant(self, random: Random, key: str) -> Call:
        amount = Decimal(random.randrange(1, 45_000)) / 1000
        arguments = {
            "account": random.choice(self.accounts),
            "amount": amount,
            "priority": random.randrange(3),
            "starts_at": random.choice([*[None] * 9, "2099-01-01Z"]),
            "expires_at": random.choice([None, "2100-01-01Z", "2101-01-01Z"]),
            "idempotency_key": key,
        }
        return Call("grant_credits", arguments, amount)

    def charge(self, random: Random, key: str) -> Call:
        units = random.randrange(1, 2000)
        return Call(
            "charge_generation",
            charge(random.choice(self.accounts), units, key),
            credits_of(units),
        )

    def batch(self, random: Random, key: str) -> Call:
        requests = [
            charge(random.choice(self.accounts), random.randrange(1, 1000), f"{key} {number}")
            for number in range(random.randrange(2, 8))
        ]
        return Call("charge_generations", {"requests": requests})

    def hold(self, random: Random, key: str) -> Call:
        units = random.randrange(1, 2000)
        arguments = charge(random.choice(self.accounts), units, key, expires_in="1 day")
        return Call("authorize_credits", arguments, credits_of(units))

    def capture(self, random: Random, key: str) -> Call | None:
        if (hold := pick(self.holds, random)) is None:
            return None
        share = random.choice(["0", "0.5", "1", "1", "1.5"])  # nothing, less, all, more
        amount = (hold[1] * Decimal(share)).quantize(Decimal("0.001"))
        return Call(
            "capture_hold", {"hold": hold[0], "amount": amount, "idempotency_key": key}, amount
        )

    def release(self, random: Random, key: str) -> Call | None:
        hold = pick(self.holds, random)
        return None if hold is None else Call("release_hold", {"hold": hold[0]})

    def refund(self, random: Random, key: str) -> Call | None:
        if (paid := pick(self.charges, random)) is None:
            return None
        share = random.choice(["0.1", "0.4", "1"])
        amount = (paid[1] * Decimal(share)).quantize(Decimal("0.001"), ROUND_UP)
        return Call(
            "refund_charge", {"charge": paid[0], "amount": amount, "idempotency_key": key}, amount
        )

    def estimate(self, random: Random, key: str) -> Call:
        made = self.charge(random, key)
        return Call(made.function, made.arguments | {"estimated": True}, made.amount)

    def settlement(self, random: Random, key: str) -> Call | None:
        if (estimate := pick(self.estimates, random)) is None:
            return None
        share = random.choice(["0", "0.5", "1", "1.5", "3"])
        amount = (estimate[1] * Decimal(share)).quantize(Decimal("0.001"))
        arguments = {"charge": estimate[0], "amount": amount, "idempotency_key": key}
        return Call("settle_charge", arguments, amount, estimate[1])

    def revoke(self, random: Random, key: str) -> Call | None:
        if (lot := pick(self.lots, random)) is None:
            return None
        share = random.choice(["0.3", "1", "1"])
        amount = (lot[1] * Decimal(share)).quantize(Decimal("0.001"), ROUND_UP)
        arguments = {"lot": lot[0], "amount": amount, "external_ref": key, "idempotency_key": key}
        return Call("revoke_grant", arguments, amount)

    def move(self, random: Random, key: str) -> Call | None:
        if len(self.accounts) < 2:
            return None
        here, there = random.sample(self.accounts, 2)
        amount = Decimal(random.randrange(1, 15_000)) / 1000
        arguments = {
            "from_account": here,
            "to_account": there,
            "amount": amount,
            "idempotency_key": key,
        }
        return Call("move_credits", arguments, amount)

    def fund(self, amount: int) -> None:
        """Give every account a first lot."""
        with self.connect() as connection:
            for account in self.accounts:
                arguments = {"account": account, "amount": amount, "idempotency_key": str(uuid4())}
                self.do(connection, Call("grant_credits", arguments, Decimal(amount)))

    def assert_served(self) -> None:
        """Nobody saw a deadlock, a serialization failure or anything else that is not expected."""
        assert not self.failures, "\n".join(self.failures[:3])

    def assert_acknowledged(self) -> None:
        """Every answer that was given is kept in the database, as it was given."""
        kept = {
            (row[0], row[1]): row[2]
            for row in self.shop.db.execute(
                "select operation, key, response from billing.idempotency_keys"
            )
        }
        lost = [
            asked
            for (function, key), (asked, answer) in self.books.answers.items()
            if function != "release_hold" and kept.get((function, key)) != answer
        ]
        assert lost == []

    def settle(self) -> int:
        """Send what got no answer again, twice. Returns how many calls had taken effect already."""
        there = 0
        with self.shop.connect() as connection:
            for asked in {repr(one): one for one in self.unsettled}.values():
                before = [self.remembered(part) for part in asked.parts()]
                assert all(before) or not any(before), f"half there: {asked}"
                there += all(before)
                self.do(connection, asked)
                self.do(connection, asked)
                # The answer that was lost is the answer now.
                for part, answer in zip(asked.parts(), before, strict=True):
                    if answer:
                        assert self.books.answers[part.function, part.key][1] == answer
        self.unsettled.clear()
        return there

    def remembered(self, part: Call) -> Any:
        """The answer that the database keeps with a key."""
        row = self.shop.db.execute(
            "select response from billing.idempotency_keys where operation = %s and key = %s",
            [part.function, part.key],
        ).fetchone()
        return row and row[0]

    @property
    def figures(self) -> str:
        """What came of it, as a line of text."""
        spent = sorted(self.seconds)
        refused = sum(number for said, number in self.outcomes.items() if said.startswith("PT"))
        return (
            f"{len(spent):,} operations, {refused:,} refused as expected, {len(spent) / self.elapsed:,.0f}/s, "
            f"median {spent[len(spent) // 2] * 1000:.1f} ms, p99 {spent[len(spent) * 99 // 100] * 1000:.1f} ms"
        )


def pick(known: deque[T], random: Random) -> T | None:
    """One of them, if there is any. Others may append meanwhile."""
    try:
        return known[random.randrange(len(known))]
    except (IndexError, ValueError):
        return None
