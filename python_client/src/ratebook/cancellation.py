"""What a caller that is cancelled does not leave half done.

anyio and trio cancel again at each await until their scope is left, so clean-up needs a shield. asyncio's own
cancellation comes once.
"""

from contextlib import AbstractContextManager, nullcontext


def async_shielded(seconds: float | None = None) -> AbstractContextManager[object]:
    """Let what is inside end, for so many seconds at most. Raises TimeoutError after them."""
    import anyio

    return anyio.fail_after(seconds, shield=True)


def shielded(seconds: float | None = None) -> AbstractContextManager[object]:  # noqa: ARG001
    """Nothing: the sync client cannot be cancelled."""
    return nullcontext()
