"""models.dev's `api.json`: providers with their models, prices in USD per million tokens.

A price list for long prompts (`tiers`, or the older `context_over_200k`) names what costs more there; the rest of it
costs what it costs below. Experimental modes, such as fast, are variants.
"""

from collections.abc import Mapping
from typing import Any, Final

from ratebook.catalogues.feed import (
    MAX_NAME,
    PER_MILLION,
    SERVICE_TIERS,
    Feed,
    FeedModel,
    FeedPrice,
    Notes,
    Reading,
    a_count,
    an_amount,
    an_array,
    an_object,
    once,
    quoted,
    read_json,
    said,
    texts,
    times,
)

SOURCE: Final = "models.dev"

# Keys of providers that other catalogues write differently.
_PROVIDERS: Final = {
    "amazon-bedrock": "bedrock",
    "fireworks-ai": "fireworks_ai",
    "github-copilot": "github_copilot",
    "google-vertex": "vertex_ai",
    "moonshotai": "moonshot",
    "togetherai": "together_ai",
}
_METERS: Final = {
    "input": "input",
    "output": "output",
    "reasoning": "reasoning",
    "cache_read": "cache_read",
    "cache_write": "cache_write",
    "input_audio": "input_audio",
    "output_audio": "output_audio",
}
_OVER_200K: Final = 200_000
_STATUS: Final = {"alpha": "preview", "beta": "preview", "deprecated": "deprecated"}
_SUPPORTS: Final = {
    "attachment": "attachment",
    "reasoning": "reasoning",
    "tool_call": "function_calling",
    "structured_output": "json_mode",
}
_MODALITIES: Final = {"image": "vision", "audio": "audio", "video": "video", "pdf": "pdf_input"}


def parse(data: str | bytes) -> Feed:
    """The catalogue in models.dev's JSON. Raises FeedError."""
    catalogue = an_object(read_json(data), "The catalogue")
    if list(catalogue) == ["providers"]:
        catalogue = an_object(catalogue["providers"], "providers")
    reading = Reading(SOURCE)
    for key, parts in said(catalogue):
        for given in parts:
            with reading.entry(key) as notes:
                _read_provider(reading, key, given, notes)
    return reading.feed()


def _read_provider(reading: Reading, given_key: str, given: Any, notes: Notes) -> None:
    key = notes.name(given_key, "The key of a provider")
    provider = an_object(given, f"The provider {quoted(key)}")
    models = an_object(provider.get("models"), f"models of {quoted(key)}")
    rest = {name: value for name, value in provider.items() if name != "models"}
    once(provider, f"The provider {quoted(key)}")
    notes.sound(rest, f"The provider {quoted(key)}")
    name = notes.label(rest.get("name"), f"The name of {quoted(key)}") or key
    for model_key, parts in said(models):
        for values in parts:
            with reading.entry(f"{key}/{model_key}") as of_model:
                of_model.model = (_PROVIDERS.get(key, key), model_key.strip())
                reading.add(
                    _model(key, {**rest, "name": name}, model_key, values, of_model), of_model
                )


def _model(
    provider_key: str, provider: Mapping[str, Any], given_key: str, given: Any, notes: Notes
) -> FeedModel:
    key = notes.name(given_key, f"The key of a model of {quoted(provider_key)}")
    values = an_object(given, f"The model {quoted(key)}")
    notes.sound(values, f"The model {quoted(key)}")
    reader = _Reader(f"{provider_key}/{key}")
    cost = values.get("cost")
    if cost is not None:
        reader.read(an_object(cost, reader.what("cost")))
    experimental = values.get("experimental")
    modes = experimental.get("modes") if isinstance(experimental, dict) else None
    if modes is not None:
        for given_mode, part in an_object(modes, reader.what("modes")).items():
            mode = notes.name(given_mode, reader.what("a mode"))
            mode_cost = an_object(part, reader.what(f"mode {mode}")).get("cost")
            if mode_cost is None:
                continue
            narrowed = {"service_tier": mode} if mode in SERVICE_TIERS else {"variant": mode}
            reader.read(an_object(mode_cost, reader.what(f"cost of mode {mode}")), **narrowed)
    return FeedModel(
        provider=_PROVIDERS.get(provider_key, provider_key),
        provider_name=provider["name"],
        provider_model_key=key,
        name=notes.name(values.get("name") or key, reader.what("the name")),
        names=(f"{provider_key}/{key}",),
        short_names=(key,),
        prices=tuple(reader.prices),
        attributes=_attributes(reader, provider, values, notes),
        values=reader.count,
        unmapped=tuple(reader.unmapped),
    )


class _Reader:
    """Reads the price lists of one model."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0
        self.prices: list[FeedPrice] = []
        self.unmapped: list[str] = []

    def what(self, part: str) -> str:
        return f"{part} of {quoted(self.name)}"

    def read(self, cost: Mapping[str, Any], **narrowed: Any) -> None:
        """A price list with its tiers."""
        self._list(cost, None, narrowed)
        tiers = cost.get("tiers")
        over = cost.get("context_over_200k")
        sizes = set()
        for given in an_array(tiers, self.what("tiers")) if tiers is not None else []:
            tier = an_object(given, self.what("a tier"))
            rule = an_object(tier.get("tier"), self.what("a tier"))
            size = a_count(rule.get("size"))
            if rule.get("type", "context") != "context" or size is None:
                self._leave("tiers")
                continue
            sizes.add(size)
            self._list(tier, size, narrowed)
        if over is None:
            return
        over = an_object(over, self.what("context_over_200k"))
        if sizes:  # the same again, for readers that know no tiers
            return
        self._list(over, _OVER_200K, narrowed)

    def _list(
        self, cost: Mapping[str, Any], threshold: int | None, narrowed: Mapping[str, Any]
    ) -> None:
        for key, value in cost.items():
            if value is None or isinstance(value, dict | list):
                if key not in ("tiers", "tier", "context_over_200k") and value is not None:
                    self._leave(key)
                continue
            amount = an_amount(value, self.what(key))
            self.count += 1
            if key not in _METERS:
                self.unmapped.append(key)
                continue
            self.prices.append(
                FeedPrice(
                    _METERS[key],
                    times(amount, PER_MILLION),
                    context_threshold=threshold,
                    **narrowed,
                )
            )

    def _leave(self, key: str) -> None:
        self.count += 1
        self.unmapped.append(key)


def _attributes(
    reader: _Reader, provider: Mapping[str, Any], values: Mapping[str, Any], notes: Notes
) -> dict[str, Any]:
    limit = values.get("limit")
    limit = limit if isinstance(limit, dict) else {}
    modalities = values.get("modalities")
    modalities = modalities if isinstance(modalities, dict) else {}
    reads, makes = (
        texts(modalities.get(way), reader.what(f"modalities.{way}")) for way in ("input", "output")
    )
    made = next(
        (part for part in ("image", "video", "audio") if makes and part == makes[0]), "text"
    )
    supports = {name for key, name in _SUPPORTS.items() if values.get(key)}
    supports |= {_MODALITIES[part] for part in reads if part in _MODALITIES}
    found = {
        "modality": made,
        "capabilities": [
            f"{part}_generation" for part in ("text", "image", "video", "audio") if part in makes
        ],
        "supports": sorted(supports),
        "context_window": a_count(limit.get("context")),
        "max_tokens": a_count(limit.get("output")),
        **{
            key: notes.date(values.get(key), reader.what(key))
            for key in ("release_date", "deprecation_date")
        },
        "status": _STATUS.get(str(values.get("status"))),
        "model_family": notes.text(values.get("family"), reader.what("family"), MAX_NAME),
        "provider_url": notes.text(provider.get("doc"), reader.what("doc")),
    }
    return {name: value for name, value in found.items() if value}
