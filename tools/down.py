"""Take the newest migration, or several, back from a database: runs migrations/down/ and forgets them.

    DATABASE_URL=postgresql://… make down                      # the newest one
    DATABASE_URL=postgresql://… make down to=20261121000000    # everything after that version
    DATABASE_URL=postgresql://… make down to=0                 # everything

Each migration goes in a transaction of its own, together with its row in the history that the Supabase
CLI keeps (supabase_migrations.schema_migrations). Data in what it drops is gone: it asks first.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from tools.project import Project, ToolError, argument_parser, run


def applied(connection: psycopg.Connection[Any]) -> list[str]:
    """The versions that the database has, newest first; none where the CLI never pushed."""
    history = connection.execute(
        "select to_regclass('supabase_migrations.schema_migrations')"
    ).fetchone()
    if history == (None,):
        return []
    found = connection.execute(
        "select version from supabase_migrations.schema_migrations order by version desc"
    )
    return [version for (version,) in found]


def plan(project: Project, versions: Sequence[str], to: str | None) -> list[Path]:
    """The down files to run, newest first. `to` is the version to stop at and keep; None takes one back.

    Raises ToolError where a file is missing or `to` is not a version that the database has.
    """
    if to is None:
        wanted = list(versions[:1])
    else:
        if to != "0" and to not in versions:
            raise ToolError(
                f"The database has no migration {to}; it has {', '.join(versions) or 'none'}."
            )
        wanted = [version for version in versions if to == "0" or version > to]
    files = []
    for version in wanted:
        found = sorted(project.down.glob(f"{version}_*.sql"))
        if len(found) != 1:
            raise ToolError(
                f"migrations/down/ has no file for {version}, so nothing was changed: "
                "the migration is not Ratebook's, or cannot be taken back."
                if not found
                else f"migrations/down/ has {len(found)} files for {version}, so nothing was changed."
            )
        files.append(found[0])
    return files


def take_back(connection: psycopg.Connection[Any], file: Path) -> None:
    """Run one down file and forget its migration, both or neither. Raises ToolError where it fails."""
    version = file.name[:14]
    try:
        with connection.transaction():
            connection.execute(file.read_bytes())
            connection.execute(
                "delete from supabase_migrations.schema_migrations where version = %s", [version]
            )
    except psycopg.Error as error:
        raise ToolError(f"{file.name} failed and changed nothing: {str(error).strip()}") from None


def confirm(database: str, files: Sequence[Path]) -> bool:
    """Ask on the terminal. Raises ToolError where there is none."""
    if not sys.stdin.isatty():
        raise ToolError("This drops data: say --yes where nobody can be asked.")
    print(f"This takes back from {database}, with the data in it:")
    print("\n".join(f"  {file.stem}" for file in files))
    return input("Type yes to go on: ").strip() == "yes"


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the newest migration, or several, back from a database."""
    parser = argument_parser(main.__doc__)
    parser.add_argument(
        "--to", metavar="VERSION", help="take back everything after this one (0: all)"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--database-url",
        default=os.environ.get("DATABASE_URL"),
        help="default: the variable DATABASE_URL",
    )
    options = parser.parse_args(arguments)
    if not options.database_url:
        raise ToolError("Which database? Set DATABASE_URL or say --database-url.")
    try:
        connection = psycopg.connect(options.database_url, autocommit=True)
    except psycopg.Error as error:
        raise ToolError(f"The database cannot be reached: {error}") from None
    with connection:
        files = plan(Project(options.root), applied(connection), options.to)
        if not files:
            print("Nothing to take back.")
            return 0
        if not options.yes and not confirm(connection.info.dbname, files):
            print("Nothing was changed.")
            return 1
        for file in files:
            take_back(connection, file)
            print(f"took back {file.stem}")
    return 0


if __name__ == "__main__":
    run(main)
