"""`Account.track()` around the SDKs of OpenAI and Anthropic, which ask a stand-in, against a real PostgREST.

Credits of gpt-4o-mini are (0.15 input + 0.60 output) / 1e6 USD, 1,000 credits to the dollar and 30 % on top, so
0.000195 and 0.00078 a token, rounded up to 0.001. Each chunk of the stand-in is 4 bytes, one token by the rule.
"""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import anthropic
import anyio
import openai
import pytest

from ratebook import AsyncClient, Charged, Client, InsufficientCredits
from tests.conftest import Connection
from tests.providers import stand_in
from tools.project import REPOSITORY

EXPECTED = {"input": 900, "output": 400}  # 0.4875, so 0.488 are held
ASK: dict[str, Any] = {
    "model": "gpt-4o-mini",
    "messages": [{"role": "user", "content": "Tell me of lighthouses"}],
    "stream": True,
}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with stand_in() as url:
        yield url


@pytest.fixture
def ada(new_user: Callable[..., UUID]) -> UUID:
    return new_user()


@pytest.fixture
def client(ratebook_stack: Any) -> Iterator[Client]:
    with Client(ratebook_stack.url, ratebook_stack.service_key) as client:
        yield client


@pytest.fixture
def openai_at(provider: str) -> Callable[[str], openai.OpenAI]:
    return lambda how: openai.OpenAI(api_key="none", base_url=f"{provider}/{how}/v1", max_retries=0)


@pytest.fixture
def async_openai_at(provider: str) -> Callable[[str], openai.AsyncOpenAI]:
    return lambda how: openai.AsyncOpenAI(
        api_key="none", base_url=f"{provider}/{how}/v1", max_retries=0
    )


def ended(db: Connection, lenser: UUID) -> tuple[Any, ...]:
    """How the newest hold of somebody ended: status, what was charged, whether as an estimate, of what usage."""
    row = db.execute(
        "select h.status, trim_scale(c.credits) as credits, c.is_estimated, c.usage from billing.holds as h"
        " left join billing.charges as c on c.id = h.charge_id and c.lenser_id = h.lenser_id"
        " where h.lenser_id = %s order by h.id desc limit 1",
        [lenser],
    ).fetchone()
    assert row is not None
    return tuple(row.values())


# ------------------------------------------------------------------ to the end


def test_a_stream_is_passed_on_and_charged_what_it_reports(
    client: Client, ada: UUID, openai_at: Any, db: Connection
) -> None:
    account = client.account(ada, owner=ada)
    account.grant(10)
    tracked = account.track("gpt-4o-mini", usage=EXPECTED, prompt="Lighthouses", keep_output=True)
    stream = tracked.call(openai_at("words=3,input=1000,output=500").chat.completions.create, **ASK)
    assert tracked.hold is not None
    assert tracked.hold.amount == Decimal("0.488")
    chunks = list(stream)
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == "001 002 003 "
    assert len(chunks) == 5, "the chunk that was asked for is not passed on"
    assert tracked.charged is not None
    assert tracked.charged.credits == Decimal("0.585")
    assert ended(db, ada) == (
        "captured",
        Decimal("0.585"),
        False,
        {"input": 1000, "output": 500},
    )
    log = db.execute(
        "select prompt, output, latency_ms from ai.generations where lenser_id = %s", [ada]
    ).fetchone()
    assert log is not None
    assert (log["prompt"], log["output"]) == ("Lighthouses", "001 002 003 ")
    assert log["latency_ms"] >= 0
    assert stream.response.status_code == 200, "the rest of the stream is there"


def test_who_asks_for_the_usage_gets_its_chunk(client: Client, ada: UUID, openai_at: Any) -> None:
    account = client.account(ada, owner=ada)
    account.grant(10)
    tracked = account.track("gpt-4o-mini", usage=EXPECTED)
    create = openai_at("words=3").chat.completions.create
    *_, last = tracked.call(create, **ASK, stream_options={"include_usage": True})
    assert (last.choices, last.usage.total_tokens) == ([], 1006)
    # 1,000 and 6: 0.195 + 0.00468.
    assert tracked.charged is not None
    assert tracked.charged.credits == Decimal("0.2")


def test_an_answer_that_is_no_stream(
    client: Client, ada: UUID, openai_at: Any, db: Connection
) -> None:
    account = client.account(ada, owner=ada)
    account.grant(10)
    tracked = account.track("gpt-4o-mini", usage=EXPECTED)
    answer = tracked.call(openai_at("words=3").chat.completions.create, **ASK | {"stream": False})
    assert answer.choices[0].message.content == "001 002 003 "
    assert ended(db, ada) == ("captured", Decimal("0.2"), False, {"input": 1000, "output": 6})
    tracked = account.track("gpt-4o-mini", usage=EXPECTED)
    tracked.call(openai_at("words=3,usage=no").chat.completions.create, **ASK | {"stream": False})
    # 900 as expected, 3 for 12 bytes: 0.1755 + 0.00234.
    assert ended(db, ada) == ("captured", Decimal("0.178"), True, {"input": 900, "output": 3})


def test_responses_and_messages(
    client: Client, ada: UUID, provider: str, openai_at: Any, db: Connection
) -> None:
    account = client.account(ada, owner=ada)
    account.grant(10)
    create = openai_at("words=30").responses.create
    tracked = account.track("gpt-4o-mini", usage=EXPECTED)
    events = list(tracked.call(create, model="gpt-4o-mini", input="Hi", stream=True))
    assert events[-1].type == "response.completed"
    assert ended(db, ada)[2:] == (False, {"input": 1000, "output": 60})
    tracked = account.track("gpt-4o-mini", usage=EXPECTED)
    with tracked.call(create, model="gpt-4o-mini", input="Hi", stream=True) as stream:
        for event in stream:
            if event.type == "response.output_text.delta" and event.delta == "010 ":
                break
    # 0.1755 + 0.0078.
    assert ended(db, ada) == ("captured", Decimal("0.184"), True, {"input": 900, "output": 10})

    claude = anthropic.Anthropic(api_key="none", base_url=f"{provider}/words=30", max_retries=0)
    ask: dict[str, Any] = {
        "model": "claude-haiku-4-5",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "Hi"}],
    }
    tracked = account.track("claude-haiku-4-5", usage=EXPECTED)
    list(tracked.call(claude.messages.create, **ask, stream=True))
    assert ended(db, ada)[2:] == (False, {"input": 1000, "output": 60})
    tracked = account.track("claude-haiku-4-5", usage=EXPECTED)
    with tracked.call(claude.messages.create, **ask, stream=True) as stream:
        for event in stream:
            if event.type == "content_block_delta" and event.delta.text == "010 ":
                break
    # What was read the message said when it began.
    assert ended(db, ada)[2:] == (True, {"input": 1000, "output": 10})
    tracked = account.track("claude-haiku-4-5", usage=EXPECTED)
    with tracked.call(claude.messages.stream, **ask) as stream:  # its helper, which has more events
        for _ in stream:
            pass
    assert ended(db, ada)[2:] == (False, {"input": 1000, "output": 60})
    tracked = account.track("gpt-4o-mini", usage=EXPECTED)
    helper = openai_at("words=30").chat.completions.stream
    text = {name: value for name, value in ASK.items() if name != "stream"}
    events = list(tracked.call(helper, **text))
    assert events[-1].type != "chunk" or events[-1].chunk.choices
    assert ended(db, ada)[2:] == (False, {"input": 1000, "output": 60})


# ------------------------------------------------------------------ cut


def test_a_stream_that_is_left_is_charged_what_came(
    client: Client, ada: UUID, openai_at: Any, db: Connection
) -> None:
    account = client.account(ada, owner=ada)
    account.grant(10)
    tracked = account.track("gpt-4o-mini", usage=EXPECTED)

    def read(words: int) -> None:
        for number, _ in enumerate(
            tracked.call(openai_at("words=300").chat.completions.create, **ASK)
        ):
            if number == words:
                return

    read(100)
    gc.collect()
    # The first chunk is the role. 0.1755 + 0.078.
    assert ended(db, ada) == ("captured", Decimal("0.254"), True, {"input": 900, "output": 100})
    assert tracked.charged is not None
    settled = client.settle_charge(
        tracked.charged.charge_id,
        openai.types.CompletionUsage(prompt_tokens=1000, completion_tokens=500, total_tokens=1500),
    )
    assert settled.credits == Decimal("0.585")
    # Never above the hold, 900 and 400, whatever came.
    tracked = account.track("gpt-4o-mini", usage=EXPECTED)
    with tracked.call(openai_at("words=1000,usage=no").chat.completions.create, **ASK) as stream:
        assert len(list(stream)) == 1002
    assert ended(db, ada) == ("captured", Decimal("0.488"), True, None)
    assert account.balance().reserved == 0
    # With a tokenizer of one's own.
    tracked = account.track("gpt-4o-mini", usage=EXPECTED, count=lambda text: len(text.split()) * 2)
    list(tracked.call(openai_at("words=10,usage=no").chat.completions.create, **ASK))
    assert ended(db, ada)[3] == {"input": 900, "output": 20}


def test_a_stream_that_breaks(client: Client, ada: UUID, openai_at: Any, db: Connection) -> None:
    account = client.account(ada, owner=ada)
    account.grant(10)

    def ask(how: str) -> None:
        tracked = account.track("gpt-4o-mini", usage=EXPECTED)
        for _ in tracked.call(openai_at(how).chat.completions.create, **ASK):
            pass

    with pytest.raises(openai.APIConnectionError):
        ask("cut=10")
    assert ended(db, ada) == ("captured", Decimal("0.184"), True, {"input": 900, "output": 10})
    with pytest.raises(openai.APIError, match="The server had an error"):
        ask("error=6")
    assert ended(db, ada)[3] == {"input": 900, "output": 5}
    with pytest.raises(openai.APIError, match="The server had an error"):
        ask("error=1")
    assert ended(db, ada) == ("released", None, None, None), "nothing came"
    with pytest.raises(openai.RateLimitError):
        ask("fail=429")
    assert ended(db, ada) == ("released", None, None, None)
    assert account.balance().reserved == 0


def test_what_cannot_be_afforded(client: Client, ada: UUID, openai_at: Any, db: Connection) -> None:
    account = client.account(ada, owner=ada)
    account.grant(1)
    create = openai_at("words=3,input=9000").chat.completions.create
    with pytest.raises(InsufficientCredits):
        account.track("gpt-4o-mini", usage={"input": 10_000}).call(create, **ASK)
    # It came to 1.755 and more: what was held is charged, and the rest can be settled.
    tracked = account.track("gpt-4o-mini", usage=EXPECTED)
    list(tracked.call(create, **ASK))
    assert isinstance(tracked.refused, InsufficientCredits)
    assert ended(db, ada)[:3] == ("captured", Decimal("0.488"), True)


def test_what_a_request_says_is_held(client: Client, ada: UUID, openai_at: Any) -> None:
    account = client.account(ada, owner=ada)
    account.grant(10)
    tracked = account.track("gpt-4o-mini")
    # "user" and "Tell me of lighthouses" are 26 bytes, so 7 tokens: 0.001365 + 0.078.
    list(
        tracked.call(openai_at("words=3").chat.completions.create, **ASK, max_completion_tokens=100)
    )
    assert tracked.hold is not None
    assert tracked.hold.amount == Decimal("0.08")


def test_what_is_of_no_known_kind(client: Client, ada: UUID, db: Connection) -> None:
    account = client.account(ada, owner=ada)
    account.grant(10)
    tracked = account.track("gpt-4o-mini", usage=EXPECTED)
    assert len(list(tracked.call(lambda: iter([object(), object()])))) == 2
    assert ended(db, ada)[:3] == ("captured", Decimal("0.488"), True)
    with account.track("gpt-4o-mini", usage=EXPECTED) as tracked:
        pass
    assert ended(db, ada)[:3] == ("captured", Decimal("0.488"), True)


def test_a_block(client: Client, ada: UUID, openai_at: Any, db: Connection) -> None:
    account = client.account(ada, owner=ada)
    account.grant(10)
    create = openai_at("words=10").chat.completions.create
    with account.track("gpt-4o-mini", usage=EXPECTED) as tracked:
        for number, _ in enumerate(tracked.stream(create(**ASK))):
            if number == 4:
                break
    assert ended(db, ada) == ("captured", Decimal("0.179"), True, {"input": 900, "output": 4})
    with pytest.raises(KeyError), account.track("gpt-4o-mini", usage=EXPECTED):
        raise KeyError
    assert ended(db, ada)[0] == "released"
    with account.track("gpt-4o-mini", usage=EXPECTED) as tracked:
        tracked.answered(create(**ASK | {"stream": False}))
    assert ended(db, ada)[2:] == (False, {"input": 1000, "output": 20})


# ------------------------------------------------------------------ cancelled


@pytest.mark.parametrize("by", ["asyncio", "anyio", "twice", "dropped", "not begun"])
async def test_a_task_that_is_cancelled(
    by: str, ratebook_stack: Any, ada: UUID, async_openai_at: Any, db: Connection
) -> None:
    seen = asyncio.Event()
    charged: list[Charged | None] = []
    async with AsyncClient(ratebook_stack.url, ratebook_stack.service_key) as client:
        account = client.account(ada, owner=ada)
        await account.grant(10)
        tracked = account.track("gpt-4o-mini", usage=EXPECTED)
        create = async_openai_at("words=300,pause=2").chat.completions.create

        async def ask() -> None:
            stream = await tracked.call(create, **ASK)
            if by == "not begun":
                return
            number = 0
            async for _ in stream:
                number += 1
                if number == 11:
                    seen.set()
                    if by == "dropped":
                        return

        if by == "anyio":
            async with anyio.create_task_group() as group:
                group.start_soon(ask)
                await seen.wait()
                group.cancel_scope.cancel()
        else:
            task = asyncio.create_task(ask())
            if by != "not begun":
                await seen.wait()
            if by in ("dropped", "not begun"):
                await task
                del task
                gc.collect()
                while tracked.charged is None:
                    await asyncio.sleep(0.01)
            else:
                task.cancel()
                while by == "twice" and not task.done():
                    await asyncio.sleep(0.002)
                    if task.cancelling() < 3:
                        task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
        charged.append(tracked.charged)
        assert (await account.balance()).reserved == 0
    status, charge, is_estimated, usage = ended(db, ada)
    assert (status, is_estimated, usage["input"]) == ("captured", True, 900)
    # What had come: the chunk that was seen, or a few more before the task heard of it.
    output = usage.get("output", 0)
    assert output == 0 if by == "not begun" else 10 <= output <= 40
    expected = Decimal("0.000195") * 900 + Decimal("0.00078") * output
    assert charge == expected.quantize(Decimal("0.001"), "ROUND_CEILING")
    assert charged[0] is not None
    assert charged[0].credits == charge


WORKER = """
import os
from datetime import timedelta
import openai
from ratebook import Client, stopping

with stopping(), Client(os.environ["URL"], os.environ["KEY"]) as client:
    account = client.account(os.environ["ADA"])
    expected = {"input": 900, "output": 400}
    tracked = account.track("gpt-4o-mini", usage=expected, expires_in=timedelta(seconds=1.5))
    provider = openai.OpenAI(api_key="none", base_url=os.environ["PROVIDER"])
    stream = tracked.call(provider.chat.completions.create, model="gpt-4o-mini", messages=[], stream=True)
    for number, _ in enumerate(stream):
        if number == 10:
            print("ten", flush=True)
"""


@pytest.mark.parametrize("signal", ["TERM", "KILL"])
def test_a_process_that_is_stopped(
    signal: str, client: Client, ratebook_stack: Any, provider: str, ada: UUID, db: Connection
) -> None:
    account = client.account(ada, owner=ada)
    account.grant(10)
    environment = {
        "URL": ratebook_stack.url,
        "KEY": ratebook_stack.service_key,
        "ADA": str(ada),
        "PROVIDER": f"{provider}/words=3000,pause=5/v1",
    }
    with subprocess.Popen(
        [sys.executable, "-c", WORKER], cwd=REPOSITORY, stdout=subprocess.PIPE, env=environment
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ten\n"
        worker.terminate() if signal == "TERM" else worker.kill()
        code = worker.wait()
    if signal == "TERM":
        assert code == 143
        status, _, is_estimated, usage = ended(db, ada)
        assert (status, is_estimated, usage["input"]) == ("captured", True, 900)
        assert 10 <= usage["output"] <= 40
        return
    assert code == -9
    # Nobody ends the hold: its time does.
    assert ended(db, ada) == ("open", None, None, None)
    db.execute("select pg_sleep(1.6)")
    balance = account.balance()
    assert [balance.reserved, balance.available] == [0, 10]
