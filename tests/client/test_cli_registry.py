"""`ratebook models|model|prices|quote` against a real PostgREST."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from ratebook.cli import main
from tests.conftest import Connection

VARIABLES = ("RATEBOOK_URL", "RATEBOOK_KEY", "SUPABASE_URL", "SUPABASE_KEY", "SUPABASE_ANON_KEY")


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def bare(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Run:
    """Runs `ratebook ARGUMENTS` in an empty folder, with nothing in the environment."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["ratebook", *arguments])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return Result(code, printed.out, printed.err)

    return run


@pytest.fixture
def run(bare: Run, ratebook_stack: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same, as anon of the running stack."""
    monkeypatch.setenv("RATEBOOK_URL", ratebook_stack.url)
    monkeypatch.setenv("RATEBOOK_KEY", ratebook_stack.anon_key)
    return bare


def words(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_models_are_a_table_for_people_and_json_for_scripts(run: Run) -> None:
    done = run("models", "--provider", "openai", "--modality", "image")
    assert (done.code, done.err) == (0, "")
    assert words(done.out) == [
        ["key", "name", "provider", "modality", "task", "default", "active"],
        ["dall-e-3", "DALL·E", "3", "OpenAI", "image", "generation", "yes", "yes"],
        ["dall-e-2", "DALL·E", "2", "OpenAI", "image", "generation", "yes"],
    ]
    everything = run("models", "--provider", "openai", "--modality", "image", "--all", "--json")
    keys = [model["key"] for model in json.loads(everything.out)]
    assert keys == ["dall-e-3", "dall-e-2", "gpt-image-1", "gpt-image-1-mini"]
    searched = run("models", "--search", "mini affordable", "--task", "generation", "--json")
    assert [model["key"] for model in json.loads(searched.out)] == ["gpt-4o-mini"]


def test_a_model_is_shown_with_its_other_names_and_its_prices_per_million(run: Run) -> None:
    done = run("model", "openai/gpt-4o-mini")
    lines = words(done.out)
    assert (done.code, done.err) == (0, "")
    assert ["also", "called", "openai/gpt-4o-mini"] in lines
    assert ["maximum", "output", "16,000", "tokens"] in lines
    assert ["input", "0.15", "USD", "1M", "tokens", "standard", "2025-01-01", "manual"] in lines
    assert ["output", "0.6", "USD", "1M", "tokens", "standard", "2025-01-01", "manual"] in lines
    as_json = json.loads(run("model", "gpt-4o-mini", "--json").out)
    assert as_json["provider"]["key"] == "openai"
    assert {price["meter"]: price["price_per_unit"] for price in as_json["prices"]} == {
        "cache_read": "0.000000075",
        "input": "0.00000015",
        "output": "0.0000006",
    }


def test_prices_of_other_units_are_per_one(run: Run) -> None:
    done = run("prices", "dall-e-3")
    assert words(done.out)[1] == [
        "image",
        "0.04",
        "USD",
        "image",
        "standard",
        "2025-01-01",
        "manual",
    ]
    assert run("prices", "dall-e-3", "--at", "2024-01-01").out == "No public price is in force.\n"


def test_every_digit_of_a_price_is_shown(run: Run, new_model: Any, db: Connection) -> None:
    model = str(new_model())
    db.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit)"
        " values (%s, 'input', 123456.7890123456789012345678901234567891)",
        [model],
    )
    assert "123456789012.3456789012345678901234567891 USD" in run("prices", model).out
    as_json = json.loads(run("prices", model, "--json").out)
    assert as_json[0]["price_per_unit"] == "123456.7890123456789012345678901234567891"


def test_a_quote_shows_lines_cost_and_credits(run: Run) -> None:
    done = run("quote", "gpt-4o-mini", "input=1000", "output=500")
    assert (done.code, done.err) == (0, "")
    assert words(done.out) == [
        ["meter", "quantity", "unit", "price", "cost", "priced", "as"],
        ["input", "1000", "0.00000015", "0.00015", "input"],
        ["output", "500", "0.0000006", "0.0003", "output"],
        ["cost", "0.000450", "USD"],
        ["credits", "0.585"],
    ]


def test_a_quote_takes_a_providers_own_usage(run: Run) -> None:
    raw = '{"prompt_tokens": 1000, "completion_tokens": 500}'
    done = run("quote", "gpt-4o-mini", raw, "--format", "openai_chat")
    assert done.out.splitlines()[-2:] == ["cost 0.000450 USD", "credits 0.585"]


def test_a_quote_takes_every_option_and_prints_exact_strings(run: Run) -> None:
    done = run(
        *("quote", "dall-e-3", "image=2", "--variant", "1024x1024", "--feature", "illustrate"),
        *(
            "--service-tier",
            "standard",
            "--region",
            "eu",
            "--at",
            "2026-01-01T12:00+02:00",
            "--json",
        ),
    )
    quote = json.loads(done.out)
    assert (quote["cost"], quote["currency"], quote["credits"]) == ("0.08", "USD", "104")
    assert (quote["feature"], quote["variant"], quote["region"]) == (
        "illustrate",
        "1024x1024",
        "eu",
    )
    assert quote["at"] == "2026-01-01T10:00:00+00:00"
    assert quote["lines"][0]["unit_price"] == "0.04"


def test_a_hidden_price_is_said_to_be_so(run: Run, new_model: Any, db: Connection) -> None:
    model = str(new_model(name="[red]name[/red] :smile:"))
    db.execute(
        "insert into ai.model_pricing (model_id, meter, price_per_unit, is_public)"
        " values (%s, 'input', 0.002, false)",
        [model],
    )
    done = run("quote", model, "input=10")
    assert done.out.splitlines()[-2:] == ["cost not public", "credits 26"]
    assert "[red]name[/red] :smile:" in run("model", model).out


def test_a_refusal_is_one_line_with_code_and_hint_and_exit_code_1(run: Run) -> None:
    done = run("quote", "no-such-model", "input=1")
    assert done == Result(
        1,
        "",
        'error: There is no model called "no-such-model". (PT404)'
        " Ask ai.models for the keys, or ai.model_aliases for other names.\n",
    )
    assert run("quote", "gpt-4o-mini", "input=NaN").err.startswith(
        'error: The quantity of "input" is not a number. (PT422)'
    )
    assert run("models", "--url", "http://127.0.0.1:1").code == 1


def test_an_ambiguous_name_lists_the_candidates(run: Run, new_model: Any, db: Connection) -> None:
    word = uuid4().hex
    for key in (f"a-{word}", f"b-{word}"):
        model = new_model(key=key)
        db.execute("insert into ai.model_aliases (alias, model_id) values (%s, %s)", [word, model])
    done = run("model", word)
    assert done.code == 1
    assert done.err.splitlines()[1:] == [f"Candidates: a-{word}, b-{word}"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["quote", "gpt-4o-mini"],
        ["quote", "gpt-4o-mini", "input"],
        ["quote", "gpt-4o-mini", "input=many"],
        ["quote", "gpt-4o-mini", "=5"],
        ["quote", "gpt-4o-mini", "input=1", "input=2"],
        ["quote", "gpt-4o-mini", "input=1", "--at", "yesterday"],
        ["models", "--no-such-option"],
        ["models", "--url", "nowhere", "--key", "x"],
        ["models", "--url", "http://127.0.0.1:1", "--key", "☃"],
    ],
)
def test_a_mistake_of_the_user_has_exit_code_2(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err


def test_without_an_address_one_sentence_says_what_to_do(bare: Run) -> None:
    done = bare("models")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: Which API? Give --url and --key")
    assert done.err.count("\n") == 1
    assert bare("models", "--url", "http://127.0.0.1:1").err.startswith("error: --url needs a key")


def test_options_come_before_the_environment(run: Run, ratebook_stack: Any) -> None:
    assert run("models", "--key", "not.a.token").code == 1
    done = run("models", "--url", f"{ratebook_stack.url}/", "--json")
    assert done.code == 0


def test_the_local_stack_of_the_folder_is_asked(bare: Run, db: Connection, tmp_path: Path) -> None:
    folder = tmp_path / ".ratebook"
    folder.mkdir()
    (folder / "state.json").write_text('{"ports": {"gateway": 1, "postgrest": 2, "admin": 3}}')
    done = bare("models")
    assert done == Result(
        2, "", "error: The local stack of this folder does not run: ratebook local start\n"
    )
    row = db.execute("select current_setting('data_directory') as path").fetchone()
    assert row is not None
    (folder / "state.json").unlink()
    folder.rmdir()
    folder.symlink_to(Path(row["path"]).parent)
    assert bare("quote", "gpt-4o-mini", "input=1000", "output=500").out.endswith("credits 0.585\n")


def test_the_installed_command_prints_no_traceback(ratebook_stack: Any, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "ratebook"), "model", "no-such-model"],
        cwd=tmp_path,
        env={"SUPABASE_URL": ratebook_stack.url, "SUPABASE_KEY": ratebook_stack.anon_key},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith('error: There is no model called "no-such-model". (PT404)')
    assert done.stderr.count("\n") == 1


def test_the_readme_shows_what_is_printed(run: Run) -> None:
    readme = (Path(__file__).parents[2] / "python_client" / "README.md").read_text()
    blocks = re.findall(r"^```console\n(\$ .*?)^```", readme, re.MULTILINE | re.DOTALL)
    examples = [example.partition("\n") for block in blocks for example in block.split("$ ")[1:]]
    assert len(examples) == 4
    for command, _, expected in examples:
        done = run(*command.split()[1:])
        assert done.out + done.err == expected, command
