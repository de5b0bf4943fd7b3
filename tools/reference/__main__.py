"""Write docs/schema, docs/types and the client's exact.ts, or check that they are what the database says."""

from __future__ import annotations

from collections.abc import Sequence

from tools import schema, servers
from tools.project import Project, argument_parser, run
from tools.reference import catalog, errors, exact, examples, pages, types

FOLDERS = ("docs/schema", "docs/types", "js_client/src/generated")
SUFFIXES = {".md", ".py", ".ts"}
VERSION = 18


def generated(project: Project) -> dict[str, str]:
    """Path below the root → text of all that is generated here."""
    with servers.start(VERSION) as server:
        db = server.create_database("reference")
        schema.build_truth(server, db, project)
        found = errors.spelled_out(catalog.survey(server, db, project))
        seeds = sorted((project.root / "seeds").glob("*.sql"))
        schema.apply(server, db, project, seeds, schema.SUPERUSER)
        for function in found["functions"]:
            function["answer"] = examples.answer(server, db, function)
        schema_pages = pages.render(found)
        type_files = types.generate(server.dsn(db), project)
        exact_columns = exact.typescript(server, db, project)
    return (
        {f"docs/schema/{path}": text for path, text in schema_pages.items()}
        | {f"docs/types/{name}": text for name, text in type_files.items()}
        | {exact.PATH: exact_columns}
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Write docs/schema, docs/types and the client's exact.ts, or check that they are what the database says."""
    parser = argument_parser(main.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a stale file")
    options = parser.parse_args(arguments)
    wanted = generated(Project(options.root))
    present = {
        file.relative_to(options.root).as_posix(): file.read_text()
        for folder in FOLDERS
        for file in (options.root / folder).rglob("*")
        if file.suffix in SUFFIXES and not file.is_symlink()
    }
    stale = sorted(path for path in wanted | present if wanted.get(path) != present.get(path))
    if options.check:
        for path in stale:
            print(f"{path} is not what the database says: run `make docs`.")
        return 1 if stale else 0
    for path in stale:
        file = options.root / path
        if path in wanted:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(wanted[path])
        else:
            file.unlink()
        print(f"{'wrote' if path in wanted else 'removed'} {path}")
    return 0


if __name__ == "__main__":
    run(main)
