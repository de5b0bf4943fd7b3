"""`ratebook evaluation …` against a real PostgREST."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree

import pytest

from tests.client.test_cli_registry import Result, Run, words
from tests.client.test_cli_registry import bare as bare  # noqa: PLC0414 - a fixture
from tests.conftest import Connection

As = Callable[..., Result]


@pytest.fixture
def run(bare: Run, ratebook_stack: Any, monkeypatch: pytest.MonkeyPatch) -> As:
    """Runs `ratebook evaluation ARGUMENTS` with the service key, or with the token of `sub`."""
    for name in ("RATEBOOK_SERVICE_KEY", "SUPABASE_SERVICE_ROLE_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RATEBOOK_URL", ratebook_stack.url)

    def evaluation(*arguments: str, sub: UUID | None = None) -> Result:
        key = ratebook_stack.service_key
        if sub is not None:
            key = ratebook_stack.token("authenticated", str(sub))
        return bare("evaluation", *arguments, "--key", key)

    return evaluation


def facts(done: Result) -> dict[str, str]:
    assert (done.code, done.err) == (0, "")
    return {line.split()[0]: line.split()[1] for line in done.out.splitlines()}


def test_an_evaluation_from_end_to_end(  # noqa: PLR0915 - one story
    run: As,
    new_user: Callable[..., UUID],
    db: Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner, judge = new_user(), new_user()
    db.execute("select billing.grant_credits(%s, 100)", [owner])
    who = ("--contender", "small=gpt-4o-mini", "--contender", "gpt-4o")
    judges = ("--judge", "gpt-5.1", "--judge", f"Judy=person:{judge}")
    made = facts(run("create", "Answers", *who, *judges, "--lenser", str(owner)))
    assert (made["state"], made["visibility"]) == ("open", "private")
    again = run("create", "Answers", *who, *judges, "--lenser", str(owner), "--json")
    assert json.loads(again.out)["id"] == made["evaluation"]
    started = facts(run("run", made["evaluation"], "one"))
    assert started["state"] == "running"

    pays = ("--account", str(owner), "--usage", "input=1000", "--usage", "output=500")
    ids = {}
    for contender in ("small", "gpt-4o"):
        arguments = (started["run"], contender, "a", *pays, "--output", contender)
        submitted = facts(run("submit", *arguments))
        assert facts(run("submit", *arguments)) == submitted
        ids[contender] = submitted["submission"]
    # 0.585 and 9.75 credits, by the prices of the seeds.
    assert submitted["available"] == "89.665"
    refused = run("submit", started["run"], "small", "a", *pays, "--output", "other")
    assert (refused.code, "with other content" in refused.err) == (1, True)

    scored = json.loads(
        run("score", ids["small"], "7", "--judge", "gpt-5.1", *pays[:4], "--json").out
    )
    assert (scored["value"], scored["credits"]) == ("7", "1.625")
    assert run("score", ids["gpt-4o"], "8.5", "--judge", "gpt-5.1", *pays[:4]).code == 0
    waiting = json.loads(run("to-score", "--json", sub=judge).out)
    assert {one["submission_id"] for one in waiting} == set(ids.values())
    assert facts(run("score", ids["small"], "1", "--rationale", "short", sub=judge)).keys() == {
        "score"
    }
    assert [line[0] for line in words(run("to-score", sub=judge).out)][1:] == ["Answers"]
    assert facts(run("run", made["evaluation"], "one", "--finish"))["state"] == "finished"
    both = run("run", made["evaluation"], "one", "--finish", "--cancel")
    assert (both.code, "Choose --finish or --cancel" in both.err) == (2, True)

    shown = words(run("leaderboard", made["evaluation"], sub=owner).out)
    assert shown[0] == ["place", "contender", "rating", "interval", "wins", "of", "mean", "scores"]
    # With x and -x: 1.5 = s(2x) + s(x), so x = 0.756.
    assert shown[1][:3] == ["1", "gpt-4o", "+0.76"]
    assert shown[2][:3] == ["2", "small", "-0.76"]
    assert [row[-4:] for row in shown[1:]] == [["1", "1", "8.5", "1"], ["0", "1", "4", "2"]]
    board = json.loads(run("leaderboard", made["evaluation"], "--json", sub=owner).out)
    assert [one["mean"] for one in board] == ["8.5", "4"]
    hidden = run("leaderboard", made["evaluation"], sub=judge)
    assert (hidden.code, "There is no evaluation" in hidden.err) == (1, True)
    cost = words(run("costs", made["evaluation"], sub=owner).out)
    assert cost[1:] == [
        ["small", "0.585", "1.625", "0", "2.21"],
        ["gpt-4o", "9.75", "1.625", "0", "11.375"],
        ["all", "13.585"],
    ]

    drawn = run("leaderboard", made["evaluation"], "--plot")
    assert drawn.code == 0, drawn.err
    assert "Rating, with 95 % intervals" in drawn.out
    assert drawn.out.index("gpt-4o") < drawn.out.index("small")
    svg, png = tmp_path / "ratings.svg", tmp_path / "ratings.png"
    assert run("leaderboard", made["evaluation"], "--svg", str(svg), "--png", str(png)).code == 0
    assert ElementTree.parse(svg).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    monkeypatch.setitem(sys.modules, "plotext", None)
    lacking = run("leaderboard", made["evaluation"], "--plot")
    assert (lacking.code, "pip install 'ratebook[plots]'" in lacking.err) == (1, True)

    changed = facts(
        run("change", made["evaluation"], "--visibility", "public", "--state", "closed", sub=owner)
    )
    assert (changed["state"], changed["visibility"]) == ("closed", "public")
    listed = words(run("list", sub=judge).out)
    assert ["Answers", "closed", "public"] in [row[:3] for row in listed]


def test_nothing_to_draw_and_what_is_refused(run: As, new_user: Callable[..., UUID]) -> None:
    owner = new_user()
    made = facts(
        run("create", "Alone", "--contender", "gpt-4o", "--judge", "gpt-5.1", "--draft", sub=owner)
    )
    assert made["state"] == "draft"
    refused = run("run", made["evaluation"], "one", sub=owner)
    assert (refused.code, "The evaluation is draft" in refused.err) == (1, True)
    nothing = run("leaderboard", made["evaluation"], "--plot", sub=owner)
    assert (nothing.code, "nothing to draw" in nothing.err) == (1, True)
    unknown = run("leaderboard", str(uuid4()), sub=owner)
    assert (unknown.code, "There is no evaluation" in unknown.err) == (1, True)
    profile = run("create", "Other", "--contender", "profile:none", sub=owner)
    assert (profile.code, 'no profile called "none"' in profile.err) == (1, True)
