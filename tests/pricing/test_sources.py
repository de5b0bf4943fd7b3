"""A model that follows another source or currency does so from that time on, whichever form is asked."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.pricing.books import DATES, amounts, books, many, meters, requests, times
from tests.pricing.conftest import Shop, Shops
from tests.pricing.reference import Price, Request, Switch, followed, in_force, price
from tests.pricing.test_agreement import is_equal
from tests.pricing.test_forms import LOG, REQUESTS, asked_json

SOURCES = ("manual", "other")
CURRENCIES = ("USD", "EUR")

switches = st.lists(
    st.builds(Switch, times, st.sampled_from(SOURCES), st.sampled_from(CURRENCIES)), max_size=4
).map(lambda several: sorted(several, key=lambda switch: switch.at))
# The books of other tests keep to one source, mostly. Here each has prices of its own.
foreign = st.lists(
    st.builds(
        lambda start, source, currency, meter, amount: Price(
            meter, amount, start, source=source, currency=currency
        ),
        times,
        st.sampled_from(SOURCES),
        st.sampled_from(CURRENCIES),
        meters,
        amounts,
    ),
    max_size=12,
)

QUOTED = """
create function pg_temp.quoted(
  usage jsonb, service_tier text, variant text, region text, at timestamptz, out currency text, out cost numeric,
  out credits numeric
)
language plpgsql
as $$
declare
  v_quote jsonb;
begin
  v_quote := billing.quote('m', usage, null, service_tier, variant, region, at);
  currency := v_quote ->> 'currency';
  cost := (v_quote ->> 'cost')::numeric;
  credits := (v_quote ->> 'credits')::numeric;
exception
  when sqlstate 'PT422' then
    if sqlerrm not like '%has no price%' then
      raise;
    end if;
end;
$$
"""
QUOTES = """
select a.n, q.currency, q.cost, q.credits
from asked as a
cross join lateral pg_temp.quoted(a.usage, a.tier, a.variant, a.region, a.at) as q
order by a.n
"""
MANY = """
with good as (select a.*, row_number() over (order by a.n) as ordinal from asked as a where a.is_priced)
select g.n, q.currency, q.cost, q.credits
from billing.quote_many((select coalesce(jsonb_agg(g.request order by g.ordinal), '[]') from good as g)) as q
inner join good as g on g.ordinal = q.index + 1
order by 1
"""
LOGGED = """
select distinct a.n, c.currency, c.cost
from ratebook.cost_generations('2024-01-01Z', '2027-01-01Z', null, null, null) as c
inner join ai.generations as g on g.id = c.generation_id
inner join asked as a on a.usage = g.usage and a.at = c.priced_at
order by 1
"""
IN_FORCE = """
select a.n, array_agg(p.id)
from asked as a
left join lateral ai.prices_in_force('m', a.at) as p on true
group by a.n
order by a.n
"""


def rates(shop: Shop) -> None:
    shop.connection.execute(
        "insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from)"
        " values ('USD', 1000, '2024-01-01Z'), ('EUR', 1000, '2024-01-01Z')"
    )
    shop.connection.execute(
        "insert into billing.execution_margin_policies (effective_from, increment)"
        " values ('2024-01-01Z', 1e-30)"
    )


def cost(book: Sequence[Price], request: Request, pair: tuple[str, str]) -> Fraction | None:
    lines = [line for line in price(book, request, *pair) if line.quantity > 0]
    costs = [line.cost for line in lines if line.cost is not None]
    return sum(costs, Fraction(0)) if len(costs) == len(lines) else None


def fraction(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)


@given(book=books(), more=foreign, several=switches, asked=many(requests()))
def test_every_form_follows_the_source_of_the_time(
    shops: Shops,
    lenser: UUID,
    book: list[Price],
    more: list[Price],
    several: list[Switch],
    asked: Sequence[Request],
) -> None:
    book = list({row.key: row for row in [*book, *more]}.values())
    pairs = [followed(book, several, request.at) for request in asked]
    costs = [cost(book, *case) for case in zip(asked, pairs, strict=True)]
    plain = [Request(request.usage, request.at) for request in asked]
    with shops.open(book) as shop:
        rates(shop)
        for switch in several:
            shop.switch(switch)
        db = shop.connection
        db.execute(REQUESTS, [Jsonb([asked_json(request) for request in asked])])
        db.execute(
            "update asked set is_priced = n = any(%s)",
            [[n for n, exact in enumerate(costs, 1) if exact is not None]],
        )
        db.execute(QUOTED)
        quotes = db.execute(QUOTES).fetchall()
        sets = db.execute(MANY).fetchall()
        rows = db.execute(IN_FORCE).fetchall()
        db.execute("set local session_replication_role = replica")
        db.execute(LOG, [lenser, shop.model])
        db.execute("set local session_replication_role = origin")
        logged = db.execute(LOGGED).fetchall()
        shown = [{shop.row_of(key) for key in found if key} for _, found in rows]

    for request, (_, currency), exact, quote in zip(asked, pairs, costs, quotes, strict=True):
        assert is_equal(fraction(quote[2]), exact, exact=False), (request, exact, quote)
        assert exact is None or quote[1] == currency
    assert sets == [quote for quote in quotes if quote[2] is not None]
    for (n, currency, found), request in zip(logged, plain, strict=True):
        pair = pairs[n - 1]
        assert currency == pair[1]
        assert is_equal(fraction(found), cost(book, request, pair), exact=False)
    for request, (source, currency), found in zip(asked, pairs, shown, strict=True):
        own = [row for row in book if (row.source, row.currency) == (source, currency)]
        assert found == set(in_force(own, request.at))


@given(book=books(), several=switches, asked=many(requests()))
def test_a_switch_changes_no_answer_as_of_before(
    shops: Shops, book: list[Price], several: list[Switch], asked: Sequence[Request]
) -> None:
    def answers(shop: Shop, before: Switch) -> list[Any]:
        return [
            answer
            for answer, request in zip(
                shop.connection.execute(QUOTES).fetchall(), asked, strict=True
            )
            if request.at < before.at
        ]

    # It has prices: a model without any has followed nobody.
    book = [*book, Price("tokens", Decimal(1), DATES[0], revision=9)]
    with shops.open(book) as shop:
        rates(shop)
        shop.connection.execute(REQUESTS, [Jsonb([asked_json(request) for request in asked])])
        shop.connection.execute(QUOTED)
        for switch in several:
            before = answers(shop, switch)
            shop.switch(switch)
            assert answers(shop, switch) == before
