"""`ratebook migrations`: the packaged migrations, in a project and in a database."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ratebook import migrations
from ratebook.migrations import CheckReport

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
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


@app.command(name="list")
def list_(as_json: Json = False) -> None:
    """List the migrations that this version carries."""
    ours = migrations.packaged()
    if as_json:
        rows = [{"version": migration.version, "name": migration.name} for migration in ours]
        typer.echo(json.dumps(rows, indent=2))
        return
    for migration in ours:
        typer.echo(str(migration))


@app.command()
def copy(
    directory: Annotated[
        Path, typer.Argument(help="The Supabase project, or its supabase/ folder.")
    ],
) -> None:
    """Copy the migrations beside a project's own ones; never overwrites anything."""
    report = migrations.copy(directory)
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
def check(dsn: Dsn, as_json: Json = False) -> None:
    """Say what a database has and lacks; exit code 0 up to date, 1 lacks something, 2 no connection."""
    report = migrations.check(dsn)
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
) -> None:
    """Bring a database up to this version with the Supabase CLI."""
    before = migrations.apply(dsn, typer.echo, include_seed=seed)
    count = len(before.missing)
    typer.echo(f"{count} migrations applied." if count else "The database was up to date.")


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
    version = f" (schema version {report.schema_version})" if report.schema_version else ""
    total = len(report.applied) + len(report.missing) + len(report.conflicting)
    typer.echo(f"{len(report.applied)} of {total} migrations applied{version}.")
