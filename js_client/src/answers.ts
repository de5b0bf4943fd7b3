/**
 * What the API answers. Rows have the database's own names and types, less one thing: what is numeric there is text here,
 * with every digit (`EXACT` says what is; it is made from the database). Functions that answer with JSON write amounts
 * as text already.
 */

import type { Database } from './generated/database.types.js'
import { EXACT } from './generated/exact.js'

type Schemas = Pick<Database, 'ai' | 'billing'>
export type Schema = keyof Schemas

type Things<S extends Schema> = Schemas[S]['Tables'] & Schemas[S]['Views'] & Schemas[S]['Functions']

/** A row of a table or view, or of what a function returns, as JSON has it. */
type WireRow<S extends Schema, N extends keyof Things<S>> = Things<S>[N] extends { Row: infer Row }
  ? Row
  : Things<S>[N] extends { Returns: (infer Row)[] }
    ? Row
    : never

type ExactOf<S extends Schema, N> = N extends keyof (typeof EXACT)[S]
  ? (typeof EXACT)[S][N] extends readonly (infer Column)[]
    ? Column
    : never
  : never

type AsText<V> = V extends number ? string : V

/** The same with the numeric columns as text. */
export type ExactRow<S extends Schema, N extends keyof Things<S>> = {
  [C in keyof WireRow<S, N>]: C extends ExactOf<S, N> ? AsText<WireRow<S, N>[C]> : WireRow<S, N>[C]
}

/**
 * Some columns of it. PostgreSQL does not tell of views and functions what can be null: `Maybe` and `Never` say it.
 */
type Answer<
  S extends Schema,
  N extends keyof Things<S>,
  Columns extends readonly (keyof ExactRow<S, N>)[],
  Maybe extends Columns[number] = never,
  Never extends Columns[number] = never,
> = {
  [C in Columns[number]]: C extends Maybe
    ? ExactRow<S, N>[C] | null
    : C extends Never
      ? NonNullable<ExactRow<S, N>[C]>
      : ExactRow<S, N>[C]
}

/** What to select for these columns: the numeric ones as text. */
export function selected(schema: Schema, name: string, columns: readonly string[]): string {
  const exact: readonly string[] = (EXACT[schema] as Record<string, readonly string[]>)[name] ?? []
  return columns.map((column) => (exact.includes(column) ? `${column}::text` : column)).join(',')
}

// ------------------------------------------------------------------ the registry and its prices

const CATALOGUE = [
  'id',
  'key',
  'name',
  'provider_id',
  'provider',
  'provider_name',
  'is_active',
  'is_default',
  'priority',
  'status',
  'modality',
  'task',
  'model_family',
  'pricing_tier',
  'capabilities',
  'supports',
  'context_window',
  'max_tokens',
  'valid_sizes',
  'typical_latency_ms',
  'release_date',
  'deprecation_date',
  'description',
  'price_source',
  'currency',
  'input_price',
  'input_per_million',
  'output_price',
  'output_per_million',
  'cache_read_price',
  'cache_read_per_million',
  'cache_write_price',
  'cache_write_per_million',
  'image_price',
  'video_second_price',
  'audio_second_price',
  'request_price',
  'prices',
] as const
/**
 * A model of the catalogue with its list prices of now, in `currency`; null where it has none that is public.
 * `…_price` is of ONE unit, `…_per_million` of a million tokens; `prices` has every meter, of ONE unit.
 */
export type CatalogueEntry = Omit<Answer<'ai', 'catalogue', typeof CATALOGUE, never, 'is_active'>, 'prices'> & {
  prices: Record<string, string>
}

const PRICES = [
  'id',
  'model_id',
  'meter',
  'unit_type',
  'price_per_unit',
  'minimum_quantity',
  'currency',
  'effective_from',
  'service_tier',
  'variant',
  'region',
  'context_threshold',
  'threshold_inclusive',
  'tier_mode',
  'window_start',
  'window_end',
  'window_days',
  'window_time_zone',
  'source',
  'reference',
  'is_public',
] as const
/** A row of the rate book: what ONE unit of a meter costs (one token, not a million), in `currency`. */
export type Price = Answer<'ai', 'model_pricing', typeof PRICES>

const STEPS = [
  'meter',
  'unit_type',
  'price',
  'price_per_million',
  'currency',
  'starts_at',
  'ends_at',
  'service_tier',
  'variant',
  'region',
  'context_threshold',
  'threshold_inclusive',
  'tier_mode',
  'window_start',
  'window_end',
  'window_days',
  'window_time_zone',
  'source',
  'is_public',
] as const
type Condition = 'variant' | 'region' | 'context_threshold'
type Window = 'window_start' | 'window_end' | 'window_days' | 'window_time_zone'
/**
 * A time during which a price applied: `price` of ONE unit in `currency`, from `starts_at` on. `ends_at` is null while
 * it applies; `price_per_million` is of a million tokens, null for other units.
 */
export type PriceStep = Answer<
  'ai',
  'price_history',
  typeof STEPS,
  'price_per_million' | 'ends_at' | Condition | Window
>

const CHANGES = [
  'changed_at',
  'model_id',
  'model',
  'provider',
  'meter',
  'unit_type',
  'change',
  'price_before',
  'price_after',
  'currency_before',
  'currency_after',
  'service_tier',
  'variant',
  'region',
  'context_threshold',
  'window_start',
  'window_end',
  'window_days',
  'window_time_zone',
] as const
/** A price that was `added`, `changed` or `ended` at a time; prices are of ONE unit, null where there was none. */
export type PriceChange = Answer<
  'ai',
  'price_changes',
  typeof CHANGES,
  'price_before' | 'price_after' | 'currency_before' | 'currency_after' | Condition | Window
>

// ------------------------------------------------------------------ what it costs

/**
 * One meter of a quote: `quantity` units at `unit_price`, priced as `price_meter`. `unit_price` and `cost` are in the
 * quote's currency, and null where the price is not the caller's to see. `price_id` is for admins and the service role.
 */
export interface QuoteLine {
  meter: string
  quantity: string
  price_meter: string | null
  unit_price: string | null
  cost: string | null
  price_id?: string | null
}

/**
 * What a usage costs: `cost` in `currency`, and `credits`, both exact. `cost` is null where a price is not the caller's
 * to see. The ids of rate and policy are for admins and the service role.
 */
export interface Quote {
  model: string
  model_id: string
  at: string
  feature: string | null
  service_tier: string
  variant: string | null
  region: string | null
  lines: QuoteLine[]
  currency: string
  cost: string | null
  credits: string
  credit_rate_id?: string | null
  margin_policy_id?: string | null
}

const SHORT_QUOTES = ['index', 'model', 'currency', 'cost', 'credits'] as const
/** One of many quotes, of the request at `index` (from 0). */
export type ShortQuote = Answer<'billing', 'quote_many', typeof SHORT_QUOTES, 'cost'>

const COMPARED = [
  'index',
  'asked',
  'model_id',
  'model',
  'name',
  'provider',
  'is_active',
  'currency',
  'cost',
  'credits',
  'error',
  'reason',
] as const
/**
 * What a usage costs with one of several models. `index` is the place of the model among those `asked` about. Where it
 * has no price, `error` is the token and `reason` the sentence that say why.
 */
export type Compared = Answer<'billing', 'compare', typeof COMPARED, Exclude<(typeof COMPARED)[number], 'index'>>

// ------------------------------------------------------------------ which model

const CANDIDATES = [
  'place',
  'model_id',
  'model',
  'provider',
  'provider_model_key',
  'priority',
  'weight',
  'share',
  'health',
  'health_until',
  'currency',
  'cost',
  'credits',
  'why',
] as const
/**
 * A model to try for a feature: `place` counts from 1, `share` is the part of the subjects that it gets, 0 to 1. `cost`
 * and `credits` are those of the usage that was asked about, null without one.
 */
export type Candidate = Answer<
  'ai',
  'route_feature',
  typeof CANDIDATES,
  'provider_model_key' | 'health_until' | 'currency' | 'cost' | 'credits'
>

const ROUTES = [
  'place',
  'route_id',
  'model_id',
  'model',
  'provider',
  'provider_model_key',
  'priority',
  'weight',
  'share',
  'health',
  'health_until',
  'currency',
  'cost',
  'credits',
  'reasons',
  'why',
] as const
/** A route of a feature: a candidate with its `place`, or one that is none, with its `reasons` as tokens. */
export type ExplainedRoute = Answer<
  'ai',
  'explain_route',
  typeof ROUTES,
  'place' | 'provider_model_key' | 'share' | 'health_until' | 'currency' | 'cost' | 'credits'
>

// ------------------------------------------------------------------ the wallet: amounts are credits

/**
 * What an account has after a write; `available` is `posted` less `reserved` and `upcoming`. `upcoming` is what lots
 * hold that have not started, `debt` the overdraft, and what is owed of payments that were taken back.
 */
export interface Balance {
  posted: string
  reserved: string
  available: string
  debt: string
  upcoming: string
}

/** The balance of an account; `debt` is null as of a time before now. */
export interface AccountBalance extends Omit<Balance, 'debt'> {
  account_id: string
  lenser_id: string
  debt: string | null
  overdraft_limit: string
}

/** A soft limit that is reached: `spent` of `limit` credits in the period that starts on that day (UTC). */
export interface BudgetWarning {
  warning: string
  budget: string
  period: string
  starts_on: string
  limit: string
  spent: string
}

/** A lot that came in, and the balance after it. */
export interface Granted {
  grant_id: string
  account_id: string
  amount: string
  balance: Balance
}

/** A hold that was made: `amount` credits are kept back until `expires_at`. */
export interface Authorized {
  hold_id: string
  account_id: string
  amount: string
  expires_at: string
  balance: Balance
  warnings: BudgetWarning[]
}

/**
 * A charge of `credits`, and the balance after it. `cost` is what it costs the platform, in `currency`; both are null
 * where an amount was captured without a usage.
 */
export interface Charged {
  charge_id: string
  generation_id: string | null
  account_id: string
  model_id: string | null
  credits: string
  cost: string | null
  currency: string | null
  balance: Balance
  warnings: BudgetWarning[]
}

/** The charge that an estimate gave way to: `difference` credits more than that, or less where it is negative. */
export interface Settled extends Charged {
  estimate_id: string
  difference: string
}

/** A hold that keeps nothing back any more; `status` is `released`, or `expired` where time was faster. */
export interface Released {
  hold_id: string
  account_id: string
  status: string
  balance: Balance
}

/** `amount` credits were given back of a charge, `refunded` in all. */
export interface Refunded {
  charge_id: string
  account_id: string
  amount: string
  refunded: string
  balance: Balance
}

/** `amount` credits of so many `lots` that went from one account to another, and both balances after it. */
export interface Moved {
  from_account: string
  to_account: string
  amount: string
  lots: number
  from_balance: Balance
  to_balance: Balance
}

const LOTS = [
  'id',
  'lenser_id',
  'account_id',
  'amount',
  'remaining',
  'reserved',
  'priority',
  'starts_at',
  'expires_at',
  'source',
  'external_ref',
  'recurring_grant_id',
  'created_at',
] as const
/** Credits that came in together: `remaining` of `amount`, of which open holds keep back `reserved`. */
export type Lot = Answer<'billing', 'grants', typeof LOTS>

const HOLDS = [
  'id',
  'lenser_id',
  'account_id',
  'spender_id',
  'amount',
  'expires_at',
  'model_id',
  'feature_id',
  'usage',
  'service_tier',
  'variant',
  'region',
  'created_at',
] as const
/** `amount` credits that are kept back for `spender_id` until `expires_at`, with what is to be priced. */
export type OpenHold = Answer<'billing', 'holds', typeof HOLDS>

const ENTRIES = [
  'id',
  'lenser_id',
  'account_id',
  'number',
  'kind',
  'amount',
  'balance_after',
  'grant_id',
  'charge_id',
  'counterpart_id',
  'reason',
  'effective_at',
  'created_at',
] as const
/**
 * A change of a balance: `amount` credits of one lot, or (`grant_id` null) of debt; negative when they went out.
 * `number` counts the entries of an account from 1.
 */
export type LedgerEntry = Answer<'billing', 'ledger_entries', typeof ENTRIES>

const BUCKETS = [
  'starts_at',
  'ends_at',
  'id',
  'key',
  'requests',
  'failures',
  'charges',
  'quantities',
  'credits',
  'refunded',
  'net',
  'latency_p50',
  'latency_p95',
  'latency_error',
  'cost',
  'margin',
] as const
type Count = 'requests' | 'failures' | 'charges'
type Sum = 'credits' | 'refunded' | 'net'
/**
 * What was used from `starts_at` on and before `ends_at`, of what `key` names: `net` is `credits` less `refunded`.
 * `quantities` are by meter. Latencies are in milliseconds, null where none is known, and right to `latency_error`. `cost`,
 * by currency, and `margin`, in credits, are for admins and the service role.
 */
export type UsageBucket = Omit<
  Answer<'billing', 'usage', typeof BUCKETS, never, 'starts_at' | 'ends_at' | 'latency_error' | Count | Sum>,
  'quantities' | 'cost'
> & { quantities: Record<string, string>; cost: Record<string, string> | null }

/** What is selected for each of the answers above. */
export const COLUMNS = {
  catalogue: selected('ai', 'catalogue', CATALOGUE),
  prices: selected('ai', 'prices_in_force', PRICES),
  steps: selected('ai', 'price_history', STEPS),
  changes: selected('ai', 'price_changes', CHANGES),
  shortQuotes: selected('billing', 'quote_many', SHORT_QUOTES),
  compared: selected('billing', 'compare', COMPARED),
  candidates: selected('ai', 'route_feature', CANDIDATES),
  routes: selected('ai', 'explain_route', ROUTES),
  lots: selected('billing', 'grants', LOTS),
  holds: selected('billing', 'holds', HOLDS),
  entries: selected('billing', 'ledger_entries', ENTRIES),
  buckets: selected('billing', 'usage', BUCKETS),
} as const
