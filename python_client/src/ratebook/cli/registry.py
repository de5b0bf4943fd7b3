"""`ratebook models|model|prices|quote`: ask a Ratebook API."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from ratebook import environment
from ratebook.errors import NotConfigured, RatebookError

if TYPE_CHECKING:
    from ratebook import Client, Model, Price, PriceStep, Quote, Usage

app = typer.Typer()

_WHERE = "Where to ask"
Url = Annotated[
    str | None,
    typer.Option(
        help="Base URL of the project; else RATEBOOK_URL, SUPABASE_URL, or this folder's local stack.",
        rich_help_panel=_WHERE,
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        help="The anon or service key; else RATEBOOK_KEY, SUPABASE_KEY or SUPABASE_ANON_KEY.",
        rich_help_panel=_WHERE,
    ),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Key, id or alias of the model.")]
Format = Annotated[
    str | None,
    typer.Option(
        help="The usage is a provider's own object, or the answer that holds it: openai_chat, anthropic, …, or auto"
    ),
]
_USAGE = "METER=QUANTITY such as input=1000 output=500, or a JSON object, @FILE, or - for standard input."
At = Annotated[
    str | None,
    typer.Option(
        help="As of this time, such as 2026-01-31 or 2026-01-31T12:00+01:00; UTC unless it says."
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print JSON for scripts; amounts are exact strings.")
]


@app.command()
def models(
    modality: Annotated[str | None, typer.Option(help="Such as text or image.")] = None,
    task: Annotated[str | None, typer.Option(help="Such as generation.")] = None,
    provider: Annotated[str | None, typer.Option(help="Key of the provider.")] = None,
    search: Annotated[
        str | None, typer.Option(help="Words that all occur in key, name or description.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Inactive models too.")] = False,
    as_json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """List the models, the preferred ones first."""
    with _client(url, key) as client:
        found = client.models(
            modality=modality,
            task=task,
            provider=provider,
            search=search,
            active=None if every else True,
        )
    if as_json:
        _print_json([asdict(model) for model in found])
        return
    table = _table("key", "name", "provider", "modality", "task", "default", "active")
    for model in found:
        table.add_row(
            model.key,
            model.name,
            model.provider.name,
            model.modality,
            model.task,
            _yes(model.is_default),
            _yes(model.is_active),
        )
    _print(table)


@app.command()
def model(name: Name, as_json: Json = False, url: Url = None, key: Key = None) -> None:
    """Show a model: its details, other names, and prices in force."""
    with _client(url, key) as client:
        found = client.model(name)
        in_force = client.prices(found)
    if as_json:
        _print_json(asdict(found) | {"prices": [asdict(price) for price in in_force]})
        return
    _print(_details(found))
    _print_prices(in_force)


@app.command()
def prices(
    name: Name, at: At = None, as_json: Json = False, url: Url = None, key: Key = None
) -> None:
    """Show the prices of a model that are in force."""
    time_asked = _time(at)
    with _client(url, key) as client:
        in_force = client.prices(name, at=time_asked)
    if as_json:
        _print_json([asdict(price) for price in in_force])
    else:
        _print_prices(in_force)


@app.command()
def quote(
    name: Name,
    usage: Annotated[
        list[str],
        typer.Argument(metavar="USAGE", help=_USAGE),
    ],
    format: Format = None,  # noqa: A002 - the API's own name
    feature: Annotated[str | None, typer.Option(help="The feature it is for.")] = None,
    service_tier: Annotated[str | None, typer.Option(help="Such as batch.")] = None,
    variant: Annotated[str | None, typer.Option(help="Such as an image size.")] = None,
    region: Annotated[str | None, typer.Option(help="Region of the service.")] = None,
    at: At = None,
    as_json: Json = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Show what a usage costs, in currency and in credits."""
    quantities = _usage(usage, format)
    time_asked = _time(at)
    with _client(url, key) as client:
        asked = client.quote(
            name,
            quantities,
            format=format,
            feature=feature,
            service_tier=service_tier,
            variant=variant,
            region=region,
            at=time_asked,
        )
    if as_json:
        _print_json(asdict(asked))
    else:
        _print_quote(asked)


# ------------------------------------------------------------------ where to ask


@contextmanager
def _client(url: str | None, key: str | None, *, retry: bool = False) -> Iterator["Client"]:
    """A client for what was given, else the environment, else the local stack of the current folder."""
    from ratebook import Client

    url, key = _url_and_key(url, key)
    try:
        client = Client(url, key, retry=retry)
    except ValueError as error:
        raise NotConfigured(f'"{url}" is not an HTTP address, or the key is not one.') from error
    with client:
        yield client


def _url_and_key(url: str | None, key: str | None) -> tuple[str, str]:
    if url:
        if key := key or environment.any_key():
            return url, key
        raise NotConfigured("--url needs a key: --key, RATEBOOK_KEY or SUPABASE_KEY.")
    found = environment.url_and_key() or _local_stack()
    if found is None:
        raise NotConfigured(
            "Which API? Give --url and --key, set RATEBOOK_URL and RATEBOOK_KEY (or SUPABASE_URL and SUPABASE_KEY),"
            " or run `ratebook local start` in this folder."
        )
    return found[0], key or found[1]


def _local_stack() -> tuple[str, str] | None:
    """The URL and anon key of the stack that was started in the current folder, where there is one."""
    if not Path(".ratebook", "state.json").is_file():
        return None
    try:
        from ratebook.local import Stack
    except ImportError:
        return None
    stack = Stack()
    if not stack.status().running:
        raise NotConfigured("The local stack of this folder does not run: ratebook local start")
    return stack.url, stack.anon_key


# ------------------------------------------------------------------ what is asked


def _meters(given: Iterable[str]) -> dict[str, Decimal]:
    usage: dict[str, Decimal] = {}
    for text in given:
        meter, equals, quantity = text.partition("=")
        if not (meter and equals):
            raise typer.BadParameter(f"{text!r} is not METER=QUANTITY, such as input=1000.")
        if meter in usage:
            raise typer.BadParameter(f"{meter} is given twice.")
        try:
            usage[meter] = Decimal(quantity)
        except InvalidOperation:
            raise typer.BadParameter(f"The quantity in {text!r} is not a number.") from None
    return usage


def _usage(given: list[str], format_: str | None) -> "Usage":
    """Meters and quantities, or with a format the provider's own object."""
    first = given[0]
    if len(given) > 1 or not (first == "-" or first.startswith(("{", "@"))):
        return _meters(given)
    try:
        if first == "-":
            first = sys.stdin.read()
        elif first.startswith("@"):
            first = Path(first[1:]).read_text(encoding="utf-8")
        # A provider's object goes out as it is; quantities keep their digits.
        usage = json.loads(first, parse_float=None if format_ else Decimal)
    except OSError as error:
        raise typer.BadParameter(f"{error.filename}: {error.strerror}") from None
    except ValueError as error:
        raise typer.BadParameter(f"The usage is not JSON: {error}") from None
    if not isinstance(usage, dict):
        raise typer.BadParameter('The usage is not a JSON object, such as {"input": 1000}.')
    return usage


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a time, such as 2026-01-31T12:00Z.") from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)


# ------------------------------------------------------------------ what is printed


def _details(model: "Model") -> Table:
    facts = {
        "key": model.key,
        "name": model.name,
        "provider": model.provider.name,
        "also called": ", ".join(sorted(model.aliases)),
        "description": model.description,
        "modality": f"{model.modality}, {model.task}",
        "status": model.status if model.is_active else f"{model.status}, inactive here",
        "default": _yes(model.is_default),
        "plan": model.pricing_tier,
        "supports": ", ".join(model.supports),
        "sizes": ", ".join(model.valid_sizes),
        "context window": _tokens(model.context_window),
        "maximum output": _tokens(model.max_tokens),
        "deprecated from": model.deprecation_date and model.deprecation_date.isoformat(),
        "see": model.provider_url,
        "id": str(model.id),
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    for fact, value in facts.items():
        if value:
            table.add_row(fact, value)
    return table


def _print_prices(in_force: list["Price"]) -> None:
    if not in_force:
        typer.echo("No public price is in force.")
        return
    table = _table("meter", "price", "unit", "tier", "applies to", "since", "source")
    table.columns[1].justify = "right"
    for price in in_force:
        amount, unit = _shown(price)
        table.add_row(
            price.meter,
            f"{amount} {price.currency}",
            unit,
            price.service_tier,
            _scope(price),
            _utc(price.effective_from),
            price.source,
        )
    _print(table)


def _print_quote(quote: "Quote") -> None:
    table = _table("meter", "quantity", "unit price", "cost", "priced as")
    for column in table.columns[1:4]:
        column.justify = "right"
    for line in quote.lines:
        table.add_row(
            line.meter,
            _plain(line.quantity),
            "not public" if line.unit_price is None else _plain(line.unit_price),
            "not public" if line.cost is None else _plain(line.cost),
            line.price_meter or "",
        )
    _print(table)
    cost = (
        "not public" if quote.cost is None else f"{_plain(quote.cost, decimals=6)} {quote.currency}"
    )
    typer.echo(f"cost {cost}")
    typer.echo(f"credits {_plain(quote.credits)}")


def _shown(price: "Price") -> tuple[str, str]:
    """The price as price lists give it: per million tokens, per one of anything else."""
    if price.unit_type != "tokens":
        return _plain(price.price_per_unit), price.unit_type.replace("_", " ")
    sign, digits, exponent = price.price_per_unit.as_tuple()
    # A product would be rounded to the digits of the decimal context.
    return _plain(Decimal((sign, digits, int(exponent) + 6))), "1M tokens"


def _scope(price: "Price | PriceStep") -> str:
    """What narrows the price down, in words."""
    parts = [price.variant, price.region]
    if price.context_threshold is not None:
        parts.append(
            f"{'from' if price.threshold_inclusive else 'over'} {price.context_threshold:,} input"
        )
    if price.window_start is not None and price.window_end is not None:
        parts.append(
            f"{price.window_start:%H:%M}-{price.window_end:%H:%M} {price.window_time_zone}"
        )
    return ", ".join(filter(None, parts))


def _plain(amount: Decimal, *, decimals: int = 0) -> str:
    """Every digit, without an exponent or trailing zeros, but with at least `decimals` decimals."""
    whole, _, fraction = format(amount, "f").partition(".")
    fraction = fraction.rstrip("0").ljust(decimals, "0")
    return f"{whole}.{fraction}" if fraction else whole


def _utc(moment: datetime) -> str:
    text = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    return text.removesuffix(" 00:00")


def _tokens(count: int | None) -> str:
    return "" if count is None else f"{count:,} tokens"


def _yes(fact: bool) -> str:
    return "yes" if fact else ""


def _table(*headings: str) -> Table:
    return Table(*headings, box=None, pad_edge=False, header_style="bold")


def _print(table: Table) -> None:
    # Into a pipe nothing is wrapped; names in the database are no markup.
    width = None if sys.stdout.isatty() else 10_000
    console = Console(width=width, markup=False, emoji=False, highlight=False)
    with console.capture() as printed:
        console.print(table)
    for line in printed.get().splitlines():
        typer.echo(line.rstrip())


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_to_json))


def _to_json(value: Any) -> str:
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise RatebookError(f"{type(value).__name__} cannot be written as JSON.")
