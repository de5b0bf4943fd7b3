"""The monthly partitions of a database, for who owns it: which there are, making more, and retention.

Needs `ratebook[local]` and a connection to the database itself: a pooler in transaction mode keeps no lock_timeout.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ratebook.errors import RatebookError
from ratebook.migrations import connect

if TYPE_CHECKING:
    import psycopg

# A statement takes up to three locks that others wait behind: together less than 100 ms.
_LOCK_TIMEOUT = "30ms"
_PAUSE = 0.2


@dataclass(frozen=True)
class Month:
    """A month table: its parent, its name, its `state` (attached, detaching, detached) and when it ends."""

    parent: str
    name: str
    state: str
    until: datetime


def list_months(dsn: str) -> list[Month]:
    """The month tables of a database, each table's oldest first."""
    with _database(dsn) as connection:
        rows = connection.execute(
            "select parent::text, month::text, state, until from ratebook.months()"
        )
        return [Month(*row) for row in rows]


def extend(dsn: str, months: int = 24) -> int:
    """Make what is missing of so many months ahead, each partition in a transaction of its own. Returns how many."""
    before = list_months(dsn)
    with _database(dsn) as connection:
        while connection.execute("select ratebook.extend_partitions(%s)", [months]).fetchone() != (
            0,
        ):
            pass
    return len(list_months(dsn)) - len(before)


def detach(
    dsn: str,
    before: datetime,
    table: str = "ai.generations",
    *,
    wait: float = 600,
    say: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Detach the months that end at or before a time; nobody waits for it longer than 100 ms. Returns their names.

    It waits itself, `wait` seconds at most, for transactions that have read the table. One that is cut off there, or
    killed, is finished by the next call. Raises RatebookError where it gave up, and for tables whose months stay.
    """
    from psycopg import errors, sql

    done: list[str] = []
    give_up = time.monotonic() + wait
    waits_for = ""
    with _database(dsn) as connection:
        connection.execute(f"set lock_timeout = '{_LOCK_TIMEOUT}'")
        while row := connection.execute(
            "select month, statement from ratebook.detach_statements(%s::regclass, %s) limit 1",
            [table, before],
        ).fetchone():
            month, statement = row
            try:
                connection.execute(sql.SQL(statement))
            except (errors.LockNotAvailable, errors.ObjectNotInPrerequisiteState) as error:
                if time.monotonic() > give_up:
                    raise RatebookError(
                        f"{month} is not detached yet: an open transaction stands in its way. Run it again.",
                        _open_transactions(connection),
                    ) from error
                if waits_for != month:
                    say(f"{month} waits for open transactions")
                    waits_for = month
                time.sleep(_PAUSE)
            else:
                if statement.startswith("alter"):
                    say(f"{month} is detached")
                    done.append(month)
    return done


@contextmanager
def _database(dsn: str) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """A connection; what the database refuses is a RatebookError."""
    with connect(dsn) as connection:
        import psycopg

        try:
            yield connection
        except psycopg.Error as error:
            raise RatebookError(
                error.diag.message_primary or str(error), error.diag.message_hint or ""
            ) from error


def _open_transactions(connection: "psycopg.Connection[tuple[Any, ...]]") -> str:
    rows = connection.execute(
        "select format('pid %s (%s), since %s', pid, usename, date_trunc('second', xact_start))"
        " from pg_catalog.pg_stat_activity"
        " where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()"
        " order by xact_start limit 5"
    )
    return "\n".join(line for (line,) in rows)
