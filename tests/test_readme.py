"""Every command of README.md is run, and prints what README.md says it prints.

The info string of a block says how: `run=no` is not run, `in=FOLDER` is run in a copy of that folder against a database
of its own. A `text` block is the output of the block before it. <time> and spaces at line ends are not compared.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from rich.console import Console

from ratebook.local.first_result import show

ROOT = Path(__file__).parent.parent
ADA = "11111111-1111-4111-8111-111111111111"  # of the demo data
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*\+00(:00)?")


@dataclass(frozen=True)
class Block:
    line: int
    language: str
    options: dict[str, str]
    text: str
    output: str | None


def blocks() -> list[Block]:
    readme = (ROOT / "README.md").read_text()
    found = [
        (readme[: match.start()].count("\n") + 1, *match["info"].partition(" ")[::2], match["text"])
        for match in re.finditer(
            r"^```(?P<info>[a-z]+.*)\n(?P<text>(?:.*\n)*?)```$", readme, re.MULTILINE
        )
    ]
    result = []
    for position, (line, language, options, text) in enumerate(found):
        if language != "text":
            after = found[position + 1] if position + 1 < len(found) else None
            output = after[3] if after and after[1] == "text" else None
            result.append(
                Block(line, language, dict(o.split("=") for o in options.split()), text, output)
            )
    return result


def environment(stack: Any, dsn: str) -> dict[str, str]:
    binaries = [ROOT / ".venv/bin", ROOT / "node_modules/.bin"]
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SUPABASE_", "RATEBOOK_"))
        },
        "PATH": os.pathsep.join([*map(str, binaries), os.environ["PATH"]]),
        "SUPABASE_URL": stack.url,
        "SUPABASE_ANON_KEY": stack.anon_key,
        "SUPABASE_KEY": stack.anon_key,
        "SUPABASE_SERVICE_ROLE_KEY": stack.service_key,
        "ACCESS_TOKEN": stack.token("authenticated", ADA),
        "DATABASE_URL": dsn,
        "NODE_OPTIONS": "--experimental-websocket --no-warnings",
        "COLUMNS": "200",
    }


@pytest.fixture(scope="module")
def folders(
    ratebook_stack: Any, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Path, str]]:
    """Where a block runs, and against which database."""
    shop = tmp_path_factory.mktemp("readme") / "shop"
    shutil.copytree(ROOT / "examples/shop", shop)
    with psycopg.connect(ratebook_stack.dsn, autocommit=True) as connection:
        connection.execute("create database shop")
    parts = psycopg.conninfo.conninfo_to_dict(ratebook_stack.dsn)
    dsn = f"postgresql://postgres@localhost/shop?host={parts['host']}&sslmode=disable"
    psql = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", dsn]
    subprocess.run([*psql, "-f", ROOT / "supabase/platform.sql"], check=True)
    return {"": (ROOT, ratebook_stack.dsn), "examples/shop": (shop, dsn)}


def command(block: Block, folder: Path) -> list[str]:
    match block.language:
        case "sh":
            # The stack of this test stands in for the one of `make start`.
            script = "\n".join(
                line for line in block.text.splitlines() if not line.startswith(("eval ", ". "))
            )
            return ["bash", "-euo", "pipefail", "-c", script]
        case "python":
            return ["python", "-c", block.text]
        case "js":
            return ["node", "--input-type=module", "-e", block.text]
    raise AssertionError(f"README.md:{block.line}: nobody runs {block.language}")


def normalized(text: str) -> str:
    return "\n".join(line.rstrip() for line in TIME.sub("<time>", text).strip().splitlines())


def test_the_readme_says_what_happens(
    ratebook_stack: Any, folders: dict[str, tuple[Path, str]]
) -> None:
    ran = 0
    for block in blocks():
        if block.options.get("run") == "no":
            continue
        folder, dsn = folders[block.options.get("in", "")]
        done = subprocess.run(
            command(block, folder),
            check=False,
            cwd=folder,
            env=environment(ratebook_stack, dsn),
            text=True,
            capture_output=True,
            timeout=120,
        )
        assert done.returncode == 0, f"README.md:{block.line}\n{done.stdout}{done.stderr}"
        if block.output is not None:
            assert normalized(done.stdout) == normalized(block.output), f"README.md:{block.line}"
        ran += 1
    assert ran >= 10


def test_the_first_result_is_the_one_shown(ratebook_stack: Any) -> None:
    start = next(block for block in blocks() if "make start" in block.text)
    shown = (start.output or "").strip().splitlines()
    assert len(shown) == 2
    console = Console(width=120, record=True, file=StringIO())
    show(ratebook_stack.url, ratebook_stack.anon_key, ratebook_stack.service_key, console)
    printed = console.export_text()
    for line in shown:
        assert line in printed
    assert "Ada's wallet" in printed
