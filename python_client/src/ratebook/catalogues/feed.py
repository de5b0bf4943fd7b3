"""A parsed catalogue, in the form that `ai.import_catalogue()` takes."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import Any, Final

from ratebook.errors import RatebookError

PER_THOUSAND: Final = Decimal("0.001")
PER_MILLION: Final = Decimal("0.000001")
MAX_PRICE: Final = 1_000_000
MAX_NAME: Final = 255
MAX_TEXT: Final = 10_000
MAX_EXPONENT: Final = 60
MAX_DEPTH: Final = 100
MAX_DIGITS: Final = 1_000
MAX_KIND: Final = 100
MAX_WINDOWS: Final = 6
MAX_THRESHOLD: Final = 10**18
STANDARD: Final = "standard"
SERVICE_TIERS: Final = frozenset(
    {"standard", "batch", "flex", "balanced", "priority", "ultrafast", "decisions"}
)


class FeedError(RatebookError):
    """A catalogue that cannot be read, or one entry of it; `kind` is what a `Flaw` calls it."""

    def __init__(self, message: str, kind: str = "shape") -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one entry of a catalogue: its name, the kind of flaw, and a sentence for people.

    Mended: `blanks` around a name, `twice` the same, `detail` (a description that is left away). Left out: `shape`,
    `name`, `amount`, `date`, `text`, `provider`, `bounds` (what the database does not hold), `contradiction`. Skipped,
    since it is no model: `format`, `alias`, `same` (another name of a model), `merged` (another name, which adds prices
    to it), `other prices` (another name, which says other prices).
    """

    entry: str
    kind: str
    reason: str


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
            *self.window,
            self.currency,
            self.effective_from,
        )

    @property
    def window(self) -> tuple[object, ...]:
        """The daily hours that it is for."""
        return (self.window_start, self.window_end, self.window_days, self.window_time_zone)

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
    """A whole catalogue, as far as it can be read.

    `mended`: what was put right; `left_out`: entries that cannot be read, or contradict themselves; `skipped`: entries
    that are no models of their own. `unread`: models of which nothing is known but that the catalogue has them, by
    provider and the provider's name, with the reason; what is here of these stays as it is.
    """

    source: str
    models: tuple[FeedModel, ...]
    mended: tuple[Flaw, ...] = ()
    left_out: tuple[Flaw, ...] = ()
    skipped: tuple[Flaw, ...] = ()
    unread: Mapping[tuple[str, str], str] = field(default_factory=dict)

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
        return [model.to_json() for model in self.models] + [
            {"provider": provider, "provider_model_key": key, "name": key, "problem": problem}
            for (provider, key), problem in self.unread.items()
        ]


# ------------------------------------------------------------------ entry by entry


class Notes:
    """One entry while it is read, and what is mended of it."""

    def __init__(self, entry: str) -> None:
        self.entry = entry
        # Provider and the provider's name, once they are known.
        self.model: tuple[str, str] | None = None
        self.mended: list[Flaw] = []

    def mend(self, kind: str, reason: str) -> None:
        """Say what was put right."""
        self.mended.append(Flaw(self.entry, kind, reason))

    def name(self, value: Any, what: str) -> str:
        """A name of 1 to 255 characters, without the blanks around it. Raises FeedError."""
        name = a_name(value, what)
        if name != value:
            self.mend("blanks", f"{what} has blanks around it: {quoted(value)}")
        return name

    def label(self, value: Any, what: str) -> str | None:
        """A name for people, without the blanks around it; None for anything else."""
        try:
            return None if value is None else self.name(value, what)
        except FeedError as error:
            self.mend("detail", f"{error}: it is left away")
            return None

    def text(self, value: Any, what: str, limit: int = MAX_TEXT) -> str | None:
        """A text that describes; None for anything else, and for what is too long."""
        if not isinstance(value, str) or not value:
            return None
        if len(value) <= limit:
            return value
        self.mend("detail", f"{what} is left away: it has {len(value):,} characters")
        return None

    def date(self, value: Any, what: str) -> str | None:
        """An ISO date; None for less than a day, and for what is none."""
        found = a_date(value)
        if found is None and value and not re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", str(value)):
            self.mend("detail", f"{what} is left away: {quoted(value)} is no date")
        return found

    def sound(self, value: Any, what: str, depth: int = 0) -> None:
        """Look for what nobody can read, or says two things. Raises FeedError."""
        if depth > MAX_DEPTH:
            raise FeedError(f"{what} is nested too deeply.")
        match value:
            case Unreadable():
                raise FeedError(f"{what} holds {quoted(value.text)}, which is no amount.", "amount")
            case str():
                keepable(value, what)
            case list():
                for part in value:
                    self.sound(part, what, depth + 1)
            case dict():
                for key, parts in said(value):
                    keepable(key, what)
                    self.sound(parts[0], what, depth + 1)
                    if len(parts) > 1:
                        self.mend("twice", f"{what} says {quoted(key)} twice")
                once(value, what)


class Reading:
    """A catalogue while it is read, entry by entry: what one of them gets wrong leaves out that one alone."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.models: list[tuple[FeedModel, Notes]] = []
        self.mended: list[Flaw] = []
        self.left_out: list[Flaw] = []
        self.skipped: list[Flaw] = []
        self.unread: dict[tuple[str, str], str] = {}

    @contextmanager
    def entry(self, name: str) -> Iterator[Notes]:
        """Reads one entry."""
        notes = Notes(shown(name, MAX_NAME))
        try:
            yield notes
        except FeedError as error:
            self.leave_out(name, error.kind, str(error))
            if notes.model is not None:
                self.unread.setdefault(notes.model, str(error))
        else:
            self.mended += notes.mended

    def leave_out(self, name: str, kind: str, reason: str) -> None:
        """Report an entry that cannot be taken."""
        self.left_out.append(Flaw(shown(name, MAX_NAME), kind, reason))

    def skip(self, name: str, kind: str, reason: str) -> None:
        """Report an entry that is no model of its own."""
        self.skipped.append(Flaw(shown(name, MAX_NAME), kind, reason))

    def add(self, model: FeedModel, notes: Notes) -> None:
        """Take a model. Raises FeedError for what the database would refuse."""
        unmapped = tuple(key.strip()[:MAX_NAME].strip() or "?" for key in model.unmapped)
        self.models.append((checked(replace(model, unmapped=unmapped), self.source, notes), notes))

    def feed(self) -> Feed:
        """All that can be taken. Raises FeedError where nothing of the catalogue can be read."""
        groups: dict[tuple[str, str], list[tuple[FeedModel, Notes]]] = {}
        for model, notes in self.models:
            groups.setdefault((model.provider, model.provider_model_key), []).append((model, notes))
        models = []
        for (first, notes), *others in groups.values():
            if all(_says(model) == _says(first) for model, _ in others):
                names = dict.fromkeys(
                    name for model, _ in [(first, notes), *others] for name in model.names
                )
                models.append(replace(first, names=tuple(names)))
                self.mended += [
                    Flaw(
                        other.entry,
                        "twice",
                        f"{quoted(other.entry)} says the same as {quoted(notes.entry)}",
                    )
                    for _, other in others
                ]
                continue
            self.left_out += [
                Flaw(
                    other.entry,
                    "contradiction",
                    f"{quoted(other.entry)} is in the catalogue {len(others) + 1} times, with other prices.",
                )
                for _, other in [(first, notes), *others]
            ]
            self.unread[first.provider, first.provider_model_key] = (
                "it is there twice, with other prices."
            )
        if self.left_out and not models:
            flaw = self.left_out[0]
            raise FeedError(
                f"No entry of the catalogue can be read, the first: {flaw.reason}", flaw.kind
            )
        unread = self._unread(models)
        return Feed(
            self.source,
            named(models, (key for _, key in unread)),
            tuple(self.mended),
            tuple(self.left_out),
            tuple(self.skipped),
            unread,
        )

    def _unread(self, models: Sequence[FeedModel]) -> dict[tuple[str, str], str]:
        """What is left out altogether, as far as a database may have it."""
        known = {(model.provider, model.provider_model_key) for model in models}
        return {
            (provider, key): reason
            for (provider, key), reason in self.unread.items()
            if (provider, key) not in known
            and _PROVIDER.fullmatch(provider)
            and not _LIKE_AN_ID.match(provider)
            and 0 < len(key) <= MAX_NAME - len(provider) - len(self.source) - 2
            and not _UNKEPT.search(key)
        }


def _says(model: FeedModel) -> set[FeedPrice]:
    return set(model.prices)


_PROVIDER: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_LIKE_AN_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-")


def checked(model: FeedModel, source: str, notes: Notes) -> FeedModel:
    """The model where the database takes it, each price once. Raises FeedError.

    The database refuses the whole feed for what is wrong with one of its models.
    """
    key = f"{model.provider}/{model.provider_model_key}"
    if not _PROVIDER.fullmatch(model.provider) or _LIKE_AN_ID.match(model.provider):
        raise FeedError(
            f"The provider of {quoted(model.provider_model_key)} is not a lower-case key: {quoted(model.provider)}",
            "provider",
        )
    if len(f"{key}/{source}") > MAX_NAME:
        raise FeedError(f"{quoted(key)} is too long with the name of its source.", "name")
    for name in (model.name, *model.names, *model.attributes.get("supports", ())):
        a_name(name, f"A name of {quoted(key)}")
    for part in ("modality", "task"):
        if len(model.attributes.get(part, "")) > MAX_KIND:
            raise FeedError(f"The {part} of {quoted(key)} is too long.", "bounds")
    found: dict[tuple[object, ...], FeedPrice] = {}
    for price in model.prices:
        what = f"The price of {price.meter} of {quoted(key)}"
        _check_price(price, what)
        other = found.setdefault(price.key, price)
        if other != price:
            raise FeedError(
                f"{what} is said twice, once {other.price}, once {price.price}.", "contradiction"
            )
    windows = {price.window for price in model.prices} - {(None,) * 4}
    if len(windows) > MAX_WINDOWS:
        raise FeedError(f"{quoted(key)} has prices for {len(windows)} daily windows.", "bounds")
    if len(found) < len(model.prices):
        notes.mend("twice", f"{quoted(key)} says a price twice")
    return replace(model, prices=tuple(found.values()))


def _check_price(price: FeedPrice, what: str) -> None:
    if price.price is not None and -int(price.price.as_tuple().exponent) > MAX_EXPONENT:
        raise FeedError(f"{what} has too many digits.", "bounds")
    for name in (price.variant, price.region):
        if name is not None:
            a_name(name, f"{what} is for a variant or region that")
    if price.context_threshold is not None and not 0 < price.context_threshold < MAX_THRESHOLD:
        raise FeedError(f"{what} begins at no number of tokens.", "bounds")
    if price.window_start is not None and price.window_start == price.window_end:
        raise FeedError(f"{what} ends when it begins.", "bounds")


# ------------------------------------------------------------------ names


def named(models: Iterable[FeedModel], unread: Iterable[str]) -> tuple[FeedModel, ...]:
    """The models with their aliases: every name of the catalogue, and short ones where they can mean one model only.

    What follows the last slash of a name is a short name too. `unread`: what models are called that are left out.
    """
    models = tuple(models)
    full = {name for model in models for name in model.names}
    uses = Counter(name for model in models for name in set(_short(model)))
    uses.update({name.rsplit("/", 1)[-1].strip() for name in unread})
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
        yield name.rsplit("/", 1)[-1].strip()
    for name in model.short_names:
        yield name.strip()


# ------------------------------------------------------------------ reading

_UNKEPT: Final = re.compile("[\0\ud800-\udfff]")  # NUL, and half of a surrogate pair


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A number that is none: NaN, Infinity, or one whose exponent is too large."""

    text: str


class Repeated(dict[str, Any]):
    """A JSON object that names a key more than once; `said` gives all that it says."""

    pairs: Sequence[tuple[str, Any]] = ()


def said(value: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """What an object says of each of its keys: more than one thing where it names a key more than once."""
    if not isinstance(value, Repeated):
        yield from ((key, [part]) for key, part in value.items())
        return
    found: dict[str, list[Any]] = {}
    for key, part in value.pairs:
        found.setdefault(key, []).append(part)
    yield from found.items()


def once(value: Mapping[str, Any], what: str) -> None:
    """Raises FeedError for an object that says two things of one key."""
    for key, parts in said(value):
        if any(part != parts[0] for part in parts):
            raise FeedError(f"{what} says two things of {quoted(key)}.", "contradiction")


def read_json(data: str | bytes) -> Any:
    """JSON with exact decimals; what is wrong with an entry is found where `Notes.sound` looks at it.

    Raises FeedError for what is not JSON.
    """
    try:
        return json.loads(
            data,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=Unreadable,
            object_pairs_hook=_object,
        )
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError among them
        raise FeedError(f"The catalogue is not JSON: {error}") from None


def _decimal(text: str) -> Decimal | Unreadable:
    try:
        return Decimal(text)
    except ArithmeticError:  # its exponent is too large
        return Unreadable(text)


def _integer(text: str) -> int | Unreadable:
    return int(text) if len(text) < MAX_DIGITS else Unreadable(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeated = Repeated(found)
    repeated.pairs = pairs
    return repeated


def keepable(text: str, what: str) -> None:
    """Raises FeedError for text that no database can keep."""
    if _UNKEPT.search(text):
        raise FeedError(f"{what} holds text that no database can keep: {quoted(text)}", "text")


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
    """The value without the blanks around it, where it is a name of 1 to 255 characters. Raises FeedError."""
    if not isinstance(value, str) or not (name := value.strip()):
        raise FeedError(f"{what} is not a name: {quoted(value)}", "name")
    if len(name) > MAX_NAME:
        raise FeedError(
            f"{what} is {len(name):,} characters long, more than {MAX_NAME}: {quoted(name)}", "name"
        )
    keepable(name, what)
    return name


def an_amount(value: Any, what: str) -> Decimal:
    """The value where it is a JSON number from 0 to below a million. Raises FeedError."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise FeedError(f"{what} is not a number: {quoted(value)}", "amount")
    if not 0 <= value < MAX_PRICE:
        raise FeedError(
            f"{what} is not a price from 0 to below a million: {quoted(value)}", "amount"
        )
    if isinstance(value, Decimal) and abs(int(value.as_tuple().exponent)) > MAX_EXPONENT:
        raise FeedError(f"{what} has too many digits: {quoted(value)}", "amount")
    return Decimal(value).copy_abs()  # zero may be written -0.0


def an_amount_as_text(value: Any, what: str) -> Decimal:
    """The value where it is a string that holds such a number. Raises FeedError."""
    if not isinstance(value, str):
        raise FeedError(f"{what} is not a number as a string: {quoted(value)}", "amount")
    if not re.fullmatch(r"\d{1,40}(\.\d{1,60})?([eE][+-]?\d{1,2})?", value):
        raise FeedError(
            f"{what} is not a price from 0 to below a million: {quoted(value)}", "amount"
        )
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
        return date.fromisoformat(value.strip()).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


_UNPRINTED: Final = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff]")


def shown(value: object, length: int = 60) -> str:
    """A value of the catalogue as it can be printed and stored, shortened."""
    text = _UNPRINTED.sub(lambda found: ascii(found[0])[1:-1], str(value)[: length + 1])
    return f"{text[:length]}…" if len(text) > length else text


def quoted(value: object) -> str:
    """The same in quotation marks, for a message."""
    return f'"{shown(value)}"'
