"""The jobs that keep a database current, for where pg_cron does not run them (`scale/jobs.sql`).

Each call takes a bounded part and commits it, and two runs at once do not disturb each other. Needs `ratebook[local]`
and a connection as the owner or a login with the service role.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ratebook.errors import RatebookError
from ratebook.migrations import connect

if TYPE_CHECKING:
    import psycopg

# A job's call: how many rows, and whether something is left to the next call. In the order in which they run.
_CALLS = {
    "drain": ("select n, n = 10000 from billing.drain_usage(10000) as n", "changes of usage"),
    "sweep": ("select n, n > 0 from billing.sweep_accounts(100) as n", "accounts"),
    "extend": ("select n, n > 0 from ai.extend_partitions() as n", "months missing"),
    "purge": (
        "select a + b + c, greatest(a, b, c) = 10000 from (select (p ->> 'keys')::bigint as a,"
        " (p ->> 'signals')::bigint as b, (p ->> 'budget_periods')::bigint as c from billing.purge(10000) as p) as p",
        "old rows",
    ),
}
_CHECK = """
select check_name, severity, message from (
  select * from ai.self_check()
  union all
  select * from billing.self_check(since => now() - %s * interval '1 hour')
  union all
  select * from billing.check_usage()
) as c where severity <> 'ok'
"""
JOBS = (*_CALLS, "check")
"""Their names: what waits, accounts, months, what is old, and the self-checks."""


@dataclass
class JobRun:
    """What came of a job: its `calls`, how many rows they took, and whether it `is_done`.

    `problems` are what a check found, or why a call failed; the other jobs go on.
    """

    job: str
    calls: int = 0
    rows: int = 0
    unit: str = ""
    is_done: bool = True
    problems: list[str] = field(default_factory=list)


def run(
    dsn: str, jobs: Sequence[str] = JOBS, *, seconds: float = 300, check_hours: float = 25
) -> list[JobRun]:
    """Run jobs one after the other, each until nothing is left for it or its `seconds` are over.

    The check looks at what was written in the last `check_hours`. Raises RatebookError for a job that there is not.
    """
    for job in jobs:
        if job not in JOBS:
            raise RatebookError(f"There is no job {job}: the jobs are {', '.join(JOBS)}.")
    with connect(dsn) as connection:
        return [_run(connection, job, seconds, check_hours) for job in jobs]


def _run(
    connection: "psycopg.Connection[tuple[Any, ...]]", job: str, seconds: float, hours: float
) -> JobRun:
    import psycopg

    done = JobRun(job)
    try:
        if job == "check":
            found = connection.execute(_CHECK, [hours]).fetchall()
            done.calls = 1
            done.problems = [f"{name} ({severity}): {message}" for name, severity, message in found]
            return done
        call, done.unit = _CALLS[job]
        end = time.monotonic() + seconds
        done.is_done = False
        while not done.is_done and time.monotonic() < end:
            rows, is_more = connection.execute(call).fetchall()[0]
            done.calls += 1
            # What is missing is a state, and not what was done.
            done.rows = rows if job == "extend" else done.rows + rows
            done.is_done = not is_more
    except psycopg.Error as error:
        if connection.closed:
            raise RatebookError(f"The database went away during {job}.", str(error)) from error
        done.is_done = False
        done.problems.append(error.diag.message_primary or str(error).strip())
    return done
