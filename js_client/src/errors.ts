/** The one error tree of the package, and the one place where an answer of the API becomes one of them. */

/** Anything that Ratebook refuses or fails to do; the message is one sentence for a person. */
export class RatebookError extends Error {
  /** What a person may want to see below that sentence. */
  readonly details: string

  constructor(message: string, details = '', options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.details = details
  }
}

/** No URL or key to ask with. */
export class NotConfigured extends RatebookError {}

/**
 * The API does not answer: no such host, connection refused, a timeout, a database that it lost.
 *
 * A write that was sent may have taken effect: send it again with the same key.
 */
export class ConnectionFailed extends RatebookError {}

/** The DETAIL of Ratebook's own errors. `error` is the stable token, such as "unknown_model". */
export type Detail = { error?: string; [fact: string]: unknown }

/** What the API refused, with PostgREST's own `code`, `message` and `hint`. */
export class ApiError extends RatebookError {
  readonly code: string
  readonly hint: string
  /** The DETAIL of Ratebook's own errors, parsed; empty for errors that Ratebook did not raise. */
  readonly detail: Readonly<Detail>

  constructor(message: string, about: { code?: string; hint?: string; details?: string; detail?: Detail } = {}) {
    super(message, about.details)
    this.code = about.code ?? ''
    this.hint = about.hint ?? ''
    this.detail = about.detail ?? {}
  }

  /** The stable token of one of Ratebook's own errors, else empty: programs look at that. */
  get error(): string {
    return this.detail.error ?? ''
  }
}

/** The name means nothing, or nothing that the caller may know of (PT404). */
export class NotFound extends ApiError {}

/** More than one meaning, the wrong state, or a key that is taken or missing (PT409, 23505, 23503). */
export class Conflict extends ApiError {}

/** The usage or another argument cannot be priced (PT422). */
export class UnusableUsage extends ApiError {}

/** Not the caller's to see or do, or the key is not accepted (42501, HTTP 401 and 403). */
export class NotAllowed extends ApiError {}

/** The database is a replica, which only reads; nothing was written: ask the primary (0A000, 25006). */
export class ReadOnly extends ApiError {}

/** The account does not cover it (PT402). Amounts are in credits. */
export class InsufficientCredits extends ApiError {
  /** What is posted to the account. */
  get balance(): string {
    return String(this.detail.balance)
  }

  /** What open holds keep back of it. */
  get held(): string {
    return String(this.detail.held)
  }

  /** What was asked for. */
  get needed(): string {
    return String(this.detail.needed)
  }
}

/** A hard budget, or a member's limit, is reached (PT402). Amounts are in credits. */
export class BudgetExceeded extends ApiError {
  get limit(): string {
    return String(this.detail.limit)
  }

  /** What would be spent, with what is spent and held already. */
  get needed(): string {
    return String(this.detail.needed)
  }
}

/** The key, or the event behind a grant, was used for another request (PT409). */
export class IdempotencyConflict extends Conflict {}

const BY_ERROR: Record<string, typeof ApiError> = {
  budget_exceeded: BudgetExceeded,
  member_limit_exceeded: BudgetExceeded,
  idempotency_conflict: IdempotencyConflict,
}
const BY_CODE: Record<string, typeof ApiError> = {
  PT402: InsufficientCredits,
  PT404: NotFound,
  PT409: Conflict,
  23503: Conflict,
  23505: Conflict,
  PT422: UnusableUsage,
  '0A000': ReadOnly, // of a transaction that is to write, on a standby
  25006: ReadOnly,
  42501: NotAllowed,
  401: NotAllowed, // a gateway's own, without a PostgREST body
  403: NotAllowed,
  PGRST301: NotAllowed, // the token is expired or not signed with the server's secret
  PGRST302: NotAllowed, // no anonymous access
  PGRST303: NotAllowed, // the token's claims are refused
}

/** What `postgrest-js` answers where it has no data. */
export interface Refusal {
  status: number
  error: { message?: string | null; code?: string | null; hint?: string | null; details?: string | null }
}

// A gateway's own 5xx; PostgREST without a database; PostgreSQL that drops connections, is full, restarts or rolls back
// one of two transactions that wait for each other.
const PASSING = /^(5\d\d|PGRST00[0-3]|(08|40|53)...|57P0[1-3])$/

/** Whether the same request may well succeed in a moment. */
export function isPassing(refusal: Refusal): boolean {
  return gotNoAnswer(refusal) || PASSING.test(codeOf(refusal))
}

/** The refusal as one of the errors here. */
export function errorOf(refusal: Refusal): RatebookError {
  const { message, hint, details } = refusal.error
  if (gotNoAnswer(refusal)) {
    return new ConnectionFailed(
      refusal.status === 0
        ? `The API does not answer: ${message}`
        : 'The API lost its database during the request; whether it took effect is not known.',
      '',
      { cause: refusal.error },
    )
  }
  const code = codeOf(refusal)
  const detail = parsed(details)
  const kind = BY_ERROR[detail?.error ?? ''] ?? BY_CODE[code] ?? ApiError
  return new kind(message || 'The API refused the request.', {
    code,
    hint: hint ?? '',
    details: detail ? candidates(detail) : isPage(details) ? '' : (details ?? ''),
    detail,
  })
}

/** No answer at all (0), or PostgREST's for a connection to the database that broke, at COMMIT for example (HTTP 400). */
function gotNoAnswer({ status, error }: Refusal): boolean {
  return status === 0 || (status === 400 && !error.code && !error.message)
}

function codeOf({ status, error }: Refusal): string {
  return error.code || String(status)
}

function candidates(detail: Detail): string {
  return Array.isArray(detail.candidates) ? `Candidates: ${detail.candidates.join(', ')}` : ''
}

/** Of a proxy, not of PostgREST. */
function isPage(details: unknown): boolean {
  return typeof details === 'string' && details.trimStart().startsWith('<')
}

function parsed(details: unknown): Detail | undefined {
  if (typeof details !== 'string') return undefined
  try {
    const found: unknown = JSON.parse(details)
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Detail) : undefined
  } catch {
    return undefined
  }
}
