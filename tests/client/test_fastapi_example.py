"""examples/fastapi_app.py under uvicorn, with browsers that leave at random places. RATEBOOK_CUTS=200 makes so many.

The provider says nothing more after so many chunks, and the reader leaves when it has them all: so what came is known.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from ratebook import Client
from ratebook.local.processes import free_ports
from tests.conftest import Connection
from tests.providers import stand_in
from tools.project import REPOSITORY

CUTS = int(os.environ.get("RATEBOOK_CUTS", "12"))
# Credits of a token, read and written: USD per million, 1,000 credits to the dollar, 30 % on top.
PRICES = {
    "/chat": (Decimal("0.000195"), Decimal("0.00078")),
    "/responses": (Decimal("0.000195"), Decimal("0.00078")),
    "/messages": (Decimal("0.0013"), Decimal("0.0065")),
}


@dataclass
class App:
    url: str
    process: subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with stand_in() as url:
        yield url


@pytest.fixture(scope="module")
def app(ratebook_stack: Any, provider: str) -> Iterator[App]:
    (port,) = free_ports(1)
    environment = os.environ | {
        "SUPABASE_URL": ratebook_stack.url,
        "SUPABASE_SERVICE_ROLE_KEY": ratebook_stack.service_key,
        "OPENAI_BASE_URL": f"{provider}/plain/v1",
        "ANTHROPIC_BASE_URL": f"{provider}/plain",
        "OPENAI_API_KEY": "none",
        "ANTHROPIC_API_KEY": "none",
    }
    command = [sys.executable, "-m", "uvicorn", "examples.fastapi_app:app", "--port", str(port)]
    options = ["--log-level", "warning", "--timeout-graceful-shutdown", "1"]
    with subprocess.Popen([*command, *options], cwd=REPOSITORY, env=environment) as process:
        url = f"http://127.0.0.1:{port}"
        while True:
            try:
                assert httpx.get(url).status_code == 200
                break
            except httpx.ConnectError:
                assert process.poll() is None
                time.sleep(0.05)
        yield App(url, process)
        process.terminate()


@pytest.fixture
def ada(new_user: Callable[..., UUID]) -> UUID:
    return new_user()


@pytest.fixture
def client(ratebook_stack: Any) -> Iterator[Client]:
    with Client(ratebook_stack.url, ratebook_stack.service_key) as client:
        yield client


def holds(db: Connection, lenser: UUID) -> list[dict[str, Any]]:
    return db.execute(
        "select h.status, h.amount, c.credits, c.is_estimated, c.usage from billing.holds as h"
        " left join billing.charges as c on c.id = h.charge_id and c.lenser_id = h.lenser_id"
        " where h.lenser_id = %s order by h.id",
        [lenser],
    ).fetchall()


def settled(db: Connection, lenser: UUID, number: int) -> list[dict[str, Any]]:
    """The holds, when none is open any more."""
    for _ in range(200):
        found = holds(db, lenser)
        if len(found) == number and all(hold["status"] != "open" for hold in found):
            return found
        time.sleep(0.05)
    raise AssertionError(f"of {number} holds: {found}")


def price(path: str, usage: dict[str, int]) -> Decimal:
    read, written = PRICES[path]
    exact = usage["input"] * read + usage.get("output", 0) * written
    return exact.quantize(Decimal("0.001"), ROUND_CEILING)


def test_browsers_that_leave_at_a_random_place(
    app: App, client: Client, new_user: Callable[..., UUID], db: Connection
) -> None:
    choose = random.Random(17)
    readers = [
        (new_user(), choose.choice(list(PRICES)), choose.randrange(0, 380)) for _ in range(CUTS)
    ]
    for user, _, _ in readers:
        client.account(user).grant(10)

    async def leave(http: httpx.AsyncClient, user: UUID, path: str, words: int) -> None:
        question = {"text": f"Lighthouses [words=400,stall={words}]"}
        headers = {"X-User": str(user)}
        async with http.stream("POST", path, json=question, headers=headers) as answer:
            assert answer.status_code == 200
            came = 0
            while came < words * 4:
                async for text in answer.aiter_raw():
                    came += len(text)
                    if came >= words * 4:
                        break
            assert came == words * 4

    async def all_of_them() -> None:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=app.url, timeout=60, limits=limits) as http:
            await asyncio.gather(*(leave(http, *reader) for reader in readers))

    begun = time.monotonic()
    asyncio.run(all_of_them())
    for user, path, words in readers:
        (hold,) = settled(db, user, 1)
        usage = {"input": 1000 if path == "/messages" else 10 + 36 // 4}
        # The question has 12 characters and what stands in brackets, which says how many words.
        if path != "/messages":
            usage["input"] = 10 + len(f"Lighthouses [words=400,stall={words}]") // 4
        output = max(words, 1 if path == "/messages" else 0)  # a message reports one when it begins
        if output:
            usage["output"] = output
        most = hold["amount"]
        expected = min(price(path, usage), most)
        assert hold["status"] == "captured"
        assert (hold["credits"], hold["is_estimated"]) == (expected, True), (path, words)
        assert hold["usage"] == (usage if price(path, usage) <= most else None)
        balance = client.account(user).balance()
        assert [balance.available, balance.reserved] == [10 - expected, 0]
    print(f"{CUTS} streams cut, {time.monotonic() - begun:.1f} s")


@pytest.mark.parametrize("path", PRICES)
def test_a_browser_that_stays(
    path: str, app: App, client: Client, ada: UUID, db: Connection
) -> None:
    client.account(ada).grant(10)
    headers = {"X-User": str(ada)}
    question = {"text": "Lighthouses [words=30,pause=1]"}
    answer = httpx.post(app.url + path, json=question, headers=headers)
    assert answer.text == "".join(f"{number:03d} " for number in range(1, 31))
    (hold,) = settled(db, ada, 1)
    assert hold["usage"] == {"input": 1000, "output": 60}
    assert (hold["credits"], hold["is_estimated"]) == (price(path, hold["usage"]), False)
    # Without a usage, what came is counted.
    question = {"text": "Lighthouses [words=30,usage=no]"}
    httpx.post(app.url + path, json=question, headers=headers)
    assert settled(db, ada, 2)[1]["is_estimated"] is True
    assert settled(db, ada, 2)[1]["usage"] == {"input": 10 + 31 // 4, "output": 30}
    assert client.account(ada).balance().reserved == 0


def test_who_has_too_little_is_told(app: App, ada: UUID) -> None:
    answer = httpx.post(f"{app.url}/chat", json={"text": "Hi"}, headers={"X-User": str(ada)})
    assert (answer.status_code, answer.json()["needed"]) == (402, "0.314")


def test_last_a_server_that_is_asked_to_stop(
    app: App, client: Client, ada: UUID, db: Connection
) -> None:
    client.account(ada).grant(10)
    question = {"text": "Lighthouses [words=400,stall=20]"}
    headers = {"X-User": str(ada)}
    with httpx.stream("POST", f"{app.url}/chat", json=question, headers=headers) as answer:
        came = 0
        for text in answer.iter_raw():
            came += len(text)
            if came == 80:
                break
        app.process.send_signal(signal.SIGTERM)
        app.process.wait(20)
    (hold,) = settled(db, ada, 1)
    assert hold["usage"] == {"input": 18, "output": 20}
    assert (hold["credits"], hold["is_estimated"]) == (Decimal("0.02"), True)
