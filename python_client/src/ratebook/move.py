"""Move a database to another server, or to another version of PostgreSQL, by logical replication while it is in use.

Needs `ratebook[local]`, `wal_level = logical` on the old server, and on both a user who may publish and subscribe: the
owner with `replication` on the old one, a superuser (or one with pg_create_subscription, from 16 on) on the new one.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ratebook.errors import RatebookError
from ratebook.migrations import connect

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

NAME = "ratebook_move"
"""Of the publication, the subscription and its slot."""

_PAUSE = 0.02
# Each table by its rows, in whatever order: how many, and a sum of their hashes.
_SUM = "select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) from {} as t"

_OLDEST = "select ratebook.uuid_v7_time(id) from {} order by id limit 1"


@dataclass(frozen=True)
class MoveStatus:
    """How far the new server is: tables that are `copying` still, of all `tables`, and `behind` by so many bytes."""

    tables: int
    copying: int
    behind: int


@dataclass(frozen=True)
class MoveReport:
    """How long nobody could write (`stopped`, seconds), the `sequences` that were set, and what was compared.

    `compared` has the rows of each table, the same on both sides; it is empty where that was not asked for.
    """

    stopped: float
    sequences: int
    compared: dict[str, int]


def start(old: str, new: str, *, through: str = "", tables: Sequence[str] = ()) -> None:
    """Publish the old database, and let the new one, which was migrated and is empty, copy and follow it.

    `through` is how the new server reaches the old one, where that is another address than `old`. `tables` are those of
    the project's own that go along; Ratebook's and auth.users always do. Raises RatebookError where the two do not fit.
    """
    from psycopg import sql

    with _database(old) as source, _database(new) as target:
        versions = [_one(one, "select ai.ratebook_version()") for one in (source, target)]
        if versions[0] != versions[1]:
            raise RatebookError(
                f"The old database is of version {versions[0]}, the new one of {versions[1]}.",
                "Make both the same first: ratebook migrations apply.",
            )
        if _one(source, "show wal_level") != "logical":
            raise RatebookError("The old server needs wal_level = logical, and a restart for it.")
        own = [
            name
            for (name,) in source.execute(
                "select name from ratebook.own_relations() where kind <> 'S' order by name"
            )
        ]
        target.execute("select ratebook.forget_reference_rows()")
        for name in own:
            if target.execute(f"select from {name} limit 1".encode()).fetchone() is not None:
                raise RatebookError(f"The new database holds data of its own, in {name}.")
        for (name,) in source.execute("select t::text from ratebook.partitioned_tables() as t"):
            oldest = _one(source, _OLDEST.format(name))
            if oldest is not None:
                target.execute("select ratebook.make_partitions(%s, %s, now())", [name, oldest])
        published = ", ".join(["auth.users", *own, *tables])
        source.execute(
            f"create publication {NAME} for table {published} with"
            " (publish = 'insert, update, delete', publish_via_partition_root = true)".encode()
        )
        target.execute(
            sql.SQL("create subscription {} connection {} publication {}").format(
                sql.Identifier(NAME), sql.Literal(through or old), sql.Identifier(NAME)
            )
        )


def status(old: str, new: str) -> MoveStatus:
    """How far the new server is."""
    with _database(old) as source, _database(new) as target:
        return _status(source, target)


def finish(
    old: str,
    new: str,
    *,
    wait: float = 60,
    compare: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> MoveReport:
    """Close the old database, wait for the last of its rows, and make the new one stand by itself.

    From here on the old one takes no connections but a superuser's; who was connected is cut off, and sends again to
    the new one what got no answer, with the same keys. Gives up, opens the old one again and raises RatebookError where
    the new one is not there within `wait` seconds or, with `compare`, which reads all of both, differs in a row.
    """
    from psycopg import sql

    with _database(old) as source, _database(new) as target:
        found = _status(source, target)
        if found.copying or not found.tables:
            raise RatebookError(f"{found.copying} of {found.tables} tables are copied still.")
        database = sql.Identifier(_one(source, "select current_database()"))
        limit = _one(
            source, "select datconnlimit from pg_database where datname = current_database()"
        )
        begin = time.monotonic()
        source.execute(sql.SQL("alter database {} connection limit 0").format(database))
        try:
            source.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database()"
                " and backend_type = 'client backend' and pid <> pg_backend_pid()"
            )
            last = _one(source, "select pg_current_wal_lsn()::text")
            say(f"the old database is closed at {last}")
            _catch_up(source, last, begin + wait)
            compared = _compare(source, target) if compare else {}
        except BaseException:
            source.execute(
                sql.SQL("alter database {} connection limit {}").format(
                    database, sql.Literal(limit)
                )
            )
            raise
        target.execute(f"drop subscription {NAME}")
        sequences = _one(target, "select ratebook.advance_sequences()")
        stopped = time.monotonic() - begin
        source.execute(f"drop publication {NAME}")
    return MoveReport(stopped, sequences, compared)


def _status(source: "Connection", target: "Connection") -> MoveStatus:
    tables, copying = target.execute(
        "select count(*), count(*) filter (where r.srsubstate <> 'r') from pg_subscription_rel as r"
        " join pg_subscription as s on s.oid = r.srsubid where s.subname = %s",
        [NAME],
    ).fetchall()[0]
    behind = _one(
        source,
        "select pg_current_wal_lsn() - confirmed_flush_lsn from pg_replication_slots where slot_name = %s",
        NAME,
    )
    return MoveStatus(tables, copying, int(behind or 0))


def _catch_up(source: "Connection", last: str, until: float) -> None:
    while not _one(
        source,
        "select confirmed_flush_lsn >= %s::pg_lsn from pg_replication_slots where slot_name = %s",
        last,
        NAME,
    ):
        if time.monotonic() > until:
            raise RatebookError(
                "The new server did not catch up in time; the old one is open again."
            )
        time.sleep(_PAUSE)


def _compare(source: "Connection", target: "Connection") -> dict[str, int]:
    rows = {}
    names = source.execute(
        "select format('%%I.%%I', schemaname, tablename) from pg_publication_tables where pubname = %s order by 1",
        [NAME],
    ).fetchall()
    for (name,) in names:
        here, there = (
            one.execute(_SUM.format(name).encode()).fetchall()[0] for one in (source, target)
        )
        if here != there:
            raise RatebookError(
                f"{name} has {here[0]:,} rows, and {there[0]:,} or others on the new server; the old one is open again."
            )
        rows[name] = here[0]
    return rows


def _one(connection: "Connection", query: str, *values: object) -> Any:
    row = connection.execute(query.encode(), values).fetchone()
    return None if row is None else row[0]


@contextmanager
def _database(dsn: str) -> Iterator["Connection"]:
    """A connection; what the database refuses is a RatebookError."""
    with connect(dsn) as connection:
        import psycopg

        try:
            # One text of a row on both sides.
            connection.execute("set timezone = 'UTC'")
            connection.execute("set extra_float_digits = 1")
            yield connection
        except psycopg.Error as error:
            raise RatebookError(
                error.diag.message_primary or str(error), error.diag.message_hint or ""
            ) from error
