"""LiteLLM's cost calculators as an oracle: `litellm.cost_per_token`, and those for batches, images, video and audio."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from types import SimpleNamespace
from typing import Any, Final

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm
from litellm import cost_calculator as calculators
from litellm import get_model_info
from litellm._internal_context import pinned_billing_time
from litellm.litellm_core_utils.llm_cost_calc import utils as general
from litellm.litellm_core_utils.llm_cost_calc.tool_call_cost_tracking import (
    StandardBuiltInToolCostTracking,
)
from litellm.llms.base_llm.ocr.transformation import OCRResponse
from litellm.types.utils import (
    CacheCreationTokenDetails,
    CompletionTokensDetailsWrapper,
    ImageObject,
    ImageResponse,
    PromptTokensDetailsWrapper,
    Usage,
)

from bench.agreement import Answer, Case, equal
from bench.usages import MEDIA, PLAIN, around
from ratebook import catalogues
from ratebook.catalogues import Feed

litellm.suppress_debug_info = True
litellm.verbose_logger.setLevel(logging.CRITICAL)

NOON: Final = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
# On each side of the ends of every window in the catalogue, on working days and on both days around a weekend.
MOMENTS: Final = tuple(
    datetime(2026, 3, day, hour, minute, tzinfo=UTC)
    for day in (2, 6, 7, 8, 9)
    for hour, minute in (
        (0, 0),
        (0, 59),
        (1, 0),
        (3, 59),
        (4, 0),
        (5, 59),
        (6, 0),
        (9, 59),
        (10, 0),
        (16, 0),
        (23, 59),
    )
)
CLOCKED: Final = frozenset({None, "chat", "completion", "embedding", "responses"})
SECONDS: Final = frozenset({"cost_per_second", "input_cost_per_second", "output_cost_per_second"})
COUNTED_KEYS: Final = {
    "input_character": "input_cost_per_character",
    "input_image_count": "input_cost_per_image",
    "input_video_second": "input_cost_per_video_per_second",
    "input_audio_second": "input_cost_per_audio_per_second",
    "query": "input_cost_per_query",
}
TIERS: Final = ("flex", "balanced", "priority", "ultrafast")
SIZED: Final = re.compile(r"(?:^|/)\d+-x-\d+/")
LOST: Final = Decimal("1e-9")  # a difference of two floats has lost a few digits
SQUARE: Final = 1024 * 1024  # the size of a picture unless told
TOKEN_KEY: Final = re.compile(
    r"^(in|out)put_cost_per_((audio|image|video|reasoning)_)?token|_token_cost"
)

# How LiteLLM itself names the provider of an entry when it asks for its cost.
PROVIDERS: Final = {"bedrock_converse": "bedrock", "fireworks_ai-embedding-models": "fireworks_ai"}

INPUT: Final = {
    "input": "text_tokens",
    "input_audio": "audio_tokens",
    "input_image": "image_tokens",
    "input_video": "video_tokens",
}
OUTPUT: Final = {
    "output": "text_tokens",
    "reasoning": "reasoning_tokens",
    "output_audio": "audio_tokens",
    "output_image": "image_tokens",
    "output_video": "video_tokens",
}
CACHED: Final = ("cache_read", "cache_read_audio", "cache_read_image")
WRITTEN: Final = ("cache_write", "cache_write_1h")
COUNTED: Final = {
    "input_character": "character_count",
    "input_image_count": "image_count",
    "input_video_second": "video_length_seconds",
    "input_audio_second": "audio_length_seconds",
    "query": "query_count",
}

MEDIA_KEYS: Final = {
    "input_audio": "input_cost_per_audio_token",
    "output_audio": "output_cost_per_audio_token",
    "input_image": "input_cost_per_image_token",
    "output_image": "output_cost_per_image_token",
    "input_video": "input_cost_per_video_token",
    "output_video": "output_cost_per_video_token",
    "cache_read_audio": "cache_read_input_audio_token_cost",
    "cache_read_image": "cache_read_input_image_token_cost",
    "sound in and out": "input_cost_per_audio_token",
}


# The keys, or their beginnings, of a meter and what it falls back to.
_INPUT: Final = ("input_cost_per_token",)
_OUTPUT: Final = ("output_cost_per_token", "output_cost_per_image_token")
_READ: Final = ("cache_read_input_token_cost", *_INPUT)
_WRITTEN: Final = ("cache_creation_input_token_cost", *_INPUT)
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "input": _INPUT,
    "output": _OUTPUT,
    "cache_read": _READ,
    "cache_write": _WRITTEN,
    "cache_write_1h": _WRITTEN,
    "reasoning": ("output_cost_per_reasoning_token", *_OUTPUT),
    "input_audio": ("input_cost_per_audio_token", *_INPUT),
    "output_audio": ("output_cost_per_audio_token", *_OUTPUT),
    "input_image": ("input_cost_per_image_token", *_INPUT),
    "output_image": _OUTPUT,
    "input_video": ("input_cost_per_video_token", *_INPUT),
    "output_video": ("output_cost_per_video_token", *_OUTPUT),
    "cache_read_audio": ("cache_read_input_audio_token_cost", *_READ),
    "cache_read_image": ("cache_read_input_image_token_cost", *_READ),
    "query": ("input_cost_per_query", "input_cost_per_text_message"),
    "page": ("ocr_cost_per_page",),
    "annotated_page": ("annotation_cost_per_page", "ocr_cost_per_page"),
    "image": ("output_cost_per_image", "input_cost_per_image", "input_cost_per_pixel"),
    "web_search": ("search_context_cost_per_query",),
}


# ------------------------------------------------------------------ requests


def thresholds(entry: Mapping[str, Any]) -> set[int]:
    """Where the prices of an entry change with the length of the context."""
    found = set()
    for key in entry:
        if match := re.search(r"_above_(\d+)(k?)_tokens", key):
            found.add(int(match[1]) * (1000 if match[2] else 1))
    for tier in entry.get("tiered_pricing") or []:
        if "range" in tier:
            found |= {int(end) for end in tier["range"]}
    return {threshold for threshold in found if threshold > 0}


def token_usages(entry: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, int]]]:
    """What a token-priced model is asked at the standard tier."""
    yield from PLAIN.items()
    for name, usage in MEDIA.items():
        if MEDIA_KEYS[name] in entry:
            yield name, usage
    for threshold in sorted(thresholds(entry)):
        yield from around(threshold)


def is_token_priced(entry: Mapping[str, Any]) -> bool:
    """Whether it has a price for any kind of token, and is not paid by the piece all the same."""
    has_tiers = any("range" in tier for tier in entry.get("tiered_pricing") or [])
    has_tokens = has_tiers or any(TOKEN_KEY.search(key) for key in entry)
    return has_tokens and not entry.get("vertex_ai_audio_api")


def requests(name: str, entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Everything that is asked about an entry, as arguments of Case."""
    if is_token_priced(entry):
        yield from token_requests(entry)
    yield from other_requests(name, entry)


def token_requests(entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A token-priced entry: each usage in each tier and place that it has prices for."""
    usages = list(token_usages(entry))
    for label, narrowed in contexts(entry):
        for shape, usage in usages:
            yield {
                "kind": "batch" if narrowed.get("service_tier") == "batch" else "tokens",
                "shape": f"{label}: {shape}" if label else shape,
                "usage": usage,
                **narrowed,
            }
    for tier in ("flex", "priority"):
        if not has_tier(entry, tier):
            for shape in ("plain", "no output", "cached"):
                yield {
                    "kind": "tokens",
                    "shape": f"{tier}: {shape}",
                    "usage": PLAIN[shape],
                    "service_tier": tier,
                }
    if "citation_cost_per_token" in entry:
        usage = {"input": 100, "output": 50, "citation": 1_234}
        yield {"kind": "tokens", "shape": "citations", "usage": usage}
    if "off_peak_pricing" in entry:
        for moment in MOMENTS:
            for shape in ("plain", "cached", "cache write", "reasoning"):
                yield {
                    "kind": "tokens",
                    "shape": f"off-peak: {shape}",
                    "usage": PLAIN[shape],
                    "at": moment,
                }


def contexts(entry: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The tiers, regions and variants that an entry has prices for."""
    tiers = [tier for tier in TIERS if has_tier(entry, tier)]
    if any(key.endswith("_batches") and "token" in key for key in entry):
        tiers.append("batch")
    special = entry.get("provider_specific_entry") or {}
    places: list[dict[str, Any]] = [
        {"region": region}
        for region in ("eu", "us")
        if f"regional_processing_uplift_multiplier_{region}" in entry or region in special
    ]
    if "regional_endpoint_uplift_multiplier" in entry:
        places.append({"region": "regional"})
    if "fast" in special:
        places += [{"variant": "fast"}, *({"variant": "fast", **place} for place in places)]
    for tier in ["", *tiers]:
        for place in [{}, *places]:
            narrowed = {"service_tier": tier, **place} if tier else place
            yield " ".join(narrowed.values()), narrowed


def has_tier(entry: Mapping[str, Any], tier: str) -> bool:
    """Whether an entry has a price of a service tier."""
    return any(key.endswith(f"_{tier}") for key in entry)


def other_requests(name: str, entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is not priced by the token."""
    mode = entry.get("mode")
    if mode in ("image_generation", "image_edit"):
        yield from image_requests(name, entry)
    elif mode == "video_generation":
        yield from video_requests(entry)
    elif mode == "audio_transcription" and not is_token_priced(entry):
        yield from several("transcription", "audio", "audio_second", 1, 61, 3_600)
    elif entry.get("vertex_ai_audio_api"):
        yield {"kind": "speech", "shape": "a request", "usage": {}}
    elif mode == "audio_speech" and entry.get("input_cost_per_character"):
        yield from several("speech", "characters", "input_character", 1, 4_321)
    elif mode in ("rerank", "search"):
        yield from several(mode, "queries", "query", 1, 3)
    elif mode == "ocr":
        yield from several("ocr", "pages", "page", 7)
        if "annotation_cost_per_page" in entry:
            usage = {"page": 7, "annotated_page": 3}
            yield {"kind": "ocr", "shape": "annotated pages", "usage": usage}
    elif mode in CLOCKED and not is_token_priced(entry) and not SECONDS.isdisjoint(entry):
        yield from several("clock", "seconds", "compute_second", 1, 17)
    if mode == "embedding":
        yield from embedding_requests(entry)
    for key in entry.get("search_context_cost_per_query") or {}:
        size = key.removeprefix("search_context_size_")
        for asked in several("web search", f"{size} context", "web_search", 1):
            yield {**asked, "variant": size}


def image_requests(name: str, entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Pictures, or their pixels where no size is in the name."""
    by_image = {"output_cost_per_image", "input_cost_per_image"} & entry.keys()
    if by_image or SIZED.search(name):
        yield from several("image", "images", "image", 1, 2, 7)
    elif "input_cost_per_pixel" in entry:
        yield from several("image", "pixels", "pixel", SQUARE, 3 * SQUARE)


def video_requests(entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Seconds of video, of no resolution and of each that has a price."""
    yield from several("video", "video", "video_second", 1, 5, 13)
    for key in entry:
        if match := re.fullmatch(r"output_cost_per_second_(\d+[pk])", key):
            for asked in several("video", "video of a resolution", "video_second", 8):
                yield {**asked, "variant": match[1]}


def embedding_requests(entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What embeddings count beside tokens."""
    for meter, key in COUNTED_KEYS.items():
        if key in entry:
            yield from several("counted", meter, meter, 11)


def several(kind: str, shape: str, meter: str, *quantities: int) -> Iterator[dict[str, Any]]:
    """Requests that use one meter only."""
    for quantity in quantities:
        yield {"kind": kind, "shape": shape, "usage": {meter: quantity}}


# ------------------------------------------------------------------ the calculators


def litellm_usage(case: Case) -> Usage:
    """The usage as LiteLLM counts it: cached and media tokens inside the prompt, reasoning inside the answer."""
    used = case.usage
    read = sum(used.get(meter, 0) for meter in CACHED)
    written = sum(used.get(meter, 0) for meter in WRITTEN)
    prompt = {name: used.get(meter, 0) for meter, name in INPUT.items()}
    details: dict[str, Any] = {name: count for name, count in prompt.items() if count}
    details |= {name: used[meter] for meter, name in COUNTED.items() if used.get(meter)}
    details["text_tokens"] = prompt["text_tokens"]
    if read:
        details["cached_tokens"] = read
    for name, meter in (("audio_tokens", "cache_read_audio"), ("image_tokens", "cache_read_image")):
        if cached := used.get(meter):
            details["cached_tokens_details"] = {name: cached}
            details[name] = prompt[name] + cached
    if written:
        details["cache_creation_tokens"] = written
    if used.get("cache_write_1h"):
        details["cache_creation_token_details"] = CacheCreationTokenDetails(
            ephemeral_5m_input_tokens=used.get("cache_write", 0),
            ephemeral_1h_input_tokens=used["cache_write_1h"],
        )
    answer = {name: used[meter] for meter, name in OUTPUT.items() if used.get(meter)}
    prompt_tokens = sum(prompt.values()) + read + written
    completion_tokens = sum(answer.values())
    more: dict[str, Any] = {}
    if set(answer) - {"text_tokens"}:
        more["completion_tokens_details"] = CompletionTokensDetailsWrapper(**answer)
    if case.region == "us":
        more["inference_geo"] = "us"
    if cited := used.get("citation"):
        more["citation_tokens"] = cited
    if case.variant == "fast":
        more["speed"] = "fast"
    return Usage(
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        total_tokens=prompt_tokens + completion_tokens,
        prompt_tokens_details=PromptTokensDetailsWrapper(**details),
        **more,
    )


def provider_of(entry: Mapping[str, Any]) -> str:
    given = str(entry["litellm_provider"])
    return "vertex_ai" if given.startswith("vertex_ai-") else PROVIDERS.get(given, given)


def calculate(case: Case, entry: Mapping[str, Any]) -> float:
    """The cost by LiteLLM's own calculator. Raises whatever it raises."""
    provider, used = provider_of(entry), case.usage
    if case.kind in ("tokens", "batch", "counted"):
        usage = litellm_usage(case)
        with pinned_billing_time(case.at):
            return sum(
                calculators.cost_per_token(
                    model=case.name,
                    custom_llm_provider=provider,
                    prompt_tokens=usage.prompt_tokens,
                    completion_tokens=usage.completion_tokens,
                    usage_object=usage,
                    call_type=call_type(case, entry),
                    service_tier=None
                    if case.service_tier in ("standard", "batch")
                    else case.service_tier,
                    **place_of(case),
                    prompt_characters=used.get("input_character"),
                )
            )
    if case.kind == "image":
        return float(
            general.CostCalculatorUtils.route_image_generation_cost_calculator(
                completion_response=ImageResponse(
                    created=0, data=[ImageObject(url="") for _ in range(images(case))]
                ),
                custom_llm_provider=provider,
                n=images(case),
                call_type=entry["mode"],
                **image_request(case.name, provider),
            )
        )
    if case.kind == "web search":
        return StandardBuiltInToolCostTracking.get_cost_for_web_search(
            {"search_context_size": case.variant}, get_model_info(case.name, provider)
        )
    if case.kind == "video":
        return float(
            calculators.default_video_cost_calculator(
                model=case.name,
                duration_seconds=used["video_second"],
                custom_llm_provider=provider,
                video_resolution=case.variant,
            )
        )
    arguments: dict[str, Any] = {}
    match case.kind:
        case "transcription":
            arguments = {
                "call_type": "transcription",
                "audio_transcription_file_duration": used["audio_second"],
            }
        case "speech":
            arguments = {"call_type": "speech", "prompt_characters": used.get("input_character")}
        case "rerank":
            arguments = {
                "call_type": "rerank",
                "rerank_billed_units": {"search_units": used["query"]},
            }
        case "search":
            arguments = {"call_type": "search", "number_of_queries": used["query"]}
            if provider == "parallel_ai":  # it finds its entry by the mode of the search
                mode = case.name.partition("search-")[2]
                arguments["response"] = SimpleNamespace(_hidden_params={"mode": mode})
        case "ocr":
            arguments = {
                "call_type": "ocr",
                "response": OCRResponse(
                    pages=[],
                    model=case.name,
                    usage_info={
                        "pages_processed": used["page"],
                        "pages_processed_annotation": used.get("annotated_page"),
                    },
                ),
            }
        case "clock":
            arguments = {"response_time_ms": used["compute_second"] * 1000}
    return sum(
        calculators.cost_per_token(model=case.name, custom_llm_provider=provider, **arguments)
    )


def place_of(case: Case) -> dict[str, str | None]:
    """The region as OpenAI's and as Vertex AI's calculators take it."""
    return {
        "data_residency": case.region if case.region in ("eu", "us") else None,
        "vertex_location": "us-east5" if case.region == "regional" else None,
    }


def images(case: Case) -> int:
    return case.usage.get("image") or case.usage["pixel"] // SQUARE


def image_request(name: str, provider: str) -> dict[str, Any]:
    """The request that an entry such as `hd/1024-x-1024/dall-e-3` is the price of."""
    parts = name.split("/")
    size = next(
        (number for number, part in enumerate(parts) if re.fullmatch(r"\d+-x-\d+", part)), None
    )
    if size is None:
        return {"model": name}
    before = [part for part in parts[:size] if part != provider]
    after = parts[size + 1 :]
    steps = after.pop(0).removesuffix("-steps") if after[0].endswith("-steps") else None
    quality = before[-1] if before else None
    width, height = map(int, parts[size].split("-x-"))
    return {
        "model": "/".join([*parts[:1], *after] if parts[0] == provider else after),
        "size": parts[size],
        "quality": quality,
        "optional_params": {
            **({"steps": 50 if steps == "50" else 51} if steps else {}),
            **({"quality": quality} if quality else {}),
            "image_size": {"width": width, "height": height},
        },
    }


def call_type(case: Case, entry: Mapping[str, Any]) -> str:
    if case.kind == "batch":
        return "retrieve_batch"
    mode = entry.get("mode")
    return {
        "embedding": "embedding",
        "audio_transcription": "transcription",
        "audio_speech": "speech",
    }.get(str(mode), "completion")


# ------------------------------------------------------------------ explanations


def by_the_general_rules(case: Case, entry: Mapping[str, Any]) -> Decimal:
    """The cost by LiteLLM's calculator for all providers, from an entry as the catalogue has it."""
    with pinned_billing_time(case.at):
        return exact(
            sum(
                general.generic_cost_per_token(
                    model=case.name,
                    usage=litellm_usage(case),
                    custom_llm_provider=provider_of(entry),
                    service_tier=None if case.service_tier == "standard" else case.service_tier,
                    model_info=entry,
                    **place_of(case),
                )
            )
        )


def by_entry(case: Case, entry: Mapping[str, Any]) -> Decimal:
    """The cost by the calculator of its kind, from an entry as the catalogue has it."""
    if case.kind == "web search":
        return exact(
            StandardBuiltInToolCostTracking.get_cost_for_web_search(
                {"search_context_size": case.variant}, entry
            )
        )
    if case.kind == "batch":
        return exact(
            sum(
                calculators.batch_cost_calculator(
                    litellm_usage(case), case.name, provider_of(entry), entry, **place_of(case)
                )
            )
        )
    return by_the_general_rules(case, entry)


def at_two_prices(case: Case, entry: Mapping[str, Any]) -> Decimal:
    """The cost of a prompt and an answer at the input price and the output price of an entry."""
    usage = litellm_usage(case)
    return exact(
        usage.prompt_tokens * entry["input_cost_per_token"]
        + usage.completion_tokens * entry["output_cost_per_token"]
    )


def exact(cost: float) -> Decimal:
    """The decimal that a float is the nearest one to."""
    return Decimal(repr(float(cost)))


class LiteLLM:
    """The oracle."""

    TITLE = (
        "litellm 1.106.2: cost_per_token, and its calculators for batches, images, video and audio"
    )
    CLASSES: Mapping[str, str] = {
        "a provider's calculator drops the service tier": (
            "The catalogue prices this tier and LiteLLM's calculator for all providers bills it as "
            "Ratebook does, but the one for Fireworks is not given the tier and bills the standard price."
        ),
        "a provider's calculator knows two prices": (
            "The catalogue prices tokens read from and written to the cache, and long contexts, but "
            "LiteLLM's calculator for Perplexity bills every token of the prompt at the one input price "
            "and every other at the output price. Its calculator for all providers bills as Ratebook "
            "does."
        ),
        "a fee for each request": (
            "The catalogue has input_cost_per_request beside prices of tokens, and LiteLLM's calculators "
            "read it for no chat model. The difference is exactly one such fee."
        ),
        "the provider's name, twice": (
            "LiteLLM takes a repeated provider for a slip and bills perplexity/perplexity/sonar as "
            "perplexity/sonar, which is another entry with other prices. By the entry of that name, its "
            "calculator for all providers bills as Ratebook does."
        ),
        "the tier's price of sound is lost on the way": (
            "The catalogue has input_cost_per_audio_token_priority and LiteLLM's calculator asks for it, "
            "but get_model_info leaves that key out, so sound costs the standard price. Given the entry "
            "itself, it bills as Ratebook does."
        ),
        "pictures from the cache": (
            "The catalogue prices a picture's cached tokens (cache_read_input_image_token_cost), but "
            "none of LiteLLM's calculators reads that key: they bill them as other cached tokens. The "
            "difference is exactly that between the two prices."
        ),
        "no input, no tier": (
            "An entry of tiered prices only. Without any input token LiteLLM finds no tier and bills the "
            "answer at zero; Ratebook bills it at the first tier, as LiteLLM does from one input token "
            "on."
        ),
        "one of two entries is read": (
            "Two entries name this model, each with prices that the other leaves out, and LiteLLM reads the"
            " one with the provider in its name: the other's searches are free there, its batch prices "
            "half the standard ones, its priority prices the standard ones. Given the other entry, the "
            "same calculator bills as Ratebook does."
        ),
        "text that a picture model writes in a batch": (
            "The entry has no price for text that is written. LiteLLM bills it as a picture's tokens, but"
            " in a batch it counts it as free. Ratebook bills it as a picture's tokens in both."
        ),
        "pictures by size and quality": (
            "LiteLLM prices gpt-image models by tokens only: without the tokens, its router says zero and"
            " never looks at the catalogue's price per picture of this size and quality. Its calculator "
            "for pictures, asked directly, says what Ratebook says."
        ),
        "a name that the calculator cannot find": (
            "LiteLLM looks this Bedrock model up as size/steps/model, which its catalogue does not have, "
            "and raises an error. Its calculator for pictures, asked with the name of the entry, says "
            "what Ratebook says."
        ),
        "a search, however many queries": (
            "LiteLLM bills Parallel AI by the search request and ignores how many queries it is told; "
            "Ratebook is told how many were made. One query costs the same."
        ),
    }

    def __init__(self) -> None:
        catalogue = files("litellm").joinpath("model_prices_and_context_window_backup.json")
        self.text = catalogue.read_bytes()
        self.entries: dict[str, dict[str, Any]] = json.loads(self.text)
        self.names: dict[str, tuple[str, ...]] = {}

    def feed(self) -> Feed:
        """The catalogue of the installed package."""
        return catalogues.parse("litellm", self.text)

    def cases(self, feed: Feed, limit: int | None) -> Iterator[Case]:
        """Every entry under every name that it has."""
        for number, model in enumerate(feed.models[:limit]):
            self.names |= dict.fromkeys(model.names, model.names)
            for name in model.names:
                entry = self.entries[name]
                for asked in requests(name, entry):
                    case = Case(name=name, model=number, **{"at": NOON, **asked})
                    try:
                        case.cost = exact(calculate(case, entry))
                    except Exception as error:  # the calculators raise plain Exception
                        case.refusal = f"{type(error).__name__}: {error}"[:200]
                    yield case

    def has_price(self, case: Case, meter: str) -> bool:
        """Whether the entry has a key of the tier for the meter or what it falls back to."""
        entry: Mapping[str, Any] = self.entries[case.name]
        if case.kind == "web search":  # of two entries for one model LiteLLM reads the other
            entry = get_model_info(case.name, provider_of(entry))
        tier = "batches" if case.service_tier == "batch" else case.service_tier
        others = tuple(f"_{other}" for other in (*TIERS, "batches", "decisions") if other != tier)
        return any(
            value is not None and key.startswith(KEYS[meter]) and not key.endswith(others)
            for block in [entry, *(entry.get("tiered_pricing") or [])]
            for key, value in block.items()
        )

    def explain(self, case: Case, answer: Answer) -> str | None:
        """Each class is proved by another calculation."""
        if answer.unpriced:
            return None
        entry = self.entries[case.name]
        found = self._explain_by_kind(case, answer, entry)
        if found is None and self._is_of_the_other_entry(case, answer):
            return "one of two entries is read"
        return found

    def _explain_by_kind(self, case: Case, answer: Answer, entry: dict[str, Any]) -> str | None:
        match case.kind:
            case "tokens":
                return self._explain_tokens(case, answer, entry)
            case "batch":
                return self._explain_batch(case, answer, entry)
            case "image":
                return self._explain_image(case, answer, entry)
            case "search":
                one = replace(case, usage={"query": 1})
                cost = exact(calculate(one, entry)) * case.usage["query"]
                if entry["litellm_provider"] == "parallel_ai" and equal(cost, answer.cost):
                    return "a search, however many queries"
        return None

    def _is_of_the_other_entry(self, case: Case, answer: Answer) -> bool:
        """Whether another entry of the model, which LiteLLM does not read, says what Ratebook says."""
        if len(self.names[case.name]) == 1 or case.kind not in ("tokens", "batch", "web search"):
            return False
        read = get_model_info(case.name, provider_of(self.entries[case.name]))["key"]
        return any(
            equal(by_entry(case, self.entries[name]), answer.cost)
            for name in self.names[case.name]
            if name != read
        )

    def _explain_tokens(self, case: Case, answer: Answer, entry: dict[str, Any]) -> str | None:
        if equal(by_the_general_rules(case, entry), answer.cost):
            return self._explain_provider(case, entry)
        if case.cost is None:
            return None
        if (fee := entry.get("input_cost_per_request")) and equal(
            case.cost + exact(fee), answer.cost
        ):
            return "a fee for each request"
        if pictures := case.usage.get("cache_read_image"):
            usual = entry.get("cache_read_input_token_cost") or entry["input_cost_per_token"]
            uplift = entry.get(f"regional_processing_uplift_multiplier_{case.region}") or 1
            more = exact(pictures * (entry["cache_read_input_image_token_cost"] - usual) * uplift)
            if abs(case.cost + more - answer.cost) <= LOST * answer.cost:
                return "pictures from the cache"
        is_tiered_only = "tiered_pricing" in entry and "output_cost_per_token" not in entry
        if is_tiered_only and set(case.usage) == {"output"} and case.cost == 0:
            with_one = replace(case, usage={"input": 1, **case.usage})
            one = replace(case, usage={"input": 1})
            cost = exact(calculate(with_one, entry)) - exact(calculate(one, entry))
            if abs(cost - answer.cost) <= LOST * answer.cost:
                return "no input, no tier"
        return None

    def _explain_provider(self, case: Case, entry: dict[str, Any]) -> str | None:
        """Ratebook agrees with the calculator for all providers; LiteLLM used another, or read less."""
        provider = provider_of(entry)
        if provider == "fireworks_ai" and case.service_tier != "standard":
            standard = exact(calculate(replace(case, service_tier="standard"), entry))
            return (
                "a provider's calculator drops the service tier" if case.cost == standard else None
            )
        if provider == "perplexity":
            if case.cost is not None and equal(case.cost, at_two_prices(case, entry)):
                return "a provider's calculator knows two prices"
            doubled = f"{provider}/{provider}/"
            other = replace(case, name=case.name.removeprefix(f"{provider}/"))
            if case.name.startswith(doubled) and case.cost == exact(calculate(other, entry)):
                return "the provider's name, twice"
        lost = f"input_cost_per_audio_token_{case.service_tier}"
        if lost in entry and lost not in get_model_info(case.name, provider):
            return "the tier's price of sound is lost on the way"
        return None

    def _explain_batch(self, case: Case, answer: Answer, entry: dict[str, Any]) -> str | None:
        if "output_cost_per_image_token" in entry and "output_cost_per_token" not in entry:
            usage = dict(case.usage)
            pictures = sum(usage.pop(meter, 0) for meter in OUTPUT)
            same = replace(case, usage={**usage, "output_image": pictures})
            if equal(exact(calculate(same, entry)), answer.cost):
                return "text that a picture model writes in a batch"
        return None

    def _explain_image(self, case: Case, answer: Answer, entry: dict[str, Any]) -> str | None:
        provider = provider_of(entry)
        asked = image_request(case.name, provider)
        cost = exact(
            calculators.default_image_cost_calculator(
                model=case.name if provider == "bedrock" else asked["model"],
                custom_llm_provider=provider,
                n=images(case),
                size=asked.get("size"),
                quality=asked.get("quality"),
            )
        )
        if not equal(cost, answer.cost):
            return None
        if "gpt-image" in case.name and case.cost == 0:
            return "pictures by size and quality"
        if provider == "bedrock" and (case.refusal or "").startswith("ModelNotMapped"):
            return "a name that the calculator cannot find"
        return None


ORACLE: Final = LiteLLM()
