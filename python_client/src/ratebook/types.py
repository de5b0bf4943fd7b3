"""What the API answers, as frozen dataclasses, and how a usage is sent.

Money is `Decimal` and keeps every digit that the database has; times are aware datetimes. Columns that this version
does not know are passed over.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Required, TypedDict
from uuid import UUID

from pydantic import BeforeValidator

from ratebook.adapter import Adapter
from ratebook.errors import UnusableUsage

Usage = Mapping[str, int | Decimal | float]
"""Meters and quantities, such as `{"input": 1000, "output": 500}`. A float is sent as Python writes it."""


def _select(expression: str) -> dict[str, str]:
    """Metadata of a field that is selected by `expression` instead of by its name."""
    return {"select": expression}


def _alias_names(rows: object) -> object:
    return [row["alias"] for row in rows] if isinstance(rows, list) else rows


def _exact_json(text: object) -> object:
    return json.loads(text, parse_float=Decimal) if isinstance(text, str) else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who serves a model."""

    id: UUID
    key: str
    name: str
    api_url: str | None
    contract: str | None
    auth_scheme: str
    modality: str
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model of the registry, with its provider and other names.

    `max_tokens` and `context_window` are in tokens, `typical_latency_ms` in milliseconds. `deleted_at` is for admins
    and the service role, who still see deleted models. From `succeeded_at` on the names of a model lead to the one with
    the id `successor_id`.
    """

    id: UUID
    key: str
    name: str
    provider: Provider = field(metadata=_select("provider:providers!inner({provider})"))
    aliases: Annotated[tuple[str, ...], BeforeValidator(_alias_names)] = field(
        metadata=_select("aliases:model_aliases(alias)")
    )
    provider_model_key: str | None
    version: str | None
    provider_url: str | None
    description: str | None
    capabilities: tuple[str, ...]
    supports: tuple[str, ...]
    modality: str
    task: str
    model_family: str | None
    model_tier: str | None
    pricing_tier: str | None
    temperature: Decimal | None = field(metadata=_select("temperature::text"))
    max_tokens: int | None
    context_window: int | None
    valid_sizes: tuple[str, ...]
    endpoint_path: str | None
    input_defaults: dict[str, Any]
    output_format: str | None
    rate_limits: dict[str, Any]
    capabilities_detail: dict[str, Any]
    metadata: dict[str, Any]
    typical_latency_ms: int | None
    price_source: str
    price_currency: str
    price_source_since: datetime | None
    is_public: bool
    is_active: bool
    is_default: bool
    priority: int
    status: str
    release_date: date | None
    deprecation_date: date | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    successor_id: UUID | None
    succeeded_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A row of the rate book: what ONE unit of a meter costs (one token, not a million), in `currency`.

    Exact. Mind that Python's decimal context rounds what you compute from it to 28 digits unless you set more.
    `minimum_quantity`: less than that is billed as that, where any is used. `is_pinned`: imports leave it in force,
    because a person set it.
    """

    id: UUID
    model_id: UUID
    meter: str
    unit_type: str
    price_per_unit: Decimal = field(metadata=_select("price_per_unit::text"))
    minimum_quantity: Decimal | None = field(metadata=_select("minimum_quantity::text"))
    currency: str
    effective_from: datetime
    service_tier: str
    variant: str | None
    region: str | None
    context_threshold: int | None
    threshold_inclusive: bool
    tier_mode: str
    window_start: time | None
    window_end: time | None
    window_days: int | None
    window_time_zone: str | None
    source: str
    reference: str | None
    revision: int
    is_public: bool
    is_pinned: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteLine:
    """One meter of a quote: `quantity` units at `unit_price`, priced as `price_meter`.

    `unit_price` and `cost` are in the quote's currency, and None where the price is not the caller's to see. `price_id`
    is for admins and the service role.
    """

    meter: str
    quantity: Decimal
    price_meter: str | None
    unit_price: Decimal | None
    cost: Decimal | None
    price_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a usage costs: `cost` in `currency`, and `credits`, both exact.

    `cost` is None where a price is not the caller's to see. The ids of rate and policy are for admins and the service
    role.
    """

    model: str
    model_id: UUID
    at: datetime
    feature: str | None
    service_tier: str
    variant: str | None
    region: str | None
    lines: tuple[QuoteLine, ...]
    currency: str
    cost: Decimal | None
    credits: Decimal
    credit_rate_id: UUID | None = None
    margin_policy_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """A row of the generation log. `latency_ms` is in milliseconds, `quality_rating` from 1 to 5."""

    id: UUID
    lenser_id: UUID
    model_id: UUID
    media_id: UUID | None
    feature_key: str | None
    prompt: str | None
    output: str | None
    token_count: int | None
    usage: Annotated[dict[str, int | Decimal] | None, BeforeValidator(_exact_json)] = field(
        metadata=_select("usage::text")
    )
    status: str
    latency_ms: int | None
    quality_rating: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPrice:
    """A line of the price table: what ONE unit of a meter of a model costs, in `currency`. Exact."""

    model: str
    name: str
    provider: str
    is_active: bool
    meter: str
    unit_type: str
    price_per_unit: Decimal
    currency: str
    service_tier: str
    variant: str | None
    region: str | None
    context_threshold: int | None
    threshold_inclusive: bool
    tier_mode: str
    window_start: time | None
    window_end: time | None
    window_days: int | None
    window_time_zone: str | None
    effective_from: datetime
    source: str
    is_public: bool


_Image = Annotated[dict[str, Any] | None, BeforeValidator(_exact_json)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change of one row: what one call did has one `transaction_id`.

    `before` and `after` hold the whole row of a DELETE or INSERT, and what changed of an UPDATE. A CALL is what a
    signed-in admin did by a function of the wallet: `after` has `function`, `arguments` and `answer`. `subject` is the
    signed-in user, None for the service role and direct SQL.
    """

    id: int
    changed_at: datetime
    transaction_id: int
    table_name: str
    operation: str
    row_key: dict[str, Any]
    before: _Image = field(metadata=_select("before::text"))
    after: _Image = field(metadata=_select("after::text"))
    subject: UUID | None
    role: str
    database_user: str
    request_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What an account has after a write, in credits; `available` is `posted` less `reserved` and `upcoming`.

    `upcoming` is what lots hold that have not started, `debt` the overdraft, and what is owed of payments that were
    taken back.
    """

    posted: Decimal
    reserved: Decimal
    available: Decimal
    debt: Decimal
    upcoming: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalance:
    """The balance of an account, in credits; `debt` is None as of a time before now."""

    account_id: UUID
    lenser_id: UUID
    posted: Decimal = field(metadata=_select("posted::text"))
    reserved: Decimal = field(metadata=_select("reserved::text"))
    available: Decimal = field(metadata=_select("available::text"))
    upcoming: Decimal = field(metadata=_select("upcoming::text"))
    debt: Decimal | None = field(metadata=_select("debt::text"))
    overdraft_limit: Decimal = field(metadata=_select("overdraft_limit::text"))


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetWarning:
    """A soft limit that is reached: `spent` of `limit` credits in the period that starts on that day (UTC)."""

    warning: str
    budget: UUID
    period: str
    starts_on: date
    limit: Decimal
    spent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A lot that came in, and the balance after it."""

    grant_id: UUID
    account_id: UUID
    amount: Decimal
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorized:
    """A hold that was made: `amount` credits are kept back until `expires_at`."""

    hold_id: UUID
    account_id: UUID
    amount: Decimal
    expires_at: datetime
    balance: Balance
    warnings: tuple[BudgetWarning, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """A charge of `credits`, and the balance after it.

    `cost` is what it costs the platform, in `currency`; both are None where an amount was captured without a usage.
    """

    charge_id: UUID
    generation_id: UUID | None
    account_id: UUID
    model_id: UUID | None
    credits: Decimal
    cost: Decimal | None
    currency: str | None
    balance: Balance
    warnings: tuple[BudgetWarning, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(Charged):
    """The charge that an estimate gave way to: `difference` credits more than that, or less where it is negative."""

    estimate_id: UUID
    difference: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """A payment that was taken back: `amount` credits in all.

    `from_lot` of them were left and are gone, `held` go or are owed when the holds on them end,
    and `owed` were spent and are debt now.
    """

    revocation_id: UUID
    grant_id: UUID
    account_id: UUID
    amount: Decimal
    from_lot: Decimal
    held: Decimal
    owed: Decimal
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """`amount` credits of so many `lots` that went from one account to another, and both balances after it."""

    from_account: UUID
    to_account: UUID
    amount: Decimal
    lots: int
    from_balance: Balance
    to_balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A hold that keeps nothing back any more; `status` is `released`, or `expired` where time was faster."""

    hold_id: UUID
    account_id: UUID
    status: str
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """`amount` credits were given back of a charge, `refunded` in all."""

    charge_id: UUID
    account_id: UUID
    amount: Decimal
    refunded: Decimal
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """A change of a balance: `amount` credits of one lot, or (`grant_id` None) of debt; negative when they went out.

    `number` counts the entries of an account from 1. `effective_at` is from when on it counts, `created_at` when it was
    written down. `counterpart_id` is the entry on the other account of a move. Of a charge and its refunds it says who
    spent, with which model (`model` is None where the reader may not see it), for which feature, what was used and in
    which generation; `source` is that of the lot.
    """

    id: UUID
    lenser_id: UUID
    account_id: UUID
    number: int
    kind: str
    amount: Decimal = field(metadata=_select("amount::text"))
    balance_after: Decimal = field(metadata=_select("balance_after::text"))
    grant_id: UUID | None
    charge_id: UUID | None
    counterpart_id: UUID | None
    reason: str | None
    effective_at: datetime
    created_at: datetime
    source: str | None
    spender_id: UUID | None
    model_id: UUID | None
    model: str | None
    feature: str | None
    usage: Annotated[dict[str, Decimal] | None, BeforeValidator(_exact_json)] = field(
        metadata=_select("usage::text")
    )
    generation_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Credits that came in together: `remaining` of `amount`, of which open holds keep back `reserved`.

    Nothing of it can be spent before `starts_at`, where it has one.
    """

    id: UUID
    lenser_id: UUID
    account_id: UUID
    amount: Decimal = field(metadata=_select("amount::text"))
    remaining: Decimal = field(metadata=_select("remaining::text"))
    reserved: Decimal = field(metadata=_select("reserved::text"))
    priority: int
    starts_at: datetime | None
    expires_at: datetime | None
    source: str
    external_ref: str | None
    recurring_grant_id: UUID | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHold:
    """`amount` credits that are kept back for `spender_id` until `expires_at`, with what is to be priced."""

    id: UUID
    lenser_id: UUID
    account_id: UUID
    spender_id: UUID
    amount: Decimal = field(metadata=_select("amount::text"))
    expires_at: datetime
    model_id: UUID | None
    feature_id: UUID | None
    usage: Annotated[dict[str, int | Decimal] | None, BeforeValidator(_exact_json)] = field(
        metadata=_select("usage::text")
    )
    service_tier: str
    variant: str | None
    region: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """An invariant of the wallet; `severity` is `ok` or `error`, and `message` says what is broken."""

    check_name: str
    severity: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortQuote:
    """One of many quotes, of the request at `index` (from 0): `cost` in `currency`, and `credits`, both exact.

    `cost` is None where a price is not the caller's to see.
    """

    index: int
    model: str
    currency: str
    cost: Decimal | None = field(metadata=_select("cost::text"))
    credits: Decimal = field(metadata=_select("credits::text"))


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageBucket:
    """What was used in an hour, day, week or month, and what it came to in credits: `net` is less what was refunded.

    `id` and `key` say what it is of, where usage was told apart. `quantities` are by meter. Latencies are in
    milliseconds, off by at most the share `latency_error`. `cost`, by currency, and `margin`, in credits, are for
    admins and the service role, None for others.
    """

    starts_at: datetime
    ends_at: datetime
    id: UUID | None
    key: str | None
    requests: int
    failures: int
    charges: int
    quantities: dict[str, Decimal]
    credits: Decimal = field(metadata=_select("credits::text"))
    refunded: Decimal = field(metadata=_select("refunded::text"))
    net: Decimal = field(metadata=_select("net::text"))
    latency_p50: Decimal | None = field(metadata=_select("latency_p50::text"))
    latency_p95: Decimal | None = field(metadata=_select("latency_p95::text"))
    latency_error: Decimal | None = field(metadata=_select("latency_error::text"))
    cost: dict[str, Decimal] | None
    margin: Decimal | None = field(metadata=_select("margin::text"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PastBalance:
    """The posted balance, in credits, at the end of an hour, day, week or month, or now in the one that goes on."""

    starts_at: datetime
    ends_at: datetime
    balance: Decimal = field(metadata=_select("balance::text"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What the current month will bring: `measure` is `credits` or, in `currency`, `cost`.

    `low` and `high` hold it with the `confidence`; they are None where the history is too short, which `reason` says.
    `days_of_history`: the whole days that it stands on.
    """

    starts_at: datetime
    ends_at: datetime
    measure: str
    currency: str | None
    so_far: Decimal = field(metadata=_select("so_far::text"))
    expected: Decimal | None = field(metadata=_select("expected::text"))
    low: Decimal | None = field(metadata=_select("low::text"))
    high: Decimal | None = field(metadata=_select("high::text"))
    confidence: Decimal | None = field(metadata=_select("confidence::text"))
    days_of_history: int
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepricedSum:
    """What generations cost, or would have, in all: `cost` in `currency`, and `credits`, exact.

    `id` and `key` say what they have in common. `without_cost` and `without_credits`: how many of them have no price,
    or no price, rate or policy, so that no sum holds them.
    """

    id: UUID | None
    key: str | None
    currency: str | None
    generations: int
    cost: Decimal = field(metadata=_select("cost::text"))
    credits: Decimal = field(metadata=_select("credits::text"))
    without_cost: int
    without_credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePreview:
    """What a price would have done to a log: all `generations` of its model, of which it `changed` the cost of some.

    Cost in `currency`, and credits, before and after. The last four: how many have none, so that no sum holds them.
    """

    currency: str | None
    generations: int
    changed: int
    cost_before: Decimal = field(metadata=_select("cost_before::text"))
    cost_after: Decimal = field(metadata=_select("cost_after::text"))
    credits_before: Decimal = field(metadata=_select("credits_before::text"))
    credits_after: Decimal = field(metadata=_select("credits_after::text"))
    without_cost_before: int
    without_cost_after: int
    without_credits_before: int
    without_credits_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Repriced:
    """What a generation costs, or would have: `cost` in `currency`, and `credits`, exact.

    They are None where a price, a rate or a policy is missing.
    """

    generation_id: UUID
    lenser_id: UUID
    model_id: UUID
    feature_key: str | None
    currency: str | None
    cost: Decimal | None = field(metadata=_select("cost::text"))
    credits: Decimal | None = field(metadata=_select("credits::text"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many credits a lenser may spend in a `period`: beyond `soft_limit` it warns, beyond `hard_limit` it refuses.

    For one feature or one model (and those that succeed it) where it names one. The period is a day, a week from Monday
    on or a month, and begins at midnight in `time_zone`.
    """

    id: UUID
    lenser_id: UUID
    feature_id: UUID | None
    model_id: UUID | None
    period: str
    time_zone: str
    soft_limit: Decimal | None = field(metadata=_select("soft_limit::text"))
    hard_limit: Decimal | None = field(metadata=_select("hard_limit::text"))
    is_active: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A model to try for a feature: `place` counts from 1, `share` is the part of the subjects that it gets, 0 to 1.

    `health` is `healthy`, `degraded` or `rate_limited`, until `health_until`. `cost` (in `currency`) and `credits` are
    those of the usage that was asked about, None without one; `cost` also where a price is not the caller's to see.
    """

    place: int
    model_id: UUID
    model: str
    provider: str
    provider_model_key: str | None
    priority: int
    weight: Decimal = field(metadata=_select("weight::text"))
    share: Decimal = field(metadata=_select("share::text"))
    health: str
    health_until: datetime | None
    currency: str | None
    cost: Decimal | None = field(metadata=_select("cost::text"))
    credits: Decimal | None = field(metadata=_select("credits::text"))
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRoute:
    """A route of a feature: a candidate with its `place`, or one that is none, with its `reasons` as tokens.

    The other fields are those of `Candidate`.
    """

    place: int | None
    route_id: UUID
    model_id: UUID
    model: str
    provider: str
    provider_model_key: str | None
    priority: int
    weight: Decimal = field(metadata=_select("weight::text"))
    share: Decimal | None = field(metadata=_select("share::text"))
    health: str
    health_until: datetime | None
    currency: str | None
    cost: Decimal | None = field(metadata=_select("cost::text"))
    credits: Decimal | None = field(metadata=_select("credits::text"))
    reasons: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """The plan that a payment gives a lenser, from `starts_at` on and before `ends_at` (None: it goes on)."""

    id: UUID
    lenser_id: UUID
    tier: str
    starts_at: datetime
    ends_at: datetime | None
    external_ref: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """A model of the catalogue with its list prices of now, in `currency`; None where it has none that is public.

    `…_price` is of ONE unit, `…_per_million` of a million tokens; `prices` has every meter, of ONE unit.
    `context_window` and `max_tokens` are in tokens, `typical_latency_ms` in milliseconds. `prices_end_at` is for admins
    and the service role.
    """

    id: UUID
    key: str
    name: str
    provider_id: UUID
    provider: str
    provider_name: str
    is_active: bool
    is_default: bool
    priority: int
    status: str
    modality: str
    task: str
    model_family: str | None
    pricing_tier: str | None
    capabilities: tuple[str, ...]
    supports: tuple[str, ...]
    context_window: int | None
    max_tokens: int | None
    valid_sizes: tuple[str, ...]
    typical_latency_ms: int | None
    release_date: date | None
    deprecation_date: date | None
    description: str | None
    price_source: str | None
    currency: str | None
    input_price: Decimal | None = field(metadata=_select("input_price::text"))
    input_per_million: Decimal | None = field(metadata=_select("input_per_million::text"))
    output_price: Decimal | None = field(metadata=_select("output_price::text"))
    output_per_million: Decimal | None = field(metadata=_select("output_per_million::text"))
    cache_read_price: Decimal | None = field(metadata=_select("cache_read_price::text"))
    cache_read_per_million: Decimal | None = field(metadata=_select("cache_read_per_million::text"))
    cache_write_price: Decimal | None = field(metadata=_select("cache_write_price::text"))
    cache_write_per_million: Decimal | None = field(
        metadata=_select("cache_write_per_million::text")
    )
    image_price: Decimal | None = field(metadata=_select("image_price::text"))
    video_second_price: Decimal | None = field(metadata=_select("video_second_price::text"))
    audio_second_price: Decimal | None = field(metadata=_select("audio_second_price::text"))
    request_price: Decimal | None = field(metadata=_select("request_price::text"))
    prices: dict[str, Decimal]
    prices_end_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceStep:
    """A time during which a price applied: `price` of ONE unit in `currency`, from `starts_at` on.

    `ends_at` is None while it applies; `price_per_million` is of a million tokens, None for other units.
    """

    meter: str
    unit_type: str
    price: Decimal = field(metadata=_select("price::text"))
    price_per_million: Decimal | None = field(metadata=_select("price_per_million::text"))
    currency: str
    starts_at: datetime
    ends_at: datetime | None
    service_tier: str
    variant: str | None
    region: str | None
    context_threshold: int | None
    threshold_inclusive: bool
    tier_mode: str
    window_start: time | None
    window_end: time | None
    window_days: int | None
    window_time_zone: str | None
    source: str
    is_public: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """A price that was `added`, `changed` or `ended` at a time; prices are of ONE unit, None where there was none."""

    changed_at: datetime
    model_id: UUID
    model: str
    provider: str
    meter: str
    unit_type: str
    change: str
    price_before: Decimal | None = field(metadata=_select("price_before::text"))
    price_after: Decimal | None = field(metadata=_select("price_after::text"))
    currency_before: str | None
    currency_after: str | None
    service_tier: str
    variant: str | None
    region: str | None
    context_threshold: int | None
    window_start: time | None
    window_end: time | None
    window_days: int | None
    window_time_zone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a usage costs with one of several models: `cost` in `currency`, and `credits`, exact.

    `index` is the place of the model among those `asked` about. Where it has no price, `error` is the token and
    `reason` the sentence that say why; `model` is None where the name means none. `cost` is None also where a price is
    not the caller's to see.
    """

    index: int
    asked: str | None
    model_id: UUID | None
    model: str | None
    name: str | None
    provider: str | None
    is_active: bool | None
    currency: str | None
    cost: Decimal | None = field(metadata=_select("cost::text"))
    credits: Decimal | None = field(metadata=_select("credits::text"))
    error: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What a webhook or a worker should hear of: `topic` is such as `low_balance`; amounts in `payload` are strings."""

    id: UUID
    lenser_id: UUID
    account_id: UUID | None
    topic: str
    payload: dict[str, Any]
    delivered_at: datetime | None
    created_at: datetime


class QuoteRequest(TypedDict, total=False):
    """One of many quotes: the arguments of `Client.quote()`."""

    model: Required[str | UUID | Model]
    usage: Required[Usage | Mapping[str, Any]]
    format: str
    feature: str
    service_tier: str
    variant: str
    region: str
    at: datetime


class Requirements(TypedDict, total=False):
    """What a feature needs of a model; see `ai.route_feature` in the reference. Amounts keep every digit."""

    capabilities: Sequence[str]
    supports: Sequence[str]
    exclude_providers: Sequence[str]
    modality: str
    task: str
    context_window: int
    max_tokens: int
    size: str
    region: str
    service_tier: str
    usage: Usage
    max_cost: Decimal | int
    currency: str
    max_credits: Decimal | int


class ChargeRequest(TypedDict, total=False):
    """One of many charges: the arguments of `Account.charge()`."""

    model: Required[str | UUID | Model]
    usage: Usage | Mapping[str, Any]
    format: str
    feature: str
    service_tier: str
    variant: str
    region: str
    lenser: UUID | str
    generation: UUID | str
    prompt: str
    output: str
    latency_ms: int
    estimated: bool
    reported_cost: Decimal | int
    reported_currency: str
    idempotency_key: str


def _columns(kind: type) -> str:
    return ",".join(column.metadata.get("select", column.name) for column in fields(kind))


MODEL_COLUMNS = _columns(Model).format(provider=_columns(Provider))
PRICE_COLUMNS = _columns(Price)
GENERATION_COLUMNS = _columns(Generation)
AUDIT_COLUMNS = _columns(AuditEntry)
BALANCE_COLUMNS = _columns(AccountBalance)
ENTRY_COLUMNS = _columns(LedgerEntry)
LOT_COLUMNS = _columns(Lot)
HOLD_COLUMNS = _columns(OpenHold)
SHORT_QUOTE_COLUMNS = _columns(ShortQuote)
USAGE_COLUMNS = _columns(UsageBucket)
PAST_BALANCE_COLUMNS = _columns(PastBalance)
FORECAST_COLUMNS = _columns(Forecast)
REPRICED_SUM_COLUMNS = _columns(RepricedSum)
PREVIEW_COLUMNS = _columns(PricePreview)
REPRICED_COLUMNS = _columns(Repriced)
BUDGET_COLUMNS = _columns(Budget)
SIGNAL_COLUMNS = _columns(Signal)
CANDIDATE_COLUMNS = _columns(Candidate)
ROUTE_COLUMNS = _columns(ExplainedRoute)
CATALOGUE_COLUMNS = _columns(CatalogueEntry)
STEP_COLUMNS = _columns(PriceStep)
CHANGE_COLUMNS = _columns(PriceChange)
COMPARED_COLUMNS = _columns(Compared)

MODELS = Adapter(list[Model])
PRICES = Adapter(list[Price])
GENERATIONS = Adapter(list[Generation])
LISTED_PRICES = Adapter(list[ListedPrice])
AUDIT_ENTRIES = Adapter(list[AuditEntry])
QUOTE = Adapter(Quote)
ROW = Adapter(dict[str, Any])
ROWS = Adapter(list[dict[str, Any]])
BALANCE = Adapter(AccountBalance)
GRANTED = Adapter(Granted)
AUTHORIZED = Adapter(Authorized)
CHARGED = Adapter(Charged)
ALL_CHARGED = Adapter(list[Charged])
RELEASED = Adapter(Released)
REFUNDED = Adapter(Refunded)
SETTLED = Adapter(Settled)
REVOKED = Adapter(Revoked)
MOVED = Adapter(Moved)
ENTRIES = Adapter(list[LedgerEntry])
LOTS = Adapter(list[Lot])
HOLDS = Adapter(list[OpenHold])
CHECKS = Adapter(list[Check])
SHORT_QUOTES = Adapter(list[ShortQuote])
USAGE_BUCKETS = Adapter(list[UsageBucket])
PAST_BALANCES = Adapter(list[PastBalance])
FORECASTS = Adapter(list[Forecast])
REPRICED_SUMS = Adapter(list[RepricedSum])
PREVIEWS = Adapter(list[PricePreview])
ALL_REPRICED = Adapter(list[Repriced])
BUDGETS = Adapter(list[Budget])
SIGNALS = Adapter(list[Signal])
CANDIDATES = Adapter(list[Candidate])
ROUTES = Adapter(list[ExplainedRoute])
ENTITLEMENTS = Adapter(list[Entitlement])
CATALOGUE = Adapter(list[CatalogueEntry])
STEPS = Adapter(list[PriceStep])
CHANGES = Adapter(list[PriceChange])
ALL_COMPARED = Adapter(list[Compared])


_FAR_OUT = 10**30  # far beyond what the database takes, and still short to write down


def usage_to_json(usage: Usage) -> dict[str, int | float]:
    """A usage whose every number is written to JSON exactly as given.

    Raises UnusableUsage, with the token that the database would give, for NaN and infinity, and for a Decimal with more
    digits than the client library can write (15 significant ones always fit; whole numbers always do).
    """
    return {meter: _to_json_number(meter, quantity) for meter, quantity in usage.items()}


def requirements_to_json(requirements: Mapping[str, Any]) -> dict[str, Any]:
    """Requirements as the database reads them: amounts as texts with every digit."""
    body = dict(requirements)
    if "usage" in body:
        body["usage"] = usage_to_json(body["usage"])
    return {
        name: str(value) if isinstance(value, Decimal) else value for name, value in body.items()
    }


def usage_from_json(usage: Mapping[str, int | float]) -> dict[str, int | Decimal]:
    """A usage as it was read from JSON: a float is the number that was written there, up to 15 significant digits."""
    return {
        meter: quantity if isinstance(quantity, int) else Decimal(repr(quantity))
        for meter, quantity in usage.items()
    }


def _to_json_number(meter: str, quantity: int | Decimal | float) -> int | float:
    if not isinstance(quantity, int | Decimal | float):
        return quantity  # the database says what is wrong with it
    if not _is_finite(quantity):
        raise _unusable("not_a_number", meter, "is not a number", "Quantities are JSON numbers.")
    if not -_FAR_OUT < quantity < _FAR_OUT:
        raise _unusable(
            "quantity_out_of_range", meter, "is out of range", "Quantities are at most 1e12."
        )
    if not isinstance(quantity, Decimal):
        return quantity
    if quantity == quantity.to_integral_value():
        return int(quantity)
    nearest = float(quantity)
    if Decimal(repr(nearest)) != quantity:  # repr is what goes into JSON
        raise _unusable(
            "quantity_out_of_range",
            meter,
            "has more digits than can be sent",
            "Give a fractional quantity with at most 15 significant digits.",
        )
    return nearest


def _is_finite(quantity: int | Decimal | float) -> bool:
    if isinstance(quantity, float):
        return math.isfinite(quantity)
    return isinstance(quantity, int) or quantity.is_finite()


def _unusable(error: str, meter: str, what: str, hint: str) -> UnusableUsage:
    return UnusableUsage(
        f'The quantity of "{meter}" {what}.',
        code="PT422",
        hint=hint,
        detail={"error": error, "meter": meter},
    )
