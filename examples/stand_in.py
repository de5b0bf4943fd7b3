"""A provider that is not there: it speaks the wire formats of OpenAI and Anthropic. Examples and tests need no key.

    python examples/stand_in.py [--port 0]     # prints its URL, and answers until it is stopped

The first part of the path says how it behaves, comma-joined: `{url}/{behaviour}/v1/chat/completions`, `/v1/responses`
(OpenAI's base URL is `{url}/{behaviour}/v1`) and `/v1/messages` (Anthropic's is `{url}/{behaviour}`):

    plain       nothing special
    words=N     so many chunks of text, 20 unless told; each is 4 bytes, one token by the rule for cut streams
    input=N     the input tokens that it reports, 1000 unless told
    output=N    the output tokens that it reports, twice the words unless told
    usage=no    it reports none
    cut=N       it drops the connection after N chunks
    error=N     it sends an error in the place of chunk N
    stall=N     it says nothing more after N chunks, until the caller leaves
    pause=MS    milliseconds before each chunk
    fail=STATUS it refuses

The text that asks may say it, too: "Tell me of lighthouses [words=40,cut=7]".

`GET {url}/log` lists what it was asked: path, behaviour, whether it streamed, how many chunks it sent, and whether the
caller left before the end. Only Python's own library is needed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

Json = dict[str, Any]
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests"}


@dataclass
class Asked:
    """A request, and what became of it."""

    path: str
    behaviour: str
    stream: bool
    include_usage: bool
    sent: int = 0
    closed_early: bool = False


@dataclass(frozen=True)
class Behaviour:
    """How it answers."""

    words: int = 20
    input: int = 1000
    output: int | None = None
    usage: bool = True
    cut: int | None = None
    error: int | None = None
    stall: int | None = None
    pause: int = 0
    fail: int | None = None

    @classmethod
    def read(cls, text: str) -> Behaviour:
        """The behaviour of a path's first part."""
        values: Json = {}
        for part in text.split(","):
            name, _, value = part.partition("=")
            if name == "usage":
                values[name] = value != "no"
            elif name != "plain":
                values[name] = int(value)
        return cls(**values)

    @property
    def reported(self) -> int:
        """The output tokens of its usage."""
        return 2 * self.words if self.output is None else self.output

    def chunks(self) -> Iterator[str]:
        """The text: 4 bytes each."""
        return (f"{number % 1000:03d} " for number in range(1, self.words + 1))


Event = tuple[str | None, Json | str]


class Chat:
    """OpenAI's chat completions."""

    def __init__(self, how: Behaviour, body: Json) -> None:
        self.how = how
        self.model = body.get("model", "gpt-4o-mini")
        self.include_usage = bool((body.get("stream_options") or {}).get("include_usage"))

    def usage(self) -> Json:
        """As this API counts it."""
        return {
            "prompt_tokens": self.how.input,
            "completion_tokens": self.how.reported,
            "total_tokens": self.how.input + self.how.reported,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        }

    def _chunk(self, delta: Json, finish: str | None = None) -> Event:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return None, self._object("chat.completion.chunk") | {"choices": [choice]}

    def _object(self, kind: str) -> Json:
        made = {"id": "chatcmpl-1", "object": kind, "created": 1700000000, "model": self.model}
        return made | {"service_tier": "default", "system_fingerprint": "fp_1"}

    def begin(self) -> list[Event]:
        """What comes before the text."""
        return [self._chunk({"role": "assistant", "content": "", "refusal": None})]

    def word(self, text: str) -> list[Event]:
        """A chunk of the text."""
        return [self._chunk({"content": text})]

    def error(self) -> list[Event]:
        """What a stream says that goes wrong."""
        return [(None, {"error": {"message": "The server had an error.", "type": "server_error"}})]

    def end(self) -> list[Event]:
        """What comes after the text."""
        events = [self._chunk({}, "stop")]
        if self.how.usage and self.include_usage:
            last = self._object("chat.completion.chunk") | {"choices": [], "usage": self.usage()}
            events.append((None, last))
        return [*events, (None, "[DONE]")]

    def whole(self, text: str) -> Json:
        """The answer that is no stream."""
        message = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        usage = {"usage": self.usage()} if self.how.usage else {}
        return self._object("chat.completion") | {"choices": [choice]} | usage


class Responses:
    """OpenAI's responses."""

    include_usage = False

    def __init__(self, how: Behaviour, body: Json) -> None:
        self.how = how
        self.model = body.get("model", "gpt-4o-mini")
        self.number = -1
        self.text = ""

    def usage(self) -> Json:
        """As this API counts it."""
        return {
            "input_tokens": self.how.input,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": self.how.reported,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": self.how.input + self.how.reported,
        }

    def _event(self, kind: str, **fields: Any) -> Event:
        self.number += 1
        return kind, {"type": kind, "sequence_number": self.number, **fields}

    def _item(self, status: str, content: list[Json]) -> Json:
        return {
            "id": "msg_1",
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": content,
        }

    def _part(self) -> Json:
        return {"type": "output_text", "text": self.text, "annotations": [], "logprobs": []}

    def _response(self, status: str, output: list[Json], usage: Json | None) -> Json:
        return {
            "id": "resp_1",
            "object": "response",
            "created_at": 1700000000,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "metadata": {},
            "model": self.model,
            "output": output,
            "parallel_tool_calls": True,
            "service_tier": "default",
            "temperature": 1.0,
            "tool_choice": "auto",
            "tools": [],
            "top_p": 1.0,
            "usage": usage,
        }

    def begin(self) -> list[Event]:
        """What comes before the text."""
        response = self._response("in_progress", [], None)
        item = self._item("in_progress", [])
        place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        return [
            self._event("response.created", response=response),
            self._event("response.in_progress", response=response),
            self._event("response.output_item.added", output_index=0, item=item),
            self._event("response.content_part.added", **place, part=self._part()),
        ]

    def word(self, text: str) -> list[Event]:
        """A chunk of the text."""
        self.text += text
        place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        return [self._event("response.output_text.delta", **place, delta=text, logprobs=[])]

    def error(self) -> list[Event]:
        """What a stream says that goes wrong."""
        return [self._event("error", code="server_error", message="It had an error.", param=None)]

    def end(self) -> list[Event]:
        """What comes after the text."""
        item = self._item("completed", [self._part()])
        usage = self.usage() if self.how.usage else None
        place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        return [
            self._event("response.output_text.done", **place, text=self.text, logprobs=[]),
            self._event("response.content_part.done", **place, part=self._part()),
            self._event("response.output_item.done", output_index=0, item=item),
            self._event("response.completed", response=self._response("completed", [item], usage)),
        ]

    def whole(self, text: str) -> Json:
        """The answer that is no stream."""
        self.text = text
        usage = self.usage() if self.how.usage else None
        return self._response("completed", [self._item("completed", [self._part()])], usage)


class Messages:
    """Anthropic's messages."""

    include_usage = False

    def __init__(self, how: Behaviour, body: Json) -> None:
        self.how = how
        self.model = body.get("model", "claude-sonnet-4-5")

    def usage(self, output: int) -> Json:
        """As this API counts it."""
        return {
            "input_tokens": self.how.input,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "output_tokens": output,
            "service_tier": "standard",
        }

    def _message(self, content: list[Json], usage: Json, stop: str | None) -> Json:
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": content,
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": usage,
        }

    def begin(self) -> list[Event]:
        """What comes before the text. Without a usage all its counts are missing, as no provider leaves them out."""
        usage = self.usage(1) if self.how.usage else {}
        block = {"type": "text", "text": ""}
        return [
            self._event("message_start", message=self._message([], usage, None)),
            self._event("content_block_start", index=0, content_block=block),
            self._event("ping"),
        ]

    def _event(self, kind: str, **fields: Any) -> Event:
        return kind, {"type": kind, **fields}

    def word(self, text: str) -> list[Event]:
        """A chunk of the text."""
        delta = {"type": "text_delta", "text": text}
        return [self._event("content_block_delta", index=0, delta=delta)]

    def error(self) -> list[Event]:
        """What a stream says that goes wrong."""
        error = {"type": "overloaded_error", "message": "Overloaded"}
        return [self._event("error", error=error)]

    def end(self) -> list[Event]:
        """What comes after the text."""
        delta = {"stop_reason": "end_turn", "stop_sequence": None}
        usage = {"output_tokens": self.how.reported} if self.how.usage else {}
        return [
            self._event("content_block_stop", index=0),
            self._event("message_delta", delta=delta, usage=usage),
            self._event("message_stop"),
        ]

    def whole(self, text: str) -> Json:
        """The answer that is no stream."""
        usage = self.usage(self.how.reported) if self.how.usage else {}
        return self._message([{"type": "text", "text": text}], usage, "end_turn")


KINDS: dict[str, Callable[[Behaviour, Json], Chat | Responses | Messages]] = {
    "/v1/chat/completions": Chat,
    "/v1/responses": Responses,
    "/v1/messages": Messages,
}


class StandIn:
    """The server."""

    def __init__(self) -> None:
        self.log: list[Asked] = []

    async def serve(self, port: int = 0, host: str = "127.0.0.1") -> asyncio.Server:
        """Listen on a port, a free one for 0."""
        return await asyncio.start_server(self._connected, host, port)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._answered(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether another may follow on this connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if method == "GET":
            return await _send(writer, 200, [asdict(asked) for asked in self.log])
        behaviour, _, rest = path.lstrip("/").partition("/")
        kind = KINDS.get("/" + rest.partition("?")[0])
        if kind is None:
            return await _send(writer, 404, {"error": {"message": "There is no such path."}})
        wanted = json.loads(body)
        if said := re.search(r"\[([a-z]+=[^\]\"]+)\]", json.dumps(wanted)):
            behaviour = said[1]
        how = Behaviour.read(behaviour)
        answer = kind(how, wanted)
        stream = bool(wanted.get("stream"))
        asked = Asked("/" + rest, behaviour, stream, answer.include_usage)
        self.log.append(asked)
        if how.fail is not None:
            error = {"type": "error", "error": {"type": "refused", "message": "Refused."}}
            return await _send(writer, how.fail, error)
        if not stream:
            await asyncio.sleep(how.pause / 1000)
            asked.sent = how.words
            return await _send(writer, 200, answer.whole("".join(how.chunks())))
        return await self._stream(asked, how, answer, writer, reader.read)

    async def _stream(
        self,
        asked: Asked,
        how: Behaviour,
        answer: Chat | Responses | Messages,
        writer: asyncio.StreamWriter,
        left: Callable[[], Awaitable[object]],
    ) -> bool:
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        try:
            async for events, is_text in _parts(how, answer, left):
                for name, data in events:
                    text = data if isinstance(data, str) else json.dumps(data)
                    line = f"event: {name}\n" if name else ""
                    block = f"{line}data: {text}\n\n".encode()
                    writer.write(b"%x\r\n%s\r\n" % (len(block), block))
                await writer.drain()
                asked.sent += is_text
                if how.cut is not None and asked.sent >= how.cut:
                    return False
        except ConnectionError:
            asked.closed_early = True
            raise
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


async def _parts(
    how: Behaviour, answer: Chat | Responses | Messages, left: Callable[[], Awaitable[object]]
) -> AsyncIterator[tuple[list[Event], bool]]:
    yield answer.begin(), False
    for number, text in enumerate(how.chunks(), 1):
        if how.stall == number - 1:
            await left()
            raise ConnectionResetError
        if how.pause:
            await asyncio.sleep(how.pause / 1000)
        if how.error == number:
            yield answer.error(), False
            return
        yield answer.word(text), True
    yield answer.end(), False


async def _send(writer: asyncio.StreamWriter, status: int, answer: object) -> bool:
    body = json.dumps(answer).encode()
    head = (
        f"HTTP/1.1 {status} {REASONS.get(status, 'Refused')}\r\ncontent-type: application/json\r\n"
    )
    writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
    await writer.drain()
    return True


async def main() -> None:
    """Answer until it is stopped."""
    parser = argparse.ArgumentParser(description="A stand-in for OpenAI and Anthropic.")
    parser.add_argument("--port", type=int, default=0, help="0 for a free one")
    port = parser.parse_args().port
    server = await StandIn().serve(port)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
