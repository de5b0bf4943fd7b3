"""What `account.track()` adds to a provider's call, and to each chunk of a stream; next to the same by hand.

    .venv/bin/python -m bench.track

The provider answers at once, out of memory, with the objects of the SDKs of OpenAI and Anthropic. The calls go to a
local stack: a hold and a capture each. Chunks are timed between the first and the last, so without the hold and the
charge.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psycopg
from anthropic.types import RawMessageStreamEvent
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import ResponseTextDeltaEvent
from pydantic import TypeAdapter

from ratebook import Account, AsyncAccount, AsyncClient, Client
from ratebook.answers import Reader
from ratebook.local.stack import Stack

ROOT = Path(__file__).parent.parent
EXPECTED = {"input": 900, "output": 400}

ANSWER = ChatCompletion.model_validate(
    {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4o-mini",
        "choices": [],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050},
    }
)
CHUNKS: dict[str, Any] = {
    "chat": ChatCompletionChunk.model_validate(
        {
            "id": "c",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "gpt-4o-mini",
            "choices": [{"index": 0, "delta": {"content": " light"}, "finish_reason": None}],
        }
    ),
    "responses": ResponseTextDeltaEvent.model_validate(
        {
            "type": "response.output_text.delta",
            "sequence_number": 1,
            "item_id": "m",
            "output_index": 0,
            "content_index": 0,
            "delta": " light",
            "logprobs": [],
        }
    ),
    "messages": TypeAdapter(RawMessageStreamEvent).validate_python(
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": " light"},
        }
    ),
}


class Chunks:
    """A stream of one chunk, again and again."""

    def __init__(self, chunk: Any, number: int) -> None:
        self._chunk = chunk
        self._number = number

    def __iter__(self) -> Iterator[Any]:
        for _ in range(self._number):
            yield self._chunk

    def __next__(self) -> Any:
        return self._chunk

    async def __aiter__(self) -> AsyncIterator[Any]:
        for _ in range(self._number):
            yield self._chunk


def milliseconds(work: Callable[[], object], times: int) -> float:
    """The median of a call."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1000


def drained(chunks: Any) -> float:
    """Microseconds per chunk, between the first and the last."""
    number = 0
    begun = ended = 0.0
    for _ in chunks:
        ended = time.perf_counter()
        if number == 0:
            begun = ended
        number += 1
    return (ended - begun) / (number - 1) * 1e6


async def async_drained(chunks: Any) -> float:
    number = 0
    begun = ended = 0.0
    async for _ in chunks:
        ended = time.perf_counter()
        if number == 0:
            begun = ended
        number += 1
    return (ended - begun) / (number - 1) * 1e6


def by_hand(account: Account) -> None:
    with account.authorize(model="gpt-4o-mini", usage=EXPECTED) as hold:
        assert ANSWER.usage is not None
        hold.capture(usage=ANSWER.usage.model_dump(exclude_none=True), format="openai_chat")


def calls(account: Account, times: int) -> None:
    def tracked() -> None:
        account.track("gpt-4o-mini", usage=EXPECTED).call(lambda: ANSWER)

    for work in (tracked, lambda: by_hand(account)):
        milliseconds(work, 20)
    # In turns, so that the machine's moods are those of both.
    hand, track = [], []
    for _ in range(10):
        hand.append(milliseconds(lambda: by_hand(account), times // 10))
        track.append(milliseconds(tracked, times // 10))
    one, other = statistics.median(hand), statistics.median(track)
    print(f"a call, by hand: hold and capture      {one:8.2f} ms")
    print(f"a call, tracked                        {other:8.2f} ms   {other - one:+.2f} ms")


def own_work() -> None:
    """What track does beside its two requests: finding the usage of an answer."""

    def read() -> None:
        reader = Reader()
        reader.read_answer(ANSWER)
        assert reader.reported is not None

    milliseconds(read, 1000)
    print(f"  of it: reading the answer            {milliseconds(read, 2000):8.3f} ms")


def chunks(account: Account, number: int) -> None:
    for name, chunk in CHUNKS.items():
        gc.collect()
        plain = min(drained(Chunks(chunk, number)) for _ in range(3))
        took = []
        for _ in range(3):
            tracked = account.track("gpt-4o-mini", usage=EXPECTED)
            took.append(drained(tracked.call(Chunks, chunk, number)))
        print(
            f"a chunk of {name:<10} sync   {plain:6.2f} µs, tracked {min(took):6.2f} µs   {min(took) - plain:+.2f} µs"
        )


async def async_chunks(account: AsyncAccount, number: int) -> None:
    for name, chunk in CHUNKS.items():
        gc.collect()
        plain = min([await async_drained(Chunks(chunk, number)) for _ in range(3)])
        took = []
        for _ in range(3):
            tracked = account.track("gpt-4o-mini", usage=EXPECTED)
            took.append(await async_drained(await tracked.call(Chunks, chunk, number)))
        print(
            f"a chunk of {name:<10} async  {plain:6.2f} µs, tracked {min(took):6.2f} µs   {min(took) - plain:+.2f} µs"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--chunks", type=int, default=50_000)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="ratebook-", ignore_cleanup_errors=True) as folder:
        stack = Stack(ROOT, folder)
        stack.start()
        try:
            user = uuid4()
            with psycopg.connect(stack.dsn, autocommit=True) as db:
                db.execute("insert into auth.users (id) values (%s)", [user])
            with Client(stack.url, stack.service_role_key) as client:
                account = client.account(user, owner=user)
                account.grant(100_000)
                calls(account, options.calls)
                own_work()
                chunks(account, options.chunks)

            async def ask() -> None:
                async with AsyncClient(stack.url, stack.service_role_key) as client:
                    await async_chunks(client.account(user, owner=user), options.chunks)

            asyncio.run(ask())
        finally:
            stack.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
