/** What the middleware of `../ai` does. */

import type { Usage } from '../arguments.js'
import type { Account } from '../wallet.js'
import { watchedParts } from './call.js'
import { Ending } from './ending.js'
import { textBytes } from './fetch.js'
import { held, type TrackOptions } from './options.js'
import { endWhole } from './response.js'

const OUTPUT = 4096

interface Params {
  abortSignal?: AbortSignal | undefined
  maxOutputTokens?: number | undefined
  prompt: unknown
}

/** One call of a language model, still to be made. */
export function trackCallOf(account: Account, asked: string, params: Params, options: TrackOptions) {
  const begin = async (): Promise<Ending> => {
    const hold = await account.authorize(held(options, asked, () => expected(params)))
    return new Ending(account.client, hold, options)
  }
  const made = async <T>(ending: Ending, call: () => PromiseLike<T>): Promise<T> => {
    try {
      return await call()
    } catch (error) {
      await ending.end('refused').catch(() => {}) // it ends by itself, and must not hide why
      throw error
    }
  }
  return {
    async generate<G extends object>(doGenerate: () => PromiseLike<G>): Promise<G> {
      const ending = await begin()
      const answer = await made(ending, doGenerate)
      await endWhole(answer, ending)
      return answer
    },
    // biome-ignore lint/suspicious/noExplicitAny: each version's own parts
    async stream<S extends { stream: ReadableStream<any> }>(doStream: () => PromiseLike<S>): Promise<S> {
      const ending = await begin()
      const answer = await made(ending, doStream)
      // As fast as the model sends: a consumer that leaves may not say so, and then nobody would read on.
      const stream = watchedParts(answer.stream, ending, params.abortSignal, Number.POSITIVE_INFINITY)
      return { ...answer, stream }
    },
  }
}

function expected({ prompt, maxOutputTokens }: Params): Usage {
  return { input: Math.max(1, Math.ceil(textBytes(prompt) / 4)), output: maxOutputTokens ?? OUTPUT }
}
