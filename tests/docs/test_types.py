"""The generated types: what TypeScript and pydantic make of them."""

from __future__ import annotations

import importlib
import subprocess
import typing
from pathlib import Path
from types import ModuleType, NoneType
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

import ratebook.types
from tools.project import NODE, REPOSITORY, node_package


def test_supabase_js_is_typed() -> None:
    tsc = node_package("typescript") / "bin" / "tsc"
    options = ["--noEmit", "--strict", "--target", "es2022", "--module", "esnext"]
    # The declarations of supabase-js want Node's and a browser's beside them.
    options += ["--moduleResolution", "bundler", "--skipLibCheck"]
    done = subprocess.run(
        [NODE, tsc, *options, Path(__file__).parent / "types.ts"],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.fixture
def generated(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """docs/types/database_types.py."""
    monkeypatch.syspath_prepend(REPOSITORY / "docs" / "types")
    return importlib.import_module("database_types")


def test_pydantic_reads_a_row(generated: ModuleType, ratebook_stack: Any) -> None:
    answer = httpx.get(
        f"{ratebook_stack.url}/rest/v1/models?key=eq.gpt-4o-mini",
        headers={"apikey": ratebook_stack.anon_key, "Accept-Profile": "ai"},
    )
    model = generated.AiModels.model_validate(answer.json()[0])
    assert (model.key, model.modality, model.max_tokens) == ("gpt-4o-mini", "text", 16000)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (ratebook.types.Provider, "AiProviders"),
        (ratebook.types.Model, "AiModels"),
        (ratebook.types.Price, "AiModelPricing"),
        (ratebook.types.Generation, "AiGenerations"),
    ],
)
def test_the_client_agrees_on_what_may_be_null(
    ours: type, theirs: str, generated: ModuleType
) -> None:
    columns: type[BaseModel] = getattr(generated, theirs)
    hints = typing.get_type_hints(ours)
    # Embedded rows are no columns; a price that is in force has an amount.
    for name in hints.keys() - {"provider", "aliases", "price_per_unit"}:
        nullable = NoneType in typing.get_args(columns.model_fields[name].annotation)
        assert nullable == (NoneType in typing.get_args(hints[name])), name
