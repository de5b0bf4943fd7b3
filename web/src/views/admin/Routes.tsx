/** Which models serve a feature, in which order, and why the others do not. */

import type { ExplainedRoute, Requirements } from '@ratebook/client'
import { useState } from 'react'
import { useAsked } from '../../app/api.ts'
import { Link, setParams, useParam } from '../../app/router.ts'
import { useFeatures } from '../../lib/registry.ts'
import { type Column, DataTable } from '../../ui/DataTable.tsx'
import { Buttons, ChoiceField, Fields, TextField } from '../../ui/Fields.tsx'
import { Money, Time } from '../../ui/Money.tsx'
import { Answered, Empty } from '../../ui/states.tsx'

export function Routes() {
  const features = useFeatures()
  return (
    <Answered of={features}>
      {(all) =>
        all.length === 0 ? (
          <Empty title="There is no feature yet.">
            <p>A feature is what the application does with models: a row of ai.features, with routes to models.</p>
          </Empty>
        ) : (
          <Explain keys={all.map(({ key }) => key)} />
        )
      }
    </Answered>
  )
}

const list = (text: string): string[] | undefined => {
  const words = text.split(/[\s,]+/).filter(Boolean)
  return words.length > 0 ? words : undefined
}

function Explain({ keys }: { keys: readonly string[] }) {
  const [asked] = useParam('feature')
  const feature = keys.includes(asked) ? asked : (keys[0] as string)
  const [subject] = useParam('subject')
  const [supports] = useParam('supports')
  const [input] = useParam('input')
  const [output] = useParam('output')
  const [most] = useParam('max_credits')
  const usage = { ...(input && { input: Number(input) }), ...(output && { output: Number(output) }) }
  const requirements: Requirements = {
    supports: list(supports),
    ...(Object.keys(usage).length > 0 && { usage }),
    ...(most && { max_credits: most }),
  }
  const routes = useAsked(
    ['explain', feature, requirements, subject],
    ({ ratebook }) => ratebook.explainRoute(feature, requirements, subject || undefined),
    { keep: true },
  )
  return (
    <>
      <Needs
        key={`${subject} ${supports} ${input} ${output} ${most}`}
        keys={keys}
        feature={feature}
        was={{ subject, supports, input, output, max_credits: most }}
      />
      <Answered of={routes}>
        {(all) => (
          <DataTable
            label={`Routes of ${feature}`}
            rows={all}
            columns={COLUMNS}
            keyOf={(route) => route.route_id ?? route.model}
            empty={<Empty title="No route leads from this feature to a model." />}
          />
        )}
      </Answered>
    </>
  )
}

function Needs({ keys, feature, was }: { keys: readonly string[]; feature: string; was: Record<string, string> }) {
  const [needs, setNeeds] = useState(was)
  const field = (name: string) => ({
    value: needs[name] ?? '',
    onChange: (value: string) => setNeeds((before) => ({ ...before, [name]: value })),
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        setParams(needs)
      }}
    >
      <Fields>
        <ChoiceField
          label="Feature"
          value={feature}
          onChange={(feature) => setParams({ feature })}
          options={keys.map((key) => [key, key])}
        />
        <TextField label="Must support" {...field('supports')} placeholder="vision, streaming" />
        <TextField label="Input tokens" {...field('input')} inputMode="numeric" pattern="\d*" />
        <TextField label="Output tokens" {...field('output')} inputMode="numeric" pattern="\d*" />
        <TextField
          label="At most so many credits"
          {...field('max_credits')}
          inputMode="decimal"
          pattern="\d+(\.\d+)?"
        />
        <TextField label="For whom" {...field('subject')} placeholder="an id" hint="Decides among equal routes." />
      </Fields>
      <Buttons>
        <button type="submit" className="primary">
          Explain
        </button>
      </Buttons>
    </form>
  )
}

const COLUMNS: readonly Column<ExplainedRoute>[] = [
  { id: 'place', header: 'Place', value: (route) => route.place, kind: 'number', width: 4 },
  {
    id: 'model',
    header: 'Model',
    value: (route) => route.model,
    heads: true,
    width: 15,
    cell: (route) => <Link to={['models', route.model]}>{route.model}</Link>,
  },
  { id: 'provider', header: 'Provider', value: (route) => route.provider, width: 8 },
  { id: 'priority', header: 'Priority', value: (route) => route.priority, kind: 'number', width: 5 },
  {
    id: 'weight',
    header: 'Weight',
    value: (route) => route.weight,
    kind: 'amount',
    width: 5,
    cell: (route) => <Money amount={route.weight} />,
  },
  {
    id: 'share',
    header: 'Share',
    value: (route) => route.share,
    kind: 'amount',
    width: 6,
    cell: (route) => <Money amount={route.share} />,
  },
  {
    id: 'credits',
    header: 'Credits',
    value: (route) => route.credits,
    kind: 'amount',
    width: 7,
    cell: (route) => <Money amount={route.credits} />,
  },
  {
    id: 'health',
    header: 'Health',
    value: (route) => route.health,
    width: 8,
    cell: (route) => (
      <>
        {route.health}
        {route.health_until && (
          <span className="soft">
            {' '}
            until <Time at={route.health_until} style="time" />
          </span>
        )}
      </>
    ),
  },
  { id: 'why', header: 'Why', value: (route) => route.why, width: 20 },
]
