/** A call of any SDK, held and charged by the shape of what it answers. */

import type { ModelName } from '../arguments.js'
import { RatebookError } from '../errors.js'
import type { Account } from '../wallet.js'
import { Ending } from './ending.js'
import { held, type TrackOptions } from './options.js'
import { endWhole, watchedResponse } from './response.js'

export async function trackCall<T>(
  account: Account,
  asked: ModelName,
  call: () => T | PromiseLike<T>,
  options: TrackOptions,
): Promise<T> {
  if (options.amount === undefined && options.usage === undefined) {
    throw new RatebookError('Say what to hold: an amount, or the usage to expect.')
  }
  const hold = await account.authorize(held(options, asked))
  const ending = new Ending(account.client, hold, options)
  let answer: T
  try {
    answer = await call()
  } catch (error) {
    await ending.end('refused').catch(() => {}) // it ends by itself, and must not hide why
    throw error
  }
  return watched(answer, ending)
}

async function watched<T>(answer: T, ending: Ending): Promise<T> {
  if (answer instanceof Response) return (await watchedResponse(answer, ending)) as T
  if (answer instanceof ReadableStream) return watchedParts(answer, ending) as T
  if (isIterable(answer)) return watchedIterable(answer, ending)
  await endWhole(answer, ending)
  return answer
}

/** A stream of parts, such as the AI SDK's models answer with. */
export function watchedParts<P>(
  parts: ReadableStream<P>,
  ending: Ending,
  signal?: AbortSignal,
  readsAhead = 0,
): ReadableStream<P> {
  const source = parts.getReader()
  // A reader that aborts may never come back for the rest.
  const onAbort = () => void ending.end('cut').catch(() => {})
  signal?.addEventListener('abort', onAbort)
  const done = () => signal?.removeEventListener('abort', onAbort)
  return new ReadableStream<P>(
    {
      async pull(controller) {
        let part: ReadableStreamReadResult<P>
        try {
          part = await source.read()
        } catch (error) {
          done()
          await ending.end(signal?.aborted || isAbort(error) ? 'cut' : 'broken').catch(() => {})
          throw error
        }
        if (part.done) {
          done()
          await ending.end(signal?.aborted ? 'cut' : 'ended')
          controller.close()
        } else {
          ending.reader.see(part.value)
          controller.enqueue(part.value)
        }
      },
      async cancel(reason) {
        done()
        await Promise.allSettled([source.cancel(reason)])
        await ending.end('cut')
      },
    },
    { highWaterMark: readsAhead },
  )
}

type Iterable = AsyncIterable<unknown> & { next?: unknown; iterator?: unknown }

const isIterable = (answer: unknown): answer is Iterable =>
  typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer

/** A generator is another one now; a stream of an SDK stays itself, with all that it can do, and is watched where it is read. */
function watchedIterable<T extends Iterable>(stream: T, ending: Ending): T {
  if (typeof stream.next === 'function') return chunks(stream, ending) as unknown as T
  const name =
    typeof stream.iterator === 'function' && Object.hasOwn(stream, 'iterator') ? 'iterator' : Symbol.asyncIterator
  const iterate = (stream as unknown as Record<PropertyKey, () => AsyncIterator<unknown>>)[name]?.bind(stream)
  const value = () => chunks({ [Symbol.asyncIterator]: iterate as () => AsyncIterator<unknown> }, ending)
  Object.defineProperty(stream, name, { value, configurable: true, writable: true })
  return stream
}

async function* chunks(stream: AsyncIterable<unknown>, ending: Ending): AsyncGenerator<unknown, void, undefined> {
  let how: 'cut' | 'ended' | 'broken' = 'cut'
  let failure: { error: unknown } | undefined
  try {
    for await (const chunk of stream) {
      ending.reader.see(chunk)
      yield chunk
    }
    how = 'ended'
  } catch (error) {
    how = isAbort(error) ? 'cut' : 'broken'
    failure = { error }
  } finally {
    const end = ending.end(how)
    if (failure)
      await end.catch(() => {}) // the stream's own error is thrown on
    else await end
  }
  if (failure) throw failure.error
}

const isAbort = (error: unknown): boolean =>
  error instanceof Error &&
  /^(AbortError|APIUserAbortError)$/.test(error.name === 'Error' ? error.constructor.name : error.name)
