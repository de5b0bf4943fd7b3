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

/** As a reader writes it, with every digit; `currency` by its code, such as USD. */
export function formatted(amount: string, options: { currency?: string | null; locale?: string } = {}): string {
  const exact = sum(amount)
  const digits = exact.split('.')[1]?.length ?? 0
  const { currency, locale } = options
  const least = currency && digits > 0 ? 2 : 0
  const money = currency ? ({ style: 'currency', currency } as const) : {}
  // A number as text keeps its digits there.
  return new Intl.NumberFormat(locale, {
    ...money,
    minimumFractionDigits: least,
    maximumFractionDigits: Math.max(least, digits),
  }).format(exact as `${number}`)
}
