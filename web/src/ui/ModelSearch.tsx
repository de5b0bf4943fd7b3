/**
 * Finds one of thousands of models by parts of its name: a combobox with a list, as the ARIA practices describe it.
 *
 * Its own, since Base UI's hides the rest of the page from screen readers while the list is open, and leaves it to the
 * keyboard (mui/base-ui#5528). The focus stays in the input; `aria-activedescendant` says which choice is meant.
 */

import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { type Entry, useCatalogue } from '../lib/catalogue.ts'
import css from './ModelSearch.module.css'

const SHOWN = 40
const PAGE = 8

interface ModelSearchProps {
  label: string
  onChoose: (key: string) => void
  /** Models that are chosen already. */
  without?: readonly string[]
  disabled?: boolean
}

export function ModelSearch({ label, onChoose, without = [], disabled }: ModelSearchProps) {
  const id = useId()
  const { data: all } = useCatalogue()
  const [search, setSearch] = useState('')
  const [isOpen, setIsOpen] = useState(false)
  // -1: none is meant, and Home and End are the text's.
  const [active, setActive] = useState(-1)
  const list = useRef<HTMLDivElement>(null)
  const found = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean)
    const fits = (all ?? []).filter(
      (model) => !without.includes(model.key) && words.every((word) => model.text.includes(word)),
    )
    // What is called exactly so, then what begins so.
    const rank = ({ key }: Entry) => (key === search ? 0 : key.startsWith(search) ? 1 : 2)
    return fits.sort((a, b) => rank(a) - rank(b)).slice(0, SHOWN)
  }, [all, search, without])
  const isShown = isOpen && found.length > 0
  const meant = isShown ? found[active] : undefined
  const last = found.length - 1

  useEffect(() => {
    if (isShown) list.current?.children[active]?.scrollIntoView({ block: 'nearest' })
  }, [isShown, active])

  function show(isOpen: boolean, active = -1) {
    setIsOpen(isOpen)
    setActive(active)
  }

  function choose({ key }: Entry) {
    onChoose(key)
    setSearch('')
    show(false)
  }

  function press(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing || event.ctrlKey || event.metaKey) return
    if (event.key === 'Enter' && meant) choose(meant)
    else if (event.key === 'Escape' && (isShown || search)) {
      // The first closes the list, the next empties the input.
      if (!isShown) setSearch('')
      show(false)
    } else {
      if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') setActive(-1)
      const next = moved(event.key, active, last)
      if (next === undefined || event.shiftKey) return
      show(event.key !== 'ArrowUp' || !event.altKey, next)
    }
    event.preventDefault()
  }

  return (
    <div className={css.frame}>
      <input
        className={css.input}
        role="combobox"
        aria-label={label}
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls={isShown ? id : undefined}
        aria-activedescendant={meant && `${id}${active}`}
        autoComplete="off"
        spellCheck={false}
        placeholder={label}
        disabled={disabled}
        value={search}
        onChange={(event) => {
          setSearch(event.currentTarget.value)
          show(true)
        }}
        onClick={() => show(true, active)}
        onKeyDown={press}
        onBlur={() => show(false)}
      />
      {isShown && (
        <div ref={list} id={id} role="listbox" aria-label={label} tabIndex={-1} className={css.list}>
          {found.map((model, place) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the input's, which keeps the focus
            <div
              key={model.key}
              id={`${id}${place}`}
              role="option"
              aria-selected={place === active}
              tabIndex={-1}
              className={css.item}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(model)}
            >
              <span dir="auto">{model.key}</span>
              <span className="soft">{model.provider_name}</span>
            </div>
          ))}
        </div>
      )}
      <p role="status" className={css.empty}>
        {isOpen && search && all && found.length === 0 && 'No model is called that.'}
      </p>
    </div>
  )
}

/** Which choice a key means next; undefined where the key is the text's. */
function moved(key: string, active: number, last: number): number | undefined {
  if (key === 'ArrowDown') return active >= last ? 0 : active + 1
  if (key === 'ArrowUp') return active <= 0 ? last : active - 1
  if (active < 0) return undefined
  if (key === 'PageDown') return Math.min(active + PAGE, last)
  if (key === 'PageUp') return Math.max(active - PAGE, 0)
  if (key === 'Home') return 0
  if (key === 'End') return last
  return undefined
}
