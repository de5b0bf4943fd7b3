"""The callbacks of LiteLLM and LangChain and the span processor of OpenTelemetry, against a real PostgREST.

What is not installed is skipped; `make sdks` installs and runs them all. Credits are those of test_tracking.py.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from ratebook import Client, InsufficientCredits
from tests.conftest import Connection
from tests.providers import stand_in

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with stand_in() as url:
        yield url


@pytest.fixture
def client(ratebook_stack: Any) -> Iterator[Client]:
    with Client(ratebook_stack.url, ratebook_stack.service_key) as client:
        yield client


@pytest.fixture
def ada(client: Client, new_user: Callable[..., UUID]) -> UUID:
    user = new_user()
    client.account(user).grant(10)
    return user


def charges(db: Connection, lenser: UUID) -> list[tuple[Any, ...]]:
    rows = db.execute(
        "select trim_scale(credits) as credits, is_estimated, usage from billing.charges"
        " where lenser_id = %s order by id",
        [lenser],
    ).fetchall()
    return [tuple(row.values()) for row in rows]


# ------------------------------------------------------------------ OpenTelemetry


def test_a_span_is_charged_once(client: Client, ada: UUID, db: Connection) -> None:
    from opentelemetry.sdk.trace import TracerProvider

    from ratebook.integrations.opentelemetry import RatebookSpanProcessor

    failed: list[Exception] = []
    processor = RatebookSpanProcessor(client, on_error=lambda error, span: failed.append(error))
    tracers = TracerProvider()
    tracers.add_span_processor(processor)
    tracer = tracers.get_tracer("test")
    usage: dict[str, Any] = {"gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 500}
    with tracer.start_as_current_span(
        "agent",
        attributes={"ratebook.account": str(ada), "gen_ai.operation.name": "invoke_agent", **usage},
    ):
        # The account is the agent's; its own sum counts no second time. The answer's name is no model's here.
        names = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "gpt-4o-mini",
            "gen_ai.response.model": "gpt-4o-mini-2033-01-01",
        }
        with tracer.start_as_current_span("chat", attributes=names) as span:
            span.set_attributes({**usage, "gen_ai.usage.cache_read.input_tokens": 0})
        with tracer.start_as_current_span("tool"):
            pass
    with tracer.start_as_current_span("nobody pays", attributes=usage):
        pass
    unknown: dict[str, Any] = {
        "ratebook.account": str(ada),
        "gen_ai.request.model": "no such model",
        **usage,
    }
    with tracer.start_as_current_span("unknown", attributes=unknown):
        pass
    assert processor.force_flush()
    assert charges(db, ada) == [(Decimal("0.585"), False, {"input": 1000, "output": 500})]
    (error,) = failed
    assert "no such model" in str(error)
    tracers.shutdown()


# ------------------------------------------------------------------ LiteLLM


def test_litellm_is_charged(client: Client, ada: UUID, provider: str, db: Connection) -> None:
    litellm = pytest.importorskip("litellm")
    from ratebook.integrations.litellm import RatebookLogger

    litellm.callbacks = [RatebookLogger(client)]
    ask: dict[str, Any] = {
        "model": "openai/gpt-4o-mini",
        "messages": [{"role": "user", "content": "Hi"}],
        "api_base": f"{provider}/words=3,input=1000,output=500/v1",
        "api_key": "none",
        "metadata": {"ratebook_account": str(ada)},
    }
    charge = (Decimal("0.585"), False, {"input": 1000, "output": 500})

    def charged(number: int) -> list[tuple[Any, ...]]:
        """LiteLLM calls back in a thread."""
        for _ in range(100):
            found = charges(db, ada)
            if len(found) >= number:
                break
            time.sleep(0.05)
        return charges(db, ada)

    litellm.completion(**ask)
    assert charged(1) == [charge]
    list(litellm.completion(**ask, stream=True, stream_options={"include_usage": True}))
    assert charged(2) == [charge] * 2

    async def both() -> None:
        await litellm.acompletion(**ask)
        async for _ in await litellm.acompletion(
            **ask, stream=True, stream_options={"include_usage": True}
        ):
            pass
        for _ in range(100):
            if len(charges(db, ada)) == 4:
                break
            await asyncio.sleep(0.05)

    asyncio.run(both())
    assert charges(db, ada) == [charge] * 4
    litellm.completion(**ask | {"metadata": {}})
    litellm.callbacks = []
    # Around the call, the money is held first.
    tracked = client.account(ada).track("gpt-4o-mini", usage={"input": 900, "output": 400})
    list(tracked.call(litellm.completion, **ask, stream=True))
    assert charges(db, ada) == [charge] * 5


# ------------------------------------------------------------------ LangChain


def test_langchain_is_held_and_charged(
    client: Client, ada: UUID, new_user: Callable[..., UUID], db: Connection
) -> None:
    pytest.importorskip("langchain_core")
    from langchain_core.language_models import GenericFakeChatModel
    from langchain_core.messages import AIMessage

    from ratebook.integrations.langchain import RatebookCallback

    usage = {"input_tokens": 1000, "output_tokens": 500, "total_tokens": 1500}
    answer = AIMessage("One two three four", usage_metadata=usage)

    def model() -> Any:
        return GenericFakeChatModel(messages=iter([answer]))

    callback = RatebookCallback(
        client.account(ada), "gpt-4o-mini", usage={"input": 900, "output": 400}
    )
    config: Any = {"callbacks": [callback]}
    model().invoke("Hi", config)
    (charged,) = callback.charged.values()
    assert charged.credits == Decimal("0.585")
    # What is left in the middle: "One", " ", "two" are 7 bytes. The fake says no usage in a stream.
    for number, _ in enumerate(model().stream("Hi", config)):
        if number == 2:
            break
    assert charges(db, ada)[1:] == [(Decimal("0.178"), True, {"input": 900, "output": 2})]
    list(model().stream("Hi", config))
    assert charges(db, ada)[2][1:] == (True, {"input": 900, "output": 5})
    poor = RatebookCallback(client.account(new_user()), "gpt-4o-mini")
    with pytest.raises(InsufficientCredits):
        model().invoke("Hi", {"callbacks": [poor]})
    assert client.account(ada).balance().reserved == 0
