"""The `ratebook` command. Each group of commands is a module; heavy imports wait for the command that needs them."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from ratebook import __version__
from ratebook.cli import (
    admin,
    adopt,
    catalogues,
    evaluation,
    jobs,
    local,
    migrations,
    months,
    move,
    registry,
    reports,
    restore,
    routing,
    shards,
    types,
    wallet,
    web,
)
from ratebook.errors import RatebookError

app = typer.Typer(
    help="Model registry, rate book, wallet and local stack of Ratebook.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(registry.app)
app.add_typer(routing.app)
app.add_typer(reports.app)
app.add_typer(catalogues.app)
app.add_typer(adopt.app)
app.add_typer(restore.app)
app.add_typer(types.app)
app.add_typer(admin.app, name="admin")
app.add_typer(wallet.app, name="wallet")
app.add_typer(evaluation.app, name="evaluation")
app.add_typer(web.app, name="web")
app.add_typer(local.app, name="local")
app.add_typer(migrations.app, name="migrations")
app.add_typer(months.app, name="months")
app.add_typer(move.app, name="move")
app.add_typer(jobs.app, name="jobs")
app.add_typer(shards.app, name="shards")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ratebook {__version__}")
        raise typer.Exit


@app.callback()
def ratebook(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Model registry, rate book, wallet and local stack of Ratebook."""


def main() -> None:
    """Run the command; an expected failure is one sentence on stderr and an exit code."""
    try:
        app()
    except RatebookError as error:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print(f"error: {error}", style="red", markup=False)
        if error.details:
            console.print(error.details, style="dim", markup=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `ratebook … | head`
        sys.stderr.close()
        sys.exit(141)
