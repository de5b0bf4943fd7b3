"""A long body says why at each step: one of more than 60 lines has a comment at least every 25 lines of code.

    python -m tools.bodies

The comment on a function says what it is for; a body longer than a screen also needs a sentence at each step
on what that protects or decides. One counts where it stands on a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tools.project import Project, argument_parser, run

LONG = 60
STRETCH = 25

_BODY = re.compile(
    r"^create (?:or replace )?(?:function|procedure) (?P<name>\w+\.\w+)(?:(?!^create ).)*?"
    r"(?:^as \$\$\n(?P<quoted>.*?)^\$\$;|^begin atomic\n(?P<atomic>.*?)^end;|^return\b\n?(?P<returned>.*?);$)",
    re.MULTILINE | re.DOTALL,
)


def bodies(text: str) -> Iterator[tuple[str, int, list[str]]]:
    """Each function and procedure of a file: its name, the number of its body's first line, the body's lines."""
    for found in _BODY.finditer(text):
        form = found.lastgroup
        if form is not None:
            yield (
                found["name"],
                text.count("\n", 0, found.start(form)) + 1,
                found[form].splitlines(),
            )


def bare_stretches(body: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The stretches of a body between lines of comment: which of its lines begins each, and its lines of code."""
    start, length = 0, 0
    for place, line in enumerate(body):
        if line.lstrip().startswith("--"):
            yield start, length
            start, length = place + 1, 0
        elif line.strip():
            length += 1
    yield start, length


def problems(path: str, text: str) -> Iterator[str]:
    """One sentence for each stretch of a long body of a file that is too long without a comment."""
    for name, first, body in bodies(text):
        if len(body) > LONG:
            for start, length in bare_stretches(body):
                if length > STRETCH:
                    yield (
                        f"{path}:{first + start}: {length} lines of code without a comment"
                        f" in {name}, whose body has {len(body)} lines."
                    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Fail where a long body of sql/ has a long stretch without a comment."""
    project = Project(argument_parser(main.__doc__).parse_args(arguments).root)
    texts = {project.relative(path): path.read_text() for path in project.truth_files()}
    found = [problem for path, text in texts.items() for problem in problems(path, text)]
    long = [name for text in texts.values() for name, _, body in bodies(text) if len(body) > LONG]
    print("\n".join(found) or f"commented: {len(long)} bodies of more than {LONG} lines")
    return 1 if found else 0


if __name__ == "__main__":
    run(main)
