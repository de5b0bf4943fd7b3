/** What `track` costs: RATEBOOK_OVERHEAD=1 measures it, and prints milliseconds per call and microseconds per chunk. */

import { expect, test } from 'vitest'
import { Client } from '../src/index.js'
import { funded, serviceKey, url } from './stack.js'

const CHUNKS = 5000
const chunk = (content: string) =>
  new TextEncoder().encode(
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-mini', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`,
  )
const USAGE = new TextEncoder().encode(
  `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 } })}\n\ndata: [DONE]\n\n`,
)

/** A provider in this process, so that nothing but `track` takes time. */
const provider =
  (chunks: number): typeof fetch =>
  async () => {
    let left = chunks
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left-- > 0) return controller.enqueue(chunk('word'))
        controller.enqueue(USAGE)
        controller.close()
      },
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }

const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [], stream: true, max_tokens: 10 })
async function timed(through: typeof fetch, times: number): Promise<number> {
  const begun = performance.now()
  for (let i = 0; i < times; i++) {
    const response = await through('http://localhost/v1/chat/completions', { method: 'POST', body })
    for await (const _ of response.body!) void _
  }
  return (performance.now() - begun) / times
}
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!

test.runIf(process.env.RATEBOOK_OVERHEAD)('per call and per chunk', async () => {
  const account = new Client(url, serviceKey).account((await funded('100000')).id)
  const rounds = Array.from({ length: 9 })
  const short = account.track(provider(1))
  await timed(short, 20)
  const calls: number[] = []
  for (const _ of rounds) calls.push((await timed(short, 20)) - (await timed(provider(1), 20)))
  const perChunk: number[] = []
  const [plain, tracked] = [provider(CHUNKS), account.track(provider(CHUNKS))]
  for (const _ of rounds) perChunk.push(((await timed(tracked, 1)) - (await timed(plain, 1))) / CHUNKS)
  console.log(
    `per call ${median(calls).toFixed(1)} ms (authorize_credits and capture_hold over HTTP), ` +
      `per chunk ${((median(perChunk) - median(calls) / CHUNKS) * 1000).toFixed(1)} µs`,
  )
  expect(median(calls)).toBeGreaterThan(0)
})
