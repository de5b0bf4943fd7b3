"""How fast the page is with LiteLLM's catalogue, in real Chromium against a real stack, and how large it is.

    .venv/bin/python -m bench.web               # after make setup

Times are from a key or click to the frame in which its rows stand, medians of several; a first render begins with an
empty cache. Nothing is mocked: gateway, PostgREST and PostgreSQL answer on this machine.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import psycopg
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench import agreement
from ratebook import catalogues, page
from ratebook.local.stack import Stack
from tools import releases
from tools.project import REPOSITORY, ToolError

WORD: Final = "claude sonnet"
HEADERS: Final = ("Input", "Output", "Cache read", "Context", "Model", "Provider")
LIMIT: Final = 250_000  # of the first load, in gzipped bytes

# When the first row, and any later change of the table, stood in a frame; how far the layout jumped.
WATCH: Final = """
window.seen = {first: null, changed: null, shift: 0};
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) seen.shift += entry.value;
}).observe({type: 'layout-shift', buffered: true});
new MutationObserver(() => {
  const row = document.querySelector('tbody tr[aria-rowindex]');
  if (!row) return;
  requestAnimationFrame(() => setTimeout(() => {
    seen.changed = performance.now();
    seen.first ??= seen.changed;
  }));
}).observe(document, {childList: true, subtree: true, characterData: true});
for (const kind of ['keydown', 'click']) addEventListener(kind, () => {
  seen.began = performance.now();
  seen.changed = null;
}, {capture: true});
"""


def wait_for(tab: Page, condition: str) -> None:
    """Until a condition in the page holds. Playwright's own way is an eval, which the page's policy refuses."""
    tab.evaluate(
        "async () => { for (let i = 0; i < 3000; i++) {"
        f" if ({condition}) return; await new Promise((go) => setTimeout(go, 10)) }}"
        f" throw new Error({condition!r}) }}"
    )


def after(tab: Page) -> list[float]:
    """Milliseconds from the last key or click to the last change that it made; nothing where it made none."""
    wait_for(
        tab,
        "seen.changed === null ? performance.now() - seen.began > 1000 : performance.now() - seen.changed > 150",
    )
    found = tab.evaluate("seen.changed === null ? null : seen.changed - seen.began")
    return [] if found is None else [float(found)]


def opened(browser: Browser, url: str) -> tuple[Page, int]:
    """The catalogue with an empty cache, when its rows stand; and the bytes of the page's own files."""
    tab = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    tab.add_init_script(WATCH)
    sizes: list[int] = []
    tab.on(
        "requestfinished",
        lambda request: (
            sizes.append(request.sizes()["responseBodySize"]) if "/app/" in request.url else None
        ),
    )
    tab.goto(f"{url}/app/")
    wait_for(tab, "seen.first !== null")
    tab.wait_for_load_state("networkidle")
    return tab, sum(sizes)


def measured(browser: Browser, stack: Stack, rounds: int) -> dict[str, Any]:
    """Figures of the page."""
    firsts: list[float] = []
    shifts: list[float] = []
    loads: list[int] = []
    for _ in range(rounds):
        tab, size = opened(browser, stack.url)
        firsts.append(float(tab.evaluate("seen.first")))
        shifts.append(float(tab.evaluate("seen.shift")))
        loads.append(size)
        tab.context.close()
    tab, _ = opened(browser, stack.url)
    status = tab.get_by_role("status").first
    with psycopg.connect(stack.dsn) as connection:
        connection.execute("set local role anon")
        found = connection.execute("select count(*) from ai.catalogue where is_active").fetchone()
    assert found is not None
    expect(status).to_have_text(f"{found[0]:,} models")
    tab.locator("tbody tr[aria-rowindex] a").first.focus()
    tab.keyboard.press("End")
    expect(tab.locator(f'tbody tr[aria-rowindex="{found[0] + 1}"]')).to_be_visible()
    keys: list[float] = []
    tab.get_by_role("searchbox", name="Search models").focus()
    for _ in range(rounds):
        for key in [*WORD, *["Backspace"] * len(WORD)]:
            tab.keyboard.press("Space" if key == " " else key)
            keys += after(tab)
    sorts: list[float] = []
    for _ in range(rounds):
        for header in HEADERS:
            for _ in range(2):
                tab.get_by_role("columnheader", name=header, exact=True).get_by_role(
                    "button"
                ).click()
                sorts += after(tab)
    tab.context.close()
    return {
        "models": found[0],
        "first": firsts,
        "keys": keys,
        "sorts": sorts,
        "shift": max(shifts),
        "load": max(loads),
    }


def chunks(folder: Path) -> dict[str, int]:
    """Gzipped bytes of each built file."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): len(gzip.compress(path.read_bytes(), 6)) for path in files
    }


def line(name: str, times: list[float]) -> str:
    """A row of the table."""
    ordered = sorted(times)
    return (
        f"| {name} | {statistics.median(ordered):.0f} | {ordered[int(len(ordered) * 0.95)]:.0f} "
        f"| {ordered[-1]:.0f} | {len(ordered)} |"
    )


def run(rounds: int) -> int:
    """Import, measure, print."""
    folder = page.built()
    if folder is None:
        raise ToolError(page.NOT_BUILT)
    version = releases.versions()[-1]
    feed = catalogues.parse("litellm", releases.catalogue(version))
    with tempfile.TemporaryDirectory(prefix="ratebook-", ignore_cleanup_errors=True) as data:
        stack = Stack(REPOSITORY, data)
        stack.start()
        try:
            with psycopg.connect(stack.dsn) as connection:
                agreement.imported(connection, feed)
            with psycopg.connect(stack.dsn, autocommit=True) as connection:
                connection.execute("vacuum analyze")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path="/usr/bin/chromium",
                    args=["--no-sandbox", "--disable-background-networking"],
                )
                found = measured(browser, stack, rounds)
                browser.close()
        finally:
            stack.stop()
    print(f"LiteLLM {version}: {found['models']:,} models, all of them listed.\n")
    print("| ms | median | 95 % | most | of |\n|---|---:|---:|---:|---:|")
    print(line("first render", found["first"]))
    print(line("search keystroke", found["keys"]))
    print(line("sort", found["sorts"]))
    print(f"\nLayout shift: {found['shift']:.3f}. First load: {found['load']:,} bytes.\n")
    print("| file | gzipped bytes |\n|---|---:|")
    for name, size in chunks(folder).items():
        print(f"| {name} | {size:,} |")
    return int(found["load"] > LIMIT)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    try:
        sys.exit(run(parser.parse_args().rounds))
    except ToolError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
