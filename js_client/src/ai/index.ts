/** A middleware for `wrapLanguageModel` of the Vercel AI SDK, 6 and 7. */

import { trackCallOf } from '../track/middleware.js'
import type { TrackOptions } from '../track/options.js'
import type { Account } from '../wallet.js'

export type { TrackOptions }

/** As much of the AI SDK's types as its versions have in common. */
interface Wrapping<Generated, Streamed, Params> {
  doGenerate: () => PromiseLike<Generated>
  doStream: () => PromiseLike<Streamed>
  params: Params
  model: { modelId: string }
}

// biome-ignore lint/suspicious/noExplicitAny: each version's own parts
type Streamed = { stream: ReadableStream<any> }
// biome-ignore lint/suspicious/noExplicitAny: each version's own answer
type Generated = { usage: any }
type Params = { abortSignal?: AbortSignal | undefined; maxOutputTokens?: number | undefined; prompt: unknown }

export interface TrackingMiddleware {
  specificationVersion: 'v3'
  wrapGenerate<G extends Generated, S extends Streamed, P extends Params>(call: Wrapping<G, S, P>): Promise<G>
  wrapStream<G extends Generated, S extends Streamed, P extends Params>(call: Wrapping<G, S, P>): Promise<S>
}

/**
 * Each call of the wrapped model is held, and charged what the provider reports.
 *
 *     const model = wrapLanguageModel({ model: openai('gpt-4o-mini'), middleware: tracked(account) })
 *
 * A consumer that leaves `streamText`'s stream lets the model run on: its usage arrives, and is charged. An abort gives
 * no usage: what was streamed is charged, as `client.cutHold()` says.
 */
export function tracked(account: Account, options: TrackOptions = {}): TrackingMiddleware {
  return {
    specificationVersion: 'v3',
    wrapGenerate: ({ doGenerate, params, model }) =>
      trackCallOf(account, model.modelId, params, options).generate(doGenerate),
    wrapStream: ({ doStream, params, model }) => trackCallOf(account, model.modelId, params, options).stream(doStream),
  }
}
