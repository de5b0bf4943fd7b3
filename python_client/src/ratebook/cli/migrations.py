"""`ratebook migrations`: the packaged migrations, in a project and in a database."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ratebook import migrations
from ratebook.errors import RatebookError
from ratebook.migrations import CheckReport, Migration

_PROBLEMS = {
    "clash": "in the way, rename or move it",
    "not_allowed": "may not create in it or let others use it",
    "reachable": "would become reachable, accept it with ratebook.accept_reachable",
}

app = typer.Typer(
    help="Put Ratebook's migrations into a project, or check and update a database.",
    no_args_is_help=True,
)

Dsn = Annotated[
    str,
    typer.Argument(
        envvar="DATABASE_URL",
        show_envvar=True,
        help="PostgreSQL connection string; as an environment variable it stays out of `ps`.",
    ),
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without", metavar="MODULE", help="Leave a module out, such as compat; repeatable."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


@app.command(name="list")
def list_(as_json: Json = False) -> None:
    """List the migrations that this version carries, with the module of each."""
    ours = migrations.packaged()
    if as_json:
        rows = [{"version": one.version, "name": one.name, "module": one.module} for one in ours]
        typer.echo(json.dumps(rows, indent=2))
        return
    width = max(len(str(one)) for one in ours)
    for one in ours:
        typer.echo(f"{one!s:<{width}}  {one.module}")


@app.command()
def copy(
    directory: Annotated[
        Path, typer.Argument(help="The Supabase project, or its supabase/ folder.")
    ],
    without: Without = None,
) -> None:
    """Copy the migrations beside a project's own ones; never overwrites anything."""
    report = migrations.copy(directory, without or ())
    for migration in report.copied:
        typer.echo(f"copied {migration}")
    typer.echo(
        f"{len(report.copied)} copied, {len(report.unchanged)} already there: {report.folder}"
    )
    if report.late:
        typer.secho(
            f"{len(report.late)} of them are stamped before your newest migration:"
            " push with `supabase db push --include-all`.",
            fg="yellow",
            err=True,
        )
    elif report.copied:
        typer.echo("Next: supabase db push")


@app.command()
def check(dsn: Dsn, without: Without = None, as_json: Json = False) -> None:
    """Say what a database has, lacks, and has otherwise than the migrations make it.

    Before the first push: also what of the project stands in the way, or would become reachable. Exit code
    0: up to date; 1: it lacks something or differs; 2: no connection.
    """
    report = migrations.check(dsn, without or ())
    if as_json:
        typer.echo(json.dumps(_plain(report), indent=2))
    else:
        _print(report)
    if not report.is_up_to_date:
        raise typer.Exit(1)


@app.command()
def apply(
    dsn: Dsn,
    seed: Annotated[bool, typer.Option("--seed", help="Load the demo data too.")] = False,
    without: Without = None,
    add: Annotated[
        list[str] | None,
        typer.Option("--add", metavar="MODULE", help="Add a module that was left out; repeatable."),
    ] = None,
) -> None:
    """Bring a database up to this version with the Supabase CLI."""
    before = migrations.apply(
        dsn, typer.echo, include_seed=seed, without=without or (), add=add or ()
    )
    count = len(before.missing)
    typer.echo(f"{count} migrations applied." if count else "The database was up to date.")


@app.command()
def down(
    dsn: Dsn,
    to: Annotated[
        str | None,
        typer.Option(metavar="VERSION", help="Keep this version and what is older; else all goes."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Take Ratebook out of a database, with its data; what the project had stays as it was.

    Exit code 0: taken back, or nothing of Ratebook was there; 1: refused, or not confirmed.
    """
    refused = False

    def confirm(database: str, going: list[Migration]) -> bool:
        nonlocal refused
        if not yes:
            if not sys.stdin.isatty():
                raise RatebookError("This drops data: say --yes where nobody can be asked.")
            typer.echo(f"This takes back from {database}, with the data in it:")
            typer.echo("\n".join(f"  {migration}" for migration in going))
            refused = input("Type yes to go on: ").strip() != "yes"
        return not refused

    gone = migrations.down(
        dsn, to, confirm=confirm, say=lambda migration: typer.echo(f"took back {migration}")
    )
    if refused:
        typer.echo("Nothing was changed.")
        raise typer.Exit(1)
    if not gone:
        typer.echo("Nothing to take back.")


def _plain(report: CheckReport) -> dict[str, object]:
    return {
        "up_to_date": report.is_up_to_date,
        "schema_version": report.schema_version,
        "platform": report.has_platform,
        "applied": [str(migration) for migration in report.applied],
        "missing": [str(migration) for migration in report.missing],
        "late": [str(migration) for migration in report.late],
        "conflicting": report.conflicting,
        "foreign": report.foreign,
        "left_out": report.left_out,
        "obstacles": [asdict(obstacle) for obstacle in report.obstacles],
        "differences": report.differences,
    }


def _print(report: CheckReport) -> None:
    for migration in report.applied:
        typer.echo(f"has    {migration}")
    for migration in report.missing:
        typer.echo(f"lacks  {migration}")
    for name in report.conflicting:
        typer.echo(f"other  {name} has the stamp of one of Ratebook's migrations")
    if report.foreign:
        typer.echo(f"{len(report.foreign)} migrations are the project's own.")
    if not report.has_platform:
        typer.echo(
            "auth.uid() is missing: this is no Supabase database; `apply` adds what is needed."
        )
    if report.late:
        typer.echo(
            "Some missing ones are stamped before applied ones: `supabase db push --include-all`."
        )
    for name in report.left_out:
        typer.echo(f"The module {name} is left out; `apply --add {name}` adds it.")
    for obstacle in report.obstacles:
        typer.echo(f"{_PROBLEMS[obstacle.problem]}: {obstacle.what} (module {obstacle.module})")
    for difference in report.differences:
        typer.echo(f"differs  {difference}")
    version = f" (schema version {report.schema_version})" if report.schema_version else ""
    total = len(report.applied) + len(report.missing) + len(report.conflicting)
    typer.echo(f"{len(report.applied)} of {total} migrations applied{version}.")
