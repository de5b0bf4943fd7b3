"""A parsed catalogue, in the form that `ai.import_catalogue()` takes."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import Any, Final

from ratebook.errors import RatebookError

PER_THOUSAND: Final = Decimal("0.001")
PER_MILLION: Final = Decimal("0.000001")
MAX_PRICE: Final = 1_000_000
MAX_NAME: Final = 255
MAX_EXPONENT: Final = 60
STANDARD: Final = "standard"
SERVICE_TIERS: Final = frozenset(
    {"standard", "batch", "flex", "balanced", "priority", "ultrafast", "decisions"}
)


class FeedError(RatebookError):
    """A catalogue that cannot be read: not JSON, another shape, or a price that is none."""


@dataclass(frozen=True, slots=True)
class FeedPrice:
    """The price of ONE unit of a meter, and what narrows it down.

    Windows are local times of `window_time_zone`, HH:MM; `window_days` adds up 1 Monday, 2 Tuesday, … 64 Sunday.
    Without `effective_from` the price starts when it is imported. A price of None ends the one before, from
    `effective_from` on.
    """

    meter: str
    price: Decimal | None
    service_tier: str = STANDARD
    variant: str | None = None
    region: str | None = None
    context_threshold: int | None = None
    threshold_inclusive: bool = False
    window_start: str | None = None
    window_end: str | None = None
    window_days: int | None = None
    window_time_zone: str | None = None
    currency: str = "USD"
    effective_from: datetime | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """What two prices of one model must not share."""
        return (
            self.meter,
            self.service_tier,
            self.variant,
            self.region,
            self.context_threshold,
            self.window_start,
            self.window_end,
            self.window_days,
            self.window_time_zone,
            self.currency,
            self.effective_from,
        )

    def to_json(self) -> dict[str, Any]:
        """The price as a JSON object, without what is as usual; the amount is an exact string."""
        amount = None if self.price is None else format(self.price, "f")
        row: dict[str, Any] = {"meter": self.meter, "price": amount}
        for name, usual in _USUAL.items():
            value = getattr(self, name)
            if value != usual:
                row[name] = value.isoformat() if isinstance(value, datetime) else value
        return row


_USUAL: Final[Mapping[str, object]] = {
    "service_tier": STANDARD,
    "variant": None,
    "region": None,
    "context_threshold": None,
    "threshold_inclusive": False,
    "window_start": None,
    "window_end": None,
    "window_days": None,
    "window_time_zone": None,
    "currency": "USD",
    "effective_from": None,
}


@dataclass(frozen=True, slots=True)
class FeedModel:
    """A model as a catalogue describes it.

    `names`: what the catalogue calls it, each of them no other model's; `short_names` may be others' too, and count
    only where they are not. `values` counts its numbers that carry money; `unmapped` names the keys among them that
    became no price.
    """

    provider: str
    provider_model_key: str
    name: str
    names: tuple[str, ...]
    prices: tuple[FeedPrice, ...]
    provider_name: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    values: int = 0
    unmapped: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The model as a JSON object."""
        row = {
            "provider": self.provider,
            "provider_name": self.provider_name,
            "provider_model_key": self.provider_model_key,
            "name": self.name,
            "aliases": list(self.aliases),
            "attributes": dict(self.attributes),
            "prices": [price.to_json() for price in self.prices],
            "unmapped": list(self.unmapped),
        }
        return {name: value for name, value in row.items() if value not in (None, [], {})}


@dataclass(frozen=True, slots=True)
class Feed:
    """A whole catalogue. `skipped`: its entries that are no models, each with the reason."""

    source: str
    models: tuple[FeedModel, ...]
    skipped: Mapping[str, str] = field(default_factory=dict)

    @property
    def values(self) -> int:
        """How many numbers that carry money were read."""
        return sum(model.values for model in self.models)

    @property
    def unmapped(self) -> Counter[str]:
        """How many of them became no price, by their key."""
        return Counter(key for model in self.models for key in model.unmapped)

    @property
    def price_count(self) -> int:
        """How many price rows it has."""
        return sum(len(model.prices) for model in self.models)

    def to_json(self) -> list[dict[str, Any]]:
        """The argument `models` of `ai.import_catalogue()`."""
        return [model.to_json() for model in self.models]


def named(models: Iterable[FeedModel]) -> tuple[FeedModel, ...]:
    """The models with their aliases: every name of the catalogue, and short ones where they can mean one model only.

    What follows the last slash of a name is a short name too.
    """
    models = tuple(models)
    full = {name for model in models for name in model.names}
    uses = Counter(name for model in models for name in set(_short(model)))
    return tuple(
        replace(
            model,
            aliases=tuple(
                dict.fromkeys(
                    [
                        *model.names,
                        *(
                            name
                            for name in _short(model)
                            if uses[name] == 1 and name not in full and 0 < len(name) <= MAX_NAME
                        ),
                    ]
                )
            ),
        )
        for model in models
    )


def _short(model: FeedModel) -> Iterator[str]:
    for name in (*model.names, *model.short_names, model.provider_model_key):
        yield name.rsplit("/", 1)[-1]
    yield from model.short_names


# ------------------------------------------------------------------ reading

_UNKEPT: Final = re.compile("[\0\ud800-\udfff]")  # NUL, and half of a surrogate pair


def read_json(data: str | bytes) -> Any:
    """JSON with exact decimals.

    Raises FeedError for what is not JSON, NaN, Infinity, a key given twice, and text that no database can keep.
    """
    try:
        return json.loads(
            data, parse_float=_decimal, parse_constant=_refuse, object_pairs_hook=_object
        )
    except FeedError:
        raise
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError among them
        raise FeedError(f"The catalogue is not JSON: {error}") from None


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:  # its exponent is too large
        raise FeedError(f"The catalogue holds {quoted(text)}, which is no amount.") from None


def _refuse(constant: str) -> None:
    raise FeedError(f"The catalogue holds {constant}, which is no amount.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for name, value in pairs:
        for text in (name, *(value if isinstance(value, list) else [value])):
            if isinstance(text, str) and _UNKEPT.search(text):
                raise FeedError(
                    f"The catalogue holds text that no database can keep: {quoted(text)}"
                )
    found = dict(pairs)
    if len(found) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise FeedError(f"The catalogue names {quoted(twice)} twice in one object.")
    return found


def an_object(value: Any, what: str) -> dict[str, Any]:
    """The value where it is a JSON object. Raises FeedError."""
    if not isinstance(value, dict):
        raise FeedError(f"{what} is not a JSON object.")
    return value


def an_array(value: Any, what: str) -> list[Any]:
    """The value where it is a JSON array. Raises FeedError."""
    if not isinstance(value, list):
        raise FeedError(f"{what} is not a JSON array.")
    return value


def texts(value: Any, what: str) -> list[str]:
    """The value where it is an array of strings; an empty one for null. Raises FeedError."""
    found = [] if value is None else an_array(value, what)
    if not all(isinstance(part, str) for part in found):
        raise FeedError(f"{what} is not an array of texts.")
    return found


def a_name(value: Any, what: str) -> str:
    """The value where it is a name of 1 to 255 characters without blanks around it. Raises FeedError."""
    if not isinstance(value, str) or not value.strip():
        raise FeedError(f"{what} is not a name.")
    if len(value) > MAX_NAME:
        raise FeedError(
            f"{what} is {len(value):,} characters long, more than {MAX_NAME}: {quoted(value)}"
        )
    if value != value.strip():
        raise FeedError(f"{what} has blanks around it: {quoted(value)}")
    return value


def an_amount(value: Any, what: str) -> Decimal:
    """The value where it is a JSON number from 0 to below a million. Raises FeedError."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise FeedError(f"{what} is not a number: {quoted(value)}")
    if not 0 <= value < MAX_PRICE:
        raise FeedError(f"{what} is not a price from 0 to below a million: {quoted(value)}")
    if isinstance(value, Decimal) and abs(int(value.as_tuple().exponent)) > MAX_EXPONENT:
        raise FeedError(f"{what} has too many digits: {quoted(value)}")
    return Decimal(value)


def an_amount_as_text(value: Any, what: str) -> Decimal:
    """The value where it is a string that holds such a number. Raises FeedError."""
    if not isinstance(value, str):
        raise FeedError(f"{what} is not a number as a string: {quoted(value)}")
    if not re.fullmatch(r"\d{1,40}(\.\d{1,60})?([eE][+-]?\d{1,2})?", value):
        raise FeedError(f"{what} is not a price from 0 to below a million: {quoted(value)}")
    return an_amount(Decimal(value), what)


def divided(amount: Decimal, divisor: int) -> Decimal:
    """The quotient to 40 digits, exact where it has fewer."""
    with localcontext(prec=40):
        return (amount / divisor).normalize()


def times(amount: Decimal, factor: Decimal) -> Decimal:
    """The exact product; `*` would round it to the digits of the decimal context."""
    a, b = amount.as_tuple(), factor.as_tuple()
    digits = int("".join(map(str, a.digits))) * int("".join(map(str, b.digits)))
    return Decimal((0, tuple(map(int, str(digits))), int(a.exponent) + int(b.exponent)))


def a_count(value: Any) -> int | None:
    """A whole number of tokens that fits the database; None for anything else, since it prices nothing."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return int(value) if 0 < value < 2**31 and value == int(value) else None


def a_date(value: Any) -> str | None:
    """An ISO date; None for anything else."""
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


def quoted(value: object) -> str:
    """A value of the catalogue for a message, shortened; what cannot be printed is escaped."""
    text = _UNKEPT.sub(lambda found: ascii(found[0])[1:-1], str(value)[:61])
    return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"'
