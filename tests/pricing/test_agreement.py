"""The database and the reference give every request the same lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings

from tests.pricing.books import books, many, requests
from tests.pricing.conftest import Found, Shops, window_of
from tests.pricing.reference import Line, Price, Request, price

Sums = dict[tuple[str, Price | None], tuple[Fraction, Fraction | None]]
# A part of a split meter is a quotient; everything else is exact.
TOLERANCE = Fraction(1, 10**25)


def expected(lines: Sequence[Line]) -> Sums:
    return {(line.meter, line.row): (line.quantity, line.cost) for line in lines}


def found(lines: Sequence[Found]) -> Sums:
    """Summed up by row: how many lines show the same price is not the question here."""
    sums: dict[tuple[str, Price | None], list[Found]] = defaultdict(list)
    for line in lines:
        sums[line.meter, line.row].append(line)
    return {
        key: (
            sum((Fraction(line.quantity) for line in group), Fraction(0)),
            None
            if key[1] is None
            else sum(
                (Fraction(line.cost) for line in group if line.cost is not None),
                Fraction(0),
            ),
        )
        for key, group in sums.items()
    }


def is_equal(ours: Fraction | None, theirs: Fraction | None, *, exact: bool) -> bool:
    if ours is None or theirs is None or exact:
        return ours == theirs
    return abs(ours - theirs) <= TOLERANCE * max(abs(theirs), Fraction(1, 10**5))


def disagreement(request: Request, ours: Sequence[Found], theirs: Sequence[Line]) -> str | None:
    mine, other = found(ours), expected(theirs)
    split = {
        line.meter for line in theirs if line.quantity != Fraction(request.usage.get(line.meter, 1))
    }
    different = [
        key
        for key in mine.keys() | other.keys()
        # A tier that begins where the request ends: of nothing, and at no cost.
        if not (key not in other and key[1] is not None and not any(mine[key]))
        if key not in mine
        or key not in other
        or not all(
            is_equal(a, b, exact=key[0] not in split)
            for a, b in zip(mine[key], other[key], strict=True)
        )
    ]
    if not different:
        return None
    shown = [f"{key}: database {mine.get(key)}, reference {other.get(key)}" for key in different]
    return "\n".join([str(request), *shown])


@settings(max_examples=4 * settings().max_examples)
@given(book=books(), asked=many(requests()))
def test_every_line_of_a_random_book(shops: Shops, book: list[Price], asked: list[Request]) -> None:
    with shops.open(book) as shop:
        answers = shop.ask(asked)
    for request, answer in zip(asked, answers, strict=True):
        said = disagreement(request, answer, price(book, request))
        assert said is None, said
        for line in answer:
            assert (line.row is None) == (line.price_meter is None) == (line.unit_price is None)
            if line.row is not None:
                assert (line.row.meter, line.row.amount) == (
                    line.price_meter,
                    line.unit_price,
                )


JANUARY = datetime(2025, 1, 1, tzinfo=UTC)


def row(meter: str, amount: str | None, threshold: int | None = None, *marks: str) -> Price:
    return Price(
        meter,
        None if amount is None else Decimal(amount),
        JANUARY,
        threshold=threshold,
        inclusive="inclusive" in marks,
        marginal="marginal" in marks,
    )


@pytest.mark.parametrize(
    ("book", "usage", "cost"),
    [
        ([row("input", "2"), row("tokens", "9")], {"cache_write_1h": "3"}, 6),
        ([row("input", "1"), row("input", "2", 100)], {"input": "100"}, 100),
        (
            [row("input", "1"), row("input", "2", 100)],
            {"input": "60", "cache_read": "60"},
            240,
        ),
        (
            [row("input", "1"), row("input", "2", 100, "inclusive")],
            {"input": "100"},
            200,
        ),
        (
            [row("input", "1"), row("input", "2", 100, "marginal")],
            {"input": "150"},
            200,
        ),
        # All up to 200 costs 2 each: the whole_request tier at 150 reprices what 100 had cut.
        (
            [
                row("input", "1"),
                row("input", "3", 100, "marginal"),
                row("input", "2", 150),
                row("input", "5", 200, "marginal"),
            ],
            {"input": "210"},
            450,
        ),
        (
            [row("output", "1"), row("output", "3", 100, "marginal")],
            {"input": "0", "output": "5"},
            5,
        ),
        ([row("input", "2", 100, "marginal")], {"input": "150"}, None),
        (
            [row("input", "2", 100, "marginal"), row("image", "1")],
            {"input": "150"},
            None,
        ),
    ],
)
def test_both_agree_with_a_calculation_by_hand(
    shops: Shops, book: list[Price], usage: dict[str, str], cost: int | None
) -> None:
    request = Request({meter: Decimal(quantity) for meter, quantity in usage.items()}, JANUARY)
    with shops.open(book) as shop:
        [answer] = shop.ask([request])

    def total(costs: list[Decimal | Fraction | None]) -> Fraction | None:
        known = [Fraction(c) for c in costs if c is not None]
        return sum(known, Fraction(0)) if len(known) == len(costs) else None

    used = [line for line in price(book, request) if line.quantity > 0]
    if cost is not None:
        used = [line for line in used if line.row is not None]
    assert total([line.cost for line in used]) == cost
    assert (
        total([line.cost for line in answer if line.row is not None or line.quantity > 0]) == cost
    )


def test_windows_of_the_reference_by_hand() -> None:
    night = window_of("22:00-06:00", days=0b1000000)  # Sunday night
    sunday = datetime(2026, 1, 4, tzinfo=UTC)
    hours = [
        hour
        for hour in range(48)
        if night.is_open(sunday.replace(day=4 + hour // 24, hour=hour % 24))
    ]
    assert hours == [22, 23, 24, 25, 26, 27, 28, 29]
    berlin = window_of("01:30-03:30", "Europe/Berlin")
    spring = datetime(2025, 3, 30, tzinfo=UTC)
    minutes = [
        m for m in range(0, 240, 30) if berlin.is_open(spring.replace(hour=m // 60, minute=m % 60))
    ]
    assert minutes == [30, 60]
