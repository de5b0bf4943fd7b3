"""Run the suite in three parts at the same time, each with servers of its own: two cores have no rest.

    python -m tools.halves lint drift    # with these tasks of the Makefile, before the tests of the last part

The first part's progress is shown as it comes, what the others print when they are done. Exit code 1 when one fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.servers import memory

ROOT = Path(__file__).parent.parent
# Each part takes about as long as the others: pgTAP is half of the second, the tasks are a quarter of the last.
# What is in neither list is in the first part.
SECOND = ("database", "pricing", "docs", "faults")
LAST = ("migrations", "test_guides.py", "analytics", "evaluation", "routing")


def main(tasks: Sequence[str]) -> int:
    folders = sorted(
        path.name for path in (ROOT / "tests").iterdir() if (path / "__init__.py").exists()
    )
    first = [name for name in folders if name not in SECOND + LAST]
    if folder := memory():
        os.environ["TMPDIR"] = folder
    print("At the same time:", *SECOND, *tasks, *LAST, flush=True)
    with (
        ThreadPoolExecutor() as beside,
        tempfile.TemporaryFile("w+") as second_output,
        tempfile.TemporaryFile("w+") as last_output,
    ):
        makes = [["make", task] for task in tasks]
        outputs = (second_output, last_output)
        parts = [
            beside.submit(run, [pytest(SECOND, "second")], second_output.fileno()),
            beside.submit(run, [*makes, pytest(LAST, "last")], last_output.fileno()),
        ]
        passed = run([pytest(first, "first")])
        for part, output in zip(parts, outputs, strict=True):
            passed &= part.result()
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


def pytest(names: Sequence[str], cache: str) -> list[str]:
    settings = ["-c", "python_client/pyproject.toml", "--rootdir", "."]
    return [
        sys.executable,
        "-m",
        "pytest",
        *settings,
        "-o",
        f"cache_dir=.pytest_cache/{cache}",
        *(f"tests/{name}" for name in names),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
