"""migrations/migrations.sum: the SHA-256 of each migration and its down file, so that none changes unseen.

    python -m tools.hashes --check
    python -m tools.hashes --update     # adds new files; rewrites changed ones only before the first release

The file reads like the output of sha256sum, with paths relative to migrations/.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from tools.project import Project, ToolError, argument_parser, run


def sum_file(project: Project) -> Path:
    """Where the hashes are written down."""
    return project.migrations / "migrations.sum"


def recorded(project: Project) -> dict[str, str]:
    """Path (relative to migrations/) → hash as written down; empty without a file."""
    if not sum_file(project).exists():
        return {}
    hashes = {}
    for number, line in enumerate(sum_file(project).read_text().splitlines(), start=1):
        digest, separator, path = line.partition("  ")
        if not separator or len(digest) != 64:
            raise ToolError(f"migrations/migrations.sum:{number} is not `<sha256>  <path>`.")
        hashes[path] = digest
    return hashes


def actual(project: Project) -> dict[str, str]:
    """Path (relative to migrations/) → hash of the file as it is."""
    files = [*project.migration_files(), *sorted(project.down.glob("*.sql"))]
    return {
        file.relative_to(project.migrations).as_posix(): hashlib.sha256(
            file.read_bytes()
        ).hexdigest()
        for file in files
    }


def problems(project: Project) -> list[str]:
    """One sentence for every file that is not as recorded, and every migration without a way back."""
    then, now = recorded(project), actual(project)
    found = [f"migrations/{path} is recorded, but missing." for path in then.keys() - now.keys()]
    found += [f"migrations/{path} is not in migrations.sum." for path in now.keys() - then.keys()]
    found += [
        f"migrations/{path} was changed after it was recorded."
        for path in then.keys() & now.keys()
        if then[path] != now[path]
    ]
    found += [
        f"migrations/{path} has no down file migrations/down/{path}."
        for path in now
        if "/" not in path and f"down/{path}" not in now
    ]
    found += [
        f"migrations/{path} has no migration that it would undo."
        for path in now
        if path.startswith("down/") and path.removeprefix("down/") not in now
    ]
    return sorted(found)


def update(project: Project) -> list[str]:
    """Record new files and return what was done. After a release a changed or missing file is refused."""
    then, now = recorded(project), actual(project)
    added = sorted(now.keys() - then.keys())
    changed = sorted(path for path in then if then[path] != now.get(path))
    if changed and (release := project.release()) is not None:
        raise ToolError(
            f"migrations/{changed[0]} was changed or removed, but {release} is released: "
            "a released migration never changes. Restore it and write a new one."
        )
    sum_file(project).write_text("".join(f"{now[path]}  {path}\n" for path in sorted(now)))
    return [f"added {path}" for path in added] + [
        f"{'rewrote' if path in now else 'removed'} {path}" for path in changed
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Check or update the recorded hashes of the migrations."""
    parser = argument_parser(main.__doc__)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument(
        "--check", action="store_true", help="fail on a changed, missing or unlisted file"
    )
    mode.add_argument("--update", action="store_true", help="record new files")
    options = parser.parse_args(arguments)
    project = Project(options.root)
    if not actual(project):
        raise ToolError(f"There is no .sql file in {project.migrations}.")
    if options.update:
        print("\n".join(update(project)) or "nothing to record")
        return 0
    found = problems(project)
    print("\n".join(found) or f"unchanged: {len(actual(project))} files")
    return 1 if found else 0


if __name__ == "__main__":
    run(main)
