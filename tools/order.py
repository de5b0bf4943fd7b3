"""sql/ reads downwards: no file names an object that a later file makes, and no policy one of a later domain.

    python -m tools.order

PostgreSQL itself asks this of tables, views and SQL-standard bodies only; a plpgsql body may name what is
not there yet. Those that must are listed here, each with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tools.project import Project, argument_parser, run

# (file, object of a later file) -> why.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("sql/20_people/040_table_audit_history.sql", "ai.models"): (
        "a value of its column table_name, not the table"
    ),
}

_COMMENT = re.compile(r"--[^\n]*|^comment on [^;]*?is\s+'(?:[^']|'')*';", re.MULTILINE)
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_MAKES = re.compile(
    r"^create (?:or replace )?(?:table|view|function|procedure|type|domain) (\w+\.\w+)",
    re.MULTILINE,
)
_NAMES = re.compile(r"(?<![\w.$])([a-z]\w*\.[a-z]\w*)")


def makes(text: str) -> set[str]:
    """The objects that a file creates, as schema.name."""
    return set(_MAKES.findall(text))


def names(text: str) -> set[str]:
    """What looks like schema.name in a file's code; comments are passed over, and literals with blanks: sentences."""
    code = _LITERAL.sub(lambda found: "''" if " " in found[0] else found[0], _COMMENT.sub("", text))
    return set(_NAMES.findall(code))


def problems(files: Sequence[tuple[str, str]]) -> Iterator[str]:
    """One sentence for each name of something later, and for each exception that is none any more.

    `files` are paths with their texts, in load order.
    """
    made_in: dict[str, int] = {}
    for place, (_, text) in enumerate(files):
        for made in makes(text):
            # A computed relationship has the name of the table that it leads to, which came before.
            made_in.setdefault(made, place)
    unused = dict(EXCEPTIONS)
    for place, (path, text) in enumerate(files):
        for name in sorted(names(text)):
            if made_in.get(name, -1) <= place:
                continue
            if unused.pop((path, name), None) is None:
                yield f"{path} names {name}, which {files[made_in[name]][0]} makes later."
    for path, name in unused:
        yield f"tools/order.py lists {name} in {path}, which does not name it before it is made."


def main(arguments: Sequence[str] | None = None) -> int:
    """Fail where a file of sql/ or policies/ names something of a later file."""
    project = Project(argument_parser(main.__doc__).parse_args(arguments).root)
    files = [(project.relative(path), path.read_text()) for path in project.truth_files()]
    found = list(problems(files))
    print("\n".join(found) or f"in order: {len(files)} files, {len(EXCEPTIONS)} exceptions")
    return 1 if found else 0


if __name__ == "__main__":
    run(main)
