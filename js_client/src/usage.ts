/** What the SDKs of providers answer, taken as a usage by its shape: no SDK is imported. */

import { type AnyUsage, meters } from './arguments.js'

/** A usage as `billing.quote()`, charges and captures take it. */
export interface Sent {
  usage: object
  format?: string
}

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Some of an answer: its usage and what else says something of the price, without what was said in it. */
const some = (answer: Fields, ...names: string[]): Fields =>
  Object.fromEntries(names.filter((name) => answer[name] !== undefined).map((name) => [name, answer[name]]))

/**
 * The answer of an SDK, or its usage object, with the format that it is in; meters stay as they are.
 *
 * Of an answer only the part that bears on the price is taken: prompts and texts stay here. Where nothing tells the
 * format, the database looks (`auto`) and asks where two could be meant.
 */
export function sent(usage: AnyUsage, format?: string): Sent {
  if (format !== undefined) return { usage: plain(usage), format }
  const seen = seenIn(plain(usage))
  return seen.format === undefined ? { usage: meters(seen.usage as Record<string, number>) } : seen
}

function seenIn(raw: Fields): Sent {
  if (isObject(raw.totalUsage)) return { usage: some(raw, 'totalUsage', 'providerMetadata'), format: 'vercel_ai' }
  const usage = raw.usage
  // Whole answers say what they are.
  if (isObject(usage)) {
    if (typeof raw.object === 'string' && /^(chat\.completion|text_completion|list)/.test(raw.object)) {
      return { usage: some(raw, 'usage', 'service_tier'), format: 'openai_chat' }
    }
    if (raw.object === 'response') return { usage: some(raw, 'usage', 'service_tier'), format: 'openai_responses' }
    if (raw.type === 'message') return { usage: some(raw, 'usage'), format: 'anthropic' }
    if ('inputTokens' in usage) return { usage: some(raw, 'usage', 'providerMetadata'), format: 'vercel_ai' }
    return { usage: some(raw, 'usage', 'service_tier'), format: 'auto' }
  }
  if (isObject(raw.usageMetadata)) return { usage: some(raw, 'usageMetadata'), format: 'gemini' }
  // A usage object alone.
  if (isObject(raw.inputTokens) || isObject(raw.inputTokenDetails)) return { usage: raw, format: 'vercel_ai' }
  if ('cache_creation_input_tokens' in raw || 'cache_read_input_tokens' in raw) {
    return 'prompt_tokens' in raw ? { usage: raw, format: 'litellm' } : { usage: raw, format: 'anthropic' }
  }
  const isInMeters = Object.entries(raw).every(([name, value]) => typeof value === 'number' && !/tokens/i.test(name))
  return isInMeters ? { usage: raw } : { usage: raw, format: 'auto' }
}

/** Own fields of an SDK's object, which may be of a class, as JSON has them. */
function plain(usage: AnyUsage): Fields {
  const json = (usage as { toJSON?: () => unknown }).toJSON?.() ?? usage
  return json as Fields
}
