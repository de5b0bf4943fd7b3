"""Run the suite in two halves at the same time, each with servers of its own: half the time on two cores.

The first half's progress is shown as it comes, the second's when it is done. Exit code 1 when one of them fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.servers import memory

ROOT = Path(__file__).parent.parent
SECOND = ("database", "migrations", "pricing", "docs", "faults")


def main() -> int:
    folders = sorted(
        path.name for path in (ROOT / "tests").iterdir() if (path / "__init__.py").exists()
    )
    first = [f"tests/{name}" for name in folders if name not in SECOND] + ["tests/test_guides.py"]
    second = [f"tests/{name}" for name in SECOND]
    if folder := memory():
        os.environ["TMPDIR"] = folder
    with tempfile.TemporaryFile("w+") as output:
        print(f"At the same time: {' '.join(second)}", flush=True)
        beside = subprocess.Popen(pytest(second, "beside"), cwd=ROOT, stdout=output, stderr=output)
        try:
            failed = subprocess.run(pytest(first, "first"), cwd=ROOT, check=False).returncode
            failed |= beside.wait()
        finally:
            beside.terminate()
        output.seek(0)
        print(output.read(), flush=True)
    return 1 if failed else 0


def pytest(paths: list[str], cache: str) -> list[str]:
    settings = ["-c", "python_client/pyproject.toml", "--rootdir", "."]
    return [
        sys.executable,
        "-m",
        "pytest",
        *settings,
        "-o",
        f"cache_dir=.pytest_cache/{cache}",
        *paths,
    ]


if __name__ == "__main__":
    sys.exit(main())
