"""`ratebook usage|statement|forecast|whatif` against a real PostgREST."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest

from ratebook import Forecast, UsageBucket
from ratebook.cli import plots, reports
from tests.client.test_cli_registry import Run, bare, words
from tests.conftest import Connection

__all__ = ["bare"]


@pytest.fixture
def service(bare: Run, ratebook_stack: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs commands with the service key in the environment."""
    monkeypatch.setenv("RATEBOOK_URL", ratebook_stack.url)
    monkeypatch.setenv("RATEBOOK_SERVICE_KEY", ratebook_stack.service_key)
    return bare


@pytest.fixture
def ada(service: Run, new_user: Callable[..., UUID]) -> str:
    """Somebody who was granted 10 credits, and spent 0.585 of them twice."""
    user = str(new_user())
    assert service("wallet", "grant", user, "10").code == 0
    for _ in range(2):
        usage = ("input=1000", "output=500")
        assert service("wallet", "charge", user, "gpt-4o-mini", *usage).code == 0
    return user


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def is_drawing(text: str) -> bool:
    return "\x1b" not in text and any("⠉" <= sign <= "⣿" for sign in text)


def test_usage_as_a_table_as_json_and_as_csv(service: Run, ada: str, ratebook_stack: Any) -> None:
    today = datetime.now(UTC).date().isoformat()
    done = service("usage", "--owner", ada, "--by", "model")
    assert (done.code, done.err) == (0, "")
    head, line = words(done.out)
    assert head == [
        *("from", "model", "requests", "failed", "credits", "refunded"),
        *("p50", "p95", "cost", "margin"),
    ]
    assert line == [today, "gpt-4o-mini", "2", "0", "1.17", "0", "0.0009", "USD", "0.27"]
    own = ("--key", ratebook_stack.token("authenticated", ada))
    assert words(service("usage", *own).out)[1] == [today, "2", "0", "1.17", "0"]
    (as_json,) = json.loads(service("usage", *own, "--bucket", "hour", "--json").out)
    assert (as_json["net"], as_json["quantities"]) == ("1.17", {"input": "2000", "output": "1000"})
    (as_csv,) = rows(service("usage", *own, "--by", "model", "--csv").out)
    assert (as_csv["key"], as_csv["credits"], as_csv["cost"]) == ("gpt-4o-mini", "1.17", "")
    assert service("usage", *own, "--until", "2020-01-01").out == "Nothing was used.\n"
    refused = service("usage", *own, "--owner", str(UUID(int=1)))
    assert (refused.code, "admins" in refused.err) == (1, True)


def test_usage_is_drawn(service: Run, ada: str, tmp_path: Path) -> None:
    asked = ("usage", "--owner", ada, "--by", "model", "--bucket", "hour")
    svg, png = tmp_path / "usage.svg", tmp_path / "usage.png"
    done = service(*asked, "--plot", "--svg", str(svg), "--png", str(png))
    assert done.code == 0
    assert is_drawing(done.out)
    assert "gpt-4o-mini" in done.out
    assert ElementTree.parse(svg).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert service(*asked, "--plot", "--measure", "requests").code == 0
    for wrong in ("colour", "key", "quantities"):
        assert service(*asked, "--plot", "--measure", wrong).code == 2
    nothing = service("usage", "--owner", str(UUID(int=1)), "--plot")
    assert (nothing.code, "nothing to draw" in nothing.err) == (1, True)


def test_a_statement_is_the_wallets_and_draws_the_balance(service: Run, ada: str) -> None:
    lines = words(service("statement", ada).out)
    assert [line[0:1] + line[3:] for line in lines[1:]] == [
        ["1", "grant", "10", "10"],
        ["2", "charge", "-0.585", "9.415", "gpt-4o-mini"],
        ["3", "charge", "-0.585", "8.83", "gpt-4o-mini"],
    ]
    done = service("statement", ada, "--plot", "--bucket", "week")
    assert (done.code, is_drawing(done.out)) == (0, True)
    refused = service("statement", ada, "--plot", "--bucket", "year")
    assert (refused.code, "no such bucket" in refused.err) == (1, True)


def test_a_month_is_forecast(service: Run, ada: str) -> None:
    done = service("forecast", "--owner", ada, "--time-zone", "Asia/Kathmandu")
    assert (done.code, done.err) == (0, "")
    assert [line[:3] for line in words(done.out)[1:]] == [
        ["credits", "1.17", "An"],
        ["cost", "(USD)", "0.0009"],
    ]
    as_json = json.loads(service("forecast", "--owner", ada, "--json").out)
    assert [(one["measure"], one["expected"]) for one in as_json] == [
        ("credits", None),
        ("cost", None),
    ]
    (as_csv, _) = rows(service("forecast", "--owner", ada, "--csv").out)
    assert (as_csv["so_far"], as_csv["low"]) == ("1.17", "")
    nothing = service("forecast", "--owner", ada, "--plot")
    assert (nothing.code, "too short a history" in nothing.err) == (1, True)
    assert service("forecast", "--confidence", "2").code == 1


def test_a_forecast_is_drawn_from_what_came_so_far() -> None:
    start, end = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    month = Forecast(
        starts_at=start, ends_at=end, measure="credits", currency=None, so_far=Decimal(5), expected=Decimal(40),
        low=Decimal(30), high=Decimal(50), confidence=Decimal("0.8"), days_of_history=40, reason=None,
    )  # fmt: skip
    nothing: dict[str, Any] = dict.fromkeys(
        ("id", "key", "latency_p50", "latency_p95", "latency_error", "cost", "margin")
    )
    days = [
        UsageBucket(
            starts_at=start + timedelta(days=day), ends_at=start + timedelta(days=day + 1), requests=1, failures=0,
            charges=1, quantities={}, credits=net, refunded=Decimal(0), net=net, **nothing,
        )
        for day, net in ((0, Decimal(2)), (2, Decimal(3)))
    ]  # fmt: skip
    now = (datetime(2026, 3, 4, tzinfo=UTC), 5.0)
    lines = reports._forecast_lines(month, days)
    assert lines == [
        ("so far", [(start, 0.0), (datetime(2026, 3, 2, tzinfo=UTC), 2.0), now]),
        ("expected", [now, (end, 40.0)]),
        ("at least", [now, (end, 30.0)]),
        ("at most", [now, (end, 50.0)]),
    ]
    assert "at most" in plots.in_terminal("credits of this month", lines)


def test_a_what_if_is_told_before_and_after(
    service: Run, ada: str, ratebook_stack: Any, db: Connection
) -> None:
    row = db.execute(
        "select min(created_at) as since, max(created_at) as until from ai.generations where lenser_id = %s",
        [ada],
    ).fetchone()
    assert row is not None
    until = row["until"] + timedelta(microseconds=1)
    period = ("--since", row["since"].isoformat(), "--until", until.isoformat())
    done = service("whatif", *period, "--margin", "0", "--by", "model")
    assert words(done.out)[1:] == [
        ["as", "it", "was", "gpt-4o-mini", "2", "0.0009", "USD", "1.17", "0"],
        ["as", "if", "gpt-4o-mini", "2", "0.0009", "USD", "0.9", "0"],
    ]
    (as_json,) = json.loads(service("whatif", *period, "--model", "gpt-4o", "--json").out)
    assert (as_json["cost"], as_json["credits"]) == ("0.015", "19.5")
    (as_csv,) = rows(service("whatif", *period, "--csv").out)
    assert (as_csv["generations"], as_csv["credits"]) == ("2", "1.17")
    drawn = service("whatif", *period, "--by", "day", "--margin", "0", "--plot")
    assert (drawn.code, is_drawing(drawn.out), "as if" in drawn.out) == (0, True, True)

    priced = ("whatif", *period, "--of", "gpt-4o-mini", "--price")
    assert words(service(*priced, "input=0.000001").out)[1:] == [
        ["before", "2", "0.0009", "USD", "1.17", "0"],
        ["after", "2", "0.0026", "USD", "3.38", "0"],
    ]
    (preview,) = json.loads(service(*priced, "input=none", "--json").out)
    assert (preview["without_cost_after"], preview["credits_after"]) == (2, "0")
    for wrong in (("input",), ("input=x",), ("input=1", "--by", "day")):
        assert service(*priced, *wrong).code == 2
    assert service("whatif", "--of", "gpt-4o-mini").code == 2
    assert service("whatif", *period, "--by", "model", "--plot").code == 2
    own = ("--key", ratebook_stack.token("authenticated", ada))
    assert service("whatif", *period, *own).code == 1


def test_without_the_extra_a_drawing_says_what_to_install(
    service: Run, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "plotext", None)
    done = service("usage", "--owner", ada, "--plot")
    assert (done.code, "pip install 'ratebook[plots]'" in done.err) == (1, True)
