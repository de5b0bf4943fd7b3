/** No column that is numeric in the database is a number here: not in the map, not in the types, not in what is answered. */

import { describe, expect, expectTypeOf, test } from 'vitest'
import type * as answers from '../src/answers.js'
import { EXACT } from '../src/index.js'
import { anon, funded, service, serviceKey, url } from './stack.js'

type NumbersOf<T> = { [K in keyof T]-?: number extends T[K] ? K : never }[keyof T]

describe('the map', () => {
  test.each(Object.keys(EXACT))('has every numeric column that the API tells of in %s', async (schema) => {
    const headers = { apikey: serviceKey, Authorization: `Bearer ${serviceKey}`, 'Accept-Profile': schema }
    const response = await fetch(`${url}/rest/v1/`, { headers })
    if (['compat', 'execution'].includes(schema) && response.status === 406) return // the module is left out
    const { definitions } = await response.json()
    const named = EXACT[schema as keyof typeof EXACT] as Record<string, readonly string[]>
    let seen = 0
    for (const [name, { properties }] of Object.entries<{ properties: Record<string, { format: string }> }>(
      definitions,
    )) {
      for (const [column, { format }] of Object.entries(properties)) {
        if (format !== 'numeric' && !/\bamount$/.test(format)) continue
        expect(named[name] ?? [], `${schema}.${name}`).toContain(column)
        seen++
      }
    }
    expect(seen).toBeGreaterThan(0)
  })
})

test('the types have numbers only for counts', () => {
  expectTypeOf<NumbersOf<answers.CatalogueEntry>>().toEqualTypeOf<
    'priority' | 'context_window' | 'max_tokens' | 'typical_latency_ms'
  >()
  expectTypeOf<NumbersOf<answers.Price>>().toEqualTypeOf<'context_threshold' | 'window_days'>()
  expectTypeOf<NumbersOf<answers.PriceStep>>().toEqualTypeOf<'context_threshold' | 'window_days'>()
  expectTypeOf<NumbersOf<answers.PriceChange>>().toEqualTypeOf<'context_threshold' | 'window_days'>()
  expectTypeOf<NumbersOf<answers.Compared>>().toEqualTypeOf<'index'>()
  expectTypeOf<NumbersOf<answers.ShortQuote>>().toEqualTypeOf<'index'>()
  expectTypeOf<NumbersOf<answers.Candidate>>().toEqualTypeOf<'place' | 'priority'>()
  expectTypeOf<NumbersOf<answers.ExplainedRoute>>().toEqualTypeOf<'place' | 'priority'>()
  expectTypeOf<NumbersOf<answers.LedgerEntry>>().toEqualTypeOf<'number'>()
  expectTypeOf<NumbersOf<answers.Lot>>().toEqualTypeOf<'priority'>()
  expectTypeOf<NumbersOf<answers.OpenHold>>().toEqualTypeOf<'usage'>() // any JSON
  expectTypeOf<NumbersOf<answers.UsageBucket>>().toEqualTypeOf<'requests' | 'failures' | 'charges'>()
  expectTypeOf<NumbersOf<answers.Charged>>().toEqualTypeOf<never>()
  expectTypeOf<NumbersOf<answers.Quote>>().toEqualTypeOf<never>()
  expectTypeOf<NumbersOf<answers.QuoteLine>>().toEqualTypeOf<never>()
})

test('what is answered has numbers only for counts', async () => {
  const account = await funded('10')
  const hold = await account.authorize({ amount: '1', model: 'gpt-4o-mini' })
  const usage = { input: 10, output: 10 }
  const all: unknown[] = [
    await anon.catalogue(),
    await anon.prices('gpt-4o-mini'),
    await anon.priceHistory('gpt-4o-mini'),
    await anon.priceChanges('2020-01-01T00:00:00Z'),
    await anon.quote('gpt-4o-mini', usage),
    await anon.quoteMany([{ model: 'gpt-4o-mini', usage }]),
    await anon.compare(usage, ['gpt-4o-mini', 'gpt-4o']),
    await anon.route('chat', { usage }),
    await anon.explainRoute('chat', { usage }),
    await account.holds(),
    await account.lots(),
    await account.balance(),
    await hold.capture({ usage }),
    await Array.fromAsync(account.statement()),
    await service.usage({ since: new Date(Date.now() - 1000), until: new Date(), owner: account.id }),
  ]
  const numbers = new Set<string>()
  const walk = (value: unknown, name: string): void => {
    if (typeof value === 'number') numbers.add(name)
    else if (Array.isArray(value)) for (const item of value) walk(item, name)
    else if (value && typeof value === 'object') for (const [key, part] of Object.entries(value)) walk(part, key)
  }
  for (const answer of all) {
    expect(Array.isArray(answer) ? answer.length : 1).toBeGreaterThan(0)
    walk(answer, '')
  }
  const counts = [
    'context_threshold',
    'context_window',
    'index',
    'max_tokens',
    'number',
    'place',
    'priority',
    'requests',
    'failures',
    'charges',
  ]
  expect([...numbers].filter((name) => ![...counts, 'typical_latency_ms', 'window_days'].includes(name))).toEqual([])
})
