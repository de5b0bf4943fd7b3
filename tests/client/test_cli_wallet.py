"""`ratebook wallet …` against a real PostgREST."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.client.test_cli_registry import Result, Run, words
from tests.client.test_cli_registry import bare as bare  # noqa: PLC0414 - a fixture
from tests.conftest import Connection


@pytest.fixture
def run(bare: Run, ratebook_stack: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `ratebook wallet ARGUMENTS` as the service role of the running stack."""
    for name in ("RATEBOOK_SERVICE_KEY", "SUPABASE_SERVICE_ROLE_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RATEBOOK_URL", ratebook_stack.url)
    monkeypatch.setenv("RATEBOOK_SERVICE_KEY", ratebook_stack.service_key)

    def wallet(*arguments: str) -> Result:
        return bare("wallet", *arguments)

    return wallet


@pytest.fixture
def ada(new_user: Callable[..., UUID]) -> str:
    return str(new_user())


def facts(done: Result) -> dict[str, str]:
    assert (done.code, done.err) == (0, "")
    return dict(line.rsplit(" ", 1) for line in done.out.splitlines())


def test_credits_come_in_and_are_seen(run: Run, ada: str) -> None:
    granted = facts(run("grant", ada, "100", "--source", "purchase", "--expires-at", "2100-01-01"))
    assert (granted["granted"], granted["available"]) == ("100", "100")
    assert facts(run("balance", ada)) == {
        "available": "100",
        "posted": "100",
        "reserved": "0",
        "overdraft limit": "0",
    }
    assert words(run("lots", ada).out) == [
        ["remaining", "amount", "reserved", "priority", "expires", "source", "id"],
        ["100", "100", "0", "0", "2100-01-01", "purchase", granted["lot"]],
    ]
    (lot,) = json.loads(run("lots", ada, "--json").out)
    assert (lot["id"], lot["remaining"]) == (granted["lot"], "100")
    assert json.loads(run("balance", ada, "--json").out)["available"] == "100"


def test_budgets_are_listed(run: Run, ada: str, db: Connection) -> None:
    db.execute(
        "insert into billing.budgets (lenser_id, period, time_zone, soft_limit, hard_limit)"
        " values (%(ada)s, 'week', 'Asia/Tokyo', 50.5, null), (%(ada)s, 'month', 'UTC', null, 100)",
        {"ada": ada},
    )
    assert words(run("budgets", ada).out) == [
        ["period", "time", "zone", "warns", "refuses", "active", "model", "feature"],
        ["week", "Asia/Tokyo", "50.5", "never", "yes", "all", "all"],
        ["month", "UTC", "never", "100", "yes", "all", "all"],
    ]
    listed = json.loads(run("budgets", ada, "--json").out)
    assert [(one["period"], one["time_zone"], one["soft_limit"]) for one in listed] == [
        ("week", "Asia/Tokyo", "50.5"),
        ("month", "UTC", None),
    ]


def test_the_same_event_and_the_same_key_count_once(run: Run, ada: str) -> None:
    for _ in range(2):
        run("grant", ada, "5", "--external-ref", ada)
        run("grant", ada, "7", "--idempotency-key", "k")
    assert facts(run("balance", ada))["posted"] == "12"


@pytest.mark.parametrize("form", ["words", "json", "file", "stdin"])
def test_a_usage_comes_in_every_form(
    run: Run, ada: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '{"input": 1000, "output": 500}'
    (tmp_path / "usage.json").write_text(text)
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    usage = {
        "words": ["input=1000", "output=500"],
        "json": [text],
        "file": ["@usage.json"],
        "stdin": ["-"],
    }[form]
    run("grant", ada, "10")
    charged = facts(run("charge", ada, "gpt-4o-mini", *usage))
    assert charged["charged"] == "0.585"
    assert charged["available"] == "9.415"


def test_a_providers_own_usage_is_charged_by_its_format(run: Run, ada: str, tmp_path: Path) -> None:
    (tmp_path / "usage.json").write_text('{"prompt_tokens": 1000, "completion_tokens": 500}')
    run("grant", ada, "10")
    done = run("charge", ada, "gpt-4o-mini", "@usage.json", "--format", "openai_chat", "--json")
    charged = json.loads(done.out)
    assert (charged["credits"], charged["cost"], charged["balance"]["available"]) == (
        "0.585",
        "0.00045",
        "9.415",
    )


def test_a_hold_is_captured_or_released(run: Run, ada: str) -> None:
    run("grant", ada, "10")
    held = facts(run("hold", ada, "5", "--model", "gpt-4o-mini", "--minutes", "2"))
    assert (held["held"], held["available"]) == ("5", "5")
    captured = facts(run("capture", held["hold"], "--usage", '{"input": 1000, "output": 500}'))
    assert (captured["charged"], captured["available"]) == ("0.585", "9.415")
    again = json.loads(
        run("hold", ada, "--model", "gpt-4o-mini", "--usage", "input=1000", "--json").out
    )
    assert (again["amount"], again["balance"]["reserved"]) == ("0.195", "0.195")
    for _ in range(2):
        released = facts(run("release", again["hold_id"]))
        assert released == {"released": again["hold_id"], "available": "9.415"}
    late = run("capture", again["hold_id"], "1")
    assert late.code == 1
    assert late.err.startswith("error: The hold was released. (PT409)")
    like = '{"usage": {"prompt_tokens": 1000, "total_tokens": 1000}}'
    expected = ("--model", "gpt-4o-mini", "--usage", like, "--format", "auto", "--json")
    assert json.loads(run("hold", ada, *expected).out)["amount"] == "0.195"


def test_a_charge_is_refunded_in_parts(run: Run, ada: str) -> None:
    run("grant", ada, "100")
    charge = facts(run("charge", ada, "dall-e-3", "image=1"))["charge"]
    part = facts(run("refund", charge, "2", "--reason", "blurred"))
    assert (part["refunded"], part["refunded in all"], part["available"]) == ("2", "2", "50")
    rest = json.loads(run("refund", charge, "--json").out)
    assert (rest["amount"], rest["refunded"]) == ("50", "52")
    assert run("refund", charge).code == 1


def test_every_command_takes_the_owner(run: Run, ada: str) -> None:
    for whose, code in ((ada, 0), (str(UUID(int=1)), 1)):
        assert run("grant", ada, "10", "--owner", whose).code == code
        assert run("balance", ada, "--owner", whose).code == code
        assert run("charge", ada, "gpt-4o-mini", "input=1000", "--owner", whose).code == code
        assert run("hold", ada, "1", "--owner", whose).code == code
    held, other = (facts(run("hold", ada, "1"))["hold"] for _ in range(2))
    charge = facts(run("charge", ada, "gpt-4o-mini", "input=1000"))["charge"]
    for whose, code in ((str(UUID(int=1)), 1), (ada, 0)):
        assert run("capture", held, "--owner", whose).code == code
        assert run("release", other, "--owner", whose).code == code
        assert run("refund", charge, "--owner", whose).code == code
    for command in ("statement", "lots"):
        assert len(json.loads(run(command, ada, "--owner", ada, "--json").out)) > 0
    assert json.loads(run("lots", ada, "--owner", str(UUID(int=1)), "--json").out) == []
    assert run("statement", ada, "--owner", str(UUID(int=1)), "--json").code == 1


def test_a_statement_is_a_table_csv_or_json(run: Run, ada: str) -> None:
    run("grant", ada, "100")
    charge = facts(run("charge", ada, "dall-e-3", "image=1"))["charge"]
    run("refund", charge, "2", "--reason", "it was blurred")
    lines = words(run("statement", ada).out)
    assert lines[0] == [
        "number",
        "time",
        "(UTC)",
        "kind",
        "amount",
        "balance",
        "model",
        "feature",
        "reason",
    ]
    assert [line[0:1] + line[3:] for line in lines[1:]] == [
        ["1", "grant", "100", "100"],
        ["2", "charge", "-52", "48", "dall-e-3"],
        ["3", "refund", "2", "50", "dall-e-3", "it", "was", "blurred"],
    ]
    newest = run("statement", ada, "--newest-first", "--limit", "2", "--csv").out
    rows = list(csv.DictReader(io.StringIO(newest)))
    assert [(row["number"], row["amount"], row["balance_after"]) for row in rows] == [
        ("3", "2", "50"),
        ("2", "-52", "48"),
    ]
    assert (rows[0]["charge_id"], rows[0]["reason"]) == (charge, "it was blurred")
    assert (rows[0]["model"], rows[0]["usage"]) == ("dall-e-3", '{"image": "1"}')
    since = rows[1]["created_at"]
    (entry, _) = json.loads(run("statement", ada, "--since", since, "--json").out)
    assert (entry["number"], entry["amount"]) == (2, "-52")
    assert len(words(run("statement", ada, "--until", since).out)) == 2
    at = facts(run("balance", ada, "--at", since))
    assert at["posted"] == "48"


def test_the_check_names_what_is_broken_and_fails(run: Run, ada: str, db: Connection) -> None:
    run("grant", ada, "10")
    done = run("check")
    assert (done.code, done.err) == (0, "")
    assert ["posted_is_the_sum_of_the_ledger", "ok"] in words(done.out)
    db.execute("update billing.accounts set posted = posted + 1 where id = %s", [ada])
    try:
        broken = run("check")
        assert broken.code == 1
        assert any(
            line[:2] == ["posted_is_the_sum_of_the_ledger", "error"] and f"{ada}" in " ".join(line)
            for line in words(broken.out)
        )
        as_json = run("check", "--json")
        assert as_json.code == 1
        assert "error" in {check["severity"] for check in json.loads(as_json.out)}
        part = run("check", "--from", ada, "--to", ada)
        assert (part.code, ada in part.out) == (1, True)
        elsewhere = run("check", "--from", "ffffffff-0000-4000-8000-000000000000")
        assert (elsewhere.code, ada in elsewhere.out) == (0, False)
        assert run("check", "--since", "2026-01-01").code == 1
    finally:
        db.execute("update billing.accounts set posted = posted - 1 where id = %s", [ada])
    late = run("check", "--since", "2999-01-01")
    assert (late.code, "before now" in late.err) == (1, True)


def test_an_admins_token_does_what_admins_may(
    run: Run, ada: str, new_user: Callable[..., UUID], ratebook_stack: Any
) -> None:
    user = str(new_user("admin"))
    key = ("--key", ratebook_stack.token("authenticated", user))
    granted = facts(run("grant", ada, "10", "--source", "gift", *key))
    assert granted["available"] == "10"
    charge = facts(run("charge", ada, "gpt-4o-mini", "input=1000", "output=500"))["charge"]
    refunded = facts(run("refund", charge, "0.5", "--reason", "slow", *key))
    assert (refunded["refunded"], refunded["available"]) == ("0.5", "9.915")
    assert facts(run("balance", ada, *key))["posted"] == "9.915"
    assert run("check", "--from", ada, "--to", ada, *key).code == 0
    refused = run("charge", ada, "gpt-4o-mini", "input=1", *key)
    assert (refused.code, "The wallet needs the service key." in refused.err) == (1, True)
    nobody = run("grant", ada, "10", "--key", ratebook_stack.token("authenticated", ada))
    assert nobody.code == 1
    assert nobody.err.startswith("error: This is for admins and the service role. (42501)")


def test_a_sweep_says_how_many_accounts_it_settled(run: Run) -> None:
    done = run("sweep", "--at-most", "10")
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(" accounts were settled.\n")


def test_a_soft_limit_warns_on_standard_error(run: Run, ada: str, db: Connection) -> None:
    run("grant", ada, "100")
    db.execute(
        "insert into billing.budgets (lenser_id, period, soft_limit) values (%s, 'day', 50)", [ada]
    )
    done = run("charge", ada, "dall-e-3", "image=1")
    assert done.code == 0
    assert done.err == "warning: 52 credits are spent this day; the soft limit is 50.\n"


def test_a_refusal_is_one_sentence(run: Run, ada: str, ratebook_stack: Any) -> None:
    run("grant", ada, "10")
    for arguments, says in (
        (["hold", ada, "11"], "The account has 10 credits and needs 11. (PT402)"),
        (["grant", ada, "NaN"], "Amount is out of range. (PT422)"),
        (["balance", str(uuid4())], "There is no account "),
        (["release", str(uuid4())], "There is no hold "),
        (["refund", str(uuid4())], "There is no charge "),
        (["charge", ada, "no-such-model", "input=1"], "There is no model "),
        (["charge", ada, "gpt-4o-mini", "input=1", "--lenser", str(uuid4())], "This lenser may"),
    ):
        done = run(*arguments)
        assert (done.code, done.out) == (1, ""), arguments
        assert done.err.startswith(f"error: {says}")
        assert done.err.count("\n") == 1
    anon = run("grant", ada, "1", "--key", ratebook_stack.anon_key)
    assert anon.code == 1
    assert anon.err.endswith("The wallet needs the service key.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such-command"],
        ["balance"],
        ["balance", "ada"],
        ["balance", str(UUID(int=1)), "--at", "yesterday"],
        ["grant", str(UUID(int=1)), "much"],
        ["charge", str(UUID(int=1)), "gpt-4o-mini"],
        ["charge", str(UUID(int=1)), "gpt-4o-mini", "input"],
        ["charge", str(UUID(int=1)), "gpt-4o-mini", "@no-such-file.json"],
        ["charge", str(UUID(int=1)), "gpt-4o-mini", "{input: 1}"],
        ["charge", str(UUID(int=1)), "gpt-4o-mini", "@list.json"],
        ["charge", str(UUID(int=1)), "gpt-4o-mini", "@binary.json"],
        ["hold", str(UUID(int=1)), "5", "--minutes", "0"],
        ["statement", str(UUID(int=1)), "--csv", "--json"],
        ["statement", str(UUID(int=1)), "--limit", "0"],
        ["sweep", "--at-most", "0"],
    ],
)
def test_a_mistake_of_the_user_has_exit_code_2(
    run: Run, arguments: list[str], tmp_path: Path
) -> None:
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe")
    done = run(*arguments)
    assert done.code == 2
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "command",
    [
        *("balance", "grant", "charge", "hold", "capture", "release", "refund"),
        *("statement", "lots", "budgets", "sweep", "check"),
    ],
)
def test_every_command_says_what_it_takes(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert done.code == 0
    assert "--url" in done.out


def test_an_estimate_is_settled(run: Run, ada: str) -> None:
    run("grant", ada, "10")
    charge = facts(run("charge", ada, "gpt-4o-mini", "input=10000", "--estimated"))["charge"]
    settled = facts(run("settle", charge, "--usage", "input=1000", "--usage", "output=500"))
    assert (settled["charged"], settled["difference"]) == ("0.585", "-1.365")
    assert settled["available"] == "9.415"
    again = json.loads(
        run("settle", charge, "--usage", "input=1000", "--usage", "output=500", "--json").out
    )
    assert (again["credits"], again["estimate_id"]) == ("0.585", charge)
    late = run("settle", charge, "1")
    assert (late.code, late.err[:46]) == (1, "error: The charge was settled already. (PT409)")


def test_a_reported_cost_is_charged(run: Run, ada: str) -> None:
    run("grant", ada, "10")
    charged = json.loads(
        run("charge", ada, "gpt-4o-mini", "--reported-cost", "0.0005", "--json").out
    )
    assert (charged["credits"], charged["cost"]) == ("0.65", "0.0005")
    held = facts(run("hold", ada, "1", "--model", "gpt-4o-mini"))["hold"]
    assert facts(run("capture", held, "--reported-cost", "0.0002"))["charged"] == "0.26"
    assert run("charge", ada, "gpt-4o-mini").code == 2
    assert run("charge", ada, "gpt-4o-mini", "--reported-cost", "much").code == 2
    assert run("charge", ada, "gpt-4o-mini", "--reported-cost", "NaN").code == 1


def test_a_payment_is_taken_back(run: Run, ada: str) -> None:
    run("grant", ada, "100", "--source", "purchase", "--external-ref", ada)
    run("charge", ada, "dall-e-3", "image=1")
    done = facts(
        run("revoke", "--source", "purchase", "--payment", ada, "--external-ref", f"dispute {ada}")
    )
    assert (done["taken back"], done["from its lot"], done["held"], done["owed"]) == (
        "100",
        "48",
        "0",
        "52",
    )
    assert done["available"] == "-52"
    again = json.loads(run("revoke", done["lot"], "--external-ref", f"dispute {ada}", "--json").out)
    assert (again["amount"], again["owed"]) == ("100", "52")
    assert run("revoke", done["lot"]).code == 1
    assert run("revoke").code == 1


def test_credits_move(run: Run, ada: str, new_user: Callable[..., UUID]) -> None:
    bob = str(new_user())
    run("grant", ada, "10", "--starts-at", "2100-01-01")
    assert facts(run("balance", ada))["upcoming"] == "10"
    run("grant", ada, "10")
    moved = facts(
        run("move", ada, bob, "4", "--reason", "a present", "--owner", ada, "--to-owner", bob)
    )
    assert moved == {"moved": "4", "lots": "1", "available": "6", "available there": "4"}
    assert json.loads(run("move", ada, bob, "1", "--json").out)["to_balance"]["available"] == "5"
    assert run("move", ada, bob, "6").code == 1
