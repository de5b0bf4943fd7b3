/** A usage that a visitor sets, and how an address carries it: `input=1000,output=500`. */

export const MOST_COMPARED = 6

export type Quantities = Record<string, number>

export const USUAL_USAGE: Quantities = { input: 1000, output: 500 }

export function usageOf(text: string): Quantities {
  const found: Quantities = {}
  for (const part of text.split(',')) {
    const [meter = '', quantity = ''] = part.split('=')
    if (/^[a-z][a-z0-9_]*$/.test(meter) && /^\d+(\.\d+)?$/.test(quantity)) found[meter] = Number(quantity)
  }
  return found
}

export const usageText = (usage: Quantities): string =>
  Object.entries(usage)
    .map(([meter, quantity]) => `${meter}=${quantity}`)
    .join(',')
