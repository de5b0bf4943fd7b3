"""Draft the next migration, with its way back, from the difference between migrations/ and sql/.

    make migration name=add_generation_rating
    python -m tools.migration add_meter_pages --empty    # for a change of data only
    python -m tools.migration --squash                   # before the first release

pg-delta (in the Supabase CLI) writes the draft; a person finishes it; `make drift` decides. The file
counts once `python -m tools.hashes --update` has recorded it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tools import drift, manifest, schema, servers, snapshot
from tools.project import Domain, Project, ToolError, argument_parser, run, supabase

# The migrations of the first release: one for each domain, stamped with this day and the domain's number.
FIRST_DAY = "20261121"
# A migration runs in a transaction, beside live traffic: it gives up rather than stand in its way.
LIMITS = "set local lock_timeout = '10s';\nset local statement_timeout = '10min';"


def check_name(name: str) -> str:
    """The name, if it is verb_object in snake_case. Raises ToolError otherwise."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", name):
        raise ToolError(
            f"{name!r} does not name a migration: use verb_object in snake_case, such as add_model_tags."
        )
    return name


def next_version(project: Project, now: datetime) -> str:
    """The time `now` (UTC) as 14 digits, or one second after the newest migration where that is later."""
    version = now.strftime("%Y%m%d%H%M%S")
    files = project.migration_files()
    if files and files[-1].name[:14] >= version:
        newest = datetime.strptime(files[-1].name[:14], "%Y%m%d%H%M%S")
        version = (newest + timedelta(seconds=1)).strftime("%Y%m%d%H%M%S")
    return version


def draft(project: Project, name: str, *, empty: bool = False) -> list[str]:
    """Write the migration and its down file. Returns what to tell the user, nothing-to-do included."""
    check_name(name)
    if name in (taken := [file.stem[15:] for file in project.migration_files()]):
        raise ToolError(
            f"There is a migration {name} already ({len(taken)} in all): choose another name."
        )
    with servers.start() as server:
        history, truth = drift.compare(server, project, schema.SUPERUSER)
        if history == truth and not empty:
            return ["Nothing changed: migrations/ already lead to what sql/ and policies/ say."]
        recorded = manifest.read(project)
        objects = manifest.build(server, server.create_database("manifest"), project)
        there = [
            delta(server, "drift_history", "drift_truth", project),
            manifest.changes(recorded, objects),
        ]
        back = [
            manifest.changes(objects, recorded),
            delta(server, "drift_truth", "drift_history", project),
        ]
        file = f"{next_version(project, datetime.now(UTC))}_{name}.sql"
        written = [
            write(project.migrations / file, f"-- {name.replace('_', ' ')}", *there),
            write(project.down / file, f"-- undoes {file}", *back),
        ]
        manifest.write(project, objects)
        said = [f"wrote {project.relative(path)}" for path in written]
        if not empty:
            said.append(_verdict(server, project, written[0], truth))
    return [*said, "Finish both by hand, run `make drift`, then `python -m tools.hashes --update`."]


def delta(server: servers.Server, origin: str, target: str, project: Project) -> str:
    """The statements that pg-delta finds to lead from one database to another; may be empty."""
    done = supabase(
        ["db", "diff", "--from", server.dsn(origin), "--to", server.dsn(target), "--use-pg-delta"],
        workdir=project.root,
    )
    if done.returncode != 0:
        raise ToolError(f"supabase db diff failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()


def write(path: Path, title: str, *statements: str) -> Path:
    """Write a file of statements under a title, in a folder that may not be there yet. Returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(filter(None, [title, LIMITS, *statements])) + "\n")
    return path


def _verdict(server: servers.Server, project: Project, file: Path, truth: snapshot.Snapshot) -> str:
    """Whether the draft, applied to the history, already gives the truth."""
    try:
        schema.apply(server, "drift_history", project, [file], schema.SUPERUSER)
    except ToolError as error:
        return f"The draft does not load yet: {error}"
    left = list(drift.difference(snapshot.of_server(server, "drift_history"), truth))
    if not left:
        return "The draft leads to exactly what sql/ and policies/ say."
    return "The draft leaves this difference:\n" + "\n".join(left)


def initial_name(domain: Domain) -> str:
    """The file that makes a domain: 45_prices is 20261121040500_create_prices.sql."""
    number, _, title = domain.name.partition("_")
    name = "reference_auth_users" if title == "auth" else f"create_{title}"
    return f"{FIRST_DAY}{int(number) // 10:02}{int(number) % 10:02}00_{name}.sql"


def squash(project: Project) -> list[Path]:
    """Rewrite the migrations of the first release, their way back and the manifests from sql/ and policies/.

    Raises ToolError once there is a release, or a migration beside them.
    """
    if (release := project.release()) is not None:
        raise ToolError(f"{release} is released: the first migrations never change again.")
    others = [file for file in project.migration_files() if not file.name.startswith(FIRST_DAY)]
    if others:
        raise ToolError(
            f"migrations/{others[0].name} stands beside the first migrations: remove it first."
        )
    with servers.start() as server:
        objects = manifest.build(server, server.create_database("squash"), project)
    texts: dict[Path, str] = {}
    seen: set[str] = set()
    for domain in project.domains():
        parts = [
            f"-- Ratebook's {domain.name.partition('_')[2]} (module {domain.module})."
            " Made from sql/ and policies/: edit those.\n",
            f"{LIMITS}\n",
        ]
        if domain.module not in seen:
            seen.add(domain.module)
            parts.append(manifest.preflight(domain.module, objects) + "\n")
        for file in domain.files:
            parts.append(f"-- from {project.relative(file)}\n\n{file.read_text().strip()}\n")
        parts.append(manifest.record(domain.module, domain.name, objects) + "\n")
        name = initial_name(domain)
        texts[project.migrations / name] = "\n".join(parts)
        texts[project.down / name] = "\n".join(
            [
                f"-- Takes out {domain.name.partition('_')[2]} (module {domain.module}), with its data.\n",
                f"{LIMITS}\n",
                manifest.way_back(domain.name, objects) + "\n",
            ]
        )
    domains = {initial_name(domain)[:14]: domain.name for domain in project.domains()}
    texts |= manifest.texts(project, objects, domains)
    for stale in {*project.migration_files(), *project.down.glob("*.sql")} - texts.keys():
        stale.unlink()
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return sorted(texts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draft the next migration and its down file."""
    parser = argument_parser(main.__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("name", nargs="?", help="verb_object in snake_case")
    what.add_argument(
        "--squash", action="store_true", help="rewrite the first migrations from sql/"
    )
    parser.add_argument(
        "--empty", action="store_true", help="draft it even where the schema is the same"
    )
    options = parser.parse_args(arguments)
    project = Project(options.root)
    if options.squash:
        print("\n".join(f"wrote {project.relative(path)}" for path in squash(project)))
    else:
        print("\n".join(draft(project, options.name, empty=options.empty)))
    return 0


if __name__ == "__main__":
    run(main)
