"""The wallet as a backend sees it, and the books that a backend could keep of what it was told."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.types.json import Jsonb

from tools.servers import Server

# A login of its own, as PgBouncer keeps no `set role`.
SERVICE = "backend"

Connection = psycopg.Connection[Any]
Json = dict[str, Any]

# Whatever is not wholly there: each key with its effect, each effect with its key and all its rows.
TORN = """
with keys as (
  select operation, key, response, (response ->> 'charge_id')::uuid as charge_id,
    coalesce(response ->> 'credits', response ->> 'amount')::numeric as amount
  from billing.idempotency_keys
)
select 'charge', coalesce(c.id::text, k.key)
from billing.charges as c
full join (
  select * from keys where operation in ('charge_generation', 'capture_hold', 'settle_charge')
) as k on k.charge_id = c.id
left join billing.charge_costs as s on s.id = c.id
left join ai.generations as g on g.id = c.generation_id
left join billing.holds as h on h.id = c.hold_id
left join lateral (
  select -sum(e.amount) as amount from billing.ledger_entries as e where e.charge_id = c.id and e.kind = 'charge'
) as e on true
where c.id is null or k.key is null or k.amount <> c.credits or coalesce(e.amount, 0) <> c.credits
  or (c.lines is null) <> (s.id is null) or (c.generation_id is null) <> (g.id is null)
  or (c.hold_id is null) <> (h.id is null) or h.charge_id <> c.id
union all
select 'generation', g.id::text
from ai.generations as g
where not exists (select from billing.charges as c where c.generation_id = g.id)
union all
select 'grant', coalesce(g.id::text, k.key)
from billing.grants as g
full join (select * from keys where operation = 'grant_credits') as k on (k.response ->> 'grant_id')::uuid = g.id
left join billing.ledger_entries as e on e.grant_id = g.id and e.kind = 'grant'
-- What was overdraft and is repaid by now is refunded as a lot, without a call of its own.
-- What another account moved here is below.
where g.source is distinct from 'refund' and (k.amount = g.amount and g.amount = e.amount) is not true
  and not exists (select from billing.ledger_entries as m where m.grant_id = g.id and m.kind = 'move' and m.amount > 0)
union all
select 'revocation', coalesce(r.id::text, k.key)
from billing.revocations as r
full join (select * from keys where operation = 'revoke_grant') as k on (k.response ->> 'revocation_id')::uuid = r.id
where (k.amount = r.from_lot + r.held + r.owed) is not true
union all
select 'settlement', c.id::text
from billing.charges as c
left join billing.charges as o on o.id = c.estimate_id
left join (
  select charge_id, sum(amount) as amount from billing.ledger_entries where kind = 'refund' group by charge_id
) as r on r.charge_id = o.id
where c.estimate_id is not null and (r.amount = o.credits or o.credits = 0) is not true
union all
select 'move', coalesce(m.created_at, k.created_at) || ' ' || coalesce(m.account_id, k.account_id)
from (
  select account_id, created_at, -sum(amount) as amount
  from billing.ledger_entries where kind = 'move' and amount < 0 group by account_id, created_at
) as m
full join (
  select account_id, created_at, sum((response ->> 'amount')::numeric) as amount
  from billing.idempotency_keys where operation = 'move_credits' group by account_id, created_at
) as k on k.account_id = m.account_id and k.created_at = m.created_at
where (k.amount = m.amount) is not true
union all
select 'hold', coalesce(h.id::text, k.key)
from billing.holds as h
full join (select * from keys where operation = 'authorize_credits') as k on (k.response ->> 'hold_id')::uuid = h.id
where (k.amount = h.amount) is not true
union all
select 'refund', coalesce(r.charge_id, k.charge_id)::text
from (
  select e.charge_id, sum(e.amount) as amount
  from billing.ledger_entries as e
  where
    e.kind = 'refund'
    -- What gave way to another charge is above.
    and not exists (select from billing.charges as c where c.estimate_id = e.charge_id)
  group by e.charge_id
) as r
full join (
  select charge_id, sum(amount) as amount from keys where operation = 'refund_charge' group by charge_id
) as k on k.charge_id = r.charge_id
where (k.amount = r.amount) is not true
"""


def credits_of(units: int) -> Decimal:
    """What units of input cost: 0.0026 credits each, rounded up to 0.001."""
    return (units * Decimal("0.0026")).quantize(Decimal("0.001"), ROUND_UP)


def call(connection: Connection, function: str, **arguments: Any) -> Any:
    """Call a function of the wallet."""
    values = {
        name: Jsonb(value) if isinstance(value, dict | list) else value
        for name, value in arguments.items()
    }
    names = ", ".join(f"{name} => %({name})s" for name in values)
    row = connection.execute(f"select billing.{function}({names})", values).fetchone()
    assert row is not None
    return row[0]


def charge(account: str, units: int, key: str | None = None, **more: Any) -> Json:
    """The arguments of a charge for units of input."""
    usage = {"account": account, "model": "m", "usage": {"input": units}}
    return usage | ({} if key is None else {"idempotency_key": key}) | more


def token(error: psycopg.Error) -> str:
    """The stable name of one of Ratebook's errors; the SQLSTATE of others."""
    code = error.sqlstate or "no SQLSTATE"
    if code.startswith("PT") and error.diag.message_detail:
        return f"{code} {json.loads(error.diag.message_detail)['error']}"
    return code


@dataclass(frozen=True)
class Call:
    """A call with what it is expected to move, by the caller's own reckoning.

    `before` is what the charge took that it settles.
    """

    function: str
    arguments: Json
    amount: Decimal = Decimal(0)
    before: Decimal = Decimal(0)

    @property
    def key(self) -> str:
        """What makes it the same call again: its idempotency key; of a release, the hold."""
        return str(self.arguments.get("idempotency_key") or self.arguments["hold"])

    def parts(self) -> list[Call]:
        """The calls with one effect each: a batch is many."""
        if self.function != "charge_generations":
            return [self]
        return [
            Call("charge_generation", request, credits_of(request["usage"]["input"]))
            for request in self.arguments["requests"]
        ]


@dataclass
class Books:
    """The first answer to each call, added up without asking the database."""

    answers: dict[tuple[str, str], tuple[Call, Json]] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)

    def note(self, asked: Call, answer: Any) -> None:
        """Write an answer down. A second answer to the same call has to be equal to the first."""
        told = answer if asked.function == "charge_generations" else [answer]
        for part, each in zip(asked.parts(), told, strict=True):
            if part.function == "release_hold":
                self.answers[part.function, part.key] = (part, each)
                continue
            _, first = self.answers.setdefault((part.function, part.key), (part, each))
            if each != first:
                self.contradictions.append(f"{part}: first {first}, then {each}")
            if Decimal(each.get("credits") or each["amount"]) != part.amount:
                self.contradictions.append(f"{part}: {each}")

    def charges(self) -> set[str]:
        """The charges that were acknowledged."""
        return {
            answer["charge_id"]
            for (function, _), (_, answer) in self.answers.items()
            if function in {"charge_generation", "capture_hold", "settle_charge"}
        }

    def balances(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Posted and reserved of each account: grants − charges + refunds, what moved and was taken back, open holds.

        What an open hold keeps of a payment that was taken back counts as gone: it goes, or is owed, when that ends.
        """
        posted: dict[str, Decimal] = defaultdict(Decimal)
        reserved: dict[str, Decimal] = defaultdict(Decimal)
        held: dict[str, Decimal] = {}
        for (function, _), (asked, answer) in self.answers.items():
            if function == "move_credits":
                posted[answer["from_account"]] -= asked.amount
                posted[answer["to_account"]] += asked.amount
                continue
            account = answer["account_id"]
            if function in {"grant_credits", "refund_charge"}:
                posted[account] += asked.amount
            elif function in {"charge_generation", "capture_hold", "revoke_grant"}:
                posted[account] -= asked.amount
            elif function == "settle_charge":
                posted[account] += asked.before - asked.amount
            elif function == "authorize_credits":
                reserved[account] += asked.amount
                held[answer["hold_id"]] = asked.amount
        for (function, _), (asked, answer) in self.answers.items():
            if function in {"capture_hold", "release_hold"}:
                reserved[answer["account_id"]] -= held[asked.arguments["hold"]]
        return {account: (posted[account], reserved[account]) for account in posted | reserved}


@dataclass(frozen=True)
class Shop:
    """A database with the wallet, and the superuser's connection to it."""

    server: Server
    name: str
    db: Connection

    def connect(self, **options: Any) -> Connection:
        """A backend's connection, in autocommit unless told otherwise."""
        options = {"autocommit": True} | options
        return psycopg.connect(self.server.dsn(self.name, SERVICE), **options)

    def lensers(self, number: int) -> list[str]:
        """New people, in the order in which accounts are locked."""
        people = sorted(str(uuid4()) for _ in range(number))
        self.db.execute("insert into auth.users (id) select unnest(%s::uuid[])", [people])
        return people

    def value(self, query: str, *arguments: Any) -> Any:
        """The one value of a query."""
        row = self.db.execute(query, arguments).fetchone()
        assert row is not None
        return row[0]

    def broken(self) -> list[str]:
        """What billing.self_check() finds."""
        rows = self.db.execute("select * from billing.self_check()").fetchall()
        assert len(rows) >= 25
        return [" ".join(row) for row in rows if row[1] != "ok"]

    def assert_sound(self) -> None:
        """Every invariant holds, nobody ever spent too much, and nothing is half there."""
        assert self.broken() == []
        assert (
            self.value(
                "select count(*) from ("
                " select e.account_id, e.balance_after, coalesce(sum(-e.amount)"
                " filter (where e.kind = 'revocation' and e.grant_id is null)"
                " over (partition by e.account_id order by e.number), 0) as owed"
                " from billing.ledger_entries as e) as e"
                " join billing.accounts as a on a.id = e.account_id"
                " where e.balance_after < -a.overdraft_limit - e.owed"
            )
            == 0
        )
        assert self.db.execute(TORN).fetchall() == []

    def assert_agrees(self, books: Books) -> None:
        """The database holds what clients were told, no more and no less."""
        assert books.contradictions == []
        assert {
            str(row[0]) for row in self.db.execute("select id from billing.charges")
        } == books.charges()
        assert self.balances() == without_zeros(books.balances())

    def balances(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Posted and reserved of each account that has any, without what holds keep of payments taken back."""
        rows = self.db.execute(
            "select a.id::text, a.posted - coalesce((select sum(g.remaining) from billing.grants as g"
            " where g.account_id = a.id and g.revoked_at is not null), 0), a.reserved from billing.accounts as a"
        ).fetchall()
        return without_zeros({row[0]: (row[1], row[2]) for row in rows})


def without_zeros(
    balances: Mapping[str, tuple[Decimal, Decimal]],
) -> dict[str, tuple[Decimal, Decimal]]:
    return {account: balance for account, balance in balances.items() if any(balance)}
