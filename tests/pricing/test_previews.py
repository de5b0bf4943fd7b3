"""What a price would do to the log is what it does once it is written, to the last digit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.pricing.books import DATES, amounts, books, many, meters, requests, times
from tests.pricing.conftest import Shop, Shops
from tests.pricing.reference import Price, Request
from tests.pricing.test_forms import LOG, REQUESTS, asked_json

SINCE, UNTIL = datetime(2025, 3, 29, tzinfo=UTC), datetime(2025, 11, 1, tzinfo=UTC)
PREVIEW = """
select p.currency, p.generations, p.cost_before, p.credits_before, p.without_cost_before, p.without_credits_before,
  p.cost_after, p.credits_after, p.without_cost_after, p.without_credits_after
from ai.preview_price(
  'm', %(meter)s, %(price)s, %(at)s, source => %(source)s, since => %(since)s, until => %(until)s
) as p
"""
SUMS = """
select r.currency, count(*), coalesce(sum(r.cost), 0), coalesce(sum(r.credits), 0),
  count(*) filter (where r.cost is null), count(*) filter (where r.credits is null)
from billing.reprice_generations(%(since)s, %(until)s) as r
group by r.currency order by r.currency
"""
WRITE = "select from ai.schedule_price('m', %(meter)s, %(price)s, %(at)s, source => %(source)s)"


def sums(shop: Shop, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    return shop.connection.execute(SUMS, asked).fetchall()


@given(
    book=books(),
    logged=many(requests()),
    meter=meters,
    price=st.one_of(amounts, amounts, amounts, st.none()),
    at=st.one_of(st.none(), st.sampled_from(DATES), times),
    source=st.sampled_from((None, None, None, "other")),
)
def test_a_preview_is_what_repricing_says_once_the_price_is_written(
    shops: Shops,
    lenser: UUID,
    book: list[Price],
    logged: Sequence[Request],
    meter: str,
    price: Decimal | None,
    at: datetime | None,
    source: str | None,
) -> None:
    asked: dict[str, Any] = {
        "meter": meter, "price": price, "at": at, "source": source, "since": SINCE, "until": UNTIL,
    }  # fmt: skip
    with shops.open(book) as shop:
        db = shop.connection
        db.execute(
            "insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from)"
            " values ('USD', 1000, '2024-01-01Z')"
        )
        db.execute(
            "insert into billing.execution_margin_policies (margin, min_credits, effective_from)"
            " values (0.3, 12.345, '2024-01-01Z')"
        )
        db.execute(REQUESTS, [Jsonb([asked_json(request) for request in logged])])
        db.execute("set local session_replication_role = replica")
        db.execute(LOG, [lenser, shop.model])
        db.execute("set local session_replication_role = origin")
        rows = db.execute("select count(*) from ai.model_pricing").fetchone()
        preview = db.execute(PREVIEW, asked).fetchall()
        assert db.execute("select count(*) from ai.model_pricing").fetchone() == rows
        before = sums(shop, asked)
        # All the while: again wherever another price has taken over since.
        dates = [at] if at else [SINCE, *sorted(date for date in DATES if SINCE < date < UNTIL)]
        for date in dates:
            db.execute(WRITE, asked | {"at": date})
        after = sums(shop, asked)

    assert [row[:6] for row in preview] == before
    assert [(*row[:2], *row[6:]) for row in preview] == after
