'use client'
/** Pictures of prices and usage: SVG, with the same numbers in a table below, which is what screen readers get. */

import { Fragment, type ReactNode, useId } from 'react'
import type { PriceStep, UsageBucket } from '../answers.js'
import { formatted, sum } from './decimal.js'
import { PriceTag } from './prices.js'

const WIDTH = 640
const HEIGHT = 200
// Patterns, since colour alone says nothing to some; `currentColor` fits any page.
const DASHES = ['', '6 3', '2 3', '8 3 2 3', '1 2']
const FADES = [0.85, 0.5, 0.25, 0.65, 0.35]

interface ChartProps {
  caption: ReactNode
  label: string
  /** The largest amount, written at the top of the axis. */
  top: string
  from: string
  to: string
  children: ReactNode
  /** What each pattern or shade stands for. */
  legend?: ReactNode
  table: ReactNode
}

function Chart({ caption, label, top, from, to, children, legend, table }: ChartProps) {
  const id = useId()
  return (
    <figure className="ratebook-chart">
      <figcaption>{caption}</figcaption>
      <svg viewBox={`-2 -16 ${WIDTH + 4} ${HEIGHT + 36}`} role="img" aria-labelledby={id} width="100%">
        <title id={id}>{label}</title>
        <g fill="currentColor" fontSize="12">
          <text y="-4">{top}</text>
          <text y={HEIGHT + 16}>{from}</text>
          <text x={WIDTH} y={HEIGHT + 16} textAnchor="end">
            {to}
          </text>
        </g>
        <path d={`M0 0V${HEIGHT}H${WIDTH}`} fill="none" stroke="currentColor" strokeOpacity="0.4" />
        {children}
      </svg>
      {legend}
      <details>
        <summary>The same as a table</summary>
        {table}
      </details>
    </figure>
  )
}

const day = (time: number, locale?: string, timeZone = 'UTC') =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone }).format(time)

export interface PriceHistoryProps {
  steps: readonly PriceStep[]
  /** One meter alone, such as input. */
  meter?: string
  /** Until when the picture goes: now unless told. */
  until?: Date
  locale?: string
  caption?: ReactNode
}

/** How prices went, as steps: those of a million tokens where there are such, else of one unit. */
export function PriceHistory({ steps, meter, until = new Date(), locale, caption = 'Prices' }: PriceHistoryProps) {
  const shown = steps.filter((step) => meter === undefined || step.meter === meter)
  if (shown.length === 0) return <p className="ratebook-chart">No prices.</p>
  const amount = (step: PriceStep) => step.price_per_million ?? step.price
  const series = Map.groupBy(shown, seriesName)
  const begin = Math.min(...shown.map((step) => Date.parse(step.starts_at)))
  const end = Math.max(until.getTime(), begin + 1)
  const highest = shown.reduce((high, step) => (Number(amount(step)) > Number(amount(high)) ? step : high))
  const top = Number(amount(highest)) || 1
  const x = (time: number) => (((Math.min(time, end) - begin) / (end - begin)) * WIDTH).toFixed(1)
  const y = (price: string) => (HEIGHT - (Number(price) / top) * HEIGHT).toFixed(1)
  const line = (of: readonly PriceStep[]) =>
    of
      .map((step) => {
        const to = step.ends_at === null ? end : Date.parse(step.ends_at)
        return `M${x(Date.parse(step.starts_at))} ${y(amount(step))}H${x(to)}`
      })
      .join('')
  const per = (step: PriceStep) => (step.price_per_million === null ? step.unit_type : 'million')
  return (
    <Chart
      caption={caption}
      label={`${[...series.keys()].join(', ')}: ${shown.length} prices from ${day(begin, locale)} to ${day(end, locale)}`}
      top={formatted(amount(highest), { currency: highest.currency, locale })}
      from={day(begin, locale)}
      to={day(end, locale)}
      table={
        <table>
          <caption>Prices from when on</caption>
          <thead>
            <tr>
              <th scope="col">Meter</th>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col">Price</th>
            </tr>
          </thead>
          <tbody>
            {[...series].flatMap(([name, of]) =>
              of.map((step) => (
                <tr key={`${name} ${step.starts_at} ${step.source}`}>
                  <th scope="row">{name}</th>
                  <td>{day(Date.parse(step.starts_at), locale)}</td>
                  <td>{step.ends_at === null ? 'now' : day(Date.parse(step.ends_at), locale)}</td>
                  <td>
                    <PriceTag price={amount(step)} currency={step.currency} per={per(step)} locale={locale} />
                  </td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      }
    >
      {[...series].map(([name, of], index) => (
        <path
          key={name}
          className="ratebook-line"
          d={line(of)}
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          strokeDasharray={DASHES[index % DASHES.length]}
        >
          <title>{name}</title>
        </path>
      ))}
    </Chart>
  )
}

/** What a price depends on, in words. */
function seriesName(step: PriceStep): string {
  const window = step.window_start && `${step.window_start} to ${step.window_end} ${step.window_time_zone}`
  const above = step.context_threshold !== null && `above ${step.context_threshold} tokens`
  const tier = step.service_tier !== 'standard' && step.service_tier
  return [step.meter, tier, step.variant, step.region, above, window].filter(Boolean).join(', ')
}

export interface UsageChartProps {
  buckets: readonly UsageBucket[]
  /** What is shown; credits less refunds unless told. */
  value?: 'net' | 'credits' | 'refunded' | 'requests'
  /** Whether buckets are of hours. */
  timeZone?: string
  locale?: string
  caption?: ReactNode
  /** What a key is called, such as a model's name. */
  nameOf?: (key: string | null) => string
}

const shade = (index: number) => ({
  fill: 'currentColor',
  fillOpacity: FADES[index % FADES.length],
  stroke: 'currentColor',
  strokeOpacity: 0.6,
})

/** Which shade is whose, in the order of the bars from below. */
function Legend({ keys, nameOf }: { keys: readonly (string | null)[]; nameOf: (key: string | null) => string }) {
  return (
    <ul className="ratebook-legend">
      {keys.map((key, index) => (
        <li key={key}>
          <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
            <rect x="1" y="1" width="10" height="10" {...shade(index)} />
          </svg>{' '}
          {nameOf(key)}
        </li>
      ))}
    </ul>
  )
}

/** Usage as bars, each as wide as its bucket is long, so that nothing is missing where nothing happened. */
export function UsageChart({
  buckets,
  value = 'net',
  timeZone = 'UTC',
  locale,
  caption = value === 'requests' ? 'Requests' : 'Credits',
  nameOf = (key) => key ?? 'other',
}: UsageChartProps) {
  if (buckets.length === 0) return <p className="ratebook-chart">Nothing was used.</p>
  const amount = (bucket: UsageBucket) => String(bucket[value])
  const keys = [...new Set(buckets.map((bucket) => bucket.key))]
  const times = [...Map.groupBy(buckets, (bucket) => bucket.starts_at)]
  const totals = times.map(([, of]) => sum(...of.map(amount)))
  const begin = Math.min(...buckets.map((bucket) => Date.parse(bucket.starts_at)))
  const end = Math.max(...buckets.map((bucket) => Date.parse(bucket.ends_at)))
  const top = totals.reduce((high, total) => (Number(total) > Number(high) ? total : high))
  const scale = Number(top) > 0 ? HEIGHT / Number(top) : 0
  const x = (time: string) => ((Date.parse(time) - begin) / (end - begin)) * WIDTH
  const isLong = buckets.every((bucket) => Date.parse(bucket.ends_at) - Date.parse(bucket.starts_at) >= 82_800_000)
  const when = (time: string) =>
    new Intl.DateTimeFormat(locale, { dateStyle: 'medium', ...(!isLong && { timeStyle: 'short' }), timeZone }).format(
      Date.parse(time),
    )
  const isKeyed = keys.length > 1 || keys[0] !== null
  return (
    <Chart
      caption={
        <>
          {caption}: {formatted(sum(...totals), { locale })}
        </>
      }
      label={`${value} from ${when(new Date(begin).toISOString())} to ${when(new Date(end).toISOString())}`}
      top={formatted(top, { locale })}
      from={when(new Date(begin).toISOString())}
      to={when(new Date(end).toISOString())}
      legend={isKeyed && <Legend keys={keys} nameOf={nameOf} />}
      table={
        <table>
          <caption>By time</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              {isKeyed && <th scope="col">Of</th>}
              <th scope="col">{value}</th>
            </tr>
          </thead>
          <tbody>
            {buckets.map((bucket) => (
              <tr key={`${bucket.starts_at} ${bucket.id} ${bucket.key}`}>
                <th scope="row">{when(bucket.starts_at)}</th>
                {isKeyed && <td>{nameOf(bucket.key)}</td>}
                <td>
                  <data value={amount(bucket)}>{formatted(amount(bucket), { locale })}</data>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      }
    >
      {times.map(([time, of]) => {
        let base = HEIGHT
        return (
          <Fragment key={time}>
            {of.map((bucket) => {
              const height = Math.max(0, Number(amount(bucket)) * scale)
              base -= height
              const index = keys.indexOf(bucket.key)
              return (
                <rect
                  key={`${bucket.id} ${bucket.key}`}
                  className="ratebook-bar"
                  x={x(bucket.starts_at).toFixed(1)}
                  width={Math.max(1, x(bucket.ends_at) - x(bucket.starts_at) - 1).toFixed(1)}
                  y={base.toFixed(1)}
                  height={height.toFixed(1)}
                  {...shade(index)}
                >
                  <title>{`${when(time)}${isKeyed ? `, ${nameOf(bucket.key)}` : ''}: ${formatted(amount(bucket), { locale })}`}</title>
                </rect>
              )
            })}
          </Fragment>
        )
      })}
    </Chart>
  )
}
