"""Supabase's own checks on a database built from sql/ and policies/: `db lint` and `db advisors`.

    python -m tools.lint_db

`db lint` runs plpgsql_check, which the Debian packages of PostgreSQL 15 have. `db advisors` (splinter)
looks at the schemas that the API serves; the CLI takes their list from [api] schemas in
supabase/config.toml, so a schema missing there would go unseen and is a failure here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from tools import schema, servers
from tools.project import (
    PLATFORM_SCHEMAS,
    TEST_SCHEMAS,
    UNEXPOSED_SCHEMAS,
    Project,
    ToolError,
    argument_parser,
    run,
    supabase,
)

VERSION = 15
_PLPGSQL_CHECK = Path("/usr/share/postgresql/15/extension/plpgsql_check.control")


def own_schemas(server: servers.Server, db: str) -> list[str]:
    """The schemas of a database that are Ratebook's, `public` included."""
    with server.connect(db) as connection:
        found = connection.execute(
            "select nspname::text from pg_namespace"
            " where nspname !~ '^pg_' and nspname <> 'information_schema' and nspname <> all (%s)"
            " order by 1",
            [[*PLATFORM_SCHEMAS, *TEST_SCHEMAS]],
        ).fetchall()
    return [name for (name,) in found]


def served_schemas(project: Project) -> list[str]:
    """[api] schemas in supabase/config.toml. Raises ToolError where they are not stated."""
    path = project.root / "supabase" / "config.toml"
    try:
        served = tomllib.loads(path.read_text())["api"]["schemas"]
    except (FileNotFoundError, KeyError, tomllib.TOMLDecodeError):
        raise ToolError(
            f"{path} does not state the schemas that the API serves ([api] schemas)."
        ) from None
    return [str(name) for name in served]


def unserved(own: Sequence[str], served: Sequence[str]) -> list[str]:
    """One sentence per schema that is served and should not be, or the other way round."""
    found = [
        f"supabase/config.toml does not serve the schema {name}, so the advisors cannot see it."
        for name in own
        if name not in (*served, *UNEXPOSED_SCHEMAS)
    ]
    return found + [
        f"supabase/config.toml serves the schema {name}, which must stay inside."
        for name in served
        if name in UNEXPOSED_SCHEMAS
    ]


def lint(server: servers.Server, db: str, project: Project) -> str | None:
    """What `supabase db lint` finds in our functions at level warning, as its JSON; None when nothing."""
    schemas = ",".join(own_schemas(server, db))
    flags = ["--level", "warning", "--fail-on", "warning", "--schema", schemas]
    return _ask(["db", "lint", *flags], server.dsn(db), project)


def advise(server: servers.Server, db: str, project: Project) -> str | None:
    """What `supabase db advisors` finds at level warn, as its JSON; None when nothing."""
    return _ask(["db", "advisors", "--level", "warn", "--fail-on", "warn"], server.dsn(db), project)


def _ask(command: Sequence[str], dsn: str, project: Project) -> str | None:
    done = supabase(command, workdir=project.root, database=dsn)
    if done.returncode == 0:
        return None
    if "fail-on is set" not in done.stderr:
        raise ToolError(f"supabase {' '.join(command[:2])} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def start_server() -> servers.Server:
    """A PostgreSQL 15 that has plpgsql_check. Raises ToolError where it is not installed."""
    if not _PLPGSQL_CHECK.exists():
        raise ToolError(
            "plpgsql_check is missing: install the Debian package postgresql-15-plpgsql-check."
        )
    return servers.start(VERSION)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run Supabase's linter and advisors on a database built from sql/."""
    parser = argument_parser(main.__doc__)
    project = Project(parser.parse_args(arguments).root)
    with start_server() as server:
        db = server.create_database("lint")
        schema.build_truth(server, db, project)
        own = own_schemas(server, db)
        found = unserved(own, served_schemas(project))
        for title, issues in (
            ("lint", lint(server, db, project)),
            ("advisors", advise(server, db, project)),
        ):
            if issues:
                found.append(f"supabase db {title}:\n{issues}")
    print("\n".join(found) or f"lint and advisors: nothing to report in {', '.join(own)}")
    return 1 if found else 0


if __name__ == "__main__":
    run(main)
