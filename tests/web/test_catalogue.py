"""What a visitor sees: the models, one model, some side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from ratebook.local.stack import Stack
from tests.web.conftest import Visit, assert_accessible, assert_fits, screenshot

MANY = 1_200  # more than the 1,000 rows that a server gives at once
# Twenty digits: a float has room for seventeen.
EXACT = "0.12345678901234567891"
OF_A_MILLION = "123,456.78901234567891"

_MODELS = f"""
insert into ai.providers (key, name) values ('many', 'Many Models');
insert into ai.models (key, name, provider_id, modality, task, context_window, priority)
select 'many/' || to_char(i, 'FM0000'), 'Many ' || i, p.id, 'text', 'generation', 1000 * i, 1000
from generate_series(1, {MANY}) as i, ai.providers as p where p.key = 'many';
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from)
select m.id, x.meter, x.price, x.effective_from::timestamptz
from ai.models as m, (values
  ('many/0001', 'input', {EXACT}, '2026-01-01Z'),
  ('many/0002', 'input', 0.000003, '2026-01-01Z'), ('many/0002', 'input', 0.000002, '2026-03-01Z'),
  ('many/0002', 'output', 0.000012, '2026-01-01Z'),
  ('many/0003', 'input', 0.00001, '2026-01-01Z'), ('many/0004', 'input', 0.000009, '2026-01-01Z')
) as x (key, meter, price, effective_from) where m.key = x.key;
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, service_tier)
select id, 'input', 0.000001, '2026-01-01Z', 'batch' from ai.models where key = 'many/0002';
insert into ai.model_pricing (model_id, meter, price_per_unit, effective_from, context_threshold, tier_mode)
select id, 'input', 0.000004, '2026-01-01Z', 200000, 'whole_request' from ai.models where key = 'many/0002';
"""


@pytest.fixture(scope="module", autouse=True)
def many(web_stack: Stack) -> Iterator[int]:
    """So many models more, and how many there are with them; gone again for the other tests."""
    with psycopg.connect(web_stack.dsn, autocommit=True) as db:
        db.execute(_MODELS)
        with db.transaction():
            db.execute("set local role anon")
            found = db.execute(
                "select count(*) from ai.models where is_active and is_public"
            ).fetchone()
        assert found is not None
        yield found[0]
        db.execute(
            "update ai.models set is_active = false, deleted_at = now() where key like 'many/%'"
        )


def rows(page: Page) -> Locator:
    return page.locator("tbody tr[aria-rowindex]")


def search(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Search models")


def count(page: Page) -> Locator:
    return page.get_by_role("status").filter(has_text="models")


def column(page: Page, number: int) -> list[str]:
    """The texts of a column of the rows in sight."""
    return rows(page).locator(f"> :nth-child({number})").all_inner_texts()


def test_all_models_are_there_and_found_by_any_part_of_a_name(visit: Visit, many: int) -> None:
    page = visit("/")
    expect(count(page)).to_have_text(f"{many:,} models")
    table = page.get_by_role("table", name="Models and their prices")
    expect(table).to_have_attribute("aria-rowcount", str(many + 1))
    assert rows(page).count() < 60
    assert_accessible(page)
    screenshot(page, "catalogue")

    search(page).fill("MANY 120")
    expect(count(page)).to_have_text(f"3 of {many:,} models")  # 120, 1120 and 1200
    search(page).fill("no such model")
    expect(page.get_by_text("No model fits.")).to_be_visible()
    page.get_by_role("button", name="Reset").click()
    expect(count(page)).to_have_text(f"{many:,} models")


def test_columns_sort_by_every_digit_and_the_address_says_what_is_shown(
    visit: Visit, many: int
) -> None:
    page = visit("/?q=many%2F000")
    expect(count(page)).to_have_text(f"9 of {many:,} models")
    head = page.get_by_role("columnheader", name="Input", exact=True)
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    # 9 before 10, which texts would turn; who has no price stands last.
    assert column(page, 4)[:5] == [
        "US$2.00",
        "US$9.00",
        "US$10.00",
        f"US${OF_A_MILLION}",
        "–",
    ]
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert column(page, 4)[:5] == [
        f"US${OF_A_MILLION}",
        "US$10.00",
        "US$9.00",
        "US$2.00",
        "–",
    ]

    page.get_by_role("textbox", name="Input: at most, for a million tokens").fill("9")
    expect(count(page)).to_have_text(f"2 of {many:,} models")
    page.wait_for_url(re.compile("input=9"))
    assert page.url.endswith("#/?q=many%2F000&sort=-input&input=9")
    page.reload()
    expect(count(page)).to_have_text(f"2 of {many:,} models")
    assert column(page, 2) == ["Many 4", "Many 2"]

    page.get_by_role("button", name="Prices").click()
    page.get_by_role("checkbox", name=re.compile("^Web search|^Image")).first.check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("columnheader")).to_have_count(10)
    page.get_by_role("search").get_by_role("button", name="Provider").click()
    page.get_by_role("checkbox", name=re.compile("^OpenAI")).check()
    expect(page.get_by_text("No model fits.")).to_be_visible()


def test_a_list_of_thousands_is_walked_by_keyboard(visit: Visit, many: int) -> None:
    page = visit("/?sort=-context")
    rows(page).locator("a").first.focus()
    page.keyboard.press("End")
    last = page.locator(f'tr[aria-rowindex="{many + 1}"]')
    expect(last.get_by_role("link")).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator('tr[aria-rowindex="2"]').get_by_role("link")).to_be_focused()
    page.keyboard.press("PageDown")
    expect(page.locator('tr[aria-rowindex="14"]').get_by_role("link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Many")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_list_that_changes_while_it_loads_is_whole(
    visit: Visit, many: int, web_db: psycopg.Connection[Any]
) -> None:
    page = visit("/calculator")
    gone: list[str] = []

    def change(route: Route) -> None:
        if "offset=1000" in route.request.url and not gone:
            gone.append("many/0500")
            web_db.execute("update ai.models set is_active = false where key = 'many/0500'")
        route.continue_()

    page.route("**/rest/v1/catalogue*", change)
    try:
        page.get_by_role("link", name="Models").click()
        expect(count(page)).to_have_text(f"{many - 1:,} models")
        assert gone == ["many/0500"]
        search(page).fill("many/0")
        expect(count(page)).to_have_text(f"998 of {many - 1:,} models")  # 1 to 999, less one
    finally:
        web_db.execute("update ai.models set is_active = true where key = 'many/0500'")


def test_what_a_request_costs_on_three_models_is_four_clicks_away(visit: Visit) -> None:
    page = visit("/?q=gpt-4o")
    for name in ("GPT-4o", "GPT-4o mini - Fast & Affordable"):
        page.get_by_role("checkbox", name=f"Compare {name}", exact=True).check()
    search(page).fill("dall")
    page.get_by_role("checkbox", name="Compare DALL·E 3").check()
    page.get_by_role("complementary").get_by_role("link", name="Compare").click()

    costs = page.get_by_role("row", name=re.compile("^Cost of one request"))
    # 1,000 input and 500 output: 1000 × 2.5 + 500 × 10 and 1000 × 0.15 + 500 × 0.6 of a millionth.
    expect(costs).to_contain_text("US$0.0075")
    expect(costs).to_contain_text("US$0.00045cheapest")
    expect(costs).to_contain_text('Model "dall-e-3" has no price for "input" at that time.')
    expect(page.get_by_role("row", name=re.compile("^Credits"))).to_contain_text("9.750.585–")

    page.get_by_role("spinbutton", name="Output").fill("1500")
    expect(costs).to_contain_text("US$0.0175")
    page.get_by_role("textbox", name="Times requests").fill("1000000")
    expect(page.get_by_role("row", name=re.compile("^Cost of all"))).to_contain_text(
        "US$17,500US$1,050–"
    )
    page.get_by_role("combobox", name="Add a model").fill("many/0001")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    # 1000 × 0.12345678901234567891, and it has no price for output.
    expect(costs).to_contain_text('Model "many/0001" has no price for "output" at that time.')
    page.get_by_role("button", name="Without Output").click()
    expect(costs).to_contain_text("US$123.45678901234567891")
    page.wait_for_url(re.compile("models=gpt-4o%2Cgpt-4o-mini%2Cdall-e-3%2Cmany%2F0001"))
    assert_accessible(page)
    screenshot(page, "compare")


def test_a_model_shows_its_prices_and_how_they_went(visit: Visit) -> None:
    page = visit("/models/many%2F0002")
    prices = page.get_by_role("table", name="Prices that apply now")
    for row in (
        "Input always US$2 per 1M tokens 1 Mar 2026",
        "Input above 200,000 tokens US$4 per 1M tokens 1 Jan 2026",
        "Output always US$12 per 1M tokens 1 Jan 2026",
        "Input always US$1 per 1M tokens 1 Jan 2026",
    ):
        expect(prices.get_by_role("row", name=row)).to_have_count(1)
    expect(prices.get_by_role("rowheader", name="Batch")).to_be_visible()
    expect(page.locator(".recharts-line-curve")).to_have_count(3)  # standard, above 200,000, batch
    page.get_by_text("The same as a table, 4 steps").click()
    steps = page.get_by_role("table", name="Input: prices from when on")
    expect(
        steps.get_by_role("row", name="1 Jan 2026 1 Mar 2026 always US$3 per 1M tokens")
    ).to_be_visible()
    expect(
        steps.get_by_role("row", name="1 Mar 2026 now always US$2 per 1M tokens")
    ).to_be_visible()
    assert_accessible(page)
    screenshot(page, "model")
    page.get_by_role("radio", name="Output").check()
    expect(page.locator(".recharts-line-curve")).to_have_count(1)
    expect(
        page.get_by_text('quote("many/0002", {"input":1000,"output":500})').first
    ).to_be_visible()


def test_twenty_digits_are_the_same_on_every_screen(visit: Visit, web_db: Any) -> None:
    stored = web_db.execute(
        "select prices ->> 'input' as price from ai.catalogue where key = 'many/0001'"
    ).fetchone()
    assert stored["price"] == EXACT
    page = visit("/models/many%2F0001", locale="de-DE")
    row = page.get_by_role("table", name="Prices that apply now").get_by_role("row").last
    expect(row).to_contain_text("123.456,78901234567891\u00a0$ per 1M tokens")
    page.goto(page.url.replace("models/many%2F0001", "?q=many%2F0001"))
    expect(rows(page)).to_have_count(1)
    assert column(page, 4) == ["123.456,78901234567891\u00a0$"]
    # Seven of them: 0.12345678901234567891 × 7.
    page.goto(
        page.url.split("#")[0] + "#/calculator?models=many%2F0001&usage=%7B%22input%22%3A7%7D"
    )
    total = page.get_by_role("row", name=re.compile("^In all"))
    expect(total).to_contain_text("0,86419752308641975237\u00a0$")
    assert total.locator("data").get_attribute("value") == "0.86419752308641975237"


def test_what_is_not_there_is_said_in_the_databases_words(visit: Visit) -> None:
    page = visit("/models/gpt-99")
    expect(page.get_by_role("alert")).to_contain_text('There is no model called "gpt-99".')
    visit.problems.clear()  # the browser reports each 404
    page.goto(page.url.replace("models/gpt-99", "models/many%2F0009"))
    expect(page.get_by_text("No public price.")).to_be_visible()
    page.goto(page.url.replace("models/many%2F0009", "compare"))
    expect(page.get_by_text("Nothing to compare yet.")).to_be_visible()
    assert_accessible(page)


def test_it_fits_a_phone(visit: Visit) -> None:
    page = visit("/?q=gpt", width=390, height=800, scheme="dark")
    expect(rows(page).first).to_be_visible()
    assert_fits(page)
    screenshot(page, "catalogue-phone")
    for view in (
        "models/gpt-4o",
        "compare?models=gpt-4o,gpt-4o-mini,dall-e-3",
        "calculator",
    ):
        page.goto(page.url.split("#")[0] + f"#/{view}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert_fits(page)
