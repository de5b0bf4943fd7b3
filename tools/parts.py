"""Run the suite in parts at the same time, each with servers of its own: two cores have no rest.

    python -m tools.parts lint drift    # with these tasks of the Makefile, before the tests of the last part

The first part's progress is shown as it comes, what the others print when they are done. Exit code 1 when one fails.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.servers import memory

ROOT = Path(__file__).parent.parent
# Each part takes about as long as the others. What is in none of these is in the first, with the clients.
PARTS = (
    ("api", "policies", "test_guides.py", "scale"),
    ("database", "faults", "web"),
    ("migrations", "routing", "analytics", "evaluation", "pricing"),
)


def main(tasks: Sequence[str]) -> int:
    folders = sorted(
        path.name for path in (ROOT / "tests").iterdir() if (path / "__init__.py").exists()
    )
    first = [name for name in folders if not any(name in part for part in PARTS)]
    if folder := memory():
        os.environ["TMPDIR"] = folder
    with ThreadPoolExecutor() as beside, contextlib.ExitStack() as files:
        outputs = [files.enter_context(tempfile.TemporaryFile("w+")) for _ in PARTS]
        others = []
        for number, (names, output) in enumerate(zip(PARTS, outputs, strict=True), 2):
            before = [["make", task] for task in tasks] if number == len(PARTS) + 1 else []
            print("At the same time:", *(command[1] for command in before), *names, flush=True)
            others.append(beside.submit(run, [*before, pytest(names, number)], output.fileno()))
        passed = run([pytest(first, 1)])
        for other, output in zip(others, outputs, strict=True):
            passed &= other.result()
            output.seek(0)
            print(output.read(), flush=True)
    return 0 if passed else 1


def run(commands: Sequence[Sequence[str]], output: int | None = None) -> bool:
    """Run commands one after the other, whether or not one fails. Whether all passed."""
    codes = [
        subprocess.run(command, cwd=ROOT, stdout=output, stderr=output, check=False).returncode
        for command in commands
    ]
    return not any(codes)


def pytest(names: Sequence[str], part: int) -> list[str]:
    settings = ["-c", "python_client/pyproject.toml", "--rootdir", "."]
    return [
        sys.executable,
        "-m",
        "pytest",
        *settings,
        "-o",
        f"cache_dir=.pytest_cache/{part}",
        *(f"tests/{name}" for name in names),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
