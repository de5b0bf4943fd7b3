/** What was used, by day, and by model, provider or feature. */

import type { UsageBucket } from '@ratebook/client'
import { sum, UsageChart } from '@ratebook/client/react'
import { useMemo } from 'react'
import { useAsked } from '../../app/api.ts'
import { setParams, useParam } from '../../app/router.ts'
import { type Column, DataTable, sortOf, sortText } from '../../ui/DataTable.tsx'
import { ChoiceField, Fields } from '../../ui/Fields.tsx'
import { Count, Money } from '../../ui/Money.tsx'
import { Answered, Empty } from '../../ui/states.tsx'

const DAYS = [
  ['7', 'The last 7 days'],
  ['30', 'The last 30 days'],
  ['90', 'The last 90 days'],
] as const
const BY = [
  ['model', 'Model'],
  ['provider', 'Provider'],
  ['feature', 'Feature'],
] as const

interface Total {
  key: string
  requests: number
  quantities: Record<string, string>
  credits: string
  refunded: string
  net: string
}

/** Of one owner, or where none is named, of everybody that the reader may see. */
export function Usage({ owner }: { owner?: string }) {
  const [days] = useParam('days')
  const [by] = useParam('by')
  const [sort, setSort] = useParam('sort')
  const chosen = { days: days || '30', by: (by || 'model') as 'model' | 'provider' | 'feature' }
  const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const buckets = useAsked(
    ['usage', owner, chosen],
    ({ ratebook }) => {
      const until = new Date()
      const since = new Date(until.getTime() - Number(chosen.days) * 86_400_000)
      return ratebook.usage({ since, until, bucket: 'day', time_zone, by: chosen.by, owner })
    },
    { keep: true },
  )
  return (
    <>
      <Fields>
        <ChoiceField label="Period" value={chosen.days} onChange={(days) => setParams({ days })} options={DAYS} />
        <ChoiceField label="By" value={chosen.by} onChange={(by) => setParams({ by })} options={BY} />
      </Fields>
      <Answered of={buckets}>
        {(all) =>
          all.length === 0 ? (
            <Empty title="Nothing was used in this time.">
              <p>Choose a longer period, or come back after the first request.</p>
            </Empty>
          ) : (
            <>
              <UsageChart buckets={all} timeZone={time_zone} caption="Credits a day, less refunds" />
              <Totals buckets={all} by={chosen.by} sort={sort} setSort={setSort} />
            </>
          )
        }
      </Answered>
    </>
  )
}

function Totals({
  buckets,
  by,
  sort,
  setSort,
}: {
  buckets: readonly UsageBucket[]
  by: string
  sort: string
  setSort: (sort: string) => void
}) {
  const rows = useMemo(() => totals(buckets), [buckets])
  const columns = useMemo(() => COLUMNS(by), [by])
  return (
    <DataTable
      label={`Used by ${by}`}
      rows={rows}
      columns={columns}
      keyOf={(row) => row.key}
      sort={sortOf(sort || '-net')}
      onSort={(next) => setSort(sortText(next))}
    />
  )
}

function totals(buckets: readonly UsageBucket[]): Total[] {
  return [...Map.groupBy(buckets, ({ key }) => key ?? 'other')].map(([key, of]) => {
    const quantities: Record<string, string> = {}
    for (const bucket of of) {
      for (const [meter, quantity] of Object.entries(bucket.quantities ?? {})) {
        quantities[meter] = sum(quantities[meter] ?? '0', quantity)
      }
    }
    return {
      key,
      quantities,
      requests: of.reduce((total, bucket) => total + bucket.requests, 0),
      credits: sum(...of.map((bucket) => bucket.credits)),
      refunded: sum(...of.map((bucket) => bucket.refunded)),
      net: sum(...of.map((bucket) => bucket.net)),
    }
  })
}

const COLUMNS = (by: string): readonly Column<Total>[] => [
  { id: 'key', header: `${by[0]?.toUpperCase()}${by.slice(1)}`, value: (row) => row.key, width: 14, heads: true },
  {
    id: 'requests',
    header: 'Requests',
    value: (row) => row.requests,
    kind: 'number',
    cell: (row) => <Count value={row.requests} />,
    width: 6,
  },
  {
    id: 'quantities',
    header: 'Used',
    value: (row) => row.quantities.input ?? null,
    kind: 'amount',
    cell: (row) =>
      Object.entries(row.quantities).map(([meter, quantity]) => (
        <div key={meter}>
          <Money amount={quantity} /> {meter}
        </div>
      )),
    width: 12,
  },
  {
    id: 'refunded',
    header: 'Given back',
    value: (row) => row.refunded,
    kind: 'amount',
    cell: (row) => <Money amount={row.refunded} />,
    width: 7,
  },
  {
    id: 'net',
    header: 'Credits',
    value: (row) => row.net,
    kind: 'amount',
    cell: (row) => <Money amount={row.net} />,
    width: 8,
  },
]
