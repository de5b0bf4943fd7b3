"""`ratebook move`: to another server or version of PostgreSQL, while the database is in use."""

from typing import Annotated

import typer

from ratebook import move

app = typer.Typer(
    help="Move a database to another server or version of PostgreSQL while it is in use.",
    no_args_is_help=True,
)

Old = Annotated[
    str,
    typer.Argument(
        envvar="OLD_DATABASE_URL",
        show_envvar=True,
        help="The database that is in use; its server needs wal_level = logical.",
    ),
]
New = Annotated[
    str,
    typer.Argument(
        envvar="NEW_DATABASE_URL",
        show_envvar=True,
        help="The one it moves to: migrated to the same version, and empty.",
    ),
]


@app.command()
def start(
    old: Old,
    new: New,
    through: Annotated[
        str, typer.Option(help="How the new server reaches the old one, if not by OLD.")
    ] = "",
    table: Annotated[
        list[str] | None,
        typer.Option(help="A table of the project's own that goes along; repeatable."),
    ] = None,
) -> None:
    """Let the new database copy what the old one has, and follow it from then on."""
    move.start(old, new, through=through, tables=table or ())
    typer.echo("The new database copies and follows. Next: ratebook move status.")


@app.command()
def status(old: Old, new: New) -> None:
    """Say how far the new database is. Exit code 1 while tables are copied still."""
    found = move.status(old, new)
    typer.echo(
        f"{found.tables - found.copying} of {found.tables} tables follow; {found.behind:,} bytes behind."
    )
    if found.copying or not found.tables:
        raise typer.Exit(1)


@app.command()
def finish(
    old: Old,
    new: New,
    wait: Annotated[
        float, typer.Option(help="Seconds for the last rows; then the old one is opened again.")
    ] = 60,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Hold every row of both against each other meanwhile."),
    ] = False,
) -> None:
    """Close the old database, wait for its last rows, and let the new one stand by itself.

    Whoever was connected to the old one is cut off: point them to the new one, and let them send again, with its key,
    what got no answer.
    """
    done = move.finish(old, new, wait=wait, compare=compare, say=typer.echo)
    if compare:
        typer.echo(
            f"{sum(done.compared.values()):,} rows of {len(done.compared)} tables are equal."
        )
    typer.echo(
        f"The new database stands by itself; nobody could write for {done.stopped:.2f} s."
        f" {done.sequences} sequences set."
    )
