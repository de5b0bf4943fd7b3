"""`ratebook restore`: the data of another database into one that was migrated."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ratebook.cli import adopt, registry

if TYPE_CHECKING:
    from ratebook.restore import RestoreReport

app = typer.Typer()


@app.command()
def restore(
    dump: Annotated[
        Path,
        typer.Argument(
            exists=True,
            readable=True,
            help="The data file of `supabase db dump --data-only`, another plain data-only dump, or an archive of"
            " pg_dump (-Fc, -Fd, -Ft).",
        ),
    ],
    database_url: Annotated[
        str,
        typer.Option(
            envvar="DATABASE_URL",
            show_envvar=True,
            help="PostgreSQL connection string of the database; as an environment variable it stays out of `ps`.",
        ),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Load and check everything, then take it back.")
    ] = False,
    ratebook_only: Annotated[
        bool,
        typer.Option(
            "--ratebook-only", help="Load Ratebook's tables alone, not the project's or auth."
        ),
    ] = False,
    as_json: registry.Json = False,
) -> None:
    """Put the data of another Ratebook database into one that was migrated and not used yet.

    Makes the months that the rows need, replaces the reference rows that migrations entered, loads everything with
    triggers at rest, and checks it: foreign keys, ai.self_check(), billing.self_check(). All in one transaction. Exit
    code 1 where the database holds data of its own, lacks a table, or the copy is not sound, with nothing changed; 2
    where the database does not answer.
    """
    from ratebook.restore import restore as load

    with adopt._progress() as show:
        report = load(
            database_url, dump, ratebook_only=ratebook_only, dry_run=dry_run, on_progress=show
        )
    if as_json:
        typer.echo(json.dumps(asdict(report), indent=2))
    else:
        _print_report(report)


def _print_report(report: "RestoreReport") -> None:
    table = registry._table("table", "rows")
    table.columns[1].justify = "right"
    for name, count in report.tables.items():
        if count:
            table.add_row(name, f"{count:,}")
    registry._print(table)
    typer.echo(
        f"{sum(report.tables.values()):,} rows of {len(report.tables)} tables; reference rows replaced:"
        f" {report.forgotten}; months made: {', '.join(report.months) or 'none'}"
    )
    if report.detached:
        typer.echo(f"Detached where it comes from, and here too: {', '.join(report.detached)}")
    for warning in report.warnings:
        typer.secho(warning, fg="yellow", err=True)
    typer.echo(
        "Everything loaded and every check passed; nothing was kept (--dry-run)."
        if report.dry_run
        else "Every check passed. Next: `analyze` in the database."
    )
