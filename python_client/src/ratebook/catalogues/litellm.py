"""LiteLLM's `model_prices_and_context_window.json`.

Each entry is read as LiteLLM's own cost calculator reads it, and what that calculator takes for granted becomes rows:

- `_above_Nk_tokens` is a context tier, exclusive but for xai, `_batches`, `_flex`, `_priority` … a service tier.
- A tier with an output price of its own bills reasoning at that price.
- A batch job costs half the standard price where an entry has batch prices and none for its output.
- `tiered_pricing` replaces the flat prices; a kind of token that a tier leaves out costs its input price.
- Fireworks bills cached tokens at half the input price where an entry names none.
- A multiplier for a region, or for fast answers, becomes rows of that region (`eu`, `us`, `fedramp`; `regional` for
  every Vertex AI endpoint but the global one), or of variant `fast`.
- Sizes, resolutions and search context sizes are variants.

Two entries that name one model of one provider are one model. LiteLLM looks up `provider/name` before `name` and reads
nothing of the other; here the other adds what the first does not say, unless they say different prices: then the first
counts. `alias_of` and `aliases` are further names of an entry.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from ratebook.catalogues.feed import (
    MAX_NAME,
    PER_THOUSAND,
    STANDARD,
    Feed,
    FeedError,
    FeedModel,
    FeedPrice,
    Notes,
    Reading,
    a_count,
    an_amount,
    an_array,
    an_object,
    checked,
    quoted,
    read_json,
    said,
    times,
)

SOURCE: Final = "litellm"
HALF: Final = Decimal("0.5")
_MAX_END: Final = 10**12  # of a range of tokens

# Names of one provider's parts; a model of google is called gemini there.
_PROVIDERS: Final = {
    "azure_text": "azure",
    "bedrock_converse": "bedrock",
    "cohere_chat": "cohere",
    "fireworks_ai-embedding-models": "fireworks_ai",
    "gemini": "google",
    "text-completion-codestral": "codestral",
    "text-completion-inception": "inception",
    "text-completion-openai": "openai",
}
_INCLUSIVE: Final = frozenset({"xai"})

_TIERS: Final = {
    "batches": "batch",
    "flex": "flex",
    "balanced": "balanced",
    "priority": "priority",
    "ultrafast": "ultrafast",
    "decisions": "decisions",
}
_KEY: Final = re.compile(
    rf"(?P<base>.+?)(?:_above_(?P<threshold>\d{{1,9}}k?)_tokens)?(?:_(?P<tier>{'|'.join(_TIERS)}))?"
)
_TOKEN_METERS: Final = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "cache_creation_input_token_cost_above_12hr": "cache_write_12h",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "input_audio",
    "input_cost_per_image_token": "input_image",
    "input_cost_per_video_token": "input_video",
    "output_cost_per_audio_token": "output_audio",
    "output_cost_per_image_token": "output_image",
    "output_cost_per_video_token": "output_video",
    "cache_read_input_audio_token_cost": "cache_read_audio",
    "cache_read_input_image_token_cost": "cache_read_image",
    "cache_creation_input_audio_token_cost": "cache_write_audio",
    "citation_cost_per_token": "citation",
}
_OTHER_METERS: Final = {
    "input_cost_per_character": "input_character",
    "output_cost_per_character": "output_character",
    "input_cost_per_audio_per_second": "input_audio_second",
    "input_cost_per_video_per_second": "input_video_second",
    "input_cost_per_query": "query",
    "input_cost_per_text_message": "query",
    "input_cost_per_request": "request",
    "ocr_cost_per_page": "page",
    "annotation_cost_per_page": "annotated_page",
    "code_interpreter_cost_per_session": "session",
    "google_maps_grounding_cost_per_query": "map_query",
    "file_search_cost_per_gb_per_day": "storage_gigabyte_day",
    "vector_store_cost_per_gb_per_day": "storage_gigabyte_day",
}
_METERS: Final = {**_TOKEN_METERS, **_OTHER_METERS}
_PER_THOUSAND: Final = {
    "file_search_cost_per_1k_calls": ("file_search", None),
    "computer_use_input_cost_per_1k_tokens": ("input", "computer_use"),
    "computer_use_output_cost_per_1k_tokens": ("output", "computer_use"),
}
_VARIANTS: Final = {
    "explicit_cache_read_input_token_cost": ("cache_read", "explicit"),
    "input_cost_per_video_per_second_above_8s_interval": (
        "input_video_second",
        "above_8s_interval",
    ),
    "input_cost_per_video_per_second_above_15s_interval": (
        "input_video_second",
        "above_15s_interval",
    ),
}
_IMAGE_VARIANT: Final = re.compile(r"output_cost_per_image_(?P<variant>[0-9.]+K?)")
_VIDEO_VARIANT: Final = re.compile(r"output_cost_per_second_(?P<variant>\d+[pk])")
_UPLIFT: Final = re.compile(
    r"regional_processing_uplift_multiplier_(?P<region>[a-z]+)|(?P<other>fedramp)_uplift_multiplier"
)
# With the keys of _KEY: what is one number.
_ONE_PRICE: Final = (
    *(_IMAGE_VARIANT, _VIDEO_VARIANT, _UPLIFT),
    re.compile(
        r"((in|out)put_)?cost_per_(image|pixel|second|video_per_second)(_above_128k_tokens)?"
    ),
    re.compile("|".join([*_PER_THOUSAND, *_VARIANTS, "regional_endpoint_uplift_multiplier"])),
)
_SIZE: Final = re.compile(r"(?:^|/)(\d+)-x-(\d+)/")
# What a key that carries money looks like, known or not.
_MONEY: Final = re.compile(
    r"cost|price|pricing|uplift|surcharge|(?:^|_)(?:fees?|free|dbu|usd)(?:_|$)"
)
# The same price again: in Databricks units beside dollars, or under an older name.
_RESTATED: Final = {
    "input_dbu_cost_per_token": "input_cost_per_token",
    "output_dbu_cost_per_token": "output_cost_per_token",
}
# What holds more than one price, and is read where it is mapped.
_NESTED: Final = frozenset({"tiered_pricing", "off_peak_pricing", "search_context_cost_per_query"})
_CACHE_HIT: Final = "input_cost_per_token_cache_hit"

_IMAGE_MODES: Final = frozenset({"image_generation", "image_edit"})
_WALL_CLOCK_MODES: Final = frozenset({None, "chat", "completion", "embedding", "responses"})
_MODES: Final[Mapping[str | None, tuple[str, str, str | None]]] = {
    # modality, task, capability
    None: ("text", "generation", None),
    "chat": ("text", "generation", "text_generation"),
    "completion": ("text", "generation", "text_generation"),
    "responses": ("text", "generation", "text_generation"),
    "embedding": ("text", "embedding", None),
    "image_generation": ("image", "generation", "image_generation"),
    "image_edit": ("image", "edit", "image_generation"),
    "video_generation": ("video", "generation", "video_generation"),
    "audio_speech": ("audio", "speech", "audio_generation"),
    "audio_transcription": ("audio", "transcription", None),
    "realtime": ("audio", "realtime", "audio_generation"),
}
_SUPPORTS: Final = {
    "supports_prompt_caching": "caching",
    "supports_response_schema": "json_mode",
    "supports_system_messages": "system_prompt",
    "supports_native_streaming": "streaming",
    "supports_audio_input": "audio",
}

# What stands in the file beside models.
_NO_MODELS: Final = {
    "sample_spec": "the explanation of the format",
    "fallback_generalizations": "rules for names that are not here",
}
_REPLACES: Final = "tiered_pricing"  # replaces flat prices: it is no addition to them

_Slot = tuple[str, str, int | None]  # meter, service tier, context threshold


def parse(data: str | bytes) -> Feed:
    """The catalogue in LiteLLM's JSON. Raises FeedError."""
    reading = Reading(SOURCE)
    found: dict[tuple[str, str], list[_Entry]] = defaultdict(list)
    pointers: dict[str, str] = {}
    for given_name, given in said(an_object(read_json(data), "The catalogue")):
        if given_name in _NO_MODELS:
            reading.skip(given_name, "format", _NO_MODELS[given_name])
            continue
        with reading.entry(given_name) as notes:
            notes.model = _model_of(given_name, given[-1])
            name = notes.name(given_name, "The name of an entry")
            values = _of_one_name(name, given, notes)
            if isinstance(target := values.get("alias_of"), str):
                pointers[name] = target.strip()
            elif "litellm_provider" not in values:
                if any(_MONEY.search(key) for key in values):
                    raise FeedError(f"{quoted(name)} has prices but no provider.", "provider")
                reading.skip(name, "format", "an entry without a provider")
            else:
                what = f"The provider of {quoted(name)}"
                entry = _Entry(name, values, notes.name(values["litellm_provider"], what))
                found[entry.provider, entry.provider_model_key].append(entry)
    names = _further_names(reading, found.values(), pointers)
    for entries in found.values():
        _add(reading, sorted(entries, key=lambda entry: not entry.name_has_provider), names)
    return reading.feed()


def _of_one_name(name: str, given: list[Any], notes: Notes) -> dict[str, Any]:
    """What the entries of one name say, where they agree about money. Raises FeedError."""
    what = f"The entry {quoted(name)}"
    values: dict[str, Any] = {}
    for part in given:
        notes.sound(an_object(part, what), what)
        more = _together(values, part)
        if more is None:
            raise FeedError(
                f"{what} is in the catalogue twice, with other prices.", "contradiction"
            )
        values = more
    if len(given) > 1:
        notes.mend("twice", f"{what} is in the catalogue {len(given)} times")
    return values


def _together(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any] | None:
    """What two entries say of one model; None where they say different prices."""
    one, other = _money(first), _money(second)
    if any(one[key] != other[key] for key in one.keys() & other.keys()):
        return None
    if one and other and (_REPLACES in one) != (_REPLACES in other):
        return None
    return second | {key: value for key, value in first.items() if value is not None}


def _money(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in values.items()
        if value is not None and (_MONEY.search(key) or key == "provider_specific_entry")
    }


def _further_names(
    reading: Reading, groups: Iterable[list["_Entry"]], pointers: Mapping[str, str]
) -> dict[str, list[str]]:
    """The names that entries have beside their own, by these: those of `aliases`, then those that point at them."""
    entries = {entry.name: entry for group in groups for entry in group}
    owners: dict[str, str] = {}
    for entry in entries.values():
        given = entry.values.get("aliases")
        for alias in given if isinstance(given, list) else []:
            name = alias.strip() if isinstance(alias, str) else ""
            if 0 < len(name) <= MAX_NAME and name not in entries:
                owners.setdefault(name, entry.name)
    for name, target in pointers.items():
        if target not in entries:
            reason = f"{quoted(name)} is a name of {quoted(target)}, which is no model here."
            reading.leave_out(name, "name", reason)
        elif name not in entries:
            owners.setdefault(name, target)
            reading.skip(name, "alias", f"another name of {target}")
    names: dict[str, list[str]] = defaultdict(list)
    for name, owner in owners.items():
        names[owner].append(name)
    return names


def _add(reading: Reading, entries: list["_Entry"], names: Mapping[str, list[str]]) -> None:
    """One model from all its entries, the first of which LiteLLM reads."""
    if len(entries) > 1:
        entries = [entry for entry in entries if _is_sound(reading, entry)]
    if not entries:
        return
    first, *others = entries
    with reading.entry(first.name) as notes:
        notes.model = (first.provider, first.provider_model_key)
        for other in others:
            known = set(_money(first.values))
            values = _together(first.values, other.values)
            if values is None:
                reason = f"another name of {first.name}, which has other prices"
                reading.skip(other.name, "other prices", reason)
                continue
            reason = f"another name of {first.name}"
            if more := sorted(set(_money(values)) - known):
                reading.skip(other.name, "merged", f"{reason}, to which it adds {', '.join(more)}")
            else:
                reading.skip(other.name, "same", reason)
            first = _Entry(first.name, values, first.litellm_provider)
        every = [*(entry.name for entry in entries)]
        every += [name for entry in entries for name in names.get(entry.name, ())]
        reading.add(first.model(tuple(every), notes), notes)


def _is_sound(reading: Reading, entry: "_Entry") -> bool:
    """Whether an entry can be read by itself; if not, it is left out."""
    count = len(reading.left_out)
    with reading.entry(entry.name) as notes:
        notes.model = (entry.provider, entry.provider_model_key)
        tried = Notes(entry.name)
        checked(replace(entry).model((entry.name,), tried), SOURCE, tried)
    return len(reading.left_out) == count


def _place(name: str, given: str) -> tuple[str, str]:
    """The provider of an entry, and what the provider calls it."""
    provider = "vertex_ai" if given.startswith("vertex_ai-") else _PROVIDERS.get(given, given)
    prefix, _, rest = name.partition("/")
    has_provider = bool(rest.strip()) and prefix in (given, provider)
    return provider, rest.strip() if has_provider else name


def _model_of(name: str, values: Any) -> tuple[str, str] | None:
    """Which model an entry is, whatever else it says."""
    provider = values.get("litellm_provider") if isinstance(values, dict) else None
    return _place(name.strip(), provider.strip()) if isinstance(provider, str) else None


@dataclass
class _Entry:
    """One entry of the catalogue on its way to prices."""

    name: str
    values: dict[str, Any]
    litellm_provider: str
    provider: str = field(init=False)
    provider_model_key: str = field(init=False)
    name_has_provider: bool = field(init=False)
    mode: str | None = field(init=False)
    amounts: dict[str, Decimal] = field(init=False, default_factory=dict)
    prices: dict[tuple[object, ...], FeedPrice] = field(init=False, default_factory=dict)
    count: int = field(init=False, default=0)
    unmapped: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.provider, self.provider_model_key = _place(self.name, self.litellm_provider)
        self.name_has_provider = self.provider_model_key != self.name
        mode = self.values.get("mode")
        self.mode = mode.strip() if isinstance(mode, str) else None

    def model(self, names: tuple[str, ...], notes: Notes) -> FeedModel:
        """The model with all its prices."""
        self._read_amounts()
        self._map_plain_keys()
        self._map_images()
        self._map_seconds()
        self._map_searches()
        self._fill_defaults()
        self._map_tiered_pricing()
        self._fill_reasoning()
        self._fill_batch()
        self._map_off_peak_pricing()
        self._map_multipliers()
        for key in self.amounts:  # what none of the above took
            self._leave(key)
        return FeedModel(
            provider=self.provider,
            provider_model_key=self.provider_model_key,
            name=self.provider_model_key,
            names=names,
            prices=tuple(self.prices.values()),
            attributes=self._attributes(notes),
            values=self.count,
            unmapped=tuple(self.unmapped),
        )

    # -------------------------------------------------------------- reading

    def _read_amounts(self) -> None:
        """Every number that carries money, by its key; those of objects and arrays are read where they are mapped."""
        for key, value in self.values.items():
            if not _MONEY.search(key) or value is None:
                continue
            if key in _NESTED and isinstance(value, dict | list):
                continue
            structured = isinstance(value, dict | list) and not _is_one_price(key)
            if structured or (isinstance(value, str) and not re.search("cost|price|uplift", key)):
                self._leave_all(key, value)
                continue
            self.amounts[key] = self._amount(key, value)

    def _amount(self, key: str, value: Any) -> Decimal:
        self.count += 1
        return an_amount(value, f"{key} of {quoted(self.name)}")

    def _amounts(self, key: str, block: Mapping[str, Any]) -> dict[str, Decimal]:
        """What a part of the entry says about prices, each of them a number."""
        return {rate: self._amount(f"{key}.{rate}", value) for rate, value in _rates(block).items()}

    def _leave(self, key: str) -> None:
        self.unmapped.append(key)

    def _leave_all(self, key: str, value: Any) -> None:
        """Counts every number below a key as unmapped, and every text that begins with one."""
        for leaf in _leaves(value):
            if _is_number(leaf) or (isinstance(leaf, str) and re.match(r"\W*\d", leaf)):
                self.count += 1
                self._leave(key)

    def _add(self, meter: str, price: Decimal, **narrowed: Any) -> None:
        new = FeedPrice(
            meter,
            price,
            threshold_inclusive=(
                narrowed.get("context_threshold") is not None
                and self.litellm_provider in _INCLUSIVE
            ),
            **narrowed,
        )
        self.prices[new.key] = new

    def _take(self, key: str) -> Decimal | None:
        return self.amounts.pop(key, None)

    # -------------------------------------------------------------- mapping

    def _map_plain_keys(self) -> None:
        for key, amount in list(self.amounts.items()):
            if key in _PER_THOUSAND:
                meter, variant = _PER_THOUSAND[key]
                self._add(meter, times(self.amounts.pop(key), PER_THOUSAND), variant=variant)
            elif key in _VARIANTS:
                meter, variant = _VARIANTS[key]
                self._add(meter, self.amounts.pop(key), variant=variant)
            elif key == _CACHE_HIT:
                if self.values.get("cache_read_input_token_cost") == amount:
                    del self.amounts[key]
            elif key in _RESTATED:
                if self.values.get(_RESTATED[key]) is not None:
                    del self.amounts[key]
            elif (slot := _slot(key)) is not None:
                meter, tier, threshold = slot
                self._add(
                    meter,
                    self.amounts.pop(key),
                    service_tier=tier,
                    context_threshold=threshold,
                )

    def _map_images(self) -> None:
        for key in list(self.amounts):
            if found := _IMAGE_VARIANT.fullmatch(key):
                self._add("image", self.amounts.pop(key), variant=found["variant"])
        made, read = self._take("output_cost_per_image"), self._take("input_cost_per_image")
        threshold_read = self._take("input_cost_per_image_above_128k_tokens")
        if threshold_read is not None:
            self._add("input_image_count", threshold_read, context_threshold=128_000)
        if self.mode in _IMAGE_MODES and made is None:
            made, read = read, None
        if made is not None:
            self._add("request" if self.mode == "audio_speech" else "image", made)
        if read is not None:
            self._add("input_image_count", read)
        pixel, pixel_made = self._take("input_cost_per_pixel"), self._take("output_cost_per_pixel")
        if pixel_made or pixel is None:
            pixel, pixel_made = pixel_made, pixel
            if pixel_made:
                self._leave("input_cost_per_pixel")
        if pixel is None:
            return
        self._add("pixel", pixel)
        if made is None and (size := _SIZE.search(self.name)):
            self._add("image", times(pixel, Decimal(int(size[1]) * int(size[2]))))

    def _map_seconds(self) -> None:
        for key in list(self.amounts):
            if found := _VIDEO_VARIANT.fullmatch(key):
                self._add("video_second", self.amounts.pop(key), variant=found["variant"])
        video = self._take("output_cost_per_video_per_second")
        read, made = self._take("input_cost_per_second"), self._take("output_cost_per_second")
        whole = self._take("cost_per_second")
        if self.mode == "video_generation":
            self._add_first("video_second", {"output_cost_per_second": made}, video)
        elif self.mode == "audio_transcription":
            # One of the two counts; the other says zero, or the same.
            self._add_first("audio_second", {}, made or None, read, made)
        elif self.mode in _WALL_CLOCK_MODES:
            rest = {"input_cost_per_second": read, "output_cost_per_second": made}
            self._add_first("compute_second", rest, whole)
        else:
            self._add_first("input_audio_second", {}, read)
            self._add_first("output_audio_second", {}, made)
        if self.mode != "video_generation":
            self._add_first("video_second", {}, video)
        if self.mode not in _WALL_CLOCK_MODES and whole is not None:
            self._leave("cost_per_second")

    def _add_first(
        self, meter: str, rest: Mapping[str, Decimal | None], *prices: Decimal | None
    ) -> None:
        """The first price that there is, those of `rest` last; one of `rest` that says something else is left."""
        chosen = next((price for price in (*prices, *rest.values()) if price is not None), None)
        if chosen is not None:
            self._add(meter, chosen)
        for key, price in rest.items():
            if price not in (None, chosen):
                self._leave(key)

    def _map_searches(self) -> None:
        given = self.values.get("search_context_cost_per_query")
        if given is None:
            return
        key = "search_context_cost_per_query"
        costs = {
            size: self._amount(key, cost)
            for size, cost in an_object(given, f"{key} of {quoted(self.name)}").items()
            if cost is not None
        }
        # Perplexity's own calculator bills the smallest size, all others the one in the middle.
        usual = costs.get(
            "search_context_size_low"
            if self.provider == "perplexity"
            else "search_context_size_medium"
        )
        if usual is not None:
            self._add("web_search", usual)
        for size, cost in costs.items():
            prefix, _, variant = size.rpartition("_")
            if prefix != "search_context_size":
                self._leave(f"{key}.{size}")
            elif cost != usual:
                self._add("web_search", cost, variant=variant)

    def _fill_defaults(self) -> None:
        # Where nothing but pictures are made, every token written is a picture's.
        image, output = self._price("output_image"), self._price("output")
        if image is not None and not output:
            self._add("output", image)
        if self.litellm_provider == "fireworks_ai" and self._price("cache_read") is None:
            price = self._price("input")
            if price is not None:
                self._add("cache_read", times(price, HALF))

    def _map_tiered_pricing(self) -> None:
        given = self.values.get("tiered_pricing")
        if given is None:
            return
        what = f"tiered_pricing of {quoted(self.name)}"
        tiers = [an_object(tier, f"A tier of {what}") for tier in an_array(given, what)]
        if all("max_results_range" in tier for tier in tiers):
            self._map_result_tiers(tiers)
            return
        bounds = [self._range(tier.get("range"), what) for tier in tiers]
        ordered = sorted(zip(bounds, tiers, strict=True), key=lambda pair: pair[0])
        starts = [start for (start, _), _ in ordered]
        ends = [end for (_, end), _ in ordered]
        if not ordered or starts[0] != 0 or starts[1:] != ends[:-1]:
            for tier in tiers:
                self.unmapped += ["tiered_pricing"] * len(self._amounts("tiered_pricing", tier))
            return
        flat = {meter: self._price(meter) for meter in ("output", "reasoning")}
        named_keys = {key for tier in tiers for key in tier if key in _TOKEN_METERS}
        for key in _TOKEN_METERS.keys() & set(self.values):
            if key != "input_cost_per_token":
                named_keys.add(key)
        for (start, _), tier in ordered:
            rates = self._amounts("tiered_pricing", tier)
            for key in rates.keys() - _TOKEN_METERS.keys():
                self._leave(f"tiered_pricing.{key}")
            for key in named_keys:
                price = rates.get(key)
                if price is None:
                    price = self._rate_of_tier(key, rates, flat)
                if price is not None:
                    self._add(_TOKEN_METERS[key], price, context_threshold=start or None)

    def _rate_of_tier(
        self, key: str, rates: Mapping[str, Decimal], flat: Mapping[str, Decimal | None]
    ) -> Decimal | None:
        """What a token costs that a tier has no rate for."""
        if key == "output_cost_per_token":
            return flat["output"]
        if key == "output_cost_per_reasoning_token":
            return rates.get("output_cost_per_token", flat["reasoning"])
        if key.startswith("cache_creation_input_token_cost_above_"):
            return rates.get("cache_creation_input_token_cost", rates.get("input_cost_per_token"))
        if key.startswith("cache_"):
            return rates.get("input_cost_per_token")
        return None

    def _map_result_tiers(self, tiers: list[dict[str, Any]]) -> None:
        """A search that costs by how many results it gives: a variant each; ten results unless told."""
        for tier in tiers:
            low, high = self._range(tier["max_results_range"], "max_results_range")
            for key, value in _rates(tier).items():
                price = self._amount(key, value)
                if key != "input_cost_per_query":
                    self._leave(f"tiered_pricing.{key}")
                    continue
                self._add("query", price, variant=f"{low}-{high}")
                if low <= 10 <= high:
                    self._add("query", price)

    def _range(self, given: Any, what: str) -> tuple[int, int]:
        pair = an_array(given, f"A range of {what}")
        if len(pair) != 2 or not all(_is_number(end) and 0 <= end <= _MAX_END for end in pair):
            raise FeedError(f"A range of {what} is not two numbers from 0 to {_MAX_END:,}.")
        return int(pair[0]), int(pair[1])

    def _fill_reasoning(self) -> None:
        """A tier with an output price of its own bills reasoning at that, not at the standard reasoning price."""
        if self._price("reasoning") is None or "tiered_pricing" in self.values:
            return
        for tier in _TIERS.values():
            if self._price("output", tier) is None or self._price("reasoning", tier) is not None:
                continue
            for threshold in {price.context_threshold for price in self.prices.values()}:
                price = self._price("output", tier, threshold)
                if price is None and tier != "batch" and threshold is not None:
                    price = self._price("output", STANDARD, threshold)
                if price is not None:
                    self._add("reasoning", price, service_tier=tier, context_threshold=threshold)

    def _fill_batch(self) -> None:
        if not any(price.service_tier == "batch" for price in self.prices.values()):
            return
        for meter in ("output", "output_image"):
            price = self._price(meter)
            if price is not None and self._price(meter, "batch") is None:
                self._add(meter, times(price, HALF), service_tier="batch")

    def _price(
        self, meter: str, tier: str = STANDARD, threshold: int | None = None
    ) -> Decimal | None:
        found = self.prices.get(
            FeedPrice(meter, HALF, service_tier=tier, context_threshold=threshold).key
        )
        return None if found is None else found.price

    # -------------------------------------------------------------- windows and multipliers

    def _map_off_peak_pricing(self) -> None:
        key = "off_peak_pricing"
        if (given := self.values.get(key)) is None:
            return
        block = an_object(given, f"{key} of {quoted(self.name)}")
        rates = self._amounts(key, block)
        rules = _rules(block, quoted(self.name))
        for rule in rules[1:]:  # a price of some hours only
            self._leave_all(f"{key}.windows", _rates(rule))
        windows = _windows(rules, block.get("weekday_timezone") or "UTC")
        if windows is None:
            self.unmapped += [key] * len(rates)
            return
        for rate, price in rates.items():
            meter = _TOKEN_METERS.get(rate)
            if meter is None:
                self._leave(f"{key}.{rate}")
                continue
            for window in windows:
                self._add(meter, price, **window)

    def _map_multipliers(self) -> None:
        tokens = [price for price in self.prices.values() if price.meter in _TOKEN_METERS.values()]
        for key in list(self.amounts):
            if found := _UPLIFT.fullmatch(key):
                self._multiply(
                    tokens, self.amounts.pop(key), region=found["region"] or found["other"]
                )
        vertex = self._take("regional_endpoint_uplift_multiplier")
        if vertex is not None:
            self._multiply(tokens, vertex, region="regional")
        special = self.values.get("provider_specific_entry")
        if not isinstance(special, dict):
            return
        # LiteLLM does not apply Anthropic's multipliers to batches.
        prompt = [price for price in tokens if price.service_tier != "batch"]
        factors = {
            name: self._amount(f"provider_specific_entry.{name}", value)
            for name, value in special.items()
            if _is_number(value) or (name in ("us", "fast") and value is not None)
        }
        for name, amount in factors.items():
            if name == "us":
                self._multiply(prompt, amount, region="us")
            elif name == "fast":
                self._multiply(prompt, amount, variant="fast")
                if "us" in factors:
                    both = times(amount, factors["us"])
                    self._multiply(prompt, both, region="us", variant="fast")
            else:
                self._leave(f"provider_specific_entry.{name}")

    def _multiply(
        self,
        prices: list[FeedPrice],
        factor: Decimal,
        *,
        region: str | None = None,
        variant: str | None = None,
    ) -> None:
        for price in prices:
            if price.region is None and price.variant is None and price.price is not None:
                new = replace(
                    price, price=times(price.price, factor), region=region, variant=variant
                )
                self.prices[new.key] = new

    # -------------------------------------------------------------- what else is known

    def _attributes(self, notes: Notes) -> dict[str, Any]:
        values = self.values
        modality, task, capability = _MODES.get(self.mode, ("text", self.mode or "", None))
        supports = sorted(
            {
                _SUPPORTS.get(key, key.removeprefix("supports_")).strip()
                for key, value in values.items()
                if key.startswith("supports_") and key != "supports_" and value is True
            }
        )
        source = values.get("source")
        found = {
            "modality": modality,
            "task": task,
            "capabilities": [capability] if capability else [],
            "supports": supports,
            "context_window": a_count(values.get("max_input_tokens"))
            or a_count(values.get("max_tokens")),
            "max_tokens": a_count(values.get("max_output_tokens")),
            "deprecation_date": notes.date(
                values.get("deprecation_date"), f"The deprecation_date of {quoted(self.name)}"
            ),
            "provider_url": notes.text(source, f"The source of {quoted(self.name)}")
            if isinstance(source, str) and re.match(r"https?://\S+$", source)
            else None,
        }
        return {name: value for name, value in found.items() if value}


def _slot(key: str) -> _Slot | None:
    """What a key of the form base[_above_Nk_tokens][_tier] prices."""
    found = _KEY.fullmatch(key)
    if found is None or found["base"] not in _METERS:
        return None
    return (
        _METERS[found["base"]],
        _TIERS.get(found["tier"] or "", STANDARD),
        _tokens(found["threshold"]) if found["threshold"] else None,
    )


def _tokens(text: str) -> int:
    """`200k` and `200000` are the same threshold."""
    return int(text.removesuffix("k")) * (1000 if text.endswith("k") else 1)


def _rates(block: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in block.items() if _MONEY.search(key) and value is not None}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_one_price(key: str) -> bool:
    """Whether the value of a key that carries money must be one number."""
    return _slot(key) is not None or any(pattern.fullmatch(key) for pattern in _ONE_PRICE)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(part)
    else:
        yield value


_DAY: Final = 24 * 60
_ALL_DAYS: Final = 127


def _rules(block: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The rules of an off-peak block, each with its hours as an array: that of the block itself, and its windows."""
    windows = an_array(block.get("windows") or [], f"windows of {name}")
    rules = [an_object(rule, f"A window of {name}") for rule in windows]
    return [
        {**rule, "hours_utc": _hours(rule.get("hours_utc") or [], name)}
        for rule in [{"hours_utc": block.get("hours_utc")}, *rules]
    ]


def _hours(given: Any, name: str) -> list[Any]:
    return [given] if isinstance(given, str) else an_array(given, f"hours_utc of {name}")


def _windows(rules: list[dict[str, Any]], zone: Any) -> list[dict[str, Any]] | None:
    """The daily windows of off-peak rules, none of which passes midnight; None for what cannot be read.

    Hours are UTC, but weekdays are those of `zone`: windows are moved into it.
    """
    offset = _fixed_offset(zone)
    found: dict[tuple[int, int, int], None] = {}
    for rule in rules:
        days = _mask(rule.get("weekdays"))
        for text in rule["hours_utc"]:
            window = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", str(text))
            if window is None or days is None or offset is None:
                return None
            start = int(window[1]) * 60 + int(window[2])
            end = int(window[3]) * 60 + int(window[4])
            length = (end - start) % _DAY or _DAY
            for piece in _pieces((start + offset) % _DAY, length):
                found[(*piece, days)] = None
    return [
        {
            "window_start": _clock(start),
            "window_end": _clock(end),
            "window_days": days,
            "window_time_zone": zone,
        }
        for start, end, days in found
    ] or None


def _pieces(start: int, length: int) -> Iterator[tuple[int, int]]:
    """The window cut at midnight, and a whole day in two: a window has two different ends."""
    end = start + length
    cuts = sorted({start, end, *(cut for cut in (_DAY,) if start < cut < end)})
    for low, high in pairwise(cuts):
        if high - low == _DAY:
            yield 0, _DAY // 2
            yield _DAY // 2, _DAY
        else:
            base = low // _DAY * _DAY
            yield low - base, high - base


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def _mask(weekdays: Any) -> int | None:
    """Weekdays as 1 Monday, 2 Tuesday, … 64 Sunday, added up; None for what cannot be read."""
    if weekdays is None:
        return _ALL_DAYS
    if not isinstance(weekdays, list) or not all(
        isinstance(day, int) and 1 <= day <= 7 for day in weekdays
    ):
        return None
    return sum({1 << (day - 1) for day in weekdays}) or None


def _fixed_offset(zone: Any) -> int | None:
    """Minutes east of UTC; None for an unknown zone, or one that changes its clocks."""
    if not isinstance(zone, str) or not re.fullmatch(r"[A-Z][\w+-]*(/[\w+-]+)*", zone, re.ASCII):
        return None
    try:
        times_of_year = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 13)]
        offsets = {moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in times_of_year}
    except (KeyError, ValueError, TypeError, OSError):
        return None
    (offset, *others) = offsets
    return None if others or offset is None else offset // timedelta(minutes=1)
