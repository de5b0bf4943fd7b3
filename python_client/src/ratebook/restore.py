"""Put the data of one Ratebook database into another that was migrated and not used yet.

Needs `ratebook[local]`. Everything happens in one transaction: the whole copy is there and sound, or nothing of it.
"""

import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

from ratebook import migrations
from ratebook.errors import RatebookError

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

Table = tuple[str, str]

_NAME = rb'(?:"(?:[^"]|"")+"|[\w$]+)'
_DATA = re.compile(
    rb"(?:COPY|INSERT INTO) (?P<schema>" + _NAME + rb")\.(?P<table>" + _NAME + rb") "
)
_COPY = re.compile(
    rb"COPY NAME\.NAME (?:\(NAME(?:, NAME)*\))? FROM stdin;\s*".replace(b"NAME", _NAME)
)
# What pg_dump writes beside the rows. Whether triggers fire is for this module to say: ENABLE TRIGGER ALL would take
# "always" from what guards history.
_SETTINGS = re.compile(rb"(?:SET|RESET) |SELECT pg_catalog\.(?:set_config|setval)\(")
_SEQUENCE = re.compile(rb"SELECT pg_catalog\.setval\('(?P<schema>" + _NAME + rb")\.")
_TRIGGERS = re.compile(rb"ALTER TABLE .* (?:DISABLE|ENABLE) TRIGGER ALL;")
# Comments, what newer versions of psql ask for, and a setting that older servers do not know.
_PASSED_OVER = (b"--", b"\\restrict ", b"\\unrestrict ", b"SET transaction_timeout ")
_MONTH = re.compile(r"(?P<table>\w+)_(?P<year>\d{4})_(?P<month>\d{2})")
_BATCH = 1 << 20
# What a database says of itself (which migrations made it, what stood there before), and what its platform keeps:
# the schemas and tables that `supabase db dump --data-only` leaves out.
_OF_THE_DATABASE = {
    ("ratebook", "manifest"),
    ("ratebook", "found"),
    ("auth", "schema_migrations"),
    ("storage", "migrations"),
    ("supabase_functions", "migrations"),
}
_OF_THE_PLATFORM = {
    "supabase_migrations",
    "etl",
    "extensions",
    "graphql",
    "graphql_public",
    "pgbouncer",
}
_OF_THE_PLATFORM |= {
    "pgsodium",
    "pgsodium_masks",
    "pgtle",
    "realtime",
    "repack",
    "tiger",
    "tiger_data",
}
_OF_THE_PLATFORM |= {"topology", "vault", "_analytics", "_realtime", "_supavisor"}


@dataclass(frozen=True)
class Statement:
    """One statement of a dump; `table` where it brings rows, `is_copy` where those follow as lines of COPY."""

    text: bytes
    table: Table | None = None
    is_copy: bool = False


@dataclass
class RestoreReport:
    """What `restore` did: rows of each table (those of its months added up), months made, and what the checks said.

    `detached`: the months that were detached where the copy comes from, and are here too; their rows are in `tables`
    by the name of the month.
    """

    dry_run: bool
    tables: dict[str, int] = field(default_factory=dict)
    months: list[str] = field(default_factory=list)
    detached: list[str] = field(default_factory=list)
    forgotten: int = 0
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Target:
    """Where the rows of a dump go: its tables as they are named there, with the table and month behind each.

    `detached`: names of months that are none of the table's, with the table that they were of.
    """

    tables: dict[Table, str]
    months: list[tuple[str, str]]
    detached: dict[str, str]


def restore(
    dsn: str,
    dump: Path,
    *,
    ratebook_only: bool = False,
    dry_run: bool = False,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> RestoreReport:
    """Load a dump's data into a migrated database.

    `dump` is the data file of `supabase db dump --data-only`, another plain data-only dump, or an archive of pg_dump
    (-Fc, -Fd, -Ft), of which the data is taken. Everything in it is loaded; with `ratebook_only` Ratebook's tables are.
    Raises RatebookError, with nothing changed, where the database holds data of its own or lacks a table, or where what
    was loaded is not sound.
    """
    import psycopg

    own = own_tables()
    report = RestoreReport(dry_run)
    with migrations.connect(dsn) as connection, _unless(dry_run, connection):
        named = {one.table for one, _ in read(dump) if one.table is not None}
        found = sorted(one for one in named - _OF_THE_DATABASE if one[0] not in _OF_THE_PLATFORM)
        target = _find(connection, found, own if ratebook_only else None, _attached(dump))
        report.months = _make_months(connection, target)
        report.detached = _make_detached(connection, target)
        report.forgotten = _empty(
            connection, {*target.tables.values(), *_existing(connection, own)}
        )
        try:
            connection.execute("set session_replication_role = replica")
        except psycopg.errors.InsufficientPrivilege as error:
            raise RatebookError(
                "This user may not load a copy: triggers and foreign keys have to rest meanwhile.",
                "As a superuser: grant set on parameter session_replication_role to …",
            ) from error
        rows = _load(connection, dump, target, on_progress, skip_others=ratebook_only)
        connection.execute("reset all")
        report.tables = {name: rows[name] for name in sorted(rows)}
        report.warnings = _check(connection)
    return report


def own_tables() -> set[Table]:
    """The tables that this version's migrations make, and that a copy brings along."""
    texts = (migration.path.read_text() for migration in migrations.packaged())
    names = (
        found for text in texts for found in re.findall(r"(?m)^create table (\w+)\.(\w+)", text)
    )
    return set(names) - _OF_THE_DATABASE


def read(dump: Path) -> Iterator[tuple[Statement, Iterator[bytes]]]:
    """The statements of a dump, each with the lines of its COPY, which the next statement passes over.

    Raises RatebookError where it is no dump, or holds more than data.
    """
    with _lines(dump) as lines:
        parts: list[bytes] = []
        quotes = 0
        for line in lines:
            if not parts and (not line.strip() or line.startswith(_PASSED_OVER)):
                continue
            parts.append(line)
            quotes += line.count(b"'")
            # A statement ends where a line does, outside of a string: pg_dump doubles the quotes in one.
            if not line.rstrip().endswith(b";") or quotes % 2:
                continue
            statement = _statement(b"".join(parts))
            parts, quotes = [], 0
            if statement is None:
                continue
            rows = _rows(lines) if statement.is_copy else iter(())
            yield statement, rows
            for _ in rows:
                pass
        if parts:
            raise RatebookError(
                f"{dump} ends in the middle of a statement: it is no dump, or it was cut."
            )


def _statement(text: bytes) -> Statement | None:
    if (match := _DATA.match(text)) is not None:
        table = (_plain(match["schema"]), _plain(match["table"]))
        is_copy = text.startswith(b"COPY")
        if is_copy and not _COPY.fullmatch(text):
            raise RatebookError(
                "A COPY from anything but the dump itself is refused.", _excerpt(text)
            )
        return Statement(text, table, is_copy)
    if _SETTINGS.match(text):
        return Statement(text)
    if _TRIGGERS.match(text):
        return None
    raise RatebookError(
        "This is more than data, and the database has its schema already: take a dump with --data-only, or an archive"
        " of pg_dump.",
        _excerpt(text),
    )


def _plain(name: bytes) -> str:
    text = name.decode()
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def _excerpt(text: bytes) -> str:
    return text.decode(errors="replace").strip().splitlines()[0][:200]


def _rows(lines: Iterator[bytes]) -> Iterator[bytes]:
    for line in lines:
        if line.rstrip(b"\r\n") == b"\\.":
            return
        yield line
    raise RatebookError("The dump ends in the middle of a table: it was cut.")


@contextmanager
def _lines(dump: Path) -> Iterator[Iterator[bytes]]:
    """The lines of a plain dump, or of the script that pg_restore makes of an archive."""
    if not _is_archive(dump):
        with dump.open("rb") as file:
            yield iter(file)
        return
    command = [_pg_restore(), "--data-only", "--file=-", str(dump)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018
        try:
            yield iter(process.stdout)
        except BaseException:
            process.kill()
            raise
        said = process.stderr.read().decode(errors="replace").strip()
    if process.returncode != 0:
        raise RatebookError(f"pg_restore cannot read {dump}.", said)


def _is_archive(dump: Path) -> bool:
    if dump.is_dir():
        return True
    with dump.open("rb") as file:
        start = file.read(7)
    return start.startswith(b"PGDMP") or start == b"toc.dat"


def _pg_restore() -> str:
    from ratebook.local.postgres import bin_dir

    return str(bin_dir() / "pg_restore")


def _attached(dump: Path) -> set[str] | None:
    """Names of the months that were attached where an archive comes from; None where the dump does not say it."""
    if not _is_archive(dump):
        return None
    listed = subprocess.run(
        [_pg_restore(), "--list", str(dump)], check=False, capture_output=True, text=True
    )
    return set(re.findall(r" TABLE ATTACH ratebook (\w+) ", listed.stdout)) or None


@contextmanager
def _unless(dry_run: bool, connection: "Connection") -> Iterator[None]:
    """A transaction, rolled back at the end of a dry run; what the database refuses is an error of ours."""
    import psycopg

    try:
        with connection.transaction(force_rollback=dry_run):
            yield
    except psycopg.Error as error:
        said = error.diag
        raise RatebookError(
            f"The database refused the copy, and nothing of it was kept: {said.message_primary or error}",
            "\n".join(filter(None, [said.message_detail, said.message_hint, said.context])),
        ) from error


def _find(
    connection: "Connection",
    found: list[Table],
    only: set[Table] | None,
    attached: set[str] | None,
) -> _Target:
    """Look the dump's tables up; those that are not there are named, all at once. `only`: pass others over."""
    if not _exists(connection, "ratebook.forget_reference_rows()", "to_regprocedure"):
        raise RatebookError(
            "This database has no Ratebook, or an older one: bring it up to date first (`ratebook migrations apply`, or"
            " `supabase db push` of the project)."
        )
    monthly = {
        name.replace(".", "_"): name
        for (name,) in connection.execute("select t::text from ratebook.partitioned_tables() as t")
    }
    tables: dict[Table, str] = {}
    months: list[tuple[str, str]] = []
    detached: dict[str, str] = {}
    for schema, table in found:
        month = _MONTH.fullmatch(table) if schema == "ratebook" else None
        if month is not None and month["table"] in monthly:
            if attached is not None and table not in attached:
                tables[schema, table] = f"{schema}.{table}"
                detached[table] = monthly[month["table"]]
                continue
            tables[schema, table] = monthly[month["table"]]
            months.append((monthly[month["table"]], f"{month['year']}-{month['month']}"))
        elif only is None or (schema, table) in only:
            tables[schema, table] = f"{schema}.{table}"
    known = _existing(connection, tables)
    missing = sorted(
        f"{schema}.{table}"
        for (schema, table), name in tables.items()
        if name == f"{schema}.{table}" and name not in known and table not in detached
    )
    if missing:
        raise RatebookError(
            f"The database lacks tables that the dump has rows for: {', '.join(missing)}.",
            "Push the migrations of the project that they come from first, or load Ratebook's tables alone"
            " (--ratebook-only).",
        )
    if not tables:
        raise RatebookError(
            "The dump has no data of Ratebook." if only else "The dump has no data."
        )
    return _Target(tables, months, detached)


def _existing(connection: "Connection", tables: Iterable[Table]) -> set[str]:
    """Those of some tables that the database has."""
    names = [list(pair) for pair in tables]
    rows = connection.execute(
        "select n.nspname || '.' || c.relname from pg_class as c"
        " join pg_namespace as n on n.oid = c.relnamespace"
        " join unnest(%s::text[], %s::text[]) as t (s, r) on t.s = n.nspname and t.r = c.relname"
        " where c.relkind in ('r', 'p')",
        [[schema for schema, _ in names], [table for _, table in names]],
    )
    return {name for (name,) in rows}


def _exists(connection: "Connection", name: str, kind: LiteralString) -> bool:
    row = connection.execute(f"select {kind}(%s) is not null", [name]).fetchone()
    return bool(row and row[0])


def _make_months(connection: "Connection", target: _Target) -> list[str]:
    """Make the months that rows come for; returns those that were missing."""
    made = []
    for table, month in target.months:
        row = connection.execute(
            "select ratebook.make_partitions(%s::regclass, m, m + interval '1 day')"
            " from (select %s::timestamp at time zone 'UTC') as t (m)",
            [table, f"{month}-01"],
        ).fetchone()
        if row and row[0]:
            made.append(f"{table} {month}")
    return made


def _make_detached(connection: "Connection", target: _Target) -> list[str]:
    """Make the tables of detached months, which stay detached; returns their names. An attached one is refused."""
    from psycopg import sql

    known = _existing(connection, [("ratebook", name) for name in target.detached])
    if known:
        raise RatebookError(
            f"Months that were detached where the copy comes from stand here already: {', '.join(sorted(known))}.",
            "A copy goes into a database that was migrated and not used yet: a new one, without seeds.",
        )
    for name, parent in target.detached.items():
        connection.execute(
            sql.SQL("create table {name} (like {parent} including all excluding comments)").format(
                name=sql.Identifier("ratebook", name),
                parent=sql.Identifier(*parent.split(".", 1)),
            )
        )
        connection.execute("select ratebook.close_month(%s::regclass)", [f"ratebook.{name}"])
    return sorted(target.detached)


def _empty(connection: "Connection", tables: set[str]) -> int:
    """Remove reference rows; refuse, by name, where tables hold anything else. Returns how many rows went."""
    import psycopg
    from psycopg import sql

    forgotten = 0
    filled: set[str] = set()
    try:
        with connection.transaction():
            row = connection.execute("select ratebook.forget_reference_rows()").fetchone()
            forgotten = row[0] if row else 0
    except psycopg.Error as error:
        if error.sqlstate != "PT409":
            raise
        filled.update((error.diag.message_primary or "").rstrip(".").partition(": ")[2].split(", "))
        # Reference rows still stand; those tables have had their say.
        rows = connection.execute("select distinct table_name from lensers.audit_history")
        tables = tables - {"lensers.audit_history", *(name for (name,) in rows)}
    for name in sorted(tables):
        query = sql.SQL("select exists (select from {})").format(
            sql.Identifier(*name.split(".", 1))
        )
        row = connection.execute(query).fetchone()
        if row and row[0]:
            filled.add(name)
    if filled:
        raise RatebookError(
            f"This database holds data of its own: {', '.join(sorted(filled))}.",
            "A copy goes into a database that was migrated and not used yet: a new one, without seeds.",
        )
    return forgotten


def _load(
    connection: "Connection",
    dump: Path,
    target: _Target,
    on_progress: Callable[[int, int], None],
    *,
    skip_others: bool,
) -> Counter[str]:
    """Run the dump's statements; returns the rows of each table. `skip_others`: pass over what is not Ratebook's."""
    rows: Counter[str] = Counter()
    done: set[Table] = set()
    with connection.cursor() as cursor:
        for statement, lines in read(dump):
            if statement.table is None:
                # Ratebook's own sequences are set at the end in any case.
                sequence = _SEQUENCE.match(statement.text)
                if sequence is None or not (
                    skip_others or _plain(sequence["schema"]) in _OF_THE_PLATFORM
                ):
                    cursor.execute(statement.text, binary=True)
                continue
            if statement.table not in target.tables:
                continue
            if statement.is_copy:
                with cursor.copy(statement.text) as copy:
                    for batch in _batches(lines):
                        copy.write(batch)
            else:  # binary: in the protocol that takes one command at a time
                cursor.execute(statement.text, binary=True)
            rows[target.tables[statement.table]] += cursor.rowcount
            done.add(statement.table)
            on_progress(len(done), len(target.tables))
    return rows


def _batches(lines: Iterator[bytes]) -> Iterator[bytes]:
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if size > _BATCH:
            yield b"".join(batch)
            batch, size = [], 0
    yield b"".join(batch)


def _check(connection: "Connection") -> list[str]:
    """Set sequences, and ask whether the copy is sound; returns warnings. Raises RatebookError where it is not."""
    connection.execute("select ratebook.advance_sequences()")
    problems = [
        f"{table}: {count:,} rows refer to what is not there ({constraint})"
        for table, constraint, count in connection.execute(
            "select table_name, constraint_name, unmatched from ratebook.unmatched_references()"
        )
    ]
    warnings = []
    for schema in ("ai", "billing"):
        for name, severity, message in connection.execute(
            f"select check_name, severity, message from {schema}.self_check()"  # noqa: S608
        ):
            said = f"{schema}.self_check {name}: {message}"
            if severity == "error":
                problems.append(said)
            elif severity != "ok":
                warnings.append(said)
    if problems:
        raise RatebookError(
            "The copy is not sound, and nothing of it was kept.", "\n".join(problems)
        )
    return warnings
