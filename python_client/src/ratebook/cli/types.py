"""`ratebook types`: the types of an installed schema, in a project."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ratebook import schema_types
from ratebook.cli.migrations import Dsn

app = typer.Typer()


class Language(StrEnum):
    """What types can be written in."""

    ts = "ts"
    py = "py"


@app.command()
def types(
    language: Annotated[Language, typer.Argument(help="TypeScript or Python.")],
    dsn: Dsn,
    folder: Annotated[
        Path, typer.Option("--into", file_okay=False, help="The folder to write them into.")
    ] = Path(),
) -> None:
    """Write the types of the schema that a database has: for TypeScript, and for Python with Pydantic."""
    say = typer.echo
    made = schema_types.generate(dsn, language.value, say)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (folder / name).write_text(text)
        say(f"wrote {folder / name}")
