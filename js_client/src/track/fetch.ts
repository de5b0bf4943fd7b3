/** A `fetch` that holds and charges: for OpenAI's SDK, Anthropic's, the AI SDK's providers, and requests of one's own. */

import type { Usage } from '../arguments.js'
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
}

export function trackedFetch(account: Account, through: typeof fetch, options: TrackOptions): typeof fetch {
  return async (input, init) => {
    const asked = await read(input, init)
    if (!asked) return through(input, init)
    const { body, asksForUsage } = asked
    const ending = await begin(account, asked, options)
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

async function begin(account: Account, asked: Asked, options: TrackOptions): Promise<Ending> {
  const hold = await account.authorize(held(options, asked.model, () => expectedUsage(asked.body)))
  return new Ending(account.client, hold, options)
}

/** What a request says of itself: four bytes of its texts are a token, and its limit is what may come. */
function expectedUsage(body: Record<string, unknown>): Usage {
  const config = (body.generationConfig ?? {}) as Record<string, unknown>
  const { messages, input, system, systemInstruction, instructions, prompt, contents, tools } = body
  const limits = [body.max_completion_tokens, body.max_output_tokens, body.max_tokens, config.maxOutputTokens]
  const isText = messages !== undefined || contents !== undefined || prompt !== undefined || 'max_output_tokens' in body
  const output = limits.find((limit) => typeof limit === 'number') as number | undefined
  const texts = textBytes([messages, input, system, systemInstruction, instructions, prompt, contents, tools])
  const tokens = Math.ceil(texts / 4)
  return isText || body.stream !== undefined || output !== undefined || input === undefined
    ? { input: tokens, output: output ?? OUTPUT }
    : { input: tokens }
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
  return { model, body, asksForUsage: isChat && body.stream === true && options?.include_usage !== true }
}
