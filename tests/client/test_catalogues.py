"""Catalogues: parsers on small literal feeds, and `ratebook import` against a real PostgREST.

What each feed says is in tests/client/feeds/; the expectations are worked out by hand.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest

from ratebook import catalogues
from ratebook.catalogues import Feed, FeedError, FeedModel, Flaw
from ratebook.cli import main
from tests.conftest import Connection

FEEDS = Path(__file__).with_name("feeds")


def feed(source: str) -> Feed:
    name = source.replace("-", "_").replace(".", "_")
    return catalogues.parse(source, (FEEDS / f"{name}.json").read_bytes())


def model(found: Feed, key: str) -> FeedModel:
    (only,) = [model for model in found.models if model.provider_model_key == key]
    return only


def rows(found: FeedModel, *columns: str, **wanted: Any) -> list[tuple[Any, ...]]:
    """The prices that have `wanted`, as columns of their JSON, in the order of these."""
    given = [price.to_json() for price in found.prices]
    return sorted(
        (
            tuple(row.get(column) for column in columns)
            for row in given
            if all(row.get(column) == value for column, value in wanted.items())
        ),
        key=str,
    )


def flaws(found: tuple[Flaw, ...]) -> dict[tuple[str, str], str]:
    return {(flaw.entry, flaw.kind): flaw.reason for flaw in found}


# ------------------------------------------------------------------ LiteLLM


def test_litellm_tiers_thresholds_and_sizes_become_rows() -> None:
    cirrus = model(feed("litellm"), "cirrus-3")
    base = {"region": None, "context_threshold": None}
    assert rows(cirrus, "meter", "price", service_tier=None, **base) == [
        ("cache_read", "0.00000025"),
        ("input", "0.000002"),
        ("output", "0.000008"),
        ("reasoning", "0.000009"),
        ("web_search", "0.01"),
        ("web_search", "0.02"),
    ]
    assert rows(cirrus, "meter", "price", "context_threshold", context_threshold=200_000) == [
        ("input", "0.000004", 200_000),  # plain
        ("input", "0.0000044", 200_000),  # in the EU
    ]
    assert rows(cirrus, "price", "variant", meter="web_search") == [("0.01", "low"), ("0.02", None)]


def test_litellm_a_tier_with_its_own_output_price_bills_reasoning_at_that() -> None:
    cirrus = model(feed("litellm"), "cirrus-3")
    assert rows(cirrus, "meter", "price", service_tier="flex", region=None) == [
        ("input", "0.000001"),
        ("output", "0.000004"),
        ("reasoning", "0.000004"),
    ]


def test_litellm_a_batch_without_an_output_price_costs_half() -> None:
    cirrus = model(feed("litellm"), "cirrus-3")
    assert rows(cirrus, "meter", "price", service_tier="batch", region=None) == [
        ("input", "0.000001"),
        ("output", "0.0000040"),
    ]


def test_litellm_a_regional_multiplier_is_exact_for_every_token() -> None:
    cirrus = model(feed("litellm"), "cirrus-3")
    assert rows(cirrus, "meter", "price", region="eu", service_tier=None) == [
        ("cache_read", "0.000000275"),
        ("input", "0.0000022"),
        ("input", "0.0000044"),
        ("output", "0.0000088"),
        ("reasoning", "0.0000099"),
    ]


def test_litellm_unknown_keys_about_money_are_counted() -> None:
    found = feed("litellm")
    assert dict(found.unmapped) == {"cost_per_smile": 1}
    assert model(found, "cirrus-3").attributes == {
        "modality": "text",
        "task": "generation",
        "capabilities": ["text_generation"],
        "supports": ["caching", "vision"],
        "context_window": 200_000,
        "max_tokens": 8_000,
        "provider_url": "https://nimbus.example/prices",
    }


def test_litellm_a_name_with_the_provider_comes_before_the_bare_one() -> None:
    found = feed("litellm")
    cirrus = model(found, "cirrus-2")
    assert rows(cirrus, "meter", "price") == [("input", "0.000003"), ("output", "0.000009")]
    assert cirrus.aliases == ("nimbus-ai/cirrus-2", "cirrus-2")
    assert flaws(found.skipped) == {
        ("sample_spec", "format"): "the explanation of the format",
        (
            "cirrus-2",
            "other prices",
        ): "another name of nimbus-ai/cirrus-2, which has other prices",
    }


KIMI = """{
  "lab/kimi": {"litellm_provider": "lab", "input_cost_per_token": 6e-07, "output_cost_per_token": 3e-06},
  "kimi": {
    "litellm_provider": "lab", "mode": "chat", "input_cost_per_token": 6e-07, "output_cost_per_token": 3e-06,
    "input_cost_per_token_batches": 3e-07, "output_cost_per_token_batches": 1.5e-06,
    "input_cost_per_token_priority": 1.05e-06, "output_cost_per_token_priority": 5.25e-06,
    "regional_processing_uplift_multiplier_eu": 1.1
  }
}"""


def test_litellm_two_entries_of_one_model_lose_no_price() -> None:
    found = catalogues.parse("litellm", KIMI)
    kimi = model(found, "kimi")
    plain = {"region": None}
    assert rows(kimi, "meter", "price", service_tier="batch", **plain) == [
        ("input", "0.0000003"),
        ("output", "0.0000015"),
    ]
    assert rows(kimi, "meter", "price", service_tier="priority", **plain) == [
        ("input", "0.00000105"),
        ("output", "0.00000525"),
    ]
    # The multiplier of the one counts for the prices of the other too.
    assert rows(kimi, "price", meter="input", region="eu", service_tier=None) == [("0.00000066",)]
    assert kimi.aliases == ("lab/kimi", "kimi")
    assert [(flaw.entry, flaw.kind) for flaw in found.skipped] == [("kimi", "merged")]
    assert "input_cost_per_token_batches" in found.skipped[0].reason


def test_litellm_two_entries_of_one_model_with_other_prices_are_not_mixed() -> None:
    text = KIMI.replace('"output_cost_per_token": 3e-06},', '"output_cost_per_token": 0},')
    found = catalogues.parse("litellm", text)
    kimi = model(found, "kimi")
    assert rows(kimi, "meter", "price") == [("input", "0.0000006"), ("output", "0")]
    assert [(flaw.entry, flaw.kind) for flaw in found.skipped] == [("kimi", "other prices")]


def test_litellm_prices_by_tiers_are_no_addition_to_flat_ones() -> None:
    tiers = '{"litellm_provider": "p", "tiered_pricing": [{"range": [0, 9], "input_cost_per_token": 2}]}'
    text = f'{{"p/m": {{"litellm_provider": "p", "output_cost_per_token": 1}}, "m": {tiers}}}'
    found = catalogues.parse("litellm", text)
    assert rows(model(found, "m"), "meter", "price") == [("output", "1")]
    assert [flaw.kind for flaw in found.skipped] == ["other prices"]


def test_litellm_further_names_lead_to_their_entry() -> None:
    text = json.dumps(
        {
            "lab/k3": {"litellm_provider": "lab", "aliases": ["lab/k3-1", "lab/k2", "  "]},
            "lab/k2": {"litellm_provider": "lab"},
            "lab/k-latest": {"alias_of": "lab/k3"},
            "lab/lost": {"alias_of": "lab/k9"},
            "lab/loop": {"alias_of": "lab/k-latest"},
        }
    )
    found = catalogues.parse("litellm", text)
    assert model(found, "k3").names == ("lab/k3", "lab/k3-1", "lab/k-latest")
    assert model(found, "k2").names == ("lab/k2",)
    assert flaws(found.skipped) == {("lab/k-latest", "alias"): "another name of lab/k3"}
    assert [flaw.entry for flaw in found.left_out] == ["lab/lost", "lab/loop"]


def test_litellm_fedramp_is_a_region() -> None:
    text = OTHER % '"input_cost_per_token": 2e-06, "fedramp_uplift_multiplier": 1.1'
    (found,) = catalogues.parse("litellm", text).models
    assert rows(found, "price", "region") == [("0.000002", None), ("0.0000022", "fedramp")]


def test_litellm_thresholds_of_xai_are_inclusive() -> None:
    stratus = model(feed("litellm"), "stratus")
    assert rows(stratus, "meter", "price", context_threshold=128_000, threshold_inclusive=True) == [
        ("input", "0.000002")
    ]


def test_litellm_fireworks_bills_cached_tokens_at_half() -> None:
    assert rows(model(feed("litellm"), "altus"), "price", meter="cache_read") == [("0.00000015",)]


def test_litellm_a_tier_table_bills_what_it_leaves_out_as_input() -> None:
    nimbo = model(feed("litellm"), "nimbo")
    assert rows(nimbo, "meter", "price", context_threshold=None) == [
        ("cache_read", "0.00000002"),
        ("input", "0.0000001"),
        ("output", "0.0000004"),
    ]
    assert rows(nimbo, "meter", "price", context_threshold=32_000) == [
        ("cache_read", "0.0000002"),
        ("input", "0.0000002"),
        ("output", "0.0000008"),
    ]


def test_litellm_off_peak_hours_move_into_the_zone_of_their_weekdays() -> None:
    fog = model(feed("litellm"), "fog")
    window = ("window_start", "window_end", "window_days")
    # 10:00-24:00 UTC is 18:00-08:00 in Shanghai, cut at midnight; a whole day is cut in two.
    assert rows(fog, *window, window_time_zone="Asia/Shanghai", price="0.00000015") == [
        ("00:00", "08:00", 31),
        ("00:00", "08:00", 96),
        ("08:00", "00:00", 96),
        ("18:00", "00:00", 31),
    ]


def test_litellm_pixels_seconds_and_resolutions() -> None:
    found = feed("litellm")
    assert rows(model(found, "hd/1024-x-1024/dall-e-3"), "meter", "price") == [
        ("image", "0.0879999582208"),  # 1,048,576 pixels
        ("output", "0.0"),
        ("pixel", "0.0000000839233"),
    ]
    assert rows(model(found, "clip"), "meter", "price", "variant") == [
        ("video_second", "0.05", "720p"),
        ("video_second", "0.08", None),
    ]
    assert rows(model(found, "ear"), "meter", "price") == [("audio_second", "0.0001")]


# ------------------------------------------------------------------ the others


def test_genai_prices_dates_and_ends_become_dated_rows() -> None:
    cirrus = model(feed("genai-prices"), "cirrus")
    columns = ("meter", "price", "context_threshold", "effective_from")
    march = "2026-03-01T00:00:00+00:00"
    assert rows(cirrus, *columns, service_tier=None) == [
        ("cache_read", "0.0000003", None, None),
        ("cache_read", None, None, march),
        ("input", "0.000002", None, march),
        ("input", "0.000003", None, None),
        ("input", "0.000004", 200_000, march),
        ("output", "0.000015", None, None),
    ]
    assert (cirrus.provider, cirrus.aliases) == ("xai", ("x-ai/cirrus", "cirrus", "cirrus-2026"))
    assert cirrus.attributes["status"] == "deprecated"


def test_genai_prices_variants_override_at_every_length() -> None:
    cirrus = model(feed("genai-prices"), "cirrus")
    columns = ("meter", "price", "context_threshold", "effective_from")
    february, march = "2026-02-01T00:00:00+00:00", "2026-03-01T00:00:00+00:00"
    assert rows(cirrus, *columns, service_tier="priority") == [
        ("input", "0.000005", 200_000, march),
        ("input", "0.000005", None, None),
    ]
    # A batch says all of its prices: Ratebook looks through them first.
    assert rows(cirrus, *columns, service_tier="batch") == [
        ("cache_read", "0.0000003", None, february),
        ("cache_read", None, None, march),
        ("input", "0.000002", None, march),
        ("input", "0.000003", None, february),
        ("input", "0.000004", 200_000, march),
        ("output", "0.0000075", None, february),
    ]
    assert dict(feed("genai-prices").unmapped) == {"price_variants[moon=full]": 1}


def test_genai_prices_hours_thousands_and_windows() -> None:
    found = feed("genai-prices")
    assert rows(model(found, "ear"), "meter", "price") == [
        ("audio_second", "0.0001"),  # 0.36 an hour
        ("request", "0.005"),  # 5 a thousand
    ]
    assert rows(model(found, "night"), "price", "window_start", "window_end", "window_days") == [
        ("0.0000005", "16:30", "00:30", 127),
        ("0.000001", None, None, None),
    ]


def test_genai_prices_comes_with_its_package() -> None:
    found = catalogues.genai_prices.from_package()
    assert (len(found.models), found.values, dict(found.unmapped)) == (2330, 7994, {})


def test_models_dev_tiers_and_modes() -> None:
    found = feed("models.dev")
    cirrus = model(found, "cirrus-2")
    assert rows(cirrus, "meter", "price", "context_threshold", "variant") == [
        ("cache_read", "0.00000025", None, None),
        ("input", "0.0000025", None, None),
        ("input", "0.000005", 200_000, None),
        ("input", "0.000005", None, "fast"),
        ("output", "0.000010", None, None),
        ("output", "0.000020", 200_000, None),
        ("output", "0.000020", None, "fast"),
    ]
    assert rows(model(found, "old"), "price", meter="input", context_threshold=200_000) == [
        ("0.000002",)
    ]
    assert dict(found.unmapped) == {"smile": 1}
    assert model(found, "free").prices == ()
    assert (cirrus.provider_name, cirrus.attributes["status"]) == ("Nimbus", "preview")


def test_openrouter_prices_are_strings_and_minus_one_is_none() -> None:
    found = feed("openrouter")
    cirrus = model(found, "nimbus/cirrus-2")
    assert rows(cirrus, "meter", "price", "context_threshold", "threshold_inclusive") == [
        ("cache_read", "0.0000002", None, None),
        ("input", "0.000002", None, None),
        ("input", "0.000004", 200_000, True),
        ("output", "0.00001", None, None),
        ("web_search", "0.01", None, None),
    ]
    assert cirrus.attributes["release_date"] == "2026-01-15"
    assert model(found, "openrouter/auto").prices == ()
    assert dict(found.unmapped) == {
        "smile": 1,
        "prompt (dynamic)": 1,
        "completion (dynamic)": 1,
    }


@pytest.mark.parametrize(
    ("pricing", "expected"),
    [
        (
            '"prompt": "0.0000025", "image": "0.003613"',
            [("input", "0.0000025", None), ("input_image_count", "0.003613", None)],
        ),
        (
            '"image": "0.00000250", "prompt": "0.0000025"',  # the price of a token again
            [("input", "0.0000025", None), ("input_image", "0.00000250", None)],
        ),
        ('"image": "0.01"', [("input_image_count", "0.01", None)]),
        (
            '"prompt": "-1", "image": "0.01", "image_token": "0.02"',
            [("input_image", "0.02", None), ("input_image_count", "0.01", None)],
        ),
        (
            '"prompt": "1", "image": "1", "overrides": [{"min_prompt_tokens": 9, "image": "2"}]',
            [("input", "1", None), ("input_image", "1", None), ("input_image", "2", 9)],
        ),
        (
            '"prompt": "1", "overrides": [{"min_prompt_tokens": 9, "prompt": "2", "image": "2"}]',
            [("input", "1", None), ("input", "2", 9), ("input_image", "2", 9)],
        ),
        (
            '"prompt": "1", "overrides": [{"min_prompt_tokens": 9, "image": "3"}]',
            [("input", "1", None), ("input_image_count", "3", 9)],
        ),
    ],
)
def test_openrouter_an_image_costs_what_a_token_does_or_is_one_picture(
    pricing: str, expected: list[tuple[Any, ...]]
) -> None:
    text = f'{{"data": [{{"id": "m", "pricing": {{{pricing}}}}}]}}'
    (found,) = catalogues.parse("openrouter", text).models
    assert rows(found, "meter", "price", "context_threshold") == expected


def openrouter(pricing: str, key: str = "m") -> FeedModel:
    text = f'{{"data": [{{"id": "{key}", "pricing": {{{pricing}}}}}]}}'
    (found,) = catalogues.parse("openrouter", text).models
    return found


@pytest.mark.parametrize(
    ("pricing", "expected"),
    [
        (
            '"prompt": "2", "completion": "8", "internal_reasoning": "0", "audio": "0", "image": "0"',
            [("input", "2"), ("output", "8")],
        ),
        (
            '"prompt": "2", "completion": "0", "internal_reasoning": "0", "audio": "0.0"',
            [("input", "2"), ("output", "0"), ("reasoning", "0")],
        ),
        (
            '"prompt": "2", "input_cache_read": "0", "input_cache_write": 0, "audio": "0.1"',
            [("input", "2"), ("input_audio", "0.1")],
        ),
        # A price that depends on the route is one too.
        ('"completion": "-1", "internal_reasoning": "0"', []),
        ('"internal_reasoning": "0"', [("reasoning", "0")]),
        # Nothing is a part of a search or a request.
        (
            '"prompt": "2", "request": "0", "web_search": "0"',
            [("input", "2"), ("request", "0"), ("web_search", "0")],
        ),
        # In an override the parent is that of the override, else the plain one.
        (
            '"prompt": "0", "overrides": [{"min_prompt_tokens": 9, "prompt": "2", "audio": "0"}]',
            [("input", "0"), ("input", "2")],
        ),
        (
            '"prompt": "2", "overrides": [{"min_prompt_tokens": 9, "completion": "3", "audio": "0"}]',
            [("input", "2"), ("output", "3")],
        ),
    ],
)
def test_openrouter_a_zero_beside_the_price_of_the_whole_is_no_price(
    pricing: str, expected: list[tuple[str, str]]
) -> None:
    found = openrouter(pricing)
    assert rows(found, "meter", "price") == expected
    assert found.values == len(found.prices) + len(found.unmapped)


def test_openrouter_free_models_stay_free() -> None:
    found = openrouter(
        '"prompt": "0", "completion": "0", "internal_reasoning": "0", "audio": "0"', "m:free"
    )
    assert rows(found, "meter", "price") == [
        ("input", "0"),
        ("input_audio", "0"),
        ("output", "0"),
        ("reasoning", "0"),
    ]


def test_zeros_of_other_catalogues_are_prices() -> None:
    lite = catalogues.parse(
        "litellm", ENTRY % '1e-06, "cache_creation_input_token_cost": 0, "output_cost_per_token": 2'
    )
    assert ("cache_write", "0") in rows(lite.models[0], "meter", "price")
    genai = catalogues.parse(
        "genai-prices", GENAI % '"prices": {"input_mtok": 1, "cache_read_mtok": 0}'
    )
    assert rows(genai.models[0], "price", meter="cache_read") == [("0.000000",)]
    dev = catalogues.parse("models.dev", MODELS_DEV % '"cost": {"output": 1, "reasoning": 0}')
    assert rows(dev.models[0], "price", meter="reasoning") == [("0.000000",)]


def test_openrouter_overrides_of_hours_are_windows() -> None:
    found = openrouter(
        '"prompt": "1", "overrides": [{"utc_start": 1630, "utc_end": 30, "prompt": "2"}]'
    )
    columns = ("price", "window_start", "window_end", "window_days", "window_time_zone")
    assert rows(found, *columns) == [
        ("1", None, None, None, None),
        ("2", "16:30", "00:30", 127, "UTC"),
    ]


@pytest.mark.parametrize(
    "condition",
    [
        '"utc_start": 1000, "utc_end": 2400',
        '"utc_start": 1000, "utc_end": 1061',
        '"utc_start": "10"',
        '"min_prompt_tokens": 0',
        '"min_prompt_tokens": 5, "max_prompt_tokens": 9',
        '"weather": "rain"',
    ],
)
def test_openrouter_an_override_of_another_kind_is_unmapped(condition: str) -> None:
    text = f'"prompt": "1", "overrides": [{{{condition}, "prompt": "2"}}]'
    text = text.replace('"rain"', "5")
    found = openrouter(text)
    assert rows(found, "meter", "price") == [("input", "1")]
    assert "overrides.input" in found.unmapped


def test_a_bare_name_is_an_alias_only_where_it_is_unique() -> None:
    text = json.dumps(
        {
            "a/one": {"litellm_provider": "a"},
            "b/one": {"litellm_provider": "b"},
            "b/two": {"litellm_provider": "b"},
            "three": {"litellm_provider": "c"},
            "b/three": {"litellm_provider": "b"},
        }
    )
    assert [model.aliases for model in catalogues.parse("litellm", text).models] == [
        ("a/one",),
        ("b/one",),
        ("b/two", "two"),
        ("three",),
        ("b/three",),
    ]


def test_a_name_that_a_left_out_model_has_too_is_no_alias() -> None:
    text = json.dumps(
        {
            "a/one": {"litellm_provider": "a"},
            "b/one": {"litellm_provider": "b", "input_cost_per_token": "soon"},
        }
    )
    found = catalogues.parse("litellm", text)
    assert [model.aliases for model in found.models] == [("a/one",)]
    assert list(found.unread) == [("b", "one")]


def test_every_digit_of_a_float_is_kept() -> None:
    text = '{"m": {"litellm_provider": "p", "input_cost_per_token": 3.333333333333333333e-07}}'
    (price,) = catalogues.parse("litellm", text).models[0].prices
    assert price.price == Decimal("3.333333333333333333e-07")
    assert price.to_json()["price"] == "0.0000003333333333333333333"


ENTRY = '{"m": {"litellm_provider": "p", "input_cost_per_token": %s}}'
OTHER = '{"m": {"litellm_provider": "p", %s}}'
OFF_PEAK = OTHER % '"off_peak_pricing": {"input_cost_per_token": %s, "hours_utc": "soon"}'
TIERED = OTHER % '"tiered_pricing": [{"range": %s, "input_cost_per_token": %s}]'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ('{"m": {"litellm_provider": "p", "input_cost', "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "not a JSON object"),
        ('{"m": 5}', "not a JSON object"),
        (ENTRY % "NaN", "NaN"),
        (ENTRY % "-Infinity", "Infinity"),
        (ENTRY % "-1", 'not a price from 0 to below a million: "-1"'),
        (ENTRY % "1e6", "not a price"),
        (ENTRY % "1e99999999999999999999", '"1e99999999999999999999", which is no amount'),
        (ENTRY % "1e-99999999999999999999", "which is no amount"),
        (ENTRY % "0e99999999999", "too many digits"),
        (ENTRY % '"1e-6"', "not a number"),
        (ENTRY % "true", "not a number"),
        (ENTRY % '1, "input_cost_per_token": 2', 'says two things of "input_cost_per_token"'),
        (ENTRY % ("9" * 5000), "which is no amount"),
        ('{"%s": {"litellm_provider": "p"}}' % ("m" * 10_000_000), "10,000,000 characters long"),
        (r'{"a/x\ud800": {"litellm_provider": "p"}}', r'no database can keep: "a/x\ud800"'),
        (r'{"m": {"litellm_provider": "p\u0000"}}', r'no database can keep: "p\x00"'),
        (r'{"m": {"litellm_provider": "p", "cost_\udfff": 1}}', "no database can keep"),
        (b'{"a/x\xed\xa0\x80": {"litellm_provider": "p"}}', "no database can keep"),
        (OTHER % ('"costs": ' + "[" * 970 + "]" * 970), "nested too deeply"),
        ('{"m": {"input_cost_per_token": 1}}', "no provider"),
        (OTHER % '"tiered_pricing": [{"range": "all"}]', "not a JSON array"),
        (TIERED % ("[0, 1e99999999]", 1), "not two numbers from 0 to 1,000,000,000,000"),
        (TIERED % ("[-1, 5]", 1), "not two numbers"),
        (TIERED % ("[0, true]", 1), "not two numbers"),
        (TIERED % ("[5, 9]", '"0.1"'), 'not a number: "0.1"'),
        (OTHER % '"off_peak_pricing": {"windows": 5}', 'windows of "m" is not a JSON array'),
        (OTHER % '"off_peak_pricing": {"windows": [5]}', "not a JSON object"),
        (OTHER % '"off_peak_pricing": {"hours_utc": 5}', 'hours_utc of "m" is not a JSON array'),
        (OTHER % '"off_peak_pricing": {"windows": [{"hours_utc": 5}]}', "not a JSON array"),
        (OFF_PEAK % '"0.1"', 'not a number: "0.1"'),
        (ENTRY % '["0.1"]', "not a number"),
        (ENTRY % '{"usd": "3"}', "not a number"),
        (OTHER % '"output_cost_per_token_above_200k_tokens_batches": [1]', "not a number"),
        (OTHER % '"output_cost_per_image": {"usd": 3}', "not a number"),
        (OTHER % '"provider_specific_entry": {"us": "1.1"}', 'not a number: "1.1"'),
    ],
)
def test_a_bad_feed_is_one_clear_error(text: str | bytes, says: str) -> None:
    with pytest.raises(FeedError) as caught:
        catalogues.parse("litellm", text)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("costs", "unmapped"),
    [
        (
            '"cost_of_the_moon": {"usd": "3", "eur": 2.5, "of": "level-2 cheese"}',
            {"cost_of_the_moon": 2},
        ),
        ('"fee_of_the_moon": "3 USD"', {"fee_of_the_moon": 1}),
        ('"free_moons": ["5", [true, null]]', {"free_moons": 1}),
        (
            '"off_peak_pricing": {"input_cost_per_token": 1, "hours_utc": "soon"}',
            {"off_peak_pricing": 1},
        ),
        (
            '"off_peak_pricing": {"windows": [{"hours_utc": "01:00-02:00", "input_cost_per_token": 1}]}',
            {"off_peak_pricing.windows": 1},
        ),
        (
            '"tiered_pricing": [{"range": [5, 9], "input_cost_per_token": 1}]',
            {"tiered_pricing": 1},
        ),
        ('"input_cost_per_token_above_%s_tokens": 1' % ("9" * 5000), None),
    ],
)
def test_litellm_what_may_be_money_is_counted(costs: str, unmapped: dict[str, int] | None) -> None:
    found = catalogues.parse("litellm", OTHER % costs)
    assert found.price_count == 0
    assert found.values == found.unmapped.total()
    assert unmapped in (None, dict(found.unmapped))
    assert found.values > 0


def test_a_name_may_hold_any_letter() -> None:
    text = r'{"\ud83c\udf29/x": {"litellm_provider": "p"}}'
    assert catalogues.parse("litellm", text).models[0].names == ("\N{CLOUD WITH LIGHTNING}/x",)


@pytest.mark.parametrize("name", [r"a/x\ud800", r"a\u0000"])
def test_a_short_name_that_cannot_be_kept_is_a_clear_error(name: str) -> None:
    text = f'{{"data": [{{"id": "a/b", "pricing": {{}}, "canonical_slug": "{name}"}}]}}'
    with pytest.raises(FeedError, match="no database can keep"):
        catalogues.parse("openrouter", text)


@pytest.mark.parametrize("source", ["genai-prices", "models.dev", "openrouter"])
@pytest.mark.parametrize(
    "text",
    ["", "5", "{}", "[]", '{"data": [5]}', '[{"id": "p"}]', '{"p": {"models": []}}', '[{"id": 5}]'],
)
def test_other_shapes_are_clear_errors_too(source: str, text: str) -> None:
    empty = {"genai-prices": "[]", "models.dev": "{}"}
    if empty.get(source) == text:
        assert catalogues.parse(source, text).models == ()
        return
    with pytest.raises(FeedError):
        catalogues.parse(source, text)


GENAI = '[{"id": "p", "name": "P", "models": [{"id": "m", %s}]}]'
GENAI_WHEN = GENAI % '"prices": [{"constraint": %s, "prices": {"input_mtok": 1}}]'
MODELS_DEV = '{"p": {"models": {"m": {%s}}}}'
OPENROUTER = '{"data": [{"id": "m", "pricing": {}, %s}]}'


@pytest.mark.parametrize(
    ("source", "text", "says"),
    [
        ("genai-prices", GENAI_WHEN % '{"start_time": 1, "end_time": "01:00"}', "nor hours"),
        ("genai-prices", GENAI_WHEN % '{"start_time": "01:00", "end_time": null}', "nor hours"),
        ("genai-prices", GENAI_WHEN % '{"start_date": 1}', "nor hours"),
        ("genai-prices", GENAI % '"prices": {}, "match": {"or": true}', 'or of "m" is not'),
        ("models.dev", MODELS_DEV % '"modalities": {"input": 5}', 'input of "p/m" is not'),
        ("models.dev", MODELS_DEV % '"modalities": {"output": [[]]}', "not an array of texts"),
        ("openrouter", OPENROUTER % '"supported_parameters": 5', "not a JSON array"),
        ("openrouter", OPENROUTER % '"supported_parameters": [["tools"]]', "not an array of texts"),
        ("openrouter", OPENROUTER % '"architecture": {"input_modalities": 5}', "not a JSON array"),
        ("openrouter", OPENROUTER % '"architecture": {"output_modalities": [1]}', "array of texts"),
    ],
)
def test_parts_of_another_shape_are_clear_errors(source: str, text: str, says: str) -> None:
    with pytest.raises(FeedError, match=says):
        catalogues.parse(source, text)


# ------------------------------------------------------------------ one bad entry

GOOD = '"good": {"litellm_provider": "p", "input_cost_per_token": 2}'
BAD: dict[
    str, tuple[str, str, str]
] = {  # what → the entry beside the good one, the kind, what is said
    "shape": ('"m": 5', "shape", "not a JSON object"),
    "NaN": ('"m": {"litellm_provider": "p", "input_cost_per_token": NaN}', "amount", '"NaN"'),
    "too dear": ('"m": {"litellm_provider": "p", "input_cost_per_token": 1e6}', "amount", '"1E+6"'),
    "negative": ('"m": {"litellm_provider": "p", "input_cost_per_token": -1}', "amount", '"-1"'),
    "text": ('"m": {"litellm_provider": "p", "input_cost_per_token": "1"}', "amount", "a number"),
    "digits": (
        '"m": {"litellm_provider": "p", "file_search_cost_per_1k_calls": 1e-59}',
        "bounds",
        "too many digits",
    ),
    "an endless integer": (
        f'"m": {{"litellm_provider": "p", "max_tokens": {"9" * 5000}}}',
        "amount",
        "no amount",
    ),
    "another price again": (
        '"m": {"litellm_provider": "p", "input_cost_per_token": 1, "input_cost_per_token": 2}',
        "contradiction",
        "two things",
    ),
    "another price in another entry": (
        '"m": {"litellm_provider": "p", "input_cost_per_token": 1},'
        ' "m": {"litellm_provider": "p", "input_cost_per_token": 2}',
        "contradiction",
        "twice, with other prices",
    ),
    "a name too long": (f'"{"m" * 256}": {{"litellm_provider": "p"}}', "name", "256 characters"),
    "a name and its provider too long": (
        f'"{"m" * 250}": {{"litellm_provider": "p"}}',
        "name",
        "too long with the name of its source",
    ),
    "no name": ('"  ": {"litellm_provider": "p"}', "name", "not a name"),
    "half a letter": (r'"m\ud800": {"litellm_provider": "p"}', "text", r"m\ud800"),
    "NUL": (r'"m": {"litellm_provider": "p", "source": "\u0000"}', "text", r"\x00"),
    "no provider": ('"m": {"input_cost_per_token": 1}', "provider", "no provider"),
    "a provider that is no key": ('"m": {"litellm_provider": "No Key"}', "provider", "No Key"),
    "a provider like an id": (
        '"m": {"litellm_provider": "01234567-89ab-cdef-0123-4"}',
        "provider",
        "01234567",
    ),
    "a mode too long": (
        f'"m": {{"litellm_provider": "p", "mode": "{"m" * 101}"}}',
        "bounds",
        "task",
    ),
    "a capability too long": (
        f'"m": {{"litellm_provider": "p", "supports_{"m" * 256}": true}}',
        "name",
        "256 characters",
    ),
    "from no token on": (
        '"m": {"litellm_provider": "p", "input_cost_per_token_above_0_tokens": 1}',
        "bounds",
        "no number of tokens",
    ),
    "too many windows": (
        '"m": {"litellm_provider": "p", "off_peak_pricing": {"input_cost_per_token": 1, "hours_utc": ['
        + ", ".join(f'"0{hour}:00-0{hour}:30"' for hour in range(7))
        + "]}}",
        "bounds",
        "7 daily windows",
    ),
    "too deep": (
        '"m": {"litellm_provider": "p", "costs": ' + "[" * 800 + "]" * 800 + "}",
        "shape",
        "nested too deeply",
    ),
}


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("order", ["before", "after"])
def test_a_bad_entry_is_left_out_and_named(what: str, order: str) -> None:
    entry, kind, says = BAD[what]
    pair = [entry, GOOD] if order == "before" else [GOOD, entry]
    text = f"{{{', '.join(pair)}}}"
    found = catalogues.parse("litellm", text)
    assert [model.provider_model_key for model in found.models] == ["good"]
    (flaw,) = found.left_out
    assert flaw.kind == kind
    assert says in flaw.reason
    assert len(flaw.reason) < 300
    with pytest.raises(FeedError) as caught:
        catalogues.parse("litellm", text, strict=True)
    assert flaw.reason in str(caught.value)


@pytest.mark.parametrize(
    ("source", "text", "left_out", "kind"),
    [
        (
            "models.dev",
            '{"p": {"models": {"good": {}, "m": {"cost": {"input": -1}}}}}',
            "p/m",
            "amount",
        ),
        ("models.dev", '{"p": {"models": {"good": {}}}, "q": {"models": []}}', "q", "shape"),
        (
            "models.dev",
            '{"p": {"models": {"good": {}}}, "No": {"models": {"m": {}}}}',
            "No/m",
            "provider",
        ),
        (
            "models.dev",
            '{"p": {"models": {"good": {}}}, "q": {"models": {"a": {}}, "models": {"b": {}}}}',
            "q",
            "contradiction",
        ),
        (
            "models.dev",
            '{"p": {"models": {"good": {}, "m": {"modalities": {"input": [1]}}}}}',
            "p/m",
            "shape",
        ),
        (
            "models.dev",
            '{"p": {"models": {"good": {}, "m": {"cost": {"tiers": [{"input": 1, "tier": {"size": 9}},'
            ' {"input": 2, "tier": {"size": 9}}]}}}}}',
            "p/m",
            "contradiction",
        ),
        (
            "openrouter",
            '{"data": [{"id": "good", "pricing": {}}, {"id": "m", "pricing": {"prompt": "x"}}]}',
            "m",
            "amount",
        ),
        ("openrouter", '{"data": [{"id": "good", "pricing": {}}, 5]}', "number 2", "shape"),
        ("openrouter", '{"data": [{"id": "good", "pricing": {}}, {"id": "m"}]}', "m", "shape"),
        (
            "genai-prices",
            '[{"id": "p", "models": [{"id": "good", "prices": {}}, {"id": "m", "prices": '
            '[{"constraint": {"start_date": "2026-02-30"}, "prices": {"input_mtok": 1}}]}]}]',
            "p/m",
            "date",
        ),
        (
            "genai-prices",
            '[{"id": "p", "models": [{"id": "good", "prices": {}}, {"prices": {}}]}]',
            "p/number 2",
            "name",
        ),
        (
            "genai-prices",
            '[{"id": "p", "models": [{"id": "good", "prices": {}}]}, {"id": "q"}]',
            "q",
            "shape",
        ),
    ],
)
def test_so_it_is_in_every_catalogue(source: str, text: str, left_out: str, kind: str) -> None:
    found = catalogues.parse(source, text)
    assert [model.provider_model_key for model in found.models] == ["good"]
    assert [(flaw.entry, flaw.kind) for flaw in found.left_out] == [(left_out, kind)]
    with pytest.raises(FeedError):
        catalogues.parse(source, text, strict=True)


@pytest.mark.parametrize(
    ("source", "text", "mended"),
    [
        (
            "models.dev",
            '{"p": {"name": " P", "models": {" m": {"name": "M "}}}}',
            [("p/ m", "blanks"), ("p/ m", "blanks"), ("p", "blanks")],
        ),
        (
            "openrouter",
            '{"data": [{"id": "m ", "name": " M", "pricing": {}}]}',
            [("m ", "blanks")] * 2,
        ),
        (
            "genai-prices",
            r'[{"id": "p", "models": [{"id": "m", "name": "M\t", "prices": {}}]}]',
            [("p/m", "blanks")],
        ),
        ("litellm", '{" p/m": {"litellm_provider": "p "}}', [(" p/m", "blanks")] * 2),
        (
            "litellm",
            '{"p/m": {"litellm_provider": "p", "deprecation_date": "2026-02-30"}}',
            [("p/m", "detail")],
        ),
        (
            "models.dev",
            '{"p": {"name": 5, "models": {"m": {"release_date": "2026-05", "family": "%s"}}}}'
            % ("f" * 256),
            [("p/m", "detail"), ("p", "detail")],
        ),
        (
            "openrouter",
            '{"data": [{"id": "m", "pricing": {}, "description": "%s"}]}' % ("d" * 10_001),
            [("m", "detail")],
        ),
        (
            "openrouter",
            '{"data": [{"id": "m", "pricing": {}}, {"id": "m ", "pricing": {}}]}',
            [("m ", "blanks"), ("m ", "twice")],
        ),
        (
            "litellm",
            '{"p/m": {"litellm_provider": "p", "input_cost_per_token": 1, "input_cost_per_token": 1.0}}',
            [("p/m", "twice")],
        ),
    ],
)
def test_what_is_cosmetic_is_mended(source: str, text: str, mended: list[tuple[str, str]]) -> None:
    found = catalogues.parse(source, text)
    (only,) = found.models
    assert only.provider_model_key == "m"
    assert only.name in ("m", "M")
    assert [(flaw.entry, flaw.kind) for flaw in found.mended] == mended
    assert found.left_out == ()
    with pytest.raises(FeedError):
        catalogues.parse(source, text, strict=True)


def test_entries_of_one_name_with_equal_money_are_one() -> None:
    entry = '"lab/one": {"litellm_provider": "lab", "input_cost_per_token": %s, %s}'
    text = f"{{{entry % ('1e-06', chr(34) + 'supports_reasoning' + chr(34) + ': true')}, "
    text += f"{entry % ('0.000001', chr(34) + 'max_tokens' + chr(34) + ': 9')}}}"
    found = catalogues.parse("litellm", text)
    (one,) = found.models
    assert rows(one, "meter", "price") == [("input", "0.000001")]
    assert (one.attributes["supports"], one.attributes["context_window"]) == (["reasoning"], 9)
    assert flaws(found.mended) == {
        ("lab/one", "twice"): 'The entry "lab/one" is in the catalogue 2 times'
    }


def test_a_zero_may_have_a_sign() -> None:
    (price,) = catalogues.parse("litellm", ENTRY % "-0.0").models[0].prices
    assert price.to_json()["price"] == "0.0"


def test_keys_that_the_database_could_not_name_are_shortened() -> None:
    text = OTHER % f'" cost_of_{"x" * 300} ": 1, "cost of x ": 2'
    found = catalogues.parse("litellm", text)
    assert {len(key) for key in found.unmapped} == {255, 9}
    assert found.unmapped["cost of x"] == 1


# ------------------------------------------------------------------ the command


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]
VARIABLES = (
    *("RATEBOOK_URL", "RATEBOOK_KEY", "RATEBOOK_SERVICE_KEY"),
    *("SUPABASE_URL", "SUPABASE_KEY", "SUPABASE_ANON_KEY", "SUPABASE_SERVICE_ROLE_KEY"),
)


@pytest.fixture
def run(
    ratebook_stack: Any,
    db: Connection,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Iterator[Run]:
    """Runs `ratebook ARGUMENTS` as the service role of the running stack. What it imports is deleted afterwards."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RATEBOOK_URL", ratebook_stack.url)
    monkeypatch.setenv("RATEBOOK_KEY", ratebook_stack.anon_key)
    monkeypatch.setenv("RATEBOOK_SERVICE_KEY", ratebook_stack.service_key)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["ratebook", *arguments])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return Result(code, printed.out, printed.err)

    yield run
    db.execute(
        """
        with gone as (
          update ai.models set deleted_at = now(), is_active = false, metadata = '{}', provider_model_key = null
          where metadata ? 'catalogue'
          returning id
        )
        delete from ai.model_aliases where model_id in (select id from gone)
        """
    )


@pytest.fixture
def catalogue(tmp_path: Path) -> Callable[[dict[str, Any]], str]:
    """Writes a catalogue in LiteLLM's form, of a provider that no other test has, and gives its path."""
    provider = f"p{uuid4().hex}"

    def write(costs: dict[str, Any]) -> str:
        path = tmp_path / "catalogue.json"
        path.write_text(
            json.dumps({f"{provider}/m": {"litellm_provider": provider, "mode": "chat", **costs}})
        )
        return str(path)

    return write


def words(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_an_import_is_a_table_and_twice_is_nothing(
    run: Run, catalogue: Callable[[dict[str, Any]], str], db: Connection
) -> None:
    file = catalogue(
        {"input_cost_per_token": 2e-06, "fee_of_the_moon": 3, "output_cost_per_token": 1}
    )
    done = run("import", "litellm", file)
    assert (done.code, done.err) == (0, "")
    assert words(done.out) == [
        ["added", "changed", "unchanged", "gone", "taken"],
        ["providers", "1"],
        ["models", "1", "0", "0", "0"],
        ["aliases", "1", "0", "0"],
        ["prices", "2", "0", "0", "0"],
        ["2", "of", "3", "amounts", "are", "mapped", "(66.67%)."],
        ["not", "mapped", "amounts"],
        ["fee_of_the_moon", "1"],
    ]
    again = run("import", "litellm", file, "--json")
    report = json.loads(again.out)
    assert report["prices"] == {"added": 0, "changed": 0, "unchanged": 2, "withdrawn": 0}
    assert report["models"]["unchanged"] == 1
    assert report["unmapped"] == {"fee_of_the_moon": 1}
    assert run("import", "litellm", file).out.startswith("litellm says what is here already.\n")


def test_a_dry_run_shows_the_difference_and_writes_nothing(
    run: Run, catalogue: Callable[[dict[str, Any]], str], db: Connection
) -> None:
    file = catalogue({"input_cost_per_token": 2e-06})
    done = run("import", "litellm", file, "--dry-run")
    assert done.code == 0
    assert done.out.startswith("Nothing was written; this is what the import would do.\n")
    assert ["prices", "1", "0", "0", "0"] in words(done.out)
    row = db.execute("select count(*) as n from ai.models where metadata ? 'catalogue'").fetchone()
    assert row == {"n": 0}


def test_a_catalogue_comes_through_standard_input_and_may_start_later(
    run: Run,
    catalogue: Callable[[dict[str, Any]], str],
    db: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = Path(catalogue({"input_cost_per_token": 2e-06})).read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert run("import", "litellm", "-", "--starts-at", "2025-06-01").code == 0
    (name,) = json.loads(text)
    prices = json.loads(run("prices", name, "--json").out)
    assert [(price["price_per_unit"], price["effective_from"]) for price in prices] == [
        ("0.000002", "2025-06-01T00:00:00+00:00")
    ]


@pytest.mark.parametrize("source", ["genai-prices", "models.dev", "openrouter"])
def test_every_source_is_taken(run: Run, source: str) -> None:
    name = source.replace("-", "_").replace(".", "_")
    done = run("import", source, str(FEEDS / f"{name}.json"))
    assert (done.code, done.err) == (0, "")


def test_a_bad_entry_does_not_hold_up_the_others(run: Run, tmp_path: Path, db: Connection) -> None:
    provider = f"p{uuid4().hex}"
    path = tmp_path / "catalogue.json"
    path.write_text(
        json.dumps(
            {
                f"{provider}/good": {"litellm_provider": provider, "input_cost_per_token": 2e-06},
                f" {provider}/mended": {"litellm_provider": provider},
                "bad": {"litellm_provider": "No Key"},
                f"{provider}/dear": {"litellm_provider": provider, "input_cost_per_token": 1e9},
            }
        )
    )
    strict = run("import", "litellm", str(path), "--strict")
    assert (strict.code, strict.out) == (1, "")
    assert strict.err.startswith("error: bad: The provider of ")
    assert strict.err.endswith(" (and 2 more)\n")
    row = db.execute("select count(*) as n from ai.providers where key = %s", [provider]).fetchone()
    assert row == {"n": 0}

    done = run("import", "litellm", str(path))
    assert (done.code, done.err) == (0, "")
    assert ["models", "2", "0", "0", "0"] in words(done.out)
    lines = [line.strip() for line in done.out.splitlines()]
    assert any(line.startswith(f"{provider}/mended") and "blanks" in line for line in lines)
    assert any(line.startswith("bad") and "lower-case key" in line for line in lines)
    assert any(line.startswith(f"{provider}/dear") and "below a million" in line for line in lines)

    report = json.loads(run("import", "litellm", str(path), "--json").out)
    assert [flaw["kind"] for flaw in report["left_out"]] == ["provider", "amount"]
    assert [(flaw["entry"], flaw["kind"]) for flaw in report["mended"]] == [
        (f" {provider}/mended", "blanks")
    ]


def test_a_model_that_is_left_out_is_not_gone(
    run: Run, catalogue: Callable[[dict[str, Any]], str], db: Connection
) -> None:
    file = catalogue({"input_cost_per_token": 2e-06})
    (name,) = json.loads(Path(file).read_text())
    assert run("import", "litellm", file).code == 0
    bad = json.loads(Path(file).read_text())
    bad[name]["input_cost_per_token"] = "soon"
    bad[f"{name}-2"] = {**bad[name], "input_cost_per_token": 1}
    Path(file).write_text(json.dumps(bad))
    report = json.loads(run("import", "litellm", file, "--json").out)
    assert [(flaw["entry"], flaw["kind"]) for flaw in report["left_out"]] == [(name, "amount")]
    assert (report["models"]["added"], report["models"]["removed"]) == (1, 0)
    assert report["prices"]["withdrawn"] == 0
    quote = json.loads(run("quote", name, "input=1", "--json").out)
    assert Decimal(quote["cost"]) == Decimal("0.000002")


def test_a_name_leads_to_the_provider_that_the_newest_file_says(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.json"
    name = f"gemini/{uuid4().hex}"
    prices = {"input_cost_per_token": 3e-07, "output_cost_per_token": 2.5e-06}
    for provider in ("vertex_ai-language-models", "gemini"):
        path.write_text(json.dumps({name: {"litellm_provider": provider, **prices}}))
        assert run("import", "litellm", str(path)).code == 0
    quote = json.loads(run("quote", name, "input=1000000", "output=1000000", "--json").out)
    assert (quote["model"], Decimal(quote["cost"])) == (f"google/{name[7:]}", Decimal("2.8"))


def test_what_the_database_keeps_back_is_in_the_table(run: Run, tmp_path: Path) -> None:
    provider = f"p{uuid4().hex}"
    path = tmp_path / "catalogue.json"
    entries: dict[str, Any] = {
        f"{provider}/{name}": {"litellm_provider": provider, "input_cost_per_token": 1e-06}
        for name in ("a", "b", "c")
    }
    entries["gpt-4o"] = {"litellm_provider": provider, "input_cost_per_token": 1e-06}
    path.write_text(json.dumps(entries))
    done = run("import", "litellm", str(path))
    assert ["name", "taken", "means"] in words(done.out)
    assert ["gpt-4o", "gpt-4o,", "not", f"{provider}/gpt-4o"] in words(done.out)
    entries[f"{provider}/a"]["input_cost_per_token"] = 1e-04
    entries[f"{provider}/d"] = {"litellm_provider": provider, "input_cost_per_token": 0.27}
    path.write_text(json.dumps(entries))
    done = run("import", "litellm", str(path))
    assert [f"{provider}/a", "input:", "0.0001,", "0.000001", "stays"] in words(done.out)
    (odd,) = [line for line in words(done.out) if line[:1] == [f"{provider}/d"]]
    assert odd[1:3] == ["input:", "0.27,"]
    assert odd[-4:] == ["0.000001", "in", "the", "middle"]


def test_a_long_list_is_cut(run: Run, tmp_path: Path) -> None:
    provider = f"p{uuid4().hex}"
    entries = {f"{provider}/{n:02} ": {"litellm_provider": provider} for n in range(25)}
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps(entries))
    done = run("import", "litellm", str(path), "--dry-run")
    assert done.out.count("blanks around it") == 20
    assert "… and 5 more; --json names them all." in done.out


CASES = {
    "openrouter": """{"data": [{"id": "lab/thinker-1", "name": "Lab: Thinker 1", "pricing": {
      "prompt": "0.000002", "completion": "0.000008", "request": "0", "image": "0", "web_search": "0",
      "internal_reasoning": "0"}}]}""",
    "litellm": KIMI,
}


@pytest.mark.parametrize(
    ("source", "arguments", "cost"),
    [
        # 100 × 0.000002 + 5,000 × 0.000008
        (
            "openrouter",
            ["lab/thinker-1", "input=100", "output=200", "reasoning=4800"],
            "0.0402",
        ),
        ("litellm", ["lab/kimi", "input=1000000", "output=1000000", "--service-tier=batch"], "1.8"),
        ("litellm", ["kimi", "input=1000000", "output=1000000", "--service-tier=priority"], "6.3"),
    ],
)
def test_what_an_import_makes_of_a_price(
    run: Run, tmp_path: Path, source: str, arguments: list[str], cost: str
) -> None:
    path = tmp_path / "catalogue.json"
    path.write_text(CASES[source])
    assert run("import", source, str(path)).code == 0
    quote = json.loads(run("quote", *arguments, "--json").out)
    assert Decimal(quote["cost"]) == Decimal(cost)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"m": {', "error: The catalogue is not JSON: "),
        (
            r'{"a/x\ud800": {"litellm_provider": "p"}}',
            "error: No entry of the catalogue can be read",
        ),
    ],
)
def test_a_bad_file_is_one_sentence(run: Run, tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    done = run("import", "litellm", str(path))
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(says)
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-source", "x.json"],
        ["litellm", "no-such-file.json"],
        ["models.dev"],
        ["litellm", "x.json", "--starts-at", "soon"],
    ],
)
def test_a_mistake_of_the_user_has_exit_code_2(run: Run, arguments: list[str]) -> None:
    done = run("import", *arguments)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err


def test_the_anon_key_does_not_import(
    run: Run, catalogue: Callable[[dict[str, Any]], str], ratebook_stack: Any
) -> None:
    file = catalogue({"input_cost_per_token": 2e-06})
    done = run("import", "litellm", file, "--key", ratebook_stack.anon_key)
    assert done.code == 1
    assert done.err.endswith("Use the service key or an admin's token.\n")


def test_an_admin_imports_with_a_token_of_their_own(
    run: Run,
    catalogue: Callable[[dict[str, Any]], str],
    ratebook_stack: Any,
    new_user: Callable[..., UUID],
) -> None:
    token = ratebook_stack.token("authenticated", str(new_user("admin")))
    done = run("import", "litellm", catalogue({"input_cost_per_token": 2e-06}), "--key", token)
    assert (done.code, done.err) == (0, "")
    refused = ratebook_stack.token("authenticated", str(new_user()))
    done = run("import", "litellm", catalogue({"input_cost_per_token": 2e-06}), "--key", refused)
    assert done.code == 1
    assert "This is for admins and the service role. (42501)" in done.err


def test_an_odd_price_waits_until_its_name_is_accepted(
    run: Run, catalogue: Callable[[dict[str, Any]], str]
) -> None:
    usual = catalogue({"input_cost_per_token": 2e-06})
    (name,) = json.loads(Path(usual).read_bytes())
    assert run("import", "litellm", usual).code == 0
    dear = catalogue({"input_cost_per_token": 0.27})
    report = json.loads(run("import", "litellm", dear, "--json", "--accept", "another").out)
    assert [(row["model"], row["price"], row["in_force"]) for row in report["held"]] == [
        (name, "0.27", "0.000002")
    ]
    done = run("import", "litellm", dear, "--accept", "another", "--accept", name)
    assert ["prices", "0", "1", "0", "0"] in words(done.out)
    (price,) = json.loads(run("prices", name, "--json").out)
    assert price["price_per_unit"] == "0.27"


def test_a_corrected_provider_takes_the_name_along(run: Run, tmp_path: Path) -> None:
    word = f"pic-{uuid4().hex[:12]}"
    file = tmp_path / "corrected.json"
    models = []
    for provider in ("vertex_ai-language-models", "gemini"):
        costs = {"input_cost_per_token": 3e-07, "output_cost_per_token": 2.5e-06}
        file.write_text(json.dumps({f"gemini/{word}": {"litellm_provider": provider, **costs}}))
        assert run("import", "litellm", str(file)).code == 0
        prices = json.loads(run("prices", f"gemini/{word}", "--json").out)
        assert [price["price_per_unit"] for price in prices] == ["0.0000003", "0.0000025"]
        models.append(prices[0]["model_id"])
    assert models[0] != models[1]
    # By every name it ever had.
    for name in (f"google/{word}", word, f"vertex_ai/gemini/{word}"):
        (price, _) = json.loads(run("prices", name, "--json").out)
        assert price["model_id"] == models[1]


def test_a_correction_outlives_the_next_import(
    run: Run, catalogue: Callable[[dict[str, Any]], str]
) -> None:
    file = catalogue({"input_cost_per_token": 0.135, "output_cost_per_token": 0.54})
    (name,) = json.loads(Path(file).read_bytes())
    assert run("import", "litellm", file).code == 0
    assert run("admin", "price", name, "input", "1.35e-6").out == "Done.\n"
    report = json.loads(run("import", "litellm", file, "--json").out)
    assert [(row["meter"], row["price"], row["in_force"]) for row in report["pinned"]] == [
        ("input", "0.135", "0.00000135")
    ]
    done = run("import", "litellm", file)
    assert not done.out.startswith("litellm says what is here already.")
    assert run("admin", "unpin", name, "input").out == "1 price unpinned.\n"
    # What comes back is a jump, and waits for a person too.
    report = json.loads(run("import", "litellm", file, "--json").out)
    assert [(row["reason"], row["price"]) for row in report["held"]] == [("jump", "0.135")]
