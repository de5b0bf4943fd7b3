/**
 * examples/node-app.ts, with browsers that leave at random places: RATEBOOK_CUTS=200 makes so many, side by side.
 *
 * The provider says nothing more after so many chunks, and the reader leaves when it has them all: so what came is known.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Account } from '../src/index.js'
import { chargesOf, funded, serviceKey, standIn, url } from './stack.js'

const CUTS = Number(process.env.RATEBOOK_CUTS ?? 12)
const LONGEST = 400
// Thousandths of credits for a thousand tokens, read and written: USD per million, 1,300 credits to the dollar.
const PRICES: Record<string, [number, number]> = {
  '/chat': [195, 780],
  '/responses': [195, 780],
  '/messages': [1300, 6500],
}

/** Credits of a usage, up to the next thousandth. */
const credits = (path: string, usage: Record<string, number>) => {
  const [read, written] = PRICES[path]!
  return Math.ceil((usage.input! * read + (usage.output ?? 0) * written) / 1000) / 1000
}

/** The same places each time. */
function* chosen(seed: number): Generator<number, never> {
  for (;;) {
    seed = (seed * 1103515245 + 12345) % 2 ** 31
    yield seed / 2 ** 31
  }
}

async function started(environment: Record<string, string> = {}): Promise<{ app: ChildProcess; at: string }> {
  const app = spawn(process.execPath, ['examples/node-app.ts'], {
    env: {
      ...process.env,
      PORT: '0',
      SUPABASE_URL: url,
      SUPABASE_SERVICE_ROLE_KEY: serviceKey,
      OPENAI_API_KEY: 'none',
      ANTHROPIC_API_KEY: 'none',
      OPENAI_BASE_URL: `${standIn()}/v1`,
      ANTHROPIC_BASE_URL: standIn(),
      ...environment,
    },
    cwd: new URL('..', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [at] = await once(createInterface(app.stdout!), 'line')
  return { app, at: String(at) }
}

let app: ChildProcess
let at = ''
beforeAll(async () => {
  ;({ app, at } = await started())
})
afterAll(() => {
  app.kill('SIGKILL')
})

const ask = (path: string, account: Account, text: string, signal?: AbortSignal) =>
  fetch(at + path, {
    method: 'POST',
    headers: { 'x-user': account.id },
    body: JSON.stringify({ text }),
    ...(signal && { signal }),
  })

/** Leaves when so many bytes have come. */
async function readUntil(response: Response, bytes: number): Promise<void> {
  const reader = response.body!.getReader()
  let came = 0
  while (came < bytes) came += (await reader.read()).value?.length ?? Number.NaN
  expect(came).toBe(bytes)
}

/** The charges, when nothing is held any more. */
async function settled(account: Account, number: number) {
  await expect.poll(async () => (await account.balance()).reserved).toBe('0')
  const charges = await chargesOf(account)
  expect(charges).toHaveLength(number)
  return charges
}

const question = (marks: string) => `Lighthouses [${marks}]`
const held = (text: string) => Math.floor(text.length / 4) + 10

describe('the Node app', () => {
  test(`${CUTS} browsers leave at a random place: the rule's amount is charged, the rest released`, async () => {
    const random = chosen(17)
    const readers = await Promise.all(
      Array.from({ length: CUTS }, async () => ({
        path: Object.keys(PRICES)[Math.floor(random.next().value * 3)]!,
        words: 1 + Math.floor(random.next().value * 380),
        account: await funded('10'),
      })),
    )
    const begun = performance.now()
    await Promise.all(
      readers.map(async ({ path, words, account }) => {
        const leaving = new AbortController()
        const response = await ask(path, account, question(`words=400,stall=${words}`), leaving.signal)
        await readUntil(response, words * 4)
        leaving.abort()
      }),
    )
    const charges = await Promise.all(readers.map(({ account }) => settled(account, 1)))
    const seconds = (performance.now() - begun) / 1000
    for (const [index, { path, words, account }] of readers.entries()) {
      const text = question(`words=400,stall=${words}`)
      // A message tells its input when it begins.
      const usage = { input: path === '/messages' ? 1000 : held(text), output: words }
      const most = credits(path, { input: held(text), output: LONGEST })
      const due = credits(path, usage)
      const [[charged, isEstimated, counted]] = charges[index] as [[string, boolean, object | null]]
      expect([path, words, Number(charged), isEstimated]).toEqual([path, words, Math.min(due, most), true])
      expect(counted).toEqual(due <= most ? usage : null)
      const { available } = await account.balance()
      expect(Number(available)).toBe(Number((10 - Math.min(due, most)).toFixed(3)))
    }
    console.log(`${CUTS} streams cut, ${seconds.toFixed(1)} s`)
  })

  test.each(Object.keys(PRICES))('a browser that stays, by %s', async (path) => {
    const account = await funded('10')
    const response = await ask(path, account, question('words=30,pause=1'))
    expect(await response.text()).toBe(
      Array.from({ length: 30 }, (_, i) => `${String(i + 1).padStart(3, '0')} `).join(''),
    )
    const usage = { input: 1000, output: 60 }
    expect((await settled(account, 1)).map(([charged, ...rest]) => [Number(charged), ...rest])).toEqual([
      [credits(path, usage), false, usage],
    ])
  })

  test('who has too little is told', async () => {
    const response = await ask('/chat', await funded('0.001'), 'Hi')
    // 10 × 0.000195 + 400 × 0.00078 = 0.31395
    expect([response.status, (await response.json()).needed]).toEqual([402, '0.314'])
  })

  test('asked to stop, it charges for what came; killed, the hold ends by itself', async () => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const account = await funded('10')
      const stopping = await started()
      const text = question('words=400,stall=20')
      const body = JSON.stringify({ text })
      const response = await fetch(`${stopping.at}/chat`, { method: 'POST', headers: { 'x-user': account.id }, body })
      await readUntil(response, 80)
      stopping.app.kill(signal)
      await once(stopping.app, 'exit')
      if (signal === 'SIGTERM') {
        const usage = { input: held(text), output: 20 }
        expect(await settled(account, 1)).toEqual([[String(credits('/chat', usage)), true, usage]])
      } else {
        const [hold] = await account.holds()
        expect(hold?.amount).toBe('0.316')
        expect(Date.parse(hold!.expires_at) - Date.now()).toBeLessThan(15 * 60_000)
        expect((await account.balance()).available).toBe('9.684')
      }
    }
  })
})

describe('the route handler', async () => {
  const { POST } = await import('../examples/nextjs-route.js')
  const request = (account: Account, signal?: AbortSignal) =>
    new Request('http://localhost/api/chat', {
      method: 'POST',
      headers: { 'x-user': account.id },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'Lighthouses [words=8]' }] }),
      ...(signal && { signal }),
    })

  test('streams, and charges what was reported', async () => {
    const account = await funded('10')
    const response = await POST(request(account))
    expect((await response.text()).trim().split('\n').length).toBeGreaterThan(8)
    expect(await settled(account, 1)).toEqual([['0.208', false, { input: 1000, output: 16 }]])
  })

  test('charges for what came when its reader leaves', async () => {
    const account = await funded('10')
    const body = JSON.stringify({ messages: [{ role: 'user', content: 'Lighthouses [words=8,stall=3]' }] })
    const response = await POST(
      new Request('http://localhost', { method: 'POST', headers: { 'x-user': account.id }, body }),
    )
    const reader = response.body!.getReader()
    let text = ''
    while (!text.includes('003')) text += new TextDecoder().decode((await reader.read()).value)
    await reader.cancel()
    // 33 bytes of texts are 9 tokens: 9 × 0.000195 + 3 × 0.00078 = 0.004095
    expect(await settled(account, 1)).toEqual([['0.005', true, { input: 9, output: 3 }]])
  })

  test('says who has too little', async () => {
    expect((await POST(request(await funded('0.001')))).status).toBe(402)
  })
})
