"""The drift gate: a database built from sql/ and policies/ must equal one built from migrations/.

Run it with `make drift`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from tools import schema, servers, snapshot
from tools.project import Project, ToolError, add_without, argument_parser, run
from tools.snapshot import Snapshot


def compare(server: servers.Server, project: Project, owner: str) -> tuple[Snapshot, Snapshot]:
    """Build both databases (`drift_history`, `drift_truth`) on a server, and describe them."""
    for db in ("drift_history", "drift_truth"):
        server.drop_database(db)
        server.create_database(db)
    schema.build_history(server, "drift_history", project, owner)
    schema.build_truth(server, "drift_truth", project, owner)
    return (
        snapshot.of_server(server, "drift_history", owner),
        snapshot.of_server(server, "drift_truth", owner),
    )


def difference(history: Snapshot, truth: Snapshot) -> Iterator[str]:
    """A unified diff from the history to the truth; empty when they are the same."""
    return difflib.unified_diff(
        history.lines(), truth.lines(), "migrations/", "sql/ and policies/", lineterm=""
    )


def differences(server: servers.Server, db: str) -> list[str]:
    """Where a database is not what its own manifest says."""
    with server.connect(db) as connection:
        found = connection.execute(
            "select d.kind, d.name, d.difference from ratebook.differences() as d order by 1, 2"
        ).fetchall()
        recorded = connection.execute("select count(*) from ratebook.manifest").fetchone()
    if recorded == (0,):
        raise ToolError("The migrations write down nothing in ratebook.manifest.")
    return [" ".join(row) for row in found]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fail unless migrations/ lead to exactly what sql/ and policies/ say."""
    parser = argument_parser(main.__doc__)
    parser.add_argument("--postgres", type=int, default=servers.DEFAULT_VERSION, metavar="VERSION")
    parser.add_argument("--owner", default=schema.SUPERUSER, help="role that applies both")
    add_without(parser)
    options = parser.parse_args(arguments)
    project = Project(options.root, tuple(options.without))
    with servers.start(options.postgres) as server:
        history, truth = compare(server, project, options.owner)
        changed = differences(server, "drift_history")
    if history == truth and not changed:
        print(f"identical: {len(truth.objects)} objects")
        return 0
    if history == truth:
        print("\n".join(changed))
        print("drift: what the migrations write down is not what they make.")
        return 1
    print("\n".join(difference(history, truth)))
    print(
        "drift: migrations/ do not lead to what sql/ and policies/ say (lines with + are only there)."
    )
    return 1


if __name__ == "__main__":
    run(main)
