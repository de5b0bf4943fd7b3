"""Whatever opens over a view: axe finds nothing while it is open, and the keyboard reaches all of it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.web.conftest import Visit, assert_accessible, assert_fits

USAGE = "usage=input=1000,output=500"


def model_search(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Add a model")


def meant(page: Page) -> str | None:
    """The choice that a screen reader is told of."""
    found: str | None = page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))"
        "?.firstChild.textContent ?? null"
    )
    return found


def test_the_list_of_models_is_open_and_the_page_is_accessible(visit: Visit) -> None:
    for view in (
        f"/compare?models=gpt-4o&{USAGE}",
        "/calculator?models=gpt-4o-mini&usage=%7B%22input%22%3A7%7D",
    ):
        page = visit(view)
        model_search(page).fill("gpt")
        options = page.get_by_role("listbox", name="Add a model").get_by_role("option")
        expect(options.first).to_be_visible()
        page.keyboard.press("ArrowDown")
        expect(options.first).to_have_attribute("aria-selected", "true")
        assert_accessible(page)
        expect(options.first).to_be_visible()
        model_search(page).fill("no such model")
        expect(page.get_by_role("status").get_by_text("No model is called that.")).to_be_visible()
        expect(model_search(page)).to_have_attribute("aria-expanded", "false")
        assert_accessible(page)
        page.set_viewport_size({"width": 390, "height": 800})
        model_search(page).fill("gpt")
        expect(options.first).to_be_visible()
        assert_fits(page)
        assert_accessible(page)


def test_a_model_is_found_and_chosen_by_keyboard_alone(visit: Visit) -> None:
    page = visit(f"/compare?models=gpt-4o&{USAGE}")
    search = model_search(page)
    options = page.get_by_role("listbox").get_by_role("option")
    search.focus()
    expect(options).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(search).to_have_attribute("aria-expanded", "true")
    expect(options.first).to_have_attribute("aria-selected", "true")
    names = options.locator("> :first-child").all_inner_texts()
    assert "gpt-4o" not in names  # chosen already
    assert meant(page) == names[0]
    last = len(names) - 1
    assert last > 12
    walk = {
        "ArrowDown": 1,
        "PageDown": 9,
        "End": last,
        "ArrowUp": last - 1,
        "PageUp": last - 9,
        "Home": 0,
    }
    for key, place in walk.items():
        page.keyboard.press(key)
        assert meant(page) == names[place], key
        expect(options.nth(place)).to_be_in_viewport()
    # From the first up to the last, and round again.
    page.keyboard.press("ArrowUp")
    assert meant(page) == names[last]
    page.keyboard.press("ArrowDown")
    assert meant(page) == names[0]

    # While one types, Home and End move in the text, and Enter takes nothing that was not meant.
    page.keyboard.type("4o-mini")
    expect(options.first).to_contain_text("gpt-4o-mini")
    assert meant(page) is None
    page.keyboard.press("Home")
    page.keyboard.type("gpt-")
    expect(search).to_have_value("gpt-4o-mini")
    expect(options.first).to_contain_text("gpt-4o-mini")
    page.keyboard.press("Enter")
    expect(search).to_have_value("gpt-4o-mini")
    # Escape closes the list, and then empties the input.
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(search).to_have_value("gpt-4o-mini")
    page.keyboard.press("Escape")
    expect(search).to_have_value("")
    page.keyboard.type("gpt-4o-mini")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="gpt-4o-mini")).to_be_visible()
    expect(search).to_have_value("")
    expect(search).to_be_focused()
    expect(options).to_have_count(0)
    # Who goes on with Tab leaves nothing open behind.
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    expect(options).to_have_count(0)
    expect(search).not_to_be_focused()


def test_each_filter_is_open_and_the_page_is_accessible(visit: Visit) -> None:
    page = visit("/")
    expect(page.get_by_role("table").first).to_be_visible()
    filters = page.locator("button[aria-haspopup]")
    names = filters.all_inner_texts()
    assert len(names) == 5
    for place in range(len(names)):
        filters.nth(place).press("Enter")
        popup = page.get_by_role("dialog")
        expect(popup).to_be_visible()
        # The focus goes in, Tab stays with what is open, Escape brings it back.
        assert popup.evaluate("popup => popup.contains(document.activeElement)")
        box = popup.get_by_role("checkbox").first
        before = box.is_checked()
        box.focus()
        page.keyboard.press("Space")
        expect(box).to_be_checked(checked=not before)
        assert_accessible(page)
        expect(popup).to_be_visible()
        page.keyboard.press("Escape")
        expect(popup).to_have_count(0)
        expect(filters.nth(place)).to_be_focused()
    page.set_viewport_size({"width": 390, "height": 800})
    for place in range(len(names)):
        filters.nth(place).press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        assert_fits(page)
        page.keyboard.press("Escape")


def test_what_unfolds_is_accessible(visit: Visit) -> None:
    for view in ("/models/gpt-4o", "/admin/health", "/admin/audit", "/admin/import"):
        page = visit.admin(view)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert_accessible(page)
