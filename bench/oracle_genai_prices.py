"""genai-prices' own calculator as an oracle: `genai_prices.calc_price`, before and after every dated price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from genai_prices import Usage, calc_price
from genai_prices.data_snapshot import get_snapshot
from genai_prices.data_units import unit_data
from genai_prices.units import UnitRegistry

from bench.agreement import Answer, Case, equal
from bench.usages import MEDIA, PLAIN, around
from ratebook.catalogues import Feed, genai_prices

REGISTRY: Final = UnitRegistry(unit_data)
NOON: Final = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EVER: Final = (datetime(2021, 6, 1, tzinfo=UTC), NOON, datetime(2031, 1, 1, tzinfo=UTC))

# Each of its counts is the sum of these meters: they include each other, Ratebook's do not.
INPUT: Final = (
    "input",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "input_audio",
    "cache_read_audio",
    "input_image",
    "cache_read_image",
    "input_video",
)
OUTPUT: Final = ("output", "reasoning", "citation", "output_audio", "output_image", "output_video")
COUNTS: Final[Mapping[str, tuple[str, ...]]] = {
    "input_tokens": INPUT,
    "output_tokens": OUTPUT,
    "cache_read_tokens": ("cache_read", "cache_read_audio", "cache_read_image"),
    "cache_write_tokens": ("cache_write", "cache_write_1h"),
    "cache_write_1h_tokens": ("cache_write_1h",),
    "input_audio_tokens": ("input_audio", "cache_read_audio"),
    "cache_audio_read_tokens": ("cache_read_audio",),
    "input_image_tokens": ("input_image", "cache_read_image"),
    "cache_image_read_tokens": ("cache_read_image",),
    "input_video_tokens": ("input_video",),
    "output_reasoning_tokens": ("reasoning",),
    "output_citation_tokens": ("citation",),
    "output_audio_tokens": ("output_audio",),
    "output_image_tokens": ("output_image",),
    "output_video_tokens": ("output_video",),
    "input_characters": ("input_character",),
    "input_audio_seconds": ("input_audio_second",),
    "output_audio_seconds": ("output_audio_second",),
    "audio_seconds": ("audio_second", "input_audio_second", "output_audio_second"),
    "input_pixels": ("input_pixel",),
    "input_document_pages": ("page", "annotated_page"),
    "input_annotated_document_pages": ("annotated_page",),
    "web_searches": ("web_search",),
    "storage_searches": ("file_search",),
    "rerank_searches": ("query",),
    "input_text_messages": ("query",),
}
# What else is asked of a model that has the price.
OTHERS: Final[Mapping[str, tuple[str, Mapping[str, int]]]] = {
    "input_audio_mtok": ("input_audio", MEDIA["input_audio"]),
    "output_audio_mtok": ("output_audio", MEDIA["output_audio"]),
    "input_image_mtok": ("input_image", MEDIA["input_image"]),
    "output_image_mtok": ("output_image", MEDIA["output_image"]),
    "input_video_mtok": ("input_video", MEDIA["input_video"]),
    "output_video_mtok": ("output_video", MEDIA["output_video"]),
    "cache_audio_read_mtok": ("cache_read_audio", MEDIA["cache_read_audio"]),
    "cache_image_read_mtok": ("cache_read_image", MEDIA["cache_read_image"]),
    "output_citation_mtok": ("citations", {"input": 100, "output": 50, "citation": 1_234}),
    "web_searches_kcount": ("web searches", {"input": 100, "output": 50, "web_search": 3}),
    "storage_searches_kcount": ("file searches", {"input": 100, "output": 50, "file_search": 7}),
    "rerank_searches_kcount": ("queries", {"query": 11}),
    "input_text_messages_kcount": ("messages", {"query": 11}),
    "input_document_kpages": ("pages", {"page": 13}),
    "input_annotated_document_kpages": ("annotated pages", {"page": 13, "annotated_page": 4}),
    "input_mchars": ("characters", {"input_character": 4_321}),
    "input_gpixels": ("pixels", {"input_pixel": 1_048_576}),
    "audio_hours": ("audio", {"audio_second": 61}),
    "input_audio_hours": ("audio", {"input_audio_second": 61}),
    "output_audio_hours": ("audio", {"output_audio_second": 61}),
}
SHORT: Final = ("audio of three seconds", {"input_audio_second": 3})


def prices_of(model: Any) -> Iterator[Any]:
    """Every set of prices that a model has, ever and in any context."""
    if isinstance(model.prices, list):
        for part in model.prices:
            yield part.prices
    else:
        yield model.prices
    for variant in model.price_variants or []:
        yield variant.prices


def constraints_of(model: Any) -> Iterator[Any]:
    parts = model.prices if isinstance(model.prices, list) else []
    for part in [*parts, *(model.price_variants or [])]:
        if part.constraint is not None:
            yield part.constraint


def moments_of(model: Any) -> list[datetime]:
    """Some times, and both sides of every one at which a price changes."""
    found = set(EVER)
    for constraint in constraints_of(model):
        if hasattr(constraint, "start_date"):
            start = datetime.combine(constraint.start_date, time(), UTC)
            found |= {start - timedelta(seconds=1), start, start + timedelta(days=1, hours=7)}
        else:
            for edge in (constraint.start_time, constraint.end_time):
                moment = datetime.combine(date(2026, 11, 18), edge)
                moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
                found |= {moment, moment - timedelta(seconds=1), moment + timedelta(seconds=1)}
    return sorted(found)


def usages_of(model: Any) -> list[tuple[str, Mapping[str, int]]]:
    """What a model is asked."""
    keys: set[str] = set()
    starts: set[int] = set()
    for prices in prices_of(model):
        for key, price in vars(prices).items():
            if price is not None:
                keys.add(key)
                starts |= {tier.start for tier in getattr(price, "tiers", ())}
    found: list[tuple[str, Mapping[str, int]]] = []
    if keys & {"input_mtok", "output_mtok"}:
        found += PLAIN.items()
        for start in sorted(starts):
            found += around(start)
    found += [asked for key, asked in OTHERS.items() if key in keys]
    if "input_audio_hours" in keys:
        found = [asked for asked in found if asked != OTHERS["audio_hours"]]
        found.append(SHORT)
    return found


def contexts_of(model: Any) -> list[tuple[dict[str, str] | None, dict[str, Any]]]:
    """What a request may be: genai-prices' context, and the same in Ratebook's words."""
    found: list[tuple[dict[str, str] | None, dict[str, Any]]] = [(None, {})]
    whens = [variant.when for variant in model.price_variants or []]
    for when in whens:
        if when in [context for context, _ in found]:
            continue
        match list(when.items()):
            case [("processing", "batch")]:
                same: dict[str, Any] = {"service_tier": "batch"}
            case [("service_tier", "default")]:
                same = {}
            case [("service_tier", "fast")] if {"service_tier": "priority"} in whens:
                same = {"service_tier": "priority"}
            case [("service_tier", "flex" | "priority" as tier)]:
                same = {"service_tier": tier}
            case [("route", str(route))]:
                same = {"region": route.rsplit("/", 1)[-1]}
            case [(_, str(variant))]:
                same = {"variant": variant}
            case _:
                continue
        found.append((when, same))
    return found


def usage_of(used: Mapping[str, int]) -> Usage:
    """The usage as genai-prices counts it."""
    return Usage(
        **{key: sum(used.get(meter, 0) for meter in meters) for key, meters in COUNTS.items()}
    )


class GenaiPrices:
    """The oracle."""

    TITLE = "genai-prices 0.2.3: calc_price"
    CLASSES: Mapping[str, str] = {
        "ten seconds at least": (
            "For two Whisper models of Groq genai-prices bills at least ten seconds of sound, a rule in "
            "its code that is in no catalogue. Ratebook bills what it is told was used: the caller counts"
            " ten seconds."
        ),
    }

    def __init__(self) -> None:
        self.snapshot = get_snapshot()
        self.models = {
            f"{provider.id}/{model.id}": (provider, model)
            for provider in self.snapshot.providers
            for model in provider.models
        }

    def feed(self) -> Feed:
        """The catalogue of the installed package."""
        return genai_prices.from_package()

    def price(self, name: str, used: Mapping[str, int], at: datetime, context: Any) -> Decimal:
        """calc_price; where it takes the name for another model's, the same calculation of this one."""
        provider, model = self.models[name]
        usage = usage_of(used)
        if self.is_found(name):
            answer = calc_price(
                usage,
                model.id,
                provider_id=provider.id,
                genai_request_timestamp=at,
                price_context=context,
            )
        else:
            answer = model.calc_price(
                usage, provider, genai_request_timestamp=at, price_context=context
            )
        return answer.total_price

    def is_found(self, name: str) -> bool:
        """Whether genai-prices finds this model by its own name."""
        provider, model = self.models[name]
        try:
            return self.snapshot.find_provider_model(model.id, None, provider.id, None)[1] is model
        except LookupError:
            return False

    def cases(self, feed: Feed, limit: int | None) -> Iterator[Case]:
        """Every model, at the times and in the contexts that change its prices."""
        for number, given in enumerate(feed.models[:limit]):
            (name,) = given.names
            _, model = self.models[name]
            usages = usages_of(model)
            for at in moments_of(model):
                for context, same in contexts_of(model):
                    for shape, used in usages:
                        label = shape if context is None else f"{_label(context)}: {shape}"
                        kind = "tokens" if used.keys() & {*INPUT, *OUTPUT} else "counted"
                        case = Case(name, number, kind, label, dict(used), at, **same)
                        try:
                            case.cost = self.price(name, used, at, context)
                        except ValueError as error:
                            case.refusal = str(error)
                        yield case

    def has_price(self, case: Case, meter: str) -> bool:
        """Whether the set of prices in force has one for a count that the meter is in."""
        _, model = self.models[case.name]
        prices = model.get_prices(case.at, self.context_of(model, case))
        return any(
            meter in COUNTS.get(unit.usage_key, ()) and getattr(prices, unit.price_key) is not None
            for unit in REGISTRY.units.values()
        )

    def context_of(self, model: Any, case: Case) -> dict[str, str] | None:
        """The context whose requests are labelled so."""
        return next(
            (
                context
                for context, _ in contexts_of(model)
                if context is not None and case.shape.startswith(f"{_label(context)}: ")
            ),
            None,
        )

    def explain(self, case: Case, answer: Answer) -> str | None:
        """Each class is proved by another calculation."""
        provider, _, model = case.name.partition("/")
        if (provider, case.usage) == ("groq", SHORT[1]) and "whisper-large-v3" in model:
            context = self.context_of(self.models[case.name][1], case)
            ten = self.price(case.name, {"input_audio_second": 10}, case.at, context)
            if case.cost == ten and equal(answer.cost * 10, ten * 3):
                return "ten seconds at least"
        return None


def _label(context: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in context.items())


ORACLE: Final = GenaiPrices()
