/** What a request uses: how much of which meter. */

import { useId } from 'react'
import { meterName, useMeters } from '../lib/catalogue.ts'
import type { Quantities } from '../lib/usage.ts'
import css from './UsageEditor.module.css'

const EXAMPLES: readonly [name: string, usage: Quantities][] = [
  ['A question', { input: 1000, output: 500 }],
  ['A long document', { input: 100000, output: 2000 }],
  ['An agent’s step', { input: 2000, cache_read: 40000, output: 800 }],
  ['A picture', { image: 1 }],
]

interface UsageEditorProps {
  usage: Quantities
  onChange: (usage: Quantities) => void
}

export function UsageEditor({ usage, onChange }: UsageEditorProps) {
  const id = useId()
  const { data: meters } = useMeters()
  const others = [...(meters?.keys() ?? [])].filter((meter) => !(meter in usage))
  const without = (meter: string) => Object.fromEntries(Object.entries(usage).filter(([one]) => one !== meter))
  return (
    <fieldset className={css.usage}>
      <legend className={css.legend}>One request uses</legend>
      <div className={css.rows}>
        {Object.entries(usage).map(([meter, quantity]) => (
          <div key={meter} className={css.row}>
            <label htmlFor={`${id}${meter}`}>{meterName(meter)}</label>
            <input
              id={`${id}${meter}`}
              type="number"
              min="0"
              step="any"
              value={quantity}
              onChange={(event) => onChange({ ...usage, [meter]: Math.max(0, event.currentTarget.valueAsNumber || 0) })}
            />
            <button
              type="button"
              className="plain"
              aria-label={`Without ${meterName(meter)}`}
              onClick={() => onChange(without(meter))}
            >
              ×
            </button>
          </div>
        ))}
        <select
          aria-label="Add a meter"
          value=""
          onChange={(event) => onChange({ ...usage, [event.currentTarget.value]: 1000 })}
        >
          <option value="">Add a meter…</option>
          {others.map((meter) => (
            <option key={meter} value={meter}>
              {meterName(meter)}
            </option>
          ))}
        </select>
      </div>
      <p className={css.examples}>
        Such as{' '}
        {EXAMPLES.map(([name, example]) => (
          <button key={name} type="button" className="plain" onClick={() => onChange(example)}>
            {name}
          </button>
        ))}
      </p>
    </fieldset>
  )
}
