"""Where the parts of the repository are, and how its tools report a mistake."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent

# The Node.js that setup installs, else the machine's own.
NODE = (
    shutil.which("node", path=f"{REPOSITORY / 'node_modules/.bin'}:{os.environ.get('PATH', '')}")
    or "node"
)

# Made by Supabase or by a test, not by Ratebook. A new schema counts as Ratebook's until it stands here.
PLATFORM_SCHEMAS = (
    "auth",
    "extensions",
    "graphql",
    "graphql_public",
    "realtime",
    "storage",
    "vault",
)
TEST_SCHEMAS = ("supabase_migrations", "tap", "pgtap", "tests")
# Ratebook's schemas that the API must not serve.
UNEXPOSED_SCHEMAS = ("ratebook",)
# Domains that an adopter may leave out, and what the module is called; all others are core.
OPTIONAL_MODULES = {"80_execution": "execution", "90_compat": "compat"}
CORE = "core"


# What has a file in policies/: its statement begins a line.
RELATION = re.compile(r"^create (?:or replace )?(?:table|view) (\w+\.\w+)", re.MULTILINE)


class ToolError(Exception):
    """A mistake of the user or a missing part, said in one sentence. Tools exit with 2 on it."""


@dataclass(frozen=True)
class Domain:
    """A folder of sql/ with the policies of its tables: what one migration of the first release makes."""

    name: str
    files: list[Path]

    @property
    def module(self) -> str:
        """`core`, or the module that an adopter may leave out."""
        return OPTIONAL_MODULES.get(self.name, CORE)


@dataclass(frozen=True)
class Project:
    """A checkout of Ratebook (or a copy of its schema folders) at `root`, less the modules in `without`."""

    root: Path
    without: tuple[str, ...] = ()

    @property
    def migrations(self) -> Path:
        """The folder of the history."""
        return self.root / "migrations"

    @property
    def down(self) -> Path:
        """The folder of its reverse."""
        return self.migrations / "down"

    @property
    def platform_file(self) -> Path:
        """The stand-in for Supabase. Raises ToolError where it is missing."""
        path = self.root / "supabase" / "platform.sql"
        if not path.is_file():
            raise ToolError(f"{path} is missing.")
        return path

    def domains(self) -> list[Domain]:
        """The folders of sql/ in load order, each with the policies of the tables that it makes."""
        policies = {path.stem: path for path in sorted((self.root / "policies").glob("*.sql"))}
        found = []
        for folder in sorted(path for path in (self.root / "sql").iterdir() if path.is_dir()):
            if OPTIONAL_MODULES.get(folder.name) in self.without:
                continue
            files = sorted(folder.glob("*.sql"))
            made = {name for file in files for name in RELATION.findall(file.read_text())}
            found.append(
                Domain(
                    folder.name, files + [policies[name] for name in sorted(made & policies.keys())]
                )
            )
        return found

    def truth_files(self) -> list[Path]:
        """sql/ and policies/, domain by domain; last what belongs to none. Raises ToolError where there are none."""
        files = [file for domain in self.domains() for file in domain.files]
        if not files:
            raise ToolError(f"There is no .sql file under {self.root / 'sql'}.")
        rest = [*(self.root / "sql").glob("*.sql"), *(self.root / "policies").glob("*.sql")]
        whole = Project(self.root).domains() if self.without else self.domains()
        return files + sorted(set(rest) - {file for domain in whole for file in domain.files})

    def migration_files(self) -> list[Path]:
        """migrations/*.sql, oldest first. Raises ToolError on a file name the Supabase CLI would skip."""
        left_out = {
            stamp for module in self.without for stamp in self.manifest(module)["migrations"]
        }
        files = sorted(
            file for file in self.migrations.glob("*.sql") if file.name[:14] not in left_out
        )
        for file in files:
            if not re.fullmatch(r"\d{14}_[a-z0-9_]+\.sql", file.name):
                raise ToolError(
                    f"{self.relative(file)} is not named <14-digit UTC time>_<verb>_<object>.sql."
                )
        return files

    def manifest(self, module: str) -> dict[str, Any]:
        """What a module consists of: its migrations and objects. Raises ToolError where it cannot be left out."""
        path = self.migrations / "manifests" / f"{module}.json"
        if module not in OPTIONAL_MODULES.values() or not path.is_file():
            raise ToolError(f"{module!r} is no module that can be left out.")
        found: dict[str, Any] = json.loads(path.read_text())
        return found

    def modules(self) -> list[str]:
        """The modules that can be left out."""
        found = {OPTIONAL_MODULES.get(path.name) for path in (self.root / "sql").iterdir()}
        return sorted(module for module in found if module)

    def schemas(self, module: str) -> list[str]:
        """The schemas that a module makes."""
        objects = self.manifest(module)["objects"]
        return [thing["name"] for thing in objects if thing["kind"] == "schema"]

    def relative(self, path: Path) -> str:
        """`path` as seen from the root, for messages."""
        return (
            path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)
        )

    def release(self) -> str | None:
        """The newest release tag (v*) of the repository, or None before the first release."""
        git = shutil.which("git")
        if git is None:
            raise ToolError(
                "git is needed to see whether there is a release yet: install the package git."
            )
        found = subprocess.run(
            [git, "-C", str(self.root), "tag", "--list", "v*", "--sort=-version:refname"],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"LC_ALL": "C"},
        )
        if found.returncode != 0 and "not a git repository" not in found.stderr:
            raise ToolError(f"git cannot tell the releases: {found.stderr.strip()}")
        return next(iter(found.stdout.splitlines()), None)


def node_package(name: str) -> Path:
    """The folder of an installed npm package. Raises ToolError where it is not installed."""
    path = REPOSITORY / "node_modules" / name
    if not path.is_dir():
        raise ToolError(f"The npm package {name} is not installed: run `npm ci` in {REPOSITORY}.")
    return path


def supabase(
    arguments: Sequence[str], workdir: Path, database: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the Supabase CLI to its end, as `start_supabase` starts it.

    A failure of the command itself is the caller's to read from `returncode`.
    """
    with start_supabase(arguments, workdir, database) as process:
        stdout, stderr = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def start_supabase(
    arguments: Sequence[str], workdir: Path, database: str | None = None
) -> subprocess.Popen[str]:
    """Start the Supabase CLI in `workdir` (the folder that holds supabase/), without a terminal.

    `database` is the URL of the database to work on. Raises ToolError where it is not installed.
    """
    executable = node_package("supabase").parent / ".bin" / "supabase"
    target = [f"--remote={database}"] if database else []
    return subprocess.Popen(
        [str(executable), "--workdir", str(workdir), "--agent", "no", *arguments, *target],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment() | {"DO_NOT_TRACK": "1", "SUPABASE_YES": "1"},
    )


def clean_environment() -> dict[str, str]:
    """The environment without the variables that would lead a PostgreSQL client elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def argument_parser(description: str | None) -> argparse.ArgumentParser:
    """A parser with the options that every tool has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--root",
        type=lambda text: Path(text).resolve(),
        default=REPOSITORY,
        help="folder that holds sql/, policies/, migrations/ and supabase/ (default: this repository)",
    )
    return parser


def add_without(parser: argparse.ArgumentParser) -> None:
    """The option of tools that can look at a part of the modules."""
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="MODULE",
        help="leave a module out, such as compat; repeatable",
    )


def run(main: Callable[[Sequence[str] | None], int]) -> None:
    """Run a tool's main and exit: 0 all is well, 1 the gate found something, 2 it could not be asked."""
    try:
        sys.exit(main(None))
    except ToolError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
