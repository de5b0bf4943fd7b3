/** All models, as a table that is searched, filtered and sorted in the browser. */

import { memo, useCallback, useDeferredValue, useMemo } from 'react'
import { Link, setParams, useAddress } from '../../app/router.ts'
import {
  counted,
  type Entry,
  type Filters,
  filtered,
  isPerMillion,
  meterName,
  million,
  unitOf,
  useCatalogue,
} from '../../lib/catalogue.ts'
import { MOST_COMPARED } from '../../lib/usage.ts'
import { Choices } from '../../ui/Choices.tsx'
import { type Column, DataTable, type Sort, sortOf, sortText } from '../../ui/DataTable.tsx'
import { Count, Money } from '../../ui/Money.tsx'
import { useIsNarrow } from '../../ui/narrow.ts'
import { Answered, Empty, View } from '../../ui/states.tsx'
import css from './Catalogue.module.css'

const USUAL = ['input', 'output', 'cache_read']
const CONTEXTS = [8_000, 32_000, 128_000, 200_000, 1_000_000]

const list = (text: string | null): string[] => (text ? text.split(',').filter(Boolean) : [])

export function Catalogue() {
  const models = useCatalogue()
  return (
    <View title="Models">
      <Answered of={models} loading={<Waiting />}>
        {(all) => <Models all={all} />}
      </Answered>
    </View>
  )
}

/** The place of filters and table, so that nothing moves when they come. */
function Waiting() {
  return (
    <>
      <div className={css.filters} aria-hidden="true" />
      <p className={css.count} role="status">
        Loading the models…
      </p>
      <div className={css.waiting} />
    </>
  )
}

function Models({ all }: { all: readonly Entry[] }) {
  const { params } = useAddress()
  const text = params.toString()
  // What is typed is seen at once; the rows may come a moment later.
  const late = useDeferredValue(text)
  const filters = useMemo(() => filtersOf(new URLSearchParams(late)), [late])
  const rows = useMemo(() => filtered(all, filters), [all, filters])
  const sort = params.get('sort') ?? ''
  const cols = params.get('cols') ?? ''
  const pick = params.get('pick') ?? ''
  return (
    <>
      <FilterBar all={all} params={params} />
      <div className={css.bar}>
        <p className={css.count} role="status">
          <Count value={rows.length} />
          {rows.length !== all.length && (
            <>
              {' of '}
              <Count value={all.length} />
            </>
          )}
          {' models'}
        </p>
        <p className={css.note}>Prices of a million tokens, or of one unit of what else is named.</p>
      </div>
      <Rows rows={rows} sort={sort} cols={cols} pick={pick} />
      <Picked pick={pick} />
    </>
  )
}

function filtersOf(params: URLSearchParams): Filters {
  return {
    q: params.get('q') ?? '',
    providers: list(params.get('provider')),
    modalities: list(params.get('modality')),
    tasks: list(params.get('task')),
    supports: list(params.get('supports')),
    context: Number(params.get('context')) || 0,
    input: params.get('input') ?? '',
    output: params.get('output') ?? '',
  }
}

const FILTERS = ['q', 'provider', 'modality', 'task', 'supports', 'context', 'input', 'output']

function FilterBar({ all, params }: { all: readonly Entry[]; params: URLSearchParams }) {
  const options = useMemo(
    () => ({
      providers: counted(all.map((model) => model.provider)),
      modalities: counted(all.map((model) => model.modality)),
      tasks: counted(all.map((model) => model.task)),
      supports: counted(all.flatMap((model) => model.supports ?? [])),
      meters: counted(all.flatMap((model) => Object.keys(model.prices))),
      names: new Map(all.map((model) => [model.provider, model.provider_name])),
    }),
    [all],
  )
  const choose = (name: string) => (chosen: string[]) => setParams({ [name]: chosen.join(',') })
  const words = (value: string) => value.replaceAll('_', ' ')
  const cols = params.has('cols') ? list(params.get('cols')) : USUAL
  return (
    <search className={css.filters}>
      <input
        type="search"
        className={css.search}
        aria-label="Search models"
        placeholder="Search models"
        value={params.get('q') ?? ''}
        onChange={(event) => setParams({ q: event.currentTarget.value })}
      />
      <Choices
        label="Provider"
        options={options.providers}
        chosen={list(params.get('provider'))}
        onChange={choose('provider')}
        nameOf={(key) => options.names.get(key) ?? key}
      />
      <Choices
        label="Modality"
        options={options.modalities}
        chosen={list(params.get('modality'))}
        onChange={choose('modality')}
      />
      <Choices
        label="Task"
        options={options.tasks}
        chosen={list(params.get('task'))}
        onChange={choose('task')}
        nameOf={words}
      />
      <Choices
        label="Supports"
        options={options.supports}
        chosen={list(params.get('supports'))}
        onChange={choose('supports')}
        nameOf={words}
      />
      <select
        aria-label="Context window"
        value={params.get('context') ?? ''}
        onChange={(event) => setParams({ context: event.currentTarget.value })}
      >
        <option value="">Any context</option>
        {CONTEXTS.map((tokens) => (
          <option key={tokens} value={tokens}>
            {`${tokens >= 1_000_000 ? `${tokens / 1_000_000}M` : `${tokens / 1000}k`} or more`}
          </option>
        ))}
      </select>
      {(['input', 'output'] as const).map((meter) => (
        <label key={meter} className={css.limit}>
          {meterName(meter)} ≤
          <input
            inputMode="decimal"
            size={5}
            placeholder="any"
            aria-label={`${meterName(meter)}: at most, for a million tokens`}
            value={params.get(meter) ?? ''}
            onChange={(event) => setParams({ [meter]: event.currentTarget.value.trim() })}
          />
        </label>
      ))}
      <Choices
        label="Prices"
        options={options.meters}
        chosen={cols}
        onChange={(chosen) => setParams({ cols: chosen.length > 0 ? chosen.join(',') : 'none' })}
        nameOf={meterName}
      />
      <button
        type="button"
        disabled={!FILTERS.some((name) => params.get(name))}
        onClick={() => setParams(Object.fromEntries(FILTERS.map((name) => [name, null])), {})}
      >
        Reset
      </button>
    </search>
  )
}

const Rows = memo(function Rows(props: { rows: Entry[]; sort: string; cols: string; pick: string }) {
  const { rows, sort, cols, pick } = props
  const order = useMemo(() => sortOf(sort), [sort])
  const picked = useMemo(() => list(pick), [pick])
  const meters = useMemo(() => (cols ? list(cols).filter((meter) => meter !== 'none') : USUAL), [cols])
  const isNarrow = useIsNarrow()
  const columns = useMemo(() => {
    const prices = meters.map((meter) => ({ ...priceColumn(meter), width: isNarrow ? 7 : 8 }))
    // On a phone the prices stand beside the name.
    return isNarrow
      ? [pickColumn(picked), { ...NAME, width: 11 }, ...prices, ...LIMITS, PROVIDER]
      : [pickColumn(picked), NAME, PROVIDER, ...prices, ...LIMITS]
  }, [meters, picked, isNarrow])
  const onSort = useCallback((next: Sort | null) => setParams({ sort: sortText(next) }), [])
  return (
    <DataTable
      fills
      label="Models and their prices"
      rows={rows}
      columns={columns}
      keyOf={keyOf}
      sort={order}
      onSort={onSort}
      isMarked={(model) => picked.includes(model.key)}
      empty={
        <Empty title="No model fits.">
          <p>Take a filter away, or search for part of a name.</p>
        </Empty>
      }
    />
  )
})

const keyOf = (model: Entry) => model.key

const NAME: Column<Entry> = {
  id: 'name',
  header: 'Model',
  value: (model) => model.name,
  cell: (model) => (
    <Link to={['models', model.key]} title={model.key} className={css.name} dir="auto">
      {model.name}
    </Link>
  ),
  width: 22,
  heads: true,
}

const PROVIDER: Column<Entry> = {
  id: 'provider',
  header: 'Provider',
  value: (model) => model.provider_name,
  cell: (model) => <span title={model.provider_name}>{model.provider_name}</span>,
  width: 10,
}

const LIMITS: readonly Column<Entry>[] = [
  {
    id: 'context',
    header: 'Context',
    hint: 'Tokens of input and output together',
    kind: 'number',
    value: (model) => model.context_window,
    cell: (model) => <Count value={model.context_window} />,
    width: 7,
  },
  {
    id: 'most',
    header: 'Max output',
    hint: 'Tokens',
    kind: 'number',
    value: (model) => model.max_tokens,
    cell: (model) => <Count value={model.max_tokens} />,
    width: 8.5,
  },
  {
    id: 'kind',
    header: 'Kind',
    value: (model) => `${model.modality ?? ''} ${model.task ?? ''}`.trim(),
    width: 10,
  },
]

/** A meter's price; by the digits of ONE unit, whichever number of units is shown. */
function priceColumn(meter: string): Column<Entry> {
  const isOfMillion = isPerMillion(meter)
  return {
    id: meter,
    header: meterName(meter),
    hint: `Price of ${isOfMillion ? 'a million tokens' : `one ${unitOf(meter)}`}`,
    kind: 'amount',
    value: (model) => model.prices[meter],
    cell: ({ prices, currency }) => {
      const price = prices[meter]
      return (
        <Money amount={price !== undefined && isOfMillion ? million(price) : price} currency={currency} least={2} />
      )
    },
    width: 8,
  }
}

function pickColumn(picked: readonly string[]): Column<Entry> {
  const isFull = picked.length >= MOST_COMPARED
  return {
    id: 'pick',
    header: 'Compare',
    kind: 'control',
    value: () => null,
    width: 2.5,
    cell: (model) => {
      const isPicked = picked.includes(model.key)
      return (
        <input
          type="checkbox"
          aria-label={`Compare ${model.name}`}
          checked={isPicked}
          disabled={isFull && !isPicked}
          onChange={() =>
            setParams({
              pick: (isPicked ? picked.filter((key) => key !== model.key) : [...picked, model.key]).join(','),
            })
          }
        />
      )
    },
  }
}

function Picked({ pick }: { pick: string }) {
  const picked = list(pick)
  if (picked.length === 0) return null
  return (
    <aside className={css.picked} aria-label="Models to compare">
      <span>
        {picked.length} of {MOST_COMPARED}
      </span>
      <ul>
        {picked.map((key) => (
          <li key={key}>
            {key}
            <button
              type="button"
              className="plain"
              aria-label={`Leave ${key} out`}
              onClick={() => setParams({ pick: picked.filter((one) => one !== key).join(',') })}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      <Link to={['compare']} params={{ models: pick }} className={css.go}>
        Compare
      </Link>
    </aside>
  )
}
