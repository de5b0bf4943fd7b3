/** A price from a date on; what it would have done to the last month is shown before it is written. */

import type { Price } from '@ratebook/client'
import { isZero, PriceTag, product, sum } from '@ratebook/client/react'
import { type ReactNode, useState } from 'react'
import { useAsked } from '../../app/api.ts'
import { Link, setParams, useParam } from '../../app/router.ts'
import { million } from '../../lib/catalogue.ts'
import { isDecimal } from '../../lib/decimal.ts'
import { lastMonth, nextMonth, useMeters } from '../../lib/registry.ts'
import { Buttons, ChoiceField, Done, Fields, Preview, Section, TextField, useStep, Wide } from '../../ui/Fields.tsx'
import { Count, Money, Time } from '../../ui/Money.tsx'
import { Answered, Empty, Failure } from '../../ui/states.tsx'

interface Effect {
  currency: string
  generations: number
  changed: number
  cost_before: string
  cost_after: string
  credits_before: string
  credits_after: string
  without_cost_before: number
  without_cost_after: number
}

const EFFECT =
  'currency,generations,changed,cost_before::text,cost_after::text,credits_before::text,credits_after::text,without_cost_before,without_cost_after'

interface Change {
  model: string
  meter: string
  price: string
  effective_from: string
  service_tier: string
  variant?: string
  region?: string
}

export function Prices() {
  const [model] = useParam('model')
  const [typed, setTyped] = useState(model)
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          setParams({ model: typed.trim() })
        }}
      >
        <Fields>
          <TextField
            label="Model"
            value={typed}
            onChange={setTyped}
            hint="Its key or an alias; the list of models leads here, too."
          />
        </Fields>
        <Buttons>
          <button type="submit" className={model ? undefined : 'primary'}>
            Show its prices
          </button>
          <Link to={['admin']}>All models</Link>
        </Buttons>
      </form>
      {model && <OfModel key={model} model={model} />}
    </>
  )
}

function OfModel({ model }: { model: string }) {
  const prices = useAsked(['prices', model], ({ ratebook }) => ratebook.prices(model))
  return (
    <>
      <Section title="In force" aside={<Link to={['models', model]}>The model's page</Link>}>
        <Answered of={prices}>
          {(all) =>
            all.length === 0 ? (
              <Empty title="It has no price yet." />
            ) : (
              <Wide label="Prices in force">
                <table className="list">
                  <caption className="hidden">Prices in force</caption>
                  <thead>
                    <tr>
                      <th scope="col">Meter</th>
                      <th scope="col">Conditions</th>
                      <th scope="col">Since</th>
                      <th scope="col">From</th>
                      <th scope="col" className="right">
                        Price
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {all.map((price) => (
                      <tr key={price.id}>
                        <th scope="row">{price.meter}</th>
                        <td>
                          {[
                            price.service_tier !== 'standard' && price.service_tier,
                            price.variant,
                            price.region,
                            price.context_threshold !== null && `above ${price.context_threshold} tokens`,
                          ]
                            .filter(Boolean)
                            .join(', ') || <span className="none">–</span>}
                        </td>
                        <td>
                          <Time at={price.effective_from} />
                        </td>
                        <td>{price.source}</td>
                        <td className="right">
                          <Unit price={price} />
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Wide>
            )
          }
        </Answered>
      </Section>
      <Answered of={prices}>{() => <Schedule model={model} />}</Answered>
    </>
  )
}

function Unit({ price: { price_per_unit: price, unit_type, currency } }: { price: Price }) {
  if (price === null) return <span className="none">ended</span>
  if (unit_type !== 'tokens') return <PriceTag price={price} currency={currency} per={unit_type} />
  return <PriceTag price={million(price)} currency={currency} per="million" />
}

function Schedule({ model }: { model: string }) {
  const meters = useMeters()
  const [meter, setMeter] = useState('input')
  const [price, setPrice] = useState('')
  const [per, setPer] = useState('million')
  const [from, setFrom] = useState(nextMonth)
  const [tier, setTier] = useState('standard')
  const [variant, setVariant] = useState('')
  const [region, setRegion] = useState('')
  const tiers = useAsked(['service tiers'], ({ ratebook: { api } }) =>
    api.ask<{ key: string }[]>(api.table('ai', 'service_tiers').select('key').order('key')),
  )
  const change: Change = {
    model,
    meter,
    price: isDecimal(price) ? product(price.trim(), per === 'million' ? '0.000001' : '1') : '',
    effective_from: `${from}T00:00:00Z`,
    service_tier: tier,
    ...(variant && { variant }),
    ...(region && { region }),
  }
  const preview = useStep(
    async ({ ratebook: { api } }, asked: Change) => ({
      asked: JSON.stringify(asked),
      rows: await api.ask<Effect[]>(api.call('ai', 'preview_price', { ...asked, ...lastMonth() }).select(EFFECT)),
    }),
    { changes: false },
  )
  const step = useStep(({ ratebook: { api } }, asked: Change) =>
    api.ask<{ effective_from: string }[]>(api.call('ai', 'schedule_price', asked).select('effective_from')),
  )
  // Only what is shown can be done: a field that changes since asks for another look.
  const isSeen = preview.data?.asked === JSON.stringify(change)
  return (
    <Section title="A price from a date on">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          step.reset()
          preview.mutate(change)
        }}
      >
        <Fields>
          <ChoiceField
            label="Meter"
            value={meter}
            onChange={setMeter}
            options={(meters.data ?? [{ key: 'input' }]).map(({ key }) => [key, key])}
          />
          <TextField
            label="Price"
            value={price}
            onChange={setPrice}
            inputMode="decimal"
            required
            pattern="\d+(\.\d+)?"
            title="A decimal number such as 0.15"
            hint={
              price === '' || isDecimal(price) ? (
                per === 'million' && isDecimal(price) && `${change.price} of one`
              ) : (
                <>That is no decimal number: 0.15</>
              )
            }
          />
          <ChoiceField
            label="Of"
            value={per}
            onChange={setPer}
            options={[
              ['million', 'a million units'],
              ['one', 'one unit'],
            ]}
          />
          <TextField label="From" type="date" value={from} onChange={setFrom} required hint="Midnight, UTC" />
          <ChoiceField
            label="Service tier"
            value={tier}
            onChange={setTier}
            options={(tiers.data ?? [{ key: 'standard' }]).map(({ key }) => [key, key])}
          />
          <TextField label="Variant" value={variant} onChange={setVariant} placeholder="any" />
          <TextField label="Region" value={region} onChange={setRegion} placeholder="any" />
        </Fields>
        <Buttons>
          <button type="submit" className={isSeen ? undefined : 'primary'} disabled={preview.isPending}>
            Show what it would do
          </button>
        </Buttons>
      </form>
      <Failure error={preview.error} />
      {preview.data && isSeen && (
        <Preview title="The last 30 days, had it applied">
          <Effects rows={preview.data.rows} />
          <Failure error={step.error} />
          <Buttons>
            <button type="button" className="primary" disabled={step.isPending} onClick={() => step.mutate(change)}>
              Schedule this price
            </button>
          </Buttons>
        </Preview>
      )}
      {step.data && (
        <Done>
          {step.data.length > 0 ? (
            <>
              {meter} of {model} has this price from <Time at={change.effective_from} /> on. It is in the history with
              your name.
            </>
          ) : (
            'That price is in force at that time already.'
          )}
        </Done>
      )}
    </Section>
  )
}

function Effects({ rows }: { rows: readonly Effect[] }) {
  if (rows.length === 0) return <p>Nobody asked this model in that time: nothing would have been different.</p>
  return rows.map((row) => (
    <Wide key={row.currency} label="Cost and credits">
      <Comparison
        caption={
          <>
            <Count value={row.changed} /> of <Count value={row.generations} /> requests would have cost otherwise
          </>
        }
        changed="With this price"
      >
        <BeforeAfter name="Cost" before={row.cost_before} after={row.cost_after} currency={row.currency} />
        <BeforeAfter name="Credits" before={row.credits_before} after={row.credits_after} />
      </Comparison>
      {row.without_cost_after > 0 && (
        <p className="soft">
          <Count value={row.without_cost_after} /> requests have no price, before{' '}
          <Count value={row.without_cost_before} />: no sum holds them.
        </p>
      )}
    </Wide>
  ))
}

/** The last 30 days as they were, and as they would have been: a BeforeAfter each row. */
export function Comparison({
  caption,
  changed,
  children,
}: {
  caption: ReactNode
  changed: string
  children: ReactNode
}) {
  return (
    <table className="list">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Last 30 days</th>
          {['As it was', changed, 'Difference'].map((column) => (
            <th key={column} scope="col" className="right">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}

/** A row of a comparison: what was, what would be, and the difference, each exact. */
export function BeforeAfter({
  name,
  before,
  after,
  currency,
}: {
  name: string
  before: string | null
  after: string | null
  currency?: string
}) {
  const difference = before !== null && after !== null ? sum(after, negated(before)) : null
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="right">
        <Money amount={before} currency={currency} />
      </td>
      <td className="right">
        <Money amount={after} currency={currency} />
      </td>
      <td className="right">
        {difference !== null && !difference.startsWith('-') && !isZero(difference) && '+'}
        <Money amount={difference} currency={currency} />
      </td>
    </tr>
  )
}

const negated = (amount: string) => (amount.startsWith('-') ? amount.slice(1) : `-${amount}`)
