/** A filter: a button that says what is chosen, and a list of choices with how many each has. */

import { Popover } from '@base-ui/react/popover'
import { useId, useState } from 'react'
import css from './Choices.module.css'

interface ChoicesProps {
  label: string
  /** The choices, each with how many there are. */
  options: readonly (readonly [value: string, count: number])[]
  chosen: readonly string[]
  onChange: (chosen: string[]) => void
  nameOf?: (value: string) => string
}

export function Choices({ label, options, chosen, onChange, nameOf = (value) => value }: ChoicesProps) {
  const id = useId()
  const [search, setSearch] = useState('')
  const word = search.trim().toLowerCase()
  const shown = options.filter(([value]) => !word || `${value} ${nameOf(value)}`.toLowerCase().includes(word))
  const said = chosen.length === 0 ? '' : chosen.length === 1 ? nameOf(chosen[0]!) : String(chosen.length)
  const toggle = (value: string) =>
    onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value])
  return (
    <Popover.Root>
      <Popover.Trigger className={css.trigger} data-chosen={chosen.length > 0 || undefined}>
        {label}
        {said && <span className={css.said}>: {said}</span>}
        <span aria-hidden="true"> ▾</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={4} align="start" className={css.place}>
          <Popover.Popup className={css.popup} aria-label={label}>
            {options.length > 10 && (
              <input
                type="search"
                aria-label={`Search ${label.toLowerCase()}`}
                placeholder="Search"
                value={search}
                onChange={(event) => setSearch(event.currentTarget.value)}
              />
            )}
            <ul className={css.list}>
              {shown.map(([value, count]) => (
                <li key={value}>
                  <label htmlFor={`${id}${value}`}>
                    <input
                      type="checkbox"
                      id={`${id}${value}`}
                      checked={chosen.includes(value)}
                      onChange={() => toggle(value)}
                    />
                    <span className={css.name}>{nameOf(value)}</span>
                    <span className={css.count}>{count}</span>
                  </label>
                </li>
              ))}
              {shown.length === 0 && <li className="soft">Nothing is called that.</li>}
            </ul>
            <button type="button" disabled={chosen.length === 0} onClick={() => onChange([])}>
              Clear
            </button>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
