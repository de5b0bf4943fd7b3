"""Real releases of LiteLLM's catalogue, which pip fetches once: what stands in them comes in, whatever else does."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.factories import postgresql_noproc

from ratebook import catalogues
from ratebook.catalogues import Feed, FeedError
from tests.databases import dsn, load_truth, start_server
from tools import releases

catalogue_server = start_server({"work_mem": "128MB"})
catalogue_template = postgresql_noproc(
    depends_on="catalogue_server", dbname="catalogues", load=[load_truth]
)

# What each release has: entries by what became of them, counted with another reader of JSON.
RELEASES = {
    "1.0.0": {"models": 85, "left_out": {"provider": 5}, "mended": {}, "skipped": {}},
    "1.63.0": {
        "models": 803,
        "left_out": {},
        "mended": {"twice": 2},
        "skipped": {"format": 1, "same": 2},
    },
    "1.84.7": {
        "models": 2681,
        "left_out": {},
        "mended": {"twice": 4},
        "skipped": {"format": 1, "same": 24, "merged": 3, "other prices": 5},
    },
}


def release(version: str) -> Feed:
    return catalogues.parse("litellm", releases.catalogue(version))


@pytest.fixture(scope="module")
def service(catalogue_template: NoopExecutor) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(dsn(catalogue_template), autocommit=True) as connection:
        connection.execute("set role service_role")
        yield connection


@pytest.mark.parametrize("version", RELEASES)
def test_what_became_of_the_entries_of_a_release(version: str) -> None:
    found, expected = release(version), RELEASES[version]
    assert len(found.models) == expected["models"]
    for part in ("left_out", "mended", "skipped"):
        assert dict(Counter(flaw.kind for flaw in getattr(found, part))) == expected[part], part
    if expected["left_out"] or expected["mended"]:
        with pytest.raises(FeedError):
            catalogues.parse("litellm", releases.catalogue(version), strict=True)


def test_releases_come_in_one_after_the_other(service: psycopg.Connection[Any]) -> None:
    for version, expected in RELEASES.items():
        feed = release(version)
        row = service.execute(
            "select ai.import_catalogue(source => %s, models => %s::jsonb)",
            [feed.source, json.dumps(feed.to_json())],
        ).fetchone()
        assert row is not None
        models = row[0]["models"]
        assert models["added"] + models["changed"] + models["unchanged"] == expected["models"]
        assert row[0]["skipped"] == []


def test_entries_that_were_there_twice_have_their_prices(service: psycopg.Connection[Any]) -> None:
    # By the text of release 1.84.7, which has the entry twice.
    prices = service.execute(
        "select meter, price_per_unit::text from ai.prices_in_force('minimax.minimax-m2.5') order by meter"
    ).fetchall()
    assert prices == [("input", "0.0000003"), ("output", "0.0000012")]
