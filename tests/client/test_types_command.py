"""`ratebook types` on a database that has the schema."""

from __future__ import annotations

import importlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ratebook.cli import app
from ratebook.errors import RatebookError
from tools.project import REPOSITORY


def test_types_of_the_installed_schema(
    ratebook_stack: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)  # where node_modules has the Supabase CLI
    for language in ("ts", "py"):
        arguments = ["types", language, ratebook_stack.dsn, "--into", str(tmp_path / language)]
        done = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    written = (tmp_path / "ts/ratebook.types.ts").read_text()
    assert "cut_hold" in written
    assert '"model_pricing"' in written or "model_pricing: {" in written
    exact = (tmp_path / "ts/ratebook.exact.ts").read_text()
    assert "    holds: ['amount']," in exact
    assert "    charges: ['credits']," in exact
    # The module is Python, and its money is exact.
    path = tmp_path / "py/ratebook_types.py"
    assert ": float" not in path.read_text()
    monkeypatch.syspath_prepend(path.parent)
    module = importlib.import_module("ratebook_types")
    assert module.BillingHolds.model_fields["amount"].annotation is Decimal


def test_a_database_without_ratebook(ratebook_stack: Any, tmp_path: Path) -> None:
    dsn = ratebook_stack.dsn.replace("/postgres?", "/template1?")
    with pytest.raises(RatebookError, match="no Ratebook"):
        CliRunner().invoke(app, ["types", "ts", dsn], catch_exceptions=False)
