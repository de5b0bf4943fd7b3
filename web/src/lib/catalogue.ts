/** The catalogue, loaded whole once, then searched, filtered and sorted here. */

import { type CatalogueEntry, NotFound } from '@ratebook/client'
import { compared, product } from '@ratebook/client/react'
import type { PostgrestClient } from '@supabase/postgrest-js'
import { type Api, useAsked } from '../app/api.ts'
import { isDecimal } from './decimal.ts'

const COLUMNS = [
  'key',
  'name',
  'provider',
  'provider_name',
  'modality',
  'task',
  'supports',
  'context_window',
  'max_tokens',
  'status',
  'is_default',
  'priority',
  'release_date',
  'description',
  'currency',
  'prices',
] as const

/** A model of the list. `prices` has every list price: meter → price of ONE unit. */
export type Entry = Pick<CatalogueEntry, (typeof COLUMNS)[number]> & {
  /** What is searched. */
  text: string
}

const STALE = 300_000
const PAGE = 1000

/**
 * All active models. A server gives its max_rows at most and does not say so: pages go by what came, several at once.
 * Where the list changes meanwhile they would not fit together, which is seen, and it is read key by key.
 */
async function load({ rest, ratebook }: Api): Promise<Entry[]> {
  const page = async (from: number, size: number, options?: { count: 'exact' }) => {
    const { data, error, count } = await rest
      .schema('ai')
      .from('catalogue')
      .select(COLUMNS.join(','), options)
      .eq('is_active', true)
      .order('key')
      .range(from, from + size - 1)
    if (error) throw error
    return { rows: data as unknown as Entry[], count: count ?? 0 }
  }
  const first = await page(0, PAGE, { count: 'exact' })
  const size = first.rows.length
  const starts = size === 0 ? [] : Array.from({ length: Math.ceil(first.count / size) - 1 }, (_, i) => (i + 1) * size)
  const others = await Promise.all(starts.map((from) => page(from, size)))
  let rows = [first, ...others].flatMap((one) => one.rows)
  // A row that came shows one twice or makes one too many; a row that went makes one too few.
  const fits = rows.length === first.count && new Set(rows.map(({ key }) => key)).size === rows.length
  if (!fits) rows = (await ratebook.catalogue()) as unknown as Entry[]
  for (const row of rows) row.text = searchable(row)
  // What this project prefers comes first.
  return rows.sort((a, b) => a.priority - b.priority || Number(b.is_default) - Number(a.is_default))
}

const searchable = ({ key, name, provider_name, description }: Entry) =>
  `${key}\n${name}\n${provider_name}\n${description ?? ''}`.toLowerCase()

export const useCatalogue = () => useAsked(['catalogue'], load, { staleTime: STALE })

export interface Meter {
  key: string
  unit_type: string
  description: string | null
}

/** What can be counted, by its key. */
export const useMeters = () =>
  useAsked(
    ['meters'],
    async ({ rest }) => {
      const { data, error } = await rest.schema('ai').from('meters').select('key,unit_type,description').order('key')
      if (error) throw error
      return new Map((data as Meter[]).map((meter) => [meter.key, meter]))
    },
    { staleTime: STALE },
  )

/** Meters of tokens whose prices are told of a million. */
const TOKENS =
  /^(tokens|input|output|reasoning|citation|cache_(read|write)(_(1h|12h|audio|image))?|(input|output)_(audio|image|video))$/

/** Whether a price of the meter is told of a million of its units. */
export const isPerMillion = (meter: string, meters?: ReadonlyMap<string, Meter>): boolean =>
  meters ? meters.get(meter)?.unit_type === 'tokens' : TOKENS.test(meter)

/** A million times as much, with every digit. */
export const million = (price: string): string => product(price, '1000000')

/** What a price is of, such as `1M tokens` or `image`. */
export const unitOf = (meter: string, meters?: ReadonlyMap<string, Meter>): string =>
  isPerMillion(meter, meters) ? '1M tokens' : (meters?.get(meter)?.unit_type ?? meter).replaceAll('_', ' ')

/** A meter as people say it. */
export const meterName = (meter: string): string => meter.replaceAll('_', ' ').replace(/^./, (c) => c.toUpperCase())

export interface Filters {
  q: string
  providers: readonly string[]
  modalities: readonly string[]
  tasks: readonly string[]
  supports: readonly string[]
  /** At least so many tokens. */
  context: number
  /** At most so much for a million tokens, as decimal text. */
  input: string
  output: string
}

/** Models that fit. Prices are compared by their digits; a model without one fits no limit. */
export function filtered(models: readonly Entry[], filters: Filters): Entry[] {
  const words = filters.q.toLowerCase().split(/\s+/).filter(Boolean)
  const providers = new Set(filters.providers)
  const modalities = new Set(filters.modalities)
  const tasks = new Set(filters.tasks)
  const limits = [
    ['input', filters.input],
    ['output', filters.output],
  ].flatMap(([meter = '', most = '']) => (isDecimal(most) ? [[meter, product(most, '0.000001')] as const] : []))
  return models.filter(
    (model) =>
      words.every((word) => model.text.includes(word)) &&
      (providers.size === 0 || providers.has(model.provider)) &&
      (modalities.size === 0 || modalities.has(model.modality ?? '')) &&
      (tasks.size === 0 || tasks.has(model.task ?? '')) &&
      filters.supports.every((feature) => model.supports?.includes(feature)) &&
      (filters.context === 0 || (model.context_window ?? 0) >= filters.context) &&
      limits.every(([meter, most]) => model.prices[meter] !== undefined && compared(model.prices[meter], most) <= 0),
  )
}

/** How often each value occurs, the most frequent first. */
export function counted(values: Iterable<string | null | undefined>): [value: string, count: number][] {
  const counts = new Map<string, number>()
  for (const value of values) if (value) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([a, n], [b, m]) => m - n || a.localeCompare(b))
}

/** A model's page: the whole row, by key or alias. */
export const useModel = (name: string) =>
  useAsked(['model', name], async ({ rest }) => {
    const whole = await row(rest, name)
    if (whole) return whole
    const { data, error } = await rest.schema('ai').rpc('find_model', { model: name })
    if (error) throw error
    const [found] = data as { key: string }[]
    const known = found && (await row(rest, found.key))
    if (!known) throw new NotFound(`There is no model called "${name}".`)
    return known
  })

async function row(rest: PostgrestClient, key: string): Promise<Whole | null> {
  const { data, error } = await rest
    .schema('ai')
    .from('catalogue')
    .select(
      `${COLUMNS.join(',')},id,is_active,price_source,capabilities,valid_sizes,deprecation_date,model_family,pricing_tier`,
    )
    .eq('key', key)
  if (error) throw error
  return (data[0] as unknown as Whole | undefined) ?? null
}

export type Whole = CatalogueEntry
