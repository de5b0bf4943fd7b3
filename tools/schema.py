"""Build a database from the truth (sql/ and policies/) or from the history (migrations/).

`python -m tools.schema truth` says whether it loads at all; `--postgres 15` and `--owner ratebook_owner`
ask on another version, and as a role that is no superuser.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from psycopg import sql

from tools import servers
from tools.project import Project, ToolError, argument_parser, clean_environment, run
from tools.servers import Server

SUPERUSER = "postgres"
# What the tools and tests call a role with the rights of Supabase's `postgres`.
OWNER = "ratebook_owner"


def build_truth(server: Server, db: str, project: Project, owner: str = SUPERUSER) -> None:
    """Load platform.sql, then sql/ and policies/ in one transaction, into the empty database `db`.

    `owner` is the role that applies the files; another than the superuser is made as Supabase makes
    its own. Raises ToolError that names file and line where a statement fails.
    """
    prepare(server, db, project, owner)
    apply(server, db, project, project.truth_files(), owner)


def build_history(server: Server, db: str, project: Project, owner: str = SUPERUSER) -> None:
    """Load platform.sql, then each migration in a transaction of its own. Otherwise as `build_truth`."""
    prepare(server, db, project, owner)
    files = project.migration_files()
    if not files:
        raise ToolError(f"There is no .sql file in {project.migrations}.")
    for file in files:
        apply(server, db, project, [file], owner)


def prepare(server: Server, db: str, project: Project, owner: str = SUPERUSER) -> None:
    """Apply platform.sql as the superuser and, where `owner` is another role, make that role."""
    apply(server, db, project, [project.platform_file], SUPERUSER)
    if owner != SUPERUSER:
        create_owner(server, db, owner)


def create_owner(server: Server, db: str, owner: str, by: str = SUPERUSER) -> None:
    """Make a role with the rights that migrations may count on in a Supabase database, and no more.

    Supabase's `postgres` is no superuser; it bypasses RLS, makes roles, creates schemas in the database
    and objects in public, may grant the API roles, reads and references the auth schema, and may let triggers rest
    while it loads a copy. `by` is the superuser who makes it.
    """
    statements = [
        "create role {owner} login nosuperuser createdb createrole replication bypassrls",
        "grant anon, authenticated, service_role to {owner} with admin option",
        "grant create, connect, temporary on database {db} to {owner}",
        "grant usage, create on schema public to {owner} with grant option",
        "grant usage on schema auth, extensions to {owner}",
        "grant select, references on all tables in schema auth to {owner}",
        "grant execute on all functions in schema auth to {owner}",
        "grant set on parameter session_replication_role to {owner}",
    ]
    with server.connect(db, by) as connection:
        if connection.execute("select to_regrole(%s)", [owner]).fetchone() != (None,):
            statements = statements[1:]
        for statement in statements:
            connection.execute(
                sql.SQL(statement).format(owner=sql.Identifier(owner), db=sql.Identifier(db))
            )


def apply(server: Server, db: str, project: Project, files: Sequence[Path], user: str) -> None:
    """Run SQL files, in order and in one transaction, through psql. Raises ToolError with file and line."""
    command: list[str | Path] = [
        server.bin("psql"),
        *("--no-psqlrc", "--quiet", "--single-transaction", "-v", "ON_ERROR_STOP=1"),
        *("-d", server.dsn(db, user)),
    ]
    for file in files:
        command += ["-f", file]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment() | {"PGOPTIONS": "-c client_min_messages=warning"},
    )
    if done.returncode != 0:
        raise ToolError(_explain(done.stderr, project))


def _explain(stderr: str, project: Project) -> str:
    """psql's complaint, from the error on: `sql/x.sql:12: column "y" does not exist`, then its details."""
    lines = stderr.strip().splitlines()
    for number, line in enumerate(lines):
        if found := re.match(
            r"psql:(?P<file>.+?):(?P<line>\d+): (?:ERROR|FATAL): +(?P<message>.*)", line
        ):
            place = f"{project.relative(Path(found['file']))}:{found['line']}"
            return "\n".join([f"{place}: {found['message']}", *lines[number + 1 :]])
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Load the schema into an empty PostgreSQL, and say whether it loads."""
    parser = argument_parser(main.__doc__)
    parser.add_argument("source", choices=["truth", "history"])
    parser.add_argument("--postgres", type=int, default=servers.DEFAULT_VERSION, metavar="VERSION")
    parser.add_argument("--owner", default=SUPERUSER, help="role that applies the files")
    options = parser.parse_args(arguments)
    build = build_truth if options.source == "truth" else build_history
    with servers.start(options.postgres) as server:
        build(server, server.create_database("ratebook"), Project(options.root), options.owner)
    print(f"The {options.source} loads on PostgreSQL {options.postgres} as {options.owner}.")
    return 0


if __name__ == "__main__":
    run(main)
