"""Run the suite in parts, some at the same time, each with servers of its own: two cores have no rest.

    python -m tools.parts lint drift    # with these tasks of the Makefile

Whoever is free takes the next part. The progress of the first is shown as it comes, what the others print when they are
done, with the seconds that they took. Exit code 1 when one fails.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tools.servers import memory

ROOT = Path(__file__).parent.parent
# The longest come first, so that all end at about the same time. What is in none of these comes last, together.
PARTS = (
    ("client", "docs"),  # in this order: pages show examples of rows that clients made
    ("migrations",),
    ("test_guides.py",),
    ("faults",),
    ("database",),
    ("api", "policies"),
    ("web",),
    ("scale",),
)
AT_A_TIME = 4


def main(tasks: Sequence[str]) -> int:
    folders = sorted(
        path.name for path in (ROOT / "tests").iterdir() if (path / "__init__.py").exists()
    )
    rest = tuple(name for name in folders if not any(name in part for part in PARTS))
    commands = [(" ".join(part), pytest(part)) for part in (*PARTS, rest)]
    # The tasks, of which the first is long, among the first as well.
    commands[AT_A_TIME - 1 : AT_A_TIME - 1] = [(task, ["make", task]) for task in tasks]
    if folder := memory():
        os.environ["TMPDIR"] = folder
    passed = True
    with ThreadPoolExecutor(AT_A_TIME) as at_work, contextlib.ExitStack() as files:
        running = {}
        for number, (name, command) in enumerate(commands):
            output = files.enter_context(tempfile.TemporaryFile("w+")) if number else None
            running[at_work.submit(run, command, output.fileno() if output else None)] = (
                name,
                output,
            )
        for done in as_completed(running):
            name, output = running[done]
            code, seconds = done.result()
            passed &= code == 0
            if output:
                output.seek(0)
                print(output.read())
            print(f"{name}: {'passed' if code == 0 else 'FAILED'} in {seconds:.0f} s", flush=True)
    return 0 if passed else 1


def run(command: Sequence[str], output: int | None) -> tuple[int, float]:
    """The exit code of a command, and how many seconds it took."""
    begun = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, stdout=output, stderr=output, check=False)
    return done.returncode, time.monotonic() - begun


def pytest(names: Sequence[str]) -> list[str]:
    settings = ["-c", "python_client/pyproject.toml", "--rootdir", "."]
    return [
        sys.executable,
        "-m",
        "pytest",
        *settings,
        "-o",
        f"cache_dir=.pytest_cache/{names[0]}",
        *(f"tests/{name}" for name in names),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
