/** Prices over time, as the steps that they are. Only where a point stands is a float: what is written is exact. */

import type { PriceStep } from '@ratebook/client'
import { formatted } from '@ratebook/client/react'
import { useMemo } from 'react'
import { CartesianGrid, Legend, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { million } from '../../lib/catalogue.ts'
import { when } from '../../ui/Money.tsx'
import css from './Model.module.css'
import { conditions } from './Model.tsx'

interface PriceChartProps {
  steps: readonly PriceStep[]
  unit: string
  isOfMillion: boolean
}

// Not by colour alone: each line has dashes of its own.
const LINES = [
  ['var(--accent)', undefined],
  ['var(--good)', '6 3'],
  ['var(--warn)', '2 3'],
  ['var(--bad)', '8 3 2 3'],
  ['var(--soft)', '1 2'],
] as const

type Point = { at: number } & Record<string, number | null>

export default function PriceChart({ steps, unit, isOfMillion }: PriceChartProps) {
  const { points, series, textOf } = useMemo(() => drawn(steps, isOfMillion), [steps, isOfMillion])
  const names = [...series.keys()]
  const currency = steps[0]?.currency
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart
        data={points}
        margin={{ top: 8, right: 24, bottom: 0, left: 8 }}
        accessibilityLayer
        title={`Prices per ${unit}`}
      >
        <CartesianGrid stroke="var(--line)" vertical={false} />
        <XAxis
          dataKey="at"
          type="number"
          scale="time"
          domain={['dataMin', 'dataMax']}
          tickFormatter={(at: number) => when(new Date(at).toISOString())}
          stroke="var(--soft)"
          minTickGap={40}
        />
        <YAxis
          domain={[0, 'auto']}
          width="auto"
          stroke="var(--soft)"
          tickFormatter={(price: number) => formatted(plain(price), { currency })}
          label={{ value: `per ${unit}`, angle: -90, position: 'insideLeft', fill: 'var(--soft)' }}
        />
        <Tooltip
          isAnimationActive={false}
          content={({ active, payload, label }) =>
            active && typeof label === 'number' ? (
              <div className={css.tip}>
                <p>{when(new Date(label).toISOString())}</p>
                {payload.map((one) => {
                  const price = textOf(String(one.name), label)
                  return price ? (
                    <p key={String(one.name)}>
                      {String(one.name)}: {price}
                    </p>
                  ) : null
                })}
              </div>
            ) : null
          }
        />
        {names.length > 1 && <Legend />}
        {names.map((name, index) => {
          const [stroke, dashes] = LINES[index % LINES.length]!
          return (
            <Line
              key={name}
              name={name}
              dataKey={name}
              type="stepAfter"
              stroke={stroke}
              strokeWidth={2}
              strokeDasharray={dashes}
              dot={false}
              isAnimationActive={false}
            />
          )
        })}
      </LineChart>
    </ResponsiveContainer>
  )
}

/** A position of the axis as decimal text. */
const plain = (price: number) => price.toFixed(12).replace(/\.?0+$/, '')

const nameOf = (step: PriceStep) => [step.service_tier, conditions(step)].filter(Boolean).join(', ')

/** A point at each time at which a price begins or ends, and now. */
function drawn(steps: readonly PriceStep[], isOfMillion: boolean) {
  const series = Map.groupBy(steps, nameOf)
  const shown = (step: PriceStep) => (isOfMillion ? million(step.price) : step.price)
  const now = Date.now()
  const times = new Set([now])
  for (const step of steps) {
    times.add(Date.parse(step.starts_at))
    if (step.ends_at !== null) times.add(Date.parse(step.ends_at))
  }
  const at = (name: string, time: number) =>
    series
      .get(name)
      ?.findLast(
        (step) => Date.parse(step.starts_at) <= time && (step.ends_at === null || time < Date.parse(step.ends_at)),
      )
  const points = [...times]
    .sort((a, b) => a - b)
    .map((time): Point => {
      const point: Point = { at: time }
      for (const name of series.keys()) {
        const step = at(name, time)
        point[name] = step ? Number(shown(step)) : null
      }
      return point
    })
  const textOf = (name: string, time: number) => {
    const step = at(name, time)
    return step && formatted(shown(step), { currency: step.currency })
  }
  return { points, series, textOf }
}
