/** Accounts of the credit wallet, and holds on them. Amounts are credits, as text. */

import {
  type AccountBalance,
  type Authorized,
  type Balance,
  type BudgetWarning,
  type Charged,
  COLUMNS,
  type Granted,
  type LedgerEntry,
  type Lot,
  type Moved,
  type OpenHold,
  type Released,
} from './answers.js'
import type { Query } from './api.js'
import { type AnyUsage, type Exact, exact, given, type ModelName, type Moment, modelName, moment } from './arguments.js'
import { type CaptureOptions, type Client, type CutOptions, type Logged, type Terms, used } from './client.js'
import { RatebookError } from './errors.js'
import { trackCall } from './track/call.js'
import { trackedClient, trackedFetch } from './track/fetch.js'
import type { TrackOptions } from './track/options.js'

const PAGE = 1000

export interface HoldRequest extends Terms {
  /** Credits; or else what `usage` of `model` costs. Name the model with an amount too, to capture by usage. */
  amount?: Exact
  model?: ModelName
  usage?: AnyUsage
  /** Seconds, or an interval as PostgreSQL reads it (15 minutes unless given, at most 7 days). */
  expires_in?: number | string
  /** The member who spends, the owner unless given. */
  lenser?: string
  idempotency_key?: string
}

export interface ChargeOptions extends Terms, Logged {
  lenser?: string
  estimated?: boolean
  reported_cost?: Exact
  reported_currency?: string
  idempotency_key?: string
}

export interface ChargeRequest extends ChargeOptions {
  model: ModelName
  usage?: AnyUsage
}

/** An SDK's client whose requests go through a `fetch` that can be replaced: OpenAI's, Anthropic's. */
export interface SdkClient {
  // biome-ignore lint/suspicious/noExplicitAny: each SDK has options of its own
  withOptions(options: any): unknown
}

/**
 * An account of the wallet; `client.account()` makes it, without asking the server.
 *
 * Writes are for the service role. Each goes out with an idempotency key, of the caller's or a new one, so that it can be
 * sent again where no answer came and takes effect once. Give a key of your own where your program itself may repeat the
 * request: the same key with the same arguments gets the first answer, with others IdempotencyConflict.
 */
export class Account {
  readonly id: string
  /** @internal */
  readonly client: Client
  private readonly prefix: string
  private owner: string | undefined

  constructor(client: Client, account: string, options: { owner?: string; as_admin?: boolean } = {}) {
    this.id = account
    this.client = client
    // Where everybody's rows are, beside each table of owners.
    this.prefix = options.as_admin ? 'all_' : ''
    this.owner = options.owner
  }

  // ---------------------------------------------------------------- what it has

  /** What the account has now, or had at a time; what has expired or timed out does not count. */
  async balance(at?: Moment): Promise<AccountBalance> {
    const { api } = this.client
    return api.ask(api.call('billing', 'get_balance', this.named({ at: moment(at) })))
  }

  /** The lots that hold something and have not expired, in the order in which they burn. */
  async lots(): Promise<Lot[]> {
    return this.client.api.all(() =>
      this.table('grants', COLUMNS.lots)
        .is('closed_at', null)
        .or('expires_at.is.null,expires_at.gt.now')
        .order('priority')
        .order('expires_at')
        .order('id'),
    )
  }

  /** The holds that keep something back, the first to time out first. */
  async holds(): Promise<OpenHold[]> {
    return this.client.api.all(() =>
      this.table('holds', COLUMNS.holds).eq('status', 'open').gt('expires_at', 'now').order('expires_at').order('id'),
    )
  }

  /**
   * The ledger entries written from `since` and before `until`, asked for page by page. The oldest come first, so that
   * each `balance_after` follows from the one before, or the newest.
   */
  async *statement(
    options: { since?: Moment; until?: Moment; newest_first?: boolean } = {},
  ): AsyncGenerator<LedgerEntry, void, undefined> {
    const { newest_first = false } = options
    const [since, until] = [moment(options.since), moment(options.until)]
    const order = { ascending: !newest_first }
    // With the owner: that is how the ledger is indexed.
    const owner = await this.ownerOf()
    let last: LedgerEntry | undefined
    for (;;) {
      let page = this.table('ledger_entries', COLUMNS.entries, owner)
      if (since) page = page.gte('created_at', since)
      if (until) page = page.lt('created_at', until)
      if (last) {
        page = page.filter('created_at', newest_first ? 'lte' : 'gte', last.created_at)
        page = page.filter('number', newest_first ? 'lt' : 'gt', last.number)
      }
      const rows: LedgerEntry[] = await this.client.api.ask(
        page.order('created_at', order).order('number', order).limit(PAGE),
      )
      yield* rows
      last = rows.at(-1)
      if (!last) return
    }
  }

  // ---------------------------------------------------------------- what comes in

  /**
   * Put credits in, as a lot; debt is repaid from it first. `source` is such as `purchase`, and `external_ref` the id of
   * the event behind it, such as a payment's: with the source it counts once.
   */
  async grant(
    amount: Exact,
    options: {
      source?: string
      priority?: number
      starts_at?: Moment
      expires_at?: Moment
      external_ref?: string
      idempotency_key?: string
    } = {},
  ): Promise<Granted> {
    const { starts_at, expires_at, idempotency_key = crypto.randomUUID(), ...rest } = options
    const times = { starts_at: moment(starts_at), expires_at: moment(expires_at) }
    return this.client.api.write(
      'grant_credits',
      this.named({ amount: exact(amount), ...times, ...rest, idempotency_key }),
    )
  }

  /** Move credits to another account: lots in the order in which they burn, with their terms. */
  async move(
    to: string,
    amount: Exact,
    options: { reason?: string; to_owner?: string; idempotency_key?: string } = {},
  ): Promise<Moved> {
    const { idempotency_key = crypto.randomUUID(), ...rest } = options
    const from = { from_account: this.id, from_owner: this.owner }
    return this.client.api.write(
      'move_credits',
      given({ ...from, to_account: to, amount: exact(amount), ...rest, idempotency_key }),
    )
  }

  // ---------------------------------------------------------------- what goes out

  /**
   * Keep credits back for work that is about to begin. Throws InsufficientCredits, BudgetExceeded, NotFound, Conflict,
   * NotAllowed for a stranger to the account, and UnusableUsage.
   */
  async authorize(request: HoldRequest): Promise<Hold> {
    const { amount, model, usage, format, expires_in, idempotency_key = crypto.randomUUID(), ...rest } = request
    const args = this.named({
      amount: exact(amount),
      model: model === undefined ? undefined : modelName(model),
      ...used(usage, format),
      ...rest,
      expires_in: typeof expires_in === 'number' ? `${expires_in} seconds` : expires_in,
      idempotency_key,
    })
    return new Hold(this.client, await this.client.api.write<Authorized>('authorize_credits', args), this.owner)
  }

  /**
   * Hold credits around some work. Where it ends without a capture, all that was held is captured; where it throws, the
   * hold is released, and its error thrown on.
   */
  async withHold<T>(request: HoldRequest, work: (hold: Hold) => Promise<T>): Promise<T> {
    const hold = await this.authorize(request)
    let result: T
    try {
      result = await work(hold)
    } catch (error) {
      if (hold.isOpen) await hold.release().catch(() => {}) // it ends by itself, and must not hide the work's own error
      throw error
    }
    if (hold.isOpen) await hold.capture()
    return result
  }

  /**
   * Charge what a usage costs now, and log its generation, in one call. The usage is in meters, or an SDK's answer or
   * usage as it is. `reported_cost` is what the provider says that it cost: then that is charged, and no usage is needed.
   */
  async charge(model: ModelName, usage?: AnyUsage, options: ChargeOptions = {}): Promise<Charged> {
    return this.client.api.write('charge_generation', this.charging({ model, ...(usage && { usage }), ...options }))
  }

  /** Up to 1,000 charges in one transaction, all or none, in their order; balances are those after all of them. */
  async chargeMany(requests: Iterable<ChargeRequest>): Promise<Charged[]> {
    const all = Array.from(requests, (request) => this.charging(request))
    return this.client.api.write('charge_generations', { requests: all })
  }

  // ---------------------------------------------------------------- a provider's answer, in one line

  /**
   * Charge for what a provider answers: hold, let it answer, and charge what it reports at the end; what was cut is
   * charged by the rule of `cutHold()`, and what failed is released.
   *
   * - an SDK's client (OpenAI's, Anthropic's): the same client, whose every request for an answer is held and charged;
   * - a `fetch`: the same, for your own requests and for whatever takes a `fetch`;
   * - the name of a model and a call: what the call answers, be it an answer, a stream of chunks or a `Response`. Here
   *   say an `amount` or the `usage` to expect.
   */
  track<T extends SdkClient>(client: T, options?: TrackOptions): T
  track(through: typeof fetch, options?: TrackOptions): typeof fetch
  track<T>(model: ModelName, call: () => T | PromiseLike<T>, options: TrackOptions): Promise<T>
  track(
    what: SdkClient | typeof fetch | ModelName,
    second: TrackOptions | (() => unknown) = {},
    third: TrackOptions = {},
  ): unknown {
    if (typeof second === 'function') return trackCall(this, what as ModelName, second, third)
    if (typeof what === 'function') return trackedFetch(this, what, second)
    if (typeof what === 'object' && 'withOptions' in what) {
      return trackedClient(this, what as Parameters<typeof trackedClient>[1], second)
    }
    throw new RatebookError('Say what to track: a client with withOptions(), a fetch, or a model and a call.')
  }

  // ---------------------------------------------------------------- asking

  /** Arguments of a call for this account and, where it is known, its owner. */
  private named(args: Record<string, unknown>): Record<string, unknown> {
    return given({ account: this.id, owner: this.owner, ...args })
  }

  private charging({ model, usage, format, reported_cost, ...rest }: ChargeRequest): Record<string, unknown> {
    return this.named({
      idempotency_key: crypto.randomUUID(),
      model: modelName(model),
      ...used(usage, format),
      reported_cost: exact(reported_cost),
      ...given({ ...rest }),
    })
  }

  private table(name: string, columns: string, owner = this.owner): Query {
    const counted = name === 'ledger_entries' ? undefined : { count: 'exact' as const }
    const rows = this.client.api
      .table('billing', this.prefix + name)
      .select(columns, counted)
      .eq('account_id', this.id)
    return owner === undefined ? rows : rows.eq('lenser_id', owner)
  }

  /** The owner's id, asked for once. */
  private async ownerOf(): Promise<string> {
    if (this.owner === undefined) {
      const accounts = this.client.api.table('billing', `${this.prefix}accounts`)
      const rows = await this.client.api.ask<{ lenser_id: string }[]>(accounts.select('lenser_id').eq('id', this.id))
      if (!rows[0]) return this.id // a lenser's own, that nothing has happened to
      this.owner = rows[0].lenser_id
    }
    return this.owner
  }
}

/** Credits that are kept back. */
export class Hold {
  readonly id: string
  readonly amount: string
  readonly expires_at: string
  readonly balance: Balance
  readonly warnings: readonly BudgetWarning[]
  /** What it became. */
  charged: Charged | undefined
  /** Whether nobody has captured, cut or released it, or tried to: a capture that was refused leaves it to you. */
  isOpen = true

  constructor(
    private readonly client: Client,
    authorized: Authorized,
    private readonly owner?: string,
  ) {
    this.id = authorized.hold_id
    this.amount = authorized.amount
    this.expires_at = authorized.expires_at
    this.balance = authorized.balance
    this.warnings = authorized.warnings
  }

  /** As `client.captureHold()`: an amount, or a usage at the prices of the hold, or else all that was held. */
  async capture(options: Omit<CaptureOptions, 'owner'> = {}): Promise<Charged> {
    this.isOpen = false
    this.charged = await this.client.captureHold(this.id, { ...options, ...this.owned() })
    return this.charged
  }

  /** As `client.cutHold()`: for a stream that was cut. */
  async cut(options: Omit<CutOptions, 'owner'> = {}): Promise<Charged> {
    this.isOpen = false
    this.charged = await this.client.cutHold(this.id, { ...options, ...this.owned() })
    return this.charged
  }

  /** Give back what it keeps; done twice, it changes nothing. Throws Conflict where it was captured. */
  async release(): Promise<Released> {
    this.isOpen = false
    return this.client.releaseHold(this.id, this.owned())
  }

  private owned(): { owner?: string } {
    return this.owner === undefined ? {} : { owner: this.owner }
  }
}
