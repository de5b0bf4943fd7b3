/** Decimal text as people type it: what they mean, with every digit. */

/** Whether it is a number that the database takes, such as `0.15`. */
export const isDecimal = (text: string): boolean => /^\d+(\.\d+)?$/.test(text.trim())

/** The decimal point moved by so many places: to the left where `places` is negative. Exact. */
export function moved(text: string, places: number): string {
  const [whole = '', fraction = ''] = text.trim().split('.')
  const digits = whole + fraction
  const point = whole.length + places
  const padded = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0')
  const at = Math.max(0, point)
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '') || '0'
  const right = padded.slice(at).replace(/0+$/, '')
  return right ? `${left}.${right}` : left
}
