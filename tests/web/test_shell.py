"""What holds on every view: who sees what, what is kept from a browser, and that stored text stays text."""

from __future__ import annotations

import base64
import json
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, Request, expect

from ratebook.local.stack import DEMO_ADMIN, DEMO_OWNER
from tests.modules import WITHOUT
from tests.policies.matrix import MATRIX
from tests.web.conftest import Visit, assert_accessible, assert_fits
from tests.web.world import ENDLESS, EXACT, GRACE, MARKUP, TURNED

Connection = psycopg.Connection[dict[str, Any]]

# As a page's own script would: with the token of whoever is signed in there.
ASK = """
async (asked) => {
  const { anonKey } = await (await fetch('./config.json')).json()
  const token = sessionStorage.getItem('ratebook-link-token') ?? anonKey
  return Promise.all(asked.map(async ({ schema, path, method, body }) => {
    const profile = { 'Accept-Profile': schema, 'Content-Profile': schema }
    const headers = { apikey: anonKey, Authorization: `Bearer ${token}`, ...profile }
    if (body) headers['Content-Type'] = 'application/json'
    const answer = await fetch(`/rest/v1/${path}`, { method: method ?? 'GET', headers, body })
    return [answer.status, await answer.text()]
  }))
}
"""
CELLS = {
    name: dict(zip(("anon", "authenticated", "owner", "admin"), cells, strict=False))
    for name, *cells in map(str.split, MATRIX.strip().splitlines())
    if name.split(".")[0] not in WITHOUT
}
REFUSED = (401, 403)


def ask(page: Page, asked: list[dict[str, str]]) -> list[tuple[int, Any]]:
    answers = page.evaluate(ASK, asked)
    return [(status, json.loads(text) if text else None) for status, text in answers]


def read_all(page: Page) -> dict[str, tuple[int, Any]]:
    """What the person at a page gets of every table and view."""
    paths = [name.split(".") for name in CELLS]
    asked = [{"schema": schema, "path": f"{name}?limit=200"} for schema, name in paths]
    return dict(zip(CELLS, ask(page, asked), strict=True))


def rows(answer: tuple[int, Any]) -> list[dict[str, Any]]:
    status, found = answer
    assert status == 200 or status in REFUSED, answer
    return found if status == 200 else []


def test_each_role_is_offered_and_told_what_the_matrix_says(
    visit: Visit, web_db: Connection
) -> None:
    visitor, grace, admin = visit("/"), visit.owner("/", GRACE), visit.admin("/")
    views = {
        visitor: ["Models", "Compare", "Calculator"],
        grace: ["Models", "Compare", "Calculator", "Wallet"],
        admin: ["Models", "Compare", "Calculator", "Wallet", "Admin"],
    }
    for page, offered in views.items():
        links = page.get_by_role("navigation", name="Views").get_by_role("link")
        expect(links).to_have_text(offered)
    expect(grace.get_by_role("banner")).to_contain_text("Grace")
    for name, answer in read_all(visitor).items():
        if CELLS[name]["anon"] == "r":
            assert answer[0] == 200, (name, answer)
        else:
            assert rows(answer) == [], name
    for name, answer in read_all(grace).items():
        found = rows(answer)
        own = CELLS[name]["owner"]
        if own == ".":
            assert (answer[0] == 200 and found != []) <= (CELLS[name]["authenticated"] != "-"), name
            continue
        assert {row["lenser_id"] for row in found if "lenser_id" in row} <= {GRACE}, name
        assert own.startswith("r") or found == [], name
    seen = read_all(admin)
    for name, answer in seen.items():
        cell = CELLS[name]["admin"]
        assert cell.startswith("r") or rows(answer) == [] or name == "lensers.profiles", name
        if "r" in cell and CELLS[name]["owner"] in (".", "-"):
            (there,) = web_db.execute(f"select exists (select from {name}) as any").fetchall()
            assert answer[0] == 200, name
            assert not there["any"] or rows(answer) != [], name
    assert {row["id"] for row in rows(seen["lensers.profiles"])} <= {DEMO_ADMIN}
    assert GRACE in {row["lenser_id"] for row in rows(seen["billing.all_charges"])}
    # What only those see who may.
    hidden = [{"schema": "ai", "path": "models?select=key&key=eq.harm/hidden"}]
    assert ask(admin, hidden) == [(200, [{"key": "harm/hidden"}])]
    assert ask(visitor, hidden) == ask(grace, hidden) == [(200, [])]
    visit.problems = [problem for problem in visit.problems if "Failed to load" not in problem]


def test_the_token_of_a_page_writes_what_its_role_may(visit: Visit, web_db: Connection) -> None:
    def call(function: str, **arguments: object) -> dict[str, str]:
        schema, name = function.split(".")
        body = json.dumps(arguments)
        return {"schema": schema, "path": f"rpc/{name}", "method": "POST", "body": body}

    writes = [
        call("ai.schedule_price", model="gpt-4o", meter="input", price="9"),
        call("ai.import_catalogue", source="litellm", models=[]),
        call("ai.activate_models", models=["gpt-4o"]),
        call("ai.set_default_model", model="gpt-4o"),
        call("ai.export_prices"),
        call("ai.preview_price", model="gpt-4o", meter="input", price="9"),
        call("ai.self_check"),
        call("billing.grant_credits", account=GRACE, amount="1"),
        call("billing.self_check"),
        call("billing.statement", account=DEMO_OWNER),
        {"schema": "ai", "path": "models?key=eq.gpt-4o", "method": "DELETE"},
        {"schema": "billing", "path": "all_budgets", "method": "DELETE"},
    ]
    writes[-1]["path"] += "?period=eq.day"
    before = web_db.execute("select count(*) from lensers.audit_history").fetchall()
    for page in (visit("/"), visit.owner("/", GRACE)):
        assert [status for status, _ in ask(page, writes) if status not in REFUSED] == []
    assert web_db.execute("select count(*) from lensers.audit_history").fetchall() == before
    admin = visit.admin("/")
    done = ask(admin, [call("ai.activate_models", models=["gpt-4o"]), call("ai.self_check")])
    assert [status for status, _ in done] == [200, 200]
    # What is for backends is no admin's either.
    hold = call("billing.authorize_credits", account=GRACE, amount="1")
    purge = call("billing.purge")
    assert [status for status, _ in ask(admin, [hold, purge])] == [403, 403]
    visit.problems = [problem for problem in visit.problems if "Failed to load" not in problem]


@pytest.mark.parametrize(
    ("route", "title"),
    [("/wallet", "Sign in first"), ("/admin/prices", "Sign in first"), ("/nowhere", "Not here")],
)
def test_who_may_not_is_told_so(visit: Visit, route: str, title: str) -> None:
    page = visit(route)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert_accessible(page)


def test_an_owner_at_an_admins_address_is_told_so_and_nothing_is_asked(visit: Visit) -> None:
    page = visit.owner("/admin", GRACE)
    expect(page.get_by_role("heading", level=1)).to_have_text("For admins")
    assert not [url for url in visit.requests if "/all_" in url or "audit" in url]
    assert_accessible(page)


def test_no_browser_takes_a_service_key(visit: Visit, web_stack: Any) -> None:
    sent: list[str] = []

    def look(request: Request) -> None:
        header = request.headers.get("authorization", "")
        if header:
            claims = header.split(".")[1]
            sent.append(json.loads(base64.urlsafe_b64decode(claims + "=="))["role"])

    page = visit("/")
    page.on("request", look)
    page.goto(f"{web_stack.url}/app/#/sign-in?token={web_stack.service_role_key}")
    page.reload()
    page.goto(f"{web_stack.url}/app/#/sign-in?token={web_stack.service_role_key}")
    page.reload()
    expect(page.get_by_role("navigation", name="Views").get_by_role("link")).to_have_count(3)
    page.goto(f"{web_stack.url}/app/#/")
    page.reload()
    expect(page.get_by_role("table").first).to_be_visible()
    assert set(sent) <= {"anon"}
    assert web_stack.service_role_key not in page.content()
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert web_stack.service_role_key not in kept


def test_a_links_token_leaves_the_address_and_signing_out_forgets_it(visit: Visit) -> None:
    page = visit.owner("/wallet", GRACE, link=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Wallet")
    assert "token" not in page.url
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()
    assert page.evaluate("Object.keys(sessionStorage)") == []
    page.goto(page.url.partition("#")[0] + "#/wallet")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in first")


@pytest.mark.parametrize("route", ["/?q=harm", "/models/harm%2Fmarkup", "/models/harm%2Fturned"])
def test_what_means_harm_is_text(visit: Visit, route: str) -> None:
    page = visit(route)
    text = TURNED if "turned" in route else MARKUP
    expect(page.get_by_text(text).first).to_be_visible()
    if route.endswith("markup"):
        expect(page.get_by_text(ENDLESS).first).to_be_attached()
        # Twenty decimals, shown for a million.
        expect(page.locator("data[value='0.12345678901234']").first).to_be_visible()
        assert EXACT == "0.00000012345678901234"
    assert page.evaluate("'harmed' in window") is False
    assert page.locator("img[onerror], main script").count() == 0
    page.set_viewport_size({"width": 390, "height": 800})
    assert_fits(page)


def test_the_policy_is_sent_and_holds(visit: Visit) -> None:
    page = visit("/")
    expect(page.get_by_role("table").first).to_be_visible()
    answer = page.reload()
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'; connect-src 'self'" in policy
    assert "unsafe" not in policy
    # A script or a style that somebody smuggles in does not run; the browser says so.
    page.evaluate(
        "document.head.append(Object.assign(document.createElement('script'), {textContent: 'window.harmed = 1'}),"
        " Object.assign(document.createElement('style'), {textContent: 'body {display: none}'}))"
    )
    page.evaluate("fetch('https://example.com').catch(() => {})")
    expect(page.locator("body")).to_be_visible()
    assert page.evaluate("'harmed' in window") is False
    found = " ".join(visit.problems)
    assert all(
        f"policy violation: {one}" in found for one in ("script-src", "style-src", "connect")
    )
    visit.problems.clear()
