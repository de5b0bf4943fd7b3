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

AiAiCapabilityEnum: TypeAlias = Literal["text_generation", "image_generation", "video_generation", "audio_generation"]

AiAuthSchemeEnum: TypeAlias = Literal["bearer", "header", "query", "none"]

AiGenerationStatusEnum: TypeAlias = Literal["pending", "completed", "failed", "cancelled"]

AiModelStatusEnum: TypeAlias = Literal["preview", "active", "deprecated", "retired"]

AiModelTierEnum: TypeAlias = Literal["free", "paid", "enterprise"]

AiProviderContractEnum: TypeAlias = Literal["openai_chat", "openai_responses", "anthropic_messages", "gemini_generate", "bedrock_converse", "replicate"]

AiProviderEnum: TypeAlias = Literal["openai", "anthropic", "google", "meta", "midjourney", "stability", "mistral", "other"]

AiTierModeEnum: TypeAlias = Literal["whole_request", "marginal"]

AiUnitTypeEnum: TypeAlias = Literal["tokens", "image", "video_second", "audio_second", "second", "character", "pixel", "page", "request", "gigabyte_day"]

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

class AiModelPricing(BaseModel):
    context_threshold: Optional[int] = Field(alias="context_threshold")
    created_at: datetime.datetime = Field(alias="created_at")
    created_by: Optional[uuid.UUID] = Field(alias="created_by")
    currency: str = Field(alias="currency")
    effective_from: datetime.datetime = Field(alias="effective_from")
    id: uuid.UUID = Field(alias="id")
    is_public: bool = Field(alias="is_public")
    meter: str = Field(alias="meter")
    model_id: uuid.UUID = Field(alias="model_id")
    price_per_unit: Optional[float] = Field(alias="price_per_unit")
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
    created_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="created_by")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    effective_from: NotRequired[Annotated[datetime.datetime, Field(alias="effective_from")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_public: NotRequired[Annotated[bool, Field(alias="is_public")]]
    meter: Annotated[str, Field(alias="meter")]
    model_id: Annotated[uuid.UUID, Field(alias="model_id")]
    price_per_unit: NotRequired[Annotated[Optional[float], Field(alias="price_per_unit")]]
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
    created_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="created_by")]]
    currency: NotRequired[Annotated[str, Field(alias="currency")]]
    effective_from: NotRequired[Annotated[datetime.datetime, Field(alias="effective_from")]]
    id: NotRequired[Annotated[uuid.UUID, Field(alias="id")]]
    is_public: NotRequired[Annotated[bool, Field(alias="is_public")]]
    meter: NotRequired[Annotated[str, Field(alias="meter")]]
    model_id: NotRequired[Annotated[uuid.UUID, Field(alias="model_id")]]
    price_per_unit: NotRequired[Annotated[Optional[float], Field(alias="price_per_unit")]]
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

class AiModels(BaseModel):
    capabilities: List[AiAiCapabilityEnum] = Field(alias="capabilities")
    capabilities_detail: JsonValue = Field(alias="capabilities_detail")
    context_window: Optional[int] = Field(alias="context_window")
    created_at: datetime.datetime = Field(alias="created_at")
    created_by: Optional[uuid.UUID] = Field(alias="created_by")
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
    supports: List[str] = Field(alias="supports")
    task: str = Field(alias="task")
    temperature: Optional[float] = Field(alias="temperature")
    typical_latency_ms: Optional[int] = Field(alias="typical_latency_ms")
    updated_at: datetime.datetime = Field(alias="updated_at")
    updated_by: Optional[uuid.UUID] = Field(alias="updated_by")
    valid_sizes: List[str] = Field(alias="valid_sizes")
    version: Optional[str] = Field(alias="version")

class AiModelsInsert(TypedDict):
    capabilities: NotRequired[Annotated[List[AiAiCapabilityEnum], Field(alias="capabilities")]]
    capabilities_detail: NotRequired[Annotated[JsonValue, Field(alias="capabilities_detail")]]
    context_window: NotRequired[Annotated[Optional[int], Field(alias="context_window")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    created_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="created_by")]]
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
    supports: NotRequired[Annotated[List[str], Field(alias="supports")]]
    task: NotRequired[Annotated[str, Field(alias="task")]]
    temperature: NotRequired[Annotated[Optional[float], Field(alias="temperature")]]
    typical_latency_ms: NotRequired[Annotated[Optional[int], Field(alias="typical_latency_ms")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    updated_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="updated_by")]]
    valid_sizes: NotRequired[Annotated[List[str], Field(alias="valid_sizes")]]
    version: NotRequired[Annotated[Optional[str], Field(alias="version")]]

class AiModelsUpdate(TypedDict):
    capabilities: NotRequired[Annotated[List[AiAiCapabilityEnum], Field(alias="capabilities")]]
    capabilities_detail: NotRequired[Annotated[JsonValue, Field(alias="capabilities_detail")]]
    context_window: NotRequired[Annotated[Optional[int], Field(alias="context_window")]]
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    created_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="created_by")]]
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
    supports: NotRequired[Annotated[List[str], Field(alias="supports")]]
    task: NotRequired[Annotated[str, Field(alias="task")]]
    temperature: NotRequired[Annotated[Optional[float], Field(alias="temperature")]]
    typical_latency_ms: NotRequired[Annotated[Optional[int], Field(alias="typical_latency_ms")]]
    updated_at: NotRequired[Annotated[datetime.datetime, Field(alias="updated_at")]]
    updated_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="updated_by")]]
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
    granted_by: Optional[uuid.UUID] = Field(alias="granted_by")
    role: LensersAppRole = Field(alias="role")
    user_id: uuid.UUID = Field(alias="user_id")

class LensersUserRolesInsert(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    granted_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="granted_by")]]
    role: Annotated[LensersAppRole, Field(alias="role")]
    user_id: Annotated[uuid.UUID, Field(alias="user_id")]

class LensersUserRolesUpdate(TypedDict):
    created_at: NotRequired[Annotated[datetime.datetime, Field(alias="created_at")]]
    granted_by: NotRequired[Annotated[Optional[uuid.UUID], Field(alias="granted_by")]]
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

class AiResources(BaseModel):
    bucket: str = Field(alias="bucket")
    byte_size: Optional[int] = Field(alias="byte_size")
    created_at: datetime.datetime = Field(alias="created_at")
    id: uuid.UUID = Field(alias="id")
    lenser_id: uuid.UUID = Field(alias="lenser_id")
    mime_type: Optional[str] = Field(alias="mime_type")
    path: str = Field(alias="path")
