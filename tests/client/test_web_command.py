"""`ratebook web copy`: the page for a host that knows nothing of Ratebook."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ratebook import page
from ratebook.cli import app, main
from ratebook.errors import RatebookError
from ratebook.local import tokens

URL = "https://example.supabase.co"
ANON = tokens.api_key("anon")


def copy(folder: Path, url: str = URL, key: str = ANON) -> str:
    done = CliRunner().invoke(app, ["web", "copy", str(folder), "--url", url, "--anon-key", key])
    if done.exception:
        raise done.exception
    return done.stdout


def test_a_copy_knows_its_database_and_what_its_host_must_send(tmp_path: Path) -> None:
    folder = tmp_path / "public"
    said = copy(folder, f"{URL}/rest/v1/")
    assert json.loads((folder / "config.json").read_text()) == {
        "url": URL,
        "anonKey": ANON,
        "signIn": "supabase",
    }
    policy = f"default-src 'self'; connect-src 'self' {URL}; object-src 'none'"
    assert f"  Content-Security-Policy: {policy}" in (folder / "_headers").read_text()
    assert policy in said
    assert (folder / "index.html").is_file()


def test_a_second_copy_takes_the_older_assets_away_and_leaves_the_rest(tmp_path: Path) -> None:
    copy(tmp_path)
    (tmp_path / "assets/older-123.js").touch()
    (tmp_path / "CNAME").touch()
    copy(tmp_path)
    assert not (tmp_path / "assets/older-123.js").exists()
    assert (tmp_path / "CNAME").exists()


@pytest.mark.parametrize("key", [tokens.api_key("service_role"), "sb_secret_x"])
def test_no_page_gets_a_secret_key(tmp_path: Path, key: str) -> None:
    with pytest.raises(RatebookError, match="secret key"):
        copy(tmp_path / "public", key=key)
    assert not (tmp_path / "public").exists()
    copy(tmp_path / "public", key="sb_publishable_x")


def test_a_folder_of_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "main.py").touch()
    with pytest.raises(RatebookError, match="holds other files"):
        copy(tmp_path)


def test_without_a_built_page_it_says_so_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(page, "built", lambda: None)
    arguments = ["ratebook", "web", "copy", str(tmp_path), "--url", URL, "--anon-key", ANON]
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().err == f"error: {page.NOT_BUILT}\n"
