"""An owner's views: what Grace has, what was spent, and what limits it."""

from __future__ import annotations

from typing import Any

import psycopg
from playwright.sync_api import Locator, expect

from tests.web.conftest import Visit, assert_accessible, assert_fits, screenshot, violations
from tests.web.world import DAYS, GRACE, MARKUP

Connection = psycopg.Connection[dict[str, Any]]


def amounts(of: Locator) -> list[str]:
    """The database's own text of every number shown."""
    found: list[str] = of.locator("data").evaluate_all("all => all.map((one) => one.value)")
    return found


def column(db: Connection, query: str, *values: object) -> list[Any]:
    return [next(iter(row.values())) for row in db.execute(query, values)]


def test_an_owner_sees_balance_lots_and_budgets_to_the_last_digit(
    visit: Visit, web_db: Connection
) -> None:
    page = visit.owner("/wallet", GRACE)
    lots = page.get_by_role("table", name="Lots by expiry")
    expect(lots.get_by_role("row")).to_have_count(4)
    (available,) = column(
        web_db, "select available::text from billing.balances where account_id = %s", GRACE
    )
    assert amounts(page.get_by_label(MARKUP[:100])) == [available]
    # The next to expire first, what never does last: its remainder, its amount, what is reserved.
    expected = web_db.execute(
        "select remaining::text, amount::text, reserved::text from billing.grants"
        " where account_id = %s and closed_at is null order by expires_at nulls last",
        [GRACE],
    ).fetchall()
    assert amounts(lots) == [text for row in expected for text in row.values()]
    assert "500.000001" in amounts(lots)
    expect(lots.get_by_role("row").nth(1)).to_contain_text("soon")
    expect(lots.get_by_role("row").nth(1)).to_contain_text(MARKUP)
    expect(lots.get_by_role("row").nth(3)).to_contain_text("never")
    spent = column(
        web_db,
        "select spent::text from billing.budget_periods as p join billing.budgets as b on b.id = p.budget_id"
        " where now() between starts_at and ends_at and b.lenser_id = %s order by hard_limit",
        GRACE,
    )
    budgets = page.get_by_role("region", name="Budgets").get_by_role("listitem")
    expect(budgets).to_have_count(2)
    everything = budgets.filter(has_text="Everything, a month")
    assert amounts(everything) == [spent[0], "500", "100"]
    assert amounts(budgets.filter(has_text="chat, a day")) == [spent[1], "20"]
    assert_accessible(page)
    screenshot(page, "wallet")
    page.set_viewport_size({"width": 390, "height": 800})
    assert_fits(page)
    assert violations(page) == []
    screenshot(page, "wallet-phone")


def test_the_statement_tells_each_change_with_what_is_behind_it(
    visit: Visit, web_db: Connection
) -> None:
    page = visit.owner("/wallet", GRACE)
    page.get_by_role("navigation", name="Wallet").get_by_role("link", name="Statement").click()
    table = page.get_by_role("table", name="Statement")
    expected = web_db.execute(
        "select number, amount::text, balance_after::text, model"
        " from billing.statement(%s, newest_first => true, at_most => 1000)",
        [GRACE],
    ).fetchall()
    # Three lots; each request is one entry, or two where it finishes a lot.
    assert len(expected) >= 3 + 2 * DAYS
    expect(table.get_by_role("row")).to_have_count(len(expected) + 1)
    expect(page.get_by_text(f"{len(expected)} entries: these are all")).to_be_visible()
    shown = table.locator("tbody tr").evaluate_all(
        "rows => rows.map((row) => [...row.cells].slice(3, 5).map((cell) => cell.querySelector('data').value))"
    )
    assert shown == [[row["amount"], row["balance_after"]] for row in expected]
    expect(table.get_by_role("row").nth(1)).to_contain_text("gpt-4o-mini · summarize")
    expect(table.get_by_role("row").nth(1)).to_contain_text("1,000 input")
    assert_accessible(page)
    page.set_viewport_size({"width": 390, "height": 800})
    assert_fits(page)


def test_usage_adds_up_by_day_and_model_and_its_address_is_shared(
    visit: Visit, web_db: Connection
) -> None:
    page = visit.owner("/wallet/usage?days=30", GRACE)
    table = page.get_by_role("table", name="Used by model")
    expect(table.get_by_role("row")).to_have_count(3)
    expected = web_db.execute(
        "select key, sum(requests)::int as requests, sum(net)::text as net"
        " from billing.usage(now() - interval '30 days', now(), 'day', by => 'model', owner => %s)"
        " group by key order by sum(net) desc",
        [GRACE],
    ).fetchall()
    assert [row["requests"] for row in expected] == [DAYS, DAYS]
    for place, row in enumerate(expected, 1):
        shown = table.get_by_role("row").nth(place)
        expect(shown).to_contain_text(row["key"])
        assert amounts(shown)[0] == str(row["requests"])
        assert float(amounts(shown)[-1]) == float(row["net"])
        assert amounts(shown)[-1] == row["net"].rstrip("0").rstrip(".")
    expect(page.get_by_role("img", name="net from")).to_be_visible()
    page.get_by_label("By", exact=True).select_option("feature")
    expect(page.get_by_role("table", name="Used by feature").get_by_role("row")).to_have_count(3)
    page.wait_for_url("**by=feature*")
    page.get_by_label("Period").select_option("7")
    seven = page.get_by_role("table", name="Used by feature").get_by_role("row").nth(1)
    expect(seven.locator("data").first).to_have_attribute("value", "7")
    assert_accessible(page)
    screenshot(page, "usage")
    # Somebody who gets the address sees their own.
    address = page.url.partition("#")[2]
    ada = visit.owner(address)
    expect(ada.get_by_role("table", name="Used by feature").get_by_role("row")).to_have_count(2)


def test_who_has_nothing_is_told_what_to_do(visit: Visit) -> None:
    page = visit.owner("/wallet", "44444444-4444-4444-8444-444444444444")
    expect(page.get_by_text("You have no account yet.")).to_be_visible()
    assert_accessible(page)
