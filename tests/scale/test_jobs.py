"""What keeps a database current: by pg_cron, and by the command."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from typer.testing import CliRunner

from ratebook import jobs
from ratebook.cli import app
from ratebook.errors import RatebookError
from tests.faults.copies import run
from tests.faults.wallet import Shop, call, charge
from tests.scale.conftest import FULL
from tools.project import REPOSITORY


def fill(shop: Shop) -> str:
    """Something for each job to do. Returns the account."""
    (account,) = shop.lensers(1)
    with shop.connect() as backend:
        call(backend, "grant_credits", account=account, amount=100)
        call(backend, "grant_credits", account=account, amount=5, expires_at="2100-01-01Z")
        for number in range(3):
            call(backend, "charge_generation", **charge(account, 1000, f"{account} {number}"))
        call(
            backend,
            "authorize_credits",
            **charge(account, 1000, f"{account} h", expires_in="1 second"),
        )
    (month,) = shop.db.execute(
        "select m.month::text from ratebook.months() as m where m.parent = 'billing.holds'::regclass"
        " order by m.until desc limit 1"
    ).fetchone() or ("",)
    shop.db.execute(f"drop table {month}".encode())
    shop.db.execute(
        "update billing.idempotency_keys set created_at = now() - interval '31 days' where key = %s",
        [f"{account} 0"],
    )
    # Its hold times out.
    time.sleep(1)
    return account


def waiting(shop: Shop) -> tuple[int, ...]:
    """Usage, accounts, months and keys that a job has to see to."""
    return tuple(
        shop.value(query)
        for query in (
            "select count(*) from ratebook.usage_deltas",
            "select count(*) from billing.accounts where next_event_at <= now()",
            "select count(*) from ratebook.missing_months("
            " array(select t from ratebook.partitioned_tables() as t), now(), now() + interval '24 months')",
            "select count(*) from billing.idempotency_keys where created_at < now() - interval '30 days'",
        )
    )


def test_the_command_leaves_nothing_and_may_come_twice_at_once(shop: Shop) -> None:
    fill(shop)
    assert min(waiting(shop)) > 0
    dsn = shop.server.dsn(shop.name)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: jobs.run(dsn), range(2)))
    problems = [
        said for runs in both for job in runs if job.job != "extend" for said in job.problems
    ]
    # The check of one may come while the other still drains.
    assert [said for said in problems if not said.startswith("usage_drained (warning)")] == []
    jobs.run(dsn, ["extend"])  # one of the two may have stood in the other's way
    assert waiting(shop) == (0, 0, 0, 0)
    assert shop.broken() == []
    again = {job.job: job for job in jobs.run(dsn)}
    assert all(job.is_done and not job.problems for job in again.values())
    assert {name: job.rows for name, job in again.items()} == dict.fromkeys(jobs.JOBS, 0)


def test_a_check_that_finds_something_ends_the_command_with_1(shop: Shop) -> None:
    dsn = shop.server.dsn(shop.name)
    account = fill(shop)
    jobs.run(dsn)
    command = ["jobs", "run", dsn, "--only", "check"]
    assert CliRunner().invoke(app, command).exit_code == 0
    shop.db.execute("update billing.accounts set posted = posted + 1 where id = %s", [account])
    try:
        found = CliRunner().invoke(app, command)
        assert found.exit_code == 1
        assert "posted_is_the_sum_of_the_ledger (error)" in found.output
        with pytest.raises(Exception, match="posted_is_the_sum_of_the_ledger"):
            shop.db.execute(commands_of(shop)["ratebook check"].encode())
    finally:
        shop.db.execute("update billing.accounts set posted = posted - 1 where id = %s", [account])
    with pytest.raises(RatebookError, match="no job sweeep"):
        jobs.run(dsn, ["sweeep"])


def commands_of(shop: Shop) -> dict[str, str]:
    """What the script schedules: the name of each job with its command."""
    run(
        shop.server, "psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null",
        *("-f", REPOSITORY / "scale" / "jobs.sql", "-d", shop.server.dsn(shop.name)),
        PGOPTIONS="-c client_min_messages=error",
    )  # fmt: skip
    return dict(shop.db.execute("select jobname, command from cron.job").fetchall())


def test_pg_cron_is_told_once_and_its_commands_leave_nothing(
    shop: Shop, figure: Callable[[str], None]
) -> None:
    commands = commands_of(shop)
    assert commands_of(shop) == commands
    assert len(commands) == 6
    fill(shop)
    for command in [*commands.values()] * 2:
        shop.db.execute(command.encode())
    assert waiting(shop) == (0, 0, 0, 0)
    assert shop.broken() == []
    if FULL:
        # By pg_cron itself, all within two minutes.
        fill(shop)
        shop.db.execute("update cron.job set schedule = '* * * * *'")
        end = time.monotonic() + 150
        while (
            runs := shop.value(
                "select count(distinct jobid) from cron.job_run_details where status = 'succeeded'"
            )
        ) < 6 and time.monotonic() < end:
            time.sleep(1)
        failed = shop.db.execute(
            "select command, return_message from cron.job_run_details where status = 'failed'"
        ).fetchall()
        assert (runs, failed) == (6, [])
        assert waiting(shop) == (0, 0, 0, 0)
        figure(f"pg_cron ran {runs} jobs")
    shop.db.execute("select cron.unschedule(jobname) from cron.job")
