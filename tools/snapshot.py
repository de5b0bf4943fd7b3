"""A database's schema as text that is equal exactly when two schemas are equal.

    python -m tools.snapshot postgresql://…          # prints it, for a look or a diff

Three parts: every object as pg_dump writes it, with privileges and comments; what pg_dump blurs, from
the catalog (tools/snapshot.sql); and the reference rows that migrations brought. Owners' names, the
order of creation and generated values (ids, times) are left out, as are Supabase's own history and
schemas that only tests have.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tools import servers
from tools.project import (
    PLATFORM_SCHEMAS,
    TEST_SCHEMAS,
    ToolError,
    argument_parser,
    clean_environment,
    run,
)
from tools.schema import SUPERUSER

_FACTS = (Path(__file__).parent / "snapshot.sql").read_text()

# `-- Name: models; Type: TABLE; Schema: ai; Owner: -` opens each object in a dump.
_ENTRY = re.compile(r"^--\n-- (Name: .*?)(?:; Owner: .*)?\n--\n", re.MULTILINE)
# What pg_dump puts between two entries, and behind the last one: no part of the entry before it.
_TRAILER = re.compile(
    r"(?:\n\s*(?:SET \w+ = [^\n]*;|\\unrestrict \w+|--\n-- PostgreSQL database dump complete\n--))+$"
)


@dataclass(frozen=True)
class Snapshot:
    """The three parts of a schema, each a list in a stable order."""

    objects: tuple[str, ...]
    facts: tuple[str, ...]
    rows: tuple[str, ...]

    def lines(self) -> list[str]:
        """Everything, as lines without their ends."""
        text = "\n\n".join(["\n\n".join(self.objects), "\n".join(self.facts), "\n".join(self.rows)])
        return text.splitlines()


def take(
    dsn: str,
    pg_dump: Path | str = "pg_dump",
    owner: str = SUPERUSER,
    without: Sequence[str] = (),
) -> Snapshot:
    """Describe the database at `dsn` (a role that may read every table).

    `pg_dump` must be of the server's version or newer; `owner` is the role whose name is left out;
    `without` names more schemas to leave out. Raises ToolError where the database cannot be read.
    """
    excluded = [*TEST_SCHEMAS, *without]
    return Snapshot(
        objects=tuple(_objects(dsn, pg_dump, owner, excluded)),
        facts=tuple(_facts(dsn, owner, excluded)),
        rows=tuple(_rows(dsn, [*excluded, *PLATFORM_SCHEMAS])),
    )


def of_server(
    server: servers.Server, db: str, owner: str = SUPERUSER, without: Sequence[str] = ()
) -> Snapshot:
    """`take` for a database of a server that this process started."""
    return take(server.dsn(db), server.bin("pg_dump"), owner, without)


def _objects(dsn: str, pg_dump: Path | str, owner: str, excluded: Iterable[str]) -> list[str]:
    """The entries of a dump, sorted: the order of creation is no part of a schema."""
    command = [str(pg_dump), "--schema-only", "--no-owner", "--dbname", dsn]
    command += [f"--exclude-schema={schema}" for schema in excluded]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=clean_environment()
        )
    except FileNotFoundError:
        raise ToolError(
            f"{pg_dump} is not installed: install the Debian package postgresql-client."
        ) from None
    if done.returncode != 0:
        raise ToolError(done.stderr.strip())
    _, *parts = _ENTRY.split(done.stdout)
    headers, bodies = parts[0::2], parts[1::2]
    entries = []
    for header, body in zip(headers, bodies, strict=True):
        statements = _TRAILER.sub("", body.rstrip()).strip()
        if re.search(r"Type: (ACL|DEFAULT ACL)\b", header):
            statements = re.sub(
                rf'(?<![\w.])"?{re.escape(owner)}"?(?![\w.])', "its_owner", statements
            )
        entries.append(f"-- {header}\n{statements}")
    return sorted(entries)


def facts_query(owner: str, excluded: Sequence[str] = TEST_SCHEMAS) -> str:
    """The query for what pg_dump blurs, for any client; run it with search_path = ''."""
    schemas = "{" + ",".join(excluded) + "}"
    return _FACTS.replace("%(excluded)s", _literal(schemas)).replace("%(owner)s", _literal(owner))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _facts(dsn: str, owner: str, excluded: list[str]) -> list[str]:
    with _connect(dsn) as connection:
        connection.execute("set search_path = ''")
        found = connection.execute(facts_query(owner, excluded).encode()).fetchall()
    return [f"{place}: {fact}" for place, fact in found]


def _rows(dsn: str, excluded: list[str]) -> list[str]:
    """Every row of Ratebook's tables, without columns whose default makes a value (ids, times)."""
    tables = """
      select n.nspname, c.relname, coalesce(
        array_agg(a.attname) filter (
          where pg_get_expr(d.adbin, d.adrelid) like '%%(%%' or a.atttypid = 'uuid'::regtype
        ), '{}')::text[]
      from pg_class as c
      join pg_namespace as n on n.oid = c.relnamespace
      join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef as d on d.adrelid = c.oid and d.adnum = a.attnum
      where c.relkind in ('r', 'p') and not c.relispartition
        and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and n.nspname <> all (%s)
        -- How the rows came to be what they are, and what migrations write down: the way there, not the place.
        and (n.nspname, c.relname) not in (('lensers', 'audit_history'), ('ratebook', 'manifest'))
      group by 1, 2 order by 1, 2"""
    lines = []
    with _connect(dsn) as connection:
        for schema, table, generated in connection.execute(tables, [excluded]).fetchall():
            query = sql.SQL(
                "select (to_jsonb(t) - %s::text[])::text from {} as t order by 1"
            ).format(sql.Identifier(schema, table))
            rows = connection.execute(query, [generated]).fetchall()
            lines += [f"row of {schema}.{table}: {row}" for (row,) in rows]
    return lines


def _connect(dsn: str) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(dsn)
    except psycopg.OperationalError as error:
        raise ToolError(f"The database cannot be reached: {error}") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the normalized schema of a database."""
    parser = argument_parser(main.__doc__)
    parser.add_argument(
        "dsn", help="postgresql://… of the database, as a role that may read it all"
    )
    parser.add_argument(
        "--pg-dump", default="pg_dump", help="a pg_dump of the server's version or newer"
    )
    parser.add_argument("--owner", default=SUPERUSER, help="role whose name is left out")
    options = parser.parse_args(arguments)
    print("\n".join(take(options.dsn, options.pg_dump, options.owner).lines()))
    return 0


if __name__ == "__main__":
    run(main)
