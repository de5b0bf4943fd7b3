/**
 * What the current SDKs answer, taken as a usage as it is. Each answer is made by its SDK, out of what its provider sends;
 * the meters and prices are worked out by hand.
 */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import * as ai7 from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import * as ai6 from 'ai-6'
import { MockLanguageModelV3 } from 'ai-6/test'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { utf8Bytes } from '../src/track/reader.js'
import { sent } from '../src/usage.js'
import { anon, funded, service } from './stack.js'

const ANSWERS: Record<string, object> = {
  '/v1/chat/completions': {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4o-mini',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Secret.' } }],
    usage: {
      prompt_tokens: 2006,
      completion_tokens: 300,
      total_tokens: 2306,
      prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 200, audio_tokens: 0 },
    },
    service_tier: 'default',
  },
  '/v1/responses': {
    id: 'r1',
    object: 'response',
    created_at: 1,
    model: 'gpt-4o-mini',
    status: 'completed',
    output: [],
    usage: {
      input_tokens: 75,
      input_tokens_details: { cached_tokens: 64 },
      output_tokens: 1186,
      output_tokens_details: { reasoning_tokens: 1024 },
      total_tokens: 1261,
    },
    service_tier: 'default',
  },
  '/v1/embeddings': {
    object: 'list',
    model: 'text-embedding-3-small',
    data: [{ object: 'embedding', index: 0, embedding: [0.5] }],
    usage: { prompt_tokens: 8, total_tokens: 8 },
  },
  '/v1/messages': {
    id: 'm1',
    type: 'message',
    role: 'assistant',
    model: 'claude-haiku-4-5',
    content: [{ type: 'text', text: 'Secret.' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: 21,
      cache_creation_input_tokens: 1800,
      cache_read_input_tokens: 188086,
      cache_creation: { ephemeral_5m_input_tokens: 1000, ephemeral_1h_input_tokens: 800 },
      output_tokens: 393,
      service_tier: 'standard',
      server_tool_use: { web_search_requests: 0, web_fetch_requests: 0 },
    },
  },
  '/models/gemini-3.8-flash:generateContent': {
    candidates: [{ content: { role: 'model', parts: [{ text: 'Secret.' }] }, finishReason: 'STOP' }],
    usageMetadata: {
      promptTokenCount: 5040,
      cachedContentTokenCount: 4096,
      candidatesTokenCount: 42,
      thoughtsTokenCount: 100,
      totalTokenCount: 5182,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 5040 }],
      cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 4096 }],
    },
    modelVersion: 'gemini-3.8-flash',
  },
}

let server: Server
let base = ''
beforeAll(async () => {
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://x').pathname
    const answer = ANSWERS[path] ?? ANSWERS[path.replace(/^\/v1\w*/, '')]
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}))
  }).listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

const openai = () => new OpenAI({ apiKey: 'none', baseURL: `${base}/v1` })
const anthropic = () => new Anthropic({ apiKey: 'none', baseURL: base })
const MESSAGES = [{ role: 'user' as const, content: 'Hello' }]

const USAGE = {
  inputTokens: { total: 2302, noCache: 18, cacheRead: 2284, cacheWrite: 0 },
  outputTokens: { total: 141, text: 100, reasoning: 41 },
}
const whole = {
  content: [{ type: 'text' as const, text: 'Secret.' }],
  finishReason: { unified: 'stop' as const, raw: 'stop' },
  usage: USAGE,
  warnings: [],
}
const of6 = () =>
  ai6.generateText({ model: new MockLanguageModelV3({ doGenerate: async () => whole }), prompt: 'Hello' })
const of7 = () =>
  ai7.generateText({ model: new MockLanguageModelV4({ doGenerate: async () => whole }), prompt: 'Hello' })

// SDK, its major, what it answers with, and the meters by hand: cached tokens leave the input, thoughts the output.
const TABLE: [string, () => Promise<object>, string, Record<string, number>][] = [
  [
    'openai, chat',
    () => openai().chat.completions.create({ model: 'gpt-4o-mini', messages: MESSAGES }),
    'openai_chat',
    { input: 86, cache_read: 1920, output: 100, reasoning: 200 },
  ],
  [
    'openai, responses',
    () => openai().responses.create({ model: 'gpt-4o-mini', input: 'Hello' }),
    'openai_responses',
    { input: 11, cache_read: 64, output: 162, reasoning: 1024 },
  ],
  [
    'openai, embeddings',
    () => openai().embeddings.create({ model: 'text-embedding-3-small', input: 'Hello', encoding_format: 'float' }),
    'openai_chat',
    { input: 8 },
  ],
  [
    '@anthropic-ai/sdk, messages',
    () => anthropic().messages.create({ model: 'claude-haiku-4-5', max_tokens: 9, messages: MESSAGES }),
    'anthropic',
    { input: 21, cache_read: 188086, cache_write: 1000, cache_write_1h: 800, output: 393 },
  ],
  [
    '@anthropic-ai/sdk, the usage of a message',
    async () =>
      (await anthropic().messages.create({ model: 'claude-haiku-4-5', max_tokens: 9, messages: MESSAGES })).usage,
    'anthropic',
    { input: 21, cache_read: 188086, cache_write: 1000, cache_write_1h: 800, output: 393 },
  ],
  [
    '@google/genai, generateContent',
    () => {
      const google = new GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: base } })
      return google.models.generateContent({ model: 'gemini-3.8-flash', contents: 'Hello' })
    },
    'gemini',
    { input: 944, cache_read: 4096, output: 42, reasoning: 100 },
  ],
  ['ai 6, the result', of6, 'vercel_ai', { input: 18, cache_read: 2284, output: 100, reasoning: 41 }],
  [
    'ai 6, its usage',
    async () => (await of6()).usage,
    'vercel_ai',
    { input: 18, cache_read: 2284, output: 100, reasoning: 41 },
  ],
  ['ai 7, the result', of7, 'vercel_ai', { input: 18, cache_read: 2284, output: 100, reasoning: 41 }],
  [
    'ai 7, its usage',
    async () => (await of7()).usage,
    'vercel_ai',
    { input: 18, cache_read: 2284, output: 100, reasoning: 41 },
  ],
]

describe('as a usage', () => {
  test.each(TABLE)('%s', async (_, answer, format, meters) => {
    const found = await answer()
    expect(sent(found).format).toBe(format)
    expect(JSON.stringify(sent(found).usage)).not.toContain('Secret')
    expect(await anon.normalizeUsage(found)).toEqual(meters)
  })

  test('is quoted and charged as it is', async () => {
    const answer = await openai().chat.completions.create({ model: 'gpt-4o-mini', messages: MESSAGES })
    // 86 × 0.15 + 1920 × 0.075 + 300 × 0.60 per million: 0.0003369 USD, 0.43797 credits.
    expect(await anon.quote('gpt-4o-mini', answer)).toMatchObject({ cost: '0.0003369', credits: '0.438' })
    const message = await anthropic().messages.create({ model: 'claude-haiku-4-5', max_tokens: 9, messages: MESSAGES })
    // 21 × 1 + 188086 × 0.1 + 1000 × 1.25 + 800 × 2 + 393 × 5 per million: 0.0236446 USD, 30.73798 credits.
    const account = await funded()
    expect((await account.charge('claude-haiku-4-5', message)).credits).toBe('30.738')
    const hold = await account.authorize({ amount: 1, model: 'gpt-4o-mini' })
    expect((await hold.capture({ usage: answer })).credits).toBe('0.438')
    const estimate = await account.charge('gpt-4o-mini', { input: 1 }, { estimated: true })
    expect((await service.settleCharge(estimate.charge_id, answer)).credits).toBe('0.438')
  })

  test('meters stay meters, and what nobody can tell is asked about', async () => {
    expect(sent({ input: 5, output: 1 })).toEqual({ usage: { input: 5, output: 1 } })
    expect(sent({ image: 2 })).toEqual({ usage: { image: 2 } })
    expect(sent({ input_tokens: 5, output_tokens: 1 }).format).toBe('auto')
    await expect(anon.quote('gpt-4o-mini', { input_tokens: 5, output_tokens: 1 })).rejects.toMatchObject({
      error: 'unknown_format',
    })
    expect((await anon.quote('gpt-4o-mini', { input_tokens: 5, output_tokens: 1 }, { format: 'anthropic' })).cost).toBe(
      '0.00000135',
    )
  })
})

test('a text is as long as its UTF-8', () => {
  for (const text of [
    '',
    'sea',
    'Überraschung',
    '海が見える',
    '🌊 wave',
    'half \ud83c',
    '\udf0a half',
    '\ud83c\ud83c\udf0a',
  ]) {
    expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).length)
  }
})
