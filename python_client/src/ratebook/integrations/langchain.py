"""Holds and charges for what LangChain's models are asked: `pip install 'ratebook[langchain]'`.

model.invoke("Tell me of lighthouses", config={"callbacks": [RatebookCallback(account)]})
"""
# ruff: noqa: ARG002 - what LangChain passes, whether it is of use here or not

from collections.abc import Mapping
from decimal import Decimal
from threading import Lock
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler

from ratebook import Account
from ratebook._sync.tracking import Tracked
from ratebook.answers import expected_usage
from ratebook.types import Usage


class RatebookCallback(BaseCallbackHandler):
    """Holds before a model is asked, and charges its answer, as `Account.track()` does; streams and agents, too.

    Each run of a model is a hold of its own. `model` is Ratebook's name of it, else the one that LangChain says.
    `amount` or `usage` is what is held, else what the messages say. What the account does not cover is raised where the
    model is asked: InsufficientCredits. `charged` has the charges, by the run's id.
    """

    raise_error = True

    def __init__(
        self,
        account: Account,
        model: str | None = None,
        *,
        amount: Decimal | int | None = None,
        usage: Usage | None = None,
    ) -> None:
        self.charged: dict[UUID, Any] = {}
        self._account = account
        self._model = model
        self._amount = amount
        self._usage = usage
        self._runs: dict[UUID, Tracked] = {}
        self._lock = Lock()

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[Any]],
        *,
        run_id: UUID,
        **said: Any,
    ) -> None:
        """Hold for a chat model."""
        texts = [message.content for batch in messages for message in batch]
        self._begin(run_id, texts, said)

    def on_llm_start(
        self, serialized: dict[str, Any], prompts: list[str], *, run_id: UUID, **said: Any
    ) -> None:
        """Hold for a model that completes texts."""
        self._begin(run_id, prompts, said)

    def on_llm_new_token(self, token: Any, *, chunk: Any = None, run_id: UUID, **said: Any) -> None:
        """Follow a stream."""
        tracked = self._runs.get(run_id)
        if tracked is not None:
            tracked.follow(getattr(chunk, "message", None) or token)

    def on_llm_end(self, response: Any, *, run_id: UUID, **said: Any) -> None:
        """Charge what was used."""
        tracked = self._runs.pop(run_id, None)
        if tracked is None:
            return
        (generation, *_), *_ = response.generations
        tracked.answered(getattr(generation, "message", None) or generation.text)
        self.charged[run_id] = tracked.charged

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **said: Any) -> None:
        """Charge what came of a stream that was cut, or release the hold."""
        tracked = self._runs.pop(run_id, None)
        if tracked is not None:
            tracked.end(error)
            self.charged[run_id] = tracked.charged

    def _begin(self, run_id: UUID, texts: list[Any], said: Mapping[str, Any]) -> None:
        parameters = said.get("invocation_params") or {}
        metadata = said.get("metadata") or {}
        names = (
            self._model,
            metadata.get("ls_model_name"),
            parameters.get("model"),
            parameters.get("model_name"),
        )
        model = next((name for name in names if name), None)
        if model is None:
            raise ValueError(
                "LangChain does not say which model it asks: RatebookCallback(account, model)."
            )
        usage = self._usage
        if usage is None and self._amount is None:
            limit = metadata.get("ls_max_tokens") or parameters.get("max_tokens")
            usage = expected_usage({"messages": texts, "max_tokens": limit})
        tracked = self._account.track(model, self._amount, usage=usage)
        tracked.begin()
        with self._lock:
            self._runs[run_id] = tracked
