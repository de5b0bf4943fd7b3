/** Every model, and what is done to many of them at once. */

import { useMemo, useState } from 'react'
import { type Api, useApi } from '../../app/api.ts'
import { Link, setParams, useParam } from '../../app/router.ts'
import { type Registered, useRegistry } from '../../lib/registry.ts'
import { type Column, DataTable, sortOf, sortText } from '../../ui/DataTable.tsx'
import { Buttons, ChoiceField, Done, Fields, Preview, TextField, useStep } from '../../ui/Fields.tsx'
import { Answered, Empty, Failure } from '../../ui/states.tsx'
import css from './Admin.module.css'

const STATES = [
  ['', 'All'],
  ['active', 'Open for new work'],
  ['inactive', 'Closed'],
  ['default', 'Defaults'],
  ['hidden', 'Hidden'],
  ['retired', 'Retired'],
  ['deleted', 'Deleted'],
] as const

const IS: Record<string, (model: Registered) => boolean> = {
  active: (model) => model.is_active,
  inactive: (model) => !model.is_active && model.deleted_at === null,
  default: (model) => model.is_default,
  hidden: (model) => !model.is_public,
  retired: (model) => model.status === 'retired',
  deleted: (model) => model.deleted_at !== null,
}

export function Models() {
  const registry = useRegistry()
  return <Answered of={registry}>{(all) => <Listed all={all} />}</Answered>
}

function Listed({ all }: { all: readonly Registered[] }) {
  const [search, setSearch] = useParam('q')
  const [provider] = useParam('provider')
  const [state] = useParam('state')
  const [sort, setSort] = useParam('sort')
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const providers = useMemo(
    () =>
      [...new Map(all.map((model) => [model.provider, model.provider_name]))].sort((a, b) => (a[1] < b[1] ? -1 : 1)),
    [all],
  )
  const shown = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean)
    return all.filter((model) => {
      if (provider && model.provider !== provider) return false
      if (state && !IS[state]?.(model)) return false
      const text = `${model.key} ${model.name}`.toLowerCase()
      return words.every((word) => text.includes(word))
    })
  }, [all, search, provider, state])
  const columns = useMemo(
    () =>
      COLUMNS(chosen, (key, isChosen) =>
        setChosen((before) => {
          const after = new Set(before)
          if (isChosen) after.add(key)
          else after.delete(key)
          return after
        }),
      ),
    [chosen],
  )
  const models = useMemo(() => all.filter((model) => chosen.has(model.key)), [all, chosen])
  return (
    <>
      <Fields>
        <TextField label="Search" type="search" value={search} onChange={setSearch} placeholder="key or name" />
        <ChoiceField
          label="Provider"
          value={provider}
          onChange={(provider) => setParams({ provider })}
          options={[['', 'All'], ...providers]}
        />
        <ChoiceField label="State" value={state} onChange={(state) => setParams({ state })} options={STATES} />
      </Fields>
      <p role="status" className="soft">
        {shown.length} of {all.length} models
      </p>
      <Bulk models={models} shown={shown} choose={(keys) => setChosen(new Set(keys))} />
      <div className={css.tall}>
        <DataTable
          fills
          label="Models"
          rows={shown}
          columns={columns}
          keyOf={(model) => model.id}
          sort={sortOf(sort || 'key')}
          onSort={(next) => setSort(sortText(next))}
          isMarked={(model) => chosen.has(model.key)}
          empty={
            <Empty title="No model fits.">
              <p>Take a filter away, or import a catalogue.</p>
            </Empty>
          }
        />
      </div>
    </>
  )
}

const COLUMNS = (
  chosen: ReadonlySet<string>,
  choose: (key: string, isChosen: boolean) => void,
): readonly Column<Registered>[] => [
  {
    id: 'chosen',
    header: 'Choose',
    value: (model) => model.key,
    sortable: false,
    width: 4.5,
    cell: (model) => (
      <input
        type="checkbox"
        aria-label={`Choose ${model.key}`}
        checked={chosen.has(model.key)}
        onChange={(event) => choose(model.key, event.currentTarget.checked)}
      />
    ),
  },
  {
    id: 'key',
    header: 'Key',
    value: (model) => model.key,
    heads: true,
    width: 18,
    cell: (model) => <Link to={['models', model.key]}>{model.key}</Link>,
  },
  { id: 'name', header: 'Name', value: (model) => model.name, width: 14 },
  { id: 'provider', header: 'Provider', value: (model) => model.provider_name, width: 9 },
  { id: 'work', header: 'Does', value: (model) => `${model.modality} ${model.task}`, width: 10 },
  { id: 'state', header: 'State', value: badges, cell: (model) => <Badges model={model} />, width: 15 },
  { id: 'price_source', header: 'Prices of', value: (model) => model.price_source, width: 7 },
  {
    id: 'price',
    header: 'Change',
    value: () => null,
    sortable: false,
    width: 6,
    cell: (model) => (
      <Link to={['admin', 'prices']} params={{ model: model.key }} aria-label={`Price of ${model.key}`}>
        Price
      </Link>
    ),
  },
]

function badges(model: Registered): string {
  return [
    model.deleted_at !== null ? 'deleted' : model.is_active ? 'active' : 'inactive',
    model.is_default && 'default',
    !model.is_public && 'hidden',
    model.status !== 'active' && model.status,
    model.successor && `now ${model.successor}`,
  ]
    .filter(Boolean)
    .join(', ')
}

function Badges({ model }: { model: Registered }) {
  return badges(model)
    .split(', ')
    .map((badge) => (
      <span key={badge} className="badge">
        {badge}
      </span>
    ))
}

const ACTIONS = {
  activate: { verb: 'Activate', does: 'opens for new work', call: 'activate_models' },
  deactivate: { verb: 'Deactivate', does: 'closes to new work', call: 'deactivate_models' },
  default: { verb: 'Make default', does: 'becomes the default of its modality and task', call: 'set_default_model' },
} as const
type Action = keyof typeof ACTIONS

function Bulk({
  models,
  shown,
  choose,
}: {
  models: readonly Registered[]
  shown: readonly Registered[]
  choose: (keys: readonly string[]) => void
}) {
  const [action, setAction] = useState<Action>()
  const routes = useStep(routesOf, { changes: false })
  const step = useStep(({ ratebook: { api } }, { name, keys }: { name: Action; keys: string[] }) => {
    const args = name === 'default' ? { model: keys[0] } : { models: keys }
    return api.ask<unknown>(api.call('ai', ACTIONS[name].call, args).select('key'))
  })
  const exported = useExport()
  function ask(next: Action) {
    step.reset()
    setAction(next)
    routes.mutate(models.map(({ id }) => id))
  }
  const keys = models.map(({ key }) => key)
  return (
    <>
      <Buttons>
        <span role="status">{models.length} chosen</span>
        <button type="button" onClick={() => choose(shown.map(({ key }) => key))} disabled={shown.length === 0}>
          Choose all {shown.length} shown
        </button>
        <button type="button" onClick={() => choose([])} disabled={models.length === 0}>
          Choose none
        </button>
        {(Object.keys(ACTIONS) as Action[]).map((name) => (
          <button
            key={name}
            type="button"
            onClick={() => ask(name)}
            disabled={name === 'default' ? models.length !== 1 : models.length === 0}
          >
            {ACTIONS[name].verb}
          </button>
        ))}
        <button type="button" onClick={() => exported.mutate(keys)} disabled={exported.isPending}>
          Export prices as CSV
        </button>
      </Buttons>
      <Failure error={exported.error} />
      {action && models.length > 0 && (
        <Preview title={`${ACTIONS[action].verb}: what it does`}>
          <p>
            {count(models.length, 'model')}{' '}
            {models.length === 1 ? ACTIONS[action].does : `: each ${ACTIONS[action].does}`}.
          </p>
          <p className={css.keys}>{keys.join(', ')}</p>
          <Consequences action={action} models={models} routes={routes.data} />
          <Failure error={step.error} />
          <Buttons>
            <button
              type="button"
              className="primary"
              disabled={step.isPending}
              onClick={() =>
                step.mutate(
                  { name: action, keys },
                  {
                    onSuccess: () => {
                      setAction(undefined)
                      choose([])
                    },
                  },
                )
              }
            >
              {ACTIONS[action].verb} {count(models.length, 'model')}
            </button>
            <button type="button" onClick={() => setAction(undefined)}>
              Cancel
            </button>
          </Buttons>
        </Preview>
      )}
      {step.data !== undefined && !action && <Done>Done. It is in the history with your name.</Done>}
    </>
  )
}

interface RouteRow {
  feature_key: string
  model_id: string
}

/** The open routes to some models. */
async function routesOf({ ratebook: { api } }: Api, ids: string[]): Promise<RouteRow[]> {
  const all = await api.all<RouteRow>(() =>
    api
      .table('ai', 'feature_model_policies')
      .select('feature_key,model_id', { count: 'exact' })
      .eq('is_active', true)
      .order('id'),
  )
  const wanted = new Set(ids)
  return all.filter(({ model_id }) => wanted.has(model_id))
}

function Consequences({
  action,
  models,
  routes,
}: {
  action: Action
  models: readonly Registered[]
  routes: RouteRow[] | undefined
}) {
  if (action === 'deactivate') {
    const defaults = models.filter(({ is_default }) => is_default)
    return (
      <ul>
        {defaults.length > 0 && (
          <li>
            {defaults.map(({ key }) => key).join(', ')} cannot be closed while a default: make another one the default
            first.
          </li>
        )}
        <li>
          {routes === undefined
            ? 'Looking for routes…'
            : routes.length === 0
              ? 'No route leads there.'
              : `${count(routes.length, 'route')} will pass them over: ${[...new Set(routes.map(({ feature_key }) => feature_key))].join(', ')}.`}
        </li>
        <li>Requests that name them are still priced; open holds stay.</li>
      </ul>
    )
  }
  if (action === 'default') {
    const [model] = models
    return (
      <p>
        The default of {model?.modality} and {model?.task} until now gives way.
      </p>
    )
  }
  const retired = models.filter(({ status }) => status === 'retired')
  if (retired.length === 0) return null
  return <p>{retired.map(({ key }) => key).join(', ')}: retired, and active again; the names are their own again.</p>
}

export const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? '' : 's'}`

interface PriceRow {
  model: string
  [column: string]: string | number | boolean | null
}

/** Writes the price table in force as CSV, of some models or of all. */
function useExport() {
  const { ratebook } = useApi()
  return useStep(
    async (_, keys: string[]) => {
      const rows = await ratebook.api.all<PriceRow>(() =>
        ratebook.api.call('ai', 'export_prices', {}, { count: 'exact' }).select('*'),
      )
      const wanted = new Set(keys)
      const chosen = keys.length > 0 ? rows.filter(({ model }) => wanted.has(model)) : rows
      const [first] = rows
      const names = first ? Object.keys(first) : []
      const lines = [names, ...chosen.map((row) => names.map((name) => row[name]))]
      const text = lines.map((line) => line.map(cell).join(',')).join('\r\n')
      const link = document.createElement('a')
      link.href = URL.createObjectURL(new Blob([`${text}\r\n`], { type: 'text/csv' }))
      link.download = 'prices.csv'
      link.click()
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
      return chosen.length
    },
    { changes: false },
  )
}

/** A cell of CSV. What a spreadsheet would take for a formula is kept text. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = String(value)
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
