/** Up to six models side by side, for a usage that the visitor sets. */

import type { Compared } from '@ratebook/client'
import { compared, product } from '@ratebook/client/react'
import { useMemo } from 'react'
import { useAsked } from '../../app/api.ts'
import { Link, setParams, useAddress } from '../../app/router.ts'
import { type Entry, isPerMillion, meterName, million, unitOf, useCatalogue } from '../../lib/catalogue.ts'
import { MOST_COMPARED, USUAL_USAGE, usageOf, usageText } from '../../lib/usage.ts'
import { ModelSearch } from '../../ui/ModelSearch.tsx'
import { Count, Money } from '../../ui/Money.tsx'
import { Empty, Failure, View } from '../../ui/states.tsx'
import { UsageEditor } from '../../ui/UsageEditor.tsx'
import css from './Compare.module.css'

export default function Compare() {
  const { params } = useAddress()
  const text = params.get('usage') ?? usageText(USUAL_USAGE)
  const usage = useMemo(() => usageOf(text), [text])
  const names = params.get('models') ?? ''
  const models = useMemo(() => [...new Set(names.split(',').filter(Boolean))].slice(0, MOST_COMPARED), [names])
  const requests = /^[1-9]\d{0,11}$/.test(params.get('requests') ?? '') ? params.get('requests')! : '1'
  const answer = useAsked(['compare', text, models], ({ ratebook }) => ratebook.compare(usage, models), {
    enabled: models.length > 0 && Object.keys(usage).length > 0,
    keep: true,
  })
  const choose = (chosen: readonly string[]) => setParams({ models: chosen.join(',') })
  return (
    <View title="Compare">
      <div className={css.setting}>
        <UsageEditor usage={usage} onChange={(next) => setParams({ usage: usageText(next) })} />
        <div className={css.requests}>
          <label htmlFor="requests">Times requests</label>
          <input
            id="requests"
            inputMode="numeric"
            size={8}
            value={params.get('requests') ?? '1'}
            onChange={(event) => setParams({ requests: event.currentTarget.value.trim() })}
          />
        </div>
        <ModelSearch
          label={models.length < MOST_COMPARED ? 'Add a model' : 'Six models are the most'}
          disabled={models.length >= MOST_COMPARED}
          without={models}
          onChoose={(key) => choose([...models, key])}
        />
      </div>
      {models.length === 0 ? (
        <Empty title="Nothing to compare yet.">
          <p>
            Add a model above, or tick some in the <Link to={[]}>list of models</Link>.
          </p>
        </Empty>
      ) : (
        <>
          <Failure error={answer.error} retry={() => void answer.refetch()} />
          <SideBySide
            models={models}
            answers={answer.data ?? []}
            meters={Object.keys(usage)}
            requests={requests}
            leave={(key) => choose(models.filter((one) => one !== key))}
          />
        </>
      )}
    </View>
  )
}

interface SideBySideProps {
  models: readonly string[]
  answers: readonly Compared[]
  meters: readonly string[]
  requests: string
  leave: (key: string) => void
}

function SideBySide({ models, answers, meters, requests, leave }: SideBySideProps) {
  const { data: all } = useCatalogue()
  const entries = useMemo(() => new Map((all ?? []).map((entry) => [entry.key, entry])), [all])
  const of = (asked: string) => answers.find((one) => one.asked === asked)
  const entry = (asked: string): Entry | undefined => entries.get(of(asked)?.model ?? asked)
  const priced = answers.filter((one): one is Compared & { cost: string } => one.cost !== null)
  // Costs in several currencies have no order.
  const isOneCurrency = new Set(priced.map(({ currency }) => currency)).size === 1
  const costs = isOneCurrency ? priced.map(({ cost }) => cost).sort(compared) : []
  const [least] = costs
  const most = Number(costs.at(-1) ?? 0)
  const features = [...new Set(models.flatMap((key) => entry(key)?.supports ?? []))].sort()
  const shown = [...new Set([...meters, 'input', 'output', 'cache_read'])].filter((meter) =>
    models.some((key) => entry(key)?.prices[meter] !== undefined),
  )
  const row = (name: string, cell: (asked: string) => React.ReactNode, hint?: string) => (
    <tr key={name}>
      <th scope="row">
        {name}
        {hint && <span className={css.hint}> {hint}</span>}
      </th>
      {models.map((asked) => (
        <td key={asked}>{cell(asked)}</td>
      ))}
    </tr>
  )
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by the keyboard
    <section className={css.scroll} aria-label="Models side by side" tabIndex={0}>
      <table className={css.table}>
        <caption className="hidden">What each model costs for this usage, its prices and limits</caption>
        <thead>
          <tr>
            <td />
            {models.map((asked) => (
              <th key={asked} scope="col">
                <Link to={['models', of(asked)?.model ?? asked]} dir="auto">
                  {entry(asked)?.name ?? asked}
                </Link>
                <button type="button" className="plain" aria-label={`Leave ${asked} out`} onClick={() => leave(asked)}>
                  ×
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {row('Provider', (asked) => of(asked)?.provider ?? entry(asked)?.provider ?? '–')}
          {row('Cost of one request', (asked) => {
            const one = of(asked)
            if (!one) return '…'
            if (one.cost === null) return <span className={css.reason}>{one.reason ?? 'no public price'}</span>
            return (
              <>
                <strong>
                  <Money amount={one.cost} currency={one.currency} />
                </strong>
                {costs.length > 1 && one.cost === least && <span className="badge">cheapest</span>}
                {isOneCurrency && (
                  <meter className={css.meter} min={0} max={most || 1} value={Number(one.cost)} aria-hidden="true" />
                )}
              </>
            )
          })}
          {row('Credits', (asked) => (
            <Money amount={of(asked)?.credits} />
          ))}
          {requests !== '1' &&
            row('Cost of all requests', (asked) => {
              const { cost = null, currency = null } = of(asked) ?? {}
              return <Money amount={cost && product(cost, requests)} currency={currency} />
            })}
          {shown.map((meter) =>
            row(
              meterName(meter),
              (asked) => {
                const { prices, currency } = entry(asked) ?? {}
                const price = prices?.[meter]
                return <Money amount={price && isPerMillion(meter) ? million(price) : price} currency={currency} />
              },
              isPerMillion(meter) ? 'per 1M' : `per ${unitOf(meter)}`,
            ),
          )}
          {row('Context', (asked) => (
            <Count value={entry(asked)?.context_window} />
          ))}
          {row('Max output', (asked) => (
            <Count value={entry(asked)?.max_tokens} />
          ))}
          {features.map((feature) =>
            row(feature.replaceAll('_', ' '), (asked) =>
              entry(asked)?.supports?.includes(feature) ? 'yes' : <span className="none">–</span>,
            ),
          )}
        </tbody>
      </table>
    </section>
  )
}
