/** One model: what it is, what it costs and cost, and how to call it. */

import type { Price, PriceStep } from '@ratebook/client'
import { PriceTag } from '@ratebook/client/react'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useAsked } from '../../app/api.ts'
import { Link, listText } from '../../app/router.ts'
import {
  isPerMillion,
  type Meter,
  meterName,
  million,
  unitOf,
  useMeters,
  useModel,
  type Whole,
} from '../../lib/catalogue.ts'
import { Copy } from '../../ui/Copy.tsx'
import { Wide } from '../../ui/Fields.tsx'
import { Count, Time } from '../../ui/Money.tsx'
import { Answered, Empty, Loading, View } from '../../ui/states.tsx'
import { Calls } from './Calls.tsx'
import css from './Model.module.css'

const PriceChart = lazy(() => import('./PriceChart.tsx'))

export default function Model({ rest }: { rest: readonly string[] }) {
  const name = rest.join('/')
  const model = useModel(name)
  if (!model.data) {
    return (
      <View title={name}>
        <Answered of={model}>{() => null}</Answered>
      </View>
    )
  }
  return <Known key={model.data.key} model={model.data} />
}

function Known({ model }: { model: Whole }) {
  const meters = useMeters().data
  const prices = useAsked(['prices', model.key], ({ ratebook }) => ratebook.prices({ id: model.id }))
  const steps = useAsked(['steps', model.key], ({ ratebook }) => ratebook.priceHistory({ id: model.id }))
  return (
    <View
      title={model.name}
      actions={
        <>
          <Link to={['calculator']} params={{ models: listText([model.key]) }}>
            Calculate
          </Link>
          <Link to={['compare']} params={{ models: listText([model.key]) }}>
            Compare
          </Link>
        </>
      }
    >
      <p className={css.key}>
        <code>{model.key}</code> <Copy text={model.key} label="Copy the key" />
        {!model.is_active && <span className="badge">not active</span>}
        {model.is_default && <span className="badge">default</span>}
        {model.status !== 'active' && <span className="badge">{model.status}</span>}
      </p>
      {model.description && (
        <p className={css.description} dir="auto">
          {model.description}
        </p>
      )}
      <Facts model={model} />
      <section className={css.part} aria-labelledby="prices">
        <h2 id="prices">Prices now</h2>
        <Answered of={prices} loading={<Space />}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty title="No public price.">
                <p>Nothing is charged silently: a request without a price is refused.</p>
              </Empty>
            ) : (
              <Prices rows={rows} meters={meters} />
            )
          }
        </Answered>
      </section>
      <section className={css.part} aria-labelledby="steps">
        <h2 id="steps">How prices went</h2>
        <Answered of={steps} loading={<Space />}>
          {(all) =>
            all.length === 0 ? <Empty title="No price has applied yet." /> : <Steps steps={all} meters={meters} />
          }
        </Answered>
      </section>
      <section className={css.part} aria-labelledby="calls">
        <h2 id="calls">Call it</h2>
        <Calls model={model.key} meters={Object.keys(model.prices)} />
      </section>
    </View>
  )
}

/** Keeps a table's place. */
const Space = () => (
  <div className={css.space}>
    <Loading />
  </div>
)

function Facts({ model }: { model: Whole }) {
  const facts: [string, React.ReactNode][] = [
    ['Provider', model.provider_name],
    ['Kind', `${model.modality ?? ''} ${model.task ?? ''}`.trim() || '–'],
    ['Context', <Count key="" value={model.context_window} />],
    ['Max output', <Count key="" value={model.max_tokens} />],
    ['Released', <Time key="" at={model.release_date} />],
  ]
  if (model.deprecation_date) facts.push(['Ends', <Time key="" at={model.deprecation_date} />])
  if (model.model_family) facts.push(['Family', model.model_family])
  if (model.pricing_tier) facts.push(['Plan', model.pricing_tier])
  if (model.price_source) facts.push(['Prices of', model.price_source])
  return (
    <>
      <dl className={css.facts}>
        {facts.map(([name, fact]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{fact}</dd>
          </div>
        ))}
      </dl>
      {model.supports && model.supports.length > 0 && (
        <ul className={css.supports} aria-label="Supports">
          {model.supports.map((feature) => (
            <li key={feature} className="badge">
              {feature.replaceAll('_', ' ')}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

type Conditions = Pick<
  Price | PriceStep,
  | 'variant'
  | 'region'
  | 'context_threshold'
  | 'threshold_inclusive'
  | 'tier_mode'
  | 'window_start'
  | 'window_end'
  | 'window_days'
  | 'window_time_zone'
>

const WHOLE = new Intl.NumberFormat()

/** When a price applies, in words; empty for always. */
export function conditions(of: Conditions): string {
  const above =
    of.context_threshold !== null &&
    `${of.threshold_inclusive ? 'from' : 'above'} ${WHOLE.format(of.context_threshold)} tokens${
      of.tier_mode === 'whole_request' ? '' : ', the part beyond'
    }`
  const window =
    of.window_start !== null &&
    `${of.window_start.slice(0, 5)} to ${of.window_end?.slice(0, 5)} ${of.window_time_zone ?? ''}`.trim()
  const days = of.window_days !== null && of.window_days !== EVERY_DAY && daysOf(of.window_days)
  return [of.variant, of.region, above, window, days].filter(Boolean).join(', ')
}

// One bit a day, the lowest is Monday's.
const EVERY_DAY = 127
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'short', timeZone: 'UTC' })
const daysOf = (days: number) =>
  [0, 1, 2, 3, 4, 5, 6].flatMap((day) => (days & (1 << day) ? [DAY.format(Date.UTC(2024, 0, 1 + day))] : [])).join(' ')

/** What people look for first. */
const FIRST = ['input', 'output', 'cache_read', 'image']
const rank = (meter: string) => (FIRST.includes(meter) ? FIRST.indexOf(meter) : FIRST.length)

interface Priced {
  meters: ReadonlyMap<string, Meter> | undefined
}

function Tag({
  price,
  meter,
  currency,
  meters,
}: Priced & { price: string | null; meter: string; currency: string | null }) {
  const isOfMillion = isPerMillion(meter, meters)
  return (
    <PriceTag
      price={price !== null && isOfMillion ? million(price) : price}
      currency={currency}
      per={unitOf(meter, meters)}
    />
  )
}

/** The prices that apply now, standard first, then each service tier. */
function Prices({ rows, meters }: Priced & { rows: readonly Price[] }) {
  const tiers = [...Map.groupBy(rows, (row) => row.service_tier)].sort(
    ([a], [b]) => Number(b === 'standard') - Number(a === 'standard') || a.localeCompare(b),
  )
  return (
    <Wide label="Prices now, as a table">
      <table className={`list ${css.prices}`}>
        <caption className="hidden">Prices that apply now</caption>
        <thead>
          <tr>
            <th scope="col">Meter</th>
            <th scope="col">Applies</th>
            <th scope="col" className="right">
              Price
            </th>
            <th scope="col" className="right">
              Since
            </th>
          </tr>
        </thead>
        {tiers.map(([tier, of]) => (
          <tbody key={tier}>
            {tiers.length > 1 && (
              <tr>
                <th scope="rowgroup" colSpan={4} className={css.tier}>
                  {meterName(tier)}
                </th>
              </tr>
            )}
            {of
              .toSorted((a, b) => rank(a.meter) - rank(b.meter))
              .map((row) => (
                <tr key={row.id}>
                  <th scope="row">{meterName(row.meter)}</th>
                  <td>
                    {conditions(row) || <span className="soft">always</span>}
                    {row.minimum_quantity !== null && `, at least ${row.minimum_quantity}`}
                  </td>
                  <td className="right">
                    <Tag price={row.price_per_unit} meter={row.meter} currency={row.currency} meters={meters} />
                  </td>
                  <td className="right">
                    <Time at={row.effective_from} />
                  </td>
                </tr>
              ))}
          </tbody>
        ))}
      </table>
    </Wide>
  )
}

/** The steps of one meter as a picture, and as the table that it is drawn from. */
function Steps({ steps, meters }: Priced & { steps: readonly PriceStep[] }) {
  const names = useMemo(() => {
    return [...new Set(steps.map((step) => step.meter))].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
  }, [steps])
  const [chosen, setChosen] = useState<string>()
  const meter = chosen ?? names[0]!
  const shown = steps.filter((step) => step.meter === meter)
  return (
    <>
      <fieldset className={css.meters}>
        <legend className="hidden">Meter</legend>
        {names.map((name) => (
          <label key={name} htmlFor={`of-${name}`}>
            <input
              type="radio"
              id={`of-${name}`}
              name="meter"
              checked={name === meter}
              onChange={() => setChosen(name)}
            />
            {meterName(name)}
          </label>
        ))}
      </fieldset>
      <div className={css.chart}>
        <Suspense fallback={<Loading what="Drawing…" />}>
          <PriceChart steps={shown} unit={unitOf(meter, meters)} isOfMillion={isPerMillion(meter, meters)} />
        </Suspense>
      </div>
      <details>
        <summary>
          The same as a table, {shown.length} {shown.length === 1 ? 'step' : 'steps'}
        </summary>
        <Wide label="Steps, as a table">
          <table className="list">
            <caption className="hidden">{meterName(meter)}: prices from when on</caption>
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">Until</th>
                <th scope="col">Applies</th>
                <th scope="col" className="right">
                  Price
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((step) => (
                <tr key={`${step.starts_at} ${step.service_tier} ${conditions(step)} ${step.source}`}>
                  <td>
                    <Time at={step.starts_at} />
                  </td>
                  <td>
                    <Time at={step.ends_at} none="now" />
                  </td>
                  <td>
                    {[step.service_tier !== 'standard' && step.service_tier, conditions(step)]
                      .filter(Boolean)
                      .join(', ') || <span className="soft">always</span>}
                  </td>
                  <td className="right">
                    <Tag price={step.price} meter={meter} currency={step.currency} meters={meters} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      </details>
    </>
  )
}
