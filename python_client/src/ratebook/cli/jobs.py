"""`ratebook jobs`: what keeps a database current, where pg_cron does not."""

import json
from typing import Annotated

import typer

from ratebook import jobs
from ratebook.cli.migrations import Dsn, Json

app = typer.Typer(
    help="Run the jobs that keep a database current; scale/jobs.sql schedules them by pg_cron.",
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """A group, though it has one command: `ratebook jobs run`."""


@app.command()
def run(
    dsn: Dsn,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", metavar="JOB", help=f"One of {', '.join(jobs.JOBS)}; repeatable. Else all."
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option(help="After how many seconds each leaves the rest to the next run.")
    ] = 300,
    check_hours: Annotated[
        float, typer.Option(help="The check looks at what was written in so many hours.")
    ] = 25,
    as_json: Json = False,
) -> None:
    """Count usage, settle accounts, make months, forget what is old, and check what was written since yesterday.

    Put it on a schedule, each minute with --only drain and each hour whole. Each call takes a bounded part; a second
    run at once does no harm. Exit code 1 where a check finds something, or a job fails: alert on that.
    """
    done = jobs.run(dsn, only or jobs.JOBS, seconds=seconds, check_hours=check_hours)
    if as_json:
        typer.echo(json.dumps([vars(job) for job in done], indent=2))
    else:
        for job in done:
            said = f"{job.rows:,} {job.unit}" if job.unit else ""
            rest = "" if job.is_done or job.problems else ", and more is left"
            typer.echo(f"{job.job}: {'; '.join(job.problems) or (said + rest) or 'all is well'}")
    if any(job.problems for job in done):
        raise typer.Exit(1)
