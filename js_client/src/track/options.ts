import type { Charged } from '../answers.js'
import type { ModelName, Usage } from '../arguments.js'
import type { HoldRequest } from '../wallet.js'

/**
 * What is held, and what is said of it. Of a request that `track` sees itself (an SDK's client, a `fetch`) nothing need be
 * said: held is what its texts and its limit of output tokens would cost.
 */
export interface TrackOptions extends Omit<HoldRequest, 'model' | 'format' | 'idempotency_key'> {
  /** Ratebook's name of the model, where it is not the one that is asked. */
  model?: ModelName | ((asked: string) => ModelName)
  /** That of the provider's usage, where its shape does not tell, such as `xai`. */
  format?: string
  /** Counts the tokens of a text that was cut, else 4 bytes are one. */
  count?: (text: string) => number
  /** An earlier generation, which ends with this; else one is made. For one call. */
  generation?: string
  /** For the log. */
  prompt?: string
  /** Whether the log gets the text that came. */
  keep_output?: boolean
  /** Told of each charge, before the stream or answer ends. */
  on_charge?: (charged: Charged) => void
  /** Where a platform stops a function whose client has left: `waitUntil` of it, or Next.js' `after`. */
  wait_until?: (ending: Promise<unknown>) => void
}

/** What is asked of `authorize()` for a call of the model that is `asked`. */
export function held(options: TrackOptions, asked: ModelName, expected?: () => Usage): HoldRequest {
  const { model, amount, usage, feature, service_tier, variant, region, expires_in, lenser } = options
  const request = { amount, usage, feature, service_tier, variant, region, expires_in, lenser }
  const isSaid = amount !== undefined || usage !== undefined
  const named = typeof model === 'function' ? model(typeof asked === 'string' ? asked : asked.id) : (model ?? asked)
  return { ...request, ...(!isSaid && expected && { usage: expected() }), model: named }
}
