"""The objects of providers' own SDKs as usages, as they are. Each row is worked out by hand from what the object says.

SDKs that are not installed are skipped; `make sdks` installs and runs them all.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib.metadata import version
from typing import Any

import pytest

from ratebook import Client
from ratebook.answers import Reader, is_stream, usage_of

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"


def openai_chat(openai: Any) -> Any:
    # 1,200 read, 1,000 of them from the cache; 50 written, 20 of them thoughts.
    return openai.types.chat.ChatCompletion.model_validate(
        {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": "gpt-4o-mini",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "logprobs": None,
                    "message": {"role": "assistant", "content": "Yes", "refusal": None},
                }
            ],
            "usage": {
                "prompt_tokens": 1200,
                "completion_tokens": 50,
                "total_tokens": 1250,
                "prompt_tokens_details": {"cached_tokens": 1000, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 20, "audio_tokens": 0},
            },
        }
    )


def openai_response(openai: Any) -> Any:
    # 300 read, 100 of them from the cache; 80 written, 30 of them thoughts.
    return openai.types.responses.Response.model_validate(
        {
            "id": "r",
            "object": "response",
            "created_at": 1,
            "model": "m",
            "output": [],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": {
                "input_tokens": 300,
                "input_tokens_details": {"cached_tokens": 100, "cache_write_tokens": 0},
                "output_tokens": 80,
                "output_tokens_details": {"reasoning_tokens": 30},
                "total_tokens": 380,
            },
        }
    )


def openai_embeddings(openai: Any) -> Any:
    return openai.types.CreateEmbeddingResponse.model_validate(
        {
            "object": "list",
            "data": [],
            "model": "m",
            "usage": {"prompt_tokens": 8, "total_tokens": 8},
        }
    )


def deepseek_by_openai(openai: Any) -> Any:
    # OpenAI's class, with fields of another provider: 90 of 100 hit the cache.
    return openai.types.CompletionUsage.model_validate(
        {
            "prompt_tokens": 100,
            "completion_tokens": 7,
            "total_tokens": 107,
            "prompt_cache_hit_tokens": 90,
            "prompt_cache_miss_tokens": 10,
        }
    )


def anthropic_message(anthropic: Any) -> Any:
    # Beside the 18 plain tokens 2,284 came from the cache and 500 went in, 300 of them for an hour.
    return anthropic.types.Message.model_validate(
        {
            "id": "m",
            "type": "message",
            "role": "assistant",
            "model": "c",
            "content": [],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {
                "input_tokens": 18,
                "cache_read_input_tokens": 2284,
                "cache_creation_input_tokens": 500,
                "cache_creation": {
                    "ephemeral_5m_input_tokens": 200,
                    "ephemeral_1h_input_tokens": 300,
                },
                "output_tokens": 141,
                "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 0},
            },
        }
    )


def gemini_response(types: Any) -> Any:
    # 10 read, 4 of them from the cache; 3 written and 2 thought beside.
    return types.GenerateContentResponse.model_validate(
        {
            "candidates": [{"content": {"parts": [{"text": "Yes"}]}, "finishReason": "STOP"}],
            "usageMetadata": {
                "promptTokenCount": 10,
                "cachedContentTokenCount": 4,
                "candidatesTokenCount": 3,
                "thoughtsTokenCount": 2,
                "totalTokenCount": 15,
            },
        }
    )


def mistral_completion(models: Any) -> Any:
    return models.ChatCompletionResponse.model_validate(
        {
            "id": "m",
            "object": "chat.completion",
            "created": 1,
            "model": "mistral-small",
            "choices": [],
            "usage": {"prompt_tokens": 16, "completion_tokens": 34, "total_tokens": 50},
        }
    )


def litellm_response(litellm: Any) -> Any:
    # As it says Anthropic's: 4,000 in all, 3,000 from the cache.
    usage = litellm.Usage(
        prompt_tokens=4000, completion_tokens=100, total_tokens=4100, cache_read_input_tokens=3000
    )
    return litellm.ModelResponse(choices=[], usage=usage)


def langchain_message(messages: Any) -> Any:
    return messages.AIMessage(
        "Yes",
        usage_metadata={
            "input_tokens": 350,
            "output_tokens": 240,
            "total_tokens": 590,
            "input_token_details": {"cache_read": 100},
            "output_token_details": {"reasoning": 200},
        },
        response_metadata={"model_name": "m", "token_usage": {"prompt_tokens": 350}},
    )


Row = tuple[str, str, Callable[[Any], Any], str, dict[str, int]]
ROWS: list[Row] = [
    (
        *("openai", "openai", openai_chat, "openai_chat"),
        {"input": 200, "cache_read": 1000, "output": 30, "reasoning": 20},
    ),
    (
        *("openai", "openai", openai_response, "openai_responses"),
        {"input": 200, "cache_read": 100, "output": 50, "reasoning": 30},
    ),
    ("openai", "openai", openai_embeddings, "openai_chat", {"input": 8}),
    (
        *("openai", "openai", deepseek_by_openai, "auto"),
        {"input": 10, "cache_read": 90, "output": 7},
    ),
    (
        *("anthropic", "anthropic", anthropic_message, "anthropic"),
        {
            "input": 18,
            "cache_read": 2284,
            "cache_write": 200,
            "cache_write_1h": 300,
            "output": 141,
            "web_search": 2,
        },
    ),
    (
        *("google-genai", "google.genai.types", gemini_response, "gemini"),
        {"input": 6, "cache_read": 4, "output": 3, "reasoning": 2},
    ),
    (
        *("mistralai", "mistralai.client.models", mistral_completion, "mistral"),
        {"input": 16, "output": 34},
    ),
    (
        *("litellm", "litellm", litellm_response, "litellm"),
        {"input": 1000, "cache_read": 3000, "output": 100},
    ),
    (
        *("langchain-core", "langchain_core.messages", langchain_message, "langchain"),
        {"input": 250, "cache_read": 100, "output": 40, "reasoning": 200},
    ),
]


@pytest.fixture(scope="module")
def client(ratebook_stack: Any) -> Iterator[Client]:
    with Client(ratebook_stack.url, ratebook_stack.service_key) as client:
        yield client


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2].__name__)
def test_an_object_is_a_usage(row: Row, client: Client) -> None:
    package, module, make, format_, meters = row
    answer = make(pytest.importorskip(module))
    found = usage_of(answer)
    assert found is not None
    assert found[1] == format_
    assert {k: v for k, v in client.normalize_usage(None, answer).items() if v} == meters
    assert not is_stream(answer)
    # The usage alone, as well.
    usage = getattr(answer, "usage", None) or getattr(answer, "usage_metadata", None)
    if usage is not None and not isinstance(usage, dict):
        assert {k: v for k, v in client.normalize_usage(None, usage).items() if v} == meters
    # What the answer says to people is not sent.
    assert "Yes" not in str(found)
    print(f"{package} {version(package)}: {make.__name__} {meters}")


def test_an_object_prices_a_quote(client: Client) -> None:
    import openai

    # 200, 1,000 cached at half of it, and 50: (30 + 75 + 30) / 1e6 USD, 1.3 credits to the thousandth.
    quote = client.quote("gpt-4o-mini", openai_chat(openai))
    assert (quote.cost, quote.credits) == (Decimal("0.000135"), Decimal("0.176"))
    with pytest.raises(TypeError, match="no usage in this Omit"):
        client.quote("gpt-4o-mini", openai.Omit())


def test_streams_of_other_sdks() -> None:
    types = pytest.importorskip("google.genai.types")
    reader = Reader()
    for words, written in (("One", 2), ("Two", 5)):
        chunk = {
            "candidates": [{"content": {"parts": [{"text": words}]}}],
            "usageMetadata": {
                "promptTokenCount": 9,
                "candidatesTokenCount": written,
                "totalTokenCount": 9 + written,
            },
        }
        assert reader.read(types.GenerateContentResponse.model_validate(chunk))
    assert reader.bytes == 6
    assert reader.reported is not None
    assert reader.reported[0]["usage_metadata"]["candidates_token_count"] == 5
    messages = importlib.import_module("langchain_core.messages")
    reader = Reader()
    # The parts of a usage add up.
    for text, usage in (("One", (9, 0)), ("Two", (0, 5))):
        counts = {"input_tokens": usage[0], "output_tokens": usage[1], "total_tokens": sum(usage)}
        reader.read(messages.AIMessageChunk(text, usage_metadata=counts))
    assert reader.bytes == 6
    assert reader.reported == (
        {"usage": {"input_tokens": 9, "output_tokens": 5, "total_tokens": 14}},
        "langchain",
    )
    models = importlib.import_module("mistralai.client.models")
    reader = Reader()
    event = {
        "data": {
            "id": "m",
            "model": "m",
            "choices": [{"index": 0, "delta": {"content": "Ja."}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 4, "completion_tokens": 2, "total_tokens": 6},
        }
    }
    reader.read(models.CompletionEvent.model_validate(event))
    assert (reader.bytes, reader.is_final) == (3, True)
    assert reader.reported is not None
    assert reader.reported[1] == "mistral"
