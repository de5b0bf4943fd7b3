/** The client: a thin, typed layer over PostgREST's own. The database does the thinking. */

import { PostgrestClient } from '@supabase/postgrest-js'
import {
  type Candidate,
  type CatalogueEntry,
  type Charged,
  COLUMNS,
  type Compared,
  type ExplainedRoute,
  type Price,
  type PriceChange,
  type PriceStep,
  type Quote,
  type Refunded,
  type Released,
  type Settled,
  type ShortQuote,
  type UsageBucket,
} from './answers.js'
import { Api, type HasSchemas } from './api.js'
import { type AnyUsage, type Exact, exact, given, type ModelName, type Moment, modelName, moment } from './arguments.js'
import { NotConfigured } from './errors.js'
import type { Ending } from './track/ending.js'
import { sent } from './usage.js'
import { Account } from './wallet.js'

/** What changes a price beside the model and the usage; names as the API has them. */
export interface Terms {
  /** The format of a provider's own usage; seen by its shape unless given. */
  format?: string
  feature?: string
  service_tier?: string
  /** Such as an image size. */
  variant?: string
  region?: string
}

export interface QuoteOptions extends Terms {
  /** As of that time; one ahead is for admins. */
  at?: Moment
}

export interface QuoteRequest extends QuoteOptions {
  model: ModelName
  usage: AnyUsage
}

export interface CatalogueFilter {
  modality?: string
  task?: string
  /** Its key. */
  provider?: string
  /** What they all support. */
  supports?: readonly string[]
  /** At least so many tokens. */
  context_window?: number
  /** null for the inactive ones too, false for those alone. */
  active?: boolean | null
  /** Words that all occur in key, name or description. */
  search?: string
}

/** What a feature needs of a model; see `ai.route_feature` in the reference. */
export interface Requirements {
  capabilities?: readonly string[]
  supports?: readonly string[]
  exclude_providers?: readonly string[]
  modality?: string
  task?: string
  context_window?: number
  max_tokens?: number
  size?: string
  region?: string
  service_tier?: string
  usage?: Readonly<Record<string, number>>
  max_cost?: Exact
  currency?: string
  max_credits?: Exact
}

/** What is logged of a call. */
export interface Logged {
  /** An earlier generation, which ends with this; else one is made. */
  generation?: string
  prompt?: string
  output?: string
  /** Milliseconds. */
  latency_ms?: number
}

export interface CaptureOptions extends Logged {
  amount?: Exact
  usage?: AnyUsage
  format?: string
  /** For a charge that may give way to the provider's figure later: `settleCharge()`. */
  estimated?: boolean
  /** What the provider says that it cost, in `reported_currency` (the model's unless given). */
  reported_cost?: Exact
  reported_currency?: string
  owner?: string
}

export interface CutOptions extends Logged {
  /** What is known: the caller's count in meters, or what the provider had reported before the cut. */
  usage?: AnyUsage
  format?: string
  /** Bytes of UTF-8 of what was streamed. */
  streamed_bytes?: number
  /** Instead of bytes: by the caller's own tokenizer. */
  streamed_tokens?: number
  owner?: string
}

export interface SettleOptions {
  format?: string
  amount?: Exact
  reported_cost?: Exact
  reported_currency?: string
  idempotency_key?: string
  owner?: string
}

export interface UsageRequest {
  since: Moment
  until: Moment
  /** A day unless told. */
  bucket?: 'hour' | 'day' | 'week' | 'month'
  /** By its name, such as Europe/Berlin; UTC unless told. */
  time_zone?: string
  by?: 'model' | 'provider' | 'feature' | 'spender' | 'status'
  owner?: string
}

export interface ClientOptions {
  /** A signed-in user's. */
  access_token?: string
  /** Whether a listing, or a write of the wallet, that fails in transit is sent again (true). */
  retry?: boolean
  fetch?: typeof fetch
}

type Environment = Record<string, string | undefined>
// A key is used with the URL of its own prefix only.
const KEYS = [
  ['RATEBOOK_URL', 'RATEBOOK_KEY'],
  ['SUPABASE_URL', 'SUPABASE_KEY', 'SUPABASE_ANON_KEY'],
] as const
const PAUSES = [200, 1000]

/**
 * Asks a Ratebook API; what goes wrong there is thrown as one of this package's errors. A model is named by its key, id
 * or alias, or by a row with its `id`. Amounts are text with every digit.
 */
export class Client {
  /** @internal */
  readonly api: Api
  /** @internal Streams that are being tracked. */
  readonly open = new Set<Ending>()

  /**
   * Ask the project at `url` (its base URL: requests go to `{url}/rest/v1`) with the anon or service key; or through a
   * supabase-js client, as whoever is signed in there, or a postgrest-js client, for a server at another path.
   */
  constructor(url: string, key: string, options?: ClientOptions)
  constructor(through: HasSchemas, options?: { retry?: boolean })
  constructor(
    where: string | HasSchemas,
    keyOrOptions: string | { retry?: boolean } = '',
    options: ClientOptions = {},
  ) {
    if (typeof where === 'string') {
      const key = typeof keyOrOptions === 'string' ? keyOrOptions : ''
      if (!where || !key) throw new NotConfigured('Say the URL and the key of the project.')
      const { access_token = key, retry = true, fetch } = options
      const headers = { apikey: key, Authorization: `Bearer ${access_token}`, 'X-Client-Info': 'ratebook-js/0.1.0' }
      const through = new PostgrestClient(`${where.replace(/\/+$/, '')}/rest/v1`, {
        headers,
        retry,
        ...(fetch && { fetch }),
      })
      this.api = new Api(through, retry ? PAUSES : [])
    } else {
      const { retry = true } = keyOrOptions as { retry?: boolean }
      this.api = new Api(where, retry ? PAUSES : [])
    }
  }

  /**
   * Ask where RATEBOOK_URL and RATEBOOK_KEY say, else SUPABASE_URL and SUPABASE_KEY (or SUPABASE_ANON_KEY). Throws
   * NotConfigured where they are not set.
   */
  static fromEnv(
    environment: Environment = (globalThis as { process?: { env: Environment } }).process?.env ?? {},
  ): Client {
    for (const [name, ...keys] of KEYS) {
      const url = environment[name]?.trim()
      const key = keys.map((key) => environment[key]?.trim()).find(Boolean)
      if (url && !key) throw new NotConfigured(`${name} is set, but ${keys.join(' or ')} is not.`)
      if (url && key) return new Client(url, key)
    }
    throw new NotConfigured('Set RATEBOOK_URL and RATEBOOK_KEY, or SUPABASE_URL and SUPABASE_KEY.')
  }

  // ---------------------------------------------------------------- the catalogue

  /** All models that fit with their list prices of now, by key. */
  async catalogue(filter: CatalogueFilter = {}): Promise<CatalogueEntry[]> {
    const { modality, task, provider, supports, context_window, active = true, search = '' } = filter
    return this.api.allByKey<CatalogueEntry>(() => {
      let found = this.api.table('ai', 'catalogue').select(COLUMNS.catalogue, { count: 'exact' })
      for (const [column, value] of Object.entries(given({ modality, task, provider, is_active: active }))) {
        found = found.eq(column, value)
      }
      if (supports?.length) found = found.contains('supports', supports)
      if (context_window !== undefined) found = found.gte('context_window', context_window)
      for (const word of search.split(/\s+/).filter(Boolean)) found = found.or(contained(word))
      return found
    })
  }

  /** The prices of a model that apply now, or at a time. Throws NotFound, and Conflict for a name of several models. */
  async prices(model: ModelName, at?: Moment): Promise<Price[]> {
    const args = given({ model: modelName(model), at: moment(at) })
    return this.api.ask(this.api.call('ai', 'prices_in_force', args).select(COLUMNS.prices))
  }

  /** How the prices of a model went, by meter and conditions, the oldest step first. */
  async priceHistory(model: ModelName): Promise<PriceStep[]> {
    const args = { model: modelName(model) }
    return this.api.all(() => this.api.call('ai', 'price_history', args, { count: 'exact' }).select(COLUMNS.steps))
  }

  /** Which prices changed after a time, by when they came to apply, the newest first. */
  async priceChanges(since: Moment): Promise<PriceChange[]> {
    const args = given({ since: moment(since) })
    return this.api.all(() => this.api.call('ai', 'price_changes', args, { count: 'exact' }).select(COLUMNS.changes))
  }

  // ---------------------------------------------------------------- what it costs

  /**
   * What a usage costs, now or as of a time. The usage is in meters, or an SDK's answer or usage as it is; the service
   * tier, variant and region that an answer states are used. Throws UnusableUsage for what cannot be priced, NotFound,
   * and Conflict for a name of several models.
   */
  async quote(model: ModelName, usage: AnyUsage, options: QuoteOptions = {}): Promise<Quote> {
    return this.api.ask(this.api.call('billing', 'quote', priced({ model, usage, ...options })))
  }

  /** What up to 1,000 requests cost, in their order. Throws what `quote()` throws, with the `index` in its `detail`. */
  async quoteMany(requests: Iterable<QuoteRequest>): Promise<ShortQuote[]> {
    const args = { requests: Array.from(requests, priced) }
    return this.api.ask(this.api.call('billing', 'quote_many', args).select(COLUMNS.shortQuotes).order('index'))
  }

  /** What a usage costs with each of up to 1,000 models, the cheapest first; one without a price says why. */
  async compare(usage: AnyUsage, models: Iterable<ModelName>, options: QuoteOptions = {}): Promise<Compared[]> {
    const { model: _, ...args } = priced({ model: '', usage, ...options })
    const all = { ...args, models: Array.from(models, modelName) }
    return this.api.all(() => this.api.call('billing', 'compare', all, { count: 'exact' }).select(COLUMNS.compared))
  }

  /**
   * An SDK's answer or usage as meters: each token in one of them; what is in meters stays as it is. Throws UnusableUsage
   * for what meters cannot carry.
   */
  async normalizeUsage(raw: object, format?: string): Promise<Record<string, number>> {
    const { usage, format: seen } = sent(raw, format)
    if (seen === undefined) return usage as Record<string, number>
    return this.api.ask(this.api.call('ai', 'normalize_usage', { format: seen, raw: usage }))
  }

  // ---------------------------------------------------------------- which model

  /**
   * The models to try for a feature, in order; empty where none fits. `subject`: whom it is for, which the signed-in
   * user is; the service role and admins name another, an anonymous caller any text.
   */
  async route(feature: string, requirements?: Requirements, subject?: string): Promise<Candidate[]> {
    const args = routed(feature, requirements, subject)
    return this.api.ask(this.api.call('ai', 'route_feature', args).select(COLUMNS.candidates))
  }

  /** Every route of a feature: the candidates of `route()` in order, then the others with each reason. */
  async explainRoute(feature: string, requirements?: Requirements, subject?: string): Promise<ExplainedRoute[]> {
    const args = routed(feature, requirements, subject)
    return this.api.ask(this.api.call('ai', 'explain_route', args).select(COLUMNS.routes))
  }

  /**
   * Say that a model, or a provider with all its models, is `degraded` or `rate_limited` until a time; `healthy` takes
   * it back. For admins and the service role.
   */
  async reportHealth(
    about: { model: ModelName } | { provider: string },
    state: string,
    options: { until?: Moment; reason?: string } = {},
  ): Promise<void> {
    const named = 'model' in about ? { model: modelName(about.model) } : about
    const args = given({ ...named, state, until: moment(options.until), reason: options.reason })
    await this.api.ask(this.api.call('ai', 'report_health', args))
  }

  // ---------------------------------------------------------------- the wallet

  /**
   * The account of that id; a lenser's own account has the lenser's. `owner` is the account's lenser: with it each call
   * touches that lenser's data alone, and behind a front of shards it must be given. `as_admin`: a signed-in admin reads
   * an account of somebody else.
   */
  account(account: string, options: { owner?: string; as_admin?: boolean } = {}): Account {
    return new Account(this, account, options)
  }

  /**
   * Charge an amount, or a usage at the prices of the hold, or else all that was held; give back the rest. More than was
   * held is taken from what is available. The same capture again gets the same answer. Throws NotFound, Conflict,
   * InsufficientCredits and BudgetExceeded (the hold stays), and UnusableUsage.
   */
  async captureHold(hold: string, options: CaptureOptions = {}): Promise<Charged> {
    const { amount, usage, format, reported_cost, ...rest } = options
    const args = { hold, amount: exact(amount), reported_cost: exact(reported_cost), ...used(usage, format), ...rest }
    return this.api.write('capture_hold', given(args))
  }

  /**
   * Charge for a stream that was cut, at the prices of the hold and never more than was held: the input that is known,
   * else the hold's, and what was streamed. The charge is an estimate: `settleCharge()` when the figure arrives.
   */
  async cutHold(hold: string, options: CutOptions = {}): Promise<Charged> {
    const { usage, format, ...rest } = options
    return this.api.write('cut_hold', given({ hold, ...used(usage, format), ...rest }))
  }

  /** Give back what a hold keeps; done twice, it changes nothing. Throws NotFound, and Conflict where it was captured. */
  async releaseHold(hold: string, options: { owner?: string } = {}): Promise<Released> {
    return this.api.write('release_hold', given({ hold, ...options }))
  }

  /** Give back a charge, or `amount` credits of it, to the lots that paid. For admins and the service role. */
  async refundCharge(
    charge: string,
    options: { amount?: Exact; reason?: string; extend_to?: Moment; idempotency_key?: string; owner?: string } = {},
  ): Promise<Refunded> {
    const { amount, extend_to, idempotency_key = crypto.randomUUID(), ...rest } = options
    const args = { charge, amount: exact(amount), extend_to: moment(extend_to), idempotency_key, ...rest }
    return this.api.write('refund_charge', given(args))
  }

  /**
   * Let an estimated charge give way to the provider's figure: a usage at its prices, a cost, or credits. Less goes back
   * to what paid; more must be available, or the charge stands as it is. Once: the same again gets the same answer.
   */
  async settleCharge(charge: string, usage?: AnyUsage, options: SettleOptions = {}): Promise<Settled> {
    const { format, amount, reported_cost, ...rest } = options
    const args = { charge, amount: exact(amount), reported_cost: exact(reported_cost), ...used(usage, format), ...rest }
    return this.api.write('settle_charge', given(args))
  }

  /**
   * What was used from `since` on and before `until`, in whole buckets by the clocks of `time_zone`. Only buckets in which
   * something happened have a row: `UsageChart` fills the gaps. Owners read their own; admins and the service role
   * everybody's, or one `owner`'s.
   */
  async usage(asked: UsageRequest): Promise<UsageBucket[]> {
    const { since, until, ...rest } = asked
    const args = given({ since: moment(since), until: moment(until), ...rest })
    return this.api.all(() => this.api.call('billing', 'usage', args, { count: 'exact' }).select(COLUMNS.buckets))
  }

  /**
   * Cut every stream that is being tracked, as if its consumer had left, and wait until each is charged: for a process
   * that is asked to stop.
   */
  async cutAll(): Promise<void> {
    await Promise.allSettled(Array.from(this.open, (ending) => ending.end('cut')))
  }

  /** The version of the schema in the database. */
  async version(): Promise<string> {
    return this.api.ask(this.api.call('ai', 'ratebook_version', {}))
  }
}

/** A usage with its format, or nothing. */
export function used(usage: AnyUsage | undefined, format: string | undefined): object {
  return usage === undefined ? {} : sent(usage, format)
}

function priced({ model, usage, format, at, ...terms }: QuoteRequest): Record<string, unknown> {
  return given({ model: modelName(model), ...sent(usage, format), ...terms, at: moment(at) })
}

function routed(feature: string, requirements?: Requirements, subject?: string): object {
  const { max_cost, max_credits, ...rest } = requirements ?? {}
  const needs = given({ ...rest, max_cost: exact(max_cost), max_credits: exact(max_credits) })
  return given({ feature, requirements: requirements && needs, subject })
}

/** A PostgREST filter: `word` occurs in key, name or description, in any case. */
function contained(word: string): string {
  const pattern = word.replaceAll('\\', '\\\\').replaceAll('%', '\\%').replaceAll('_', '\\_')
  const quoted = pattern.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  return ['key', 'name', 'description'].map((column) => `${column}.ilike."*${quoted}*"`).join(',')
}
