"""`ratebook adopt`: copy the rows of an older system into Ratebook."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from ratebook.cli import registry, service
from ratebook.errors import NotAllowed, RatebookError

if TYPE_CHECKING:
    from ratebook.adopt import AdoptReport

app = typer.Typer()

_SHOWN = 20


class System(StrEnum):
    """The older systems that can be read."""

    api_models = "api_models"
    rate_cards = "rate_cards"
    llm_models = "llm_models"
    ai_model_config = "ai_model_config"


@app.command()
def adopt(
    system: Annotated[System, typer.Argument(help="Whose tables they are.")],
    source_dsn: Annotated[
        str,
        typer.Argument(
            envvar="SOURCE_DATABASE_URL",
            show_envvar=True,
            help="Connection string of the old database; as an environment variable it stays out of `ps`.",
        ),
    ],
    schema: Annotated[str, typer.Option(help="The schema of its tables.")] = "public",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be copied and write nothing.")
    ] = False,
    allow_unmapped: Annotated[
        bool,
        typer.Option("--allow-unmapped", help="Exit with 0 also where something has no place."),
    ] = False,
    as_json: registry.Json = False,
    url: registry.Url = None,
    key: service.Key = None,
) -> None:
    """Copy the rows of an older system into Ratebook; needs the service key.

    Each row is copied whole, or reported with the reason. Times may be numbers, of milliseconds since 1970. The old
    database is only read. Running it again adds what is
    new there and changes what differs here, except rate cards, which never change. Exit code 1 where something has no
    place.
    """
    from ratebook.adopt import copy, read

    tables = read(source_dsn, system, schema)
    with registry._client(*service._where(url, key)) as client, _progress() as show:
        try:
            report = copy(client, system, tables, dry_run=dry_run, on_progress=show)
        except NotAllowed as error:
            raise RatebookError(f"{error} This needs the service key.", error.details) from error
    if as_json:
        registry._print_json(asdict(report))
    else:
        _print_report(report)
    if not (report.is_whole or allow_unmapped):
        raise typer.Exit(1)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, of rows."""
    console = Console(stderr=True, highlight=False)
    columns = ("Copying", BarColumn(bar_width=20), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, rows: bar.update(task, completed=done, total=rows)


def _print_report(report: "AdoptReport") -> None:
    if report.dry_run:
        typer.echo("Nothing was written; this is what would be copied.")
    table = registry._table("", "read", "added", "changed", "unchanged", "not copied")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, count in report.tables.items():
        table.add_row(name, *(f"{number:,}" for number in asdict(count).values()))
    registry._print(table)
    if report.made:
        typer.echo(f"Providers and models made because rows name them: {len(report.made):,}")
    if report.ids:
        typer.echo(f"Rows that were here under another id: {len(report.ids):,} (--json names both)")
    for column_name, rows in report.unmapped.items():
        typer.echo(f"Rows with a value in {column_name}, which has no place here: {rows:,}")
    if report.refused:
        reasons = registry._table("not copied", "row", "reason")
        for row in report.refused[:_SHOWN]:
            reasons.add_row(row.table, row.key, " ".join(filter(None, [row.message, row.hint])))
        registry._print(reasons)
        if len(report.refused) > _SHOWN:
            typer.echo(f"… and {len(report.refused) - _SHOWN:,} more; --json names all.")
