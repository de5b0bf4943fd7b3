'use client'
/** Choosing a model. */

import { useId, useState } from 'react'
import type { CatalogueEntry } from '../answers.js'
import { PriceTag } from './prices.js'

export interface ModelPickerProps {
  models: readonly CatalogueEntry[]
  /** The key of the model that is chosen. */
  value?: string | null
  onChange?: (key: string, model: CatalogueEntry) => void
  label?: string
  searchLabel?: string
  /** From how many models on there is a search. */
  searchFrom?: number
  locale?: string
}

/** The models of a catalogue with their prices, one of which can be chosen, by keyboard too. */
export function ModelPicker({
  models,
  value = null,
  onChange,
  label = 'Model',
  searchLabel = 'Search models',
  searchFrom = 8,
  locale,
}: ModelPickerProps) {
  const name = useId()
  const [search, setSearch] = useState('')
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const found = models.filter((model) => {
    const text = `${model.key} ${model.name} ${model.provider_name}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  return (
    <fieldset className="ratebook-models">
      <legend>{label}</legend>
      {models.length >= searchFrom && (
        <p>
          <label htmlFor={`${name}search`}>{searchLabel}</label>{' '}
          <input
            id={`${name}search`}
            type="search"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />{' '}
          <output htmlFor={`${name}search`}>
            {found.length} of {models.length}
          </output>
        </p>
      )}
      {found.map((model) => (
        <Choice key={model.id} model={model} name={name} value={value} onChange={onChange} locale={locale} />
      ))}
    </fieldset>
  )
}

interface ChoiceProps extends Pick<ModelPickerProps, 'value' | 'onChange' | 'locale'> {
  model: CatalogueEntry
  name: string
}

function Choice({ model, name, value, onChange, locale }: ChoiceProps) {
  const money = { currency: model.currency, locale }
  const id = `${name}${model.key}`
  const hasTokens = model.input_per_million !== null || model.output_per_million !== null
  return (
    <div className="ratebook-model">
      <input
        type="radio"
        id={id}
        name={name}
        value={model.key}
        checked={model.key === value}
        disabled={!model.is_active}
        aria-describedby={`${id}about`}
        onChange={() => onChange?.(model.key, model)}
      />
      <label htmlFor={id}>{model.name}</label>{' '}
      <span id={`${id}about`}>
        {model.provider_name}
        {model.context_window !== null && <>, {new Intl.NumberFormat(locale).format(model.context_window)} tokens</>}
        {hasTokens && (
          <>
            , <PriceTag price={model.input_per_million} per="million in" {...money} />,{' '}
            <PriceTag price={model.output_per_million} per="million out" {...money} />
          </>
        )}
        {model.image_price !== null && (
          <>
            , <PriceTag price={model.image_price} per="image" {...money} />
          </>
        )}
      </span>
    </div>
  )
}
