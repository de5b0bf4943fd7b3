"""`ratebook usage|statement|forecast|whatif`: what it all cost, will cost, and would have cost."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from ratebook.cli import plots, service, wallet
from ratebook.cli.registry import Json, Url, _plain, _print, _table, _time
from ratebook.cli.routing import Csv, _amount, _printed
from ratebook.errors import RatebookError

if TYPE_CHECKING:
    from ratebook import Forecast, PricePreview, RepricedSum, UsageBucket

app = typer.Typer()

Key = Annotated[
    str | None,
    typer.Option(
        help="A signed-in user's token for their own, an admin's token or the service key for all; else"
        " RATEBOOK_SERVICE_KEY, SUPABASE_SERVICE_ROLE_KEY, RATEBOOK_KEY or SUPABASE_KEY.",
        rich_help_panel="Where to ask",
    ),
]
Since = Annotated[
    str | None,
    typer.Option(help="From this time on; UTC unless it says. The last 30 days unless given."),
]
Until = Annotated[str | None, typer.Option(help="Before this time; now unless given.")]
Zone = Annotated[str, typer.Option(help="Whose clocks it goes by, such as Europe/Berlin.")]
Whose = Annotated[UUID | None, typer.Option(help="Only this lenser's; for admins.")]


@app.command()
def usage(
    since: Since = None,
    until: Until = None,
    bucket: Annotated[str, typer.Option(help="hour, day, week or month.")] = "day",
    time_zone: Zone = "UTC",
    by: Annotated[
        str | None, typer.Option(help="model, provider, feature, spender or status.")
    ] = None,
    measure: Annotated[
        str, typer.Option(help="What is drawn: net, credits, requests, failures, latency_p95, …")
    ] = "net",
    owner: Whose = None,
    plot: plots.Plot = False,
    svg: plots.Svg = None,
    png: plots.Png = None,
    as_json: Json = False,
    as_csv: Csv = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Show what was used and what it came to, by any clock; drawings need the extra `plots`."""
    start, end = _period(since, until)
    with service.client(url, key, "Everybody's usage") as client:
        found = client.usage(start, end, bucket=bucket, time_zone=time_zone, by=by, owner=owner)
    if plot or svg or png:
        title = " ".join(
            filter(None, [measure, "by", by, "a", bucket] if by else [measure, "a", bucket])
        )
        plots.show(title, _usage_lines(found, measure), plot=plot, svg=svg, png=png)
        return
    if _printed(found, as_json, as_csv, "UsageBucket"):
        return
    if not found:
        typer.echo("Nothing was used.")
        return
    has_cost = any(one.cost is not None for one in found)
    table = _table(
        "from", *([by] if by else []), "requests", "failed", "credits", "refunded", "p50", "p95",
        *(["cost", "margin"] if has_cost else []),
    )  # fmt: skip
    for column in table.columns[1 + bool(by) :]:
        column.justify = "right"
    for one in found:
        table.add_row(
            _local(one.starts_at, time_zone, bucket),
            *([one.key or ""] if by else []),
            str(one.requests),
            str(one.failures),
            _plain(one.credits),
            _plain(one.refunded),
            _rounded(one.latency_p50),
            _rounded(one.latency_p95),
            *([_money(one.cost or {}), _shown(one.margin)] if has_cost else []),
        )
    _print(table)


app.command(name="statement")(wallet.statement)


@app.command()
def forecast(
    time_zone: Zone = "UTC",
    confidence: Annotated[
        str | None, typer.Option(help="Of the interval: 0.5 to 0.99; 0.8 unless given.")
    ] = None,
    owner: Whose = None,
    plot: plots.Plot = False,
    svg: plots.Svg = None,
    png: plots.Png = None,
    as_json: Json = False,
    as_csv: Csv = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Show what this month will bring, and how sure that is; drawings need the extra `plots`."""
    asked = _amount(confidence)
    with service.client(url, key, "Everybody's forecast") as client:
        found = client.forecast_month(time_zone=time_zone, confidence=asked, owner=owner)
        if plot or svg or png:
            days = client.usage(found[0].starts_at, time_zone=time_zone, owner=owner)
            lines = _forecast_lines(found[0], days)
            plots.show("credits of this month", lines, plot=plot, svg=svg, png=png)
            return
    if _printed(found, as_json, as_csv, "Forecast"):
        return
    table = _table("", "so far", "expected", "from", "to", "sure", "")
    for column in table.columns[1:6]:
        column.justify = "right"
    for one in found:
        table.add_row(
            one.measure if one.currency is None else f"{one.measure} ({one.currency})",
            _plain(one.so_far),
            _shown(one.expected),
            _shown(one.low),
            _shown(one.high),
            "" if one.confidence is None else f"{one.confidence:.0%}",
            one.reason or f"by {one.days_of_history} days",
        )
    _print(table)


@app.command()
def whatif(
    since: Since = None,
    until: Until = None,
    by: Annotated[
        str | None,
        typer.Option(help="Sums by model, provider, feature, lenser, day or month."),
    ] = None,
    time_zone: Zone = "UTC",
    model: Annotated[
        str | None, typer.Option(help="As if all had been asked of this model.")
    ] = None,
    price_source: Annotated[str | None, typer.Option(help="At the prices of this source.")] = None,
    at: Annotated[str | None, typer.Option(help="At the prices and rates of this time.")] = None,
    margin: Annotated[str | None, typer.Option(help="With this margin: 0.3 is 30 %.")] = None,
    price: Annotated[
        str | None,
        typer.Option(
            metavar="METER=PRICE",
            help="Try a price of ONE unit, of the model that --of names, before it is set; METER=none ends it.",
        ),
    ] = None,
    of: Annotated[str | None, typer.Option(help="Whose price that is.")] = None,
    plot: plots.Plot = False,
    svg: plots.Svg = None,
    png: plots.Png = None,
    as_json: Json = False,
    as_csv: Csv = False,
    url: Url = None,
    key: service.AdminKey = None,
) -> None:
    """Show what the log would have cost otherwise; drawings (--by day or month) need the extra `plots`."""
    start, end = _period(since, until)
    drawn = bool(plot or svg or png)
    if price is not None or of is not None:
        if price is None or of is None or any((by, model, price_source, at, margin, drawn)):
            raise typer.BadParameter("--price and --of go together, and with nothing but a time.")
        meter, new_price = _price_of(price)
        with service.client(url, key, "A what-if") as client:
            previews = client.preview_price(of, meter, new_price, since=start, until=end)
        if not _printed(previews, as_json, as_csv, "PricePreview"):
            _print_previews(previews)
        return
    if drawn and by not in ("day", "month"):
        raise typer.BadParameter("Only --by day or month can be drawn.")
    what = {
        "model": model, "price_source": price_source, "at": _time(at), "margin": _amount(margin),
    }  # fmt: skip
    with service.client(url, key, "A what-if") as client:
        # By what something had in common before; another model would make all of it one.
        ask: Callable[..., list[RepricedSum]] = lambda **other: client.reprice_summary(  # noqa: E731
            start, end, by=by, time_zone=time_zone, **other
        )
        after = ask(**what)
        before = ask() if any(value is not None for value in what.values()) else after
    if drawn:
        lines = [
            *_sum_lines("as it was", before),
            *(_sum_lines("as if", after) if after is not before else []),
        ]
        plots.show("credits", lines, plot=plot, svg=svg, png=png)
        return
    if not _printed(after, as_json, as_csv, "RepricedSum"):
        _print_sums(by, before, after)


# ------------------------------------------------------------------ what is asked


def _period(since: str | None, until: str | None) -> tuple[datetime, datetime]:
    end = _time(until) or datetime.now(UTC)
    return _time(since) or end - timedelta(days=30), end


def _price_of(text: str) -> tuple[str, Decimal | None]:
    meter, _, amount = text.partition("=")
    try:
        return meter, None if amount == "none" else Decimal(amount)
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is not METER=PRICE, such as input=0.000002.") from None


# ------------------------------------------------------------------ what is printed


def _local(moment: datetime, time_zone: str, bucket: str) -> str:
    """A time as the clocks of a zone show it; of days and longer only the date."""
    from zoneinfo import ZoneInfo

    here = moment.astimezone(ZoneInfo(time_zone))
    return here.strftime("%Y-%m-%d %H:%M%z" if bucket == "hour" else "%Y-%m-%d")


def _rounded(value: Decimal | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _shown(value: Decimal | None) -> str:
    return "" if value is None else _plain(value)


def _money(amounts: dict[str, Decimal]) -> str:
    return ", ".join(f"{_plain(amount)} {currency}" for currency, amount in sorted(amounts.items()))


def _print_previews(previews: "Sequence[PricePreview]") -> None:
    if not previews:
        typer.echo("The log has no generation of this model.")
        return
    table = _table("", "generations", "changed", "cost", "credits", "without a price")
    for column in table.columns[1:]:
        column.justify = "right"
    for one in previews:
        cost = f"{_plain(one.cost_before)} {one.currency or ''}".rstrip()
        table.add_row(
            "before", str(one.generations), "", cost, _plain(one.credits_before), str(one.without_cost_before),
        )  # fmt: skip
        cost = f"{_plain(one.cost_after)} {one.currency or ''}".rstrip()
        table.add_row(
            "after", "", str(one.changed), cost, _plain(one.credits_after), str(one.without_cost_after),
        )  # fmt: skip
    _print(table)


def _print_sums(
    by: str | None, before: "Sequence[RepricedSum]", after: "Sequence[RepricedSum]"
) -> None:
    if not before:
        typer.echo("The log has no generation of that time.")
        return
    table = _table("", by or "", "generations", "cost", "credits", "without credits")
    for column in table.columns[2:]:
        column.justify = "right"
    parts = [("", before)] if after is before else [("as it was", before), ("as if", after)]
    for name, sums in parts:
        for one in sums:
            table.add_row(
                name,
                one.key or "",
                str(one.generations),
                f"{_plain(one.cost)} {one.currency or ''}".rstrip(),
                _plain(one.credits),
                str(one.without_credits),
            )
    _print(table)


# ------------------------------------------------------------------ what is drawn


def _usage_lines(found: "Sequence[UsageBucket]", measure: str) -> list[plots.Line]:
    """A line of steps for each key; what has no row is zero, and what is not known a gap."""
    if found and not isinstance(getattr(found[0], measure, None), int | Decimal | None):
        raise typer.BadParameter(f"{measure} cannot be drawn.")
    if found and not hasattr(found[0], measure):
        raise typer.BadParameter(f"There is no measure {measure!r}.")
    edges = sorted({(one.starts_at, one.ends_at) for one in found})
    named: dict[str, dict[datetime, Any]] = {}
    for one in found:
        named.setdefault(one.key or "", {})[one.starts_at] = getattr(one, measure)
    lines: list[plots.Line] = []
    for name, values in named.items():
        corners: list[tuple[datetime, float]] = []
        for start, end in edges:
            if corners and corners[-1][0] < start:
                corners += [(corners[-1][0], 0.0), (start, 0.0)]
            value = values.get(start, 0)
            drawn = float("nan") if value is None else float(value)
            corners += [(start, drawn), (end, drawn)]
        lines.append((name or measure, corners))
    return lines


def _sum_lines(name: str, sums: "Sequence[RepricedSum]") -> list[plots.Line]:
    """The credits of each day or month, by currency where there are several."""
    lines: dict[str, list[tuple[datetime, float]]] = {}
    several = len({one.currency for one in sums}) > 1
    for one in sums:
        label = f"{name} ({one.currency})" if several else name
        when = datetime.fromisoformat(f"{one.key}-01"[:10]).replace(tzinfo=UTC)
        lines.setdefault(label, []).append((when, float(one.credits)))
    return list(lines.items())


def _forecast_lines(forecast: "Forecast", days: "Sequence[UsageBucket]") -> list[plots.Line]:
    """What came together so far, day by day, and where it goes."""
    if forecast.expected is None:
        raise RatebookError(f"There is nothing to draw. {forecast.reason}")
    corners = [(forecast.starts_at, 0.0)]
    for day in days:
        corners.append((min(day.ends_at, datetime.now(UTC)), corners[-1][1] + float(day.net)))
    ends: list[tuple[str, Decimal | None]] = [
        ("expected", forecast.expected), ("at least", forecast.low), ("at most", forecast.high),
    ]  # fmt: skip
    return [
        ("so far", corners),
        *(
            (name, [corners[-1], (forecast.ends_at, float(value))])
            for name, value in ends
            if value is not None
        ),
    ]
