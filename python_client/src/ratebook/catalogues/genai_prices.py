"""genai-prices' data: the JSON that its package updates itself from, or the installed package.

Prices are sets that replace each other: the last one in the list whose condition holds applies as a whole. Start
dates become dated rows, hours of the day become windows, and what the request was (`price_variants`) becomes a service
tier, a variant or a region. An override replaces a price at all context lengths, so it is repeated at each threshold of
the price that it overrides. Prices are per million tokens, per thousand of what is counted, per hour of audio.
"""

import importlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from ratebook.catalogues.feed import (
    PER_MILLION,
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
    divided,
    once,
    quoted,
    read_json,
    times,
)
from ratebook.errors import RatebookError

SOURCE: Final = "genai-prices"

# Keys of providers that other catalogues write differently.
_PROVIDERS: Final = {
    "aws": "bedrock",
    "fireworks": "fireworks_ai",
    "github-copilot": "github_copilot",
    "moonshotai": "moonshot",
    "together": "together_ai",
    "voyageai": "voyage",
    "x-ai": "xai",
}
_PER_HOUR: Final = 3600
_METERS: Final[Mapping[str, tuple[str, Decimal | int]]] = {
    "input_mtok": ("input", PER_MILLION),
    "output_mtok": ("output", PER_MILLION),
    "cache_read_mtok": ("cache_read", PER_MILLION),
    "cache_write_mtok": ("cache_write", PER_MILLION),
    "cache_write_1h_mtok": ("cache_write_1h", PER_MILLION),
    "output_reasoning_mtok": ("reasoning", PER_MILLION),
    "output_citation_mtok": ("citation", PER_MILLION),
    "input_audio_mtok": ("input_audio", PER_MILLION),
    "output_audio_mtok": ("output_audio", PER_MILLION),
    "cache_audio_read_mtok": ("cache_read_audio", PER_MILLION),
    "cache_audio_write_mtok": ("cache_write_audio", PER_MILLION),
    "input_image_mtok": ("input_image", PER_MILLION),
    "output_image_mtok": ("output_image", PER_MILLION),
    "cache_image_read_mtok": ("cache_read_image", PER_MILLION),
    "input_video_mtok": ("input_video", PER_MILLION),
    "output_video_mtok": ("output_video", PER_MILLION),
    "input_mchars": ("input_character", PER_MILLION),
    "input_gpixels": ("input_pixel", times(PER_MILLION, PER_THOUSAND)),
    "requests_kcount": ("request", PER_THOUSAND),
    "web_searches_kcount": ("web_search", PER_THOUSAND),
    "storage_searches_kcount": ("file_search", PER_THOUSAND),
    "rerank_searches_kcount": ("query", PER_THOUSAND),
    "input_text_messages_kcount": ("query", PER_THOUSAND),
    "input_document_kpages": ("page", PER_THOUSAND),
    "input_annotated_document_kpages": ("annotated_page", PER_THOUSAND),
    "audio_hours": ("audio_second", _PER_HOUR),
    "input_audio_hours": ("input_audio_second", _PER_HOUR),
    "output_audio_hours": ("output_audio_second", _PER_HOUR),
}

# meter → price by context threshold, None: the base.
_Prices = dict[str, dict[int | None, Decimal]]


def parse(data: str | bytes) -> Feed:
    """The catalogue in genai-prices' JSON (prices/new_data/v2/data.json). Raises FeedError."""
    return _feed(an_array(read_json(data), "The catalogue"))


def from_package() -> Feed:
    """The catalogue inside the installed package. Raises RatebookError where there is none."""
    try:
        providers = importlib.import_module("genai_prices.data").providers
    except ImportError:
        raise RatebookError(
            "genai-prices is not installed: pip install 'ratebook[catalogues]', or give its JSON file."
        ) from None
    return _feed([_plain(provider) for provider in providers])


def _plain(value: Any) -> Any:
    """A dataclass of the package as its JSON would be."""
    if is_dataclass(value) and not isinstance(value, type):
        named_fields = {field.name: getattr(value, field.name) for field in fields(value)}
        return {
            name.removesuffix("_"): _plain(part)
            for name, part in named_fields.items()
            if part is not None and not name.startswith("_")
        }
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, date | time):
        return value.isoformat()
    if type(value).__name__ == "ModelPrice":
        return {name: _plain(part) for name, part in vars(value).items() if part is not None}
    return value


def _feed(providers: list[Any]) -> Feed:
    reading = Reading(SOURCE)
    for number, given in enumerate(providers, 1):
        with reading.entry(_label_of(given, number)) as notes:
            _read_provider(reading, given, notes)
    return reading.feed()


def _read_provider(reading: Reading, given: Any, notes: Notes) -> None:
    provider = an_object(given, "A provider")
    key = notes.name(provider.get("id"), "The id of a provider")
    models = an_array(provider.get("models"), f"models of {quoted(key)}")
    rest = {name: value for name, value in provider.items() if name != "models"}
    once(provider, f"The provider {quoted(key)}")
    notes.sound(rest, f"The provider {quoted(key)}")
    rest["name"] = notes.label(rest.get("name"), f"The name of {quoted(key)}") or key
    for number, entry in enumerate(models, 1):
        with reading.entry(f"{key}/{_label_of(entry, number)}") as of_model:
            values = an_object(entry, f"A model of {quoted(key)}")
            if isinstance(given_id := values.get("id"), str):
                of_model.model = (_PROVIDERS.get(key, key), given_id.strip())
            of_model.sound(values, f"A model of {quoted(key)}")
            reading.add(_Entry(key, rest, values, of_model).model(), of_model)


def _label_of(given: Any, number: int) -> str:
    name = given.get("id") if isinstance(given, dict) else None
    return name if isinstance(name, str) else f"number {number}"


@dataclass(frozen=True)
class _Context:
    """What a request was, beyond its usage."""

    service_tier: str = STANDARD
    variant: str | None = None
    region: str | None = None


class _Entry:
    """One model of the catalogue on its way to prices."""

    def __init__(
        self,
        provider_id: str,
        provider: Mapping[str, Any],
        values: dict[str, Any],
        notes: Notes,
    ) -> None:
        self.notes = notes
        self.provider_id = provider_id
        self.provider = provider
        self.values = values
        self.id = notes.name(values.get("id"), f"The id of a model of {quoted(provider_id)}")
        self.count = 0
        self.unmapped: list[str] = []
        self.prices: list[FeedPrice] = []

    def model(self) -> FeedModel:
        """The model with all its prices."""
        sets = self._sets()
        variants = list(self._variants())
        self._add_timeline(_Context(), sets, [])
        for context in dict.fromkeys(context for context, _, _ in variants):
            mine = [(start, prices) for found, start, prices in variants if found == context]
            self._add_timeline(context, sets, mine)
        provider = _PROVIDERS.get(self.provider_id, self.provider_id)
        return FeedModel(
            provider=provider,
            provider_name=self.provider["name"],
            provider_model_key=self.id,
            name=self.notes.name(self.values.get("name") or self.id, self._what("the name")),
            names=(f"{self.provider_id}/{self.id}",),
            short_names=(self.id, *self._equals(self.values.get("match"))),
            prices=tuple(self.prices),
            attributes=self._attributes(),
            values=self.count,
            unmapped=tuple(self.unmapped),
        )

    # -------------------------------------------------------------- reading

    def _sets(self) -> list[tuple[Any, _Prices]]:
        """Constraint (None, a date, or a pair of times) and prices, in the order of the catalogue."""
        given = self.values.get("prices")
        if isinstance(given, dict):
            return [(None, self._read(given))]
        return [
            (
                self._constraint(an_object(part, self._what("a price")).get("constraint")),
                self._read(an_object(part.get("prices"), self._what("a price"))),
            )
            for part in an_array(given, self._what("prices"))
        ]

    def _what(self, part: str) -> str:
        return f"{part} of {quoted(self.id)}"

    def _constraint(self, given: Any) -> date | tuple[str, str] | None:
        if given is None:
            return None
        constraint = an_object(given, self._what("a constraint"))
        try:
            if "start_date" in constraint:
                return date.fromisoformat(constraint["start_date"])
            return _utc(constraint["start_time"]), _utc(constraint["end_time"])
        except (AttributeError, KeyError, TypeError, ValueError):
            raise FeedError(
                f"{self._what('a constraint')} is neither a date nor hours.", "date"
            ) from None

    def _read(self, given: Mapping[str, Any]) -> _Prices:
        found: _Prices = {}
        for key, value in given.items():
            if value is None:
                continue
            what = self._what(key)
            if isinstance(value, dict):
                steps: dict[int | None, Any] = {None: value.get("base")}
                for tier in an_array(value.get("tiers"), what):
                    start = a_count(an_object(tier, what).get("start"))
                    if start is None:
                        raise FeedError(f"{what} has a tier without a start.")
                    steps[start] = tier.get("price")
            else:
                steps = {None: value}
            amounts = {start: an_amount(amount, what) for start, amount in steps.items()}
            self.count += len(amounts)
            if key not in _METERS or _METERS[key][0] in found:
                self.unmapped += [key] * len(amounts)
                continue
            meter, unit = _METERS[key]
            found[meter] = {
                start: divided(amount, unit) if isinstance(unit, int) else times(amount, unit)
                for start, amount in amounts.items()
            }
        return found

    def _variants(self) -> Iterator[tuple[_Context, date | None, _Prices]]:
        """The overrides in the order of the catalogue, the first of which counts."""
        seen: dict[tuple[_Context, Any], _Prices] = {}
        for given in an_array(
            self.values.get("price_variants") or [], self._what("price_variants")
        ):
            variant = an_object(given, self._what("a variant"))
            when = an_object(variant.get("when"), self._what("a variant"))
            constraint = self._constraint(variant.get("constraint"))
            before = self.count
            prices = self._read(an_object(variant.get("prices"), self._what("a variant")))
            context = _context(when)
            if (
                when.get("service_tier") == "fast"
                and seen.get((_Context("priority"), constraint)) == prices
            ):
                continue  # OpenAI's two names of one tier
            if context is None or isinstance(constraint, tuple):
                label = ",".join(f"{name}={value}" for name, value in when.items())
                self.unmapped += [f"price_variants[{label}]"] * (self.count - before)
                continue
            seen[context, constraint] = prices
            if prices:
                yield context, constraint, prices

    # -------------------------------------------------------------- mapping

    def _add_timeline(
        self,
        context: _Context,
        sets: list[tuple[Any, _Prices]],
        overrides: list[tuple[date | None, _Prices]],
    ) -> None:
        """Rows for everything that changes in one context, date by date."""
        dates = {start for start, _ in [*sets, *overrides] if isinstance(start, date)}
        before: dict[tuple[Any, ...], Decimal] = {}
        for start in [None, *sorted(dates)]:
            base, windows = _active(sets, start)
            if overrides or context != _Context():
                now = dict(_override(context, base, overrides, start))
            else:
                now = {(meter, threshold, None): price for meter, threshold, price in _rows(base)}
                for window in windows:
                    for meter, threshold, price in _rows(window[1]):
                        now[meter, threshold, window[0]] = price
            for slot in dict.fromkeys([*before, *now]):
                if before.get(slot) != now.get(slot):
                    self._add(context, slot, now.get(slot), start)
            before = now

    def _add(
        self,
        context: _Context,
        slot: tuple[Any, ...],
        price: Decimal | None,
        start: date | None,
    ) -> None:
        meter, threshold, window = slot
        self.prices.append(
            FeedPrice(
                meter,
                price,
                service_tier=context.service_tier,
                variant=context.variant,
                region=context.region,
                context_threshold=threshold,
                window_start=window and window[0],
                window_end=window and window[1],
                window_days=127 if window else None,
                window_time_zone="UTC" if window else None,
                effective_from=(
                    datetime(start.year, start.month, start.day, tzinfo=UTC) if start else None
                ),
            )
        )

    def _equals(self, match: Any) -> Iterator[str]:
        """The names that a model matches word for word."""
        if isinstance(match, dict):
            if isinstance(name := match.get("equals"), str) and name.strip() == name != "":
                yield name
            for part in an_array(match.get("or") or [], self._what("or")):
                yield from self._equals(part)

    def _attributes(self) -> dict[str, Any]:
        urls = self.provider.get("pricing_urls")
        found = {
            "context_window": a_count(self.values.get("context_window")),
            "description": self.notes.text(
                self.values.get("description"), self._what("description")
            ),
            "provider_url": self.notes.text(
                urls[0] if isinstance(urls, list) and urls else None, self._what("pricing_urls")
            ),
            "status": "deprecated" if self.values.get("deprecated") is True else None,
        }
        return {name: value for name, value in found.items() if value}


def _utc(text: str) -> str:
    moment = time.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is not None:
        moment = datetime.combine(date(2000, 1, 2), moment).astimezone(UTC).time()
    return moment.strftime("%H:%M")


def _context(when: Mapping[str, Any]) -> _Context | None:
    """The context of a variant; None for one that is not known."""
    match list(when.items()):
        case [("processing", "batch")]:
            return _Context("batch")
        case [("service_tier", "default" | "standard")]:
            return _Context()
        case [("service_tier", "flex" | "priority" | "ultrafast" as tier)]:
            return _Context(tier)
        case [("service_tier" | "speed" | "search_type", str(variant))]:
            return _Context(variant=variant)
        case [("route", str(route))]:
            return _Context(region=route.rsplit("/", 1)[-1])
        case _:
            return None


def _active(
    sets: list[tuple[Any, _Prices]], start: date | None
) -> tuple[_Prices, list[tuple[tuple[str, str], _Prices]]]:
    """The prices from a date on, and those of hours of the day."""
    windows = []
    for constraint, prices in reversed(sets):
        if isinstance(constraint, tuple):
            windows.append((constraint, prices))
        elif constraint is None or (start is not None and constraint <= start):
            return prices, windows
    return (sets[0][1] if sets else {}), windows


def _rows(prices: _Prices) -> Iterator[tuple[str, int | None, Decimal]]:
    for meter, steps in prices.items():
        for threshold, price in steps.items():
            yield meter, threshold, price


def _override(
    context: _Context,
    base: _Prices,
    overrides: Iterable[tuple[date | None, _Prices]],
    start: date | None,
) -> Iterator[tuple[tuple[Any, ...], Decimal]]:
    """What a context says from a date on. Batch looks at its own prices first, so it says all of them."""
    mine: _Prices = {}
    for since, prices in overrides:
        if since is None or (start is not None and since <= start):
            for meter, steps in prices.items():
                mine.setdefault(meter, steps)
    if mine and context.service_tier == "batch":
        mine = {**base, **mine}
    for meter, steps in mine.items():
        for threshold in dict.fromkeys([*steps, *base.get(meter, {})]):
            below = [step for step in steps if step is not None and step <= (threshold or 0)]
            yield (meter, threshold, None), steps[max(below) if below else None]
