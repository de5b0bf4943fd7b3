/** Finds one of thousands of models by parts of its name. */

import { Combobox } from '@base-ui/react/combobox'
import { useMemo, useState } from 'react'
import { type Entry, useCatalogue } from '../lib/catalogue.ts'
import css from './ModelSearch.module.css'

const SHOWN = 40

interface ModelSearchProps {
  label: string
  onChoose: (key: string) => void
  /** Models that are chosen already. */
  without?: readonly string[]
  disabled?: boolean
}

export function ModelSearch({ label, onChoose, without = [], disabled }: ModelSearchProps) {
  const { data: all } = useCatalogue()
  const [search, setSearch] = useState('')
  const found = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean)
    const fits = (all ?? []).filter(
      (model) => !without.includes(model.key) && words.every((word) => model.text.includes(word)),
    )
    // What is called exactly so, then what begins so.
    const rank = ({ key }: Entry) => (key === search ? 0 : key.startsWith(search) ? 1 : 2)
    return fits.sort((a, b) => rank(a) - rank(b)).slice(0, SHOWN)
  }, [all, search, without])
  return (
    <Combobox.Root<Entry>
      items={found}
      filter={null}
      value={null}
      disabled={disabled}
      inputValue={search}
      onInputValueChange={setSearch}
      itemToStringLabel={(model) => model.key}
      onValueChange={(model) => {
        if (!model) return
        onChoose(model.key)
        setSearch('')
      }}
    >
      <Combobox.Input className={css.input} aria-label={label} placeholder={label} />
      <Combobox.Portal>
        <Combobox.Positioner sideOffset={4} align="start" className={css.place}>
          <Combobox.Popup className={css.popup} aria-label={label}>
            <Combobox.Empty className={css.empty}>No model is called that.</Combobox.Empty>
            <Combobox.List className={css.list}>
              {(model: Entry) => (
                <Combobox.Item key={model.key} value={model} className={css.item}>
                  <span dir="auto">{model.key}</span>
                  <span className="soft">{model.provider_name}</span>
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  )
}
