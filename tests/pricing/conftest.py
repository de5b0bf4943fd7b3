"""A real server with the schema, and a quick way to fill it with a random book and to ask it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from psycopg import sql
from psycopg.types.json import Jsonb
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.factories import postgresql_noproc

from tests.databases import dsn, load_truth, start_server
from tests.pricing.reference import Price, Request, Switch, Window

# The same examples in each run; RATEBOOK_EXAMPLES=2000 asks for that many random ones.
COMMON: dict[str, Any] = {
    "deadline": None,
    "database": None,
    # Explaining a failure traces every line, and costs more than it says.
    "phases": [Phase.explicit, Phase.generate, Phase.shrink],
    "suppress_health_check": list(HealthCheck),
}
settings.register_profile("pricing", max_examples=10, derandomize=True, **COMMON)
if examples := os.environ.get("RATEBOOK_EXAMPLES"):
    settings.register_profile("pricing", max_examples=int(examples), print_blob=True, **COMMON)
settings.load_profile("pricing")

INSERT = """
insert into ai.model_pricing (
  id, model_id, meter, price_per_unit, withdrawn, effective_from, service_tier, variant, region,
  context_threshold, threshold_inclusive, tier_mode, window_start, window_end, window_days,
  window_time_zone, revision, source, currency
)
select
  r.id, %(model)s, r.meter, r.price, r.price is null, r.effective_from, r.service_tier, r.variant,
  r.region, r.threshold, r.inclusive, r.mode, r.opens, r.closes, r.days, r.zone, r.revision, r.source,
  r.currency
from jsonb_to_recordset(%(rows)s) as r (
  id uuid, meter text, price numeric, effective_from timestamptz, service_tier text, variant text,
  region text, threshold bigint, inclusive boolean, mode ai.tier_mode_enum, opens time, closes time,
  days integer, zone text, revision integer, source text, currency text
)
"""
ASK = """
select r.n, l.meter, l.quantity, l.price_id, l.price_meter, l.unit_price, l.cost
from jsonb_to_recordset(%(requests)s) as r (
  n integer, usage jsonb, service_tier text, variant text, region text, at timestamptz
)
-- JSON numbers of Python are floats: they come as text.
cross join lateral (
  select jsonb_object_agg(t.key, t.value::numeric) as usage from jsonb_each_text(r.usage) as t
) as u
cross join lateral ratebook.find_sheet(
  %(model)s, 'manual', 'USD', u.usage, r.service_tier, r.variant, r.region, r.at
) as s
cross join lateral ratebook.price_usage(s, ratebook.whole_usage(s.prices, s.minimums, u.usage)) as l
"""


@dataclass(frozen=True)
class Found:
    """What the database says about a meter, or a part of it."""

    meter: str
    quantity: Decimal
    row: Price | None
    price_meter: str | None
    unit_price: Decimal | None
    cost: Decimal | None


class Shop:
    """One model in the database, inside a transaction that ends with the test."""

    def __init__(self, connection: psycopg.Connection[Any], model: UUID) -> None:
        self.connection = connection
        self.model = model
        self._rows: dict[UUID, Price] = {}

    def put(self, rows: Sequence[Price]) -> None:
        """Insert price rows, in one statement."""
        numbered = {UUID(int=len(self._rows) + n): row for n, row in enumerate(rows, 1)}
        self._rows |= numbered
        self.connection.execute(
            INSERT,
            {
                "model": self.model,
                "rows": Jsonb([price_json(key, row) for key, row in numbered.items()]),
            },
        )

    def switch(self, switch: Switch) -> None:
        """Make the model follow another source or currency, at a time; it is that time from then on."""
        self.connection.execute(
            sql.SQL(
                "create or replace function ratebook.clock() returns timestamptz language sql volatile"
                " parallel safe set search_path = '' return {}::timestamptz"
            ).format(sql.Literal(switch.at))
        )
        self.connection.execute(
            "update ai.models set price_source = %s, price_currency = %s where id = %s",
            [switch.source, switch.currency, self.model],
        )

    def row_of(self, key: UUID) -> Price:
        """The price row that an id means."""
        return self._rows[key]

    def ask(self, requests: Sequence[Request]) -> list[list[Found]]:
        """The lines of each request, in one round trip."""
        answers: list[list[Found]] = [[] for _ in requests]
        asked = [
            {
                "n": n,
                "usage": {meter: str(quantity) for meter, quantity in request.usage.items()},
                "service_tier": request.service_tier,
                "variant": request.variant,
                "region": request.region,
                "at": request.at.isoformat(),
            }
            for n, request in enumerate(requests)
        ]
        for n, meter, quantity, row, price_meter, unit_price, cost in self.connection.execute(
            ASK, {"model": self.model, "requests": Jsonb(asked)}
        ):
            priced = None if row is None else self._rows[row]
            answers[n].append(Found(meter, quantity, priced, price_meter, unit_price, cost))
        return answers


def price_json(key: UUID, row: Price) -> dict[str, Any]:
    window = row.window
    return {
        "id": str(key),
        "meter": row.meter,
        "price": None if row.amount is None else str(row.amount),
        "effective_from": row.effective_from.isoformat(),
        "service_tier": row.service_tier,
        "variant": row.variant,
        "region": row.region,
        "threshold": row.threshold,
        "inclusive": row.inclusive,
        "mode": "marginal" if row.marginal else "whole_request",
        "opens": None if window is None else clock(window.start),
        "closes": None if window is None else clock(window.end),
        "days": None if window is None else window.days,
        "zone": None if window is None else window.zone,
        "revision": row.revision,
        "source": row.source,
        "currency": row.currency,
    }


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def window_of(text: str, zone: str = "UTC", days: int = 127) -> Window:
    """A window from `22:00-06:00`."""
    start, end = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    return Window(start, end, days, zone)


postgres = start_server()
pricing_database = postgresql_noproc(depends_on="postgres", dbname="pricing", load=[load_truth])


@pytest.fixture(scope="session")
def superuser(pricing_database: NoopExecutor) -> Iterator[psycopg.Connection[Any]]:
    # The template itself: a copy for each test would cost more than the tests.
    with psycopg.connect(dsn(pricing_database), autocommit=True) as connection:
        connection.execute("insert into ai.providers (key, name) values ('acme', 'Acme')")
        yield connection


@pytest.fixture(scope="session")
def lenser(superuser: psycopg.Connection[Any]) -> UUID:
    """Somebody whose generations are logged, with months to log them in."""
    superuser.execute(
        "select ratebook.make_partitions('ai.generations', '2025-01-01Z', '2025-12-01Z')"
    )
    row = superuser.execute("insert into lensers.profiles default values returning id").fetchone()
    assert row is not None
    return UUID(str(row[0]))


class Shops:
    """Opens shops, each with an empty book."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    @contextmanager
    def open(self, *books: Sequence[Price]) -> Iterator[Shop]:
        """A shop with the rows of `books`, inserted one book after the other."""
        with self._connection.transaction(force_rollback=True):
            row = self._connection.execute(
                "insert into ai.models (key, name, provider_id)"
                " select 'm', 'M', p.id from ai.providers as p where p.key = 'acme' returning id"
            ).fetchone()
            assert row is not None
            shop = Shop(self._connection, row[0])
            for book in books:
                shop.put(book)
            yield shop


@pytest.fixture(scope="session")
def shops(superuser: psycopg.Connection[Any]) -> Shops:
    return Shops(superuser)
