"""The client: a thin, typed layer over PostgREST's own. The database does the thinking."""

import re
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self
from uuid import UUID, uuid4
from weakref import WeakSet

import anyio
import httpx
from postgrest import (
    APIError,
    AsyncPostgrestClient,
    AsyncRPCFilterRequestBuilder,
    AsyncSelectRequestBuilder,
    CountMethod,
)
from postgrest.constants import DEFAULT_POSTGREST_CLIENT_TIMEOUT

from ratebook import __version__, environment
from ratebook._async.evaluations import AsyncEvaluations
from ratebook._async.wallet import AsyncAccount
from ratebook.arguments import (
    credit_amount,
    exact_cost,
    given,
    model_name,
    moment,
    raw_usage,
    usage_argument,
)
from ratebook.errors import NotConfigured, NotFound, is_passing, translated
from ratebook.types import (
    ALL_COMPARED,
    ALL_REPRICED,
    AUDIT_COLUMNS,
    AUDIT_ENTRIES,
    BUDGET_COLUMNS,
    BUDGETS,
    CANDIDATE_COLUMNS,
    CANDIDATES,
    CATALOGUE,
    CATALOGUE_COLUMNS,
    CHANGE_COLUMNS,
    CHANGES,
    CHARGED,
    CHECKS,
    COMPARED_COLUMNS,
    ENTITLEMENTS,
    FORECAST_COLUMNS,
    FORECASTS,
    GENERATION_COLUMNS,
    GENERATIONS,
    LISTED_PRICES,
    MODEL_COLUMNS,
    MODELS,
    PREVIEW_COLUMNS,
    PREVIEWS,
    PRICE_COLUMNS,
    PRICES,
    QUOTE,
    REFUNDED,
    RELEASED,
    REPRICED_COLUMNS,
    REPRICED_SUM_COLUMNS,
    REPRICED_SUMS,
    REVOKED,
    ROUTE_COLUMNS,
    ROUTES,
    ROW,
    ROWS,
    SETTLED,
    SHORT_QUOTE_COLUMNS,
    SHORT_QUOTES,
    SIGNAL_COLUMNS,
    SIGNALS,
    STEP_COLUMNS,
    STEPS,
    USAGE_BUCKETS,
    USAGE_COLUMNS,
    AuditEntry,
    Budget,
    Candidate,
    CatalogueEntry,
    Charged,
    Check,
    Compared,
    Entitlement,
    ExplainedRoute,
    Forecast,
    Generation,
    ListedPrice,
    Model,
    Price,
    PriceChange,
    PricePreview,
    PriceStep,
    Quote,
    QuoteRequest,
    Refunded,
    Released,
    Repriced,
    RepricedSum,
    Requirements,
    Revoked,
    Settled,
    ShortQuote,
    Signal,
    Usage,
    UsageBucket,
    requirements_to_json,
    usage_from_json,
    usage_to_json,
)

if TYPE_CHECKING:
    from ratebook.adopt.report import AdoptReport
    from ratebook.catalogues.feed import Feed
    from ratebook.catalogues.report import ImportReport


_PAUSES: tuple[float, ...] = (0.2, 1.0)
"""Seconds before a write is sent again."""


class HasSchemas(Protocol):
    """What `from_supabase` takes: a supabase client, or a postgrest client."""

    def schema(self, schema: str) -> AsyncPostgrestClient:
        """A client of one schema."""


class AsyncClient:
    """Asks a Ratebook API; what goes wrong there is raised as one of `ratebook.errors`.

    A model is named by its key, id or alias, or by a `Model`. Use the client as a context manager, or `close()` it.
    """

    def __init__(
        self,
        url: str,
        key: str,
        access_token: str | None = None,
        *,
        retry: bool = True,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        """Ask the project at `url` (its base URL: requests go to `{url}/rest/v1`).

        `key` is the anon or service key, `access_token` a signed-in user's. `retry`: a listing that fails in transit
        is asked for again after 1, 2 and 4 seconds. So is a write of the wallet after 0.2 and 1 second, also where the
        server could not work on it: its idempotency key lets it take effect only once. `http_client` sets timeouts and
        proxies; it is closed with this client. Raises ValueError where `url` is not an HTTP address, or `key` is empty.
        """
        if not re.match("https?://.", url):
            raise ValueError(f"That is no HTTP URL: {url!r}.")
        if not key:
            raise ValueError("The key is empty.")
        self._http: httpx.AsyncClient | None = http_client or httpx.AsyncClient(
            timeout=DEFAULT_POSTGREST_CLIENT_TIMEOUT, follow_redirects=True, http2=True
        )
        self._api: HasSchemas = AsyncPostgrestClient(
            f"{url.rstrip('/')}/rest/v1",
            headers={
                "apikey": key,
                "Authorization": f"Bearer {access_token or key}",
                "X-Client-Info": f"ratebook-py/{__version__}",
            },
            http_client=self._http,
            retry_enabled=retry,
        )
        self._pauses = _PAUSES if retry else ()
        self._streams: WeakSet[AsyncGenerator[Any, None]] = WeakSet()

    @classmethod
    def from_supabase(cls, client: HasSchemas) -> Self:
        """Ask through an existing supabase client, as whoever is signed in there; it stays the caller's to close.

        A postgrest client does as well, for a server at another path than `/rest/v1`.
        """
        self = cls.__new__(cls)
        self._http = None
        self._api = client
        self._pauses = _PAUSES
        self._streams = WeakSet()
        return self

    @classmethod
    def from_env(cls) -> Self:
        """Ask where RATEBOOK_URL and RATEBOOK_KEY say, else SUPABASE_URL and SUPABASE_KEY (or SUPABASE_ANON_KEY).

        Raises NotConfigured where they are not set.
        """
        found = environment.url_and_key()
        if found is None:
            raise NotConfigured(
                "Set RATEBOOK_URL and RATEBOOK_KEY, or SUPABASE_URL and SUPABASE_KEY."
            )
        return cls(*found)

    async def close(self) -> None:
        """Close the connections; a client that was passed in stays open. Streams that are open are cut first."""
        for stream in list(self._streams):
            with suppress(RuntimeError, ValueError):  # one that is being read ends where it is read
                await stream.aclose()
        if self._http:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    # ------------------------------------------------------------------ the registry

    async def models(
        self,
        *,
        modality: str | None = None,
        task: str | None = None,
        provider: str | None = None,
        active: bool | None = True,
        search: str | None = None,
    ) -> list[Model]:
        """The models that fit, the preferred ones first.

        `provider` is its key. `active`: None for the inactive ones too, False for those alone. `search`: words that all
        occur in key, name or description.
        """

        def query() -> AsyncSelectRequestBuilder:
            table = self._api.schema("ai").from_("models")
            found = table.select(MODEL_COLUMNS, count=CountMethod.exact).is_("deleted_at", None)
            wanted = {
                "modality": modality,
                "task": task,
                "provider.key": provider,
                "is_active": active,
            }
            for column, value in wanted.items():
                if value is not None:
                    found = found.eq(column, value)
            for word in (search or "").split():
                found = found.or_(_contained(word))
            return found.order("priority").order("is_default", desc=True).order("key")

        with translated():
            return MODELS.validate_python(await self._all(query))

    async def model(self, name: str | UUID) -> Model:
        """The model with that key, id or alias. Raises NotFound, and Conflict for a name of several models."""
        with translated():
            call = self._call("ai", "find_model", {"model": str(name)}).select(MODEL_COLUMNS)
            return MODELS.validate_python((await call.execute()).data)[0]

    async def prices(self, model: str | UUID | Model, at: datetime | None = None) -> list[Price]:
        """The prices of a model that apply now, or at an aware time.

        Raises NotFound, Conflict for a name of several models, and NotAllowed for a time ahead, unless as an admin.
        """
        with translated():
            arguments = given(model=model_name(model), at=moment(at))
            call = self._call("ai", "prices_in_force", arguments).select(PRICE_COLUMNS)
            return PRICES.validate_python((await call.execute()).data)

    # ------------------------------------------------------------------ what it costs

    async def quote(
        self,
        model: str | UUID | Model,
        usage: Usage | Mapping[str, Any] | object,
        *,
        format: str | None = None,  # noqa: A002 - the API's own name
        feature: str | None = None,
        service_tier: str | None = None,
        variant: str | None = None,
        region: str | None = None,
        at: datetime | None = None,
    ) -> Quote:
        """What a usage costs, now or as of an aware time; `variant` is such as an image size.

        With a `format`, as in `normalize_usage()`, the usage is the provider's own object or the answer that holds it;
        the service tier, variant and region that it states are used, and may not be contradicted.
        Raises UnusableUsage for what cannot be priced, NotFound for an unknown model or feature, Conflict for a name of
        several models, and NotAllowed for a time ahead, unless as an admin.
        """
        arguments = given(
            model=model_name(model),
            **usage_argument(usage, format),
            feature=feature,
            service_tier=service_tier,
            variant=variant,
            region=region,
            at=moment(at),
        )
        with translated():
            answer = await self._call("billing", "quote", arguments).execute()
            return QUOTE.validate_python(answer.data)

    async def credit_cost(
        self,
        model: str | UUID | Model,
        usage: Usage | Mapping[str, Any] | object,
        *,
        format: str | None = None,  # noqa: A002 - the API's own name
        feature: str | None = None,
        service_tier: str | None = None,
        variant: str | None = None,
        region: str | None = None,
        at: datetime | None = None,
    ) -> Decimal:
        """The credits of `quote()`, with the same arguments and errors."""
        quote = await self.quote(
            model,
            usage,
            format=format,
            feature=feature,
            service_tier=service_tier,
            variant=variant,
            region=region,
            at=at,
        )
        return quote.credits

    async def quote_many(self, requests: Iterable[QuoteRequest]) -> list[ShortQuote]:
        """What up to 1,000 requests cost, in their order, in one call.

        Raises what `quote()` raises, with the `index` of a bad request in the error's `detail`.
        """
        bodies = []
        for request in requests:
            body = given(**request)
            body |= usage_argument(body["usage"], body.get("format"))
            bodies.append(body | given(model=model_name(body["model"]), at=moment(body.get("at"))))
        with translated():
            call = self._call("billing", "quote_many", {"requests": bodies})
            rows = (await call.select(SHORT_QUOTE_COLUMNS).order("index").execute()).data
            return SHORT_QUOTES.validate_python(rows)

    async def normalize_usage(
        self,
        format: str | None,  # noqa: A002 - the API's own name
        raw: Mapping[str, Any] | object,
    ) -> dict[str, int | Decimal]:
        """A provider's own usage object, or the response that holds it, as meters: each token in one of them.

        An object of a provider's SDK will do, which tells its format itself.

        `format`: such as `openai_chat` or `anthropic`, the error of another one lists them; None for the one that it
        is seen to be. Raises UnusableUsage for one that is not known or not seen, for counts that contradict each
        other, are broken, or are not known, and for a service tier, region or speed that the answer states and meters
        cannot carry: `quote()` and charges use it.
        """
        arguments = raw_usage(format, raw)
        with translated():
            answer = await self._call("ai", "normalize_usage", arguments).execute()
            return usage_from_json(ROW.validate_python(answer.data))

    async def reprice(
        self,
        since: datetime,
        until: datetime,
        *,
        model: str | UUID | Model | None = None,
        price_source: str | None = None,
        at: datetime | None = None,
        margin: Decimal | int | None = None,
    ) -> list[Repriced]:
        """What the generations from `since` and before `until` (aware times) cost, or would cost; nothing is written.

        `model`: as if it had been asked. `price_source`: at that source's prices. `at`: at the prices of that time.
        `margin`: with that one, 0.3 for 30 %. Those without a usage or a token count are left out. For admins and the
        service role. Raises NotAllowed, NotFound, and UnusableUsage for a period or a margin that cannot be.
        """
        arguments = given(
            since=moment(since),
            until=moment(until),
            model=None if model is None else model_name(model),
            price_source=price_source,
            at=moment(at),
            margin=None if margin is None else str(margin),
        )

        def query() -> AsyncRPCFilterRequestBuilder:
            billing = self._api.schema("billing")
            call = billing.rpc("reprice_generations", arguments, CountMethod.exact)
            return call.select(REPRICED_COLUMNS).order("generation_id")

        with translated():
            return ALL_REPRICED.validate_python(await self._all(query))

    async def reprice_summary(
        self,
        since: datetime,
        until: datetime,
        *,
        by: str | None = None,
        time_zone: str | None = None,
        model: str | UUID | Model | None = None,
        price_source: str | None = None,
        at: datetime | None = None,
        margin: Decimal | int | None = None,
    ) -> list[RepricedSum]:
        """What `reprice()` says of a time, added up: in all, or by model, provider, feature, lenser, day or month.

        `time_zone`: of days and months, UTC unless given. For admins and the service role. Raises as `reprice()` does.
        """
        arguments = given(
            since=moment(since),
            until=moment(until),
            by=by,
            time_zone=time_zone,
            model=None if model is None else model_name(model),
            price_source=price_source,
            at=moment(at),
            margin=None if margin is None else str(margin),
        )

        def query() -> AsyncRPCFilterRequestBuilder:
            billing = self._api.schema("billing")
            call = billing.rpc("reprice_summary", arguments, CountMethod.exact)
            return call.select(REPRICED_SUM_COLUMNS)

        with translated():
            return REPRICED_SUMS.validate_python(await self._all(query))

    async def preview_price(
        self,
        model: str | UUID | Model,
        meter: str,
        price: Decimal | None,
        *,
        effective_from: datetime | None = None,
        currency: str | None = None,
        service_tier: str | None = None,
        variant: str | None = None,
        region: str | None = None,
        source: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[PricePreview]:
        """What `schedule_price()` would have done to the log from `since` and before `until`; nothing is written.

        The last 30 days unless given. `effective_from`: left out, as if the price had applied all the while. For admins
        and the service role. Raises NotAllowed, NotFound, and UnusableUsage for what is no price.
        """
        arguments = given(
            model=model_name(model),
            meter=meter,
            effective_from=moment(effective_from),
            currency=currency,
            service_tier=service_tier,
            variant=variant,
            region=region,
            source=source,
            since=moment(since),
            until=moment(until),
        ) | {"price": None if price is None else str(price)}
        with translated():
            call = self._call("ai", "preview_price", arguments).select(PREVIEW_COLUMNS)
            return PREVIEWS.validate_python((await call.execute()).data)

    # ------------------------------------------------------------------ which model

    async def route(
        self,
        feature: str,
        requirements: Requirements | Mapping[str, Any] | None = None,
        *,
        subject: UUID | str | None = None,
    ) -> list[Candidate]:
        """The models to try for a feature, in order; empty where none fits.

        `subject`: whom it is for, which the signed-in user is; the service role and admins name another, an anonymous
        caller any text, and the same one gets the same order each time. Raises NotFound for an unknown feature,
        UnusableUsage for requirements that are none, and NotAllowed for another's subject.
        """
        with translated():
            call = self._route("route_feature", feature, requirements, subject)
            return CANDIDATES.validate_python((await call.select(CANDIDATE_COLUMNS).execute()).data)

    async def explain_route(
        self,
        feature: str,
        requirements: Requirements | Mapping[str, Any] | None = None,
        *,
        subject: UUID | str | None = None,
    ) -> list[ExplainedRoute]:
        """Every route of a feature: the candidates of `route()` in order, then the others with each reason."""
        with translated():
            call = self._route("explain_route", feature, requirements, subject)
            return ROUTES.validate_python((await call.select(ROUTE_COLUMNS).execute()).data)

    def _route(
        self,
        function: str,
        feature: str,
        requirements: Requirements | Mapping[str, Any] | None,
        subject: UUID | str | None,
    ) -> AsyncRPCFilterRequestBuilder:
        arguments = given(
            feature=feature,
            requirements=None if requirements is None else requirements_to_json(requirements),
            subject=None if subject is None else str(subject),
        )
        return self._call("ai", function, arguments)

    async def report_health(
        self,
        model: str | UUID | Model | None = None,
        *,
        provider: str | None = None,
        state: str = "degraded",
        until: datetime | None = None,
        reason: str | None = None,
    ) -> None:
        """Say that a model, or a provider with all its models, is `degraded` or `rate_limited` until an aware time.

        Routes to it go behind the healthy ones until then; `healthy` takes a report back. For admins and the service
        role. Raises NotFound, and UnusableUsage for an unknown provider or without a time.
        """
        arguments = given(
            model=None if model is None else model_name(model),
            provider=provider,
            state=state,
            until=moment(until),
            reason=reason,
        )
        with translated():
            await self._call("ai", "report_health", arguments).execute()

    async def set_entitlement(
        self,
        lenser: UUID | str,
        tier: str,
        external_ref: str,
        *,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> Entitlement:
        """Say which plan a subscription or payment gives a lenser: `free`, `paid` or `enterprise`, for aware times.

        The same call again changes nothing; another one with the same `external_ref` replaces it. For the service
        role. Raises NotFound for an unknown lenser, IdempotencyConflict for another lenser's reference, and
        UnusableUsage for times that cannot be.
        """
        arguments = given(
            lenser=str(lenser),
            tier=tier,
            external_ref=external_ref,
            starts_at=moment(starts_at),
            ends_at=moment(ends_at),
        )
        with translated():
            answer = await self._call("lensers", "set_entitlement", arguments).execute()
            return ENTITLEMENTS.validate_python(answer.data)[0]

    # ------------------------------------------------------------------ the catalogue

    async def catalogue(
        self,
        *,
        modality: str | None = None,
        task: str | None = None,
        provider: str | None = None,
        supports: Sequence[str] = (),
        context_window: int | None = None,
        active: bool | None = True,
        search: str | None = None,
    ) -> list[CatalogueEntry]:
        """All models that fit with their list prices of now, by key.

        `supports`: what they all support. `context_window`: at least so many tokens. The others are those of
        `models()`.
        """

        def query() -> AsyncSelectRequestBuilder:
            view = self._api.schema("ai").from_("catalogue")
            found = view.select(CATALOGUE_COLUMNS, count=CountMethod.exact)
            wanted = {"modality": modality, "task": task, "provider": provider, "is_active": active}
            for column, value in wanted.items():
                if value is not None:
                    found = found.eq(column, value)
            if supports:
                found = found.contains("supports", list(supports))
            if context_window is not None:
                found = found.gte("context_window", context_window)
            for word in (search or "").split():
                found = found.or_(_contained(word))
            return found

        with translated():
            return CATALOGUE.validate_python(await self._all_by_key(query))

    async def price_history(self, model: str | UUID | Model) -> list[PriceStep]:
        """How the prices of a model went, by meter and conditions, the oldest step first.

        Raises NotFound, and Conflict for a name of several models.
        """
        arguments = {"model": model_name(model)}

        def query() -> AsyncRPCFilterRequestBuilder:
            call = self._api.schema("ai").rpc("price_history", arguments, CountMethod.exact)
            return call.select(STEP_COLUMNS)

        with translated():
            return STEPS.validate_python(await self._all(query))

    async def price_changes(self, since: datetime) -> list[PriceChange]:
        """Which prices changed after an aware time, by when they came to apply, the newest first."""
        arguments = given(since=moment(since))

        def query() -> AsyncRPCFilterRequestBuilder:
            call = self._api.schema("ai").rpc("price_changes", arguments, CountMethod.exact)
            return call.select(CHANGE_COLUMNS)

        with translated():
            return CHANGES.validate_python(await self._all(query))

    async def compare(
        self,
        usage: Usage | Mapping[str, Any],
        models: Iterable[str | UUID | Model],
        *,
        format: str | None = None,  # noqa: A002 - the API's own name
        feature: str | None = None,
        service_tier: str | None = None,
        variant: str | None = None,
        region: str | None = None,
        at: datetime | None = None,
    ) -> list[Compared]:
        """What a usage costs with each of up to 1,000 models, the cheapest first; one without a price says why.

        The other arguments are those of `quote()`. Raises UnusableUsage for a usage that is none, or another number of
        models, and NotFound for an unknown feature.
        """
        arguments = given(
            **usage_argument(usage, format),
            models=[model_name(model) for model in models],
            feature=feature,
            service_tier=service_tier,
            variant=variant,
            region=region,
            at=moment(at),
        )

        def query() -> AsyncRPCFilterRequestBuilder:
            call = self._api.schema("billing").rpc("compare", arguments, CountMethod.exact)
            return call.select(COMPARED_COLUMNS)

        with translated():
            return ALL_COMPARED.validate_python(await self._all(query))

    # ------------------------------------------------------------------ the generation log

    async def record_generation(
        self,
        model: str | UUID | Model,
        *,
        prompt: str | None = None,
        output: str | None = None,
        token_count: int | None = None,
        feature: str | None = None,
        media_id: UUID | str | None = None,
        lenser_id: UUID | str | None = None,
    ) -> Generation:
        """Log a generation of the signed-in user; only the service role names another `lenser_id`, and must.

        Raises NotFound for an unknown model, and NotAllowed for media of another lenser or without a signed-in user.
        """
        if not isinstance(model, Model):
            model = await self.model(model)
        row = given(
            model_id=model.id,
            prompt=prompt,
            output=output,
            token_count=token_count,
            feature_key=feature,
            media_id=media_id,
            lenser_id=lenser_id,
        )
        with translated():
            table = self._api.schema("ai").from_("generations")
            answer = await table.insert(row).select(GENERATION_COLUMNS).execute()
            return GENERATIONS.validate_python(answer.data)[0]

    async def finish_generation(
        self,
        generation: UUID | str,
        *,
        status: str | None = None,
        usage: Usage | None = None,
        output: str | None = None,
        token_count: int | None = None,
        latency_ms: int | None = None,
        quality_rating: int | None = None,
        owner: UUID | str | None = None,
    ) -> None:
        """Record how a generation ended; `status` is `completed` unless given, and what is left out stays as it is.

        For the service role. `latency_ms` is in milliseconds, `quality_rating` from 1 to 5, `owner` the generation's
        lenser, looked up unless given. Raises NotFound, NotAllowed for other roles, and UnusableUsage.
        """
        arguments = given(
            generation=generation,
            status=status,
            usage=None if usage is None else usage_to_json(usage),
            output=output,
            token_count=token_count,
            latency_ms=latency_ms,
            quality_rating=quality_rating,
            owner=owner,
        )
        with translated():
            await self._call("ai", "finish_generation", arguments).execute()

    async def generations(
        self, *, limit: int = 100, before: UUID | str | None = None, as_admin: bool = False
    ) -> list[Generation]:
        """The caller's newest generations, or those older than the generation `before`.

        `as_admin`: everybody's, which the service role sees anyway. The server may give fewer than `limit` at once
        (1,000 unless it is configured otherwise).
        """
        name = "all_generations" if as_admin else "generations"
        query = self._api.schema("ai").from_(name).select(GENERATION_COLUMNS)
        if before is not None:
            query = query.lt("id", before)
        with translated():
            answer = await query.order("id", desc=True).limit(limit).execute()
            return GENERATIONS.validate_python(answer.data)

    async def delete_generation(self, generation: UUID | str) -> None:
        """Delete a generation of the caller. Raises NotFound where there is none of that id, or it is another's."""
        table = self._api.schema("ai").from_("generations")
        with translated():
            answer = await table.delete().eq("id", generation).select("id").execute()
        if not answer.data:
            raise NotFound(
                f"There is no generation {generation}.",
                code="PT404",
                detail={"error": "unknown_generation", "generation": str(generation)},
            )

    # ------------------------------------------------------------------ for admins and the service role

    async def activate_models(self, *models: str | UUID | Model) -> list[Model]:
        """Open models for new work, all or none; retired ones are active again.

        Like everything for admins, raises NotFound for an unknown model, Conflict for a name of several and for a
        deleted one, and NotAllowed for other roles; then nothing is changed.
        """
        return await self._changed("activate_models", models=list(map(model_name, models)))

    async def deactivate_models(self, *models: str | UUID | Model) -> list[Model]:
        """Close models to new work, all or none."""
        return await self._changed("deactivate_models", models=list(map(model_name, models)))

    async def set_default_model(self, model: str | UUID | Model) -> Model:
        """Make a model the default of its modality and task. Raises Conflict for an inactive one."""
        return (await self._changed("set_default_model", model=model_name(model)))[0]

    async def retire_model(
        self,
        model: str | UUID | Model,
        successor: str | UUID | Model | None = None,
        *,
        reroute: bool | None = None,
    ) -> Model:
        """Take a model out of service; its names lead to `successor` from now on.

        Its routes and its place as the default move there as well, unless `reroute` is False.
        Raises Conflict for an inactive successor, and UnusableUsage for one that cannot be.
        """
        heir = None if successor is None else model_name(successor)
        arguments = given(model=model_name(model), successor=heir, reroute=reroute)
        return (await self._changed("retire_model", **arguments))[0]

    async def merge_models(self, duplicate: str | UUID | Model, into: str | UUID | Model) -> Model:
        """Make one model of two: names and routes of the duplicate move, its past stays. Returns the one that stays."""
        return (
            await self._changed(
                "merge_models", duplicate=model_name(duplicate), into=model_name(into)
            )
        )[0]

    async def schedule_price(
        self,
        model: str | UUID | Model,
        meter: str,
        price: Decimal | None,
        *,
        effective_from: datetime | None = None,
        currency: str | None = None,
        service_tier: str | None = None,
        variant: str | None = None,
        region: str | None = None,
        source: str | None = None,
    ) -> UUID | None:
        """Set the price of ONE unit of a meter from an aware time on, now unless given; a `price` of None ends it.

        It is pinned: imports leave it in force until `unpin_price()`. Returns the id of the new row, or None where that
        price is in force at that time already, and pinned. Raises UnusableUsage for what is no price.
        """
        arguments = given(
            model=model_name(model),
            meter=meter,
            effective_from=moment(effective_from),
            currency=currency,
            service_tier=service_tier,
            variant=variant,
            region=region,
            source=source,
        ) | {"price": None if price is None else str(price)}
        with translated():
            call = self._call("ai", "schedule_price", arguments).select("id")
            rows = ROWS.validate_python((await call.execute()).data)
        return UUID(rows[0]["id"]) if rows else None

    async def unpin_price(
        self,
        model: str | UUID | Model,
        meter: str | None = None,
        *,
        service_tier: str | None = None,
        variant: str | None = None,
        region: str | None = None,
        source: str | None = None,
    ) -> list[UUID]:
        """Give prices that people set back to the catalogue: each stays until the next import says something else.

        All prices of the model unless narrowed. Returns the ids of their new rows, none where nothing was pinned.
        Raises UnusableUsage for an unknown meter.
        """
        arguments = given(
            model=model_name(model),
            meter=meter,
            service_tier=service_tier,
            variant=variant,
            region=region,
            source=source,
        )
        with translated():
            call = self._call("ai", "unpin_price", arguments).select("id")
            return [UUID(row["id"]) for row in ROWS.validate_python((await call.execute()).data)]

    async def follow_source(
        self, source: str, *models: str | UUID | Model, move_pins: bool | None = None
    ) -> list[Model]:
        """Let models follow the prices of a catalogue (or "manual") from now on; the past stays priced as it was.

        Without `models`, all that people made and the source prices. `move_pins`: whether prices that people set go
        along, or stay with the source that is left; it must be said where there are any, else raises Conflict. Raises
        UnusableUsage for a model that the source has no price of. Returns the models that changed their source.
        """
        arguments = given(
            source=source, models=list(map(model_name, models)) or None, move_pins=move_pins
        )
        return await self._changed("follow_source", **arguments)

    async def export_prices(self, at: datetime | None = None) -> list[ListedPrice]:
        """The price table in force, now or at an aware time: every price of every model, ordered by model."""
        arguments = given(at=moment(at or datetime.now(UTC)))

        def query() -> AsyncRPCFilterRequestBuilder:
            return self._api.schema("ai").rpc("export_prices", arguments, CountMethod.exact)

        with translated():
            return LISTED_PRICES.validate_python(await self._all(query))

    async def model_as_of(self, model: str | UUID | Model, at: datetime) -> dict[str, Any]:
        """How a model looked at an aware time: its row, and in `prices` the rows in force then.

        Raises NotFound where there was no such model yet.
        """
        arguments = given(model=model_name(model), at=moment(at))
        with translated():
            answer = await self._call("ai", "model_as_of", arguments).execute()
            return ROW.validate_python(answer.data)

    async def audit_history(
        self,
        *,
        model: str | UUID | Model | None = None,
        table: str | None = None,
        limit: int = 100,
        before: int | None = None,
    ) -> list[AuditEntry]:
        """The newest changes, or those older than the entry `before`.

        `table`: with its schema, such as "ai.models". `model`: changes of its row, and what was added to it, moved or
        removed, such as prices, aliases and routes. The server may give fewer than `limit` at once.
        """
        query = self._api.schema("lensers").from_("audit_history").select(AUDIT_COLUMNS)
        if table is not None:
            query = query.eq("table_name", table)
        if before is not None:
            query = query.lt("id", before)
        if model is not None:
            # Not model(): the name of a retired model leads to its successor there.
            row = await self.model_as_of(model, datetime.now(UTC))
            query = query.or_(f"model_id.eq.{row['id']},former_model_id.eq.{row['id']}")
        with translated():
            answer = await query.order("id", desc=True).limit(limit).execute()
            return AUDIT_ENTRIES.validate_python(answer.data)

    async def _changed(self, function: str, **arguments: Any) -> list[Model]:
        with translated():
            call = self._call("ai", function, arguments).select(MODEL_COLUMNS)
            return MODELS.validate_python((await call.execute()).data)

    # ------------------------------------------------------------------ the wallet

    def account(
        self,
        account: UUID | str,
        *,
        owner: UUID | str | None = None,
        as_admin: bool = False,
    ) -> AsyncAccount:
        """The account of that id; a lenser's own account has the lenser's.

        `owner` is the account's lenser: of a lenser's own account the same id again. With it each call touches that
        lenser's data alone, and behind a front of shards it must be given; without it the database looks it up.
        `as_admin`: a signed-in admin reads an account of somebody else; the service role reads all anyway. Raises
        ValueError for what is no UUID.
        """
        return AsyncAccount(self, account, owner=owner, as_admin=as_admin)

    async def capture_hold(
        self,
        hold: UUID | str,
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
        owner: UUID | str | None = None,
    ) -> Charged:
        """Charge an amount, or a usage at the prices of the hold, or else all that was held; give back the rest.

        For the service role. More than was held is taken from what is available. With a `format` the usage is the
        provider's own object; the other arguments are those of `Account.charge()` and `account()`. The same capture
        again gets the same answer. Raises NotFound, Conflict for a hold that was released or captured otherwise,
        InsufficientCredits and BudgetExceeded (the hold stays), and UnusableUsage.
        """
        arguments = given(
            hold=str(hold),
            amount=credit_amount(amount),
            **usage_argument(usage, format),
            generation=None if generation is None else str(generation),
            prompt=prompt,
            output=output,
            latency_ms=latency_ms,
            estimated=estimated,
            reported_cost=exact_cost(reported_cost),
            reported_currency=reported_currency,
            owner=None if owner is None else str(owner),
        )
        with translated():
            return CHARGED.validate_python(await self._write("capture_hold", arguments))

    async def cut_hold(
        self,
        hold: UUID | str,
        *,
        usage: Usage | Mapping[str, Any] | object | None = None,
        format: str | None = None,  # noqa: A002 - the API's own name
        streamed_bytes: int | None = None,
        streamed_tokens: int | None = None,
        generation: UUID | str | None = None,
        prompt: str | None = None,
        output: str | None = None,
        latency_ms: int | None = None,
        idempotency_key: str | None = None,
        owner: UUID | str | None = None,
    ) -> Charged:
        """Charge an estimate for a stream that was cut or has no usage, at the prices of the hold, never above it.

        For the service role. Input is that of `usage` (what the provider had reported, or your own count), else what
        the hold expected, else all that was held is charged; output the more of what `usage` says and of what was
        streamed: `streamed_bytes` of UTF-8, of which 4 are a token, or `streamed_tokens`. `settle_charge()` puts the
        provider's figure in its place. The other arguments are those of `capture_hold()`. The same cut again gets the
        same answer.
        Raises NotFound, Conflict for a hold that has ended otherwise, and UnusableUsage.
        """
        arguments = given(
            hold=str(hold),
            **usage_argument(usage, format),
            streamed_bytes=streamed_bytes,
            streamed_tokens=streamed_tokens,
            generation=None if generation is None else str(generation),
            prompt=prompt,
            output=output,
            latency_ms=latency_ms,
            idempotency_key=idempotency_key,
            owner=None if owner is None else str(owner),
        )
        with translated():
            return CHARGED.validate_python(await self._write("cut_hold", arguments))

    async def release_hold(self, hold: UUID | str, *, owner: UUID | str | None = None) -> Released:
        """Give back what a hold keeps; released or timed out already, it changes nothing.

        For the service role. `owner` is that of `account()`. Raises NotFound, and Conflict where it was captured.
        """
        arguments = given(hold=str(hold), owner=None if owner is None else str(owner))
        with translated():
            return RELEASED.validate_python(await self._write("release_hold", arguments))

    async def refund_charge(
        self,
        charge: UUID | str,
        amount: Decimal | int | None = None,
        *,
        reason: str | None = None,
        extend_to: datetime | None = None,
        idempotency_key: str | None = None,
        owner: UUID | str | None = None,
    ) -> Refunded:
        """Give back a charge, or `amount` credits of it, to the lots that paid.

        For admins and the service role. What goes back into a lot that has expired expires at once, unless the aware
        time `extend_to` gives such lots a new end. `owner` is that of `account()`. Raises NotFound, Conflict for more
        than is left of the charge, IdempotencyConflict, and UnusableUsage.
        """
        arguments = given(
            charge=str(charge),
            amount=credit_amount(amount),
            reason=reason,
            extend_to=moment(extend_to),
            idempotency_key=idempotency_key or str(uuid4()),
            owner=None if owner is None else str(owner),
        )
        with translated():
            return REFUNDED.validate_python(await self._write("refund_charge", arguments))

    async def settle_charge(
        self,
        charge: UUID | str,
        usage: Usage | Mapping[str, Any] | object | None = None,
        *,
        format: str | None = None,  # noqa: A002 - the API's own name
        amount: Decimal | int | None = None,
        reported_cost: Decimal | int | None = None,
        reported_currency: str | None = None,
        idempotency_key: str | None = None,
        owner: UUID | str | None = None,
    ) -> Settled:
        """Let an estimated charge give way to the provider's figure: a usage at its prices, a cost, or credits.

        For the service role. Less goes back to what paid; more must be available, or the charge stands as it is. Once:
        the same figure again gets the same answer. The other arguments are those of `Account.charge()` and `account()`.
        Raises NotFound, Conflict for a charge that is no estimate, or was settled or refunded, InsufficientCredits,
        BudgetExceeded, and UnusableUsage.
        """
        arguments = given(
            charge=str(charge),
            **usage_argument(usage, format),
            amount=credit_amount(amount),
            reported_cost=exact_cost(reported_cost),
            reported_currency=reported_currency,
            idempotency_key=idempotency_key,
            owner=None if owner is None else str(owner),
        )
        with translated():
            return SETTLED.validate_python(await self._write("settle_charge", arguments))

    async def revoke_grant(
        self,
        lot: UUID | str | None = None,
        amount: Decimal | int | None = None,
        *,
        payment_source: str | None = None,
        payment_ref: str | None = None,
        reason: str | None = None,
        external_ref: str | None = None,
        idempotency_key: str | None = None,
        owner: UUID | str | None = None,
    ) -> Revoked:
        """Take back what a payment granted, all of its lot or `amount` credits: a refund or a dispute.

        For the service role. The lot is named by its id, or by the source and external_ref that it was granted with.
        What is left of it goes, what a hold keeps goes when the hold lets it go, and what was spent is owed, beyond the
        overdraft limit if need be. `external_ref` is the id of the event that takes it back, which counts once. `owner`
        is that of `account()`. Raises NotFound, Conflict for more than can be taken back and for a part of what a hold
        keeps, IdempotencyConflict, and UnusableUsage.
        """
        arguments = given(
            lot=None if lot is None else str(lot),
            amount=credit_amount(amount),
            payment_source=payment_source,
            payment_ref=payment_ref,
            reason=reason,
            external_ref=external_ref,
            idempotency_key=idempotency_key or str(uuid4()),
            owner=None if owner is None else str(owner),
        )
        with translated():
            return REVOKED.validate_python(await self._write("revoke_grant", arguments))

    async def end_recurring_grant(
        self, recurring_grant: UUID | str, *, owner: UUID | str | None = None
    ) -> None:
        """End an allowance from now on; lots that it made stay.

        For the service role. `owner` is that of `account()`.
        """
        arguments = given(
            recurring_grant=str(recurring_grant), owner=None if owner is None else str(owner)
        )
        with translated():
            await self._write("end_recurring_grant", arguments)

    async def sweep_accounts(self, at_most: int = 100) -> int:
        """Write down what time did to accounts, and say to how many; balances count it without.

        For the service role. Raises UnusableUsage for `at_most` out of 1 to 1,000.
        """
        with translated():
            return int(str(await self._write("sweep_accounts", {"at_most": at_most})))

    async def check_wallets(
        self,
        *,
        since: datetime | None = None,
        from_account: UUID | str | None = None,
        to_account: UUID | str | None = None,
    ) -> list[Check]:
        """Check every invariant of the wallet, over the whole database unless a part is named.

        `since`: what was written from that aware time on. `from_account`, `to_account`: accounts by their ids, both
        ends included. A part costs by its size; the whole may take minutes. For admins and the service role. Raises
        NotAllowed, and UnusableUsage for a time ahead or ends that are the wrong way round.
        """
        arguments = given(
            since=moment(since),
            from_account=None if from_account is None else str(from_account),
            to_account=None if to_account is None else str(to_account),
        )
        with translated():
            answer = await self._call("billing", "self_check", arguments).execute()
            return CHECKS.validate_python(answer.data)

    async def check_installation(self) -> list[Check]:
        """Look whether the installation is sound: months, row security, guards. For admins and the service role.

        Raises NotAllowed.
        """
        with translated():
            answer = await self._call("ai", "self_check", {}).execute()
            return CHECKS.validate_python(answer.data)

    async def usage(
        self,
        since: datetime,
        until: datetime | None = None,
        *,
        bucket: str = "day",
        time_zone: str = "UTC",
        by: str | None = None,
        owner: UUID | str | None = None,
    ) -> list[UsageBucket]:
        """What was used from `since` and before `until` (aware times; now unless given), and what it came to.

        One row for each `hour`, `day`, `week` or `month` of a time zone in which something happened, whole ones; and
        `by` model, provider, feature, spender or status, for each of those. Owners read their own; admins and the
        service role everybody's, or an `owner`'s. Raises NotAllowed, and UnusableUsage for what cannot be asked.
        """
        arguments = given(
            since=moment(since),
            until=moment(until or datetime.now(UTC)),
            bucket=bucket,
            time_zone=time_zone,
            by=by,
            owner=None if owner is None else str(owner),
        )

        def query() -> AsyncRPCFilterRequestBuilder:
            call = self._api.schema("billing").rpc("usage", arguments, CountMethod.exact)
            return call.select(USAGE_COLUMNS)

        with translated():
            return USAGE_BUCKETS.validate_python(await self._all(query))

    async def forecast_month(
        self,
        *,
        time_zone: str = "UTC",
        confidence: Decimal | float | None = None,
        owner: UUID | str | None = None,
    ) -> list[Forecast]:
        """What the current month of a time zone will bring: credits, and for admins what it costs in each currency.

        `confidence`: of the interval, from 0.5 to 0.99; 0.8 unless given. Owners ask for their own; admins and the
        service role for all, or an `owner`. Raises NotAllowed, and UnusableUsage for a zone that is none.
        """
        arguments = given(
            time_zone=time_zone,
            confidence=None if confidence is None else str(confidence),
            owner=None if owner is None else str(owner),
        )
        with translated():
            call = self._call("billing", "forecast_month", arguments).select(FORECAST_COLUMNS)
            return FORECASTS.validate_python((await call.execute()).data)

    async def budgets(self, lenser: UUID | str | None = None) -> list[Budget]:
        """The budgets of a lenser, or all that the caller may see: owners their own."""

        def query() -> AsyncSelectRequestBuilder:
            table = self._api.schema("billing").from_("budgets")
            found = table.select(BUDGET_COLUMNS, count=CountMethod.exact)
            if lenser is not None:
                found = found.eq("lenser_id", str(lenser))
            return found.order("lenser_id").order("created_at").order("id")

        with translated():
            return BUDGETS.validate_python(await self._all(query))

    async def outbox(self, *, limit: int = 100) -> list[Signal]:
        """The signals that nobody has delivered yet, the oldest first: owners see their own.

        The server may give fewer than `limit` at once. Say `mark_delivered()` of each that you have passed on.
        """
        table = self._api.schema("billing").from_("outbox")
        query = table.select(SIGNAL_COLUMNS).is_("delivered_at", None).order("id")
        with translated():
            return SIGNALS.validate_python((await query.limit(limit).execute()).data)

    async def mark_delivered(self, *signals: UUID | Signal) -> None:
        """Say of signals that they were delivered, so that `outbox()` gives them no more. For the service role."""
        ids = [str(signal.id if isinstance(signal, Signal) else signal) for signal in signals]
        table = self._api.schema("billing").from_("outbox")
        with translated():
            await table.update({"delivered_at": "now"}).in_("id", ids).execute()

    # ------------------------------------------------------------------ catalogues

    async def import_catalogue(
        self,
        feed: "Feed",
        *,
        starts_at: datetime | None = None,
        dry_run: bool = False,
        accept: Sequence[str] = (),
        strict: bool = False,
    ) -> "ImportReport":
        """Bring models and prices to what a catalogue says, in one transaction; see `ratebook.catalogues`.

        For admins and the service role. Prices without a date start at the aware time `starts_at` for models that the
        source has not priced before (2020 unless given), and now for others. A `dry_run` writes nothing. A price
        that is odd beside what was, what other sources say or the provider's other models cost is held back, unless
        `accept` names its model. A model that the database cannot take is left out and reported; `strict` refuses the
        feed. Raises NotAllowed for other roles, and UnusableUsage for a feed that the database refuses; then nothing is
        changed.
        """
        from ratebook.catalogues.report import REPORT

        arguments = given(
            source=feed.source,
            models=feed.to_json(),
            starts_at=moment(starts_at),
            dry_run=dry_run,
            accept=list(accept) or None,
            strict=strict or None,
        )
        with translated():
            answer = await self._call("ai", "import_catalogue", arguments).execute()
            return REPORT.validate_python(answer.data)

    async def adopt(
        self,
        system: str,
        tables: Mapping[str, Sequence[str | Mapping[str, Any]]],
        *,
        dry_run: bool = False,
    ) -> "AdoptReport":
        """Copy rows of an older system, in one transaction; `ratebook.adopt.copy()` takes a whole database.

        For the service role. `tables` holds, by their names, rows as JSON objects or as the text of these. A `dry_run`
        writes nothing. Raises NotAllowed for other roles, and UnusableUsage for another system or table.
        """
        from ratebook.adopt.report import REPORT

        arguments = {"system": system, "tables": tables, "dry_run": dry_run}
        with translated():
            answer = await self._call("compat", "adopt", arguments).execute()
            return REPORT.validate_python(answer.data)

    @property
    def evaluations(self) -> AsyncEvaluations:
        """Which model was better: evaluations, their runs and leaderboards. Needs the module `execution`."""
        return AsyncEvaluations(self)

    async def version(self) -> str:
        """The version of the schema in the database."""
        with translated():
            return str((await self._call("ai", "ratebook_version", {}).execute()).data)

    # ------------------------------------------------------------------ asking

    def _call(
        self, schema: str, function: str, arguments: dict[str, Any]
    ) -> AsyncRPCFilterRequestBuilder:
        return self._api.schema(schema).rpc(function, arguments)

    async def _write(
        self, function: str, arguments: dict[str, Any], schema: str = "billing"
    ) -> Any:
        """Call a function that takes effect once however often it is called, until an answer comes."""
        for pause in self._pauses:
            try:
                return (await self._call(schema, function, arguments).execute()).data
            except (httpx.TransportError, APIError) as error:
                if isinstance(error, APIError) and not is_passing(error.code, error.message):
                    raise
            await anyio.sleep(pause)
        return (await self._call(schema, function, arguments).execute()).data

    async def _all(
        self, query: Callable[[], AsyncSelectRequestBuilder | AsyncRPCFilterRequestBuilder]
    ) -> list[Any]:
        """Every row, page by page: the server gives no more than its max-rows at once."""
        rows: list[Any] = []
        while True:
            page = await query().offset(len(rows)).execute()
            rows += page.data
            if not page.data or len(rows) >= (page.count or 0):
                return rows

    async def _all_by_key(self, query: Callable[[], AsyncSelectRequestBuilder]) -> list[Any]:
        """Every row in the order of its key, which goes on where the page before ended, whatever changes meanwhile."""
        rows: list[Any] = []
        while True:
            page = query().gt("key", rows[-1]["key"]) if rows else query()
            answer = await page.order("key").execute()
            rows += answer.data
            if not answer.data or len(answer.data) >= (answer.count or 0):
                return rows


def _contained(word: str) -> str:
    """A PostgREST filter: `word` occurs in key, name or description, in any case."""
    pattern = word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    quoted = pattern.replace("\\", "\\\\").replace('"', r"\"")
    return ",".join(f'{column}.ilike."*{quoted}*"' for column in ("key", "name", "description"))
