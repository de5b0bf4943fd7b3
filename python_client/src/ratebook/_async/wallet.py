"""Accounts of the credit wallet, and holds on them. Amounts are credits, `Decimal` in and out."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID, uuid4

from postgrest import AsyncRPCFilterRequestBuilder, AsyncSelectRequestBuilder, CountMethod

from ratebook._async.tracking import AsyncTracked
from ratebook.arguments import (
    credit_amount,
    exact_cost,
    given,
    model_name,
    moment,
    span,
    usage_argument,
)
from ratebook.cancellation import async_shielded
from ratebook.errors import translated
from ratebook.types import (
    ALL_CHARGED,
    AUTHORIZED,
    BALANCE,
    CHARGED,
    ENTRIES,
    ENTRY_COLUMNS,
    GRANTED,
    HOLD_COLUMNS,
    HOLDS,
    LOT_COLUMNS,
    LOTS,
    MOVED,
    PAST_BALANCE_COLUMNS,
    PAST_BALANCES,
    AccountBalance,
    Authorized,
    Charged,
    ChargeRequest,
    Granted,
    LedgerEntry,
    Lot,
    Model,
    Moved,
    OpenHold,
    PastBalance,
    Released,
    Usage,
)

if TYPE_CHECKING:
    from ratebook._async.client import AsyncClient

_PAGE = 1000
_CLEANUP_SECONDS = 10
"""How long a caller that is cancelled waits for a hold to be given back."""


class AsyncAccount:
    """An account of the wallet; `Client.account()` makes it, without asking the server.

    Writes are for the service role; an admin, signed in, may `grant()`. Each goes out with an idempotency key, of the
    caller's or a new one, so that it can be sent again where no answer came (see `Client`) and takes effect once. Give
    a key of your own where your program itself may repeat the request, after a crash for example: the same key with the
    same arguments gets the first answer, with others it raises IdempotencyConflict, whether the owner is named or not.
    An owner may read, and an admin who asks `as_admin` (the balance without it).
    """

    def __init__(
        self,
        client: "AsyncClient",
        account: UUID | str,
        *,
        owner: UUID | str | None = None,
        as_admin: bool = False,
    ) -> None:
        self.id = UUID(str(account))
        self._client = client
        # Where everybody's rows are, beside each table of owners.
        self._prefix = "all_" if as_admin else ""
        self._lenser_id = None if owner is None else str(UUID(str(owner)))

    # ------------------------------------------------------------------ what it has

    async def balance(self, at: datetime | None = None) -> AccountBalance:
        """What the account has now, or had at an aware time.

        What has expired or timed out does not count. Raises NotFound for an unknown account, UnusableUsage for a time
        ahead, and NotAllowed for an account of somebody else, unless as an admin. A lenser's own account is made when
        it is first used; before, it has 0.
        """
        with translated():
            arguments = self._named(at=moment(at))
            answer = await self._client._call("billing", "get_balance", arguments).execute()
            return BALANCE.validate_python(answer.data)

    async def lots(self) -> list[Lot]:
        """The lots that hold something and have not expired, in the order in which they burn."""

        def query() -> AsyncSelectRequestBuilder:
            lots = self._table("grants", LOT_COLUMNS, counted=True).is_("closed_at", None)
            lots = lots.or_("expires_at.is.null,expires_at.gt.now")
            return lots.order("priority").order("expires_at").order("id")

        with translated():
            return LOTS.validate_python(await self._client._all(query))

    async def holds(self) -> list[OpenHold]:
        """The holds that keep something back, the first to time out first."""

        def query() -> AsyncSelectRequestBuilder:
            holds = self._table("holds", HOLD_COLUMNS, counted=True).eq("status", "open")
            return holds.gt("expires_at", "now").order("expires_at").order("id")

        with translated():
            return HOLDS.validate_python(await self._client._all(query))

    async def statement(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        newest_first: bool = False,
    ) -> AsyncIterator[LedgerEntry]:
        """The ledger entries written from `since` and before `until`, with what is behind them, asked for page by page.

        The oldest come first, so that each `balance_after` follows from the one before, or the newest. Raises what
        `balance()` does.
        """
        arguments = self._named(
            since=moment(since),
            until=moment(until),
            at_most=_PAGE,
            newest_first=newest_first or None,
        )
        while True:
            with translated():
                page = self._client._call("billing", "statement", arguments)
                entries = ENTRIES.validate_python((await page.select(ENTRY_COLUMNS).execute()).data)
            for entry in entries:
                yield entry
            if not entries:
                return
            arguments["after"] = str(entries[-1].id)

    async def balance_history(
        self,
        since: datetime,
        until: datetime | None = None,
        *,
        bucket: str = "day",
        time_zone: str = "UTC",
    ) -> list[PastBalance]:
        """The posted balance at the end of each `hour`, `day`, `week` or `month` of a time zone, up to now.

        `since`, `until`: aware times; whole buckets are told. Raises what `balance()` does, and UnusableUsage for
        another bucket, a zone that is none, or more than 10,000 buckets.
        """
        arguments = self._named(
            since=moment(since), until=moment(until), bucket=bucket, time_zone=time_zone
        )

        def query() -> AsyncRPCFilterRequestBuilder:
            billing = self._client._api.schema("billing")
            call = billing.rpc("balance_history", arguments, CountMethod.exact)
            return call.select(PAST_BALANCE_COLUMNS).order("starts_at")

        with translated():
            return PAST_BALANCES.validate_python(await self._client._all(query))

    # ------------------------------------------------------------------ what comes in

    async def grant(
        self,
        amount: Decimal | int,
        *,
        source: str | None = None,
        priority: int | None = None,
        starts_at: datetime | None = None,
        expires_at: datetime | None = None,
        external_ref: str | None = None,
        idempotency_key: str | None = None,
    ) -> Granted:
        """Put credits in, as a lot; debt is repaid from it first.

        `source` is such as `purchase` (`manual` unless given), and `external_ref` the id of the event behind it, such
        as a payment's: with the source it counts once. Lots of a lower `priority` (0 unless given) burn first. Before
        the aware time `starts_at` nothing of it can be spent, and it repays no debt. Raises NotFound, UnusableUsage for
        an amount or a time that cannot be, and IdempotencyConflict for a key or an event that granted other credits.
        """
        arguments = self._named(
            amount=credit_amount(amount),
            source=source,
            priority=priority,
            starts_at=moment(starts_at),
            expires_at=moment(expires_at),
            external_ref=external_ref,
            idempotency_key=idempotency_key or str(uuid4()),
        )
        with translated():
            answer = await self._client._write("grant_credits", arguments)
            return GRANTED.validate_python(answer)

    async def move(
        self,
        to: UUID | str,
        amount: Decimal | int,
        *,
        reason: str | None = None,
        to_owner: UUID | str | None = None,
        idempotency_key: str | None = None,
    ) -> Moved:
        """Move credits to another account: lots in the order in which they burn, with their terms.

        Only what is available moves, without the overdraft; what the other account owes is repaid first. `to_owner` is
        that account's lenser, as in `Client.account()`. Raises InsufficientCredits, NotFound, NotAllowed
        for an erased lenser, IdempotencyConflict, and UnusableUsage for the same account or an amount that cannot be.
        """
        arguments = given(
            from_account=str(self.id),
            from_owner=self._lenser_id,
            to_account=str(to),
            to_owner=None if to_owner is None else str(to_owner),
            amount=credit_amount(amount),
            reason=reason,
            idempotency_key=idempotency_key or str(uuid4()),
        )
        with translated():
            return MOVED.validate_python(await self._client._write("move_credits", arguments))

    async def recurring_grant(
        self,
        amount: Decimal | int,
        *,
        months: int = 0,
        days: int = 0,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        expires: bool = True,
        priority: int | None = None,
        source: str | None = None,
        idempotency_key: str | None = None,
    ) -> UUID:
        """Grant the same amount every so many months and days (every month unless given); returns the allowance's id.

        What is left of one expires when the next is due, unless `expires` is False. Raises NotFound, UnusableUsage, and
        IdempotencyConflict for a key that made another allowance.
        """
        arguments = self._named(
            amount=credit_amount(amount),
            every=f"{months} months {days} days" if months or days else None,
            starts_at=moment(starts_at),
            ends_at=moment(ends_at),
            expires=expires,
            priority=priority,
            source=source,
            idempotency_key=idempotency_key or str(uuid4()),
        )
        with translated():
            return UUID(str(await self._client._write("create_recurring_grant", arguments)))

    # ------------------------------------------------------------------ what goes out

    async def authorize(
        self,
        amount: Decimal | int | None = None,
        *,
        model: str | UUID | Model | None = None,
        usage: Usage | Mapping[str, Any] | object | None = None,
        format: str | None = None,  # noqa: A002 - the API's own name
        feature: str | None = None,
        service_tier: str | None = None,
        variant: str | None = None,
        region: str | None = None,
        expires_in: timedelta | None = None,
        lenser: UUID | str | None = None,
        idempotency_key: str | None = None,
    ) -> "AsyncHold":
        """Keep credits back for work that is about to begin: an amount, or what `usage` of `model` costs.

        Name the model with an amount too, to capture by usage. `format` is that of `charge()`. The hold times
        out after `expires_in` (15 minutes unless given, at most 7 days). `lenser` is the member who spends, the
        owner unless given. Raises InsufficientCredits, BudgetExceeded, NotFound, Conflict, NotAllowed for a
        stranger to the account, and UnusableUsage. Where it is cancelled, what it may have held is given back
        first.
        """
        arguments = self._named(
            amount=credit_amount(amount),
            model=None if model is None else model_name(model),
            **usage_argument(usage, format),
            feature=feature,
            service_tier=service_tier,
            variant=variant,
            region=region,
            expires_in=span(expires_in),
            lenser=None if lenser is None else str(lenser),
            idempotency_key=idempotency_key or str(uuid4()),
        )
        with translated():
            try:
                answer = await self._client._write("authorize_credits", arguments)
            except BaseException as ended:
                if not isinstance(ended, Exception):  # cancelled, or Ctrl-C
                    await self._give_back(arguments)
                raise
            authorized = AUTHORIZED.validate_python(answer)
            return AsyncHold(self._client, authorized, owner=self._lenser_id)

    async def _give_back(self, arguments: dict[str, Any]) -> None:
        """Release the hold of an authorization whose answer nobody took; its key says which one that is."""
        with suppress(Exception), async_shielded(_CLEANUP_SECONDS):
            answer = await self._client._write("authorize_credits", arguments)
            hold = AUTHORIZED.validate_python(answer).hold_id
            await self._client.release_hold(hold, owner=self._lenser_id)

    def track(
        self,
        model: str | UUID | Model,
        amount: Decimal | int | None = None,
        *,
        usage: Usage | Mapping[str, Any] | object | None = None,
        format: str | None = None,  # noqa: A002 - the API's own name
        count: Callable[[str], int] | None = None,
        feature: str | None = None,
        service_tier: str | None = None,
        variant: str | None = None,
        region: str | None = None,
        expires_in: timedelta | None = None,
        lenser: UUID | str | None = None,
        generation: UUID | str | None = None,
        prompt: str | None = None,
        keep_output: bool = False,
        idempotency_key: str | None = None,
    ) -> AsyncTracked:
        """Hold, call a provider, and charge what it reports: `tracked.call(openai.responses.create, …)`.

        `usage` is what you expect, in meters, and its input what a stream that is cut is charged for; with an `amount`,
        that is held instead. Without both, `tracked.call()` holds what the request itself says. `format` is that of the
        provider's usage, where its SDK's object does not tell (xAI's through OpenAI's SDK, for example). `count` counts
        the tokens of a text that was cut, else 4 bytes are one. The log gets `prompt`, and with `keep_output` the text
        that came. The other arguments are those of `authorize()` and `charge()`. `AsyncTracked` has what is charged
        when. Nothing is asked before the call.
        """
        authorization = given(
            amount=amount,
            model=model,
            usage=usage,
            feature=feature,
            service_tier=service_tier,
            variant=variant,
            region=region,
            expires_in=expires_in,
            lenser=lenser,
            idempotency_key=idempotency_key,
        )
        return AsyncTracked(
            self,
            authorization,
            format=format,
            count=count,
            keep_output=keep_output,
            generation=generation,
            prompt=prompt,
        )

    async def charge(
        self,
        model: str | UUID | Model,
        usage: Usage | Mapping[str, Any] | object | None = None,
        *,
        format: str | None = None,  # noqa: A002 - the API's own name
        feature: str | None = None,
        service_tier: str | None = None,
        variant: str | None = None,
        region: str | None = None,
        lenser: UUID | str | None = None,
        generation: UUID | str | None = None,
        prompt: str | None = None,
        output: str | None = None,
        latency_ms: int | None = None,
        estimated: bool | None = None,
        reported_cost: Decimal | int | None = None,
        reported_currency: str | None = None,
        idempotency_key: str | None = None,
    ) -> Charged:
        """Charge what a usage costs now, and log its generation, in one call.

        With a `format`, as in `Client.normalize_usage()`, the usage is the provider's own object or the answer
        that holds it, whose service tier, variant and region are used. An object of a provider's SDK, a usage or the
        answer itself, needs no format. `generation` is an earlier one, which ends
        with this; else one is made, with `prompt`, `output` and `latency_ms` (milliseconds). An `estimated` charge may
        be settled by the provider's figure later: `Client.settle_charge()`. `reported_cost` is what the provider says
        that it cost, in `reported_currency` (the model's unless given): then that is charged, whatever the prices, and
        no usage is needed. `lenser` is the member who spends, the owner unless given. Raises InsufficientCredits,
        BudgetExceeded, NotFound, Conflict, NotAllowed for a stranger to the account, and UnusableUsage.
        """
        request = given(
            model=model,
            usage=usage,
            format=format,
            feature=feature,
            service_tier=service_tier,
            variant=variant,
            region=region,
            lenser=lenser,
            generation=generation,
            prompt=prompt,
            output=output,
            latency_ms=latency_ms,
            estimated=estimated,
            reported_cost=reported_cost,
            reported_currency=reported_currency,
            idempotency_key=idempotency_key,
        )
        with translated():
            answer = await self._client._write("charge_generation", self._charge(request))
            return CHARGED.validate_python(answer)

    async def charge_many(self, requests: Iterable[ChargeRequest]) -> list[Charged]:
        """Up to 1,000 charges in one transaction, all or none, in their order; balances are those after all of them.

        Raises what `charge()` raises, with the `index` of a request that cannot be priced in the error's `detail`.
        """
        arguments = {"requests": [self._charge(request) for request in requests]}
        with translated():
            answer = await self._client._write("charge_generations", arguments)
            return ALL_CHARGED.validate_python(answer)

    # ------------------------------------------------------------------ who else may spend

    async def set_member(
        self, member: UUID | str, spend_limit: Decimal | int | None = None
    ) -> None:
        """Let a lenser spend from the account, up to `spend_limit` credits in all; None for no limit.

        Raises NotFound, and UnusableUsage for the owner.
        """
        arguments = self._named(member=str(member), spend_limit=credit_amount(spend_limit))
        with translated():
            await self._client._write("set_member", arguments)

    async def remove_member(self, member: UUID | str) -> None:
        """Let a lenser spend from the account no more; open holds can still be captured. Raises NotFound."""
        with translated():
            await self._client._write("remove_member", self._named(member=str(member)))

    # ------------------------------------------------------------------ asking

    def _named(self, **arguments: Any) -> dict[str, Any]:
        """Arguments of a call for this account and, where it is known, its owner."""
        return given(account=str(self.id), owner=self._lenser_id, **arguments)

    def _table(
        self, name: str, columns: str, *, counted: bool = False, owner: str | None = None
    ) -> AsyncSelectRequestBuilder:
        # balances shows admins all by itself.
        prefix = "" if name == "balances" else self._prefix
        table = self._client._api.schema("billing").from_(prefix + name)
        count = CountMethod.exact if counted else None
        rows = table.select(columns, count=count).eq("account_id", str(self.id))
        owner = owner or self._lenser_id
        return rows if owner is None else rows.eq("lenser_id", owner)

    async def _owner(self) -> str:
        """The owner's id, asked for once."""
        if self._lenser_id is None:
            accounts = self._client._api.schema("billing").from_(f"{self._prefix}accounts")
            rows: Any = (await accounts.select("lenser_id").eq("id", str(self.id)).execute()).data
            if not rows:  # a lenser's own, that nothing has happened to
                return str(self.id)
            self._lenser_id = str(rows[0]["lenser_id"])
        return self._lenser_id

    def _charge(self, request: Mapping[str, Any]) -> dict[str, Any]:
        arguments = {**self._named(idempotency_key=uuid4()), **given(**request)}
        arguments["model"] = model_name(request["model"])
        arguments |= usage_argument(arguments.get("usage"), arguments.get("format"))
        if "reported_cost" in arguments:
            arguments["reported_cost"] = exact_cost(arguments["reported_cost"])
        return {
            name: str(value) if isinstance(value, UUID) else value
            for name, value in arguments.items()
        }


class AsyncHold:
    """Credits that are kept back; a context manager around the work they are for.

        with account.authorize(5, model="gpt-4o") as hold:  # or: async with await account.authorize(…)
            answer = ask_the_model()
            hold.capture(usage=answer.usage, format="openai_chat")

    Where the body ends without a capture, all that was held is captured. Where it raises, the hold is released. If that
    fails too, the body's exception is raised all the same, with a note, and the hold ends by itself when it times out.
    A hold whose capture was tried and refused is left alone, because the work is done: capture less, or release it.
    A body that is cancelled (by asyncio, anyio or trio) is one that raises: its hold is released first, for which
    cancellation waits up to 10 seconds. A capture that has begun is not cancelled.
    """

    def __init__(
        self, client: "AsyncClient", authorized: Authorized, *, owner: str | None = None
    ) -> None:
        self.id = authorized.hold_id
        self.amount = authorized.amount
        self.expires_at = authorized.expires_at
        self.balance = authorized.balance
        self.warnings = authorized.warnings
        self.charged: Charged | None = None
        self._client = client
        self._owner = owner
        self._is_open = True

    async def capture(
        self,
        amount: Decimal | int | None = None,
        *,
        usage: Usage | Mapping[str, Any] | object | None = None,
        format: str | None = None,  # noqa: A002 - the API's own name
        generation: UUID | str | None = None,
        prompt: str | None = None,
        output: str | None = None,
        latency_ms: int | None = None,
        estimated: bool | None = None,
        reported_cost: Decimal | int | None = None,
        reported_currency: str | None = None,
    ) -> Charged:
        """Charge an amount, or a usage at the prices of the hold, or else all that was held; give back the rest.

        The arguments and errors are those of `Client.capture_hold()`; the owner is the account's.
        """
        self._is_open = False
        with async_shielded():  # the work is done
            self.charged = await self._client.capture_hold(
                self.id,
                amount,
                usage=usage,
                format=format,
                generation=generation,
                prompt=prompt,
                output=output,
                latency_ms=latency_ms,
                estimated=estimated,
                reported_cost=reported_cost,
                reported_currency=reported_currency,
                owner=self._owner,
            )
        return self.charged

    async def cut(
        self,
        *,
        usage: Usage | Mapping[str, Any] | object | None = None,
        format: str | None = None,  # noqa: A002 - the API's own name
        streamed_bytes: int | None = None,
        streamed_tokens: int | None = None,
        generation: UUID | str | None = None,
        prompt: str | None = None,
        output: str | None = None,
        latency_ms: int | None = None,
    ) -> Charged:
        """Charge an estimate for a stream that was cut, never above what was held; give back the rest.

        The arguments and errors are those of `Client.cut_hold()`; the owner is the account's.
        """
        self._is_open = False
        with async_shielded():  # the work is done
            self.charged = await self._client.cut_hold(
                self.id,
                usage=usage,
                format=format,
                streamed_bytes=streamed_bytes,
                streamed_tokens=streamed_tokens,
                generation=generation,
                prompt=prompt,
                output=output,
                latency_ms=latency_ms,
                owner=self._owner,
            )
        return self.charged

    async def release(self) -> Released:
        """Give back what it keeps; done twice, it changes nothing. Raises Conflict where it was captured."""
        self._is_open = False
        return await self._client.release_hold(self.id, owner=self._owner)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._is_open:
            return
        if error is None:
            await self.capture()
            return
        try:
            with async_shielded(_CLEANUP_SECONDS):
                await self.release()
        except Exception as failure:  # of whatever kind: it must not hide the body's own
            error.add_note(
                f"The hold {self.id} was not released and times out at {self.expires_at}: {failure}"
            )
