"""`ratebook months`: the monthly partitions of a database."""

import json
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from ratebook import months
from ratebook.cli.migrations import Dsn, Json

app = typer.Typer(
    help="List the months of a database, make more, and detach or archive old ones.",
    no_args_is_help=True,
)


@app.command(name="list")
def list_(dsn: Dsn, as_json: Json = False) -> None:
    """List the month tables: how far they reach, and which are detached."""
    found = months.list_months(dsn)
    if as_json:
        rows = [vars(month) | {"until": month.until.isoformat()} for month in found]
        typer.echo(json.dumps(rows, indent=2))
        return
    for parent, group in groupby(found, lambda month: month.parent):
        ours = list(group)
        attached = [month.name for month in ours if month.state == "attached"]
        span = f"{attached[0][-7:]} to {attached[-1][-7:]}" if attached else "none"
        typer.echo(f"{parent}  {span.replace('_', '-')} ({len(attached)})")
        for month in ours:
            if month.state != "attached":
                typer.echo(f"  {month.state} {month.name}")


@app.command()
def extend(
    dsn: Dsn,
    ahead: Annotated[int, typer.Option("--months", help="How many months ahead, 1 to 120.")] = 24,
) -> None:
    """Make the months that are missing, each in a transaction of its own. Sweeps do it by themselves."""
    typer.echo(f"{months.extend(dsn, ahead)} partitions made.")


@app.command()
def detach(
    dsn: Dsn,
    before: Annotated[
        datetime,
        typer.Option(
            formats=["%Y-%m-%d"], help="Months that end by then, in UTC, such as 2025-01-01."
        ),
    ],
    table: Annotated[
        str, typer.Option(help="Whose months; charges, holds and ledger stay.")
    ] = "ai.generations",
    wait: Annotated[
        float, typer.Option(help="Seconds to wait for open transactions, in all.")
    ] = 600,
) -> None:
    """Detach old months of the generation log, without keeping anybody waiting; run again, it finishes what was cut.

    Connect to the database itself, as its owner. The tables stay in schema ratebook until you archive or drop them.
    """
    done = months.detach(dsn, before.replace(tzinfo=UTC), table, wait=wait, say=typer.echo)
    if not done:
        typer.echo("No month ends by then.")


@app.command()
def archive(
    dsn: Dsn,
    directory: Annotated[Path, typer.Argument(help="The folder of the files.")],
    before: Annotated[
        datetime,
        typer.Option(
            formats=["%Y-%m-%d"], help="Months that end by then, in UTC, such as 2025-01-01."
        ),
    ],
    drop: Annotated[
        bool, typer.Option("--drop", help="Drop each month once its file is whole.")
    ] = False,
    wait: Annotated[
        float, typer.Option(help="Seconds to wait for open transactions, in all.")
    ] = 600,
) -> None:
    """Detach old months of the generation log, and write each to a file of CSV.

    One beside it says what it has. Run again, it goes on where it was cut, and writes nothing twice. Charges, holds and
    the ledger stay.
    """
    done = months.archive(
        dsn, before.replace(tzinfo=UTC), directory, drop=drop, wait=wait, say=typer.echo
    )
    if not done:
        typer.echo("No month is to be archived.")
