/**
 * What a provider answers, charged in one line, against the stand-in. It reports 1,000 tokens of input and 40 of output,
 * and streams 20 chunks of one token each. gpt-4o-mini costs 0.15 and 0.60 USD per million, and a USD is 1,300 credits:
 * 0.000195 and 0.00078 credits a token, rounded up to a thousandth at the end.
 */

import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { type Account, type Charged, Client, InsufficientCredits, NotFound, RatebookError } from '../src/index.js'
import { Events } from '../src/track/events.js'
import { Reader } from '../src/track/reader.js'
import { chargesOf, funded, service, serviceKey, standIn, url } from './stack.js'

const MESSAGES = [{ role: 'user' as const, content: 'Tell me of the sea.' }]
const CHAT = { model: 'gpt-4o-mini', messages: MESSAGES }
const CLAUDE = { model: 'claude-haiku-4-5', messages: MESSAGES, max_tokens: 500 }
const HELD = { usage: { input: 2000, output: 1000 } } // 0.39 + 0.78 = 1.17 credits

// 1000 × 0.000195 + 40 × 0.00078 = 0.2262
const REPORTED = ['0.227', false, { input: 1000, output: 40 }]
/** By the rule, of what was held for 2,000 and of so many tokens that were streamed. */
const CUT = (tokens: number) => [
  (Math.ceil((390 + tokens * 0.78).toFixed(6) as unknown as number) / 1000).toString(),
  true,
  tokens > 0 ? { input: 2000, output: tokens } : { input: 2000 },
]

const openaiOf = (behaviour = 'plain') =>
  new OpenAI({ apiKey: 'none', baseURL: `${standIn(behaviour)}/v1`, maxRetries: 0 })
const anthropicOf = (behaviour = 'plain') =>
  new Anthropic({ apiKey: 'none', baseURL: standIn(behaviour), maxRetries: 0 })

/** Nothing is kept back any more, and what is gone was charged. */
async function expectCharges(account: Account, ...expected: unknown[][]) {
  // An SDK whose stream is left does not wait for its end.
  await expect.poll(() => chargesOf(account)).toEqual(expected)
  const charges = await chargesOf(account)
  const { reserved, available } = await account.balance()
  const spent = charges.reduce((sum, [credits]) => sum + Number(credits), 0)
  expect([reserved, Number(available)]).toEqual(['0', Number((1000 - spent).toFixed(3))])
}

describe("OpenAI's client", () => {
  test('a chat stream, which is asked for its usage, without the chunk that was not asked for', async () => {
    const account = await funded()
    const told: Charged[] = []
    const openai = account.track(openaiOf(), { on_charge: (charged) => told.push(charged) })
    const chunks = await Array.fromAsync(await openai.chat.completions.create({ ...CHAT, stream: true }))
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toHaveLength(80)
    expect(chunks.every((chunk) => chunk.choices.length === 1 && !chunk.usage)).toBe(true)
    await expectCharges(account, REPORTED)
    expect(told.map((charged) => charged.credits)).toEqual(['0.227'])
  })

  test('the chunk with the usage, where the caller asks for it', async () => {
    const account = await funded()
    const stream_options = { include_usage: true }
    const stream = await account.track(openaiOf()).chat.completions.create({ ...CHAT, stream: true, stream_options })
    const chunks = await Array.fromAsync(stream)
    expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 1000, completion_tokens: 40 })
    await expectCharges(account, REPORTED)
  })

  test("its helpers: a stream's final message, and an answer with its response", async () => {
    const account = await funded()
    const openai = account.track(openaiOf())
    expect((await openai.chat.completions.stream(CHAT).finalMessage()).content).toHaveLength(80)
    const { data, response } = await openai.chat.completions.create(CHAT).withResponse()
    expect([data.usage?.prompt_tokens, response.status]).toEqual([1000, 200])
    await expectCharges(account, REPORTED, REPORTED)
  })

  test('responses, whole and as a stream', async () => {
    const account = await funded()
    const openai = account.track(openaiOf())
    expect((await openai.responses.create({ model: 'gpt-4o-mini', input: 'Hello' })).output_text).toHaveLength(80)
    const events = await Array.fromAsync(
      await openai.responses.create({ model: 'gpt-4o-mini', input: 'Hello', stream: true }),
    )
    expect(events.at(-1)?.type).toBe('response.completed')
    await expectCharges(account, REPORTED, REPORTED)
  })

  test('a consumer that leaves is charged for what it got', async () => {
    const account = await funded()
    const openai = account.track(openaiOf('pause=5'), HELD)
    let seen = 0
    for await (const chunk of await openai.chat.completions.create({ ...CHAT, stream: true })) {
      if (chunk.choices[0]?.delta.content) seen++
      if (seen === 7) break
    }
    await expectCharges(account, CUT(7))
  })

  test('an abort is charged for what it got, while it waits and between', async () => {
    for (const waits of [true, false]) {
      const account = await funded()
      const stopping = new AbortController()
      const openai = account.track(openaiOf('stall=3'), HELD)
      const stream = await openai.chat.completions.create({ ...CHAT, stream: true }, { signal: stopping.signal })
      let seen = 0
      for await (const chunk of stream) {
        if (chunk.choices[0]?.delta.content) seen++
        if (seen < 3) continue
        if (!waits) {
          stopping.abort()
          break
        }
        setTimeout(() => stopping.abort(), 10)
      }
      await expectCharges(account, CUT(3))
    }
  })

  test('one that leaves when the usage has come is charged that', async () => {
    const account = await funded()
    const openai = account.track(openaiOf('words=3,output=40'), HELD)
    const stream_options = { include_usage: true }
    for await (const chunk of await openai.chat.completions.create({ ...CHAT, stream: true, stream_options })) {
      if (chunk.usage) break
    }
    await expectCharges(account, REPORTED)
  })

  test('a stream without a usage is an estimate', async () => {
    const account = await funded()
    const openai = account.track(openaiOf('usage=no'), HELD)
    await Array.fromAsync(await openai.chat.completions.create({ ...CHAT, stream: true }))
    await expectCharges(account, CUT(20))
  })

  test('a connection that the provider drops is an estimate, and the error comes on', async () => {
    const account = await funded()
    const openai = account.track(openaiOf('cut=6,pause=5'), HELD)
    let seen = 0
    const read = async () => {
      for await (const chunk of await openai.chat.completions.create({ ...CHAT, stream: true })) {
        if (chunk.choices[0]?.delta.content) seen++
      }
    }
    await expect(read()).rejects.toThrow()
    expect(seen).toBeGreaterThan(0) // what had come and nobody had read is lost with the connection
    await expectCharges(account, CUT(seen))
  })

  test('an error in the stream: after some text an estimate, before any nothing', async () => {
    const account = await funded()
    for (const behaviour of ['error=5', 'error=1']) {
      const stream = await account.track(openaiOf(behaviour), HELD).chat.completions.create({ ...CHAT, stream: true })
      await expect(Array.fromAsync(stream)).rejects.toThrow()
    }
    await expectCharges(account, CUT(4))
  })

  test('a refusal, and nobody there: nothing is charged', async () => {
    const account = await funded()
    await expect(account.track(openaiOf('fail=429'), HELD).chat.completions.create(CHAT)).rejects.toMatchObject({
      status: 429,
    })
    const nobody = new OpenAI({ apiKey: 'none', baseURL: 'http://127.0.0.1:1/v1', maxRetries: 0 })
    await expect(account.track(nobody).chat.completions.create(CHAT)).rejects.toThrow('Connection error')
    await expectCharges(account)
  })

  test('without enough credits the provider is not asked', async () => {
    const account = await funded('0.5')
    let isAsked = false
    const asking: typeof fetch = async (...request) => {
      isAsked = true
      return fetch(...request)
    }
    const tracked = account.track(asking, HELD)
    const body = JSON.stringify(CHAT)
    const refused = tracked(`${standIn()}/v1/chat/completions`, { method: 'POST', body })
    await expect(refused).rejects.toBeInstanceOf(InsufficientCredits)
    expect(isAsked).toBe(false)
  })

  test('what Ratebook refuses comes out of the SDK as it is, and is not tried again', async () => {
    const account = await funded('0.1')
    let times = 0
    const counting = new Client(url, serviceKey, {
      fetch: async (...request) => {
        times++
        return fetch(...request)
      },
    })
    const mine = counting.account(account.id, { owner: account.id })
    const again = mine.track(openaiOf().withOptions({ maxRetries: 2 }), HELD)
    await expect(again.chat.completions.create(CHAT)).rejects.toBeInstanceOf(InsufficientCredits)
    await expect(mine.track(anthropicOf(), HELD).messages.create(CLAUDE)).rejects.toMatchObject({ needed: '9.1' })
    await expect(again.chat.completions.create({ ...CHAT, model: 'nobody-knows' })).rejects.toBeInstanceOf(NotFound)
    expect(times).toBe(3)
  })

  test('dearer than held, with nothing left: all that was held, until it is settled', async () => {
    const account = await funded('0.2')
    const openai = account.track(openaiOf(), { usage: { input: 1000 } }) // 0.195 credits
    const { usage } = await openai.chat.completions.create(CHAT)
    const charges = await chargesOf(account)
    expect(charges.map(([credits, isEstimated]) => [Number(credits), isEstimated])).toEqual([[0.195, true]])
    expect(usage?.completion_tokens).toBe(40)
  })

  test('a model under another name, and what a request says of itself', async () => {
    const account = await funded()
    const openai = account.track(openaiOf('usage=no'), { model: (asked) => `openai/${asked}` })
    await openai.chat.completions.create({ ...CHAT, max_completion_tokens: 100 })
    // 'user' and 'Tell me of the sea.' are 23 bytes, 6 tokens; held were 6 + 100, and 20 were said.
    await expectCharges(account, ['0.017', true, { input: 6, output: 20 }])
    await expect(
      account.track(openaiOf()).chat.completions.create({ ...CHAT, model: 'nobody-knows' }),
    ).rejects.toThrow()
  })

  test('what has no usage passes by', async () => {
    const account = await funded()
    await account.track(openaiOf()).models.list() // the stand-in answers each GET with its log
    await expectCharges(account)
  })
})

describe("Anthropic's client", () => {
  // 1 and 5 USD per million: 1000 × 0.0013 + 40 × 0.0065 = 1.56 credits.
  const reported = ['1.56', false, { input: 1000, output: 40 }]

  test('a message, whole, as events, and by its helper', async () => {
    const account = await funded()
    const anthropic = account.track(anthropicOf())
    expect((await anthropic.messages.create(CLAUDE)).usage.output_tokens).toBe(40)
    const events = await Array.fromAsync(await anthropic.messages.create({ ...CLAUDE, stream: true }))
    expect(events.at(-1)?.type).toBe('message_stop')
    expect((await anthropic.messages.stream(CLAUDE).finalMessage()).usage.output_tokens).toBe(40)
    await expectCharges(account, reported, reported, reported)
  })

  test('a stream that is cut has told its input', async () => {
    const account = await funded()
    const anthropic = account.track(anthropicOf('pause=5'), HELD)
    let seen = 0
    for await (const event of await anthropic.messages.create({ ...CLAUDE, stream: true })) {
      if (event.type === 'content_block_delta' && ++seen === 9) break
    }
    // 1000 × 0.0013 + 9 × 0.0065 = 1.3585
    await expectCharges(account, ['1.359', true, { input: 1000, output: 9 }])
  })
})

test("a tokenizer of one's own, what the log gets, and where an ending goes that nobody waits for", async () => {
  const account = await funded()
  const endings: Promise<unknown>[] = []
  const openai = account.track(openaiOf('words=3,usage=no'), {
    ...HELD,
    count: (text) => text.trim().split(' ').length * 100,
    prompt: 'Tell me of the sea.',
    keep_output: true,
    wait_until: (ending) => endings.push(ending),
  })
  await Array.fromAsync(await openai.chat.completions.create({ ...CHAT, stream: true }))
  await Promise.all(endings)
  expect(endings).toHaveLength(1)
  // 2000 × 0.000195 + 300 × 0.00078 = 0.624
  await expectCharges(account, ['0.624', true, { input: 2000, output: 300 }])
  const log = service.api.table('ai', 'generations').select('prompt,output,status').eq('lenser_id', account.id)
  expect(await service.api.ask(log)).toEqual([
    { prompt: 'Tell me of the sea.', output: '001 002 003 ', status: 'completed' },
  ])
})

describe('the reader', () => {
  const read = (...chunks: unknown[]) => {
    const reader = new Reader()
    for (const chunk of chunks) reader.see(chunk)
    return reader
  }
  const chat = (delta: object, more: object = {}) => ({ choices: [{ delta, ...more }] })

  test('counts what is said, in whatever way, once', () => {
    const call = { tool_calls: [{ function: { name: 'find', arguments: '{"a":1}' } }] }
    expect(read(chat({ content: 'Übel' }), chat({ refusal: 'No.' }), chat(call)).streamedBytes).toBe(5 + 3 + 4 + 7)
    expect(read(chat({ reasoning: 'hm', reasoning_content: 'hm' })).streamedBytes).toBe(2)
    expect(read(chat({ content: [{ type: 'text', text: 'abc' }] })).streamedBytes).toBe(3)
    expect(read({ type: 'response.output_text.delta', delta: 'abcd' }).streamedBytes).toBe(4)
    expect(read({ type: 'response.audio.delta', delta: 'AAAA' }).streamedBytes).toBe(0)
    const thinking = { type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: 'hmm' } }
    const input = { type: 'content_block_delta', delta: { type: 'input_json_delta', partial_json: '{"a":' } }
    expect(read(thinking, input).streamedBytes).toBe(8)
    expect(read('plain ', new TextEncoder().encode('text')).streamedBytes).toBe(10)
    expect(
      read({ type: 'reasoning-delta', delta: 'hm' }, { type: 'tool-input-delta', delta: '{}' }).streamedBytes,
    ).toBe(4)
  })

  test('takes a usage that comes with each chunk as the last word when the answer is complete', () => {
    const usage = { prompt_tokens: 9, completion_tokens: 1 }
    const early = read({ ...chat({ content: 'a' }), usage })
    expect([early.isFinal, early.reported?.usage]).toEqual([false, { usage }])
    expect(read({ ...chat({ content: 'a' }, { finish_reason: 'stop' }), usage }).isFinal).toBe(true)
    expect(read(chat({}, { finish_reason: 'stop' }), { choices: [], usage }).isFinal).toBe(true)
  })

  test('adds up what Anthropic tells, where null says nothing', () => {
    const start = {
      type: 'message_start',
      message: { usage: { input_tokens: 9, cache_read_input_tokens: 5, output_tokens: 1 } },
    }
    const end = {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: { output_tokens: 7, cache_read_input_tokens: null },
    }
    expect(read(start).isFinal).toBe(false)
    expect(read(start, end)).toMatchObject({
      isFinal: true,
      reported: { format: 'anthropic', usage: { input_tokens: 9, cache_read_input_tokens: 5, output_tokens: 7 } },
    })
    expect(read({ type: 'message_start', message: { usage: {} } }, { ...end, usage: {} })).toMatchObject({
      isFinal: false,
    })
  })

  test('takes events in whatever pieces they come', () => {
    const wire = 'event: a\r\ndata: {"choices":[{"delta":{"content":"海"}}]}\r\n\r\n: ping\n\ndata: [DONE]'
    const bytes = new TextEncoder().encode(wire)
    for (let size = 1; size < bytes.length; size += 3) {
      const [events, reader] = [new Events(), new Reader()]
      let text = ''
      for (let at = 0; at <= bytes.length; at += size) {
        const last = at + size > bytes.length
        const found = [...events.push(bytes.slice(at, at + size)), ...(last ? events.push() : [])]
        for (const event of found) {
          reader.see(event.data)
          text += event.text
        }
      }
      expect([text, reader.streamedBytes]).toEqual([wire, 3])
    }
  })
})

describe('a fetch', () => {
  test('passes a stream on to a browser, and charges when the browser leaves', async () => {
    const account = await funded()
    const tracked = account.track(fetch, HELD)
    const body = JSON.stringify({ ...CHAT, stream: true })
    const response = await tracked(`${standIn('pause=5')}/v1/chat/completions`, { method: 'POST', body })
    const reader = response.body!.getReader()
    let text = ''
    while ((text.match(/"content": "[^"]/g) ?? []).length < 4)
      text += new TextDecoder().decode((await reader.read()).value)
    await reader.cancel()
    await expectCharges(account, CUT(4))
  })

  test("Gemini's, by the model in its address, as events and as a list", async () => {
    const account = await funded()
    const usageMetadata = { promptTokenCount: 1000, candidatesTokenCount: 40, totalTokenCount: 1040 }
    const chunks = [
      { candidates: [{ content: { parts: [{ text: 'Once' }] } }] },
      { candidates: [{ content: { parts: [{ text: ' upon' }] }, finishReason: 'STOP' }], usageMetadata },
    ]
    const google: typeof fetch = async (address) =>
      String(address).endsWith('alt=sse')
        ? new Response(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join(''), {
            headers: { 'content-type': 'text/event-stream' },
          })
        : Response.json(chunks)
    const tracked = account.track(google, { model: (asked) => (asked === 'gemini-x' ? 'gpt-4o-mini' : asked) })
    const body = JSON.stringify({
      contents: [{ parts: [{ text: 'Tell me.' }] }],
      generationConfig: { maxOutputTokens: 9 },
    })
    for (const end of ['?alt=sse', '']) {
      const address = `https://google.test/v1beta/models/gemini-x:streamGenerateContent${end}`
      expect(await (await tracked(new Request(address, { method: 'POST', body }))).text()).toContain(' upon')
    }
    await expectCharges(account, REPORTED, REPORTED)
  })

  test('a usage that cannot be priced is an estimate, whole and in a stream that is cut', async () => {
    const account = await funded()
    const usage = { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18, unheard_of_tokens: 3 }
    const said = { object: 'chat.completion', choices: [{ message: { content: 'Once upon a time' } }], usage }
    const chunk = { choices: [{ delta: { content: 'Once upon' } }], usage }
    const odd: typeof fetch = async (address) =>
      String(address).startsWith('http://whole')
        ? Response.json(said)
        : new Response(`data: ${JSON.stringify(chunk)}\n\n`.repeat(2), {
            headers: { 'content-type': 'text/event-stream' },
          })
    const [tracked, body] = [account.track(odd, HELD), JSON.stringify({ ...CHAT, stream: true })]
    await (await tracked('http://whole/chat/completions', { method: 'POST', body })).json()
    const reader = (await tracked('http://stream/chat/completions', { method: 'POST', body })).body!.getReader()
    await reader.read()
    await reader.cancel()
    await expectCharges(account, CUT(4), CUT(3)) // 16 bytes, and 9 of them
  })

  test('what is of no known kind is charged all that was held', async () => {
    const account = await funded()
    const odd: typeof fetch = async (address) =>
      String(address).startsWith('http://whole')
        ? Response.json({ novel: 'Once upon a time' })
        : new Response('data: {"novel": "Once"}\n\n', { headers: { 'content-type': 'text/event-stream' } })
    const [tracked, body] = [account.track(odd, HELD), JSON.stringify(CHAT)]
    for (const address of ['http://whole/messages', 'http://stream/messages']) {
      await (await tracked(address, { method: 'POST', body })).text()
    }
    const charges = await chargesOf(account)
    expect(charges.map(([credits, isEstimated]) => [Number(credits), isEstimated])).toEqual([
      [1.17, true],
      [1.17, true],
    ])
  })

  test('ends what is open when the process is asked to stop', async () => {
    const account = await funded()
    const client = new Client(url, serviceKey)
    const tracked = client.account(account.id).track(fetch, HELD)
    const body = JSON.stringify({ ...CHAT, stream: true })
    const response = await tracked(`${standIn('pause=50')}/v1/chat/completions`, { method: 'POST', body })
    await response.body!.getReader().read()
    await client.cutAll()
    await expectCharges(account, CUT(0))
    expect(client.open.size).toBe(0)
  })
})

describe('a model and a call', () => {
  test('what it answers, and a stream of an SDK, which stays itself', async () => {
    const account = await funded()
    const openai = openaiOf()
    const answer = await account.track('gpt-4o-mini', () => openai.chat.completions.create(CHAT), { amount: 2 })
    expect(answer.choices[0]?.message.content).toHaveLength(80)
    const stream_options = { include_usage: true }
    const call = () => openai.chat.completions.create({ ...CHAT, stream: true, stream_options })
    const stream = await account.track('gpt-4o-mini', call, { amount: 2 })
    const text = await new Response(stream.toReadableStream()).text()
    expect(text.trim().split('\n').length).toBeGreaterThan(20)
    const [one, other] = (await account.track('gpt-4o-mini', call, { amount: 2 })).tee()
    expect(await Array.fromAsync(one)).toEqual(await Array.fromAsync(other))
    await expectCharges(account, REPORTED, REPORTED, REPORTED)
  })

  test('a generator, and one that breaks', async () => {
    const account = await funded()
    async function* gemini(fails: boolean) {
      yield {
        candidates: [{ content: { parts: [{ text: 'Once upon a ' }] } }],
        usageMetadata: { promptTokenCount: 1000 },
      }
      if (fails) throw new Error('gone')
      yield {
        candidates: [],
        usageMetadata: { promptTokenCount: 1000, candidatesTokenCount: 40, totalTokenCount: 1040 },
      }
    }
    await Array.fromAsync(await account.track('gpt-4o-mini', () => gemini(false), HELD))
    const broken = await account.track('gpt-4o-mini', () => gemini(true), HELD)
    await expect(Array.fromAsync(broken)).rejects.toThrow('gone')
    // 1000 × 0.000195 + 3 × 0.00078 = 0.19734
    await expectCharges(account, REPORTED, ['0.198', true, { input: 1000, output: 3 }])
  })

  test('held by an amount, with no count: all that was held; with a count, that', async () => {
    const account = await funded()
    const call = () => openaiOf('usage=no').chat.completions.create(CHAT)
    await account.track('gpt-4o-mini', call, { amount: '0.5' })
    await account.track('gpt-4o-mini', call, { amount: '0.5', usage: { input: 100 } })
    // 100 × 0.000195 + 20 × 0.00078 = 0.0351
    await expectCharges(account, ['0.5', true, null], ['0.036', true, { input: 100, output: 20 }])
  })

  test('a call that fails, a model that nobody knows, and nothing to hold', async () => {
    const account = await funded()
    const fail = async () => {
      throw new Error('no answer')
    }
    await expect(account.track('gpt-4o-mini', fail, { amount: 1 })).rejects.toThrow('no answer')
    await expect(account.track('nobody-knows', fail, { amount: 1 })).rejects.toBeInstanceOf(NotFound)
    await expect(account.track('gpt-4o-mini', fail, {})).rejects.toBeInstanceOf(RatebookError)
    await expectCharges(account)
  })
})
