"""The client: a thin, typed layer over PostgREST's own. The database does the thinking."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self
from uuid import UUID

import httpx
from postgrest import (
    AsyncPostgrestClient,
    AsyncRPCFilterRequestBuilder,
    AsyncSelectRequestBuilder,
    CountMethod,
)

from ratebook import environment
from ratebook.errors import NotConfigured, NotFound, translated
from ratebook.types import (
    GENERATION_COLUMNS,
    GENERATIONS,
    MODEL_COLUMNS,
    MODELS,
    PRICE_COLUMNS,
    PRICES,
    QUOTE,
    Generation,
    Model,
    Price,
    Quote,
    Usage,
    usage_to_json,
)

if TYPE_CHECKING:
    from ratebook.adopt.report import AdoptReport
    from ratebook.catalogues.feed import Feed
    from ratebook.catalogues.report import ImportReport


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
        is asked for again after 1, 2 and 4 seconds. `http_client` sets timeouts and proxies; it is closed with this
        client. Raises ValueError where `url` is not an HTTP address.
        """
        headers = {"apikey": key, "Authorization": f"Bearer {access_token or key}"}
        owned = AsyncPostgrestClient(
            f"{url.rstrip('/')}/rest/v1",
            headers=headers,
            http_client=http_client,
            retry_enabled=retry,
        )
        self._owned: AsyncPostgrestClient | None = owned
        self._api: HasSchemas = owned

    @classmethod
    def from_supabase(cls, client: HasSchemas) -> Self:
        """Ask through an existing supabase client, as whoever is signed in there; it stays the caller's to close.

        A postgrest client does as well, for a server at another path than `/rest/v1`.
        """
        self = cls.__new__(cls)
        self._owned = None
        self._api = client
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
        """Close the connections; a client that was passed in stays open."""
        if self._owned:
            await self._owned.aclose()

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
            return found.order("priority", desc=True).order("key")

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
            arguments = _given(model=_name(model), at=_time(at))
            call = self._call("ai", "prices_in_force", arguments).select(PRICE_COLUMNS)
            return PRICES.validate_python((await call.execute()).data)

    # ------------------------------------------------------------------ what it costs

    async def quote(
        self,
        model: str | UUID | Model,
        usage: Usage,
        *,
        feature: str | None = None,
        service_tier: str | None = None,
        variant: str | None = None,
        region: str | None = None,
        at: datetime | None = None,
    ) -> Quote:
        """What a usage costs, now or as of an aware time; `variant` is such as an image size.

        Raises UnusableUsage for what cannot be priced, NotFound for an unknown model or feature, Conflict for a name of
        several models, and NotAllowed for a time ahead, unless as an admin.
        """
        arguments = _given(
            model=_name(model),
            usage=usage_to_json(usage),
            feature=feature,
            service_tier=service_tier,
            variant=variant,
            region=region,
            at=_time(at),
        )
        with translated():
            answer = await self._call("billing", "quote", arguments).execute()
            return QUOTE.validate_python(answer.data)

    async def credit_cost(
        self,
        model: str | UUID | Model,
        usage: Usage,
        *,
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
            feature=feature,
            service_tier=service_tier,
            variant=variant,
            region=region,
            at=at,
        )
        return quote.credits

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
        row = _given(
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
    ) -> None:
        """Record how a generation ended; `status` is `completed` unless given, and what is left out stays as it is.

        For the service role. `latency_ms` is in milliseconds, `quality_rating` from 1 to 5. Raises NotFound, NotAllowed
        for other roles, and UnusableUsage.
        """
        arguments = _given(
            generation=generation,
            status=status,
            usage=None if usage is None else usage_to_json(usage),
            output=output,
            token_count=token_count,
            latency_ms=latency_ms,
            quality_rating=quality_rating,
        )
        with translated():
            await self._call("ai", "finish_generation", arguments).execute()

    async def generations(
        self, *, limit: int = 100, before: UUID | str | None = None
    ) -> list[Generation]:
        """The newest generations that the caller may see, or those older than the generation `before`.

        The server may give fewer than `limit` at once (1,000 unless it is configured otherwise).
        """
        query = self._api.schema("ai").from_("generations").select(GENERATION_COLUMNS)
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

    # ------------------------------------------------------------------ catalogues

    async def import_catalogue(
        self, feed: "Feed", *, starts_at: datetime | None = None, dry_run: bool = False
    ) -> "ImportReport":
        """Bring models and prices to what a catalogue says, in one transaction; see `ratebook.catalogues`.

        For the service role. Prices without a date start at the aware time `starts_at` for models that the source has
        not priced before (2020 unless given), and now for others. A `dry_run` writes nothing. Raises NotAllowed for
        other roles, and UnusableUsage for a feed that the database refuses; then nothing is changed.
        """
        from ratebook.catalogues.report import REPORT

        arguments = _given(
            source=feed.source, models=feed.to_json(), starts_at=_time(starts_at), dry_run=dry_run
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

    async def version(self) -> str:
        """The version of the schema in the database."""
        with translated():
            return str((await self._call("ai", "ratebook_version", {}).execute()).data)

    # ------------------------------------------------------------------ asking

    def _call(
        self, schema: str, function: str, arguments: dict[str, Any]
    ) -> AsyncRPCFilterRequestBuilder:
        return self._api.schema(schema).rpc(function, arguments)

    async def _all(self, query: Callable[[], AsyncSelectRequestBuilder]) -> list[Any]:
        """Every row, page by page: the server gives no more than its max-rows at once."""
        rows: list[Any] = []
        while True:
            page = await query().offset(len(rows)).execute()
            rows += page.data
            if not page.data or len(rows) >= (page.count or 0):
                return rows


def _name(model: str | UUID | Model) -> str:
    return str(model.id if isinstance(model, Model) else model)


def _given(**arguments: Any) -> dict[str, Any]:
    """The arguments that were given, so that the database's own defaults hold for the others."""
    return {name: value for name, value in arguments.items() if value is not None}


def _time(at: datetime | None) -> str | None:
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError("A time needs a time zone: datetime.now(UTC), for example.")
    return at.isoformat()


def _contained(word: str) -> str:
    """A PostgREST filter: `word` occurs in key, name or description, in any case."""
    pattern = word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    quoted = pattern.replace("\\", "\\\\").replace('"', r"\"")
    return ",".join(f'{column}.ilike."*{quoted}*"' for column in ("key", "name", "description"))
