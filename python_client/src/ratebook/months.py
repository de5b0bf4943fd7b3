"""The monthly partitions of a database, for who owns it: which there are, making more, and retention.

Needs `ratebook[local]` and a connection to the database itself: a pooler in transaction mode keeps no lock_timeout.
"""

import gzip
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
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


def archive(
    dsn: str,
    before: datetime,
    directory: Path,
    *,
    drop: bool = False,
    wait: float = 600,
    say: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Detach the months of the generation log that end at or before a time, and write each that is detached to a file.

    A month is `<name>.csv.gz`, with a header, and `<name>.json`: its rows, columns and SHA-256. What was written before
    is read again and not written twice. With `drop` the table of a month goes once its file is whole. Returns the
    months that were written or dropped. Raises RatebookError, and leaves the table, where a file is not what it holds.
    """
    detach(dsn, before, wait=wait, say=say)
    done = []
    directory.mkdir(parents=True, exist_ok=True)
    months = [
        one for one in list_months(dsn) if one.parent == "ai.generations" and one.until <= before
    ]
    with _database(dsn) as connection:
        for month in months:
            if month.state != "detached":
                continue
            about = directory / f"{month.name}.json"
            is_new = not about.exists()
            if is_new:
                _write(connection, month, directory)
            rows = _assert_whole(connection, month, directory)
            if is_new or drop:
                done.append(month.name)
            if is_new:
                say(f"{month.name}: {rows:,} rows in {directory / month.name}.csv.gz")
            if drop:
                _drop(connection, month, time.monotonic() + wait)
                say(f"{month.name} is dropped")
    return done


def _write(connection: "psycopg.Connection[tuple[Any, ...]]", month: Month, to: Path) -> None:
    """A month's file, and what is known of it last: a file without that was cut."""
    from psycopg import sql

    table = sql.Identifier(*month.name.split("."))
    rows = 0
    path = to / f"{month.name}.csv.gz"
    with connection.cursor() as cursor, path.open("wb") as raw:
        # No time in its head, so that the same rows are the same file.
        with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as file:
            query = sql.SQL("copy (select * from {} order by id) to stdout (format csv, header)")
            with cursor.copy(query.format(table)) as copy:
                for part in copy:
                    file.write(part)
        rows = cursor.rowcount
        cursor.execute(sql.SQL("select * from {} limit 0").format(table))
        columns = [column.name for column in cursor.description or ()]
    facts = {
        "month": month.name,
        "until": month.until.isoformat(),
        "rows": rows,
        "columns": columns,
        "sha256": _digest(path),
    }
    (to / f"{month.name}.json").write_text(json.dumps(facts, indent=2) + "\n")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _assert_whole(
    connection: "psycopg.Connection[tuple[Any, ...]]", month: Month, directory: Path
) -> int:
    """A month's file is what was written, and has as many rows as its table."""
    from psycopg import sql

    facts = json.loads((directory / f"{month.name}.json").read_text())
    path = directory / f"{month.name}.csv.gz"
    if (
        not path.exists()
        or _digest(path) != facts["sha256"]
        or connection.execute(
            sql.SQL("select count(*) from {}").format(sql.Identifier(*month.name.split(".")))
        ).fetchone()
        != (facts["rows"],)
    ):
        raise RatebookError(
            f"{path} is not what {month.name} holds; the table stays.",
            "Remove both of its files to write it again.",
        )
    return int(facts["rows"])


def _drop(connection: "psycopg.Connection[tuple[Any, ...]]", month: Month, until: float) -> None:
    """Drop a detached month: its foreign keys lock what they point to, for as long as others let it."""
    from psycopg import errors, sql

    connection.execute(f"set lock_timeout = '{_LOCK_TIMEOUT}'")
    while True:
        try:
            connection.execute(
                sql.SQL("drop table {}").format(sql.Identifier(*month.name.split(".")))
            )
            return
        except errors.LockNotAvailable as error:
            if time.monotonic() > until:
                raise RatebookError(
                    f"{month.name} is not dropped yet: an open transaction stands in its way. Run it again.",
                    _open_transactions(connection),
                ) from error
            time.sleep(_PAUSE)


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
