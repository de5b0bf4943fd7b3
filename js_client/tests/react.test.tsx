// @vitest-environment jsdom
/** The parts of a page with what the real stack answers: exact to the last digit, and nothing that axe objects to. */

import axe from 'axe-core'
import { act, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { UsageBucket } from '../src/index.js'
import {
  compared,
  formatted,
  ModelPicker,
  PriceHistory,
  PriceTag,
  product,
  QuoteLines,
  sum,
  UsageChart,
  useAnswer,
  WalletBalance,
} from '../src/react/index.js'
import { anon, funded, service } from './stack.js'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

const WAIT = { timeout: 30_000 }
let root: Root
let page: HTMLElement
beforeEach(() => {
  document.documentElement.lang = 'en'
  document.title = 'Test'
  page = document.body.appendChild(document.createElement('main'))
  page.innerHTML = '<h1>Test</h1><div></div>'
  root = createRoot(page.lastElementChild!)
})
afterEach(async () => {
  await act(async () => root.unmount())
  page.remove()
})

async function shown(node: ReactNode): Promise<HTMLElement> {
  await act(async () => root.render(node))
  for (const details of page.querySelectorAll('details')) details.open = true
  // jsdom draws nothing, so it has no colours to compare.
  const { violations } = await axe.run(page, { rules: { 'color-contrast': { enabled: false } } })
  expect(violations.map(({ id, nodes }) => [id, nodes.map((found) => found.html)])).toEqual([])
  return page
}

const cells = (row: Element) => [...row.children].map((cell) => cell.textContent)

test('a price, with every digit', async () => {
  await shown(<PriceTag price="0.00000015" currency="USD" per="token" locale="en" />)
  expect(page.querySelector('.ratebook-price')?.textContent).toBe('$0.00000015 per token')
  expect(page.querySelector('data')?.getAttribute('value')).toBe('0.00000015')
  await shown(<PriceTag price={null} currency={null} />)
  expect(page.textContent).toContain('no public price')
})

test('a quote, line by line', async () => {
  const quote = await anon.quote('gpt-4o-mini', { input: 1000, output: 500 })
  await shown(<QuoteLines quote={quote} locale="en" />)
  expect([...page.querySelectorAll('tbody tr')].map(cells)).toEqual([
    ['input', '1,000', '$0.00000015', '$0.00015'],
    ['output', '500', '$0.0000006', '$0.0003'],
  ])
  expect([...page.querySelectorAll('tfoot tr')].map(cells)).toEqual([
    ['In all', '$0.00045'],
    ['Credits', '0.585'],
  ])
})

test('a wallet', async () => {
  const account = await funded('1234.5')
  await account.authorize({ amount: '0.001' })
  await shown(<WalletBalance balance={await account.balance()} locale="en" />)
  expect([...page.querySelectorAll('dl > div')].map(cells)).toEqual([
    ['Available', '1,234.499 credits'],
    ['Reserved', '0.001 credits'],
  ])
})

test('a model is found and chosen, by its label', async () => {
  const models = await anon.catalogue()
  const chosen = vi.fn()
  await shown(<ModelPicker models={models} value="gpt-4o" onChange={chosen} locale="en" />)
  expect(page.querySelectorAll('input[type=radio]')).toHaveLength(models.length)
  expect(page.querySelector<HTMLInputElement>('input:checked')?.value).toBe('gpt-4o')
  const search = page.querySelector<HTMLInputElement>('input[type=search]')!
  await act(async () => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!.call(search, 'mini openai')
    search.dispatchEvent(new Event('input', { bubbles: true }))
  })
  expect(page.querySelector('output')?.textContent).toBe(`1 of ${models.length}`)
  expect(page.querySelector('.ratebook-model')?.textContent).toContain('$0.15 per million in, $0.60 per million out')
  await act(async () =>
    page.querySelector('label[for$="gpt-4o-mini"]')!.dispatchEvent(new MouseEvent('click', { bubbles: true })),
  )
  expect(chosen.mock.calls.map(([key]) => key)).toEqual(['gpt-4o-mini'])
})

test('how prices went', async () => {
  const steps = await anon.priceHistory('gpt-4o-mini')
  await shown(<PriceHistory steps={steps} meter="output" locale="en" />)
  expect(page.querySelectorAll('path.ratebook-line')).toHaveLength(1)
  expect(page.querySelector('tbody')?.textContent).toContain('$0.60 per million')
  expect(page.querySelector('svg title')?.textContent).toMatch(/^output: \d+ prices? from /)
  await shown(<PriceHistory steps={[]} />)
  expect(page.textContent).toContain('No prices.')
})

test('a price that changed is two steps, the second half as high', async () => {
  const [step] = (await anon.priceHistory('gpt-4o-mini')).filter(({ meter }) => meter === 'output')
  const steps = [
    { ...step!, starts_at: '2026-01-01T00:00:00Z', ends_at: '2026-01-02T00:00:00Z', price_per_million: '2' },
    { ...step!, starts_at: '2026-01-02T00:00:00Z', ends_at: null, price_per_million: '1' },
  ]
  await shown(<PriceHistory steps={steps} until={new Date('2026-01-03T00:00:00Z')} locale="en" />)
  expect(page.querySelector('path.ratebook-line')?.getAttribute('d')).toBe('M0.0 0.0H320.0M320.0 100.0H640.0')
})

test('usage as bars, and empty days as gaps', async () => {
  const account = await funded()
  await account.charge('gpt-4o-mini', { input: 1000, output: 500 })
  await account.charge('gpt-4o', { input: 1000 })
  const found = await service.usage({
    since: new Date(Date.now() - 1000),
    until: new Date(),
    by: 'model',
    owner: account.id,
  })
  await shown(<UsageChart buckets={found} locale="en" />)
  expect(page.querySelectorAll('rect.ratebook-bar')).toHaveLength(2)
  expect([...page.querySelectorAll('.ratebook-legend li')].map((one) => one.textContent?.trim())).toEqual([
    ...new Set(found.map(({ key }) => key)),
  ])
  // 0.585, and 1000 × 2.50 per million at 1,300 credits: 3.25
  expect(page.querySelector('figcaption')?.textContent).toBe('Credits: 3.835')
  const bucket = (from: string, to: string, net: string) =>
    ({
      ...found[0],
      id: null,
      key: null,
      starts_at: `2026-01-${from}T00:00:00Z`,
      ends_at: `2026-01-${to}T00:00:00Z`,
      net,
    }) as UsageBucket
  await shown(<UsageChart buckets={[bucket('01', '02', '0.1'), bucket('04', '05', '0.2')]} locale="en" />)
  expect(page.querySelector('figcaption')?.textContent).toBe('Credits: 0.3')
  expect([...page.querySelectorAll('rect')].map((bar) => [bar.getAttribute('x'), bar.getAttribute('height')])).toEqual([
    ['0.0', '100.0'],
    ['480.0', '200.0'],
  ])
  await shown(<UsageChart buckets={[]} />)
  expect(page.textContent).toContain('Nothing was used.')
})

test('what a client answers, and what it refuses', async () => {
  const seen: unknown[] = []
  function Page({ model }: { model: string }) {
    const { data, error, isLoading } = useAnswer(() => anon.quote(model, { input: 1000, output: 500 }), [model])
    seen.push(isLoading ? 'asks' : ((error as Error | undefined)?.name ?? data?.credits))
    return <p>{data?.credits}</p>
  }
  await act(async () => root.render(<Page model="gpt-4o-mini" />))
  await vi.waitFor(() => expect(seen.at(-1)).toBe('0.585'), WAIT)
  await act(async () => root.render(<Page model="gpt-99" />))
  await vi.waitFor(() => expect(seen.at(-1)).toBe('NotFound'), WAIT)
})

test('decimals keep their digits', () => {
  expect(sum('0.1', '0.2')).toBe('0.3')
  expect(sum('12345678901234567890.000000001', '-0.000000001')).toBe('12345678901234567890')
  expect(sum('-0.5', '0.25')).toBe('-0.25')
  expect(sum()).toBe('0')
  expect(formatted('12345678901234567890.10', { locale: 'en' })).toBe('12,345,678,901,234,567,890.1')
  expect(formatted('0.5', { currency: 'EUR', locale: 'de' })).toBe('0,50\u00a0€')
  expect(() => sum('1e3')).toThrow(TypeError)
})

test('amounts are put in order by their digits', () => {
  const shuffled = [
    '10',
    '9',
    '-2',
    '0.10',
    '0',
    '-10',
    '0.1000000000000000001',
    '0.09',
    '-0.5',
    '12345678901234567891',
  ]
  expect(shuffled.sort(compared)).toEqual([
    ...['-10', '-2', '-0.5', '0', '0.09', '0.10', '0.1000000000000000001', '9', '10', '12345678901234567891'],
  ])
  for (const [one, other] of [
    ['1', '1.000'],
    ['0', '-0.0'],
    ['0.5', '00.50'],
  ] as const) {
    expect(compared(one, other)).toBe(0)
  }
  expect(() => compared('1e3', '1')).toThrow(TypeError)
})

test('a product has every digit', () => {
  expect(product('0.12345678901234567891', '1000000')).toBe('123456.78901234567891')
  expect(product('-0.05', '0.3')).toBe('-0.015')
  expect(product('0', '-7.10')).toBe('0')
})

test('more digits than Intl takes are written, too', () => {
  const exact = `1234.${'0'.repeat(110)}42`
  expect(formatted(exact, { locale: 'de' })).toBe(`1.234,${'0'.repeat(110)}42`)
  expect(formatted(exact, { locale: 'de', currency: 'EUR' })).toBe(`1.234,${'0'.repeat(110)}42\u00a0€`)
  expect(formatted(`-${exact}`, { locale: 'en', currency: 'USD' })).toBe(`-$1,234.${'0'.repeat(110)}42`)
  expect(formatted('3', { locale: 'en', currency: 'USD', least: 2 })).toBe('$3.00')
})
