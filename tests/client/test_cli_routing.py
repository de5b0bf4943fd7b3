"""`ratebook route|explain|catalogue|compare|history` against a real PostgREST."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import pytest

from tests.client.test_cli_registry import Run, bare, run, words
from tests.conftest import Connection

__all__ = ["bare", "run"]


@pytest.fixture
def feature(db: Connection) -> Iterator[str]:
    """A feature with a route to gpt-4o, and behind it one to gpt-4o-mini."""
    key = "t" + uuid4().hex[:12]
    db.execute("insert into ai.features (key) values (%s)", [key])
    for priority, model in enumerate(("gpt-4o", "gpt-4o-mini")):
        db.execute(
            "insert into ai.feature_model_policies (feature_key, model_id, priority)"
            " select %s, id, %s from ai.models where key = %s",
            [key, priority, model],
        )
    yield key
    db.execute("delete from ai.feature_model_policies where feature_key = %s", [key])
    db.execute("delete from ai.features where key = %s", [key])


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_route_as_a_table_as_json_and_as_csv(run: Run, feature: str) -> None:
    done = run("route", feature)
    assert (done.code, done.err) == (0, "")
    assert words(done.out) == [
        ["place", "model", "provider", "share", "credits", "why"],
        ["1", "gpt-4o", "openai", "100.0%", "priority", "0"],
        ["2", "gpt-4o-mini", "openai", "100.0%", "priority", "1"],
    ]
    asked = ("--usage", "input=1000", "--usage", "output=500")
    as_json = json.loads(run("route", feature, *asked, "--json").out)
    assert [(one["model"], one["cost"], one["credits"]) for one in as_json] == [
        ("gpt-4o", "0.0075", "9.75"),
        ("gpt-4o-mini", "0.00045", "0.585"),
    ]
    as_csv = rows(run("route", feature, *asked, "--max-cost", "0.001", "--csv").out)
    assert [(one["place"], one["model"], one["cost"]) for one in as_csv] == [
        ("1", "gpt-4o-mini", "0.00045")
    ]
    both = run("route", feature, "--json", "--csv")
    assert (both.code, "Choose --json or --csv" in both.err) == (2, True)


def test_nothing_fits_and_explain_says_why(run: Run, feature: str) -> None:
    done = run("route", feature, "--exclude-provider", "openai")
    assert (done.code, done.out) == (0, "No model fits: ratebook explain says why.\n")
    done = run("explain", feature, "--supports", "flying")
    assert words(done.out)[1:] == [
        ["-", "gpt-4o", "openai", "0", "1", "healthy", "supports"],
        ["-", "gpt-4o-mini", "openai", "1", "1", "healthy", "supports"],
    ]
    as_csv = rows(run("explain", feature, "--capability", "video_generation", "--csv").out)
    assert {one["reasons"] for one in as_csv} == {"capabilities"}
    unknown = run("route", "nope")
    assert (unknown.code, 'There is no feature called "nope"' in unknown.err) == (1, True)
    wrong = run("route", feature, "--usage", "input=1", "--max-cost", "much")
    assert (wrong.code, "'much' is not an amount" in wrong.err) == (2, True)


def test_the_catalogue_is_sorted_by_any_column(run: Run) -> None:
    done = run(
        "catalogue", "--provider", "openai", "--modality", "text", "--sort", "-input_per_million"
    )
    table = words(done.out)
    assert table[0] == [
        "key",
        "provider",
        "context",
        "in",
        "/",
        "1M",
        "out",
        "/",
        "1M",
        "image",
        "other",
        "currency",
    ]
    assert [line[0] for line in table[1:3]] == ["gpt-4o", "gpt-4.1"]
    assert table[1][3:5] == ["2.5", "10"]
    as_csv = rows(run("catalogue", "--provider", "openai", "--sort", "image_price", "--csv").out)
    assert [one["key"] for one in as_csv][:2] == ["dall-e-2", "dall-e-3"]
    assert as_csv[0]["image_price"] == "0.02"
    assert json.loads(as_csv[0]["prices"]) == {"image": "0.02"}
    assert as_csv[-1]["image_price"] == ""
    as_json = json.loads(run("catalogue", "--search", "mini affordable", "--json").out)
    assert [(one["key"], one["output_per_million"]) for one in as_json] == [("gpt-4o-mini", "0.6")]
    wrong = run("catalogue", "--sort", "price")
    assert (wrong.code, "There is no column 'price'" in wrong.err) == (2, True)


def test_models_are_compared_by_name_or_by_what_they_are(run: Run) -> None:
    usage = ("--usage", "input=1000", "--usage", "output=500")
    done = run("compare", "gpt-4o", "nope", "gpt-4o-mini", *usage)
    assert words(done.out) == [
        ["model", "provider", "cost", "currency", "credits"],
        ["gpt-4o-mini", "openai", "0.00045", "USD", "0.585"],
        ["gpt-4o", "openai", "0.0075", "USD", "9.75"],
        ["nope", "There", "is", "no", "model", "called", '"nope".'],
    ]
    everything = json.loads(
        run("compare", *usage, "--provider", "openai", "--modality", "text", "--json").out
    )
    assert everything[0]["model"] == "gpt-4o-mini"
    assert len(everything) == 5
    as_csv = rows(
        run("compare", "gpt-4o-mini", "--usage", '{"input": 1000, "output": 500}', "--csv").out
    )
    assert as_csv[0]["credits"] == "0.585"
    assert run("compare", "gpt-4o").code == 2


@pytest.fixture
def model(new_model: Callable[..., Any], db: Connection) -> str:
    """Input 5 in January 2026, nothing in February, 3 from March on; a picture 0.04."""
    name = str(new_model())
    for meter, price, date in (
        ("input", "0.000005", "2026-01-01Z"),
        ("input", None, "2026-02-01Z"),
        ("input", "0.000003", "2026-03-01Z"),
        ("image", "0.04", "2026-01-01Z"),
    ):
        db.execute(
            "insert into ai.model_pricing (model_id, meter, price_per_unit, withdrawn, effective_from)"
            " values (%s, %s, %s, %s, %s)",
            [name, meter, price, price is None, date],
        )
    return name


def test_a_history_as_a_table_as_json_and_as_csv(run: Run, model: str) -> None:
    assert words(run("history", model).out) == [
        ["meter", "price", "unit", "tier", "applies", "to", "from", "until", "source"],
        ["image", "0.04", "USD", "image", "standard", "2026-01-01", "manual"],
        ["input", "5", "USD", "1M", "tokens", "standard", "2026-01-01", "2026-02-01", "manual"],
        ["input", "3", "USD", "1M", "tokens", "standard", "2026-03-01", "manual"],
    ]
    as_json = json.loads(run("history", model, "--meter", "input", "--json").out)
    assert [step["price"] for step in as_json] == ["0.000005", "0.000003"]
    as_csv = rows(run("history", model, "--csv").out)
    assert [step["price_per_million"] for step in as_csv] == ["", "5", "3"]
    assert run("history", model, "--meter", "page").out == "It has had no public price.\n"


def test_a_history_is_drawn_in_the_terminal(run: Run, model: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = run("history", model, "--meter", "input", "--plot")
    assert done.code == 0
    assert model in done.out
    assert "input (USD/1M)" in done.out
    assert "2026-01-01" in done.out
    assert any("⠉" <= sign <= "⣿" for sign in done.out)
    assert "\x1b" not in done.out


def test_a_history_is_drawn_into_files(run: Run, model: str, tmp_path: Path) -> None:
    svg, png = tmp_path / "prices.svg", tmp_path / "prices.png"
    done = run("history", model, "--svg", str(svg), "--png", str(png))
    assert (done.code, done.out) == (0, "")
    assert ElementTree.parse(svg).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    refused = run("history", model, "--svg", str(tmp_path / "no" / "such.svg"))
    assert (refused.code, "cannot be written" in refused.err) == (1, True)
    nothing = run("history", model, "--meter", "page", "--plot")
    assert (nothing.code, "nothing to draw" in nothing.err) == (1, True)


def test_without_the_extra_a_drawing_says_what_to_install(
    run: Run, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "plotext", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    for how in ("--plot", "--svg=x.svg"):
        done = run("history", model, how)
        assert (done.code, "pip install 'ratebook[plots]'" in done.err) == (1, True)
