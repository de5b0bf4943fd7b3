"""`ratebook shards`: many databases behind a front of PL/Proxy."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ratebook.cli import registry

app = typer.Typer(
    help="Put many Ratebooks behind a front of PL/Proxy, and move accounts between them.",
    no_args_is_help=True,
)

Home = Annotated[
    str,
    typer.Argument(
        help="PostgreSQL connection string of the database where the catalogue is written."
    ),
]


def parse_partitions(words: list[str]) -> list[int]:
    """Partitions, such as `7` and `0-63`, each once and in order."""
    found: set[int] = set()
    for word in words:
        first, _, last = word.partition("-")
        try:
            span = range(int(first), int(last or first) + 1)
        except ValueError:
            span = range(0)
        if not span or span[0] < 0 or span[-1] > 255:
            raise typer.BadParameter(
                f"{word} is no partition: these are 0 to 255, or a span such as 0-63."
            )
        found.update(span)
    return sorted(found)


@app.command()
def front(
    home: Home,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file instead.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print where each function goes, and no SQL.")
    ] = False,
) -> None:
    """Print the SQL of a front for the version of Ratebook at home: run it in an empty database, as its superuser."""
    from ratebook.shards.front import write

    made = write(home)
    if as_json:
        typer.echo(json.dumps({"routes": made.routes, "left_out": made.left_out}, indent=2))
    elif output is not None:
        output.write_text(made.sql)
    else:
        typer.echo(made.sql, nl=False)


@app.command()
def enlist(
    database: Annotated[str, typer.Argument(help="PostgreSQL connection string of the home.")],
    name: Annotated[str, typer.Option(help="What the front calls it.")],
) -> None:
    """Let the home be a shard too: make the front's role and say which shard it is."""
    from ratebook import migrations
    from ratebook.shards import catalogue

    with migrations.connect(database) as connection:
        catalogue.enlist(connection, name)
    typer.echo(f"This is shard {name}.")


@app.command()
def join(
    shard: Annotated[
        str, typer.Argument(help="PostgreSQL connection string of a migrated, unused database.")
    ],
    home: Home,
    name: Annotated[str, typer.Option(help="What the front calls it: letters, digits, _.")],
    connection: Annotated[
        str,
        typer.Option(
            help="How the shard's server reaches home, for its subscription, without a password: service=…"
        ),
    ],
) -> None:
    """Make a database a shard: it gets the catalogue of home, and whatever changes in it from now on."""
    from ratebook.shards import catalogue

    rows = catalogue.join(shard, name, home, connection)
    typer.echo(f"Shard {name} has the catalogue: {rows:,} rows, equal to those at home.")


@app.command()
def move(
    front: Annotated[str, typer.Argument(help="PostgreSQL connection string of the front.")],
    source: Annotated[str, typer.Argument(help="That of the shard where they are.")],
    target: Annotated[str, typer.Argument(help="That of the shard where they go.")],
    partitions: Annotated[
        list[str], typer.Argument(help="Logical partitions: 7, or a span such as 0-63; several.")
    ],
    wait: Annotated[float, typer.Option(help="Seconds for calls that are under way.")] = 30,
    check: Annotated[
        bool, typer.Option(help="Run the self-checks of both shards at the end.")
    ] = True,
    as_json: registry.Json = False,
) -> None:
    """Move logical partitions from one shard to another, and compare all rows before anything is sent there.

    Writes of the partition under way are refused meanwhile (partition_is_moving, 503). The same command goes on where
    an earlier one was cut.
    """
    from ratebook.shards.move import assert_sound
    from ratebook.shards.move import move as move_them

    wanted = parse_partitions(partitions)
    moved = move_them(
        front, source, target, wanted, wait=wait, say=(lambda _: None) if as_json else typer.echo
    )
    if check:
        assert_sound(source, target)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in moved], indent=2))
    elif check:
        typer.echo("Every check of both shards passed.")
