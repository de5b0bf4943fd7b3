"""The clients that the tests share. Every test of `connect` runs with the sync and with the async one."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, cast
from uuid import UUID

import pytest

from ratebook import AsyncAccount, AsyncClient, AsyncHold, Client


class Blocking:
    """An async client, account or hold whose methods run to their end, so that one test serves both kinds."""

    def __init__(self, inner: Any, runner: asyncio.Runner) -> None:
        self._inner = inner
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._inner, name)
        if not callable(member):
            return member

        def run(*args: Any, **kwargs: Any) -> Any:
            return self._ended(member(*args, **kwargs))

        return run

    def __enter__(self) -> Blocking:
        self._runner.run(self._inner.__aenter__())
        return self

    def __exit__(self, *raised: Any) -> None:
        self._runner.run(self._inner.__aexit__(*raised))

    def _ended(self, answer: Any) -> Any:
        if inspect.isasyncgen(answer):
            return self._runner.run(_collected(answer))
        if inspect.iscoroutine(answer):
            answer = self._runner.run(answer)
        if isinstance(answer, AsyncAccount | AsyncHold):
            return Blocking(answer, self._runner)
        return answer


async def _collected(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


Connect = Callable[..., Client]


@pytest.fixture(params=["sync", "async"])
def connect(request: pytest.FixtureRequest, ratebook_stack: Any) -> Iterator[Connect]:
    """Makes a client: as anon, with the service key, or as a user by `sub`."""
    opened: list[Any] = []
    with asyncio.Runner() as runner:

        def make(
            sub: UUID | None = None,
            *,
            service: bool = False,
            url: str | None = None,
            retry: bool = False,
        ) -> Client:
            key = ratebook_stack.service_key if service else ratebook_stack.anon_key
            token = None if sub is None else ratebook_stack.token("authenticated", str(sub))
            arguments = (url or ratebook_stack.url, key, token)
            client = (
                Client(*arguments, retry=retry)
                if request.param == "sync"
                else Blocking(AsyncClient(*arguments, retry=retry), runner)
            )
            opened.append(client)
            return cast(Client, client)

        yield make
        for client in opened:
            client.close()
