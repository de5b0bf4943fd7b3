/**
 * The middleware under the Vercel AI SDK, 6 and 7, with a model that reports 1,000 tokens of input and 40 of output:
 * 0.227 credits, as tests/track.test.ts says.
 */

import * as ai7 from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import * as ai6 from 'ai-6'
import { MockLanguageModelV3 } from 'ai-6/test'
import { describe, expect, test } from 'vitest'
import { tracked } from '../src/ai/index.js'
import type { Account } from '../src/index.js'
import { chargesOf, funded } from './stack.js'

const USAGE = {
  inputTokens: { total: 1000, noCache: 1000, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 40, text: 40, reasoning: undefined },
}
const FINISH = { unified: 'stop' as const, raw: 'stop' }
const REPORTED = ['0.227', false, { input: 1000, output: 40 }]
const HELD = { usage: { input: 2000, output: 1000 } }
const WORDS = 20
const pause = (milliseconds: number) => new Promise((resume) => setTimeout(resume, milliseconds))

/** Parts of a stream that come one by one, and end with a usage, unless who reads aborts. */
function parts(signal: AbortSignal | undefined, sent: { words: number }) {
  let step = 0
  return new ReadableStream({
    async pull(controller) {
      await pause(5)
      if (signal?.aborted) return controller.error(signal.reason)
      if (step === 0) controller.enqueue({ type: 'text-start', id: '1' })
      else if (step <= WORDS) {
        controller.enqueue({ type: 'text-delta', id: '1', delta: 'word' })
        sent.words++
      } else if (step === WORDS + 1) controller.enqueue({ type: 'text-end', id: '1' })
      else {
        controller.enqueue({ type: 'finish', usage: USAGE, finishReason: FINISH })
        controller.close()
      }
      step++
    },
  })
}

const whole = { content: [{ type: 'text' as const, text: 'Hello' }], finishReason: FINISH, usage: USAGE, warnings: [] }

const versions = {
  6: (account: Account, sent = { words: 0 }) => {
    const doStream = async (options: { abortSignal?: AbortSignal }) => ({ stream: parts(options.abortSignal, sent) })
    const model = new MockLanguageModelV3({ modelId: 'gpt-4o-mini', doGenerate: async () => whole, doStream })
    return {
      ...ai6,
      model: ai6.wrapLanguageModel({ model, middleware: tracked(account, HELD) }),
    } as unknown as typeof ai7 & { model: ai7.LanguageModel }
  },
  7: (account: Account, sent = { words: 0 }) => {
    const doStream = async (options: { abortSignal?: AbortSignal }) => ({ stream: parts(options.abortSignal, sent) })
    const model = new MockLanguageModelV4({ modelId: 'gpt-4o-mini', doGenerate: async () => whole, doStream })
    return { ...ai7, model: ai7.wrapLanguageModel({ model, middleware: tracked(account, HELD) }) as ai7.LanguageModel }
  },
}

describe.each([6, 7] as const)('ai %i', (version) => {
  test('an answer', async () => {
    const account = await funded()
    const { generateText, model } = versions[version](account)
    expect((await generateText({ model, prompt: 'Hello' })).text).toBe('Hello')
    expect(await chargesOf(account)).toEqual([REPORTED])
  })

  test('a stream', async () => {
    const account = await funded()
    const { streamText, model } = versions[version](account)
    const { textStream } = streamText({ model, prompt: 'Hello' })
    expect((await Array.fromAsync(textStream)).join('')).toBe('word'.repeat(WORDS))
    expect(await chargesOf(account)).toEqual([REPORTED])
  })

  test('a consumer that leaves lets the model run on, and its usage is charged', async () => {
    const account = await funded()
    const { streamText, model } = versions[version](account)
    const { textStream } = streamText({ model, prompt: 'Hello' })
    let seen = 0
    for await (const _ of textStream) if (++seen === 3) break
    await expect.poll(() => chargesOf(account)).toEqual([REPORTED])
  })

  test('an abort gives no usage: what was streamed is charged', async () => {
    const account = await funded()
    const sent = { words: 0 }
    const { streamText, model } = versions[version](account, sent)
    const stopping = new AbortController()
    const { textStream } = streamText({ model, prompt: 'Hello', abortSignal: stopping.signal, onError: () => {} })
    let seen = 0
    try {
      for await (const _ of textStream) if (++seen === 4) stopping.abort()
    } catch {
      // some versions throw here, others end
    }
    await expect.poll(async () => (await chargesOf(account)).length).toBe(1)
    const [[credits, isEstimated, usage]] = (await chargesOf(account)) as [[string, boolean, Record<string, number>]]
    // The SDK reads ahead of who reads it, the model ahead of the SDK: no more than the model has sent.
    expect(usage.output).toBeGreaterThanOrEqual(4)
    expect(usage.output).toBeLessThanOrEqual(sent.words)
    expect([isEstimated, usage.input]).toEqual([true, 2000])
    expect(credits).toBe(String(Math.ceil(Number((390 + usage.output! * 0.78).toFixed(6))) / 1000))
    const { reserved, available } = await account.balance()
    expect([reserved, Number(available)]).toEqual(['0', Number((1000 - Number(credits)).toFixed(3))])
  })

  test('a model that fails is not charged', async () => {
    const account = await funded()
    const fails = { modelId: 'gpt-4o-mini', doGenerate: async () => Promise.reject(new Error('no answer')) }
    const wrapped =
      version === 6
        ? ai6.wrapLanguageModel({ model: new MockLanguageModelV3(fails), middleware: tracked(account, HELD) })
        : ai7.wrapLanguageModel({ model: new MockLanguageModelV4(fails), middleware: tracked(account, HELD) })
    const { generateText } = version === 6 ? ai6 : ai7
    await expect(
      (generateText as typeof ai7.generateText)({
        model: wrapped as ai7.LanguageModel,
        prompt: 'Hello',
        maxRetries: 0,
      }),
    ).rejects.toThrow('no answer')
    expect(await chargesOf(account)).toEqual([])
    expect((await account.balance()).reserved).toBe('0')
  })
})
