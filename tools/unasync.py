"""ratebook/_sync from ratebook/_async, so that the two clients have one source.

python -m tools.unasync            # writes python_client/src/ratebook/_sync
python -m tools.unasync --check    # fails where it is stale
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import unasync  # type: ignore[import-untyped]

from tools.project import ToolError, argument_parser, run

REPLACEMENTS = {
    "AsyncAccount": "Account",
    "AsyncClient": "Client",
    "AsyncClientOptions": "ClientOptions",
    "AsyncEvaluations": "Evaluations",
    "AsyncGenerator": "Generator",
    "AsyncHold": "Hold",
    "AsyncTracked": "Tracked",
    "AsyncTrackedStream": "TrackedStream",
    "_async": "_sync",
    "aclose": "close",
    "anyio": "time",  # for its sleep
    "async_finished": "finished",
    "async_resolved": "resolved",
    "async_shielded": "shielded",
    "async_started": "started",
}
HEADER = "# Generated from _async/{name} by `python -m tools.unasync`: change that file.\n"


def generated(package: Path) -> dict[str, str]:
    """File name → text of the sync modules for the async ones in `package`."""
    with TemporaryDirectory(prefix="ratebook-unasync-") as folder:
        source, target = Path(folder, "_async"), Path(folder, "_sync")
        shutil.copytree(package / "_async", source, ignore=shutil.ignore_patterns("__pycache__"))
        rule = unasync.Rule(f"{source}/", f"{target}/", additional_replacements=REPLACEMENTS)
        unasync.unasync_files([str(file) for file in sorted(source.glob("*.py"))], [rule])
        for file in target.glob("*.py"):
            file.write_text(HEADER.format(name=file.name) + file.read_text())
        _format(target, package.parents[1] / "pyproject.toml")
        return {file.name: file.read_text() for file in sorted(target.glob("*.py"))}


def _format(folder: Path, config: Path) -> None:
    """Lines get shorter and imports change their order."""
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--quiet", "--config", str(config), str(folder)]
    for command in (["check", "--select", "I", "--fix"], ["format"]):
        done = subprocess.run(
            [*ruff, *command, *options], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise ToolError(f"ruff failed on the generated files: {done.stderr.strip()}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the sync client, or check that it is what the async one gives."""
    parser = argument_parser(main.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a stale file")
    options = parser.parse_args(arguments)
    package = options.root / "python_client" / "src" / "ratebook"
    folder = package / "_sync"
    wanted = generated(package)
    present = {file.name: file.read_text() for file in folder.glob("*.py")}
    stale = sorted(name for name in wanted | present if wanted.get(name) != present.get(name))
    if options.check:
        for name in stale:
            print(f"_sync/{name} is not what _async/ gives: run `python -m tools.unasync`.")
        return 1 if stale else 0
    folder.mkdir(exist_ok=True)
    for name in stale:
        if name in wanted:
            (folder / name).write_text(wanted[name])
        else:
            (folder / name).unlink()
        print(f"{'wrote' if name in wanted else 'removed'} _sync/{name}")
    return 0


if __name__ == "__main__":
    run(main)
