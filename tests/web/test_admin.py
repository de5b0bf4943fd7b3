"""An admin's views: each step shows first what it would do, is done once it is confirmed, and is in the history."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
from playwright.sync_api import Page, expect
from typer.testing import CliRunner

from ratebook.cli import app
from ratebook.local.stack import DEMO_ADMIN
from tests.web.conftest import Visit, assert_accessible, assert_fits, screenshot
from tests.web.test_wallet import amounts, column
from tests.web.world import MARKUP, TURNED

Connection = psycopg.Connection[dict[str, Any]]


def last_change(db: Connection, table: str) -> dict[str, Any]:
    row = db.execute(
        "select operation, subject::text, before, after from lensers.audit_history"
        " where table_name = %s order by id desc limit 1",
        [table],
    ).fetchone()
    assert row is not None
    return row


def on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    assert_fits(page)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_models_are_found_and_closed_many_at_once_by_keyboard(
    visit: Visit, web_db: Connection
) -> None:
    page = visit.admin("/admin")
    (total,) = column(web_db, "select count(*)::int from ai.models")
    expect(page.get_by_text(f"{total} of {total} models")).to_be_visible()
    assert_accessible(page)
    screenshot(page, "admin-models")
    on_a_phone(page)
    # What is hidden from all others is here, and what means harm is text.
    search = page.get_by_label("Search")
    search.fill("harm/")
    table = page.get_by_role("table", name="Models")
    expect(table.get_by_role("row")).to_have_count(4)
    expect(table.get_by_role("row").filter(has_text="harm/hidden")).to_contain_text("hidden")
    expect(table.get_by_role("row").filter(has_text="harm/markup")).to_contain_text(MARKUP)
    expect(table.get_by_role("row").filter(has_text="harm/turned")).to_contain_text(TURNED)
    search.fill("mistral-")
    first = table.get_by_role("checkbox").first
    expect(first).to_have_accessible_name("Choose mistral-large-4")
    first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(table.get_by_label("Choose mistral-medium-3-5")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_text("2 chosen")).to_be_visible()
    page.get_by_role("button", name="Deactivate", exact=True).press("Enter")
    preview = page.get_by_role("region", name="Deactivate: what it does")
    expect(preview).to_contain_text("mistral-large-4, mistral-medium-3-5")
    expect(preview).to_contain_text("No route leads there.")
    assert_accessible(page)
    active = (
        "select is_active from ai.models where key in ('mistral-large-4', 'mistral-medium-3-5')"
    )
    assert column(web_db, active) == [True, True]
    preview.get_by_role("button", name="Deactivate 2 models").press("Enter")
    expect(page.get_by_text("Done. It is in the history with your name.")).to_be_visible()
    assert column(web_db, active) == [False, False]
    change = last_change(web_db, "ai.models")
    assert (change["subject"], change["after"]["is_active"]) == (DEMO_ADMIN, False)
    page.get_by_label("State").select_option("inactive")
    expect(table.get_by_role("row")).to_have_count(3)
    # What has a route says which.
    page.get_by_label("State").select_option("")
    search.fill("mistral-small-2603")
    table.get_by_role("checkbox").check()
    page.get_by_role("button", name="Deactivate", exact=True).click()
    expect(preview).to_contain_text("1 route will pass them over: summarize.")
    preview.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Choose none").click()
    search.fill("mistral-")
    page.get_by_role("button", name="Choose all 3 shown").click()
    page.get_by_role("button", name="Activate", exact=True).click()
    page.get_by_role("button", name="Activate 3 models").click()
    expect(page.get_by_text("Done.")).to_be_visible()
    assert column(web_db, active) == [True, True]


def test_a_refusal_is_the_databases_own_sentence(visit: Visit, web_db: Connection) -> None:
    page = visit.admin("/admin?q=gpt-4o-mini")
    table = page.get_by_role("table", name="Models")
    expect(table.get_by_role("row")).to_have_count(2)
    table.get_by_role("checkbox").check()
    page.get_by_role("button", name="Deactivate", exact=True).click()
    preview = page.get_by_role("region", name="Deactivate: what it does")
    expect(preview).to_contain_text("gpt-4o-mini cannot be closed while a default")
    preview.get_by_role("button", name="Deactivate 1 model").click()
    expect(preview.get_by_role("alert")).to_contain_text("default")
    assert [problem for problem in visit.problems if "409" not in problem] == []
    visit.problems.clear()


def test_a_default_gives_way_to_another(visit: Visit, web_db: Connection) -> None:
    page = visit.admin("/admin?q=dall-e-2")
    page.get_by_label("Choose dall-e-2").check()
    page.get_by_role("button", name="Make default").click()
    expect(page.get_by_text("The default of image and generation until now")).to_be_visible()
    page.get_by_role("button", name="Make default 1 model").click()
    expect(page.get_by_text("Done.")).to_be_visible()
    defaults = "select key from ai.models where is_default and modality = 'image'"
    assert column(web_db, defaults) == ["dall-e-2"]
    web_db.execute("select ai.set_default_model('dall-e-3')")


def test_prices_are_exported_as_a_spreadsheet_reads_them(visit: Visit) -> None:
    page = visit.admin("/admin?q=gpt-4o")
    page.get_by_label("Choose gpt-4o", exact=True).check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export prices as CSV").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0].startswith("model,name,provider,is_active,meter,unit_type,price_per_unit")
    assert [line.split(",")[4:8] for line in lines[1:]] == [
        ["cache_read", "tokens", "0.00000125", "USD"],
        ["input", "tokens", "0.0000025", "USD"],
        ["output", "tokens", "0.00001", "USD"],
    ]


def test_a_price_from_next_month_on_shows_first_what_last_month_had_cost(
    visit: Visit, web_db: Connection
) -> None:
    page = visit.admin("/admin?q=gpt-4o")
    page.get_by_role("link", name="Price of gpt-4o", exact=True).click()
    expect(page.get_by_role("table", name="Prices in force").get_by_role("row")).to_have_count(4)
    page.get_by_label("Price", exact=True).fill("5")
    expect(page.get_by_text("0.000005 of one")).to_be_visible()
    page.get_by_role("button", name="Show what it would do").click()
    preview = page.get_by_role("region", name="The last 30 days, had it applied")
    # 26,700 tokens in at 2.50 or 5 and 6,420 out at 10 dollars a million.
    expect(preview).to_contain_text("12 of 12 requests would have cost otherwise")
    cost = preview.get_by_role("row", name="Cost")
    assert [amount.rstrip("0") for amount in amounts(cost)] == ["0.13095", "0.1977", "0.06675"]
    (after,) = web_db.execute(
        "select credits_before::text, credits_after::text from ai.preview_price('gpt-4o', 'input', 0.000005)"
    ).fetchall()
    assert amounts(preview.get_by_role("row", name="Credits"))[:2] == list(after.values())
    assert_accessible(page)
    screenshot(page, "admin-price")
    on_a_phone(page)
    # A price that was not shown cannot be written.
    page.get_by_label("Price", exact=True).fill("6")
    expect(page.get_by_role("button", name="Schedule this price")).to_have_count(0)
    page.get_by_label("Price", exact=True).fill("5")
    asked = (
        "select count(*)::int from ai.model_pricing as p join ai.models as m on m.id = model_id"
        " where m.key = 'gpt-4o' and effective_from > now()"
    )
    assert column(web_db, asked) == [0]
    page.get_by_role("button", name="Schedule this price").click()
    expect(page.get_by_text("input of gpt-4o has this price from")).to_be_visible()
    (row,) = web_db.execute(
        "select ai.created_by(p)::text, price_per_unit::text, extract(day from effective_from)::int as day"
        " from ai.model_pricing as p join ai.models as m on m.id = model_id"
        " where m.key = 'gpt-4o' and effective_from > now()"
    ).fetchall()
    assert row == {"created_by": DEMO_ADMIN, "price_per_unit": "0.000005", "day": 1}
    assert last_change(web_db, "ai.model_pricing")["subject"] == DEMO_ADMIN


def test_a_margin_shows_first_what_revenue_had_been(visit: Visit, web_db: Connection) -> None:
    page = visit.admin("/admin/margins")
    policies = page.get_by_role("table", name="Margins, the latest first")
    expect(policies).to_contain_text("everything else")
    expect(policies).to_contain_text("30 %")
    assert_accessible(page)
    page.get_by_label("For", exact=True).select_option("feature")
    page.get_by_label("Which").select_option("chat")
    page.get_by_label("Margin in percent").fill("50")
    page.get_by_role("button", name="Show what it would do").click()
    preview = page.get_by_role("region", name="The last 30 days, had it applied")
    expected = web_db.execute(
        "select b.credits::text as before, a.credits::text as after from"
        " billing.reprice_summary(now() - interval '30 days', now(), by => 'feature') as b join"
        " billing.reprice_summary(now() - interval '30 days', now(), by => 'feature', margin => 0.5) as a"
        " using (key) where key = 'chat'"
    ).fetchall()
    revenue = preview.get_by_role("row", name="Revenue in credits")
    expect(revenue).to_be_visible()
    assert [{"before": b, "after": a} for b, a, _ in [amounts(revenue)]] == expected
    screenshot(page, "admin-margin")
    on_a_phone(page)
    page.get_by_role("button", name="Set this margin").click()
    expect(page.get_by_text("The margin applies from")).to_be_visible()
    expect(policies.get_by_role("row").nth(1)).to_contain_text("chatto come")
    change = last_change(web_db, "billing.execution_margin_policies")
    assert (change["subject"], change["after"]["margin"]) == (DEMO_ADMIN, 0.5)


CATALOGUE = {
    "acme/rocket": {
        "litellm_provider": "acme",
        "mode": "chat",
        "input_cost_per_token": 1e-06,
        "output_cost_per_token": 2e-06,
    },
    "gpt-4o": {
        "litellm_provider": "openai",
        "mode": "chat",
        "input_cost_per_token": 2.5e-06,
        "output_cost_per_token": 1,
    },
}


def test_an_import_shows_its_difference_before_it_is_one(
    visit: Visit, web_db: Connection, tmp_path: Path
) -> None:
    catalogue, rows = tmp_path / "prices.json", tmp_path / "rows.json"
    catalogue.write_text(json.dumps(CATALOGUE))
    written = CliRunner().invoke(app, ["import", "litellm", str(catalogue), "--rows", str(rows)])
    assert written.exit_code == 0, written.output
    page = visit.admin("/admin/import")
    assert_accessible(page)
    page.get_by_label("File of rows").set_input_files(catalogue)
    expect(page.get_by_role("alert")).to_contain_text("prices.json is no file of rows.")
    page.get_by_label("File of rows").set_input_files(rows)
    preview = page.get_by_role("region", name="What rows.json would change")
    expect(preview.get_by_role("row", name="models")).to_be_visible()
    there = "select count(*)::int from ai.models where key = 'acme/rocket'"
    assert column(web_db, there) == [0]
    # Ten dollars a token is odd, and is let through by name alone.
    expect(preview.get_by_role("checkbox", name="gpt-4o")).not_to_be_checked()
    expect(preview).to_contain_text("output: 1 a unit, beside 0.00001")
    assert_accessible(page)
    screenshot(page, "admin-import")
    on_a_phone(page)
    preview.get_by_role("button", name="Import 2 models of litellm").click()
    expect(page.get_by_text("Imported.")).to_be_visible()
    assert column(web_db, there) == [1]
    created = "select created_by(m)::text from ai.models as m where key = 'acme/rocket'"
    assert column(web_db, created.replace("created_by", "ai.created_by")) == [DEMO_ADMIN]


def test_routes_say_why_and_why_not(visit: Visit) -> None:
    page = visit.admin("/admin/routes?feature=chat")
    table = page.get_by_role("table", name="Routes of chat")
    expect(table.get_by_role("row")).to_have_count(4)
    expect(table.get_by_role("row").nth(1)).to_contain_text("gpt-4o-mini")
    assert_accessible(page)
    on_a_phone(page)
    page.get_by_label("Input tokens").fill("1000000")
    page.get_by_label("At most so many credits").fill("200")
    page.get_by_role("button", name="Explain").press("Enter")
    # 1,000,000 tokens at 0.15 dollars a million, 1,000 credits a dollar and 30 %.
    expect(table.get_by_role("row").nth(1).locator("data[value='195']")).to_be_visible()
    expect(table.get_by_role("row", name="claude-sonnet-5-5")).to_contain_text("credits")
    screenshot(page, "admin-routes")


def test_the_history_names_who_did_what(visit: Visit, web_db: Connection) -> None:
    page = visit.admin("/admin/audit?table=ai.models")
    web_db.execute("update ai.models set name = name || ' ' where key = 'gpt-5.2'")
    page.reload()
    entries = page.get_by_role("listitem")
    expect(entries.first).to_contain_text("postgres changed ai.models · gpt-5.2")
    entries.first.locator("summary").press("Enter")
    expect(entries.first.get_by_role("row", name="name")).to_be_visible()
    page.get_by_label("What").select_option("UPDATE")
    by_admin = entries.filter(has_text="Demo admin changed ai.models")
    expect(by_admin.first).to_be_visible()
    assert_accessible(page)
    screenshot(page, "admin-history")
    on_a_phone(page)


def test_health_sums_up_every_check(visit: Visit, web_db: Connection) -> None:
    web_db.execute(
        "select ai.report_health('gpt-5.1', state => 'degraded', until => now() + interval '1 hour', reason => %s)",
        [MARKUP],
    )
    page = visit.admin("/admin/health")
    expect(page.get_by_role("listitem").filter(has_text="gpt-5.1")).to_contain_text(MARKUP)
    (total,) = column(web_db, "select count(*)::int from ai.self_check()")
    expect(page.get_by_role("region", name="Installation")).to_contain_text(f"of {total} checks")
    expect(page.get_by_role("region", name="Wallet")).to_contain_text("checks are fine")
    assert_accessible(page)
    on_a_phone(page)
