/** The month, the lots by expiry, the budgets. */

import type { Lot } from '@ratebook/client'
import { compared } from '@ratebook/client/react'
import { useAsked } from '../../app/api.ts'
import { Figure, Figures, Section } from '../../ui/Fields.tsx'
import { Money, Time } from '../../ui/Money.tsx'
import { Answered, Empty } from '../../ui/states.tsx'
import css from './Wallet.module.css'
import { accountOf, type Wallet } from './Wallet.tsx'

export function Overview({ wallet }: { wallet: Wallet }) {
  return (
    <>
      <Month owner={wallet.lenser_id} />
      <Lots wallet={wallet} />
      <Budgets owner={wallet.lenser_id} />
    </>
  )
}

interface Forecast {
  measure: string
  currency: string | null
  so_far: string
  expected: string | null
  low: string | null
  high: string | null
  reason: string | null
}

const FORECAST = 'measure,currency,so_far::text,expected::text,low::text,high::text,reason'

function Month({ owner }: { owner: string }) {
  const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const forecast = useAsked(['forecast', owner], ({ ratebook: { api } }) =>
    api.ask<Forecast[]>(api.call('billing', 'forecast_month', { time_zone, owner }).select(FORECAST)),
  )
  return (
    <Section title="This month">
      <Answered of={forecast}>
        {(rows) => {
          const credits = rows.find((row) => row.measure === 'credits') ?? rows[0]
          if (!credits) return <Empty title="Nothing was used yet." />
          return (
            <>
              <Figures>
                <Figure name="Spent so far">
                  <Money amount={credits.so_far} />
                </Figure>
                <Figure name="Expected for the whole month">
                  <Money amount={credits.expected} />
                </Figure>
                {credits.low !== null && (
                  <Figure name="In four of five cases">
                    <Money amount={credits.low} /> to <Money amount={credits.high} />
                  </Figure>
                )}
              </Figures>
              {credits.reason && <p className="soft">{credits.reason}</p>}
            </>
          )
        }}
      </Answered>
    </Section>
  )
}

const DAY = 86_400_000

/** Lots that end, the next first; then those that do not, in the order in which they burn. */
function byExpiry(a: Lot, b: Lot): number {
  if (a.expires_at === b.expires_at) return 0
  if (a.expires_at === null) return 1
  if (b.expires_at === null) return -1
  return Date.parse(a.expires_at) - Date.parse(b.expires_at)
}

function Lots({ wallet }: { wallet: Wallet }) {
  const lots = useAsked(['lots', wallet.account_id], (api) => accountOf(api, wallet).lots())
  return (
    <Section title="Lots by expiry">
      <Answered of={lots}>
        {(found) =>
          found.length === 0 ? (
            <Empty title="There is nothing in this account.">
              <p>Credits come in lots: a purchase, a gift, a plan's month. Each is shown here with its end.</p>
            </Empty>
          ) : (
            <table className="list">
              <caption className="hidden">Lots by expiry</caption>
              <thead>
                <tr>
                  <th scope="col">Expires</th>
                  <th scope="col">Source</th>
                  <th scope="col" className="right">
                    Left
                  </th>
                  <th scope="col" className="right">
                    Of
                  </th>
                  <th scope="col" className="right">
                    Reserved
                  </th>
                </tr>
              </thead>
              <tbody>
                {[...found].sort(byExpiry).map((lot) => (
                  <tr key={lot.id}>
                    <th scope="row">
                      {lot.expires_at === null ? 'never' : <Time at={lot.expires_at} style="time" />}
                      {lot.expires_at !== null && Date.parse(lot.expires_at) - Date.now() < 7 * DAY && (
                        <span className="badge">soon</span>
                      )}
                      {lot.starts_at !== null && Date.parse(lot.starts_at) > Date.now() && (
                        <span className="badge">
                          from <Time at={lot.starts_at} style="time" />
                        </span>
                      )}
                    </th>
                    <td>{lot.source}</td>
                    <td className="right">
                      <Money amount={lot.remaining} />
                    </td>
                    <td className="right">
                      <Money amount={lot.amount} />
                    </td>
                    <td className="right">
                      <Money amount={lot.reserved} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Answered>
    </Section>
  )
}

interface Budget {
  id: string
  period: 'day' | 'week' | 'month'
  time_zone: string
  soft_limit: string | null
  hard_limit: string | null
  is_active: boolean
  feature: string | null
  model: string | null
  spent: string
}

const PERIODS = { day: 'a day', week: 'a week', month: 'a month' }

function Budgets({ owner }: { owner: string }) {
  const budgets = useAsked(['budgets', owner], async ({ ratebook: { api } }) => {
    const of = (name: string, columns: string) =>
      api.all<Record<string, string | null>>(() =>
        api.table('billing', name).select(columns, { count: 'exact' }).eq('lenser_id', owner),
      )
    const [budgets, features] = await Promise.all([
      of(
        'budgets',
        'id,period,time_zone,soft_limit::text,hard_limit::text,is_active,feature_id,model_id,budget_periods(starts_at,ends_at,spent::text)',
      ),
      api.all<{ id: string; key: string }>(() => api.table('ai', 'features').select('id,key', { count: 'exact' })),
    ])
    const ids = budgets.flatMap(({ model_id }) => model_id ?? [])
    const models = ids.length
      ? await api.ask<{ id: string; key: string }[]>(
          api
            .table('ai', 'models')
            .select('id,key')
            .filter('id', 'in', `(${ids.join(',')})`),
        )
      : []
    const named = (from: { id: string; key: string }[], id: string | null | undefined) =>
      id == null ? null : (from.find((one) => one.id === id)?.key ?? id)
    return budgets.map((budget) => {
      const periods = budget.budget_periods as unknown as { starts_at: string; ends_at: string; spent: string }[]
      const now = Date.now()
      const current = periods.find((one) => Date.parse(one.starts_at) <= now && now < Date.parse(one.ends_at))
      return {
        ...budget,
        feature: named(features, budget.feature_id),
        model: named(models, budget.model_id),
        spent: current?.spent ?? '0',
      } as unknown as Budget
    })
  })
  return (
    <Section title="Budgets">
      <Answered of={budgets}>
        {(all) =>
          all.length === 0 ? (
            <Empty title="Nothing limits what you spend, but what you have.">
              <p>Whoever runs this can set a budget for a day, a week or a month, also for one feature or model.</p>
            </Empty>
          ) : (
            <ul className={css.budgets}>
              {all.map((budget) => (
                <li key={budget.id} className="card">
                  <OneBudget budget={budget} />
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
    </Section>
  )
}

function OneBudget({ budget }: { budget: Budget }) {
  const { feature, model, period, time_zone, soft_limit, hard_limit, spent, is_active } = budget
  const limit = hard_limit ?? soft_limit ?? '0'
  const name = [feature, model].filter(Boolean).join(', ') || 'Everything'
  const isOver = hard_limit !== null && compared(spent, hard_limit) >= 0
  const isWarned = soft_limit !== null && compared(spent, soft_limit) >= 0
  return (
    <>
      <h3>
        {name}, {PERIODS[period]}
        {!is_active && <span className="badge">off</span>}
        {isOver ? <span className="badge">used up</span> : isWarned && <span className="badge">warned</span>}
      </h3>
      {/* Where the bar stands is the one place for a float. */}
      <meter aria-label={`Spent of ${name}`} className={css.meter} min={0} max={Number(limit)} value={Number(spent)} />
      <p>
        <Money amount={spent} /> of <Money amount={limit} /> credits
        {hard_limit !== null && soft_limit !== null && (
          <>
            , a warning from <Money amount={soft_limit} />
          </>
        )}
        {hard_limit === null && ', then a warning'} <span className="soft">({time_zone})</span>
      </p>
    </>
  )
}
