"""The pages of docs/schema as they are committed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools.project import REPOSITORY

SCHEMA = REPOSITORY / "docs" / "schema"


@pytest.fixture(scope="session")
def pages() -> dict[str, str]:
    """Path below docs/schema → text."""
    return {
        file.relative_to(SCHEMA).as_posix(): file.read_text()
        for file in sorted(Path(SCHEMA).rglob("*.md"))
    }


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what the reference is made from, and of the reference."""
    for folder in (
        *("sql", "policies", "migrations", "seeds", "supabase", "docs"),
        "js_client/src/generated",
    ):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder, symlinks=True)
    return tmp_path
