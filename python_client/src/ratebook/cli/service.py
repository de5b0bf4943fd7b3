"""Where commands ask that need the service key."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from ratebook.cli import registry
from ratebook.errors import NotAllowed, RatebookError

if TYPE_CHECKING:
    from ratebook import Client

# A key is used with the URL of its own prefix only.
_SERVICE_KEYS = {
    "RATEBOOK_URL": "RATEBOOK_SERVICE_KEY",
    "SUPABASE_URL": "SUPABASE_SERVICE_ROLE_KEY",
}

Key = Annotated[
    str | None,
    typer.Option(
        help="The service key; else RATEBOOK_SERVICE_KEY, SUPABASE_SERVICE_ROLE_KEY, RATEBOOK_KEY or SUPABASE_KEY.",
        rich_help_panel="Where to ask",
    ),
]

AdminKey = Annotated[
    str | None,
    typer.Option(
        help="The service key or an admin's token; else RATEBOOK_SERVICE_KEY, SUPABASE_SERVICE_ROLE_KEY, RATEBOOK_KEY"
        " or SUPABASE_KEY.",
        rich_help_panel="Where to ask",
    ),
]


@contextmanager
def client(
    url: str | None, key: str | None, what: str, *, retry: bool = False
) -> Iterator["Client"]:
    """A client with the service key; `what` needs it, says the refusal of another.

    `retry` is for writes with a key: where no answer comes, the same goes out again.
    """
    with registry._client(*_where(url, key), retry=retry) as asked:
        try:
            yield asked
        except NotAllowed as error:
            if error.error:  # not the key, but what was asked
                raise
            raise RatebookError(f"{error} {what} needs the service key.", error.details) from error


def _where(url: str | None, key: str | None) -> tuple[str | None, str | None]:
    """URL and key as given, else with the service key of the environment or of this folder's local stack."""
    if url:
        return url, key or next(filter(None, map(_env, _SERVICE_KEYS.values())), None)
    for url_name, key_name in _SERVICE_KEYS.items():
        if found := _env(url_name):
            service_key = key or _env(key_name)
            return (found, service_key) if service_key else (None, None)
    stack = registry._local_stack()
    if stack is None:
        return None, key
    from ratebook.local import Stack

    return stack[0], key or Stack().service_role_key


def _env(name: str) -> str:
    return os.environ.get(name, "").strip()
