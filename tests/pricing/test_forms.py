"""Every way to ask for a price gives the same one: the forms share their rules and not their code."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.pricing.books import books, many, requests
from tests.pricing.conftest import Shop, Shops
from tests.pricing.reference import Price, Request


class Answer(NamedTuple):
    """What a form says of a request; the cost is None where a meter in use has no price."""

    cost: Decimal | None
    credits: Decimal | None = None
    price_ids: frozenset[UUID] | None = None
    sheet_id: int | None = None
    terms: tuple[UUID, UUID] | None = None


# JSON numbers of Python are floats: quantities come as text.
REQUESTS = """
create temporary table asked on commit drop as
select r.n, r.request || jsonb_build_object('usage', u.usage) as request, u.usage, r.request ->> 'service_tier' as tier,
  r.request ->> 'variant' as variant, r.request ->> 'region' as region, (r.request ->> 'at')::timestamptz as at,
  null::boolean as is_priced
from jsonb_array_elements(%s) with ordinality as r (request, n)
cross join lateral (
  select jsonb_object_agg(t.key, t.value::numeric) as usage from jsonb_each_text(r.request -> 'usage') as t
) as u
"""
# By the lines: what is unpriced is known before the forms that refuse it are asked.
LINES = """
select a.n, case when bool_and(l.unit_price is not null or l.quantity = 0) then coalesce(sum(l.cost), 0) end, null,
  array_agg(l.price_id) filter (where l.quantity > 0)
from asked as a
cross join lateral ratebook.find_sheet(
  %(model)s, 'manual', 'USD', a.usage, a.tier, a.variant, a.region, a.at
) as s
cross join lateral ratebook.price_usage(s, ratebook.whole_usage(s.prices, s.minimums, a.usage)) as l
group by a.n
"""
QUOTE = """
select a.n, (q.quote ->> 'cost')::numeric, (q.quote ->> 'credits')::numeric,
  (
    select array_agg((l.line ->> 'price_id')::uuid) from jsonb_array_elements(q.quote -> 'lines') as l (line)
    where (l.line ->> 'quantity')::numeric > 0
  ),
  null, array[q.quote ->> 'credit_rate_id', q.quote ->> 'margin_policy_id']::uuid[]
from asked as a
cross join lateral (
  select billing.quote('m', a.usage, null, a.tier, a.variant, a.region, a.at)
) as q (quote)
where a.is_priced
"""
CALL = """
select a.n, null, billing.calculate_credit_cost('m', a.usage, null, a.tier, a.variant, a.region, a.at)
from asked as a where a.is_priced
"""
ONE = """
select a.n, p.cost, p.credits, p.price_ids, p.sheet_id, array[p.credit_rate_id, p.margin_policy_id]
from asked as a
cross join lateral ratebook.price_request('m', a.usage, null, a.tier, a.variant, a.region, a.at, true, false) as p
where a.is_priced
"""
MANY = """
with good as (select a.*, row_number() over (order by a.n) as ordinal from asked as a where a.is_priced)
select g.n, q.cost, q.credits
from billing.quote_many((select coalesce(jsonb_agg(g.request order by g.ordinal), '[]') from good as g)) as q
inner join good as g on g.ordinal = q.index + 1
"""
# The log has no tier, variant and region.
PLAIN = LINES.replace("a.tier, a.variant, a.region", "'standard', null, null")
LOG = """
insert into ai.generations (id, lenser_id, model_id, usage, status, created_at)
select ratebook.uuid_v7(a.at), %s, %s, a.usage, 'completed', a.at from asked as a
"""
LOGGED = """
select a.n, c.cost, null
from ratebook.cost_generations('2024-01-01Z', '2027-01-01Z', %(model)s, null, null) as c
inner join ai.generations as g on g.id = c.generation_id
inner join asked as a on a.usage = g.usage and a.at = c.priced_at
"""


def answers(shop: Shop, query: str) -> dict[int, Answer]:
    found: dict[int, Answer] = {}
    for n, cost, charged, *facts in shop.connection.execute(query, {"model": shop.model}):
        price_ids, sheet_id, terms = (*facts, None, None, None)[:3]
        found[n] = Answer(
            cost,
            charged,
            None if query in (CALL, MANY, LOGGED) else frozenset(price_ids or ()),
            sheet_id,
            None if terms is None else tuple(terms),
        )
    return found


def asked_json(request: Request) -> dict[str, Any]:
    return {
        "model": "m",
        "usage": {meter: str(quantity) for meter, quantity in request.usage.items()},
        "service_tier": request.service_tier,
        "variant": request.variant,
        "region": request.region,
        "at": request.at.isoformat(),
    }


@given(
    book=books(),
    asked=many(requests()),
    margin=st.sampled_from([Decimal(m) for m in ("-0.25", "0", "0.3")]),
    least=st.sampled_from([Decimal(c) for c in ("0", "12.345")]),
)
def test_every_form_gives_the_same_price(
    shops: Shops,
    lenser: UUID,
    book: list[Price],
    asked: Sequence[Request],
    margin: Decimal,
    least: Decimal,
) -> None:
    with shops.open(book) as shop:
        db = shop.connection
        db.execute(
            "insert into billing.credit_rates (currency, credits_per_currency_unit, effective_from)"
            " values ('USD', 1000, '2024-01-01Z')"
        )
        db.execute(
            "insert into billing.execution_margin_policies (margin, min_credits, effective_from, model_id)"
            " values (%s, %s, '2024-01-01Z', null), (%s, 0, '2025-06-01Z', %s)",
            [margin, least, margin + 1, shop.model],
        )
        db.execute(REQUESTS, [Jsonb([asked_json(request) for request in asked])])
        lines = answers(shop, LINES)
        priced = {n for n, answer in lines.items() if answer.cost is not None}
        db.execute("update asked set is_priced = n = any(%s)", [list(priced)])
        quotes, calls, ones, sets = (answers(shop, form) for form in (QUOTE, CALL, ONE, MANY))
        db.execute("set local session_replication_role = replica")
        db.execute(LOG, [lenser, shop.model])
        db.execute("set local session_replication_role = origin")
        logged, plain = answers(shop, LOGGED), answers(shop, PLAIN)

    assert set(quotes) == set(calls) == set(ones) == set(sets) == priced
    for n in priced:
        assert (sets[n].cost, sets[n].credits) == (ones[n].cost, ones[n].credits)
        assert (quotes[n].cost, quotes[n].price_ids) == (lines[n].cost, lines[n].price_ids)
        assert quotes[n] == ones[n]._replace(sheet_id=None)
        assert calls[n].credits == ones[n].credits
    assert {n: answer.cost for n, answer in logged.items()} == {
        n: answer.cost for n, answer in plain.items()
    }
