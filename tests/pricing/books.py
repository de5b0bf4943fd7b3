"""Random price books and requests, from few values each, so that rows meet and thresholds are hit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from hypothesis import strategies as st

from tests.pricing.conftest import window_of
from tests.pricing.reference import FALLBACK, Price, Request

BERLIN = "Europe/Berlin"
THRESHOLDS = (100, 150, 200)
DATES = tuple(datetime(2025, month, 30, tzinfo=UTC) for month in (1, 3, 6, 10))
WINDOWS = (
    window_of("09:00-17:30"),
    window_of("16:00-00:00"),
    window_of("22:00-06:00", days=0b0011111),
    window_of("01:30-03:30", BERLIN),
    window_of("00:00-24:00", "America/New_York", days=0b1100000),
)
T = TypeVar("T")

amounts = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places),
    st.integers(0, 99_999),
    st.sampled_from((0, 2, 7, 9, 12)),
)
meters = st.sampled_from(tuple(FALLBACK))


@st.composite
def books(
    draw: st.DrawFn,
    *,
    thresholds: tuple[int, ...] = THRESHOLDS,
    dates: tuple[datetime, ...] = DATES,
    withdrawn: bool = True,
    max_size: int = 20,
) -> list[Price]:
    """Rows of any kind, the plain values being the likely ones, usually with base prices.

    A book keeps to two windows and two dates and so on: a sheet is made for every combination.
    """

    def some(values: Sequence[T], most: int = 2) -> list[T]:
        return draw(st.lists(st.sampled_from(values), max_size=most, unique=True))

    row = st.builds(
        Price,
        meter=meters,
        amount=st.one_of(*[amounts] * 5, st.none()) if withdrawn else amounts,
        effective_from=st.sampled_from([dates[0], *some(dates)]),
        service_tier=st.sampled_from(["standard", "standard", *some(("batch", "flex"))]),
        variant=st.sampled_from([None, None, *some(("hd", "xl"))]),
        region=st.sampled_from([None, None, *some(("eu", "us"))]),
        threshold=st.sampled_from([None, None, *some(thresholds, 3)]),
        inclusive=st.booleans(),
        marginal=st.booleans(),
        window=st.sampled_from([None, None, None, *some(WINDOWS)]),
        revision=st.integers(0, 2),
        source=st.sampled_from([*["manual"] * 9, "other"]),
        currency=st.sampled_from([*["USD"] * 9, "EUR"]),
    )
    bases = draw(st.lists(st.sampled_from(("tokens", "input", "output", "image")), unique=True))
    base = [Price(meter, Decimal("0.000003"), dates[0]) for meter in bases]
    return list({row.key: row for row in [*base, *draw(st.lists(row, max_size=max_size))]}.values())


# Few quantities, so that sums of two or three are thresholds, or just beside them.
quantities = st.sampled_from(
    [Decimal(q) for q in ("0", "1", "30", "50", "70", "99", "100", "101", "150", "7.25", "1e-12")]
)
usages = st.dictionaries(meters, quantities, min_size=1, max_size=5)
# Around the dates and the windows' edges, on the days on which Berlin's clocks change among them.
times = st.one_of(
    st.builds(
        lambda date, microseconds: date + timedelta(microseconds=microseconds),
        st.sampled_from(DATES),
        st.sampled_from((-1, 0, 1)),
    ),
    st.builds(
        lambda day, minutes, microseconds: (
            day + timedelta(minutes=minutes, microseconds=microseconds)
        ),
        st.sampled_from([datetime(2025, *day, tzinfo=UTC) for day in ((3, 29), (7, 4), (10, 25))]),
        st.integers(0, 48 * 4).map(lambda quarters: quarters * 15),
        st.sampled_from((-1, 0)),
    ),
)


def requests(
    usage: st.SearchStrategy[dict[str, Decimal]] = usages,
) -> st.SearchStrategy[Request]:
    return st.builds(
        Request,
        usage=usage,
        at=times,
        service_tier=st.sampled_from(("standard", "batch", "flex", "priority")),
        variant=st.sampled_from((None, "hd", "xl", "unknown")),
        region=st.sampled_from((None, "eu", "unknown")),
    )


def many(request: st.SearchStrategy[Request], size: int = 25) -> st.SearchStrategy[list[Request]]:
    return st.lists(request, min_size=size, max_size=size)
