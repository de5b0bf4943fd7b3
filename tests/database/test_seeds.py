"""What the seeds say costs what the providers ask. Expected: genai-prices 0.2.3 and LiteLLM 1.106.2, by hand."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.factories import postgresql_noproc

from tests.databases import dsn, load_truth, start_server
from tools.project import REPOSITORY


def load_seeds(host: str, port: int, user: str, dbname: str, **_: object) -> None:
    """For `load`: the seeds, twice, for they are run again."""
    with psycopg.connect(host=host, port=port, user=user, dbname=dbname) as connection:
        for _time in range(2):
            for file in sorted((REPOSITORY / "seeds").glob("0[12]*.sql")):
                connection.execute(file.read_bytes())


seeds_server = start_server()
seeded = postgresql_noproc(
    depends_on="seeds_server", dbname="seeded", load=[load_truth, load_seeds]
)

# Per million: input, output, cached input; of a day.
LIST = [
    ("gpt-4o-mini", "2026-11-15", "0.15", "0.6", "0.075"),
    ("gpt-4o", "2026-11-15", "2.5", "10", "1.25"),
    ("gpt-4.1", "2026-11-15", "2", "8", "0.5"),
    ("gpt-5.1", "2026-11-15", "1.25", "10", "0.125"),
    ("gpt-5.2", "2026-11-15", "1.75", "14", "0.175"),
    ("claude-opus-5-5", "2026-11-15", "4", "20", "0.2"),
    ("claude-sonnet-5-5", "2026-11-15", "2", "10", "0.1"),
    ("claude-haiku-4-5", "2026-11-15", "1", "5", "0.1"),
    ("gemini-4-argon", "2026-11-30", "2", "10", "0.1"),
    ("gemini-4-argon", "2026-12-01", "4", "20", "0.2"),
    ("gemini-3.8-flash", "2026-12-31", "0.75", "3.75", "0.075"),
    ("gemini-3.8-flash", "2027-01-01", "1.5", "7.5", "0.15"),
    ("gemini-3.5-flash-lite", "2026-11-15", "0.3", "2.5", "0.03"),
    ("mistral-large-4", "2026-11-15", "0.7", "2.1", "0.07"),
    ("mistral-medium-3-5", "2026-11-15", "1.5", "7.5", "0.15"),
    ("mistral-small-2603", "2026-11-15", "0.15", "0.6", "0.015"),
]

PRICED = """
select sum((line ->> 'cost')::numeric)
from jsonb_array_elements(billing.quote(%s, jsonb_build_object(%s::text, 1000000), at => %s::timestamptz) -> 'lines')
  as l (line)
"""
# A cached token that costs more than one that is not: no provider asks that to be read, and none is left out.
DEARER = """
select m.key
from ai.models as m
cross join (values ('2026-11-30Z'::timestamptz), ('2027-01-01Z')) as t (at)
inner join lateral ratebook.base_prices(m.id, t.at) as i on i.meter = 'input'
left join lateral ratebook.base_prices(m.id, t.at) as c on c.meter = 'cache_read'
where 'caching' = any(m.supports) and (c.price is null or c.price >= i.price)
"""


@pytest.mark.parametrize(("model", "day", "read", "written", "cached"), LIST)
def test_a_seeded_model_costs_what_its_provider_lists(
    seeded: NoopExecutor, model: str, day: str, read: str, written: str, cached: str
) -> None:
    with psycopg.connect(dsn(seeded)) as connection:
        found = [
            connection.execute(PRICED, [model, meter, f"{day}T23:59:59Z"]).fetchone()
            for meter in ("input", "output", "cache_read")
        ]
    assert [row and row[0] for row in found] == [Decimal(read), Decimal(written), Decimal(cached)]


def test_every_seeded_model_with_a_cache_has_its_price(seeded: NoopExecutor) -> None:
    with psycopg.connect(dsn(seeded)) as connection:
        assert connection.execute(DEARER).fetchall() == []
        priced = "select count(distinct model_id) from ai.model_pricing where meter = 'cache_read'"
        assert connection.execute(priced).fetchone() == (14,)
