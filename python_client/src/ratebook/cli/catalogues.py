"""`ratebook import`: bring a catalogue of models and prices into the database."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ratebook.cli import admin, registry
from ratebook.errors import ApiError, RatebookError

if TYPE_CHECKING:
    from ratebook.catalogues import Feed, Flaw
    from ratebook.catalogues.report import ImportReport

app = typer.Typer()


class Source(StrEnum):
    """The catalogues that can be read."""

    litellm = "litellm"
    genai_prices = "genai-prices"
    models_dev = "models.dev"
    openrouter = "openrouter"


@app.command("import")
def import_(
    source: Annotated[Source, typer.Argument(help="Whose catalogue it is.")],
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]",
            help="Its JSON, or - for standard input; litellm and genai-prices: else that of the installed package.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the difference and write nothing.")
    ] = False,
    starts_at: Annotated[
        str | None,
        typer.Option(
            help="From when on prices without a date apply to new models; 2020-01-01 unless given."
        ),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Refuse the whole file for one entry that is to be mended or left out."
        ),
    ] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Take the prices of this model though they are odd: its key, or a name of the catalogue; repeatable.",
        ),
    ] = None,
    rows: Annotated[
        Path | None,
        typer.Option(
            "--rows",
            metavar="FILE",
            help="Write what would be sent into this file, for the page's import, and ask no database; - prints it.",
        ),
    ] = None,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: admin.Key = None,
) -> None:
    """Bring models and prices to what a catalogue says; needs the service key or an admin's token.

    What is new is added, a price row is appended where a price really changed, prices that are gone are withdrawn, and
    models that are gone are marked as retired. The same catalogue twice changes nothing. An entry that cannot be read,
    or contradicts itself, is left out, named, and stays as it is; what is cosmetic is mended. A price that jumps by
    more than ten times, or lies far beyond what others say, is held back until --accept. LiteLLM:
    model_prices_and_context_window.json. genai-prices: prices/new_data/v2/data.json. models.dev: api.json.
    OpenRouter: the answer of /api/v1/models.
    """
    from ratebook import catalogues

    time = registry._time(starts_at)
    with _progress() as step:
        step(f"Reading {source}")
        data = _read(source, file)
        step(f"Parsing {source}")
        if data is not None:
            feed = catalogues.parse(source, data, strict=strict)
        else:
            feed = catalogues.genai_prices.from_package()
            feed = catalogues.sound(feed) if strict else feed
        if rows is not None:
            _write_rows(feed, starts_at, rows)
            return
        step(f"Comparing {len(feed.models):,} models and {feed.price_count:,} prices")
        with admin._client(url, key) as client, _explained():
            report = client.import_catalogue(
                feed, starts_at=time, dry_run=dry_run, accept=accept or (), strict=strict
            )
        step("Done")
    if as_json:
        registry._print_json(
            asdict(report)
            | {"values": feed.values, "price_rows": feed.price_count}
            | {name: [asdict(flaw) for flaw in flaws] for name, flaws in _flaws_of(feed).items()}
        )
    else:
        _print_report(feed, report)


# ------------------------------------------------------------------ what is read


def _read(source: Source, file: str | None) -> bytes | None:
    """The text of the catalogue; None for what comes from an installed package as objects."""
    try:
        if file == "-":
            return sys.stdin.buffer.read()
        if file is not None:
            return Path(file).read_bytes()
        if source is Source.genai_prices:
            return None
        if source is Source.litellm and (package := find_spec("litellm")) and package.origin:
            return (
                Path(package.origin)
                .with_name("model_prices_and_context_window_backup.json")
                .read_bytes()
            )
    except OSError as error:
        raise typer.BadParameter(f"{error.filename}: {error.strerror}") from None
    raise typer.BadParameter(f"Which file? Give the JSON of {source}, or - for standard input.")


def _write_rows(feed: "Feed", starts_at: str | None, file: Path) -> None:
    """The arguments of ai.import_catalogue(): what the page, which parses no catalogue, takes."""
    arguments = {"source": feed.source, "models": feed.to_json()}
    arguments |= {} if starts_at is None else {"starts_at": starts_at}
    text = json.dumps(arguments, ensure_ascii=False) + "\n"
    if str(file) == "-":
        sys.stdout.write(text)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RatebookError(f"Cannot write to {file}: {error.strerror}.") from error
    typer.echo(f"{file}: {len(feed.models):,} models and {feed.price_count:,} prices", err=True)


@contextmanager
def _explained() -> Iterator[None]:
    """Say what is wrong with the feed, as far as the database knows."""
    try:
        yield
    except ApiError as error:
        problems = error.detail.get("problems")
        if error.error != "invalid_feed" or not isinstance(problems, list):
            raise
        raise RatebookError(str(error), "\n".join(map(str, problems[1:10]))) from error


# ------------------------------------------------------------------ what is shown


@contextmanager
def _progress() -> Iterator["Step"]:
    """A bar on standard error that goes on with each step."""
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), TimeElapsedColumn())
    console = Console(stderr=True, highlight=False)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        yield Step(bar)


class Step:
    """Names what is done now."""

    STEPS = 3

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=self.STEPS, completed=-1)

    def __call__(self, description: str) -> None:
        """Go on to the next step."""
        self._bar.update(self._task, description=description, advance=1)


MAX_LINES = 20


def _flaws_of(feed: "Feed") -> dict[str, tuple["Flaw", ...]]:
    return {"mended": feed.mended, "left_out": feed.left_out, "no_models": feed.skipped}


def _print_report(feed: "Feed", report: "ImportReport") -> None:
    if report.changes_nothing:
        typer.echo(f"{report.source} says what is here already.")
    elif report.dry_run:
        typer.echo("Nothing was written; this is what the import would do.")
    _print_counts(report)
    unmapped = sum(report.unmapped.values())
    share = 1 - unmapped / feed.values if feed.values else 1
    typer.echo(f"{feed.values - unmapped:,} of {feed.values:,} amounts are mapped ({share:.2%}).")
    _print_lines(
        ("not mapped", "amounts"),
        [(key, f"{count:,}") for key, count in sorted(report.unmapped.items())],
    )
    _print_lines(("mended", "what"), [(flaw.entry, flaw.reason) for flaw in feed.mended])
    known = {f"{provider}/{key}" for provider, key in feed.unread}
    _print_lines(
        ("left out", "why"),
        [(flaw.entry, flaw.reason) for flaw in feed.left_out]
        + [(row["model"], row["problem"]) for row in report.skipped if row["model"] not in known],
    )
    _print_lines(
        ("not read", "why"),
        [(flaw.entry, flaw.reason) for flaw in feed.skipped if flaw.kind == "other prices"],
    )
    _print_lines(("held back", "price"), [(row["model"], _price(row)) for row in report.held])
    _print_lines(("pinned", "price"), [(row["model"], _price(row)) for row in report.pinned])
    _print_lines(
        ("name taken", "means"),
        [(row["name"], f"{', '.join(row['held_by'])}, not {row['model']}") for row in report.taken],
    )
    _print_lines(
        ("on prices of its own", "has none for"),
        [(row["model"], ", ".join(row["missing"])) for row in report.own_prices],
    )
    if feed.skipped:
        typer.echo(f"{len(feed.skipped)} entries are no models of their own; --json names them.")


_ODD = {
    "jump": "",
    "other_sources": ", other sources say at most {beside}",
    "first_sight": ", the provider's models cost {beside} in the middle",
}


def _price(row: Mapping[str, Any]) -> str:
    """A price that was not written, beside the one that applies."""
    conditions = [str(row[name]) for name in _CONDITIONS if row.get(name) not in (None, "standard")]
    now = f", {row['in_force']} stays" if row.get("in_force") else ""
    odd = _ODD.get(row.get("reason", ""), "").format(**row)
    return f"{' '.join([row['meter'], *conditions])}: {row['price']}{now}{odd}"


_CONDITIONS = ("service_tier", "variant", "region", "context_threshold", "window_start")


def _print_counts(report: "ImportReport") -> None:
    """How many of each kind of row were written, or were not."""
    heads = ("added", "changed", "unchanged", "gone", "taken")
    rows = {
        "providers": report.providers,
        "models": report.models,
        "aliases": report.aliases,
        "prices": report.prices,
    }
    table = registry._table("", *heads)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, counts in rows.items():
        gone = counts.get("removed", counts.get("withdrawn"))
        cells = [gone if head == "gone" else counts.get(head) for head in heads]
        table.add_row(name, *("" if count is None else f"{count:,}" for count in cells))
    registry._print(table)


def _print_lines(heads: tuple[str, str], lines: list[tuple[str, str]]) -> None:
    """A table of two columns, cut where it is long; none where there is nothing."""
    if not lines:
        return
    table = registry._table(*heads)
    if heads[1] == "amounts":
        table.columns[1].justify = "right"
    for line in lines[:MAX_LINES]:
        table.add_row(*line)
    registry._print(table)
    if len(lines) > MAX_LINES:
        typer.echo(f"… and {len(lines) - MAX_LINES:,} more; --json names them all.")
