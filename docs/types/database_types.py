from __future__ import annotations

import datetime
import uuid
from typing import (
    Annotated,
    Any,
    List,
    Literal,
    Optional,
    TypedDict,
)
from typing_extensions import NotRequired, TypeAlias

from pydantic import BaseModel, Field, JsonValue

PgCatalogTsvector: TypeAlias = str

PgCatalogXid8: TypeAlias = str

AiAiCapabilityEnum: TypeAlias = Literal["text_generation", "image_generation", "video_generation", "audio_generation"]

AiAuthSchemeEnum: TypeAlias = Literal["bearer", "header", "query", "none"]

AiGenerationStatusEnum: TypeAlias = Literal["pending", "completed", "failed", "cancelled"]

AiHealthEnum: TypeAlias = Literal["healthy", "degraded", "rate_limited"]

AiModelStatusEnum: TypeAlias = Literal["preview", "active", "deprecated", "retired"]

AiModelTierEnum: TypeAlias = Literal["free", "paid", "enterprise"]

AiProviderContractEnum: TypeAlias = Literal["openai_chat", "openai_responses", "anthropic_messages", "gemini_generate", "bedrock_converse", "replicate"]

AiProviderEnum: TypeAlias = Literal["openai", "anthropic", "google", "meta", "midjourney", "stability", "mistral", "other"]

AiTierModeEnum: TypeAlias = Literal["whole_request", "marginal"]

AiUnitTypeEnum: TypeAlias = Literal["tokens", "image", "video_second", "audio_second", "second", "character", "pixel", "page", "request", "gigabyte_day"]

BillingBudgetPeriodEnum: TypeAlias = Literal["day", "week", "month"]

BillingEntryKindEnum: TypeAlias = Literal["grant", "repayment", "charge", "refund", "expiry", "revocation", "move"]

BillingHoldStatusEnum: TypeAlias = Literal["open", "captured", "released", "expired"]

ExecutionEvaluationStateEnum: TypeAlias = Literal["draft", "open", "closed"]

ExecutionRunStateEnum: TypeAlias = Literal["running", "finished", "cancelled"]

ExecutionVisibilityEnum: TypeAlias = Literal["private", "public"]

LensersAppRole: TypeAlias = Literal["admin", "moderator", "user"]

PublicPricingTierEnum: TypeAlias = Literal["free", "paid", "enterprise"]

class AiFeatureModelPolicies(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    feature_key: str = Field(alias="feature_key")
    id: uuid.UUID = Field(alias="id")
    is_active: bool = Field(alias="is_active")
    model_id: uuid.UUID = Field(alias="model_id")
    priority: int = Field(alias="priority")
    weight: float = Field(alias="weight")

class AiFeatureModelPoliciesInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    feature_key: Annotated[str, Field(alias="feature_key")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    model_id: Annotated[uuid.UUID, Field(alias="model_id")]
    priority: NotRequired[Annotated[int, Field(alias="priority")]]
    weight: NotRequired[Annotated[float, Field(alias="weight")]]

class AiFeatureModelPoliciesUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    feature_key: NotRequired[Annotated[str, Field(alias="feature_key")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    model_id: NotRequired[Annotated[uuid.UUID, Field(alias="model_id")]]
    priority: NotRequired[Annotated[int, Field(alias="priority")]]
    weight: NotRequired[Annotated[float, Field(alias="weight")]]

class AiFeatures(BaseModel):
    description: Optional[str] = Field(alias="description")
    id: uuid.UUID = Field(alias="id")
    is_active: bool = Field(alias="is_active")
    key: str = Field(alias="key")

class AiFeaturesInsert(TypedDict):
    description: NotRequired[Annotated[Optional[str], Field(alias="description")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    key: Annotated[str, Field(alias="key")]

class AiFeaturesUpdate(TypedDict):
    description: NotRequired[Annotated[Optional[str], Field(alias="description")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    key: NotRequired[Annotated[str, Field(alias="key")]]

class AiGenerations(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    feature_key: Optional[str] = Field(alias="feature_key")
    id: uuid.UUID = Field(alias="id")
    latency_ms: Optional[int] = Field(alias="latency_ms")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    media_id: Optional[uuid.UUID] = Field(alias="media_id")
    model_id: uuid.UUID = Field(alias="model_id")
    output: Optional[str] = Field(alias="output")
    prompt: Optional[str] = Field(alias="prompt")
    quality_rating: Optional[int] = Field(alias="quality_rating")
    status: AiGenerationStatusEnum = Field(alias="status")
    token_count: Optional[int] = Field(alias="token_count")
    usage: Optional[JsonValue] = Field(alias="usage")

class AiGenerationsInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    feature_key: NotRequired[Annotated[Optional[str], Field(alias="feature_key")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    latency_ms: NotRequired[Annotated[Optional[int], Field(alias="latency_ms")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    media_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="media_id")]]
    model_id: Annotated[uuid.UUID, Field(alias="model_id")]
    output: NotRequired[Annotated[Optional[str], Field(alias="output")]]
    prompt: NotRequired[Annotated[Optional[str], Field(alias="prompt")]]
    quality_rating: NotRequired[Annotated[Optional[int], Field(alias="quality_rating")]]
    status: NotRequired[Annotated[AiGenerationStatusEnum, Field(alias="status")]]
    token_count: NotRequired[Annotated[Optional[int], Field(alias="token_count")]]
    usage: NotRequired[Annotated[Optional[JsonValue], Field(alias="usage")]]

class AiGenerationsUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    feature_key: NotRequired[Annotated[Optional[str], Field(alias="feature_key")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    latency_ms: NotRequired[Annotated[Optional[int], Field(alias="latency_ms")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    media_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="media_id")]]
    model_id: NotRequired[Annotated[uuid.UUID, Field(alias="model_id")]]
    output: NotRequired[Annotated[Optional[str], Field(alias="output")]]
    prompt: NotRequired[Annotated[Optional[str], Field(alias="prompt")]]
    quality_rating: NotRequired[Annotated[Optional[int], Field(alias="quality_rating")]]
    status: NotRequired[Annotated[AiGenerationStatusEnum, Field(alias="status")]]
    token_count: NotRequired[Annotated[Optional[int], Field(alias="token_count")]]
    usage: NotRequired[Annotated[Optional[JsonValue], Field(alias="usage")]]

class AiHealthReports(BaseModel):
    id: uuid.UUID = Field(alias="id")
    model_id: Optional[uuid.UUID] = Field(alias="model_id")
    provider_id: Optional[uuid.UUID] = Field(alias="provider_id")
    reason: Optional[str] = Field(alias="reason")
    reported_at: datetime.datetime = Field(alias="reported_at")
    reported_by: Optional[uuid.UUID] = Field(alias="reported_by")
    state: AiHealthEnum = Field(alias="state")
    until: datetime.datetime = Field(alias="until")

class AiHealthReportsInsert(TypedDict):
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    model_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="model_id")]]
    provider_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="provider_id")]]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]
    reported_at: NotRequired[Annotated[datetime.datetime, Field(alias="reported_at")]]
    reported_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="reported_by")]]
    state: Annotated[AiHealthEnum, Field(alias="state")]
    until: Annotated[datetime.datetime, Field(alias="until")]

class AiHealthReportsUpdate(TypedDict):
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    model_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="model_id")]]
    provider_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="provider_id")]]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]
    reported_at: NotRequired[Annotated[datetime.datetime, Field(alias="reported_at")]]
    reported_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="reported_by")]]
    state: NotRequired[Annotated[AiHealthEnum, Field(alias="state")]]
    until: NotRequired[Annotated[datetime.datetime, Field(alias="until")]]

class AiMeters(BaseModel):
    counts_as_input: bool = Field(alias="counts_as_input")
    description: str = Field(alias="description")
    falls_back_to: Optional[str] = Field(alias="falls_back_to")
    key: str = Field(alias="key")
    name: str = Field(alias="name")
    unit_type: AiUnitTypeEnum = Field(alias="unit_type")

class AiMetersInsert(TypedDict):
    counts_as_input: NotRequired[Annotated[bool, Field(alias="counts_as_input")]]
    description: Annotated[str, Field(alias="description")]
    falls_back_to: NotRequired[Annotated[Optional[str], Field(alias="falls_back_to")]]
    key: Annotated[str, Field(alias="key")]
    name: Annotated[str, Field(alias="name")]
    unit_type: Annotated[AiUnitTypeEnum, Field(alias="unit_type")]

class AiMetersUpdate(TypedDict):
    counts_as_input: NotRequired[Annotated[bool, Field(alias="counts_as_input")]]
    description: NotRequired[Annotated[str, Field(alias="description")]]
    falls_back_to: NotRequired[Annotated[Optional[str], Field(alias="falls_back_to")]]
    key: NotRequired[Annotated[str, Field(alias="key")]]
    name: NotRequired[Annotated[str, Field(alias="name")]]
    unit_type: NotRequired[Annotated[AiUnitTypeEnum, Field(alias="unit_type")]]

class AiModelAliases(BaseModel):
    alias: str = Field(alias="alias")
    created_at: datetime.datetime = Field(alias="created_at")
    model_id: uuid.UUID = Field(alias="model_id")
    source: str = Field(alias="source")

class AiModelAliasesInsert(TypedDict):
    alias: Annotated[str, Field(alias="alias")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    model_id: Annotated[uuid.UUID, Field(alias="model_id")]
    source: NotRequired[Annotated[str, Field(alias="source")]]

class AiModelAliasesUpdate(TypedDict):
    alias: NotRequired[Annotated[str, Field(alias="alias")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    model_id: NotRequired[Annotated[uuid.UUID, Field(alias="model_id")]]
    source: NotRequired[Annotated[str, Field(alias="source")]]

class AiModelPriceSources(BaseModel):
    effective_from: Optional[datetime.datetime] = Field(alias="effective_from")
    id: uuid.UUID = Field(alias="id")
    model_id: uuid.UUID = Field(alias="model_id")
    price_currency: str = Field(alias="price_currency")
    price_source: str = Field(alias="price_source")
    revision: int = Field(alias="revision")

class AiModelPriceSourcesInsert(TypedDict):
    effective_from: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="effective_from")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    model_id: Annotated[uuid.UUID, Field(alias="model_id")]
    price_currency: Annotated[str, Field(alias="price_currency")]
    price_source: Annotated[str, Field(alias="price_source")]
    revision: NotRequired[Annotated[int, Field(alias="revision")]]

class AiModelPriceSourcesUpdate(TypedDict):
    effective_from: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="effective_from")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    model_id: NotRequired[Annotated[uuid.UUID, Field(alias="model_id")]]
    price_currency: NotRequired[Annotated[str, Field(alias="price_currency")]]
    price_source: NotRequired[Annotated[str, Field(alias="price_source")]]
    revision: NotRequired[Annotated[int, Field(alias="revision")]]

class AiModelPricing(BaseModel):
    context_threshold: Optional[int] = Field(alias="context_threshold")
    created_at: datetime.datetime = Field(alias="created_at")
    currency: str = Field(alias="currency")
    effective_from: datetime.datetime = Field(alias="effective_from")
    id: uuid.UUID = Field(alias="id")
    is_pinned: bool = Field(alias="is_pinned")
    is_public: bool = Field(alias="is_public")
    meter: str = Field(alias="meter")
    minimum_quantity: Optional[float] = Field(alias="minimum_quantity")
    model_id: uuid.UUID = Field(alias="model_id")
    price_per_unit: Optional[float] = Field(alias="price_per_unit")
    reference: Optional[str] = Field(alias="reference")
    region: Optional[str] = Field(alias="region")
    revision: int = Field(alias="revision")
    service_tier: str = Field(alias="service_tier")
    source: str = Field(alias="source")
    threshold_inclusive: bool = Field(alias="threshold_inclusive")
    tier_mode: AiTierModeEnum = Field(alias="tier_mode")
    unit_type: AiUnitTypeEnum = Field(alias="unit_type")
    variant: Optional[str] = Field(alias="variant")
    window_days: Optional[int] = Field(alias="window_days")
    window_end: Optional[datetime.time] = Field(alias="window_end")
    window_start: Optional[datetime.time] = Field(alias="window_start")
    window_time_zone: Optional[str] = Field(alias="window_time_zone")
    withdrawn: bool = Field(alias="withdrawn")

class AiModelPricingInsert(TypedDict):
    context_threshold: NotRequired[Annotated[Optional[int], Field(alias="context_threshold")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    effective_from: NotRequired[Annotated[datetime.datetime, Field(alias="effective_from")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_pinned: NotRequired[Annotated[bool, Field(alias="is_pinned")]]
    is_public: NotRequired[Annotated[bool, Field(alias="is_public")]]
    meter: Annotated[str, Field(alias="meter")]
    minimum_quantity: NotRequired[Annotated[Optional[float], Field(alias="minimum_quantity")]]
    model_id: Annotated[uuid.UUID, Field(alias="model_id")]
    price_per_unit: NotRequired[Annotated[Optional[float], Field(alias="price_per_unit")]]
    reference: NotRequired[Annotated[Optional[str], Field(alias="reference")]]
    region: NotRequired[Annotated[Optional[str], Field(alias="region")]]
    revision: NotRequired[Annotated[int, Field(alias="revision")]]
    service_tier: NotRequired[Annotated[str, Field(alias="service_tier")]]
    source: NotRequired[Annotated[str, Field(alias="source")]]
    threshold_inclusive: NotRequired[Annotated[bool, Field(alias="threshold_inclusive")]]
    tier_mode: NotRequired[Annotated[AiTierModeEnum, Field(alias="tier_mode")]]
    unit_type: NotRequired[Annotated[AiUnitTypeEnum, Field(alias="unit_type")]]
    variant: NotRequired[Annotated[Optional[str], Field(alias="variant")]]
    window_days: NotRequired[Annotated[Optional[int], Field(alias="window_days")]]
    window_end: NotRequired[Annotated[Optional[datetime.time], Field(alias="window_end")]]
    window_start: NotRequired[Annotated[Optional[datetime.time], Field(alias="window_start")]]
    window_time_zone: NotRequired[Annotated[Optional[str], Field(alias="window_time_zone")]]
    withdrawn: NotRequired[Annotated[bool, Field(alias="withdrawn")]]

class AiModelPricingUpdate(TypedDict):
    context_threshold: NotRequired[Annotated[Optional[int], Field(alias="context_threshold")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    effective_from: NotRequired[Annotated[datetime.datetime, Field(alias="effective_from")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_pinned: NotRequired[Annotated[bool, Field(alias="is_pinned")]]
    is_public: NotRequired[Annotated[bool, Field(alias="is_public")]]
    meter: NotRequired[Annotated[str, Field(alias="meter")]]
    minimum_quantity: NotRequired[Annotated[Optional[float], Field(alias="minimum_quantity")]]
    model_id: NotRequired[Annotated[uuid.UUID, Field(alias="model_id")]]
    price_per_unit: NotRequired[Annotated[Optional[float], Field(alias="price_per_unit")]]
    reference: NotRequired[Annotated[Optional[str], Field(alias="reference")]]
    region: NotRequired[Annotated[Optional[str], Field(alias="region")]]
    revision: NotRequired[Annotated[int, Field(alias="revision")]]
    service_tier: NotRequired[Annotated[str, Field(alias="service_tier")]]
    source: NotRequired[Annotated[str, Field(alias="source")]]
    threshold_inclusive: NotRequired[Annotated[bool, Field(alias="threshold_inclusive")]]
    tier_mode: NotRequired[Annotated[AiTierModeEnum, Field(alias="tier_mode")]]
    unit_type: NotRequired[Annotated[AiUnitTypeEnum, Field(alias="unit_type")]]
    variant: NotRequired[Annotated[Optional[str], Field(alias="variant")]]
    window_days: NotRequired[Annotated[Optional[int], Field(alias="window_days")]]
    window_end: NotRequired[Annotated[Optional[datetime.time], Field(alias="window_end")]]
    window_start: NotRequired[Annotated[Optional[datetime.time], Field(alias="window_start")]]
    window_time_zone: NotRequired[Annotated[Optional[str], Field(alias="window_time_zone")]]
    withdrawn: NotRequired[Annotated[bool, Field(alias="withdrawn")]]

class AiModelProfiles(BaseModel):
    canonical_equivalent_id: Optional[uuid.UUID] = Field(alias="canonical_equivalent_id")
    canonical_revision: Optional[int] = Field(alias="canonical_revision")
    created_at: datetime.datetime = Field(alias="created_at")
    disabled: bool = Field(alias="disabled")
    id: uuid.UUID = Field(alias="id")
    is_canonical: bool = Field(alias="is_canonical")
    max_tokens: Optional[int] = Field(alias="max_tokens")
    model: str = Field(alias="model")
    name: str = Field(alias="name")
    provider_id: uuid.UUID = Field(alias="provider_id")
    system_prompt: Optional[str] = Field(alias="system_prompt")
    temperature: Optional[float] = Field(alias="temperature")
    updated_at: datetime.datetime = Field(alias="updated_at")

class AiModelProfilesInsert(TypedDict):
    canonical_equivalent_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="canonical_equivalent_id")]]
    canonical_revision: NotRequired[Annotated[Optional[int], Field(alias="canonical_revision")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    disabled: NotRequired[Annotated[bool, Field(alias="disabled")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_canonical: NotRequired[Annotated[bool, Field(alias="is_canonical")]]
    max_tokens: NotRequired[Annotated[Optional[int], Field(alias="max_tokens")]]
    model: Annotated[str, Field(alias="model")]
    name: Annotated[str, Field(alias="name")]
    provider_id: Annotated[uuid.UUID, Field(alias="provider_id")]
    system_prompt: NotRequired[Annotated[Optional[str], Field(alias="system_prompt")]]
    temperature: NotRequired[Annotated[Optional[float], Field(alias="temperature")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class AiModelProfilesUpdate(TypedDict):
    canonical_equivalent_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="canonical_equivalent_id")]]
    canonical_revision: NotRequired[Annotated[Optional[int], Field(alias="canonical_revision")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    disabled: NotRequired[Annotated[bool, Field(alias="disabled")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_canonical: NotRequired[Annotated[bool, Field(alias="is_canonical")]]
    max_tokens: NotRequired[Annotated[Optional[int], Field(alias="max_tokens")]]
    model: NotRequired[Annotated[str, Field(alias="model")]]
    name: NotRequired[Annotated[str, Field(alias="name")]]
    provider_id: NotRequired[Annotated[uuid.UUID, Field(alias="provider_id")]]
    system_prompt: NotRequired[Annotated[Optional[str], Field(alias="system_prompt")]]
    temperature: NotRequired[Annotated[Optional[float], Field(alias="temperature")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class AiModels(BaseModel):
    capabilities: List[AiAiCapabilityEnum] = Field(alias="capabilities")
    capabilities_detail: JsonValue = Field(alias="capabilities_detail")
    context_window: Optional[int] = Field(alias="context_window")
    created_at: datetime.datetime = Field(alias="created_at")
    deleted_at: Optional[datetime.datetime] = Field(alias="deleted_at")
    deprecation_date: Optional[datetime.date] = Field(alias="deprecation_date")
    description: Optional[str] = Field(alias="description")
    endpoint_path: Optional[str] = Field(alias="endpoint_path")
    id: uuid.UUID = Field(alias="id")
    input_defaults: JsonValue = Field(alias="input_defaults")
    is_active: bool = Field(alias="is_active")
    is_default: bool = Field(alias="is_default")
    is_public: bool = Field(alias="is_public")
    key: str = Field(alias="key")
    max_tokens: Optional[int] = Field(alias="max_tokens")
    metadata: JsonValue = Field(alias="metadata")
    modality: str = Field(alias="modality")
    model_family: Optional[str] = Field(alias="model_family")
    model_tier: Optional[str] = Field(alias="model_tier")
    name: str = Field(alias="name")
    output_format: Optional[str] = Field(alias="output_format")
    price_currency: str = Field(alias="price_currency")
    price_source: str = Field(alias="price_source")
    price_source_since: Optional[datetime.datetime] = Field(alias="price_source_since")
    pricing_tier: Optional[AiModelTierEnum] = Field(alias="pricing_tier")
    priority: int = Field(alias="priority")
    provider: AiProviderEnum = Field(alias="provider")
    provider_id: uuid.UUID = Field(alias="provider_id")
    provider_model_key: Optional[str] = Field(alias="provider_model_key")
    provider_url: Optional[str] = Field(alias="provider_url")
    rate_limits: JsonValue = Field(alias="rate_limits")
    release_date: Optional[datetime.date] = Field(alias="release_date")
    search: PgCatalogTsvector = Field(alias="search")
    status: AiModelStatusEnum = Field(alias="status")
    succeeded_at: Optional[datetime.datetime] = Field(alias="succeeded_at")
    successor_id: Optional[uuid.UUID] = Field(alias="successor_id")
    supports: List[str] = Field(alias="supports")
    task: str = Field(alias="task")
    temperature: Optional[float] = Field(alias="temperature")
    typical_latency_ms: Optional[int] = Field(alias="typical_latency_ms")
    updated_at: datetime.datetime = Field(alias="updated_at")
    valid_sizes: List[str] = Field(alias="valid_sizes")
    version: Optional[str] = Field(alias="version")

class AiModelsInsert(TypedDict):
    capabilities: NotRequired[Annotated[List[AiAiCapabilityEnum], Field(alias="capabilities")]]
    capabilities_detail: NotRequired[Annotated[JsonValue, Field(alias="capabilities_detail")]]
    context_window: NotRequired[Annotated[Optional[int], Field(alias="context_window")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    deleted_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="deleted_at")]]
    deprecation_date: NotRequired[Annotated[Optional[datetime.date], Field(alias="deprecation_date")]]
    description: NotRequired[Annotated[Optional[str], Field(alias="description")]]
    endpoint_path: NotRequired[Annotated[Optional[str], Field(alias="endpoint_path")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    input_defaults: NotRequired[Annotated[JsonValue, Field(alias="input_defaults")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    is_default: NotRequired[Annotated[bool, Field(alias="is_default")]]
    is_public: NotRequired[Annotated[bool, Field(alias="is_public")]]
    key: Annotated[str, Field(alias="key")]
    max_tokens: NotRequired[Annotated[Optional[int], Field(alias="max_tokens")]]
    metadata: NotRequired[Annotated[JsonValue, Field(alias="metadata")]]
    modality: NotRequired[Annotated[str, Field(alias="modality")]]
    model_family: NotRequired[Annotated[Optional[str], Field(alias="model_family")]]
    model_tier: NotRequired[Annotated[Optional[str], Field(alias="model_tier")]]
    name: Annotated[str, Field(alias="name")]
    output_format: NotRequired[Annotated[Optional[str], Field(alias="output_format")]]
    price_currency: NotRequired[Annotated[str, Field(alias="price_currency")]]
    price_source: NotRequired[Annotated[str, Field(alias="price_source")]]
    price_source_since: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="price_source_since")]]
    pricing_tier: NotRequired[Annotated[Optional[AiModelTierEnum], Field(alias="pricing_tier")]]
    priority: NotRequired[Annotated[int, Field(alias="priority")]]
    provider: Annotated[AiProviderEnum, Field(alias="provider")]
    provider_id: Annotated[uuid.UUID, Field(alias="provider_id")]
    provider_model_key: NotRequired[Annotated[Optional[str], Field(alias="provider_model_key")]]
    provider_url: NotRequired[Annotated[Optional[str], Field(alias="provider_url")]]
    rate_limits: NotRequired[Annotated[JsonValue, Field(alias="rate_limits")]]
    release_date: NotRequired[Annotated[Optional[datetime.date], Field(alias="release_date")]]
    search: NotRequired[Annotated[PgCatalogTsvector, Field(alias="search")]]
    status: NotRequired[Annotated[AiModelStatusEnum, Field(alias="status")]]
    succeeded_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="succeeded_at")]]
    successor_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="successor_id")]]
    supports: NotRequired[Annotated[List[str], Field(alias="supports")]]
    task: NotRequired[Annotated[str, Field(alias="task")]]
    temperature: NotRequired[Annotated[Optional[float], Field(alias="temperature")]]
    typical_latency_ms: NotRequired[Annotated[Optional[int], Field(alias="typical_latency_ms")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    valid_sizes: NotRequired[Annotated[List[str], Field(alias="valid_sizes")]]
    version: NotRequired[Annotated[Optional[str], Field(alias="version")]]

class AiModelsUpdate(TypedDict):
    capabilities: NotRequired[Annotated[List[AiAiCapabilityEnum], Field(alias="capabilities")]]
    capabilities_detail: NotRequired[Annotated[JsonValue, Field(alias="capabilities_detail")]]
    context_window: NotRequired[Annotated[Optional[int], Field(alias="context_window")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    deleted_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="deleted_at")]]
    deprecation_date: NotRequired[Annotated[Optional[datetime.date], Field(alias="deprecation_date")]]
    description: NotRequired[Annotated[Optional[str], Field(alias="description")]]
    endpoint_path: NotRequired[Annotated[Optional[str], Field(alias="endpoint_path")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    input_defaults: NotRequired[Annotated[JsonValue, Field(alias="input_defaults")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    is_default: NotRequired[Annotated[bool, Field(alias="is_default")]]
    is_public: NotRequired[Annotated[bool, Field(alias="is_public")]]
    key: NotRequired[Annotated[str, Field(alias="key")]]
    max_tokens: NotRequired[Annotated[Optional[int], Field(alias="max_tokens")]]
    metadata: NotRequired[Annotated[JsonValue, Field(alias="metadata")]]
    modality: NotRequired[Annotated[str, Field(alias="modality")]]
    model_family: NotRequired[Annotated[Optional[str], Field(alias="model_family")]]
    model_tier: NotRequired[Annotated[Optional[str], Field(alias="model_tier")]]
    name: NotRequired[Annotated[str, Field(alias="name")]]
    output_format: NotRequired[Annotated[Optional[str], Field(alias="output_format")]]
    price_currency: NotRequired[Annotated[str, Field(alias="price_currency")]]
    price_source: NotRequired[Annotated[str, Field(alias="price_source")]]
    price_source_since: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="price_source_since")]]
    pricing_tier: NotRequired[Annotated[Optional[AiModelTierEnum], Field(alias="pricing_tier")]]
    priority: NotRequired[Annotated[int, Field(alias="priority")]]
    provider: NotRequired[Annotated[AiProviderEnum, Field(alias="provider")]]
    provider_id: NotRequired[Annotated[uuid.UUID, Field(alias="provider_id")]]
    provider_model_key: NotRequired[Annotated[Optional[str], Field(alias="provider_model_key")]]
    provider_url: NotRequired[Annotated[Optional[str], Field(alias="provider_url")]]
    rate_limits: NotRequired[Annotated[JsonValue, Field(alias="rate_limits")]]
    release_date: NotRequired[Annotated[Optional[datetime.date], Field(alias="release_date")]]
    search: NotRequired[Annotated[PgCatalogTsvector, Field(alias="search")]]
    status: NotRequired[Annotated[AiModelStatusEnum, Field(alias="status")]]
    succeeded_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="succeeded_at")]]
    successor_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="successor_id")]]
    supports: NotRequired[Annotated[List[str], Field(alias="supports")]]
    task: NotRequired[Annotated[str, Field(alias="task")]]
    temperature: NotRequired[Annotated[Optional[float], Field(alias="temperature")]]
    typical_latency_ms: NotRequired[Annotated[Optional[int], Field(alias="typical_latency_ms")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    valid_sizes: NotRequired[Annotated[List[str], Field(alias="valid_sizes")]]
    version: NotRequired[Annotated[Optional[str], Field(alias="version")]]

class AiProviderConnections(BaseModel):
    auth: JsonValue = Field(alias="auth")
    base_url: Optional[str] = Field(alias="base_url")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    is_active: bool = Field(alias="is_active")
    name: str = Field(alias="name")
    provider_id: uuid.UUID = Field(alias="provider_id")
    updated_at: datetime.datetime = Field(alias="updated_at")

class AiProviderConnectionsInsert(TypedDict):
    auth: NotRequired[Annotated[JsonValue, Field(alias="auth")]]
    base_url: NotRequired[Annotated[Optional[str], Field(alias="base_url")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    name: Annotated[str, Field(alias="name")]
    provider_id: Annotated[uuid.UUID, Field(alias="provider_id")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class AiProviderConnectionsUpdate(TypedDict):
    auth: NotRequired[Annotated[JsonValue, Field(alias="auth")]]
    base_url: NotRequired[Annotated[Optional[str], Field(alias="base_url")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    name: NotRequired[Annotated[str, Field(alias="name")]]
    provider_id: NotRequired[Annotated[uuid.UUID, Field(alias="provider_id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class AiProviders(BaseModel):
    api_url: Optional[str] = Field(alias="api_url")
    auth_scheme: AiAuthSchemeEnum = Field(alias="auth_scheme")
    canonical_equivalent_id: Optional[uuid.UUID] = Field(alias="canonical_equivalent_id")
    canonical_revision: Optional[int] = Field(alias="canonical_revision")
    contract: Optional[AiProviderContractEnum] = Field(alias="contract")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    is_active: bool = Field(alias="is_active")
    is_canonical: bool = Field(alias="is_canonical")
    key: str = Field(alias="key")
    modality: str = Field(alias="modality")
    name: str = Field(alias="name")
    updated_at: datetime.datetime = Field(alias="updated_at")

class AiProvidersInsert(TypedDict):
    api_url: NotRequired[Annotated[Optional[str], Field(alias="api_url")]]
    auth_scheme: NotRequired[Annotated[AiAuthSchemeEnum, Field(alias="auth_scheme")]]
    canonical_equivalent_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="canonical_equivalent_id")]]
    canonical_revision: NotRequired[Annotated[Optional[int], Field(alias="canonical_revision")]]
    contract: NotRequired[Annotated[Optional[AiProviderContractEnum], Field(alias="contract")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    is_canonical: NotRequired[Annotated[bool, Field(alias="is_canonical")]]
    key: Annotated[str, Field(alias="key")]
    modality: NotRequired[Annotated[str, Field(alias="modality")]]
    name: Annotated[str, Field(alias="name")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class AiProvidersUpdate(TypedDict):
    api_url: NotRequired[Annotated[Optional[str], Field(alias="api_url")]]
    auth_scheme: NotRequired[Annotated[AiAuthSchemeEnum, Field(alias="auth_scheme")]]
    canonical_equivalent_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="canonical_equivalent_id")]]
    canonical_revision: NotRequired[Annotated[Optional[int], Field(alias="canonical_revision")]]
    contract: NotRequired[Annotated[Optional[AiProviderContractEnum], Field(alias="contract")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    is_canonical: NotRequired[Annotated[bool, Field(alias="is_canonical")]]
    key: NotRequired[Annotated[str, Field(alias="key")]]
    modality: NotRequired[Annotated[str, Field(alias="modality")]]
    name: NotRequired[Annotated[str, Field(alias="name")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class AiServiceTiers(BaseModel):
    description: str = Field(alias="description")
    key: str = Field(alias="key")
    tries_chain_first: bool = Field(alias="tries_chain_first")

class AiServiceTiersInsert(TypedDict):
    description: Annotated[str, Field(alias="description")]
    key: Annotated[str, Field(alias="key")]
    tries_chain_first: NotRequired[Annotated[bool, Field(alias="tries_chain_first")]]

class AiServiceTiersUpdate(TypedDict):
    description: NotRequired[Annotated[str, Field(alias="description")]]
    key: NotRequired[Annotated[str, Field(alias="key")]]
    tries_chain_first: NotRequired[Annotated[bool, Field(alias="tries_chain_first")]]

class BillingAccountMembers(BaseModel):
    account_id: uuid.UUID = Field(alias="account_id")
    created_at: datetime.datetime = Field(alias="created_at")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    member_id: uuid.UUID = Field(alias="member_id")
    spend_limit: Optional[float] = Field(alias="spend_limit")
    spent: float = Field(alias="spent")

class BillingAccountMembersInsert(TypedDict):
    account_id: Annotated[uuid.UUID, Field(alias="account_id")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    member_id: Annotated[uuid.UUID, Field(alias="member_id")]
    spend_limit: NotRequired[Annotated[Optional[float], Field(alias="spend_limit")]]
    spent: NotRequired[Annotated[float, Field(alias="spent")]]

class BillingAccountMembersUpdate(TypedDict):
    account_id: NotRequired[Annotated[uuid.UUID, Field(alias="account_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    member_id: NotRequired[Annotated[uuid.UUID, Field(alias="member_id")]]
    spend_limit: NotRequired[Annotated[Optional[float], Field(alias="spend_limit")]]
    spent: NotRequired[Annotated[float, Field(alias="spent")]]

class BillingAccounts(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    debt: float = Field(alias="debt")
    entries: int = Field(alias="entries")
    head_id: Optional[uuid.UUID] = Field(alias="head_id")
    id: uuid.UUID = Field(alias="id")
    is_plain: bool = Field(alias="is_plain")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    low_balance_mark: Optional[float] = Field(alias="low_balance_mark")
    months_until: datetime.datetime = Field(alias="months_until")
    name: Optional[str] = Field(alias="name")
    next_event_at: datetime.datetime = Field(alias="next_event_at")
    overdraft_limit: float = Field(alias="overdraft_limit")
    posted: float = Field(alias="posted")
    reserved: float = Field(alias="reserved")
    revoked_debt: float = Field(alias="revoked_debt")
    upcoming: float = Field(alias="upcoming")
    updated_at: datetime.datetime = Field(alias="updated_at")

class BillingAccountsInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    debt: NotRequired[Annotated[float, Field(alias="debt")]]
    entries: NotRequired[Annotated[int, Field(alias="entries")]]
    head_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="head_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_plain: NotRequired[Annotated[bool, Field(alias="is_plain")]]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    low_balance_mark: NotRequired[Annotated[Optional[float], Field(alias="low_balance_mark")]]
    months_until: NotRequired[Annotated[datetime.datetime, Field(alias="months_until")]]
    name: NotRequired[Annotated[Optional[str], Field(alias="name")]]
    next_event_at: NotRequired[Annotated[datetime.datetime, Field(alias="next_event_at")]]
    overdraft_limit: NotRequired[Annotated[float, Field(alias="overdraft_limit")]]
    posted: NotRequired[Annotated[float, Field(alias="posted")]]
    reserved: NotRequired[Annotated[float, Field(alias="reserved")]]
    revoked_debt: NotRequired[Annotated[float, Field(alias="revoked_debt")]]
    upcoming: NotRequired[Annotated[float, Field(alias="upcoming")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class BillingAccountsUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    debt: NotRequired[Annotated[float, Field(alias="debt")]]
    entries: NotRequired[Annotated[int, Field(alias="entries")]]
    head_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="head_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_plain: NotRequired[Annotated[bool, Field(alias="is_plain")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    low_balance_mark: NotRequired[Annotated[Optional[float], Field(alias="low_balance_mark")]]
    months_until: NotRequired[Annotated[datetime.datetime, Field(alias="months_until")]]
    name: NotRequired[Annotated[Optional[str], Field(alias="name")]]
    next_event_at: NotRequired[Annotated[datetime.datetime, Field(alias="next_event_at")]]
    overdraft_limit: NotRequired[Annotated[float, Field(alias="overdraft_limit")]]
    posted: NotRequired[Annotated[float, Field(alias="posted")]]
    reserved: NotRequired[Annotated[float, Field(alias="reserved")]]
    revoked_debt: NotRequired[Annotated[float, Field(alias="revoked_debt")]]
    upcoming: NotRequired[Annotated[float, Field(alias="upcoming")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class BillingBudgetPeriods(BaseModel):
    budget_id: uuid.UUID = Field(alias="budget_id")
    counted_by: uuid.UUID = Field(alias="counted_by")
    ends_at: datetime.datetime = Field(alias="ends_at")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    spent: float = Field(alias="spent")
    starts_at: datetime.datetime = Field(alias="starts_at")
    starts_on: datetime.date = Field(alias="starts_on")

class BillingBudgetPeriodsInsert(TypedDict):
    budget_id: Annotated[uuid.UUID, Field(alias="budget_id")]
    counted_by: Annotated[uuid.UUID, Field(alias="counted_by")]
    ends_at: Annotated[datetime.datetime, Field(alias="ends_at")]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    spent: Annotated[float, Field(alias="spent")]
    starts_at: Annotated[datetime.datetime, Field(alias="starts_at")]
    starts_on: Annotated[datetime.date, Field(alias="starts_on")]

class BillingBudgetPeriodsUpdate(TypedDict):
    budget_id: NotRequired[Annotated[uuid.UUID, Field(alias="budget_id")]]
    counted_by: NotRequired[Annotated[uuid.UUID, Field(alias="counted_by")]]
    ends_at: NotRequired[Annotated[datetime.datetime, Field(alias="ends_at")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    spent: NotRequired[Annotated[float, Field(alias="spent")]]
    starts_at: NotRequired[Annotated[datetime.datetime, Field(alias="starts_at")]]
    starts_on: NotRequired[Annotated[datetime.date, Field(alias="starts_on")]]

class BillingBudgets(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    feature_id: Optional[uuid.UUID] = Field(alias="feature_id")
    hard_limit: Optional[float] = Field(alias="hard_limit")
    id: uuid.UUID = Field(alias="id")
    is_active: bool = Field(alias="is_active")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    model_id: Optional[uuid.UUID] = Field(alias="model_id")
    period: BillingBudgetPeriodEnum = Field(alias="period")
    soft_limit: Optional[float] = Field(alias="soft_limit")
    time_zone: str = Field(alias="time_zone")
    updated_at: datetime.datetime = Field(alias="updated_at")

class BillingBudgetsInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    feature_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="feature_id")]]
    hard_limit: NotRequired[Annotated[Optional[float], Field(alias="hard_limit")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    model_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="model_id")]]
    period: Annotated[BillingBudgetPeriodEnum, Field(alias="period")]
    soft_limit: NotRequired[Annotated[Optional[float], Field(alias="soft_limit")]]
    time_zone: NotRequired[Annotated[str, Field(alias="time_zone")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class BillingBudgetsUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    feature_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="feature_id")]]
    hard_limit: NotRequired[Annotated[Optional[float], Field(alias="hard_limit")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_active: NotRequired[Annotated[bool, Field(alias="is_active")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    model_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="model_id")]]
    period: NotRequired[Annotated[BillingBudgetPeriodEnum, Field(alias="period")]]
    soft_limit: NotRequired[Annotated[Optional[float], Field(alias="soft_limit")]]
    time_zone: NotRequired[Annotated[str, Field(alias="time_zone")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class BillingChargeCosts(BaseModel):
    cost: float = Field(alias="cost")
    credit_rate_id: uuid.UUID = Field(alias="credit_rate_id")
    currency: str = Field(alias="currency")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    margin_policy_id: uuid.UUID = Field(alias="margin_policy_id")
    price_ids: List[uuid.UUID] = Field(alias="price_ids")

class BillingChargeCostsInsert(TypedDict):
    cost: Annotated[float, Field(alias="cost")]
    credit_rate_id: Annotated[uuid.UUID, Field(alias="credit_rate_id")]
    currency: Annotated[str, Field(alias="currency")]
    id: Annotated[uuid.UUID, Field(alias="id")]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    margin_policy_id: Annotated[uuid.UUID, Field(alias="margin_policy_id")]
    price_ids: Annotated[List[uuid.UUID], Field(alias="price_ids")]

class BillingChargeCostsUpdate(TypedDict):
    cost: NotRequired[Annotated[float, Field(alias="cost")]]
    credit_rate_id: NotRequired[Annotated[uuid.UUID, Field(alias="credit_rate_id")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    margin_policy_id: NotRequired[Annotated[uuid.UUID, Field(alias="margin_policy_id")]]
    price_ids: NotRequired[Annotated[List[uuid.UUID], Field(alias="price_ids")]]

class BillingCharges(BaseModel):
    account_id: uuid.UUID = Field(alias="account_id")
    created_at: datetime.datetime = Field(alias="created_at")
    credits: float = Field(alias="credits")
    estimate_id: Optional[uuid.UUID] = Field(alias="estimate_id")
    feature_id: Optional[uuid.UUID] = Field(alias="feature_id")
    feature_key: Optional[str] = Field(alias="feature_key")
    generation_id: Optional[uuid.UUID] = Field(alias="generation_id")
    hold_id: Optional[uuid.UUID] = Field(alias="hold_id")
    id: uuid.UUID = Field(alias="id")
    is_cost_reported: bool = Field(alias="is_cost_reported")
    is_estimated: bool = Field(alias="is_estimated")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    lines: Optional[JsonValue] = Field(alias="lines")
    model_id: Optional[uuid.UUID] = Field(alias="model_id")
    priced_at: datetime.datetime = Field(alias="priced_at")
    region: Optional[str] = Field(alias="region")
    service_tier: Optional[str] = Field(alias="service_tier")
    spender_id: uuid.UUID = Field(alias="spender_id")
    usage: Optional[JsonValue] = Field(alias="usage")
    variant: Optional[str] = Field(alias="variant")

class BillingChargesInsert(TypedDict):
    account_id: Annotated[uuid.UUID, Field(alias="account_id")]
    created_at: Annotated[datetime.datetime, Field(alias="created_at")]
    credits: Annotated[float, Field(alias="credits")]
    estimate_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="estimate_id")]]
    feature_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="feature_id")]]
    feature_key: NotRequired[Annotated[Optional[str], Field(alias="feature_key")]]
    generation_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="generation_id")]]
    hold_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="hold_id")]]
    id: Annotated[uuid.UUID, Field(alias="id")]
    is_cost_reported: NotRequired[Annotated[bool, Field(alias="is_cost_reported")]]
    is_estimated: NotRequired[Annotated[bool, Field(alias="is_estimated")]]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    lines: NotRequired[Annotated[Optional[JsonValue], Field(alias="lines")]]
    model_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="model_id")]]
    priced_at: Annotated[datetime.datetime, Field(alias="priced_at")]
    region: NotRequired[Annotated[Optional[str], Field(alias="region")]]
    service_tier: NotRequired[Annotated[Optional[str], Field(alias="service_tier")]]
    spender_id: Annotated[uuid.UUID, Field(alias="spender_id")]
    usage: NotRequired[Annotated[Optional[JsonValue], Field(alias="usage")]]
    variant: NotRequired[Annotated[Optional[str], Field(alias="variant")]]

class BillingChargesUpdate(TypedDict):
    account_id: NotRequired[Annotated[uuid.UUID, Field(alias="account_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    credits: NotRequired[Annotated[float, Field(alias="credits")]]
    estimate_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="estimate_id")]]
    feature_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="feature_id")]]
    feature_key: NotRequired[Annotated[Optional[str], Field(alias="feature_key")]]
    generation_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="generation_id")]]
    hold_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="hold_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_cost_reported: NotRequired[Annotated[bool, Field(alias="is_cost_reported")]]
    is_estimated: NotRequired[Annotated[bool, Field(alias="is_estimated")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    lines: NotRequired[Annotated[Optional[JsonValue], Field(alias="lines")]]
    model_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="model_id")]]
    priced_at: NotRequired[Annotated[datetime.datetime, Field(alias="priced_at")]]
    region: NotRequired[Annotated[Optional[str], Field(alias="region")]]
    service_tier: NotRequired[Annotated[Optional[str], Field(alias="service_tier")]]
    spender_id: NotRequired[Annotated[uuid.UUID, Field(alias="spender_id")]]
    usage: NotRequired[Annotated[Optional[JsonValue], Field(alias="usage")]]
    variant: NotRequired[Annotated[Optional[str], Field(alias="variant")]]

class BillingCreditRates(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    created_by: Optional[uuid.UUID] = Field(alias="created_by")
    credits_per_currency_unit: float = Field(alias="credits_per_currency_unit")
    currency: str = Field(alias="currency")
    effective_from: datetime.datetime = Field(alias="effective_from")
    id: uuid.UUID = Field(alias="id")
    revision: int = Field(alias="revision")

class BillingCreditRatesInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    created_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="created_by")]]
    credits_per_currency_unit: Annotated[float, Field(alias="credits_per_currency_unit")]
    currency: Annotated[str, Field(alias="currency")]
    effective_from: NotRequired[Annotated[datetime.datetime, Field(alias="effective_from")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    revision: NotRequired[Annotated[int, Field(alias="revision")]]

class BillingCreditRatesUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    created_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="created_by")]]
    credits_per_currency_unit: NotRequired[Annotated[float, Field(alias="credits_per_currency_unit")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    effective_from: NotRequired[Annotated[datetime.datetime, Field(alias="effective_from")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    revision: NotRequired[Annotated[int, Field(alias="revision")]]

class BillingExecutionMarginPolicies(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    created_by: Optional[uuid.UUID] = Field(alias="created_by")
    effective_from: datetime.datetime = Field(alias="effective_from")
    enabled: bool = Field(alias="enabled")
    feature_id: Optional[uuid.UUID] = Field(alias="feature_id")
    fixed_credits: float = Field(alias="fixed_credits")
    id: uuid.UUID = Field(alias="id")
    increment: float = Field(alias="increment")
    margin: float = Field(alias="margin")
    min_credits: float = Field(alias="min_credits")
    minimum_applies_to_free: bool = Field(alias="minimum_applies_to_free")
    model_id: Optional[uuid.UUID] = Field(alias="model_id")
    provider_id: Optional[uuid.UUID] = Field(alias="provider_id")
    revision: int = Field(alias="revision")
    scope: str = Field(alias="scope")
    tier: Optional[AiModelTierEnum] = Field(alias="tier")

class BillingExecutionMarginPoliciesInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    created_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="created_by")]]
    effective_from: NotRequired[Annotated[datetime.datetime, Field(alias="effective_from")]]
    enabled: NotRequired[Annotated[bool, Field(alias="enabled")]]
    feature_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="feature_id")]]
    fixed_credits: NotRequired[Annotated[float, Field(alias="fixed_credits")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    increment: NotRequired[Annotated[float, Field(alias="increment")]]
    margin: NotRequired[Annotated[float, Field(alias="margin")]]
    min_credits: NotRequired[Annotated[float, Field(alias="min_credits")]]
    minimum_applies_to_free: NotRequired[Annotated[bool, Field(alias="minimum_applies_to_free")]]
    model_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="model_id")]]
    provider_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="provider_id")]]
    revision: NotRequired[Annotated[int, Field(alias="revision")]]
    scope: NotRequired[Annotated[str, Field(alias="scope")]]
    tier: NotRequired[Annotated[Optional[AiModelTierEnum], Field(alias="tier")]]

class BillingExecutionMarginPoliciesUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    created_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="created_by")]]
    effective_from: NotRequired[Annotated[datetime.datetime, Field(alias="effective_from")]]
    enabled: NotRequired[Annotated[bool, Field(alias="enabled")]]
    feature_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="feature_id")]]
    fixed_credits: NotRequired[Annotated[float, Field(alias="fixed_credits")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    increment: NotRequired[Annotated[float, Field(alias="increment")]]
    margin: NotRequired[Annotated[float, Field(alias="margin")]]
    min_credits: NotRequired[Annotated[float, Field(alias="min_credits")]]
    minimum_applies_to_free: NotRequired[Annotated[bool, Field(alias="minimum_applies_to_free")]]
    model_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="model_id")]]
    provider_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="provider_id")]]
    revision: NotRequired[Annotated[int, Field(alias="revision")]]
    scope: NotRequired[Annotated[str, Field(alias="scope")]]
    tier: NotRequired[Annotated[Optional[AiModelTierEnum], Field(alias="tier")]]

class BillingGrants(BaseModel):
    account_id: uuid.UUID = Field(alias="account_id")
    amount: float = Field(alias="amount")
    closed_at: Optional[datetime.datetime] = Field(alias="closed_at")
    created_at: datetime.datetime = Field(alias="created_at")
    expired: float = Field(alias="expired")
    expires_at: Optional[datetime.datetime] = Field(alias="expires_at")
    external_ref: Optional[str] = Field(alias="external_ref")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    priority: int = Field(alias="priority")
    recurring_grant_id: Optional[uuid.UUID] = Field(alias="recurring_grant_id")
    remaining: float = Field(alias="remaining")
    reserved: float = Field(alias="reserved")
    revoked: float = Field(alias="revoked")
    revoked_at: Optional[datetime.datetime] = Field(alias="revoked_at")
    source: str = Field(alias="source")
    starts_at: Optional[datetime.datetime] = Field(alias="starts_at")

class BillingGrantsInsert(TypedDict):
    account_id: Annotated[uuid.UUID, Field(alias="account_id")]
    amount: Annotated[float, Field(alias="amount")]
    closed_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="closed_at")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    expired: NotRequired[Annotated[float, Field(alias="expired")]]
    expires_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="expires_at")]]
    external_ref: NotRequired[Annotated[Optional[str], Field(alias="external_ref")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    priority: NotRequired[Annotated[int, Field(alias="priority")]]
    recurring_grant_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="recurring_grant_id")]]
    remaining: NotRequired[Annotated[float, Field(alias="remaining")]]
    reserved: NotRequired[Annotated[float, Field(alias="reserved")]]
    revoked: NotRequired[Annotated[float, Field(alias="revoked")]]
    revoked_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="revoked_at")]]
    source: NotRequired[Annotated[str, Field(alias="source")]]
    starts_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="starts_at")]]

class BillingGrantsUpdate(TypedDict):
    account_id: NotRequired[Annotated[uuid.UUID, Field(alias="account_id")]]
    amount: NotRequired[Annotated[float, Field(alias="amount")]]
    closed_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="closed_at")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    expired: NotRequired[Annotated[float, Field(alias="expired")]]
    expires_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="expires_at")]]
    external_ref: NotRequired[Annotated[Optional[str], Field(alias="external_ref")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    priority: NotRequired[Annotated[int, Field(alias="priority")]]
    recurring_grant_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="recurring_grant_id")]]
    remaining: NotRequired[Annotated[float, Field(alias="remaining")]]
    reserved: NotRequired[Annotated[float, Field(alias="reserved")]]
    revoked: NotRequired[Annotated[float, Field(alias="revoked")]]
    revoked_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="revoked_at")]]
    source: NotRequired[Annotated[str, Field(alias="source")]]
    starts_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="starts_at")]]

class BillingHolds(BaseModel):
    account_id: uuid.UUID = Field(alias="account_id")
    amount: float = Field(alias="amount")
    charge_id: Optional[uuid.UUID] = Field(alias="charge_id")
    created_at: datetime.datetime = Field(alias="created_at")
    ended_at: Optional[datetime.datetime] = Field(alias="ended_at")
    expires_at: datetime.datetime = Field(alias="expires_at")
    feature_id: Optional[uuid.UUID] = Field(alias="feature_id")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    lots: JsonValue = Field(alias="lots")
    model_id: Optional[uuid.UUID] = Field(alias="model_id")
    price_currency: Optional[str] = Field(alias="price_currency")
    price_source: Optional[str] = Field(alias="price_source")
    region: Optional[str] = Field(alias="region")
    service_tier: str = Field(alias="service_tier")
    spender_id: uuid.UUID = Field(alias="spender_id")
    status: BillingHoldStatusEnum = Field(alias="status")
    usage: Optional[JsonValue] = Field(alias="usage")
    variant: Optional[str] = Field(alias="variant")

class BillingHoldsInsert(TypedDict):
    account_id: Annotated[uuid.UUID, Field(alias="account_id")]
    amount: Annotated[float, Field(alias="amount")]
    charge_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="charge_id")]]
    created_at: Annotated[datetime.datetime, Field(alias="created_at")]
    ended_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ended_at")]]
    expires_at: Annotated[datetime.datetime, Field(alias="expires_at")]
    feature_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="feature_id")]]
    id: Annotated[uuid.UUID, Field(alias="id")]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    lots: Annotated[JsonValue, Field(alias="lots")]
    model_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="model_id")]]
    price_currency: NotRequired[Annotated[Optional[str], Field(alias="price_currency")]]
    price_source: NotRequired[Annotated[Optional[str], Field(alias="price_source")]]
    region: NotRequired[Annotated[Optional[str], Field(alias="region")]]
    service_tier: NotRequired[Annotated[str, Field(alias="service_tier")]]
    spender_id: Annotated[uuid.UUID, Field(alias="spender_id")]
    status: NotRequired[Annotated[BillingHoldStatusEnum, Field(alias="status")]]
    usage: NotRequired[Annotated[Optional[JsonValue], Field(alias="usage")]]
    variant: NotRequired[Annotated[Optional[str], Field(alias="variant")]]

class BillingHoldsUpdate(TypedDict):
    account_id: NotRequired[Annotated[uuid.UUID, Field(alias="account_id")]]
    amount: NotRequired[Annotated[float, Field(alias="amount")]]
    charge_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="charge_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    ended_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ended_at")]]
    expires_at: NotRequired[Annotated[datetime.datetime, Field(alias="expires_at")]]
    feature_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="feature_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    lots: NotRequired[Annotated[JsonValue, Field(alias="lots")]]
    model_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="model_id")]]
    price_currency: NotRequired[Annotated[Optional[str], Field(alias="price_currency")]]
    price_source: NotRequired[Annotated[Optional[str], Field(alias="price_source")]]
    region: NotRequired[Annotated[Optional[str], Field(alias="region")]]
    service_tier: NotRequired[Annotated[str, Field(alias="service_tier")]]
    spender_id: NotRequired[Annotated[uuid.UUID, Field(alias="spender_id")]]
    status: NotRequired[Annotated[BillingHoldStatusEnum, Field(alias="status")]]
    usage: NotRequired[Annotated[Optional[JsonValue], Field(alias="usage")]]
    variant: NotRequired[Annotated[Optional[str], Field(alias="variant")]]

class BillingIdempotencyKeys(BaseModel):
    account_id: uuid.UUID = Field(alias="account_id")
    created_at: datetime.datetime = Field(alias="created_at")
    key: str = Field(alias="key")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    operation: str = Field(alias="operation")
    request: JsonValue = Field(alias="request")
    response: JsonValue = Field(alias="response")

class BillingIdempotencyKeysInsert(TypedDict):
    account_id: Annotated[uuid.UUID, Field(alias="account_id")]
    created_at: Annotated[datetime.datetime, Field(alias="created_at")]
    key: Annotated[str, Field(alias="key")]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    operation: Annotated[str, Field(alias="operation")]
    request: Annotated[JsonValue, Field(alias="request")]
    response: Annotated[JsonValue, Field(alias="response")]

class BillingIdempotencyKeysUpdate(TypedDict):
    account_id: NotRequired[Annotated[uuid.UUID, Field(alias="account_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    key: NotRequired[Annotated[str, Field(alias="key")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    operation: NotRequired[Annotated[str, Field(alias="operation")]]
    request: NotRequired[Annotated[JsonValue, Field(alias="request")]]
    response: NotRequired[Annotated[JsonValue, Field(alias="response")]]

class BillingLedgerEntries(BaseModel):
    account_id: uuid.UUID = Field(alias="account_id")
    amount: float = Field(alias="amount")
    balance_after: float = Field(alias="balance_after")
    charge_id: Optional[uuid.UUID] = Field(alias="charge_id")
    counterpart_id: Optional[uuid.UUID] = Field(alias="counterpart_id")
    created_at: datetime.datetime = Field(alias="created_at")
    effective_at: datetime.datetime = Field(alias="effective_at")
    grant_id: Optional[uuid.UUID] = Field(alias="grant_id")
    id: uuid.UUID = Field(alias="id")
    kind: BillingEntryKindEnum = Field(alias="kind")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    number: int = Field(alias="number")
    reason: Optional[str] = Field(alias="reason")

class BillingLedgerEntriesInsert(TypedDict):
    account_id: Annotated[uuid.UUID, Field(alias="account_id")]
    amount: Annotated[float, Field(alias="amount")]
    balance_after: Annotated[float, Field(alias="balance_after")]
    charge_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="charge_id")]]
    counterpart_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="counterpart_id")]]
    created_at: Annotated[datetime.datetime, Field(alias="created_at")]
    effective_at: Annotated[datetime.datetime, Field(alias="effective_at")]
    grant_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="grant_id")]]
    id: Annotated[uuid.UUID, Field(alias="id")]
    kind: Annotated[BillingEntryKindEnum, Field(alias="kind")]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    number: Annotated[int, Field(alias="number")]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]

class BillingLedgerEntriesUpdate(TypedDict):
    account_id: NotRequired[Annotated[uuid.UUID, Field(alias="account_id")]]
    amount: NotRequired[Annotated[float, Field(alias="amount")]]
    balance_after: NotRequired[Annotated[float, Field(alias="balance_after")]]
    charge_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="charge_id")]]
    counterpart_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="counterpart_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    effective_at: NotRequired[Annotated[datetime.datetime, Field(alias="effective_at")]]
    grant_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="grant_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    kind: NotRequired[Annotated[BillingEntryKindEnum, Field(alias="kind")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    number: NotRequired[Annotated[int, Field(alias="number")]]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]

class BillingOutbox(BaseModel):
    account_id: Optional[uuid.UUID] = Field(alias="account_id")
    created_at: datetime.datetime = Field(alias="created_at")
    delivered_at: Optional[datetime.datetime] = Field(alias="delivered_at")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    payload: JsonValue = Field(alias="payload")
    topic: str = Field(alias="topic")

class BillingOutboxInsert(TypedDict):
    account_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="account_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    delivered_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="delivered_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    payload: Annotated[JsonValue, Field(alias="payload")]
    topic: Annotated[str, Field(alias="topic")]

class BillingOutboxUpdate(TypedDict):
    account_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="account_id")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    delivered_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="delivered_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    payload: NotRequired[Annotated[JsonValue, Field(alias="payload")]]
    topic: NotRequired[Annotated[str, Field(alias="topic")]]

class BillingRecurringGrants(BaseModel):
    account_id: uuid.UUID = Field(alias="account_id")
    amount: float = Field(alias="amount")
    created_at: datetime.datetime = Field(alias="created_at")
    days: int = Field(alias="days")
    ends_at: Optional[datetime.datetime] = Field(alias="ends_at")
    expires: bool = Field(alias="expires")
    id: uuid.UUID = Field(alias="id")
    issued: int = Field(alias="issued")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    months: int = Field(alias="months")
    priority: int = Field(alias="priority")
    source: str = Field(alias="source")
    starts_at: datetime.datetime = Field(alias="starts_at")

class BillingRecurringGrantsInsert(TypedDict):
    account_id: Annotated[uuid.UUID, Field(alias="account_id")]
    amount: Annotated[float, Field(alias="amount")]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    days: Annotated[int, Field(alias="days")]
    ends_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ends_at")]]
    expires: Annotated[bool, Field(alias="expires")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    issued: NotRequired[Annotated[int, Field(alias="issued")]]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    months: Annotated[int, Field(alias="months")]
    priority: Annotated[int, Field(alias="priority")]
    source: Annotated[str, Field(alias="source")]
    starts_at: Annotated[datetime.datetime, Field(alias="starts_at")]

class BillingRecurringGrantsUpdate(TypedDict):
    account_id: NotRequired[Annotated[uuid.UUID, Field(alias="account_id")]]
    amount: NotRequired[Annotated[float, Field(alias="amount")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    days: NotRequired[Annotated[int, Field(alias="days")]]
    ends_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ends_at")]]
    expires: NotRequired[Annotated[bool, Field(alias="expires")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    issued: NotRequired[Annotated[int, Field(alias="issued")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    months: NotRequired[Annotated[int, Field(alias="months")]]
    priority: NotRequired[Annotated[int, Field(alias="priority")]]
    source: NotRequired[Annotated[str, Field(alias="source")]]
    starts_at: NotRequired[Annotated[datetime.datetime, Field(alias="starts_at")]]

class BillingRevocations(BaseModel):
    account_id: uuid.UUID = Field(alias="account_id")
    asked: Optional[float] = Field(alias="asked")
    created_at: datetime.datetime = Field(alias="created_at")
    external_ref: Optional[str] = Field(alias="external_ref")
    from_lot: float = Field(alias="from_lot")
    grant_id: uuid.UUID = Field(alias="grant_id")
    held: float = Field(alias="held")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    owed: float = Field(alias="owed")
    reason: Optional[str] = Field(alias="reason")
    source: str = Field(alias="source")

class BillingRevocationsInsert(TypedDict):
    account_id: Annotated[uuid.UUID, Field(alias="account_id")]
    asked: NotRequired[Annotated[Optional[float], Field(alias="asked")]]
    created_at: Annotated[datetime.datetime, Field(alias="created_at")]
    external_ref: NotRequired[Annotated[Optional[str], Field(alias="external_ref")]]
    from_lot: Annotated[float, Field(alias="from_lot")]
    grant_id: Annotated[uuid.UUID, Field(alias="grant_id")]
    held: Annotated[float, Field(alias="held")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    owed: Annotated[float, Field(alias="owed")]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]
    source: Annotated[str, Field(alias="source")]

class BillingRevocationsUpdate(TypedDict):
    account_id: NotRequired[Annotated[uuid.UUID, Field(alias="account_id")]]
    asked: NotRequired[Annotated[Optional[float], Field(alias="asked")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    external_ref: NotRequired[Annotated[Optional[str], Field(alias="external_ref")]]
    from_lot: NotRequired[Annotated[float, Field(alias="from_lot")]]
    grant_id: NotRequired[Annotated[uuid.UUID, Field(alias="grant_id")]]
    held: NotRequired[Annotated[float, Field(alias="held")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    owed: NotRequired[Annotated[float, Field(alias="owed")]]
    reason: NotRequired[Annotated[Optional[str], Field(alias="reason")]]
    source: NotRequired[Annotated[str, Field(alias="source")]]

class BillingSettings(BaseModel):
    enforce_entitlements: bool = Field(alias="enforce_entitlements")
    id: bool = Field(alias="id")
    updated_at: datetime.datetime = Field(alias="updated_at")

class BillingSettingsInsert(TypedDict):
    enforce_entitlements: NotRequired[Annotated[bool, Field(alias="enforce_entitlements")]]
    id: NotRequired[Annotated[bool, Field(alias="id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class BillingSettingsUpdate(TypedDict):
    enforce_entitlements: NotRequired[Annotated[bool, Field(alias="enforce_entitlements")]]
    id: NotRequired[Annotated[bool, Field(alias="id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class ContentMediaLibrary(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    object_id: Optional[uuid.UUID] = Field(alias="object_id")
    title: Optional[str] = Field(alias="title")
    updated_at: datetime.datetime = Field(alias="updated_at")
    url: Optional[str] = Field(alias="url")

class ContentMediaLibraryInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    object_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="object_id")]]
    title: NotRequired[Annotated[Optional[str], Field(alias="title")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    url: NotRequired[Annotated[Optional[str], Field(alias="url")]]

class ContentMediaLibraryUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    object_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="object_id")]]
    title: NotRequired[Annotated[Optional[str], Field(alias="title")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    url: NotRequired[Annotated[Optional[str], Field(alias="url")]]

class ExecutionContenders(BaseModel):
    evaluation_id: uuid.UUID = Field(alias="evaluation_id")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    model_id: uuid.UUID = Field(alias="model_id")
    name: Optional[str] = Field(alias="name")
    number: int = Field(alias="number")
    profile_id: Optional[uuid.UUID] = Field(alias="profile_id")
    visibility: ExecutionVisibilityEnum = Field(alias="visibility")

class ExecutionContendersInsert(TypedDict):
    evaluation_id: Annotated[uuid.UUID, Field(alias="evaluation_id")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    model_id: Annotated[uuid.UUID, Field(alias="model_id")]
    name: NotRequired[Annotated[Optional[str], Field(alias="name")]]
    number: Annotated[int, Field(alias="number")]
    profile_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="profile_id")]]
    visibility: Annotated[ExecutionVisibilityEnum, Field(alias="visibility")]

class ExecutionContendersUpdate(TypedDict):
    evaluation_id: NotRequired[Annotated[uuid.UUID, Field(alias="evaluation_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    model_id: NotRequired[Annotated[uuid.UUID, Field(alias="model_id")]]
    name: NotRequired[Annotated[Optional[str], Field(alias="name")]]
    number: NotRequired[Annotated[int, Field(alias="number")]]
    profile_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="profile_id")]]
    visibility: NotRequired[Annotated[ExecutionVisibilityEnum, Field(alias="visibility")]]

class ExecutionEvaluations(BaseModel):
    allows_self_judging: bool = Field(alias="allows_self_judging")
    closed_at: Optional[datetime.datetime] = Field(alias="closed_at")
    created_at: datetime.datetime = Field(alias="created_at")
    description: Optional[str] = Field(alias="description")
    feature_key: Optional[str] = Field(alias="feature_key")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    name: str = Field(alias="name")
    opened_at: Optional[datetime.datetime] = Field(alias="opened_at")
    state: ExecutionEvaluationStateEnum = Field(alias="state")
    updated_at: datetime.datetime = Field(alias="updated_at")
    visibility: ExecutionVisibilityEnum = Field(alias="visibility")

class ExecutionEvaluationsInsert(TypedDict):
    allows_self_judging: NotRequired[Annotated[bool, Field(alias="allows_self_judging")]]
    closed_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="closed_at")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    description: NotRequired[Annotated[Optional[str], Field(alias="description")]]
    feature_key: NotRequired[Annotated[Optional[str], Field(alias="feature_key")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    name: Annotated[str, Field(alias="name")]
    opened_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="opened_at")]]
    state: NotRequired[Annotated[ExecutionEvaluationStateEnum, Field(alias="state")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    visibility: NotRequired[Annotated[ExecutionVisibilityEnum, Field(alias="visibility")]]

class ExecutionEvaluationsUpdate(TypedDict):
    allows_self_judging: NotRequired[Annotated[bool, Field(alias="allows_self_judging")]]
    closed_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="closed_at")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    description: NotRequired[Annotated[Optional[str], Field(alias="description")]]
    feature_key: NotRequired[Annotated[Optional[str], Field(alias="feature_key")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    name: NotRequired[Annotated[str, Field(alias="name")]]
    opened_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="opened_at")]]
    state: NotRequired[Annotated[ExecutionEvaluationStateEnum, Field(alias="state")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    visibility: NotRequired[Annotated[ExecutionVisibilityEnum, Field(alias="visibility")]]

class ExecutionJudges(BaseModel):
    added_at: datetime.datetime = Field(alias="added_at")
    evaluation_id: uuid.UUID = Field(alias="evaluation_id")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    model_id: Optional[uuid.UUID] = Field(alias="model_id")
    name: Optional[str] = Field(alias="name")
    person_id: Optional[uuid.UUID] = Field(alias="person_id")
    visibility: ExecutionVisibilityEnum = Field(alias="visibility")

class ExecutionJudgesInsert(TypedDict):
    added_at: NotRequired[Annotated[datetime.datetime, Field(alias="added_at")]]
    evaluation_id: Annotated[uuid.UUID, Field(alias="evaluation_id")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    model_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="model_id")]]
    name: NotRequired[Annotated[Optional[str], Field(alias="name")]]
    person_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="person_id")]]
    visibility: Annotated[ExecutionVisibilityEnum, Field(alias="visibility")]

class ExecutionJudgesUpdate(TypedDict):
    added_at: NotRequired[Annotated[datetime.datetime, Field(alias="added_at")]]
    evaluation_id: NotRequired[Annotated[uuid.UUID, Field(alias="evaluation_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    model_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="model_id")]]
    name: NotRequired[Annotated[Optional[str], Field(alias="name")]]
    person_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="person_id")]]
    visibility: NotRequired[Annotated[ExecutionVisibilityEnum, Field(alias="visibility")]]

class ExecutionRuns(BaseModel):
    ended_at: Optional[datetime.datetime] = Field(alias="ended_at")
    evaluation_id: uuid.UUID = Field(alias="evaluation_id")
    id: uuid.UUID = Field(alias="id")
    key: str = Field(alias="key")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    started_at: datetime.datetime = Field(alias="started_at")
    state: ExecutionRunStateEnum = Field(alias="state")
    visibility: ExecutionVisibilityEnum = Field(alias="visibility")

class ExecutionRunsInsert(TypedDict):
    ended_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ended_at")]]
    evaluation_id: Annotated[uuid.UUID, Field(alias="evaluation_id")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    key: Annotated[str, Field(alias="key")]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    started_at: NotRequired[Annotated[datetime.datetime, Field(alias="started_at")]]
    state: NotRequired[Annotated[ExecutionRunStateEnum, Field(alias="state")]]
    visibility: Annotated[ExecutionVisibilityEnum, Field(alias="visibility")]

class ExecutionRunsUpdate(TypedDict):
    ended_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ended_at")]]
    evaluation_id: NotRequired[Annotated[uuid.UUID, Field(alias="evaluation_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    key: NotRequired[Annotated[str, Field(alias="key")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    started_at: NotRequired[Annotated[datetime.datetime, Field(alias="started_at")]]
    state: NotRequired[Annotated[ExecutionRunStateEnum, Field(alias="state")]]
    visibility: NotRequired[Annotated[ExecutionVisibilityEnum, Field(alias="visibility")]]

class ExecutionScores(BaseModel):
    evaluation_id: uuid.UUID = Field(alias="evaluation_id")
    generation_id: Optional[uuid.UUID] = Field(alias="generation_id")
    id: uuid.UUID = Field(alias="id")
    judge_id: uuid.UUID = Field(alias="judge_id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    rationale: Optional[str] = Field(alias="rationale")
    run_id: uuid.UUID = Field(alias="run_id")
    scored_at: datetime.datetime = Field(alias="scored_at")
    submission_id: uuid.UUID = Field(alias="submission_id")
    value: float = Field(alias="value")
    visibility: ExecutionVisibilityEnum = Field(alias="visibility")

class ExecutionScoresInsert(TypedDict):
    evaluation_id: Annotated[uuid.UUID, Field(alias="evaluation_id")]
    generation_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="generation_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    judge_id: Annotated[uuid.UUID, Field(alias="judge_id")]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    rationale: NotRequired[Annotated[Optional[str], Field(alias="rationale")]]
    run_id: Annotated[uuid.UUID, Field(alias="run_id")]
    scored_at: NotRequired[Annotated[datetime.datetime, Field(alias="scored_at")]]
    submission_id: Annotated[uuid.UUID, Field(alias="submission_id")]
    value: Annotated[float, Field(alias="value")]
    visibility: Annotated[ExecutionVisibilityEnum, Field(alias="visibility")]

class ExecutionScoresUpdate(TypedDict):
    evaluation_id: NotRequired[Annotated[uuid.UUID, Field(alias="evaluation_id")]]
    generation_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="generation_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    judge_id: NotRequired[Annotated[uuid.UUID, Field(alias="judge_id")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    rationale: NotRequired[Annotated[Optional[str], Field(alias="rationale")]]
    run_id: NotRequired[Annotated[uuid.UUID, Field(alias="run_id")]]
    scored_at: NotRequired[Annotated[datetime.datetime, Field(alias="scored_at")]]
    submission_id: NotRequired[Annotated[uuid.UUID, Field(alias="submission_id")]]
    value: NotRequired[Annotated[float, Field(alias="value")]]
    visibility: NotRequired[Annotated[ExecutionVisibilityEnum, Field(alias="visibility")]]

class ExecutionSubmissions(BaseModel):
    case_key: str = Field(alias="case_key")
    contender_id: uuid.UUID = Field(alias="contender_id")
    evaluation_id: uuid.UUID = Field(alias="evaluation_id")
    generation_id: uuid.UUID = Field(alias="generation_id")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    run_id: uuid.UUID = Field(alias="run_id")
    submitted_at: datetime.datetime = Field(alias="submitted_at")
    visibility: ExecutionVisibilityEnum = Field(alias="visibility")

class ExecutionSubmissionsInsert(TypedDict):
    case_key: Annotated[str, Field(alias="case_key")]
    contender_id: Annotated[uuid.UUID, Field(alias="contender_id")]
    evaluation_id: Annotated[uuid.UUID, Field(alias="evaluation_id")]
    generation_id: Annotated[uuid.UUID, Field(alias="generation_id")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    run_id: Annotated[uuid.UUID, Field(alias="run_id")]
    submitted_at: NotRequired[Annotated[datetime.datetime, Field(alias="submitted_at")]]
    visibility: Annotated[ExecutionVisibilityEnum, Field(alias="visibility")]

class ExecutionSubmissionsUpdate(TypedDict):
    case_key: NotRequired[Annotated[str, Field(alias="case_key")]]
    contender_id: NotRequired[Annotated[uuid.UUID, Field(alias="contender_id")]]
    evaluation_id: NotRequired[Annotated[uuid.UUID, Field(alias="evaluation_id")]]
    generation_id: NotRequired[Annotated[uuid.UUID, Field(alias="generation_id")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    run_id: NotRequired[Annotated[uuid.UUID, Field(alias="run_id")]]
    submitted_at: NotRequired[Annotated[datetime.datetime, Field(alias="submitted_at")]]
    visibility: NotRequired[Annotated[ExecutionVisibilityEnum, Field(alias="visibility")]]

class LensersAuditHistory(BaseModel):
    after: Optional[JsonValue] = Field(alias="after")
    before: Optional[JsonValue] = Field(alias="before")
    changed_at: datetime.datetime = Field(alias="changed_at")
    database_user: str = Field(alias="database_user")
    former_model_id: Optional[uuid.UUID] = Field(alias="former_model_id")
    id: int = Field(alias="id")
    model_id: Optional[uuid.UUID] = Field(alias="model_id")
    operation: str = Field(alias="operation")
    request_id: Optional[str] = Field(alias="request_id")
    role: str = Field(alias="role")
    row_key: JsonValue = Field(alias="row_key")
    subject: Optional[uuid.UUID] = Field(alias="subject")
    table_name: str = Field(alias="table_name")
    transaction_id: PgCatalogXid8 = Field(alias="transaction_id")

class LensersAuditHistoryInsert(TypedDict):
    after: NotRequired[Annotated[Optional[JsonValue], Field(alias="after")]]
    before: NotRequired[Annotated[Optional[JsonValue], Field(alias="before")]]
    changed_at: Annotated[datetime.datetime, Field(alias="changed_at")]
    database_user: Annotated[str, Field(alias="database_user")]
    former_model_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="former_model_id")]]
    id: NotRequired[Annotated[int, Field(alias="id")]]
    model_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="model_id")]]
    operation: Annotated[str, Field(alias="operation")]
    request_id: NotRequired[Annotated[Optional[str], Field(alias="request_id")]]
    role: Annotated[str, Field(alias="role")]
    row_key: Annotated[JsonValue, Field(alias="row_key")]
    subject: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="subject")]]
    table_name: Annotated[str, Field(alias="table_name")]
    transaction_id: NotRequired[Annotated[PgCatalogXid8, Field(alias="transaction_id")]]

class LensersAuditHistoryUpdate(TypedDict):
    after: NotRequired[Annotated[Optional[JsonValue], Field(alias="after")]]
    before: NotRequired[Annotated[Optional[JsonValue], Field(alias="before")]]
    changed_at: NotRequired[Annotated[datetime.datetime, Field(alias="changed_at")]]
    database_user: NotRequired[Annotated[str, Field(alias="database_user")]]
    former_model_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="former_model_id")]]
    id: NotRequired[Annotated[int, Field(alias="id")]]
    model_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="model_id")]]
    operation: NotRequired[Annotated[str, Field(alias="operation")]]
    request_id: NotRequired[Annotated[Optional[str], Field(alias="request_id")]]
    role: NotRequired[Annotated[str, Field(alias="role")]]
    row_key: NotRequired[Annotated[JsonValue, Field(alias="row_key")]]
    subject: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="subject")]]
    table_name: NotRequired[Annotated[str, Field(alias="table_name")]]
    transaction_id: NotRequired[Annotated[PgCatalogXid8, Field(alias="transaction_id")]]

class LensersEntitlements(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    ends_at: Optional[datetime.datetime] = Field(alias="ends_at")
    external_ref: str = Field(alias="external_ref")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    starts_at: datetime.datetime = Field(alias="starts_at")
    tier: AiModelTierEnum = Field(alias="tier")
    updated_at: datetime.datetime = Field(alias="updated_at")

class LensersEntitlementsInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    ends_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ends_at")]]
    external_ref: Annotated[str, Field(alias="external_ref")]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: Annotated[uuid.UUID, Field(alias="lenser_id")]
    starts_at: Annotated[datetime.datetime, Field(alias="starts_at")]
    tier: Annotated[AiModelTierEnum, Field(alias="tier")]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class LensersEntitlementsUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    ends_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="ends_at")]]
    external_ref: NotRequired[Annotated[str, Field(alias="external_ref")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    starts_at: NotRequired[Annotated[datetime.datetime, Field(alias="starts_at")]]
    tier: NotRequired[Annotated[AiModelTierEnum, Field(alias="tier")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]

class LensersProfiles(BaseModel):
    avatar_url: Optional[str] = Field(alias="avatar_url")
    created_at: datetime.datetime = Field(alias="created_at")
    display_name: Optional[str] = Field(alias="display_name")
    erased_at: Optional[datetime.datetime] = Field(alias="erased_at")
    id: uuid.UUID = Field(alias="id")
    updated_at: datetime.datetime = Field(alias="updated_at")
    user_id: Optional[uuid.UUID] = Field(alias="user_id")

class LensersProfilesInsert(TypedDict):
    avatar_url: NotRequired[Annotated[Optional[str], Field(alias="avatar_url")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    display_name: NotRequired[Annotated[Optional[str], Field(alias="display_name")]]
    erased_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="erased_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="user_id")]]

class LensersProfilesUpdate(TypedDict):
    avatar_url: NotRequired[Annotated[Optional[str], Field(alias="avatar_url")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    display_name: NotRequired[Annotated[Optional[str], Field(alias="display_name")]]
    erased_at: NotRequired[Annotated[Optional[datetime.datetime], Field(alias="erased_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    user_id: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="user_id")]]

class LensersUserRoles(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    role: LensersAppRole = Field(alias="role")
    user_id: uuid.UUID = Field(alias="user_id")

class LensersUserRolesInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    role: Annotated[LensersAppRole, Field(alias="role")]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]

class LensersUserRolesUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    role: NotRequired[Annotated[LensersAppRole, Field(alias="role")]]
    user_id: NotRequired[Annotated[uuid.UUID, Field(alias="user_id")]]

class MediaObjects(BaseModel):
    bucket: str = Field(alias="bucket")
    byte_size: Optional[int] = Field(alias="byte_size")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    mime_type: Optional[str] = Field(alias="mime_type")
    path: str = Field(alias="path")

class MediaObjectsInsert(TypedDict):
    bucket: Annotated[str, Field(alias="bucket")]
    byte_size: NotRequired[Annotated[Optional[int], Field(alias="byte_size")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    mime_type: NotRequired[Annotated[Optional[str], Field(alias="mime_type")]]
    path: Annotated[str, Field(alias="path")]

class MediaObjectsUpdate(TypedDict):
    bucket: NotRequired[Annotated[str, Field(alias="bucket")]]
    byte_size: NotRequired[Annotated[Optional[int], Field(alias="byte_size")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    lenser_id: NotRequired[Annotated[uuid.UUID, Field(alias="lenser_id")]]
    mime_type: NotRequired[Annotated[Optional[str], Field(alias="mime_type")]]
    path: NotRequired[Annotated[str, Field(alias="path")]]

class AiAllGenerations(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    feature_key: Optional[str] = Field(alias="feature_key")
    id: uuid.UUID = Field(alias="id")
    latency_ms: Optional[int] = Field(alias="latency_ms")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    media_id: Optional[uuid.UUID] = Field(alias="media_id")
    model_id: uuid.UUID = Field(alias="model_id")
    output: Optional[str] = Field(alias="output")
    prompt: Optional[str] = Field(alias="prompt")
    quality_rating: Optional[int] = Field(alias="quality_rating")
    status: AiGenerationStatusEnum = Field(alias="status")
    token_count: Optional[int] = Field(alias="token_count")
    usage: Optional[JsonValue] = Field(alias="usage")

class AiCatalogue(BaseModel):
    audio_second_price: Optional[float] = Field(alias="audio_second_price")
    cache_read_per_million: Optional[float] = Field(alias="cache_read_per_million")
    cache_read_price: Optional[float] = Field(alias="cache_read_price")
    cache_write_per_million: Optional[float] = Field(alias="cache_write_per_million")
    cache_write_price: Optional[float] = Field(alias="cache_write_price")
    capabilities: List[AiAiCapabilityEnum] = Field(alias="capabilities")
    context_window: Optional[int] = Field(alias="context_window")
    currency: Optional[str] = Field(alias="currency")
    deprecation_date: Optional[datetime.date] = Field(alias="deprecation_date")
    description: Optional[str] = Field(alias="description")
    id: uuid.UUID = Field(alias="id")
    image_price: Optional[float] = Field(alias="image_price")
    input_per_million: Optional[float] = Field(alias="input_per_million")
    input_price: Optional[float] = Field(alias="input_price")
    is_active: Optional[bool] = Field(alias="is_active")
    is_default: bool = Field(alias="is_default")
    key: str = Field(alias="key")
    max_tokens: Optional[int] = Field(alias="max_tokens")
    modality: str = Field(alias="modality")
    model_family: Optional[str] = Field(alias="model_family")
    name: str = Field(alias="name")
    output_per_million: Optional[float] = Field(alias="output_per_million")
    output_price: Optional[float] = Field(alias="output_price")
    price_source: Optional[str] = Field(alias="price_source")
    prices: Optional[JsonValue] = Field(alias="prices")
    prices_end_at: Optional[datetime.datetime] = Field(alias="prices_end_at")
    pricing_tier: Optional[AiModelTierEnum] = Field(alias="pricing_tier")
    priority: int = Field(alias="priority")
    provider: str = Field(alias="provider")
    provider_id: uuid.UUID = Field(alias="provider_id")
    provider_name: str = Field(alias="provider_name")
    release_date: Optional[datetime.date] = Field(alias="release_date")
    request_price: Optional[float] = Field(alias="request_price")
    status: AiModelStatusEnum = Field(alias="status")
    supports: List[str] = Field(alias="supports")
    task: str = Field(alias="task")
    typical_latency_ms: Optional[int] = Field(alias="typical_latency_ms")
    valid_sizes: List[str] = Field(alias="valid_sizes")
    video_second_price: Optional[float] = Field(alias="video_second_price")

class AiResources(BaseModel):
    bucket: Optional[str] = Field(alias="bucket")
    byte_size: Optional[int] = Field(alias="byte_size")
    created_at: Optional[datetime.datetime] = Field(alias="created_at")
    id: Optional[uuid.UUID] = Field(alias="id")
    lenser_id: Optional[uuid.UUID] = Field(alias="lenser_id")
    mime_type: Optional[str] = Field(alias="mime_type")
    path: Optional[str] = Field(alias="path")

class BillingAllAccountMembers(BaseModel):
    account_id: uuid.UUID = Field(alias="account_id")
    created_at: datetime.datetime = Field(alias="created_at")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    member_id: uuid.UUID = Field(alias="member_id")
    spend_limit: Optional[float] = Field(alias="spend_limit")
    spent: float = Field(alias="spent")

class BillingAllAccounts(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    debt: float = Field(alias="debt")
    entries: int = Field(alias="entries")
    head_id: Optional[uuid.UUID] = Field(alias="head_id")
    id: uuid.UUID = Field(alias="id")
    is_plain: bool = Field(alias="is_plain")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    low_balance_mark: Optional[float] = Field(alias="low_balance_mark")
    months_until: datetime.datetime = Field(alias="months_until")
    name: Optional[str] = Field(alias="name")
    next_event_at: datetime.datetime = Field(alias="next_event_at")
    overdraft_limit: float = Field(alias="overdraft_limit")
    posted: float = Field(alias="posted")
    reserved: float = Field(alias="reserved")
    revoked_debt: float = Field(alias="revoked_debt")
    upcoming: float = Field(alias="upcoming")
    updated_at: datetime.datetime = Field(alias="updated_at")

class BillingAllBudgetPeriods(BaseModel):
    budget_id: uuid.UUID = Field(alias="budget_id")
    counted_by: uuid.UUID = Field(alias="counted_by")
    ends_at: datetime.datetime = Field(alias="ends_at")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    spent: float = Field(alias="spent")
    starts_at: datetime.datetime = Field(alias="starts_at")
    starts_on: datetime.date = Field(alias="starts_on")

class BillingAllBudgets(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    feature_id: Optional[uuid.UUID] = Field(alias="feature_id")
    hard_limit: Optional[float] = Field(alias="hard_limit")
    id: uuid.UUID = Field(alias="id")
    is_active: bool = Field(alias="is_active")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    model_id: Optional[uuid.UUID] = Field(alias="model_id")
    period: BillingBudgetPeriodEnum = Field(alias="period")
    soft_limit: Optional[float] = Field(alias="soft_limit")
    time_zone: str = Field(alias="time_zone")
    updated_at: datetime.datetime = Field(alias="updated_at")

class BillingAllCharges(BaseModel):
    account_id: uuid.UUID = Field(alias="account_id")
    created_at: datetime.datetime = Field(alias="created_at")
    credits: float = Field(alias="credits")
    estimate_id: Optional[uuid.UUID] = Field(alias="estimate_id")
    feature_id: Optional[uuid.UUID] = Field(alias="feature_id")
    feature_key: Optional[str] = Field(alias="feature_key")
    generation_id: Optional[uuid.UUID] = Field(alias="generation_id")
    hold_id: Optional[uuid.UUID] = Field(alias="hold_id")
    id: uuid.UUID = Field(alias="id")
    is_cost_reported: bool = Field(alias="is_cost_reported")
    is_estimated: bool = Field(alias="is_estimated")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    lines: Optional[JsonValue] = Field(alias="lines")
    model_id: Optional[uuid.UUID] = Field(alias="model_id")
    priced_at: datetime.datetime = Field(alias="priced_at")
    region: Optional[str] = Field(alias="region")
    service_tier: Optional[str] = Field(alias="service_tier")
    spender_id: uuid.UUID = Field(alias="spender_id")
    usage: Optional[JsonValue] = Field(alias="usage")
    variant: Optional[str] = Field(alias="variant")

class BillingAllGrants(BaseModel):
    account_id: uuid.UUID = Field(alias="account_id")
    amount: float = Field(alias="amount")
    closed_at: Optional[datetime.datetime] = Field(alias="closed_at")
    created_at: datetime.datetime = Field(alias="created_at")
    expired: float = Field(alias="expired")
    expires_at: Optional[datetime.datetime] = Field(alias="expires_at")
    external_ref: Optional[str] = Field(alias="external_ref")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    priority: int = Field(alias="priority")
    recurring_grant_id: Optional[uuid.UUID] = Field(alias="recurring_grant_id")
    remaining: float = Field(alias="remaining")
    reserved: float = Field(alias="reserved")
    revoked: float = Field(alias="revoked")
    revoked_at: Optional[datetime.datetime] = Field(alias="revoked_at")
    source: str = Field(alias="source")
    starts_at: Optional[datetime.datetime] = Field(alias="starts_at")

class BillingAllHolds(BaseModel):
    account_id: uuid.UUID = Field(alias="account_id")
    amount: float = Field(alias="amount")
    charge_id: Optional[uuid.UUID] = Field(alias="charge_id")
    created_at: datetime.datetime = Field(alias="created_at")
    ended_at: Optional[datetime.datetime] = Field(alias="ended_at")
    expires_at: datetime.datetime = Field(alias="expires_at")
    feature_id: Optional[uuid.UUID] = Field(alias="feature_id")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    lots: JsonValue = Field(alias="lots")
    model_id: Optional[uuid.UUID] = Field(alias="model_id")
    price_currency: Optional[str] = Field(alias="price_currency")
    price_source: Optional[str] = Field(alias="price_source")
    region: Optional[str] = Field(alias="region")
    service_tier: str = Field(alias="service_tier")
    spender_id: uuid.UUID = Field(alias="spender_id")
    status: BillingHoldStatusEnum = Field(alias="status")
    usage: Optional[JsonValue] = Field(alias="usage")
    variant: Optional[str] = Field(alias="variant")

class BillingAllLedgerEntries(BaseModel):
    account_id: uuid.UUID = Field(alias="account_id")
    amount: float = Field(alias="amount")
    balance_after: float = Field(alias="balance_after")
    charge_id: Optional[uuid.UUID] = Field(alias="charge_id")
    counterpart_id: Optional[uuid.UUID] = Field(alias="counterpart_id")
    created_at: datetime.datetime = Field(alias="created_at")
    effective_at: datetime.datetime = Field(alias="effective_at")
    grant_id: Optional[uuid.UUID] = Field(alias="grant_id")
    id: uuid.UUID = Field(alias="id")
    kind: BillingEntryKindEnum = Field(alias="kind")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    number: int = Field(alias="number")
    reason: Optional[str] = Field(alias="reason")

class BillingAllOutbox(BaseModel):
    account_id: Optional[uuid.UUID] = Field(alias="account_id")
    created_at: datetime.datetime = Field(alias="created_at")
    delivered_at: Optional[datetime.datetime] = Field(alias="delivered_at")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    payload: JsonValue = Field(alias="payload")
    topic: str = Field(alias="topic")

class BillingAllRecurringGrants(BaseModel):
    account_id: uuid.UUID = Field(alias="account_id")
    amount: float = Field(alias="amount")
    created_at: datetime.datetime = Field(alias="created_at")
    days: int = Field(alias="days")
    ends_at: Optional[datetime.datetime] = Field(alias="ends_at")
    expires: bool = Field(alias="expires")
    id: uuid.UUID = Field(alias="id")
    issued: int = Field(alias="issued")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    months: int = Field(alias="months")
    priority: int = Field(alias="priority")
    source: str = Field(alias="source")
    starts_at: datetime.datetime = Field(alias="starts_at")

class BillingAllRevocations(BaseModel):
    account_id: uuid.UUID = Field(alias="account_id")
    asked: Optional[float] = Field(alias="asked")
    created_at: datetime.datetime = Field(alias="created_at")
    external_ref: Optional[str] = Field(alias="external_ref")
    from_lot: float = Field(alias="from_lot")
    grant_id: uuid.UUID = Field(alias="grant_id")
    held: float = Field(alias="held")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    owed: float = Field(alias="owed")
    reason: Optional[str] = Field(alias="reason")
    source: str = Field(alias="source")

class BillingBalances(BaseModel):
    account_id: Optional[uuid.UUID] = Field(alias="account_id")
    available: Optional[float] = Field(alias="available")
    debt: Optional[float] = Field(alias="debt")
    lenser_id: Optional[uuid.UUID] = Field(alias="lenser_id")
    low_balance_mark: Optional[float] = Field(alias="low_balance_mark")
    name: Optional[str] = Field(alias="name")
    overdraft_limit: Optional[float] = Field(alias="overdraft_limit")
    posted: Optional[float] = Field(alias="posted")
    reserved: Optional[float] = Field(alias="reserved")
    upcoming: Optional[float] = Field(alias="upcoming")

class CompatAiModelConfig(BaseModel):
    context_window: Optional[int] = Field(alias="context_window")
    cost_per_image: Optional[str] = Field(alias="cost_per_image")
    created_at: datetime.datetime = Field(alias="created_at")
    description: Optional[str] = Field(alias="description")
    display_name: str = Field(alias="display_name")
    input_cost_per_1m: Optional[str] = Field(alias="input_cost_per_1m")
    is_active: bool = Field(alias="is_active")
    is_default: bool = Field(alias="is_default")
    max_output_tokens: Optional[int] = Field(alias="max_output_tokens")
    model_name: str = Field(alias="model_name")
    model_type: str = Field(alias="model_type")
    output_cost_per_1m: Optional[str] = Field(alias="output_cost_per_1m")
    pricing_display: Optional[str] = Field(alias="pricing_display")
    provider: str = Field(alias="provider")
    sort_order: int = Field(alias="sort_order")
    supports_function_calling: Optional[bool] = Field(alias="supports_function_calling")
    supports_json_mode: Optional[bool] = Field(alias="supports_json_mode")
    supports_vision: Optional[bool] = Field(alias="supports_vision")
    updated_at: datetime.datetime = Field(alias="updated_at")
    updated_by: Optional[uuid.UUID] = Field(alias="updated_by")
    valid_sizes: List[str] = Field(alias="valid_sizes")

class CompatApiModelStats(BaseModel):
    api_model_id: uuid.UUID = Field(alias="api_model_id")
    average_rating: Optional[float] = Field(alias="average_rating")
    completed: Optional[int] = Field(alias="completed")
    display_name: str = Field(alias="display_name")
    failed: Optional[int] = Field(alias="failed")
    total: Optional[int] = Field(alias="total")

class CompatApiModels(BaseModel):
    capabilities: JsonValue = Field(alias="capabilities")
    created_at: datetime.datetime = Field(alias="created_at")
    created_by: Optional[uuid.UUID] = Field(alias="created_by")
    display_name: str = Field(alias="display_name")
    endpoint_path: Optional[str] = Field(alias="endpoint_path")
    id: uuid.UUID = Field(alias="id")
    input_defaults: JsonValue = Field(alias="input_defaults")
    is_active: bool = Field(alias="is_active")
    is_default: bool = Field(alias="is_default")
    modality: str = Field(alias="modality")
    model_family: Optional[str] = Field(alias="model_family")
    model_key: Optional[str] = Field(alias="model_key")
    output_format: Optional[str] = Field(alias="output_format")
    pricing: Optional[JsonValue] = Field(alias="pricing")
    priority: int = Field(alias="priority")
    provider_id: uuid.UUID = Field(alias="provider_id")
    task: str = Field(alias="task")
    updated_at: datetime.datetime = Field(alias="updated_at")
    version: Optional[str] = Field(alias="version")

class CompatApiProviders(BaseModel):
    auth_scheme: AiAuthSchemeEnum = Field(alias="auth_scheme")
    base_url: Optional[str] = Field(alias="base_url")
    created_at: datetime.datetime = Field(alias="created_at")
    display_name: str = Field(alias="display_name")
    id: uuid.UUID = Field(alias="id")
    is_active: bool = Field(alias="is_active")
    name: str = Field(alias="name")
    updated_at: datetime.datetime = Field(alias="updated_at")

class CompatJobs(BaseModel):
    api_model_id: Optional[uuid.UUID] = Field(alias="api_model_id")
    created_at: Optional[datetime.datetime] = Field(alias="created_at")
    id: Optional[uuid.UUID] = Field(alias="id")
    latency_ms: Optional[int] = Field(alias="latency_ms")
    output: Optional[str] = Field(alias="output")
    prompt: Optional[str] = Field(alias="prompt")
    quality_rating: Optional[int] = Field(alias="quality_rating")
    status: Optional[AiGenerationStatusEnum] = Field(alias="status")
    user_id: Optional[uuid.UUID] = Field(alias="user_id")

class CompatLlmModels(BaseModel):
    capabilities: JsonValue = Field(alias="capabilities")
    context_window: Optional[int] = Field(alias="context_window")
    created_at: datetime.datetime = Field(alias="created_at")
    deleted_at: Optional[datetime.datetime] = Field(alias="deleted_at")
    deprecation_date: Optional[datetime.date] = Field(alias="deprecation_date")
    id: uuid.UUID = Field(alias="id")
    max_output_tokens: Optional[int] = Field(alias="max_output_tokens")
    metadata: JsonValue = Field(alias="metadata")
    model_family: Optional[str] = Field(alias="model_family")
    model_key: Optional[str] = Field(alias="model_key")
    model_name: Optional[str] = Field(alias="model_name")
    model_tier: Optional[str] = Field(alias="model_tier")
    model_version: Optional[str] = Field(alias="model_version")
    pricing: Optional[JsonValue] = Field(alias="pricing")
    provider_id: uuid.UUID = Field(alias="provider_id")
    rate_limits: JsonValue = Field(alias="rate_limits")
    release_date: Optional[datetime.date] = Field(alias="release_date")
    status: Optional[str] = Field(alias="status")
    supports_audio: Optional[bool] = Field(alias="supports_audio")
    supports_function_calling: Optional[bool] = Field(alias="supports_function_calling")
    supports_streaming: Optional[bool] = Field(alias="supports_streaming")
    supports_system_prompt: Optional[bool] = Field(alias="supports_system_prompt")
    supports_vision: Optional[bool] = Field(alias="supports_vision")
    typical_latency_ms: Optional[int] = Field(alias="typical_latency_ms")
    updated_at: datetime.datetime = Field(alias="updated_at")

class CompatLlmProviders(BaseModel):
    api_base_url: Optional[str] = Field(alias="api_base_url")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    is_active: bool = Field(alias="is_active")
    provider_key: str = Field(alias="provider_key")
    provider_name: str = Field(alias="provider_name")
    updated_at: datetime.datetime = Field(alias="updated_at")

class CompatModelProfiles(BaseModel):
    canonical_equivalent_id: Optional[uuid.UUID] = Field(alias="canonical_equivalent_id")
    canonical_revision: Optional[int] = Field(alias="canonical_revision")
    created_at: datetime.datetime = Field(alias="created_at")
    disabled: bool = Field(alias="disabled")
    id: uuid.UUID = Field(alias="id")
    is_canonical: bool = Field(alias="is_canonical")
    max_tokens: Optional[int] = Field(alias="max_tokens")
    model: str = Field(alias="model")
    name: str = Field(alias="name")
    provider_id: uuid.UUID = Field(alias="provider_id")
    system_prompt: Optional[str] = Field(alias="system_prompt")
    temperature: Optional[float] = Field(alias="temperature")
    updated_at: datetime.datetime = Field(alias="updated_at")

class CompatProviders(BaseModel):
    auth: Optional[JsonValue] = Field(alias="auth")
    base_url: Optional[str] = Field(alias="base_url")
    canonical_equivalent_id: Optional[uuid.UUID] = Field(alias="canonical_equivalent_id")
    canonical_revision: Optional[int] = Field(alias="canonical_revision")
    contract: Optional[AiProviderContractEnum] = Field(alias="contract")
    created_at: datetime.datetime = Field(alias="created_at")
    disabled: Optional[bool] = Field(alias="disabled")
    id: uuid.UUID = Field(alias="id")
    is_canonical: bool = Field(alias="is_canonical")
    modality: str = Field(alias="modality")
    name: str = Field(alias="name")
    updated_at: datetime.datetime = Field(alias="updated_at")

class CompatRateCards(BaseModel):
    cache_read_cost_per_1m: Optional[float] = Field(alias="cache_read_cost_per_1m")
    cache_write_cost_per_1m: Optional[float] = Field(alias="cache_write_cost_per_1m")
    created_at: Optional[datetime.datetime] = Field(alias="created_at")
    currency: Optional[str] = Field(alias="currency")
    effective_from: Optional[datetime.datetime] = Field(alias="effective_from")
    id: Optional[uuid.UUID] = Field(alias="id")
    input_cost_per_1m: Optional[float] = Field(alias="input_cost_per_1m")
    model: Optional[str] = Field(alias="model")
    output_cost_per_1m: Optional[float] = Field(alias="output_cost_per_1m")
    provider: str = Field(alias="provider")
    provider_id: uuid.UUID = Field(alias="provider_id")
    source: Optional[str] = Field(alias="source")

class ContentAllMediaLibrary(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    object_id: Optional[uuid.UUID] = Field(alias="object_id")
    title: Optional[str] = Field(alias="title")
    updated_at: datetime.datetime = Field(alias="updated_at")
    url: Optional[str] = Field(alias="url")

class ExecutionAllContenders(BaseModel):
    evaluation_id: uuid.UUID = Field(alias="evaluation_id")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    model_id: uuid.UUID = Field(alias="model_id")
    name: Optional[str] = Field(alias="name")
    number: int = Field(alias="number")
    profile_id: Optional[uuid.UUID] = Field(alias="profile_id")
    visibility: ExecutionVisibilityEnum = Field(alias="visibility")

class ExecutionAllEvaluations(BaseModel):
    allows_self_judging: bool = Field(alias="allows_self_judging")
    closed_at: Optional[datetime.datetime] = Field(alias="closed_at")
    created_at: datetime.datetime = Field(alias="created_at")
    description: Optional[str] = Field(alias="description")
    feature_key: Optional[str] = Field(alias="feature_key")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    name: str = Field(alias="name")
    opened_at: Optional[datetime.datetime] = Field(alias="opened_at")
    state: ExecutionEvaluationStateEnum = Field(alias="state")
    updated_at: datetime.datetime = Field(alias="updated_at")
    visibility: ExecutionVisibilityEnum = Field(alias="visibility")

class ExecutionAllJudges(BaseModel):
    added_at: datetime.datetime = Field(alias="added_at")
    evaluation_id: uuid.UUID = Field(alias="evaluation_id")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    model_id: Optional[uuid.UUID] = Field(alias="model_id")
    name: Optional[str] = Field(alias="name")
    person_id: Optional[uuid.UUID] = Field(alias="person_id")
    visibility: ExecutionVisibilityEnum = Field(alias="visibility")

class ExecutionAllRuns(BaseModel):
    ended_at: Optional[datetime.datetime] = Field(alias="ended_at")
    evaluation_id: uuid.UUID = Field(alias="evaluation_id")
    id: uuid.UUID = Field(alias="id")
    key: str = Field(alias="key")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    started_at: datetime.datetime = Field(alias="started_at")
    state: ExecutionRunStateEnum = Field(alias="state")
    visibility: ExecutionVisibilityEnum = Field(alias="visibility")

class ExecutionAllScores(BaseModel):
    evaluation_id: uuid.UUID = Field(alias="evaluation_id")
    generation_id: Optional[uuid.UUID] = Field(alias="generation_id")
    id: uuid.UUID = Field(alias="id")
    judge_id: uuid.UUID = Field(alias="judge_id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    rationale: Optional[str] = Field(alias="rationale")
    run_id: uuid.UUID = Field(alias="run_id")
    scored_at: datetime.datetime = Field(alias="scored_at")
    submission_id: uuid.UUID = Field(alias="submission_id")
    value: float = Field(alias="value")
    visibility: ExecutionVisibilityEnum = Field(alias="visibility")

class ExecutionAllSubmissions(BaseModel):
    case_key: str = Field(alias="case_key")
    contender_id: uuid.UUID = Field(alias="contender_id")
    evaluation_id: uuid.UUID = Field(alias="evaluation_id")
    generation_id: uuid.UUID = Field(alias="generation_id")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    run_id: uuid.UUID = Field(alias="run_id")
    submitted_at: datetime.datetime = Field(alias="submitted_at")
    visibility: ExecutionVisibilityEnum = Field(alias="visibility")

class LensersAllEntitlements(BaseModel):
    created_at: datetime.datetime = Field(alias="created_at")
    ends_at: Optional[datetime.datetime] = Field(alias="ends_at")
    external_ref: str = Field(alias="external_ref")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    starts_at: datetime.datetime = Field(alias="starts_at")
    tier: AiModelTierEnum = Field(alias="tier")
    updated_at: datetime.datetime = Field(alias="updated_at")

class LensersAllProfiles(BaseModel):
    avatar_url: Optional[str] = Field(alias="avatar_url")
    created_at: datetime.datetime = Field(alias="created_at")
    display_name: Optional[str] = Field(alias="display_name")
    erased_at: Optional[datetime.datetime] = Field(alias="erased_at")
    id: uuid.UUID = Field(alias="id")
    updated_at: datetime.datetime = Field(alias="updated_at")
    user_id: Optional[uuid.UUID] = Field(alias="user_id")

class MediaAllObjects(BaseModel):
    bucket: str = Field(alias="bucket")
    byte_size: Optional[int] = Field(alias="byte_size")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    mime_type: Optional[str] = Field(alias="mime_type")
    path: str = Field(alias="path")



class BillingUsageBucket(BaseModel):
    starts_at: Optional[datetime.datetime] = Field(alias="starts_at")
    ends_at: Optional[datetime.datetime] = Field(alias="ends_at")
    id: Optional[uuid.UUID] = Field(alias="id")
    key: Optional[str] = Field(alias="key")
    requests: Optional[int] = Field(alias="requests")
    failures: Optional[int] = Field(alias="failures")
    charges: Optional[int] = Field(alias="charges")
    quantities: Optional[JsonValue] = Field(alias="quantities")
    credits: Optional[float] = Field(alias="credits")
    refunded: Optional[float] = Field(alias="refunded")
    net: Optional[float] = Field(alias="net")
    latency_p50: Optional[float] = Field(alias="latency_p50")
    latency_p95: Optional[float] = Field(alias="latency_p95")
    latency_error: Optional[float] = Field(alias="latency_error")
    cost: Optional[JsonValue] = Field(alias="cost")
    margin: Optional[float] = Field(alias="margin")
