"""OpenRouter's `/models`: prices in USD per token, request, image or search, as strings.

`image` is the price of one picture read, unless it repeats `prompt`: then a picture costs what its tokens cost.
A price of -1 depends on what the request is routed to: it is no price, and is reported as unmapped. `overrides` are the
prices of long prompts, from `min_prompt_tokens` on.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from ratebook.catalogues.feed import (
    Feed,
    FeedModel,
    FeedPrice,
    a_count,
    a_date,
    a_name,
    an_amount,
    an_amount_as_text,
    an_array,
    an_object,
    named,
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
    models = an_array(catalogue.get("data"), "data of the catalogue")
    return Feed(SOURCE, named(_model(an_object(values, "A model")) for values in models))


def _model(values: Mapping[str, Any]) -> FeedModel:
    key = a_name(values.get("id"), "The id of a model")
    reader = _Reader(key)
    reader.read(an_object(values.get("pricing"), reader.what("pricing")))
    slug = values.get("canonical_slug")
    return FeedModel(
        provider=PROVIDER,
        provider_name="OpenRouter",
        provider_model_key=key,
        name=a_name(str(values.get("name") or "").strip() or key, f"The name of {quoted(key)}"),
        names=(key, f"{PROVIDER}/{key}"),
        short_names=(slug,) if isinstance(slug, str) and slug != key else (),
        prices=tuple(reader.prices),
        attributes=_attributes(reader, values),
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
        base = self._amounts({key: value for key, value in pricing.items() if key != "overrides"})
        self._add(self._by_meter(base, base), None)
        overrides = pricing.get("overrides")
        for given in an_array(overrides, self.what("overrides")) if overrides is not None else []:
            override = dict(an_object(given, self.what("an override")))
            start = a_count(override.pop("min_prompt_tokens", None))
            amounts = self._amounts(override)
            prices = self._by_meter(amounts, base if "image" in base else {**base, **amounts})
            if start is None:
                self.unmapped += [f"overrides.{meter}" for meter in prices]
            else:
                self._add(prices, start)

    def _amounts(self, pricing: Mapping[str, Any]) -> dict[str, Decimal]:
        """The amounts of a price list by their keys."""
        found = {}
        for key, value in pricing.items():
            if value is None:
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

    def _add(self, prices: Mapping[str, Decimal], start: int | None) -> None:
        for meter, price in prices.items():
            self.prices.append(
                FeedPrice(
                    meter, price, context_threshold=start, threshold_inclusive=start is not None
                )
            )


def _attributes(reader: _Reader, values: Mapping[str, Any]) -> dict[str, Any]:
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
        "deprecation_date": a_date(values.get("expiration_date")),
        "description": values.get("description")
        if isinstance(values.get("description"), str)
        else None,
    }
    return {name: value for name, value in found.items() if value}
