/** What is added to the cost, and what last month's revenue would have been with another margin. */

import { product } from '@ratebook/client/react'
import { useState } from 'react'
import { useAsked } from '../../app/api.ts'
import { isDecimal } from '../../lib/decimal.ts'
import { lastMonth, nextMonth, useFeatures, useProviders, useRegistry } from '../../lib/registry.ts'
import { Buttons, ChoiceField, Done, Fields, Preview, Section, TextField, useStep, Wide } from '../../ui/Fields.tsx'
import { Count, Money, Time } from '../../ui/Money.tsx'
import { Answered, Empty, Failure } from '../../ui/states.tsx'
import { BeforeAfter, Comparison } from './Prices.tsx'

interface Policy {
  id: string
  model_id: string | null
  feature_id: string | null
  provider_id: string | null
  tier: string | null
  margin: string
  fixed_credits: string
  min_credits: string
  increment: string
  enabled: boolean
  effective_from: string
  revision: number
}

interface Rate {
  id: string
  currency: string
  credits: string
  effective_from: string
}

const POLICY =
  'id,model_id,feature_id,provider_id,tier,margin::text,fixed_credits::text,min_credits::text,increment::text,enabled,effective_from,revision'

type Names = Map<string, string>

export function Margins() {
  const registry = useRegistry()
  const features = useFeatures()
  const providers = useProviders()
  const policies = useAsked(['margins'], ({ ratebook: { api } }) =>
    api.all<Policy>(() =>
      api
        .table('billing', 'execution_margin_policies')
        .select(POLICY, { count: 'exact' })
        .order('effective_from', { ascending: false })
        .order('id'),
    ),
  )
  const rates = useAsked(['rates'], ({ ratebook: { api } }) =>
    api.ask<Rate[]>(
      api
        .table('billing', 'credit_rates')
        .select('id,currency,credits:credits_per_currency_unit::text,effective_from')
        .order('effective_from', { ascending: false }),
    ),
  )
  const names: Names = new Map(
    [registry, features, providers].flatMap(({ data }) => (data ?? []).map(({ id, key }) => [id, key] as const)),
  )
  return (
    <>
      <Section title="Margins">
        <Answered of={policies}>{(all) => <Policies all={all} names={names} />}</Answered>
      </Section>
      <Section title="A margin from a date on">
        <Answered of={policies}>{(all) => <Add all={all} />}</Answered>
      </Section>
      <Section title="Credits of one unit of a currency">
        <Answered of={rates}>
          {(all) => (
            <table className="list">
              <caption className="hidden">Credit rates</caption>
              <thead>
                <tr>
                  <th scope="col">Currency</th>
                  <th scope="col">From</th>
                  <th scope="col" className="right">
                    Credits
                  </th>
                </tr>
              </thead>
              <tbody>
                {all.map((rate) => (
                  <tr key={rate.id}>
                    <th scope="row">{rate.currency}</th>
                    <td>
                      <Time at={rate.effective_from} />
                    </td>
                    <td className="right">
                      <Money amount={rate.credits} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Answered>
      </Section>
    </>
  )
}

function Policies({ all, names }: { all: readonly Policy[]; names: Names }) {
  if (all.length === 0) {
    return (
      <Empty title="There is no margin yet.">
        <p>Without one, credits cannot be worked out. Add a default below.</p>
      </Empty>
    )
  }
  return (
    <Wide label="Margins, the latest first">
      <table className="list">
        <caption className="hidden">Margins, the latest first</caption>
        <thead>
          <tr>
            <th scope="col">For</th>
            <th scope="col">From</th>
            <th scope="col" className="right">
              Margin
            </th>
            <th scope="col" className="right">
              Fixed
            </th>
            <th scope="col" className="right">
              At least
            </th>
            <th scope="col" className="right">
              Rounded up to
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((policy) => (
            <tr key={policy.id}>
              <th scope="row">
                {[policy.model_id, policy.feature_id, policy.provider_id]
                  .flatMap((id) => (id === null ? [] : (names.get(id) ?? id)))
                  .concat(policy.tier ?? [])
                  .join(', ') || 'everything else'}
                {!policy.enabled && <span className="badge">off</span>}
                {Date.parse(policy.effective_from) > Date.now() && <span className="badge">to come</span>}
              </th>
              <td>
                <Time at={policy.effective_from} />
              </td>
              <td className="right">
                <Money amount={percent(policy.margin)} /> %
              </td>
              <td className="right">
                <Money amount={policy.fixed_credits} />
              </td>
              <td className="right">
                <Money amount={policy.min_credits} />
              </td>
              <td className="right">
                <Money amount={policy.increment} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  )
}

const percent = (share: string) => product(share, '100')

const SCOPES = [
  ['', 'Everything else (the default)'],
  ['provider', 'A provider'],
  ['feature', 'A feature'],
  ['model', 'A model'],
] as const
type Scope = 'provider' | 'feature' | 'model'

interface Sums {
  id: string | null
  key: string | null
  currency: string
  generations: number
  cost: string
  credits: string
  without_credits: number
}

const SUMS = 'id,key,currency,generations,cost::text,credits::text,without_credits'

interface Row {
  margin: string
  fixed_credits: string
  min_credits: string
  increment: string
  effective_from: string
  model_id?: string
  feature_id?: string
  provider_id?: string
}

function Add({ all }: { all: readonly Policy[] }) {
  const registry = useRegistry()
  const features = useFeatures()
  const providers = useProviders()
  const [scope, setScope] = useState('')
  const [of, setOf] = useState('')
  const [margin, setMargin] = useState('')
  const [fixed, setFixed] = useState('0')
  const [least, setLeast] = useState('0')
  const [increment, setIncrement] = useState('0.001')
  const [from, setFrom] = useState(nextMonth)
  const things = { provider: providers.data, feature: features.data, model: registry.data }[scope as Scope] ?? []
  const thing = things.find(({ key }) => key === of.trim())
  const policy: Row = {
    margin: isDecimal(margin) ? product(margin.trim(), '0.01') : '',
    fixed_credits: fixed,
    min_credits: least,
    increment,
    effective_from: `${from}T00:00:00Z`,
    ...(scope && thing && { [`${scope}_id`]: thing.id }),
  }
  const whatIf = useStep(
    async ({ ratebook: { api } }, asked: Row) => {
      const by = scope ? { by: scope } : {}
      const sums = (change: object) =>
        api.all<Sums>(() =>
          api.call('billing', 'reprice_summary', { ...lastMonth(), ...by, ...change }, { count: 'exact' }).select(SUMS),
        )
      const [before, after] = await Promise.all([sums({}), sums({ margin: asked.margin })])
      const isMeant = (row: Sums) => !scope || (scope === 'feature' ? row.key === thing?.key : row.id === thing?.id)
      return { asked: JSON.stringify(asked), before: before.filter(isMeant), after: after.filter(isMeant) }
    },
    { changes: false },
  )
  const step = useStep(async ({ rest }, row: Row) => {
    const { error } = await rest.schema('billing').from('execution_margin_policies').insert(row)
    if (error) throw error
    return row
  })
  const isSeen = whatIf.data?.asked === JSON.stringify(policy)
  const mine = `${scope && thing ? thing.id : ''}`
  const current = all.find(
    (one) =>
      [one.model_id, one.feature_id, one.provider_id].filter(Boolean).join() === mine &&
      one.tier === null &&
      Date.parse(one.effective_from) <= Date.now(),
  )
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          step.reset()
          if (!scope || thing) whatIf.mutate(policy)
        }}
      >
        <Fields>
          <ChoiceField
            label="For"
            value={scope}
            onChange={(next) => {
              setScope(next)
              setOf('')
            }}
            options={SCOPES}
          />
          {(scope === 'provider' || scope === 'feature') && (
            <ChoiceField
              label="Which"
              value={of}
              onChange={setOf}
              options={[['', 'Choose…'], ...things.map(({ key }) => [key, key] as const)]}
            />
          )}
          {scope === 'model' && (
            <TextField
              label="Which"
              value={of}
              onChange={setOf}
              required
              hint={of === '' ? 'Its key' : thing ? thing.name : 'There is no model of that key.'}
            />
          )}
          <TextField
            label="Margin in percent"
            value={margin}
            onChange={setMargin}
            inputMode="decimal"
            required
            pattern="\d+(\.\d+)?"
            title="A decimal number such as 30"
            hint={current ? `${percent(current.margin)} % today` : 'None of its own today'}
          />
          <TextField label="Fixed credits" value={fixed} onChange={setFixed} inputMode="decimal" required />
          <TextField label="At least" value={least} onChange={setLeast} inputMode="decimal" required />
          <TextField label="Rounded up to" value={increment} onChange={setIncrement} inputMode="decimal" required />
          <TextField label="From" type="date" value={from} onChange={setFrom} required hint="Midnight, UTC" />
        </Fields>
        <Buttons>
          <button type="submit" className={isSeen ? undefined : 'primary'} disabled={whatIf.isPending}>
            Show what it would do
          </button>
        </Buttons>
      </form>
      <Failure error={whatIf.error} />
      {whatIf.data && isSeen && (
        <Preview title="The last 30 days, had it applied">
          <Revenue before={whatIf.data.before} after={whatIf.data.after} />
          {!scope && (
            <p className="soft">
              For all requests; those of a model, feature, provider or tier with a margin of its own would have kept
              that.
            </p>
          )}
          <Failure error={step.error} />
          <Buttons>
            <button type="button" className="primary" disabled={step.isPending} onClick={() => step.mutate(policy)}>
              Set this margin
            </button>
          </Buttons>
        </Preview>
      )}
      {step.data && (
        <Done>
          The margin applies from <Time at={step.data.effective_from} /> on. It is in the history with your name.
        </Done>
      )}
    </>
  )
}

function Revenue({ before, after }: { before: readonly Sums[]; after: readonly Sums[] }) {
  if (before.length === 0) return <p>Nobody asked for it in that time: nothing would have been different.</p>
  return before.map((row) => {
    const then = after.find(({ currency, id, key }) => currency === row.currency && id === row.id && key === row.key)
    return (
      <Comparison
        key={`${row.currency} ${row.key}`}
        caption={
          <>
            <Count value={row.generations} /> requests{row.key && ` of ${row.key}`}, which cost{' '}
            <Money amount={row.cost} currency={row.currency} />
          </>
        }
        changed="With this margin"
      >
        <BeforeAfter name="Revenue in credits" before={row.credits} after={then?.credits ?? null} />
      </Comparison>
    )
  })
}
