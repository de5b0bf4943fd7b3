/** How arguments are sent to the API: what is left out, names, times, exact amounts, usages. */

import { UnusableUsage } from './errors.js'

/** An exact number. Text has every digit; a JavaScript number must be whole, since another has lost some already. */
export type Exact = string | bigint | number

/** What names a model: its key, id or alias, or a row that holds its `id`. */
export type ModelName = string | { id: string }

/** A time: a `Date`, or ISO 8601 with its zone. */
export type Moment = Date | string

/** Meters and quantities, such as `{ input: 1000, output: 500 }`. */
export type Usage = Readonly<Record<string, number>>

/** A usage in meters, or an answer or usage object of a provider's SDK, as it is. */
export type AnyUsage = Usage | object

type Given = Record<string, unknown>

/** The arguments that were given, so that the database's own defaults hold for the others. */
export function given(values: Given): Given {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null))
}

export function modelName(model: ModelName): string {
  return typeof model === 'string' ? model : model.id
}

/** Throws a TypeError for a time without a zone. */
export function moment(at: Moment | undefined | null): string | undefined {
  if (at === undefined || at === null) return undefined
  if (typeof at === 'string') {
    if (!/(?:Z|[+-]\d\d(?::?\d\d)?)$/i.test(at)) throw new TypeError(`A time needs a time zone: ${at}`)
    return at
  }
  return at.toISOString()
}

/** Throws a TypeError for a number that is not whole: give a string with every digit. */
export function exact(amount: Exact | undefined | null): string | undefined {
  if (amount === undefined || amount === null) return undefined
  if (typeof amount === 'number' && !Number.isSafeInteger(amount)) {
    throw new TypeError(`An amount with a fraction is a string, such as '0.5', not the number ${amount}.`)
  }
  return String(amount)
}

/**
 * A usage in meters as JSON writes it. Throws UnusableUsage, with the token that the database would give, for NaN and
 * infinity, which JSON cannot write.
 */
export function meters(usage: Usage): Usage {
  for (const [meter, quantity] of Object.entries(usage)) {
    if (typeof quantity === 'number' && !Number.isFinite(quantity)) {
      throw new UnusableUsage(`The quantity of "${meter}" is not a number.`, {
        code: 'PT422',
        hint: 'Quantities are JSON numbers.',
        detail: { error: 'not_a_number', meter },
      })
    }
  }
  return usage
}
