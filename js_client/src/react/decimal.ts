/** Exact arithmetic on decimal text; floats are for positions in a picture alone. */

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/

function parsed(text: string): [bigint, number] {
  const found = DECIMAL.exec(text)
  if (!found) throw new TypeError(`That is no decimal number: ${text}`)
  const [, sign, whole = '', fraction = ''] = found
  return [BigInt(`${sign}${whole}${fraction}`), fraction.length]
}

/** The sum, with every digit and no more. */
export function sum(...amounts: string[]): string {
  const all = amounts.map(parsed)
  const digits = Math.max(0, ...all.map(([, scale]) => scale))
  const total = all.reduce((before, [units, scale]) => before + units * 10n ** BigInt(digits - scale), 0n)
  const text = (total < 0n ? -total : total).toString().padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits)
  const fraction = text.slice(text.length - digits).replace(/0+$/, '')
  return `${total < 0n ? '-' : ''}${whole}${fraction && `.${fraction}`}`
}

/** Whether it is nothing. */
export const isZero = (amount: string): boolean => parsed(amount)[0] === 0n

/**
 * Below 0 where `a` is less than `b`, above where it is more, 0 where they are the same amount: by their digits, which is
 * exact, and quick enough to sort thousands. Order for `sort()`.
 */
export function compared(a: string, b: string): number {
  const isNegative = a.startsWith('-')
  if (isNegative !== b.startsWith('-')) return isZero(a) && isZero(b) ? 0 : isNegative ? -1 : 1
  const [wholeA, fractionA] = digits(a)
  const [wholeB, fractionB] = digits(b)
  const order = wholeA.length - wholeB.length || inOrder(wholeA, wholeB) || inOrder(fractionA, fractionB)
  return isNegative ? -order : order
}

const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Whole and fraction, without sign and without the zeros that say nothing. */
function digits(amount: string): [string, string] {
  const found = DECIMAL.exec(amount)
  if (!found) throw new TypeError(`That is no decimal number: ${amount}`)
  const [, , whole = '', fraction = ''] = found
  return [whole.replace(/^0+/, ''), fraction.replace(/0+$/, '')]
}

/** The product, with every digit and no more. */
export function product(a: string, b: string): string {
  const [unitsA, scaleA] = parsed(a)
  const [unitsB, scaleB] = parsed(b)
  const scale = scaleA + scaleB
  const units = unitsA * unitsB
  const text = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const at = text.length - scale
  return sum(`${units < 0n ? '-' : ''}${text.slice(0, at)}${scale > 0 ? `.${text.slice(at)}` : ''}`)
}

// What Intl.NumberFormat takes at most; a numeric of PostgreSQL may have 16,383.
const MOST = 100
const formats = new Map<string, Intl.NumberFormat>()

function format(least: number, most: number, locale?: string, currency?: string | null): Intl.NumberFormat {
  const key = `${locale} ${currency} ${least} ${most}`
  const known = formats.get(key)
  if (known) return known
  const money = currency ? ({ style: 'currency', currency } as const) : {}
  const made = new Intl.NumberFormat(locale, { ...money, minimumFractionDigits: least, maximumFractionDigits: most })
  formats.set(key, made)
  return made
}

/**
 * As a reader writes it, with every digit; `currency` by its code, such as USD. `least`: so many digits after the point at
 * least, for columns that line up; unless told two for money that has any.
 */
export function formatted(
  amount: string,
  options: { currency?: string | null; locale?: string; least?: number } = {},
): string {
  const exact = sum(amount)
  const fraction = exact.split('.')[1] ?? ''
  const { currency, locale } = options
  const { least = currency && fraction !== '' ? 2 : 0 } = options
  const most = Math.min(MOST, Math.max(least, fraction.length))
  // A number as text keeps its digits there.
  if (fraction.length <= MOST) return format(least, most, locale, currency).format(exact as `${number}`)
  const head = exact.slice(0, MOST - fraction.length) as `${number}`
  const own = new Intl.NumberFormat(locale, { useGrouping: false })
  const tail = fraction.slice(MOST).replace(/\d/g, (digit) => own.format(Number(digit)))
  return format(MOST, MOST, locale, currency)
    .formatToParts(head)
    .map((part) => (part.type === 'fraction' ? part.value + tail : part.value))
    .join('')
}
