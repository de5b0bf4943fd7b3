"""What holds for every price book, whatever the prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.pricing.books import (
    DATES,
    THRESHOLDS,
    amounts,
    books,
    many,
    meters,
    quantities,
    requests,
    usages,
)
from tests.pricing.conftest import Found, Shop, Shops
from tests.pricing.reference import INPUT_METERS, Price, Request

FAR_THRESHOLDS = (10_000, 20_000)  # no usage here gets there
SMALLEST = Decimal("1e-12")
NOISE = Fraction(1, 10**25)


def costs(shop: Shop, asked: Sequence[Request]) -> list[Fraction | None]:
    """The cost of each request; None where a meter in use has no price."""
    return [cost(lines) for lines in shop.ask(asked)]


def cost(lines: Sequence[Found]) -> Fraction | None:
    if any(line.unit_price is None and line.quantity > 0 for line in lines):
        return None
    return sum((Fraction(line.cost) for line in lines if line.cost is not None), Fraction(0))


def use(request: Request, usage: dict[str, Decimal]) -> Request:
    return replace(request, usage={**request.usage, **usage})


@given(
    book=books(thresholds=FAR_THRESHOLDS),
    asked=many(requests()),
    meter=meters,
    more=quantities,
)
def test_more_never_costs_less_below_a_threshold(
    shops: Shops, book: list[Price], asked: list[Request], meter: str, more: Decimal
) -> None:
    fewer = [use(request, {meter: request.usage.get(meter, Decimal(0))}) for request in asked]
    larger = [use(request, {meter: request.usage[meter] + more}) for request in fewer]
    with shops.open(book) as shop:
        before, after = costs(shop, fewer), costs(shop, larger)
    for low, high in zip(before, after, strict=True):
        if low is not None and high is not None:
            assert low <= high


@given(
    book=books(), asked=many(requests()), meter=st.sampled_from(("output", "reasoning", "image"))
)
def test_more_of_what_is_no_input_never_costs_less(
    shops: Shops, book: list[Price], asked: list[Request], meter: str
) -> None:
    fewer = [use(request, {meter: request.usage.get(meter, Decimal(0))}) for request in asked]
    larger = [use(request, {meter: request.usage[meter] + 3}) for request in fewer]
    with shops.open(book) as shop:
        before, after = costs(shop, fewer), costs(shop, larger)
    for low, high in zip(before, after, strict=True):
        if low is not None and high is not None:
            assert low <= high + NOISE


@given(book=books(), asked=many(requests()), data=st.data())
def test_a_higher_price_never_makes_anything_cheaper(
    shops: Shops, book: list[Price], asked: list[Request], data: st.DataObject
) -> None:
    rises = data.draw(st.lists(amounts, min_size=len(book), max_size=len(book)))
    dearer = [
        row if row.amount is None else replace(row, amount=row.amount + rise)
        for row, rise in zip(book, rises, strict=True)
    ]
    with shops.open(book) as shop:
        before = costs(shop, asked)
    with shops.open(dearer) as shop:
        after = costs(shop, asked)
    for low, high in zip(before, after, strict=True):
        assert (low is None) == (high is None)
        assert low is None or high is None or low <= high + NOISE


@given(book=books(thresholds=FAR_THRESHOLDS), asked=many(requests()))
def test_disjoint_meters_add_up_below_a_threshold(
    shops: Shops, book: list[Price], asked: list[Request]
) -> None:
    # Whoever says nothing of requests has made one, each time: here it is said.
    none: dict[str, Decimal] = {"request": Decimal(0)}
    asked = [replace(request, usage={**none, **request.usage}) for request in asked]
    apart = [
        replace(request, usage=none | {meter: quantity})
        for request in asked
        for meter, quantity in request.usage.items()
    ]
    with shops.open(book) as shop:
        together, alone = costs(shop, asked), iter(costs(shop, apart))
    for request, whole in zip(asked, together, strict=True):
        parts = [next(alone) for _ in request.usage]
        known = [part for part in parts if part is not None]
        assert whole == (sum(known, Fraction(0)) if len(known) == len(parts) else None)


@given(
    book=books(),
    asked=many(requests()),
    threshold=st.sampled_from(THRESHOLDS),
)
def test_a_marginal_tier_does_not_jump(
    shops: Shops, book: list[Price], asked: list[Request], threshold: int
) -> None:
    """At a marginal threshold the smallest quantity more costs at most about that much of it."""
    # A whole_request tier does jump, at its own threshold: the others may be of either kind.
    smooth = [replace(row, marginal=True) if row.threshold == threshold else row for row in book]

    def at(request: Request, tokens: Decimal) -> Request:
        usage = {m: q for m, q in request.usage.items() if m not in INPUT_METERS}
        return replace(request, usage={**usage, "input": tokens})

    points = [Decimal(threshold) + step * SMALLEST for step in (-1, 0, 1)]
    with shops.open(smooth) as shop:
        found = iter(costs(shop, [at(request, point) for request in asked for point in points]))
    steepest = max(
        (Fraction(row.amount) for row in book if row.amount is not None), default=Fraction(0)
    )
    steepest = max(steepest, Fraction(3, 10**6))
    for request in asked:
        amount = sum((Fraction(q) for q in request.usage.values()), Fraction(1))
        bound = 2 * steepest * amount * Fraction(SMALLEST) + NOISE
        below, exactly, above = (next(found) for _ in points)
        for one, other in ((below, exactly), (exactly, above)):
            if one is not None and other is not None:
                assert abs(one - other) <= bound


@given(
    book=books(dates=DATES[:2]),
    later=books(dates=DATES[2:], max_size=8),
    asked=many(requests()),
)
def test_rows_of_later_dates_leave_the_past_alone(
    shops: Shops, book: list[Price], later: list[Price], asked: list[Request]
) -> None:
    past = [
        request if request.at < DATES[2] else replace(request, at=request.at - timedelta(days=120))
        for request in asked
    ]
    past = [request for request in past if request.at < DATES[2]]
    with shops.open(book) as shop:
        before = shop.ask(past)
        shop.put(later)
        after = shop.ask(past)
    assert [by_row(lines) for lines in before] == [by_row(lines) for lines in after]


@given(book=books(max_size=15), asked=many(requests()), data=st.data())
def test_the_order_of_inserts_is_irrelevant(
    shops: Shops, book: list[Price], asked: list[Request], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(book))
    with shops.open(book) as shop:
        at_once = shop.ask(asked)
    with shops.open(*[[row] for row in order]) as shop:
        one_by_one = shop.ask(asked)
    assert [by_row(lines) for lines in at_once] == [by_row(lines) for lines in one_by_one]


SHEETS = """
select s.source, s.currency, s.starts, s.bounds, s.service_tiers, s.variants, s.regions, s.has_windows,
  p.period, p.service_tier, p.variant, p.region, p.open_windows, p.band, p.prices, p.price_rows, p.marginal, p.hidden,
  (
    select jsonb_agg(to_jsonb(w) - 'schedule_id' order by w.number)
    from ratebook.price_windows as w where (w.schedule_id, w.period) = (p.schedule_id, p.period)
  )
from ratebook.price_schedules as s
left join ratebook.price_sheets as p on p.schedule_id = s.id
where s.model_id = %s
order by s.source, s.currency, p.period, p.service_tier, p.variant, p.region, p.open_windows, p.band
"""
EVERYTHING = """
select ratebook.rebuild_prices(array(
  select (s.model_id, s.source, s.currency, '-infinity')::ratebook.changed_prices
  from ratebook.price_schedules as s where s.model_id = %s
))
"""


@given(book=books(), data=st.data())
def test_prices_added_to_others_leave_the_sheets_of_a_full_rebuild(
    shops: Shops, book: list[Price], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(book))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(order)), max_size=4)))
    parts = [order[i:j] for i, j in zip([0, *cuts], [*cuts, len(order)], strict=True)]
    with shops.open(*parts) as shop:
        added = shop.connection.execute(SHEETS, [shop.model]).fetchall()
        windows = shop.connection.execute("select count(*) from ratebook.price_windows").fetchone()
        shop.connection.execute(EVERYTHING, [shop.model])
        rebuilt = shop.connection.execute(SHEETS, [shop.model]).fetchall()
        again = shop.connection.execute("select count(*) from ratebook.price_windows").fetchone()
    assert added == rebuilt
    assert windows == again


def by_row(
    lines: Sequence[Found],
) -> list[tuple[str, str, Decimal | None, Decimal, Decimal | None]]:
    return [(o.meter, str(o.row), o.unit_price, o.quantity, o.cost) for o in lines]


positive = st.integers(1, 99_999).map(lambda digits: Decimal(digits).scaleb(-2))


@given(
    book=books(withdrawn=False),
    bought=st.lists(usages, min_size=25, max_size=25),
    rate=positive,
    margin=st.sampled_from([Decimal(m) for m in ("-1", "-0.25", "0", "0.3", "1.5", "0.333333")]),
    fixed=st.sampled_from([Decimal(f) for f in ("0", "0", "0.5", "7")]),
    least=st.sampled_from([Decimal(c) for c in ("0", "0", "1", "12.345")]),
    increment=st.sampled_from([Decimal(i) for i in ("0.001", "0.01", "1", "0.7", "1e-9", "25")]),
)
def test_credits_cover_the_cost_and_are_rounded_up_once(
    shops: Shops,
    book: list[Price],
    bought: list[dict[str, Decimal]],
    rate: Decimal,
    margin: Decimal,
    fixed: Decimal,
    least: Decimal,
    increment: Decimal,
) -> None:
    complete = [
        *book,
        *(Price(m, Decimal("0.002"), DATES[0], revision=3) for m in ("tokens", "image")),
    ]
    complete.append(Price("request", Decimal("0.01"), DATES[0], revision=3))
    at = datetime(2025, 12, 1, 12, tzinfo=UTC)
    with shops.open(complete) as shop:
        shop.connection.execute(
            "insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from)"
            " values ('USD', %s, '2025-01-01Z')",
            [rate],
        )
        shop.connection.execute(
            "insert into billing.execution_margin_policies"
            " (margin, fixed_credits, min_credits, increment, effective_from)"
            " values (%s, %s, %s, %s, '2025-01-01Z')",
            [margin, fixed, least, increment],
        )
        answers = shop.connection.execute(
            "select (q.quote ->> 'cost')::numeric, (q.quote ->> 'credits')::numeric,"
            " (select sum((l.line ->> 'cost')::numeric) from jsonb_array_elements(q.quote -> 'lines') as l (line)),"
            " billing.calculate_credit_cost('m', r.usage, at => %(at)s)"
            " from jsonb_array_elements(%(usages)s) as t (usage)"
            " cross join lateral"
            " (select jsonb_object_agg(u.key, u.value::numeric) from jsonb_each_text(t.usage) as u) as r (usage)"
            " cross join lateral (select billing.quote('m', r.usage, at => %(at)s)) as q (quote)",
            {
                "at": at,
                "usages": Jsonb([{m: str(q) for m, q in usage.items()} for usage in bought]),
            },
        ).fetchall()
    assert len(answers) == len(bought)
    for paid, charged, lines, again in answers:
        assert charged == again
        assert lines == paid
        exact = max(
            Fraction(least),
            Fraction(paid) * Fraction(rate) * (1 + Fraction(margin)) + Fraction(fixed),
        )
        if paid == 0:
            assert charged == 0
        else:
            assert exact <= Fraction(charged) < exact + Fraction(increment)
            assert Fraction(charged) % Fraction(increment) == 0
