# Generated from _async/tracking.py by `python -m tools.unasync`: change that file.
"""From a provider's answer to a charge: a call or a stream with a hold around it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar
from weakref import WeakSet

from ratebook.answers import (
    Reader,
    asking_for_usage,
    expected_usage,
    is_stream,
    resolved,
    started,
)
from ratebook.cancellation import finished, shielded
from ratebook.errors import (
    ApiError,
    BudgetExceeded,
    InsufficientCredits,
    RatebookError,
    UnusableUsage,
)
from ratebook.types import Charged

if TYPE_CHECKING:
    from ratebook._sync.wallet import Account, Hold

Chunk = TypeVar("Chunk")

_ENDING_SECONDS = 30
"""How long the end of a hold may take while its task waits to be cancelled."""
_CLOSING_SECONDS = 5
_log = logging.getLogger("ratebook")


class Tracked:
    """What a call of a provider costs, held before it and charged after it; `Account.track()` makes it.

        tracked = account.track("gpt-4o-mini", usage={"input": 900, "output": 400})
        answer = tracked.call(openai.chat.completions.create, model="gpt-4o-mini", messages=messages)
        print(tracked.charged.credits)

    With `stream=True` what `call()` gives is the stream, passed through, and the charge is made at its end.

    A usage that the provider reports is charged as it is. A stream that is cut (left early, cancelled, broken) or ends
    without a usage is charged an estimate, which says that it is one: `Client.cut_hold()` has the rule. It is never
    above the hold, which is charged whole where what came is of no known kind. When the provider's figure arrives,
    `Client.settle_charge(tracked.charged.charge_id, usage)` puts it in its place. A call that fails before anything
    came costs nothing. A process that is killed leaves the hold, which ends by itself.

    Where the charge of an answer is refused, because it is dearer than what was held and no more is there, or because
    its usage cannot be priced, the estimate is charged instead and `refused` has the error: the work is done.
    """

    def __init__(
        self,
        account: Account,
        authorization: Mapping[str, Any],
        *,
        format: str | None = None,  # noqa: A002 - the API's own name
        count: Callable[[str], int] | None = None,
        keep_output: bool = False,
        generation: Any = None,
        prompt: str | None = None,
    ) -> None:
        self.hold: Hold | None = None
        self.charged: Charged | None = None
        self.refused: ApiError | None = None
        self._account = account
        self._authorization = authorization
        self._format = format
        self._count = count
        self._keep_output = keep_output
        self._log = {"generation": generation, "prompt": prompt}
        self._began = 0.0
        self._is_over = False
        self._followed = self._reader(is_asked=False)
        self._streams: WeakSet[Generator[Any, None]] = WeakSet()

    # ------------------------------------------------------------------ around a call

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Hold, call `function` with the arguments that follow, and charge for what it answers.

        Where `track()` was given neither an amount nor a usage, what the request says is held: a token for 4 bytes of
        its texts, and as many as it allows for the answer, or 4,096. An answer comes back as it is. A stream comes back
        as an `AsyncTrackedStream`, which has all that the stream has. OpenAI's chat streams say what was used only
        where they are asked for it: they are, and the chunk that says it is not passed on unless you asked yourself.
        Raises what `Account.authorize()` and `function` raise.
        """
        wanted, is_asked = asking_for_usage(function, kwargs)
        if "usage" not in self._authorization and "amount" not in self._authorization:
            self._authorization = {**self._authorization, "usage": expected_usage(kwargs)}
        hold = self._authorize()
        try:
            answer = resolved(function(*args, **wanted))
        except BaseException as error:
            self._give_back(hold, error)
            raise
        if is_stream(answer):
            return self._tracked(answer, is_asked=is_asked)
        self.answered(answer)
        return answer

    def stream(self, source: Any) -> TrackedStream[Any]:
        """A stream that has begun, passed through; inside `with account.track(…)`, which holds before it.

        Ask OpenAI's chat streams for their usage yourself: `stream_options={"include_usage": True}`.
        """
        return self._tracked(source, is_asked=False)

    def answered(self, answer: Any) -> Charged | None:
        """Charge for an answer that came at once, or for all of one whose chunks were followed."""
        if not self._followed.bytes and not self._followed.reported:
            self._followed.read_answer(answer)
        elif not self._followed.reported:
            self._followed.read_usage(answer)
        self._end(self._followed)
        return self.charged

    # ------------------------------------------------------------------ step by step, for callbacks

    def begin(self) -> None:
        """Hold."""
        self._authorize()

    def follow(self, chunk: Any) -> None:
        """Count a chunk that came."""
        self._followed.read(chunk)

    def end(self, error: BaseException | None = None) -> Charged | None:
        """Charge for the chunks that were followed, to the end or to an error."""
        self._end(self._followed, error)
        return self.charged

    def __enter__(self) -> Self:
        self._authorize()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for stream in list(self._streams):
            stream.close()
        if self._is_over or self.hold is None:
            return
        if error is None:
            self.answered(None)
        elif self._followed.bytes or self._followed.reported:
            self._cut(self._followed, error)
        else:
            self._give_back(self.hold, error)

    # ------------------------------------------------------------------ how it ends

    def _reader(self, *, is_asked: bool) -> Reader:
        keeps_text = self._keep_output or self._count is not None
        return Reader(is_asked=is_asked, keeps_text=keeps_text)

    def _tracked(self, source: Any, *, is_asked: bool) -> TrackedStream[Any]:
        passed = _passed(self, source, self._reader(is_asked=is_asked))
        started(passed)
        self._streams.add(passed)
        self._account._client._streams.add(passed)
        return TrackedStream(source, passed)

    def _authorize(self) -> Hold:
        if self.hold is not None:
            raise RuntimeError("What is tracked is one call: track() makes another.")
        self.hold = self._account.authorize(**self._authorization)
        self._began = time.monotonic()
        return self.hold

    def _give_back(self, hold: Hold, error: BaseException) -> None:
        """Release the hold of a call that did not begin; what fails there does not hide why."""
        self._is_over = True
        try:
            finished(hold.release, _ENDING_SECONDS)
        except Exception as failure:
            error.add_note(
                f"The hold {hold.id} was not released and times out at {hold.expires_at}: {failure}"
            )

    def _end(self, reader: Reader, error: BaseException | None = None) -> None:
        """Capture what the provider reported, or an estimate; or release where nothing came."""
        if self._is_over or self.hold is None:
            return
        self._is_over = True
        reported = reader.reported
        has_broken = isinstance(error, Exception) or reader.has_failed
        if has_broken and reported is None and reader.bytes == 0 and not reader.is_unknown:
            finished(self.hold.release, _ENDING_SECONDS)
            return
        logged = self._log | {
            "output": reader.text if self._keep_output else None,
            "latency_ms": round((time.monotonic() - self._began) * 1000),
        }
        usage, format_ = reported or (None, None)
        format_ = None if usage is None else self._format or format_
        # At its end a stream has reported what it will, and before it where the report is the last one.
        if usage is not None and (error is None or reader.is_final):
            try:
                self._write(self.hold.capture, usage=usage, format=format_, **logged)
                return
            except (InsufficientCredits, BudgetExceeded, UnusableUsage) as refused:
                self.refused = refused
                _log.warning("An answer is charged as an estimate, because of its own: %s", refused)
                if isinstance(refused, UnusableUsage):
                    usage = format_ = None
        # Nobody can say how much this is.
        if usage is None and reader.is_unknown:
            self._write(self.hold.capture, estimated=True, **logged)
            return
        streamed = (
            {"streamed_bytes": reader.bytes}
            if self._count is None
            else {"streamed_tokens": self._count(reader.text)}
        )
        self._write(self.hold.cut, usage=usage, format=format_, **streamed, **logged)

    def _write(self, write: Callable[..., Any], **arguments: Any) -> None:
        """Charge; where the task is cancelled meanwhile, that is done first."""

        def charge() -> None:
            self.charged = write(**arguments)

        finished(charge, _ENDING_SECONDS)

    def _cut(self, reader: Reader, error: BaseException) -> None:
        """End after an error; what fails there does not hide it."""
        try:
            self._end(reader, error)
        except RatebookError as failure:
            error.add_note(f"The hold of the stream is not charged, and times out: {failure}")
            _log.warning("A stream that was cut is not charged: %s", failure)


class TrackedStream(Generic[Chunk]):
    """A provider's stream, passed through: iterate over it as over that one.

    It is charged when it ends, when it is left and closed, and where the program lets go of it. A `with` around it says
    when that is: `async with stream:`. Everything else that the stream has is there.
    """

    def __init__(self, source: Any, passed: Generator[Chunk, None]) -> None:
        self._source = source
        self._passed = passed

    def __iter__(self) -> Generator[Chunk, None]:
        # The generator itself: where the loop is left and nobody keeps it, it ends.
        return self._passed

    def __next__(self) -> Chunk:
        return self._passed.__next__()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._passed.close()

    def close(self) -> None:
        """Leave it: what came so far is charged."""
        self._passed.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)


def _passed(tracked: Tracked, source: Any, reader: Reader) -> Generator[Any, None]:
    """The chunks of a stream; however they end, the hold ends with them."""
    is_manager = not hasattr(type(source), "__iter__")
    try:
        yield  # to be closed, it must have begun
        stream = source.__enter__() if is_manager else source
        read = reader.read
        for chunk in stream:
            if read(chunk):
                yield chunk
    except BaseException as error:
        tracked._cut(reader, error)
        with shielded(_CLOSING_SECONDS):
            _closed(source, is_manager=is_manager)
        raise
    tracked._end(reader)
    if is_manager:
        source.__exit__(None, None, None)


def _closed(source: Any, *, is_manager: bool) -> None:
    """Tell the provider that nobody listens; it may have heard."""
    try:
        if is_manager:
            source.__exit__(None, None, None)
            return
        close = getattr(source, "close", None) or getattr(source, "close", None)
        if close is not None:
            resolved(close())
    except Exception as error:
        _log.debug("A stream that was cut could not be closed: %s", error)
