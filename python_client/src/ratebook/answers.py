"""What SDKs of providers answer, read by its shape: none of them is imported.

An answer, its usage, or the chunks of a stream may be the object of an SDK (openai, anthropic, google-genai, mistralai,
litellm, langchain, …) or what was read from JSON. `usage_of()` finds the usage and names its format; `Reader` follows
a stream.
"""

import dataclasses
import inspect
from collections.abc import (
    AsyncGenerator,
    Callable,
    Generator,
    Iterable,
    Mapping,
)
from contextlib import suppress
from functools import cache
from typing import Any

_USAGES = ("usage", "usage_metadata", "usageMetadata", "totalUsage", "usage_info")
"""Where an answer has its usage."""
_AROUND = ("response", "message", "data")
"""What an event of a stream has around that."""
_STATES = (
    *("service_tier", "serviceTier", "speed", "inference_geo", "performanceConfig"),
    *("response_metadata", "providerMetadata", "provider_metadata"),
)
"""What an answer says of its price beside the usage; nothing else of it is sent."""
_FORMATS = {
    "anthropic": "anthropic",
    "google": "gemini",
    "mistralai": "mistral",
    "litellm": "litellm",
    "langchain": "langchain",
    "agents": "openai_agents",
    "groq": "groq",
    "cohere": "cohere",
    "ollama": "ollama",
    "perplexity": "perplexity",
    "openrouter": "openrouter",
}
"""Package of an object's class → the format of its usage."""
_FIELDS = frozenset(
    (
        *("prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens"),
        *("inputTokens", "outputTokens", "promptTokens", "promptTokenCount", "totalTokenCount"),
        *("prompt_token_count", "total_token_count", "billed_units", "prompt_eval_count"),
        "prompt_audio_seconds",
    )
)
"""Fields of providers' usages that are names of no meter."""


def get(thing: Any, name: str) -> Any:
    """A field of an object or a mapping; None where it has none."""
    if thing.__class__ is dict:
        return thing.get(name)
    kind: Any = type(thing)
    if _is_model(kind):
        # Pydantic raises, slowly, for each field that there is not: with each chunk of a stream.
        fields = thing.__dict__
        if name in fields:
            return fields[name]
        extra = getattr(thing, "__pydantic_extra__", None)
        if extra and name in extra:
            return extra[name]
        return getattr(thing, name, None) if _is_on_class(kind, name) else None
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


@cache
def _is_model(kind: type) -> bool:
    return hasattr(kind, "__pydantic_fields__") and not issubclass(kind, Mapping)


@cache
def _is_on_class(kind: type, name: str) -> bool:
    return any(name in vars(base) for base in kind.__mro__)


def plain(value: Any) -> Any:
    """A value as JSON has it: what is None is left out."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, Iterable) and not hasattr(value, "model_dump"):
        return [plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(vars(value) if hasattr(value, "__dict__") else dataclasses.asdict(value))
    if callable(dump := getattr(value, "model_dump", None)):
        return plain(dump(mode="json", exclude_none=True, warnings=False))
    return plain(vars(value)) if hasattr(value, "__dict__") else str(value)


def package_of(thing: object) -> str:
    """The package of an object's class, langchain for each of its packages."""
    name = type(thing).__module__.partition(".")[0]
    return "langchain" if name.startswith("langchain") else name


def usage_of(answer: Any) -> tuple[dict[str, Any], str] | None:
    """The usage of an answer with what it states of its price, as JSON, and the format; None where it has none.

    An object that is a usage itself will do, and so will an event of a stream that ends with one.
    """
    place = answer
    for _ in range(3):
        for name in _USAGES:
            usage = get(place, name)
            if usage is not None and not callable(usage):
                return _with_states(place, name, usage)
        around = (get(place, name) for name in _AROUND)
        place = next((p for p in around if p is not None and not isinstance(p, str)), None)
        if place is None:
            break
    return _with_states(None, "usage", answer) if _is_usage(answer) else None


def is_of_a_provider(usage: Any) -> bool:
    """Whether a usage for which no format is named is an SDK's object, or a provider's, and not meters."""
    if not isinstance(usage, Mapping):
        return True
    return not _FIELDS.isdisjoint(usage) or any(
        isinstance(usage.get(name), Mapping) for name in _USAGES
    )


def _with_states(answer: Any, name: str, usage: Any) -> tuple[dict[str, Any], str]:
    found = plain(usage)
    states = {}
    for state in _STATES:
        said = get(answer, state)
        if said is not None:
            states[state] = plain(said)
    # Of all that a model of LangChain says only this has to do with its price.
    if "response_metadata" in states:
        tier = get(states.pop("response_metadata"), "service_tier")
        if tier is not None:
            states["response_metadata"] = {"service_tier": tier}
    return {name: found, **states}, format_of(usage, found)


def _is_usage(thing: Any) -> bool:
    if isinstance(thing, Mapping):
        return not _FIELDS.isdisjoint(thing)
    return any(get(thing, name) is not None for name in _FIELDS)


def format_of(usage: object, found: Mapping[str, Any]) -> str:
    """The format of a usage, by the package of its class or by its fields."""
    package = package_of(usage)
    if package == "openai":
        # A provider that speaks its language, and adds fields of its own.
        if getattr(usage, "model_extra", None):
            return "auto"
        return "openai_chat" if "prompt_tokens" in found else "openai_responses"
    if package in _FORMATS:
        return _FORMATS[package]
    # What LangChain gives is a dictionary.
    if {"input_tokens", "output_tokens", "total_tokens"} <= found.keys() and not (
        {"input_tokens_details", "output_tokens_details", "requests"} & found.keys()
    ):
        return "langchain"
    return "auto"


# ------------------------------------------------------------------ calls


def is_stream(answer: Any) -> bool:
    """Whether an answer comes in parts: an iterator, or a manager that gives one."""
    kind = type(answer)
    if any(hasattr(kind, name) for name in ("__anext__", "__aiter__", "__next__")):
        return True
    is_manager = hasattr(kind, "__aenter__") or hasattr(kind, "__enter__")
    return is_manager and not hasattr(kind, "model_dump")


def asking_for_usage(
    function: Callable[..., Any], arguments: Mapping[str, Any]
) -> tuple[dict[str, Any], bool]:
    """The arguments of a call so that its stream ends with a usage, and whether that had to be asked for."""
    options = arguments.get("stream_options")
    is_stream = arguments.get("stream") is True or getattr(function, "__name__", "") == "stream"
    if not is_stream or not _takes_stream_options(function):
        return dict(arguments), False
    if isinstance(options, Mapping) and options.get("include_usage") is not None:
        return dict(arguments), False
    given = options if isinstance(options, Mapping) else {}
    return {**arguments, "stream_options": {**given, "include_usage": True}}, True


def _takes_stream_options(function: Callable[..., Any]) -> bool:
    module = getattr(function, "__module__", None) or ""
    if module.startswith("litellm"):
        return True
    return module.startswith("openai.") and "completions" in module


_TEXTS = ("messages", "input", "system", "instructions", "prompt", "contents", "tools")
_LIMITS = ("max_completion_tokens", "max_output_tokens", "max_tokens")
_LONGEST = 4096
"""Tokens of an answer whose request names no limit."""
_NO_TEXTS = frozenset({"data", "file_data"})
"""Where pictures and files are."""


def expected_usage(arguments: Mapping[str, Any]) -> dict[str, int]:
    """The usage that a request leads to: a token for 4 bytes of its texts, and the longest answer that it allows."""
    read = sum(_text_size(arguments[name]) for name in _TEXTS if name in arguments)
    config = arguments.get("config")
    limits = (get(place, name) for place in (arguments, config) for name in _LIMITS)
    limit = next((limit for limit in limits if isinstance(limit, int)), _LONGEST)
    return {"input": max(-(-read // 4), 1), "output": limit}


def _text_size(value: Any) -> int:
    if isinstance(value, str):
        return 0 if value.startswith("data:") else size(value)
    if isinstance(value, Mapping):
        return sum(_text_size(item) for name, item in value.items() if name not in _NO_TEXTS)
    if isinstance(value, list | tuple):
        return sum(_text_size(item) for item in value)
    return _text_size(plain(value)) if hasattr(value, "model_dump") else 0


async def async_resolved(answer: Any) -> Any:
    """What a call gives, once it is there."""
    return await answer if inspect.isawaitable(answer) else answer


def resolved(answer: Any) -> Any:
    """What a call gives."""
    return answer


def async_started(passed: AsyncGenerator[Any, None]) -> None:
    """Bring a generator to its first `yield`, before which it awaits nothing: from there on it ends as it is left."""
    with suppress(StopIteration):
        passed.__anext__().send(None)


def started(passed: Generator[Any, None, None]) -> None:
    """Bring a generator to its first `yield`: from there on it ends as it is left."""
    next(passed)


# ------------------------------------------------------------------ streams


def size(text: str) -> int:
    """Bytes of UTF-8; half a surrogate pair counts 3."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


class Reader:
    """Follows a stream: how much of it came, and what the provider has reported.

    `is_asked`: whether its usage was asked for on behalf of somebody who does not expect it. `keeps_text`: whether what
    came is kept, too. `is_unknown`: whether nothing that it knows came.
    """

    def __init__(self, *, is_asked: bool = False, keeps_text: bool = False) -> None:
        self.bytes = 0
        self.is_final = False
        self.has_failed = False
        self.is_unknown = False
        self._is_asked = is_asked
        self._texts: list[str] | None = [] if keeps_text else None
        self._read: Callable[[Any], bool] | None = None
        self._usage: Any = None
        self._found: dict[str, Any] | None = None
        self._format = ""

    @property
    def text(self) -> str:
        """What came, where it is kept."""
        return "".join(self._texts or ())

    @property
    def reported(self) -> tuple[dict[str, Any], str] | None:
        """The usage that the provider has reported so far, and its format."""
        if self._found:
            return {"usage": self._found}, self._format
        return None if self._usage is None else usage_of(self._usage)

    def read(self, chunk: Any) -> bool:
        """Count a chunk; False where it is only the usage that was asked for."""
        if self._read is None:
            self._read = self._reader_of(chunk)
        return self._read(chunk)

    def read_usage(self, answer: Any) -> None:
        """What an answer says of its usage."""
        self.is_final = usage_of(answer) is not None
        self._usage = answer if self.is_final else None

    def read_answer(self, answer: Any) -> None:
        """Count an answer that came at once."""
        self.read_usage(answer)
        if isinstance(answer, str):
            self._count(answer)
        for choice in get(answer, "choices") or ():
            self._delta(get(choice, "message"))
        for item in get(answer, "output") or ():
            self._parts(get(item, "content"))
            self._count(get(item, "arguments"))
        self._parts(get(answer, "content"))
        self._candidates(answer)
        self.is_unknown = self._usage is None and self.bytes == 0

    def _reader_of(self, chunk: Any) -> Callable[[Any], bool]:
        if isinstance(chunk, str | bytes):
            return self._plain
        is_langchain = (
            package_of(chunk) == "langchain" or get(chunk, "response_metadata") is not None
        )
        kind = get(chunk, "type")
        reader: Callable[[Any], bool]
        if is_langchain:
            reader = self._langchain
        elif isinstance(kind, str) and kind.startswith(("response.", "error")):
            reader = self._responses
        elif isinstance(kind, str) and kind.startswith(("message_", "content_block_", "ping")):
            reader = self._messages
        elif get(chunk, "choices") is not None:
            reader = self._chat
        elif get(get(chunk, "data"), "choices") is not None:
            reader = self._event
        elif get(chunk, "chunk") is not None:
            reader = self._helped
        else:
            reader = self._gemini
            names = ("candidates", *_USAGES)
            self.is_unknown = all(get(chunk, name) is None for name in names)
        return reader

    def _event(self, event: Any) -> bool:
        return self._chat(get(event, "data"))

    def _helped(self, event: Any) -> bool:
        """OpenAI's helper says each chunk, and then what it makes of it."""
        return get(event, "type") != "chunk" or self._chat(get(event, "chunk"))

    def _count(self, text: Any) -> None:
        if isinstance(text, str) and text:
            self.bytes += size(text)
            if self._texts is not None:
                self._texts.append(text)

    def _plain(self, chunk: str | bytes) -> bool:
        self._count(chunk.decode("utf-8", "replace") if isinstance(chunk, bytes) else chunk)
        return True

    def _parts(self, content: Any) -> None:
        if isinstance(content, str):
            self._count(content)
        elif isinstance(content, list | tuple):
            for part in content:
                for name in ("text", "thinking", "refusal"):
                    self._count(get(part, name))

    def _delta(self, delta: Any) -> None:
        if delta is None:
            return
        content = get(delta, "content")
        if isinstance(content, str):
            self._count(content)
        elif content:
            self._parts(content)
        self._count(get(delta, "refusal"))
        self._count(get(delta, "reasoning_content") or get(delta, "reasoning"))
        for call in get(delta, "tool_calls") or ():
            function = get(call, "function")
            self._count(get(function, "name"))
            self._count(get(function, "arguments"))

    def _chat(self, chunk: Any) -> bool:
        choices = get(chunk, "choices")
        for choice in choices or ():
            self._delta(get(choice, "delta"))
            if get(choice, "finish_reason") is not None:
                self.is_final = self._usage is not None
        if get(chunk, "usage") is None:
            return True
        self._usage = chunk
        # Some report with each chunk, and then the last counts.
        self.is_final = not choices or any(get(c, "finish_reason") is not None for c in choices)
        return bool(choices) or not self._is_asked

    def _responses(self, event: Any) -> bool:
        kind = get(event, "type") or ""
        if kind.endswith(".delta"):
            if not kind.endswith("audio.delta"):
                self._count(get(event, "delta"))
        elif kind in ("response.completed", "response.incomplete", "response.failed"):
            response = get(event, "response")
            self.has_failed = kind == "response.failed"
            if get(response, "usage") is not None:
                self._usage, self.is_final = response, True
        elif kind == "error":
            self.has_failed = True
        return True

    def _messages(self, event: Any) -> bool:
        kind = get(event, "type")
        if kind == "content_block_delta":
            delta = get(event, "delta")
            for name in ("text", "thinking", "partial_json"):
                self._count(get(delta, name))
        elif kind == "message_start":
            self._report(get(get(event, "message"), "usage"))
        elif kind == "message_delta":
            self._report(get(event, "usage"))
            stopped = get(get(event, "delta"), "stop_reason") is not None
            self.is_final = stopped and "input_tokens" in (self._found or {})
        elif kind == "error":
            self.has_failed = True
        return True

    def _report(self, usage: Any) -> None:
        """What comes later counts before what came first."""
        self._format = "anthropic"
        self._found = (self._found or {}) | (plain(usage) or {})

    def _candidates(self, chunk: Any) -> bool:
        is_done = False
        for candidate in get(chunk, "candidates") or ():
            for part in get(get(candidate, "content"), "parts") or ():
                self._count(get(part, "text"))
            is_done = is_done or get(candidate, "finish_reason") is not None
        return is_done

    def _gemini(self, chunk: Any) -> bool:
        is_done = self._candidates(chunk)
        if any(get(chunk, name) is not None for name in _USAGES):
            self._usage, self.is_final = chunk, is_done
        return True

    def _langchain(self, chunk: Any) -> bool:
        self._parts(get(chunk, "content"))
        for call in get(chunk, "tool_call_chunks") or ():
            self._count(get(call, "name"))
            self._count(get(call, "args"))
        # Parts of a usage are to be added up.
        usage = get(chunk, "usage_metadata")
        if usage is not None:
            self._found = _sum(self._found or {}, plain(usage))
            self._format = "langchain"
        return True


def _sum(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    total = dict(one)
    for name, value in other.items():
        if isinstance(value, Mapping):
            total[name] = _sum(total.get(name) or {}, value)
        else:
            total[name] = (total.get(name) or 0) + value
    return total
