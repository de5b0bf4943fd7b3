"""What a caller that is cancelled does not leave half done.

anyio and trio cancel again at each await until their scope is left, so clean-up needs a shield. asyncio's own
cancellation comes once.
"""

import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeVar

T = TypeVar("T")

_TRIES = 5
"""How often a write is begun again that a cancellation has ended."""


def async_shielded(seconds: float | None = None) -> AbstractContextManager[object]:
    """Let what is inside end, for so many seconds at most. Raises TimeoutError after them."""
    import anyio

    return anyio.fail_after(seconds, shield=True)


def shielded(seconds: float | None = None) -> AbstractContextManager[object]:  # noqa: ARG001
    """Nothing: the sync client cannot be cancelled."""
    return nullcontext()


async def async_finished(write: Callable[[], Awaitable[T]], seconds: float) -> T:
    """Let a write end that takes effect once, however often its task is cancelled meanwhile.

    A cancellation is not lost: it is raised when the write is done. Each try has so many seconds.
    """
    import anyio

    cancelled: BaseException | None = None
    for left in reversed(range(_TRIES)):
        try:
            with async_shielded(seconds):
                answer = await write()
            break
        except anyio.get_cancelled_exc_class() as error:  # asyncio's own, which no shield stops
            cancelled = error
            if left == 0:
                raise
    if cancelled is not None:
        raise cancelled
    return answer


def finished(write: Callable[[], T], seconds: float) -> T:  # noqa: ARG001
    """What the write answers: the sync client cannot be cancelled."""
    return write()


@contextmanager
def stopping() -> Iterator[None]:
    """Inside, SIGTERM ends the program as Ctrl-C does, by an exception: SystemExit. Holds and streams end first.

    Python's own answer to SIGTERM is to die at once. For the main thread of a worker; a web server has its own way.
    """

    def stop(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
