/**
 * Rows that can be sorted, thousands of them: only those in sight are in the document, and all are there for a keyboard
 * and a screen reader (aria-rowcount, aria-rowindex). Amounts are compared by their digits.
 */

import { compared } from '@ratebook/client/react'
import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from '@tanstack/react-table'
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import css from './DataTable.module.css'

type Value = string | number | null | undefined

export interface Column<T> {
  id: string
  header: string
  /** Said of the header, such as the unit. */
  hint?: string
  /** What it is sorted by, and shown where there is no `cell`. */
  value: (row: T) => Value
  /** `amount`: decimal text, compared by its digits. `control`: a checkbox or button, whose header is only said. */
  kind?: 'text' | 'amount' | 'number' | 'control'
  cell?: (row: T) => ReactNode
  /** In rem. */
  width: number
  /** Whether it names its row. */
  heads?: boolean
}

export interface Sort {
  id: string
  descending: boolean
}

interface DataTableProps<T> {
  /** What the table is, for who cannot see it. */
  label: string
  rows: readonly T[]
  columns: readonly Column<T>[]
  keyOf: (row: T) => string
  sort?: Sort | null
  onSort?: (sort: Sort | null) => void
  /** What stands where there are no rows. */
  empty?: ReactNode
  /** Whether it fills the window and scrolls by itself, with only the rows in sight in the document. */
  fills?: boolean
  /** Whether a row is marked, such as one that is chosen. */
  isMarked?: (row: T) => boolean
}

const ROW = 36
const PAGE = 12

// biome-ignore lint/suspicious/noExplicitAny: one set of features for tables of any row
const features = tableFeatures<any>({ rowSortingFeature, sortedRowModel: createSortedRowModel() })

function ascending(a: Value, b: Value, kind: Column<unknown>['kind']): number {
  if (kind === 'amount') return compared(String(a), String(b))
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return COLLATOR.compare(String(a), String(b))
}
const COLLATOR = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

export function DataTable<T extends object>({
  label,
  rows,
  columns,
  keyOf,
  sort = null,
  onSort,
  empty,
  fills = false,
  isMarked,
}: DataTableProps<T>) {
  const definitions = useMemo(
    () =>
      columns.map(
        (column): ColumnDef<typeof features, T> => ({
          id: column.id,
          accessorFn: (row: T) => column.value(row) ?? undefined,
          sortUndefined: 'last',
          sortFn: (a, b, id) => ascending(a.getValue<Value>(id), b.getValue<Value>(id), column.kind),
        }),
      ),
    [columns],
  )
  const sorting = useMemo<SortingState>(() => (sort ? [{ id: sort.id, desc: sort.descending }] : []), [sort])
  const table = useTable({
    features,
    columns: definitions,
    data: rows as T[],
    getRowId: keyOf,
    state: { sorting },
    onSortingChange: () => {},
  })
  const sorted = table.getRowModel().rows
  const scroller = useRef<HTMLDivElement>(null)
  const [focused, setFocused] = useState<number | null>(null)
  const virtual = useVirtualizer({
    enabled: fills,
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
    // The row that has the focus stays, however far the others are scrolled.
    rangeExtractor: (range) => {
      const seen = defaultRangeExtractor(range)
      if (focused === null || focused >= range.count || seen.includes(focused)) return seen
      return [...seen, focused].sort((a, b) => a - b)
    },
  })
  // Another order or selection is looked at from its top.
  useLayoutEffect(() => {
    scroller.current?.scrollTo({ top: 0 })
  }, [sort?.id, sort?.descending, rows])

  const shown = fills
    ? virtual.getVirtualItems().map(({ index, start, end }) => ({ index, start, end }))
    : sorted.map((_, index) => ({ index, start: index * ROW, end: (index + 1) * ROW }))
  const wanted = useRef<number | null>(null)
  useEffect(() => {
    if (wanted.current === null) return
    const row = scroller.current?.querySelector<HTMLElement>(`tr[aria-rowindex="${wanted.current + 2}"]`)
    const target = row?.querySelector<HTMLElement>('a, button, input')
    if (!target) return
    wanted.current = null
    target.focus({ preventScroll: true })
  })

  function onKeyDown(event: KeyboardEvent) {
    const row = (event.target as HTMLElement).closest<HTMLElement>('tr[aria-rowindex]')
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return
    const at = Number(row.getAttribute('aria-rowindex')) - 2
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + PAGE,
      PageUp: at - PAGE,
      Home: 0,
      End: sorted.length - 1,
    }
    const to = steps[event.key]
    if (to === undefined || (event.target instanceof HTMLInputElement && event.target.type === 'text')) return
    event.preventDefault()
    const index = Math.max(0, Math.min(sorted.length - 1, to))
    wanted.current = index
    if (fills) virtual.scrollToIndex(index, { align: 'auto' })
    setFocused(index)
  }

  function next(column: Column<T>) {
    if (sort?.id !== column.id) onSort?.({ id: column.id, descending: false })
    else onSort?.(sort.descending ? null : { id: column.id, descending: true })
  }

  let at = 0
  const gap = (to: number, key: string) =>
    to > 0 && (
      // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
      <tr key={key} aria-hidden="true">
        <td colSpan={columns.length} className={css.gap} style={{ height: to }} />
      </tr>
    )
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by the keyboard
    <section ref={scroller} className={fills ? css.fills : css.table} aria-label={label} tabIndex={0}>
      <table
        aria-rowcount={sorted.length + 1}
        style={{ minWidth: `${columns.reduce((total, column) => total + column.width, 0)}rem` }}
      >
        <caption className="hidden">{label}</caption>
        <colgroup>
          {columns.map((column) => (
            <col key={column.id} style={{ width: `${column.width}rem` }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => {
              const isSorted = sort?.id === column.id
              const direction = isSorted ? (sort.descending ? 'descending' : 'ascending') : undefined
              return (
                <th key={column.id} scope="col" aria-sort={direction} className={align(column)} title={column.hint}>
                  {onSort && column.kind !== 'control' ? (
                    <button type="button" onClick={() => next(column)}>
                      {column.header}
                      <span aria-hidden="true" className={css.arrow}>
                        {isSorted ? (sort.descending ? '↓' : '↑') : ''}
                      </span>
                    </button>
                  ) : (
                    <span className={column.kind === 'control' ? 'hidden' : undefined}>{column.header}</span>
                  )}
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody
          onKeyDown={onKeyDown}
          onFocus={(event) => {
            const row = (event.target as HTMLElement).closest('tr[aria-rowindex]')
            if (row) setFocused(Number(row.getAttribute('aria-rowindex')) - 2)
          }}
          onBlur={() => setFocused(null)}
        >
          {shown.flatMap(({ index, start, end }) => {
            const row = sorted[index]
            if (!row) return []
            const before = fills ? gap(start - at, `gap ${index}`) : null
            at = end
            const of = row.original
            return [
              before,
              <tr key={row.id} aria-rowindex={index + 2} data-marked={isMarked?.(of) || undefined}>
                {columns.map((column) => {
                  const content = column.cell ? column.cell(of) : (column.value(of) ?? <span className="none">–</span>)
                  return column.heads ? (
                    <th key={column.id} scope="row" className={align(column)}>
                      {content}
                    </th>
                  ) : (
                    <td key={column.id} className={align(column)}>
                      {content}
                    </td>
                  )
                })}
              </tr>,
            ]
          })}
          {fills && gap(virtual.getTotalSize() - at, 'gap below')}
        </tbody>
      </table>
      {sorted.length === 0 && empty}
    </section>
  )
}

const align = ({ kind }: { kind?: string }) =>
  kind === 'control' ? css.control : kind === 'amount' || kind === 'number' ? css.right : undefined

/** A sort as an address has it: `output`, or `-output` for the greatest first. */
export const sortOf = (text: string): Sort | null =>
  text ? { id: text.replace(/^-/, ''), descending: text.startsWith('-') } : null
export const sortText = (sort: Sort | null): string => (sort ? `${sort.descending ? '-' : ''}${sort.id}` : '')
