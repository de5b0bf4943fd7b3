"""`ratebook route|explain|catalogue|compare|history`: which model, what each costs, how prices went."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ratebook.cli import plots
from ratebook.cli.registry import (
    At,
    Format,
    Json,
    Key,
    Name,
    Url,
    _client,
    _plain,
    _print,
    _print_json,
    _scope,
    _table,
    _time,
    _to_json,
    _usage,
    _utc,
)
from ratebook.errors import RatebookError

if TYPE_CHECKING:
    from ratebook import Candidate, CatalogueEntry, Client, Compared, ExplainedRoute, PriceStep

app = typer.Typer()

_NEEDS = "What the feature needs"
_WHICH = "Which models"

Csv = Annotated[bool, typer.Option("--csv", help="Print CSV; amounts have every digit.")]
Feature = Annotated[str, typer.Argument(metavar="FEATURE", help="Key of the feature.")]
Subject = Annotated[
    str | None,
    typer.Option(help="Whom it is for; the same one gets the same order each time."),
]
Capabilities = Annotated[
    list[str] | None,
    typer.Option("--capability", help="Such as text_generation.", rich_help_panel=_NEEDS),
]
Supports = Annotated[
    list[str] | None,
    typer.Option("--supports", help="Such as vision; may be repeated.", rich_help_panel=_NEEDS),
]
Excluded = Annotated[
    list[str] | None,
    typer.Option("--exclude-provider", help="Key of a provider.", rich_help_panel=_NEEDS),
]
Modality = Annotated[
    str | None, typer.Option(help="Such as text or image.", rich_help_panel=_NEEDS)
]
Task = Annotated[str | None, typer.Option(help="Such as generation.", rich_help_panel=_NEEDS)]
Context = Annotated[
    int | None, typer.Option("--context-window", help="Tokens, at least.", rich_help_panel=_NEEDS)
]
Longest = Annotated[
    int | None,
    typer.Option("--max-tokens", help="Tokens of output, at least.", rich_help_panel=_NEEDS),
]
Size = Annotated[str | None, typer.Option(help="Image size.", rich_help_panel=_NEEDS)]
Region = Annotated[str | None, typer.Option(help="Region.", rich_help_panel=_NEEDS)]
Usage = Annotated[
    list[str] | None,
    typer.Option(
        "--usage",
        help="METER=QUANTITY such as input=1000, repeated; or a JSON object, @FILE, or - for standard input.",
    ),
]
Tier = Annotated[str | None, typer.Option("--service-tier", help="Such as batch.")]
MaxCost = Annotated[
    str | None,
    typer.Option("--max-cost", help="What the usage may cost.", rich_help_panel=_NEEDS),
]
Currency = Annotated[
    str | None, typer.Option(help="Of --max-cost; USD unless given.", rich_help_panel=_NEEDS)
]
MaxCredits = Annotated[
    str | None,
    typer.Option("--max-credits", help="What it may cost in credits.", rich_help_panel=_NEEDS),
]


def _asks(
    name: str,
    text: str,
    kind: str,
    ask: Callable[["Client"], Callable[..., list[Any]]],
    show: Callable[[list[Any]], None],
) -> None:
    """Make a command of what two of them ask: a feature, whom it is for, and what it needs."""

    def command(
        feature: Feature,
        subject: Subject = None,
        capability: Capabilities = None,
        supports: Supports = None,
        exclude_provider: Excluded = None,
        modality: Modality = None,
        task: Task = None,
        context_window: Context = None,
        max_tokens: Longest = None,
        size: Size = None,
        region: Region = None,
        usage: Usage = None,
        service_tier: Tier = None,
        max_cost: MaxCost = None,
        currency: Currency = None,
        max_credits: MaxCredits = None,
        as_json: Json = False,
        as_csv: Csv = False,
        url: Url = None,
        key: Key = None,
    ) -> None:
        needs = {
            "capabilities": capability,
            "supports": supports,
            "exclude_providers": exclude_provider,
            "modality": modality,
            "task": task,
            "context_window": context_window,
            "max_tokens": max_tokens,
            "size": size,
            "region": region,
            "usage": _usage(usage, None) if usage else None,
            "service_tier": service_tier,
            "max_cost": _amount(max_cost),
            "currency": currency,
            "max_credits": _amount(max_credits),
        }
        given = {need: value for need, value in needs.items() if value is not None}
        with _client(url, key) as client:
            found = ask(client)(feature, given, subject=subject)
        if not _printed(found, as_json, as_csv, kind):
            show(found)

    app.command(name, help=text)(command)


def _show_candidates(found: "list[Candidate]") -> None:
    if not found:
        typer.echo("No model fits: ratebook explain says why.")
        return
    table = _table("place", "model", "provider", "share", "credits", "why")
    for one in found:
        table.add_row(
            str(one.place),
            one.model,
            one.provider,
            f"{one.share:.1%}",
            "" if one.credits is None else _plain(one.credits),
            one.why,
        )
    _print(table)


def _show_routes(found: "list[ExplainedRoute]") -> None:
    table = _table("place", "model", "provider", "priority", "weight", "health", "why")
    for one in found:
        table.add_row(
            "-" if one.place is None else str(one.place),
            one.model,
            one.provider,
            str(one.priority),
            _plain(one.weight),
            one.health,
            one.why,
        )
    _print(table)


_asks(
    "route",
    "Show which models to try for a feature, in order.",
    "Candidate",
    lambda client: client.route,
    _show_candidates,
)
_asks(
    "explain",
    "Show every route of a feature: its place, or each reason why it has none.",
    "ExplainedRoute",
    lambda client: client.explain_route,
    _show_routes,
)


@app.command()
def catalogue(
    modality: Annotated[str | None, typer.Option(help="Such as text or image.")] = None,
    task: Annotated[str | None, typer.Option(help="Such as generation.")] = None,
    provider: Annotated[str | None, typer.Option(help="Key of the provider.")] = None,
    supports: Annotated[
        list[str] | None, typer.Option(help="Such as vision; may be repeated.")
    ] = None,
    context_window: Annotated[int | None, typer.Option(help="Tokens, at least.")] = None,
    search: Annotated[
        str | None, typer.Option(help="Words that all occur in key, name or description.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Inactive models too.")] = False,
    sort: Annotated[
        str,
        typer.Option(
            help="Column, such as input_per_million; with - before it the largest first. What has none is last."
        ),
    ] = "key",
    as_json: Json = False,
    as_csv: Csv = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """List all models with their limits and list prices, as of now."""
    column = sort.removeprefix("-")
    if column not in _columns("CatalogueEntry"):
        raise typer.BadParameter(
            f"There is no column {column!r}. There are {', '.join(_columns('CatalogueEntry'))}."
        )
    with _client(url, key) as client:
        found = client.catalogue(
            modality=modality,
            task=task,
            provider=provider,
            supports=supports or (),
            context_window=context_window,
            search=search,
            active=None if every else True,
        )
    found = _sorted(found, column, backwards=sort.startswith("-"))
    if _printed(found, as_json, as_csv, "CatalogueEntry"):
        return
    table = _table(
        "key", "provider", "context", "in / 1M", "out / 1M", "image", "other", "currency"
    )
    for heading in table.columns[2:6]:
        heading.justify = "right"
    for one in found:
        table.add_row(
            one.key,
            one.provider,
            "" if one.context_window is None else f"{one.context_window:,}",
            *map(_price, (one.input_per_million, one.output_per_million, one.image_price)),
            ", ".join(meter for meter in sorted(one.prices) if meter not in _SHOWN),
            one.currency or "",
        )
    _print(table)


@app.command()
def compare(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME...", help="Keys, ids or aliases; else all active models that fit."
        ),
    ] = None,
    usage: Usage = None,
    format: Format = None,  # noqa: A002 - the API's own name
    modality: Annotated[
        str | None, typer.Option(help="Such as text.", rich_help_panel=_WHICH)
    ] = None,
    provider: Annotated[
        str | None, typer.Option(help="Key of the provider.", rich_help_panel=_WHICH)
    ] = None,
    search: Annotated[
        str | None,
        typer.Option(
            help="Words that all occur in key, name or description.", rich_help_panel=_WHICH
        ),
    ] = None,
    feature: Annotated[str | None, typer.Option(help="The feature it is for.")] = None,
    service_tier: Tier = None,
    variant: Annotated[str | None, typer.Option(help="Such as an image size.")] = None,
    region: Annotated[str | None, typer.Option(help="Region of the service.")] = None,
    at: At = None,
    as_json: Json = False,
    as_csv: Csv = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Show what one usage costs with several models, the cheapest first."""
    if not usage:
        raise typer.BadParameter("Which usage? --usage input=1000 --usage output=500")
    quantities = _usage(usage, format)
    time_asked = _time(at)
    found: list[Compared] = []
    with _client(url, key) as client:
        asked = names or [
            one.key for one in client.catalogue(modality=modality, provider=provider, search=search)
        ]
        for start in range(0, len(asked), 1000):
            found += client.compare(
                quantities,
                asked[start : start + 1000],
                format=format,
                feature=feature,
                service_tier=service_tier,
                variant=variant,
                region=region,
                at=time_asked,
            )
    if len(asked) > 1000:
        found.sort(key=lambda one: (one.credits is None, one.credits or 0))
    if _printed(found, as_json, as_csv, "Compared"):
        return
    table = _table("model", "provider", "cost", "currency", "credits", "")
    for heading in (table.columns[2], table.columns[4]):
        heading.justify = "right"
    for one in found:
        table.add_row(
            one.model or one.asked or "",
            one.provider or "",
            "" if one.cost is None else _plain(one.cost),
            one.currency or "",
            "" if one.credits is None else _plain(one.credits),
            one.reason or ("not public" if one.cost is None else ""),
        )
    _print(table)


@app.command()
def history(
    name: Name,
    meter: Annotated[
        list[str] | None, typer.Option(help="Only this meter; may be repeated.")
    ] = None,
    plot: plots.Plot = False,
    svg: plots.Svg = None,
    png: plots.Png = None,
    as_json: Json = False,
    as_csv: Csv = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Show how the prices of a model went; drawings need the extra `plots` of the package."""
    with _client(url, key) as client:
        steps = client.price_history(name)
    if meter:
        steps = [step for step in steps if step.meter in meter]
    if plot or svg or png:
        if not steps:
            raise RatebookError("There is nothing to draw: it has had no public price.")
        plots.show(name, plots.price_lines(steps, datetime.now(UTC)), plot=plot, svg=svg, png=png)
        return
    if _printed(steps, as_json, as_csv, "PriceStep"):
        return
    if not steps:
        typer.echo("It has had no public price.")
        return
    table = _table("meter", "price", "unit", "tier", "applies to", "from", "until", "source")
    table.columns[1].justify = "right"
    for step in steps:
        table.add_row(
            step.meter,
            f"{_price(step.price if step.price_per_million is None else step.price_per_million)} {step.currency}",
            _unit(step),
            step.service_tier,
            _scope(step),
            _utc(step.starts_at),
            "" if step.ends_at is None else _utc(step.ends_at),
            step.source,
        )
    _print(table)


_SHOWN = ("input", "output", "image")


def _amount(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is not an amount.") from None


def _columns(kind: str) -> list[str]:
    from ratebook import types

    return [column.name for column in fields(getattr(types, kind))]


def _sorted(
    found: Iterable["CatalogueEntry"], column: str, *, backwards: bool
) -> list["CatalogueEntry"]:
    """By a column, then by key; what has nothing there comes last either way."""
    value: Callable[[CatalogueEntry], Any] = lambda one: getattr(one, column)  # noqa: E731
    rows = sorted(found, key=lambda one: one.key)
    having = [one for one in rows if value(one) is not None]
    lacking = [one for one in rows if value(one) is None]
    if having and isinstance(value(having[0]), dict):
        raise typer.BadParameter(f"{column} has no order.")
    return [*sorted(having, key=value, reverse=backwards), *lacking]


def _printed(rows: Sequence[Any], as_json: bool, as_csv: bool, kind: str) -> bool:
    """Print rows for programs, where that is asked for."""
    if as_json and as_csv:
        raise typer.BadParameter("Choose --json or --csv.")
    if as_json:
        _print_json([asdict(row) for row in rows])
    elif as_csv:
        written = io.StringIO()
        table = csv.DictWriter(written, _columns(kind), lineterminator="\n")
        table.writeheader()
        table.writerows({name: _cell(value) for name, value in asdict(row).items()} for row in rows)
        typer.echo(written.getvalue(), nl=False)
    return as_json or as_csv


def _cell(value: Any) -> str:
    """A value in CSV: lists with blanks between, objects as JSON, nothing where there is nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return " ".join(value)
    if isinstance(value, dict):
        return json.dumps(value, default=_to_json)
    return str(value) if isinstance(value, str | int) else _to_json(value)


def _price(amount: Decimal | None) -> str:
    return "" if amount is None else _plain(amount)


def _unit(step: "PriceStep") -> str:
    return step.unit_type.replace("_", " ") if step.price_per_million is None else "1M tokens"
