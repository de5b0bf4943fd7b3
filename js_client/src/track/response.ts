/** A `Response` that is watched while it is read. */

import { sent } from '../usage.js'
import type { Ending, How } from './ending.js'
import { type Event, Events } from './events.js'

export interface Watching {
  /** Whether the chunk with a chat's usage was asked for here, so that the reader does not get it. */
  hidesUsage?: boolean
  /** The reader's own. */
  signal?: AbortSignal | null | undefined
}

/** The same response; the hold ends when its body does, or its reader leaves. */
export async function watchedResponse(response: Response, ending: Ending, watching: Watching = {}): Promise<Response> {
  if (!response.ok) {
    await ending.end('refused').catch(() => {}) // it ends by itself, and must not hide why
    return response
  }
  if (response.headers.get('content-type')?.includes('text/event-stream') && response.body) {
    return sameResponse(response, watchedBody(response.body, ending, watching))
  }
  let text: string
  try {
    text = await response.text()
  } catch (error) {
    await ending.end(watching.signal?.aborted ? 'refused' : 'broken').catch(() => {})
    throw error
  }
  await endWhole(parsed(text), ending)
  return sameResponse(response, text)
}

/** Ends a hold by an answer that is no stream. */
export async function endWhole(answer: unknown, ending: Ending): Promise<void> {
  const { reader } = ending
  if (Array.isArray(answer)) {
    // Gemini's stream where it is not asked for as events: all chunks as one list.
    for (const chunk of answer) reader.see(chunk)
    await ending.end('ended')
    return
  }
  const found = usageIn(answer)
  if (found) {
    reader.reported = sent(found, ending.format)
    reader.isFinal = true
  }
  reader.seeWhole(answer)
  await ending.end('ended')
}

/** The answer, if it reports a usage. */
function usageIn(answer: unknown): object | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined
  const { usage, usageMetadata, totalUsage } = answer as Record<string, unknown>
  return usage || usageMetadata || totalUsage ? answer : undefined
}

/** The body, one event for each time that its reader asks, so that what is counted is what went out. */
export function watchedBody(
  body: ReadableStream<Uint8Array>,
  ending: Ending,
  { hidesUsage = false, signal }: Watching = {},
): ReadableStream<Uint8Array> {
  const source = body.getReader()
  const events = new Events()
  const encoder = new TextEncoder()
  const waiting: Event[] = []
  let isRead = false

  const end = (how: How): Promise<unknown> => {
    signal?.removeEventListener('abort', onAbort)
    if (how === 'cut') ending.reader.lookAhead(waiting.map((event) => event.data))
    return ending.end(how)
  }
  // A reader that aborts may never come back for the rest.
  const onAbort = () => void end('cut').catch(() => {})
  signal?.addEventListener('abort', onAbort)

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const event = waiting.shift()
          if (event) {
            const isUsageAlone = ending.reader.see(event.data)
            if (hidesUsage && isUsageAlone) continue
            controller.enqueue(encoder.encode(event.text))
            return
          }
          if (isRead) {
            await end('ended')
            controller.close()
            return
          }
          try {
            const { value, done } = await source.read()
            waiting.push(...events.push(value))
            isRead = done
          } catch (error) {
            await end(signal?.aborted ? 'cut' : 'broken').catch(() => {}) // the stream's own error is thrown on
            throw error
          }
        }
      },
      async cancel(reason) {
        await Promise.allSettled([source.cancel(reason)])
        await end('cut')
      },
    },
    { highWaterMark: 0 },
  )
}

function sameResponse(response: Response, body: BodyInit): Response {
  const headers = new Headers(response.headers)
  // The body is decoded, and may be shorter.
  headers.delete('content-encoding')
  headers.delete('content-length')
  const same = new Response(body, { status: response.status, statusText: response.statusText, headers })
  Object.defineProperty(same, 'url', { value: response.url })
  return same
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
