/**
 * Reads along what a provider answers: what it reported, and how much it streamed. By shape: the chunks of OpenAI's chat
 * (and who speaks it) and responses, Anthropic's messages, Gemini, and the parts of the AI SDK.
 */

import type { Sent } from '../usage.js'

type Fields = Record<string, unknown>

const fields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null ? (value as Fields) : undefined
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter((item) => fields(item)) : [])

export class Reader {
  /** Bytes of UTF-8 of what was streamed. */
  streamedBytes = 0
  /** The text itself, where it is kept. */
  text = ''
  /** What the provider has reported so far. */
  reported: Sent | undefined
  /** Whether that is its last word. */
  isFinal = false
  /** Whether the stream said that it failed. */
  hasFailed = false
  /** Whether what was reported counts where the stream has ended well. */
  private countsAtEnd = false
  private hasCome = false
  private isKnown = false
  private isFinished = false
  private counts: Fields = {}

  constructor(
    private readonly format?: string,
    private readonly keepsText = false,
  ) {}

  /** Whether something came, and nothing of it is of a kind that is known here: nobody can say how much it is. */
  get isUnknown(): boolean {
    return this.hasCome && !this.isKnown
  }

  /** Takes in a chunk of a stream; says whether it is nothing but the usage of a chat. */
  see(chunk: unknown): boolean {
    if (typeof chunk === 'string') this.count(chunk)
    else if (chunk instanceof Uint8Array) this.count(new TextDecoder().decode(chunk))
    const event = fields(chunk)
    if (!event) return false
    this.hasCome = true
    this.isKnown ||= isKnown(event)
    if (typeof event.type === 'string') this.seeTyped(event.type, event)
    else if (Array.isArray(event.choices)) return this.seeChat(event, event.choices)
    else if (event.candidates || event.usageMetadata) this.seeGemini(event)
    else if (event.error) this.hasFailed = true
    return false
  }

  /** What has come and nobody has read yet: it may hold the provider's last word, and was not streamed. */
  lookAhead(chunks: unknown[]): void {
    const { streamedBytes, text } = this
    for (const chunk of chunks) this.see(chunk)
    if (!this.isFinal) Object.assign(this, { streamedBytes, text })
  }

  /** The stream has ended by itself. */
  ended(): void {
    if (this.countsAtEnd) this.isFinal = true
  }

  private seeTyped(type: string, event: Fields): void {
    if (type === 'error') this.hasFailed = true
    else if (type.startsWith('response.')) this.seeResponses(type, event)
    else if (type === 'message_start') this.merge(fields(event.message)?.usage)
    else if (type === 'content_block_delta') {
      const delta = fields(event.delta)
      this.count(delta?.text, delta?.thinking, delta?.partial_json)
    } else if (type === 'message_delta') {
      this.merge(event.usage)
      if (fields(event.delta)?.stop_reason) this.isFinal = 'input_tokens' in this.counts
    } else if (type === 'text-delta' || type === 'reasoning-delta' || type === 'tool-input-delta') {
      this.count(event.delta ?? event.text)
    } else if (type === 'finish') this.seeParts(event)
  }

  private seeChat(event: Fields, choices: unknown[]): boolean {
    for (const choice of list(choices)) {
      const delta = fields(choice.delta)
      if (delta) {
        for (const part of list(delta.content)) this.count(part.text)
        // Some say their reasoning under both names.
        this.count(delta.content, delta.refusal, delta.reasoning_content || delta.reasoning)
        for (const call of list(delta.tool_calls)) {
          const asked = fields(call.function)
          this.count(asked?.name, asked?.arguments)
        }
      } else this.count(choice.text)
      if (choice.finish_reason) this.isFinished = true
    }
    if (event.error) this.hasFailed = true
    if (!fields(event.usage)) return false
    this.reported = { usage: picked(event, 'usage', 'service_tier'), format: this.format ?? 'openai_chat' }
    this.countsAtEnd = true
    // Some report in every chunk: the last word comes when the answer is complete.
    this.isFinal = this.isFinished || choices.length === 0
    return choices.length === 0
  }

  private seeResponses(type: string, event: Fields): void {
    if (type.endsWith('.delta')) {
      if (!type.endsWith('audio.delta')) this.count(event.delta)
      return
    }
    if (!/^response\.(completed|incomplete|failed)$/.test(type)) return
    const response = fields(event.response)
    if (response && fields(response.usage)) {
      this.reported = { usage: picked(response, 'usage', 'service_tier'), format: this.format ?? 'openai_responses' }
      this.isFinal = true
    } else if (type === 'response.failed') this.hasFailed = true
  }

  /** Anthropic tells the input first and the output later; null says nothing. */
  private merge(usage: unknown): void {
    const said = fields(usage)
    if (!said) return
    for (const [name, value] of Object.entries(said)) if (value !== null) this.counts[name] = value
    if (Object.keys(this.counts).length > 0) {
      this.reported = { usage: this.counts, format: this.format ?? 'anthropic' }
    }
  }

  private seeGemini(event: Fields): void {
    for (const candidate of list(event.candidates)) {
      for (const part of list(fields(candidate.content)?.parts)) this.count(part.text)
      if (candidate.finishReason) this.isFinished = true
    }
    if (!fields(event.usageMetadata)) return
    this.reported = { usage: { usageMetadata: event.usageMetadata }, format: 'gemini' }
    this.isFinal = this.isFinished
    this.countsAtEnd = true
  }

  private seeParts(event: Fields): void {
    const usage = fields(event.usage) ?? fields(event.totalUsage)
    const counted = [usage?.inputTokens, usage?.outputTokens].map((count) => fields(count)?.total ?? count)
    if (!usage || !counted.some((count) => typeof count === 'number')) return
    this.reported = { usage: { usage, ...picked(event, 'providerMetadata') }, format: 'vercel_ai' }
    this.isFinal = true
  }

  /** The texts of an answer that is no stream. */
  seeWhole(answer: unknown): void {
    this.hasCome = true
    const body = fields(answer)
    for (const choice of list(body?.choices)) this.seeChat({}, [{ ...choice, delta: choice.delta ?? choice.message }])
    for (const block of list(body?.content)) this.count(block.text, block.thinking)
    for (const item of list(body?.output)) {
      this.count(item.arguments)
      for (const part of list(item.content)) this.count(part.text)
    }
    for (const candidate of list(body?.candidates)) {
      for (const part of list(fields(candidate.content)?.parts)) this.count(part.text)
    }
  }

  private count(...texts: unknown[]): void {
    for (const text of texts) {
      if (typeof text !== 'string') continue
      this.streamedBytes += utf8Bytes(text)
      this.isKnown ||= text !== ''
      if (this.keepsText) this.text += text
    }
  }
}

const TYPES =
  /^(error|ping|finish|raw|file|source|stream-start|response[.-]|message_|content_block|text-|reasoning-|tool-)/

const isKnown = ({ type, choices, candidates, usageMetadata, error }: Fields): boolean =>
  typeof type === 'string' ? TYPES.test(type) : Boolean(choices || candidates || usageMetadata || error)

const picked = (from: Fields, ...names: string[]): Fields =>
  Object.fromEntries(names.filter((name) => from[name] != null).map((name) => [name, from[name]]))

/** How long a text is in UTF-8; half of a surrogate pair is 3 bytes, as an encoder writes it. */
export function utf8Bytes(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes += 1
    else if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      bytes += 2 // four bytes for two units
      i++
    } else bytes += 2
  }
  return bytes
}
