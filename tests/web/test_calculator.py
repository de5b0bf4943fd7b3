"""What a provider's own usage becomes, and costs."""

from __future__ import annotations

import json
import re

from playwright.sync_api import expect

from tests.web.conftest import Visit, assert_accessible, screenshot

ANSWER = {
    "model": "gpt-4o-mini",
    "object": "chat.completion",
    "choices": [{"message": {"content": "A secret."}}],
    "usage": {
        "prompt_tokens": 1200,
        "completion_tokens": 350,
        "prompt_tokens_details": {"cached_tokens": 1000},
    },
}


def test_an_answer_becomes_meters_lines_cost_and_credits(visit: Visit) -> None:
    page = visit("/calculator")
    given = page.get_by_label("The usage of an answer, or the whole answer, as JSON")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    given.fill(json.dumps(ANSWER))
    counted = page.get_by_role("table", name="What it counts")
    for row in ("Input 200", "Cache read 1,000", "Output 350"):
        expect(counted.get_by_role("row", name=row)).to_be_visible()
    # The answer names its model: 200 × 0.15 + 1000 × 0.075 + 350 × 0.6 millionths. Credits: × 1000 × 1.3,
    # which is 0.4095, rounded up to a thousandth.
    cost = page.get_by_role("table", name="What it costs with gpt-4o-mini")
    for row in (
        "input 200 US$0.00000015 US$0.00003",
        "cache_read 1,000 US$0.000000075 US$0.000075",
        "output 350 US$0.0000006 US$0.00021",
        "In all US$0.000315",
        "Credits 0.41",
    ):
        expect(cost.get_by_role("row", name=row)).to_be_visible()
    assert not any("secret" in body for body in sent)

    page.get_by_role("combobox", name="Add a model").fill("claude-opus-5-5")
    page.get_by_role("listbox").get_by_role("option").first.click()
    # 200 × 4 + 1000 × 0.2 + 350 × 20 millionths
    expect(
        page.get_by_role("table", name="The cheapest first").get_by_role("row").last
    ).to_have_accessible_name("claude-opus-5-5 US$0.008 10.4")
    page.wait_for_url(re.compile("models=gpt-4o-mini%2Cclaude-opus-5-5"))
    assert_accessible(page)
    screenshot(page, "calculator")
    page.reload()
    expect(cost).to_be_visible()


def test_what_cannot_be_counted_is_refused_with_a_reason(visit: Visit) -> None:
    page = visit("/calculator")
    expect(page.get_by_text("Paste what a provider answered.")).to_be_visible()
    given = page.get_by_label("The usage of an answer, or the whole answer, as JSON")
    given.fill('{"prompt_tokens": ')
    expect(page.get_by_role("alert")).to_contain_text("That is no JSON yet")
    given.fill(
        '{"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 20}, "completion_tokens": 1}'
    )
    expect(page.get_by_role("alert").first).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Anthropic").click()
    expect(page.get_by_role("table", name="What it costs with claude-sonnet-5-5")).to_be_visible()
    assert all(problem.startswith("error: Failed to load resource") for problem in visit.problems)
    visit.problems.clear()
