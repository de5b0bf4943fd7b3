/** Numbers on the screen: each is the database's own text, with every digit, as the reader writes it. */

import { formatted } from '@ratebook/client/react'

export interface MoneyProps {
  /** Decimal text; null where there is none. */
  amount: string | null | undefined
  currency?: string | null
  /** What stands where there is none. */
  none?: string
  /** So many digits after the point at least, so that a column lines up. */
  least?: number
}

/** An amount of money, or of anything exact. `<data value>` keeps the database's text. */
export function Money({ amount, currency, none = '–', least }: MoneyProps) {
  if (amount == null) return <span className="none">{none}</span>
  return <data value={amount}>{formatted(amount, { currency, least })}</data>
}

/** A whole number: tokens, requests. */
export function Count({ value, none = '–' }: { value: number | null | undefined; none?: string }) {
  if (value == null) return <span className="none">{none}</span>
  return <data value={value}>{formatted(String(value))}</data>
}

/** A time of the database, as the reader writes it. */
export function Time({
  at,
  style = 'date',
  none = '–',
}: {
  at: string | null
  style?: 'date' | 'time'
  none?: string
}) {
  if (at === null) return <span className="none">{none}</span>
  return <time dateTime={at}>{when(at, style)}</time>
}

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' })
const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** A day of UTC, which prices are dated by, or a moment by the reader's clock. */
export function when(at: string, style: 'date' | 'time' = 'date'): string {
  return (style === 'date' ? DATE : DATE_TIME).format(Date.parse(at))
}
