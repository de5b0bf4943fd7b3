"""Charges for what LiteLLM asks: `pip install 'ratebook[litellm]'`.

    litellm.callbacks = [RatebookLogger(client)]
    litellm.completion(model="gpt-4o-mini", messages=…, metadata={"ratebook_account": user})

LiteLLM says what was used when it is over, so nothing is held before: what an account does not cover is refused too
late. Hold with `account.track(model).call(litellm.completion, …)` where that matters.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import anyio.to_thread
from litellm.integrations.custom_logger import CustomLogger

from ratebook import Client
from ratebook.answers import usage_of

_log = logging.getLogger("ratebook")


def account_in_metadata(call: Mapping[str, Any]) -> UUID | str | None:
    """Who pays, by the call's own word: `metadata={"ratebook_account": …}`."""
    parameters = call.get("litellm_params") or {}
    metadata = parameters.get("metadata") or call.get("metadata") or {}
    return metadata.get("ratebook_account")


class RatebookLogger(CustomLogger):
    """A callback of LiteLLM that charges each answer once, to the account that `account_of` finds in the call.

    A call that nobody pays for is left alone. An answer that cannot be charged is logged, and given to `on_error`.
    """

    def __init__(
        self,
        client: Client,
        account_of: Callable[[Mapping[str, Any]], UUID | str | None] = account_in_metadata,
        on_error: Callable[[Exception, Mapping[str, Any]], None] | None = None,
    ) -> None:
        super().__init__()
        self._client = client
        self._account_of = account_of
        self._on_error = on_error

    def log_success_event(
        self, kwargs: dict[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """Charge an answer, or a stream that is complete."""
        self._charge(kwargs, response_obj, start_time, end_time)

    async def async_log_success_event(
        self, kwargs: dict[str, Any], response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        """The same, beside the loop."""
        await anyio.to_thread.run_sync(self._charge, kwargs, response_obj, start_time, end_time)

    def _charge(self, call: Mapping[str, Any], answer: Any, start_time: Any, end_time: Any) -> None:
        account = self._account_of(call)
        if account is None:
            return
        if call.get("stream"):
            names = ("complete_streaming_response", "async_complete_streaming_response")
            answer = next((call[name] for name in names if call.get(name) is not None), None)
        found = None if answer is None else usage_of(answer)
        if found is None:
            return
        try:
            self._client.account(account).charge(
                call["model"],
                found[0],
                format="litellm",
                latency_ms=round((end_time - start_time).total_seconds() * 1000),
                idempotency_key=call.get("litellm_call_id"),
            )
        except Exception as error:
            _log.exception("An answer of %s is not charged.", call.get("model"))
            if self._on_error is not None:
                self._on_error(error, call)
