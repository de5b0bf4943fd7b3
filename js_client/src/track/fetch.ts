/** A `fetch` that holds and charges: for OpenAI's SDK, Anthropic's, the AI SDK's providers, and requests of one's own. */

import type { Usage } from '../arguments.js'
import { ApiError, NotAllowed, RatebookError } from '../errors.js'
import type { Account } from '../wallet.js'
import { Ending } from './ending.js'
import { held, type TrackOptions } from './options.js'
import { utf8Bytes } from './reader.js'
import { watchedResponse } from './response.js'

// What answers with a usage. Files, batches, token counts and the like pass by.
const ANSWERS = /\/(chat\/completions|completions|responses|messages|embeddings)$/
const GEMINI = /\/models\/([^/:]+):(generateContent|streamGenerateContent)$/
const OUTPUT = 4096

interface Asked {
  model: string
  body: Record<string, unknown>
  /** Whether a chat's stream has to be asked for its usage. */
  asksForUsage: boolean
  /** Whether the model writes: embeddings only read. */
  writes: boolean
}

export function trackedFetch(account: Account, through: typeof fetch, options: TrackOptions): typeof fetch {
  return async (input, init) => {
    const asked = await read(input, init)
    if (!asked) return through(input, init)
    const { body, asksForUsage } = asked
    const hold = await account.authorize(held(options, asked.model, () => expectedUsage(asked)))
    const ending = new Ending(account.client, hold, options)
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined)
    let response: Response
    try {
      if (asksForUsage) {
        const withUsage = { ...body, stream_options: { ...(body.stream_options as object), include_usage: true } }
        const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
        headers.delete('content-length')
        response = await through(input, { ...init, headers, body: JSON.stringify(withUsage) })
      } else response = await through(input, init)
    } catch (error) {
      await ending.end('refused').catch(() => {}) // it ends by itself, and must not hide why
      throw error
    }
    return watchedResponse(response, ending, { hidesUsage: asksForUsage, signal })
  }
}

/** What SDKs that Stainless makes have in common, as far as is used here. */
interface Sdk {
  fetch?: typeof fetch
  withOptions(options: { fetch: typeof fetch }): Sdk
  makeStatusError?(status: number, error: unknown, message: string | undefined, headers: Headers): Error
}

/**
 * An SDK's client through such a `fetch`. An SDK takes what a `fetch` throws for a lost connection, and asks again: an
 * error of Ratebook goes through it as a response that is not to be repeated, and comes out as itself.
 */
export function trackedClient(account: Account, client: Sdk, options: TrackOptions): Sdk {
  const refusals = new WeakMap<Headers, RatebookError>()
  const through = trackedFetch(account, client.fetch ?? fetch, options)
  const tracked = client.withOptions({
    fetch: async (input, init) => {
      try {
        return await through(input, init)
      } catch (error) {
        if (!(error instanceof RatebookError)) throw error
        const response = Response.json(
          { error: { message: error.message, type: error.name } },
          { status: statusOf(error), headers: { 'x-should-retry': 'false' } },
        )
        refusals.set(response.headers, error)
        return response
      }
    },
  })
  const { makeStatusError } = tracked
  if (makeStatusError) {
    tracked.makeStatusError = function (this: Sdk, status, error, message, headers) {
      return refusals.get(headers) ?? makeStatusError.call(this, status, error, message, headers)
    }
  }
  return tracked
}

function statusOf(error: RatebookError): number {
  const code = error instanceof ApiError ? error.code : ''
  return Number(/^PT(4\d\d)$/.exec(code)?.[1] ?? (error instanceof NotAllowed ? 403 : 503))
}

/** What a request says of itself: four bytes of its texts are a token, and its limit is what may come. */
function expectedUsage({ body, writes }: Asked): Usage {
  const { messages, input, system, systemInstruction, instructions, prompt, contents, tools } = body
  const texts = [messages, input, system, systemInstruction, instructions, prompt, contents, tools]
  const tokens = { input: Math.max(1, Math.ceil(textBytes(texts) / 4)) }
  if (!writes) return tokens
  const { maxOutputTokens } = (body.generationConfig ?? {}) as Record<string, unknown>
  const limits = [body.max_completion_tokens, body.max_output_tokens, body.max_tokens, maxOutputTokens]
  return { ...tokens, output: limits.find((limit) => typeof limit === 'number') ?? OUTPUT }
}

/** Pictures and files are not texts. */
export function textBytes(value: unknown): number {
  if (typeof value === 'string') return value.startsWith('data:') ? 0 : utf8Bytes(value)
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + textBytes(item), 0)
  if (typeof value !== 'object' || value === null) return 0
  let sum = 0
  for (const [name, part] of Object.entries(value)) if (name !== 'data' && name !== 'file_data') sum += textBytes(part)
  return sum
}

async function read(input: RequestInfo | URL, init: RequestInit | undefined): Promise<Asked | undefined> {
  const request = input instanceof Request ? input : undefined
  if ((init?.method ?? request?.method)?.toUpperCase() !== 'POST') return undefined
  const { pathname } = new URL(request?.url ?? String(input), 'http://localhost')
  const gemini = GEMINI.exec(pathname)
  if (!gemini && !ANSWERS.test(pathname)) return undefined
  const text = init?.body ?? (request && (await request.clone().text()))
  if (typeof text !== 'string') return undefined
  let body: Record<string, unknown>
  try {
    body = JSON.parse(text)
  } catch {
    return undefined
  }
  const model = gemini?.[1] ?? body?.model
  if (typeof model !== 'string') return undefined
  const isChat = /\/(chat\/)?completions$/.test(pathname)
  const options = body.stream_options as { include_usage?: boolean } | undefined
  const writes = !pathname.endsWith('/embeddings')
  return { model, body, writes, asksForUsage: isChat && body.stream === true && options?.include_usage !== true }
}
