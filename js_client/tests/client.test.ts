/** The client against the real stack. Expectations are worked out by hand from the list prices of seeds/. */

import { PostgrestClient } from '@supabase/postgrest-js'
import { createClient } from '@supabase/supabase-js'
import { describe, expect, test } from 'vitest'
import {
  ApiError,
  Client,
  Conflict,
  ConnectionFailed,
  IdempotencyConflict,
  InsufficientCredits,
  NotAllowed,
  NotConfigured,
  NotFound,
  RatebookError,
  UnusableUsage,
} from '../src/index.js'
import { anon, anonKey, funded, newPerson, service, url } from './stack.js'

const USAGE = { input: 1000, output: 500 } // of gpt-4o-mini: 0.00015 + 0.0003 USD, 0.585 credits

describe('what an anonymous visitor asks', () => {
  test('the catalogue, with its prices as text', async () => {
    const found = await anon.catalogue({ provider: 'openai', search: 'gpt-4o mini' })
    expect(found.map((model) => model.key)).toEqual(['gpt-4o-mini'])
    expect(found[0]).toMatchObject({
      input_price: '0.00000015',
      input_per_million: '0.15',
      output_per_million: '0.6',
      currency: 'USD',
      context_window: 128000,
    })
    expect(found[0]?.prices.input).toBe('0.00000015')
  })

  test('a filter of every kind', async () => {
    const found = await anon.catalogue({
      modality: 'text',
      supports: ['vision'],
      context_window: 500000,
      task: 'generation',
    })
    expect(found.length).toBeGreaterThan(0)
    expect(found.every((model) => model.context_window! >= 500000 && model.supports.includes('vision'))).toBe(true)
    expect(await anon.catalogue({ search: '100% no such_thing' })).toEqual([])
    expect((await anon.catalogue({ active: null })).length).toBeGreaterThan((await anon.catalogue()).length)
  })

  test('prices, and how they went', async () => {
    const prices = await anon.prices('gpt-4o-mini')
    expect(Object.fromEntries(prices.map((price) => [price.meter, price.price_per_unit]))).toMatchObject({
      input: '0.00000015',
      output: '0.00000060',
    })
    const steps = await anon.priceHistory('gpt-4o-mini')
    expect(steps.find((step) => step.meter === 'output')).toMatchObject({ price_per_million: '0.6', ends_at: null })
    expect(await anon.priceChanges('2100-01-01T00:00:00Z')).toEqual([])
  })

  test('a quote, line by line', async () => {
    const quote = await anon.quote('gpt-4o-mini', USAGE)
    expect(quote).toMatchObject({ model: 'gpt-4o-mini', cost: '0.00045', credits: '0.585', currency: 'USD' })
    expect(quote.lines.map(({ meter, quantity, cost }) => [meter, quantity, cost])).toEqual([
      ['input', '1000', '0.00015'],
      ['output', '500', '0.0003'],
    ])
  })

  test('many quotes in their order', async () => {
    const found = await anon.quoteMany([
      { model: 'gpt-4o-mini', usage: USAGE },
      { model: 'dall-e-3', usage: { image: 2 }, variant: '1024x1024', at: new Date('2026-02-01T00:00:00Z') },
    ])
    expect(found.map(({ index, cost, credits }) => [index, cost, credits])).toEqual([
      [0, '0.00045', '0.585'],
      [1, '0.08', '104'],
    ])
  })

  test('a comparison, the cheapest first', async () => {
    const found = await anon.compare(USAGE, ['gpt-4o', 'no-such-model', 'gpt-4o-mini'])
    expect(found.map(({ model, cost, error }) => [model, cost, error])).toEqual([
      ['gpt-4o-mini', '0.00045', null],
      ['gpt-4o', '0.0075', null], // 1000 × 2.50 + 500 × 10 per million
      [null, null, 'unknown_model'],
    ])
  })

  test('a route', async () => {
    const [first] = await anon.route('chat', { usage: USAGE, max_credits: '1' }, 'somebody')
    expect(first).toMatchObject({ place: 1, model: 'gpt-4o-mini', cost: '0.00045', credits: '0.585' })
    const routes = await anon.explainRoute('chat', { max_cost: '0.000001', currency: 'USD', usage: USAGE })
    expect(routes.every((route) => route.place === null && route.reasons.length > 0)).toBe(true)
  })

  test('through a supabase client, and a postgrest client', async () => {
    const supabase = createClient(url, anonKey, { auth: { persistSession: false } })
    expect((await new Client(supabase).quote('gpt-4o-mini', USAGE)).credits).toBe('0.585')
    const postgrest = new PostgrestClient(`${url}/rest/v1`, { headers: { apikey: anonKey } })
    expect((await new Client(postgrest).quote('gpt-4o-mini', USAGE)).credits).toBe('0.585')
    expect(await anon.version()).toMatch(/^\d+\.\d+\.\d+/)
  })
})

describe('the wallet', () => {
  test('hold, capture, and what is left', async () => {
    const account = await funded('10')
    const hold = await account.authorize({ amount: '5', model: 'gpt-4o-mini', expires_in: 60 })
    expect([hold.amount, hold.balance.available]).toEqual(['5', '5'])
    expect((await account.holds()).map(({ id, amount }) => [id, amount])).toEqual([[hold.id, '5']])
    const charged = await hold.capture({ usage: USAGE })
    expect([charged.credits, charged.cost, charged.balance.available]).toEqual(['0.585', '0.00045', '9.415'])
    expect(await account.balance()).toMatchObject({ available: '9.415', reserved: '0', debt: '0' })
    expect((await account.lots()).map((lot) => lot.remaining)).toEqual(['9.415'])
  })

  test('a hold that is given back, and one around some work', async () => {
    const account = await funded('10')
    expect((await (await account.authorize({ amount: 4 })).release()).balance.available).toBe('10')
    await expect(
      account.withHold({ amount: 4 }, async () => {
        throw new Error('no answer')
      }),
    ).rejects.toThrow('no answer')
    expect((await account.balance()).available).toBe('10')
    expect(await account.withHold({ amount: '0.5' }, async () => 'done')).toBe('done')
    expect((await account.balance()).available).toBe('9.5')
  })

  test('charge, refund, and the statement', async () => {
    const account = await funded('10')
    const charged = await account.charge('gpt-4o-mini', USAGE, { prompt: 'Say hello.', idempotency_key: 'first' })
    expect(await account.charge('gpt-4o-mini', USAGE, { prompt: 'Say hello.', idempotency_key: 'first' })).toEqual(
      charged,
    )
    const refunded = await service.refundCharge(charged.charge_id, { amount: '0.5', reason: 'half of it' })
    expect([refunded.amount, refunded.balance.available]).toEqual(['0.5', '9.915'])
    const [one, two] = await account.chargeMany([
      { model: 'gpt-4o-mini', usage: USAGE },
      { model: 'dall-e-3', usage: { image: 0 }, variant: '1024x1024' },
    ])
    expect([one?.credits, two?.credits]).toEqual(['0.585', '0'])
    const entries = await Array.fromAsync(account.statement())
    expect(entries.map(({ kind, amount, balance_after }) => [kind, amount, balance_after])).toEqual([
      ['grant', '10', '10'],
      ['charge', '-0.585', '9.415'],
      ['refund', '0.5', '9.915'],
      ['charge', '-0.585', '9.33'],
    ])
    expect((await Array.fromAsync(account.statement({ newest_first: true }))).map((entry) => entry.number)).toEqual([
      4, 3, 2, 1,
    ])
    const since = new Date(Date.now() - 60_000)
    const used = await service.usage({ since, until: new Date(), by: 'model', owner: account.id })
    expect(used.find((day) => day.key === 'gpt-4o-mini')).toMatchObject({
      key: 'gpt-4o-mini',
      net: '0.67',
      quantities: { input: '2000', output: '1000' },
      charges: 2,
    })
  })

  test('an estimate that is settled', async () => {
    const account = await funded('10')
    const estimate = await account.charge('gpt-4o-mini', { input: 20000, output: 4000 }, { estimated: true })
    const settled = await service.settleCharge(estimate.charge_id, USAGE)
    // 20,000 × 0.15 + 4,000 × 0.60 per million are 0.0054 USD, 7.02 credits.
    expect([estimate.credits, settled.credits, settled.difference]).toEqual(['7.02', '0.585', '-6.435'])
  })

  test('what the provider says that it cost', async () => {
    const charged = await (await funded('10')).charge('gpt-4o-mini', undefined, { reported_cost: '0.0002' })
    expect([charged.credits, charged.cost]).toEqual(['0.26', '0.0002'])
  })

  test('credits that move', async () => {
    const [account, other] = [await funded('10'), newPerson()]
    expect(await account.move(other.id, '2.5', { to_owner: other.id })).toMatchObject({
      amount: '2.5',
      from_balance: { available: '7.5' },
      to_balance: { available: '2.5' },
    })
  })
})

describe('what is refused', () => {
  test('each as its own error, with the token and the facts', async () => {
    const account = await funded('1')
    await expect(anon.quote('gpt-99', USAGE)).rejects.toMatchObject({ constructor: NotFound, error: 'unknown_model' })
    const unpriced = await anon.quote('gpt-4o', { image: 1 }).catch((error: unknown) => error)
    expect(unpriced).toBeInstanceOf(UnusableUsage)
    expect(unpriced).toMatchObject({
      code: 'PT422',
      error: 'no_price',
      detail: { meter: 'image' },
      name: 'UnusableUsage',
    })
    const poor = await account.authorize({ amount: 5 }).catch((error: unknown) => error)
    expect(poor).toBeInstanceOf(InsufficientCredits)
    expect(poor).toMatchObject({ balance: '1', held: '0', needed: '5' })
    await account.grant(1, { idempotency_key: 'a' })
    await expect(account.grant(2, { idempotency_key: 'a' })).rejects.toBeInstanceOf(IdempotencyConflict)
    await expect(account.grant(2, { idempotency_key: 'a' })).rejects.toBeInstanceOf(Conflict)
    await expect(anon.account(account.id).grant(1)).rejects.toBeInstanceOf(NotAllowed)
    await expect(anon.quote('gpt-4o-mini', { input: Number.NaN })).rejects.toMatchObject({ error: 'not_a_number' })
    for (const kind of [NotFound, Conflict, UnusableUsage, NotAllowed, InsufficientCredits]) {
      expect(kind.prototype).toBeInstanceOf(ApiError)
    }
    expect(ApiError.prototype).toBeInstanceOf(RatebookError)
  })

  test('amounts that have lost digits, and times without a zone, before anything is sent', async () => {
    await expect(service.account(newPerson().id).grant(0.1)).rejects.toBeInstanceOf(TypeError)
    await expect(anon.prices('gpt-4o', '2026-01-01T00:00:00')).rejects.toBeInstanceOf(TypeError)
    expect(() => new Client('', '')).toThrow(NotConfigured)
    expect(() => Client.fromEnv({ SUPABASE_URL: url })).toThrow(NotConfigured)
    const found = Client.fromEnv({ SUPABASE_URL: url, SUPABASE_ANON_KEY: anonKey })
    expect((await found.quote('gpt-4o-mini', USAGE)).credits).toBe('0.585')
  })

  test('an API that does not answer', async () => {
    const nowhere = new Client('http://127.0.0.1:1', anonKey, { retry: false })
    await expect(nowhere.quote('gpt-4o', USAGE)).rejects.toBeInstanceOf(ConnectionFailed)
  })

  test('a write that got no answer is sent again, and takes effect once', async () => {
    const { id } = newPerson()
    let calls = 0
    const flaky: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      if (++calls === 1) throw new TypeError('fetch failed')
      return response
    }
    const client = new Client(url, process.env.RATEBOOK_SERVICE_KEY!, { fetch: flaky })
    const granted = await client.account(id).grant('3')
    expect([calls, granted.balance.available]).toEqual([2, '3'])
  })
})
