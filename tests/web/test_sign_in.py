"""Signing in at a Supabase project: a copy of the page on a host of its own, and Auth with the project's secret.

Auth is @supabase/lite (project.mjs says what of it), in the stack's database; rows come from PostgREST by the token
that it gave.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect
from psycopg.rows import dict_row

from ratebook import page as built_page
from ratebook.local import push, tokens
from ratebook.local.processes import free_ports
from ratebook.local.stack import Stack
from tests.web.conftest import Visit, assert_accessible, screenshot
from tools.project import NODE, REPOSITORY

PASSWORD = "correct horse battery staple"
Connection = psycopg.Connection[dict[str, Any]]


class _Host(SimpleHTTPRequestHandler):
    """A static host that sends what `_headers` says, of all files."""

    url = ""

    def end_headers(self) -> None:
        for name, value in built_page.headers(self.url).items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@dataclass
class Project:
    """A Supabase project, and where a host serves a copy of the page that knows it."""

    stack: Stack
    url: str
    page: str
    log: Path

    def ask(self, path: str, **body: str) -> dict[str, Any]:
        """Auth's answer to what a program asks."""
        answer = httpx.post(
            f"{self.url}/auth/v1/{path}", json=body, headers={"apikey": self.stack.anon_key}
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def link_to(self, email: str) -> str:
        """The link of the last mail to somebody."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        links: list[str] = [line["link"] for line in lines if line.get("to") == email]
        return links[-1]


@pytest.fixture(scope="module")
def project(ratebook_project_dir: Path) -> Iterator[Project]:
    """As on Supabase, auth.users is there before Ratebook is."""
    with TemporaryDirectory(prefix="ratebook-", ignore_cleanup_errors=True) as folder:
        stack = Stack(ratebook_project_dir, Path(folder) / "stack")
        port, host_port = free_ports(2)
        url, address = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{host_port}/"
        log = Path(folder) / "project.log"
        settings: dict[str, Any] = {
            "socket": str(stack.postgres.directory / ".s.PGSQL.5432"),
            "secret": tokens.DEMO_JWT_SECRET,
            "page": address,
        }
        stack.postgres.start()
        try:
            subprocess.run(_command(settings), check=True, cwd=REPOSITORY, timeout=60)
            push.run_platform(stack.dsn, REPOSITORY / "supabase/platform.sql")
            stack.start()
            with log.open("w") as output:
                settings |= {"port": port, "gateway": stack.url}
                server = subprocess.Popen(_command(settings), stdout=output, cwd=REPOSITORY)
            built_page.copy(Path(folder) / "site", built_page.Configuration(url, stack.anon_key))
            handler = partial(
                type("Host", (_Host,), {"url": url}), directory=str(Path(folder) / "site")
            )
            host = ThreadingHTTPServer(("127.0.0.1", host_port), handler)
            threading.Thread(target=host.serve_forever, daemon=True).start()
            transport = httpx.HTTPTransport(retries=10)
            with httpx.Client(transport=transport) as client:
                assert client.get(f"{url}/auth/v1/health").json()["name"] == "GoTrue"
            yield Project(stack, url, address, log)
            host.shutdown()
            host.server_close()
            server.terminate()
            server.wait(10)
        finally:
            stack.stop()


def _command(settings: dict[str, Any]) -> list[str]:
    return [NODE, str(REPOSITORY / "tests/web/project.mjs"), json.dumps(settings)]


@pytest.fixture
def visit(browser: Browser, project: Project) -> Iterator[Visit]:
    """Opens the copy of the page."""
    visit = Visit(browser, project.stack, project.page)
    yield visit
    visit.close()


@pytest.fixture
def db(project: Project) -> Iterator[Connection]:
    with psycopg.connect(project.stack.dsn, autocommit=True, row_factory=dict_row) as connection:
        yield connection


def sign_up(project: Project, db: Connection, email: str, amount: str) -> str:
    """Somebody with an account and credits; the id."""
    user: str = project.ask("signup", email=email, password=PASSWORD)["user"]["id"]
    db.execute("insert into lensers.profiles (id, user_id) values (%s, %s)", [user, user])
    db.execute(
        "insert into billing.accounts (id, lenser_id, name) values (%s, %s, %s)",
        [user, user, email],
    )
    db.execute("select billing.grant_credits(%s, %s, source => 'gift')", [user, amount])
    return user


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_label("Password, or none for a link by email").fill(password)
    page.get_by_role("button", name="Sign in").click()


def ask_for_link(page: Page, email: str) -> None:
    page.get_by_label("Email", exact=True).fill(email)
    page.get_by_role("button", name="Send me a link").click()


def kept(page: Page) -> list[str]:
    """The names of what the browser keeps of Auth."""
    names: list[str] = page.evaluate("Object.keys({...localStorage, ...sessionStorage})")
    return [name for name in names if "auth" in name or "token" in name]


def assert_shows_wallet(page: Page, project: Project, email: str, amount: str) -> None:
    """The wallet, with one account and its credits."""
    page.goto(f"{project.page}#/wallet")
    expect(page.get_by_role("heading", level=1)).to_have_text("Wallet")
    shown = page.get_by_label(email)
    expect(shown.locator("data").first).to_have_attribute("value", amount)
    expect(page.get_by_role("banner")).to_contain_text(email)


def assert_told(page: Page, project: Project, message: str) -> None:
    """The page says why a link signed nobody in, and its address says no more than that."""
    expect(page.get_by_role("alert")).to_contain_text(message)
    assert re.fullmatch(rf"{project.page}#/sign-in\?refused=[a-z]+", page.url), page.url


def test_a_password_opens_ones_own_wallet_until_one_signs_out(
    visit: Visit, project: Project, db: Connection
) -> None:
    user = sign_up(project, db, "mary@example.com", "12.500001")
    sign_up(project, db, "other@example.com", "99")
    page = visit("/sign-in")
    sign_in(page, "mary@example.com", "wrong")
    expect(page.get_by_role("alert")).to_have_text("Invalid login credentials")
    assert kept(page) == []
    (problem,) = visit.problems
    assert "status of 400" in problem
    visit.problems.clear()
    assert_accessible(page)
    screenshot(page, "sign-in")

    sign_in(page, "mary@example.com")
    page.wait_for_url(f"{project.page}#/")
    links = page.get_by_role("navigation", name="Views").get_by_role("link")
    expect(links).to_have_text(["Models", "Compare", "Calculator", "Wallet"])
    assert_shows_wallet(page, project, "mary@example.com", "12.500001")
    expect(page.get_by_text("99", exact=True)).to_have_count(0)
    assert_accessible(page)

    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wallet")
    other_tab = page.context.new_page()
    other_tab.goto(f"{project.page}#/wallet")
    expect(other_tab.get_by_role("heading", level=1)).to_have_text("Wallet")

    with page.expect_response("**/auth/v1/logout**"):
        page.get_by_role("button", name="Sign out").click()
    banner = page.get_by_role("banner")
    expect(banner.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    assert page.url == f"{project.page}#/"
    expect(other_tab.get_by_role("heading", level=1)).to_have_text("Sign in first")
    assert kept(page) == []
    page.goto(f"{project.page}#/wallet")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in first")
    # What is left is the session that signing up began.
    (left,) = db.execute("select count(*) from auth.sessions where user_id = %s", [user]).fetchall()
    assert left["count"] == 1


def test_a_session_is_renewed_when_its_token_has_expired(
    visit: Visit, project: Project, db: Connection
) -> None:
    sign_up(project, db, "renewed@example.com", "7")
    page = visit("/sign-in")
    sign_in(page, "renewed@example.com")
    page.wait_for_url(f"{project.page}#/")
    before = page.evaluate(
        "(() => { const kept = JSON.parse(localStorage['ratebook-auth']); kept.expires_at = 1;"
        " localStorage['ratebook-auth'] = JSON.stringify(kept); return kept.refresh_token })()"
    )
    page.reload()
    assert_shows_wallet(page, project, "renewed@example.com", "7")
    after = page.evaluate("JSON.parse(localStorage['ratebook-auth'])")
    assert after["refresh_token"] != before
    # Ended elsewhere: whoever comes back is a visitor, and nothing breaks.
    db.execute("delete from auth.sessions")
    db.execute("delete from auth.refresh_tokens")
    page.evaluate(
        "(() => { const kept = JSON.parse(localStorage['ratebook-auth']); kept.expires_at = 1;"
        " localStorage['ratebook-auth'] = JSON.stringify(kept) })()"
    )
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in first")
    assert kept(page) == []
    assert all("status of 400" in problem for problem in visit.problems), visit.problems
    visit.problems.clear()


def test_a_link_by_email_signs_in_once(visit: Visit, project: Project, db: Connection) -> None:
    sign_up(project, db, "linked@example.com", "3")
    page = visit("/sign-in")
    ask_for_link(page, "linked@example.com")
    expect(page.get_by_role("status")).to_contain_text("A link is on its way to linked@example.com")
    assert_accessible(page)
    link = project.link_to("linked@example.com")
    page.goto(link)
    expect(page.get_by_role("banner")).to_contain_text("linked@example.com")
    assert page.url == f"{project.page}#/"
    assert "ratebook-auth" in kept(page)
    assert_shows_wallet(page, project, "linked@example.com", "3")

    page.goto(link)
    assert_told(page, project, "That link has expired, or was used before.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Signed in")
    assert_accessible(page)
    page.get_by_role("button", name="Sign out").click()
    page.goto(link)
    assert_told(page, project, "That link has expired, or was used before.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert_accessible(page)


def test_a_link_that_is_too_old_or_wrong_says_so(
    visit: Visit, project: Project, db: Connection
) -> None:
    sign_up(project, db, "late@example.com", "1")
    page = visit("/sign-in")
    ask_for_link(page, "late@example.com")
    expect(page.get_by_role("status")).to_be_visible()
    db.execute(
        "update auth.users set recovery_sent_at = now() - interval '2 days'"
        " where email = 'late@example.com'"
    )
    link = project.link_to("late@example.com")
    page.goto(link)
    assert_told(page, project, "That link has expired, or was used before.")
    page.goto(re.sub(r"token=\w+", "token=pkce_0000", link))
    assert_told(page, project, "That link has expired, or was used before.")
    assert "ratebook-auth" not in kept(page)


def test_a_link_opens_nothing_in_another_browser(
    visit: Visit, project: Project, db: Connection
) -> None:
    sign_up(project, db, "moved@example.com", "1")
    page = visit("/sign-in")
    ask_for_link(page, "moved@example.com")
    expect(page.get_by_role("status")).to_be_visible()
    elsewhere = visit("/")
    elsewhere.goto(project.link_to("moved@example.com"))
    assert_told(elsewhere, project, "That link was not asked for in this browser.")
    assert kept(elsewhere) == []
    assert_accessible(elsewhere)


def test_tokens_that_nobody_asked_for_here_are_not_taken(
    visit: Visit, project: Project, db: Connection
) -> None:
    """Such as an invitation brings; without a challenge Auth hands tokens over behind `#`."""
    sign_up(project, db, "invited@example.com", "1")
    project.ask("otp", email="invited@example.com")
    page = visit("/")
    page.goto(project.link_to("invited@example.com"))
    assert_told(page, project, "That link was not asked for in this browser.")
    assert kept(page) == []


def test_an_address_puts_no_words_into_the_pages_mouth(visit: Visit, project: Project) -> None:
    page = visit("/")
    page.goto(f"{project.page}?error=access_denied&error_description=Call+this+number")
    assert_told(page, project, "That link opens nothing here.")
    expect(page.get_by_text("Call this number")).to_have_count(0)
    page.goto(f"{project.page}?code=00000000-0000-4000-8000-000000000000")
    assert_told(page, project, "That link was not asked for in this browser.")
