"""What a chain of imports leaves is what one import of its last file leaves, history aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from hypothesis import example, given
from hypothesis import strategies as st
from psycopg import sql
from psycopg.types.json import Jsonb

Connection = psycopg.Connection[Any]
Feed = list[dict[str, Any]]

SOURCE = "litellm"
DAYS = tuple(f"2026-0{month}-01T00:00:00Z" for month in range(1, 8))
NAMES = ("m", "n", "a/m", "b/m", "a/n", "x/y", "mine", "ours")
# Now, and after every date that a feed may name.
TIMES = ("now", "2027-06-01T00:00:00Z", "2029-01-01T00:00:00Z")

# Models and names that people made before any catalogue came.
MINE = """
insert into ai.models (key, name, provider_id, provider_model_key)
select k.key, k.key, p.id, k.own
from (values ('mine', null), ('b/m', null), ('own', 'n')) as k (key, own)
inner join ai.providers as p on p.key = 'acme';
insert into ai.model_aliases (alias, model_id) select 'ours', m.id from ai.models as m where m.key = 'mine';
"""
LEADS = """
select
  n.name,
  (
    select array_agg(m.key order by m.key) from ai.models as m
    where m.id = any(ratebook.model_ids(n.name, false)) and not m.metadata ? 'removed_from_catalogue'
  )
from unnest(%s::text[]) as n (name)
order by n.name
"""
MODELS = """
select
  p.key, m.provider_model_key, m.key, m.status::text, m.price_source, m.successor_id is null,
  m.deleted_at is null, m.metadata::text
from ai.models as m
inner join ai.providers as p on p.id = m.provider_id
where not m.metadata ? 'removed_from_catalogue'
order by m.key
"""
ALIASES = """
select a.alias, m.key, a.source
from ai.model_aliases as a
inner join ai.models as m on m.id = a.model_id
where not m.metadata ? 'removed_from_catalogue'
order by a.alias, m.key
"""
PRICES = """
select
  t.at, m.key, p.meter, p.service_tier, p.currency, p.variant, p.context_threshold, p.threshold_inclusive,
  trim_scale(p.price_per_unit)::text
from ai.models as m
cross join unnest(%s::text[]) as t (at)
cross join lateral ratebook.prices_in_force(
  m.id, case t.at when 'now' then ratebook.clock() else t.at::timestamptz end
) as p
order by t.at, m.key, p.meter, p.service_tier, p.currency, p.variant, p.context_threshold
"""


def price(
    meter: str, amount: str, *, since: str | None = None, **conditions: str | int | bool | None
) -> dict[str, Any]:
    row = {"meter": meter, "price": amount, "effective_from": since, **conditions}
    return {name: value for name, value in row.items() if value is not None}


def entry(provider: str, key: str, *aliases: str, prices: Sequence[Any] = ()) -> dict[str, Any]:
    return {
        "provider": provider,
        "provider_model_key": key,
        "name": key,
        "aliases": list(aliases),
        "prices": list(prices),
    }


@st.composite
def prices(draw: st.DrawFn) -> list[dict[str, Any]]:
    currency = draw(st.sampled_from([None, None, None, "EUR"]))
    amounts = st.sampled_from(["0", "0.000001", "0.000002", "0.00005", "1"])
    rows = draw(
        st.lists(
            st.builds(
                price,
                st.sampled_from(["input", "output", "cache_read"]),
                amounts,
                since=st.sampled_from([None, None, None, "2026-03-15", "2026-12-01", "2028-01-01"]),
                service_tier=st.sampled_from([None, None, "batch"]),
                variant=st.sampled_from([None, None, "hd"]),
                context_threshold=st.sampled_from([None, None, 1000]),
                currency=st.just(currency),
            ),
            max_size=5,
        )
    )
    # One price of one thing on one date.
    return list(
        {
            tuple(value for name, value in sorted(row.items()) if name != "price"): row
            for row in rows
        }.values()
    )


@st.composite
def feeds(draw: st.DrawFn) -> Feed:
    identities = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["a", "b", "acme"]), st.sampled_from(["m", "n", "a/m", "x/y"])
            ),
            min_size=1,
            max_size=4,
            unique=True,
        )
    )
    models = []
    for provider, key in identities:
        names = draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True))
        model = entry(provider, key, *names, prices=draw(prices()))
        status = draw(st.sampled_from([None, None, "preview", "deprecated"]))
        if status is not None:
            model["attributes"] = {"status": status}
        models.append(model)
    return models


@contextmanager
def a_world(connection: Connection) -> Iterator[None]:
    """A registry with what people made in it, until the end of the block."""
    with connection.transaction(force_rollback=True):
        connection.execute(MINE)
        yield


def bring(connection: Connection, feed: Feed, at: str) -> dict[str, Any]:
    """Import a feed at a time, with every odd price accepted."""
    connection.execute(
        sql.SQL(
            "create or replace function ratebook.clock() returns timestamptz language sql volatile"
            " parallel safe set search_path = '' return {}::timestamptz"
        ).format(sql.Literal(at))
    )
    accept = [f"{model['provider']}/{model['provider_model_key']}" for model in feed]
    row = connection.execute(
        "select ai.import_catalogue(%s, %s, accept => %s)", [SOURCE, Jsonb(feed), accept]
    ).fetchone()
    assert row is not None
    report: dict[str, Any] = row[0]
    assert report["held"] == report["skipped"] == []
    return report


def left(connection: Connection, feed: Feed) -> dict[str, Any]:
    """What the imports left, as far as the last feed speaks of it."""
    names = {*NAMES, *(f"{model['provider']}/{model['provider_model_key']}" for model in feed)}
    spoken = names & {
        name
        for model in feed
        for name in (*model["aliases"], f"{model['provider']}/{model['provider_model_key']}")
    }
    return {
        "names": connection.execute(LEADS, [sorted(spoken)]).fetchall(),
        "models": connection.execute(MODELS).fetchall(),
        "aliases": connection.execute(ALIASES).fetchall(),
        "prices": connection.execute(PRICES, [list(TIMES)]).fetchall(),
    }


@given(chain=st.lists(feeds(), min_size=2, max_size=4))
# An entry changes its provider, and comes back.
@example(
    chain=[
        [entry("a", "x/y", "x/y", "y", prices=[price("input", "1")])],
        [entry("b", "y", "x/y", "y", prices=[price("input", "2")])],
        [entry("a", "x/y", "x/y", "y", prices=[price("input", "1")])],
    ]
)
# A catalogue that changes its currency; a key that was a name.
@example(
    chain=[
        [entry("a", "m", "b/n", prices=[price("input", "1")])],
        [
            entry("a", "m", prices=[price("input", "1", currency="EUR")]),
            entry("b", "n", "a/m"),
        ],
    ]
)
# A name that a catalogue gave to a model that people made, and gives no more.
@example(chain=[[entry("acme", "n", "m"), entry("a", "n")], [entry("a", "n")]])
# What was announced has come: the past stays, and the same again is nothing.
@example(
    chain=[
        [entry("a", "m", prices=[price("input", "1")])],
        [entry("b", "m")],
        [
            entry("a", "m", prices=[price("input", "2"), price("input", "3", since="2026-03-15")]),
            entry("a", "n", prices=[price("input", "3", since="2026-03-15")]),
        ],
    ]
)
def test_a_chain_leaves_what_its_last_file_leaves(superuser: Connection, chain: list[Feed]) -> None:
    last = chain[-1]
    with a_world(superuser):
        for feed, at in zip(chain, DAYS, strict=False):
            bring(superuser, feed, at)
        by_chain = left(superuser, last)
        # The same again is nothing.
        counts = "select (select count(*) from lensers.audit_history), (select count(*) from ai.model_pricing)"
        before = superuser.execute(counts).fetchone()
        bring(superuser, last, DAYS[len(chain)])
        assert superuser.execute(counts).fetchone() == before
    with a_world(superuser):
        bring(superuser, last, DAYS[len(chain) - 1])
        assert left(superuser, last) == by_chain
