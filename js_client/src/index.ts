/** Ratebook: model registry, rate book, feature routing and credit wallet for Supabase and PostgREST. */

export type * from './answers.js'
export type { HasSchemas } from './api.js'
export type { AnyUsage, Exact, ModelName, Moment, Usage } from './arguments.js'
export {
  type CaptureOptions,
  type CatalogueFilter,
  Client,
  type ClientOptions,
  type CutOptions,
  type Logged,
  type QuoteOptions,
  type QuoteRequest,
  type Requirements,
  type SettleOptions,
  type Terms,
  type UsageRequest,
} from './client.js'
export {
  ApiError,
  BudgetExceeded,
  Conflict,
  ConnectionFailed,
  type Detail,
  IdempotencyConflict,
  InsufficientCredits,
  NotAllowed,
  NotConfigured,
  NotFound,
  RatebookError,
  ReadOnly,
  UnusableUsage,
} from './errors.js'
export type { Database } from './generated/database.types.js'
export { EXACT } from './generated/exact.js'
export type { TrackOptions } from './track/options.js'
export { Account, type ChargeOptions, type ChargeRequest, Hold, type HoldRequest, type SdkClient } from './wallet.js'
