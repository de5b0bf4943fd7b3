/** What admins see of the registry: every model, hidden and retired ones too, and what people are called. */

import { useAsked } from '../app/api.ts'

export interface Registered {
  id: string
  key: string
  name: string
  provider: string
  provider_name: string
  modality: string
  task: string
  status: string
  is_active: boolean
  is_default: boolean
  is_public: boolean
  deleted_at: string | null
  price_source: string
  price_currency: string
  priority: number
  successor: string | null
}

const COLUMNS =
  'id,key,name,modality,task,status,is_active,is_default,is_public,deleted_at,price_source,price_currency,priority,successor_id,of:providers(key,name)'

type Row = Omit<Registered, 'provider' | 'provider_name' | 'successor'> & {
  successor_id: string | null
  of: { key: string; name: string } | null
}

/** All models, by key. */
export const useRegistry = () =>
  useAsked(['registry'], async ({ ratebook: { api } }) => {
    const rows = await api.allByKey<Row>(() => api.table('ai', 'models').select(COLUMNS, { count: 'exact' }))
    const keys = new Map(rows.map(({ id, key }) => [id, key]))
    return rows.map(
      ({ of, successor_id, ...row }): Registered => ({
        ...row,
        provider: of?.key ?? '',
        provider_name: of?.name ?? '',
        successor: successor_id && (keys.get(successor_id) ?? successor_id),
      }),
    )
  })

interface Named {
  id: string
  key: string
  name?: string
}

/** The meters, by key. */
export const useMeters = () =>
  useAsked(['meters'], ({ ratebook: { api } }) =>
    api.ask<{ key: string; unit_type: string }[]>(api.table('ai', 'meters').select('key,unit_type').order('key')),
  )

/** The features, by key. */
export const useFeatures = () =>
  useAsked(['features'], ({ ratebook: { api } }) =>
    api.allByKey<Named>(() => api.table('ai', 'features').select('id,key,description,is_active', { count: 'exact' })),
  )

export const useProviders = () =>
  useAsked(['providers'], ({ ratebook: { api } }) =>
    api.allByKey<Named>(() => api.table('ai', 'providers').select('id,key,name', { count: 'exact' })),
  )

/** Thirty days, to the end of this one: what previews look at. */
export function lastMonth(): { since: string; until: string } {
  const until = new Date()
  return { since: new Date(until.getTime() - 30 * 86_400_000).toISOString(), until: until.toISOString() }
}

/** The first day of next month, as a date field has it. */
export function nextMonth(): string {
  const now = new Date()
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).toISOString().slice(0, 10)
}
