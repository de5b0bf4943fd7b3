"""`ratebook admin` against a real PostgREST."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from psycopg.types.json import Jsonb

from tests.client.test_cli_registry import Run, bare, words
from tests.conftest import Connection

__all__ = ["bare"]


@pytest.fixture
def run(bare: Run, ratebook_stack: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `ratebook admin ARGUMENTS` with the service key of the running stack."""
    monkeypatch.setenv("RATEBOOK_URL", ratebook_stack.url)
    monkeypatch.setenv("RATEBOOK_KEY", ratebook_stack.anon_key)
    monkeypatch.setenv("RATEBOOK_SERVICE_KEY", ratebook_stack.service_key)
    return lambda *arguments: bare("admin", *arguments)


@pytest.fixture
def model(new_model: Any) -> str:
    key = "m" + uuid4().hex[:12]
    new_model(key=key, name="Model", task="t" + uuid4().hex[:12])
    return key


def test_models_are_closed_and_opened(run: Run, model: str) -> None:
    done = run("deactivate", model)
    assert (done.code, done.err) == (0, "")
    assert words(done.out) == [
        ["key", "name", "status", "default", "active"],
        [model, "Model", "active"],
    ]
    (opened,) = json.loads(run("activate", model, "--json").out)
    assert (opened["key"], opened["is_active"]) == (model, True)


def test_an_unknown_model_is_named_and_nothing_happens(run: Run, model: str) -> None:
    done = run("deactivate", model, "no-such-model")
    assert (done.code, done.out) == (1, "")
    assert 'error: There is no model called "no-such-model". (PT404)' in done.err
    assert json.loads(run("activate", model, "--json").out)[0]["is_active"]


def test_a_default_is_set(run: Run, model: str) -> None:
    assert words(run("set-default", model).out)[1] == [model, "Model", "active", "yes", "yes"]
    refused = run("deactivate", model)
    assert refused.code == 1
    assert "and a default stays active. (PT409) Make another one the default first" in refused.err


def test_an_inactive_model_is_no_default(run: Run, model: str) -> None:
    run("deactivate", model)
    refused = run("set-default", model)
    assert refused.code == 1
    assert "is inactive and cannot be a default. (PT409) Activate it first" in refused.err


def test_a_price_changes_from_a_day_on(run: Run, bare: Run, model: str) -> None:
    done = run("price", model, "input", "0.15", "--per-million", "--from", "2025-01-01")
    assert (done.code, done.out, done.err) == (0, "Done.\n", "")
    assert run("price", model, "input", "0.00000015", "--from", "2025-01-01").out == (
        "That is its price at that time already.\n"
    )
    assert run("price", model, "input", "0.1", "--per-million", "--from", "2025-06-01").code == 0
    assert run("price", model, "input", "--withdraw", "--from", "2025-12-01").out == "Done.\n"
    for at, price in (("2025-05-31", "0.00000015"), ("2025-06-01", "0.0000001")):
        (found,) = json.loads(bare("prices", model, "--at", at, "--json").out)
        assert found["price_per_unit"] == price
    assert json.loads(bare("prices", model, "--json").out) == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("input",), "Give either an AMOUNT or --withdraw."),
        (("input", "1", "--withdraw"), "Give either an AMOUNT or --withdraw."),
        (("input", "cheap"), "'cheap' is not an amount"),
        (("input", "NaN"), "'NaN' is not an amount"),
        (("input", "1", "--from", "tomorrow"), "'tomorrow' is not a time"),
    ],
)
def test_what_is_no_price_is_refused(
    run: Run, model: str, arguments: tuple[str, ...], complaint: str
) -> None:
    done = run("price", model, *arguments)
    assert (done.code, done.out) == (2, "")
    assert complaint in " ".join(done.err.replace("│", " ").split())


def test_what_the_database_refuses_is_said(run: Run, model: str) -> None:
    done = run("price", model, "inptu", "1")
    assert (done.code, done.out) == (1, "")
    assert 'There is no meter called "inptu". (PT422)' in done.err


def test_a_model_is_retired_and_another_merged(run: Run, new_model: Any) -> None:
    old, new, twin = ("m" + uuid4().hex[:12] for _ in range(3))
    for key in (old, new, twin):
        new_model(key=key, name="Model")
    assert words(run("retire", old, "--successor", new, "--no-reroute").out)[1] == [
        old,
        "Model",
        "retired",
    ]
    assert words(run("merge", twin, new).out)[1] == [new, "Model", "active", "yes"]
    for name in (old, twin):
        assert run("retire", new, "--successor", name).code == 1


def bring(db: Connection, source: str, provider: str, *keys: str, price: str = "0.000001") -> Any:
    """Import one price a model, past the command line; what it reports."""
    models = [
        {
            "provider": provider,
            "provider_model_key": key,
            "name": key,
            "prices": [{"meter": "input", "price": price}, {"meter": "output", "price": price}],
        }
        for key in keys
    ]
    row = db.execute(
        "select ai.import_catalogue(%s, %s) as report", [source, Jsonb(models)]
    ).fetchone()
    assert row is not None
    return row["report"]


@pytest.fixture
def made(db: Connection, new_model: Any) -> dict[str, str]:
    """A model that a person made, with a price of its own, and its provider."""
    key = "m" + uuid4().hex[:12]
    model = new_model(key=key, name="Model", provider_model_key=key)
    db.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit, is_pinned) values (%s, 'input', 7, false)",
        [model],
    )
    row = db.execute(
        "select p.key from ai.models as m inner join ai.providers as p on p.id = m.provider_id where m.id = %s",
        [model],
    ).fetchone()
    assert row is not None
    return {"key": key, "provider": row["key"]}


def test_a_model_follows_a_catalogue(run: Run, db: Connection, made: dict[str, str]) -> None:
    key, source = made["key"], "s" + uuid4().hex[:12]
    refused = run("follow", source, key)
    assert refused.code == 1
    assert f'error: "{key}" has no price of "{source}" now. (PT422)' in refused.err
    report = bring(db, source, made["provider"], key)
    assert report["own_prices"] == [{"model": key, "price_source": "manual", "missing": ["output"]}]
    # Without a name: all that people made and the source has prices of.
    done = run("follow", source)
    assert (done.code, done.err) == (0, "")
    assert words(done.out)[1:] == [[key, "Model", "active", "yes"]]
    assert run("follow", source).out == f"No model follows {source} that did not before.\n"
    assert json.loads(run("follow", source, "--json").out) == []
    assert bring(db, source, made["provider"], key)["own_prices"] == []


def test_prices_set_by_hand_are_pinned_moved_and_given_back(
    run: Run, bare: Run, db: Connection, made: dict[str, str]
) -> None:
    key = made["key"]
    one, two = ("s" + uuid4().hex[:12] for _ in range(2))
    for source in (one, two):
        bring(db, source, made["provider"], key)
    run("follow", one, key)
    assert run("price", key, "input", "2", "--per-million").out == "Done.\n"
    (pinned,) = bring(db, one, made["provider"], key)["pinned"]
    assert (pinned["price"], pinned["in_force"]) == ("0.000001", "0.000002")
    refused = run("follow", two, key)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        f"error: Prices that people set are pinned: of {key}. Say --move-pins or --leave-pins.\n"
    )
    assert run("follow", two, key, "--move-pins").code == 0
    found = {row["meter"]: row for row in json.loads(bare("prices", key, "--json").out)}
    assert [
        (found[meter]["price_per_unit"], found[meter]["source"], found[meter]["is_pinned"])
        for meter in ("input", "output")
    ] == [("0.000002", two, True), ("0.000001", two, False)]
    assert run("unpin", key, "output").out == "Nothing was pinned.\n"
    assert run("unpin", key).out == "1 price unpinned.\n"
    assert json.loads(run("unpin", key, "--json").out) == {"price_ids": []}
    assert bring(db, two, made["provider"], key)["prices"]["changed"] == 1


def test_prices_set_by_hand_may_stay_behind(run: Run, db: Connection, made: dict[str, str]) -> None:
    key, source = made["key"], "s" + uuid4().hex[:12]
    bring(db, source, made["provider"], key)
    run("price", key, "input", "6")
    assert run("follow", source, key, "--leave-pins").code == 0
    assert bring(db, source, made["provider"], key)["pinned"] == []


def test_prices_are_exported_as_csv(run: Run, model: str, tmp_path: Path) -> None:
    run("price", model, "input", "0.00000015", "--from", "2025-01-01")
    done = run("export-prices")
    assert (done.code, done.err) == (0, "")
    lines = {(line["model"], line["meter"]): line for line in csv.DictReader(io.StringIO(done.out))}
    assert lines[model, "input"] == {
        "model": model,
        "name": "Model",
        "provider": lines[model, "input"]["provider"],
        "is_active": "true",
        "meter": "input",
        "unit_type": "tokens",
        "price_per_unit": "0.00000015",
        "currency": "USD",
        "service_tier": "standard",
        "variant": "",
        "region": "",
        "context_threshold": "",
        "threshold_inclusive": "false",
        "tier_mode": "whole_request",
        "window_start": "",
        "window_end": "",
        "window_days": "",
        "window_time_zone": "",
        "effective_from": "2025-01-01T00:00:00+00:00",
        "source": "manual",
        "is_public": "true",
    }
    assert lines["gpt-4o-mini", "input"]["price_per_unit"] == "0.00000015"

    file = tmp_path / "prices.csv"
    written = run("export-prices", "--output", str(file))
    assert (written.code, written.out) == (0, "")
    assert written.err == f"{len(lines):,} prices in {file}\n"
    assert file.read_text() == done.out
    assert run("export-prices", "--at", "2024-01-01").out.count("\n") == 1
    as_json = json.loads(run("export-prices", "--json").out)
    assert {"model": model, "price_per_unit": "0.00000015"}.items() <= next(
        row for row in as_json if row["model"] == model
    ).items()
    assert run("export-prices", "--output", str(tmp_path)).code == 1


def test_the_history_says_who_changed_what(
    run: Run, model: str, db: Connection, ratebook_stack: Any, new_user: Any
) -> None:
    db.execute("update ai.models set name = 'Direct' where key = %s", [model])
    admin: UUID = new_user("admin")
    token = ratebook_stack.token("authenticated", str(admin))
    run("deactivate", model, "--key", token)
    run("price", model, "input", "1")
    lines = run("history", "--model", model).out.splitlines()
    shown = [" ".join(line.split()[2:]) for line in lines[1:]]
    assert shown[0].startswith("service_role INSERT ai.model_pricing ")
    assert shown[0].endswith(" meter: input, price_per_unit: 1")
    assert shown[1].startswith(f"{admin} UPDATE ai.models ")
    assert shown[1].endswith(" is_active: true → false")
    assert shown[2].startswith("postgres UPDATE ai.models ")
    assert shown[2].endswith(" name: Model → Direct")
    assert shown[3].startswith("postgres INSERT ai.models ")
    assert len(shown) == 4

    (newest,) = json.loads(run("history", "--table", "ai.models", "--limit", "1", "--json").out)
    assert newest["subject"] == str(admin)
    assert (newest["before"]["is_active"], newest["after"]["is_active"]) == (True, False)


def test_the_history_says_who_moved_whose_credits(
    run: Run, new_user: Any, ratebook_stack: Any
) -> None:
    user, account = str(new_user("admin")), str(new_user())
    key = ratebook_stack.token("authenticated", user)
    granted = httpx.post(
        f"{ratebook_stack.url}/rest/v1/rpc/grant_credits",
        json={"account": account, "amount": "5", "source": "gift"},
        headers={"Authorization": f"Bearer {key}", "Content-Profile": "billing"},
    )
    assert granted.is_success
    done = run("history", "--table", "billing.grants", "--limit", "1", "--key", key)
    line = " ".join(done.out.split())
    assert f"{user} CALL billing.grant_credits {granted.json()['grant_id']}" in line
    assert f"amount: 5, account: {account}, source: gift" in line


def test_the_history_of_a_retired_model_is_its_own(run: Run, model: str) -> None:
    run("retire", model, "--successor", "gpt-4o-mini")
    (newest, *_) = json.loads(run("history", "--model", model, "--json").out)
    assert newest["after"]["status"] == "retired"


def test_others_are_refused_and_told_what_it_needs(
    run: Run, model: str, ratebook_stack: Any, new_user: Any
) -> None:
    user = ratebook_stack.token("authenticated", str(new_user()))
    for key in (ratebook_stack.anon_key, user):
        done = run("deactivate", model, "--key", key)
        assert (done.code, done.out) == (1, "")
        assert "Use the service key or an admin's token." in done.err
    assert run("history", "--key", ratebook_stack.anon_key).code == 1


def test_every_command_has_help(run: Run) -> None:
    shown = run("--help").out
    for command in (
        *("activate", "deactivate", "set-default", "price", "retire", "merge"),
        *("export-prices", "history"),
    ):
        assert command in shown
        done = run(command, "--help")
        assert (done.code, done.err) == (0, "")
        assert "Usage" in done.out
