"""OpenRouter's `/models`: prices in USD per token, request, image or search, as strings.

`image` is the price of one picture read, unless it repeats `prompt`: then a picture costs what its tokens cost.
A price of -1 depends on what the request is routed to: it is no price, and is reported as unmapped. A zero beside the
price of what it is a part of (reasoning beside the answer, sound, pictures and cached tokens beside the prompt) says
that it is not priced apart: no price either. `overrides` are the prices of long prompts, from `min_prompt_tokens` on,
or of hours of the day, from `utc_start` until `utc_end` (1030 is half past ten).
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from ratebook.catalogues.feed import (
    Feed,
    FeedModel,
    FeedPrice,
    Notes,
    Reading,
    a_count,
    an_amount,
    an_amount_as_text,
    an_array,
    an_object,
    once,
    quoted,
    read_json,
    texts,
)

SOURCE: Final = "openrouter"
PROVIDER: Final = "openrouter"

_METERS: Final = {
    "prompt": "input",
    "completion": "output",
    "internal_reasoning": "reasoning",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write",
    "input_cache_write_1h": "cache_write_1h",
    "image_token": "input_image",
    "image_output": "output_image",
    "audio": "input_audio",
    "audio_output": "output_audio",
    "input_audio_cache": "cache_read_audio",
    "request": "request",
    "web_search": "web_search",
}
_DYNAMIC: Final = "-1"
_CONDITIONS: Final = ("min_prompt_tokens", "utc_start", "utc_end")
_ALL_DAYS: Final = 127
# What each of them is a part of.
_PARENTS: Final = {
    "internal_reasoning": "completion",
    "audio_output": "completion",
    "image_output": "completion",
    "audio": "prompt",
    "image": "prompt",
    "image_token": "prompt",
    "input_cache_read": "prompt",
    "input_cache_write": "prompt",
    "input_cache_write_1h": "prompt",
    "input_audio_cache": "prompt",
}
_SUPPORTS: Final = {
    "tools": "function_calling",
    "reasoning": "reasoning",
    "response_format": "json_mode",
    "web_search_options": "web_search",
}
_MODALITIES: Final = {"image": "vision", "audio": "audio", "video": "video", "file": "pdf_input"}


def parse(data: str | bytes) -> Feed:
    """The catalogue as OpenRouter's API gives it. Raises FeedError."""
    catalogue = an_object(read_json(data), "The catalogue")
    once(catalogue, "The catalogue")
    reading = Reading(SOURCE)
    for number, values in enumerate(an_array(catalogue.get("data"), "data of the catalogue"), 1):
        given = values.get("id") if isinstance(values, dict) else None
        with reading.entry(given if isinstance(given, str) else f"number {number}") as notes:
            if isinstance(given, str):
                notes.model = (PROVIDER, given.strip())
            reading.add(_model(an_object(values, "A model"), notes), notes)
    return reading.feed()


def _model(values: Mapping[str, Any], notes: Notes) -> FeedModel:
    key = notes.name(values.get("id"), "The id of a model")
    notes.sound(values, f"The model {quoted(key)}")
    reader = _Reader(key)
    reader.read(an_object(values.get("pricing"), reader.what("pricing")))
    slug = values.get("canonical_slug")
    return FeedModel(
        provider=PROVIDER,
        provider_name="OpenRouter",
        provider_model_key=key,
        name=notes.name(values.get("name") or key, reader.what("the name")),
        names=(key, f"{PROVIDER}/{key}"),
        short_names=(slug,) if isinstance(slug, str) and slug != key else (),
        prices=tuple(reader.prices),
        attributes=_attributes(reader, values, notes),
        values=reader.count,
        unmapped=tuple(reader.unmapped),
    )


class _Reader:
    """Reads the price list of one model."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0
        self.prices: list[FeedPrice] = []
        self.unmapped: list[str] = []

    def what(self, part: str) -> str:
        return f"{part} of {quoted(self.name)}"

    def read(self, pricing: Mapping[str, Any]) -> None:
        """A price list with its overrides."""
        base = {key: value for key, value in pricing.items() if key != "overrides"}
        whole, base = base, self._amounts(base, base)
        self._add(self._by_meter(base, base))
        overrides = pricing.get("overrides")
        for given in an_array(overrides, self.what("overrides")) if overrides is not None else []:
            override = dict(an_object(given, self.what("an override")))
            condition = _condition(
                {key: override.pop(key) for key in _CONDITIONS if key in override}
            )
            amounts = self._amounts(override, {**whole, **override})
            prices = self._by_meter(amounts, base if "image" in base else {**base, **amounts})
            # What is not known may be one more condition.
            if condition is None or override.keys() - _METERS.keys() - {"image"}:
                self.unmapped += [f"overrides.{meter}" for meter in prices]
            else:
                self._add(prices, **condition)

    def _amounts(self, pricing: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Decimal]:
        """The amounts of a price list by their keys; `whole` has those of the parts that it leaves out."""
        found = {}
        for key, value in pricing.items():
            parent = whole.get(_PARENTS.get(key, ""))
            if value is None or (_is_zero(value) and parent is not None and not _is_zero(parent)):
                continue
            self.count += 1
            if value == _DYNAMIC:
                self.unmapped.append(f"{key} (dynamic)")
                continue
            if isinstance(value, dict | list):
                self.unmapped.append(key)
                continue
            what = self.what(key)
            found[key] = (
                an_amount_as_text(value, what) if isinstance(value, str) else an_amount(value, what)
            )
        return found

    def _by_meter(
        self, amounts: Mapping[str, Decimal], known: Mapping[str, Decimal]
    ) -> dict[str, Decimal]:
        """The prices by their meters; `known` tells whether an image is priced by its tokens."""
        by_token = known.get("image") == known.get("prompt")
        meters = _METERS | {"image": "input_image" if by_token else "input_image_count"}
        found: dict[str, Decimal] = {}
        for key, price in amounts.items():
            meter = meters.get(key)
            if meter is None or meter in found:
                self.unmapped.append(key)
            else:
                found[meter] = price
        return found

    def _add(self, prices: Mapping[str, Decimal], **condition: Any) -> None:
        self.prices += [FeedPrice(meter, price, **condition) for meter, price in prices.items()]


def _condition(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """What an override is for, as columns of a price; None for what cannot be read."""
    found: dict[str, Any] = {}
    if "min_prompt_tokens" in given:
        found["context_threshold"] = a_count(given["min_prompt_tokens"])
        found["threshold_inclusive"] = True
    if "utc_start" in given or "utc_end" in given:
        found["window_start"] = _hour(given.get("utc_start"))
        found["window_end"] = _hour(given.get("utc_end"))
        found |= {"window_days": _ALL_DAYS, "window_time_zone": "UTC"}
    return found if found and None not in found.values() else None


def _hour(value: Any) -> str | None:
    """10:30 for 1030; None for what is no hour."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2400:
        return None
    return f"{value // 100:02}:{value % 100:02}" if value % 100 < 60 else None


def _is_zero(value: Any) -> bool:
    """Whether it is the number, or the same as a string."""
    if isinstance(value, str):
        return re.fullmatch(r"0+(\.0+)?", value) is not None
    return isinstance(value, int | Decimal) and value == 0


def _attributes(reader: _Reader, values: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    architecture, provider = (
        part if isinstance(part := values.get(name), dict) else {}
        for name in ("architecture", "top_provider")
    )
    reads, makes = (
        texts(architecture.get(way), reader.what(way))
        for way in ("input_modalities", "output_modalities")
    )
    parameters = texts(values.get("supported_parameters"), reader.what("supported_parameters"))
    supports = {_SUPPORTS[name] for name in parameters if name in _SUPPORTS}
    supports |= {_MODALITIES[part] for part in reads if part in _MODALITIES}
    created = a_count(values.get("created"))
    found = {
        "capabilities": [
            f"{part}_generation" for part in ("text", "image", "video", "audio") if part in makes
        ],
        "supports": sorted(supports),
        "context_window": a_count(values.get("context_length")),
        "max_tokens": a_count(provider.get("max_completion_tokens")),
        "release_date": created and datetime.fromtimestamp(created, UTC).date().isoformat(),
        "deprecation_date": notes.date(
            values.get("expiration_date"), reader.what("expiration_date")
        ),
        "description": notes.text(values.get("description"), reader.what("description")),
    }
    return {name: value for name, value in found.items() if value}
