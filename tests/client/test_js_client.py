"""The TypeScript client's own tests (js_client/tests), against the stack of this session: Vitest starts once."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Connection
from tools.project import NODE, REPOSITORY

PACKAGE = REPOSITORY / "js_client"
PEOPLE = 150 + int(os.environ.get("RATEBOOK_CUTS", "12"))
MAJORS = {"ai": 7, "ai-6": 6, "openai": 7, "@anthropic-ai/sdk": 1}


def run(command: list[str], timeout: int, **environment: str) -> str:
    """What a program of the package prints."""
    done = subprocess.run(
        [NODE, *command],
        check=False,
        capture_output=True,
        text=True,
        cwd=PACKAGE,
        timeout=timeout,
        env=os.environ
        | {"NO_COLOR": "1", "PATH": f"{Path(NODE).parent}:{os.environ['PATH']}"}
        | environment,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-4000:]
    return done.stdout


@pytest.mark.parametrize("name", MAJORS)
def test_it_is_tested_with_the_current_major_of_each_sdk(name: str) -> None:
    version = json.loads((PACKAGE / "node_modules" / name / "package.json").read_text())["version"]
    assert version.split(".")[0] == str(MAJORS[name])


def test_it_runs_on_node_22() -> None:
    assert run(["--version"], 10).startswith("v22.")


def test_its_own_tests_pass(ratebook_stack: Any, db: Connection, tmp_path: Path) -> None:
    rows = db.execute(
        "insert into auth.users (id) select gen_random_uuid() from generate_series(1, %s) returning id::text",
        [PEOPLE],
    ).fetchall()
    people = [
        {"id": row["id"], "token": ratebook_stack.token("authenticated", row["id"])} for row in rows
    ]
    said = run(
        ["node_modules/vitest/vitest.mjs", "run"],
        timeout=300,
        RATEBOOK_URL=ratebook_stack.url,
        RATEBOOK_ANON_KEY=ratebook_stack.anon_key,
        RATEBOOK_SERVICE_KEY=ratebook_stack.service_key,
        RATEBOOK_PEOPLE=json.dumps(people),
        RATEBOOK_CLAIMS=str(tmp_path),
    )
    assert "Test Files" in said
    assert " failed" not in said
