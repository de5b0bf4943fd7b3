"""Charges for spans of models (`gen_ai.*`), whoever makes them: `pip install 'ratebook[opentelemetry]'`.

    provider.add_span_processor(RatebookSpanProcessor(client))
    with tracer.start_as_current_span("ask", attributes={"ratebook.account": user}): …

Spans say what was used when it is over, so nothing is held before.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any
from uuid import UUID

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.trace import get_current_span

from ratebook import Charged, Client, NotFound

ACCOUNT = "ratebook.account"
"""The attribute that says who pays; a span has it from the one around it."""
_OPERATIONS = ("chat", "text_completion", "generate_content", "embeddings")
"""What asks a model once; spans of agents and tools sum up what others say."""
_STATES = ("openai.response.service_tier", "gen_ai.openai.response.service_tier")
_log = logging.getLogger("ratebook")


class RatebookSpanProcessor(SpanProcessor):
    """Charges each span that has a usage once, beside the program, to the account that its `ratebook.account` names.

    `account_of` finds the account where no attribute says it. `force_flush()` waits for what is under way, and
    `shutdown()` as well. A span that cannot be charged is logged, and given to `on_error`.
    """

    def __init__(
        self,
        client: Client,
        account_of: Callable[[ReadableSpan], UUID | str | None] | None = None,
        on_error: Callable[[Exception, ReadableSpan], None] | None = None,
    ) -> None:
        self._client = client
        self._account_of = account_of
        self._on_error = on_error
        # One at a time: charges of one account wait for each other anyway.
        self._workers = ThreadPoolExecutor(1, "ratebook")
        self._under_way: set[Future[None]] = set()

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Hand the account on to a span from the one around it."""
        around = get_current_span(parent_context)
        account = (getattr(around, "attributes", None) or {}).get(ACCOUNT)
        if account is not None and ACCOUNT not in (span.attributes or {}):
            span.set_attribute(ACCOUNT, account)

    def on_end(self, span: ReadableSpan) -> None:
        """Charge it, soon."""
        said = span.attributes or {}
        usage = {
            name: value
            for name, value in said.items()
            if name.startswith("gen_ai.usage.") or name in _STATES
        }
        account: Any = said.get(ACCOUNT)
        if account is None and self._account_of is not None:
            account = self._account_of(span)
        is_one_call = said.get("gen_ai.operation.name", "chat") in _OPERATIONS
        if account is None or not is_one_call or not any("usage" in name for name in usage):
            return
        charge = self._workers.submit(self._charge, span, str(account), usage)
        self._under_way.add(charge)
        charge.add_done_callback(self._under_way.discard)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Wait for what is under way; whether all of it was done in time."""
        return not wait(list(self._under_way), timeout_millis / 1000).not_done

    def shutdown(self) -> None:
        """Charge what is left."""
        self._workers.shutdown()

    def _charge(self, span: ReadableSpan, account: str, usage: dict[str, Any]) -> None:
        said = span.attributes or {}
        names = [said.get(f"gen_ai.{kind}.model") for kind in ("response", "request")]
        try:
            self._charged([str(name) for name in names if name], span, account, usage)
        except Exception as error:
            _log.exception("The span %s is not charged.", span.name)
            if self._on_error is not None:
                self._on_error(error, span)

    def _charged(
        self, models: list[str], span: ReadableSpan, account: str, usage: dict[str, Any]
    ) -> Charged:
        """By the name of the model that answered, or else of the one that was asked."""
        if not models:
            raise ValueError("The span names no model.")
        started, ended = span.start_time or 0, span.end_time or 0
        try:
            return self._client.account(account).charge(
                models[0],
                usage,
                format="opentelemetry",
                latency_ms=(ended - started) // 1_000_000,
                idempotency_key=f"{span.context.trace_id:032x}-{span.context.span_id:016x}",
            )
        except NotFound:
            if models[1:] in ([], models[:1]):
                raise
            return self._charged(models[1:], span, account, usage)
