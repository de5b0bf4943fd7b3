/** Every change of an account, the newest first, with what is behind it. */

import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useApi } from '../../app/api.ts'
import { useSession } from '../../app/session.ts'
import { type Column, DataTable } from '../../ui/DataTable.tsx'
import { Buttons } from '../../ui/Fields.tsx'
import { Count, Money, Time } from '../../ui/Money.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import css from './Wallet.module.css'
import type { Wallet } from './Wallet.tsx'

interface Entry {
  id: string
  number: number
  created_at: string
  kind: string
  amount: string
  balance_after: string
  reason: string | null
  source: string | null
  model: string | null
  feature: string | null
  usage: Record<string, number | string> | null
}

const COLUMNS = 'id,number,created_at,kind,amount::text,balance_after::text,reason,source,model,feature,usage'
const PAGE = 100

export function Statement({ wallet }: { wallet: Wallet }) {
  const { ratebook } = useApi()
  const who = useSession()?.user ?? null
  const pages = useInfiniteQuery({
    queryKey: [who, 'statement', wallet.account_id],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam: after }) => {
      const args = { account: wallet.account_id, owner: wallet.lenser_id, at_most: PAGE, newest_first: true }
      const call = ratebook.api.call('billing', 'statement', after === null ? args : { ...args, after })
      return ratebook.api.ask<Entry[]>(call.select(COLUMNS))
    },
    getNextPageParam: (last) => (last.length === PAGE ? (last.at(-1)?.id ?? null) : null),
  })
  const entries = useMemo(() => pages.data?.pages.flat() ?? [], [pages.data])
  if (pages.error) return <Failure error={pages.error} retry={() => void pages.refetch()} />
  if (!pages.data) return <Loading />
  return (
    <>
      <DataTable
        label="Statement"
        rows={entries}
        columns={TABLE}
        keyOf={(entry) => entry.id}
        empty={
          <Empty title="Nothing has happened yet.">
            <p>The first entry is written when credits come in.</p>
          </Empty>
        }
      />
      <Buttons>
        {pages.hasNextPage && (
          <button type="button" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            Show older entries
          </button>
        )}
        {entries.length > 0 && (
          <span className="soft" role="status">
            {entries.length} entries{pages.hasNextPage ? ', and older ones' : ': these are all'}
          </span>
        )}
      </Buttons>
    </>
  )
}

const TABLE: readonly Column<Entry>[] = [
  { id: 'number', header: 'No.', value: (entry) => entry.number, kind: 'number', width: 4, heads: true },
  {
    id: 'created_at',
    header: 'When',
    value: (entry) => entry.created_at,
    cell: (entry) => <Time at={entry.created_at} style="time" />,
    width: 12,
  },
  { id: 'kind', header: 'What', value: (entry) => entry.kind, width: 6 },
  {
    id: 'amount',
    header: 'Credits',
    value: (entry) => entry.amount,
    kind: 'amount',
    cell: (entry) => <Money amount={entry.amount} />,
    width: 8,
  },
  {
    id: 'balance_after',
    header: 'Balance after',
    value: (entry) => entry.balance_after,
    kind: 'amount',
    cell: (entry) => <Money amount={entry.balance_after} />,
    width: 8,
  },
  {
    id: 'for',
    header: 'For',
    value: (entry) => entry.model ?? entry.source ?? entry.reason,
    cell: (entry) => <Behind entry={entry} />,
    width: 20,
  },
]

function Behind({ entry }: { entry: Entry }) {
  const { model, feature, usage, source, reason } = entry
  const words = [model, feature, source, reason].filter(Boolean).join(' · ')
  return (
    <>
      {words}
      {usage && (
        <span className={css.usage}>
          {words && ': '}
          {Object.entries(usage).map(([meter, quantity], index) => (
            <span key={meter}>
              {index > 0 && ', '}
              <Count value={Number(quantity)} /> {meter}
            </span>
          ))}
        </span>
      )}
    </>
  )
}
