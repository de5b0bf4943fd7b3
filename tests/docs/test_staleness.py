"""`python -m tools.reference --check` against pages that are not what the database says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.project import REPOSITORY, Project
from tools.reference import __main__ as reference
from tools.reference.__main__ import main


def test_stale_pages_are_named_and_written_anew(
    copy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = next((copy / "sql").rglob("*_table_features.sql"))
    was = "comment on column ai.features.is_active is 'Whether it may be used.'"
    assert was in table.read_text()
    table.write_text(table.read_text().replace(was, was.replace("used", "asked for")))
    schema = copy / "docs" / "schema"
    cache = copy / "docs" / "types" / "__pycache__"  # of whoever imported the types
    cache.mkdir(exist_ok=True)
    (cache / "database_types.pyc").write_bytes(b"\xff")
    (schema / "ai" / "meters.md").unlink()
    # The database of the three calls below is one, built once: `make lint` builds it again.
    made = reference.generated(Project(copy))
    monkeypatch.setattr(reference, "generated", lambda _: made)
    (schema / "ai" / "wishes.md").write_text("# `ai.wishes`\n")

    assert main(["--root", str(copy), "--check"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"docs/schema/ai/{name}.md is not what the database says: run `make docs`."
        for name in ("features", "meters", "wishes")
    ]

    assert main(["--root", str(copy)]) == 0
    assert "| Whether it may be asked for. |" in (schema / "ai" / "features.md").read_text()
    assert (schema / "ai" / "meters.md").read_text() == (
        REPOSITORY / "docs" / "schema" / "ai" / "meters.md"
    ).read_text()
    assert not (schema / "ai" / "wishes.md").exists()
    assert main(["--root", str(copy), "--check"]) == 0
