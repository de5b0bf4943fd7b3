"""What a parser takes of a catalogue, the database takes: whatever else stands in the file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ratebook import catalogues
from ratebook.catalogues import FeedError

EXAMPLES = int(os.environ.get("RATEBOOK_EXAMPLES", "0"))

NAMES = st.one_of(
    st.sampled_from(
        [
            *(
                "m",
                " m",
                "m\t",
                "\u00a0m",
                "\u3000",
                "a/ m",
                "lab/",
                "lab/ ",
                "M" * 250,
                "lab/m\n2",
            ),
            *("\x1fm", "m\x85", "\u200bm", "01234567-89ab-cdef-0123-4", "No Key", "\ud800", "a\0"),
        ]
    ),
    st.text(max_size=9),
)
AMOUNTS = st.one_of(
    st.sampled_from(
        [
            *(0, -0.0, 1e-6, 2, 1e-41, 1e-59, 1e-60, 3e-320, 999_999.999, 1e6, -1, 10**400),
            *("0", "0.1", "1e-30", "0." + "1" * 59, "-1", "-0", "1e999", "", True, None),
            *(float("nan"), float("inf"), [], {}, [1], {"usd": 1}),
        ]
    ),
    st.decimals(0, 1_000_000, places=50).map(float),
)
WORDS: st.SearchStrategy[Any] = st.one_of(
    NAMES,
    st.sampled_from(
        [
            *(
                "chat",
                "2026-01-31",
                "2026-02-30",
                "0000-01-01",
                "99999-01-01",
                "https://x.example/",
            ),
            *("x" * 300, "x" * 10_001, 5, 2**31, 1e300, None, True, [], {}, ["text"], ["\ud800"]),
        ]
    ),
)
THRESHOLD = st.sampled_from(["", "_above_0_tokens", "_above_200k_tokens", "_above_9_tokens"])
TIER = st.sampled_from(["", "_batches", "_flex", "_priority"])
LITELLM_KEYS = st.one_of(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(
            ["input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost"]
        ),
        THRESHOLD,
        TIER,
    ),
    st.sampled_from(
        [
            *("input_cost_per_pixel", "output_cost_per_second", "file_search_cost_per_1k_calls"),
            *("input_cost_per_image", "regional_processing_uplift_multiplier_eu", "x_cost "),
            *("cost_of_" + "x" * 300, "output_cost_per_image_2K", "input_cost_per_request"),
        ]
    ),
)
HOURS = st.sampled_from(["00:00-00:00", "16:30-00:30", "01:00-02:00", "25:00-26:00", "10:00-10:00"])
OFF_PEAK = st.fixed_dictionaries(
    {"input_cost_per_token": AMOUNTS, "hours_utc": st.lists(HOURS, max_size=8)},
    optional={
        "weekday_timezone": st.sampled_from(
            ["UTC", "Asia/Shanghai", "localtime", "posixrules", "x", 5]
        )
    },
)
TIERED = st.lists(
    st.fixed_dictionaries(
        {
            "range": st.sampled_from([[0, 9], [9, 99], [0, 10**12], [9, 9], [0.5, 9], 5]),
            "input_cost_per_token": AMOUNTS,
        }
    ),
    max_size=3,
)


def entries(
    names: st.SearchStrategy[str], values: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    return st.dictionaries(names, values, min_size=1, max_size=4)


LITELLM = entries(
    NAMES,
    st.builds(
        lambda costs, words: {**costs, **words},
        st.dictionaries(LITELLM_KEYS, AMOUNTS, max_size=5),
        st.fixed_dictionaries(
            {"litellm_provider": st.one_of(st.just("lab"), st.just("xai"), NAMES)},
            optional={
                "mode": WORDS,
                "source": WORDS,
                "deprecation_date": WORDS,
                "max_input_tokens": WORDS,
                "supports_vision": st.booleans(),
                "supports_ x": st.booleans(),
                "off_peak_pricing": OFF_PEAK,
                "tiered_pricing": TIERED,
                "aliases": st.one_of(WORDS, st.lists(NAMES, max_size=3)),
            },
        ),
    ),
)
COSTS = st.dictionaries(
    st.sampled_from(["input", "output", "reasoning", "cache_read", "x" * 300, " smile"]),
    AMOUNTS,
    max_size=4,
)
MODELS_DEV = entries(
    NAMES,
    st.fixed_dictionaries(
        {
            "models": entries(
                NAMES,
                st.fixed_dictionaries(
                    {},
                    optional={
                        "name": WORDS,
                        "family": WORDS,
                        "release_date": WORDS,
                        "cost": st.one_of(COSTS, WORDS),
                        "limit": st.fixed_dictionaries({"context": WORDS}),
                        "experimental": st.builds(
                            lambda modes: {"modes": modes},
                            st.dictionaries(NAMES, st.fixed_dictionaries({"cost": COSTS})),
                        ),
                    },
                ),
            )
        },
        optional={"name": WORDS, "doc": WORDS},
    ),
)
OPENROUTER = st.fixed_dictionaries(
    {
        "data": st.lists(
            st.fixed_dictionaries(
                {
                    "id": WORDS,
                    "pricing": st.dictionaries(
                        st.sampled_from(
                            ["prompt", "completion", "image", "audio", "request", " smile"]
                        ),
                        AMOUNTS,
                    ),
                },
                optional={
                    "name": WORDS,
                    "canonical_slug": WORDS,
                    "description": WORDS,
                    "created": WORDS,
                    "expiration_date": WORDS,
                    "context_length": WORDS,
                },
            ),
            max_size=4,
        )
    }
)
SETS = st.dictionaries(
    st.sampled_from(["input_mtok", "output_mtok", "audio_hours", "requests_kcount", "smiles "]),
    AMOUNTS,
)
CONSTRAINTS = st.one_of(
    st.none(),
    st.fixed_dictionaries({"start_date": WORDS}),
    st.fixed_dictionaries(
        {
            "start_time": st.sampled_from(["01:00", "16:30:00Z", "x"]),
            "end_time": st.sampled_from(["01:00", "00:30:00Z", 5]),
        }
    ),
)
GENAI = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.one_of(st.just("lab"), NAMES),
            "models": st.lists(
                st.fixed_dictionaries(
                    {
                        "id": NAMES,
                        "prices": st.one_of(
                            SETS,
                            st.lists(
                                st.fixed_dictionaries({"constraint": CONSTRAINTS, "prices": SETS}),
                                max_size=3,
                            ),
                        ),
                    },
                    optional={
                        "name": WORDS,
                        "description": WORDS,
                        "price_variants": st.lists(
                            st.builds(
                                lambda speed, prices: {"when": {"speed": speed}, "prices": prices},
                                NAMES,
                                SETS,
                            ),
                            max_size=2,
                        ),
                    },
                ),
                max_size=4,
            ),
        },
        optional={"name": WORDS, "pricing_urls": st.lists(WORDS, max_size=1)},
    ),
    max_size=3,
)


@pytest.fixture
def service(ratebook_stack: Any) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(ratebook_stack.dsn, autocommit=True) as connection:
        connection.execute("set role service_role")
        yield connection


@pytest.mark.parametrize(
    ("source", "documents"),
    [
        ("litellm", LITELLM),
        ("models.dev", MODELS_DEV),
        ("openrouter", OPENROUTER),
        ("genai-prices", GENAI),
    ],
)
def test_what_a_parser_takes_the_database_takes(
    service: psycopg.Connection[Any], source: str, documents: st.SearchStrategy[Any]
) -> None:
    taken = 0

    @settings(
        max_examples=EXAMPLES or 10,
        derandomize=not EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(documents)
    def check(document: Any) -> None:
        nonlocal taken
        try:
            feed = catalogues.parse(source, json.dumps(document))
        except FeedError:
            return
        if not feed.models:
            return
        row = service.execute(
            "select ai.import_catalogue(source => %s, models => %s::jsonb, dry_run => true)",
            [source, json.dumps(feed.to_json())],
        ).fetchone()
        assert row is not None
        models = row[0]["models"]
        assert models["added"] + models["changed"] + models["unchanged"] == len(feed.models)
        taken += len(feed.models)

    check()
    assert taken > 0
