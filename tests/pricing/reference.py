"""What a request costs, by the words of the specification: a second implementation to compare with.

Nothing here is fast or shared with the SQL. A book is a list of price rows; a request is priced by
looking at all of them. Quantities and prices are exact fractions, so that a split is exact too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

# Each meter's fallback, and whether it counts as input: section 3 of the specification.
FALLBACK: dict[str, str | None] = {
    "tokens": None,
    "input": "tokens",
    "output": "tokens",
    "cache_read": "input",
    "cache_write": "input",
    "cache_write_1h": "cache_write",
    "input_audio": "input",
    "cache_read_audio": "cache_read",
    "reasoning": "output",
    "image": None,
    "request": None,
}
INPUT_METERS = frozenset(FALLBACK) - {"output", "reasoning", "image", "request"}
TRIES_CHAIN_FIRST = frozenset({"batch"})


@dataclass(frozen=True, order=True)
class Window:
    """A daily window: minutes after midnight, end exclusive; days is a mask, 1 for Monday."""

    start: int
    end: int
    days: int
    zone: str

    def is_open(self, at: datetime) -> bool:
        here = at.astimezone(ZoneInfo(self.zone))
        clock = timedelta(
            hours=here.hour,
            minutes=here.minute,
            seconds=here.second,
            microseconds=here.microsecond,
        ) / timedelta(minutes=1)

        def on(day: int) -> bool:
            return bool(self.days & 1 << day % 7)

        today = here.weekday()
        if self.start < self.end:
            return on(today) and self.start <= clock < self.end
        return (on(today) and clock >= self.start) or (on(today - 1) and clock < self.end)


@dataclass(frozen=True)
class Price:
    """A row of the rate book; `amount` None withdraws."""

    meter: str
    amount: Decimal | None
    effective_from: datetime
    service_tier: str = "standard"
    variant: str | None = None
    region: str | None = None
    threshold: int | None = None
    inclusive: bool = False
    marginal: bool = False
    window: Window | None = None
    revision: int = 0
    source: str = "manual"
    currency: str = "USD"

    @property
    def subject(self) -> tuple[object, ...]:
        """What the row is about: later dates and higher revisions of the same replace it."""
        return (
            *(self.meter, self.service_tier, self.variant, self.region, self.threshold),
            *(self.window, self.source, self.currency),
        )

    @property
    def key(self) -> tuple[object, ...]:
        """Unique in a book."""
        return (*self.subject, self.effective_from, self.revision)

    def is_reached(self, tokens: Fraction) -> bool:
        if self.threshold is None:
            return True
        return tokens >= self.threshold if self.inclusive else tokens > self.threshold


@dataclass(frozen=True)
class Request:
    usage: Mapping[str, Decimal]
    at: datetime
    service_tier: str = "standard"
    variant: str | None = None
    region: str | None = None


@dataclass(frozen=True, order=True)
class Switch:
    """From `at` on the model follows another source or currency."""

    at: datetime
    source: str
    currency: str


@dataclass(frozen=True)
class Line:
    """A part of a meter and the row that prices it; without a row there is no price."""

    meter: str
    row: Price | None
    quantity: Fraction

    @property
    def cost(self) -> Fraction | None:
        if self.row is None or self.row.amount is None:
            return None
        return self.quantity * Fraction(self.row.amount)


def price(
    book: Sequence[Price], request: Request, source: str = "manual", currency: str = "USD"
) -> list[Line]:
    """The lines of a request: one for each meter, or for each part where a marginal tier cuts it."""
    own = [row for row in book if (row.source, row.currency) == (source, currency)]
    rows = in_force(own, request.at)
    tokens = context_tokens(request.usage)
    usage = dict(request.usage)
    # One request is one request, unless the usage says otherwise, wherever there is a price for it.
    if find([row for row in rows if row.is_reached(tokens)], request, "request") is not None:
        usage.setdefault("request", Decimal(1))
    return [
        Line(meter, row, quantity if part == tokens else quantity * part / tokens)
        for meter, quantity in ((m, Fraction(q)) for m, q in usage.items())
        for row, part in parts(rows, request, meter, tokens)
    ]


def followed(book: Sequence[Price], switches: Sequence[Switch], at: datetime) -> tuple[str, str]:
    """Whose prices apply at a time, and in which currency; `switches` in their order, the book before them."""
    first, *later = [("manual", "USD"), *[(s.source, s.currency) for s in switches]]
    moments = [s.at for s in switches]
    # What never had a price was never followed: up to the first price it only had a name.
    while later and first not in {(row.source, row.currency) for row in book}:
        first, moments = later.pop(0), moments[1:]
    found = first
    for moment, pair in zip(moments, later, strict=True):
        if moment <= at:
            found = pair
    return found


def in_force(book: Sequence[Price], at: datetime) -> list[Price]:
    """Of each subject the latest date not after `at`, then the highest revision, unless withdrawn."""
    latest: dict[tuple[object, ...], Price] = {}
    for row in book:
        former = latest.get(row.subject)
        if row.effective_from <= at and (
            former is None
            or (former.effective_from, former.revision) < (row.effective_from, row.revision)
        ):
            latest[row.subject] = row
    return [row for row in latest.values() if row.amount is not None]


def context_tokens(usage: Mapping[str, Decimal]) -> Fraction:
    """What the thresholds look at."""
    return sum((Fraction(q) for meter, q in usage.items() if meter in INPUT_METERS), Fraction(0))


def parts(
    rows: Sequence[Price], request: Request, meter: str, tokens: Fraction
) -> Iterator[tuple[Price | None, Fraction]]:
    """The rows that price a meter, and for how many of the request's input tokens each does.

    What is beyond a marginal threshold has that price. The rest costs what it would cost if the
    request ended at the threshold.
    """
    rows = [reached for reached in rows if reached.is_reached(tokens)]
    row = find(rows, request, meter)
    while row is not None and row.threshold is not None and row.marginal:
        threshold = row.threshold
        if tokens > threshold:
            yield row, tokens - threshold
        tokens = Fraction(threshold)
        rows = [lower for lower in rows if lower.threshold is None or lower.threshold < threshold]
        row = find(rows, request, meter)
    yield row, tokens


def find(rows: Sequence[Price], request: Request, meter: str) -> Price | None:
    """Of the rows of the context tiers reached the one for a meter: its own, else of a fallback."""
    asked, standard = request.service_tier, "standard"
    rounds = [{asked}, {standard}] if asked in TRIES_CHAIN_FIRST else [{asked, standard}]
    fitting = [
        row
        for row in rows
        if row.variant in (None, request.variant)
        and row.region in (None, request.region)
        and (row.window is None or row.window.is_open(request.at))
    ]

    def rank(row: Price) -> tuple[object, ...]:
        return (
            row.window is None,
            *(
                (row.window.start, row.window.end, row.window.days, row.window.zone)
                if row.window
                else ()
            ),
            -(row.threshold or 0),
            row.service_tier != asked,
            row.variant is None,
            row.region is None,
        )

    for service_tiers in rounds:
        for candidate in chain(meter):
            found = [
                row
                for row in fitting
                if row.meter == candidate and row.service_tier in service_tiers
            ]
            if found:
                return min(found, key=rank)
    return None


def chain(meter: str | None) -> Iterator[str]:
    """A meter and its fallbacks, the nearest first."""
    while meter is not None:
        yield meter
        meter = FALLBACK[meter]
