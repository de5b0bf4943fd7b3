"""`ratebook local`: the stack on this machine."""

import json
import shlex
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from ratebook.errors import RatebookError

if TYPE_CHECKING:
    from ratebook.local.stack import Stack, Status

app = typer.Typer(
    help="PostgreSQL, PostgREST and a /rest/v1 gateway on this machine, without Docker.",
    no_args_is_help=True,
)

Project = Annotated[
    Path, typer.Option("--project", "-C", help="Folder of the project to serve.", file_okay=False)
]
DataDir = Annotated[
    Path | None, typer.Option(help="Where data and logs go [default: PROJECT/.ratebook].")
]
Version = Annotated[int, typer.Option(help="PostgreSQL 16 or 18.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]

_HERE = Path()


def _stack(
    project: Path, data_dir: Path | None, version: int = 18, *, quiet: bool = False
) -> "Stack":
    try:
        from ratebook.local.stack import Stack
    except ImportError as error:
        raise RatebookError(
            f"The local stack needs `pip install 'ratebook[local]'` ({error.name} is missing)."
        ) from error
    return Stack(project, data_dir, version, say=_say_nothing if quiet else _printer())


def _printer() -> Callable[[str], None]:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    return lambda line: console.print(line, style="dim", markup=False)


def _say_nothing(_: str) -> None:
    pass


@app.command()
def start(
    project: Project = _HERE,
    data_dir: DataDir = None,
    postgres_version: Version = 18,
    reseed: Annotated[bool, typer.Option("--reseed", help="Run changed seed files again.")] = False,
    quiet: Quiet = False,
) -> None:
    """Start what does not run and apply pending migrations; running it again is harmless."""
    began = time.monotonic()
    stack = _stack(project, data_dir, postgres_version, quiet=quiet)
    status = stack.start(reseed=reseed)
    if not quiet:
        typer.echo(f"Ready in {time.monotonic() - began:.1f} s: {status.url}")
        _print_page(stack)


@app.command()
def page(project: Project = _HERE, data_dir: DataDir = None) -> None:
    """Print links to the page for a visitor, for Ada and for an admin, with demo tokens of twelve hours."""
    stack = _stack(project, data_dir)
    if not stack.status().running:
        raise RatebookError("The local stack does not run: ratebook local start")
    _print_page(stack)


@app.command()
def stop(project: Project = _HERE, data_dir: DataDir = None, quiet: Quiet = False) -> None:
    """Stop what runs; the data stays."""
    stopped = _stack(project, data_dir, quiet=quiet).stop()
    if not quiet:
        typer.echo("Stopped." if stopped else "Nothing was running.")


@app.command()
def restart(
    project: Project = _HERE,
    data_dir: DataDir = None,
    postgres_version: Version = 18,
    quiet: Quiet = False,
) -> None:
    """Stop and start."""
    stack = _stack(project, data_dir, postgres_version, quiet=quiet)
    stack.stop()
    status = stack.start()
    if not quiet:
        typer.echo(f"Ready: {status.url}")


@app.command()
def reset(
    project: Project = _HERE,
    data_dir: DataDir = None,
    postgres_version: Version = 18,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    quiet: Quiet = False,
) -> None:
    """Throw the database away and start with a fresh one."""
    stack = _stack(project, data_dir, postgres_version, quiet=quiet)
    if not yes:
        typer.confirm(f"Delete the database in {stack.data_dir}?", abort=True)
    status = stack.reset()
    if not quiet:
        typer.echo(f"Ready, with a new database: {status.url}")


@app.command()
def status(project: Project = _HERE, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Show what runs and where; exit code 0 when everything runs, else 1."""
    found = _stack(project, data_dir).status()
    if as_json:
        typer.echo(json.dumps(found.to_json(), indent=2))
    else:
        _print_status(found)
    if not found.running:
        raise typer.Exit(1)


@app.command()
def logs(
    service: Annotated[
        str | None, typer.Argument(help="postgres, postgrest or gateway; all when left out.")
    ] = None,
    project: Project = _HERE,
    data_dir: DataDir = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1)] = 50,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Keep printing until Ctrl-C.")
    ] = False,
) -> None:
    """Show the end of the logs."""
    from ratebook.local.stack import SERVICES

    stack = _stack(project, data_dir)
    services = [service] if service else list(SERVICES)
    for name in services:
        if len(services) > 1:
            typer.secho(f"== {name}: {stack.log_file(name)}", bold=True)
        typer.echo(stack.logs(name, lines))
    if follow:
        _follow([stack.log_file(name) for name in services])


@app.command()
def token(
    role: Annotated[str, typer.Argument(help="anon, authenticated or service_role.")],
    sub: Annotated[str | None, typer.Option(help="The auth user's id (uuid).")] = None,
    expires_in: Annotated[int, typer.Option(help="Seconds until it expires.")] = 3600,
    claim: Annotated[
        list[str] | None, typer.Option(help="Another claim, name=value (value JSON or text).")
    ] = None,
) -> None:
    """Print a token for the local API, signed with the demo secret."""
    try:
        from ratebook.local import tokens
    except ImportError as error:
        raise RatebookError("This needs `pip install 'ratebook[local]'`.") from error
    typer.echo(tokens.token(role, sub, expires_in=expires_in, **_claims(claim or [])))


@app.command()
def env(project: Project = _HERE, data_dir: DataDir = None) -> None:
    """Print shell lines to evaluate: eval "$(ratebook local env)"."""
    found = _stack(project, data_dir).status()
    if not found.running:
        raise RatebookError("The local stack does not run: ratebook local start")
    variables = {
        "SUPABASE_URL": found.url,
        "SUPABASE_ANON_KEY": found.anon_key,
        "SUPABASE_SERVICE_ROLE_KEY": found.service_role_key,
        "SUPABASE_JWT_SECRET": found.jwt_secret,
        "DATABASE_URL": found.db_url,
    }
    for name, value in variables.items():
        typer.echo(f"export {name}={shlex.quote(value or '')}")


@app.command(name="first-result")
def first_result(project: Project = _HERE, data_dir: DataDir = None) -> None:
    """Ask the running API for the models, two quotes and the demo wallet, and print how to go on."""
    stack = _stack(project, data_dir)
    from ratebook.local import first_result

    width = max(shutil.get_terminal_size().columns, 80)
    console = Console(width=width)
    first_result.show(stack.url, stack.anon_key, stack.service_role_key, console)


def _claims(given: list[str]) -> dict[str, Any]:
    claims: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{text!r} is not name=value", param_hint="--claim")
        try:
            claims[name] = json.loads(value)
        except ValueError:
            claims[name] = value
    return claims


def _print_status(found: "Status") -> None:
    for name, pid in found.services.items():
        typer.echo(f"{name:<20}{f'running (pid {pid})' if pid else 'stopped'}")
    if found.running:
        facts = {
            "API": found.url,
            "REST": found.rest_url,
            "database": found.db_url,
            "schema version": found.schema_version or "none",
            "pending migrations": ", ".join(found.pending_migrations) or "none",
            "anon key": found.anon_key,
            "service_role key": found.service_role_key,
        }
        for name, value in facts.items():
            typer.echo(f"{name:<20}{value}")
    typer.echo(f"{'data':<20}{found.data_dir}")
    if found.running:
        typer.echo("The keys are signed with a public demo secret: use them on this machine only.")


def _print_page(stack: "Stack") -> None:
    try:
        links = stack.page_links()
    except RatebookError as error:
        typer.echo(str(error))
        return
    if links:
        typer.echo(
            "The page, with demo tokens for twelve hours, which open this machine's database only:"
        )
    for who, link in links.items():
        typer.echo(f"  {who:<14}{link}")


def _follow(files: list[Path]) -> None:
    sizes = {file: file.stat().st_size if file.exists() else 0 for file in files}
    while True:
        for file in files:
            size = file.stat().st_size if file.exists() else 0
            if size < sizes[file]:  # a new start emptied it
                sizes[file] = 0
            if size > sizes[file]:
                with file.open("rb") as log:
                    log.seek(sizes[file])
                    sys.stdout.write(log.read().decode(errors="replace"))
                    sys.stdout.flush()
                sizes[file] = size
        time.sleep(0.3)
