"""Every block of README.md and of the guides is run as a reader runs it, and prints what the page says it prints.

Each page gets the database as `make start` leaves it, and one shell, which begins with the block of README.md that
holds `eval`: what a block exports, and where it changes to, holds for the blocks below it. `sql` goes through psql,
`js` and `python` are files in the current folder, in `console` the lines after `$ ` are typed. A `text` block is the
output of the block before it; `text part` shows some of its lines, in order. Times and spaces at line ends are not
compared. A block that is not run stands in NOT_RUN, with the reason.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from ratebook import migrations
from ratebook.local.stack import Stack
from tests.modules import WITHOUT

ROOT = Path(__file__).parent.parent
PAGES = [
    "README.md",
    *(
        page.relative_to(ROOT).as_posix()
        for folder in ("guides", "migrating")
        for page in sorted((ROOT / "docs" / folder).glob("*.md"))
    ),
]
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(\+00(:00)?|Z)")
BLOCK = re.compile(r"^```(?P<info>\w+.*)\n(?P<text>(?:.*\n)*?)```$", re.MULTILINE)
FILES = {
    "js": ("example.mjs", "node"),
    "python": ("example.py", "python"),
    "sql": ("example.sql", 'psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -f'),
}

# Pages that need a module: callers of older systems come by the views of compat.
OF_MODULES = {"/migrating/": pytest.mark.compat, "/evaluations.md": pytest.mark.execution}
# (page, first line of the block) -> why nobody can run it here
NOT_RUN = {
    ("README.md", "make test"): "it is what runs this test",
    (
        "docs/guides/typescript.md",
        "npm install @ratebook/client @supabase/supabase-js",
    ): "it is not on npm yet",
    (
        "docs/guides/operate.md",
        'psql "$DATABASE_URL" -f scale/jobs.sql',
    ): "the stack has no pg_cron; tests/scale/test_jobs.py runs it",
    (
        "docs/guides/operate.md",
        'psql "$DATABASE_URL" -f scale/warehouse.sql',
    ): "wal_level is not logical there; tests/scale/test_archives.py runs it",
    (
        "docs/guides/operate.md",
        'scale/backup.sh "postgresql://replicator@db.example.com/" backups',
    ): "it takes a server of its own; tests/scale/test_backups.py has one",
    (
        "docs/guides/operate.md",
        'ratebook migrations apply "$NEW_DATABASE_URL"    # the same version',
    ): "it takes a second server; tests/scale/test_moves.py has one",
    (
        "docs/guides/typescript.md",
        "const { data: models = [] } = useAnswer(() => ratebook.catalogue({ modality: 'text' }), [])",
    ): "it is a part of a page; js_client/tests/react.test.tsx shows one",
}


@dataclass(frozen=True)
class Block:
    page: str
    line: int
    language: str
    text: str
    output: str | None
    in_parts: bool

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def name(self) -> tuple[str, str]:
        return (self.page, self.text.partition("\n")[0])


def blocks(page: str) -> list[Block]:
    text = (ROOT / page).read_text()
    found = [*BLOCK.finditer(text)]
    result = []
    for match, after in zip(found, [*found[1:], None], strict=True):
        if match["info"].startswith("text"):
            continue
        shown = after if after and after["info"].startswith("text") else None
        line = text[: match.start()].count("\n") + 1
        output, in_parts = (shown["text"], shown["info"] == "text part") if shown else (None, False)
        result.append(Block(page, line, match["info"], match["text"], output, in_parts))
    return result


def shell_of_the_readme() -> str:
    """The lines that a reader types first."""
    (found,) = (block.text for block in blocks("README.md") if "eval " in block.text)
    return found


@dataclass
class Reader:
    """Who follows a page, in the folder of a checkout."""

    folder: Path
    stack: Stack
    begun: str = ""

    def begin(self) -> None:
        """A new terminal: nothing of the project is set in it."""
        project = ("SUPABASE_", "RATEBOOK_", "DATABASE_URL", "NODE_OPTIONS", "PG", "VIRTUAL_ENV")
        setup = {str(ROOT / folder) for folder in (".venv/bin", "node_modules/.bin")}
        path = [part for part in os.environ["PATH"].split(os.pathsep) if part not in setup]
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(project)
        } | {"PATH": os.pathsep.join(path), "COLUMNS": "120"}
        state = self.folder / "state.sh"
        state.write_text(self.begun or f"cd {self.folder}\n")
        if not self.begun:
            self.run(shell_of_the_readme())
            self.begun = state.read_text()

    def run(self, script: str, *, strict: bool = True) -> str:
        """What a script prints, in the shell as the one before left it."""
        state = self.folder / "state.sh"
        options = "set -euo pipefail" if strict else "exec 2>&1"
        keep = f"{{ export -p; printf 'cd %q\\n' \"$PWD\"; }} > {state}"
        done = subprocess.run(
            ["bash", "-c", f". {state}\n{options}\n{script}\n{keep}"],
            check=False,
            cwd=self.folder,
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def follow(self, block: Block) -> str:
        """What a block prints."""
        if block.language == "sh":
            return self.run(block.text)
        if block.language == "console":
            typed = [line[2:] for line in block.text.splitlines() if line.startswith("$ ")]
            return self.run("\n".join(typed), strict=False)
        assert block.language in FILES, f"{block.place}: nobody runs {block.language}"
        name, command = FILES[block.language]
        file = f"cat > {name} <<'END OF BLOCK'\n{block.text}END OF BLOCK"
        return self.run(f"{file}\n{command} {name}")


def compare(block: Block, printed: str) -> None:
    expected = block.output
    if block.language == "console":
        shown = [line for line in block.text.splitlines() if not line.startswith("$ ")]
        expected = "\n".join(shown)
    if expected is None:
        return
    if block.in_parts:
        lines = iter(normalized(printed).splitlines())
        missing = [line for line in normalized(expected).splitlines() if line not in lines]
        assert missing == [], f"{block.place}\n{printed}"
    else:
        assert normalized(printed) == normalized(expected), block.place


def normalized(text: str) -> str:
    return "\n".join(line.rstrip() for line in TIME.sub("<time>", text).strip().splitlines())


@pytest.fixture(scope="module")
def checkout() -> Iterator[Reader]:
    """A folder that looks like this one, with a stack of its own that runs."""
    with TemporaryDirectory(prefix="ratebook-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if WITHOUT:
            migrations.assemble_project(folder, WITHOUT)
            (folder / "supabase/platform.sql").symlink_to(ROOT / "supabase/platform.sql")
        for path in ROOT.iterdir():
            if path.name == "examples":
                shutil.copytree(path, folder / path.name)
            elif (
                path.name not in (".git", ".ratebook", "state.sh")
                and not (folder / path.name).exists()
            ):
                (folder / path.name).symlink_to(path)
        stack = Stack(folder)
        stack.start()
        try:
            with psycopg.connect(beside(stack), autocommit=True) as db:
                copy(db, "postgres", "fresh")
            yield Reader(folder, stack)
        finally:
            stack.stop()


@pytest.fixture
def reader(checkout: Reader) -> Reader:
    """The checkout with the database as `make start` first leaves it."""
    stack = checkout.stack
    if postgrest := stack.status().services["postgrest"]:
        os.kill(postgrest, signal.SIGTERM)  # it would come back late, after ever longer waits
    made = "select datname from pg_database where datname not in ('postgres', 'fresh') and not datistemplate"
    with psycopg.connect(beside(stack), autocommit=True) as db:
        for (name,) in db.execute(made).fetchall():  # by the page before
            db.execute(f"drop database {name} with (force)")
        copy(db, "fresh", "postgres")
    while stack.status().services["postgrest"]:
        time.sleep(0.02)
    stack.start()
    checkout.begin()
    return checkout


def beside(stack: Stack) -> str:
    """Another database of the same server."""
    return stack.dsn.replace("/postgres?", "/template1?")


def copy(db: psycopg.Connection, source: str, target: str) -> None:
    db.execute(f"drop database if exists {target} with (force)")
    db.execute(f"alter database {source} allow_connections false")
    db.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [source]
    )
    db.execute(f"create database {target} template {source}")
    db.execute(f"alter database {source} allow_connections true")
    db.execute(f"alter database {target} allow_connections true")


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[mark for part, mark in OF_MODULES.items() if part in page])
        for page in PAGES
    ],
)
def test_what_a_page_says_happens(page: str, reader: Reader) -> None:
    ran = 0
    for block in blocks(page):
        if block.name not in NOT_RUN:
            compare(block, reader.follow(block))
            ran += 1
    assert ran >= 1


def test_each_block_that_is_not_run_is_there() -> None:
    assert NOT_RUN.keys() <= {block.name for page in PAGES for block in blocks(page)}


def test_a_newcomer_reads_the_readme_in_two_minutes() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 200


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text()
    assert [page for page in PAGES[1:] if page.removeprefix("docs/") not in index] == []


@pytest.mark.parametrize("page", [*PAGES, "docs/README.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)", (ROOT / page).read_text()):
        target = (ROOT / page).parent / link[0] if link[0] else ROOT / page
        assert target.exists(), f"{page}: {link[0]}"
        if link[1]:
            headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
            assert link[1][1:] in map(anchor, headings), f"{page}: {link}"


def anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
